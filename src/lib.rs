//! endpoint-cache: an API response cache that cannot answer stale after a write.
//!
//! Natively, [`core::cache::Cache`] is the cache: it has an example. Compiled to WebAssembly, `bindings` exports it to JavaScript.
#![warn(missing_docs)]

pub mod core;

#[doc(hidden)]
#[path = "bindings/contract.rs"]
pub mod contract;

#[cfg(target_arch = "wasm32")]
pub mod bindings;
