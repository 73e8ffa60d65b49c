//! What one cache does, case by case: boundaries, plans, bounds and the bugs that were found.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)] // a failing test panics

use endpoint_cache::core::cache::{Ask, Cache, HashShelf, KeyPattern, Store};
use endpoint_cache::core::clock::ManualClock;
use endpoint_cache::core::endpoint::{EndpointPattern, Ops};
use endpoint_cache::core::engine::{BypassReason, Limits, Plan, Presence, Write};
use endpoint_cache::core::flights::FlightId;
use endpoint_cache::core::key::canonical_params;
use endpoint_cache::core::pattern::TextPattern;
use endpoint_cache::core::rules::{EndpointRules, Rule, RuleSpec};
use endpoint_cache::core::scopes::Scope;
use endpoint_cache::core::shelf::Shelf;
use endpoint_cache::core::stats::{Reason, Refusal};
use endpoint_cache::core::time::Ttl;

type Tested = Cache<HashShelf<u64>, ManualClock>;

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
fn second() -> Store {
    Store::fresh_for(ms(1_000.0))
}

fn tagged(tags: &[&str]) -> Store {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    Store { tags, ..second() }
}

fn sized(bytes: u32) -> Store {
    let write = Write {
        bytes,
        ..second().write
    };
    Store { write, ..second() }
}

fn kept(window: f64) -> Store {
    let write = Write {
        window,
        ..second().write
    };
    Store { write, ..second() }
}

fn swr(stale_while_revalidate: f64) -> Ask {
    Ask {
        stale_while_revalidate,
        ..Ask::default()
    }
}

fn sie(stale_if_error: f64) -> Ask {
    Ask {
        stale_if_error,
        ..Ask::default()
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
fn miss(cache: &Tested, key: &str) -> FlightId {
    miss_with(cache, key, &Ask::default())
}

#[track_caller]
fn miss_with(cache: &Tested, key: &str, ask: &Ask) -> FlightId {
    match cache.begin(key, ask) {
        Plan::Miss(flight, _) => flight,
        plan => panic!("{key}: {plan:?}, not a miss"),
    }
}

#[track_caller]
fn sound(cache: &Tested) {
    cache.check_invariants().unwrap();
}

// ---- bugs that were found, each by the name of what went wrong ----

#[test]
fn bug_tags_were_forgotten_when_the_last_load_ended() {
    let (cache, _) = cache();
    let load = miss(&cache, "a.get:1");
    assert_eq!(cache.invalidate(&tag("t")), Ok(0));
    assert_eq!(
        cache.fill(load, "a.get:1", 1, tagged(&["t"])),
        Err(Refusal::Invalidated)
    );
    assert_eq!(cache.get("a.get:1"), None);
    sound(&cache);
}

#[test]
fn bug_a_reader_joined_a_load_older_than_an_invalidation_of_a_tag_it_may_assign() {
    let (cache, _) = cache();
    let old = miss(&cache, "a.get:1");
    cache.invalidate(&tag("t")).unwrap();
    let new = miss(&cache, "a.get:1");
    assert_ne!(old, new);
    assert_eq!(
        cache.fill(old, "a.get:1", 1, tagged(&["t"])),
        Err(Refusal::Invalidated)
    );
    assert_eq!(cache.fill(new, "a.get:1", 2, tagged(&["t"])), Ok(()));
    assert_eq!(cache.get("a.get:1"), Some(2));
    sound(&cache);
}

#[test]
fn bug_an_entry_grown_past_the_byte_limit_evicted_itself() {
    let (cache, clock) = within(Limits {
        max_bytes: 100.0,
        ..Limits::default()
    });
    cache.set("a.get:1", 1, sized(10)).unwrap();
    cache.set("a.get:2", 2, sized(85)).unwrap();
    clock.advance(500.0);
    let load = miss_with(&cache, "a.get:3", &Ask::default());
    cache.abandon(load, 0.0);
    clock.advance(600.0);
    // The first has expired and is being loaded anew; its new value needs room.
    let (cache2, clock2) = within(Limits {
        max_bytes: 100.0,
        ..Limits::default()
    });
    cache2
        .set(
            "a.get:1",
            1,
            Store {
                write: Write {
                    window: 100.0,
                    bytes: 10,
                    ..second().write
                },
                ..second()
            },
        )
        .unwrap();
    cache2
        .set(
            "a.get:2",
            2,
            Store {
                write: Write {
                    ttl: Ttl::FOREVER,
                    bytes: 85,
                    ..second().write
                },
                ..second()
            },
        )
        .unwrap();
    clock2.advance(1_050.0);
    let load = miss(&cache2, "a.get:1");
    clock2.advance(100.0);
    assert_eq!(cache2.fill(load, "a.get:1", 3, sized(50)), Ok(()));
    sound(&cache2);
    assert_eq!(cache2.get("a.get:1"), Some(3));
    assert_eq!(cache2.len(), 1);
    sound(&cache);
}

#[test]
fn bug_a_load_too_late_to_be_joined_left_its_slot_behind_when_no_further_load_may_start() {
    let (cache, clock) = within(Limits {
        max_loads: 1,
        ..Limits::default()
    });
    let load = miss(&cache, "a.get:1");
    clock.advance(30_001.0);
    // Another load takes the place of the late one, which is given up.
    let next = miss(&cache, "a.get:1");
    sound(&cache);
    assert_eq!(
        cache.fill(load, "a.get:1", 1, second()),
        Err(Refusal::Unknown)
    );
    // An outdated one is not given up: it may end any time.
    cache.invalidate(&tag("t")).unwrap();
    assert_eq!(
        cache.begin("a.get:1", &Ask::default()),
        Plan::Bypass(BypassReason::TooManyLoads)
    );
    sound(&cache);
    cache.abandon(next, 0.0);
    assert_eq!(cache.engine().borrow().slots_in_use(), 0);
    sound(&cache);
}

#[test]
fn bug_groups_that_never_got_an_entry_stayed() {
    let (cache, _) = within(Limits {
        max_entry_bytes: 10.0,
        max_loads: 1,
        ..Limits::default()
    });
    let _load = miss(&cache, "a.get:1");
    for n in 0..2_000 {
        let key = format!("a.get:user:{n}:1");
        assert_eq!(cache.set(&key, 1, sized(11)), Err(Refusal::TooLarge));
        let key = format!("b.get:user:{n}:1");
        assert_eq!(
            cache.begin(&key, &Ask::default()),
            Plan::Bypass(BypassReason::TooManyLoads)
        );
    }
    let groups = cache.engine().borrow().groups();
    assert!(groups <= 258, "{groups} groups");
    sound(&cache);
}

#[test]
fn bug_a_group_that_had_been_empty_before_was_dropped_while_it_was_written_to() {
    let (cache, clock) = cache();
    let key = "a.get:user:first:1";
    cache.set(key, 1, second()).unwrap();
    assert!(cache.delete(key));
    cache.set(key, 1, second()).unwrap();
    for n in 0..255 {
        let other = format!("b.get:user:{n}:1");
        cache.set(&other, 1, second()).unwrap();
        assert!(cache.delete(&other));
    }
    clock.advance(1_001.0);
    assert_eq!(cache.set(key, 2, second()), Ok(()));
    assert_eq!(cache.get(key), Some(2));
    sound(&cache);
}

#[test]
fn bug_an_endpoint_could_spell_the_group_of_a_user() {
    let (cache, _) = cache();
    cache.set("a\u{1f}ubob:1", 1, second()).unwrap();
    cache.set("a:user:bob:1", 2, second()).unwrap();
    assert_eq!(cache.invalidate(&user("bob")), Ok(1));
    assert_eq!(cache.get("a:user:bob:1"), None);
    assert_eq!(cache.get("a\u{1f}ubob:1"), Some(1));
    sound(&cache);
}

#[test]
fn bug_expiring_did_nothing_at_times_too_large_for_a_millisecond_to_count() {
    let (cache, clock) = cache();
    clock.set(1e17);
    cache
        .set("a.get:1", 1, Store::fresh_for(Ttl::FOREVER))
        .unwrap();
    assert_eq!(cache.expire(&KeyPattern::scope(under("a"))), Ok(1));
    assert_eq!(cache.get("a.get:1"), None);
    sound(&cache);
}

// ---- time ----

#[test]
fn an_entry_is_alive_at_its_deadline_and_expired_after_it() {
    let (cache, clock) = cache();
    cache.set("a.get:1", 1, second()).unwrap();
    clock.advance(1_000.0);
    assert_eq!(cache.get("a.get:1"), Some(1));
    assert!(matches!(
        cache.begin("a.get:1", &Ask::default()),
        Plan::Hit(_, None)
    ));
    clock.advance(0.001);
    assert_eq!(cache.peek("a.get:1"), None);
    assert_eq!(cache.get("a.get:1"), None);
    sound(&cache);
}

#[test]
fn an_expired_entry_is_counted_until_somebody_meets_it() {
    let (cache, clock) = cache();
    for n in 0..4 {
        cache.set(&format!("a.get:{n}"), n, second()).unwrap();
    }
    cache
        .set("a.get:ever", 9, Store::fresh_for(Ttl::FOREVER))
        .unwrap();
    clock.advance(1_001.0);
    let counted = |cache: &Tested| (cache.len(), cache.stats().expired_entries);
    assert_eq!(counted(&cache), (5, 4));
    assert_eq!(cache.get("a.get:0"), None);
    assert_eq!(counted(&cache), (4, 3));
    assert!(cache.delete("a.get:1"));
    assert_eq!(counted(&cache), (3, 2));
    let one = KeyPattern::text(TextPattern::regex("get:2$").unwrap());
    assert_eq!(cache.invalidate(&one), Ok(1));
    assert_eq!(cache.cleanup_expired(), 1);
    assert_eq!(counted(&cache), (1, 0));
    assert_eq!(cache.clear(), 1);
    sound(&cache);
}

#[test]
fn ages_lie_between_nothing_and_the_time_since() {
    let (cache, clock) = cache();
    cache.set("a.get:1", 1, second()).unwrap();
    clock.advance(400.0);
    let told = cache.explain("a.get:1");
    assert_eq!((told.age, told.ttl), (Some(400.0), Some(600.0)));
    clock.advance(-5_000.0);
    assert_eq!(cache.explain("a.get:1").age, Some(400.0));
    sound(&cache);
}

// ---- plans ----

#[test]
fn a_stale_value_is_served_while_one_load_replaces_it() {
    let (cache, clock) = cache();
    cache.set("a.get:1", 1, kept(500.0)).unwrap();
    clock.advance(1_500.0);
    let Plan::Stale(slot, Some(load)) = cache.begin("a.get:1", &swr(500.0)) else {
        panic!()
    };
    assert_eq!(cache.value(slot), Some(1));
    assert_eq!(cache.begin("a.get:1", &swr(500.0)), Plan::Stale(slot, None));
    // Who does not take stale values waits for the load that is under way.
    assert_eq!(
        cache.begin("a.get:1", &Ask::default()),
        Plan::Join(load, None)
    );
    assert_eq!(cache.fill(load, "a.get:1", 2, kept(500.0)), Ok(()));
    assert_eq!(cache.begin("a.get:1", &swr(500.0)), Plan::Hit(slot, None));
    assert_eq!(cache.value(slot), Some(2));
    clock.advance(1_500.5);
    assert!(matches!(
        cache.begin("a.get:1", &swr(500.0)),
        Plan::Miss(_, None)
    ));
    sound(&cache);
}

#[test]
fn a_stale_value_stands_in_for_a_failing_load_and_the_next_load_waits() {
    let (cache, clock) = cache();
    cache.set("a.get:1", 1, kept(5_000.0)).unwrap();
    clock.advance(1_001.0);
    let Plan::Miss(load, Some(slot)) = cache.begin("a.get:1", &sie(5_000.0)) else {
        panic!()
    };
    assert_eq!(
        cache.begin("a.get:1", &sie(5_000.0)),
        Plan::Join(load, Some(slot))
    );
    assert_eq!(
        cache.begin("a.get:1", &Ask::default()),
        Plan::Join(load, None)
    );
    cache.abandon(load, 100.0);
    assert_eq!(
        cache.begin("a.get:1", &sie(5_000.0)),
        Plan::Stale(slot, None)
    );
    assert_eq!(cache.explain("a.get:1").retry_at, Some(2_101.0));
    clock.advance(99.0);
    assert_eq!(
        cache.begin("a.get:1", &sie(5_000.0)),
        Plan::Stale(slot, None)
    );
    clock.advance(1.0);
    let Plan::Miss(load, Some(_)) = cache.begin("a.get:1", &sie(5_000.0)) else {
        panic!()
    };
    assert_eq!(cache.fill(load, "a.get:1", 2, kept(5_000.0)), Ok(()));
    assert_eq!(cache.explain("a.get:1").retry_at, None);
    sound(&cache);
}

#[test]
fn a_backing_off_refresh_serves_the_stale_value_and_starts_nothing() {
    let (cache, clock) = cache();
    cache.set("a.get:1", 1, kept(5_000.0)).unwrap();
    clock.advance(1_001.0);
    let Plan::Stale(slot, Some(load)) = cache.begin("a.get:1", &swr(5_000.0)) else {
        panic!()
    };
    cache.abandon(load, 50.0);
    assert_eq!(
        cache.begin("a.get:1", &swr(5_000.0)),
        Plan::Stale(slot, None)
    );
    clock.advance(50.0);
    assert!(matches!(
        cache.begin("a.get:1", &swr(5_000.0)),
        Plan::Stale(_, Some(_))
    ));
    sound(&cache);
}

#[test]
fn a_hit_past_its_share_of_life_starts_one_load_ahead_of_time() {
    let (cache, clock) = cache();
    let eager = Ask {
        eager_refresh: Some(0.8),
        ..Ask::default()
    };
    cache.set("a.get:1", 1, second()).unwrap();
    clock.advance(800.0);
    assert!(matches!(cache.begin("a.get:1", &eager), Plan::Hit(_, None)));
    clock.advance(0.5);
    let Plan::Hit(slot, Some(load)) = cache.begin("a.get:1", &eager) else {
        panic!()
    };
    assert_eq!(cache.begin("a.get:1", &eager), Plan::Hit(slot, None));
    assert_eq!(cache.fill(load, "a.get:1", 2, second()), Ok(()));
    assert_eq!(cache.value(slot), Some(2));
    // What never expires has no share of life to pass.
    cache
        .set("a.get:2", 1, Store::fresh_for(Ttl::FOREVER))
        .unwrap();
    clock.advance(1e12);
    assert!(matches!(cache.begin("a.get:2", &eager), Plan::Hit(_, None)));
    sound(&cache);
}

#[test]
fn an_expired_value_under_a_staleness_option_goes_when_its_window_ends() {
    let (cache, clock) = cache();
    cache.set("a.get:1", 1, kept(500.0)).unwrap();
    clock.advance(1_200.0);
    assert_eq!(cache.explain("a.get:1").presence, Presence::Stale);
    assert_eq!(cache.stats().expired_entries, 0);
    clock.advance(300.5);
    assert_eq!(cache.explain("a.get:1").presence, Presence::Expired);
    assert_eq!(cache.stats().expired_entries, 1);
    assert_eq!(cache.get("a.get:1"), None);
    assert_eq!(cache.explain("a.get:1").presence, Presence::Absent);
    assert_eq!(
        cache.explain("a.get:1").removal.unwrap().reason,
        Reason::Expired
    );
    sound(&cache);
}

// ---- bounds ----

#[test]
fn callers_past_the_number_of_followers_go_past_the_cache() {
    let (cache, _) = within(Limits {
        max_followers: 2,
        ..Limits::default()
    });
    let load = miss(&cache, "a.get:1");
    for _ in 0..2 {
        assert_eq!(
            cache.begin("a.get:1", &Ask::default()),
            Plan::Join(load, None)
        );
    }
    let past = Plan::Bypass(BypassReason::TooManyFollowers);
    assert_eq!(cache.begin("a.get:1", &Ask::default()), past);
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
    assert_eq!(cache.begin("a.get:3", &Ask::default()), past);
    cache.abandon(first, 0.0);
    miss(&cache, "a.get:3");
    sound(&cache);
}

#[test]
fn who_must_not_wait_for_another_is_told_so() {
    let (cache, _) = cache();
    miss(&cache, "a.get:1");
    let alone = Ask {
        alone: true,
        ..Ask::default()
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
        cache.begin("a.get:1", &Ask::default()),
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
    cache.abandon(load, 0.0);
    assert_eq!(cache.stats().counters.failed_loads, 0);
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

// ---- invalidation ----

#[test]
fn a_load_that_assigns_an_invalidated_tag_is_refused_and_others_are_not() {
    let (cache, _) = cache();
    let [hit, other] = ["a.get:1", "a.get:2"].map(|key| miss(&cache, key));
    cache.invalidate(&tag("t")).unwrap();
    assert_eq!(cache.fill(other, "a.get:2", 2, tagged(&["u"])), Ok(()));
    assert_eq!(
        cache.fill(hit, "a.get:1", 1, tagged(&["t", "u"])),
        Err(Refusal::Invalidated)
    );
    let later = miss(&cache, "a.get:1");
    assert_eq!(cache.fill(later, "a.get:1", 3, tagged(&["t"])), Ok(()));
    assert_eq!(cache.invalidate(&tag("u")), Ok(1));
    assert_eq!(cache.invalidate(&tag("t")), Ok(1));
    sound(&cache);
}

#[test]
fn more_tags_than_are_remembered_refuse_every_load_that_has_any() {
    let (cache, _) = cache();
    let [bare, with] = ["a.get:1", "a.get:2"].map(|key| miss(&cache, key));
    for n in 0..1_025 {
        cache.invalidate(&tag(&format!("t{n}"))).unwrap();
    }
    assert_eq!(cache.fill(bare, "a.get:1", 1, second()), Ok(()));
    assert_eq!(
        cache.fill(with, "a.get:2", 2, tagged(&["x"])),
        Err(Refusal::Invalidated)
    );
    let later = miss(&cache, "a.get:2");
    assert_eq!(cache.fill(later, "a.get:2", 2, tagged(&["x"])), Ok(()));
    sound(&cache);
}

#[test]
fn tags_known_before_the_load_detach_it() {
    let (cache, _) = cache();
    let ask = Ask {
        tags: vec!["t".to_owned()],
        ..Ask::default()
    };
    let load = miss_with(&cache, "a.get:1", &ask);
    cache.invalidate(&tag("t")).unwrap();
    let later = miss_with(&cache, "a.get:1", &ask);
    assert_eq!(
        cache.fill(load, "a.get:1", 1, tagged(&["t"])),
        Err(Refusal::Invalidated)
    );
    assert_eq!(cache.fill(later, "a.get:1", 2, tagged(&["t"])), Ok(()));
    sound(&cache);
}

#[test]
fn new_tags_move_an_entry_to_another_group() {
    let (cache, _) = cache();
    cache.set("a.get:1", 1, tagged(&["old", "both"])).unwrap();
    cache.set("a.get:1", 2, tagged(&["both", "new"])).unwrap();
    sound(&cache);
    assert_eq!(cache.invalidate(&tag("old")), Ok(0));
    assert_eq!(cache.get("a.get:1"), Some(2));
    assert_eq!(cache.invalidate(&tag("new")), Ok(1));
    assert_eq!(cache.get("a.get:1"), None);
    sound(&cache);
}

#[test]
fn a_pattern_covers_loads_too() {
    let patterns = [
        KeyPattern::text(TextPattern::regex("^a").unwrap()),
        KeyPattern::text(TextPattern::glob("*:user:ann:*").unwrap()),
        KeyPattern::text(TextPattern::prefix("a.get:").unwrap()),
        KeyPattern::scope(under("a")),
        user("ann"),
        KeyPattern {
            text: Some(TextPattern::prefix("a.").unwrap()),
            scope: user("ann").scope,
        },
    ];
    for pattern in patterns {
        let (cache, _) = cache();
        let load = miss(&cache, "a.get:user:ann:1");
        let spared = miss(&cache, "b.get:user:bob:1");
        assert_eq!(cache.invalidate(&pattern), Ok(0), "{pattern}");
        let later = miss(&cache, "a.get:user:ann:1");
        let refused = cache.fill(load, "a.get:user:ann:1", 1, second());
        assert_eq!(refused, Err(Refusal::Invalidated), "{pattern}");
        assert_eq!(
            cache.fill(later, "a.get:user:ann:1", 2, second()),
            Ok(()),
            "{pattern}"
        );
        assert_eq!(
            cache.fill(spared, "b.get:user:bob:1", 3, second()),
            Ok(()),
            "{pattern}"
        );
        assert_eq!(cache.invalidate(&pattern), Ok(1), "{pattern}");
        sound(&cache);
    }
}

#[test]
fn clear_covers_every_load() {
    let (cache, _) = cache();
    let load = miss(&cache, "a.get:1");
    cache.set("a.get:2", 2, second()).unwrap();
    assert_eq!(cache.clear(), 1);
    let later = miss(&cache, "a.get:1");
    assert_eq!(
        cache.fill(load, "a.get:1", 1, second()),
        Err(Refusal::Invalidated)
    );
    assert_eq!(cache.fill(later, "a.get:1", 2, second()), Ok(()));
    assert_eq!(cache.get("a.get:1"), Some(2));
    sound(&cache);
}

/// Rules that name the parameter of a resource's id, and params with that id.
fn narrowed(endpoint: &str, id: &str) -> (Option<String>, Vec<Scope>) {
    let mut rules = EndpointRules::new();
    let spec = RuleSpec {
        resource_id: Some("id".to_owned()),
        ..RuleSpec::default()
    };
    rules.add(Rule {
        pattern: EndpointPattern::parse("shop.item.*").unwrap(),
        spec,
    });
    let resolved = rules.resolve(endpoint);
    let params = canonical_params(&format!(r#"{{"id":"{id}"}}"#)).unwrap();
    let narrowing = resolved.narrowing(&params);
    let scope = |pattern| Scope {
        narrowing: narrowing.clone(),
        ..Scope::endpoint(pattern)
    };
    let scopes = resolved.invalidates.iter().cloned().map(scope).collect();
    (resolved.id_tag(&params), scopes)
}

#[test]
fn a_mutation_of_one_resource_id_leaves_the_others_alone() {
    let (cache, _) = cache();
    let own = |id: &str| narrowed("shop.item.get", id).0.unwrap();
    for id in ["7", "8"] {
        cache
            .set(&format!("shop.item.get:{id}"), 1, tagged(&[&own(id)]))
            .unwrap();
    }
    cache.set("shop.item.get:other", 1, second()).unwrap();
    cache.set("shop.item.list:1", 1, second()).unwrap();
    let [seven, eight] = ["get:70", "get:80"].map(|key| miss(&cache, &format!("shop.item.{key}")));
    let scopes = narrowed("shop.item.update", "7").1;
    let (lease, went) = cache.begin_mutation(scopes.clone());
    assert_eq!(went, 3);
    assert_eq!(cache.get("shop.item.get:8"), Some(1));
    let fill = |load, id: &str| {
        cache.fill(
            load,
            &format!("shop.item.get:{id}0"),
            2,
            tagged(&[&own(id)]),
        )
    };
    assert_eq!(fill(seven, "7"), Err(Refusal::Invalidated));
    // The load's own tag shows at its end only, so it was detached with the others.
    assert_eq!(fill(eight, "8"), Err(Refusal::Invalidated));
    let ask = |id: &str| Ask {
        tags: vec![own(id)],
        ..Ask::default()
    };
    let seven = miss_with(&cache, "shop.item.get:70", &ask("7"));
    let eight = miss_with(&cache, "shop.item.get:80", &ask("8"));
    assert_eq!(fill(seven, "7"), Err(Refusal::MutationActive));
    assert_eq!(fill(eight, "8"), Ok(()));
    assert_eq!(cache.settle(lease, &scopes), 0);
    assert_eq!(cache.get("shop.item.get:80"), Some(2));
    sound(&cache);
}

#[test]
fn a_load_that_drops_the_tag_that_spared_it_is_refused() {
    let (cache, _) = cache();
    let eight = narrowed("shop.item.get", "8").0.unwrap();
    let ask = Ask {
        tags: vec![eight],
        ..Ask::default()
    };
    let load = miss_with(&cache, "shop.item.get:8", &ask);
    let scopes = narrowed("shop.item.update", "7").1;
    let (lease, _) = cache.begin_mutation(scopes.clone());
    cache.settle(lease, &scopes);
    assert_eq!(
        cache.fill(load, "shop.item.get:8", 1, second()),
        Err(Refusal::Invalidated)
    );
    sound(&cache);
}

#[test]
fn a_digest_tells_two_requests_of_one_key_apart() {
    let (cache, _) = cache();
    let ask = |byte| Ask {
        digest: Some([byte; 32]),
        ..Ask::default()
    };
    let load = miss_with(&cache, "a.get:1", &ask(1));
    let other = Plan::Bypass(BypassReason::Collision);
    assert_eq!(cache.begin("a.get:1", &ask(2)), other);
    assert_eq!(cache.begin("a.get:1", &ask(1)), Plan::Join(load, None));
    let write = Write {
        digest: Some([1; 32]),
        ..second().write
    };
    assert_eq!(
        cache.fill(load, "a.get:1", 1, Store { write, ..second() }),
        Ok(())
    );
    assert_eq!(cache.begin("a.get:1", &ask(2)), other);
    assert!(matches!(cache.begin("a.get:1", &ask(1)), Plan::Hit(..)));
    // A replaced entry is the other request's.
    let write = Write {
        digest: Some([2; 32]),
        ..second().write
    };
    cache
        .set("a.get:1", 2, Store { write, ..second() })
        .unwrap();
    assert_eq!(cache.begin("a.get:1", &ask(1)), other);
    assert!(matches!(cache.begin("a.get:1", &ask(2)), Plan::Hit(..)));
    sound(&cache);
}

#[test]
fn keys_of_eight_bits_serve_nobody_anothers_value() {
    let (cache, clock) = cache();
    let (mut hits, mut collisions) = (0, 0);
    for n in 0..100_000_u64 {
        let request = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54;
        let key = format!("a.get:{:02x}", request % 256);
        let mut digest = [1; 32];
        digest[..8].copy_from_slice(&request.to_le_bytes());
        let ask = Ask {
            digest: Some(digest),
            ..swr(200.0)
        };
        match cache.begin(&key, &ask) {
            Plan::Hit(slot, load) | Plan::Stale(slot, load) => {
                assert_eq!(cache.value(slot), Some(request));
                load.into_iter().for_each(|load| cache.abandon(load, 0.0));
                hits += 1;
            }
            Plan::Miss(load, stand_in) => {
                assert_eq!(stand_in, None);
                let write = Write {
                    digest: Some(digest),
                    window: 200.0,
                    ..second().write
                };
                let filled = cache.fill(load, &key, request, Store { write, ..second() });
                assert_eq!(filled, Ok(()));
            }
            plan => {
                assert_eq!(plan, Plan::Bypass(BypassReason::Collision));
                collisions += 1;
            }
        }
        clock.advance(1.0);
    }
    assert!(
        hits > 10_000 && collisions > 10_000,
        "{hits} hits, {collisions} collisions"
    );
    sound(&cache);
}

// ---- memory ----

#[test]
fn a_hundred_thousand_retired_entries_give_their_memory_back_step_by_step() {
    let (cache, _) = within(Limits {
        max_entries: 200_000,
        ..Limits::default()
    });
    const ENTRIES: u64 = 100_000;
    let fill = || {
        for n in 0..ENTRIES {
            let user = n % 100;
            cache
                .set(&format!("a.get:user:{user}:{n}"), n, sized(10))
                .unwrap();
        }
    };
    fill();
    let slots = cache.engine().borrow().slots_in_use();
    let overhead = cache.stats().overhead_bytes;
    assert_eq!(
        cache.invalidate(&KeyPattern::scope(under("a"))),
        Ok(ENTRIES as usize)
    );
    assert_eq!((cache.len(), cache.get("a.get:user:7:7")), (0, None));
    // Dead at once and released by later calls, sixteen each and more where asked for.
    assert!(cache.engine().borrow().slots_in_use() > slots - 100);
    sound(&cache);
    let mut calls = 0;
    while cache.engine().borrow().has_dead() {
        cache.delete("none:1");
        calls += 1;
    }
    assert!(
        (ENTRIES / 16..ENTRIES / 15).contains(&calls),
        "{calls} calls"
    );
    sound(&cache);
    let stats = cache.stats();
    assert_eq!(
        (stats.size, stats.bytes, stats.expired_entries),
        (0, 0.0, 0)
    );
    assert!(cache.shelf().len() <= 1);
    // The same again takes the slots that were given back.
    fill();
    assert!(cache.stats().overhead_bytes <= overhead + overhead / 50);
    assert_eq!(cache.clear(), ENTRIES as usize);
    assert!(
        cache.stats().overhead_bytes < 1_000,
        "{}",
        cache.stats().overhead_bytes
    );
    sound(&cache);
}

#[test]
fn dead_entries_make_room_before_living_ones_are_evicted() {
    let (cache, _) = within(Limits {
        max_entries: 100,
        ..Limits::default()
    });
    for n in 0..50 {
        cache.set(&format!("dead.get:{n}"), n, second()).unwrap();
        cache.set(&format!("alive.get:{n}"), n, second()).unwrap();
    }
    assert_eq!(cache.invalidate(&KeyPattern::scope(under("dead"))), Ok(50));
    for n in 50..100 {
        cache.set(&format!("alive.get:{n}"), n, second()).unwrap();
    }
    assert_eq!((cache.len(), cache.stats().counters.evictions), (100, 0));
    sound(&cache);
}

#[test]
fn empty_groups_are_few_however_many_users_came_by() {
    let (cache, clock) = cache();
    for n in 0..5_000 {
        let key = format!("a.get:user:{n}:1");
        cache.set(&key, n, second()).unwrap();
        clock.advance(1_001.0);
        assert_eq!(cache.get(&key), None);
    }
    let groups = cache.engine().borrow().groups();
    assert!(groups <= 257, "{groups} groups");
    sound(&cache);
}

#[test]
fn a_group_number_used_again_brings_nobody_anothers_entries() {
    let (cache, _) = cache();
    for round in 0..50_u64 {
        for n in 0..40_u64 {
            let user = (round * 7 + n) % 60;
            cache
                .set(&format!("a{}.get:user:{user}:1", n % 3), user, second())
                .unwrap();
        }
        let gone = round % 60;
        cache.invalidate(&user(&gone.to_string())).unwrap();
        if round % 3 == 0 {
            cache
                .invalidate(&KeyPattern::scope(under(&format!("a{}", round % 2))))
                .unwrap();
        }
        for n in 0..60_u64 {
            for endpoint in 0..3 {
                let found = cache.peek(&format!("a{endpoint}.get:user:{n}:1"));
                assert!(found.is_none_or(|owner| owner == n && n != gone));
            }
        }
        sound(&cache);
    }
}

#[test]
fn a_retired_group_does_not_stand_in_the_way_of_its_name() {
    let (cache, _) = cache();
    for round in 0..100 {
        for n in 0..20 {
            cache.set(&format!("a.get:{n}"), round, second()).unwrap();
        }
        assert_eq!(cache.invalidate(&KeyPattern::scope(under("a"))), Ok(20));
        assert_eq!(cache.len(), 0);
        sound(&cache);
    }
    let groups = cache.engine().borrow().groups();
    assert!(groups <= 3, "{groups} groups");
}
