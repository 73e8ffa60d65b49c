//! The core, natively, by topic. What takes longest is a target of its own: `interleavings` (a minute) and `model`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that fails stops here"
)]

mod bounds;
mod clock;
mod endpoints;
mod engine;
mod eviction;
mod hazards;
mod helpers;
#[allow(
    clippy::disallowed_types,
    reason = "proptest's macros share strategies"
)]
mod keys;
mod loads;
mod messages;
mod native_example;
#[allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "proptest's macros share strategies; bounds on time are measured with the real clock"
)]
mod patterns;
mod python_parity;
mod resource_id;
mod rules;
mod traces;
