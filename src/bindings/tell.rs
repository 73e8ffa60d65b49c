//! Who is told what an operation did. Where nobody is, none of this costs more than a look at a flag.

use super::service::CacheService;
use super::shelf::HostShelf;
use crate::core::engine::Write;
use crate::core::shelf::Shelf;
use crate::core::stats::Refusal;
use crate::core::store::Slot;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host/tell.js")]
extern "C" {
    #[wasm_bindgen(js_name = tell)]
    fn tell_numbers(shelf: &HostShelf, event: u8, about: &JsValue, first: f64, second: f64);
    #[wasm_bindgen(js_name = tell)]
    fn tell_detail(shelf: &HostShelf, event: u8, about: &JsValue, detail: &JsValue, count: f64);
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
    Refused = 8,
    Bypassed = 9,
    Failed = 10,
}

impl CacheService {
    pub(super) fn flush(&self) {
        if self.observed {
            flush(self.cache.shelf());
        }
    }

    #[inline(never)]
    pub(super) fn tell_numbers(&self, event: Event, about: &JsValue, first: f64, second: f64) {
        if self.observed {
            tell_numbers(self.cache.shelf(), event as u8, about, first, second);
        }
    }

    #[inline(never)]
    pub(super) fn tell_detail(&self, event: Event, about: &JsValue, detail: &JsValue, count: f64) {
        if self.observed {
            tell_detail(self.cache.shelf(), event as u8, about, detail, count);
        }
    }

    #[inline(never)]
    pub(super) fn tell_named(&self, event: Event, name: &str, detail: &str, count: f64) {
        if self.observed {
            self.tell_detail(event, &name.into(), &detail.into(), count);
        }
    }

    /// A value was served, of an age.
    ///
    /// By the time that the operation itself read: reading the clock once more would let a user's clock
    /// call the cache between a plan and its use.
    #[inline(never)]
    pub(super) fn tell_served(&self, event: Event, key: &JsValue) {
        if self.observed {
            let slot = self.cache.shelf().find(key).unwrap_or(Slot(u32::MAX));
            let age = {
                let engine = self.cache.engine().borrow();
                engine.age_and_ttl(slot, engine.latest_time()).0 / 1e3
            };
            self.tell_numbers(event, key, age, 0.0);
        }
    }

    /// A load's value was not stored; returns why.
    #[inline(never)]
    pub(super) fn tell_refused(&self, key: &JsValue, refusal: Refusal) -> JsValue {
        let reason = refusal.name().into();
        self.tell_detail(Event::Refused, key, &reason, 0.0);
        reason
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
