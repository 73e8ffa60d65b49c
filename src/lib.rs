//! endpoint-cache: an API response cache that cannot answer stale after a write.
#![warn(missing_docs)]

pub mod core;

#[cfg(target_arch = "wasm32")]
pub mod bindings;
