//! The cache without a host: no wasm type, no thread, no ambient time.
//!
//! Reading order: [`time`] and [`clock`], then the words of the domain ([`endpoint`], [`key`], [`rules`],
//! [`pattern`]), then the parts ([`store`], [`scopes`], [`flights`], [`stats`], [`history`]), then the
//! [`engine`] that decides over them, and [`cache`], the façade that native users call.
#![forbid(unsafe_code)]

mod automaton;
pub mod cache;
pub mod canonical;
pub mod class;
pub mod clock;
mod column;
mod cursor;
pub mod digest;
pub mod endpoint;
mod endpoint_error;
pub mod engine;
mod eviction;
mod expiry;
pub mod flights;
mod ghosts;
pub mod history;
pub mod index;
pub mod key;
mod key_error;
mod list;
mod long_text;
mod memory;
mod names;
mod number;
pub mod pattern;
mod pattern_error;
pub mod policy;
mod pool;
pub(crate) mod quoted;
mod regex_js;
mod regex_literals;
pub mod resource_id;
pub mod rules;
mod scope;
pub mod scopes;
pub(crate) mod sentence;
pub mod shelf;
mod sorted;
pub mod stats;
pub mod store;
pub mod time;
mod wild;
mod words;
