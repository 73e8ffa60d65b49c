//! Ids that a backend may take for one have one form, and what cannot be told from others has none.

use endpoint_cache::core::key::canonical_params;
use endpoint_cache::core::rules::one_form;
use endpoint_cache::core::rules::{EndpointRules, Resolved, Rule, RuleSpec};

fn resolved(spec: RuleSpec, endpoint: &str) -> Resolved {
    let mut rules = EndpointRules::new();
    rules.add(Rule {
        pattern: endpoint_cache::core::endpoint::EndpointPattern::parse("a.*").unwrap(),
        spec,
    });
    rules.resolve(endpoint)
}

#[test]
fn numbers_and_digits_are_compared_by_value() {
    for (form, spellings) in [
        (
            "7",
            &[
                "7", "07", "+7", " 7 ", "7.0", "7.", "0.7e1", "70e-1", "0007",
            ][..],
        ),
        ("0", &["0", "-0", "00", "0.0", "+0", "0e5"]),
        ("-7", &["-7", "-07", "-7.0"]),
        ("7.5", &["7.5", "07.50", "75e-1"]),
        ("0.5", &["0.5", ".5", "5e-1"]),
        ("100000", &["1e5", "100000", "1E+5"]),
        (
            "123456789012345678901",
            &["123456789012345678901", "0123456789012345678901"],
        ),
    ] {
        for spelling in spellings {
            assert_eq!(one_form(spelling).as_deref(), Some(form), "{spelling}");
        }
    }
}

#[test]
fn other_texts_are_themselves() {
    for text in [
        "abc", "ABC", "7a", "a7", "1.2.3", "1e", "e5", "-", "+", ".", "1-2", "0x10", "--7", " a ",
        "7 7", "1e5e5", "1e5.5",
    ] {
        assert_eq!(one_form(text).as_deref(), Some(text));
    }
}

#[test]
fn what_cannot_be_told_from_others_has_no_form() {
    for text in [
        "",
        " ",
        "\t\n",
        "9007199254740992.0",
        "1e+21",
        "1.5e300",
        "1e400",
        "1e-9",
        "12345678901234567.0",
    ] {
        assert_eq!(one_form(text), None, "{text}");
    }
}

#[test]
fn a_rule_names_a_member_or_a_function_and_the_more_specific_one_decides() {
    let member = RuleSpec {
        resource_id: Some("id".to_owned()),
        ..RuleSpec::default()
    };
    let function = RuleSpec {
        resource_id_by: Some(3),
        ..RuleSpec::default()
    };
    let params = canonical_params(r#"{"id":"07"}"#).unwrap();
    let update = resolved(member.clone(), "a.update");
    assert_eq!(update.id_tag(&params).as_deref(), Some("a#7"));
    assert_eq!(resolved(function.clone(), "a.update").id_tag(&params), None);
    for (first, second, by) in [
        (member.clone(), function.clone(), None),
        (function, member, Some(3)),
    ] {
        let mut rules = EndpointRules::new();
        for (pattern, spec) in [("a.get", first), ("a.*", second)] {
            let pattern = endpoint_cache::core::endpoint::EndpointPattern::parse(pattern).unwrap();
            rules.add(Rule { pattern, spec });
        }
        let get = rules.resolve("a.get");
        assert_eq!(
            (get.resource_id_by, get.resource_id.is_none()),
            (by, by.is_some())
        );
    }
    let tag = update.tag_of("7").unwrap();
    let narrowing = update.narrowing_to(tag).unwrap();
    assert!(narrowing.spares("a.get", ["a#8"]) && !narrowing.spares("a.get", ["a#7"]));
}
