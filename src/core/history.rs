//! What went lately and why: the memory behind `explain`.
//!
//! Two rings of fixed length: removed entries by fingerprint, and invalidations in words. They answer
//! "why is it not there?" for recent removals and claim nothing about older ones.

use super::memory::add;
use super::stats::Reason;
use super::time::Timestamp;

const REMOVALS: usize = 1024;
const INVALIDATIONS: usize = 64;

/// An entry that went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Removal {
    pub(super) fingerprint: u32,
    /// Why it went.
    pub reason: Reason,
    /// When it went; for an invalidated entry, when its slot was released.
    pub at: Timestamp,
}

/// An invalidation in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Invalidation {
    /// Its number: later ones have higher ones.
    pub sequence: u64,
    /// What it covered, for a person to read.
    pub what: String,
    /// How many values went.
    pub count: usize,
    /// When it was.
    pub at: Timestamp,
}

/// Both rings.
#[derive(Debug, Default)]
pub(super) struct History {
    removals: Vec<Removal>,
    /// Where the oldest removal stands, which the next one replaces.
    oldest: usize,
    invalidations: Vec<Invalidation>,
}

impl History {
    pub(super) fn removed(&mut self, fingerprint: u32, reason: Reason, at: Timestamp) {
        let removal = Removal {
            fingerprint,
            reason,
            at,
        };
        if self.removals.len() < REMOVALS {
            // Where there is no memory for it, it is not remembered.
            add(&mut self.removals, removal);
        } else if let Some(place) = self.removals.get_mut(self.oldest) {
            *place = removal;
            self.oldest = self.oldest.saturating_add(1) % REMOVALS;
        }
    }

    pub(super) fn invalidated(&mut self, invalidation: Invalidation) {
        if self.invalidations.len() >= INVALIDATIONS {
            self.invalidations.remove(0);
        }
        add(&mut self.invalidations, invalidation);
    }

    /// The latest removal of an entry with that fingerprint.
    pub(super) fn removal(&self, fingerprint: u32) -> Option<Removal> {
        let (newer, older) = self.removals.split_at_checked(self.oldest)?;
        let mut latest = older.iter().chain(newer).rev();
        latest
            .find(|removal| removal.fingerprint == fingerprint)
            .copied()
    }

    /// The latest invalidations, newest first.
    pub(super) fn invalidations(&self) -> impl Iterator<Item = &Invalidation> {
        self.invalidations.iter().rev()
    }
}
