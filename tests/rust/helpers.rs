//! Caches, values and reads as the tests need them.

use endpoint_cache::core::cache::{Cache, HashStore, KeyPattern, PutOptions, ReadOptions};
use endpoint_cache::core::clock::ManualClock;
use endpoint_cache::core::endpoint::{EndpointPattern, Ops};
use endpoint_cache::core::engine::{Limits, Plan, Write};
use endpoint_cache::core::groups::Scope;
use endpoint_cache::core::in_flight::LoadId;
use endpoint_cache::core::time::Ttl;

pub(crate) type Tested<V = u64> = Cache<HashStore<V>, ManualClock>;

pub(crate) fn within(limits: Limits) -> (Tested, ManualClock) {
    let clock = ManualClock::at(1_000.0);
    (Cache::native_within(clock.clone(), limits), clock)
}

pub(crate) fn cache() -> (Tested, ManualClock) {
    within(Limits::default())
}

pub(crate) fn ms(ms: f64) -> Ttl {
    Ttl::from_millis(ms).unwrap()
}

/// Fresh for that long.
pub(crate) fn for_seconds(seconds: f64) -> PutOptions {
    PutOptions::fresh_for(Ttl::from_seconds(seconds).unwrap())
}

/// Fresh for a second.
pub(crate) fn second() -> PutOptions {
    PutOptions::fresh_for(ms(1_000.0))
}

pub(crate) fn tagged(tags: &[&str]) -> PutOptions {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    PutOptions { tags, ..second() }
}

pub(crate) fn sized(bytes: u32) -> PutOptions {
    let write = Write {
        bytes,
        ..second().write
    };
    PutOptions { write, ..second() }
}

pub(crate) fn kept(window: f64) -> PutOptions {
    let write = Write {
        window,
        ..second().write
    };
    PutOptions { write, ..second() }
}

pub(crate) fn swr(stale_while_revalidate: f64) -> ReadOptions {
    ReadOptions {
        stale_while_revalidate,
        ..ReadOptions::default()
    }
}

pub(crate) fn sie(stale_if_error: f64) -> ReadOptions {
    ReadOptions {
        stale_if_error,
        ..ReadOptions::default()
    }
}

pub(crate) fn tag(tag: &str) -> KeyPattern {
    KeyPattern::scope(Scope {
        tag: Some(tag.to_owned()),
        ..Scope::default()
    })
}

pub(crate) fn user(user: &str) -> KeyPattern {
    KeyPattern::scope(Scope {
        user: Some(user.to_owned()),
        ..Scope::default()
    })
}

pub(crate) fn under(resource: &str) -> Scope {
    Scope::endpoint(EndpointPattern::under(resource, Ops::All))
}

#[track_caller]
pub(crate) fn miss<V: Clone>(cache: &Tested<V>, key: &str) -> LoadId {
    miss_with(cache, key, &ReadOptions::default())
}

#[track_caller]
pub(crate) fn miss_with<V: Clone>(cache: &Tested<V>, key: &str, ask: &ReadOptions) -> LoadId {
    match cache.begin(key, ask) {
        Plan::Miss(load_id, _) => load_id,
        plan => panic!("{key}: {plan:?}, not a miss"),
    }
}

#[track_caller]
pub(crate) fn sound(cache: &Tested) {
    cache.check_invariants().unwrap();
}
