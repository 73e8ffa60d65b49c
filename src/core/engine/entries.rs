//! One entry at a time: look up, set, delete, evict.

use super::{Engine, RELEASED_PER_CALL, RemovalReason, Write};
use crate::core::groups::{GroupId, GroupName, tags_fit};
use crate::core::slots::{Slot, Slots, State};
use crate::core::stats::Refusal;
use crate::core::time::Timestamp;

impl Engine {
    /// True when `slot` holds a fresh value, which is then a hit; otherwise a miss.
    ///
    /// A value whose time is over is removed; one that is kept to be served stale stays.
    pub fn get(&mut self, slot: Option<Slot>, now: Timestamp) -> bool {
        let fresh = slot.is_some_and(|slot| {
            if self.is_fresh(slot, now) {
                return true;
            }
            self.remove_if_useless(slot, now);
            false
        });
        match slot.filter(|_| fresh) {
            Some(slot) => self.count_hit(slot),
            None => self.counters.misses = self.counters.misses.saturating_add(1),
        }
        fresh
    }

    /// True when `slot` holds a fresh value. Counts nothing and changes nothing.
    pub fn is_fresh(&self, slot: Slot, now: Timestamp) -> bool {
        self.is_servable(slot) && now.as_millis() <= self.slots.deadline.at(slot.0)
    }

    /// True unless `slot` is known to answer another request than the one of this digest.
    pub fn matches_digest(&self, slot: Slot, digest: Option<[u8; 32]>) -> bool {
        match (self.slots.digest(slot), digest) {
            (Some(known), Some(asked)) => known == asked,
            _ => true,
        }
    }

    /// True when `slot` holds a value that no invalidation covered, however old.
    pub fn is_servable(&self, slot: Slot) -> bool {
        let row = self.slots.row(slot);
        row.has_value() && self.groups.is_alive(row.group)
    }

    /// Counts a hit on a value.
    pub(super) fn count_hit(&mut self, slot: Slot) {
        self.counters.hits += 1.0;
        let hits = self.slots.hits.at(slot.0).saturating_add(1);
        self.slots.hits.put(slot.0, hits.min(Slots::MAX_HITS));
    }

    /// Stores a value, in its key's slot or in a new one. The value may be fetched at once.
    ///
    /// A load of this key in flight will not be stored: what is set by hand is newer.
    pub fn set(
        &mut self,
        slot: Option<Slot>,
        group: GroupId,
        fingerprint: u32,
        write: Write,
        now: Timestamp,
    ) -> Result<Slot, Refusal> {
        self.groups.idle_if_empty(group);
        self.maintain(RELEASED_PER_CALL, now);
        self.put(slot, group, fingerprint, &write, now)
    }

    /// The same for the group of that name, made if need be.
    #[inline(always)]
    pub fn set_named(
        &mut self,
        slot: Option<Slot>,
        name: &GroupName<'_>,
        fingerprint: u32,
        write: &Write,
        now: Timestamp,
    ) -> Result<Slot, Refusal> {
        self.maintain(RELEASED_PER_CALL, now);
        if !tags_fit(name.tags) {
            return Err(self.reject(slot, Refusal::TooManyTags, now));
        }
        let group = self.groups.group(name, &mut self.layout_version);
        self.put(slot, group, fingerprint, write, now)
    }

    #[inline(always)]
    fn put(
        &mut self,
        slot: Option<Slot>,
        group: GroupId,
        fingerprint: u32,
        write: &Write,
        now: Timestamp,
    ) -> Result<Slot, Refusal> {
        let slot = slot.filter(|slot| self.slots.row(*slot).state != State::Free);
        let slot = slot.filter(|slot| !self.remove_if_useless(*slot, now));
        if let Some(slot) = slot {
            self.in_flight.detach(slot, Refusal::Superseded);
        }
        let placed = self.place_value(slot, group, fingerprint, write, now);
        placed.map_err(|refusal| self.reject(slot, refusal, now))
    }

    /// Refuses a value, for a reason of the engine's or of its host's: the older one must not outlive a write that would have
    /// replaced it.
    pub fn reject(&mut self, slot: Option<Slot>, refusal: Refusal, now: Timestamp) -> Refusal {
        self.counters.count_rejection(refusal);
        if let Some(slot) = slot {
            self.release(slot, RemovalReason::Evicted, now);
        }
        refusal
    }

    /// Takes back a value that was stored a moment ago, because its host can hold no more keys: it was never stored.
    pub fn take_back(&mut self, slot: Slot, now: Timestamp) -> Refusal {
        self.counters.sets = self.counters.sets.saturating_sub(1);
        self.counters.count_rejection(Refusal::HostFull);
        self.release(slot, RemovalReason::Abandoned, now);
        Refusal::HostFull
    }

    /// Puts a value into a slot: a new one, one reserved by a load, or one that holds a value already.
    pub(super) fn place_value(
        &mut self,
        slot: Option<Slot>,
        group: GroupId,
        fingerprint: u32,
        write: &Write,
        now: Timestamp,
    ) -> Result<Slot, Refusal> {
        let size = write.bytes.saturating_add(self.groups.tag_bytes(group));
        let bytes = f64::from(size);
        // The largest number means anything beyond it, and nothing bounds that.
        let endless = write.bytes == u32::MAX;
        if endless || bytes > self.limits.max_entry_bytes || bytes > self.limits.max_bytes {
            return Err(Refusal::TooLarge);
        }
        if !self.groups.pin(group) {
            return Err(Refusal::Invalidated);
        }
        let slot = match slot {
            Some(slot) if self.slots.has_value(slot) => {
                self.replace(slot, group, bytes, now);
                slot
            }
            reserved => {
                let admission = self.eviction.admit(fingerprint, self.limits.max_entries);
                self.ensure_space(1, bytes, now);
                let slot = match reserved {
                    Some(slot) => slot,
                    None => self.allocate(group, fingerprint)?,
                };
                if self.slots.group_of(slot) != group {
                    self.move_to_group(slot, group);
                }
                self.eviction.insert(slot, admission, &mut self.slots);
                self.groups.count_value(group);
                slot
            }
        };
        self.bytes += bytes;
        self.slots.edit(slot, |row| {
            row.bytes = size;
            row.stored_at = now.as_millis();
        });
        self.slots.deadline.put(slot.0, write.ttl.deadline(now));
        self.slots.set_window(slot, write.window);
        self.slots.set_digest(slot, write.digest);
        self.slots.forget_retry(slot);
        self.expiry.put(slot, &mut self.slots);
        self.counters.sets = self.counters.sets.saturating_add(1);
        Ok(slot)
    }

    /// Prepares a slot that holds a value for its next one; its popularity stays.
    fn replace(&mut self, slot: Slot, group: GroupId, bytes: f64, now: Timestamp) {
        let old = f64::from(self.slots.row(slot).bytes);
        self.bytes -= old;
        self.slots.edit(slot, |row| row.bytes = 0);
        if bytes > old && self.bytes + bytes > self.limits.max_bytes {
            // Out of its queue while space is freed, so that it is not its own victim; nor is it for its age.
            self.expiry.remove(slot, &mut self.slots);
            let (queue, hits) = (self.slots.row(slot).state, self.slots.hits.at(slot.0));
            self.eviction.remove(slot, &mut self.slots);
            self.ensure_space(0, bytes, now);
            self.eviction.push(slot, queue, hits, &mut self.slots);
        }
        if self.slots.group_of(slot) != group {
            self.groups.discount_value(self.slots.group_of(slot));
            self.move_to_group(slot, group);
            self.groups.count_value(group);
        }
    }

    fn move_to_group(&mut self, slot: Slot, group: GroupId) {
        self.groups.unlink(slot, &mut self.slots);
        self.slots.edit(slot, |row| row.group = group);
        self.groups.link(slot, &mut self.slots);
    }

    /// Removes one entry; true if it was there, expired or not. A load of it will not be stored.
    pub fn delete(&mut self, slot: Option<Slot>, now: Timestamp) -> bool {
        self.maintain(RELEASED_PER_CALL, now);
        // Counted even where there is nothing to remove: what was read before must not be stored after.
        self.in_flight.invalidated(None);
        let Some(slot) = slot else { return false };
        let there = self.is_servable(slot);
        self.release(slot, RemovalReason::Deleted, now);
        there
    }

    /// Values held, expired ones included, retired ones not.
    pub fn len(&self) -> usize {
        self.eviction.len().saturating_sub(self.groups.dead())
    }

    /// True when no value is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
