//! Canonical text, digests and keys: vectors made by Python, tables of the hazards, properties.

use endpoint_cache::core::key::{
    Canonical, Digest, MAX_DEPTH, MAX_KEY, MAX_TEXT, cache_key, canonical_params,
    canonical_stringified, decode_user, encode_user, group_prefix, invalidation_pattern,
};
use endpoint_cache::core::pattern::TextPattern;
use proptest::prelude::*;
use serde_json::Value;

#[track_caller]
fn canonical(text: &str) -> String {
    match canonical_params(text) {
        Ok(Canonical { text }) => text,
        Err(error) => panic!("{text}: {error}"),
    }
}

#[track_caller]
fn refused(text: &str, code: &str, message: &str) {
    let Err(error) = canonical_params(text) else {
        panic!("accepted");
    };
    assert_eq!((error.code(), error.to_string().as_str()), (code, message));
}

fn digest() -> Digest {
    canonical_params("{}").unwrap().digest()
}

#[track_caller]
fn key(endpoint: &str, user: Option<&str>) -> String {
    cache_key(endpoint, &digest(), user).unwrap()
}

/// The members of a JSON array or object as raw text, so that lone surrogates survive the reading.
fn raw_items(text: &str) -> Vec<&str> {
    let inside = &text[1..text.len() - 1];
    let (mut items, mut start, mut depth, mut quoted, mut escaped) = (vec![], 0, 0, false, false);
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => {
                items.push(&inside[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(&inside[start..]);
    items
}

#[test]
fn every_vector_of_the_python_implementation() {
    let file = include_str!("../vectors/keys.json").trim();
    let cases = raw_items(file);
    assert!(cases.len() >= 120);
    for case in cases {
        let member = |name: &str| {
            let start = format!("\"{name}\":");
            let found = raw_items(case).into_iter().find(|m| m.starts_with(&start));
            &found.unwrap()[start.len()..]
        };
        let plain = |name: &str| serde_json::from_str::<Option<String>>(member(name)).unwrap();
        let digest = canonical_params(member("params")).unwrap().digest();
        let made = cache_key(
            &plain("endpoint").unwrap(),
            &digest,
            plain("userId").as_deref(),
        );
        assert_eq!(Some(made.unwrap()), plain("key"), "{case}");
    }
}

#[test]
fn layout() {
    assert_eq!(canonical("{}"), "{}");
    assert_eq!(canonical("[]"), "[]");
    assert_eq!(canonical(r#""a""#), r#""a""#);
    assert_eq!(
        canonical(r#"{"b":[1,true,false,null],"a":{"y":{},"x":[]}}"#),
        r#"{"a": {"x": [], "y": {}}, "b": [1, true, false, null]}"#
    );
    assert_eq!(
        canonical(" {\n\"a\" :\t[ 1 , 2 ]\r, \"b\": { } } "),
        r#"{"a": [1, 2], "b": {}}"#
    );
}

#[test]
fn numbers_as_python_writes_them() {
    for (given, expected) in [
        ("0", "0"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("1.0", "1"),
        ("-1.50", "-1.5"),
        ("1e2", "100"),
        ("1E+2", "100"),
        ("999999999999999", "999999999999999"),
        ("9007199254740991", "9007199254740991"),
        ("-9007199254740991", "-9007199254740991"),
        ("9007199254740992", "9007199254740992.0"),
        ("9007199254740993", "9007199254740992.0"),
        ("9999999999999998", "9999999999999998.0"),
        ("10000000000000000", "1e+16"),
        ("12345678901234567890", "1.2345678901234567e+19"),
        ("1e21", "1e+21"),
        ("1.5e+300", "1.5e+300"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("0.1", "0.1"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("123456.789", "123456.789"),
        ("0.0001", "0.0001"),
        ("0.00012345", "0.00012345"),
        ("0.00001", "1e-05"),
        ("0.000012345", "1.2345e-05"),
        ("1.5e-7", "1.5e-07"),
        ("-1e-10", "-1e-10"),
        ("5e-324", "5e-324"),
        ("1e-400", "0"),
        // Halfway between two shortest texts: the even digit, as in Python and JavaScript.
        ("815650459643785.25", "815650459643785.2"),
        ("815650459643785.75", "815650459643785.8"),
        ("2251799813685249.5", "2251799813685249.5"),
    ] {
        assert_eq!(canonical(given), expected, "{given}");
    }
}

#[test]
fn strings_as_python_writes_them() {
    for (given, expected) in [
        (r#""\u0041\/ ~""#, r#""A/ ~""#),
        (r#""\b\f\n\r\t\"\\""#, r#""\b\f\n\r\t\"\\""#),
        (r#""\u0008\u000c\u000A\u000d\u0009""#, r#""\b\f\n\r\t""#),
        (r#""\u0000\u001F\u0022\u005c""#, r#""\u0000\u001f\"\\""#),
        ("\"\u{7f}\u{80}\"", r#""\u007f\u0080""#),
        ("\"é中\u{2028}\"", r#""\u00e9\u4e2d\u2028""#),
        ("\"😀\u{10ffff}\"", r#""\ud83d\ude00\udbff\udfff""#),
        (r#""\uD83D\uDE00""#, r#""\ud83d\ude00""#),
        (r#""\ud800x\udc00""#, r#""\ud800x\udc00""#),
        (r#""\udc00\ud800""#, r#""\udc00\ud800""#),
    ] {
        assert_eq!(canonical(given), expected, "{given}");
    }
}

/// H18: Python orders names by code point, JavaScript by UTF-16 unit.
#[test]
fn names_are_ordered_by_code_point() {
    for (given, expected) in [
        (
            r#"{"10":1,"9":2,"a":3,"B":4}"#,
            r#"{"10": 1, "9": 2, "B": 4, "a": 3}"#,
        ),
        (
            "{\"\u{10000}\":1,\"\u{ff5e}\":2}",
            r#"{"\uff5e": 2, "\ud800\udc00": 1}"#,
        ),
        (
            r#"{"\ue000":1,"\ud800":2,"\udbff\udfff":3}"#,
            r#"{"\ud800": 2, "\ue000": 1, "\udbff\udfff": 3}"#,
        ),
        (
            r#"{"\ud800a":1,"\ud800\udc00":2}"#,
            r#"{"\ud800a": 1, "\ud800\udc00": 2}"#,
        ),
        (
            r#"{"é":1,"z":2,"\\":3,"\n":4,"":5}"#,
            r#"{"": 5, "\n": 4, "\\": 3, "z": 2, "\u00e9": 1}"#,
        ),
        (
            r#"{"ab":1,"a":2,"a\"":3}"#,
            r#"{"a": 2, "a\"": 3, "ab": 1}"#,
        ),
        (
            r#"{"b":{"d":1,"c":2},"a":[{"f":1,"e":2}]}"#,
            r#"{"a": [{"e": 2, "f": 1}], "b": {"c": 2, "d": 1}}"#,
        ),
    ] {
        assert_eq!(canonical(given), expected, "{given}");
    }
}

#[test]
fn the_last_of_equal_names_counts() {
    assert_eq!(canonical(r#"{"a":1,"a":2}"#), r#"{"a": 2}"#);
    assert_eq!(
        canonical(r#"{"b":1,"a":{"x":1},"b":3,"a":{"y":2},"b":[4]}"#),
        r#"{"a": {"y": 2}, "b": [4]}"#
    );
    assert_eq!(canonical(r#"{"\u0061":1,"a":2}"#), r#"{"a": 2}"#);
}

/// A15: names that are special to JavaScript objects are names like any other.
#[test]
fn names_of_prototypes_count() {
    let texts = [
        r#"{"__proto__":1}"#,
        "{}",
        r#"{"constructor":1}"#,
        r#"{"toString":1}"#,
    ];
    for (at, one) in texts.iter().enumerate() {
        for other in &texts[..at] {
            assert_ne!(canonical(one), canonical(other));
        }
    }
}

/// A11, H17: params that differ anywhere differ in the text.
#[test]
fn values_that_look_alike_are_told_apart() {
    let texts = [
        "null",
        "false",
        "true",
        "0",
        "1",
        "-1",
        "0.5",
        r#""""#,
        r#""0""#,
        r#""null""#,
        r#""\u0000""#,
        "[]",
        "[0]",
        "[null]",
        "[[]]",
        "[0,0]",
        r#"["0"]"#,
        "{}",
        r#"{"":0}"#,
        r#"{"0":0}"#,
        r#"{"0":"0"}"#,
        r#"{"a":null}"#,
        r#"{"a":[]}"#,
        r#"{"a":{}}"#,
        r#"{"a":"{}"}"#,
        r#"{"a":1,"b":2}"#,
        r#"{"a":2,"b":1}"#,
        r#"{"a":{"b":1}}"#,
        r#"{"a, \"b\"":1}"#,
        r#"["a","b"]"#,
        r#"["a, b"]"#,
        r#"["a\", \"b"]"#,
        r#""\ud83d\ude00""#,
        r#""\ude00\ud83d""#,
        r#""\ud83d""#,
        r#""\\ud83d""#,
        r#""\ufffd""#,
    ];
    for (at, one) in texts.iter().enumerate() {
        for other in &texts[..at] {
            assert_ne!(canonical(one), canonical(other), "{one} and {other}");
        }
    }
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    for (text, at, expected) in [
        ("", 0, "a value"),
        ("{", 1, "a name in double quotes"),
        ("{\"a\"}", 4, "':'"),
        ("{\"a\":}", 5, "a value"),
        ("{\"a\":1", 6, "',' or '}'"),
        ("{\"a\":1,}", 7, "a name in double quotes"),
        ("[1 2]", 3, "',' or ']'"),
        ("[1,]", 3, "a value"),
        ("[", 1, "a value"),
        ("tru", 0, "true, false or null"),
        ("undefined", 0, "a value"),
        ("NaN", 0, "a value"),
        ("Infinity", 0, "a value"),
        ("-Infinity", 1, "a digit"),
        ("01", 1, "no digit after a leading 0"),
        ("-", 1, "a digit"),
        ("1.", 2, "a digit"),
        (".5", 0, "a value"),
        ("1e", 2, "a digit"),
        ("+1", 0, "a value"),
        ("0x10", 1, "the end of the text"),
        ("{} {}", 3, "the end of the text"),
        ("\"a", 2, "a closing '\"'"),
        ("\"a\n\"", 2, "control characters in strings to be escaped"),
        (r#""\x41""#, 1, "an escape that JSON knows"),
        (r#""\u12g4""#, 1, "four hex digits after '\\u'"),
        (r#""\u+123""#, 1, "four hex digits after '\\u'"),
        (r#""\u12"#, 1, "four hex digits after '\\u'"),
        (r#""\"#, 1, "an escape that JSON knows"),
        ("'a'", 0, "a value"),
    ] {
        refused(
            text,
            "ERR_PARAMS",
            &format!("params are not JSON at byte {at}; expected {expected}"),
        );
    }
}

/// H21: every limit, on both sides of it.
#[test]
fn limits() {
    refused(
        "[1e400]",
        "ERR_PARAMS",
        "the number in params at byte 1 is out of range; expected one that a double can hold",
    );
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(canonical(&nested(MAX_DEPTH)), nested(MAX_DEPTH));
    let too_deep =
        "params are nested too deep at byte 100; at most 100 levels are allowed".to_owned();
    refused(&nested(MAX_DEPTH + 1), "ERR_PARAMS", &too_deep);
    refused(&"[".repeat(1_000_000), "ERR_PARAMS", &too_deep);
    let wide = format!("[{}]", vec![nested(99); 50].join(","));
    assert_eq!(canonical(&wide).len(), wide.len() + 49);

    let too_large = "params are too large; at most 65536 bytes of canonical text are allowed";
    let long = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
    assert_eq!(canonical(&long(MAX_TEXT)).len(), MAX_TEXT);
    refused(&long(MAX_TEXT + 1), "ERR_PARAMS", too_large);
    refused(
        &format!("\"{}\"", "é".repeat(MAX_TEXT / 6 + 1)),
        "ERR_PARAMS",
        too_large,
    );
    refused(
        &format!("[{}]", vec!["0"; 30_000].join(",")),
        "ERR_PARAMS",
        too_large,
    );
}

#[test]
fn digests() {
    assert_eq!(digest().short_hex(), "44136fa355b3678a");
    assert_eq!(
        digest().hex(),
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    );
    assert_eq!(digest().to_string(), digest().hex());
}

#[test]
fn scalars_of_the_outermost_object() {
    let params = canonical_params(
        r#"{"id":"7","n":7,"f":1.5,"neg":-3,"deep":{"id":"no","x":"}"},"list":["id",{"id":1}],"t":true,"nil":null,"a\"b é":"q\",\\","":"e"}"#,
    )
    .unwrap();
    for (name, expected) in [
        ("id", Some("7")),
        ("n", Some("7")),
        ("f", Some("1.5")),
        ("neg", Some("-3")),
        ("a\"b é", Some("q\\\",\\\\")),
        ("", Some("e")),
        ("t", None),
        ("nil", None),
        ("deep", None),
        ("list", None),
        ("x", None),
        ("missing", None),
    ] {
        assert_eq!(params.scalar(name), expected, "{name}");
    }
    assert_eq!(canonical_params("[1]").unwrap().scalar("id"), None);
    assert_eq!(canonical_params("{}").unwrap().scalar("id"), None);
}

#[test]
fn keys() {
    assert_eq!(key("a.get", None), "a.get:44136fa355b3678a");
    assert_eq!(key("a.get", Some("bob")), "a.get:user:bob:44136fa355b3678a");
    assert_eq!(key("a.get", Some("0")), "a.get:user:0:44136fa355b3678a");
    assert_eq!(
        key("a.get", Some("a:b%3A")),
        "a.get:user:a%3Ab%253A:44136fa355b3678a"
    );
}

#[test]
fn requests_without_a_key() {
    let long = "x".repeat(100);
    for (endpoint, user, code, message) in [
        ("", None, "ERR_ENDPOINT", "the endpoint is empty; expected dot-separated names such as \"storycore.prompt.list\"".to_owned()),
        ("a:b.get", None, "ERR_ENDPOINT", "the endpoint \"a:b.get\" holds ':' at byte 1; expected dot-separated names without ':', white space or control characters".to_owned()),
        ("a.get\n", None, "ERR_ENDPOINT", "the endpoint \"a.get\\n\" holds '\\n' at byte 5; expected dot-separated names without ':', white space or control characters".to_owned()),
        ("a.get:user:bob.get", None, "ERR_ENDPOINT", "the endpoint \"a.get:user:bob.get\" holds ':' at byte 5; expected dot-separated names without ':', white space or control characters".to_owned()),
        (&format!("{long}:"), None, "ERR_ENDPOINT", format!("the endpoint \"{}…\" holds ':' at byte 100; expected dot-separated names without ':', white space or control characters", &long[..80])),
        ("a.get", Some(""), "ERR_USER_ID", "the user id is empty; expected a non-empty id, or none at all for an entry that all users share".to_owned()),
    ] {
        let error = cache_key(endpoint, &digest(), user).unwrap_err();
        assert_eq!((error.code(), error.to_string()), (code, message));
    }
}

#[test]
fn keys_are_bounded_in_characters() {
    let most = MAX_KEY - ":user:".len() - ":44136fa355b3678a".len() - 1;
    assert_eq!(key("x", Some(&"é".repeat(most))).chars().count(), MAX_KEY);
    let error = cache_key("x", &digest(), Some(&"é".repeat(most + 1))).unwrap_err();
    assert_eq!(error.code(), "ERR_KEY_LENGTH");
    assert_eq!(
        error.to_string(),
        "the cache key has 1025 characters; at most 1024 are allowed"
    );
    // What counts is the key, so escapes count.
    assert!(cache_key("x", &digest(), Some(&":".repeat(most))).is_err());
}

#[test]
fn groups_of_keys() {
    for (key, expected) in [
        ("a.get:44136fa355b3678a", ("a.get", None)),
        ("a.get:user:bob:44136fa355b3678a", ("a.get", Some("bob"))),
        ("a.get:user:a%3Ab:1", ("a.get", Some("a%3Ab"))),
        ("a.get:user:x:y:z:1", ("a.get", Some("x:y:z"))),
        ("a.get:user::1", ("a.get", Some(""))),
        ("notes:user:42", ("notes", None)),
        ("notes:user:42:", ("notes", Some("42"))),
        ("notes:user:", ("notes", None)),
        ("notes:users:42:1", ("notes", None)),
        ("notes:x:user:42:1", ("notes", None)),
        ("user:42:1", ("user", None)),
        (":user:42:1", ("", Some("42"))),
        ("plain", ("", None)),
        ("", ("", None)),
        (":", ("", None)),
    ] {
        assert_eq!(group_prefix(key), expected, "{key:?}");
    }
}

#[test]
fn patterns_for_invalidation() {
    for (endpoint, resource_type, id, expected) in [
        (
            "storycore.prompt.create",
            None,
            None,
            r"^storycore\.prompt\..*",
        ),
        (
            "storycore.prompt.create",
            Some(""),
            None,
            r"^storycore\.prompt\..*",
        ),
        (
            "storycore.prompt.update",
            None,
            Some("7"),
            r"^storycore\.prompt\..*",
        ),
        (
            "storycore.prompt.create",
            Some("project"),
            None,
            r"^storycore\.(?:[^:]*\.)?project\..*",
        ),
        (
            "storycore.prompt.create",
            Some("project"),
            Some("7"),
            r"^storycore\.(?:[^:]*\.)?project\..*",
        ),
        ("x(.create", None, None, r"^x\(\..*"),
        (
            "a.create",
            Some("b+c.d"),
            None,
            r"^a\.(?:[^:]*\.)?b\+c\.d\..*",
        ),
        ("create", None, None, "^.*"),
        ("create", Some("project"), None, r"^(?:[^:]*\.)?project\..*"),
    ] {
        let pattern = invalidation_pattern(endpoint, resource_type, id);
        assert_eq!(pattern, expected);
        TextPattern::regex(&pattern).unwrap();
    }
}

#[test]
fn patterns_for_invalidation_respect_segments() {
    let hits = |pattern: &str, endpoint: &str| {
        let pattern = TextPattern::regex(pattern).unwrap();
        let user = key(endpoint, Some("storycore.project.x"));
        assert_eq!(
            pattern.matches(&key(endpoint, None)),
            pattern.matches(&user)
        );
        pattern.matches(&user)
    };
    let prompt = invalidation_pattern("storycore.prompt.create", None, None);
    assert!(hits(&prompt, "storycore.prompt.list"));
    assert!(hits(&prompt, "storycore.prompt.version.get"));
    assert!(!hits(&prompt, "storycore.prompts.list"));
    assert!(!hits(&prompt, "storycore.prompt"));
    assert!(!hits(&prompt, "x.storycore.prompt.list"));
    assert!(!hits(&prompt, "storycoreXprompt.list"));
    let shot = invalidation_pattern("storycore.prompt.create", Some("shot"), None);
    assert!(hits(&shot, "storycore.shot.list"));
    assert!(hits(&shot, "storycore.storyboard.shot.list"));
    assert!(hits(&shot, "storycore.storyboard.shot.frame.list"));
    assert!(!hits(&shot, "storycore.screenshot.list"));
    assert!(!hits(&shot, "storycore.shots.list"));
    assert!(!hits(&shot, "storycore.prompt.list"));
    assert!(!hits(&shot, "other.shot.list"));
}

/// Text of the JSON value with members in the order given, escaped as `JSON.stringify` does.
fn any_json() -> impl Strategy<Value = Value> {
    let name = "[a-c\u{e9}\u{ff5e}\u{10000}\\\\\"\n]{0,3}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_i64..9).prop_map(Value::from),
        (-1e6..1e6_f64).prop_map(Value::from),
        name.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The value as text, members in a random order and some of them shadowed by an earlier namesake.
fn shuffled(value: &Value, seed: u64) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| shuffled(item, seed / 3)).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(members) => {
            let mut parts: Vec<_> = members
                .iter()
                .map(|(name, value)| (Value::from(name.as_str()), shuffled(value, seed / 3)))
                .collect();
            if !parts.is_empty() {
                let turn = usize::try_from(seed % 7).unwrap() % parts.len();
                parts.rotate_left(turn);
                if seed.is_multiple_of(2) {
                    parts.reverse();
                }
                if seed.is_multiple_of(5) {
                    let shadowed = parts[parts.len() - 1].0.clone();
                    parts.insert(0, (shadowed, "\"old\"".to_owned()));
                }
            }
            let parts: Vec<_> = parts.iter().map(|(n, v)| format!("{n}:{v}")).collect();
            format!("{{{}}}", parts.join(","))
        }
        leaf => leaf.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in "\\PC*|[\\[\\]{}\",:0-9a-z\\\\ .+-]{0,60}") {
        if let Ok(params) = canonical_params(&text) {
            prop_assert!(params.text.is_ascii());
        }
    }

    #[test]
    fn order_does_not_count(value in any_json(), a: u64, b: u64) {
        prop_assert_eq!(canonical(&shuffled(&value, a)), canonical(&shuffled(&value, b)));
    }

    #[test]
    fn the_canonical_text_is_its_own(value in any_json(), seed: u64) {
        let once = canonical(&shuffled(&value, seed));
        prop_assert_eq!(&canonical(&once), &once);
    }

    /// A11: equal texts only for equal values.
    #[test]
    fn different_values_have_different_texts(a in any_json(), b in any_json()) {
        prop_assert_eq!(canonical(&a.to_string()) == canonical(&b.to_string()), a == b);
    }

    /// A14: a key names one endpoint and one user, whatever they spell.
    #[test]
    fn keys_are_injective(
        a in adversarial_name(), b in adversarial_name(),
        u in prop::option::of(adversarial_name()), v in prop::option::of(adversarial_name()),
    ) {
        let made = |endpoint: &str, user: &Option<String>| cache_key(endpoint, &digest(), user.as_deref());
        if let (Ok(one), Ok(other)) = (made(&a, &u), made(&b, &v)) {
            prop_assert_eq!(one == other, (&a, &u) == (&b, &v));
        }
    }

    #[test]
    fn groups_are_what_the_key_was_made_of(endpoint in adversarial_name(), user in prop::option::of(adversarial_name())) {
        if let Ok(key) = cache_key(&endpoint, &digest(), user.as_deref()) {
            let (found, encoded) = group_prefix(&key);
            prop_assert_eq!(found, endpoint);
            prop_assert_eq!(encoded.map(|id| decode_user(id).into_owned()), user);
        }
    }

    #[test]
    fn user_ids_come_back(user in "[%:253A\u{0}a]{0,12}|\\PC*") {
        let encoded = encode_user(&user);
        prop_assert!(!encoded.contains(':'));
        prop_assert_eq!(decode_user(&encoded), user.as_str());
    }
}

/// Names made of what a forger would use: separators, escapes, the word `user`, a hash.
fn adversarial_name() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("a"),
        Just("get"),
        Just("."),
        Just(":"),
        Just("user"),
        Just("user:"),
        Just(":user:"),
        Just("%"),
        Just("%3A"),
        Just("%25"),
        Just("44136fa355b3678a"),
        Just("\u{0}"),
        Just("é"),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

#[test]
fn what_json_stringify_wrote_is_read_alike_without_reading_its_numbers_again() {
    for text in [
        "[0.1,1.5,-2.25,100,-0,1e21,-1e-7,1.5e-7,5e-324,0.0001,0.00001]",
        "[1.7976931348623157e+308,9007199254740991,9007199254740992,9007199254740993000]",
        "[12345678901234567000,123456789012345680000,0.30000000000000004,1e16,1234567890123456.8]",
        "[1000000000000000000000,999999999999999900000,815650459643785.2,2251799813685248.5]",
    ] {
        let read = canonical_params(text).map(|params| params.text);
        assert_eq!(canonical_stringified(text).map(|params| params.text), read);
        let again = canonical_stringified(read.as_deref().unwrap());
        assert_eq!(again.map(|params| params.text), read);
    }
}
