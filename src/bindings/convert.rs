//! What JavaScript hands over, read and checked; and what it is handed back.
//!
//! Reading an object runs its getters, so everything here happens before the engine is borrowed.

use super::errors::{self, Class};
use crate::core::cache::KeyPattern;
use crate::core::endpoint::EndpointPattern;
use crate::core::engine::{Explanation, Limits};
use crate::core::key;
use crate::core::pattern::{self, TextPattern};
use crate::core::policy::PolicyOverrides;
use crate::core::rules::{EndpointRules, Rule, RuleSpec, Scope as Audience};
use crate::core::scopes::Scope;
use crate::core::stats::{Refusal, Stats};
use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host/ttl.js")]
extern "C" {
    /// A time to live in milliseconds, infinite where it never ends; throws what names `name`.
    #[wasm_bindgen(catch, js_name = ttlMs)]
    pub(crate) fn ttl_ms(ttl: &JsValue, name: &str) -> Result<f64, JsValue>;
    /// A duration in milliseconds; throws what names `name`.
    #[wasm_bindgen(catch, js_name = durationMs)]
    pub(crate) fn duration_ms(duration: &JsValue, name: &str) -> Result<f64, JsValue>;
}

#[wasm_bindgen(module = "/src/bindings/host/values.js")]
extern "C" {
    /// A value in a few words, for error messages.
    pub(crate) fn describe(value: &JsValue) -> String;
    #[wasm_bindgen(js_name = isWellFormed)]
    fn is_well_formed(text: &JsValue) -> bool;
    #[wasm_bindgen(js_name = isRegExp)]
    fn is_reg_exp(value: &JsValue) -> bool;
}

/// What is absent.
pub(crate) fn is_nothing(value: &JsValue) -> bool {
    value.is_undefined() || value.is_null()
}

/// Checks that a key is a string that can be one.
pub(crate) fn check_key(value: &JsValue) -> Result<(), JsValue> {
    let Some(length) = value
        .dyn_ref::<js_sys::JsString>()
        .map(js_sys::JsString::length)
    else {
        let given = describe(value);
        return Err(errors::coded(
            Class::Type,
            "ERR_KEY",
            &format!("a key is a string, not {given}"),
        ));
    };
    if length == 0 {
        return Err(errors::coded(
            Class::Type,
            "ERR_KEY",
            "a key has at least one character",
        ));
    }
    if length as usize > key::MAX_KEY {
        let sentence = format!(
            "a key has {} characters at most, not {length}",
            key::MAX_KEY
        );
        return Err(errors::coded(Class::Type, "ERR_KEY_LENGTH", &sentence));
    }
    if !is_well_formed(value) {
        let sentence = "a key is well-formed Unicode, and this one holds a lone surrogate";
        return Err(errors::coded(Class::Type, "ERR_KEY", sentence));
    }
    Ok(())
}

/// A string, or the error that says it is none.
pub(crate) fn text(value: &JsValue, what: &str, code: &str) -> Result<String, JsValue> {
    match value.as_string().filter(|_| is_well_formed(value)) {
        Some(text) => Ok(text),
        None => {
            let sentence = format!(
                "{what} is a string of well-formed Unicode, not {}",
                describe(value)
            );
            Err(errors::coded(Class::Type, code, &sentence))
        }
    }
}

/// A user's id: a string or a number; `None` for nobody.
pub(crate) fn user_id(value: &JsValue) -> Result<Option<String>, JsValue> {
    if is_nothing(value) {
        return Ok(None);
    }
    if value.as_f64().is_some_and(f64::is_finite) {
        return Ok(Some(describe(value)));
    }
    let id = text(value, "a user id", "ERR_USER_ID")?;
    if id.is_empty() {
        return Err(errors::coded(
            Class::Type,
            "ERR_USER_ID",
            "a user id has at least one character",
        ));
    }
    Ok(Some(id))
}

/// A value as `String(value)` writes it; nothing for what cannot be written.
pub(crate) fn as_text(value: &JsValue) -> String {
    value.as_string().unwrap_or_else(|| describe(value))
}

/// The members of an object, read by name.
pub(crate) struct Fields<'a> {
    object: &'a JsValue,
    what: &'a str,
}

impl<'a> Fields<'a> {
    /// The members of `object`, all of which must be among `known`. Nothing is an object without members.
    pub(crate) fn of(object: &'a JsValue, what: &'a str, known: &[&str]) -> Result<Self, JsValue> {
        if !is_nothing(object) {
            if !object.is_object() || Array::is_array(object) {
                let sentence = format!("{what} are an object, not {}", describe(object));
                return Err(errors::option(Class::Type, &sentence));
            }
            for name in Object::keys(object.unchecked_ref::<Object>()).iter() {
                let name = name.as_string().unwrap_or_default();
                if !known.contains(&name.as_str()) {
                    let sentence = format!(
                        "{what} have no member {name:?}; they have {}",
                        known.join(", ")
                    );
                    return Err(errors::option(Class::Type, &sentence));
                }
            }
        }
        Ok(Fields { object, what })
    }

    /// A member as it is; undefined where it is absent.
    pub(crate) fn raw(&self, name: &str) -> Result<JsValue, JsValue> {
        if is_nothing(self.object) {
            return Ok(JsValue::UNDEFINED);
        }
        Reflect::get(self.object, &name.into())
    }

    fn given(&self, name: &str) -> Result<Option<JsValue>, JsValue> {
        Ok(Some(self.raw(name)?).filter(|value| !value.is_undefined()))
    }

    fn refuse<T>(
        &self,
        class: Class,
        name: &str,
        wanted: &str,
        given: &JsValue,
    ) -> Result<T, JsValue> {
        let sentence = format!("{}: {name} is {wanted}, not {}", self.what, describe(given));
        Err(errors::option(class, &sentence))
    }

    pub(crate) fn ttl(&self, name: &str) -> Result<Option<f64>, JsValue> {
        self.given(name)?
            .map(|value| ttl_ms(&value, name))
            .transpose()
    }

    pub(crate) fn duration(&self, name: &str) -> Result<Option<f64>, JsValue> {
        self.given(name)?
            .map(|value| duration_ms(&value, name))
            .transpose()
    }

    /// A duration above 0.
    fn wait(&self, name: &str) -> Result<Option<f64>, JsValue> {
        let ms = self.duration(name)?;
        match ms {
            Some(ms) if ms <= 0.0 => {
                self.refuse(Class::Range, name, "a duration above 0", &(ms / 1e3).into())
            }
            _ => Ok(ms),
        }
    }

    /// A number between two bounds.
    pub(crate) fn number(&self, name: &str, least: f64, most: f64) -> Result<Option<f64>, JsValue> {
        let Some(value) = self.given(name)? else {
            return Ok(None);
        };
        match value.as_f64() {
            Some(number) if number >= least && number <= most => Ok(Some(number)),
            Some(_) => self.refuse(
                Class::Range,
                name,
                &format!(
                    "a number from {} to {}",
                    describe(&least.into()),
                    describe(&most.into())
                ),
                &value,
            ),
            None => self.refuse(Class::Type, name, "a number", &value),
        }
    }

    /// A whole number from `least` up, or infinity.
    fn count(&self, name: &str, least: f64) -> Result<Option<f64>, JsValue> {
        let Some(number) = self.number(name, least, f64::INFINITY)? else {
            return Ok(None);
        };
        if number.is_finite() && number.fract() != 0.0 {
            return self.refuse(Class::Range, name, "a whole number", &number.into());
        }
        Ok(Some(number))
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, JsValue> {
        let Some(value) = self.given(name)? else {
            return Ok(None);
        };
        match value.as_bool() {
            Some(flag) => Ok(Some(flag)),
            None => self.refuse(Class::Type, name, "true or false", &value),
        }
    }

    pub(crate) fn one_of(&self, name: &str, names: &[&str]) -> Result<Option<String>, JsValue> {
        let Some(value) = self.given(name)? else {
            return Ok(None);
        };
        match value
            .as_string()
            .filter(|text| names.contains(&text.as_str()))
        {
            Some(text) => Ok(Some(text)),
            None => self.refuse(
                Class::Type,
                name,
                &format!("one of {}", names.join(", ")),
                &value,
            ),
        }
    }

    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, JsValue> {
        match self.given(name)? {
            None => Ok(Vec::new()),
            Some(list) => texts(&list, &format!("{}: {name}", self.what)),
        }
    }

    fn patterns(&self, name: &str) -> Result<Option<Vec<EndpointPattern>>, JsValue> {
        if self.given(name)?.is_none() {
            return Ok(None);
        }
        let parse =
            |text: String| EndpointPattern::parse(&text).map_err(|error| errors::endpoint(&error));
        self.texts(name)?
            .into_iter()
            .map(parse)
            .collect::<Result<_, _>>()
            .map(Some)
    }
}

/// A list of strings; tags and other names. None may be empty or hold a control character.
pub(crate) fn texts(list: &JsValue, what: &str) -> Result<Vec<String>, JsValue> {
    let refuse = |given: &str| {
        let sentence = format!(
            "{what} is an array of non-empty strings without control characters, not {given}"
        );
        Err(errors::option(Class::Type, &sentence))
    };
    if !Array::is_array(list) {
        return refuse(&describe(list));
    }
    let mut texts = Vec::new();
    for item in list.unchecked_ref::<Array>().iter() {
        match item
            .as_string()
            .filter(|text| is_well_formed(&item) && is_name(text))
        {
            Some(text) => texts.push(text),
            None => return refuse(&format!("one that holds {}", describe(&item))),
        }
    }
    Ok(texts)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_control())
}

/// The names of the staleness options.
macro_rules! staleness {
    ($($more:literal),*) => {
        &["staleWhileRevalidate", "staleIfError", "softTimeout", "hardTimeout", "jitter", "eagerRefresh",
          "negativeTtl", "retryBackoff", "ttl", $($more),*]
    };
}

/// Staleness options and the TTL, where they are given.
pub(crate) fn policy(fields: &Fields<'_>) -> Result<PolicyOverrides, JsValue> {
    Ok(PolicyOverrides {
        ttl: fields.ttl("ttl")?,
        stale_while_revalidate: fields.duration("staleWhileRevalidate")?,
        stale_if_error: fields.duration("staleIfError")?,
        soft_timeout: fields.duration("softTimeout")?,
        hard_timeout: fields.wait("hardTimeout")?,
        jitter: fields.number("jitter", 0.0, 1.0)?,
        eager_refresh: fields.number("eagerRefresh", 0.0, 1.0)?,
        negative_ttl: fields.ttl("negativeTtl")?,
        retry_backoff: fields.duration("retryBackoff")?,
    })
}

/// What one call of `set`, `getOrSet` or `routeRequest` asks for.
#[derive(Debug, Default)]
pub(crate) struct CallOptions {
    pub(crate) policy: PolicyOverrides,
    pub(crate) tags: Vec<String>,
}

/// Reads a call's options: a TTL by itself, or an object.
pub(crate) fn call_options(options: &JsValue) -> Result<CallOptions, JsValue> {
    if options.is_undefined() {
        return Ok(CallOptions::default());
    }
    if !options.is_object() {
        let policy = PolicyOverrides {
            ttl: Some(ttl_ms(options, "ttl")?),
            ..PolicyOverrides::default()
        };
        return Ok(CallOptions {
            policy,
            tags: Vec::new(),
        });
    }
    let known = staleness!(
        "tags",
        "signal",
        "waitUntil",
        "isolation",
        "singleFlight",
        "execution",
        "apiVersion",
        "authorize"
    );
    let fields = Fields::of(options, "options", known)?;
    Ok(CallOptions {
        policy: policy(&fields)?,
        tags: fields.texts("tags")?,
    })
}

/// Everything a cache is made from.
pub(crate) struct ServiceOptions {
    pub(crate) limits: Limits,
    pub(crate) policy: PolicyOverrides,
    pub(crate) rules: EndpointRules,
    /// Functions that name tags, by what they apply to.
    pub(crate) taggers: Vec<(EndpointPattern, Function)>,
    pub(crate) clock: JsValue,
    pub(crate) logger: JsValue,
    pub(crate) on_event: JsValue,
    pub(crate) size_of: JsValue,
    pub(crate) count_endpoints: bool,
    pub(crate) seed: Option<f64>,
    pub(crate) isolation: String,
    pub(crate) single_flight: String,
}

/// A whole number of things, where infinity is as many as there can be.
fn as_count(number: f64) -> usize {
    if number >= usize::MAX as f64 {
        usize::MAX
    } else {
        number as usize
    }
}

/// Reads what a cache is made from: a default TTL in seconds, an object, or nothing.
pub(crate) fn service_options(options: &JsValue) -> Result<ServiceOptions, JsValue> {
    let bare = !is_nothing(options) && !options.is_object();
    let object = if bare { &JsValue::UNDEFINED } else { options };
    let known = staleness!(
        "defaultTtl",
        "maxEntries",
        "maxBytes",
        "maxEntryBytes",
        "sizeOf",
        "clock",
        "rules",
        "logger",
        "onEvent",
        "seed",
        "isolation",
        "singleFlight",
        "maxFollowers",
        "maxWait",
        "maxLoads",
        "mutationTimeout",
        "endpointStats"
    );
    let fields = Fields::of(object, "options", known)?;
    let mut policy = policy(&fields)?;
    let default_ttl = if bare {
        Some(ttl_ms(options, "defaultTtl")?)
    } else {
        fields.ttl("defaultTtl")?
    };
    policy.ttl = default_ttl.or(policy.ttl);
    let defaults = Limits::default();
    let max_bytes = fields
        .number("maxBytes", 1.0, f64::INFINITY)?
        .unwrap_or(defaults.max_bytes);
    let limits = Limits {
        max_entries: fields
            .count("maxEntries", 1.0)?
            .map_or(defaults.max_entries, as_count),
        max_bytes,
        max_entry_bytes: fields
            .number("maxEntryBytes", 1.0, max_bytes)?
            .unwrap_or(max_bytes / 8.0),
        max_loads: fields
            .count("maxLoads", 1.0)?
            .map_or(defaults.max_loads, as_count),
        max_followers: fields
            .count("maxFollowers", 0.0)?
            .map_or(defaults.max_followers, |count| {
                count.min(f64::from(u32::MAX)) as u32
            }),
        max_load_ms: fields.wait("maxWait")?.unwrap_or(defaults.max_load_ms),
        max_mutation_ms: fields
            .wait("mutationTimeout")?
            .unwrap_or(defaults.max_mutation_ms),
        ..defaults
    };
    let (rules, taggers) = rules(&fields.raw("rules")?)?;
    let clock = fields.raw("clock")?;
    let reads = |clock: &JsValue| {
        let now = Reflect::get(clock, &"now".into()).unwrap_or_default();
        clock.is_function() && !now.is_function() || now.is_function()
    };
    if !(clock.is_undefined() || clock.is_object() || clock.is_function())
        || !clock.is_undefined() && !reads(&clock)
    {
        let given = describe(&clock);
        let sentence =
            format!("options: clock is an object with a now() or a function, not {given}");
        return Err(errors::option(Class::Type, &sentence));
    }
    let function = |name: &str| {
        let value = fields.raw(name)?;
        if value.is_undefined() || value.is_function() {
            return Ok(value);
        }
        fields.refuse(Class::Type, name, "a function", &value)
    };
    Ok(ServiceOptions {
        limits,
        policy,
        rules,
        taggers,
        logger: fields.raw("logger")?,
        on_event: function("onEvent")?,
        size_of: function("sizeOf")?,
        count_endpoints: fields.flag("endpointStats")?.unwrap_or(false),
        seed: fields.number("seed", 0.0, f64::from(u32::MAX))?,
        isolation: fields
            .one_of("isolation", &["snapshot", "reference"])?
            .unwrap_or("snapshot".into()),
        single_flight: fields
            .one_of("singleFlight", &["auto", "process", "request", "off"])?
            .unwrap_or("auto".into()),
        clock,
    })
}

type Rules = (EndpointRules, Vec<(EndpointPattern, Function)>);

fn rules(object: &JsValue) -> Result<Rules, JsValue> {
    let mut rules = EndpointRules::new();
    let mut taggers = Vec::new();
    if is_nothing(object) {
        return Ok((rules, taggers));
    }
    if !object.is_object() || Array::is_array(object) {
        let sentence = format!(
            "options: rules are an object of endpoint patterns, not {}",
            describe(object)
        );
        return Err(errors::option(Class::Type, &sentence));
    }
    for name in Object::keys(object.unchecked_ref::<Object>()).iter() {
        let name = text(&name, "an endpoint pattern", "ERR_ENDPOINT_PATTERN")?;
        let pattern = EndpointPattern::parse(&name).map_err(|error| errors::endpoint(&error))?;
        let rule = Reflect::get(object, &name.as_str().into())?;
        let what = format!("options: rules[{name:?}]");
        let known = staleness!(
            "cache",
            "scope",
            "tags",
            "vary",
            "mutation",
            "invalidates",
            "alsoInvalidates",
            "resourceId"
        );
        let fields = Fields::of(&rule, &what, known)?;
        let tags = fields.raw("tags")?;
        let tagger = tags.dyn_into::<Function>().ok();
        let spec = RuleSpec {
            cache: fields.flag("cache")?,
            scope: fields
                .one_of("scope", &["auto", "user", "shared"])?
                .map(|scope| match scope.as_str() {
                    "user" => Audience::User,
                    "shared" => Audience::Shared,
                    _ => Audience::Auto,
                }),
            policy: policy(&fields)?,
            tags: if tagger.is_some() {
                Vec::new()
            } else {
                fields.texts("tags")?
            },
            vary: fields.texts("vary")?,
            mutation: fields.flag("mutation")?,
            invalidates: fields.patterns("invalidates")?,
            also_invalidates: fields.patterns("alsoInvalidates")?.unwrap_or_default(),
            resource_id: match fields.raw("resourceId")? {
                value if value.is_undefined() => None,
                value => Some(text(&value, &format!("{what}: resourceId"), "ERR_OPTION")?),
            },
        };
        taggers.extend(tagger.map(|tagger| (pattern.clone(), tagger)));
        rules.add(Rule { pattern, spec });
    }
    Ok((rules, taggers))
}

/// Reads what to invalidate.
pub(crate) fn key_pattern(value: &JsValue) -> Result<KeyPattern, JsValue> {
    let refuse = |sentence: &str| Err(errors::coded(Class::Type, "ERR_PATTERN", sentence));
    if let Some(text) = regex(value)? {
        return Ok(KeyPattern::text(text));
    }
    if !value.is_object() || Array::is_array(value) {
        let given = describe(value);
        let wanted = "a pattern is a regular expression (a string or a RegExp) or an object";
        return refuse(&format!(
            "{wanted} with regex, glob, prefix, endpoint, userId or tag, not {given}"
        ));
    }
    let known = ["regex", "glob", "prefix", "endpoint", "userId", "tag"];
    for name in Object::keys(value.unchecked_ref::<Object>()).iter() {
        let name = name.as_string().unwrap_or_default();
        if !known.contains(&name.as_str()) {
            return refuse(&format!(
                "a pattern has no member {name:?}; it has {}",
                known.join(", ")
            ));
        }
    }
    let member = |name: &str| {
        Reflect::get(value, &name.into()).map(|v| Some(v).filter(|v| !v.is_undefined()))
    };
    let named = |name: &str| match member(name)? {
        None => Ok(None),
        Some(value) => {
            let text = text(&value, &format!("{name} in a pattern"), "ERR_PATTERN")?;
            if text.is_empty() {
                let sentence = format!("{name} in a pattern has at least one character");
                return Err(errors::coded(Class::Type, "ERR_PATTERN_EMPTY", &sentence));
            }
            Ok(Some(text))
        }
    };
    let mut texts = Vec::new();
    if let Some(given) = member("regex")? {
        match regex(&given)? {
            Some(pattern) => texts.push(pattern),
            None => {
                return refuse(&format!(
                    "regex in a pattern is a string or a RegExp, not {}",
                    describe(&given)
                ));
            }
        }
    }
    if let Some(glob) = named("glob")? {
        texts.push(TextPattern::glob(&glob).map_err(|error| errors::pattern(&error))?);
    }
    if let Some(prefix) = named("prefix")? {
        texts.push(TextPattern::prefix(&prefix).map_err(|error| errors::pattern(&error))?);
    }
    if texts.len() > 1 {
        return refuse("a pattern has one of regex, glob and prefix, not several");
    }
    let endpoint = named("endpoint")?
        .map(|text| EndpointPattern::parse(&text))
        .transpose();
    let user = match member("userId")? {
        Some(value) if is_nothing(&value) => return refuse("userId in a pattern names somebody"),
        Some(value) if value.as_string().is_some_and(|id| id.is_empty()) => named("userId")?,
        Some(value) => user_id(&value)?.map(|id| key::encode_user(&id).into_owned()),
        None => None,
    };
    let scope = Scope {
        endpoint: endpoint.map_err(|error| errors::endpoint(&error))?,
        user,
        tag: named("tag")?,
        narrowing: None,
    };
    let text = texts.pop();
    if text.is_none() && scope.is_everything() {
        return refuse(
            "a pattern names at least one of regex, glob, prefix, endpoint, userId and tag",
        );
    }
    Ok(KeyPattern { text, scope })
}

fn regex(value: &JsValue) -> Result<Option<TextPattern>, JsValue> {
    let pattern = if value.is_string() {
        let source = text(value, "a regular expression", "ERR_PATTERN")?;
        TextPattern::regex(&source)
    } else if is_reg_exp(value) {
        let member = |name: &str| {
            Reflect::get(value, &name.into()).map(|v| v.as_string().unwrap_or_default())
        };
        pattern::regex_from_js(&member("source")?, &member("flags")?)
    } else {
        return Ok(None);
    };
    pattern.map(Some).map_err(|error| errors::pattern(&error))
}

#[wasm_bindgen(module = "/src/bindings/host/report.js")]
extern "C" {
    #[wasm_bindgen(js_name = nameStats)]
    fn name_stats(counts: &JsValue, refused: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = nameExplanation)]
    fn name_explanation(parts: &JsValue) -> JsValue;
}

/// The statistics as an object; `report.js` names these numbers in this order.
pub(crate) fn stats(stats: &Stats) -> Result<JsValue, JsValue> {
    let counters = &stats.counters;
    let counts = [
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
        counters.bypasses as f64,
        counters.rejected as f64,
        counters.expired_leases as f64,
        stats.bytes,
        stats.overhead_bytes as f64,
        stats.loading as f64,
        stats.mutating as f64,
        stats.clock_errors as f64,
    ];
    let refused: Vec<(&str, f64)> = Refusal::ALL
        .iter()
        .zip(counters.refused_by)
        .map(|(refusal, count)| (refusal.name(), count as f64))
        .collect();
    let counts = serde_wasm_bindgen::to_value(&counts[..])?;
    Ok(name_stats(
        &counts,
        &serde_wasm_bindgen::to_value(&refused)?,
    ))
}

/// An explanation as an object; times in seconds. `report.js` names these parts in this order.
pub(crate) fn explanation(
    key: String,
    explained: Explanation,
    now: f64,
) -> Result<JsValue, JsValue> {
    let removal = explained.removal;
    let invalidation = explained.invalidation.as_ref();
    let parts = (
        key,
        explained.presence.name(),
        explained.summary(),
        explained.age.map(|ms| ms / 1e3),
        explained.ttl.map(|ms| ms / 1e3),
        explained.loading,
        explained.retry_at.map(|at| (at - now).max(0.0) / 1e3),
        removal.map(|removal| (removal.reason.name(), removal.at.as_millis())),
        invalidation.map(|done| (&done.what, done.count as f64, done.at.as_millis())),
    );
    Ok(name_explanation(&serde_wasm_bindgen::to_value(&parts)?))
}
