//! The cache without a host: no wasm type, no thread, no ambient time.
//!
//! A native user needs [`cache`] with its options, a [`clock`], [`time`], [`key`], [`pattern`], [`endpoint`], [`rules`] and the
//! values that the cache returns ([`stats`], [`history`]). Below the façade, [`engine`] decides over [`slots`], [`groups`],
//! `eviction` and [`in_flight`]; those modules are public
//! for this repository's own tests, hidden from the documentation, and no part of the stable API: what a native user needs of
//! them, [`cache`] exports.
//!
//! Dependencies point one way: `bytes`, `fmt_lite`, `time` ← `endpoint`, `hash` ← `key` ← `rules`, `pattern`; `slots` ← `groups`,
//! `eviction` ← `in_flight`; all of these ← `engine` ← `cache`.
#![forbid(unsafe_code)]

mod bytes;
pub mod cache;
pub mod clock;
pub mod endpoint;
#[doc(hidden)]
pub mod engine;
mod eviction;
pub(crate) mod fmt_lite;
#[doc(hidden)]
pub mod groups;
pub(crate) mod hash;
pub mod history;
#[doc(hidden)]
pub mod in_flight;
pub mod key;
pub mod pattern;
pub mod rules;
#[doc(hidden)]
pub mod slots;
pub mod stats;
pub mod time;
