//! Why a pattern is refused. Nothing is removed by a pattern that is.

use super::quoted::quoted;
use super::sentence::{count, filled};
use std::fmt;

/// How many bytes a pattern may have.
pub const MAX_PATTERN: usize = 4 * 1024;

/// Which way a pattern was written, as messages name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
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
pub struct PatternError(Problem);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    Empty(Notation),
    Syntax {
        notation: Notation,
        pattern: String,
        position: usize,
        reason: String,
    },
    TooLong {
        notation: Notation,
        bytes: usize,
    },
    TooComplex {
        reason: String,
    },
    Budget {
        pattern: String,
    },
}

impl PatternError {
    pub(super) const fn empty(notation: Notation) -> Self {
        Self(Problem::Empty(notation))
    }

    pub(super) fn syntax(notation: Notation, pattern: &str, position: usize, reason: &str) -> Self {
        Self(Problem::Syntax {
            notation,
            pattern: super::endpoint_error::excerpt(pattern),
            position,
            reason: reason.to_owned(),
        })
    }

    pub(super) const fn too_long(notation: Notation, bytes: usize) -> Self {
        Self(Problem::TooLong { notation, bytes })
    }

    pub(super) const fn too_complex(reason: String) -> Self {
        Self(Problem::TooComplex { reason })
    }

    /// The error of a host that stopped a scan because matching took too long.
    pub fn budget(pattern: &str) -> Self {
        Self(Problem::Budget {
            pattern: super::endpoint_error::excerpt(pattern),
        })
    }

    /// `ERR_PATTERN_EMPTY`, `ERR_PATTERN_SYNTAX`, `ERR_PATTERN_TOO_LARGE` or `ERR_PATTERN_BUDGET`.
    pub fn code(&self) -> &'static str {
        match &self.0 {
            Problem::Empty(_) => "ERR_PATTERN_EMPTY",
            Problem::Syntax { .. } => "ERR_PATTERN_SYNTAX",
            Problem::TooLong { .. } | Problem::TooComplex { .. } => "ERR_PATTERN_TOO_LARGE",
            Problem::Budget { .. } => "ERR_PATTERN_BUDGET",
        }
    }

    /// Whether it says that the pattern is empty.
    pub fn is_empty(&self) -> bool {
        matches!(self.0, Problem::Empty(_))
    }

    /// Where a syntax error stands, in characters from the start of the pattern.
    pub fn position(&self) -> Option<usize> {
        match self.0 {
            Problem::Syntax { position, .. } => Some(position),
            _ => None,
        }
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match &self.0 {
            Problem::Empty(notation) => filled(
                "the {} is empty; expected at least one character",
                &[notation.name()],
            ),
            Problem::Syntax {
                notation,
                pattern,
                position,
                reason,
            } => filled(
                "the {} {} is malformed at character {}: {}",
                &[notation.name(), &quoted(pattern), &count(*position), reason],
            ),
            Problem::TooLong { notation, bytes } => filled(
                "the {} has {} bytes; at most {} are allowed",
                &[notation.name(), &count(*bytes), &count(MAX_PATTERN)],
            ),
            Problem::TooComplex { reason } => filled(
                "the regular expression is too complex: {}; expected fewer or smaller repetitions",
                &[reason],
            ),
            Problem::Budget { pattern } => filled(
                "matching {} against the keys takes too long; nothing was removed",
                &[&quoted(pattern)],
            ),
        })
    }
}

impl std::error::Error for PatternError {}
