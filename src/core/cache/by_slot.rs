//! The operations of a host that keeps the map from key to slot, the keys and the values by itself: it names the slot of a key,
//! brings its clock's reading, and puts a value into the slot that it is given. Nothing here calls the host for a key or a value.

use super::options::sorted_tags;
use super::{Cache, HostStore, PutOptions, ReadOptions};
use crate::core::clock::Clock;
use crate::core::engine::{Fill, Plan, Read, Write};
use crate::core::groups::{Scope, tags_fit};
use crate::core::in_flight::{LoadId, MutationId};
use crate::core::slots::Slot;
use crate::core::stats::Refusal;
use crate::core::time::Timestamp;

impl<S: HostStore, C: Clock> Cache<S, C> {
    /// Engine time at a reading of the host's clock.
    fn time_at(&self, reading: f64) -> Timestamp {
        Self::time(&mut self.engine.borrow_mut(), reading)
    }

    /// Decides what a reader does next. With a load to run: the slot that it is to fill, to which the host binds the key.
    pub fn begin_in(
        &self,
        slot: Option<Slot>,
        key: &str,
        options: &ReadOptions,
        reading: f64,
    ) -> (Plan, Option<Slot>) {
        let now = self.time_at(reading);
        self.plan(slot, key, options, now)
    }

    pub(super) fn plan(
        &self,
        slot: Option<Slot>,
        key: &str,
        options: &ReadOptions,
        now: Timestamp,
    ) -> (Plan, Option<Slot>) {
        let mut tags = sorted_tags(options.tags.clone());
        if !tags_fit(&tags) {
            // What the load brings will be refused. Until then it is as one whose tags are not known yet.
            tags.clear();
        }
        self.decide_on(key, &tags, |engine, name, fingerprint| {
            engine.maintain(0, now);
            let group = engine.group(name);
            let read = Read {
                digest: options.digest,
                stale_while_revalidate: options.stale_while_revalidate,
                stale_if_error: options.stale_if_error,
                eager_refresh: options.eager_refresh.unwrap_or(1.0),
                retry_backoff: options.retry_backoff,
                may_join: !options.alone,
                ..Read::of(group, fingerprint)
            };
            let plan = engine.begin(slot, &read, now);
            let reserved = match plan {
                Plan::Miss(load, _) => engine.slot_of(load),
                _ => None,
            };
            (plan, reserved)
        })
    }

    /// The slot if it holds a fresh value that was made by the same request. Counted as a hit or a miss.
    pub fn lookup_in(
        &self,
        slot: Option<Slot>,
        digest: Option<[u8; 32]>,
        reading: f64,
    ) -> Option<Slot> {
        self.lookup_at(slot, digest, self.time_at(reading))
    }

    pub(super) fn lookup_at(
        &self,
        slot: Option<Slot>,
        digest: Option<[u8; 32]>,
        now: Timestamp,
    ) -> Option<Slot> {
        self.decide(|engine| {
            let slot = slot.filter(|slot| engine.matches_digest(*slot, digest));
            if engine.get(slot, now) { slot } else { None }
        })
    }

    /// Cancels a load that was planned a moment ago, because the host can hold no more keys.
    pub fn cancel_load(&self, load: LoadId) {
        let now = self.engine.borrow().latest_time();
        self.decide(|engine| engine.cancel_load(load, now));
    }

    /// Finds a slot for a value without tags. A slot that was emptied for it may be the one returned: the host sees that it holds another
    /// key.
    #[inline(always)]
    pub fn place_in(
        &self,
        slot: Option<Slot>,
        key: &str,
        write: &Write,
        reading: f64,
    ) -> Result<Slot, Refusal> {
        self.decide_on(key, &[], |engine, name, fingerprint| {
            let now = Self::time(engine, reading);
            let placed = engine.set_named(slot, name, fingerprint, write, now);
            placed.inspect(|slot| engine.spare_freed(*slot))
        })
    }

    /// Ends a load with a value, for which there is a slot unless something covered its key since it began.
    pub fn fill_in(&self, load: LoadId, store: PutOptions, reading: f64) -> Result<Slot, Refusal> {
        self.fill_at(load, store, self.time_at(reading))
    }

    pub(super) fn fill_at(
        &self,
        load: LoadId,
        store: PutOptions,
        now: Timestamp,
    ) -> Result<Slot, Refusal> {
        let tags = sorted_tags(store.tags);
        let fill = Fill {
            write: store.write,
            tags: &tags,
        };
        self.decide(|engine| engine.fill(load, &fill, now))
    }

    /// A slot for a value that was read after `moment`; see [`Engine::set_since`](crate::core::engine::Engine::set_since).
    pub fn set_since_in(
        &self,
        moment: u64,
        slot: Option<Slot>,
        key: &str,
        store: PutOptions,
        reading: f64,
    ) -> Result<Slot, Refusal> {
        self.set_since_at(moment, slot, key, store, self.time_at(reading))
    }

    pub(super) fn set_since_at(
        &self,
        moment: u64,
        slot: Option<Slot>,
        key: &str,
        store: PutOptions,
        now: Timestamp,
    ) -> Result<Slot, Refusal> {
        let tags = sorted_tags(store.tags);
        self.decide_on(key, &tags, |engine, name, fingerprint| {
            engine.maintain(0, now);
            if !tags_fit(name.tags) {
                engine.add_refusal(Refusal::TooManyTags);
                return Err(Refusal::TooManyTags);
            }
            let group = engine.group(name);
            engine.set_since(moment, slot, group, fingerprint, store.write, now)
        })
    }

    /// Ends a load that failed: the moment to store its late value against, unless something covered its key, and whether this was
    /// its end.
    pub fn abandon_at(
        &self,
        load: LoadId,
        retry_backoff: f64,
        reading: f64,
    ) -> (Option<u64>, bool) {
        let moment = self.engine.borrow().moment_of(load);
        let now = self.time_at(reading);
        (
            moment,
            self.decide(|engine| engine.abandon(load, retry_backoff, now)),
        )
    }

    /// Ends a load whose value is not to be stored, for a reason of the host's.
    pub fn refuse_at(&self, load: LoadId, why: Refusal, reading: f64) -> Option<Refusal> {
        let now = self.time_at(reading);
        self.decide(|engine| engine.refuse(load, why, now))
    }

    /// Begins a mutation; see [`Engine::begin_mutation`](crate::core::engine::Engine::begin_mutation).
    pub fn begin_mutation_at(&self, scopes: Vec<Scope>, reading: f64) -> (MutationId, usize) {
        let now = self.time_at(reading);
        self.decide(|engine| engine.begin_mutation(scopes, now))
    }

    /// Ends a mutation with the scopes it began with, or with those that are given where it is not known any more or is to be wider.
    pub fn settle_at(
        &self,
        mutation: MutationId,
        wide: bool,
        scopes: impl FnOnce() -> Vec<Scope>,
        reading: f64,
    ) -> usize {
        let now = self.time_at(reading);
        let known = self.decide(|engine| engine.settle_known(mutation, now));
        match known {
            Some(count) if !wide => count,
            _ => {
                let scopes = scopes();
                let count = self.decide(|engine| engine.settle(mutation, &scopes, now));
                count.saturating_add(known.unwrap_or_default())
            }
        }
    }
}
