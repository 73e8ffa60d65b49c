//! What is bounded, and what must not be counted by what it adds up to.

use super::helpers::{sound, within};
use endpoint_cache::core::cache::{KeyPattern, PutOptions, ReadOptions};
use endpoint_cache::core::endpoint::EndpointPattern;
use endpoint_cache::core::engine::{BypassReason, Engine, Layout, Limits, Plan, Write};
use endpoint_cache::core::groups::{GroupName, Scope};
use endpoint_cache::core::in_flight::LoadId;
use endpoint_cache::core::pattern::TextPattern;
use endpoint_cache::core::stats::Refusal;
use endpoint_cache::core::time::{Timestamp, Ttl};
use std::collections::BTreeMap;

/// Fresh for a second and kept for a day to be served stale.
fn kept() -> PutOptions {
    let ttl = Ttl::from_millis(1_000.0).unwrap();
    let write = Write {
        window: 86_400_000.0,
        ..Write::fresh_for(ttl)
    };
    PutOptions {
        write,
        ..PutOptions::fresh_for(ttl)
    }
}

/// A11: clearing twice before the first value gave the layout a number that it had had before.
#[test]
fn a11_two_layouts_never_have_the_same_number() {
    for first in 0..64_u32 {
        let mut engine = Engine::new(Limits::default());
        let mut seen: BTreeMap<u64, Layout> = BTreeMap::from([(0, engine.layout())]);
        let mut latest = 0;
        for step in 0..40 {
            match (first >> (step % 6)) & 1 {
                0 => {
                    engine.clear(Timestamp::default());
                }
                _ => {
                    engine.seed(7);
                    let endpoint = format!("a{step}.get");
                    let name = GroupName {
                        endpoint: &endpoint,
                        user: None,
                        tags: &[],
                    };
                    let write = Write::fresh_for(Ttl::FOREVER);
                    let now = Timestamp::default();
                    engine.set_named(None, &name, step, &write, now).unwrap();
                }
            }
            let (number, layout) = (engine.layout_version(), engine.layout());
            assert!(number >= latest, "the number fell");
            latest = number;
            assert_eq!(*seen.entry(number).or_insert(layout), layout);
        }
    }
}

/// How a reader comes to need a place for a load.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// A key never seen.
    Unseen,
    /// A stale value that may be served while a load replaces it.
    Stale,
    /// A stale value that may not be served, or only if the load fails.
    Expired,
    StandIn,
    /// A fresh value late in its life.
    Eager,
    /// The very key of a load that hangs, with a stale value and without.
    HungOnValue,
    HungOnNothing,
}

/// B3: loads that hung for longer than a load may take kept held values from ever being loaded again.
#[test]
fn b3_loads_that_hang_give_up_their_places_whoever_needs_one() {
    for way in [
        Way::Unseen,
        Way::Stale,
        Way::Expired,
        Way::StandIn,
        Way::Eager,
        Way::HungOnValue,
        Way::HungOnNothing,
    ] {
        let (cache, clock) = within(Limits {
            max_loads: 2,
            ..Limits::default()
        });
        let ask = ReadOptions {
            stale_while_revalidate: match way {
                Way::Stale | Way::HungOnValue => 86_400_000.0,
                _ => 0.0,
            },
            stale_if_error: if way == Way::StandIn {
                86_400_000.0
            } else {
                0.0
            },
            eager_refresh: (way == Way::Eager).then_some(0.5),
            ..ReadOptions::default()
        };
        cache.set("a.get:held", 1, kept()).unwrap();
        if way == Way::HungOnValue {
            clock.advance(2_000.0);
            assert!(matches!(
                cache.begin("a.get:held", &ask),
                Plan::Stale(_, Some(_))
            ));
        } else {
            assert!(matches!(cache.begin("a.get:1", &ask), Plan::Miss(..)));
        }
        assert!(matches!(cache.begin("a.get:2", &ask), Plan::Miss(..)));
        let full = Plan::Bypass(BypassReason::TooManyLoads);
        assert_eq!(cache.begin("a.get:3", &ask), full, "{way:?}");
        clock.advance(30_001.0);
        if way == Way::Eager {
            cache.set("a.get:held", 1, kept()).unwrap();
            clock.advance(600.0);
        }
        let key = match way {
            Way::Unseen => "a.get:3",
            Way::HungOnNothing => "a.get:2",
            _ => "a.get:held",
        };
        let load: LoadId = match cache.begin(key, &ask) {
            Plan::Hit(_, Some(load)) if way == Way::Eager => load,
            Plan::Stale(_, Some(load)) if matches!(way, Way::Stale | Way::HungOnValue) => load,
            Plan::Miss(load, None) if way != Way::StandIn => load,
            Plan::Miss(load, Some(_)) if way == Way::StandIn => load,
            other => panic!("{way:?}: {other:?}"),
        };
        assert_eq!(cache.fill(load, key, 2, kept()), Ok(()));
        assert_eq!(cache.get(key), Some(2), "{way:?}");
        sound(&cache);
    }
}

/// B3: a load that is younger keeps its place.
#[test]
fn b3_loads_that_may_yet_end_keep_their_places() {
    let (cache, clock) = within(Limits {
        max_loads: 2,
        ..Limits::default()
    });
    cache.set("a.get:held", 1, kept()).unwrap();
    assert!(matches!(
        cache.begin("a.get:1", &ReadOptions::default()),
        Plan::Miss(..)
    ));
    clock.advance(15_000.0);
    let Plan::Miss(young, None) = cache.begin("a.get:2", &ReadOptions::default()) else {
        panic!()
    };
    clock.advance(15_001.0);
    let Plan::Miss(next, None) = cache.begin("a.get:held", &ReadOptions::default()) else {
        panic!()
    };
    let full = Plan::Bypass(BypassReason::TooManyLoads);
    assert_eq!(cache.begin("a.get:3", &ReadOptions::default()), full);
    assert_eq!(cache.fill(young, "a.get:2", 2, kept()), Ok(()));
    assert_eq!(cache.fill(next, "a.get:held", 3, kept()), Ok(()));
    assert_eq!(cache.stats().loading, 0);
    sound(&cache);
}

/// More mutations than are noted down one by one: nothing is stored until their time is over, and no load that began meanwhile.
#[test]
fn mutations_past_their_number_keep_everything_from_being_stored() {
    let (cache, clock) = within(Limits {
        max_mutation_ms: 10_000.0,
        ..Limits::default()
    });
    let scope = |n: u32| {
        let pattern = EndpointPattern::parse(&format!("a{n}.get")).unwrap();
        vec![Scope::endpoint(pattern)]
    };
    let mut leases = Vec::new();
    for n in 0..16_384 {
        leases.push((cache.begin_mutation(scope(n)).0, n));
    }
    let store = |key: &str| {
        let Plan::Miss(load, None) = cache.begin(key, &ReadOptions::default()) else {
            panic!()
        };
        cache.fill(load, key, 1, kept()).is_ok()
    };
    assert!(!store("a7.get:1") && store("b.get:1"));
    let (last, _) = cache.begin_mutation(scope(20_000));
    assert!(!store("a20000.get:1") && !store("b.get:2"));
    for (mutation_id, n) in leases {
        cache.settle(mutation_id, &scope(n));
    }
    assert!(!store("b.get:3"));
    let Plan::Miss(meanwhile, None) = cache.begin("a20000.get:2", &ReadOptions::default()) else {
        panic!()
    };
    clock.advance(10_001.0);
    assert_eq!(
        cache.fill(meanwhile, "a20000.get:2", 1, kept()),
        Err(Refusal::Invalidated)
    );
    assert!(store("a20000.get:3") && store("b.get:4"));
    assert_eq!(cache.settle(last, &scope(20_000)), 1);
    sound(&cache);
}

/// B5: tags count into the bytes of each entry that has them, and an entry with too many is not stored.
#[test]
fn b5_tags_are_bounded_and_counted() {
    let (cache, _) = within(Limits::default());
    let names = |count: usize, length: usize| -> Vec<String> {
        (0..count).map(|n| format!("{n:0length$}")).collect()
    };
    let tagged = |tags: Vec<String>| PutOptions { tags, ..kept() };
    for (count, length, stored) in [
        (1, 10, true),
        (1_024, 16, true),
        (1_025, 4, false),
        (1_024, 17, false),
        (1, 16_384, true),
        (1, 16_385, false),
    ] {
        let tags = names(count, length);
        cache.clear();
        cache.set("a.get:1", 1, kept()).unwrap();
        let result = cache.set("a.get:1", 2, tagged(tags.clone()));
        assert_eq!(result.is_ok(), stored, "{count} of {length}");
        let bytes = if stored { count * (length + 128) } else { 0 };
        assert_eq!(cache.stats().bytes, bytes as f64);
        let load = match cache.begin(
            "a.get:2",
            &ReadOptions {
                tags: tags.clone(),
                ..ReadOptions::default()
            },
        ) {
            Plan::Miss(load, None) => load,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            cache.fill(load, "a.get:2", 3, tagged(tags.clone())).is_ok(),
            stored
        );
        let moment = cache.engine().borrow().moment();
        assert_eq!(
            cache.set_since(moment, "a.get:3", 4, tagged(tags)).is_ok(),
            stored
        );
        assert_eq!(cache.len(), if stored { 3 } else { 0 });
        sound(&cache);
    }
    let counters = cache.stats().counters;
    assert_eq!(counters.refused_by[Refusal::TooManyTags as usize], 9);
    assert_eq!((counters.rejected, counters.refused_fills), (3, 6));
}

/// B5: what is kept of groups without entries is few tags, however many they had.
#[test]
fn b5_tags_of_what_is_gone_are_given_back() {
    let (cache, _) = within(Limits::default());
    cache.set("a.get:0", 1, kept()).unwrap();
    let before = cache.stats().overhead_bytes;
    let mut after = 0;
    for round in 0..300 {
        let tags = (0..1_000).map(|n| format!("{round}-{n}")).collect();
        cache
            .set("a.get:1", 1, PutOptions { tags, ..kept() })
            .unwrap();
        cache.delete("a.get:1");
        sound(&cache);
        if round == 10 {
            after = cache.stats().overhead_bytes;
        }
    }
    assert!(after > before);
    // But for digits in the tags' numbers.
    let now = cache.stats().overhead_bytes;
    assert!(now < after + 3_000, "{now} B, {after} before");
}

/// D6: what `expire` marked stale was counted as removed, and explained as removed by it.
#[test]
fn d6_expiring_is_no_invalidation_in_the_statistics() {
    let (cache, clock) = within(Limits::default());
    for n in 0..6_u64 {
        cache.set(&format!("a.get:{n}"), n, kept()).unwrap();
    }
    let text = |text| KeyPattern::text(TextPattern::prefix(text).unwrap());
    assert_eq!(cache.expire(&text("a.get:0")), Ok(1));
    assert_eq!(cache.expire(&KeyPattern::scope(Scope::default())), Ok(5));
    let counters = cache.stats().counters;
    assert_eq!((counters.invalidations, counters.marked_stale), (0, 6));
    assert_eq!(cache.invalidate(&text("a.get:1")), Ok(1));
    clock.advance(1.0);
    assert_eq!(cache.expire(&text("a.get:2")), Ok(0));
    let counters = cache.stats().counters;
    assert_eq!((counters.invalidations, counters.marked_stale), (1, 6));
    let why = cache.explain("a.get:1").invalidation.unwrap();
    assert_eq!(why.what, "invalidate: a.get:1");
    sound(&cache);
}

/// A tag too long to be remembered is treated as any tag: a load that began before may not be stored with one.
#[test]
fn long_tags_are_not_remembered_and_nothing_old_is_stored_for_it() {
    let (cache, _) = within(Limits::default());
    let long = "x".repeat(2_000);
    let tagged = |tag: &str| PutOptions {
        tags: vec![tag.to_owned()],
        ..kept()
    };
    let begin = |key: &str| match cache.begin(key, &ReadOptions::default()) {
        Plan::Miss(load, None) => load,
        other => panic!("{other:?}"),
    };
    let (one, two, three) = (begin("a.get:1"), begin("a.get:2"), begin("a.get:3"));
    let scope = Scope {
        tag: Some(long.clone()),
        ..Scope::default()
    };
    assert_eq!(cache.invalidate(&KeyPattern::scope(scope)), Ok(0));
    let invalidated = Err(Refusal::Invalidated);
    assert_eq!(cache.fill(one, "a.get:1", 1, tagged(&long)), invalidated);
    assert_eq!(
        cache.fill(two, "a.get:2", 1, tagged("another")),
        invalidated
    );
    assert_eq!(cache.fill(three, "a.get:3", 1, kept()), Ok(()));
    sound(&cache);
}

/// What an invalidation is remembered by is short, however long the pattern.
#[test]
fn notes_of_invalidations_are_bounded() {
    let (cache, _) = within(Limits::default());
    let tag = "é".repeat(5_000);
    let tags = vec![tag.clone()];
    cache
        .set("a.get:1", 1, PutOptions { tags, ..kept() })
        .unwrap();
    let scope = Scope {
        tag: Some(tag),
        ..Scope::default()
    };
    assert_eq!(cache.invalidate(&KeyPattern::scope(scope)), Ok(1));
    let what = cache.explain("a.get:1").invalidation.unwrap().what;
    assert!(what.starts_with("invalidate: ") && what.ends_with("é…"));
    assert!((250..=260).contains(&what.len()), "{}", what.len());
}
