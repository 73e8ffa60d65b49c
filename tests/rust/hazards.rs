//! The hazards of a cache in front of handlers, each by its number, as far as they show natively.

use super::helpers::{Tested, miss, second};
use endpoint_cache::core::cache::{Cache, HashStore, KeyPattern, PutOptions, ReadOptions};
use endpoint_cache::core::clock::ManualClock;
use endpoint_cache::core::endpoint::{EndpointPattern, Ops};
use endpoint_cache::core::engine::{BypassReason, Limits, Plan};
use endpoint_cache::core::groups::Scope;
use endpoint_cache::core::pattern::TextPattern;
use endpoint_cache::core::rules::{EndpointClass, classify, mutation_effects};
use endpoint_cache::core::stats::Refusal;
use endpoint_cache::core::time::Ttl;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

fn cache<V: Clone>() -> (Tested<V>, ManualClock) {
    let clock = ManualClock::at(0.0);
    (Cache::native(clock.clone()), clock)
}

fn items() -> Vec<Scope> {
    vec![Scope::endpoint(EndpointPattern::under(
        "shop.item",
        Ops::All,
    ))]
}

const KEY: &str = "shop.item.get:1";

#[test]
fn h01_a_load_older_than_an_invalidation_is_not_stored() {
    let (cache, _) = cache();
    let load = miss(&cache, KEY);
    cache
        .invalidate(&KeyPattern::scope(items()[0].clone()))
        .unwrap();
    assert_eq!(
        cache.fill(load, KEY, 1, second()),
        Err(Refusal::Invalidated)
    );
    assert_eq!(cache.get(KEY), None);
    assert_eq!(cache.stats().counters.refused_fills, 1);
}

#[test]
fn h02_while_a_mutation_runs_nothing_it_covers_is_stored() {
    let (cache, _) = cache();
    cache.set(KEY, 1, second()).unwrap();
    let (mutation_id, went) = cache.begin_mutation(items());
    assert_eq!(went, 1);
    let load = miss(&cache, KEY);
    assert_eq!(
        cache.fill(load, KEY, 1, second()),
        Err(Refusal::MutationActive)
    );
    let other = miss(&cache, "shop.items.get:1");
    assert_eq!(cache.fill(other, "shop.items.get:1", 1, second()), Ok(()));
    let late = miss(&cache, KEY);
    cache.settle(mutation_id, &items());
    assert_eq!(
        cache.fill(late, KEY, 1, second()),
        Err(Refusal::Invalidated)
    );
    let fresh = miss(&cache, KEY);
    assert_eq!(cache.fill(fresh, KEY, 2, second()), Ok(()));
}

#[test]
fn h03_a_mutation_invalidates_when_it_settles_however_it_went() {
    // A mutation that throws settles like any other, so there is one way to settle.
    let (cache, _) = cache();
    let (mutation_id, _) = cache.begin_mutation(items());
    cache.set(KEY, 1, second()).unwrap();
    assert_eq!(cache.settle(mutation_id, &items()), 1);
    assert_eq!(cache.stats().mutating, 0);
}

#[test]
fn h04_a_mutation_that_hangs_ends_with_an_invalidation_and_so_does_its_late_end() {
    let (cache, clock) = cache();
    let (mutation_id, _) = cache.begin_mutation(items());
    let during = miss(&cache, KEY);
    clock.advance(60_001.0);
    cache.maintain(0);
    assert_eq!(cache.stats().counters.timed_out_mutations, 1);
    assert_eq!(
        cache.fill(during, KEY, 1, second()),
        Err(Refusal::Invalidated)
    );
    let after = miss(&cache, KEY);
    assert_eq!(cache.fill(after, KEY, 1, second()), Ok(()));
    assert_eq!(cache.settle(mutation_id, &items()), 1);
    assert_eq!(cache.get(KEY), None);
    assert_eq!(cache.settle(mutation_id, &items()), 0);
}

#[test]
fn h05_a_failed_load_frees_its_key() {
    let (cache, _) = cache::<u64>();
    for _ in 0..10 {
        let load = miss(&cache, KEY);
        assert_eq!(
            cache.begin(KEY, &ReadOptions::default()),
            Plan::Join(load, None)
        );
        cache.abandon(load, 0.0);
    }
    let stats = cache.stats();
    assert_eq!(
        (
            stats.counters.failed_loads,
            stats.counters.loads,
            stats.loading
        ),
        (10, 10, 0)
    );
    assert_eq!(stats.size, 0);
    cache.check_invariants().unwrap();
}

#[test]
fn h06_a_load_that_hangs_is_replaced_and_its_late_result_dropped() {
    let (cache, clock) = cache();
    let hung = miss(&cache, KEY);
    clock.advance(30_001.0);
    let next = miss(&cache, KEY);
    assert_eq!(cache.fill(next, KEY, 2, second()), Ok(()));
    assert_eq!(cache.fill(hung, KEY, 1, second()), Err(Refusal::TooLate));
    assert_eq!(cache.get(KEY), Some(2));
}

#[test]
fn h06_loads_that_hang_do_not_use_up_the_loads_there_may_be() {
    let clock = ManualClock::at(0.0);
    let limits = Limits {
        max_loads: 100,
        ..Limits::default()
    };
    let cache: Tested = Cache::native_within(clock.clone(), limits);
    for round in 0..10 {
        for n in 0..100 {
            miss(&cache, &format!("a.get:{round}-{n}"));
        }
        let past = Plan::Bypass(BypassReason::TooManyLoads);
        assert_eq!(cache.begin("a.get:x", &ReadOptions::default()), past);
        clock.advance(30_001.0);
        cache.check_invariants().unwrap();
    }
}

#[test]
fn h07_ten_thousand_callers_cause_one_load() {
    let (cache, _) = cache();
    let load = miss(&cache, KEY);
    for _ in 0..9_999 {
        assert_eq!(
            cache.begin(KEY, &ReadOptions::default()),
            Plan::Join(load, None)
        );
    }
    cache.fill(load, KEY, 1, second()).unwrap();
    let counters = cache.stats().counters;
    assert_eq!(
        (counters.loads, counters.joined, counters.misses),
        (1, 9_999, 10_000)
    );
}

#[test]
fn h08_a_load_given_up_takes_nothing_with_it() {
    let (cache, _) = cache();
    let load = miss(&cache, KEY);
    cache.abandon(load, 0.0);
    let next = miss(&cache, KEY);
    assert_eq!(cache.fill(load, KEY, 1, second()), Err(Refusal::Unknown));
    assert_eq!(
        cache.begin(KEY, &ReadOptions::default()),
        Plan::Join(next, None)
    );
    assert_eq!(cache.fill(next, KEY, 2, second()), Ok(()));
    assert_eq!(cache.get(KEY), Some(2));
}

// ---- H10: whatever runs of a caller's may call the cache again ----

type Reentered = Cache<HashStore<Noisy>, Box<dyn Fn() -> f64>>;
type Call = (&'static str, fn(&Reentered));

/// What a caller's code does when it is called.
type Hook = Rc<dyn Fn(&str)>;

thread_local! {
    static HOOK: RefCell<Option<Hook>> = const { RefCell::new(None) };
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Runs the hook, but not within itself.
fn call_back(from: &str) {
    let hook = HOOK.with(|hook| hook.borrow().clone());
    if let Some(hook) = hook.filter(|_| DEPTH.with(|depth| depth.replace(1)) == 0) {
        hook(from);
        DEPTH.with(|depth| depth.set(0));
    }
}

/// A value that calls back when it is cloned and when it is dropped; it knows whose it is.
struct Noisy(String);

impl Clone for Noisy {
    fn clone(&self) -> Self {
        call_back("clone");
        Noisy(self.0.clone())
    }
}

impl Drop for Noisy {
    fn drop(&mut self) {
        call_back("drop");
    }
}

fn put(cache: &Reentered, key: &str) {
    let ttl = Ttl::from_seconds(1.0).unwrap();
    cache
        .set(key, Noisy(key.to_owned()), PutOptions::fresh_for(ttl))
        .unwrap();
}

fn load(cache: &Reentered, key: &str) {
    if let Plan::Miss(load, _) = cache.begin(key, &ReadOptions::default()) {
        _ = cache.fill(load, key, Noisy(key.to_owned()), second());
    }
}

const CALLS: [Call; 16] = [
    ("set old", |cache| put(cache, "a.get:1")),
    ("set new", |cache| put(cache, "a.get:new")),
    ("set many", |cache| {
        (0..6).for_each(|n| put(cache, &format!("b.get:{n}")))
    }),
    ("get", |cache| _ = cache.get("a.get:2")),
    ("peek", |cache| _ = cache.peek("a.get:2")),
    ("has", |cache| _ = cache.has("a.get:2")),
    ("delete", |cache| _ = cache.delete("a.get:1")),
    ("clear", |cache| _ = cache.clear()),
    ("cleanup", |cache| _ = cache.cleanup_expired()),
    ("load", |cache| load(cache, "a.get:1")),
    ("load new", |cache| load(cache, "a.get:loaded")),
    ("invalidate", |cache| {
        let scope = Scope::endpoint(EndpointPattern::under("a", Ops::All));
        _ = cache.invalidate(&KeyPattern::scope(scope)).unwrap();
    }),
    ("invalidate by text", |cache| {
        _ = cache
            .invalidate(&KeyPattern::text(TextPattern::regex("[13]$").unwrap()))
            .unwrap();
    }),
    ("expire", |cache| {
        _ = cache
            .expire(&KeyPattern::text(TextPattern::prefix("a.").unwrap()))
            .unwrap();
    }),
    ("mutate", |cache| {
        let scopes = vec![Scope::endpoint(EndpointPattern::under("a", Ops::All))];
        let (mutation_id, _) = cache.begin_mutation(scopes.clone());
        cache.settle(mutation_id, &scopes);
    }),
    ("look", |cache| {
        _ = (cache.stats(), cache.explain("a.get:1"), cache.len())
    }),
];

#[test]
fn h10_every_call_may_be_made_again_from_within_every_other() {
    let mut called = 0_u32;
    for (outer_name, outer) in CALLS {
        for (inner_name, inner) in CALLS {
            for source in ["clock", "clone", "drop"] {
                let time = Rc::new(Cell::new(0.0));
                let clock: Box<dyn Fn() -> f64> = {
                    let time = time.clone();
                    Box::new(move || {
                        call_back("clock");
                        time.get()
                    })
                };
                let limits = Limits {
                    max_entries: 6,
                    ..Limits::default()
                };
                let cache: Rc<Reentered> = Rc::new(Cache::native_within(clock, limits));
                (0..6).for_each(|n| put(&cache, &format!("a.get:{n}")));
                let times = Rc::new(Cell::new(0_u32));
                let hook = {
                    let (cache, times) = (cache.clone(), times.clone());
                    move |from: &str| {
                        if from == source {
                            times.set(times.get() + 1);
                            inner(&cache);
                        }
                    }
                };
                HOOK.with(|place| *place.borrow_mut() = Some(Rc::new(hook)));
                for _ in 0..2 {
                    outer(&cache);
                }
                time.set(1_001.0);
                outer(&cache);
                let case = format!("{inner_name} from a {source} within {outer_name}");
                HOOK.with(|place| place.borrow_mut().take());
                called += times.get();
                assert_eq!(cache.check_invariants(), Ok(()), "{case}");
                time.set(0.0);
                for key in cache.host_store().keys() {
                    if let Some(found) = cache.peek(&key) {
                        assert_eq!(found.0, *key, "{case}");
                    }
                }
            }
        }
    }
    assert!(called > 1_000, "{called} calls only");
}

#[test]
fn h10_a_value_is_not_exchanged_while_its_reader_is_told_of_it() {
    // What is removed when a reader asks is dropped after it has got its value, not before.
    let clock: Box<dyn Fn() -> f64> = Box::new(|| 0.0);
    let cache: Rc<Reentered> = Rc::new(Cache::native(clock));
    for n in 0..40 {
        put(&cache, &format!("a.get:{n}"));
    }
    put(&cache, "b.get:wanted");
    let scope = Scope::endpoint(EndpointPattern::under("a", Ops::All));
    cache.invalidate(&KeyPattern::scope(scope)).unwrap();
    let hook = {
        let cache = cache.clone();
        move |from: &str| {
            if from == "drop" {
                cache.clear();
                (0..40).for_each(|n| put(&cache, &format!("c.get:{n}")));
            }
        }
    };
    HOOK.with(|place| *place.borrow_mut() = Some(Rc::new(hook)));
    if let Plan::Hit(slot, None) = cache.begin("b.get:wanted", &ReadOptions::default()) {
        let found = cache.value(slot).map(|value| value.0.clone());
        assert!(found.is_none_or(|owner| owner == "b.get:wanted"));
    }
    HOOK.with(|place| place.borrow_mut().take());
    cache.check_invariants().unwrap();
}

// ---- time ----

#[test]
fn h11_a_clock_that_steps_back_resurrects_nothing() {
    let (cache, clock) = cache();
    cache.set("a.get:1", 1, second()).unwrap();
    clock.advance(1_001.0);
    assert!(!cache.has("a.get:1"));
    clock.set(-1e9);
    assert!(!cache.has("a.get:1"));
    cache.set("a.get:2", 2, second()).unwrap();
    // Time continues from there: an entry lives as long as it was given, and no longer.
    clock.advance(500.0);
    assert_eq!(cache.explain("a.get:2").age, Some(500.0));
    clock.advance(500.0);
    assert_eq!(cache.get("a.get:2"), Some(2));
    clock.advance(0.5);
    assert_eq!(cache.get("a.get:2"), None);
}

#[test]
fn h12_a_reading_that_is_no_time_is_counted_and_ignored() {
    let (cache, clock) = cache();
    cache.set("a.get:1", 1, second()).unwrap();
    for reading in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        clock.set(reading);
        assert_eq!(cache.get("a.get:1"), Some(1));
    }
    assert_eq!(cache.stats().clock_errors, 4);
    clock.set(f64::MAX);
    assert_eq!(cache.get("a.get:1"), None);
    cache.set("a.get:1", 2, second()).unwrap();
    assert_eq!(cache.get("a.get:1"), Some(2));
    cache.check_invariants().unwrap();
}

#[test]
fn h12_a_clock_that_knows_no_time_at_first_breaks_nothing() {
    let (cache, clock) = cache();
    clock.set(f64::NAN);
    cache.set("a.get:1", 1, second()).unwrap();
    assert_eq!(cache.get("a.get:1"), Some(1));
    clock.set(1_000.0);
    assert_eq!(cache.get("a.get:1"), Some(1));
    clock.set(1_000.5);
    assert_eq!(cache.get("a.get:1"), None);
}

#[test]
fn h13_time_may_stand_still() {
    let clock = ManualClock::at(0.0);
    let limits = Limits {
        max_entries: 50,
        ..Limits::default()
    };
    let cache: Tested = Cache::native_within(clock, limits);
    for n in 0..100_000_u64 {
        let key = format!("a.get:{}", n * 31 % 200);
        match n % 3 {
            0 => cache.set(&key, n, second()).unwrap(),
            1 => assert!(
                cache
                    .get(&key)
                    .is_none_or(|found| found * 31 % 200 == n * 31 % 200)
            ),
            _ => {
                let load = miss(&cache, &format!("b.get:{n}"));
                cache
                    .fill(load, &format!("b.get:{n}"), n, second())
                    .unwrap();
            }
        }
    }
    cache.check_invariants().unwrap();
}

#[test]
fn h14_a_time_to_live_is_a_time_or_an_error() {
    for forever in [0.0, -0.0, f64::INFINITY, f64::MAX] {
        assert_eq!(Ttl::from_seconds(forever), Ok(Ttl::FOREVER), "{forever}");
    }
    for wrong in [-1.0, -f64::MIN_POSITIVE, f64::NEG_INFINITY, f64::NAN] {
        assert!(Ttl::from_seconds(wrong).is_err(), "{wrong}");
    }
    let long = 2_f64.powi(31);
    for seconds in [0.001, 0.25, 1.0, 60.5, long, 1e12] {
        let (cache, clock) = cache();
        let ttl = Ttl::from_seconds(seconds).unwrap();
        cache.set("a.get:1", 1, PutOptions::fresh_for(ttl)).unwrap();
        clock.set(seconds * 1e3);
        assert!(cache.has("a.get:1"), "{seconds} s");
        clock.set((seconds * 1e3).next_up());
        assert!(!cache.has("a.get:1"), "{seconds} s");
    }
}

#[test]
fn h15_a_value_may_be_nothing() {
    let (cache, _) = cache::<Option<u64>>();
    cache.set("a.get:1", None, second()).unwrap();
    assert_eq!(cache.get("a.get:1"), Some(None));
    assert_eq!(cache.get("a.get:2"), None);
    let counters = cache.stats().counters;
    assert_eq!((counters.hits, counters.misses), (1.0, 1));
}

#[test]
fn h22_an_empty_expression_covers_all_and_other_empty_patterns_are_errors() {
    let (cache, _) = cache();
    for n in 0..5 {
        cache.set(&format!("a.get:{n}"), n, second()).unwrap();
    }
    assert!(TextPattern::glob("").is_err() && TextPattern::prefix("").is_err());
    assert!(EndpointPattern::parse("").is_err());
    let empty = KeyPattern::text(TextPattern::regex("").unwrap());
    assert_eq!(cache.invalidate(&empty), Ok(5));
}

/// B7: what a pattern may cost is decided when it is made; no clock has a say in it, whatever it says.
#[test]
fn h24_a_pattern_that_takes_too_long_is_refused_and_no_clock_refuses_another() {
    let time = Cell::new(0.0);
    // This one says that every look at it took 100 s.
    let clock = || {
        time.set(time.get() + 100_000.0);
        time.get()
    };
    let cache = Cache::native(clock);
    for n in 0..5_000_u64 {
        cache
            .set(
                &format!("a.get:{n:064}"),
                n,
                PutOptions::fresh_for(Ttl::FOREVER),
            )
            .unwrap();
    }
    let error = TextPattern::regex("(?:0|1)*0(?:0|1){60}x.*0.{60}y$").unwrap_err();
    assert_eq!(error.code(), "ERR_PATTERN_BUDGET");
    assert_eq!(cache.len(), 5_000);
    let pattern = KeyPattern::text(TextPattern::regex("(?:0?){60}[0-9]{4}[5-9]$").unwrap());
    assert_eq!(cache.preview(&pattern).map(|slots| slots.len()), Ok(2_500));
    assert_eq!(cache.expire(&pattern), Ok(2_500));
    assert_eq!(cache.invalidate(&pattern), Ok(2_500));
    assert_eq!(cache.len(), 2_500);
}

#[test]
fn h25_a_resource_ends_at_its_dot() {
    let (cache, _) = cache();
    let keys = [
        "a.b.get:1",
        "a.b.c.get:1",
        "a.b.get:user:u:1",
        "a.bb.get:1",
        "xa.b.get:1",
        "a.b:1",
        "ab.get:1",
    ];
    for key in keys {
        cache.set(key, 1, second()).unwrap();
    }
    let EndpointClass::Mutation(verb) = classify("a.b.update") else {
        panic!()
    };
    let scopes = mutation_effects("a.b.update", verb)
        .into_iter()
        .map(Scope::endpoint)
        .collect();
    assert_eq!(cache.begin_mutation(scopes).1, 3);
    let left: Vec<&str> = keys.into_iter().filter(|key| cache.has(key)).collect();
    assert_eq!(left, ["a.bb.get:1", "xa.b.get:1", "a.b:1", "ab.get:1"]);
}

#[test]
fn h26_nothing_grows_with_time() {
    let clock = ManualClock::at(0.0);
    let limits = Limits {
        max_entries: 100,
        ..Limits::default()
    };
    let cache: Tested = Cache::native_within(clock.clone(), limits);
    let mut sizes = Vec::new();
    for n in 0..300_000_u64 {
        let key = format!("a{}.get:user:{}:{n}", n % 50, n % 1_000);
        let load = miss(&cache, &key);
        let mut store = second();
        store.tags.push(format!("t{}", n % 777));
        match n % 5 {
            0 => cache.abandon(load, 10.0),
            1 => _ = cache.refuse(load),
            _ => cache.fill(load, &key, n, store).unwrap(),
        }
        if n % 11 == 0 {
            let tag = Some(format!("t{}", n % 777));
            cache
                .invalidate(&KeyPattern::scope(Scope {
                    tag,
                    ..Scope::default()
                }))
                .unwrap();
        }
        clock.advance(7.0);
        if n % 100_000 == 99_999 {
            let groups = cache.engine().borrow().groups();
            assert!(groups <= 500, "{groups} groups");
            sizes.push(cache.stats().overhead_bytes);
        }
    }
    assert_eq!(sizes[1], sizes[2], "{sizes:?}");
    cache.check_invariants().unwrap();
}

#[test]
fn h31_lookups_add_up() {
    let (cache, clock) = cache();
    assert_eq!(
        (cache.stats().hit_rate(), cache.stats().miss_rate()),
        (0.0, 0.0)
    );
    let mut asked = 0.0;
    for n in 0..1_000_u64 {
        let key = format!("a.get:{}", n % 7);
        asked += 1.0;
        match (
            n % 4,
            cache.begin(
                &key,
                &ReadOptions {
                    alone: n % 5 == 0,
                    ..ReadOptions::default()
                },
            ),
        ) {
            (0, Plan::Miss(load, _)) => cache.fill(load, &key, n, second()).unwrap(),
            (1, Plan::Miss(load, _)) => cache.abandon(load, 0.0),
            _ => {}
        }
        asked += 1.0;
        cache.get(&key);
        clock.advance(100.0);
    }
    let (stats, counters) = (cache.stats(), cache.stats().counters);
    assert_eq!(
        counters.hits + (counters.misses + counters.bypasses) as f64,
        asked
    );
    assert!((stats.hit_rate() + stats.miss_rate() - 1.0).abs() < 1e-12);
    assert!(counters.bypasses > 0 && counters.joined > 0 && counters.hits > 0.0);
}
