//! Every error that JavaScript sees: a TypeError, RangeError, SyntaxError or Error with a stable `code`.

use crate::core::endpoint::EndpointError;
use crate::core::key::KeyError;
use crate::core::pattern::PatternError;
use wasm_bindgen::prelude::*;

/// The error class.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Class {
    Type,
    Range,
    Syntax,
    Plain,
}

/// An error with a code.
pub(crate) fn coded(class: Class, code: &str, sentence: &str) -> JsValue {
    let error: JsValue = match class {
        Class::Type => js_sys::TypeError::new(sentence).into(),
        Class::Range => js_sys::RangeError::new(sentence).into(),
        Class::Syntax => js_sys::SyntaxError::new(sentence).into(),
        Class::Plain => js_sys::Error::new(sentence).into(),
    };
    // Setting a member of a fresh error cannot fail.
    let _ = js_sys::Reflect::set(&error, &"code".into(), &code.into());
    error
}

/// An option that cannot be used.
pub(crate) fn option(class: Class, sentence: &str) -> JsValue {
    coded(class, "ERR_OPTION", sentence)
}

/// A key, endpoint, user or params that cannot be used.
pub(crate) fn key(error: &KeyError) -> JsValue {
    coded(Class::Type, error.code(), &error.to_string())
}

/// An endpoint or a pattern of endpoints that cannot be used.
pub(crate) fn endpoint(error: &EndpointError) -> JsValue {
    coded(Class::Type, error.code(), &error.to_string())
}

/// A pattern that cannot be used.
pub(crate) fn pattern(error: &PatternError) -> JsValue {
    let class = match error.code() {
        "ERR_PATTERN_SYNTAX" => Class::Syntax,
        "ERR_PATTERN_EMPTY" => Class::Type,
        _ => Class::Range,
    };
    let value = coded(class, error.code(), &error.to_string());
    if let Some(position) = error.position() {
        let _ = js_sys::Reflect::set(&value, &"position".into(), &(position as f64).into());
    }
    value
}

/// A time to live that cannot be one. What users hand over was refused before, in words that name it.
pub(crate) fn ttl() -> JsValue {
    coded(
        Class::Range,
        "ERR_TTL",
        "a ttl is a number of seconds, 0 or more (0 and Infinity never expire)",
    )
}

/// Use after `dispose()`.
pub(crate) fn disposed() -> JsValue {
    coded(
        Class::Plain,
        "ERR_DISPOSED",
        "this cache was disposed of and cannot be used any more",
    )
}
