//! Every error that JavaScript sees: a TypeError, RangeError, SyntaxError or Error with a stable `code`.

use crate::core::endpoint::EndpointError;
use crate::core::key::KeyError;
use crate::core::pattern::PatternError;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    #[wasm_bindgen(js_name = coded)]
    fn make(class: u8, code: &str, sentence: &str, position: f64) -> JsValue;
    /// Whether an error says that a key, or a part of one, is too long.
    #[wasm_bindgen(js_name = isLength)]
    pub(crate) fn is_length(error: &JsValue) -> bool;
}

/// The error class; `errors.js` has them in this order.
#[derive(Clone, Copy)]
pub(crate) enum Class {
    Type = 0,
    Range = 1,
    Syntax = 2,
}

/// What an error or a pattern says. Written once for all sorts of them.
#[inline(never)]
pub(crate) fn sentence(error: &dyn std::fmt::Display) -> String {
    error.to_string()
}

/// An error with a code.
#[inline(never)]
pub(crate) fn coded(class: Class, code: &str, sentence: &str) -> JsValue {
    make(class as u8, code, sentence, -1.0)
}

/// A key, endpoint, user or params that cannot be used.
pub(crate) fn key(error: &KeyError) -> JsValue {
    coded(Class::Type, error.code(), &sentence(error))
}

/// An endpoint or a pattern of endpoints that cannot be used.
pub(crate) fn endpoint(error: &EndpointError) -> JsValue {
    coded(Class::Type, error.code(), &sentence(error))
}

/// A pattern that cannot be used.
pub(crate) fn pattern(error: &PatternError) -> JsValue {
    let class = match error.position() {
        Some(_) => Class::Syntax,
        None if error.is_empty() => Class::Type,
        None => Class::Range,
    };
    let position = error.position().map_or(-1.0, |position| position as f64);
    make(class as u8, error.code(), &sentence(error), position)
}

/// A time to live that cannot be one. What users hand over was refused before, in words that name it.
pub(crate) fn ttl() -> JsValue {
    coded(
        Class::Range,
        "ERR_TTL",
        "a ttl is a number of seconds, 0 or more (0 and Infinity never expire)",
    )
}
