//! What Rust and TypeScript must both know is stated in Rust and written to `src/bindings/host/contract.ts`.
//!
//! `make generate` writes the file (with `GENERATE=1` in the environment); without that the test fails where it is out of date.

use endpoint_cache::contract::{self, Event, KeyFault};
use endpoint_cache::core::engine::{BypassReason, DEFAULT_TTL_MS, Limits};
use endpoint_cache::core::groups::{MAX_TAGS, MAX_TAGS_TEXT};
use endpoint_cache::core::key::{MAX_DEPTH, MAX_KEY, MAX_TEXT};
use endpoint_cache::core::pattern::MAX_PATTERN;
use endpoint_cache::core::rules::TtlKind;
use endpoint_cache::core::stats::{Refusal, RemovalReason};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/bindings/host/contract.ts");

fn list(doc: &str, name: &str, words: &[&str]) -> String {
    let lines: String = words
        .iter()
        .map(|word| format!("  \"{word}\",\n"))
        .collect();
    format!("/** {doc} */\nexport const {name} = [\n{lines}] as const;\n\n")
}

fn number(doc: &str, name: &str, value: usize) -> String {
    format!("/** {doc} */\nexport const {name} = {value};\n\n")
}

/// Numbers of the calls between host and engine; `core.ts` says what each call does with them.
fn numbers() -> [(&'static str, Vec<(&'static str, usize)>); 3] {
    let flag = |name, value: u32| (name, value as usize);
    [
        (
            "Bits of `flags` of `begin`.",
            vec![
                flag("ALONE", contract::ALONE),
                flag("LOOK", contract::LOOK),
                flag("REQUEST", contract::REQUEST),
            ],
        ),
        (
            "What `begin` returns: one of these, or the number of a bypass reason behind the last of them.",
            vec![
                flag("HIT", contract::HIT),
                flag("STALE", contract::STALE),
                flag("MISS", contract::MISS),
                flag("JOIN", contract::JOIN),
                flag("BYPASS", contract::BYPASS),
            ],
        ),
        (
            "Places in `HostStore.answer`, where a call leaves what does not fit into the number it returns.",
            vec![
                ("SLOT", contract::SLOT),
                ("LOAD", contract::LOAD),
                ("RESERVED", contract::RESERVED),
                ("COUNT", contract::COUNT),
                ("ANSWERS", contract::ANSWERS),
            ],
        ),
    ]
}

fn contract() -> String {
    let limits = Limits::default();
    let defaults = [
        ("maxEntries", limits.max_entries as f64),
        ("maxBytes", limits.max_bytes),
        ("maxEntryBytes", limits.max_entry_bytes),
        ("maxLoads", limits.max_loads as f64),
        // Those who wait hold a request open in any case.
        ("maxFollowers", f64::INFINITY),
        ("maxLoadMs", limits.max_load_ms),
        ("maxMutationMs", limits.max_mutation_ms),
    ];
    let members: String = defaults
        .iter()
        .map(|(name, _)| format!("  {name}: number;\n"))
        .collect();
    let js = |value: f64| {
        if value.is_finite() {
            value.to_string()
        } else {
            "Infinity".to_owned()
        }
    };
    let values: String = defaults
        .iter()
        .map(|(name, value)| format!("  {name}: {},\n", js(*value)))
        .collect();
    let mut text =
        "// Generated from the Rust sources by `make generate`. Do not edit.\n\n".to_owned();
    text += &list(
        "Why a load's value is not stored, by number.",
        "REFUSALS",
        &Refusal::ALL.map(Refusal::name),
    );
    text += &list(
        "Why a read goes past the cache, by number.",
        "BYPASS_REASONS",
        &BypassReason::ALL.map(BypassReason::name),
    );
    text += &list(
        "Why a request has no key, by number from -1 down.",
        "KEY_FAULTS",
        &KeyFault::ALL.map(KeyFault::name),
    );
    text += &list(
        "Why an entry was removed, by number.",
        "REMOVAL_REASONS",
        &RemovalReason::ALL.map(RemovalReason::name),
    );
    text += &list(
        "Kinds of endpoints that have a TTL of their own.",
        "TTL_KINDS",
        &TtlKind::ALL.map(TtlKind::name),
    );
    text += &list(
        "What an operation of the exported class did, by number: methods of the observer.",
        "EVENTS",
        &Event::ALL.map(Event::name),
    );
    for (doc, names) in numbers() {
        text += &format!("// {doc}\n");
        for (name, value) in names {
            text += &format!("export const {name} = {value};\n");
        }
        text += "\n";
    }
    text += &number(
        "Characters of a key at most, and of a name in it.",
        "MAX_KEY",
        MAX_KEY,
    );
    text += &number(
        "Characters of the JSON text of params at most.",
        "MAX_TEXT",
        MAX_TEXT,
    );
    text += &number(
        "Levels that params may nest at most.",
        "MAX_DEPTH",
        MAX_DEPTH,
    );
    text += &number(
        "Characters of a pattern at most.",
        "MAX_PATTERN",
        MAX_PATTERN,
    );
    text += &number("Tags of an entry at most.", "MAX_TAGS", MAX_TAGS);
    text += &number(
        "Bytes of all tags of an entry at most.",
        "MAX_TAGS_TEXT",
        MAX_TAGS_TEXT,
    );
    text += &format!("/** Bounds of a cache. */\nexport interface Limits {{\n{members}}}\n\n");
    text += &format!(
        "/** What holds where an option is not given; times in milliseconds. */\nexport const LIMITS = {{\n{values}  defaultTtlMs: {DEFAULT_TTL_MS},\n}};\n"
    );
    text
}

#[test]
fn contract_ts_says_what_rust_says() {
    let wanted = contract();
    if std::env::var_os("GENERATE").is_some() {
        std::fs::write(PATH, &wanted).unwrap();
    }
    let written = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(
        written == wanted,
        "src/bindings/host/contract.ts is out of date: run make generate"
    );
}
