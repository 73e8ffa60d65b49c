//! What ends the life of many entries at once, and the mutations that bring it about.
//!
//! A mutation invalidates its scopes before its handler runs and again when it settles, and meanwhile nothing under them is
//! stored. Every invalidation detaches the loads it covers.

use super::{Engine, RELEASED_PER_CALL, RemovalReason};
use crate::core::groups::{GroupId, Scope};
use crate::core::history::{Invalidation, describe};
use crate::core::in_flight::MutationId;
use crate::core::slots::Slot;
use crate::core::stats::Refusal;
use crate::core::time::Timestamp;
use std::fmt::Display;

impl Engine {
    /// Removes every entry that `scope` covers, detaches every load it covers, and returns how many entries were removed.
    ///
    /// Costs by the groups covered: the entries are unreachable at once and released by later calls.
    pub fn invalidate(&mut self, scope: &Scope, now: Timestamp) -> usize {
        self.maintain(RELEASED_PER_CALL, now);
        self.retire(scope, "invalidate", now)
    }

    pub(super) fn retire(&mut self, scope: &Scope, cause: &str, now: Timestamp) -> usize {
        let count = self.groups.retire(scope);
        let mut at = 0_usize;
        loop {
            let dead = |group: GroupId| !self.groups.is_alive(group);
            let Some(slot) = self.in_flight.detach_next(&mut at, dead) else {
                break;
            };
            // A slot without a value would keep its key from being loaded anew.
            if !self.slots.has_value(slot) {
                self.release(slot, RemovalReason::Invalidated, now);
            }
        }
        let many = self.groups.dead() >= self.limits.bulk_clear_threshold;
        if many && self.is_empty() && !self.in_flight.has_attached() {
            self.reset_all();
        }
        self.record_invalidation(Some(scope), cause, scope, count, now);
        count
    }

    /// Resets every part at once and gives the memory back; the host then forgets all it holds.
    fn reset_all(&mut self) {
        self.slots.reset(&mut self.layout_version);
        self.groups.reset(&mut self.layout_version);
        self.expiry.reset();
        self.eviction.reset();
        self.bytes = 0.0;
        self.cleared = true;
    }

    fn record_invalidation(
        &mut self,
        scope: Option<&Scope>,
        cause: &str,
        what: &dyn Display,
        count: usize,
        now: Timestamp,
    ) {
        let sequence = self.in_flight.invalidated(scope);
        self.counters.invalidations = self.counters.invalidations.saturating_add(count as u64);
        if count == 0 {
            // Nothing was removed, and so nothing is explained by it.
            return;
        }
        let what = describe(cause, what);
        self.history.invalidated(Invalidation {
            sequence,
            what,
            count,
            at: now,
        });
    }

    /// Slots of values and loads that `scope` covers, for a host that compares their keys with a pattern.
    pub fn covered_slots(&self, scope: &Scope) -> Vec<Slot> {
        self.groups.covered_slots(scope, &self.slots)
    }

    /// Removes the entries in `slots`, which a host found by their keys; `what` names the pattern.
    ///
    /// `scope` is what narrowed the search: a load may yet assign a tag that it names.
    pub fn invalidate_slots(
        &mut self,
        slots: &[Slot],
        scope: &Scope,
        what: &str,
        now: Timestamp,
    ) -> usize {
        let mut count = 0_usize;
        for slot in slots {
            if self.is_servable(*slot) {
                count = count.saturating_add(1);
            }
            self.release(*slot, RemovalReason::Invalidated, now);
        }
        self.record_invalidation(Some(scope), "invalidate", &what, count, now);
        self.maintain(RELEASED_PER_CALL, now);
        count
    }

    /// Marks what `scope` covers stale instead of removing it, and detaches the loads it covers.
    ///
    /// An entry is then served only where a staleness option allows it, counted from now.
    pub fn expire(&mut self, scope: &Scope, now: Timestamp) -> usize {
        self.maintain(RELEASED_PER_CALL, now);
        self.mark_stale(&self.covered_slots(scope), scope, now)
    }

    /// Marks the entries in `slots` stale; see [`Engine::expire`] and [`Engine::invalidate_slots`].
    pub fn expire_slots(
        &mut self,
        slots: &[Slot],
        scope: &Scope,
        _what: &str,
        now: Timestamp,
    ) -> usize {
        self.mark_stale(slots, scope, now)
    }

    fn mark_stale(&mut self, slots: &[Slot], scope: &Scope, now: Timestamp) -> usize {
        let just_over = (now.as_millis() - 1.0).min(now.as_millis().next_down());
        let mut count = 0_usize;
        for slot in slots {
            if !self.slots.has_value(*slot) {
                self.release(*slot, RemovalReason::Invalidated, now);
                continue;
            }
            self.in_flight.detach(*slot, Refusal::Invalidated);
            if self.is_fresh(*slot, now) {
                count = count.saturating_add(1);
                self.slots.deadline.put(slot.0, just_over);
                self.expiry.put(*slot, &mut self.slots);
            }
        }
        // Nothing is removed: it is no invalidation in the statistics and removed nothing that could be explained by it, but loads that
        // began before must not be stored as if it had not been.
        self.in_flight.invalidated(Some(scope));
        self.counters.marked_stale = self.counters.marked_stale.saturating_add(count as u64);
        count
    }

    /// Removes everything, detaches every load, and gives the memory back. Statistics go on.
    pub fn clear(&mut self, now: Timestamp) -> usize {
        let count = self.len();
        while self.in_flight.detach_next(&mut 0, |_| true).is_some() {}
        self.reset_all();
        self.record_invalidation(None, "clear", &"everything", count, now);
        count
    }

    /// Begins a mutation: removes what `scopes` cover, and keeps loads under them from being stored until
    /// [`Engine::settle`]. Returns the mutation's number and how many entries were removed.
    pub fn begin_mutation(&mut self, scopes: Vec<Scope>, now: Timestamp) -> (MutationId, usize) {
        self.maintain(RELEASED_PER_CALL, now);
        let count = self.retire_all(&scopes, "a mutation began", now);
        let ends = now.as_millis() + self.limits.max_mutation_ms;
        (self.in_flight.begin_mutation(scopes, ends), count)
    }

    /// Ends a mutation, whether it succeeded or failed: removes what its scopes cover once more.
    ///
    /// Call it before the mutation's caller hears of the outcome. `scopes` are those it began with, for a
    /// mutation whose time ran out meanwhile: its late end invalidates again.
    pub fn settle(&mut self, mutation: MutationId, scopes: &[Scope], now: Timestamp) -> usize {
        self.in_flight.end_mutation(mutation);
        let count = self.retire_all(scopes, "a mutation settled", now);
        self.maintain(RELEASED_PER_CALL, now);
        count
    }

    /// What an active mutation covers; `None` once it ended or its time ran out.
    pub fn scopes_of(&self, mutation: MutationId) -> Option<&[Scope]> {
        self.in_flight.scopes_of(mutation)
    }

    /// As [`Engine::settle`], with the scopes that the mutation began with; `None` where these are not known any more, as its
    /// time ran out: the host has to supply them.
    pub fn settle_known(&mut self, mutation: MutationId, now: Timestamp) -> Option<usize> {
        let mutation = self.in_flight.end_mutation(mutation)?;
        let count = self.retire_all(&mutation.scopes, "a mutation settled", now);
        self.maintain(RELEASED_PER_CALL, now);
        Some(count)
    }

    fn retire_all(&mut self, scopes: &[Scope], cause: &str, now: Timestamp) -> usize {
        scopes.iter().fold(0_usize, |sum, scope| {
            sum.saturating_add(self.retire(scope, cause, now))
        })
    }

    /// Does what is due: ends overdue mutations and releases retired entries, `budget` of them at most.
    #[inline(always)]
    pub fn maintain(&mut self, budget: u32, now: Timestamp) {
        if self.in_flight.active_mutations() > 0 || self.groups.has_dead() {
            self.run_due_work(budget, now);
        }
    }

    fn run_due_work(&mut self, budget: u32, now: Timestamp) {
        while let Some(mutation) = self.in_flight.take_timed_out_mutation(now) {
            self.counters.timed_out_mutations = self.counters.timed_out_mutations.saturating_add(1);
            for scope in &mutation.scopes {
                self.retire(scope, "a mutation that did not settle in time", now);
            }
        }
        if self.in_flight.end_unlisted(now) {
            // What loads read meanwhile may be what mutations that are not known have changed.
            self.in_flight.invalidated(None);
            while let Some(slot) = self.in_flight.detach_next(&mut 0, |_| true) {
                if !self.slots.has_value(slot) {
                    self.release(slot, RemovalReason::Invalidated, now);
                }
            }
        }
        let mut left = budget;
        while let Some(slot) = self.groups.next_dead(&mut left) {
            self.release(slot, RemovalReason::Invalidated, now);
        }
    }

    /// True while retired entries wait to be released.
    pub fn has_dead(&self) -> bool {
        self.groups.has_dead()
    }
}
