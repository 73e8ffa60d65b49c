//! A piece of memory in which JavaScript writes a text that Rust reads there: canonical text to be hashed, or a key to be
//! stored under. No string is copied then, and nothing is allocated.

use crate::core::key::Digest;
use js_sys::Uint8Array;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    #[wasm_bindgen(js_name = bytesAt)]
    fn bytes_at(memory: &JsValue, start: usize, length: usize) -> Uint8Array;
}

/// More than a key of 1024 characters or a text of 64 tokens and 512 characters can take; a longer one is not written
/// here.
pub(super) const SIZE: usize = 4096;

thread_local! {
    static SCRATCH: RefCell<[u8; SIZE]> = const { RefCell::new([0; SIZE]) };
}

/// The piece of memory, for the package's fast lane. Growing memory detaches what this returned before.
#[wasm_bindgen]
pub fn scratch() -> Uint8Array {
    bytes_at(&wasm_bindgen::memory(), address(), SIZE)
}

/// Where it lies.
pub(super) fn address() -> usize {
    SCRATCH.with(RefCell::as_ptr) as usize
}

/// Calls `ask` with the first `length` bytes, if they are a text.
#[inline(always)]
pub(super) fn text<R>(length: usize, ask: impl FnOnce(&str) -> R) -> Option<R> {
    SCRATCH.with_borrow(|scratch| {
        let text = std::str::from_utf8(scratch.get(..length)?).ok()?;
        Some(ask(text))
    })
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
