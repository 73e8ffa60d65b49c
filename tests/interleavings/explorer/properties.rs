//! What must hold: after every step, and when every actor is done.
//!
//! What a reader gets is judged in `steps`, where it gets it: never older than what was promised before it began.

use super::protocol::{Protocol, held};
use super::scenario::{Direct, KEYS, value};
use super::world::{Mutation, Reader, Stage, World};
use endpoint_cache::core::stats::Refusal;

impl<P: Protocol> World<'_, P> {
    /// What must hold at every moment.
    pub fn look(&mut self) {
        let inside = !self.script.scenario.seen_from_outside;
        let cache = self.protocol.cache();
        if inside && let Err(error) = cache.check_invariants() {
            return self.object(|| error);
        }
        let now = self.now();
        let overdue = |mutation: &Mutation| mutation.ends < now;
        if self
            .mutations
            .iter()
            .any(|mutation| !mutation.settled && overdue(mutation))
        {
            // Leases end when the cache is next asked for something.
            cache.maintain(0);
        }
        let open = |mutation: &Mutation| match mutation.stage {
            Stage::Idle | Stage::Over | Stage::Acknowledged => false,
            Stage::Hanging => !overdue(mutation) || mutation.wrote_late,
            Stage::Running | Stage::Written => true,
        };
        let mutating = self.mutations.iter().any(open);
        let leased = self
            .mutations
            .iter()
            .any(|mutation| open(mutation) && !overdue(mutation));
        let expires = self.script.scenario.direct == Some(Direct::Expire);
        for (key, text) in KEYS.iter().enumerate() {
            let cache = self.protocol.cache();
            let found = if expires {
                cache.peek(text)
            } else {
                held(cache, text)
            };
            let Some(found) = found else { continue };
            self.ensure(!leased || !inside, || {
                format!("{found} is stored while a mutation runs")
            });
            let current = value(key, self.database);
            let settled = !mutating && self.direct != 1;
            self.ensure(!settled || found == current, || {
                format!("{found} is stored while nothing runs and {current} is current")
            });
        }
    }

    /// What must hold when every actor is done.
    pub fn look_at_the_end(&mut self) {
        let waiting = self
            .readers
            .iter()
            .filter(|state| **state != Reader::Done)
            .count();
        self.ensure(waiting == 0, || format!("{waiting} readers wait for ever"));
        if self.script.scenario.seen_from_outside {
            return;
        }
        let stats = self.protocol.cache().stats();
        let (counted, tally) = (&stats.counters, &self.tally);
        // Abandoned loads that came back all the same.
        let late = counted.refused_by[Refusal::Unknown as usize];
        let hung = |mutation: &&Mutation| mutation.stage == Stage::Hanging;
        let rows = [
            ("hits", counted.hits as u64, tally.hits),
            ("stale hits", counted.stale_hits, tally.stale),
            ("misses", counted.misses, tally.misses),
            ("joined", counted.joined, tally.joined),
            ("bypasses", counted.bypasses, tally.bypasses),
            ("loads", counted.loads, tally.loads),
            ("sets", counted.sets, tally.stored),
            ("refused fills", counted.refused_fills, tally.refused),
            (
                "refused fills by reason",
                counted.refused_by.iter().sum(),
                tally.refused,
            ),
            ("failed loads", counted.failed_loads, tally.abandoned),
            ("ended loads", counted.ended_loads, tally.loads),
            (
                "ends of loads",
                counted.sets + counted.refused_fills + counted.failed_loads - late,
                tally.loads,
            ),
            ("loading", stats.loading as u64, 0),
        ];
        let wrong = rows
            .iter()
            .find(|(_, counted, expected)| counted != expected);
        let wrong =
            wrong.map(|(name, counted, expected)| format!("{name}: {counted}, not {expected}"));
        let mutating = self.mutations.iter().filter(hung).count();
        if let Some(wrong) = wrong {
            return self.object(|| wrong);
        }
        let asked = tally.hits + tally.misses + tally.bypasses;
        let readers = self.readers.len() as u64;
        self.ensure(asked == readers, || {
            format!("{readers} readers, {asked} counted")
        });
        self.ensure(stats.mutating <= mutating, || {
            format!("{} mutations run", stats.mutating)
        });
    }
}
