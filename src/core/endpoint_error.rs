//! Why a text names no endpoint. Opaque outside, exact inside; the sentences are part of the contract.

use super::quoted::{Quoted, QuotedChar};
use std::fmt;

/// Why a text is not an endpoint, or not a pattern of endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointError(Problem);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Empty,
    Character {
        endpoint: String,
        found: char,
        at: usize,
    },
    EmptyPattern,
    EmptySegment(String),
    PartialWildcard {
        pattern: String,
        segment: String,
    },
}

impl EndpointError {
    pub(super) const fn new(problem: Problem) -> Self {
        Self(problem)
    }

    /// `ERR_ENDPOINT` for a name, `ERR_ENDPOINT_PATTERN` for a pattern.
    pub fn code(&self) -> &'static str {
        match self.0 {
            Problem::Empty | Problem::Character { .. } => "ERR_ENDPOINT",
            Problem::EmptyPattern | Problem::EmptySegment(_) | Problem::PartialWildcard { .. } => {
                "ERR_ENDPOINT_PATTERN"
            }
        }
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Problem::Empty => f.write_str(
                "the endpoint is empty; expected dot-separated names such as \"storycore.prompt.list\"",
            ),
            Problem::Character { endpoint, found, at } => write!(
                f,
                "the endpoint {} holds {} at byte {at}; expected dot-separated names without ':', white space or control characters",
                Quoted(endpoint), QuotedChar(*found)
            ),
            Problem::EmptyPattern => f.write_str(
                "the endpoint pattern is empty; expected segments such as \"storycore.prompt.*\"",
            ),
            Problem::EmptySegment(pattern) => write!(
                f,
                "the endpoint pattern {} has an empty segment; expected names or '*' between single dots",
                Quoted(pattern)
            ),
            Problem::PartialWildcard { pattern, segment } => write!(
                f,
                "the endpoint pattern {} has the segment {}; expected a whole segment as '*', or no '*' in it",
                Quoted(pattern), Quoted(segment)
            ),
        }
    }
}

impl std::error::Error for EndpointError {}

/// The start of a text, for a message: long input must not make a long error.
pub(crate) fn excerpt(text: &str) -> String {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or("")),
        None => text.to_owned(),
    }
}
