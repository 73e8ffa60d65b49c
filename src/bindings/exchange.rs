//! Pieces of linear memory that both sides know: JavaScript writes a text where Rust reads it (and Rust a key where JavaScript
//! reads it), and Rust leaves numbers that do not fit into what a call returns. So no string is allocated for a call.

use crate::contract::{ANSWERS, KeyFault};
use crate::core::key::{self, Digest, MAX_KEY};
use js_sys::Uint8Array;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    #[wasm_bindgen(js_name = bytesAt)]
    fn bytes_at(memory: &JsValue, start: usize, length: usize) -> Uint8Array;
}

/// The longest text of params and the names around it, at three bytes a character.
pub(super) const TEXT: usize = 3 * (key::MAX_TEXT + 4 * MAX_KEY);

thread_local! {
    static TEXT_AREA: RefCell<[u8; TEXT]> = const { RefCell::new([0; TEXT]) };
    static ANSWER: RefCell<[f64; ANSWERS]> = const { RefCell::new([0.0; ANSWERS]) };
    /// The digest of the request whose key was written last.
    static DIGEST: RefCell<Option<Digest>> = const { RefCell::new(None) };
}

/// The memory that texts are written in, for a caller without a cache. Growing memory detaches what this returned before.
#[wasm_bindgen]
pub fn scratch() -> Uint8Array {
    bytes_at(&wasm_bindgen::memory(), text_address(), TEXT)
}

/// Where texts are written.
pub(super) fn text_address() -> usize {
    TEXT_AREA.with(RefCell::as_ptr) as usize
}

/// Where numbers are left.
pub(super) fn answer_address() -> usize {
    ANSWER.with(RefCell::as_ptr) as usize
}

/// Leaves numbers for JavaScript.
pub(super) fn leave(numbers: [f64; ANSWERS]) {
    ANSWER.with_borrow_mut(|answer| *answer = numbers);
}

/// Calls `ask` with the text of these bytes; with "" if they are none.
#[inline(always)]
pub(super) fn text<R>(start: usize, length: usize, ask: impl FnOnce(&str) -> R) -> R {
    TEXT_AREA.with_borrow(|area| {
        let bytes = area.get(start..start.saturating_add(length));
        ask(std::str::from_utf8(bytes.unwrap_or_default()).unwrap_or_default())
    })
}

/// The tags in these bytes.
pub(super) fn tags(start: usize, length: usize) -> Vec<String> {
    if length == 0 {
        return Vec::new();
    }
    text(start, length, |text| {
        text.split('\n').map(str::to_owned).collect()
    })
}

/// The digest of the request whose key was written last.
pub(super) fn last_digest() -> Option<[u8; 32]> {
    DIGEST.with_borrow(|digest| digest.map(|digest| digest.0))
}

/// A request as JavaScript writes it, with line feeds between its parts. The user comes last, as only that may hold one.
struct Request<'a> {
    endpoint: &'a str,
    params: &'a str,
    /// The JSON text of further values in the key; "" where there are none.
    vary: &'a str,
    user: &'a str,
}

impl<'a> Request<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(4, '\n');
        Some(Request {
            endpoint: parts.next()?,
            params: parts.next()?,
            vary: parts.next()?,
            user: parts.next()?,
        })
    }

    /// The digest of its params and of the further values.
    fn digest(&self) -> Option<Digest> {
        let mut canonical = key::canonical_stringified(self.params).ok()?;
        if !self.vary.is_empty() {
            canonical.append(&key::canonical_stringified(self.vary).ok()?);
        }
        Some(canonical.digest())
    }
}

fn key_of(text: &str, has_user: bool) -> Result<(String, Digest), KeyFault> {
    let request = Request::of(text).ok_or(KeyFault::Params)?;
    let digest = request.digest().ok_or(KeyFault::Params)?;
    let user = has_user.then_some(request.user);
    match key::cache_key(request.endpoint, &digest, user) {
        Ok(key) => Ok((key, digest)),
        Err(error) => Err(match error.code() {
            "ERR_USER_ID" => KeyFault::UserId,
            "ERR_ENDPOINT" => KeyFault::Endpoint,
            _ => KeyFault::KeyLength,
        }),
    }
}

/// Writes the key of a request over its text, and remembers its digest; see `Core.requestKey` in `core.ts`.
#[wasm_bindgen(js_name = requestKey)]
pub fn request_key(length: usize, has_user: bool) -> i32 {
    let made = text(0, length, |text| key_of(text, has_user));
    let (key, digest) = match made {
        Ok(made) => made,
        Err(fault) => {
            DIGEST.set(None);
            return fault.number();
        }
    };
    DIGEST.set(Some(digest));
    TEXT_AREA.with_borrow_mut(|area| {
        if let Some(start) = area.get_mut(..key.len()) {
            start.copy_from_slice(key.as_bytes());
        }
    });
    i32::try_from(key.len()).unwrap_or(KeyFault::KeyLength.number())
}

/// The whole digest of the request that was written.
pub(super) fn identity(length: usize) -> Option<String> {
    let digest = text(0, length, |text| Request::of(text)?.digest())?;
    Some(digest.hex())
}
