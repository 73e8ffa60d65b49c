//! Slots: one row of bookkeeping per entry, in columns.
//!
//! Knows when a slot's value goes stale, what group it belongs to, how large and how popular it is.
//! Does not know keys or values: the host maps a key to a slot and a slot to a value.
//!
//! Columns and not rows, because a host that shares this memory (JavaScript over typed arrays)
//! reads `deadline`, `group` and `hits` on each hit and nothing else.

use super::scopes::GroupId;
use super::stats::Reason;

/// A slot that was emptied, for its host to forget what it held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freed {
    /// The slot.
    pub slot: Slot,
    /// Why.
    pub reason: Reason,
}

/// The number of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

/// No slot: the end of a list.
pub(super) const NIL: u32 = u32::MAX;

/// A growable array by slot or group number, read as the default where it was never written.
#[derive(Clone, Debug, Default)]
pub struct Column<T>(Vec<T>);

impl<T: Copy + Default> Column<T> {
    #[inline(always)]
    pub(super) fn at(&self, index: u32) -> T {
        self.0.get(index as usize).copied().unwrap_or_default()
    }

    #[inline(always)]
    pub(super) fn put(&mut self, index: u32, value: T) {
        if let Some(place) = self.0.get_mut(index as usize) {
            *place = value;
        }
    }

    /// Writes `value`, growing the column first by a quarter and at least 64; false when there is no memory for that.
    pub(super) fn put_growing(&mut self, index: u32, value: T) -> bool {
        let wanted = (index as usize).saturating_add(1);
        if wanted > self.0.len() {
            let ample = wanted.saturating_add((wanted / 4).max(63));
            if !self.grow(ample, 0) && !self.grow(wanted, 0) {
                return false;
            }
        }
        self.put(index, value);
        true
    }

    /// Makes it `len` numbers long, with room for `room` where it has to move; false when there is no memory for it.
    pub(super) fn grow(&mut self, len: usize, room: usize) -> bool {
        let held = self.0.len();
        if len <= held {
            return true;
        }
        let moves = len > self.0.capacity();
        let mut reserve = |wanted: usize| self.0.try_reserve_exact(wanted.saturating_sub(held));
        // Where there is no memory for all the room there may be for this step.
        if (!moves || reserve(len.max(room)).is_err()) && reserve(len).is_err() {
            return false;
        }
        self.0.resize(len, T::default());
        true
    }

    /// Where the column starts in memory, for a host that shares it.
    pub fn address(&self) -> *const T {
        self.0.as_ptr()
    }

    /// How many numbers it holds.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True while nothing was ever stored.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.capacity().saturating_mul(size_of::<T>())
    }
}

/// Where a slot stands in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Free for use.
    #[default]
    Free,
    /// A load is under way and there is no value yet.
    Reserved,
    /// Holds a value, in the queue of newcomers.
    Small,
    /// Holds a value, in the queue of those that were asked for again.
    Main,
}

/// The columns.
#[derive(Debug, Default)]
pub struct Store {
    /// Last moment at which the value is fresh; minus infinity where there is none to serve.
    pub(super) deadline: Column<f64>,
    pub(super) group: Column<u32>,
    /// How often the value was asked for, up to [`Store::MAX_HITS`]; written by the host's fast lane.
    pub(super) hits: Column<u8>,
    pub(super) state: Column<State>,
    pub(super) stored_at: Column<f64>,
    /// Milliseconds after the deadline for which the value is kept to be served stale. Empty until one is.
    window: Column<f64>,
    /// When the next load may start, where the last one of a stale value failed. Empty until one did.
    retry_at: Column<f64>,
    /// SHA-256 of the request, where the entry was made by one. Empty until one is.
    digest: Column<[u8; 32]>,
    pub(super) next: Column<u32>,
    pub(super) prev: Column<u32>,
    pub(super) group_next: Column<u32>,
    pub(super) group_prev: Column<u32>,
    pub(super) fingerprint: Column<u32>,
    pub(super) bytes: Column<u32>,
    /// Free slots that were in use before, linked through `next`: those of which the host has yet to hear, why they were
    /// emptied in `hits`, and the others.
    freed: List,
    free: List,
    /// One of which the host has yet to hear, and which is in use again.
    reused: Option<Freed>,
    /// Slots from here on were never used.
    unused: u32,
    room: usize,
    len: u32,
    /// How often the columns have grown or gone: where they lie may have changed then, and only then.
    moves: u32,
}

impl Store {
    /// Popularity is counted up to this and no further.
    pub const MAX_HITS: u8 = 3;

    /// Columns grow by a quarter and at least by this many slots.
    const STEP: usize = 1024;

    /// Up to this many slots, memory for all that may ever be held is reserved at once: seven megabytes at the most.
    const AT_ONCE: usize = 1 << 17;

    /// Takes a free slot in `state`; `None` when there is no memory for one more.
    pub(super) fn allocate(&mut self, state: State, limit: usize) -> Option<Slot> {
        let slot = match self.take_free() {
            Some(Slot(slot)) => slot,
            None => {
                if self.unused as usize >= self.state.len() && !self.grow(limit) {
                    return None;
                }
                let slot = self.unused;
                self.unused = self.unused.saturating_add(1);
                self.deadline.put(slot, f64::NEG_INFINITY);
                slot
            }
        };
        self.state.put(slot, state);
        self.hits.put(slot, 0);
        self.len = self.len.saturating_add(1);
        Some(Slot(slot))
    }

    /// A slot that was in use before, the one emptied last before all others.
    fn take_free(&mut self) -> Option<Slot> {
        if self.reused.is_none()
            && let Some(freed) = self.take_freed(self.freed.tail)
        {
            self.reused = Some(freed);
            return Some(freed.slot);
        }
        let slot = self.free.first()?;
        self.free.remove(&mut self.next, &mut self.prev, slot);
        Some(slot)
    }

    /// Takes a slot off the list of those of which the host has yet to hear.
    fn take_freed(&mut self, at: u32) -> Option<Freed> {
        if at == NIL {
            return None;
        }
        let slot = Slot(at);
        self.freed.remove(&mut self.next, &mut self.prev, slot);
        let reason = Reason::of(self.hits.at(at));
        Some(Freed { slot, reason })
    }

    /// The next slot that was emptied and of which the host has not heard.
    pub(super) fn next_freed(&mut self) -> Option<Freed> {
        if let Some(reused) = self.reused.take() {
            return Some(reused);
        }
        let freed = self.take_freed(self.freed.head)?;
        self.hits.put(freed.slot.0, 0);
        self.free.push(&mut self.next, &mut self.prev, freed.slot);
        Some(freed)
    }

    /// Leaves it to the host to see that `slot`, which is in use again, held another key.
    #[inline(always)]
    pub(super) fn spare_freed(&mut self, slot: Slot) {
        if self.reused.is_some_and(|freed| freed.slot == slot) {
            self.reused = None;
        }
    }

    /// True when there are slots of whose emptying the host has not heard.
    #[inline(always)]
    pub(super) fn has_freed(&self) -> bool {
        self.freed.len > 0 || self.reused.is_some()
    }

    fn grow(&mut self, limit: usize) -> bool {
        let old = self.state.len();
        let step = (old / 4)
            .max(Self::STEP)
            .min(limit.saturating_sub(old).max(64));
        let new = old.saturating_add(step);
        if new >= NIL as usize {
            return false;
        }
        // Memory that is asked for and not written costs nothing yet, and columns that need not move spare their copy.
        let room = if limit <= Self::AT_ONCE {
            limit.saturating_add(64)
        } else {
            new
        };
        self.room = room;
        self.moves = self.moves.wrapping_add(1);
        // A column that grew while a later one could not stays longer; the next attempt goes on from there.
        self.deadline.grow(new, room)
            && self.group.grow(new, room)
            && self.hits.grow(new, room)
            && self.stored_at.grow(new, room)
            && self.next.grow(new, room)
            && self.prev.grow(new, room)
            && self.group_next.grow(new, room)
            && self.group_prev.grow(new, room)
            && self.fingerprint.grow(new, room)
            && self.bytes.grow(new, room)
            && (self.window.is_empty() || self.window.grow(new, room))
            && (self.retry_at.is_empty() || self.retry_at.grow(new, room))
            && (self.digest.is_empty() || self.digest.grow(new, room))
            && self.state.grow(new, room)
    }

    /// Slots to reserve memory for when it has to be reserved.
    pub(super) fn room(&self) -> usize {
        self.room
    }

    /// Gives a slot back, for the host to hear of it. Its lists must have let go of it.
    pub(super) fn free(&mut self, slot: Slot, reason: Reason) {
        self.deadline.put(slot.0, f64::NEG_INFINITY);
        self.state.put(slot.0, State::Free);
        self.hits.put(slot.0, reason as u8);
        self.bytes.put(slot.0, 0);
        self.window.put(slot.0, 0.0);
        self.retry_at.put(slot.0, 0.0);
        self.digest.put(slot.0, [0; 32]);
        self.freed.push(&mut self.next, &mut self.prev, slot);
        self.len = self.len.saturating_sub(1);
    }

    #[inline(always)]
    pub(super) fn window(&self, slot: Slot) -> f64 {
        self.window.at(slot.0)
    }

    /// Keeps the value `ms` after its deadline; without memory for the column it is simply not kept.
    pub(super) fn set_window(&mut self, slot: Slot, ms: f64) {
        if ms > 0.0 || !self.window.is_empty() {
            let wanted = self.state.len();
            if self.window.grow(wanted, self.room) {
                self.window.put(slot.0, ms.max(0.0));
            }
        }
    }

    /// When the next load of a value may start, where the last one failed.
    pub(super) fn retry_at(&self, slot: Slot) -> Option<f64> {
        Some(self.retry_at.at(slot.0)).filter(|at| *at != 0.0)
    }

    /// Holds the next load of a value back until `at`; without memory for the column it is not held back.
    pub(super) fn set_retry_at(&mut self, slot: Slot, at: f64) {
        let wanted = self.state.len();
        if self.retry_at.grow(wanted, self.room) {
            self.retry_at.put(slot.0, at);
        }
    }

    /// Lets the next load of a value start at any time.
    pub(super) fn forget_retry(&mut self, slot: Slot) {
        self.retry_at.put(slot.0, 0.0);
    }

    pub(super) fn digest(&self, slot: Slot) -> Option<[u8; 32]> {
        Some(self.digest.at(slot.0)).filter(|digest| *digest != [0; 32])
    }

    pub(super) fn set_digest(&mut self, slot: Slot, digest: Option<[u8; 32]>) -> bool {
        match digest {
            None => {
                self.digest.put(slot.0, [0; 32]);
                true
            }
            Some(digest) => {
                let wanted = self.state.len();
                let grown = self.digest.grow(wanted, self.room);
                self.digest.put(slot.0, digest);
                grown
            }
        }
    }

    /// The last moment at which the value is of any use, stale or fresh.
    #[inline(always)]
    pub(super) fn kept_until(&self, slot: Slot) -> f64 {
        self.deadline.at(slot.0) + self.window(slot)
    }

    #[inline(always)]
    pub(super) fn has_value(&self, slot: Slot) -> bool {
        matches!(self.state.at(slot.0), State::Small | State::Main)
    }

    #[inline(always)]
    pub(super) fn group_of(&self, slot: Slot) -> GroupId {
        GroupId(self.group.at(slot.0))
    }

    /// Slots in use, those of loads under way included.
    pub(super) fn len(&self) -> usize {
        self.len as usize
    }

    /// Slots there is room for before the columns grow again.
    pub fn capacity(&self) -> usize {
        self.state.len()
    }

    /// Where the columns that a host's fast lane reads start in memory.
    pub(super) fn addresses(&self) -> [usize; 4] {
        [
            self.deadline.address() as usize,
            self.stored_at.address() as usize,
            self.group.address() as usize,
            self.hits.address() as usize,
        ]
    }

    /// Changes whenever the columns may lie elsewhere.
    pub(super) fn moves(&self) -> u32 {
        self.moves
    }

    /// Bytes taken by the columns.
    pub(super) fn memory(&self) -> usize {
        let eights = self.deadline.bytes().saturating_add(self.stored_at.bytes());
        let links = self.next.bytes().saturating_mul(4);
        let words = self.group.bytes().saturating_mul(3);
        let extras = self.window.bytes().saturating_add(self.digest.bytes());
        let extras = extras.saturating_add(self.retry_at.bytes());
        let small = self.hits.bytes().saturating_add(self.state.bytes());
        [links, words, extras, small]
            .iter()
            .fold(eights, |sum, part| sum.saturating_add(*part))
    }

    /// Forgets everything and gives the memory back.
    pub(super) fn reset(&mut self) {
        *self = Store {
            moves: self.moves.wrapping_add(1),
            ..Store::default()
        };
    }
}

/// A list of slots through two columns of links.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    pub(super) head: u32,
    pub(super) tail: u32,
    pub(super) len: u32,
}

impl Default for List {
    fn default() -> Self {
        List {
            head: NIL,
            tail: NIL,
            len: 0,
        }
    }
}

impl List {
    #[inline(always)]
    pub(super) fn push(&mut self, next: &mut Column<u32>, prev: &mut Column<u32>, slot: Slot) {
        next.put(slot.0, NIL);
        prev.put(slot.0, self.tail);
        if self.tail == NIL {
            self.head = slot.0;
        } else {
            next.put(self.tail, slot.0);
        }
        self.tail = slot.0;
        self.len = self.len.saturating_add(1);
    }

    /// Enters a slot before one that is in the list.
    pub(super) fn insert(
        &mut self,
        next: &mut Column<u32>,
        prev: &mut Column<u32>,
        slot: Slot,
        after: u32,
    ) {
        let before = prev.at(after);
        next.put(slot.0, after);
        prev.put(slot.0, before);
        prev.put(after, slot.0);
        if before == NIL {
            self.head = slot.0;
        } else {
            next.put(before, slot.0);
        }
        self.len = self.len.saturating_add(1);
    }

    pub(super) fn remove(&mut self, next: &mut Column<u32>, prev: &mut Column<u32>, slot: Slot) {
        let (after, before) = (next.at(slot.0), prev.at(slot.0));
        if before == NIL {
            self.head = after;
        } else {
            next.put(before, after);
        }
        if after == NIL {
            self.tail = before;
        } else {
            prev.put(after, before);
        }
        next.put(slot.0, NIL);
        prev.put(slot.0, NIL);
        self.len = self.len.saturating_sub(1);
    }

    #[inline(always)]
    pub(super) fn first(&self) -> Option<Slot> {
        (self.head != NIL).then_some(Slot(self.head))
    }
}
