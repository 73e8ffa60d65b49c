//! What one cache does, case by case: boundaries, plans, bounds and the bugs that were found.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)] // a failing test panics

#[path = "engine/bounds.rs"]
mod bounds;
#[path = "engine/bugs.rs"]
mod bugs;
#[path = "engine/invalidation.rs"]
mod invalidation;
#[path = "engine/memory.rs"]
mod memory;
#[path = "engine/plans.rs"]
mod plans;
#[path = "engine/time.rs"]
mod time;

use endpoint_cache::core::cache::HostStore;
use endpoint_cache::core::cache::{Cache, HashStore, KeyPattern, PutOptions, ReadOptions};
use endpoint_cache::core::clock::ManualClock;
use endpoint_cache::core::endpoint::{EndpointPattern, Ops};
use endpoint_cache::core::engine::{BypassReason, Limits, Plan, Presence, Write};
use endpoint_cache::core::groups::Scope;
use endpoint_cache::core::in_flight::LoadId;
use endpoint_cache::core::key::canonical_params;
use endpoint_cache::core::pattern::TextPattern;
use endpoint_cache::core::rules::{EndpointRules, Rule, RuleSpec};
use endpoint_cache::core::stats::{Refusal, RemovalReason};
use endpoint_cache::core::time::Ttl;

type Tested = Cache<HashStore<u64>, ManualClock>;

fn within(limits: Limits) -> (Tested, ManualClock) {
    let clock = ManualClock::at(1_000.0);
    (Cache::native_within(clock.clone(), limits), clock)
}

fn cache() -> (Tested, ManualClock) {
    within(Limits::default())
}

fn ms(ms: f64) -> Ttl {
    Ttl::from_millis(ms).unwrap()
}

/// Fresh for a second.
fn second() -> PutOptions {
    PutOptions::fresh_for(ms(1_000.0))
}

fn tagged(tags: &[&str]) -> PutOptions {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    PutOptions { tags, ..second() }
}

fn sized(bytes: u32) -> PutOptions {
    let write = Write {
        bytes,
        ..second().write
    };
    PutOptions { write, ..second() }
}

fn kept(window: f64) -> PutOptions {
    let write = Write {
        window,
        ..second().write
    };
    PutOptions { write, ..second() }
}

fn swr(stale_while_revalidate: f64) -> ReadOptions {
    ReadOptions {
        stale_while_revalidate,
        ..ReadOptions::default()
    }
}

fn sie(stale_if_error: f64) -> ReadOptions {
    ReadOptions {
        stale_if_error,
        ..ReadOptions::default()
    }
}

fn tag(tag: &str) -> KeyPattern {
    KeyPattern::scope(Scope {
        tag: Some(tag.to_owned()),
        ..Scope::default()
    })
}

fn user(user: &str) -> KeyPattern {
    KeyPattern::scope(Scope {
        user: Some(user.to_owned()),
        ..Scope::default()
    })
}

fn under(resource: &str) -> Scope {
    Scope::endpoint(EndpointPattern::under(resource, Ops::All))
}

#[track_caller]
fn miss(cache: &Tested, key: &str) -> LoadId {
    miss_with(cache, key, &ReadOptions::default())
}

#[track_caller]
fn miss_with(cache: &Tested, key: &str, ask: &ReadOptions) -> LoadId {
    match cache.begin(key, ask) {
        Plan::Miss(load_id, _) => load_id,
        plan => panic!("{key}: {plan:?}, not a miss"),
    }
}

#[track_caller]
fn sound(cache: &Tested) {
    cache.check_invariants().unwrap();
}
