//! What `examples/native.rs` shows.

#[allow(dead_code, reason = "its main is for `cargo run --example native`")]
#[path = "../../examples/native.rs"]
mod native;

#[test]
fn a_change_ends_what_was_stored_before_it() {
    let answers = native::walk().unwrap();
    let seen: Vec<_> = answers.iter().map(|(cached, _)| *cached).collect();
    assert_eq!(seen, ["miss", "hit", "miss"]);
}
