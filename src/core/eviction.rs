//! Which entry makes room: S3-FIFO, two queues and a memory of what was evicted.
//!
//! Newcomers wait in a small queue. Those asked for again meanwhile move to the main queue; the
//! others go, and their fingerprints are remembered, so that one that comes back soon enters the
//! main queue at once. Nothing is moved on a hit: a hit only counts, up to three.

use super::store::{List, Slot, State, Store};

/// The small queue's share of the entries held.
const SMALL_SHARE: usize = 10;

/// The queues.
#[derive(Debug, Default)]
pub(super) struct Eviction {
    small: List,
    main: List,
    ghosts: Ghosts,
}

impl Eviction {
    /// Enters a new value. One that was evicted a short while ago goes to the main queue.
    pub(super) fn enter(&mut self, slot: Slot, store: &mut Store) {
        store.hits.put(slot.0, 0);
        let returned = self.ghosts.take(store.fingerprint.at(slot.0));
        self.push(
            slot,
            if returned { State::Main } else { State::Small },
            store,
        );
    }

    /// Takes a value out of its queue.
    pub(super) fn leave(&mut self, slot: Slot, store: &mut Store) {
        let list = match store.state.at(slot.0) {
            State::Small => &mut self.small,
            State::Main => &mut self.main,
            State::Free | State::Reserved => return,
        };
        list.remove(&mut store.next, &mut store.prev, slot);
    }

    /// Puts a value that left its queue for a moment back, as popular as it was.
    pub(super) fn reenter(&mut self, slot: Slot, queue: State, hits: u8, store: &mut Store) {
        store.hits.put(slot.0, hits);
        self.push(slot, queue, store);
    }

    fn push(&mut self, slot: Slot, queue: State, store: &mut Store) {
        store.state.put(slot.0, queue);
        let list = if queue == State::Main {
            &mut self.main
        } else {
            &mut self.small
        };
        list.push(&mut store.next, &mut store.prev, slot);
    }

    /// Values held.
    pub(super) fn len(&self) -> usize {
        (self.small.len as usize).saturating_add(self.main.len as usize)
    }

    /// The value to give up for a new one; it stays in its queue until the engine releases it.
    ///
    /// `limit` is how many values may be held, and how many evicted ones are remembered.
    pub(super) fn victim(&mut self, limit: usize, store: &mut Store) -> Option<Slot> {
        let small_share = (self.len() / SMALL_SHARE).max(1);
        // Every step either returns, or moves a value to the main queue, or takes one of its at most
        // three hits away: so this many steps are enough.
        let steps = self.len().saturating_mul(5).saturating_add(8);
        for _ in 0..steps {
            let from_small = self.small.len as usize >= small_share || self.main.len == 0;
            if from_small && let Some(slot) = self.small.first() {
                if store.hits.at(slot.0) > 1 {
                    self.small.remove(&mut store.next, &mut store.prev, slot);
                    store.hits.put(slot.0, 0);
                    self.push(slot, State::Main, store);
                    continue;
                }
                self.ghosts.remember(store.fingerprint.at(slot.0), limit);
                return Some(slot);
            }
            let slot = self.main.first()?;
            let hits = store.hits.at(slot.0);
            if hits == 0 {
                return Some(slot);
            }
            self.main.remove(&mut store.next, &mut store.prev, slot);
            store.hits.put(slot.0, hits.saturating_sub(1));
            self.push(slot, State::Main, store);
        }
        self.main.first().or(self.small.first())
    }

    pub(super) fn memory(&self) -> usize {
        self.ghosts.memory()
    }

    pub(super) fn reset(&mut self) {
        *self = Eviction::default();
    }
}

/// Fingerprints of evicted entries, each remembered for as many evictions as there may be entries.
///
/// A table of buckets of four; a full bucket forgets its oldest. Two keys with one fingerprint only
/// make a newcomer look like one that came back, so nothing depends on it but the hit ratio.
#[derive(Debug, Default)]
struct Ghosts {
    table: Vec<(u32, u32)>,
    evictions: u32,
    limit: u32,
}

const BUCKET: usize = 4;

impl Ghosts {
    fn bucket(&self, fingerprint: u32) -> usize {
        let buckets = self.table.len() / BUCKET;
        (fingerprint as usize)
            .checked_rem(buckets)
            .unwrap_or(0)
            .saturating_mul(BUCKET)
    }

    fn is_recent(&self, stamp: u32) -> bool {
        stamp != 0 && self.evictions.wrapping_sub(stamp) < self.limit
    }

    fn remember(&mut self, fingerprint: u32, limit: usize) {
        if self.table.is_empty() {
            self.limit = u32::try_from(limit).unwrap_or(u32::MAX / 2);
            let wanted = limit.saturating_add(limit / 2).max(64).next_power_of_two();
            if self.table.try_reserve_exact(wanted).is_err() {
                return;
            }
            self.table.resize(wanted, (0, 0));
        }
        // Stamp 0 marks an empty place.
        self.evictions = self.evictions.wrapping_add(1).max(1);
        let now = self.evictions;
        let start = self.bucket(fingerprint);
        let bucket = self.table.iter_mut().skip(start).take(BUCKET);
        let age = |stamp: u32| {
            if stamp == 0 {
                u32::MAX
            } else {
                now.wrapping_sub(stamp)
            }
        };
        if let Some(place) = bucket.max_by_key(|(_, stamp)| age(*stamp)) {
            *place = (fingerprint, now);
        }
    }

    /// True if it was remembered, and forgets it.
    fn take(&mut self, fingerprint: u32) -> bool {
        let start = self.bucket(fingerprint);
        let found = self
            .table
            .iter()
            .skip(start)
            .take(BUCKET)
            .position(|(known, stamp)| *known == fingerprint && self.is_recent(*stamp));
        let Some(place) = found.and_then(|at| self.table.get_mut(start.saturating_add(at))) else {
            return false;
        };
        *place = (0, 0);
        true
    }

    fn memory(&self) -> usize {
        self.table.capacity().saturating_mul(8)
    }
}
