//! `routeRequest` and `getOrSet`: `host/drive.ts` asks the engine, by the calls of `host_calls`, and runs handlers.

use js_sys::Promise;
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
