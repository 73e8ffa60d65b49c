//! Endpoint names, their patterns, and the classes that names have.

use endpoint_cache::core::endpoint::{EndpointPattern, Ops, operation, parent, resource, validate};
use endpoint_cache::core::rules::{EndpointClass, TtlKind, TtlTable, Verb, classify, ttl_kind};
use proptest::prelude::*;

#[track_caller]
fn pattern(text: &str) -> EndpointPattern {
    EndpointPattern::parse(text).unwrap()
}

#[test]
fn parts_of_a_name() {
    for (name, last, front, above) in [
        (
            "storycore.prompt.list",
            "list",
            "storycore.prompt",
            "storycore",
        ),
        ("storycore.list", "list", "storycore", ""),
        ("list", "list", "", ""),
        ("", "", "", ""),
        ("a.", "", "a", ""),
        (".a", "a", "", ""),
    ] {
        assert_eq!(operation(name), last, "{name}");
        assert_eq!(resource(name), front, "{name}");
        assert_eq!(parent(resource(name)), above, "{name}");
    }
}

#[test]
fn names_that_cannot_be_keys() {
    for name in [
        "a",
        "a.b",
        "größe.get",
        "a/b.get",
        "a%2eb.get",
        "__proto__.get",
        "😀.list",
    ] {
        assert_eq!(validate(name), Ok(()), "{name}");
    }
    for name in [
        "",
        "a:b",
        ":",
        "a b",
        " a",
        "a\t",
        "a\n",
        "a\u{0}",
        "a\u{a0}b",
        "a\u{2028}",
        "a\u{7f}",
        "a\u{3000}",
    ] {
        assert_eq!(
            validate(name).unwrap_err().code(),
            "ERR_ENDPOINT",
            "{name:?}"
        );
    }
}

#[test]
fn malformed_patterns() {
    for (text, message) in [
        (
            "",
            "the endpoint pattern is empty; expected segments such as \"storycore.prompt.*\"",
        ),
        (
            "a..b",
            "the endpoint pattern \"a..b\" has an empty segment; expected names or '*' between single dots",
        ),
        (
            ".a",
            "the endpoint pattern \".a\" has an empty segment; expected names or '*' between single dots",
        ),
        (
            "a.",
            "the endpoint pattern \"a.\" has an empty segment; expected names or '*' between single dots",
        ),
        (
            "a.b*",
            "the endpoint pattern \"a.b*\" has the segment \"b*\"; expected a whole segment as '*', or no '*' in it",
        ),
        (
            "a.**",
            "the endpoint pattern \"a.**\" has the segment \"**\"; expected a whole segment as '*', or no '*' in it",
        ),
    ] {
        let error = EndpointPattern::parse(text).unwrap_err();
        assert_eq!(
            (error.code(), error.to_string().as_str()),
            ("ERR_ENDPOINT_PATTERN", message)
        );
    }
    assert_eq!(
        EndpointPattern::parse("a:b").unwrap_err().code(),
        "ERR_ENDPOINT"
    );
}

/// H25: patterns compare whole segments.
#[test]
fn what_patterns_cover() {
    for (text, covered, others) in [
        (
            "a.b",
            &["a.b"][..],
            &["a", "a.b.c", "a.bb", "xa.b", "a.B", ""][..],
        ),
        ("a.*", &["a.b", "a.b.c"], &["a", "ab", "ab.c", "b.a.c", ""]),
        (
            "storycore.prompt.*",
            &["storycore.prompt.list", "storycore.prompt.version.list"],
            &[
                "storycore.prompt",
                "storycore.prompts.list",
                "storycore.Xprompt.list",
                "x.storycore.prompt.list",
            ],
        ),
        (
            "a.*.list",
            &["a.b.list", "a.*.list"],
            &["a.list", "a.b.c.list", "a.b.list.x", "a.b.lists"],
        ),
        (
            "*.list",
            &["a.list", "a.b.c.list"],
            &["list", "a.lists", "a.list.b", "alist"],
        ),
        (
            "*.health.check",
            &["x.health.check", "a.b.health.check"],
            &["health.check", "xhealth.check"],
        ),
        (
            "*.prompt.*",
            &["a.prompt.list", "a.b.prompt.c.d", "prompt.prompt.x"],
            &["prompt.list", "a.prompt", "a.prompts.list"],
        ),
        ("*", &["a", "a.b"], &[""]),
        ("*.*", &["a.b", "a.b.c"], &["a", ""]),
        ("a.*.*", &["a.b.c", "a.b.c.d"], &["a.b", "a"]),
    ] {
        let pattern = pattern(text);
        for name in covered {
            assert!(pattern.covers(name), "{text} covers {name}");
        }
        for name in others {
            assert!(!pattern.covers(name), "{text} does not cover {name}");
        }
    }
}

#[test]
fn what_lies_under_a_resource() {
    let views = EndpointPattern::under("storycore.prompt", Ops::of(&["list", "get"]));
    assert!(views.covers("storycore.prompt.list"));
    assert!(views.covers("storycore.prompt.version.list"));
    assert!(!views.covers("storycore.prompt.schema"));
    assert!(!views.covers("storycore.prompt.list.x"));
    assert!(!views.covers("storycore.prompt"));
    assert!(!views.covers("storycore.prompts.list"));
    assert!(!views.covers("storycore.prompt."));
    let all = EndpointPattern::under("storycore.prompt", Ops::All);
    assert!(all.covers("storycore.prompt.schema"));
    assert!(!all.covers("storycore.prompt"));
    let root = EndpointPattern::under("", Ops::of(&["list"]));
    assert!(root.covers("list") && root.covers("a.list") && !root.covers("a.get"));
    assert!(EndpointPattern::under("", Ops::All).covers("a"));
    assert!(!EndpointPattern::under("", Ops::All).covers(""));
    let star = EndpointPattern::exact("a.*");
    assert!(star.covers("a.*") && !star.covers("a.b"));
}

#[test]
fn how_patterns_describe_themselves() {
    let under = |name: &str, ops: &[&str]| EndpointPattern::under(name, Ops::of(ops));
    for (pattern, shown, prefix, exact, literal) in [
        (pattern("a.b.get"), "a.b.get", "a.b.get", true, 3),
        (pattern("a.b.*"), "a.b.*", "a.b", false, 2),
        (pattern("a.*.list"), "a.*.list", "a", false, 2),
        (pattern("*.list"), "*.list", "", false, 1),
        (pattern("*"), "*", "", false, 0),
        (EndpointPattern::exact("a.*"), "a.*", "a.*", true, 2),
        (
            EndpointPattern::under("a.b", Ops::All),
            "a.b.*",
            "a.b",
            false,
            2,
        ),
        (
            under("a.b", &["list", "get"]),
            "a.b.*(list|get)",
            "a.b",
            false,
            2,
        ),
        (EndpointPattern::under("", Ops::All), "*", "", false, 0),
    ] {
        assert_eq!(pattern.to_string(), shown);
        assert_eq!(pattern.literal_prefix(), prefix, "{shown}");
        assert_eq!(pattern.is_exact(), exact, "{shown}");
        assert_eq!(pattern.literal_segments(), literal, "{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Against a matcher that is allowed to be slow.
    #[test]
    fn patterns_cover_what_a_naive_matcher_says(
        wanted in prop::collection::vec("[ab*]|ab", 1..6),
        given in prop::collection::vec("[ab]|ab", 1..7),
    ) {
        fn naive(wanted: &[String], given: &[String], first: bool) -> bool {
            match (wanted, given) {
                ([], rest) => rest.is_empty(),
                (_, []) => false,
                ([star, more @ ..], [_, rest @ ..]) if star == "*" => {
                    let open = first || more.is_empty();
                    naive(more, rest, false) || (open && naive(wanted, rest, first))
                }
                ([want, more @ ..], [have, rest @ ..]) => want == have && naive(more, rest, false),
            }
        }
        let pattern = pattern(&wanted.join("."));
        let name = given.join(".");
        prop_assert_eq!(pattern.covers(&name), naive(&wanted, &given, true));
        if pattern.covers(&name) {
            prop_assert!(name.starts_with(pattern.literal_prefix()));
        }
    }
}

const fn read(kind: TtlKind) -> EndpointClass {
    EndpointClass::Read(kind)
}

const fn mutation(verb: Verb) -> EndpointClass {
    EndpointClass::Mutation(verb)
}

/// H33: the last segments decide, the longest ending wins. A20: what another part could read differently is nothing.
#[test]
fn sixty_names_and_more() {
    for (name, class) in [
        ("storycore.prompt.list", read(TtlKind::List)),
        ("storycore.pipeline.status", read(TtlKind::Status)),
        ("storycore.prompt.get", read(TtlKind::Get)),
        ("storycore.knowledge.search", read(TtlKind::Search)),
        ("storycore.prompt.analyze", read(TtlKind::Analyze)),
        ("storycore.api.schema", read(TtlKind::Schema)),
        ("storycore.app.config", read(TtlKind::Config)),
        ("storycore.health.check", read(TtlKind::HealthCheck)),
        ("storycore.metrics.get", read(TtlKind::Metrics)),
        ("health.check", read(TtlKind::HealthCheck)),
        ("metrics.get", read(TtlKind::Metrics)),
        ("a.b.c.d.e.list", read(TtlKind::List)),
        ("test.list", read(TtlKind::List)),
        ("list", read(TtlKind::List)),
        ("get", read(TtlKind::Get)),
        ("größe.list", read(TtlKind::List)),
        ("a-b_c.9.get", read(TtlKind::Get)),
        ("x.clear.list", read(TtlKind::List)),
        ("x.create.get", read(TtlKind::Get)),
        ("user.getaway.search", read(TtlKind::Search)),
        ("health.metrics.get", read(TtlKind::Metrics)),
        ("metrics.health.check", read(TtlKind::HealthCheck)),
        ("health.get", read(TtlKind::Get)),
        ("metrics.list", read(TtlKind::List)),
        ("health.check.get", read(TtlKind::Get)),
        ("__proto__.get", read(TtlKind::Get)),
        ("storycore.prompt.create", mutation(Verb::Create)),
        ("storycore.prompt.update", mutation(Verb::Update)),
        ("storycore.prompt.delete", mutation(Verb::Delete)),
        ("storycore.prompt.add", mutation(Verb::Add)),
        ("storycore.prompt.remove", mutation(Verb::Remove)),
        ("storycore.cache.clear", mutation(Verb::Clear)),
        ("storycore.pipeline.execute", mutation(Verb::Execute)),
        ("storycore.image.generate", mutation(Verb::Generate)),
        ("create", mutation(Verb::Create)),
        ("x.list.clear", mutation(Verb::Clear)),
        ("metrics.get.update", mutation(Verb::Update)),
        ("a%2eb.create", mutation(Verb::Create)),
        ("health.checks", EndpointClass::Other),
        ("healthcheck", EndpointClass::Other),
        ("check", EndpointClass::Other),
        ("myhealth.check", EndpointClass::Other),
        ("metrics", EndpointClass::Other),
        ("storycore.prompt", EndpointClass::Other),
        ("storycore.prompt.lists", EndpointClass::Other),
        ("storycore.prompt.getaway", EndpointClass::Other),
        ("storycore.prompt.recreate", EndpointClass::Other),
        ("storycore.prompt.created", EndpointClass::Other),
        ("storycore.prompt.constructor", EndpointClass::Other),
        ("A.GET", EndpointClass::Other),
        ("a.Get", EndpointClass::Other),
        ("a.CREATE", EndpointClass::Other),
        ("users.me.get/x.list", EndpointClass::Other),
        ("a.get%2elist", EndpointClass::Other),
        ("a%2eb.list", EndpointClass::Other),
        ("a.get?.list", EndpointClass::Other),
        ("a.get;x.list", EndpointClass::Other),
        ("a\\b.list", EndpointClass::Other),
        ("a*.list", EndpointClass::Other),
        ("a.get.", EndpointClass::Other),
        (".get", EndpointClass::Other),
        ("a..get", EndpointClass::Other),
        ("a.get ", EndpointClass::Other),
        (" a.get", EndpointClass::Other),
        ("a.get\n", EndpointClass::Other),
        ("a.get\r\n", EndpointClass::Other),
        ("a. get", EndpointClass::Other),
        ("a.get\u{0}", EndpointClass::Other),
        ("a.get\u{a0}", EndpointClass::Other),
        ("a.get\u{200b}", EndpointClass::Other),
        ("a\u{200b}.get", EndpointClass::Other),
        ("a．get", EndpointClass::Other),
        ("a:b.get", EndpointClass::Other),
        ("a.create\n", EndpointClass::Other),
        ("a..create", EndpointClass::Other),
        ("a:b.create", EndpointClass::Other),
        ("", EndpointClass::Other),
        (".", EndpointClass::Other),
    ] {
        assert_eq!(classify(name), class, "{name:?}");
    }
}

#[test]
fn ttls_by_kind() {
    let table = TtlTable::default();
    for (name, seconds) in [
        ("metadata", 300.0),
        ("list", 180.0),
        ("status", 60.0),
        ("get", 120.0),
        ("search", 60.0),
        ("analyze", 120.0),
        ("schema", 3600.0),
        ("config", 600.0),
        ("healthCheck", 300.0),
        ("metrics", 300.0),
    ] {
        let kind = TtlKind::from_name(name).unwrap();
        assert_eq!(kind.name(), name);
        assert_eq!(kind.default_seconds(), seconds);
        assert_eq!(table.get(kind), seconds);
    }
    assert_eq!(TtlKind::ALL.len(), 10);
    assert_eq!(TtlKind::from_name("List"), None);
    assert_eq!(TtlKind::from_name("toString"), None);
}

#[test]
fn ttls_by_endpoint() {
    for (endpoint, seconds) in [
        ("storycore.prompt.list", 180.0),
        ("user.getaway.search", 60.0),
        ("storycore.health.check", 300.0),
        ("storycore.metrics.get", 300.0),
        ("storycore.prompt.create", 300.0),
        ("storycore.prompt.unknown", 300.0),
        ("", 300.0),
    ] {
        assert_eq!(
            TtlTable::default().for_endpoint(endpoint),
            seconds,
            "{endpoint}"
        );
    }
    assert_eq!(ttl_kind("a.create"), TtlKind::Metadata);
    assert_eq!(ttl_kind("a.get%2elist"), TtlKind::Metadata);
}

#[test]
fn ttls_can_be_changed() {
    let mut table = TtlTable::default();
    for seconds in [300.0, 0.25, 0.0, f64::INFINITY] {
        table.set(TtlKind::List, seconds).unwrap();
        assert_eq!(table.get(TtlKind::List), seconds);
        assert_eq!(table.get(TtlKind::Get), 120.0);
    }
    table.set(TtlKind::List, 7.0).unwrap();
    for seconds in [-1.0, f64::NAN, f64::NEG_INFINITY] {
        assert_eq!(
            table.set(TtlKind::List, seconds).unwrap_err().code(),
            "ERR_TTL"
        );
        assert_eq!(table.get(TtlKind::List), 7.0);
    }
    assert_eq!(
        table
            .set(TtlKind::HealthCheck, -1.5)
            .unwrap_err()
            .to_string(),
        "the TTL of \"healthCheck\" is -1.5; expected seconds of 0 or more, where 0 and Infinity never expire"
    );
}
