//! Why a text names no endpoint. Opaque outside, exact inside; the sentences are part of the contract.

use super::quoted::{quoted, quoted_char};
use super::sentence::{count, filled, joined, piece};
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
        let sentence = match &self.0 {
            Problem::Empty => {
                return f.write_str(
                    "the endpoint is empty; expected dot-separated names such as \"storycore.prompt.list\"",
                );
            }
            Problem::Character {
                endpoint,
                found,
                at,
            } => filled(
                "the endpoint {} holds {} at byte {}; expected dot-separated names without ':', white space or control characters",
                &[&quoted(endpoint), &quoted_char(*found), &count(*at)],
            ),
            Problem::EmptyPattern => {
                return f.write_str(
                    "the endpoint pattern is empty; expected segments such as \"storycore.prompt.*\"",
                );
            }
            Problem::EmptySegment(pattern) => filled(
                "the endpoint pattern {} has an empty segment; expected names or '*' between single dots",
                &[&quoted(pattern)],
            ),
            Problem::PartialWildcard { pattern, segment } => filled(
                "the endpoint pattern {} has the segment {}; expected a whole segment as '*', or no '*' in it",
                &[&quoted(pattern), &quoted(segment)],
            ),
        };
        f.write_str(&sentence)
    }
}

impl std::error::Error for EndpointError {}

/// The start of a text, for a message: long input must not make a long error.
pub(crate) fn excerpt(text: &str) -> String {
    const SHOWN: usize = 80;
    let mut before = 0_usize;
    for (cut, _) in text.char_indices() {
        if before == SHOWN {
            return joined(&[piece(text, 0, cut), "…"]);
        }
        before = before.saturating_add(1);
    }
    text.to_owned()
}
