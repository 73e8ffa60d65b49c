//! Why a key is there or not, and statistics. Nothing here changes the engine.

use super::Engine;
use crate::core::fmt_lite::{decimal, filled, joined};
use crate::core::history::{Invalidation, Removal};
use crate::core::slots::Slot;
use crate::core::stats::Stats;
use crate::core::time::Timestamp;

/// What there is under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// A value within its time to live.
    Fresh,
    /// A value past its deadline, kept to be served where a staleness option allows it.
    Stale,
    /// A value past its time that nothing has removed yet.
    Expired,
    /// No value yet: a load is in flight.
    Loading,
    /// Nothing.
    Absent,
}

impl Presence {
    /// Its name, as explanations give it.
    pub fn name(self) -> &'static str {
        match self {
            Presence::Fresh => "fresh",
            Presence::Stale => "stale",
            Presence::Expired => "expired",
            Presence::Loading => "loading",
            Presence::Absent => "absent",
        }
    }
}

/// Why a key is there or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What there is.
    pub presence: Presence,
    /// Milliseconds since it was stored.
    pub age: Option<f64>,
    /// Milliseconds until it is stale; negative when it has.
    pub ttl: Option<f64>,
    /// Milliseconds for which it is kept past its deadline.
    pub window: Option<f64>,
    /// True when a load of it is in flight whose value would be stored.
    pub loading: bool,
    /// When the next load may start, where the last one failed a short while ago.
    pub retry_at: Option<f64>,
    /// The last removal of this key, if it was among the latest thousand.
    pub removal: Option<Removal>,
    /// The invalidation that removed it, if it was among the latest.
    pub invalidation: Option<Invalidation>,
}

impl Explanation {
    /// The same with its moments moved from engine time to the clock's own: `shift` is by how much that is ahead.
    pub fn in_clock_time(mut self, shift: f64) -> Self {
        let moved = |at: Timestamp| Timestamp::from_millis(at.as_millis() + shift).unwrap_or(at);
        if let Some(removal) = &mut self.removal {
            removal.at = moved(removal.at);
        }
        if let Some(done) = &mut self.invalidation {
            done.at = moved(done.at);
        }
        self.retry_at = self.retry_at.map(|at| at + shift);
        self
    }

    /// The explanation in one sentence, for a person to read.
    pub fn summary(&self) -> String {
        let (age, ttl) = (seconds(self.age), seconds(self.ttl));
        let mut sentence = match self.presence {
            Presence::Fresh if self.ttl == Some(f64::INFINITY) => {
                filled("fresh: stored {} ago, never expires", &[&age])
            }
            Presence::Fresh => filled("fresh: stored {} ago, expires in {}", &[&age, &ttl]),
            Presence::Stale => filled(
                "stale: expired {} ago, kept to be served where a staleness option allows it",
                &[&ttl],
            ),
            Presence::Expired => filled("expired {} ago and not removed yet", &[&ttl]),
            Presence::Loading => return "no value yet: a load is under way".to_owned(),
            Presence::Absent => return self.absence(),
        };
        if self.loading {
            sentence.push_str(", and a load is under way");
        }
        sentence
    }

    fn absence(&self) -> String {
        match (&self.invalidation, &self.removal) {
            (Some(done), _) => filled(
                "absent: removed at {} by {}",
                &[&moment(done.at), &done.what],
            ),
            (None, Some(removal)) => filled(
                "absent: {} at {}",
                &[removal.reason.name(), &moment(removal.at)],
            ),
            (None, None) => {
                "absent: not stored, or removed too long ago to be remembered".to_owned()
            }
        }
    }
}

/// A length of time, in seconds with one place.
fn seconds(ms: Option<f64>) -> String {
    let tenths = whole(ms.unwrap_or_default().abs() / 1e2).unsigned_abs();
    joined(&[&decimal(tenths / 10), ".", &decimal(tenths % 10), " s"])
}

/// A point in time, in whole milliseconds.
fn moment(at: Timestamp) -> String {
    let ms = whole(at.as_millis());
    let sign = if ms < 0 { "-" } else { "" };
    joined(&[sign, &decimal(ms.unsigned_abs())])
}

/// The nearest whole number. Sentences hold no fractions: what writes those would be a tenth of the module.
#[allow(clippy::cast_possible_truncation, reason = "no time is that late")]
fn whole(number: f64) -> i64 {
    number.round() as i64
}

impl Engine {
    /// Statistics now. Costs by how many entries have expired, not by how many there are.
    pub fn stats(&self, now: Timestamp) -> Stats {
        let mut expired_entries = 0_usize;
        self.expiry
            .each_expired(now.as_millis(), &self.slots, |slot| {
                if self.is_servable(slot) {
                    expired_entries = expired_entries.saturating_add(1);
                }
            });
        let parts = [
            self.groups.memory(),
            self.expiry.memory(),
            self.eviction.memory(),
        ];
        Stats {
            size: self.len(),
            expired_entries,
            bytes: self.bytes,
            overhead_bytes: parts
                .iter()
                .fold(self.slots.memory(), |sum, part| sum.saturating_add(*part)),
            loading: self.in_flight.len(),
            mutating: self.in_flight.active_mutations(),
            clock_errors: self.clock.errors(),
            counters: self.counters.clone(),
        }
    }

    /// Values held by each endpoint that holds any, by name.
    pub fn endpoint_sizes(&self) -> Vec<(String, usize)> {
        self.groups.endpoint_sizes()
    }

    /// Slots that hold a value or are reserved by a load.
    pub fn slots_in_use(&self) -> usize {
        self.slots.len()
    }

    /// Why the key of `slot` and `fingerprint` is there or not.
    pub fn explain(&self, slot: Option<Slot>, fingerprint: u32, now: Timestamp) -> Explanation {
        let alive = slot.filter(|slot| self.groups.is_alive(self.slots.group_of(*slot)));
        let valued = alive.filter(|slot| self.slots.has_value(*slot));
        let presence = match (valued, alive) {
            (Some(slot), _) if self.is_fresh(slot, now) => Presence::Fresh,
            (Some(slot), _) if self.slots.kept_until(slot) >= now.as_millis() => Presence::Stale,
            (Some(_), _) => Presence::Expired,
            (None, Some(slot)) if self.in_flight.on(slot).is_some() => Presence::Loading,
            _ => Presence::Absent,
        };
        let removal = if valued.is_some() {
            None
        } else {
            self.history.removal(fingerprint)
        };
        let retired = slot.is_some() && alive.is_none();
        let latest = || {
            self.history
                .invalidations()
                .find(|done| done.count > 0)
                .cloned()
        };
        let at_removal = |removal: &Removal| {
            let caused = |done: &&Invalidation| done.count > 0 && done.at <= removal.at;
            self.history.invalidations().find(caused).cloned()
        };
        let invalidation = match &removal {
            _ if retired => latest(),
            Some(removal) if removal.reason == crate::core::stats::RemovalReason::Invalidated => {
                at_removal(removal)
            }
            _ => None,
        };
        Explanation {
            presence,
            age: valued.map(|slot| self.age_and_ttl(slot, now).0),
            ttl: valued.map(|slot| self.age_and_ttl(slot, now).1),
            window: valued.map(|slot| self.slots.window(slot)),
            loading: alive.is_some_and(|slot| self.in_flight.on(slot).is_some()),
            retry_at: valued.and_then(|slot| self.slots.retry_at(slot)),
            removal,
            invalidation,
        }
    }
}
