//! Reads that may begin a load, how loads end, and mutations.

use super::{Cache, HostStore, PutOptions, ReadOptions};
use crate::core::clock::Clock;
use crate::core::engine::{BypassReason, Plan};
use crate::core::groups::Scope;
use crate::core::in_flight::{LoadId, MutationId};
use crate::core::slots::Slot;
use crate::core::stats::Refusal;

impl<S: HostStore, C: Clock> Cache<S, C> {
    /// Decides what a reader of `key` does next.
    pub fn begin(&self, key: &S::Key, options: &ReadOptions) -> Plan {
        self.begin_as(key, &self.host.text(key), options)
    }

    /// The same for a caller that has the key's text.
    pub fn begin_as(&self, key: &S::Key, text: &str, options: &ReadOptions) -> Plan {
        let now = self.now();
        let (plan, reserved) = self.plan(self.host.find(key), text, options, now);
        match (plan, reserved) {
            (Plan::Miss(load, _), Some(slot)) if !self.host.bind(slot, key) => {
                self.decide(|engine| engine.cancel_load(load, now));
                Plan::Bypass(BypassReason::HostFull)
            }
            _ => plan,
        }
    }

    /// The value in a slot that a plan named.
    pub fn value(&self, slot: Slot) -> Option<S::Value> {
        self.host.value(slot)
    }

    /// Ends a load with a value: stored, unless something covered its key since it began.
    pub fn fill(
        &self,
        load: LoadId,
        key: &S::Key,
        value: S::Value,
        store: PutOptions,
    ) -> Result<(), Refusal> {
        let (now, _sweep) = self.begin_write();
        let slot = self.fill_at(load, store, now)?;
        self.put_in_host(slot, key, value, now)
    }

    /// Ends a load that failed; where a stale value remains, the next load waits `retry_backoff` milliseconds.
    pub fn abandon(&self, load: LoadId, retry_backoff: f64) {
        self.end_failed(load, retry_backoff);
    }

    /// The same, and whether that was the load's end: false where it had ended before.
    pub fn end_failed(&self, load: LoadId, retry_backoff: f64) -> bool {
        let (now, _sweep) = self.begin_write();
        self.decide(|engine| engine.abandon(load, retry_backoff, now))
    }

    /// Ends a load whose value is not to be stored.
    pub fn refuse(&self, load: LoadId) -> Option<Refusal> {
        self.refuse_as(load, Refusal::NotStorable)
    }

    /// The same for a reason of the host's.
    pub fn refuse_as(&self, load: LoadId, why: Refusal) -> Option<Refusal> {
        let (now, _sweep) = self.begin_write();
        self.decide(|engine| engine.refuse(load, why, now))
    }

    /// Begins a mutation of `scopes`; see [`Engine::begin_mutation`](crate::core::engine::Engine::begin_mutation).
    pub fn begin_mutation(&self, scopes: Vec<Scope>) -> (MutationId, usize) {
        let (now, _sweep) = self.begin_write();
        self.decide(|engine| engine.begin_mutation(scopes, now))
    }

    /// Ends a mutation; see [`Engine::settle`](crate::core::engine::Engine::settle).
    pub fn settle(&self, mutation: MutationId, scopes: &[Scope]) -> usize {
        let (now, _sweep) = self.begin_write();
        self.decide(|engine| engine.settle(mutation, scopes, now))
    }

    /// Ends a mutation with the scopes it began with; see [`Engine::settle_known`](crate::core::engine::Engine::settle_known).
    pub fn settle_known(&self, mutation: MutationId) -> Option<usize> {
        let (now, _sweep) = self.begin_write();
        self.decide(|engine| engine.settle_known(mutation, now))
    }

    /// Stores a value that was read after `moment`; see [`Engine::set_since`](crate::core::engine::Engine::set_since).
    pub fn set_since(
        &self,
        moment: u64,
        key: &S::Key,
        value: S::Value,
        store: PutOptions,
    ) -> Result<(), Refusal> {
        let (now, _sweep) = self.begin_write();
        let slot = self.host.find(key);
        let slot = self.set_since_at(moment, slot, &self.host.text(key), store, now)?;
        self.put_in_host(slot, key, value, now)
    }
}
