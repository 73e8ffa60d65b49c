//! All interleavings of readers and mutations over the shipped cache, and of the same over broken ones.
//!
//! `cargo test --test interleavings -- --nocapture` prints how many schedules each scenario has, and for each fault
//! put into the protocol on purpose the first schedule that shows it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)] // a failing test panics

mod explorer;

use explorer::explore;
use explorer::protocol::{Broken, Fault, Shipped};
use explorer::scenario::{Direct, MUTATION_MS, Scenario, TTL, Tags};

/// Explores every scenario and prints what that came to; no schedule may break a property.
fn hold(title: &str, scenarios: &[Scenario], at_least: u64) {
    let (mut schedules, mut steps) = (0, 0);
    for scenario in scenarios {
        let report = explore(scenario, &Shipped::new);
        if let Some(violation) = report.violation {
            let story = violation.story.join("\n  ");
            panic!("{}: {}\n  {story}", scenario.name, violation.what);
        }
        println!(
            "{:>10} schedules, 0 violations: {}",
            report.schedules, scenario.name
        );
        let few = report.schedules < at_least;
        assert!(
            !few,
            "{}: {} schedules only",
            scenario.name, report.schedules
        );
        (schedules, steps) = (schedules + report.schedules, steps + report.steps);
    }
    println!("{title}: {schedules} schedules, {steps} different steps, 0 violations");
}

#[test]
fn three_reads_and_a_mutation() {
    let scenario = |name| Scenario::new(name, 3, 1).alike();
    let scenarios = [
        scenario("3 reads, 1 mutation, 2 failing loads, the mutation may throw").failing(2, 1),
        scenario("3 reads, 1 mutation, 1 caller gives up").aborting(1),
        scenario("3 reads, 1 mutation, 1 direct invalidation by glob")
            .directly(Direct::Glob)
            .prompt(),
        scenario("3 reads, 1 mutation, expiry, stale while revalidating and on 2 errors")
            .ticking(&[TTL + 1.0])
            .stale(500.0, 700.0)
            .failing(2, 0)
            .prompt(),
        scenario("3 reads, 1 mutation by tag, 1 direct invalidation by tag; loads assign it")
            .tagged(Tags::Loaded)
            .mutating_by_tag()
            .directly(Direct::Tag)
            .prompt(),
    ];
    hold("3 reads and 1 mutation", &scenarios, 300_000);
}

#[test]
fn two_reads_and_two_mutations() {
    let scenario = |name| Scenario::new(name, 2, 2).alike();
    let scenarios = [
        scenario("2 reads, 2 mutations"),
        scenario("2 reads, 2 mutations, 1 failing load, 1 mutation may throw")
            .failing(1, 1)
            .prompt(),
    ];
    hold("2 reads and 2 mutations", &scenarios, 300_000);
}

#[test]
fn two_reads_and_two_mutations_disturbed() {
    let scenario = |name| Scenario::new(name, 2, 2).alike().prompt();
    let scenarios = [
        scenario("2 reads, 2 mutations, 1 caller gives up").aborting(1),
        scenario("2 reads, 2 mutations, expiry").ticking(&[TTL + 1.0]),
        scenario("2 reads, 2 mutations, 1 direct invalidation by regex")
            .directly(Direct::Regex)
            .at_once(),
    ];
    hold("2 reads and 2 mutations, disturbed", &scenarios, 300_000);
}

#[test]
fn every_way_to_invalidate() {
    let scenario = |name, direct| Scenario::new(name, 2, 1).directly(direct).alike().prompt();
    let scenarios = [
        scenario("2 reads, 1 mutation, invalidation by regex", Direct::Regex),
        scenario(
            "2 reads, 1 mutation, invalidation by prefix",
            Direct::Prefix,
        ),
        scenario(
            "2 reads, 1 mutation, invalidation by endpoint",
            Direct::Endpoint,
        ),
        scenario("2 reads, 1 mutation, invalidation by user", Direct::User),
        scenario(
            "2 reads, 1 mutation, invalidation by endpoint, which empties the cache at once",
            Direct::Endpoint,
        )
        .bulk_clear_threshold(),
        scenario(
            "2 reads, 1 mutation, invalidation by a tag known before",
            Direct::Tag,
        )
        .tagged(Tags::Asked),
        scenario(
            "2 reads, 1 mutation, invalidation by a tag of the load's",
            Direct::Tag,
        )
        .tagged(Tags::Loaded),
        scenario("2 reads, 1 mutation, clear", Direct::Clear),
        scenario("2 reads, 1 mutation, delete", Direct::Delete),
        scenario("2 reads, 1 mutation, expire", Direct::Expire),
    ];
    hold("Every way to invalidate", &scenarios, 10_000);
}

#[test]
fn mutations_that_hang_and_users_apart() {
    let scenarios = [
        Scenario::new("2 reads, 1 mutation that may hang, its time runs out", 2, 1)
            .hanging()
            .alike()
            .ticking(&[MUTATION_MS + 1.0]),
        Scenario::new(
            "2 reads, 1 mutation that may hang, time runs out in two steps",
            2,
            1,
        )
        .hanging()
        .alike()
        .ticking(&[TTL + 1.0, MUTATION_MS]),
        Scenario::new("3 reads by 2 users, 1 mutation", 3, 1)
            .keys(&[0, 1, 0])
            .alike(),
        Scenario::new("2 reads, 1 mutation by a tag of the load's, expiry", 2, 1)
            .tagged(Tags::Loaded)
            .mutating_by_tag()
            .ticking(&[TTL + 1.0]),
    ];
    hold("Hanging mutations and users", &scenarios, 5_000);
}

/// Scenarios from small to large: the first that shows a fault shows it in few steps.
///
/// Faults are to be found by what callers see: old data, second loads, readers that wait for ever.
fn small() -> Vec<Scenario> {
    vec![
        Scenario::new("2 reads", 2, 0),
        Scenario::new("1 read, 1 mutation", 1, 1),
        Scenario::new("2 reads, 1 failing load", 2, 0).failing(1, 0),
        Scenario::new("2 reads, 1 caller gives up", 2, 0).aborting(1),
        Scenario::new("1 read, an invalidation", 1, 0).directly(Direct::Clear),
        Scenario::new("1 read, an invalidation by tag", 1, 0)
            .directly(Direct::Tag)
            .tagged(Tags::Loaded),
        Scenario::new("2 reads, 1 mutation", 2, 1),
        Scenario::new("2 reads, 1 mutation that may throw", 2, 1).failing(0, 1),
        Scenario::new("2 reads, 1 mutation that may hang", 2, 1)
            .hanging()
            .ticking(&[MUTATION_MS + 1.0]),
        Scenario::new("3 reads, 1 mutation", 3, 1),
    ]
}

#[test]
fn faults_in_the_protocol_are_found() {
    let scenarios = small();
    for scenario in &scenarios[..scenarios.len() - 1] {
        hold("as it ships", std::slice::from_ref(scenario), 1);
    }
    for fault in Fault::ALL {
        let mut schedules = 0;
        let found = scenarios.iter().find_map(|scenario| {
            let scenario = scenario.clone().seen_from_outside();
            let report = explore(&scenario, &|scenario| Broken::new(scenario, fault));
            schedules += report.schedules;
            report.violation.map(|violation| (scenario, violation))
        });
        let Some((scenario, violation)) = found else {
            panic!("{fault:?} was not found in {schedules} schedules");
        };
        println!(
            "\n{fault:?}: found in schedule {schedules} ({})",
            scenario.name
        );
        for line in &violation.story {
            println!("    {line}");
        }
        println!("    => {}", violation.what);
    }
    println!(
        "\n{} faults put into the protocol, {0} found",
        Fault::ALL.len()
    );
}
