//! Readers, loads and mutations, the state of each, and what each can do next.
//!
//! The database holds one version, which every write raises: what a reader gets is judged by it. `steps` plays the
//! host's part, `properties` says what must hold.

use super::protocol::{Outcome, Protocol};
use super::scenario::Scenario;
use endpoint_cache::core::cache::{KeyPattern, PutOptions, ReadOptions};
use endpoint_cache::core::groups::Scope;
use endpoint_cache::core::in_flight::{LoadId, MutationId};

/// One step of one actor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Move {
    Ask(usize),
    Abort(usize),
    /// A load's handler reads the database.
    Load(usize),
    Return(usize),
    Fail(usize),
    Begin(usize),
    Write(usize),
    Settle(usize, Outcome),
    Hang(usize),
    Acknowledge(usize),
    /// The data changes behind the cache's back.
    Change,
    Invalidate,
    Tick,
}

/// A scenario with what its steps need, made once.
pub struct Script<'s> {
    pub scenario: &'s Scenario,
    pub(super) ask: ReadOptions,
    pub(super) store: PutOptions,
    pub(super) scopes: Vec<Scope>,
    pub(super) pattern: Option<KeyPattern>,
}

impl<'s> Script<'s> {
    pub fn new(scenario: &'s Scenario) -> Self {
        Script {
            scenario,
            ask: scenario.ask(),
            store: scenario.store(),
            scopes: scenario.scopes(),
            pattern: scenario.direct.and_then(Scenario::pattern),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reader {
    Idle,
    Waiting,
    Done,
}

pub(super) struct Waiter {
    pub(super) reader: usize,
    /// The oldest version that this read may return.
    pub(super) floor: u64,
    pub(super) stand_in: Option<u64>,
}

pub(super) struct Load {
    pub(super) key: usize,
    /// `None` where the handler runs past the cache.
    pub(super) load_id: Option<LoadId>,
    pub(super) read: Option<u64>,
    pub(super) waiters: Vec<Waiter>,
    pub(super) generation: u64,
    pub(super) ended: bool,
    /// Abandoned because nobody waited; its handler may still answer.
    pub(super) orphan: bool,
    pub(super) background: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stage {
    Idle,
    Running,
    Written,
    Over,
    Hanging,
    Acknowledged,
}

pub(super) struct Mutation {
    pub(super) stage: Stage,
    pub(super) mutation_id: MutationId,
    pub(super) ends: f64,
    pub(super) settled: bool,
    pub(super) outcome: Outcome,
    /// The version it wrote; 0 if it wrote none.
    pub(super) wrote: u64,
    /// It wrote after its time had run out: until it settles nobody can know.
    pub(super) wrote_late: bool,
}

/// What the statistics must come to.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) hits: u64,
    pub(super) stale: u64,
    pub(super) misses: u64,
    pub(super) joined: u64,
    pub(super) bypasses: u64,
    pub(super) loads: u64,
    pub(super) stored: u64,
    pub(super) refused: u64,
    pub(super) abandoned: u64,
}

pub struct World<'s, P> {
    pub(super) script: &'s Script<'s>,
    pub(super) protocol: P,
    pub(super) database: u64,
    /// Reads that start now must not return an older version.
    pub(super) promised: u64,
    /// Counts what may have ended the use of a load's value.
    pub(super) generation: u64,
    pub(super) readers: Vec<Reader>,
    pub(super) loads: Vec<Load>,
    pub(super) mutations: Vec<Mutation>,
    pub(super) failing_loads: u32,
    pub(super) throwing_mutations: u32,
    pub(super) aborts: u32,
    pub(super) hangs: bool,
    pub(super) ticks: usize,
    /// 0: to come, 1: the data has changed, 2: over.
    pub(super) direct: u32,
    pub(super) stored_at: [f64; 2],
    pub(super) tally: Tally,
    pub story: Option<Vec<String>>,
    pub violation: Option<String>,
}

impl<'s, P: Protocol> World<'s, P> {
    pub fn new(script: &'s Script<'s>, protocol: P) -> Self {
        let scenario = script.scenario;
        let mutation = |_| Mutation {
            stage: Stage::Idle,
            mutation_id: MutationId(0),
            ends: 0.0,
            settled: false,
            outcome: Outcome::Returned,
            wrote: 0,
            wrote_late: false,
        };
        World {
            script,
            protocol,
            database: 1,
            promised: 1,
            generation: 0,
            readers: vec![Reader::Idle; scenario.readers.len()],
            loads: Vec::with_capacity(8),
            mutations: (0..scenario.mutations).map(mutation).collect(),
            failing_loads: scenario.failing_loads,
            throwing_mutations: scenario.throwing_mutations,
            aborts: scenario.aborts,
            hangs: scenario.hangs,
            ticks: 0,
            direct: if scenario.direct.is_some() { 0 } else { 2 },
            stored_at: [0.0; 2],
            tally: Tally::default(),
            story: None,
            violation: None,
        }
    }

    pub(super) fn now(&self) -> f64 {
        endpoint_cache::core::clock::Clock::now(self.protocol.clock())
    }

    pub(super) fn tell(&mut self, line: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.push(line());
        }
    }

    pub(super) fn object(&mut self, what: impl FnOnce() -> String) {
        if self.violation.is_none() {
            self.violation = Some(what());
        }
    }

    pub(super) fn ensure(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.object(what);
        }
    }

    /// Every step that some actor can take now.
    pub fn moves(&self, moves: &mut Vec<Move>) {
        moves.clear();
        for (reader, state) in self.readers.iter().enumerate() {
            match state {
                Reader::Idle if self.is_next_reader(reader) => moves.push(Move::Ask(reader)),
                Reader::Waiting if self.aborts > 0 => moves.push(Move::Abort(reader)),
                Reader::Idle | Reader::Waiting | Reader::Done => {}
            }
        }
        for (at, load) in self
            .loads
            .iter()
            .enumerate()
            .filter(|(_, load)| !load.ended)
        {
            if load.read.is_none() {
                moves.push(Move::Load(at));
            } else {
                moves.push(Move::Return(at));
            }
            if self.failing_loads > 0 && !load.orphan {
                moves.push(Move::Fail(at));
            }
        }
        for (at, mutation) in self.mutations.iter().enumerate() {
            let threw = self.throwing_mutations > 0;
            let first = self.protocol.acknowledges_first() && mutation.outcome == Outcome::Returned;
            match mutation.stage {
                Stage::Idle if self.is_next_mutation(at) => moves.push(Move::Begin(at)),
                Stage::Idle => {}
                Stage::Running => {
                    moves.push(Move::Write(at));
                    if threw {
                        moves.push(Move::Settle(at, Outcome::Threw));
                    }
                }
                Stage::Written if first => moves.push(Move::Acknowledge(at)),
                Stage::Written => {
                    moves.push(Move::Settle(at, Outcome::Returned));
                    if threw {
                        moves.push(Move::Settle(at, Outcome::Threw));
                    }
                    if self.hangs {
                        moves.push(Move::Hang(at));
                    }
                }
                Stage::Over => moves.push(Move::Acknowledge(at)),
                Stage::Acknowledged if first && !mutation.settled => {
                    moves.push(Move::Settle(at, Outcome::Returned));
                }
                Stage::Hanging | Stage::Acknowledged => {}
            }
        }
        match self.direct {
            0 => moves.push(Move::Change),
            1 => moves.push(Move::Invalidate),
            _ => {}
        }
        if self.ticks < self.script.scenario.ticks.len() {
            moves.push(Move::Tick);
        }
    }

    fn is_next_reader(&self, reader: usize) -> bool {
        let keys = &self.script.scenario.readers;
        let earlier = |other: &usize| keys[*other] == keys[reader];
        let waits = |other| self.readers[other] == Reader::Idle;
        !(self.script.scenario.alike && (0..reader).filter(earlier).any(waits))
    }

    fn is_next_mutation(&self, at: usize) -> bool {
        let waits = |mutation: &Mutation| mutation.stage == Stage::Idle;
        !(self.script.scenario.alike && self.mutations[..at].iter().any(waits))
    }
}
