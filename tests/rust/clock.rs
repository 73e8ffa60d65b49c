//! Time: what a clock reads, and what the engine takes for the time.

use super::helpers::{Tested, for_seconds};
use endpoint_cache::core::cache::{Cache, HashStore, KeyPattern, ReadOptions};
use endpoint_cache::core::clock::{Clock, ManualClock, Monotone};
use endpoint_cache::core::engine::Plan;
use endpoint_cache::core::groups::Scope;

fn at(ms: f64) -> (Tested, ManualClock) {
    let clock = ManualClock::at(ms);
    (Cache::native(clock.clone()), clock)
}

/// How many seconds pass until a key is gone.
fn life(cache: &Tested, clock: &ManualClock, key: &str) -> u32 {
    let mut passed = 0;
    while cache.has(key) && passed < 10_000 {
        clock.advance(1_000.0);
        passed += 1;
    }
    passed
}

#[test]
fn a6_a_clock_that_was_ahead_for_one_reading_lengthens_no_life() {
    for ahead in [1.0, 3_600e3, 1e12, 9e15, 1e17, 1e300, f64::MAX] {
        for start in [0.0, 1e12, -1e12] {
            let (cache, clock) = at(start);
            cache.set("a.get:before", 1, for_seconds(10.0)).unwrap();
            clock.set(start + ahead);
            cache.set("a.get:far", 2, for_seconds(10.0)).unwrap();
            clock.set(start);
            cache.set("a.get:after", 3, for_seconds(10.0)).unwrap();
            assert_eq!(
                life(&cache, &clock, "a.get:after"),
                11,
                "{ahead} from {start}"
            );
            assert!(!cache.has("a.get:far") && !cache.has("a.get:before"));
        }
    }
}

#[test]
fn a6_a_clock_that_was_behind_for_one_reading_counts_what_it_made_up_for() {
    for behind in [1.0, 3_600e3, 1e12, 1e300, f64::MAX] {
        let (cache, clock) = at(1e12);
        cache.set("a.get:1", 1, for_seconds(10.0)).unwrap();
        clock.set(1e12 - behind);
        // Nothing is lost by the step back itself, and nothing lives for ever by the step forward.
        assert!(cache.has("a.get:1"), "{behind}");
        clock.set(1e12 + 10_001.0);
        assert!(!cache.has("a.get:1"), "{behind}");
        cache.set("a.get:2", 2, for_seconds(10.0)).unwrap();
        assert_eq!(life(&cache, &clock, "a.get:2"), 11, "{behind}");
    }
}

#[test]
fn a6_steps_back_again_and_again_leave_each_entry_the_life_it_has_left() {
    let (cache, clock) = at(1e12);
    cache.set("a.get:1", 1, for_seconds(10.0)).unwrap();
    for _ in 0..10 {
        clock.advance(1_000.0);
        assert!(cache.has("a.get:1"));
        clock.advance(-86_400e3);
        assert!(cache.has("a.get:1"));
    }
    clock.advance(1.0);
    assert!(!cache.has("a.get:1"));
}

#[test]
fn a6_moments_are_told_by_what_the_clock_reads() {
    let (cache, clock) = at(1e12);
    cache.set("a.get:1", 1, for_seconds(10.0)).unwrap();
    cache.set("a.get:2", 2, for_seconds(10.0)).unwrap();
    clock.set(5e11);
    cache.delete("a.get:1");
    let explained = cache.explain("a.get:1");
    assert_eq!(explained.removal.as_ref().unwrap().at.as_millis(), 5e11);
    assert_eq!(explained.summary(), "absent: deleted at 500000000000");
    clock.set(5e11 + 7_000.0);
    let explained = cache.explain("a.get:1");
    assert_eq!(explained.removal.unwrap().at.as_millis(), 5e11);
    cache
        .invalidate(&KeyPattern::scope(Scope::default()))
        .unwrap();
    // By a clock that reads another year, it was as long ago as it was.
    clock.set(1_000.0);
    let removed = |cache: &Tested| cache.explain("a.get:2").invalidation.unwrap().at;
    assert_eq!(removed(&cache).as_millis(), 1_000.0);
    clock.advance(5.0);
    assert_eq!(removed(&cache).as_millis(), 1_000.0);
}

#[test]
fn a6_a_load_that_hangs_and_a_pause_after_a_failure_end_under_a_clock_that_stepped_back() {
    let (cache, clock) = at(1e12);
    let ask = ReadOptions {
        stale_if_error: 1e9,
        ..ReadOptions::default()
    };
    let mut store = for_seconds(1.0);
    store.write.window = 1e9;
    cache.set("a.get:1", 1, store).unwrap();
    clock.advance(1_001.0);
    let Plan::Miss(load, Some(_)) = cache.begin("a.get:1", &ask) else {
        panic!("a load, and a stale value to serve if it fails");
    };
    cache.abandon(load, 500.0);
    clock.advance(-3_600e3);
    assert!(matches!(cache.begin("a.get:1", &ask), Plan::Stale(_, None)));
    clock.advance(501.0);
    assert!(matches!(cache.begin("a.get:1", &ask), Plan::Miss(..)));
}

#[test]
fn readings_become_a_time_that_runs_on_and_never_back() {
    let mut time = Monotone::default();
    let mut read = |ms: f64| time.read(ms).as_millis();
    assert_eq!(read(100.0), 100.0);
    assert_eq!(read(130.0), 130.0);
    assert_eq!(read(30.0), 130.0);
    assert_eq!(read(50.0), 150.0);
    assert_eq!(read(f64::NAN), 150.0);
    assert_eq!(read(f64::NEG_INFINITY), 150.0);
    assert_eq!(read(51.0), 151.0);
    assert_eq!(read(-1e9), 151.0);
    assert_eq!(read(-1e9 + 1.0), 152.0);
    assert_eq!((time.reading(), time.errors()), (-1e9 + 1.0, 2));
    assert_eq!(time.latest().as_millis(), 152.0);
}

#[test]
fn time_told_before_the_first_reading_is_not_taken_back() {
    let mut time = Monotone::default();
    assert_eq!(time.read(f64::NAN).as_millis(), 0.0);
    assert_eq!(time.read(-5_000.0).as_millis(), 0.0);
    assert_eq!(time.read(-4_000.0).as_millis(), 1_000.0);
}

/// A host that keeps the offset itself, as JavaScript does.
struct Host(ManualClock);

impl Clock for Host {
    const READS_ENGINE_TIME: bool = true;

    fn now(&self) -> f64 {
        self.0.now()
    }

    fn reading(&self) -> Option<f64> {
        Some(self.0.now() - 1_000.0)
    }
}

#[test]
fn a_host_that_keeps_the_offset_is_taken_at_its_word() {
    let clock = ManualClock::at(1_000.0);
    let cache: Cache<HashStore<u64>, Host> = Cache::native(Host(clock.clone()));
    cache.set("a.get:1", 1, for_seconds(1.0)).unwrap();
    // Farther than any clock is believed, and still the host's own time.
    clock.set(1e17);
    assert_eq!(cache.now().as_millis(), 1e17);
    cache.delete("a.get:1");
    let removed = cache.explain("a.get:1").removal.unwrap();
    assert_eq!(removed.at.as_millis(), 1e17 - 1_000.0);
    assert_eq!(cache.clock_reading(), 1e17 - 1_000.0);
}
