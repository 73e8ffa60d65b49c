//! How a load ends, and what becomes of its value.

use super::{Engine, RELEASED_PER_CALL, RemovalReason, Write};
use crate::core::groups::{GroupId, GroupName, tags_fit};
use crate::core::in_flight::{Load, LoadId};
use crate::core::slots::Slot;
use crate::core::stats::Refusal;
use crate::core::time::Timestamp;

/// Milliseconds between loads that bring nothing while a stale value is served, by default. One a second for a
/// key is little for an origin that is down or starts up, and the answer is new within a second of its return; a pause that
/// grew with each failure would leave an entry stale for long after a long outage.
const RETRY_BACKOFF: f64 = 1000.0;

/// A finished load's value, as the engine sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fill<'a> {
    /// How it is to be stored.
    pub write: Write,
    /// All tags of the entry, sorted and without duplicates, those that the load assigned included.
    pub tags: &'a [String],
}

impl Engine {
    /// Ends a load with a value; it is stored unless something invalidated it meanwhile.
    ///
    /// Callers that wait for it get it either way.
    pub fn fill(&mut self, id: LoadId, fill: &Fill<'_>, now: Timestamp) -> Result<Slot, Refusal> {
        self.maintain(RELEASED_PER_CALL, now);
        let stored = match self.end_load(id, now) {
            Some(load) => self.try_fill(load, fill, now),
            None => Err(Refusal::Unknown),
        };
        if let Err(refusal) = stored {
            self.counters.count_refusal(refusal);
        }
        stored
    }

    /// Removes a load and counts how long it took.
    fn end_load(&mut self, id: LoadId, now: Timestamp) -> Option<Load> {
        let load = self.in_flight.end(id)?;
        self.counters.count_ended_load(now.since(load.began));
        Some(load)
    }

    fn try_fill(&mut self, load: Load, fill: &Fill<'_>, now: Timestamp) -> Result<Slot, Refusal> {
        let Some(slot) = load.slot else {
            return Err(load.detached.unwrap_or(Refusal::Invalidated));
        };
        let digest = fill.write.digest.or(load.digest);
        let fill = Fill {
            write: Write {
                digest,
                ..fill.write
            },
            tags: fill.tags,
        };
        let placed = self.place_fill(slot, load.group, load.after, &fill, now);
        if placed.is_err() {
            self.drop_reserved(slot, now);
        }
        placed
    }

    fn place_fill(
        &mut self,
        slot: Slot,
        group: GroupId,
        after: u64,
        fill: &Fill<'_>,
        now: Timestamp,
    ) -> Result<Slot, Refusal> {
        let tags = fill.tags;
        if !tags_fit(tags) {
            return Err(Refusal::TooManyTags);
        }
        let other = self.groups.describe(group, |endpoint, user, _| {
            let tag = |at: usize| tags.get(at).map(String::as_str);
            if self.in_flight.is_mutating(endpoint, user, &tag) {
                return Err(Refusal::MutationActive);
            }
            if self.in_flight.tag_invalidated(after, endpoint, user, tags) {
                return Err(Refusal::Invalidated);
            }
            let name = GroupName {
                endpoint,
                user,
                tags,
            };
            if self.groups.is_named(group, &name) {
                return Ok(None);
            }
            Ok(Some((endpoint.to_owned(), user.map(str::to_owned))))
        });
        let group = match other.ok_or(Refusal::Invalidated)?? {
            None => group,
            Some((endpoint, user)) => {
                let name = GroupName {
                    endpoint: &endpoint,
                    user: user.as_deref(),
                    tags,
                };
                self.groups.group(&name, &mut self.layout_version)
            }
        };
        let fingerprint = self.slots.row(slot).fingerprint;
        self.place_value(Some(slot), group, fingerprint, &fill.write, now)
    }

    /// A moment to store against by [`Engine::set_since`]: the number of invalidations so far.
    pub fn moment(&self) -> u64 {
        self.in_flight.sequence()
    }

    /// Stores a value that was read after `moment`, unless anything at all was invalidated since, a mutation
    /// covers it, or a value was set meanwhile.
    ///
    /// For hosts that do not know when a load ends, and so begin none. Coarser than a load: an invalidation
    /// of something else refuses it too.
    pub fn set_since(
        &mut self,
        moment: u64,
        slot: Option<Slot>,
        group: GroupId,
        fingerprint: u32,
        write: Write,
        now: Timestamp,
    ) -> Result<Slot, Refusal> {
        self.maintain(RELEASED_PER_CALL, now);
        let mutating = self.groups.describe(group, |endpoint, user, tag| {
            self.in_flight.is_mutating(endpoint, user, tag)
        });
        let refusal = if mutating.unwrap_or(false) {
            Some(Refusal::MutationActive)
        } else if self.in_flight.sequence() != moment || !self.groups.is_alive(group) {
            Some(Refusal::Invalidated)
        } else if slot.is_some_and(|slot| self.is_fresh(slot, now)) {
            Some(Refusal::Superseded)
        } else {
            None
        };
        let stored = match refusal {
            None => self.set(slot, group, fingerprint, write, now),
            Some(refusal) => Err(refusal),
        };
        stored.inspect_err(|refusal| self.counters.count_refusal(*refusal))
    }

    /// Ends a load that brought no value to store. A stale value stays, and the next load of it waits
    /// for `retry_backoff` milliseconds; NaN for the default. False where that load had ended before.
    pub fn abandon(&mut self, id: LoadId, retry_backoff: f64, now: Timestamp) -> bool {
        let Some(load) = self.end_load(id, now) else {
            return false;
        };
        self.counters.failed_loads = self.counters.failed_loads.saturating_add(1);
        let Some(slot) = load.slot else { return true };
        self.back_off(slot, retry_backoff, now);
        self.maintain(RELEASED_PER_CALL, now);
        true
    }

    /// Ends a load whose value its own host will not have stored, an error answer for example: for the reason `why`, unless
    /// something had covered its key before. A stale value stays, and the next load of it waits as the load's read asked for.
    pub fn refuse(&mut self, id: LoadId, why: Refusal, now: Timestamp) -> Option<Refusal> {
        let load = self.end_load(id, now)?;
        let refusal = load.detached.unwrap_or(why);
        self.counters.count_refusal(refusal);
        if let Some(slot) = load.slot {
            self.back_off(slot, load.retry_backoff, now);
        }
        Some(refusal)
    }

    /// The moment at which a load began, to store its late value against by [`Engine::set_since`]; `None` once something
    /// has covered its key, and that value may not be stored.
    pub fn moment_of(&self, id: LoadId) -> Option<u64> {
        let load = self.in_flight.get(id)?;
        load.slot.map(|_| load.after)
    }

    /// A load brought nothing for `slot`: where a stale value is, the next load waits; else the slot is free.
    ///
    /// NaN is the default: the first failure is tried again at once, since most are passing, and from the second on
    /// the next load waits [`RETRY_BACKOFF`].
    fn back_off(&mut self, slot: Slot, retry_backoff: f64, now: Timestamp) {
        if !self.slots.has_value(slot) {
            return self.release(slot, RemovalReason::Abandoned, now);
        }
        let again = self.slots.retry_at(slot).is_some();
        let retry_at = match retry_backoff {
            said if said > 0.0 => now.as_millis() + said,
            said if !said.is_nan() => return,
            _ if again => now.as_millis() + RETRY_BACKOFF,
            _ => f64::NEG_INFINITY,
        };
        self.slots.set_retry_at(slot, retry_at);
    }

    pub(super) fn drop_reserved(&mut self, slot: Slot, now: Timestamp) {
        if !self.slots.has_value(slot) {
            self.release(slot, RemovalReason::Abandoned, now);
        }
    }

    /// Calls off a load that was planned a moment ago, because its host can hold no more keys: its caller bypasses the cache.
    pub fn cancel_load(&mut self, id: LoadId, now: Timestamp) {
        self.counters.loads = self.counters.loads.saturating_sub(1);
        self.counters.misses = self.counters.misses.saturating_sub(1);
        self.add_bypass();
        if let Some(slot) = self.in_flight.end(id).and_then(|load| load.slot) {
            self.drop_reserved(slot, now);
        }
    }

    /// The next load that was given up for having taken too long: the host, which still runs it, reports that it has ended.
    pub fn next_timed_out(&mut self) -> Option<LoadId> {
        self.in_flight.next_timed_out()
    }

    /// The next load that can no longer be joined, for a host that lists those in flight: it forgets it. Begin with `at` of 0.
    pub fn next_detached(&mut self, at: &mut usize) -> Option<LoadId> {
        self.in_flight.next_unreported(at)
    }
}
