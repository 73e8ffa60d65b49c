//! The cache as a host sees it, and variants that are broken on purpose.
//!
//! `Shipped` passes every call through. Each `Fault` breaks the protocol in one way that real caches do; the
//! explorer must find a schedule that shows it.

use super::scenario::Direct;
use super::scenario::{KEYS, Scenario};
use endpoint_cache::core::cache::HostStore;
use endpoint_cache::core::cache::{Cache, HashStore, KeyPattern, PutOptions, ReadOptions};
use endpoint_cache::core::clock::ManualClock;
use endpoint_cache::core::engine::Plan;
use endpoint_cache::core::groups::Scope;
use endpoint_cache::core::in_flight::{LoadId, MutationId};
use endpoint_cache::core::stats::Refusal;
use std::cell::RefCell;

pub type Value = u64;
pub type Subject = Cache<HashStore<Value>, ManualClock>;

/// How a mutation's handler ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    Returned,
    Threw,
}

/// What a host does with a cache. The provided methods are the protocol as it ships.
pub trait Protocol {
    fn cache(&self) -> &Subject;
    fn clock(&self) -> &ManualClock;

    fn begin(&self, key: &str, ask: &ReadOptions) -> Plan {
        self.cache().begin(key, ask)
    }

    fn fill(
        &self,
        load: LoadId,
        key: &str,
        value: Value,
        store: PutOptions,
    ) -> Result<(), Refusal> {
        self.cache().fill(load, key, value, store)
    }

    fn abandon(&self, load: LoadId) {
        self.cache().abandon(load, 0.0);
    }

    fn begin_mutation(&self, scopes: Vec<Scope>) -> MutationId {
        self.cache().begin_mutation(scopes).0
    }

    fn settle(&self, mutation_id: MutationId, scopes: &[Scope], _outcome: Outcome) {
        self.cache().settle(mutation_id, scopes);
    }

    fn invalidate(&self, direct: Direct, pattern: Option<&KeyPattern>) {
        match (pattern, direct) {
            (Some(pattern), Direct::Expire) => _ = self.cache().expire(pattern).unwrap(),
            (Some(pattern), _) => _ = self.cache().invalidate(pattern).unwrap(),
            (None, Direct::Delete) => _ = self.cache().delete(KEYS[0]),
            (None, _) => _ = self.cache().clear(),
        }
    }

    /// True where a mutation's caller hears of it before it is settled.
    fn acknowledges_first(&self) -> bool {
        false
    }

    /// True where one caller's abort ends the load for all.
    fn aborts_for_all(&self) -> bool {
        false
    }
}

/// The protocol as it ships.
pub struct Shipped {
    cache: Subject,
    clock: ManualClock,
}

impl Shipped {
    pub fn new(scenario: &Scenario) -> Self {
        let clock = ManualClock::at(0.0);
        let cache = Cache::native_within(clock.clone(), scenario.limits());
        Shipped { cache, clock }
    }
}

impl Protocol for Shipped {
    fn cache(&self) -> &Subject {
        &self.cache
    }
    fn clock(&self) -> &ManualClock {
        &self.clock
    }
}

/// One way to get the protocol wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Invalidates before the handler only, and stores whatever a load brings.
    BeforeOnly,
    /// Invalidates after the handler only, and stores whatever a load brings.
    AfterOnly,
    /// Invalidates before and after, and stores whatever a load brings.
    NoGenerationCheck,
    /// Everything but the second invalidation.
    NoInvalidationAfter,
    /// Everything but what happens before the handler: no first invalidation, no mutation_id.
    NothingBefore,
    /// Loads are stored while a mutation runs.
    NoLease,
    /// Readers join any load of their key that has not ended.
    BlindJoin,
    /// A failed load is not abandoned.
    NoReleaseOnThrow,
    /// A mutation that throws is not settled.
    NoSettleOnThrow,
    /// The mutation's caller hears of it first.
    SettleAfterAck,
    /// Tags that a load assigns are not compared with what was invalidated meanwhile.
    ForgetsLoadedTags,
    /// One caller's abort ends the load for all.
    AbortForAll,
    /// Nobody joins anybody.
    NoSingleFlight,
    /// An invalidation removes entries and lets loads be.
    KeepsLoads,
}

impl Fault {
    pub const ALL: [Fault; 14] = [
        Fault::BeforeOnly,
        Fault::AfterOnly,
        Fault::NoGenerationCheck,
        Fault::NoInvalidationAfter,
        Fault::NothingBefore,
        Fault::NoLease,
        Fault::BlindJoin,
        Fault::NoReleaseOnThrow,
        Fault::NoSettleOnThrow,
        Fault::SettleAfterAck,
        Fault::ForgetsLoadedTags,
        Fault::AbortForAll,
        Fault::NoSingleFlight,
        Fault::KeepsLoads,
    ];
}

/// A cache with one fault.
pub struct Broken {
    cache: Subject,
    clock: ManualClock,
    fault: Fault,
    running: RefCell<Vec<(LoadId, String)>>,
}

impl Broken {
    pub fn new(scenario: &Scenario, fault: Fault) -> Self {
        let Shipped { cache, clock } = Shipped::new(scenario);
        Broken {
            cache,
            clock,
            fault,
            running: RefCell::default(),
        }
    }

    fn retire(&self, scopes: &[Scope]) {
        let now = self.cache.now();
        for scope in scopes {
            self.cache.engine().borrow_mut().invalidate(scope, now);
        }
        // Any call through the façade lets the host forget what went.
        self.cache.maintain(64);
    }
}

impl Protocol for Broken {
    fn cache(&self) -> &Subject {
        &self.cache
    }

    fn clock(&self) -> &ManualClock {
        &self.clock
    }

    fn begin(&self, key: &str, ask: &ReadOptions) -> Plan {
        if self.fault == Fault::NoSingleFlight {
            return self.cache.begin(
                key,
                &ReadOptions {
                    alone: true,
                    ..ask.clone()
                },
            );
        }
        let plan = self.cache.begin(key, ask);
        if let Plan::Miss(load, stand_in) = plan {
            let older = self
                .running
                .borrow()
                .iter()
                .find(|(_, of)| of == key)
                .map(|(id, _)| *id);
            if let Some(older) = older.filter(|_| self.fault == Fault::BlindJoin) {
                self.cache.abandon(load, 0.0);
                return Plan::Join(older, stand_in);
            }
            self.running.borrow_mut().push((load, key.to_owned()));
        }
        plan
    }

    fn fill(
        &self,
        load: LoadId,
        key: &str,
        value: Value,
        store: PutOptions,
    ) -> Result<(), Refusal> {
        self.running.borrow_mut().retain(|(id, _)| *id != load);
        match self.fault {
            Fault::BeforeOnly | Fault::AfterOnly | Fault::NoGenerationCheck => {
                let filled = self.cache.fill(load, key, value, store.clone());
                if filled == Err(Refusal::Unknown) {
                    return filled;
                }
                filled.or_else(|_| self.cache.set(key, value, store))
            }
            Fault::KeepsLoads => match self.cache.fill(load, key, value, store.clone()) {
                Err(Refusal::Invalidated) if self.cache.stats().mutating == 0 => {
                    self.cache.set(key, value, store)
                }
                filled => filled,
            },
            Fault::ForgetsLoadedTags if !store.tags.is_empty() => {
                let bare = PutOptions {
                    tags: Vec::new(),
                    ..store.clone()
                };
                self.cache.fill(load, key, value, bare)?;
                self.cache.set(key, value, store)
            }
            _ => self.cache.fill(load, key, value, store),
        }
    }

    fn abandon(&self, load: LoadId) {
        self.running.borrow_mut().retain(|(id, _)| *id != load);
        if self.fault != Fault::NoReleaseOnThrow {
            self.cache.abandon(load, 0.0);
        }
    }

    fn begin_mutation(&self, scopes: Vec<Scope>) -> MutationId {
        match self.fault {
            Fault::AfterOnly | Fault::NothingBefore => MutationId(0),
            Fault::BeforeOnly | Fault::NoGenerationCheck | Fault::NoLease => {
                self.retire(&scopes);
                MutationId(0)
            }
            _ => self.cache.begin_mutation(scopes).0,
        }
    }

    fn settle(&self, mutation_id: MutationId, scopes: &[Scope], outcome: Outcome) {
        let scopes = match self.fault {
            Fault::BeforeOnly | Fault::NoInvalidationAfter => &[],
            Fault::NoSettleOnThrow if outcome == Outcome::Threw => return,
            _ => scopes,
        };
        self.cache.settle(mutation_id, scopes);
    }

    fn acknowledges_first(&self) -> bool {
        self.fault == Fault::SettleAfterAck
    }

    fn aborts_for_all(&self) -> bool {
        self.fault == Fault::AbortForAll
    }
}

/// The value under a key that could still be served, fresh or stale.
pub fn held(cache: &Subject, key: &str) -> Option<Value> {
    let slot = cache.host_store().find(key)?;
    let servable = cache.engine().borrow().is_servable(slot);
    if servable { cache.value(slot) } else { None }
}
