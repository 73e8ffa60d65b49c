//! The TTLs by kind of endpoint, one table for the whole module.

use super::convert;
use super::errors::{self, Class};
use crate::core::fmt_lite::joined;
use crate::core::fmt_lite::quoted;
use crate::core::rules::{TtlKind, TtlTable, ttl_kind};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    /// What was made of the table before holds no more.
    #[wasm_bindgen(js_name = ttlsChanged)]
    fn ttls_changed();
}

thread_local! {
    static TABLE: RefCell<TtlTable> = const { RefCell::new(TtlTable::new()) };
}

/// Seconds that an answer of this kind lives.
pub(crate) fn seconds(kind: TtlKind) -> f64 {
    TABLE.with_borrow(|table| table.get(kind))
}

/// The TTL of an endpoint by its last segments, in seconds; that of "metadata" where no segment says more.
#[wasm_bindgen(js_name = getTtlForEndpoint)]
pub fn get_ttl_for_endpoint(endpoint: &JsValue) -> Result<f64, JsValue> {
    let endpoint = convert::text(endpoint, "an endpoint")?;
    Ok(seconds(ttl_kind(&endpoint)))
}

#[inline(never)]
fn kind(name: &str) -> Result<TtlKind, JsValue> {
    TtlKind::from_name(name).ok_or_else(|| {
        let mut sentence = joined(&["there is no TTL ", &quoted(name), "; there are"]);
        let mut before = " ";
        for kind in TtlKind::ALL {
            sentence.push_str(before);
            sentence.push_str(kind.name());
            before = ", ";
        }
        errors::coded(Class::Type, "ERR_TTL", &sentence)
    })
}

/// The TTL of a kind of endpoint, in seconds; `Infinity` where such answers never expire.
#[wasm_bindgen(js_name = getTtlConfig)]
pub fn get_ttl_config(
    #[wasm_bindgen(unchecked_param_type = "string")] name: &JsValue,
) -> Result<f64, JsValue> {
    Ok(seconds(kind(&name.as_string().unwrap_or_default())?))
}

/// Sets the TTL of a kind of endpoint, for every cache and at once.
#[wasm_bindgen(js_name = setTtlConfig)]
pub fn set_ttl_config(
    #[wasm_bindgen(unchecked_param_type = "string")] name: &JsValue,
    ttl: &JsValue,
) -> Result<(), JsValue> {
    let name = name.as_string().unwrap_or_default();
    let kind = kind(&name)?;
    let seconds = convert::ttl_ms(ttl, &joined(&["CACHE_TTL_CONFIG.", &name]))? / 1e3;
    TABLE
        .with_borrow_mut(|table| table.set(kind, seconds))
        .map_err(|_| errors::ttl())?;
    ttls_changed();
    Ok(())
}
