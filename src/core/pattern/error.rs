//! Why a pattern is refused. Nothing is removed by a pattern that is.

use crate::core::fmt_lite::{count, filled, shown};
use std::fmt;

/// How many bytes a pattern may have.
pub const MAX_PATTERN: usize = 4 * 1024;

/// Which way a pattern was written, as messages name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    Regex,
    Glob,
    Prefix,
}

impl Notation {
    const fn name(self) -> &'static str {
        match self {
            Self::Regex => "regular expression",
            Self::Glob => "glob",
            Self::Prefix => "prefix",
        }
    }
}

/// Why a pattern was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    code: &'static str,
    sentence: String,
    position: Option<usize>,
}

const EMPTY: &str = "ERR_PATTERN_EMPTY";
const TOO_LARGE: &str = "ERR_PATTERN_TOO_LARGE";

impl PatternError {
    #[cold]
    #[inline(never)]
    fn new(code: &'static str, template: &str, parts: &[&str]) -> Self {
        Self {
            code,
            sentence: filled(template, parts),
            position: None,
        }
    }

    pub(crate) fn empty(notation: Notation) -> Self {
        Self::new(
            EMPTY,
            "the {} is empty; expected at least one character",
            &[notation.name()],
        )
    }

    pub(crate) fn syntax(notation: Notation, pattern: &str, position: usize, reason: &str) -> Self {
        let mut error = Self::new(
            "ERR_PATTERN_SYNTAX",
            "the {} {} is malformed at character {}: {}",
            &[notation.name(), &shown(pattern), &count(position), reason],
        );
        error.position = Some(position);
        error
    }

    pub(crate) fn too_long(notation: Notation, bytes: usize) -> Self {
        Self::new(
            TOO_LARGE,
            "the {} has {} bytes; at most {} are allowed",
            &[notation.name(), &count(bytes), &count(MAX_PATTERN)],
        )
    }

    pub(crate) fn too_complex(reason: &str) -> Self {
        Self::new(
            TOO_LARGE,
            "the regular expression is too complex: {}; expected fewer or smaller repetitions",
            &[reason],
        )
    }

    /// The error of a pattern for which a key could cost too much.
    pub fn budget(pattern: &str) -> Self {
        Self::new(
            "ERR_PATTERN_BUDGET",
            "matching {} against the keys takes too long; nothing was removed",
            &[&shown(pattern)],
        )
    }

    /// `ERR_PATTERN_EMPTY`, `ERR_PATTERN_SYNTAX`, `ERR_PATTERN_TOO_LARGE` or `ERR_PATTERN_BUDGET`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Whether it says that the pattern is empty.
    pub fn is_empty(&self) -> bool {
        self.code == EMPTY
    }

    /// Where a syntax error is, in characters from the start of the pattern.
    pub fn position(&self) -> Option<usize> {
        self.position
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for PatternError {}
