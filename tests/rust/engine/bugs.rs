//! Bugs that were found, each by the name of what went wrong.

use super::*;

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
    let load = miss_with(&cache, "a.get:3", &ReadOptions::default());
    cache.abandon(load, 0.0);
    clock.advance(600.0);
    // The first has expired and is being loaded anew; its new value needs space.
    let (cache2, clock2) = within(Limits {
        max_bytes: 100.0,
        ..Limits::default()
    });
    cache2
        .set(
            "a.get:1",
            1,
            PutOptions {
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
            PutOptions {
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
        cache.begin("a.get:1", &ReadOptions::default()),
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
            cache.begin(&key, &ReadOptions::default()),
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
        .set("a.get:1", 1, PutOptions::fresh_for(Ttl::FOREVER))
        .unwrap();
    assert_eq!(cache.expire(&KeyPattern::scope(under("a"))), Ok(1));
    assert_eq!(cache.get("a.get:1"), None);
    sound(&cache);
}
