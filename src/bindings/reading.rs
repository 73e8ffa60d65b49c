//! What a request or a key asks for, put together from its options, its rule and its params, and the plan of it.

use super::convert::{self, Call};
use super::errors;
use super::service::{CacheService, request_text};
use super::shelf::HostShelf;
use super::tell::Event;
use super::texts;
use crate::core::cache::ReadOptions;
use crate::core::engine::Plan as Decision;
use crate::core::in_flight::LoadId;
use crate::core::key::{self, Canonical, Digest, KeyError};
use crate::core::rules::PolicyOverrides;
use crate::core::rules::{Resolved, Visibility};
use crate::core::slots::Slot;
use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    #[wasm_bindgen(js_name = makePlan)]
    #[allow(
        clippy::too_many_arguments,
        reason = "one call into JavaScript instead of one for each member, and nothing to be read from memory there"
    )]
    fn make_plan(
        kind: u8,
        key: &JsValue,
        slot: i32,
        flight: f64,
        ttl: f64,
        stale_while_revalidate: f64,
        stale_if_error: f64,
        soft_timeout: f64,
        hard_timeout: f64,
        jitter: f64,
        negative_ttl: f64,
        retry_backoff: f64,
        plain: bool,
        tags: &JsValue,
        user: Option<&str>,
        vary: &JsValue,
    ) -> JsValue;
    /// A plan to run the handler past the cache, and the error that is behind it, if there is one.
    #[wasm_bindgen(js_name = bypass)]
    pub(super) fn bypass_plan(reason: &str, error: &JsValue) -> JsValue;
}

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    /// The values of a request that a rule makes part of the key: an object. `all`: each has to be there.
    #[wasm_bindgen(catch, js_name = varyValues)]
    fn vary_values(names: &Array, given: &JsValue, all: bool) -> Result<JsValue, JsValue>;
    /// The id that a user's function finds in params; nothing where it finds none.
    #[wasm_bindgen(js_name = foundId)]
    fn found_id(
        shelf: &HostShelf,
        finder: &Function,
        params: &JsValue,
        endpoint: &str,
    ) -> Option<String>;
    /// An id in Unicode's normal form, from the content of a JSON string.
    #[wasm_bindgen(js_name = normalId)]
    fn normal_id(id: &str) -> Option<String>;
    /// The tags that a user's function names for a request.
    #[wasm_bindgen(catch, js_name = namedTags)]
    fn named_tags(
        tagger: &Function,
        params: &JsValue,
        endpoint: &str,
        user: Option<&str>,
    ) -> Result<Option<Array>, JsValue>;
}

/// A caller that must not wait for another's load.
const ALONE: u8 = 1;
/// A caller that begins no load: it cannot say when that ends.
const LOOK: u8 = 2;

/// Why a request names no read: the reason in a word, and the error in full, if there is one.
pub(super) struct Unread {
    pub(super) reason: &'static str,
    pub(super) error: JsValue,
}

/// Makes of an error the reason that it is.
fn because(reason: &'static str) -> impl Fn(JsValue) -> Unread {
    move |error| Unread { reason, error }
}

/// The same for what params and values in the key cannot be.
fn because_key(reason: &'static str) -> impl Fn(KeyError) -> Unread {
    move |error| because(reason)(errors::key(&error))
}

/// What is known of a read before the engine is asked.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) key: String,
    pub(super) policy: PolicyOverrides,
    pub(super) ttl: f64,
    pub(super) tags: Vec<String>,
    /// There are more than an entry may have: what is loaded will not be stored.
    pub(super) too_many_tags: bool,
    pub(super) user: Option<String>,
    /// Values that are part of the key: an object, or undefined.
    pub(super) vary: JsValue,
    pub(super) digest: Option<Digest>,
    /// False where the request's text alone does not make the key.
    pub(super) by_text: bool,
}

impl Reading {
    /// A plan; what the engine decided is what a listener hears of it.
    #[inline(never)]
    fn plan(
        &self,
        event: Event,
        key: &JsValue,
        slot: Option<Slot>,
        flight: Option<LoadId>,
    ) -> JsValue {
        let policy = &self.policy;
        let plain = self.by_text && policy.eager_refresh.is_none_or(|share| share >= 1.0);
        let slot = slot.and_then(|slot| i32::try_from(slot.0).ok());
        let tags = if self.too_many_tags {
            JsValue::NULL
        } else if self.tags.is_empty() {
            JsValue::UNDEFINED
        } else {
            texts::list(&self.tags).into()
        };
        make_plan(
            event as u8,
            key,
            slot.unwrap_or(-1),
            flight.map_or(-1.0, |LoadId(number)| number as f64),
            self.ttl,
            policy.stale_while_revalidate.unwrap_or(0.0),
            policy.stale_if_error.unwrap_or(0.0),
            policy.soft_timeout.unwrap_or(f64::INFINITY),
            policy.hard_timeout.unwrap_or(f64::INFINITY),
            policy.jitter.unwrap_or(0.0),
            policy.negative_ttl.unwrap_or(-1.0),
            policy.retry_backoff.unwrap_or(f64::NAN),
            plain,
            &tags,
            self.user.as_deref(),
            &self.vary,
        )
    }
}

impl CacheService {
    #[allow(clippy::too_many_arguments, reason = "the parts of one request")]
    pub(super) fn reading(
        &self,
        name: &str,
        resolved: &Resolved,
        text: Option<&str>,
        user: &JsValue,
        params: &JsValue,
        vary: &JsValue,
        options: &JsValue,
        manner: u8,
    ) -> Result<Reading, Unread> {
        // What is wrong with params was seen by whoever read them.
        let text = text.ok_or_else(|| because("params")(JsValue::UNDEFINED))?;
        let call = convert::call_options(options, Call::Request).map_err(because("options"))?;
        let user = match resolved.visibility {
            Visibility::Shared => None,
            _ => convert::user_id(user).map_err(|error| {
                let reason = if errors::is_length(&error) {
                    "key-length"
                } else {
                    "user-id"
                };
                because(reason)(error)
            })?,
        };
        if user.is_none() && resolved.visibility == Visibility::User {
            return Err(because("no-user")(JsValue::UNDEFINED));
        }
        let mut canonical = key::canonical_stringified(text).map_err(because_key("params"))?;
        let mut tags = call.tags;
        tags.extend_from_slice(&resolved.tags);
        if let Some(tag) = self.id_tag(name, resolved, &canonical, Some(params)) {
            tags.push(tag);
        }
        let mut too_many_tags = call.too_many_tags;
        let tagged =
            self.add_function_tags(name, user.as_deref(), params, &mut tags, &mut too_many_tags)?;
        let varies = !resolved.vary.is_empty();
        let mut values = JsValue::UNDEFINED;
        if varies {
            let all = manner == LOOK;
            values =
                vary_values(&texts::list(&resolved.vary), vary, all).map_err(because("vary"))?;
            let written = request_text(&values).map_err(because("vary"))?;
            append(
                &mut canonical,
                &key::canonical_stringified(&written).map_err(because_key("vary"))?,
            );
        }
        let digest = canonical.digest();
        let key = key::cache_key(name, &digest, user.as_deref()).map_err(|error| {
            let reason = match error.code() {
                "ERR_USER_ID" => "user-id",
                "ERR_ENDPOINT" => "endpoint",
                _ => "key-length",
            };
            because_key(reason)(error)
        })?;
        Ok(Reading {
            key,
            policy: PolicyOverrides::merge(&call.policy, &resolved.policy),
            tags,
            too_many_tags,
            user,
            by_text: !varies && !tagged,
            vary: values,
            digest: Some(digest),
            ttl: 0.0,
        })
    }

    /// The tag of the resource's id; `None` where there is none, or it cannot be told from others. `params`: for a
    /// user's function.
    pub(super) fn id_tag(
        &self,
        name: &str,
        resolved: &Resolved,
        canonical: &Canonical,
        params: Option<&JsValue>,
    ) -> Option<String> {
        let id = match resolved.resource_id_by {
            Some(number) => {
                let finder = self.id_finders.get(number as usize)?;
                found_id(self.cache.host_store(), finder, params?, name)?
            }
            None => {
                let id = canonical.scalar(resolved.resource_id.as_deref()?)?;
                // Most ids have no character that is written as an escape, and are in their normal form.
                if !id.contains('\\') {
                    return resolved.tag_of(id);
                }
                normal_id(id)?
            }
        };
        resolved.tag_of(&id)
    }

    /// Adds the tags that the user's functions name; true when there was a function to ask.
    fn add_function_tags(
        &self,
        name: &str,
        user: Option<&str>,
        params: &JsValue,
        tags: &mut Vec<String>,
        too_many: &mut bool,
    ) -> Result<bool, Unread> {
        let mut asked = false;
        for (pattern, tagger) in &self.taggers {
            if pattern.covers(name) {
                asked = true;
                let named = named_tags(tagger, params, name, user).map_err(because("tags"))?;
                match named {
                    Some(named) => tags.append(&mut texts::read(&named)),
                    None => *too_many = true,
                }
            }
        }
        Ok(asked)
    }

    /// A hit, or a miss without a load to run.
    fn look(&self, reading: &Reading, key: &JsValue) -> JsValue {
        let digest = reading.digest.map(|digest| digest.0);
        let slot = self.cache.lookup(key, digest);
        if slot.is_some() {
            self.tell_served(Event::Hit, key);
            reading.plan(Event::Hit, key, slot, None)
        } else {
            self.tell_numbers(Event::Miss, key, 0.0, 0.0);
            reading.plan(Event::Miss, key, None, None)
        }
    }

    /// `key`: the reading's, as JavaScript has it.
    pub(super) fn plan_read(&self, reading: &Reading, key: &JsValue, manner: u8) -> JsValue {
        if manner == LOOK {
            return self.look(reading, key);
        }
        let policy = &reading.policy;
        let ask = ReadOptions {
            tags: reading.tags.clone(),
            digest: reading.digest.map(|digest| digest.0),
            stale_while_revalidate: policy.stale_while_revalidate.unwrap_or(0.0),
            stale_if_error: policy.stale_if_error.unwrap_or(0.0),
            eager_refresh: policy.eager_refresh,
            retry_backoff: policy.retry_backoff.unwrap_or(f64::NAN),
            alone: manner == ALONE,
        };
        let decision = self.cache.begin_as(key, &reading.key, &ask);
        let (event, slot, flight) = match decision {
            Decision::Hit(slot, load) => (Event::Hit, Some(slot), load),
            Decision::Stale(slot, load) => (Event::Stale, Some(slot), load),
            Decision::Miss(load, stale) => (Event::Miss, stale, Some(load)),
            Decision::Join(load, stale) => (Event::Joined, stale, Some(load)),
            Decision::Bypass(reason) => return bypass_plan(reason.name(), &JsValue::UNDEFINED),
        };
        match event {
            Event::Hit | Event::Stale => self.tell_served(event, key),
            _ => self.tell_numbers(event, key, 0.0, 0.0),
        }
        reading.plan(event, key, slot, flight)
    }
}

/// Adds further values to the text that a request is known by.
pub(super) fn append(canonical: &mut Canonical, values: &Canonical) {
    canonical.text.push('\n');
    canonical.text.push_str(&values.text);
}
