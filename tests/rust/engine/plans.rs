//! What a reader is answered: stale values, also in place of failed loads, and loads ahead of time.

use super::*;

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
    // A caller that takes no stale value waits for the load in flight.
    assert_eq!(
        cache.begin("a.get:1", &ReadOptions::default()),
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
        cache.begin("a.get:1", &ReadOptions::default()),
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
    let eager = ReadOptions {
        eager_refresh: Some(0.8),
        ..ReadOptions::default()
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
        .set("a.get:2", 1, PutOptions::fresh_for(Ttl::FOREVER))
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
        RemovalReason::Expired
    );
    sound(&cache);
}
