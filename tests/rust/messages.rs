//! What the core says in words, and the ways in that only some hosts take.

use super::helpers::for_seconds;
use endpoint_cache::core::cache::{Cache, KeyPattern};
use endpoint_cache::core::clock::ManualClock;
use endpoint_cache::core::endpoint::EndpointPattern;
use endpoint_cache::core::groups::Scope;
use endpoint_cache::core::stats::{Refusal, Stats};
use endpoint_cache::core::time::Ttl;

const KEY: &str = "storycore.prompt.list:0123456789abcdef";

#[test]
fn a_ttl_in_words_has_a_unit() {
    let seconds = |text: &str| Ttl::parse(text).unwrap().as_seconds();
    assert_eq!(seconds("250ms"), 0.25);
    assert_eq!(seconds("90s"), 90.0);
    assert_eq!(seconds("2m"), 120.0);
    assert_eq!(seconds("1.5h"), 5_400.0);
    assert_eq!(seconds("7d"), 604_800.0);
    assert_eq!(seconds("0s"), f64::INFINITY);
    for unreadable in ["", "90", "s", "-1s", "1 week", "1.2.3s"] {
        let error = Ttl::parse(unreadable).unwrap_err();
        assert_eq!(error.code(), "ERR_TTL");
        assert!(
            error
                .to_string()
                .starts_with("a ttl in words is a number and one of ms, s, m, h, d")
        );
    }
    let error = Ttl::from_seconds(-1.0).unwrap_err();
    assert!(error.to_string().ends_with("not -1"), "{error}");
    assert_eq!(
        Ttl::from_seconds(10.0).unwrap().scaled(0.5).as_millis(),
        5_000.0
    );
    assert_eq!(Ttl::FOREVER.scaled(0.5), Ttl::FOREVER);
}

#[test]
fn every_refusal_has_a_name_and_a_sentence_of_its_own() {
    let mut names: Vec<&str> = Refusal::ALL.iter().map(|refusal| refusal.name()).collect();
    let mut sentences: Vec<String> = Refusal::ALL.iter().map(Refusal::to_string).collect();
    names.sort_unstable();
    names.dedup();
    sentences.sort_unstable();
    sentences.dedup();
    assert_eq!(
        (names.len(), sentences.len()),
        (Refusal::COUNT, Refusal::COUNT)
    );
}

#[test]
fn rates_are_zero_before_the_first_lookup() {
    let mut stats = Stats::default();
    assert_eq!((stats.hit_rate(), stats.miss_rate()), (0.0, 0.0));
    stats.counters.hits = 3.0;
    stats.counters.misses = 1;
    assert_eq!((stats.hit_rate(), stats.miss_rate()), (0.75, 0.25));
}

#[test]
fn an_explanation_follows_an_entry_through_its_life() {
    let clock = ManualClock::at(1_000.0);
    let cache = Cache::native(clock.clone());
    let summary = || cache.explain(KEY).summary();
    assert!(summary().starts_with("absent: not stored"), "{}", summary());
    cache.set(KEY, 1, for_seconds(10.0)).unwrap();
    clock.advance(4_000.0);
    assert!(summary().starts_with("fresh: stored 4"), "{}", summary());
    clock.advance(7_000.0);
    assert!(summary().starts_with("expired 1"), "{}", summary());
    cache.cleanup_expired();
    assert!(summary().starts_with("absent: expired at"), "{}", summary());
    cache.set(KEY, 2, for_seconds(0.0)).unwrap();
    assert!(summary().contains("never expires"), "{}", summary());
    let prompts = EndpointPattern::parse("storycore.prompt.*").unwrap();
    cache
        .invalidate(&KeyPattern::scope(Scope::endpoint(prompts)))
        .unwrap();
    assert!(summary().contains("storycore.prompt.*"), "{}", summary());
    let mut kept = for_seconds(10.0);
    kept.write.window = 60_000.0;
    cache.set(KEY, 3, kept).unwrap();
    clock.advance(11_000.0);
    assert!(summary().starts_with("stale: expired 1"), "{}", summary());
}

#[test]
fn a_value_read_before_the_delete_of_an_absent_key_is_not_stored_against_its_moment() {
    let cache = Cache::native(ManualClock::at(0.0));
    let moment = || cache.engine().borrow().moment();
    let before = moment();
    assert!(cache.lookup(KEY, None).is_none());
    cache.delete(KEY);
    let late = cache.set_since(before, KEY, 1, for_seconds(10.0));
    assert_eq!(late, Err(Refusal::Invalidated));
    assert_eq!(cache.set_since(moment(), KEY, 2, for_seconds(10.0)), Ok(()));
    assert_eq!(
        cache.lookup(KEY, None).and_then(|slot| cache.value(slot)),
        Some(2)
    );
    let again = cache.set_since(moment(), KEY, 3, for_seconds(10.0));
    assert_eq!(
        again,
        Err(Refusal::Superseded),
        "a value set meanwhile is newer"
    );
    cache.clear();
    let prompts = EndpointPattern::parse("storycore.prompt.*").unwrap();
    let scopes = vec![Scope::endpoint(prompts)];
    let (mutation_id, _) = cache.begin_mutation(scopes.clone());
    let during = cache.set_since(moment(), KEY, 4, for_seconds(10.0));
    assert_eq!(during, Err(Refusal::MutationActive));
    cache.settle(mutation_id, &scopes);
    assert_eq!(cache.check_invariants(), Ok(()));
}
