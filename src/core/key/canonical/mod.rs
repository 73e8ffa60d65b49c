//! The canonical text of params: what Python's `json.dumps(params, sort_keys=True)` writes.
//!
//! One pass over the JSON text copies it into canonical form, member by member; only an object whose
//! names did not arrive in order is put in order afterwards. The input is what `JSON.stringify`
//! produces, where a lone surrogate is the escape `\udXXX`, so none is lost on the way through UTF-8.
//! This module knows JSON and nothing of endpoints or keys.

mod fault;
mod members;
mod scalars;
mod string;
mod writer;

use self::string::{string_end, value_end, write_string};
use self::writer::{Shorten, Writer};
use crate::core::fmt_lite::piece;
use crate::core::key::digest::Digest;
use crate::core::key::error::KeyError;
use crate::core::key::number::{is_short, shorten};

pub(crate) use self::string::astral;

/// The canonical text of some params. Equal params have equal texts, and only they do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Canonical {
    /// ASCII, byte for byte what Python writes.
    pub text: String,
}

impl Canonical {
    /// The SHA-256 of the text.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.text)
    }

    /// Adds further values, which make another request of the same params.
    pub fn append(&mut self, values: &Canonical) {
        self.text.push('\n');
        self.text.push_str(&values.text);
    }

    /// The string or number that this is the text of, without quotes, escapes as in the text; `None` for anything else.
    pub fn whole_scalar(&self) -> Option<&str> {
        let text = self.text.as_str();
        match text.as_bytes() {
            [b'"', .., b'"'] => text.get(1..text.len().saturating_sub(1)),
            [b'-' | b'0'..=b'9', ..] => Some(text),
            _ => None,
        }
    }

    /// The string or number that the outermost object holds under `name`, without quotes, escapes as in
    /// the canonical text; `None` where there is no such member or it is no string and no number.
    pub fn scalar(&self, name: &str) -> Option<&str> {
        let mut wanted = String::new();
        write_string(&mut wanted, name);
        let text = self.text.as_bytes();
        let Some(b'{') = text.first() else {
            return None;
        };
        // Behind the brace, and then behind each `, `.
        let mut start = 1_usize;
        while let Some(b'"') = text.get(start) {
            let name_end = string_end(text, start)?;
            let value = name_end.saturating_add(": ".len());
            let end = value_end(text, value)?;
            if piece(&self.text, start, name_end) == wanted {
                let (from, to) = match text.get(value)? {
                    b'"' => (value.saturating_add(1), end.saturating_sub(1)),
                    b'-' | b'0'..=b'9' => (value, end),
                    _ => return None,
                };
                return Some(piece(&self.text, from, to));
            }
            start = end.saturating_add(", ".len());
        }
        None
    }
}

/// Reads a JSON text and writes its canonical form.
///
/// A name that occurs twice in an object counts once, with its last value. Refused are texts that are
/// no JSON, numbers beyond a double, more than [`MAX_DEPTH`](super::MAX_DEPTH) levels and more than [`MAX_TEXT`](super::MAX_TEXT) bytes.
pub fn canonical_params(json_text: &str) -> Result<Canonical, KeyError> {
    canonical(json_text, shorten)
}

/// Reads a JSON text that `JSON.stringify` wrote, as [`canonical_params`] does.
///
/// In such a text every number has its shortest form, and is not read again. One that does not is kept
/// apart from the number it names, so another writer's text costs a hit and never makes a wrong one.
pub fn canonical_stringified(json_text: &str) -> Result<Canonical, KeyError> {
    canonical(json_text, is_short)
}

fn canonical<S: Shorten>(json_text: &str, shorten: S) -> Result<Canonical, KeyError> {
    let mut writer = Writer::of(json_text, shorten);
    match writer.whole() {
        Ok(()) => Ok(Canonical {
            text: writer.written(),
        }),
        Err(fault) => Err(fault.at(writer.place())),
    }
}
