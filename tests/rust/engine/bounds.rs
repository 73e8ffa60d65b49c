//! What happens at each bound, and to loads that come late.

use super::*;

#[test]
fn callers_past_the_number_of_followers_go_past_the_cache() {
    let (cache, _) = within(Limits {
        max_followers: 2,
        ..Limits::default()
    });
    let load = miss(&cache, "a.get:1");
    for _ in 0..2 {
        assert_eq!(
            cache.begin("a.get:1", &ReadOptions::default()),
            Plan::Join(load, None)
        );
    }
    let past = Plan::Bypass(BypassReason::TooManyFollowers);
    assert_eq!(cache.begin("a.get:1", &ReadOptions::default()), past);
    let counters = cache.stats().counters;
    assert_eq!(
        (counters.joined, counters.misses, counters.bypasses),
        (2, 3, 1)
    );
    sound(&cache);
}

#[test]
fn loads_past_their_number_go_past_the_cache() {
    let (cache, _) = within(Limits {
        max_loads: 2,
        ..Limits::default()
    });
    let first = miss(&cache, "a.get:1");
    miss(&cache, "a.get:2");
    let past = Plan::Bypass(BypassReason::TooManyLoads);
    assert_eq!(cache.begin("a.get:3", &ReadOptions::default()), past);
    cache.abandon(first, 0.0);
    miss(&cache, "a.get:3");
    sound(&cache);
}

#[test]
fn who_must_not_wait_for_another_is_told_so() {
    let (cache, _) = cache();
    miss(&cache, "a.get:1");
    let alone = ReadOptions {
        alone: true,
        ..ReadOptions::default()
    };
    assert_eq!(
        cache.begin("a.get:1", &alone),
        Plan::Bypass(BypassReason::NotJoinable)
    );
}

#[test]
fn a_load_that_takes_too_long_is_replaced_and_its_value_dropped() {
    let (cache, clock) = cache();
    let slow = miss(&cache, "a.get:1");
    clock.advance(30_000.0);
    assert_eq!(
        cache.begin("a.get:1", &ReadOptions::default()),
        Plan::Join(slow, None)
    );
    clock.advance(1.0);
    let next = miss(&cache, "a.get:1");
    assert_eq!(
        cache.fill(slow, "a.get:1", 1, second()),
        Err(Refusal::TooLate)
    );
    assert_eq!(cache.fill(next, "a.get:1", 2, second()), Ok(()));
    assert_eq!(cache.get("a.get:1"), Some(2));
    assert_eq!(
        cache.stats().counters.refused_by[Refusal::TooLate as usize],
        1
    );
    sound(&cache);
}

#[test]
fn a_background_load_that_takes_too_long_is_replaced_too() {
    let (cache, clock) = cache();
    cache.set("a.get:1", 1, kept(100_000.0)).unwrap();
    clock.advance(1_001.0);
    let Plan::Stale(_, Some(slow)) = cache.begin("a.get:1", &swr(1e5)) else {
        panic!()
    };
    clock.advance(30_001.0);
    let Plan::Stale(_, Some(next)) = cache.begin("a.get:1", &swr(1e5)) else {
        panic!()
    };
    assert_eq!(
        cache.fill(slow, "a.get:1", 2, second()),
        Err(Refusal::TooLate)
    );
    assert_eq!(cache.fill(next, "a.get:1", 3, second()), Ok(()));
    sound(&cache);
}

#[test]
fn a_load_ends_once() {
    let (cache, _) = cache();
    let load = miss(&cache, "a.get:1");
    assert_eq!(cache.refuse(load), Some(Refusal::NotStorable));
    assert_eq!(cache.refuse(load), None);
    assert_eq!(
        cache.fill(load, "a.get:1", 1, second()),
        Err(Refusal::Unknown)
    );
    assert!(!cache.end_failed(load, 0.0));
    let counters = cache.stats().counters;
    assert_eq!(
        (
            counters.refused_fills,
            counters.failed_loads,
            counters.ended_loads
        ),
        (2, 0, 1)
    );
    assert_eq!(cache.engine().borrow().slots_in_use(), 0);
    sound(&cache);
}

#[test]
fn a_value_set_by_hand_is_newer_than_a_load() {
    let (cache, _) = cache();
    let load = miss(&cache, "a.get:1");
    cache.set("a.get:1", 2, second()).unwrap();
    assert_eq!(
        cache.fill(load, "a.get:1", 1, second()),
        Err(Refusal::Superseded)
    );
    assert_eq!(cache.get("a.get:1"), Some(2));
    sound(&cache);
}

#[test]
fn a_value_too_large_leaves_nothing_under_its_key() {
    let (cache, _) = within(Limits {
        max_entry_bytes: 100.0,
        ..Limits::default()
    });
    cache.set("a.get:1", 1, sized(100)).unwrap();
    assert_eq!(cache.set("a.get:1", 2, sized(101)), Err(Refusal::TooLarge));
    assert_eq!(cache.get("a.get:1"), None);
    let load = miss(&cache, "a.get:1");
    assert_eq!(
        cache.fill(load, "a.get:1", 2, sized(101)),
        Err(Refusal::TooLarge)
    );
    assert_eq!(cache.stats().bytes, 0.0);
    assert_eq!(cache.stats().counters.rejected, 1);
    sound(&cache);
}
