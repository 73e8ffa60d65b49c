//! What mutations invalidate, and how a user's rules override the built-in ones.

use endpoint_cache::core::endpoint::EndpointPattern;
use endpoint_cache::core::key::canonical_params;
use endpoint_cache::core::rules::PolicyOverrides;
use endpoint_cache::core::rules::{
    EndpointClass, EndpointRules, Resolved, Rule, RuleSpec, TtlKind, Verb, Visibility,
    mutation_effects,
};
use proptest::prelude::*;

#[track_caller]
fn pattern(text: &str) -> EndpointPattern {
    EndpointPattern::parse(text).unwrap()
}

#[track_caller]
fn rules(given: &[(&str, RuleSpec)]) -> EndpointRules {
    let mut rules = EndpointRules::new();
    for (text, spec) in given {
        rules.add(Rule {
            pattern: pattern(text),
            spec: spec.clone(),
        });
    }
    rules
}

fn hits(effects: &[EndpointPattern], endpoint: &str) -> bool {
    effects.iter().any(|pattern| pattern.covers(endpoint))
}

fn resolved(endpoint: &str) -> Resolved {
    EndpointRules::new().resolve(endpoint)
}

fn ttl(ms: f64) -> RuleSpec {
    RuleSpec {
        policy: PolicyOverrides {
            ttl: Some(ms),
            ..PolicyOverrides::default()
        },
        ..RuleSpec::default()
    }
}

/// What each verb on `app.doc.page` touches among a crowd of names.
#[test]
fn effects_of_the_verbs() {
    const ALL: [&str; 16] = [
        "app.doc.page.list",
        "app.doc.page.get",
        "app.doc.page.search",
        "app.doc.page.status",
        "app.doc.page.analyze",
        "app.doc.page.schema",
        "app.doc.page.config",
        "app.doc.page.note.list",
        "app.doc.page.note.schema",
        "app.doc.list",
        "app.doc.schema",
        "app.doc.line.get",
        "app.doc.pages.list",
        "app.doc.page",
        "app.list",
        "xapp.doc.page.list",
    ];
    let everything = &ALL[..9];
    let views = &[0, 1, 2, 3, 4, 7].map(|at| ALL[at])[..];
    let with_parent = &[0, 1, 2, 3, 4, 7, 9, 11, 12].map(|at| ALL[at])[..];
    for (verb, expected) in [
        ("update", everything),
        ("delete", everything),
        ("clear", everything),
        ("create", views),
        ("generate", views),
        ("execute", views),
        ("add", with_parent),
        ("remove", with_parent),
    ] {
        let resolved = resolved(&format!("app.doc.page.{verb}"));
        let touched: Vec<_> = ALL
            .into_iter()
            .filter(|name| hits(&resolved.invalidates, name))
            .collect();
        assert_eq!(touched, expected, "{verb}");
    }
}

#[test]
fn effects_at_the_top() {
    let add = mutation_effects("prompt.add", Verb::Add);
    assert!(hits(&add, "prompt.list") && !hits(&add, "other.list"));
    let create = mutation_effects("create", Verb::Create);
    assert!(hits(&create, "list") && hits(&create, "any.get") && !hits(&create, "any.schema"));
    let clear = mutation_effects("clear", Verb::Clear);
    assert!(hits(&clear, "any.schema"));
    assert!(resolved("a.list").invalidates.is_empty());
    assert!(resolved("a.unknown").invalidates.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// H25: over names that share prefixes, an update covers exactly what lies under its resource.
    #[test]
    fn updates_cover_their_resource_and_nothing_else(
        resource in prop::collection::vec("prompts?|Xprompt|a", 1..4),
        other in prop::collection::vec("prompts?|Xprompt|a|list", 1..5),
    ) {
        let effects = resolved(&format!("{}.update", resource.join("."))).invalidates;
        let under = other.len() > resource.len() && other.starts_with(&resource);
        prop_assert_eq!(hits(&effects, &other.join(".")), under);
    }
}

#[test]
fn without_rules_the_name_decides() {
    let read = resolved("a.b.list");
    assert_eq!(read.class, EndpointClass::Read(TtlKind::List));
    assert_eq!(read.visibility, Visibility::Auto);
    assert_eq!(read.policy, PolicyOverrides::default());
    assert!(read.tags.is_empty() && read.vary.is_empty());
    assert_eq!(
        resolved("a.b.create").class,
        EndpointClass::Mutation(Verb::Create)
    );
    assert_eq!(resolved("a.b.c").class, EndpointClass::Other);
}

#[test]
fn the_most_specific_rule_is_asked_first() {
    let rules = rules(&[
        ("*", ttl(1.0)),
        ("*.list", ttl(2.0)),
        ("a.*", ttl(3.0)),
        ("a.b.*", ttl(4.0)),
        ("a.b.list", ttl(5.0)),
        ("a.*.list", ttl(6.0)),
        ("a.c.*", ttl(7.0)),
        ("a.c.*", ttl(8.0)),
        ("x.y", ttl(9.0)),
        ("x.y.*", ttl(10.0)),
    ]);
    for (endpoint, expected) in [
        ("z.get", 1.0),
        ("z.list", 2.0),
        ("a.get", 3.0),
        ("a.list", 3.0),
        ("a.b.get", 4.0),
        ("a.b.list", 5.0),
        ("a.z.list", 6.0),
        ("a.c.get", 8.0),
        ("a.c.list", 8.0),
        ("x.y", 9.0),
    ] {
        assert_eq!(
            rules.resolve(endpoint).policy.ttl,
            Some(expected),
            "{endpoint}"
        );
    }
    assert_eq!(rules.iter().count(), 10);
}

#[test]
fn exact_beats_wildcard_whatever_the_order() {
    let spec = [("a.b", ttl(1.0)), ("*.a.b", ttl(2.0)), ("a.*.b", ttl(3.0))];
    let mut reversed = spec.clone();
    reversed.reverse();
    for given in [spec, reversed] {
        assert_eq!(rules(&given).resolve("a.b").policy.ttl, Some(1.0));
    }
}

#[test]
fn each_field_is_decided_by_the_first_rule_that_mentions_it() {
    let rules = rules(&[
        (
            "a.*",
            RuleSpec {
                visibility: Some(Visibility::Shared),
                policy: PolicyOverrides {
                    ttl: Some(1.0),
                    jitter: Some(0.1),
                    ..PolicyOverrides::default()
                },
                tags: vec!["app".into(), "both".into()],
                vary: vec!["locale".into()],
                ..RuleSpec::default()
            },
        ),
        (
            "a.b.list",
            RuleSpec {
                policy: PolicyOverrides {
                    ttl: Some(2.0),
                    ..PolicyOverrides::default()
                },
                tags: vec!["list".into(), "both".into()],
                vary: vec!["tenant".into(), "locale".into()],
                ..RuleSpec::default()
            },
        ),
    ]);
    let found = rules.resolve("a.b.list");
    assert_eq!(found.visibility, Visibility::Shared);
    assert_eq!(
        (found.policy.ttl, found.policy.jitter),
        (Some(2.0), Some(0.1))
    );
    assert_eq!(found.tags, ["list", "both", "app"]);
    assert_eq!(found.vary, ["tenant", "locale"]);
}

#[test]
fn policies_merge_field_by_field() {
    let full = |value: f64| PolicyOverrides {
        ttl: Some(value),
        stale_while_revalidate: Some(value),
        stale_if_error: Some(value),
        soft_timeout: Some(value),
        hard_timeout: Some(value),
        jitter: Some(value),
        eager_refresh: Some(value),
        negative_ttl: Some(value),
        retry_backoff: Some(value),
    };
    let none = PolicyOverrides::default();
    assert_eq!(PolicyOverrides::merge(&full(1.0), &full(2.0)), full(1.0));
    assert_eq!(PolicyOverrides::merge(&none, &full(2.0)), full(2.0));
    assert_eq!(PolicyOverrides::merge(&full(1.0), &none), full(1.0));
}

#[test]
fn rules_decide_what_is_cached_and_what_changes() {
    let cache = |flag| RuleSpec {
        cache: Some(flag),
        ..RuleSpec::default()
    };
    let mutation = |flag| RuleSpec {
        mutation: Some(flag),
        ..RuleSpec::default()
    };
    let both = RuleSpec {
        cache: Some(true),
        mutation: Some(false),
        ..RuleSpec::default()
    };
    for (spec, endpoint, class) in [
        (cache(false), "a.list", EndpointClass::Other),
        (cache(true), "a.list", EndpointClass::Read(TtlKind::List)),
        (
            cache(true),
            "a.report",
            EndpointClass::Read(TtlKind::Metadata),
        ),
        (cache(false), "a.report", EndpointClass::Other),
        (
            cache(true),
            "a.x%2ey",
            EndpointClass::Read(TtlKind::Metadata),
        ),
        (
            mutation(true),
            "a.publish",
            EndpointClass::Mutation(Verb::Custom),
        ),
        (
            mutation(true),
            "a.list",
            EndpointClass::Mutation(Verb::Custom),
        ),
        (
            mutation(true),
            "a.create",
            EndpointClass::Mutation(Verb::Create),
        ),
        (mutation(false), "a.generate", EndpointClass::Other),
        (
            mutation(false),
            "a.list",
            EndpointClass::Read(TtlKind::List),
        ),
        (both, "a.generate", EndpointClass::Read(TtlKind::Metadata)),
        // Changing wins: a broad `cache: true` does not make a create cacheable.
        (
            cache(true),
            "a.create",
            EndpointClass::Mutation(Verb::Create),
        ),
        (
            cache(false),
            "a.create",
            EndpointClass::Mutation(Verb::Create),
        ),
    ] {
        let found = rules(&[("a.*", spec.clone())]).resolve(endpoint);
        assert_eq!(found.class, class, "{endpoint} with {spec:?}");
    }
    let both_flags = RuleSpec {
        cache: Some(true),
        mutation: Some(true),
        ..RuleSpec::default()
    };
    let class = rules(&[("*", both_flags)]).resolve("a.b").class;
    assert_eq!(class, EndpointClass::Mutation(Verb::Custom));
}

/// A20: no rule makes a malformed name anything.
#[test]
fn malformed_names_stay_other() {
    let spec = RuleSpec {
        cache: Some(true),
        mutation: Some(true),
        ..RuleSpec::default()
    };
    let rules = rules(&[("*", spec)]);
    for name in ["", ".", "a..b", "a.", ".a", "a b", "a:b", "a.b\n"] {
        assert_eq!(rules.resolve(name).class, EndpointClass::Other, "{name:?}");
    }
}

#[test]
fn effects_are_replaced_and_extended() {
    let rules = rules(&[
        (
            "a.b.update",
            RuleSpec {
                invalidates: Some(vec![pattern("a.b.get")]),
                ..RuleSpec::default()
            },
        ),
        (
            "a.*",
            RuleSpec {
                also_invalidates: vec![pattern("dashboard.*")],
                ..RuleSpec::default()
            },
        ),
        (
            "a.silent.update",
            RuleSpec {
                invalidates: Some(Vec::new()),
                ..RuleSpec::default()
            },
        ),
    ]);
    let replaced = rules.resolve("a.b.update").invalidates;
    assert_eq!(replaced, [pattern("a.b.get"), pattern("dashboard.*")]);
    let extended = rules.resolve("a.c.update").invalidates;
    assert!(hits(&extended, "a.c.list") && hits(&extended, "dashboard.get"));
    assert_eq!(
        rules.resolve("a.silent.update").invalidates,
        [pattern("dashboard.*")]
    );
    assert!(rules.resolve("a.c.list").invalidates.is_empty());
}

fn by_id(name: &str) -> RuleSpec {
    RuleSpec {
        resource_id: Some(name.to_owned()),
        ..RuleSpec::default()
    }
}

#[test]
fn id_tags() {
    let rules = rules(&[("app.prompt.*", by_id("prompt_id"))]);
    let get = rules.resolve("app.prompt.get");
    for (params, tag) in [
        (r#"{"prompt_id":"7"}"#, Some("app.prompt#7")),
        (r#"{"prompt_id":7}"#, Some("app.prompt#7")),
        (r#"{"prompt_id":7.0}"#, Some("app.prompt#7")),
        (r#"{"prompt_id":"a#b"}"#, Some("app.prompt#a#b")),
        (r#"{"prompt_id":null}"#, None),
        (r#"{"prompt_id":[7]}"#, None),
        (r#"{"id":7}"#, None),
        ("{}", None),
    ] {
        let params = canonical_params(params).unwrap();
        assert_eq!(get.id_tag(&params).as_deref(), tag, "{}", params.text);
    }
    let seven = canonical_params(r#"{"prompt_id":7}"#).unwrap();
    assert_eq!(resolved("app.prompt.get").id_tag(&seven), None);
}

#[test]
fn a_mutation_of_one_id_spares_the_others() {
    let rules = rules(&[("app.prompt.*", by_id("id"))]);
    let seven = canonical_params(r#"{"id":7}"#).unwrap();
    for verb in ["update", "delete", "create", "execute", "generate"] {
        let update = rules.resolve(&format!("app.prompt.{verb}"));
        let narrowing = update.narrowing(&seven).unwrap();
        assert_eq!(narrowing.endpoint(), "app.prompt.get");
        for (endpoint, tags, spared) in [
            ("app.prompt.get", &["app.prompt#8"][..], true),
            ("app.prompt.get", &["x", "app.prompt#8"], true),
            ("app.prompt.get", &["app.prompt#7"], false),
            ("app.prompt.get", &["app.prompt#8", "app.prompt#7"], false),
            ("app.prompt.get", &["app.prompt#7", "app.prompt#8"], false),
            ("app.prompt.get", &["app.prompts#8"], false),
            ("app.prompt.get", &[], false),
            ("app.prompt.list", &["app.prompt#8"], false),
            ("app.prompt.version.get", &["app.prompt.version#8"], false),
        ] {
            let found = narrowing.spares(endpoint, tags.iter().copied());
            assert_eq!(found, spared, "{verb}: {endpoint} {tags:?}");
        }
    }
    let root = self::rules(&[("*", by_id("id"))]).resolve("update");
    assert_eq!(root.narrowing(&seven).unwrap().endpoint(), "get");
}

#[test]
fn a_mutation_that_cannot_be_narrowed_touches_all() {
    let seven = canonical_params(r#"{"id":7}"#).unwrap();
    let unknown = canonical_params(r#"{"id":null}"#).unwrap();
    let rule = rules(&[("a.*", by_id("id"))]);
    assert!(rule.resolve("a.b.update").narrowing(&unknown).is_none());
    assert!(rule.resolve("a.b.clear").narrowing(&seven).is_none());
    assert!(rule.resolve("a.b.add").narrowing(&seven).is_none());
    assert!(rule.resolve("a.b.get").narrowing(&seven).is_none());
    assert!(resolved("a.b.update").narrowing(&seven).is_none());
    let mut spec = by_id("id");
    spec.invalidates = Some(vec![pattern("a.b.*")]);
    assert!(
        rules(&[("a.*", spec)])
            .resolve("a.b.update")
            .narrowing(&seven)
            .is_none()
    );
    let mut spec = by_id("id");
    spec.also_invalidates = vec![pattern("a.b.get")];
    assert!(
        rules(&[("a.*", spec)])
            .resolve("a.b.update")
            .narrowing(&seven)
            .is_none()
    );
}

/// A3: what cannot be told not to be a change is one, and touches what lies under the segments that can be read.
#[test]
fn a_malformed_name_is_a_change_where_it_may_be_one() {
    let uploads = RuleSpec {
        mutation: Some(true),
        ..RuleSpec::default()
    };
    let rules = rules(&[("files.*", uploads)]);
    for (name, touched) in [
        ("a.b.update ", "a.b.*"),
        (" a.b.update", "a.b.*"),
        ("a.b.update.", "a.b.*"),
        ("a.b..update", "a.b.*"),
        ("..a.update", "a.*"),
        ("a.b:update", "a.*"),
        ("a.b c.update", "a.*"),
        ("a.b\u{1f}.c.delete", "a.*"),
        ("a:update", "a.*"),
        ("files.:x", "files.*"),
        ("a.b.\u{a0}update", "a.b.*"),
    ] {
        let resolved = rules.resolve_request(name);
        assert!(
            matches!(resolved.class, EndpointClass::Mutation(_)),
            "{name:?}"
        );
        let patterns: Vec<String> = resolved
            .invalidates
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(patterns, [touched], "{name:?}");
    }
    // One word says nothing of what it touches, and never everything; what is no change stays out of the way.
    for name in [
        "", ".", ":", ":update", "update ", " ", "a b", "a:b", "a.b\n", "a..list", "a.list ",
        "a:list",
    ] {
        assert_eq!(
            rules.resolve_request(name).class,
            EndpointClass::Other,
            "{name:?}"
        );
    }
    assert!(matches!(
        rules.resolve_request("a.list").class,
        EndpointClass::Read(_)
    ));
    assert!(matches!(
        rules.resolve_request("update").class,
        EndpointClass::Mutation(_)
    ));
}
