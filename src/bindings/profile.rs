//! What the host asks of an endpoint: once what holds for it, and the tag of the id that params name.

use super::exchange;
use super::service::CacheService;
use super::ttl_config;
use crate::core::endpoint;
use crate::core::key;
use crate::core::rules::{EndpointClass, PolicyOverrides, Resolved, Visibility};
use serde::Serialize;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    /// An id in Unicode's normal form, from the content of a JSON string.
    #[wasm_bindgen(js_name = normalId)]
    fn normal_id(id: &str) -> Option<String>;
}

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

    /// What the rules say of an endpoint.
    pub(super) fn resolve(&self, name: &str) -> Rc<Resolved> {
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
}
