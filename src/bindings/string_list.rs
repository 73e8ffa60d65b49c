//! Lists of texts on their way across the border.
//!
//! Read and written one by one: a list handed over whole would take an address for each of them, a list of those, and for
//! each sort of list the code that takes it apart.

use js_sys::Array;
use wasm_bindgen::prelude::*;

/// The texts of a list, up to the first that is none.
#[inline(never)]
pub(crate) fn read(list: &Array) -> Vec<String> {
    let mut texts = Vec::new();
    while let Ok(at) = u32::try_from(texts.len())
        && let Some(text) = list.get(at).as_string()
    {
        texts.push(text);
    }
    texts
}

/// A list of these texts.
#[inline(never)]
pub(crate) fn list(texts: &[String]) -> Array {
    let list = Array::new();
    for text in texts {
        list.push(&JsValue::from_str(text));
    }
    list
}
