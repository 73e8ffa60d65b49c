//! Who is told what an operation did. Where nobody is, none of this costs more than a look at a flag.

use super::host_store::JsHostStore;
use super::service::CacheService;
use crate::contract::Event;
use crate::core::cache::HostStore;
use crate::core::slots::Slot;
use crate::core::stats::Refusal;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    #[wasm_bindgen(js_name = tell)]
    fn tell_numbers(host_store: &JsHostStore, event: u8, about: &JsValue, first: f64, second: f64);
    /// Says that a value that was set by hand is not stored.
    fn rejected(host_store: &JsHostStore, key: &JsValue, reason: &str);
    fn flush(host_store: &JsHostStore);
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
}
