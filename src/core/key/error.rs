//! Why a key cannot be made. Opaque outside; the sentences are part of the contract.

use super::bounds::{MAX_DEPTH, MAX_KEY, MAX_TEXT};
use crate::core::endpoint::EndpointError;
use crate::core::fmt_lite::{count, filled};
use std::fmt;

/// Why a request has no key: it is then run without the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError {
    code: &'static str,
    sentence: String,
}

impl KeyError {
    #[cold]
    #[inline(never)]
    fn new(code: &'static str, template: &str, parts: &[&str]) -> Self {
        Self {
            code,
            sentence: filled(template, parts),
        }
    }

    pub(crate) fn empty_user() -> Self {
        Self::new(
            "ERR_USER_ID",
            "the user id is empty; expected a non-empty id, or none at all for an entry that all users share",
            &[],
        )
    }

    pub(crate) fn syntax(at: usize, expected: &str) -> Self {
        Self::new(
            "ERR_PARAMS",
            "params are not JSON at byte {}; expected {}",
            &[&count(at), expected],
        )
    }

    pub(crate) fn number(at: usize) -> Self {
        Self::new(
            "ERR_PARAMS",
            "the number in params at byte {} is out of range; expected one that a double can hold",
            &[&count(at)],
        )
    }

    pub(crate) fn depth(at: usize) -> Self {
        Self::new(
            "ERR_PARAMS",
            "params are nested too deep at byte {}; at most {} levels are allowed",
            &[&count(at), &count(MAX_DEPTH)],
        )
    }

    pub(crate) fn size() -> Self {
        Self::new(
            "ERR_PARAMS",
            "params are too large; at most {} bytes of canonical text are allowed",
            &[&count(MAX_TEXT)],
        )
    }

    pub(crate) fn key_length(characters: usize) -> Self {
        Self::new(
            "ERR_KEY_LENGTH",
            "the cache key has {} characters; at most {} are allowed",
            &[&count(characters), &count(MAX_KEY)],
        )
    }

    /// `ERR_ENDPOINT`, `ERR_USER_ID`, `ERR_PARAMS` or `ERR_KEY_LENGTH`.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl From<EndpointError> for KeyError {
    fn from(error: EndpointError) -> Self {
        Self {
            code: error.code,
            sentence: error.sentence,
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for KeyError {}
