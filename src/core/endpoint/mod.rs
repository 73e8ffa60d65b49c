//! Endpoint names and the patterns that cover them.
//!
//! An endpoint is dot-separated segments: `storycore.prompt.list` is the operation `list` on the
//! resource `storycore.prompt`. Everything here compares whole segments, so `storycore.prompt`
//! never touches `storycore.prompts`. This module knows nothing of keys, rules or entries.
//!
//! ```
//! use endpoint_cache::core::endpoint::EndpointPattern;
//! let prompts = EndpointPattern::parse("storycore.prompt.*")?;
//! assert!(prompts.covers("storycore.prompt.version.list"));
//! assert!(!prompts.covers("storycore.prompts.list"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::core::fmt_lite::{joined, piece};

mod error;
mod pattern;

pub use self::error::EndpointError;
pub use self::pattern::{EndpointPattern, Ops};

/// Refuses a text that cannot name an endpoint: an empty one, or one that holds `:`, white space
/// or a control character. Whether it is an endpoint worth caching is decided by the rules.
pub fn validate(endpoint: &str) -> Result<(), EndpointError> {
    if endpoint.is_empty() {
        return Err(EndpointError::empty());
    }
    let mut at = 0_usize;
    for found in endpoint.chars() {
        if found == ':' || found.is_whitespace() || found.is_control() {
            return Err(EndpointError::character(endpoint, found, at));
        }
        at = at.saturating_add(found.len_utf8());
    }
    Ok(())
}

/// The mutation that a malformed name may mean: its leading segments and its last word.
///
/// Leading segments before the first fault are sure; where that lies in the first one, what precedes it is all
/// there is. `None` where the text has one word only: what it touches cannot be told from it.
pub fn likely(text: &str) -> Option<String> {
    let is_fault = |c: char| c == ':' || c.is_whitespace() || c.is_control();
    let text = text.trim_matches(|c| c == '.' || is_fault(c));
    let (mut fault, mut word, mut at) = (None, 0_usize, 0_usize);
    let mut before = ' ';
    for c in text.chars() {
        let wrong = is_fault(c) || (c == '.' && before == '.');
        if wrong && fault.is_none() {
            fault = Some(at);
        }
        at = at.saturating_add(c.len_utf8());
        if wrong || c == '.' {
            word = at;
        }
        before = c;
    }
    let Some(fault) = fault else {
        return if word == 0 {
            None
        } else {
            Some(text.to_owned())
        };
    };
    let sure = piece(text, 0, fault);
    let lead = match resource(sure) {
        "" => sure,
        lead => lead,
    };
    Some(joined(&[lead, ".", piece(text, word, text.len())]))
}

/// The last segment: `list` of `storycore.prompt.list`, and the whole of a single segment.
pub fn operation(endpoint: &str) -> &str {
    cut_last(endpoint).1
}

/// The endpoint without its operation: `storycore.prompt` of `storycore.prompt.list`, `""` of a single segment.
pub fn resource(endpoint: &str) -> &str {
    cut_last(endpoint).0
}

/// The resource that holds this one: `storycore` of `storycore.prompt`, `""` at the top.
pub fn parent(resource_name: &str) -> &str {
    resource(resource_name)
}

/// What precedes the last dot and behind it.
#[inline(never)]
fn cut_last(endpoint: &str) -> (&str, &str) {
    let mut at = endpoint.len();
    while let Some(before) = at.checked_sub(1) {
        if endpoint.as_bytes().get(before) == Some(&b'.') {
            return (
                piece(endpoint, 0, before),
                piece(endpoint, at, endpoint.len()),
            );
        }
        at = before;
    }
    ("", endpoint)
}

/// The first segment, and what follows its dot where there is one.
pub(crate) fn first_segment(text: &str) -> (&str, Option<&str>) {
    cut_first(text, b'.')
}

/// What precedes a separator, and what follows it where there is one.
#[inline(never)]
fn cut_first(text: &str, separator: u8) -> (&str, Option<&str>) {
    let bytes = text.as_bytes();
    let mut at = 0_usize;
    while let Some(byte) = bytes.get(at) {
        let behind = at.saturating_add(1);
        if *byte == separator {
            return (piece(text, 0, at), Some(piece(text, behind, text.len())));
        }
        at = behind;
    }
    (text, None)
}
