//! Why a text names no endpoint. Opaque outside; the sentences are part of the contract.

use crate::core::fmt_lite::{count, filled, quoted_char, shown};
use std::fmt;

const NAME: &str = "ERR_ENDPOINT";
const PATTERN: &str = "ERR_ENDPOINT_PATTERN";

/// Why a text is not an endpoint, or not a pattern of endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointError {
    pub(crate) code: &'static str,
    pub(crate) sentence: String,
}

impl EndpointError {
    #[cold]
    #[inline(never)]
    fn new(code: &'static str, template: &str, parts: &[&str]) -> Self {
        Self {
            code,
            sentence: filled(template, parts),
        }
    }

    pub(crate) fn empty() -> Self {
        Self::new(
            NAME,
            "the endpoint is empty; expected dot-separated names such as \"storycore.prompt.list\"",
            &[],
        )
    }

    pub(crate) fn character(endpoint: &str, found: char, at: usize) -> Self {
        Self::new(
            NAME,
            "the endpoint {} holds {} at byte {}; expected dot-separated names without ':', white space or control characters",
            &[&shown(endpoint), &quoted_char(found), &count(at)],
        )
    }

    pub(crate) fn empty_pattern() -> Self {
        Self::new(
            PATTERN,
            "the endpoint pattern is empty; expected segments such as \"storycore.prompt.*\"",
            &[],
        )
    }

    pub(crate) fn empty_segment(pattern: &str) -> Self {
        Self::new(
            PATTERN,
            "the endpoint pattern {} has an empty segment; expected names or '*' between single dots",
            &[&shown(pattern)],
        )
    }

    pub(crate) fn partial_wildcard(pattern: &str, segment: &str) -> Self {
        Self::new(
            PATTERN,
            "the endpoint pattern {} has the segment {}; expected a whole segment as '*', or no '*' in it",
            &[&shown(pattern), &shown(segment)],
        )
    }

    /// `ERR_ENDPOINT` for a name, `ERR_ENDPOINT_PATTERN` for a pattern.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for EndpointError {}
