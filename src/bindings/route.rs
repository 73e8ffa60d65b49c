//! `routeRequest` and `getOrSet`: planned here, awaited in `host/drive.js`.
//!
//! `openRequest` and `openKey` turn a call into a plan; the driver does what it says and reports by `fill`,
//! `abandon`, `refuse` and `settle`. What a request's own words get wrong becomes a bypass with a reason.

use super::convert::{self, Call, CallOptions, DEFAULT_TTL};
use super::errors;
use super::reading::{Reading, Unread, append, bypass_plan};
use super::service::CacheService;
use super::texts;
use super::ttl_config;
use crate::core::cache::PutOptions;
use crate::core::endpoint;
use crate::core::groups::Scope;
use crate::core::in_flight::{LoadId, MutationId};
use crate::core::key::{self, Digest};
use crate::core::rules::PolicyOverrides;
use crate::core::rules::{EndpointClass, Resolved};
use crate::core::stats::Refusal;
use js_sys::{Array, Promise};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host.js")]
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

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    #[wasm_bindgen(js_name = mutation)]
    fn mutation_plan(number: f64, count: f64) -> JsValue;
}

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    #[wasm_bindgen(js_name = estimateBytes)]
    fn estimate_bytes(value: &JsValue) -> f64;
}

/// Bytes of a value as the cache counts them where no `sizeOf` is given.
#[wasm_bindgen(js_name = estimateBytes)]
pub fn estimate_size(#[wasm_bindgen(unchecked_param_type = "unknown")] value: &JsValue) -> f64 {
    estimate_bytes(value)
}

/// The version of the crate, and of the package around it.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
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

#[wasm_bindgen]
impl CacheService {
    /// Plans a request. `reads`: whether its method may be answered from the cache. `manner`: 0 may join a load, 1 must not,
    /// 2 begins no load either.
    #[wasm_bindgen(js_name = openRequest, skip_typescript)]
    #[allow(
        clippy::too_many_arguments,
        reason = "one call from JavaScript instead of an object to take apart"
    )]
    pub fn open_request(
        &self,
        endpoint: &JsValue,
        reads: bool,
        user: &JsValue,
        text: &JsValue,
        params: &JsValue,
        vary: &JsValue,
        options: &JsValue,
        manner: u8,
    ) -> Result<JsValue, JsValue> {
        self.ready()?;
        let name = endpoint.as_string().unwrap_or_default();
        let named = endpoint_name(endpoint);
        let resolved = self.resolve(&name);
        let text = text.as_string();
        let text = text.as_deref();
        let kind = match resolved.class {
            EndpointClass::Mutation(_) => {
                return Ok(self.open_mutation(&name, &resolved, text, params));
            }
            _ if named.is_err() => {
                return Ok(self.bypass("endpoint", &named.err().unwrap_or(NOTHING)));
            }
            EndpointClass::Other if resolved.kept_out => {
                return Ok(self.bypass("kept-out", &NOTHING));
            }
            EndpointClass::Other => return Ok(self.bypass("not-cacheable", &NOTHING)),
            EndpointClass::Read(kind) => kind,
        };
        if !reads {
            return Ok(self.bypass("method", &NOTHING));
        }
        match self.reading(&name, &resolved, text, user, params, vary, options, manner) {
            Err(Unread { reason, error }) => Ok(self.bypass(reason, &error)),
            Ok(mut reading) => {
                let own = reading.policy.ttl;
                reading.policy = PolicyOverrides::merge(&reading.policy, &self.policy);
                reading.ttl = own.unwrap_or_else(|| endless(ttl_config::seconds(kind) * 1e3));
                let key = reading.key.as_str().into();
                Ok(self.plan_read(&reading, &key, manner))
            }
        }
    }

    /// Whether a request to this endpoint changes something.
    #[wasm_bindgen(js_name = isMutation, skip_typescript)]
    pub fn is_mutation(&self, endpoint: &JsValue) -> Result<bool, JsValue> {
        self.ready()?;
        let name = endpoint.as_string().unwrap_or_default();
        Ok(matches!(
            self.resolve(&name).class,
            EndpointClass::Mutation(_)
        ))
    }

    /// Plans a read of a key.
    #[wasm_bindgen(js_name = openKey, skip_typescript)]
    pub fn open_key(
        &self,
        key: &JsValue,
        options: &JsValue,
        manner: u8,
    ) -> Result<JsValue, JsValue> {
        self.open(key)?;
        let CallOptions {
            policy,
            tags,
            too_many_tags,
        } = convert::call_options(options, Call::Load)?;
        let policy = PolicyOverrides::merge(&policy, &self.policy);
        let reading = Reading {
            key: key.as_string().unwrap_or_default(),
            ttl: policy.ttl.unwrap_or(DEFAULT_TTL),
            policy,
            tags,
            too_many_tags,
            ..Reading::default()
        };
        Ok(self.plan_read(&reading, key, manner))
    }

    /// Ends a load with a value; returns why it was not stored, if it was not. `window`: milliseconds past its TTL in which
    /// it is of use.
    #[wasm_bindgen(skip_typescript)]
    #[allow(
        clippy::too_many_arguments,
        reason = "numbers cost nothing on their way, and an object that has them one call for each"
    )]
    pub fn fill(
        &self,
        number: f64,
        key: &JsValue,
        value: &JsValue,
        ttl: f64,
        tags: &Array,
        jitter: f64,
        window: f64,
    ) -> Result<JsValue, JsValue> {
        self.ready()?;
        if convert::are_too_many(tags) {
            convert::warn_of_tags(self.cache.host_store(), key);
            return Ok(self.refuse_for(number, key, Refusal::TooManyTags));
        }
        let bytes = self.cache.host_store().bytes_of(key, value);
        let write = self.write(jitter, window, ttl, bytes)?;
        let tags = texts::read(tags);
        let filled = self.cache.fill(
            flight(number),
            key,
            value.clone(),
            PutOptions { write, tags },
        );
        Ok(self.tell_stored(key, &write, bytes, filled))
    }

    /// Ends a load that failed, or that nobody waits for; returns the moment to store against by `fillSince` what it may
    /// bring all the same, or undefined where that may not be stored.
    #[wasm_bindgen(skip_typescript)]
    pub fn abandon(
        &self,
        number: f64,
        key: &JsValue,
        retry_backoff: f64,
        error: &JsValue,
    ) -> Result<Option<f64>, JsValue> {
        self.ready()?;
        let moment = self.cache.engine().borrow().moment_of(flight(number));
        if self.cache.end_failed(flight(number), retry_backoff) {
            self.tell_failed(key, error);
        }
        Ok(moment.map(|moment| moment as f64))
    }

    /// Ends a load whose value is not to be stored; returns why: `reason`, or what had covered its key before. A reason that
    /// is no [`Refusal`]'s name, or none at all, is "not-storable".
    #[wasm_bindgen(skip_typescript)]
    pub fn refuse(&self, number: f64, key: &JsValue, reason: &JsValue) -> Result<JsValue, JsValue> {
        self.ready()?;
        let refusal = self.cache.refuse_as(flight(number), named(reason));
        Ok(self.tell_refused(key, refusal.unwrap_or(Refusal::Unknown)))
    }

    /// A moment to store against by `fillSince`.
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn moment(&self) -> f64 {
        self.cache.engine().borrow().moment() as f64
    }

    /// Stores a value that was read after `moment`, unless anything was invalidated since; returns why not. `jitter` and
    /// `window` are the service's where they are not given; `text` and `vary` are what `identify` takes, for a request's value.
    #[wasm_bindgen(js_name = fillSince, skip_typescript)]
    #[allow(
        clippy::too_many_arguments,
        reason = "numbers cost nothing on their way, and an object that has them one call for each"
    )]
    pub fn fill_since(
        &self,
        moment: f64,
        key: &JsValue,
        value: &JsValue,
        ttl: f64,
        tags: &Array,
        jitter: Option<f64>,
        window: Option<f64>,
        text: &JsValue,
        vary: &JsValue,
    ) -> Result<JsValue, JsValue> {
        self.open(key)?;
        if convert::are_too_many(tags) {
            convert::warn_of_tags(self.cache.host_store(), key);
            self.cache
                .engine()
                .borrow_mut()
                .add_refusal(Refusal::TooManyTags);
            return Ok(self.tell_refused(key, Refusal::TooManyTags));
        }
        // Not an option, of which 0 is for ever, but what an answer says of itself.
        if ttl.is_nan() || ttl <= 0.0 {
            self.cache
                .engine()
                .borrow_mut()
                .add_refusal(Refusal::NoLifetime);
            return Ok(self.tell_refused(key, Refusal::NoLifetime));
        }
        let bytes = self.cache.host_store().bytes_of(key, value);
        let mut write = match (jitter, window) {
            (Some(jitter), Some(window)) => self.write(jitter, window, ttl, bytes)?,
            _ => self.write_under(&self.policy, ttl, bytes)?,
        };
        write.digest = digest_of(text, vary).map(|digest| digest.0);
        let tags = texts::read(tags);
        let stored = self.cache.set_since(
            moment as u64,
            key,
            value.clone(),
            PutOptions { write, tags },
        );
        Ok(self.tell_stored(key, &write, bytes, stored))
    }

    /// The endpoints that a mutation under way touches, each by the segments that all of them begin with; `""`
    /// stands for every endpoint.
    #[wasm_bindgen(js_name = mutationScopes, skip_typescript)]
    pub fn mutation_scopes(&self, number: f64) -> Array {
        let engine = self.cache.engine().borrow();
        let mut prefixes = Vec::new();
        match engine.scopes_of(MutationId(number as u64)) {
            Some(scopes) => {
                for scope in scopes {
                    let pattern = scope.endpoint.as_ref();
                    prefixes.push(pattern.map_or("", |it| it.literal_prefix()).to_owned());
                }
            }
            // Its time ran out, or it is one of more than can be listed: it may touch anything.
            None => prefixes.push(String::new()),
        }
        texts::list(&prefixes)
    }

    /// The whole digest of a request, by which another process tells it from one with the same key: of the texts of its
    /// params and of the values that are part of the key.
    #[wasm_bindgen(skip_typescript)]
    pub fn identify(text: &JsValue, vary: &JsValue) -> Option<String> {
        digest_of(text, vary).map(|digest| digest.hex())
    }

    /// Ends a mutation of `endpoint`, whose params have this text; returns how many entries went. The engine knows what it
    /// covers; where its time ran out meanwhile, that is found out anew, so that nobody has to hold it for a handler that
    /// may never end. `wide`: its params are not what they were when it began, so they spare nothing. `before`: how many
    /// entries went when it began.
    #[wasm_bindgen(skip_typescript)]
    pub fn settle(
        &self,
        number: f64,
        endpoint: &JsValue,
        text: &JsValue,
        wide: bool,
        before: f64,
    ) -> Result<f64, JsValue> {
        self.ready()?;
        let lease = MutationId(number as u64);
        let name = endpoint.as_string().unwrap_or_default();
        let known = self.cache.settle_known(lease);
        let count = match known {
            Some(count) if !wide => count,
            _ => {
                let text = text.as_string().filter(|_| !wide);
                // A user's function that finds the id is not asked again: without it nothing is spared.
                let scopes = self.scopes_of(&name, &self.resolve(&name), text.as_deref(), None);
                let count = self.cache.settle(lease, &scopes);
                count.saturating_add(known.unwrap_or_default())
            }
        };
        let count = count as f64;
        self.tell_mutation(&name, "settle", count, count + before.max(0.0));
        Ok(count)
    }
}

/// The digest of the texts of a request's params and of the values that are part of its key.
fn digest_of(text: &JsValue, vary: &JsValue) -> Option<Digest> {
    let canonical = |text: &JsValue| key::canonical_stringified(&text.as_string()?).ok();
    let mut request = canonical(text)?;
    if let Some(values) = canonical(vary)
        && values.text != "{}"
    {
        append(&mut request, &values);
    }
    Some(request.digest())
}

/// No error is behind it.
const NOTHING: JsValue = JsValue::UNDEFINED;

/// An endpoint's name, or what is wrong with it.
fn endpoint_name(endpoint: &JsValue) -> Result<String, JsValue> {
    let name = convert::text(endpoint, "an endpoint")?;
    match endpoint::validate(&name) {
        Ok(()) => Ok(name),
        Err(error) => Err(errors::endpoint(&error)),
    }
}

/// The refusal of that name.
fn named(reason: &JsValue) -> Refusal {
    let name = reason.as_string().unwrap_or_default();
    let known = Refusal::ALL.iter().find(|known| known.name() == name);
    known.copied().unwrap_or(Refusal::NotStorable)
}

fn flight(number: f64) -> LoadId {
    LoadId(number as u64)
}

/// A TTL in milliseconds where 0 means for ever.
fn endless(ms: f64) -> f64 {
    if ms == 0.0 { f64::INFINITY } else { ms }
}

impl CacheService {
    fn refuse_for(&self, number: f64, key: &JsValue, reason: Refusal) -> JsValue {
        let refusal = self.cache.refuse_as(flight(number), reason);
        self.tell_refused(key, refusal.unwrap_or(Refusal::Unknown))
    }

    fn resolve(&self, name: &str) -> Rc<Resolved> {
        let mut memory = self.resolved.borrow_mut();
        memory.get(name, || self.rules.resolve_request(name))
    }

    #[inline(never)]
    fn bypass(&self, reason: &str, error: &JsValue) -> JsValue {
        self.cache.engine().borrow_mut().add_bypass();
        bypass_plan(reason, error)
    }

    fn open_mutation(
        &self,
        name: &str,
        resolved: &Resolved,
        text: Option<&str>,
        params: &JsValue,
    ) -> JsValue {
        let (number, count) = self.lease(name, resolved, text, params);
        mutation_plan(number, count)
    }

    /// What a mutation covers; params can only narrow it.
    fn scopes_of(
        &self,
        name: &str,
        resolved: &Resolved,
        text: Option<&str>,
        params: Option<&JsValue>,
    ) -> Vec<Scope> {
        let narrowing = text
            .and_then(|text| key::canonical_stringified(text).ok())
            .and_then(|text| self.id_tag(name, resolved, &text, params))
            .and_then(|tag| resolved.narrowing_to(tag));
        let mut scopes = Vec::new();
        for pattern in &resolved.invalidates {
            scopes.push(Scope {
                narrowing: narrowing.clone(),
                ..Scope::endpoint(pattern.clone())
            });
        }
        scopes
    }

    /// Begins a mutation: its number, and how many entries went.
    fn lease(
        &self,
        name: &str,
        resolved: &Resolved,
        text: Option<&str>,
        params: &JsValue,
    ) -> (f64, f64) {
        let scopes = self.scopes_of(name, resolved, text, Some(params));
        let (MutationId(number), count) = self.cache.begin_mutation(scopes);
        let count = count as f64;
        self.tell_mutation(name, "begin", count, count);
        (number as f64, count)
    }
}
