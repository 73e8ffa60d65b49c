//! Which entry is evicted: S3-FIFO that fills up the main queue first and adapts the share of the small one.
//!
//! Newcomers wait in a small queue. Those hit twice meanwhile move to the main queue; the others are evicted
//! and remembered, so that one that comes back soon enters the main queue at once. Nothing is moved on a
//! hit: a hit only counts, up to three. Knows slots and fingerprints, not keys, times or sizes.
//!
//! The paper: Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023. What is added:
//! - While the main queue is not full, the small one spills over into it. Of a loop longer than the
//!   cache, a part then stays and is hit; otherwise all of it passes through and none is.
//! - The small queue's share follows the returns: up with each soon after it left the small queue, down with
//!   each soon after it left the main queue. Window and step are the same for both: the share climbs towards
//!   where the two are equally frequent, which is where moving the border gains nothing more.
//! - Returns that took up to twice as long are remembered too, and one in sixteen of them enters the main
//!   queue. All of them would win three points of hit ratio where the working set is twice the cache, and
//!   lose five where it is larger; the ration wins the three.
//! - Of those that come back after they left the main queue, every second one enters it again. If all did, a
//!   loop would make each of them push out the next one to be hit.

use super::ghost::{GhostHit, Ghosts, Queue};
use crate::core::slots::linked_list::List;
use crate::core::slots::{Slot, Slots, State};

/// Values looked at for one victim, in each queue. Without a bound, one eviction can pass through the whole
/// main queue; this one costs less than 0.05 points of hit ratio, 16 would cost 0.4.
const MAX_LOOKS: u32 = 64;

/// One in so many of those that come back late enters the main queue.
const LATE_RATION: u32 = 16;

/// One in so many of those that come back after they left the main queue enters it again.
const MAIN_RATION: u32 = 2;

/// Where a new value is to enter, and as how popular.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Admission {
    queue: Queue,
    hits: u8,
}

/// The queues.
#[derive(Debug, Default)]
pub(crate) struct S3Fifo {
    small: List,
    main: List,
    /// Nothing before the first eviction.
    ghosts: Option<Ghosts>,
    /// How many values fit; 0 until that is known.
    capacity: u32,
    /// Values that the small queue should hold.
    target: u32,
    late_returns: u32,
    main_returns: u32,
}

impl S3Fifo {
    /// Decides where a new value enters; to be called before space is freed for it, since this also moves the border
    /// between the queues. `limit` is how many values may be held.
    pub(crate) fn admit(&mut self, fingerprint: u32, limit: usize) -> Admission {
        if self.capacity == 0 {
            self.resize(limit);
        }
        let hit = self
            .ghosts
            .as_mut()
            .and_then(|ghosts| ghosts.take(fingerprint));
        let Some(hit) = hit else {
            return Admission {
                queue: Queue::Small,
                hits: 0,
            };
        };
        self.adapt(hit);
        let to_main = match hit.from {
            Queue::Small => {
                let soon = self.capacity.saturating_sub(self.capacity.div_ceil(10));
                hit.age <= soon || one_in(LATE_RATION, &mut self.late_returns)
            }
            Queue::Main => one_in(MAIN_RATION, &mut self.main_returns),
        };
        if to_main {
            Admission {
                queue: Queue::Main,
                hits: 0,
            }
        } else {
            Admission {
                queue: Queue::Small,
                hits: 1,
            }
        }
    }

    /// Moves the border between the queues by one value, towards the one that was left too early.
    fn adapt(&mut self, hit: GhostHit) {
        if hit.age > self.window() {
            return;
        }
        let least = (self.capacity / 100).max(1);
        let most = self.capacity.saturating_sub(self.capacity.div_ceil(5));
        self.target = match hit.from {
            Queue::Small => self.target.saturating_add(1).min(most.max(1)),
            Queue::Main => self.target.saturating_sub(1).max(least),
        };
    }

    /// Evictions after which a return is no longer evidence that a slightly larger queue would have kept the value.
    fn window(&self) -> u32 {
        (self.capacity / 16).max(1)
    }

    /// Enters a new value.
    #[inline(always)]
    pub(crate) fn insert(&mut self, slot: Slot, admission: Admission, slots: &mut Slots) {
        match admission.queue {
            Queue::Main => self.push(slot, State::Main, admission.hits, slots),
            Queue::Small => {
                self.push(slot, State::Small, admission.hits, slots);
                let over = self.small.len > self.target.saturating_add(1);
                if over && self.main.len < self.capacity.saturating_sub(self.target) {
                    self.promote(slots);
                }
            }
        }
    }

    /// Moves the oldest newcomer to the main queue, where its hits count from zero again.
    fn promote(&mut self, slots: &mut Slots) {
        if let Some(slot) = self.small.first() {
            let slot = Slot(slot);
            self.remove(slot, slots);
            self.push(slot, State::Main, 0, slots);
        }
    }

    /// Takes a value out of its queue.
    pub(crate) fn remove(&mut self, slot: Slot, slots: &mut Slots) {
        let list = match slots.row(slot).state {
            State::Small => &mut self.small,
            State::Main => &mut self.main,
            State::Free | State::Reserved => return,
        };
        list.remove(&mut slots.queue_links, slot.0);
    }

    /// Puts a value at the end of a queue, with this popularity.
    #[inline(always)]
    pub(crate) fn push(&mut self, slot: Slot, queue: State, hits: u8, slots: &mut Slots) {
        slots.edit(slot, |row| row.state = queue);
        slots.hits.put(slot.0, hits);
        let list = if queue == State::Main {
            &mut self.main
        } else {
            &mut self.small
        };
        list.push(&mut slots.queue_links, slot.0);
    }

    /// Values held.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        (self.small.len as usize).saturating_add(self.main.len as usize)
    }

    /// The value to give up for a new one; it stays in its queue until the engine releases it.
    pub(crate) fn victim(&mut self, slots: &mut Slots) -> Option<Slot> {
        // The number held when the first value has to be evicted is the capacity, whichever bound was reached.
        // Where that is the bytes, it varies a little with the values' sizes.
        let held = self.small.len.saturating_add(self.main.len);
        let tolerance = (self.capacity / 4).max(1);
        if self.ghosts.is_none() || self.capacity.abs_diff(held) > tolerance {
            self.resize(held as usize);
            self.ghosts = None;
            let reach = self.capacity.saturating_mul(2);
            self.ghosts = Some(Ghosts::new(self.capacity, reach, self.window()));
        }
        let (slot, queue) = self.choose(slots)?;
        if let Some(ghosts) = &mut self.ghosts {
            ghosts.record(slots.row(slot).fingerprint, queue);
        }
        Some(slot)
    }

    fn resize(&mut self, capacity: usize) {
        self.capacity = u32::try_from(capacity).unwrap_or(u32::MAX);
        self.target = (self.capacity.saturating_add(5) / 10).max(1);
    }

    fn choose(&mut self, slots: &mut Slots) -> Option<(Slot, Queue)> {
        let mut looks = 0_u32;
        while self.small.len >= self.target || self.main.len == 0 {
            let slot = Slot(self.small.first()?);
            if slots.hits.at(slot.0) < 2 || looks >= MAX_LOOKS {
                return Some((slot, Queue::Small));
            }
            looks = looks.saturating_add(1);
            self.promote(slots);
        }
        for _ in 0..MAX_LOOKS {
            let slot = Slot(self.main.first()?);
            let hits = slots.hits.at(slot.0);
            if hits == 0 {
                break;
            }
            self.remove(slot, slots);
            self.push(slot, State::Main, hits.saturating_sub(1), slots);
        }
        Some((Slot(self.main.first()?), Queue::Main))
    }

    pub(crate) fn memory(&self) -> usize {
        self.ghosts.as_ref().map_or(0, Ghosts::memory)
    }

    pub(crate) fn reset(&mut self) {
        *self = S3Fifo::default();
    }
}

/// True on each call that makes `count` a multiple of `share`.
fn one_in(share: u32, count: &mut u32) -> bool {
    *count = count.wrapping_add(1);
    count.is_multiple_of(share)
}
