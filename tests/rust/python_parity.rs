//! Fresh params from Python itself: the canonical text and the hash are the same, byte for byte.
//!
//! Runs `tests/python/golden.py` where there is a `python3`. `GOLDEN_SEED` and `GOLDEN_COUNT` choose the
//! cases; the seed of a failing run is in its message.

use endpoint_cache::core::key::canonical_params;
use std::process::Command;

#[test]
fn python_writes_the_same_text_and_hash() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/golden.py");
    let count = std::env::var("GOLDEN_COUNT").unwrap_or_else(|_| "5000".to_owned());
    let mut python = Command::new("python3");
    python.args([script, "--count", &count]);
    if let Ok(seed) = std::env::var("GOLDEN_SEED") {
        python.args(["--seed", &seed]);
    }
    let output = match python.output() {
        Ok(output) => output,
        Err(error) => {
            println!("skipped: python3 does not run here ({error})");
            return;
        }
    };
    let seed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "golden.py failed: {seed}");
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(lines.lines().count().to_string(), count);
    for line in lines.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = case["text"].as_str().unwrap();
        let ours = canonical_params(text).unwrap_or_else(|error| panic!("{seed}{text}: {error}"));
        assert_eq!(ours.text, case["canonical"], "{seed}{text}");
        assert_eq!(ours.digest().hex(), case["hash"], "{seed}{text}");
    }
}
