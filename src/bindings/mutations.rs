//! Changes: what they touch is found by the rules of an endpoint, or named by scopes.

use super::exchange::{self, leave};
use super::host_calls::NONE;
use super::options;
use super::service::CacheService;
use crate::core::groups::Scope;
use crate::core::in_flight::MutationId;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
impl CacheService {
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

impl CacheService {
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
