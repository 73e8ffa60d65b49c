//! What expires next: a four-way heap of slots by the end of their keeping.
//!
//! Entries that never expire are not in it. Counting and removing what has expired costs by how
//! many have expired. A timing wheel would insert in constant time too, but with one TTL a new
//! entry belongs at the end and costs one comparison here, and a heap is exact at any resolution.

use super::store::{Column, Slot, Store};

const ARITY: usize = 4;

/// The heap and where each slot sits in it.
#[derive(Debug, Default)]
pub(super) struct Expiry {
    heap: Vec<u32>,
    /// Position in the heap plus one; 0 is none.
    place: Column<u32>,
}

impl Expiry {
    /// Makes room for one more slot, so that the next `put` cannot fail.
    pub(super) fn reserve(&mut self, store: &Store) -> bool {
        let held = self.heap.len();
        let missing = store.room().saturating_sub(held);
        if held == self.heap.capacity() && self.heap.try_reserve_exact(missing.max(64)).is_err() {
            return false;
        }
        self.place.grow(store.capacity(), store.room())
    }

    /// Enters a slot, or moves it after its time changed.
    pub(super) fn put(&mut self, slot: Slot, store: &Store) {
        if store.kept_until(slot) == f64::INFINITY {
            self.remove(slot, store);
            return;
        }
        if let Some(at) = self.position(slot) {
            let at = self.rise(at, slot.0, store);
            self.sink(at, slot.0, store);
        } else {
            // At the end, where nothing is below it.
            self.heap.push(slot.0);
            self.rise(self.heap.len().saturating_sub(1), slot.0, store);
        }
    }

    /// Takes a slot out, if it is in.
    pub(super) fn remove(&mut self, slot: Slot, store: &Store) {
        let Some(at) = self.position(slot) else {
            return;
        };
        self.place.put(slot.0, 0);
        let Some(last) = self.heap.pop() else { return };
        if last != slot.0 {
            let at = self.rise(at, last, store);
            self.sink(at, last, store);
        }
    }

    /// The slot that goes first, if its time ended before `now`.
    pub(super) fn first_expired(&self, now: f64, store: &Store) -> Option<Slot> {
        let first = Slot(*self.heap.first()?);
        (store.kept_until(first) < now).then_some(first)
    }

    /// Calls `visit` with every slot whose time ended before `now`; costs by how many there are.
    pub(super) fn each_expired(&self, now: f64, store: &Store, mut visit: impl FnMut(Slot)) {
        let mut pending = vec![0_usize];
        while let Some(at) = pending.pop() {
            let Some(slot) = self.heap.get(at).copied().map(Slot) else {
                continue;
            };
            if store.kept_until(slot) < now {
                visit(slot);
                let first = at.saturating_mul(ARITY).saturating_add(1);
                pending.extend(first..first.saturating_add(ARITY));
            }
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.heap
            .capacity()
            .saturating_add(self.place.len())
            .saturating_mul(4)
    }

    pub(super) fn reset(&mut self) {
        *self = Expiry::default();
    }

    #[inline(always)]
    fn position(&self, slot: Slot) -> Option<usize> {
        (self.place.at(slot.0) as usize).checked_sub(1)
    }

    #[inline(always)]
    fn seat(&mut self, at: usize, slot: u32) {
        if let Some(seat) = self.heap.get_mut(at) {
            *seat = slot;
            self.place
                .put(slot, u32::try_from(at.saturating_add(1)).unwrap_or(0));
        }
    }

    #[inline(always)]
    fn rise(&mut self, mut at: usize, slot: u32, store: &Store) -> usize {
        let key = store.kept_until(Slot(slot));
        while let Some(above) = at.checked_sub(1).map(|before| before / ARITY) {
            let Some(parent) = self.heap.get(above).copied() else {
                break;
            };
            if store.kept_until(Slot(parent)) <= key {
                break;
            }
            self.seat(at, parent);
            at = above;
        }
        self.seat(at, slot);
        at
    }

    fn sink(&mut self, mut at: usize, slot: u32, store: &Store) {
        let key = store.kept_until(Slot(slot));
        loop {
            let first = at.saturating_mul(ARITY).saturating_add(1);
            let mut least = None;
            for child in first..first.saturating_add(ARITY) {
                let Some(candidate) = self.heap.get(child).copied() else {
                    break;
                };
                let time = store.kept_until(Slot(candidate));
                if time < least.map_or(key, |(_, _, time)| time) {
                    least = Some((child, candidate, time));
                }
            }
            let Some((child, candidate, _)) = least else {
                break;
            };
            self.seat(at, candidate);
            at = child;
        }
        self.seat(at, slot);
    }
}
