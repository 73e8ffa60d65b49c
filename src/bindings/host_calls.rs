//! What the host calls for every request: numbers in, numbers out. Texts lie in the memory of [`exchange`](super::exchange).
//!
//! `host/core.ts` says what each takes and gives. The host has the map from key to slot, the keys and the values; it decides nothing.

use super::exchange::{self, leave};
use super::options;
use super::service::CacheService;
use super::ttl_config;
use crate::contract::{ALONE, BYPASS, HIT, JOIN, LOOK, MISS, REQUEST, STALE};
use crate::core::cache::{PutOptions, ReadOptions};
use crate::core::endpoint;
use crate::core::engine::{Plan, Write};
use crate::core::groups::Scope;
use crate::core::in_flight::{LoadId, MutationId};
use crate::core::key;
use crate::core::rules::{EndpointClass, PolicyOverrides, Resolved, Visibility};
use crate::core::slots::Slot;
use crate::core::stats::Refusal;
use serde::Serialize;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// No slot, no load.
const NONE: f64 = -1.0;

/// What holds for an endpoint, as the host keeps it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Profile<'a> {
    kind: &'static str,
    reason: &'static str,
    problem: String,
    visibility: &'static str,
    tags: &'a [String],
    vary: &'a [String],
    resource_id: Option<&'a str>,
    resource_id_by: Option<u32>,
    taggers: Vec<u32>,
    ttl: f64,
    stale_while_revalidate: f64,
    stale_if_error: f64,
    soft_timeout: f64,
    hard_timeout: f64,
    jitter: f64,
    eager_refresh: f64,
    negative_ttl: f64,
    retry_backoff: f64,
}

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

/// A TTL in milliseconds where 0 means for ever.
fn endless(ms: f64) -> f64 {
    if ms == 0.0 { f64::INFINITY } else { ms }
}

#[wasm_bindgen]
impl CacheService {
    /// What holds for the endpoint that was written.
    pub fn profile(&self, length: usize) -> Result<JsValue, JsValue> {
        exchange::text(0, length, |name| {
            let resolved = self.resolve(name);
            let (kind, reason, problem) = self.kind_of(name, &resolved);
            let mut taggers = Vec::new();
            for (pattern, tagger) in &self.taggers {
                if pattern.covers(name) {
                    taggers.push(*tagger);
                }
            }
            let policy = PolicyOverrides::merge(&resolved.policy, &self.policy);
            let ttl = match (resolved.policy.ttl, resolved.class) {
                (Some(ttl), _) => ttl,
                (None, EndpointClass::Read(kind)) => endless(ttl_config::seconds(kind) * 1e3),
                _ => 0.0,
            };
            let profile = Profile {
                kind,
                reason,
                problem,
                visibility: match resolved.visibility {
                    Visibility::Auto => "auto",
                    Visibility::User => "user",
                    Visibility::Shared => "shared",
                },
                tags: &resolved.tags,
                vary: &resolved.vary,
                resource_id: resolved.resource_id.as_deref(),
                resource_id_by: resolved.resource_id_by,
                taggers,
                ttl,
                stale_while_revalidate: policy.stale_while_revalidate.unwrap_or(0.0),
                stale_if_error: policy.stale_if_error.unwrap_or(0.0),
                soft_timeout: policy.soft_timeout.unwrap_or(f64::INFINITY),
                hard_timeout: policy.hard_timeout.unwrap_or(f64::INFINITY),
                jitter: policy.jitter.unwrap_or(0.0),
                eager_refresh: policy.eager_refresh.unwrap_or(1.0),
                negative_ttl: policy.negative_ttl.unwrap_or(-1.0),
                retry_backoff: policy.retry_backoff.unwrap_or(f64::NAN),
            };
            Ok(serde_wasm_bindgen::to_value(&profile)?)
        })
    }

    /// The tag of a resource's id, from an endpoint and params that hold it.
    #[wasm_bindgen(js_name = resourceTag)]
    pub fn resource_tag(&self, length: usize) -> Option<String> {
        exchange::text(0, length, |text| {
            let (endpoint, params) = text.split_once('\n')?;
            let resolved = self.resolve(endpoint);
            let canonical = key::canonical_stringified(params).ok()?;
            let id = match resolved.resource_id_by {
                // What a user's function found is written by itself.
                Some(_) => canonical.whole_scalar()?,
                None => canonical.scalar(resolved.resource_id.as_deref()?)?,
            };
            self.id_tag(&resolved, id)
        })
    }

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

    /// Finds a slot for a value that the host keeps itself.
    #[allow(
        clippy::too_many_arguments,
        reason = "numbers cost nothing on their way"
    )]
    pub fn place(
        &self,
        slot: i32,
        key: usize,
        tags: usize,
        ttl: f64,
        window: f64,
        bytes: f64,
        jitter: f64,
        now: f64,
    ) -> i32 {
        let Some(write) = self.write(jitter, window, ttl, bytes) else {
            return refused(Refusal::NoLifetime);
        };
        let tags = exchange::tags(key, tags);
        let store = PutOptions { write, tags };
        placed(exchange::text(0, key, |key| {
            self.cache.place_in(slot_of(slot), key, &store, now)
        }))
    }

    /// Refuses a value that was set by hand, for a reason of the host's.
    pub fn reject(&self, slot: i32, reason: u32, now: f64) {
        self.cache.reject_in(slot_of(slot), refusal(reason), now);
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

    /// Begins a mutation of the endpoint that was written, and of the id whose tag is behind it.
    #[wasm_bindgen(js_name = beginMutation)]
    pub fn begin_mutation(&self, endpoint: usize, tag: usize, now: f64) -> f64 {
        let scopes = self.scopes_of(endpoint, tag);
        let (MutationId(number), count) = self.cache.begin_mutation_at(scopes, now);
        leave([NONE, NONE, NONE, count as f64]);
        number as f64
    }

    /// Ends a mutation of the endpoint that was written.
    pub fn settle(&self, number: f64, endpoint: usize, tag: usize, wide: bool, now: f64) -> f64 {
        let mutation = MutationId(number as u64);
        let scopes = || self.scopes_of(endpoint, tag);
        self.cache.settle_at(mutation, wide, scopes, now) as f64
    }

    /// Begins a mutation of scopes.
    #[wasm_bindgen(js_name = beginScopes)]
    pub fn begin_scopes(
        &self,
        #[wasm_bindgen(unchecked_param_type = "object[]")] scopes: JsValue,
        now: f64,
    ) -> Result<f64, JsValue> {
        let scopes = options::scopes(scopes)?;
        let (MutationId(number), count) = self.cache.begin_mutation_at(scopes, now);
        leave([NONE, NONE, NONE, count as f64]);
        Ok(number as f64)
    }

    /// Ends a mutation of scopes.
    #[wasm_bindgen(js_name = settleScopes)]
    pub fn settle_scopes(
        &self,
        number: f64,
        #[wasm_bindgen(unchecked_param_type = "object[]")] scopes: JsValue,
        now: f64,
    ) -> Result<f64, JsValue> {
        let scopes = options::scopes(scopes)?;
        let mutation = MutationId(number as u64);
        let count = self.cache.settle_at(mutation, false, || scopes, now);
        Ok(count as f64)
    }

    /// The endpoints that an active mutation touches, each by the segments that all of them begin with; `""` stands for every one.
    #[wasm_bindgen(js_name = mutationScopes)]
    pub fn mutation_scopes(&self, number: f64) -> Vec<String> {
        let engine = self.cache.engine().borrow();
        let Some(scopes) = engine.scopes_of(MutationId(number as u64)) else {
            // It is not known any more: it may touch anything.
            return vec![String::new()];
        };
        let mut prefixes = Vec::new();
        for scope in scopes {
            let pattern = scope.endpoint.as_ref();
            prefixes.push(pattern.map_or("", |it| it.literal_prefix()).to_owned());
        }
        prefixes
    }
}

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    /// An id in Unicode's normal form, from the content of a JSON string.
    #[wasm_bindgen(js_name = normalId)]
    fn normal_id(id: &str) -> Option<String>;
}

impl CacheService {
    /// The tag of an id as it stands in a JSON text; `None` where it cannot be told from others.
    fn id_tag(&self, resolved: &Resolved, id: &str) -> Option<String> {
        // Most ids have no character that is written as an escape, and are in their normal form.
        if !id.contains('\\') {
            return resolved.tag_of(id);
        }
        let mut plain = String::new();
        for c in normal_id(id)?.chars() {
            // Tags are handed over with line feeds between them. An id that has the same form by chance is spared no more for it.
            if c.is_control() {
                plain.extend(c.escape_default());
            } else {
                plain.push(c);
            }
        }
        resolved.tag_of(&plain)
    }

    fn resolve(&self, name: &str) -> Rc<Resolved> {
        let mut memory = self.resolved.borrow_mut();
        memory.get(name, || self.rules.resolve_request(name))
    }

    /// What a request to an endpoint is, why it is not cached, and what is wrong with its name.
    fn kind_of(&self, name: &str, resolved: &Resolved) -> (&'static str, &'static str, String) {
        if let EndpointClass::Mutation(_) = resolved.class {
            return ("mutation", "", String::new());
        }
        if let Err(error) = endpoint::validate(name) {
            return ("other", "endpoint", error.to_string());
        }
        match resolved.class {
            EndpointClass::Read(_) => ("read", "", String::new()),
            _ if resolved.kept_out => ("other", "kept-out", String::new()),
            _ => ("other", "not-cacheable", String::new()),
        }
    }

    /// What a mutation of the endpoint that was written covers; the tag of an id, behind it, can only narrow it.
    fn scopes_of(&self, endpoint: usize, tag: usize) -> Vec<Scope> {
        let resolved = exchange::text(0, endpoint, |name| self.resolve(name));
        let narrowing = if tag == 0 {
            None
        } else {
            exchange::text(endpoint, tag, |tag| resolved.narrowing_to(tag.to_owned()))
        };
        let mut scopes = Vec::new();
        for pattern in &resolved.invalidates {
            scopes.push(Scope {
                narrowing: narrowing.clone(),
                ..Scope::endpoint(pattern.clone())
            });
        }
        scopes
    }
}
