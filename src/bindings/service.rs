//! The class `CacheService`.
//!
//! Each method reads its arguments, asks the façade, tells the observer, and returns. Keys and values stay on
//! the JavaScript shelf; `place`, `shelf` and `groupFor` are what the package's fast lane stands on.

use super::convert::{self, CallOptions, ServiceOptions};
use super::errors::{self, Class};
use super::shelf::{HostShelf, Observer};
use crate::core::cache::{Cache, KeyPattern, Store};
use crate::core::endpoint::EndpointPattern;
use crate::core::engine::Write;
use crate::core::key;
use crate::core::name::Name;
use crate::core::policy::PolicyOverrides;
use crate::core::rules::{EndpointRules, Resolved};
use crate::core::scopes::{GroupId, Scope};
use crate::core::shelf::Shelf;
use crate::core::store::Slot;
use crate::core::time::Ttl;
use js_sys::{Array, Function};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host/params.js")]
extern "C" {
    /// The JSON text of params; throws what names the path of the first value that has no place in them.
    #[wasm_bindgen(catch, js_name = requestText)]
    pub(crate) fn request_text(params: &JsValue) -> Result<String, JsValue>;
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = "
/** A clock: milliseconds. */
export type Clock = { now(): number } | (() => number);
";

/// A cache of values by key, with a TTL for each.
#[wasm_bindgen]
pub struct CacheService {
    pub(super) cache: Cache<HostShelf, HostShelf>,
    pub(super) rules: EndpointRules,
    pub(super) taggers: Vec<(EndpointPattern, Function)>,
    pub(super) policy: PolicyOverrides,
    isolation: String,
    single_flight: String,
    disposed: Cell<bool>,
    random: Cell<Option<u64>>,
    /// What the rules say about endpoints seen lately.
    pub(super) resolved: RefCell<Remembered>,
    /// What mutations under way invalidate, by number.
    pub(super) mutations: RefCell<Vec<(u64, String, Vec<Scope>)>>,
}

/// Resolved endpoints by name. The index has the type of the engine's own, which is compiled anyway.
#[derive(Default)]
pub(super) struct Remembered {
    pub(super) places: BTreeMap<Name, u32>,
    pub(super) resolved: Vec<Rc<Resolved>>,
}

/// How long an entry lives that nobody gives a TTL, in milliseconds.
const DEFAULT_TTL: f64 = 300_000.0;

#[wasm_bindgen]
impl CacheService {
    /// Makes a cache from a default TTL in seconds, an object of options, or nothing.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_optional_param_type = "number | object")] options: &JsValue,
    ) -> Result<CacheService, JsValue> {
        let ServiceOptions {
            limits,
            policy,
            rules,
            taggers,
            clock,
            logger,
            on_event,
            size_of,
            count_endpoints,
            seed,
            isolation,
            single_flight,
        } = convert::service_options(options)?;
        let seed = seed.map_or(JsValue::UNDEFINED, JsValue::from);
        let shelf = HostShelf::new(
            &wasm_bindgen::memory(),
            &clock,
            &seed,
            &logger,
            &on_event,
            &size_of,
            count_endpoints,
        );
        Ok(CacheService {
            cache: Cache::new(shelf.clone(), shelf, limits),
            rules,
            taggers,
            policy,
            isolation,
            single_flight,
            disposed: Cell::new(false),
            random: Cell::new(None),
            resolved: RefCell::default(),
            mutations: RefCell::default(),
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
        if let Some(observer) = self.observer() {
            match &value {
                Some(_) => observer.hit(key, self.age(key)),
                None => observer.miss(key),
            }
            observer.flush();
        }
        Ok(value.unwrap_or(JsValue::UNDEFINED))
    }

    /// Stores a reference to a value; false when it is too large or no memory is left.
    pub fn set(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] key: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "unknown")] value: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "number | string | object")]
        options: &JsValue,
    ) -> Result<bool, JsValue> {
        self.open(key)?;
        let CallOptions { policy, tags } = self.read_set(value, options)?;
        let policy = PolicyOverrides::merge(&policy, &self.policy);
        let bytes = self.cache.shelf().bytes_of(key, value);
        let write = self.write(&policy, policy.ttl.unwrap_or(DEFAULT_TTL), bytes)?;
        let stored = self
            .cache
            .set(key, value.clone(), Store { write, tags })
            .is_ok();
        if let Some(observer) = self.observer() {
            if stored {
                observer.set(key, write.ttl.as_seconds(), bytes);
            }
            observer.flush();
        }
        Ok(stored)
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
        self.by_pattern(pattern, Cache::invalidate)
    }

    /// Marks the entries that match stale instead of removing them.
    pub fn expire(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string | RegExp | object")] pattern: &JsValue,
    ) -> Result<f64, JsValue> {
        self.by_pattern(pattern, Cache::expire)
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
        Ok(slots
            .into_iter()
            .map(|slot| self.cache.shelf().key(slot.0))
            .collect())
    }

    /// Removes everything. Counters stay.
    pub fn clear(&self) -> Result<(), JsValue> {
        self.ready()?;
        let count = self.cache.clear();
        if let Some(observer) = self.observer() {
            observer.cleared(count as f64);
            observer.flush();
        }
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
        convert::stats(&self.cache.stats())
    }

    /// How many values each endpoint holds.
    #[wasm_bindgen(js_name = endpointSizes, skip_typescript)]
    pub fn endpoint_sizes(&self) -> Result<js_sys::Object, JsValue> {
        self.ready()?;
        let sizes = js_sys::Object::new();
        for (endpoint, size) in self.cache.engine().borrow().endpoint_sizes() {
            let entry = js_sys::Object::new();
            js_sys::Reflect::set(&entry, &"size".into(), &(size as f64).into())?;
            js_sys::Reflect::set(&sizes, &endpoint.into(), &entry)?;
        }
        Ok(sizes)
    }

    /// Checks what `set` would be given, and stores nothing.
    #[wasm_bindgen(skip_typescript)]
    pub fn check(&self, key: &JsValue, value: &JsValue, options: &JsValue) -> Result<(), JsValue> {
        self.open(key)?;
        self.read_set(value, options).map(|_| ())
    }

    /// The keys of entries that are alive, expired ones not among them.
    #[wasm_bindgen(unchecked_return_type = "string[]")]
    pub fn keys(&self) -> Result<Array, JsValue> {
        Ok(self
            .fresh()?
            .into_iter()
            .map(|slot| self.cache.shelf().key(slot.0))
            .collect())
    }

    /// The keys and values of entries that are alive, expired ones not among them.
    #[wasm_bindgen(unchecked_return_type = "[string, unknown][]")]
    pub fn entries(&self) -> Result<Array, JsValue> {
        let pair = |slot: Slot| {
            let value = self.cache.value(slot).unwrap_or_default();
            Array::of2(&self.cache.shelf().key(slot.0), &value)
        };
        Ok(self.fresh()?.into_iter().map(pair).collect())
    }

    /// Why there is a value under this key, or why there is none.
    #[wasm_bindgen(unchecked_return_type = "object")]
    pub fn explain(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] key: &JsValue,
    ) -> Result<JsValue, JsValue> {
        self.open(key)?;
        let explanation = self.cache.explain(key);
        let now = self.cache.now().as_millis();
        convert::explanation(key.as_string().unwrap_or_default(), explanation, now)
    }

    /// Lets go of everything; every later call is an error, but for this one.
    pub fn dispose(&self) {
        if !self.disposed.replace(true) {
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
        let endpoint = convert::text(endpoint, "an endpoint", "ERR_ENDPOINT")?;
        let user = convert::user_id(user)?;
        key_of(&endpoint, &request_text(params)?, user.as_deref())
    }

    /// A regular expression for `invalidate` that finds every key under a resource.
    #[wasm_bindgen(js_name = getInvalidationPattern)]
    pub fn get_invalidation_pattern(
        #[wasm_bindgen(unchecked_param_type = "string")] endpoint: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "string | null")] resource_type: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "string | number | null")]
        resource_id: &JsValue,
    ) -> Result<String, JsValue> {
        let endpoint = convert::text(endpoint, "an endpoint", "ERR_ENDPOINT")?;
        let resource_type = match resource_type {
            absent if convert::is_nothing(absent) => None,
            given => Some(convert::text(given, "a resource type", "ERR_ENDPOINT")?),
        };
        let resource_id = convert::user_id(resource_id)?;
        Ok(key::invalidation_pattern(
            &endpoint,
            resource_type.as_deref(),
            resource_id.as_deref(),
        ))
    }

    /// The keys and values, for the package's fast lane.
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn shelf(&self) -> HostShelf {
        self.cache.shelf().clone()
    }

    /// The key of a request whose params are known as JSON text already.
    #[wasm_bindgen(js_name = keyOf, skip_typescript)]
    pub fn key_of(endpoint: &str, text: &str, user: Option<String>) -> Result<String, JsValue> {
        key_of(endpoint, text, user.as_deref())
    }

    /// The group of keys without tags that begin with this part, or -1 when there is no memory for it.
    #[wasm_bindgen(js_name = groupFor, skip_typescript)]
    pub fn group_for(&self, part: &str) -> Result<i32, JsValue> {
        self.ready()?;
        let group = self.cache.group_of(part);
        Ok(group
            .and_then(|group| i32::try_from(group.0).ok())
            .unwrap_or(-1))
    }

    /// Finds room for a value that the fast lane puts on the shelf itself; -1 where `set` has to do it.
    #[wasm_bindgen(skip_typescript)]
    pub fn place(
        &self,
        slot: i32,
        group: u32,
        fingerprint: u32,
        ttl: f64,
        bytes: f64,
        now: f64,
    ) -> i32 {
        let Ok(ttl) = Ttl::from_millis(ttl) else {
            return -1;
        };
        let slot = u32::try_from(slot).ok().map(Slot);
        let write = Write {
            bytes: whole(bytes),
            ..Write::fresh_for(ttl)
        };
        let placed = self
            .cache
            .place(slot, GroupId(group), fingerprint, write, now);
        placed
            .and_then(|slot| i32::try_from(slot.0).ok())
            .unwrap_or(-1)
    }

    /// Milliseconds that an entry lives that nobody gives a TTL, jitter and staleness options aside; NaN
    /// where a service option makes that a question for `set`.
    #[wasm_bindgen(getter, js_name = plainTtl, skip_typescript)]
    pub fn plain_ttl(&self) -> f64 {
        let PolicyOverrides {
            jitter,
            stale_while_revalidate,
            stale_if_error,
            ..
        } = self.policy;
        let plain = [jitter, stale_while_revalidate, stale_if_error]
            .iter()
            .all(|o| o.is_none_or(|n| n == 0.0));
        if plain {
            self.policy.ttl.unwrap_or(DEFAULT_TTL)
        } else {
            f64::NAN
        }
    }

    /// Milliseconds that an entry lives that nobody gives a TTL.
    #[wasm_bindgen(getter, js_name = defaultTtl, skip_typescript)]
    pub fn default_ttl(&self) -> f64 {
        self.policy.ttl.unwrap_or(DEFAULT_TTL)
    }

    /// The share of its time to live after which a hit starts a load ahead of time; 1 is never.
    #[wasm_bindgen(getter, js_name = eagerRefresh, skip_typescript)]
    pub fn eager_refresh(&self) -> f64 {
        self.policy.eager_refresh.unwrap_or(1.0)
    }

    /// Releases some of what was invalidated; returns true while there is more.
    #[wasm_bindgen(skip_typescript)]
    pub fn maintain(&self, budget: u32) -> bool {
        self.cache.maintain(budget);
        self.cache.engine().borrow().has_dead()
    }

    /// `"snapshot"` or `"reference"`.
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn isolation(&self) -> String {
        self.isolation.clone()
    }

    /// `"auto"`, `"process"`, `"request"` or `"off"`.
    #[wasm_bindgen(getter, js_name = singleFlight, skip_typescript)]
    pub fn single_flight(&self) -> String {
        self.single_flight.clone()
    }

    /// Milliseconds for which a load can be waited for.
    #[wasm_bindgen(getter, js_name = maxWait, skip_typescript)]
    pub fn max_wait(&self) -> f64 {
        self.cache.engine().borrow().limits().max_load_ms
    }
}

/// A count of bytes as the engine keeps it.
fn whole(bytes: f64) -> u32 {
    if bytes >= 0.0 {
        bytes.min(f64::from(u32::MAX)) as u32
    } else {
        0
    }
}

fn key_of(endpoint: &str, text: &str, user: Option<&str>) -> Result<String, JsValue> {
    let canonical = key::canonical_stringified(text).map_err(|error| errors::key(&error))?;
    key::cache_key(endpoint, &canonical.digest(), user).map_err(|error| errors::key(&error))
}

impl CacheService {
    /// An error if the cache was disposed of.
    pub(super) fn ready(&self) -> Result<(), JsValue> {
        if self.disposed.get() {
            return Err(errors::disposed());
        }
        // Memory may have grown since the fast lane last looked at the columns.
        self.cache.shelf().refresh();
        Ok(())
    }

    fn read_set(&self, value: &JsValue, options: &JsValue) -> Result<CallOptions, JsValue> {
        if value.is_undefined() {
            let sentence = "a value is anything but undefined; null is a value";
            return Err(errors::coded(Class::Type, "ERR_VALUE", sentence));
        }
        convert::call_options(options)
    }

    fn open(&self, key: &JsValue) -> Result<(), JsValue> {
        self.ready()?;
        convert::check_key(key)
    }

    pub(super) fn observer(&self) -> Option<Observer> {
        self.cache.shelf().observer()
    }

    pub(super) fn flush(&self) {
        if let Some(observer) = self.observer() {
            observer.flush();
        }
    }

    /// Seconds since the value under `key` was stored.
    ///
    /// By the time that the operation itself read: reading the clock once more would let a user's clock
    /// call the cache between a plan and its use.
    pub(super) fn age(&self, key: &JsValue) -> f64 {
        let slot = self.cache.shelf().find(key).unwrap_or(Slot(u32::MAX));
        let engine = self.cache.engine().borrow();
        engine.age_and_ttl(slot, engine.latest_time()).0 / 1e3
    }

    /// Hands over to the engine what the fast lane counted.
    pub(super) fn collect_counts(&self) {
        let counts = self.cache.shelf().take_counts();
        if let [hits, misses] = counts.as_slice() {
            self.cache.engine().borrow_mut().add_lookups(*hits, *misses);
        }
    }

    fn fresh(&self) -> Result<Vec<Slot>, JsValue> {
        self.ready()?;
        let now = self.cache.now();
        let engine = self.cache.engine().borrow();
        let slots = engine.covered_slots(&Scope::default());
        Ok(slots
            .into_iter()
            .filter(|slot| engine.is_fresh(*slot, now))
            .collect())
    }

    fn by_pattern(
        &self,
        pattern: &JsValue,
        act: impl FnOnce(
            &Cache<HostShelf, HostShelf>,
            &KeyPattern,
        ) -> Result<usize, crate::core::pattern::PatternError>,
    ) -> Result<f64, JsValue> {
        self.ready()?;
        let pattern = convert::key_pattern(pattern)?;
        let count = act(&self.cache, &pattern).map_err(|error| errors::pattern(&error))? as f64;
        if let Some(observer) = self.observer() {
            observer.invalidated(&pattern.to_string(), count);
            observer.flush();
        }
        Ok(count)
    }

    /// How a value is stored under a policy, jitter applied.
    pub(super) fn write(
        &self,
        policy: &PolicyOverrides,
        ttl_ms: f64,
        bytes: f64,
    ) -> Result<Write, JsValue> {
        let ttl = Ttl::from_millis(ttl_ms).map_err(|_| errors::ttl())?;
        let jitter = policy.jitter.unwrap_or(0.0);
        let ttl = if jitter > 0.0 {
            ttl.scaled(1.0 - jitter * self.random())
        } else {
            ttl
        };
        let windows = [policy.stale_while_revalidate, policy.stale_if_error];
        let window = windows
            .iter()
            .flatten()
            .fold(0.0_f64, |window, ms| window.max(*ms));
        Ok(Write {
            ttl,
            window,
            bytes: whole(bytes),
            digest: None,
        })
    }

    /// The next number of the seeded generator, from 0 up to 1 (SplitMix64).
    fn random(&self) -> f64 {
        let state = self
            .random
            .get()
            .unwrap_or_else(|| self.cache.shelf().draw_seed() as u64);
        let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(Some(state));
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
