//! The façade: a cache with a clock, keys and values around the [`Engine`].
//!
//! It reads the clock once per operation and before it borrows anything, asks the engine, and does what
//! the engine says to the *shelf* that holds keys and values. Natively that is [`HashShelf`]; in
//! WebAssembly a shelf of JavaScript's. Nothing of the caller's runs while the engine is borrowed: a
//! clock, or a value's destructor, may call the cache again.
//!
//! ```
//! use endpoint_cache::core::cache::{Cache, Store};
//! use endpoint_cache::core::clock::ManualClock;
//! use endpoint_cache::core::time::Ttl;
//! let clock = ManualClock::default();
//! let cache = Cache::native(clock.clone());
//! cache.set("storycore.prompt.list:0", "three prompts", Store::fresh_for(Ttl::from_seconds(60.0)?))?;
//! assert_eq!(cache.get("storycore.prompt.list:0"), Some("three prompts"));
//! clock.advance(60_001.0);
//! assert_eq!(cache.get("storycore.prompt.list:0"), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::clock::Clock;
use super::engine::{BypassReason, Engine, Explanation, Fill, Limits, Plan, Read, Write};
use super::flights::{FlightId, LeaseId};
use super::key;
use super::pattern::{PatternError, TextPattern};
use super::scopes::{GroupName, Scope};
use super::stats::{Refusal, Stats};
use super::store::Slot;
use super::time::{Timestamp, Ttl};
use std::cell::{Cell, RefCell};
use std::fmt;

pub use super::shelf::{HashShelf, Shelf};

/// What to remove: a pattern over key text, a scope, or both, in which case both must hold.
#[derive(Clone, Debug, Default)]
pub struct KeyPattern {
    /// What the key's text must match.
    pub text: Option<TextPattern>,
    /// What its endpoint, user and tags must be.
    pub scope: Scope,
}

impl KeyPattern {
    /// Keys whose text matches.
    pub fn text(text: TextPattern) -> Self {
        KeyPattern {
            text: Some(text),
            scope: Scope::default(),
        }
    }

    /// Keys of a scope.
    pub fn scope(scope: Scope) -> Self {
        KeyPattern { text: None, scope }
    }
}

impl fmt::Display for KeyPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            None => self.scope.fmt(f),
            Some(text) if self.scope.is_everything() => f.write_str(text.as_str()),
            Some(text) => {
                f.write_str(text.as_str())?;
                f.write_str(", ")?;
                self.scope.fmt(f)
            }
        }
    }
}

/// How a value is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    /// Its times, size and identity.
    pub write: Write,
    /// Its tags, in any order.
    pub tags: Vec<String>,
}

impl Store {
    /// Fresh for `ttl`, without tags.
    pub fn fresh_for(ttl: Ttl) -> Self {
        Store {
            write: Write::fresh_for(ttl),
            tags: Vec::new(),
        }
    }
}

/// How a read goes about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ask {
    /// Tags known before the load.
    pub tags: Vec<String>,
    /// SHA-256 of the request, where there is one.
    pub digest: Option<[u8; 32]>,
    /// Milliseconds past its deadline for which a value is served while a load replaces it.
    pub stale_while_revalidate: f64,
    /// Milliseconds past its deadline for which a value stands in for a failing load.
    pub stale_if_error: f64,
    /// The share of its time to live after which a hit starts a load ahead of time; `None` is never.
    pub eager_refresh: Option<f64>,
    /// True for a caller that must not wait for another's load.
    pub alone: bool,
}

/// Lets go of removed values when it goes itself, which is when all else of an operation is done.
struct Sweep<'s, S: Shelf>(&'s S);

impl<S: Shelf> Drop for Sweep<'_, S> {
    fn drop(&mut self) {
        self.0.sweep();
    }
}

/// A response cache over a shelf and a clock.
pub struct Cache<S: Shelf, C: Clock> {
    engine: RefCell<Engine>,
    shelf: S,
    clock: C,
    /// What [`Engine::moves`] was when the shelf was last told where the columns lie.
    moves: Cell<u32>,
    /// True once the engine has the shelf's seed.
    seeded: Cell<bool>,
}

impl<V: Clone, C: Clock> Cache<HashShelf<V>, C> {
    /// A cache for native code, with the default limits.
    pub fn native(clock: C) -> Self {
        Self::native_within(clock, Limits::default())
    }

    /// A cache for native code, within `limits`.
    pub fn native_within(clock: C, limits: Limits) -> Self {
        Cache::new(HashShelf::default(), clock, limits)
    }
}

impl<S: Shelf, C: Clock> Cache<S, C> {
    /// A cache over `shelf`.
    pub fn new(shelf: S, clock: C, limits: Limits) -> Self {
        Cache {
            engine: RefCell::new(Engine::new(limits)),
            shelf,
            clock,
            moves: Cell::new(0),
            seeded: Cell::new(false),
        }
    }

    /// Where keys and values are.
    pub fn shelf(&self) -> &S {
        &self.shelf
    }

    /// The engine, to be borrowed for one call and not across any code of a caller's.
    pub fn engine(&self) -> &RefCell<Engine> {
        &self.engine
    }

    /// Reads the clock; the only place that does.
    pub fn now(&self) -> Timestamp {
        self.shelf.sweep();
        let reading = self.clock.now();
        self.engine.borrow_mut().time(reading)
    }

    /// The time, for an operation at whose end removed values may go.
    fn enter(&self) -> (Timestamp, Sweep<'_, S>) {
        (self.now(), Sweep(&self.shelf))
    }

    /// Runs one decision of the engine, then lets the shelf forget what was emptied.
    #[inline(always)]
    fn decide<R>(&self, decision: impl FnOnce(&mut Engine) -> R) -> R {
        let (result, news) = {
            let mut engine = self.engine.borrow_mut();
            let result = decision(&mut engine);
            let news = engine.has_news(self.moves.get());
            (result, news)
        };
        if news {
            self.follow();
        }
        result
    }

    /// Lets the shelf know what the last decision moved and emptied.
    #[inline(never)]
    fn follow(&self) {
        let (cleared, moves, layout) = {
            let mut engine = self.engine.borrow_mut();
            (engine.take_cleared(), engine.moves(), engine.layout())
        };
        if self.moves.replace(moves) != moves {
            self.shelf.moved(&layout);
        }
        if cleared {
            self.shelf.clear();
        }
        loop {
            let next = self.engine.borrow_mut().next_freed();
            let Some(freed) = next else { break };
            self.shelf.forget(freed);
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
            let seed = self.shelf.seed();
            self.engine.borrow_mut().seed(seed);
        }
    }

    /// The value under `key` if it is fresh. Counted as a hit or a miss; an expired value is removed.
    pub fn get(&self, key: &S::Key) -> Option<S::Value> {
        let (now, _sweep) = self.enter();
        let slot = self.shelf.find(key);
        if self.decide(|engine| engine.get(slot, now)) {
            self.shelf.value(slot?)
        } else {
            None
        }
    }

    /// The value under `key` if it is fresh. Counts nothing and changes nothing.
    pub fn peek(&self, key: &S::Key) -> Option<S::Value> {
        let now = self.now();
        let slot = self.shelf.find(key)?;
        let fresh = self.engine.borrow().is_fresh(slot, now);
        if fresh { self.shelf.value(slot) } else { None }
    }

    /// True when there is a fresh value under `key`. Counts nothing and changes nothing.
    pub fn has(&self, key: &S::Key) -> bool {
        let now = self.now();
        let slot = self.shelf.find(key);
        slot.is_some_and(|slot| self.engine.borrow().is_fresh(slot, now))
    }

    /// Finds room for a value without tags, which the host then puts on the shelf itself. A slot
    /// that was emptied to make room may be the one returned: the host sees that it holds another key.
    #[inline(always)]
    pub fn place(
        &self,
        slot: Option<Slot>,
        key: &str,
        write: &Write,
        reading: f64,
    ) -> Result<Slot, Refusal> {
        self.decide_on(key, &[], |engine, name, fingerprint| {
            let now = engine.time(reading);
            let placed = engine.set_named(slot, name, fingerprint, write, now);
            placed.inspect(|slot| engine.spare_freed(*slot))
        })
    }

    /// Stores a value. A load of the same key that is under way will not be stored: this value is newer.
    pub fn set(&self, key: &S::Key, value: S::Value, store: Store) -> Result<(), Refusal> {
        let (now, _sweep) = self.enter();
        let tags = in_order(store.tags);
        let slot = self.shelf.find(key);
        let text = self.shelf.text(key);
        let slot = self.decide_on(&text, &tags, |engine, name, fingerprint| {
            engine.set_named(slot, name, fingerprint, &store.write, now)
        })?;
        self.shelf.put(slot, key, value);
        Ok(())
    }

    /// Looks `key` up without beginning a load: its slot if there is a fresh value made by the same request.
    /// Counted as a hit or a miss.
    pub fn look(&self, key: &S::Key, digest: Option<[u8; 32]>) -> Option<Slot> {
        let (now, _sweep) = self.enter();
        let slot = self.shelf.find(key);
        self.decide(|engine| {
            let slot = slot.filter(|slot| engine.answers(*slot, digest));
            if engine.get(slot, now) { slot } else { None }
        })
    }

    /// Stores a value that was read after `moment`; see [`Engine::set_since`].
    pub fn set_since(
        &self,
        moment: u64,
        key: &S::Key,
        value: S::Value,
        store: Store,
    ) -> Result<(), Refusal> {
        let (now, _sweep) = self.enter();
        let tags = in_order(store.tags);
        let slot = self.shelf.find(key);
        let text = self.shelf.text(key);
        let slot = self.decide_on(&text, &tags, |engine, name, fingerprint| {
            engine.maintain(0, now);
            let group = engine.group(name).ok_or(Refusal::OutOfMemory)?;
            engine.set_since(moment, slot, group, fingerprint, store.write, now)
        })?;
        self.shelf.put(slot, key, value);
        Ok(())
    }

    /// Removes the entry under `key`; true if there was one, expired or not.
    pub fn delete(&self, key: &S::Key) -> bool {
        let (now, _sweep) = self.enter();
        let slot = self.shelf.find(key);
        self.decide(|engine| engine.delete(slot, now))
    }

    /// Removes what `pattern` covers and says how many entries that were. A failing pattern removes nothing.
    pub fn invalidate(&self, pattern: &KeyPattern) -> Result<usize, PatternError> {
        let (now, _sweep) = self.enter();
        let Some(text) = &pattern.text else {
            return Ok(self.decide(|engine| engine.invalidate(&pattern.scope, now)));
        };
        let slots = self.matching(text, &pattern.scope)?;
        let what = pattern.to_string();
        Ok(self.decide(|engine| engine.invalidate_slots(&slots, &pattern.scope, &what, now)))
    }

    /// Marks what `pattern` covers stale, to be served only where a staleness option allows it.
    pub fn expire(&self, pattern: &KeyPattern) -> Result<usize, PatternError> {
        let (now, _sweep) = self.enter();
        let Some(text) = &pattern.text else {
            return Ok(self.decide(|engine| engine.expire(&pattern.scope, now)));
        };
        let slots = self.matching(text, &pattern.scope)?;
        let what = pattern.to_string();
        Ok(self.decide(|engine| engine.expire_slots(&slots, &pattern.scope, &what, now)))
    }

    /// Keys that `pattern` would remove, without removing anything.
    pub fn preview(&self, pattern: &KeyPattern) -> Result<Vec<Slot>, PatternError> {
        let slots = match &pattern.text {
            None => self
                .engine
                .borrow()
                .covered_slots(&pattern.scope)
                .unwrap_or_default(),
            Some(text) => self.matching(text, &pattern.scope)?,
        };
        let engine = self.engine.borrow();
        Ok(slots
            .into_iter()
            .filter(|slot| engine.is_servable(*slot))
            .collect())
    }

    fn matching(&self, text: &TextPattern, scope: &Scope) -> Result<Vec<Slot>, PatternError> {
        let slots = if scope.is_everything() {
            None
        } else {
            // Where there is no memory for the list, all are looked at, and more is covered than was asked for.
            self.engine.borrow().covered_slots(scope)
        };
        let meter = || self.clock.now();
        self.shelf.matching(text, slots.as_deref(), &meter)
    }

    /// Removes everything and says how many entries that were.
    pub fn clear(&self) -> usize {
        let (now, _sweep) = self.enter();
        self.decide(|engine| engine.clear(now))
    }

    /// Removes what has expired and says how many entries that were.
    pub fn cleanup_expired(&self) -> usize {
        let (now, _sweep) = self.enter();
        self.decide(|engine| engine.cleanup_expired(now))
    }

    /// Does what is due: ends overdue mutations, releases up to `budget` invalidated entries.
    pub fn maintain(&self, budget: u32) {
        let (now, _sweep) = self.enter();
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

    /// Why `key` is there or not.
    pub fn explain(&self, key: &S::Key) -> Explanation {
        let now = self.now();
        let slot = self.shelf.find(key);
        let text = self.shelf.text(key);
        let engine = self.engine.borrow();
        engine.explain(slot, engine.fingerprint(&text), now)
    }

    /// Decides what a reader of `key` does next.
    pub fn begin(&self, key: &S::Key, ask: &Ask) -> Plan {
        self.begin_as(key, &self.shelf.text(key), ask)
    }

    /// The same for a caller that has the key's text.
    pub fn begin_as(&self, key: &S::Key, text: &str, ask: &Ask) -> Plan {
        let now = self.now();
        let tags = in_order(ask.tags.clone());
        let slot = self.shelf.find(key);
        let (plan, loading) = self.decide_on(text, &tags, |engine, name, fingerprint| {
            engine.maintain(0, now);
            let Some(group) = engine.group(name) else {
                engine.add_bypass();
                return (Plan::Bypass(BypassReason::OutOfMemory), None);
            };
            let read = Read {
                digest: ask.digest,
                stale_while_revalidate: ask.stale_while_revalidate,
                stale_if_error: ask.stale_if_error,
                eager_refresh: ask.eager_refresh.unwrap_or(1.0),
                may_join: !ask.alone,
                ..Read::of(group, fingerprint)
            };
            let plan = engine.begin(slot, &read, now);
            let loading = if let Plan::Miss(flight, _) = plan {
                engine.slot_of(flight)
            } else {
                None
            };
            (plan, loading)
        });
        if let Some(slot) = loading {
            self.shelf.bind(slot, key);
        }
        plan
    }

    /// The value in a slot that a plan named.
    pub fn value(&self, slot: Slot) -> Option<S::Value> {
        self.shelf.value(slot)
    }

    /// Ends a load with a value: stored, unless something covered its key since it began.
    pub fn fill(
        &self,
        flight: FlightId,
        key: &S::Key,
        value: S::Value,
        store: Store,
    ) -> Result<(), Refusal> {
        let (now, _sweep) = self.enter();
        let tags = in_order(store.tags);
        let fill = Fill {
            write: store.write,
            tags: &tags,
        };
        let slot = self.decide(|engine| engine.fill(flight, &fill, now))?;
        self.shelf.put(slot, key, value);
        Ok(())
    }

    /// Ends a load that failed; where a stale value stands in, the next load waits `retry_backoff` milliseconds.
    pub fn abandon(&self, flight: FlightId, retry_backoff: f64) {
        let (now, _sweep) = self.enter();
        self.decide(|engine| engine.abandon(flight, retry_backoff, now));
    }

    /// Ends a load whose value is not to be stored.
    pub fn refuse(&self, flight: FlightId) -> Option<Refusal> {
        let (now, _sweep) = self.enter();
        self.decide(|engine| engine.refuse(flight, now))
    }

    /// Begins a mutation of `scopes`; see [`Engine::begin_mutation`].
    pub fn begin_mutation(&self, scopes: Vec<Scope>) -> (LeaseId, usize) {
        let (now, _sweep) = self.enter();
        self.decide(|engine| engine.begin_mutation(scopes, now))
    }

    /// Ends a mutation; see [`Engine::settle`].
    pub fn settle(&self, lease: LeaseId, scopes: &[Scope]) -> usize {
        let (now, _sweep) = self.enter();
        self.decide(|engine| engine.settle(lease, scopes, now))
    }

    /// An error in words if engine and shelf disagree. For tests, after every operation.
    pub fn check_invariants(&self) -> Result<(), String> {
        let engine = self.engine.borrow();
        engine.check_invariants()?;
        let (held, keys) = (engine.slots_in_use(), self.shelf.len());
        if held == keys {
            Ok(())
        } else {
            Err(format!("{held} slots in use, {keys} keys on the shelf"))
        }
    }
}

/// Tags sorted and without doubles, as groups are named by them.
fn in_order(tags: Vec<String>) -> Vec<String> {
    if tags.len() < 2 {
        return tags;
    }
    let mut ordered = Vec::with_capacity(tags.len());
    for tag in tags {
        if let Err(at) = ordered.binary_search(&tag) {
            ordered.insert(at, tag);
        }
    }
    ordered
}
