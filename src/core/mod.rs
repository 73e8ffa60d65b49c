//! The cache without a host: no wasm type, no thread, no ambient time.
#![forbid(unsafe_code)]

pub mod canonical;
pub mod class;
pub mod digest;
pub mod endpoint;
pub mod key;
mod key_error;
mod number;
pub mod pattern;
mod pattern_error;
pub mod policy;
mod regex_js;
mod regex_literals;
pub mod rules;
mod wild;
