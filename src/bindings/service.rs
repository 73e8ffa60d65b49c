//! The class `CacheService`.
//!
//! Each method reads its arguments, asks the façade, tells the observer, and returns. Keys and values stay on
//! the JavaScript host_store; `place` and `host_store` are what the package's fast path stands on.

use super::convert;
use super::errors;
use super::host_store::JsHostStore;
use super::options::{self, ServiceOptions, SetOptions};
use super::rule_cache::RuleCache;
use crate::contract::Event;
use crate::core::cache::{Cache, KeyPattern, PutOptions};
use crate::core::endpoint::EndpointPattern;
use crate::core::engine::DEFAULT_TTL_MS;
use crate::core::groups::Scope;
use crate::core::key;
use crate::core::pattern::PatternError;
use crate::core::rules::{EndpointRules, PolicyOverrides};
use crate::core::stats::Refusal;
use js_sys::{Array, Object};
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    /// The JSON text of params; throws what names the path of the first value that has no place in them.
    #[wasm_bindgen(catch, js_name = requestText)]
    pub(crate) fn request_text(params: &JsValue) -> Result<String, JsValue>;
}

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    /// Begins an operation; throws where the cache was disposed of.
    #[wasm_bindgen(catch)]
    fn enter(host_store: &JsHostStore) -> Result<(), JsValue>;
    /// Begins an operation on a key; throws where it is none.
    #[wasm_bindgen(catch, js_name = enterKey)]
    fn enter_key(host_store: &JsHostStore, key: &JsValue) -> Result<(), JsValue>;
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = "
/** A clock: milliseconds. */
export type Clock = { now(): number } | (() => number);
";

/// A cache of values by key, with a TTL for each.
#[wasm_bindgen]
pub struct CacheService {
    pub(super) cache: Cache<JsHostStore, JsHostStore>,
    pub(super) rules: EndpointRules,
    /// The numbers of functions that name tags, by what they apply to.
    pub(super) taggers: Vec<(EndpointPattern, u32)>,
    pub(super) policy: PolicyOverrides,
    /// Whether anybody is told what happens.
    pub(super) observed: bool,
    pub(super) random: Cell<Option<u64>>,
    /// What the rules say about endpoints seen lately.
    pub(super) resolved: RefCell<RuleCache>,
}

#[wasm_bindgen]
impl CacheService {
    /// Makes a cache from a default TTL in seconds, an object of options, or nothing.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_optional_param_type = "number | object")] options: &JsValue,
    ) -> Result<CacheService, JsValue> {
        let ServiceOptions {
            host_store,
            limits,
            policy,
            rules,
            taggers,
        } = options::service_options(options)?;
        let cache = Cache::new(host_store.clone(), host_store, limits);
        cache.announce_layout();
        Ok(CacheService {
            observed: !cache.host_store().observer().is_undefined(),
            cache,
            rules,
            taggers,
            policy,
            random: Cell::new(None),
            resolved: RefCell::default(),
        })
    }

    /// Entries held. Expired ones count until a `get` meets them or `cleanupExpired` runs.
    #[wasm_bindgen(getter)]
    pub fn size(&self) -> f64 {
        self.cache.len() as f64
    }

    /// The value, or undefined if there is none or it has expired; an expired one is removed.
    pub fn get(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] key: &JsValue,
    ) -> Result<JsValue, JsValue> {
        self.open(key)?;
        let value = self.cache.get(key);
        match &value {
            Some(_) => self.tell_served(Event::Hit, key),
            None => self.tell_numbers(Event::Miss, key, 0.0, 0.0),
        }
        Ok(value.unwrap_or(JsValue::UNDEFINED))
    }

    /// Stores a reference to a value; false when it is too large, has too many tags, or finds no place.
    pub fn set(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] key: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "unknown")] value: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "number | string | object")]
        options: &JsValue,
    ) -> Result<bool, JsValue> {
        let host = self.cache.host_store();
        let SetOptions {
            policy,
            tags,
            too_many_tags,
        } = options::set_options(host, key, value, options)?;
        if too_many_tags {
            self.cache.reject(key, Refusal::TooManyTags);
            self.tell_rejected(key, Refusal::TooManyTags);
            return Ok(false);
        }
        let policy = PolicyOverrides::merge(&policy, &self.policy);
        let bytes = host.bytes_of(key, value);
        let stale = policy.stale_while_revalidate.unwrap_or(0.0);
        let window = stale.max(policy.stale_if_error.unwrap_or(0.0));
        let ttl = policy.ttl.unwrap_or(DEFAULT_TTL_MS);
        let write = self.write(policy.jitter.unwrap_or(0.0), window, ttl, bytes);
        let write = write.ok_or_else(errors::ttl)?;
        let stored = self
            .cache
            .set(key, value.clone(), PutOptions { write, tags });
        match stored {
            Ok(()) => self.tell_numbers(Event::Set, key, write.ttl.as_seconds(), bytes),
            Err(refusal) => self.tell_rejected(key, refusal),
        }
        Ok(stored.is_ok())
    }

    /// Whether `get` would give a value. Counts nothing and removes nothing.
    pub fn has(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] key: &JsValue,
    ) -> Result<bool, JsValue> {
        self.open(key)?;
        Ok(self.cache.has(key))
    }

    /// What `get` would give, without counting or removing anything.
    pub fn peek(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] key: &JsValue,
    ) -> Result<JsValue, JsValue> {
        self.open(key)?;
        Ok(self.cache.peek(key).unwrap_or(JsValue::UNDEFINED))
    }

    /// Removes one entry; true if it was there, expired or not.
    pub fn delete(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] key: &JsValue,
    ) -> Result<bool, JsValue> {
        self.open(key)?;
        let there = self.cache.delete(key);
        self.flush();
        Ok(there)
    }

    /// Removes the entries that match and says how many those were; a pattern that fails removes nothing.
    pub fn invalidate(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string | RegExp | object")] pattern: &JsValue,
    ) -> Result<f64, JsValue> {
        self.by_pattern(pattern, Event::Invalidated, Cache::invalidate)
    }

    /// Marks the entries that match stale instead of removing them.
    pub fn expire(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string | RegExp | object")] pattern: &JsValue,
    ) -> Result<f64, JsValue> {
        self.by_pattern(pattern, Event::Expired, Cache::expire)
    }

    /// The keys that `invalidate` would remove.
    #[wasm_bindgen(unchecked_return_type = "string[]")]
    pub fn preview(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string | RegExp | object")] pattern: &JsValue,
    ) -> Result<Array, JsValue> {
        self.ready()?;
        let pattern = convert::key_pattern(pattern)?;
        let slots = self
            .cache
            .preview(&pattern)
            .map_err(|error| errors::pattern(&error))?;
        let slots = convert::numbers_of(&slots);
        Ok(convert::list_slots(self.cache.host_store(), &slots, false))
    }

    /// Removes everything. Counters stay.
    pub fn clear(&self) -> Result<(), JsValue> {
        self.ready()?;
        let count = self.cache.clear();
        self.tell_numbers(Event::Cleared, &count.into(), 0.0, 0.0);
        Ok(())
    }

    /// Removes what has expired and says how many entries those were.
    #[wasm_bindgen(js_name = cleanupExpired)]
    pub fn cleanup_expired(&self) -> Result<f64, JsValue> {
        self.ready()?;
        let count = self.cache.cleanup_expired();
        self.flush();
        Ok(count as f64)
    }

    /// Counters and sizes now.
    #[wasm_bindgen(js_name = getStats, unchecked_return_type = "object")]
    pub fn get_stats(&self) -> Result<JsValue, JsValue> {
        self.ready()?;
        self.collect_counts();
        let limits = self.cache.engine().borrow().limits();
        convert::stats(self.cache.host_store(), &self.cache.stats(), &limits)
    }

    /// How many values each endpoint holds.
    #[wasm_bindgen(js_name = endpointSizes, skip_typescript)]
    pub fn endpoint_sizes(&self) -> Result<Object, JsValue> {
        self.ready()?;
        let sizes = self.cache.engine().borrow().endpoint_sizes();
        Ok(convert::sizes(&sizes))
    }

    /// The keys of entries that are alive, expired ones not among them.
    #[wasm_bindgen(unchecked_return_type = "string[]")]
    pub fn keys(&self) -> Result<Array, JsValue> {
        self.fresh(false)
    }

    /// The keys and values of entries that are alive, expired ones not among them.
    #[wasm_bindgen(unchecked_return_type = "[string, unknown][]")]
    pub fn entries(&self) -> Result<Array, JsValue> {
        self.fresh(true)
    }

    /// Why there is a value under this key, or why there is none.
    #[wasm_bindgen(unchecked_return_type = "object")]
    pub fn explain(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] key: &JsValue,
    ) -> Result<JsValue, JsValue> {
        self.open(key)?;
        let explanation = self.cache.explain(key);
        let host_store = self.cache.host_store();
        Ok(convert::explanation(
            host_store,
            key,
            &explanation,
            self.cache.clock_reading(),
        ))
    }

    /// Lets go of everything; every later call is an error, but for this one.
    pub fn dispose(&self) {
        let host = self.cache.host_store();
        if !host.disposed() {
            host.set_disposed(true);
            self.cache.clear();
        }
    }

    /// The key of a request: `endpoint:HASH`, or `endpoint:user:USER:HASH`.
    #[wasm_bindgen(js_name = generateCacheKey)]
    pub fn generate_cache_key(
        #[wasm_bindgen(unchecked_param_type = "string")] endpoint: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "object | null")] params: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "string | number | null")] user: &JsValue,
    ) -> Result<String, JsValue> {
        let endpoint = convert::text(endpoint, "an endpoint")?;
        let user = convert::user_id(user)?;
        key_of(&endpoint, request_text(params)?, user.as_deref())
    }

    /// A regular expression for `invalidate` that finds every key under a resource.
    #[wasm_bindgen(js_name = getInvalidationPattern)]
    pub fn get_invalidation_pattern(
        #[wasm_bindgen(unchecked_param_type = "string")] endpoint: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "string | null")] resource_type: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "string | number | null")]
        resource_id: &JsValue,
    ) -> Result<String, JsValue> {
        let endpoint = convert::text(endpoint, "an endpoint")?;
        let resource_type = match resource_type {
            absent if convert::is_nothing(absent) => None,
            given => Some(convert::text(given, "a resource type")?),
        };
        let resource_id = convert::user_id(resource_id)?;
        Ok(key::invalidation_pattern(
            &endpoint,
            resource_type.as_deref(),
            resource_id.as_deref(),
        ))
    }

    /// The keys and values, for the package's fast path.
    #[wasm_bindgen(getter, js_name = hostStore, skip_typescript)]
    pub fn host_store(&self) -> JsHostStore {
        self.cache.host_store().clone()
    }

    /// The key of a request whose params are known as JSON text already, and its user's id as a text.
    #[wasm_bindgen(js_name = keyOf)]
    pub fn key_of(
        #[wasm_bindgen(unchecked_param_type = "string")] endpoint: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] text: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string | undefined")] user: &JsValue,
    ) -> Result<String, JsValue> {
        let endpoint = endpoint.as_string().unwrap_or_default();
        let text = text.as_string().unwrap_or_default();
        key_of(&endpoint, text, user.as_string().as_deref())
    }

    /// Releases some of what was invalidated.
    #[wasm_bindgen(skip_typescript)]
    pub fn maintain(&self, budget: u32) {
        self.cache.maintain(budget);
    }
}

#[inline(never)]
fn key_of(endpoint: &str, text: String, user: Option<&str>) -> Result<String, JsValue> {
    key::canonical_stringified(&text)
        .and_then(|canonical| key::cache_key(endpoint, &canonical.digest(), user))
        .map_err(|error| errors::key(&error))
}

impl CacheService {
    /// An error if the cache was disposed of.
    #[inline(never)]
    pub(super) fn ready(&self) -> Result<(), JsValue> {
        enter(self.cache.host_store())
    }

    /// As [`Self::ready`], or an error if that is no key.
    #[inline(never)]
    pub(super) fn open(&self, key: &JsValue) -> Result<(), JsValue> {
        enter_key(self.cache.host_store(), key)
    }

    /// Hands over to the engine what the fast path counted.
    pub(super) fn collect_counts(&self) {
        let counts = self.cache.host_store().take_counts();
        if let [hits, misses] = counts.as_slice() {
            self.cache.engine().borrow_mut().add_lookups(*hits, *misses);
        }
    }

    /// The keys of entries that are alive, or both keys and values.
    #[inline(never)]
    fn fresh(&self, values: bool) -> Result<Array, JsValue> {
        self.ready()?;
        let now = self.cache.now();
        let mut fresh = Vec::new();
        let engine = self.cache.engine().borrow();
        for slot in engine.covered_slots(&Scope::default()) {
            if engine.is_fresh(slot, now) {
                fresh.push(slot.0);
            }
        }
        drop(engine);
        Ok(convert::list_slots(self.cache.host_store(), &fresh, values))
    }

    fn by_pattern(
        &self,
        pattern: &JsValue,
        event: Event,
        act: fn(&Cache<JsHostStore, JsHostStore>, &KeyPattern) -> Result<usize, PatternError>,
    ) -> Result<f64, JsValue> {
        self.ready()?;
        let pattern = convert::key_pattern(pattern)?;
        let count = act(&self.cache, &pattern).map_err(|error| errors::pattern(&error))? as f64;
        if self.observed {
            let by = errors::sentence(&pattern).into();
            self.tell_numbers(event, &by, count, 0.0);
        }
        Ok(count)
    }
}
