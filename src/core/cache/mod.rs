//! The façade: a cache with a clock, keys and values around the [`Engine`].
//!
//! Each operation reads the clock once and before it borrows anything, asks the engine, and applies the decision to the
//! [`HostStore`] that holds keys and values. Natively that is a [`HashStore`]; in WebAssembly it is a store that JavaScript
//! keeps. No code of the caller's runs while the engine is borrowed, so a clock or a value's destructor may call the cache.
//!
//! ```
//! use endpoint_cache::core::cache::{Cache, PutOptions};
//! use endpoint_cache::core::clock::ManualClock;
//! use endpoint_cache::core::time::Ttl;
//! let clock = ManualClock::default();
//! let cache = Cache::native(clock.clone());
//! cache.set("storycore.prompt.list:0", "three prompts", PutOptions::fresh_for(Ttl::from_seconds(60.0)?))?;
//! assert_eq!(cache.get("storycore.prompt.list:0"), Some("three prompts"));
//! clock.advance(60_001.0);
//! assert_eq!(cache.get("storycore.prompt.list:0"), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod by_slot;
mod entries;
mod hash_store;
mod host_store;
mod key_pattern;
mod loads;
mod options;

use crate::core::clock::Clock;
use crate::core::engine::Engine;
use crate::core::groups::GroupName;
use crate::core::key;
use crate::core::stats::Stats;
use crate::core::time::Timestamp;
use std::cell::{Cell, RefCell};

pub use self::hash_store::HashStore;
pub use self::host_store::HostStore;
pub use key_pattern::KeyPattern;
pub use options::{PutOptions, ReadOptions};

// What the façade takes and returns of the modules below it.
#[doc(inline)]
pub use crate::core::engine::{BypassReason, Explanation, Limits, Plan, Presence, Write};
#[doc(inline)]
pub use crate::core::groups::Scope;
#[doc(inline)]
pub use crate::core::in_flight::{LoadId, MutationId};
#[doc(inline)]
pub use crate::core::slots::{Freed, Slot};

/// Drops removed values at the end of an operation, when all else is done.
struct Sweep<'s, S: HostStore>(&'s S);

impl<S: HostStore> Drop for Sweep<'_, S> {
    fn drop(&mut self) {
        self.0.sweep();
    }
}

/// A response cache over a host store and a clock.
pub struct Cache<S: HostStore, C: Clock> {
    engine: RefCell<Engine>,
    host: S,
    clock: C,
    /// What [`Engine::layout_version`] was when the host last heard where the columns lie.
    layout_version: Cell<u64>,
    /// True once the engine has the host's seed.
    seeded: Cell<bool>,
}

impl<V: Clone, C: Clock> Cache<HashStore<V>, C> {
    /// A cache for native code, with the default limits.
    pub fn native(clock: C) -> Self {
        Self::native_within(clock, Limits::default())
    }

    /// A cache for native code, within `limits`.
    pub fn native_within(clock: C, limits: Limits) -> Self {
        Cache::new(HashStore::default(), clock, limits)
    }
}

impl<S: HostStore, C: Clock> Cache<S, C> {
    /// A cache over `host`.
    pub fn new(host: S, clock: C, limits: Limits) -> Self {
        Cache {
            engine: RefCell::new(Engine::new(limits)),
            host,
            clock,
            layout_version: Cell::new(0),
            seeded: Cell::new(false),
        }
    }

    /// Tells the host where the engine's columns lie before there are any.
    pub fn announce_layout(&self) {
        let layout = self.engine.borrow().layout();
        self.host.layout_changed(&layout);
    }

    /// Where keys and values are.
    pub fn host_store(&self) -> &S {
        &self.host
    }

    /// The engine, to be borrowed for one call and not across any code of a caller's.
    pub fn engine(&self) -> &RefCell<Engine> {
        &self.engine
    }

    /// The time, for an operation that changes nothing of what is held.
    pub fn now(&self) -> Timestamp {
        self.host.sweep();
        let reading = self.clock.now();
        Self::time(&mut self.engine.borrow_mut(), reading)
    }

    /// The time, for an operation that changes what is held.
    fn now_to_write(&self) -> Timestamp {
        self.host.sweep();
        let reading = self.clock.now_to_write();
        Self::time(&mut self.engine.borrow_mut(), reading)
    }

    /// What the clock itself read at the latest time.
    pub fn clock_reading(&self) -> f64 {
        let host = self.clock.reading();
        host.unwrap_or_else(|| self.engine.borrow().clock_reading())
    }

    /// Engine time at a reading of the clock.
    #[inline(always)]
    fn time(engine: &mut Engine, reading: f64) -> Timestamp {
        if C::READS_ENGINE_TIME {
            engine.accept_time(reading)
        } else {
            engine.time(reading)
        }
    }

    /// The time, for a lookup at whose end removed values may go.
    fn begin_read(&self) -> (Timestamp, Sweep<'_, S>) {
        (self.now(), Sweep(&self.host))
    }

    /// The same for what changes more than what it meets.
    fn begin_write(&self) -> (Timestamp, Sweep<'_, S>) {
        (self.now_to_write(), Sweep(&self.host))
    }

    /// Runs one decision of the engine, then lets the host forget what was emptied.
    #[inline(always)]
    fn decide<R>(&self, decision: impl FnOnce(&mut Engine) -> R) -> R {
        let (result, news) = {
            let mut engine = self.engine.borrow_mut();
            let result = decision(&mut engine);
            let news = engine.has_updates(self.layout_version.get());
            (result, news)
        };
        if news {
            self.update_host();
        }
        result
    }

    /// Applies to the host what the last decision moved and emptied.
    #[inline(never)]
    fn update_host(&self) {
        let (cleared, layout_version, layout) = {
            let mut engine = self.engine.borrow_mut();
            (
                engine.take_cleared(),
                engine.layout_version(),
                engine.layout(),
            )
        };
        if self.layout_version.replace(layout_version) != layout_version {
            self.host.layout_changed(&layout);
        }
        if cleared {
            self.host.clear();
        }
        loop {
            let next = self.engine.borrow_mut().next_freed();
            let Some(freed) = next else { break };
            self.host.forget(freed);
        }
        let mut at = 0_usize;
        loop {
            let next = self.engine.borrow_mut().next_detached(&mut at);
            let Some(load) = next else { break };
            self.host.load_detached(load);
        }
        loop {
            let next = self.engine.borrow_mut().next_timed_out();
            let Some(load) = next else { break };
            self.host.load_timed_out(load);
        }
    }

    /// Runs a decision about a key: with the name of its group, these tags among it, and its fingerprint.
    #[inline(always)]
    fn decide_on<R>(
        &self,
        key: &str,
        tags: &[String],
        decision: impl FnOnce(&mut Engine, &GroupName<'_>, u32) -> R,
    ) -> R {
        let (endpoint, user) = key::group_prefix(key);
        let name = GroupName {
            endpoint,
            user,
            tags,
        };
        self.seed();
        self.decide(|engine| {
            let fingerprint = engine.fingerprint(key);
            decision(engine, &name, fingerprint)
        })
    }

    /// Seeds the engine before its first group. Not when the cache is made: there are hosts that have no randomness then.
    fn seed(&self) {
        if !self.seeded.replace(true) {
            let seed = self.host.seed();
            self.engine.borrow_mut().seed(seed);
        }
    }

    /// Does what is due: ends overdue mutations, releases up to `budget` invalidated entries.
    pub fn maintain(&self, budget: u32) {
        let (now, _sweep) = self.begin_read();
        self.decide(|engine| engine.maintain(budget, now));
    }

    /// Statistics now.
    pub fn stats(&self) -> Stats {
        let now = self.now();
        self.engine.borrow().stats(now)
    }

    /// Entries held, expired ones included.
    pub fn len(&self) -> usize {
        self.engine.borrow().len()
    }

    /// True when no entry is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Why `key` is there or not. Moments are by the clock's own reading.
    pub fn explain(&self, key: &S::Key) -> Explanation {
        let now = self.now();
        let slot = self.host.find(key);
        let text = self.host.text(key);
        let engine = self.engine.borrow();
        let explained = engine.explain(slot, engine.fingerprint(&text), now);
        explained.in_clock_time(self.clock_reading() - now.as_millis())
    }

    /// An error in words if engine and host disagree. For tests, after every operation.
    pub fn check_invariants(&self) -> Result<(), String> {
        let engine = self.engine.borrow();
        engine.check_invariants()?;
        let (held, keys) = (engine.slots_in_use(), self.host.len());
        if held == keys {
            Ok(())
        } else {
            Err(format!("{held} slots in use, {keys} keys held by the host"))
        }
    }
}
