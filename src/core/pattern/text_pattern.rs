//! A pattern over key text: how it is made, and how it matches.

use super::automaton::{ANY, Assertion, Automaton, Program, parse};
use super::cursor::Cursor;
use super::error::{MAX_PATTERN, Notation, PatternError};
use super::glob::{End, Glob};
use super::regex_literals;
use regex_lite::RegexBuilder;

/// Bytes that a reader of expressions may take for one: 8,192 of its states, more than anything needs that people write. They
/// are twice as large where pointers have 64 bits, so that an expression is refused alike everywhere.
const MAX_SIZE: usize = size_of::<usize>().saturating_mul(16 * 1024);

/// How deep groups may nest.
const MAX_NESTING: u32 = 50;

/// Characters of a text that a host is given to search for. Its search may compare all of them at each of 1,024 places, which
/// are about 30,000 comparisons; of a longer text it is given the beginning.
const SEARCHED: usize = 32;

/// A pattern, ready to match.
#[derive(Clone, Debug)]
pub struct TextPattern {
    text: String,
    glob: Glob,
    /// What decides where the plain reading does not.
    automaton: Option<Automaton>,
    /// Which keys the plain reading decides.
    glob_decides: GlobCoverage,
}

/// Which keys a plain reading decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GlobCoverage {
    All,
    /// Those without a line feed, which no `.` of an expression takes.
    WithoutLineFeeds,
    None,
}

/// What a key must hold to match, for a host that searches with its own substring search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literals {
    /// The first piece is where the key starts.
    pub anchored_start: bool,
    /// The last piece is where the key ends. With one piece and both anchors the key is that piece.
    pub anchored_end: bool,
    /// These texts occur in this order without overlap. Without any, every key may match.
    pub pieces: Vec<String>,
    /// The above is all there is to the pattern, for keys without a line feed (`\n`).
    pub exact: bool,
}

impl TextPattern {
    /// A regular expression, searched in the whole key: `^` and `$` bind it to the ends.
    ///
    /// The empty expression matches every key. Assertion-around and back-references do not exist; the pattern has at most
    /// [`MAX_PATTERN`] bytes. An expression for which a key could cost too much is an error: `ERR_PATTERN_BUDGET`.
    pub fn regex(pattern: &str) -> Result<Self, PatternError> {
        check_length(Notation::Regex, pattern)?;
        if let Err(error) = check(pattern, MAX_SIZE) {
            return Err(refusal(pattern, &error));
        }
        let reading = regex_literals::read(pattern);
        let glob_decides = if !reading.exact || !reading.glob.is_quick() {
            GlobCoverage::None
        } else if reading.glob.is_one_text() {
            GlobCoverage::All
        } else {
            GlobCoverage::WithoutLineFeeds
        };
        Self::made(pattern, reading.glob, glob_decides, || parse(pattern))
    }

    /// A glob over the whole key: `*` is any characters, `?` any one, `\` takes the next character as it is.
    ///
    /// There are no classes and no braces: `[` and `{` match themselves.
    pub fn glob(pattern: &str) -> Result<Self, PatternError> {
        if pattern.is_empty() {
            return Err(PatternError::empty(Notation::Glob));
        }
        check_length(Notation::Glob, pattern)?;
        let mut glob = Glob::new(End::Bound);
        let mut characters = Cursor::new(pattern);
        while let Some(c) = characters.next() {
            match c {
                '*' => glob.push_run(),
                '?' => glob.push_one(),
                '\\' => {
                    let at = characters.taken().saturating_sub(1);
                    let Some(escaped) = characters.next() else {
                        return Err(PatternError::syntax(
                            Notation::Glob,
                            pattern,
                            at,
                            "expected a character after '\\'",
                        ));
                    };
                    glob.push_char(escaped);
                }
                plain => glob.push_char(plain),
            }
        }
        let glob = glob.ended(End::Bound);
        let glob_decides = if glob.is_quick() {
            GlobCoverage::All
        } else {
            GlobCoverage::None
        };
        Self::made(pattern, glob, glob_decides, || glob_program(pattern))
    }

    /// The keys that start with this text.
    pub fn prefix(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() {
            return Err(PatternError::empty(Notation::Prefix));
        }
        check_length(Notation::Prefix, text)?;
        let mut glob = Glob::new(End::Bound);
        for c in text.chars() {
            glob.push_char(c);
        }
        Self::made(text, glob, GlobCoverage::All, Program::default)
    }

    /// A pattern, with an automaton for the keys that its plain reading does not decide.
    fn made(
        pattern: &str,
        glob: Glob,
        glob_decides: GlobCoverage,
        program: impl FnOnce() -> Program,
    ) -> Result<Self, PatternError> {
        let mut automaton = None;
        if glob_decides != GlobCoverage::All {
            automaton = Automaton::compile(&program());
            if automaton.is_none() {
                return Err(PatternError::budget(pattern));
            }
        }
        Ok(Self {
            text: pattern.to_owned(),
            glob,
            automaton,
            glob_decides,
        })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the key matches.
    pub fn matches(&self, key: &str) -> bool {
        match &self.automaton {
            Some(automaton)
                if self.glob_decides == GlobCoverage::None
                    || (self.glob_decides == GlobCoverage::WithoutLineFeeds
                        && has_line_feed(key)) =>
            {
                automaton.matches(key)
            }
            _ => self.glob.matches(key),
        }
    }

    /// What a key must hold to match: texts that are quickly looked for, the beginning of one that is not.
    pub fn literals(&self) -> Literals {
        let anchored_start = self.glob.start() == End::Bound && self.glob.starts_with_text();
        let anchored_end = self.glob.end() == End::Bound && self.glob.ends_with_text();
        // An anchor without a text next to it cannot be expressed by pieces.
        let told = anchored_start == (self.glob.start() == End::Bound)
            && anchored_end == (self.glob.end() == End::Bound);
        let mut pieces = self.glob.texts();
        let last = pieces.len().saturating_sub(1);
        let mut whole = true;
        for (at, piece) in pieces.iter_mut().enumerate() {
            let bound = (at == 0 && anchored_start) || (at == last && anchored_end);
            if !bound && let Some((end, _)) = piece.char_indices().nth(SEARCHED) {
                piece.truncate(end);
                whole = false;
            }
        }
        Literals {
            anchored_start,
            anchored_end,
            pieces,
            exact: told
                && whole
                && self.glob_decides != GlobCoverage::None
                && self.glob.is_texts_only(),
        }
    }
}

/// By hand, as everything here that looks at bytes: the standard library's search for a character is made for long
/// texts and is larger than what it saves on keys.
fn has_line_feed(key: &str) -> bool {
    key.bytes().any(|byte| byte == b'\n')
}

/// The program of a well-formed glob.
fn glob_program(pattern: &str) -> Program {
    let mut program = Program::default();
    program.push_look(Assertion::Start);
    let mut characters = Cursor::new(pattern);
    while let Some(c) = characters.next() {
        match c {
            // Several runs in a row are one.
            '*' if characters.peek() == Some('*') => {}
            '*' => program.push_run(),
            '?' => program.push_class(ANY),
            '\\' => program.push_char(characters.next().unwrap_or(c)),
            plain => program.push_char(plain),
        }
    }
    program.push_look(Assertion::End);
    program.finish();
    program
}

fn check_length(notation: Notation, pattern: &str) -> Result<(), PatternError> {
    if pattern.len() > MAX_PATTERN {
        return Err(PatternError::too_long(notation, pattern.len()));
    }
    Ok(())
}

/// Whether an expression can be read, and is not too large.
#[inline(never)]
fn check(pattern: &str, size: usize) -> Result<(), regex_lite::Error> {
    RegexBuilder::new(pattern)
        .size_limit(size)
        .nest_limit(MAX_NESTING)
        .build()
        .map(drop)
}

#[cold]
#[inline(never)]
fn refusal(pattern: &str, error: &regex_lite::Error) -> PatternError {
    let reason = error.to_string();
    if is_complexity(&reason) {
        return PatternError::too_complex(&reason);
    }
    PatternError::syntax(Notation::Regex, pattern, fault(pattern, error), &reason)
}

fn is_complexity(reason: &str) -> bool {
    for limit in ["size limit", "too much nesting", "too many capture"] {
        let mut places = reason.as_bytes().windows(limit.len());
        if places.any(|place| place == limit.as_bytes()) {
            return true;
        }
    }
    false
}

/// Where a malformed expression is wrong, in characters. The engine does not report it, but what precedes
/// the fault is accepted or fails for another reason; so the longest such beginning ends at the fault.
fn fault(pattern: &str, error: &regex_lite::Error) -> usize {
    /// So many beginnings are tried; longer patterns are searched from that far back.
    const TRIED: usize = 256;
    let mut fault = pattern.chars().count();
    let mut tried = 0_usize;
    let mut end = pattern.len();
    while tried < TRIED {
        let Some(before) = end.checked_sub(1) else {
            break;
        };
        end = before;
        let Some(beginning) = pattern.get(..end) else {
            continue;
        };
        tried = tried.saturating_add(1);
        fault = fault.saturating_sub(1);
        // With the smallest limit only syntax is checked.
        match check(beginning, 0) {
            Err(other) if other == *error => {}
            _ => break,
        }
    }
    fault
}
