//! What JavaScript hands over, and what it is handed back.
//!
//! Reading an object runs its getters, so everything here happens before the engine is borrowed.

use super::errors;
use super::host_store::JsHostStore;
use super::options::endpoint_pattern;
use super::string_list;
use crate::core::cache::KeyPattern;
use crate::core::engine::{Explanation, Limits};
use crate::core::key;
use crate::core::pattern::{self, TextPattern};
use crate::core::slots::Slot;
use crate::core::stats::Stats;
use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    /// A time to live in milliseconds, infinite where it never ends; throws what names `name`.
    #[wasm_bindgen(catch, js_name = ttlMs)]
    pub(crate) fn ttl_ms(ttl: &JsValue, name: &str) -> Result<f64, JsValue>;
}

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    /// An endpoint or a part of one, or the error that says it is none.
    #[wasm_bindgen(catch, js_name = readText)]
    pub(crate) fn text(value: &JsValue, what: &str) -> Result<String, JsValue>;
    /// A user's id: a string or a number; `None` for nobody.
    #[wasm_bindgen(catch, js_name = readUser)]
    pub(crate) fn user_id(value: &JsValue) -> Result<Option<String>, JsValue>;
}

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = readPattern)]
    fn read_pattern(pattern: &JsValue) -> Result<Array, JsValue>;
}

/// What is absent.
pub(crate) fn is_nothing(value: &JsValue) -> bool {
    value.is_undefined() || value.is_null()
}

/// The memory that the engine's columns lie in, for a host that reads options before it makes a cache of them.
#[wasm_bindgen(js_name = linearMemory)]
pub fn linear_memory() -> JsValue {
    wasm_bindgen::memory()
}

/// Reads what to invalidate.
#[inline(never)]
pub(crate) fn key_pattern(value: &JsValue) -> Result<KeyPattern, JsValue> {
    let mut read = KeyPattern::default();
    let mut source = String::new();
    for part in string_list::read(&read_pattern(value)?) {
        let mut letters = part.chars();
        let sort = letters.next();
        let rest = letters.as_str();
        let text = match sort {
            Some('r') => TextPattern::regex(rest),
            Some('f') => pattern::regex_from_js(&source, rest),
            Some('g') => TextPattern::glob(rest),
            Some('p') => TextPattern::prefix(rest),
            sort => {
                match sort {
                    Some('j') => rest.clone_into(&mut source),
                    Some('e') => read.scope.endpoint = Some(endpoint_pattern(rest)?),
                    Some('u') => read.scope.user = Some(key::encode_user(rest).into_owned()),
                    _ => read.scope.tag = Some(rest.to_owned()),
                }
                continue;
            }
        };
        read.text = Some(text.map_err(|error| errors::pattern(&error))?);
    }
    Ok(read)
}

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    #[wasm_bindgen(js_name = nameStats)]
    fn name_stats(counts: &JsValue, host_store: &JsHostStore) -> JsValue;
    #[wasm_bindgen(js_name = nameExplanation)]
    fn name_explanation(
        key: &JsValue,
        state: &str,
        summary: &str,
        numbers: &[f64],
        removal: &str,
        invalidation: &str,
        host_store: &JsHostStore,
    ) -> JsValue;
    #[wasm_bindgen(js_name = nameSize)]
    fn name_size(sizes: &Object, name: &str, size: f64);
    /// The keys in these slots, or pairs of a key and its value.
    #[wasm_bindgen(js_name = listSlots)]
    pub(crate) fn list_slots(host_store: &JsHostStore, slots: &[u32], values: bool) -> Array;
}

/// The statistics as an object; `report.js` names these numbers in this order.
pub(crate) fn stats(
    host_store: &JsHostStore,
    stats: &Stats,
    limits: &Limits,
) -> Result<JsValue, JsValue> {
    let counters = &stats.counters;
    let mut counts = vec![
        stats.size as f64,
        counters.hits,
        counters.misses as f64,
        stats.hit_rate(),
        stats.miss_rate(),
        stats.expired_entries as f64,
        counters.sets as f64,
        counters.evictions as f64,
        counters.invalidations as f64,
        counters.stale_hits as f64,
        counters.joined as f64,
        counters.loads as f64,
        counters.failed_loads as f64,
        counters.refused_fills as f64,
        counters.rejected as f64,
        counters.timed_out_mutations as f64,
        stats.bytes,
        stats.overhead_bytes as f64,
        stats.loading as f64,
        stats.mutating as f64,
        host_store.clock_errors(),
        counters.marked_stale as f64,
        counters.ended_loads as f64,
        counters.load_ms / 1e3,
        bound(limits.max_entries),
        limits.max_bytes,
        limits.max_entry_bytes,
        bound(limits.max_loads),
    ];
    for count in counters.refused_by {
        counts.push(count as f64);
    }
    Ok(name_stats(
        &serde_wasm_bindgen::to_value(&counts)?,
        host_store,
    ))
}

/// A bound on a count as JavaScript has it: the type's largest number stands for none.
fn bound(most: usize) -> f64 {
    if most == usize::MAX {
        f64::INFINITY
    } else {
        most as f64
    }
}

/// An explanation as an object; `report.js` names these parts in this order. What is absent is NaN.
pub(crate) fn explanation(
    host_store: &JsHostStore,
    key: &JsValue,
    explained: &Explanation,
    now: f64,
) -> JsValue {
    let removal = explained.removal.as_ref();
    let invalidation = explained.invalidation.as_ref();
    let numbers = [
        explained.age,
        explained.ttl,
        explained.retry_at.map(|at| (at - now).max(0.0)),
        Some(f64::from(u8::from(explained.loading))),
        removal.map(|removal| removal.at.as_millis()),
        invalidation.map(|done| done.at.as_millis()),
        invalidation.map(|done| done.count as f64),
    ];
    name_explanation(
        key,
        explained.presence.name(),
        &explained.summary(),
        &numbers.map(|number| number.unwrap_or(f64::NAN)),
        removal.map_or("", |removal| removal.reason.name()),
        invalidation.map_or("", |done| &done.what),
        host_store,
    )
}

/// How many values each endpoint holds.
pub(crate) fn sizes(sizes: &[(String, usize)]) -> Object {
    let named = Object::new();
    for (name, size) in sizes {
        name_size(&named, name, *size as f64);
    }
    named
}

/// Slots as JavaScript has them.
#[inline(never)]
pub(super) fn numbers_of(slots: &[Slot]) -> Vec<u32> {
    let mut numbers = Vec::with_capacity(slots.len());
    for slot in slots {
        numbers.push(slot.0);
    }
    numbers
}
