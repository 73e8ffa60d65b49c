//! `routeRequest` and `getOrSet`: planned here, awaited in `host/drive.js`.
//!
//! `openRequest` and `openKey` turn a call into a plan; the driver does what it says and reports by `fill`,
//! `abandon`, `refuse` and `settle`. What a request's own words get wrong becomes a bypass with a reason.

use super::convert::{self, CallOptions};
use super::service::{CacheService, Remembered, request_text};
use super::ttl_config;
use crate::core::cache::{Ask, Store};
use crate::core::endpoint;
use crate::core::engine::{Plan, Write};
use crate::core::flights::{FlightId, LeaseId};
use crate::core::key::{self, Canonical, Digest};
use crate::core::name::Name;
use crate::core::policy::PolicyOverrides;
use crate::core::rules::{Class, Resolved, Scope as Audience};
use crate::core::scopes::Scope;
use crate::core::stats::Refusal;
use js_sys::{Function, Object, Promise, Reflect};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host/drive.js")]
extern "C" {
    #[wasm_bindgen(js_name = routeRequest)]
    fn drive_request(
        cache: &JsValue,
        request: &JsValue,
        handler: &JsValue,
        options: &JsValue,
    ) -> Promise;
    #[wasm_bindgen(js_name = getOrSet)]
    fn drive_load(cache: &JsValue, key: &JsValue, loader: &JsValue, options: &JsValue) -> Promise;
}

#[wasm_bindgen(module = "/src/bindings/host/plan.js")]
extern "C" {
    #[wasm_bindgen(js_name = makePlan)]
    #[allow(
        clippy::too_many_arguments,
        reason = "one call into JavaScript instead of one for each member"
    )]
    fn make_plan(
        kind: &str,
        reason: &str,
        key: &str,
        slot: i32,
        flight: f64,
        numbers: &[f64],
        plain: bool,
        tags: Vec<String>,
        user: Option<String>,
        vary: &JsValue,
        count: f64,
    ) -> JsValue;
}

// Modules that the ones above import: named here so that they travel along.
#[wasm_bindgen(module = "/src/bindings/host/loads.js")]
extern "C" {
    #[wasm_bindgen(js_name = isShareable)]
    fn is_shareable(value: &JsValue) -> bool;
}
#[wasm_bindgen(module = "/src/bindings/host/snapshot.js")]
extern "C" {
    fn thaw(value: &JsValue) -> JsValue;
}
#[wasm_bindgen(module = "/src/bindings/host/size.js")]
extern "C" {
    #[wasm_bindgen(js_name = estimateBytes)]
    fn estimate_bytes(value: &JsValue) -> f64;
}
#[wasm_bindgen(module = "/src/bindings/host/routes.js")]
extern "C" {
    type Routes;
    #[wasm_bindgen(constructor)]
    fn new() -> Routes;
}

/// Bytes of a value as the cache counts them where no `sizeOf` is given.
#[wasm_bindgen(js_name = estimateBytes)]
pub fn estimate_size(#[wasm_bindgen(unchecked_param_type = "unknown")] value: &JsValue) -> f64 {
    estimate_bytes(value)
}

/// Answers a request from the cache or by its handler.
///
/// `request` is `{ endpoint, method, params, userId, … }`; the promise resolves to `{ status, data, metadata }`.
#[wasm_bindgen(js_name = routeRequest, unchecked_return_type = "Promise<any>")]
pub fn route_request(
    #[wasm_bindgen(unchecked_param_type = "CacheService")] cache: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "object")] request: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "(params: any, context: any) => any")] handler: &JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "object")] options: &JsValue,
) -> Promise {
    drive_request(cache, request, handler, options)
}

/// The value under a key, or else what the loader returns, stored; one load for all who ask meanwhile.
#[wasm_bindgen(js_name = getOrSet, unchecked_return_type = "Promise<any>")]
pub fn get_or_set(
    #[wasm_bindgen(unchecked_param_type = "CacheService")] cache: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "string")] key: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "(context: any) => any")] loader: &JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "number | string | object")] options: &JsValue,
) -> Promise {
    drive_load(cache, key, loader, options)
}

/// What is known of a read before the engine is asked.
#[derive(Default)]
struct Reading {
    key: String,
    policy: PolicyOverrides,
    ttl: f64,
    tags: Vec<String>,
    user: Option<String>,
    vary: Option<JsValue>,
    digest: Option<Digest>,
    /// False where the request's text alone does not make the key.
    by_text: bool,
}

impl Reading {
    fn numbers(&self) -> [f64; 8] {
        let policy = &self.policy;
        [
            self.ttl,
            policy.stale_while_revalidate.unwrap_or(0.0),
            policy.stale_if_error.unwrap_or(0.0),
            policy.soft_timeout.unwrap_or(f64::INFINITY),
            policy.hard_timeout.unwrap_or(f64::INFINITY),
            policy.jitter.unwrap_or(0.0),
            policy.negative_ttl.unwrap_or(-1.0),
            policy.retry_backoff.unwrap_or(0.0),
        ]
    }

    fn plan(self, kind: &str, reason: &str, slot: i32, flight: f64) -> JsValue {
        let plain = self.by_text && self.policy.eager_refresh.is_none_or(|share| share >= 1.0);
        let numbers = self.numbers();
        let vary = self.vary.unwrap_or_else(|| Object::new().into());
        make_plan(
            kind, reason, &self.key, slot, flight, &numbers, plain, self.tags, self.user, &vary,
            0.0,
        )
    }
}

#[wasm_bindgen]
impl CacheService {
    /// Plans a request. `manner`: 0 may join a load, 1 must not, 2 begins no load either.
    #[wasm_bindgen(js_name = openRequest, skip_typescript)]
    #[allow(
        clippy::too_many_arguments,
        reason = "one call from JavaScript instead of an object to take apart"
    )]
    pub fn open_request(
        &self,
        endpoint: &JsValue,
        method: &str,
        user: &JsValue,
        text: Option<String>,
        params: &JsValue,
        vary: &JsValue,
        options: &JsValue,
        manner: u8,
    ) -> Result<JsValue, JsValue> {
        self.ready()?;
        let name = endpoint
            .as_string()
            .filter(|name| endpoint::validate(name).is_ok());
        let Some(name) = name.filter(|_| convert::text(endpoint, "", "").is_ok()) else {
            return Ok(self.bypass(&endpoint.as_string().unwrap_or_default(), "endpoint"));
        };
        let resolved = self.resolve(&name);
        let kind = match resolved.class {
            Class::Mutation(_) => return Ok(self.open_mutation(&name, &resolved, text.as_deref())),
            Class::Other => return Ok(self.bypass(&name, "not-cacheable")),
            Class::Read(kind) => kind,
        };
        if method != "GET" && method != "POST" {
            return Ok(self.bypass(&name, "method"));
        }
        let Some(text) = text else {
            return Ok(self.bypass(&name, "params"));
        };
        let call = match convert::call_options(options) {
            Ok(call) => call,
            Err(_) => return Ok(self.bypass(&name, "options")),
        };
        match self.reading(&name, &resolved, &text, user, params, vary, call) {
            Err(reason) => Ok(self.bypass(&name, reason)),
            Ok(mut reading) => {
                let own = reading.policy.ttl;
                reading.policy = PolicyOverrides::merge(&reading.policy, &self.policy);
                reading.ttl = own.unwrap_or_else(|| endless(ttl_config::seconds(kind) * 1e3));
                Ok(self.plan_read(reading, manner, &name))
            }
        }
    }

    /// Whether a request to this endpoint changes something.
    #[wasm_bindgen(js_name = isMutation, skip_typescript)]
    pub fn is_mutation(&self, endpoint: &str) -> Result<bool, JsValue> {
        self.ready()?;
        Ok(matches!(self.resolve(endpoint).class, Class::Mutation(_)))
    }

    /// Plans a read of a key.
    #[wasm_bindgen(js_name = openKey, skip_typescript)]
    pub fn open_key(
        &self,
        key: &JsValue,
        options: &JsValue,
        manner: u8,
    ) -> Result<JsValue, JsValue> {
        self.ready()?;
        convert::check_key(key)?;
        let CallOptions { policy, tags } = convert::call_options(options)?;
        let policy = PolicyOverrides::merge(&policy, &self.policy);
        let reading = Reading {
            key: key.as_string().unwrap_or_default(),
            ttl: policy.ttl.unwrap_or(300_000.0),
            policy,
            tags,
            ..Reading::default()
        };
        let name = reading.key.clone();
        Ok(self.plan_read(reading, manner, &name))
    }

    /// Ends a load with a value; returns why it was not stored, if it was not.
    #[wasm_bindgen(skip_typescript)]
    pub fn fill(
        &self,
        plan: &JsValue,
        value: &JsValue,
        ttl: f64,
        tags: Vec<String>,
    ) -> Result<Option<String>, JsValue> {
        self.ready()?;
        let number = |name: &str| -> Result<f64, JsValue> {
            Ok(Reflect::get(plan, &name.into())?.as_f64().unwrap_or(0.0))
        };
        let policy = PolicyOverrides {
            stale_while_revalidate: Some(number("staleWhileRevalidate")?),
            stale_if_error: Some(number("staleIfError")?),
            jitter: Some(number("jitter")?),
            ..PolicyOverrides::default()
        };
        let (flight, key) = (
            flight(number("flight")?),
            Reflect::get(plan, &"key".into())?,
        );
        let bytes = self.cache.shelf().bytes_of(&key, value);
        let write = self.write(&policy, ttl, bytes)?;
        let filled = self
            .cache
            .fill(flight, &key, value.clone(), Store { write, tags });
        self.tell_stored(&key, &write, bytes, filled)
    }

    /// Ends a load that failed.
    #[wasm_bindgen(skip_typescript)]
    pub fn abandon(
        &self,
        number: f64,
        key: &JsValue,
        retry_backoff: f64,
        error: &JsValue,
    ) -> Result<(), JsValue> {
        self.ready()?;
        self.cache.abandon(flight(number), retry_backoff);
        if let Some(observer) = self.observer() {
            observer.failed(key, error);
            observer.flush();
        }
        Ok(())
    }

    /// Ends a load whose value is not to be stored; returns why it would not have been.
    #[wasm_bindgen(skip_typescript)]
    pub fn refuse(&self, number: f64, key: &JsValue) -> Result<Option<String>, JsValue> {
        self.ready()?;
        let refusal = self.cache.refuse(flight(number));
        let reason = refusal.map_or("unknown-load", |refusal| refusal.name());
        if let Some(observer) = self.observer() {
            observer.refused(key, reason);
            observer.flush();
        }
        Ok(Some(reason.to_owned()))
    }

    /// A moment to store against by `fillSince`.
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn moment(&self) -> f64 {
        self.cache.engine().borrow().moment() as f64
    }

    /// Stores a value that was read after `moment`, unless anything was invalidated since; returns why not.
    #[wasm_bindgen(js_name = fillSince, skip_typescript)]
    pub fn fill_since(
        &self,
        moment: f64,
        key: &JsValue,
        value: &JsValue,
        ttl: f64,
        tags: Vec<String>,
    ) -> Result<Option<String>, JsValue> {
        self.ready()?;
        convert::check_key(key)?;
        let bytes = self.cache.shelf().bytes_of(key, value);
        let write = self.write(&self.policy, ttl, bytes)?;
        let stored = self
            .cache
            .set_since(moment as u64, key, value.clone(), Store { write, tags });
        self.tell_stored(key, &write, bytes, stored)
    }

    /// The endpoints that a mutation under way touches, each by the segments that all of them begin with; `""`
    /// stands for every endpoint.
    #[wasm_bindgen(js_name = mutationScopes, skip_typescript)]
    pub fn mutation_scopes(&self, number: f64) -> Vec<String> {
        let mutations = self.mutations.borrow();
        let number = number as u64;
        let scopes = mutations
            .iter()
            .filter(|mutation| mutation.0 == number)
            .map(|(_, _, scopes)| scopes);
        let prefix = |scope: &Scope| {
            let pattern = scope.endpoint.as_ref();
            pattern
                .map_or("", |pattern| pattern.literal_prefix())
                .to_owned()
        };
        scopes.into_iter().flatten().map(prefix).collect()
    }

    /// The whole digest of a request, by which another process tells it from one with the same key.
    #[wasm_bindgen(skip_typescript)]
    pub fn identify(text: &str, vary: &JsValue) -> Result<Option<String>, JsValue> {
        let Ok(mut canonical) = key::canonical_stringified(text) else {
            return Ok(None);
        };
        let written = request_text(vary)?;
        if written != "{}"
            && let Ok(values) = key::canonical_stringified(&written)
        {
            canonical.text = format!("{}\n{}", canonical.text, values.text);
        }
        Ok(Some(canonical.digest().hex()))
    }

    /// Ends a mutation; returns how many entries went.
    #[wasm_bindgen(skip_typescript)]
    pub fn settle(&self, number: f64) -> Result<f64, JsValue> {
        self.ready()?;
        let number = number as u64;
        let ended = {
            let mut mutations = self.mutations.borrow_mut();
            let at = mutations.iter().position(|mutation| mutation.0 == number);
            at.map(|at| mutations.swap_remove(at))
        };
        let Some((_, name, scopes)) = ended else {
            return Ok(0.0);
        };
        let count = self.cache.settle(LeaseId(number), &scopes) as f64;
        if let Some(observer) = self.observer() {
            observer.mutation(&name, "settle", count);
            observer.flush();
        }
        Ok(count)
    }
}

fn flight(number: f64) -> FlightId {
    FlightId(number as u64)
}

/// A TTL in milliseconds where 0 means for ever.
fn endless(ms: f64) -> f64 {
    if ms == 0.0 { f64::INFINITY } else { ms }
}

/// A caller that must not wait for another's load.
const ALONE: u8 = 1;
/// A caller that begins no load: it cannot say when that ends.
const LOOK: u8 = 2;

/// Names resolved lately are remembered, up to this many.
const RESOLVED: usize = 1024;

impl CacheService {
    /// Tells the observer what became of a load's value; returns why it was not stored.
    fn tell_stored(
        &self,
        key: &JsValue,
        write: &Write,
        bytes: f64,
        stored: Result<(), Refusal>,
    ) -> Result<Option<String>, JsValue> {
        if let Some(observer) = self.observer() {
            match stored {
                Ok(()) => observer.set(key, write.ttl.as_seconds(), bytes),
                Err(refusal) => observer.refused(key, refusal.name()),
            }
            observer.flush();
        }
        Ok(stored.err().map(|refusal| refusal.name().to_owned()))
    }

    fn resolve(&self, name: &str) -> Rc<Resolved> {
        let mut memory = self.resolved.borrow_mut();
        let marked = Name::marked(name);
        let place = memory.places.get(&marked);
        if let Some(resolved) = place.and_then(|place| memory.resolved.get(*place as usize)) {
            return resolved.clone();
        }
        let resolved = Rc::new(self.rules.resolve(name));
        if memory.resolved.len() >= RESOLVED {
            *memory = Remembered::default();
        }
        if let Ok(place) = u32::try_from(memory.resolved.len()) {
            memory.places.insert(marked, place);
            memory.resolved.push(resolved.clone());
        }
        resolved
    }

    fn bypass(&self, name: &str, reason: &str) -> JsValue {
        self.cache.engine().borrow_mut().add_bypass();
        if let Some(observer) = self.observer() {
            observer.bypassed(name, reason);
            observer.flush();
        }
        Reading::default().plan("bypass", reason, -1, -1.0)
    }

    fn open_mutation(&self, name: &str, resolved: &Resolved, text: Option<&str>) -> JsValue {
        let (number, count) = self.lease(name, resolved, text);
        let none = Object::new().into();
        make_plan(
            "mutation",
            "",
            "",
            -1,
            number,
            &[],
            false,
            Vec::new(),
            None,
            &none,
            count,
        )
    }

    /// Begins a mutation: its number, and how many entries went.
    fn lease(&self, name: &str, resolved: &Resolved, text: Option<&str>) -> (f64, f64) {
        let params = text.and_then(|text| key::canonical_stringified(text).ok());
        let narrowing = params
            .as_ref()
            .and_then(|params| resolved.narrowing(params));
        let scope = |pattern: &endpoint::EndpointPattern| Scope {
            narrowing: narrowing.clone(),
            ..Scope::endpoint(pattern.clone())
        };
        let scopes: Vec<Scope> = resolved.invalidates.iter().map(scope).collect();
        let (LeaseId(number), count) = self.cache.begin_mutation(scopes.clone());
        self.mutations
            .borrow_mut()
            .push((number, name.to_owned(), scopes));
        if let Some(observer) = self.observer() {
            observer.mutation(name, "begin", count as f64);
            observer.flush();
        }
        (number as f64, count as f64)
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one request")]
    fn reading(
        &self,
        name: &str,
        resolved: &Resolved,
        text: &str,
        user: &JsValue,
        params: &JsValue,
        vary: &JsValue,
        call: CallOptions,
    ) -> Result<Reading, &'static str> {
        let user = match resolved.scope {
            Audience::Shared => None,
            Audience::Auto => convert::user_id(user).map_err(|_| "user-id")?,
            Audience::User => Some(
                convert::user_id(user)
                    .map_err(|_| "user-id")?
                    .ok_or("no-user")?,
            ),
        };
        let mut canonical = key::canonical_stringified(text).map_err(|_| "params")?;
        let mut tags = call.tags;
        tags.extend(resolved.tags.iter().cloned());
        tags.extend(resolved.id_tag(&canonical));
        let tagged = self.add_function_tags(name, user.as_deref(), params, &mut tags)?;
        let varying = vary_values(&resolved.vary, vary).map_err(|_| "params")?;
        if let Some((_, written)) = &varying {
            canonical = Canonical {
                text: format!("{}\n{written}", canonical.text),
            };
        }
        let digest = canonical.digest();
        let key =
            key::cache_key(name, &digest, user.as_deref()).map_err(|error| match error.code() {
                "ERR_USER_ID" => "user-id",
                "ERR_ENDPOINT" => "endpoint",
                _ => "key-length",
            })?;
        Ok(Reading {
            key,
            policy: PolicyOverrides::merge(&call.policy, &resolved.policy),
            tags,
            user,
            by_text: varying.is_none() && !tagged,
            vary: varying.map(|(values, _)| values),
            digest: Some(digest),
            ttl: 0.0,
        })
    }

    /// Adds the tags that the user's functions name; true when there was a function to ask.
    fn add_function_tags(
        &self,
        name: &str,
        user: Option<&str>,
        params: &JsValue,
        tags: &mut Vec<String>,
    ) -> Result<bool, &'static str> {
        let mut asked = false;
        for (_, tagger) in self
            .taggers
            .iter()
            .filter(|(pattern, _)| pattern.covers(name))
        {
            asked = true;
            let request = Object::new();
            let user = user.map_or(JsValue::UNDEFINED, JsValue::from);
            let _ = Reflect::set(&request, &"endpoint".into(), &name.into());
            let _ = Reflect::set(&request, &"userId".into(), &user);
            let named = Function::call2(tagger, &JsValue::UNDEFINED, params, &request);
            let named = named.map_err(|_| "options")?;
            tags.extend(convert::texts(&named, "tags").map_err(|_| "options")?);
        }
        Ok(asked)
    }

    /// A hit, or a miss without a load to run.
    fn look(&self, reading: Reading, key: &JsValue) -> JsValue {
        let digest = reading.digest.map(|digest| digest.0);
        let slot = self.cache.look(key, digest);
        if let Some(observer) = self.observer() {
            match slot {
                Some(_) => observer.hit(key, self.age(key)),
                None => observer.miss(key),
            }
            observer.flush();
        }
        match slot.and_then(|slot| i32::try_from(slot.0).ok()) {
            Some(slot) => reading.plan("hit", "", slot, -1.0),
            None => reading.plan("miss", "", -1, -1.0),
        }
    }

    fn plan_read(&self, reading: Reading, manner: u8, name: &str) -> JsValue {
        let policy = &reading.policy;
        let ask = Ask {
            tags: reading.tags.clone(),
            digest: reading.digest.map(|digest| digest.0),
            stale_while_revalidate: policy.stale_while_revalidate.unwrap_or(0.0),
            stale_if_error: policy.stale_if_error.unwrap_or(0.0),
            eager_refresh: policy.eager_refresh,
            alone: manner == ALONE,
        };
        let key: JsValue = reading.key.as_str().into();
        if manner == LOOK {
            return self.look(reading, &key);
        }
        let plan = self.cache.begin(&key, &ask);
        let number =
            |flight: Option<FlightId>| flight.map_or(-1.0, |FlightId(number)| number as f64);
        let place = |slot: Option<crate::core::store::Slot>| {
            slot.and_then(|slot| i32::try_from(slot.0).ok())
                .unwrap_or(-1)
        };
        let (kind, reason, slot, flight) = match plan {
            Plan::Hit(slot, load) => ("hit", "", place(Some(slot)), number(load)),
            Plan::Stale(slot, load) => ("stale", "", place(Some(slot)), number(load)),
            Plan::Miss(load, stale) => ("miss", "", place(stale), number(Some(load))),
            Plan::Join(load, stale) => ("join", "", place(stale), number(Some(load))),
            Plan::Bypass(reason) => ("bypass", reason.name(), -1, -1.0),
        };
        if let Some(observer) = self.observer() {
            match plan {
                Plan::Hit(..) => observer.hit(&key, self.age(&key)),
                Plan::Stale(..) => observer.stale(&key, self.age(&key)),
                Plan::Miss(..) => observer.miss(&key),
                Plan::Join(..) => observer.joined(&key),
                Plan::Bypass(reason) => observer.bypassed(name, reason.name()),
            }
            observer.flush();
        }
        reading.plan(kind, reason, slot, flight)
    }
}

/// The values of a request that a rule makes part of the key: an object of strings, and its canonical text.
fn vary_values(names: &[String], given: &JsValue) -> Result<Option<(JsValue, String)>, JsValue> {
    if names.is_empty() {
        return Ok(None);
    }
    let values = Object::new();
    for name in names {
        let value = if convert::is_nothing(given) {
            JsValue::UNDEFINED
        } else {
            Reflect::get(given, &name.as_str().into())?
        };
        if !convert::is_nothing(&value) {
            let value: JsValue = js_sys::JsString::from(convert::as_text(&value)).into();
            Reflect::set(&values, &name.as_str().into(), &value)?;
        }
    }
    let text = request_text(&values)?;
    let canonical =
        key::canonical_stringified(&text).map_err(|error| super::errors::key(&error))?;
    Ok(Some((values.into(), canonical.text)))
}
