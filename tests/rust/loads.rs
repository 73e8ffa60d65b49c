//! Loads that end without a value, and what hosts are told of loads and mutations that end by themselves.

use endpoint_cache::core::cache::{Cache, HashStore, PutOptions, ReadOptions};
use endpoint_cache::core::clock::ManualClock;
use endpoint_cache::core::endpoint::EndpointPattern;
use endpoint_cache::core::engine::{Engine, Limits, Plan, Read};
use endpoint_cache::core::groups::{GroupName, Scope};
use endpoint_cache::core::in_flight::LoadId;
use endpoint_cache::core::stats::Refusal;
use endpoint_cache::core::time::Ttl;

type Native = Cache<HashStore<u32>, ManualClock>;

fn stale_cache() -> (Native, ManualClock) {
    let clock = ManualClock::default();
    let cache = Cache::native(clock.clone());
    let mut store = PutOptions::fresh_for(Ttl::from_millis(10.0).unwrap());
    store.write.window = 1e9;
    cache.set("a.get:1", 1, store).unwrap();
    clock.advance(11.0);
    (cache, clock)
}

fn ask(retry_backoff: f64) -> ReadOptions {
    ReadOptions {
        stale_while_revalidate: 1e9,
        retry_backoff,
        ..ReadOptions::default()
    }
}

fn refresh(cache: &Native, ask: &ReadOptions) -> Option<LoadId> {
    match cache.begin("a.get:1", ask) {
        Plan::Stale(_, load) => load,
        other => panic!("{other:?}"),
    }
}

#[test]
fn c2_where_nobody_says_a_failure_is_tried_again_once_and_then_once_a_second() {
    for refuse in [false, true] {
        let (cache, clock) = stale_cache();
        let ask = ask(f64::NAN);
        for _ in 0..2 {
            let load = refresh(&cache, &ask).unwrap();
            if refuse {
                assert_eq!(cache.refuse(load), Some(Refusal::NotStorable));
            } else {
                cache.abandon(load, f64::NAN);
            }
        }
        assert_eq!(refresh(&cache, &ask), None);
        clock.advance(999.0);
        assert_eq!(refresh(&cache, &ask), None);
        clock.advance(1.0);
        let load = refresh(&cache, &ask).unwrap();
        let store = PutOptions::fresh_for(Ttl::from_millis(10.0).unwrap());
        cache.fill(load, "a.get:1", 2, store).unwrap();
        assert_eq!(cache.get("a.get:1"), Some(2));
    }
}

#[test]
fn c2_a_back_off_that_was_said_holds_for_refused_values_too() {
    let (cache, clock) = stale_cache();
    let load = refresh(&cache, &ask(50.0)).unwrap();
    let why = cache.refuse_as(load, Refusal::NoLifetime);
    assert_eq!(why, Some(Refusal::NoLifetime));
    assert_eq!(refresh(&cache, &ask(50.0)), None);
    clock.advance(50.0);
    let load = refresh(&cache, &ask(0.0)).unwrap();
    cache.refuse(load);
    assert!(refresh(&cache, &ask(0.0)).is_some());
}

#[test]
fn b2_a_host_is_told_once_of_each_load_that_can_no_longer_be_joined() {
    let mut engine = Engine::new(Limits::default());
    let now = engine.time(0.0);
    let begin = |engine: &mut Engine, endpoint: &str| {
        let name = GroupName {
            endpoint,
            user: None,
            tags: &[],
        };
        let group = engine.group(&name);
        match engine.begin(None, &Read::of(group, 1), now) {
            Plan::Miss(load, _) => load,
            other => panic!("{other:?}"),
        }
    };
    let told = |engine: &mut Engine| {
        let (mut at, mut all) = (0, Vec::new());
        while let Some(load) = engine.next_detached(&mut at) {
            all.push(load);
        }
        all
    };
    let (one, two, three) = (
        begin(&mut engine, "a.get"),
        begin(&mut engine, "a.list"),
        begin(&mut engine, "b.get"),
    );
    assert_eq!(told(&mut engine), []);
    engine.invalidate(
        &Scope::endpoint(EndpointPattern::parse("a.*").unwrap()),
        now,
    );
    // One of them ends before the host has asked.
    engine.abandon(one, 0.0, now);
    assert_eq!(told(&mut engine), [two]);
    assert_eq!(told(&mut engine), []);
    engine.clear(now);
    assert_eq!(told(&mut engine), [three]);
    engine.abandon(three, 0.0, now);
    engine.abandon(two, 0.0, now);
    assert_eq!(told(&mut engine), []);
    assert!(!engine.has_updates(engine.layout_version()) || engine.take_cleared());
}

#[test]
fn b2_a_mutation_is_noted_down_once_and_until_its_time_is_over() {
    let clock = ManualClock::default();
    let cache: Native = Cache::native(clock.clone());
    let scopes = || vec![Scope::endpoint(EndpointPattern::parse("a.*").unwrap())];
    let keep = || PutOptions::fresh_for(Ttl::from_seconds(900.0).unwrap());
    let (mutation_id, _) = cache.begin_mutation(scopes());
    assert_eq!(
        cache.engine().borrow().scopes_of(mutation_id),
        Some(&scopes()[..])
    );
    cache.set("a.get:1", 1, keep()).unwrap();
    assert_eq!(cache.settle_known(mutation_id), Some(1));
    assert_eq!(cache.settle_known(mutation_id), None);
    let (late, _) = cache.begin_mutation(scopes());
    clock.advance(60_001.0);
    cache.set("a.get:1", 1, keep()).unwrap();
    assert_eq!(cache.engine().borrow().scopes_of(late), None);
    assert_eq!(cache.settle_known(late), None);
    assert_eq!(cache.settle(late, &scopes()), 1);
}

#[test]
fn d6_a_load_that_was_covered_has_no_moment_to_store_against() {
    let cache: Native = Cache::native(ManualClock::default());
    let Plan::Miss(load, _) = cache.begin("a.get:1", &ReadOptions::default()) else {
        panic!("a load");
    };
    let moment = cache.engine().borrow().moment_of(load);
    assert_eq!(moment, Some(cache.engine().borrow().moment()));
    cache.clear();
    assert_eq!(cache.engine().borrow().moment_of(load), None);
    cache.abandon(load, 0.0);
    assert_eq!(cache.engine().borrow().moment_of(load), None);
}
