//! What the host calls for every load and value: numbers in, numbers out. Texts lie in the memory of [`exchange`](super::exchange).
//!
//! `host/core.ts` says what each takes and gives. The host has the map from key to slot, the keys and the values; it decides nothing.

use super::exchange::{self, leave};
use super::service::CacheService;
use crate::contract::{ALONE, BYPASS, HIT, JOIN, LOOK, MISS, REQUEST, STALE};
use crate::core::cache::{PutOptions, ReadOptions};
use crate::core::engine::{Plan, Write};
use crate::core::in_flight::LoadId;
use crate::core::slots::Slot;
use crate::core::stats::Refusal;
use wasm_bindgen::prelude::*;

/// No slot, no load.
pub(super) const NONE: f64 = -1.0;

/// A slot as JavaScript has it: -1 is none.
fn slot_of(number: i32) -> Option<Slot> {
    u32::try_from(number).ok().map(Slot)
}

fn number_of(slot: Option<Slot>) -> f64 {
    slot.map_or(NONE, |Slot(number)| f64::from(number))
}

/// A slot, or below zero why there is none.
fn placed(result: Result<Slot, Refusal>) -> i32 {
    match result {
        Ok(Slot(number)) => i32::try_from(number).unwrap_or(i32::MAX),
        Err(refusal) => refused(refusal),
    }
}

fn refused(refusal: Refusal) -> i32 {
    (-1_i32).saturating_sub(refusal as i32)
}

fn load(number: f64) -> LoadId {
    LoadId(number as u64)
}

/// The refusal of that number.
fn refusal(number: u32) -> Refusal {
    let known = Refusal::ALL.get(number as usize).copied();
    known.unwrap_or(Refusal::NotStorable)
}

#[wasm_bindgen]
impl CacheService {
    /// Writes the key of a request over its text.
    #[wasm_bindgen(js_name = requestKey)]
    pub fn request_key(&self, length: usize, has_user: bool) -> i32 {
        exchange::request_key(length, has_user)
    }

    /// The whole digest of the request that was written.
    pub fn identify(&self, length: usize) -> Option<String> {
        exchange::identity(length)
    }

    /// Decides what a reader of the key that was written does.
    #[allow(
        clippy::too_many_arguments,
        reason = "numbers cost nothing on their way"
    )]
    pub fn begin(
        &self,
        slot: i32,
        key: usize,
        tags: usize,
        now: f64,
        stale_while_revalidate: f64,
        stale_if_error: f64,
        eager_refresh: f64,
        retry_backoff: f64,
        flags: u32,
    ) -> u32 {
        let digest = if flags & REQUEST == 0 {
            None
        } else {
            exchange::last_digest()
        };
        if flags & LOOK != 0 {
            let slot = self.cache.lookup_in(slot_of(slot), digest, now);
            leave([number_of(slot), NONE, NONE, 0.0]);
            return if slot.is_some() { HIT } else { MISS };
        }
        let options = ReadOptions {
            tags: exchange::tags(key, tags),
            digest,
            stale_while_revalidate,
            stale_if_error,
            eager_refresh: Some(eager_refresh),
            retry_backoff,
            alone: flags & ALONE != 0,
        };
        let (plan, reserved) = exchange::text(0, key, |key| {
            self.cache.begin_in(slot_of(slot), key, &options, now)
        });
        let (decision, slot, load) = match plan {
            Plan::Hit(slot, load) => (HIT, Some(slot), load),
            Plan::Stale(slot, load) => (STALE, Some(slot), load),
            Plan::Miss(load, stale) => (MISS, stale, Some(load)),
            Plan::Join(load, stale) => (JOIN, stale, Some(load)),
            Plan::Bypass(reason) => return BYPASS.saturating_add(reason as u32),
        };
        let load = load.map_or(NONE, |LoadId(number)| number as f64);
        leave([number_of(slot), load, number_of(reserved), 0.0]);
        decision
    }

    /// Cancels a load that was planned a moment ago.
    #[wasm_bindgen(js_name = callOff)]
    pub fn call_off(&self, number: f64) {
        self.cache.cancel_load(load(number));
    }

    /// Ends a load with a value that the host puts into the slot that is returned.
    #[allow(
        clippy::too_many_arguments,
        reason = "numbers cost nothing on their way"
    )]
    pub fn fill(
        &self,
        number: f64,
        tags: usize,
        ttl: f64,
        window: f64,
        bytes: f64,
        jitter: f64,
        now: f64,
    ) -> i32 {
        let Some(write) = self.write(jitter, window, ttl, bytes) else {
            return self.refuse(number, Refusal::NoLifetime as u32, now);
        };
        let tags = exchange::tags(0, tags);
        let filled = self
            .cache
            .fill_in(load(number), PutOptions { write, tags }, now);
        placed(filled)
    }

    /// Stores a value that was read after `moment`.
    #[wasm_bindgen(js_name = fillSince)]
    #[allow(
        clippy::too_many_arguments,
        reason = "numbers cost nothing on their way"
    )]
    pub fn fill_since(
        &self,
        moment: f64,
        slot: i32,
        key: usize,
        tags: usize,
        ttl: f64,
        window: f64,
        bytes: f64,
        jitter: f64,
        has_digest: bool,
        now: f64,
    ) -> i32 {
        let Some(write) = self.write(jitter, window, ttl, bytes) else {
            return self.refuse(NONE, Refusal::NoLifetime as u32, now);
        };
        let digest = if has_digest {
            exchange::last_digest()
        } else {
            None
        };
        let write = Write { digest, ..write };
        let tags = exchange::tags(key, tags);
        placed(exchange::text(0, key, |key| {
            let store = PutOptions { write, tags };
            self.cache
                .set_since_in(moment as u64, slot_of(slot), key, store, now)
        }))
    }

    /// Ends a load that failed, or that nobody waits for.
    pub fn abandon(&self, number: f64, retry_backoff: f64, now: f64) -> f64 {
        let (moment, ended) = self.cache.abandon_at(load(number), retry_backoff, now);
        leave([NONE, NONE, NONE, f64::from(u8::from(ended))]);
        moment.map_or(NONE, |moment| moment as f64)
    }

    /// Ends a load whose value is not to be stored; without a load the refusal is counted.
    pub fn refuse(&self, number: f64, reason: u32, now: f64) -> i32 {
        let why = refusal(reason);
        if number < 0.0 {
            self.cache.engine().borrow_mut().add_refusal(why);
            return refused(why);
        }
        let refusal = self.cache.refuse_at(load(number), why, now);
        refused(refusal.unwrap_or(Refusal::Unknown))
    }

    /// Finds a slot for a value without tags that the host keeps itself.
    pub fn place(&self, slot: i32, key: usize, ttl: f64, bytes: f64, now: f64) -> i32 {
        let Some(write) = self.write(0.0, 0.0, ttl, bytes) else {
            return refused(Refusal::NoLifetime);
        };
        placed(exchange::text(0, key, |key| {
            self.cache.place_in(slot_of(slot), key, &write, now)
        }))
    }

    /// Takes back a value that was placed, where the host could not keep it.
    #[wasm_bindgen(js_name = takeBack)]
    pub fn take_back(&self, slot: u32) {
        self.cache.take_back(Slot(slot));
    }

    /// A moment to store against by `fillSince`.
    #[wasm_bindgen(getter)]
    pub fn moment(&self) -> f64 {
        self.cache.engine().borrow().moment() as f64
    }

    /// Counts a request that goes past the cache.
    #[wasm_bindgen(js_name = countBypass)]
    pub fn count_bypass(&self) {
        self.cache.engine().borrow_mut().add_bypass();
    }
}
