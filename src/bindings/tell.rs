//! Who is told what an operation did. Where nobody is, none of this costs more than a look at a flag.

use super::service::CacheService;
use super::shelf::HostShelf;
use crate::core::cache::HostStore;
use crate::core::engine::Write;
use crate::core::slots::Slot;
use crate::core::stats::Refusal;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    #[wasm_bindgen(js_name = tell)]
    fn tell_numbers(shelf: &HostShelf, event: u8, about: &JsValue, first: f64, second: f64);
    #[wasm_bindgen(js_name = tell)]
    fn tell_error(shelf: &HostShelf, event: u8, about: &JsValue, error: &JsValue);
    #[wasm_bindgen(js_name = tell)]
    fn tell_mutation(
        shelf: &HostShelf,
        event: u8,
        endpoint: &str,
        phase: &str,
        count: f64,
        total: f64,
    );
    /// Says that a value was not stored, whoever watches; returns the reason.
    fn refused(shelf: &HostShelf, key: &JsValue, reason: &str) -> JsValue;
    /// The same of a value that was set by hand.
    fn rejected(shelf: &HostShelf, key: &JsValue, reason: &str);
    fn flush(shelf: &HostShelf);
}

/// What happened; `tell.js` has them in this order, and `plan.js` the first four.
#[derive(Clone, Copy)]
pub(super) enum Event {
    Hit = 0,
    Stale = 1,
    Miss = 2,
    Joined = 3,
    Set = 4,
    Invalidated = 5,
    Cleared = 6,
    Mutation = 7,
    // 8 and 9, a refusal and a bypass, are told by JavaScript.
    Failed = 10,
    Expired = 11,
}

impl CacheService {
    pub(super) fn flush(&self) {
        if self.observed {
            flush(self.cache.host_store());
        }
    }

    #[inline(never)]
    pub(super) fn tell_numbers(&self, event: Event, about: &JsValue, first: f64, second: f64) {
        if self.observed {
            tell_numbers(self.cache.host_store(), event as u8, about, first, second);
        }
    }

    /// A load failed.
    #[inline(never)]
    pub(super) fn tell_failed(&self, key: &JsValue, error: &JsValue) {
        if self.observed {
            tell_error(self.cache.host_store(), Event::Failed as u8, key, error);
        }
    }

    /// A mutation began or settled: `count` entries went now, and `total` since it began.
    #[inline(never)]
    pub(super) fn tell_mutation(&self, endpoint: &str, phase: &str, count: f64, total: f64) {
        if self.observed {
            let shelf = self.cache.host_store();
            tell_mutation(shelf, Event::Mutation as u8, endpoint, phase, count, total);
        }
    }

    /// A value was served, of an age.
    ///
    /// By the time that the operation itself read: reading the clock once more would let a user's clock
    /// call the cache between a plan and its use.
    #[inline(never)]
    pub(super) fn tell_served(&self, event: Event, key: &JsValue) {
        if self.observed {
            let slot = self.cache.host_store().find(key).unwrap_or(Slot(u32::MAX));
            let age = {
                let engine = self.cache.engine().borrow();
                engine.age_and_ttl(slot, engine.latest_time()).0 / 1e3
            };
            self.tell_numbers(event, key, age, 0.0);
        }
    }

    /// A value that was set by hand was not stored.
    #[inline(never)]
    pub(super) fn tell_rejected(&self, key: &JsValue, refusal: Refusal) {
        rejected(self.cache.host_store(), key, refusal.name());
        self.flush();
    }

    /// A load's value was not stored; returns why.
    #[inline(never)]
    pub(super) fn tell_refused(&self, key: &JsValue, refusal: Refusal) -> JsValue {
        match refusal {
            // Its end was told when it ended.
            Refusal::Unknown => refusal.name().into(),
            _ => refused(self.cache.host_store(), key, refusal.name()),
        }
    }

    /// What became of a load's value; returns why it was not stored, or undefined.
    #[inline(never)]
    pub(super) fn tell_stored(
        &self,
        key: &JsValue,
        write: &Write,
        bytes: f64,
        stored: Result<(), Refusal>,
    ) -> JsValue {
        match stored {
            Ok(()) => {
                self.tell_numbers(Event::Set, key, write.ttl.as_seconds(), bytes);
                JsValue::UNDEFINED
            }
            Err(refusal) => self.tell_refused(key, refusal),
        }
    }
}
