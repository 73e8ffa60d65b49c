//! One entry at a time: looked up, stored, removed.

use super::options::sorted_tags;
use super::{Cache, HostStore, PutOptions};
use crate::core::clock::Clock;
use crate::core::slots::Slot;
use crate::core::stats::Refusal;
use crate::core::time::Timestamp;

impl<S: HostStore, C: Clock> Cache<S, C> {
    /// The value under `key` if it is fresh. Counted as a hit or a miss; an expired value is removed.
    pub fn get(&self, key: &S::Key) -> Option<S::Value> {
        let (now, _sweep) = self.begin_read();
        let slot = self.host.find(key);
        if self.decide(|engine| engine.get(slot, now)) {
            self.host.value(slot?)
        } else {
            None
        }
    }

    /// The value under `key` if it is fresh. Counts nothing and changes nothing.
    pub fn peek(&self, key: &S::Key) -> Option<S::Value> {
        let now = self.now();
        let slot = self.host.find(key)?;
        let fresh = self.engine.borrow().is_fresh(slot, now);
        if fresh { self.host.value(slot) } else { None }
    }

    /// True when there is a fresh value under `key`. Counts nothing and changes nothing.
    pub fn has(&self, key: &S::Key) -> bool {
        let now = self.now();
        let slot = self.host.find(key);
        slot.is_some_and(|slot| self.engine.borrow().is_fresh(slot, now))
    }

    /// Looks `key` up without beginning a load: its slot if there is a fresh value made by the same request.
    /// Counted as a hit or a miss.
    pub fn lookup(&self, key: &S::Key, digest: Option<[u8; 32]>) -> Option<Slot> {
        let (now, _sweep) = self.begin_read();
        self.lookup_at(self.host.find(key), digest, now)
    }

    /// Stores a value. A load of the same key in flight will not be stored: this value is newer.
    pub fn set(&self, key: &S::Key, value: S::Value, store: PutOptions) -> Result<(), Refusal> {
        let (now, _sweep) = self.begin_write();
        let tags = sorted_tags(store.tags);
        let slot = self.host.find(key);
        let text = self.host.text(key);
        let slot = self.decide_on(&text, &tags, |engine, name, fingerprint| {
            engine.set_named(slot, name, fingerprint, &store.write, now)
        })?;
        self.put_in_host(slot, key, value, now)
    }

    /// Puts a value in the host store; where that can hold no further key, the engine takes the slot back.
    pub(super) fn put_in_host(
        &self,
        slot: Slot,
        key: &S::Key,
        value: S::Value,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if self.host.put(slot, key, value) {
            return Ok(());
        }
        Err(self.decide(|engine| engine.take_back(slot, now)))
    }

    /// Takes back a value that was stored a moment ago, for a host that finds it can hold no more keys.
    pub fn take_back(&self, slot: Slot) {
        let (now, _sweep) = self.begin_read();
        self.decide(|engine| engine.take_back(slot, now));
    }

    /// Refuses a value for a reason of the host's; an older one under its key is removed.
    pub fn reject(&self, key: &S::Key, refusal: Refusal) {
        let (now, _sweep) = self.begin_read();
        let slot = self.host.find(key);
        self.decide(|engine| engine.reject(slot, refusal, now));
    }

    /// Removes the entry under `key`; true if there was one, expired or not.
    pub fn delete(&self, key: &S::Key) -> bool {
        let (now, _sweep) = self.begin_write();
        let slot = self.host.find(key);
        self.decide(|engine| engine.delete(slot, now))
    }

    /// Removes everything and returns how many entries that were.
    pub fn clear(&self) -> usize {
        let (now, _sweep) = self.begin_write();
        self.decide(|engine| engine.clear(now))
    }

    /// Removes what has expired and returns how many entries that were.
    pub fn cleanup_expired(&self) -> usize {
        let (now, _sweep) = self.begin_write();
        self.decide(|engine| engine.cleanup_expired(now))
    }
}
