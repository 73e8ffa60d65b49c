//! Why a key cannot be made. Opaque outside, exact inside; the sentences are part of the contract.

use super::canonical::{MAX_DEPTH, MAX_TEXT};
use super::endpoint::EndpointError;
use super::key::MAX_KEY;
use super::sentence::{count, filled};
use std::fmt;

/// Why a request has no key: it is then run without the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError(Problem);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    Endpoint(EndpointError),
    EmptyUser,
    Syntax { at: usize, expected: &'static str },
    Number { at: usize },
    Depth { at: usize },
    Size,
    KeyLength(usize),
}

impl KeyError {
    pub(super) const fn empty_user() -> Self {
        Self(Problem::EmptyUser)
    }

    pub(super) const fn syntax(at: usize, expected: &'static str) -> Self {
        Self(Problem::Syntax { at, expected })
    }

    pub(super) const fn number(at: usize) -> Self {
        Self(Problem::Number { at })
    }

    pub(super) const fn depth(at: usize) -> Self {
        Self(Problem::Depth { at })
    }

    pub(super) const fn size() -> Self {
        Self(Problem::Size)
    }

    pub(super) const fn key_length(characters: usize) -> Self {
        Self(Problem::KeyLength(characters))
    }

    /// `ERR_ENDPOINT`, `ERR_USER_ID`, `ERR_PARAMS` or `ERR_KEY_LENGTH`.
    pub fn code(&self) -> &'static str {
        match &self.0 {
            Problem::Endpoint(error) => error.code(),
            Problem::EmptyUser => "ERR_USER_ID",
            Problem::Syntax { .. }
            | Problem::Number { .. }
            | Problem::Depth { .. }
            | Problem::Size => "ERR_PARAMS",
            Problem::KeyLength(_) => "ERR_KEY_LENGTH",
        }
    }
}

impl From<EndpointError> for KeyError {
    fn from(error: EndpointError) -> Self {
        Self(Problem::Endpoint(error))
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = match &self.0 {
            Problem::Endpoint(error) => return error.fmt(f),
            Problem::EmptyUser => {
                return f.write_str(
                    "the user id is empty; expected a non-empty id, or none at all for an entry that all users share",
                );
            }
            Problem::Syntax { at, expected } => filled(
                "params are not JSON at byte {}; expected {}",
                &[&count(*at), expected],
            ),
            Problem::Number { at } => filled(
                "the number in params at byte {} is out of range; expected one that a double can hold",
                &[&count(*at)],
            ),
            Problem::Depth { at } => filled(
                "params are nested too deep at byte {}; at most {} levels are allowed",
                &[&count(*at), &count(MAX_DEPTH)],
            ),
            Problem::Size => filled(
                "params are too large; at most {} bytes of canonical text are allowed",
                &[&count(MAX_TEXT)],
            ),
            Problem::KeyLength(characters) => filled(
                "the cache key has {} characters; at most {} are allowed",
                &[&count(*characters), &count(MAX_KEY)],
            ),
        };
        f.write_str(&sentence)
    }
}

impl std::error::Error for KeyError {}
