//! Counters. Each one is read by a test.
//!
//! `hits` also counts what the host's fast path served: it lies in memory that the host may write.
//!
//! ```
//! use endpoint_cache::core::cache::Cache;
//! use endpoint_cache::core::clock::ManualClock;
//! let cache: Cache<_, _> = Cache::native(ManualClock::default());
//! assert_eq!(cache.get("a.list:0"), None::<u32>);
//! let stats = cache.stats();
//! assert_eq!((stats.size, stats.counters.misses, stats.hit_rate()), (0, 1, 0.0));
//! ```

/// Why a finished load was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Refusal {
    /// An invalidation that covers the key came after the load began.
    Invalidated = 0,
    /// A mutation that covers the key is active.
    MutationActive = 1,
    /// A value was set by hand while the load was in flight.
    Superseded = 2,
    /// The value is larger than an entry may be.
    TooLarge = 3,
    /// The host can hold no more keys.
    HostFull = 4,
    /// The host asked for it not to be stored: an error, or a TTL of the load's own.
    NotStorable = 5,
    /// The load took longer than a load may take.
    TooLate = 6,
    /// There is no such load: it was filled or abandoned before, and this is no end of one.
    Unknown = 7,
    /// The answer's own time to live is 0 or less, or cannot be read.
    NoLifetime = 8,
    /// The host cannot make a copy of it for each caller.
    NotCloneable = 9,
    /// It has more tags than an entry may have, or more text in them.
    TooManyTags = 10,
}

impl Refusal {
    /// How many reasons there are.
    pub const COUNT: usize = 11;

    /// All reasons, in the order of their numbers.
    pub const ALL: [Refusal; Refusal::COUNT] = [
        Refusal::Invalidated,
        Refusal::MutationActive,
        Refusal::Superseded,
        Refusal::TooLarge,
        Refusal::HostFull,
        Refusal::NotStorable,
        Refusal::TooLate,
        Refusal::Unknown,
        Refusal::NoLifetime,
        Refusal::NotCloneable,
        Refusal::TooManyTags,
    ];

    /// The reason's name, as metadata and events give it.
    pub fn name(self) -> &'static str {
        match self {
            Refusal::Invalidated => "invalidated",
            Refusal::MutationActive => "mutation-active",
            Refusal::Superseded => "superseded",
            Refusal::TooLarge => "too-large",
            Refusal::HostFull => "out-of-memory",
            Refusal::NotStorable => "not-storable",
            Refusal::TooLate => "too-late",
            Refusal::Unknown => "unknown-load",
            Refusal::NoLifetime => "no-lifetime",
            Refusal::NotCloneable => "not-cloneable",
            Refusal::TooManyTags => "too-many-tags",
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Refusal::Invalidated => "an invalidation that covers the key came after the load began",
            Refusal::MutationActive => "a mutation that covers the key is under way",
            Refusal::Superseded => "a value was set by hand while the load was under way",
            Refusal::TooLarge => "the value is larger than an entry may be",
            Refusal::HostFull => "no further key can be held",
            Refusal::NotStorable => "the value is not to be stored",
            Refusal::TooLate => "the load took longer than a load may take",
            Refusal::Unknown => "there is no such load: it was filled or given up before",
            Refusal::NoLifetime => "the answer says that it has no time to live",
            Refusal::NotCloneable => "the value cannot be copied for each caller",
            Refusal::TooManyTags => "the value has more tags than an entry may have",
        })
    }
}

impl std::error::Error for Refusal {}

/// What a slot was emptied for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum RemovalReason {
    /// Removed by its key.
    #[default]
    Deleted = 0,
    /// Its time was over.
    Expired = 1,
    /// Space was needed.
    Evicted = 2,
    /// An invalidation covered it.
    Invalidated = 3,
    /// Its load ended without a value to keep.
    Abandoned = 4,
}

impl RemovalReason {
    /// All reasons, in the order of their numbers.
    pub const ALL: [RemovalReason; 5] = [
        RemovalReason::Deleted,
        RemovalReason::Expired,
        RemovalReason::Evicted,
        RemovalReason::Invalidated,
        RemovalReason::Abandoned,
    ];

    /// The reason of that number.
    pub(crate) fn of(number: u8) -> Self {
        match number {
            1 => RemovalReason::Expired,
            2 => RemovalReason::Evicted,
            3 => RemovalReason::Invalidated,
            4 => RemovalReason::Abandoned,
            _ => RemovalReason::Deleted,
        }
    }

    /// The reason's name, as events and explanations give it.
    pub fn name(self) -> &'static str {
        match self {
            RemovalReason::Deleted => "deleted",
            RemovalReason::Expired => "expired",
            RemovalReason::Evicted => "evicted",
            RemovalReason::Invalidated => "invalidated",
            RemovalReason::Abandoned => "abandoned",
        }
    }
}

/// What happened since the cache was made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counters {
    /// Lookups answered with a value, stale ones included.
    pub hits: f64,
    /// Lookups answered with none.
    pub misses: u64,
    /// Values stored, by hand or by a load.
    pub sets: u64,
    /// Values that were evicted.
    pub evictions: u64,
    /// Values removed by invalidations, `clear` included.
    pub invalidations: u64,
    /// Values that `expire` marked stale.
    pub marked_stale: u64,
    /// Values served past their deadline.
    pub stale_hits: u64,
    /// Callers that waited for another caller's load.
    pub joined: u64,
    /// Loads begun.
    pub loads: u64,
    /// Loads that ended in an error or were given up.
    pub failed_loads: u64,
    /// Loads that ended, however they ended.
    pub ended_loads: u64,
    /// Milliseconds that these took, all together.
    pub load_ms: f64,
    /// Finished loads whose value was not stored.
    pub refused_fills: u64,
    /// The same by reason, in the order of [`Refusal`]; of values set by hand, those with too many tags.
    pub refused_by: [u64; Refusal::COUNT],
    /// Requests that bypassed the cache.
    pub bypasses: u64,
    /// Values set by hand and not stored: too large, with too many tags, or because the host can hold no more keys.
    pub rejected: u64,
    /// Mutations whose time ran out before they settled.
    pub timed_out_mutations: u64,
}

impl Counters {
    /// Counts a load that ended after `ms` milliseconds.
    pub(crate) fn count_ended_load(&mut self, ms: f64) {
        self.ended_loads = self.ended_loads.saturating_add(1);
        self.load_ms += ms.max(0.0);
    }

    pub(crate) fn count_refusal(&mut self, refusal: Refusal) {
        self.refused_fills = self.refused_fills.saturating_add(1);
        self.count_reason(refusal);
    }

    /// Counts a value set by hand that was not stored.
    pub(crate) fn count_rejection(&mut self, refusal: Refusal) {
        self.rejected = self.rejected.saturating_add(1);
        if refusal == Refusal::TooManyTags {
            self.count_reason(refusal);
        }
    }

    fn count_reason(&mut self, refusal: Refusal) {
        if let Some(count) = self.refused_by.get_mut(refusal as usize) {
            *count = count.saturating_add(1);
        }
    }
}

/// Statistics at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    /// Values held, expired ones included.
    pub size: usize,
    /// Values held that have expired and are not kept to be served stale.
    pub expired_entries: usize,
    /// Bytes of values and keys, as the host estimated them, and of their tags.
    pub bytes: f64,
    /// Bytes of bookkeeping, the memory of evicted keys included.
    pub overhead_bytes: usize,
    /// Loads in flight.
    pub loading: usize,
    /// Active mutations.
    pub mutating: usize,
    /// Clock readings that were not finite numbers.
    pub clock_errors: u64,
    /// What happened so far.
    pub counters: Counters,
}

impl Stats {
    /// Hits among lookups; 0 when there were none.
    pub fn hit_rate(&self) -> f64 {
        let lookups = self.counters.hits + self.counters.misses as f64;
        if lookups > 0.0 {
            self.counters.hits / lookups
        } else {
            0.0
        }
    }

    /// Misses among lookups; 0 when there were none.
    pub fn miss_rate(&self) -> f64 {
        let lookups = self.counters.hits + self.counters.misses as f64;
        if lookups > 0.0 {
            self.counters.misses as f64 / lookups
        } else {
            0.0
        }
    }
}
