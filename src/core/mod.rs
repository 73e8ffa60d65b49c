//! The cache without a host: no wasm type, no thread, no ambient time.
#![forbid(unsafe_code)]

pub mod endpoint;
pub mod key;
pub mod pattern;
pub mod rules;
