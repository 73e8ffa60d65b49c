//! What JavaScript hands over, and what it is handed back.
//!
//! Reading an object runs its getters, so everything here happens before the engine is borrowed. Objects are read
//! and checked by `host/`, which hands over flat lists of numbers and texts; this room knows their order.

use super::errors;
use super::shelf::HostShelf;
use super::texts;
use crate::core::cache::KeyPattern;
use crate::core::endpoint::EndpointPattern;
use crate::core::engine::{Explanation, Limits};
use crate::core::key;
use crate::core::pattern::{self, TextPattern};
use crate::core::rules::PolicyOverrides;
use crate::core::rules::{EndpointRules, Rule, RuleSpec, Visibility};
use crate::core::slots::Slot;
use crate::core::stats::Stats;
use js_sys::{Array, Function, Object};
use std::vec::IntoIter;
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
    /// Options as numbers and texts, in the order that `options.js` states.
    type Given;

    #[wasm_bindgen(method, getter, structural)]
    fn numbers(this: &Given) -> Vec<f64>;
    #[wasm_bindgen(method, getter, structural)]
    fn texts(this: &Given) -> Array;
    #[wasm_bindgen(method, getter, structural)]
    fn taggers(this: &Given) -> Array;
    #[wasm_bindgen(method, getter, structural)]
    fn finders(this: &Given) -> Array;
    #[wasm_bindgen(method, getter, structural)]
    fn shelf(this: &Given) -> HostShelf;

    #[wasm_bindgen(catch, js_name = callOptions)]
    fn read_call(options: &JsValue, call: u8) -> Result<Given, JsValue>;
    #[wasm_bindgen(catch, js_name = serviceOptions)]
    fn read_service(
        options: &JsValue,
        memory: &JsValue,
        defaults: &[f64],
    ) -> Result<Given, JsValue>;
}

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    /// Whether an entry may not have these tags; asked before any of them is read.
    #[wasm_bindgen(js_name = areTooMany)]
    pub(crate) fn are_too_many(tags: &Array) -> bool;
    /// Says once for each endpoint that a value has too many tags.
    #[wasm_bindgen(js_name = warnOfTags)]
    pub(crate) fn warn_of_tags(shelf: &HostShelf, key: &JsValue);
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

/// What is left of a list of numbers and one of texts.
struct Rest {
    numbers: IntoIter<f64>,
    texts: IntoIter<String>,
}

impl Rest {
    fn of(given: &Given) -> Self {
        Rest {
            numbers: given.numbers().into_iter(),
            texts: texts::read(&given.texts()).into_iter(),
        }
    }

    /// The next number; `None` where it is absent.
    #[inline(never)]
    fn number(&mut self) -> Option<f64> {
        match self.numbers.next() {
            Some(number) if !number.is_nan() => Some(number),
            _ => None,
        }
    }

    /// The next number, which is never absent.
    fn given(&mut self) -> f64 {
        self.number().unwrap_or_default()
    }

    fn flag(&mut self) -> Option<bool> {
        self.number().map(|number| number != 0.0)
    }

    /// Staleness options and the TTL.
    #[inline(never)]
    fn policy(&mut self) -> PolicyOverrides {
        PolicyOverrides {
            ttl: self.number(),
            stale_while_revalidate: self.number(),
            stale_if_error: self.number(),
            soft_timeout: self.number(),
            hard_timeout: self.number(),
            jitter: self.number(),
            eager_refresh: self.number(),
            negative_ttl: self.number(),
            retry_backoff: self.number(),
        }
    }

    /// The next texts.
    #[inline(never)]
    fn list(&mut self, length: Option<f64>) -> Vec<String> {
        let length = length.unwrap_or_default() as usize;
        let mut list = Vec::new();
        while list.len() < length
            && let Some(text) = self.texts.next()
        {
            list.push(text);
        }
        list
    }

    #[inline(never)]
    fn patterns(&mut self, length: Option<f64>) -> Result<Vec<EndpointPattern>, JsValue> {
        let texts = self.list(length);
        let mut patterns = Vec::with_capacity(texts.len());
        for text in texts {
            patterns.push(endpoint_pattern(&text)?);
        }
        Ok(patterns)
    }
}

/// What one call of `set`, `getOrSet` or `routeRequest` asks for.
#[derive(Default)]
pub(crate) struct CallOptions {
    pub(crate) policy: PolicyOverrides,
    pub(crate) tags: Vec<String>,
    /// There are more than an entry may have, and so none here.
    pub(crate) too_many_tags: bool,
}

/// The kinds of call that are given options, in the order of `CALLS` in options.js.
#[derive(Clone, Copy)]
pub(crate) enum Call {
    Set,
    Load,
    Request,
}

/// Reads a call's options: a TTL by itself, or an object.
#[inline(never)]
pub(crate) fn call_options(options: &JsValue, call: Call) -> Result<CallOptions, JsValue> {
    if options.is_undefined() {
        return Ok(CallOptions::default());
    }
    let mut rest = Rest::of(&read_call(options, call as u8)?);
    Ok(CallOptions {
        policy: rest.policy(),
        too_many_tags: rest.flag().unwrap_or(false),
        tags: rest.texts.collect(),
    })
}

/// Everything a cache is made from.
pub(crate) struct ServiceOptions {
    pub(crate) shelf: HostShelf,
    pub(crate) limits: Limits,
    pub(crate) policy: PolicyOverrides,
    pub(crate) rules: EndpointRules,
    /// Functions that name tags, by what they apply to.
    pub(crate) taggers: Vec<(EndpointPattern, Function)>,
    /// Functions that find a resource's id.
    pub(crate) id_finders: Vec<Function>,
}

/// How long an entry lives that nobody gives a TTL, in milliseconds.
pub(crate) const DEFAULT_TTL: f64 = 300_000.0;

/// Entries and loads at most, whatever is asked for: a JavaScript `Map` holds 2²⁴ keys in V8, and both are among them.
const MOST_ENTRIES: usize = (1 << 24) - MOST_LOADS - (1 << 10);
const MOST_LOADS: usize = 1 << 20;

/// Entries from which an invalidation that leaves none of them drops the shelf's maps whole: sixteen times as many as
/// `explain` can tell of one by one.
const WHOLESALE: usize = 16_384;

/// The limits where a user gives none, and the TTL, for a host that reads options before it makes a cache of them.
#[wasm_bindgen(js_name = defaultLimits)]
pub fn default_limits() -> Vec<f64> {
    let defaults = Limits::default();
    vec![
        defaults.max_entries as f64,
        defaults.max_bytes,
        defaults.max_entry_bytes,
        defaults.max_loads as f64,
        f64::from(defaults.max_followers),
        defaults.max_load_ms,
        defaults.max_mutation_ms,
        DEFAULT_TTL,
    ]
}

/// The memory that the engine's columns lie in, for the same host.
#[wasm_bindgen(js_name = linearMemory)]
pub fn linear_memory() -> JsValue {
    wasm_bindgen::memory()
}

/// Reads what a cache is made from: a default TTL in seconds, an object, or nothing; or what was read from it before.
pub(crate) fn service_options(options: &JsValue) -> Result<ServiceOptions, JsValue> {
    let given = read_service(options, &wasm_bindgen::memory(), &default_limits())?;
    let mut rest = Rest::of(&given);
    // A count beyond the type's largest number is that number.
    let limits = Limits {
        max_entries: (rest.given() as usize).min(MOST_ENTRIES),
        max_bytes: rest.given(),
        max_entry_bytes: rest.given(),
        max_loads: (rest.given() as usize).min(MOST_LOADS),
        max_followers: rest.given() as u32,
        max_load_ms: rest.given(),
        max_mutation_ms: rest.given(),
        bulk_clear_threshold: WHOLESALE,
    };
    let policy = rest.policy();
    let mut rules = EndpointRules::new();
    let mut taggers = Vec::new();
    let mut id_finders = Vec::new();
    let (named, finders) = (given.taggers(), given.finders());
    for at in 0..named.length() {
        let (tagger, finder) = (named.get(at), finders.get(at));
        let mut rule = rule(&mut rest)?;
        if finder.is_function() {
            rule.spec.resource_id_by = u32::try_from(id_finders.len()).ok();
            id_finders.push(finder.unchecked_into());
        }
        if tagger.is_function() {
            taggers.push((rule.pattern.clone(), tagger.unchecked_into()));
        }
        rules.add(rule);
    }
    Ok(ServiceOptions {
        shelf: given.shelf(),
        limits,
        policy,
        rules,
        taggers,
        id_finders,
    })
}

/// The next rule.
fn rule(rest: &mut Rest) -> Result<Rule, JsValue> {
    let (cache, mutation) = (rest.flag(), rest.flag());
    let visibility = rest.number().map(|scope| match scope as u8 {
        1 => Visibility::User,
        2 => Visibility::Shared,
        _ => Visibility::Auto,
    });
    let policy = rest.policy();
    let [tags, vary, invalidates, also, id] = std::array::from_fn(|_| rest.number());
    let pattern = rest.texts.next().unwrap_or_default();
    let pattern = endpoint_pattern(&pattern)?;
    let spec = RuleSpec {
        cache,
        visibility,
        policy,
        tags: rest.list(tags),
        vary: rest.list(vary),
        mutation,
        invalidates: match invalidates {
            None => None,
            length => Some(rest.patterns(length)?),
        },
        also_invalidates: rest.patterns(also)?,
        resource_id: rest.list(id).pop(),
        resource_id_by: None,
    };
    Ok(Rule { pattern, spec })
}

#[inline(never)]
fn endpoint_pattern(text: &str) -> Result<EndpointPattern, JsValue> {
    EndpointPattern::parse(text).map_err(|error| errors::endpoint(&error))
}

/// Reads what to invalidate.
#[inline(never)]
pub(crate) fn key_pattern(value: &JsValue) -> Result<KeyPattern, JsValue> {
    let mut read = KeyPattern::default();
    let mut source = String::new();
    for part in texts::read(&read_pattern(value)?) {
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
    fn name_stats(counts: &JsValue, shelf: &HostShelf) -> JsValue;
    #[wasm_bindgen(js_name = nameExplanation)]
    fn name_explanation(
        key: &JsValue,
        state: &str,
        summary: &str,
        numbers: &[f64],
        removal: &str,
        invalidation: &str,
        shelf: &HostShelf,
    ) -> JsValue;
    #[wasm_bindgen(js_name = nameSize)]
    fn name_size(sizes: &Object, name: &str, size: f64);
    /// The keys in these slots, or pairs of a key and its value.
    #[wasm_bindgen(js_name = listSlots)]
    pub(crate) fn list_slots(shelf: &HostShelf, slots: &[u32], values: bool) -> Array;
}

/// The statistics as an object; `report.js` names these numbers in this order.
pub(crate) fn stats(shelf: &HostShelf, stats: &Stats, limits: &Limits) -> Result<JsValue, JsValue> {
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
        shelf.clock_errors(),
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
    Ok(name_stats(&serde_wasm_bindgen::to_value(&counts)?, shelf))
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
    shelf: &HostShelf,
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
        shelf,
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
