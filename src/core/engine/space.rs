//! Space for entries: how slots are reserved, freed and evicted.

use super::{Engine, RELEASED_PER_CALL, RemovalReason};
use crate::core::slots::{GroupId, Slot, State};
use crate::core::stats::Refusal;
use crate::core::time::Timestamp;

impl Engine {
    /// A reserved slot in `group`, without a value.
    #[inline(always)]
    pub(super) fn allocate(&mut self, group: GroupId, fingerprint: u32) -> Result<Slot, Refusal> {
        let limit = self
            .limits
            .max_entries
            .saturating_add(self.in_flight.len())
            .saturating_add(1);
        let slot = self
            .slots
            .allocate(group, fingerprint, limit, &mut self.layout_version);
        match slot {
            Some(slot) => self.groups.link(slot, &mut self.slots),
            None => self.groups.idle_if_empty(group),
        }
        slot.ok_or(Refusal::HostFull)
    }

    /// Removes values until `entries` more of `bytes` fit: retired ones first, then expired ones, then by popularity.
    #[inline(always)]
    pub(super) fn ensure_space(&mut self, entries: usize, bytes: f64, now: Timestamp) {
        if self.exceeds_limits(entries, bytes) {
            self.evict(entries, bytes, now);
        }
    }

    #[inline(always)]
    fn exceeds_limits(&self, entries: usize, bytes: f64) -> bool {
        self.eviction.len().saturating_add(entries) > self.limits.max_entries
            || self.bytes + bytes > self.limits.max_bytes
    }

    fn evict(&mut self, entries: usize, bytes: f64, now: Timestamp) {
        while self.exceeds_limits(entries, bytes) && self.eviction.len() > 0 {
            let mut looks = u32::MAX;
            if let Some(slot) = self.groups.next_dead(&mut looks) {
                self.release(slot, RemovalReason::Invalidated, now);
            } else if let Some(slot) = self.expiry.first_expired(now.as_millis(), &self.slots) {
                self.release(slot, RemovalReason::Expired, now);
            } else if let Some(slot) = self.eviction.victim(&mut self.slots) {
                self.release(slot, RemovalReason::Evicted, now);
            } else {
                return;
            }
        }
    }

    /// Empties a slot and lets the host know. Whatever load was to fill it is detached.
    pub(super) fn release(&mut self, slot: Slot, reason: RemovalReason, now: Timestamp) {
        let row = self.slots.row(slot);
        if row.state == State::Free {
            return;
        }
        self.in_flight.detach(slot, Refusal::Invalidated);
        if row.has_value() {
            self.eviction.remove(slot, &mut self.slots);
            self.expiry.remove(slot, &mut self.slots);
            self.bytes -= f64::from(row.bytes);
            self.groups.discount_value(row.group);
            self.history.removed(row.fingerprint, reason, now);
            if reason == RemovalReason::Evicted {
                self.counters.evictions = self.counters.evictions.saturating_add(1);
            }
        }
        self.groups.unlink(slot, &mut self.slots);
        self.slots.free(slot, reason);
    }

    /// Releases a slot that is of no use: invalidated, or past the time it is kept.
    pub(super) fn remove_if_useless(&mut self, slot: Slot, now: Timestamp) -> bool {
        let reason = if !self.groups.is_alive(self.slots.group_of(slot)) {
            RemovalReason::Invalidated
        } else if self.slots.has_value(slot)
            && self.slots.kept_until(slot) < now.as_millis()
            && self.in_flight.on(slot).is_none()
        {
            RemovalReason::Expired
        } else {
            return false;
        };
        self.release(slot, reason, now);
        true
    }

    /// Removes what has expired and returns how many entries that were; costs by that number.
    pub fn cleanup_expired(&mut self, now: Timestamp) -> usize {
        self.maintain(RELEASED_PER_CALL, now);
        let mut count = 0_usize;
        while let Some(slot) = self.expiry.first_expired(now.as_millis(), &self.slots) {
            if self.is_servable(slot) {
                count = count.saturating_add(1);
            }
            self.release(slot, RemovalReason::Expired, now);
        }
        count
    }
}
