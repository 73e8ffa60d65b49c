//! Deadlines, expired entries and ages.

use super::*;

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
