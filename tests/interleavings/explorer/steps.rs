//! The steps, played as the JavaScript host plays them.
//!
//! A miss runs a load and fills; a follower gets what the load it joined came to; a load that nobody waits for any
//! more is abandoned although its handler may still answer; a mutation is settled before its caller hears.

use super::protocol::{Outcome, Protocol};
use super::scenario::{Direct, KEYS, MUTATION_MS, TTL, value};
use super::world::{Load, Move, Reader, Stage, Waiter, World};
use endpoint_cache::core::engine::Plan;
use endpoint_cache::core::in_flight::LoadId;
use endpoint_cache::core::slots::Slot;

impl<P: Protocol> World<'_, P> {
    pub fn take(&mut self, step: Move) {
        match step {
            Move::Ask(reader) => self.ask(reader),
            Move::Abort(reader) => self.abort(reader),
            Move::Load(at) => {
                let version = self.database;
                self.loads[at].read = Some(version);
                self.tell(|| format!("load {at} reads version {version} from the database"));
            }
            Move::Return(at) => self.load_returns(at),
            Move::Fail(at) => self.load_fails(at),
            Move::Begin(at) => {
                let mutation_id = self.protocol.begin_mutation(self.script.scopes.clone());
                let ends = self.now() + MUTATION_MS;
                let mutation = &mut self.mutations[at];
                (mutation.stage, mutation.mutation_id, mutation.ends) =
                    (Stage::Running, mutation_id, ends);
                self.generation += 1;
                self.tell(|| format!("mutation {at} begins"));
            }
            Move::Write(at) => {
                self.database += 1;
                let (version, now) = (self.database, self.now());
                let mutation = &mut self.mutations[at];
                (mutation.stage, mutation.wrote) = (Stage::Written, version);
                mutation.wrote_late = mutation.ends < now;
                self.tell(|| format!("mutation {at} writes version {version}"));
            }
            Move::Settle(at, outcome) => self.settle(at, outcome),
            Move::Hang(at) => {
                self.mutations[at].stage = Stage::Hanging;
                self.tell(|| format!("mutation {at} hangs"));
            }
            Move::Acknowledge(at) => self.acknowledge(at),
            Move::Change => {
                self.database += 1;
                self.direct = 1;
                let version = self.database;
                self.tell(|| format!("somebody writes version {version} past the cache"));
                if self.script.scenario.at_once {
                    self.invalidate();
                }
            }
            Move::Invalidate => self.invalidate(),
            Move::Tick => {
                let ms = self.script.scenario.ticks[self.ticks];
                self.ticks += 1;
                self.protocol.clock().advance(ms);
                // A mutation whose time ran out ends with an invalidation.
                self.generation += 1;
                self.tell(|| format!("the clock moves by {ms} ms"));
            }
        }
    }

    fn ask(&mut self, reader: usize) {
        let key = self.script.scenario.readers[reader];
        let floor = self.promised;
        let plan = self.protocol.begin(KEYS[key], &self.script.ask);
        self.readers[reader] = Reader::Done;
        let value_in = |world: &Self, slot: Slot| world.protocol.cache().value(slot);
        match plan {
            Plan::Hit(slot, load) | Plan::Stale(slot, load) => {
                let value = value_in(self, slot);
                let stale = matches!(plan, Plan::Stale(..));
                self.tally.hits += 1;
                self.tally.stale += u64::from(stale);
                self.tell(|| {
                    format!("reader {reader} gets {value:?} from the cache, stale: {stale}")
                });
                self.ensure(value.is_some(), || format!("reader {reader} hits no value"));
                let age = self.now() - self.stored_at[key];
                let allowed = TTL
                    + if stale {
                        self.script.store.write.window
                    } else {
                        0.0
                    };
                self.ensure(age <= allowed, || {
                    format!("reader {reader} gets a value of {age} ms, {allowed} allowed")
                });
                self.deliver(reader, key, floor, value.unwrap_or_default());
                if let Some(load_id) = load {
                    self.start(key, Some(load_id), None);
                }
            }
            Plan::Miss(load_id, slot) => {
                let stand_in = slot.and_then(|slot| value_in(self, slot));
                self.tally.misses += 1;
                let at = self.start(
                    key,
                    Some(load_id),
                    Some(Waiter {
                        reader,
                        floor,
                        stand_in,
                    }),
                );
                self.readers[reader] = Reader::Waiting;
                self.tell(|| format!("reader {reader} misses and starts load {at}"));
            }
            Plan::Join(load_id, slot) => {
                let stand_in = slot.and_then(|slot| value_in(self, slot));
                self.tally.misses += 1;
                self.tally.joined += 1;
                let running =
                    |load: &Load| load.load_id == Some(load_id) && !load.ended && !load.orphan;
                let Some(at) = self.loads.iter().position(running) else {
                    self.tell(|| format!("reader {reader} is to wait for a load that is over"));
                    return self.object(|| format!("reader {reader} waits for ever"));
                };
                self.loads[at].waiters.push(Waiter {
                    reader,
                    floor,
                    stand_in,
                });
                self.readers[reader] = Reader::Waiting;
                self.tell(|| format!("reader {reader} joins load {at}"));
            }
            Plan::Bypass(reason) => {
                self.tally.bypasses += 1;
                let stand_in = None;
                let at = self.start(
                    key,
                    None,
                    Some(Waiter {
                        reader,
                        floor,
                        stand_in,
                    }),
                );
                self.readers[reader] = Reader::Waiting;
                let reason = reason.name();
                self.tell(|| format!("reader {reader} bypasses the cache ({reason}): load {at}"));
            }
        }
    }

    fn start(&mut self, key: usize, load_id: Option<LoadId>, waiter: Option<Waiter>) -> usize {
        let generation = self.generation;
        let doubled = |load: &Load| {
            load.key == key && load.generation == generation && !load.ended && !load.orphan
        };
        let second = self.loads.iter().any(doubled);
        self.tally.loads += u64::from(load_id.is_some());
        self.loads.push(Load {
            key,
            load_id,
            read: None,
            background: waiter.is_none(),
            waiters: waiter.into_iter().collect(),
            generation,
            ended: false,
            orphan: false,
        });
        let at = self.loads.len() - 1;
        self.ensure(!second, || {
            format!("load {at} is a second one of its key and generation")
        });
        at
    }

    fn deliver(&mut self, reader: usize, key: usize, floor: u64, value_read: u64) {
        self.ensure(
            value_read >= value(key, floor) && value_read <= value(key, 999),
            || {
                format!(
                    "reader {reader} gets {value_read} although {} was promised before it began",
                    value(key, floor)
                )
            },
        );
    }

    fn load_returns(&mut self, at: usize) {
        let load = &mut self.loads[at];
        load.ended = true;
        let (key, version) = (load.key, load.read.unwrap_or_default());
        let (load_id, waiters) = (load.load_id, std::mem::take(&mut load.waiters));
        let orphan = load.orphan;
        let mut end = "is not stored".to_owned();
        if let Some(load_id) = load_id {
            let result = value(key, version);
            let filled = self
                .protocol
                .fill(load_id, KEYS[key], result, self.script.store.clone());
            match filled {
                Ok(()) => {
                    self.tally.stored += 1;
                    self.stored_at[key] = self.now();
                    end = "is stored".to_owned();
                    self.ensure(!orphan, || {
                        format!("load {at} was abandoned and then stored")
                    });
                }
                Err(refusal) => {
                    self.tally.refused += 1;
                    end = format!("is not stored: {}", refusal.name());
                }
            }
        }
        self.tell(|| format!("load {at} returns version {version}, which {end}"));
        for waiter in waiters {
            self.readers[waiter.reader] = Reader::Done;
            let reader = waiter.reader;
            self.tell(|| format!("reader {reader} gets version {version} of load {at}"));
            self.deliver(reader, key, waiter.floor, value(key, version));
        }
    }

    fn load_fails(&mut self, at: usize) {
        self.failing_loads -= 1;
        self.end_without_value(at);
        self.tell(|| format!("load {at} fails"));
        for waiter in std::mem::take(&mut self.loads[at].waiters) {
            self.readers[waiter.reader] = Reader::Done;
            if let Some(value) = waiter.stand_in {
                self.deliver(waiter.reader, self.loads[at].key, waiter.floor, value);
            }
        }
        self.loads[at].ended = true;
    }

    fn end_without_value(&mut self, at: usize) {
        if let Some(load_id) = self.loads[at].load_id {
            self.tally.abandoned += 1;
            self.protocol.abandon(load_id);
        }
    }

    fn abort(&mut self, reader: usize) {
        self.aborts -= 1;
        self.readers[reader] = Reader::Done;
        self.tell(|| format!("reader {reader} gives up"));
        let waits = |load: &Load| load.waiters.iter().any(|waiter| waiter.reader == reader);
        let Some(at) = self.loads.iter().position(waits) else {
            return;
        };
        self.loads[at]
            .waiters
            .retain(|waiter| waiter.reader != reader);
        let others = self.loads[at].waiters.len();
        if others > 0 && self.protocol.aborts_for_all() {
            self.object(|| format!("{others} others get the abort of reader {reader}"));
        }
        if others == 0 && !self.loads[at].background {
            self.end_without_value(at);
            self.loads[at].orphan = true;
        }
    }

    fn settle(&mut self, at: usize, outcome: Outcome) {
        if outcome == Outcome::Threw {
            self.throwing_mutations -= 1;
        }
        let mutation_id = self.mutations[at].mutation_id;
        self.protocol
            .settle(mutation_id, &self.script.scopes, outcome);
        self.generation += 1;
        let mutation = &mut self.mutations[at];
        (mutation.settled, mutation.outcome) = (true, outcome);
        if mutation.stage != Stage::Acknowledged {
            mutation.stage = Stage::Over;
        }
        self.tell(|| format!("mutation {at} ends: {outcome:?}"));
        if self.script.scenario.prompt && self.mutations[at].stage == Stage::Over {
            self.acknowledge(at);
        }
    }

    fn invalidate(&mut self) {
        let direct = self.script.scenario.direct.unwrap_or(Direct::Clear);
        self.protocol
            .invalidate(direct, self.script.pattern.as_ref());
        self.direct = 2;
        self.promised = self.promised.max(self.database);
        self.generation += 1;
        self.tell(|| format!("somebody invalidates by {direct:?}"));
    }

    fn acknowledge(&mut self, at: usize) {
        self.mutations[at].stage = Stage::Acknowledged;
        self.promised = self.promised.max(self.mutations[at].wrote);
        self.tell(|| format!("the caller of mutation {at} hears of its end"));
    }
}
