//! The engine decides what happens to entries, and does nothing else.
//!
//! # What it is
//! A state machine over slot numbers. Every method takes `now`, returns a value and calls nobody: no clock, no handler, no
//! listener, no destructor of a user's value. The host carries the decision out. So the same code runs natively under an
//! explorer of all interleavings (`tests/interleavings`) and in every JavaScript runtime, and a re-entrant call of the host
//! finds the engine in a consistent state.
//!
//! # Its parts
//! Each part knows one thing and none of the others' business:
//! - [`slots`](super::slots): a row per entry — deadline, popularity, group, size. No key, no value: the host has those.
//! - [`groups`](super::groups): entries by endpoint, user and tags. Invalidating a scope *retires* the groups it covers.
//! - `eviction`: which entry is removed next, by popularity (S3-FIFO) or because it has expired.
//! - [`in_flight`](super::in_flight): loads and mutations that have begun and not ended.
//! - [`history`](super::history), [`stats`](super::stats): what happened, for `explain` and for counters.
//!
//! # The protocol
//! A reader calls `begin` and gets a [`Plan`]: a hit, a stale value, a load to run, a load to wait for, or a bypass. A load ends
//! by `fill`, `abandon` or `refuse`. A mutation invalidates its scopes when it begins and again when it settles, and while it is
//! active nothing under its scopes is stored. Every invalidation detaches the loads it covers: their callers get the value, and
//! it is not stored. From that follows the promise: a read that starts after an invalidation returned never sees data that was
//! loaded before it.
//!
//! # Its costs
//! An invalidation costs by the groups it covers: their entries are unreachable at once ([`Layout::alive`]), and later calls
//! release sixteen of them each, so no call pauses for all of them. Expired entries stay until they are met,
//! swept or evicted; nothing has a timer. Everything is bounded by [`Limits`].
//!
//! Its methods are in the files named after them: `plan` (what a read does next), `loads` (how a load ends), `entries` (get, set,
//! delete), `space` (reserve, release, evict), `invalidation` (scopes and mutations), `explain` (why a key is there or not, statistics).
//!
//! # Example
//! One load, as a host drives it: the engine plans it, and stores its value unless something covered its key meanwhile.
//! ```
//! use endpoint_cache::core::engine::{Engine, Fill, Limits, Plan, Read, Write};
//! use endpoint_cache::core::groups::{GroupName, Scope};
//! use endpoint_cache::core::time::Ttl;
//! let mut engine = Engine::new(Limits::default());
//! let now = engine.time(1_000.0);
//! let name = GroupName { endpoint: "app.page.list", user: None, tags: &[] };
//! let fill = Fill { write: Write::fresh_for(Ttl::from_seconds(60.0)?), tags: &[] };
//!
//! let read = Read::of(engine.group(&name), engine.fingerprint("app.page.list:0"));
//! let Plan::Miss(load, _) = engine.begin(None, &read, now) else { return Err("a load was expected".into()) };
//! let slot = engine.fill(load, &fill, now)?;
//! assert_eq!(engine.begin(Some(slot), &read, now), Plan::Hit(slot, None));
//!
//! assert_eq!(engine.invalidate(&Scope::default(), now), 1);
//! assert!(!engine.is_fresh(slot, now));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod entries;
mod explain;
mod invalidation;
mod invariants;
mod loads;
mod plan;
mod space;

pub use crate::core::slots::{Freed, Layout};
pub use explain::{Explanation, Presence};
pub use loads::Fill;
pub use plan::{BypassReason, Plan, Read};

use crate::core::clock::Monotone;
use crate::core::eviction::expiry::Expiry;
use crate::core::eviction::s3_fifo::S3Fifo;
use crate::core::groups::{GroupId, GroupName, Groups};
use crate::core::hash::seed::Seed;
use crate::core::history::History;
use crate::core::in_flight::InFlight;
use crate::core::slots::layout::LayoutVersion;
use crate::core::slots::{Slot, Slots};
use crate::core::stats::{Counters, Refusal, RemovalReason};
use crate::core::time::{Timestamp, Ttl};

/// Bounds of a cache. Each has a counter when it is hit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Values held at most.
    pub max_entries: usize,
    /// Bytes of keys and values held at most, as the host estimates them.
    pub max_bytes: f64,
    /// Bytes of one key and value at most.
    pub max_entry_bytes: f64,
    /// Loads in flight at most; further requests bypass the cache.
    pub max_loads: usize,
    /// Callers that wait for one load at most, the first not counted; further ones bypass the cache.
    pub max_followers: u32,
    /// Milliseconds for which a load can be joined; after that the next caller starts a new one.
    pub max_load_ms: f64,
    /// Milliseconds after which a mutation that has not settled no longer holds back loads.
    pub max_mutation_ms: f64,
    /// An invalidation that leaves nothing of so many entries, and no load in flight that may yet be stored, is a `clear`.
    /// For a host that drops a map at once and shrinks one with a pause at each step, as JavaScript does; where every
    /// entry is freed by itself they are better released a few at a time, which is what happens with the default.
    pub bulk_clear_threshold: usize,
}

/// The default time to live of an entry, in milliseconds.
pub const DEFAULT_TTL_MS: f64 = 300_000.0;

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_entries: 10_000,
            max_bytes: 64.0 * 1024.0 * 1024.0,
            max_entry_bytes: 8.0 * 1024.0 * 1024.0,
            max_loads: 10_000,
            // Waiting callers hold a request open in any case, and would ask the origin for the same.
            max_followers: u32::MAX,
            max_load_ms: 30_000.0,
            max_mutation_ms: 60_000.0,
            bulk_clear_threshold: usize::MAX,
        }
    }
}

/// What is stored with a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Write {
    /// How long it is fresh.
    pub ttl: Ttl,
    /// Milliseconds for which it is kept past its deadline, to be served stale.
    pub window: f64,
    /// Bytes of key and value.
    pub bytes: u32,
    /// SHA-256 of the request it answers, where a request made it.
    pub digest: Option<[u8; 32]>,
}

impl Write {
    /// A value that is fresh for `ttl` and of no known size.
    pub fn fresh_for(ttl: Ttl) -> Self {
        Write {
            ttl,
            window: 0.0,
            bytes: 0,
            digest: None,
        }
    }
}

/// Retired entries released by each call that changes something.
const RELEASED_PER_CALL: u32 = 16;

/// The cache's decisions, over slots.
#[derive(Debug, Default)]
pub struct Engine {
    limits: Limits,
    slots: Slots,
    groups: Groups,
    expiry: Expiry,
    eviction: S3Fifo,
    in_flight: InFlight,
    history: History,
    counters: Counters,
    clock: Monotone,
    layout_version: LayoutVersion,
    bytes: f64,
    cleared: bool,
}

impl Engine {
    /// An empty engine.
    pub fn new(limits: Limits) -> Self {
        Engine {
            limits,
            ..Engine::default()
        }
    }

    /// The bounds it keeps.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The time for a clock's reading of `ms`: never earlier than a time given before.
    pub fn time(&mut self, ms: f64) -> Timestamp {
        self.clock.read(ms)
    }

    /// The same for a host whose readings are engine time already.
    pub fn accept_time(&mut self, ms: f64) -> Timestamp {
        self.clock.accept(ms)
    }

    /// What the clock read at the latest time.
    pub fn clock_reading(&self) -> f64 {
        self.clock.reading()
    }

    /// The latest time there was.
    pub fn latest_time(&self) -> Timestamp {
        self.clock.latest()
    }

    /// Has the hashes of names depend on a seed; to be called before the first group is named.
    pub fn seed(&mut self, seed: u64) {
        if self.groups.len() == 0 {
            self.groups
                .reseed(Seed::new(seed), &mut self.layout_version);
        }
    }

    /// What a key that was evicted or removed is known by afterwards: its hash.
    pub fn fingerprint(&self, key: &str) -> u32 {
        self.groups.seed().of_text(key)
    }

    /// The group for an endpoint, user and tags.
    pub fn group(&mut self, name: &GroupName<'_>) -> GroupId {
        self.groups.group(name, &mut self.layout_version)
    }

    /// True while a group's entries may be served.
    pub fn is_alive(&self, group: GroupId) -> bool {
        self.groups.is_alive(group)
    }

    /// The next slot that was emptied: the host forgets its key and its value before it does anything else.
    pub fn next_freed(&mut self) -> Option<Freed> {
        self.slots.next_freed()
    }

    /// Leaves it to the host to see that `slot`, which it is about to fill, held another key a moment ago.
    pub fn spare_freed(&mut self, slot: Slot) {
        self.slots.spare_freed(slot);
    }

    /// True when slots were emptied that the host has not forgotten yet.
    pub fn has_freed(&self) -> bool {
        self.slots.has_freed() || self.cleared
    }

    /// True once after [`Engine::clear`]: the host forgets every key, value and group.
    pub fn take_cleared(&mut self) -> bool {
        std::mem::take(&mut self.cleared)
    }

    /// Milliseconds since the value was stored, and milliseconds until it is stale (negative when it has).
    pub fn age_and_ttl(&self, slot: Slot, now: Timestamp) -> (f64, f64) {
        let age = (now.as_millis() - self.slots.row(slot).stored_at).max(0.0);
        (age, self.slots.deadline.at(slot.0) - now.as_millis())
    }

    /// True when the host has something to do: forget slots or loads, look at columns that lie elsewhere than when
    /// [`Engine::layout_version`] was `layout_version`, or hear of loads that were given up.
    pub fn has_updates(&self, layout_version: u64) -> bool {
        let loads = self.in_flight.has_unreported() || self.in_flight.has_timed_out();
        self.has_freed() || self.layout_version() != layout_version || loads
    }

    /// The number of the present [`Engine::layout`]: it grows whenever the columns may lie elsewhere, and never falls.
    pub fn layout_version(&self) -> u64 {
        self.layout_version.get()
    }

    /// Where the columns that a host's fast path reads lie in memory.
    pub fn layout(&self) -> Layout {
        Layout {
            deadline: self.slots.deadline.address() as usize,
            hits: self.slots.hits.address() as usize,
            rows: self.slots.rows.address() as usize,
            alive: self.groups.alive.address() as usize,
            waiting: self.groups.waiting.address() as usize,
            slots: self.slots.capacity(),
            groups: self.groups.alive.len(),
        }
    }

    /// Counts lookups that the host's fast path answered.
    pub fn add_lookups(&mut self, hits: f64, misses: f64) {
        self.counters.hits += hits.max(0.0);
        self.counters.misses = self.counters.misses.saturating_add(misses.max(0.0) as u64);
    }

    /// Groups there are, invalidated ones that wait for release included.
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Counts a value that was not stored for a reason that was found before it came here.
    pub fn add_refusal(&mut self, refusal: Refusal) {
        self.counters.count_refusal(refusal);
    }

    /// Counts a request that bypassed the cache for a reason of the host's.
    pub fn add_bypass(&mut self) {
        self.counters.bypasses = self.counters.bypasses.saturating_add(1);
    }
}
