//! Ghosts: fingerprints of what was evicted lately, each with the queue it left and when.
//!
//! A table of buckets of four words; a full bucket forgets what is oldest for its queue. Age is counted in
//! evictions from the same queue, in steps of a sixty-fourth of the capacity, which leaves nine bits for it.
//! Two keys with one fingerprint only make a newcomer look like one that came back, so nothing but the hit ratio depends
//! on it. This module knows no slots and does not know what a return is worth.

/// The queue an evicted value was in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Queue {
    /// That of newcomers.
    Small,
    /// That of values that were hit again.
    Main,
}

/// An evicted key that is stored again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GhostHit {
    /// The queue it was evicted from.
    pub(crate) from: Queue,
    /// Evictions from that queue since, to within a sixty-fourth of the capacity.
    pub(crate) age: u32,
}

const WAYS: usize = 4;

// A word, from the top: 21 bits of the fingerprint that do not choose its bucket while there are fewer
// than 2048 of them, one bit that is set in every word in use, one for the queue, nine for the age.
const TAG: u32 = !0 << 11;
const USED: u32 = 1 << 10;
const MAIN: u32 = 1 << 9;
const EPOCH: u32 = MAIN - 1;

/// Evictions from one queue, counted in epochs of `Ghosts::unit`.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    epoch: u32,
    within: u32,
    /// Evictions after which one is no longer remembered.
    limit: u32,
}

/// The table; the default remembers nothing.
#[derive(Debug, Default)]
pub(crate) struct Ghosts {
    table: Vec<[u32; WAYS]>,
    unit: u32,
    small: Count,
    main: Count,
}

impl Ghosts {
    /// Remembers up to `small` evictions from the small queue and `main` from the main queue of a cache
    /// for `capacity` values. Takes 10 to 20 bytes for each.
    pub(crate) fn new(capacity: u32, small: u32, main: u32) -> Self {
        let count = |limit: u32| Count {
            limit: limit.max(1),
            ..Count::default()
        };
        // Words for two and a half times the capacity: four times or an exact table is no better, one and a half
        // costs 0.4 points of hit ratio.
        let words = (capacity as usize).saturating_mul(5).div_ceil(2);
        let buckets = words.div_ceil(WAYS).next_power_of_two();
        Ghosts {
            unit: capacity.div_ceil(64).max(1),
            small: count(small),
            main: count(main),
            table: vec![[0; WAYS]; buckets],
        }
    }

    fn bucket(&mut self, fingerprint: u32) -> Option<&mut [u32; WAYS]> {
        let mask = self.table.len().wrapping_sub(1);
        self.table.get_mut(fingerprint as usize & mask)
    }

    #[inline(always)]
    fn count(&self, word: u32) -> &Count {
        if word & MAIN == 0 {
            &self.small
        } else {
            &self.main
        }
    }

    fn age(&self, word: u32) -> u32 {
        self.epochs(word).saturating_mul(self.unit)
    }

    #[inline(always)]
    fn epochs(&self, word: u32) -> u32 {
        self.count(word).epoch.wrapping_sub(word) & EPOCH
    }

    /// How ready a word is to be overwritten: by its share of the age at which it is forgotten anyway.
    fn readiness(&self, word: u32, tag: u32) -> u64 {
        if word & USED == 0 || word & TAG == tag {
            return u64::MAX;
        }
        // Two fractions are compared by multiplying each with the other's denominator.
        let other = self.count(word ^ MAIN).limit;
        u64::from(self.epochs(word)).wrapping_mul(u64::from(other))
    }

    /// Remembers an eviction.
    pub(crate) fn record(&mut self, fingerprint: u32, from: Queue) {
        let unit = self.unit;
        let (count, queue) = match from {
            Queue::Small => (&mut self.small, 0),
            Queue::Main => (&mut self.main, MAIN),
        };
        count.within = count.within.saturating_add(1);
        if count.within >= unit {
            count.within = 0;
            count.epoch = count.epoch.wrapping_add(1);
        }
        let tag = fingerprint & TAG;
        let word = tag | USED | queue | (count.epoch & EPOCH);
        let Some(bucket) = self.bucket(fingerprint).map(|bucket| *bucket) else {
            return;
        };
        // A loop by hand: as sparingly as functions are inlined, a chain of iterators would be four calls for each word.
        let (mut way, mut readiest, mut at) = (0, 0, 0_usize);
        while let Some(known) = bucket.get(at) {
            let readiness = self.readiness(*known, tag);
            if readiness >= readiest {
                (way, readiest) = (at, readiness);
            }
            at = at.saturating_add(1);
        }
        if let Some(place) = self.bucket(fingerprint).and_then(|b| b.get_mut(way)) {
            *place = word;
        }
    }

    /// Takes the ghost of a key, if it was evicted a short while ago.
    pub(crate) fn take(&mut self, fingerprint: u32) -> Option<GhostHit> {
        let same = |word: &&mut u32| **word & (TAG | USED) == (fingerprint & TAG) | USED;
        let word = std::mem::take(self.bucket(fingerprint)?.iter_mut().find(same)?);
        let age = self.age(word);
        let from = if word & MAIN == 0 {
            Queue::Small
        } else {
            Queue::Main
        };
        (age <= self.count(word).limit).then_some(GhostHit { from, age })
    }

    /// Bytes it takes.
    pub(crate) fn memory(&self) -> usize {
        self.table
            .capacity()
            .saturating_mul(size_of::<[u32; WAYS]>())
    }
}
