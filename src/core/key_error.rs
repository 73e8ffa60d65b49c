//! Why a key cannot be made. Opaque outside, exact inside; the sentences are part of the contract.

use super::canonical::{MAX_DEPTH, MAX_TEXT};
use super::endpoint::EndpointError;
use super::key::MAX_KEY;
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
        match &self.0 {
            Problem::Endpoint(error) => error.fmt(f),
            Problem::EmptyUser => f.write_str(
                "the user id is empty; expected a non-empty id, or none at all for an entry that all users share",
            ),
            Problem::Syntax { at, expected } => {
                write!(f, "params are not JSON at byte {at}; expected {expected}")
            }
            Problem::Number { at } => write!(
                f,
                "the number in params at byte {at} is out of range; expected one that a double can hold"
            ),
            Problem::Depth { at } => write!(
                f,
                "params are nested too deep at byte {at}; at most {MAX_DEPTH} levels are allowed"
            ),
            Problem::Size => write!(
                f,
                "params are too large; at most {MAX_TEXT} bytes of canonical text are allowed"
            ),
            Problem::KeyLength(characters) => write!(
                f,
                "the cache key has {characters} characters; at most {MAX_KEY} are allowed"
            ),
        }
    }
}

impl std::error::Error for KeyError {}
