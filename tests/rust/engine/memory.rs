//! Nothing stays that nobody can reach.

use super::*;

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
    // One that stays: where none does, everything is dropped at once.
    cache.set("b.get:1", 0, sized(10)).unwrap();
    let slots = cache.engine().borrow().slots_in_use();
    let overhead = cache.stats().overhead_bytes;
    assert_eq!(
        cache.invalidate(&KeyPattern::scope(under("a"))),
        Ok(ENTRIES as usize)
    );
    assert_eq!((cache.len(), cache.get("a.get:user:7:7")), (1, None));
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
        (1, 10.0, 0)
    );
    assert!(cache.host_store().len() <= 2);
    // The same again takes the slots that were given back.
    fill();
    assert!(cache.stats().overhead_bytes <= overhead + overhead / 50);
    assert_eq!(cache.clear(), ENTRIES as usize + 1);
    assert!(
        cache.stats().overhead_bytes < 1_000,
        "{}",
        cache.stats().overhead_bytes
    );
    sound(&cache);
}

#[test]
fn an_invalidation_that_leaves_nothing_of_many_entries_gives_their_memory_back_at_once() {
    let (cache, _) = within(Limits {
        max_entries: 200_000,
        bulk_clear_threshold: 16_384,
        ..Limits::default()
    });
    for n in 0..20_000_u64 {
        cache
            .set(&format!("a.get:user:{}:{n}", n % 100), n, sized(10))
            .unwrap();
    }
    let everything = KeyPattern::scope(under("a"));
    assert_eq!(cache.invalidate(&everything), Ok(20_000));
    sound(&cache);
    let stats = cache.stats();
    assert_eq!((stats.size, stats.bytes), (0, 0.0));
    assert_eq!(stats.counters.invalidations, 20_000);
    assert_eq!(
        (cache.host_store().len(), cache.engine().borrow().has_dead()),
        (0, false)
    );
    assert!(stats.overhead_bytes < 1_000, "{}", stats.overhead_bytes);
    // Whatever was read before is not stored after, as with any other invalidation.
    let moment = cache.engine().borrow().moment();
    cache.set("a.get:1", 1, sized(10)).unwrap();
    assert_eq!(
        (cache.get("a.get:1"), cache.invalidate(&everything)),
        (Some(1), Ok(1))
    );
    assert!(cache.set_since(moment, "a.get:1", 1, sized(10)).is_err());
    sound(&cache);
}

#[test]
fn an_invalidation_that_leaves_nothing_keeps_loads_under_way_from_being_stored() {
    let (cache, _) = within(Limits {
        max_entries: 200_000,
        bulk_clear_threshold: 16_384,
        ..Limits::default()
    });
    for n in 0..20_000_u64 {
        cache.set(&format!("a.get:{n}"), n, sized(10)).unwrap();
    }
    let Plan::Miss(load_id, _) = cache.begin("a.get:loading", &ReadOptions::default()) else {
        panic!("nothing is there yet");
    };
    assert_eq!(cache.invalidate(&KeyPattern::scope(under("a"))), Ok(20_000));
    assert!(cache.fill(load_id, "a.get:loading", 1, sized(10)).is_err());
    assert_eq!(cache.get("a.get:loading"), None);
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
