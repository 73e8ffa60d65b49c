//! An explorer of all interleavings: depth first over every order in which actors can take their steps.
//!
//! It replays a schedule from the start to reach a state, takes each step that is possible there, and looks at
//! every property after each step. Nothing is sampled and nothing is pruned: a scenario's number of schedules is
//! the number of ways it can go. `world` holds the actors, `steps` what they do,
//! `properties` what must hold, `protocol` the cache and its broken variants.

mod properties;
pub mod protocol;
pub mod scenario;
mod steps;
pub mod world;

use protocol::Protocol;
use scenario::Scenario;
use world::{Move, Script, World};

/// A schedule that broke a property, in words.
pub struct Violation {
    pub what: String,
    pub story: Vec<String>,
}

/// What exploring a scenario came to.
pub struct Report {
    pub schedules: u64,
    pub steps: u64,
    pub violation: Option<Violation>,
}

/// Which step was taken at a point, and how many were possible there.
struct Choice {
    taken: usize,
    of: usize,
}

/// Runs every schedule of `scenario`, or stops at the first one that breaks a property.
pub fn explore<P: Protocol>(scenario: &Scenario, protocol: &dyn Fn(&Scenario) -> P) -> Report {
    let script = Script::new(scenario);
    let mut path: Vec<Choice> = Vec::new();
    let mut moves: Vec<Move> = Vec::new();
    let (mut schedules, mut steps) = (0_u64, 0_u64);
    // Steps before this one were looked at in the schedule before.
    let mut seen = 0;
    loop {
        let mut world = World::new(&script, protocol(scenario));
        let mut at = 0;
        loop {
            world.moves(&mut moves);
            if moves.is_empty() {
                break;
            }
            if at == path.len() {
                let of = moves.len();
                path.push(Choice { taken: 0, of });
            }
            assert_eq!(
                path[at].of,
                moves.len(),
                "a replay differs from its first run"
            );
            world.take(moves[path[at].taken]);
            if at >= seen {
                steps += 1;
                world.look();
            }
            at += 1;
            if world.violation.is_some() {
                break;
            }
        }
        if world.violation.is_none() {
            world.look_at_the_end();
        }
        schedules += 1;
        if world.violation.is_some() {
            let violation = Some(tell(&script, protocol, &path[..at]));
            return Report {
                schedules,
                steps,
                violation,
            };
        }
        while path
            .last()
            .is_some_and(|choice| choice.taken + 1 == choice.of)
        {
            path.pop();
        }
        let Some(last) = path.last_mut() else {
            return Report {
                schedules,
                steps,
                violation: None,
            };
        };
        last.taken += 1;
        seen = path.len() - 1;
    }
}

/// Replays a schedule and writes down what happens.
fn tell<P: Protocol>(
    script: &Script<'_>,
    protocol: &dyn Fn(&Scenario) -> P,
    path: &[Choice],
) -> Violation {
    let mut world = World::new(script, protocol(script.scenario));
    world.story = Some(Vec::new());
    let mut moves = Vec::new();
    for choice in path {
        world.moves(&mut moves);
        world.take(moves[choice.taken]);
        world.look();
    }
    if world.violation.is_none() {
        world.look_at_the_end();
    }
    Violation {
        what: world
            .violation
            .unwrap_or_else(|| "the replay went well".to_owned()),
        story: world.story.unwrap_or_default(),
    }
}
