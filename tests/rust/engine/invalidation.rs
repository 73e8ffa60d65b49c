//! What an invalidation covers: tags, patterns, resource ids; and whose value a key is.

use super::*;

#[test]
fn a_load_that_assigns_an_invalidated_tag_is_refused_and_others_are_not() {
    let (cache, _) = cache();
    let [hit, other] = ["a.get:1", "a.get:2"].map(|key| miss(&cache, key));
    cache.invalidate(&tag("t")).unwrap();
    assert_eq!(cache.fill(other, "a.get:2", 2, tagged(&["u"])), Ok(()));
    assert_eq!(
        cache.fill(hit, "a.get:1", 1, tagged(&["t", "u"])),
        Err(Refusal::Invalidated)
    );
    let later = miss(&cache, "a.get:1");
    assert_eq!(cache.fill(later, "a.get:1", 3, tagged(&["t"])), Ok(()));
    assert_eq!(cache.invalidate(&tag("u")), Ok(1));
    assert_eq!(cache.invalidate(&tag("t")), Ok(1));
    sound(&cache);
}

#[test]
fn more_tags_than_are_remembered_refuse_every_load_that_has_any() {
    let (cache, _) = cache();
    let [bare, with] = ["a.get:1", "a.get:2"].map(|key| miss(&cache, key));
    for n in 0..1_025 {
        cache.invalidate(&tag(&format!("t{n}"))).unwrap();
    }
    assert_eq!(cache.fill(bare, "a.get:1", 1, second()), Ok(()));
    assert_eq!(
        cache.fill(with, "a.get:2", 2, tagged(&["x"])),
        Err(Refusal::Invalidated)
    );
    let later = miss(&cache, "a.get:2");
    assert_eq!(cache.fill(later, "a.get:2", 2, tagged(&["x"])), Ok(()));
    sound(&cache);
}

#[test]
fn tags_known_before_the_load_detach_it() {
    let (cache, _) = cache();
    let ask = ReadOptions {
        tags: vec!["t".to_owned()],
        ..ReadOptions::default()
    };
    let load = miss_with(&cache, "a.get:1", &ask);
    cache.invalidate(&tag("t")).unwrap();
    let later = miss_with(&cache, "a.get:1", &ask);
    assert_eq!(
        cache.fill(load, "a.get:1", 1, tagged(&["t"])),
        Err(Refusal::Invalidated)
    );
    assert_eq!(cache.fill(later, "a.get:1", 2, tagged(&["t"])), Ok(()));
    sound(&cache);
}

#[test]
fn new_tags_move_an_entry_to_another_group() {
    let (cache, _) = cache();
    cache.set("a.get:1", 1, tagged(&["old", "both"])).unwrap();
    cache.set("a.get:1", 2, tagged(&["both", "new"])).unwrap();
    sound(&cache);
    assert_eq!(cache.invalidate(&tag("old")), Ok(0));
    assert_eq!(cache.get("a.get:1"), Some(2));
    assert_eq!(cache.invalidate(&tag("new")), Ok(1));
    assert_eq!(cache.get("a.get:1"), None);
    sound(&cache);
}

#[test]
fn a_pattern_covers_loads_too() {
    let patterns = [
        KeyPattern::text(TextPattern::regex("^a").unwrap()),
        KeyPattern::text(TextPattern::glob("*:user:ann:*").unwrap()),
        KeyPattern::text(TextPattern::prefix("a.get:").unwrap()),
        KeyPattern::scope(under("a")),
        user("ann"),
        KeyPattern {
            text: Some(TextPattern::prefix("a.").unwrap()),
            scope: user("ann").scope,
        },
    ];
    for pattern in patterns {
        let (cache, _) = cache();
        let load = miss(&cache, "a.get:user:ann:1");
        let spared = miss(&cache, "b.get:user:bob:1");
        assert_eq!(cache.invalidate(&pattern), Ok(0), "{pattern}");
        let later = miss(&cache, "a.get:user:ann:1");
        let refused = cache.fill(load, "a.get:user:ann:1", 1, second());
        assert_eq!(refused, Err(Refusal::Invalidated), "{pattern}");
        assert_eq!(
            cache.fill(later, "a.get:user:ann:1", 2, second()),
            Ok(()),
            "{pattern}"
        );
        assert_eq!(
            cache.fill(spared, "b.get:user:bob:1", 3, second()),
            Ok(()),
            "{pattern}"
        );
        assert_eq!(cache.invalidate(&pattern), Ok(1), "{pattern}");
        sound(&cache);
    }
}

#[test]
fn clear_covers_every_load() {
    let (cache, _) = cache();
    let load = miss(&cache, "a.get:1");
    cache.set("a.get:2", 2, second()).unwrap();
    assert_eq!(cache.clear(), 1);
    let later = miss(&cache, "a.get:1");
    assert_eq!(
        cache.fill(load, "a.get:1", 1, second()),
        Err(Refusal::Invalidated)
    );
    assert_eq!(cache.fill(later, "a.get:1", 2, second()), Ok(()));
    assert_eq!(cache.get("a.get:1"), Some(2));
    sound(&cache);
}

/// Rules that name the parameter of a resource's id, and params with that id.
fn narrowed(endpoint: &str, id: &str) -> (Option<String>, Vec<Scope>) {
    let mut rules = EndpointRules::new();
    let spec = RuleSpec {
        resource_id: Some("id".to_owned()),
        ..RuleSpec::default()
    };
    rules.add(Rule {
        pattern: EndpointPattern::parse("shop.item.*").unwrap(),
        spec,
    });
    let resolved = rules.resolve(endpoint);
    let params = canonical_params(&format!(r#"{{"id":"{id}"}}"#)).unwrap();
    let narrowing = resolved.narrowing(&params);
    let scope = |pattern| Scope {
        narrowing: narrowing.clone(),
        ..Scope::endpoint(pattern)
    };
    let scopes = resolved.invalidates.iter().cloned().map(scope).collect();
    (resolved.id_tag(&params), scopes)
}

#[test]
fn a_mutation_of_one_resource_id_leaves_the_others_alone() {
    let (cache, _) = cache();
    let own = |id: &str| narrowed("shop.item.get", id).0.unwrap();
    for id in ["7", "8"] {
        cache
            .set(&format!("shop.item.get:{id}"), 1, tagged(&[&own(id)]))
            .unwrap();
    }
    cache.set("shop.item.get:other", 1, second()).unwrap();
    cache.set("shop.item.list:1", 1, second()).unwrap();
    let [seven, eight] = ["get:70", "get:80"].map(|key| miss(&cache, &format!("shop.item.{key}")));
    let scopes = narrowed("shop.item.update", "7").1;
    let (mutation_id, went) = cache.begin_mutation(scopes.clone());
    assert_eq!(went, 3);
    assert_eq!(cache.get("shop.item.get:8"), Some(1));
    let fill = |load, id: &str| {
        cache.fill(
            load,
            &format!("shop.item.get:{id}0"),
            2,
            tagged(&[&own(id)]),
        )
    };
    assert_eq!(fill(seven, "7"), Err(Refusal::Invalidated));
    // The load's own tag shows at its end only, so it was detached with the others.
    assert_eq!(fill(eight, "8"), Err(Refusal::Invalidated));
    let ask = |id: &str| ReadOptions {
        tags: vec![own(id)],
        ..ReadOptions::default()
    };
    let seven = miss_with(&cache, "shop.item.get:70", &ask("7"));
    let eight = miss_with(&cache, "shop.item.get:80", &ask("8"));
    assert_eq!(fill(seven, "7"), Err(Refusal::MutationActive));
    assert_eq!(fill(eight, "8"), Ok(()));
    assert_eq!(cache.settle(mutation_id, &scopes), 0);
    assert_eq!(cache.get("shop.item.get:80"), Some(2));
    sound(&cache);
}

#[test]
fn a_load_that_drops_the_tag_that_spared_it_is_refused() {
    let (cache, _) = cache();
    let eight = narrowed("shop.item.get", "8").0.unwrap();
    let ask = ReadOptions {
        tags: vec![eight],
        ..ReadOptions::default()
    };
    let load = miss_with(&cache, "shop.item.get:8", &ask);
    let scopes = narrowed("shop.item.update", "7").1;
    let (mutation_id, _) = cache.begin_mutation(scopes.clone());
    cache.settle(mutation_id, &scopes);
    assert_eq!(
        cache.fill(load, "shop.item.get:8", 1, second()),
        Err(Refusal::Invalidated)
    );
    sound(&cache);
}

#[test]
fn a_digest_tells_two_requests_of_one_key_apart() {
    let (cache, _) = cache();
    let ask = |byte| ReadOptions {
        digest: Some([byte; 32]),
        ..ReadOptions::default()
    };
    let load = miss_with(&cache, "a.get:1", &ask(1));
    let other = Plan::Bypass(BypassReason::Collision);
    assert_eq!(cache.begin("a.get:1", &ask(2)), other);
    assert_eq!(cache.begin("a.get:1", &ask(1)), Plan::Join(load, None));
    let write = Write {
        digest: Some([1; 32]),
        ..second().write
    };
    assert_eq!(
        cache.fill(load, "a.get:1", 1, PutOptions { write, ..second() }),
        Ok(())
    );
    assert_eq!(cache.begin("a.get:1", &ask(2)), other);
    assert!(matches!(cache.begin("a.get:1", &ask(1)), Plan::Hit(..)));
    // A replaced entry is the other request's.
    let write = Write {
        digest: Some([2; 32]),
        ..second().write
    };
    cache
        .set("a.get:1", 2, PutOptions { write, ..second() })
        .unwrap();
    assert_eq!(cache.begin("a.get:1", &ask(1)), other);
    assert!(matches!(cache.begin("a.get:1", &ask(2)), Plan::Hit(..)));
    sound(&cache);
}

#[test]
fn keys_of_eight_bits_serve_nobody_anothers_value() {
    let (cache, clock) = cache();
    let (mut hits, mut collisions) = (0, 0);
    for n in 0..100_000_u64 {
        let request = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54;
        let key = format!("a.get:{:02x}", request % 256);
        let mut digest = [1; 32];
        digest[..8].copy_from_slice(&request.to_le_bytes());
        let ask = ReadOptions {
            digest: Some(digest),
            ..swr(200.0)
        };
        match cache.begin(&key, &ask) {
            Plan::Hit(slot, load) | Plan::Stale(slot, load) => {
                assert_eq!(cache.value(slot), Some(request));
                load.into_iter().for_each(|load| cache.abandon(load, 0.0));
                hits += 1;
            }
            Plan::Miss(load, stand_in) => {
                assert_eq!(stand_in, None);
                let write = Write {
                    digest: Some(digest),
                    window: 200.0,
                    ..second().write
                };
                let filled = cache.fill(load, &key, request, PutOptions { write, ..second() });
                assert_eq!(filled, Ok(()));
            }
            plan => {
                assert_eq!(plan, Plan::Bypass(BypassReason::Collision));
                collisions += 1;
            }
        }
        clock.advance(1.0);
    }
    assert!(
        hits > 10_000 && collisions > 10_000,
        "{hits} hits, {collisions} collisions"
    );
    sound(&cache);
}
