//! Deadlines, expired entries and ages.

use super::*;

#[test]
fn an_entry_is_alive_at_its_deadline_and_expired_after_it() {
    let (cache, clock) = cache();
    cache.set("a.get:1", 1, second()).unwrap();
    clock.advance(1_000.0);
    assert_eq!(cache.get("a.get:1"), Some(1));
    assert!(matches!(
        cache.begin("a.get:1", &ReadOptions::default()),
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
        .set("a.get:ever", 9, PutOptions::fresh_for(Ttl::FOREVER))
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

/// Numbers below a bound, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[test]
fn what_has_expired_is_known_whatever_the_times_to_live() {
    // One TTL, as many as a service has, more than there are lists for them, and jittered ones of which few fit together.
    for ttls in [1, 4, 12, 5_000] {
        let (cache, clock) = cache();
        let mut numbers = Numbers(ttls);
        let mut ends = std::collections::BTreeMap::new();
        let mut now = 1_000.0;
        for step in 0..4_000 {
            let key = format!("a.get:{}", numbers.below(300));
            match numbers.below(8) {
                0 => {
                    assert_eq!(cache.delete(&key), ends.remove(&key).is_some(), "{step}");
                }
                1 => {
                    let passed = numbers.below(40) as f64;
                    clock.advance(passed);
                    now += passed;
                }
                _ => {
                    let ttl = 10.0 + numbers.below(ttls) as f64;
                    cache
                        .set(&key, step, PutOptions::fresh_for(ms(ttl)))
                        .unwrap();
                    ends.insert(key, now + ttl);
                }
            }
            let expired = ends.values().filter(|end| **end < now).count();
            assert_eq!(cache.stats().expired_entries, expired, "{step} of {ttls}");
            if numbers.below(50) == 0 {
                assert_eq!(cache.cleanup_expired(), expired, "{step} of {ttls}");
                ends.retain(|_, end| *end >= now);
            }
            sound(&cache);
        }
    }
}
