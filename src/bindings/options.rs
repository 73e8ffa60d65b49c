//! What a cache is made from, as JavaScript hands it over: read by name, once `host/options.ts` has checked it.

use super::errors;
use super::host_store::JsHostStore;
use crate::core::endpoint::EndpointPattern;
use crate::core::engine::Limits;
use crate::core::groups::Scope;
use crate::core::key;
use crate::core::rules::{EndpointRules, PolicyOverrides, Rule, RuleSpec, Visibility};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    /// What was read of a service's options.
    type Given;

    #[wasm_bindgen(method, getter, structural)]
    fn engine(this: &Given) -> JsValue;
    #[wasm_bindgen(method, getter, structural, js_name = hostStore)]
    fn host_store(this: &Given) -> JsHostStore;

    #[wasm_bindgen(catch, js_name = setOptions)]
    fn read_set(
        host: &JsHostStore,
        key: &JsValue,
        value: &JsValue,
        options: &JsValue,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = serviceOptions)]
    fn read_service(options: &JsValue, memory: &JsValue) -> Result<Given, JsValue>;
}

/// What the engine reads of a service's options.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EngineOptions {
    limits: LimitOptions,
    policy: PolicyOverrides,
    rules: Vec<RuleOptions>,
}

/// Bounds. Counts may be infinite.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LimitOptions {
    max_entries: f64,
    max_bytes: f64,
    max_entry_bytes: f64,
    max_loads: f64,
    max_followers: f64,
    max_load_ms: f64,
    max_mutation_ms: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RuleOptions {
    pattern: String,
    cache: Option<bool>,
    mutation: Option<bool>,
    visibility: Option<VisibilityOption>,
    policy: PolicyOverrides,
    tags: Vec<String>,
    vary: Vec<String>,
    invalidates: Option<Vec<String>>,
    also_invalidates: Vec<String>,
    resource_id: Option<String>,
    resource_id_by: Option<u32>,
    /// The number of the function that names tags.
    tagger: Option<u32>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum VisibilityOption {
    Auto,
    User,
    Shared,
}

/// What one call of `set` asks for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SetOptions {
    pub(super) policy: PolicyOverrides,
    pub(super) tags: Vec<String>,
    /// There are more than an entry may have.
    pub(super) too_many_tags: bool,
}

/// Reads the options of a call of `set`, and checks its key and its value.
pub(super) fn set_options(
    host: &JsHostStore,
    key: &JsValue,
    value: &JsValue,
    options: &JsValue,
) -> Result<SetOptions, JsValue> {
    let read = read_set(host, key, value, options)?;
    Ok(serde_wasm_bindgen::from_value(read)?)
}

/// What a mutation touches: the entries for which all members hold.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScopeOptions {
    endpoint: Option<String>,
    user: Option<String>,
    tag: Option<String>,
}

/// Reads the scopes of a mutation.
pub(super) fn scopes(given: JsValue) -> Result<Vec<Scope>, JsValue> {
    let given: Vec<ScopeOptions> = serde_wasm_bindgen::from_value(given)?;
    let mut scopes = Vec::with_capacity(given.len());
    for scope in given {
        scopes.push(Scope {
            endpoint: match scope.endpoint {
                None => None,
                Some(pattern) => Some(endpoint_pattern(&pattern)?),
            },
            user: scope.user.map(|user| key::encode_user(&user).into_owned()),
            tag: scope.tag,
            ..Scope::default()
        });
    }
    Ok(scopes)
}

/// Everything a cache is made from.
pub(super) struct ServiceOptions {
    pub(super) host_store: JsHostStore,
    pub(super) limits: Limits,
    pub(super) policy: PolicyOverrides,
    pub(super) rules: EndpointRules,
    /// The numbers of functions that name tags, by what they apply to.
    pub(super) taggers: Vec<(EndpointPattern, u32)>,
}

/// Entries and loads at most, whatever is asked for: a JavaScript `Map` holds 2²⁴ keys in V8, and both are among them.
const MOST_ENTRIES: usize = (1 << 24) - MOST_LOADS - (1 << 10);
const MOST_LOADS: usize = 1 << 20;

/// Entries from which an invalidation that leaves none of them drops the host's maps whole: sixteen times as many as
/// `explain` can tell of one by one.
const BULK_CLEAR_THRESHOLD: usize = 16_384;

impl From<LimitOptions> for Limits {
    fn from(given: LimitOptions) -> Self {
        // A count beyond the type's largest number is that number.
        Limits {
            max_entries: (given.max_entries as usize).min(MOST_ENTRIES),
            max_bytes: given.max_bytes,
            max_entry_bytes: given.max_entry_bytes,
            max_loads: (given.max_loads as usize).min(MOST_LOADS),
            max_followers: given.max_followers as u32,
            max_load_ms: given.max_load_ms,
            max_mutation_ms: given.max_mutation_ms,
            bulk_clear_threshold: BULK_CLEAR_THRESHOLD,
        }
    }
}

/// Reads what a cache is made from: a default TTL in seconds, an object, or nothing; or what was read from it before.
pub(super) fn service_options(options: &JsValue) -> Result<ServiceOptions, JsValue> {
    let given = read_service(options, &wasm_bindgen::memory())?;
    let options: EngineOptions = serde_wasm_bindgen::from_value(given.engine())?;
    let mut rules = EndpointRules::new();
    let mut taggers = Vec::new();
    for rule in options.rules {
        let tagger = rule.tagger;
        let rule = rule_of(rule)?;
        if let Some(tagger) = tagger {
            taggers.push((rule.pattern.clone(), tagger));
        }
        rules.add(rule);
    }
    Ok(ServiceOptions {
        host_store: given.host_store(),
        limits: options.limits.into(),
        policy: options.policy,
        rules,
        taggers,
    })
}

fn rule_of(given: RuleOptions) -> Result<Rule, JsValue> {
    let visibility = given.visibility.map(|visibility| match visibility {
        VisibilityOption::Auto => Visibility::Auto,
        VisibilityOption::User => Visibility::User,
        VisibilityOption::Shared => Visibility::Shared,
    });
    let spec = RuleSpec {
        cache: given.cache,
        visibility,
        policy: given.policy,
        tags: given.tags,
        vary: given.vary,
        mutation: given.mutation,
        invalidates: match given.invalidates {
            None => None,
            Some(patterns) => Some(endpoint_patterns(&patterns)?),
        },
        also_invalidates: endpoint_patterns(&given.also_invalidates)?,
        resource_id: given.resource_id,
        resource_id_by: given.resource_id_by,
    };
    let pattern = endpoint_pattern(&given.pattern)?;
    Ok(Rule { pattern, spec })
}

fn endpoint_patterns(texts: &[String]) -> Result<Vec<EndpointPattern>, JsValue> {
    let mut patterns = Vec::with_capacity(texts.len());
    for text in texts {
        patterns.push(endpoint_pattern(text)?);
    }
    Ok(patterns)
}

#[inline(never)]
pub(super) fn endpoint_pattern(text: &str) -> Result<EndpointPattern, JsValue> {
    EndpointPattern::parse(text).map_err(|error| errors::endpoint(&error))
}
