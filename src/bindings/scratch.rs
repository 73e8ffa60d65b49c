//! A piece of memory in which JavaScript writes canonical text, so that hashing it copies no string.

use crate::core::key::Digest;
use js_sys::{Reflect, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

// The package's fast lanes stand on it: named here so that it travels along.
#[wasm_bindgen(module = "/src/bindings/host/tokens.js")]
extern "C" {
    #[wasm_bindgen(js_name = readTokens)]
    fn read_tokens(params: &JsValue) -> f64;
}

/// More than the longest text of 64 tokens and 512 characters; a longer one is not written here.
const SIZE: usize = 2048;

thread_local! {
    static SCRATCH: RefCell<[u8; SIZE]> = const { RefCell::new([0; SIZE]) };
}

/// The piece of memory, for the package's fast lane. Growing memory detaches what this returned before.
#[wasm_bindgen]
pub fn scratch() -> Result<Uint8Array, JsValue> {
    let start = SCRATCH.with(RefCell::as_ptr) as usize as u32;
    let buffer = Reflect::get(&wasm_bindgen::memory(), &"buffer".into())?;
    Ok(Uint8Array::new_with_byte_offset_and_length(
        &buffer,
        start,
        SIZE as u32,
    ))
}

/// Writes over the first bytes of a text of this length the sixteen digits that keys show of its hash.
///
/// Allocates nothing: memory that grows here would detach the array in which JavaScript looks for the digits.
#[wasm_bindgen(js_name = hashScratch)]
pub fn hash_scratch(length: usize) {
    SCRATCH.with_borrow_mut(|scratch| {
        let digest = Digest::of_bytes(scratch.get(..length).unwrap_or_default());
        if let Some(start) = scratch.first_chunk_mut() {
            *start = digest.short_digits();
        }
    });
}
