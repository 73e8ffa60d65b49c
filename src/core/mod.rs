//! The cache without a host: no wasm type, no thread, no ambient time.
//!
//! A native user needs [`cache`] with its options, a [`clock`], [`time`], [`key`], [`pattern`], [`endpoint`], [`rules`] and the
//! values that the cache returns ([`stats`], [`history`]). Below the façade, [`engine`] decides over [`slots`], [`groups`],
//! `eviction` and [`in_flight`]; those modules are public for this repository's own tests and no part of the stable API.
//!
//! Dependencies point one way: `bytes`, `fmt_lite`, `time` ← `endpoint`, `key`, `pattern`, `rules` ← `slots` ← `groups`,
//! `eviction`, `in_flight`, `history` ← `engine` ← `cache`.
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
