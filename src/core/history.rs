//! What was removed lately and why: the memory behind `explain`.
//!
//! Two rings of fixed length: removed entries by fingerprint, and invalidations with a description. They answer "why is it not
//! there?" for recent removals and claim nothing about older ones.
//!
//! ```
//! use endpoint_cache::core::cache::{Cache, KeyPattern, PutOptions, Scope};
//! use endpoint_cache::core::clock::ManualClock;
//! use endpoint_cache::core::endpoint::EndpointPattern;
//! use endpoint_cache::core::time::Ttl;
//! let cache = Cache::native(ManualClock::default());
//! cache.set("a.list:0", 1, PutOptions::fresh_for(Ttl::FOREVER))?;
//! cache.invalidate(&KeyPattern::scope(Scope::endpoint(EndpointPattern::parse("a.*")?)))?;
//! let cause = cache.explain("a.list:0").invalidation.ok_or("not remembered")?;
//! assert_eq!((cause.what.as_str(), cause.count), ("invalidate: endpoint a.*", 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::core::stats::RemovalReason;
use crate::core::time::Timestamp;
use std::collections::VecDeque;
use std::fmt::{self, Write};

const REMOVALS: usize = 1024;
const INVALIDATIONS: usize = 64;

/// A removed entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Removal {
    pub(crate) fingerprint: u32,
    /// Why it was removed.
    pub reason: RemovalReason,
    /// When it was removed; for an invalidated entry, when its slot was released.
    pub at: Timestamp,
}

/// An invalidation in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Invalidation {
    /// Its number: later ones have higher ones.
    pub sequence: u64,
    /// What it covered, for a person to read.
    pub what: String,
    /// How many values were removed.
    pub count: usize,
    /// When it was.
    pub at: Timestamp,
}

/// Both rings.
#[derive(Debug, Default)]
pub(crate) struct History {
    removals: VecDeque<Removal>,
    invalidations: VecDeque<Invalidation>,
}

impl History {
    pub(crate) fn removed(&mut self, fingerprint: u32, reason: RemovalReason, at: Timestamp) {
        let removal = Removal {
            fingerprint,
            reason,
            at,
        };
        if self.removals.len() >= REMOVALS {
            self.removals.pop_front();
        }
        self.removals.push_back(removal);
    }

    pub(crate) fn invalidated(&mut self, invalidation: Invalidation) {
        if self.invalidations.len() >= INVALIDATIONS {
            self.invalidations.pop_front();
        }
        self.invalidations.push_back(invalidation);
    }

    /// The latest removal of an entry with that fingerprint.
    pub(crate) fn removal(&self, fingerprint: u32) -> Option<Removal> {
        let mut latest = self.removals.iter().rev();
        latest
            .find(|removal| removal.fingerprint == fingerprint)
            .copied()
    }

    /// The latest invalidations, newest first.
    pub(crate) fn invalidations(&self) -> impl Iterator<Item = &Invalidation> {
        self.invalidations.iter().rev()
    }
}

/// Bytes of an invalidation's description at most: descriptions are kept, and what they quote may be of any length.
const LONGEST_DESCRIPTION: usize = 256;

/// A text that ends with `…` where it would be longer than a description.
struct Clipped(String);

impl Write for Clipped {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let most = LONGEST_DESCRIPTION.saturating_sub(self.0.len());
        let kept = piece.get(..piece.floor_char_boundary(most)).unwrap_or("");
        self.0.push_str(kept);
        if kept.len() == piece.len() {
            return Ok(());
        }
        self.0.push('…');
        // An error ends the formatting: nothing behind the end is formatted.
        Err(fmt::Error)
    }
}

/// `cause: what`, clipped.
pub(crate) fn describe(cause: &str, what: &dyn fmt::Display) -> String {
    let mut text = Clipped(String::new());
    _ = write!(text, "{cause}: {what}");
    text.0
}
