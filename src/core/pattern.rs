//! Patterns over whole keys: regular expression, glob, prefix.
//!
//! Matching takes linear time and never recurses, but a linear bound times many keys can still be long:
//! a host scans keys in batches of [`TextPattern::batch_bytes`] and looks at its meter between them.
//! This room sees texts only; which entries they name is for the caller to know.
//!
//! ```
//! use endpoint_cache::core::pattern::TextPattern;
//! let pipeline = TextPattern::regex(r"storycore\.pipeline\..*")?;
//! assert!(pipeline.matches("storycore.pipeline.status:44136fa355b3678a"));
//! assert!(pipeline.literals().exact);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::cursor::Cursor;
use super::pattern_error::Notation;
use super::regex_literals;
use super::wild::{End, Wild};
use regex_lite::{Regex, RegexBuilder};

pub use super::pattern_error::{MAX_PATTERN, PatternError};
pub use super::regex_js::regex_from_js;

/// Bytes of a compiled expression that the engine walks through in one step: about half a state, which is
/// twice as large where pointers have 64 bits. So a pattern costs the same, and is refused alike, everywhere.
const BYTES_PER_STEP: usize = size_of::<usize>().saturating_mul(2);

/// How many steps a byte of a key may cost. At 10 ns a step, as measured natively with repetitions nested to
/// hurt, the longest key takes 80 ms; about 4,000 states, which is more than any pattern needs that people write.
const MAX_STEPS: usize = 8192;

/// How deep groups may nest.
const MAX_NESTING: u32 = 50;

/// Steps that a batch may take: 2.5 ms natively, about 5 ms in WebAssembly.
const BATCH_STEPS: usize = 250_000;

/// A pattern, ready to match.
#[derive(Clone, Debug)]
pub struct TextPattern {
    text: String,
    wild: Wild,
    /// What decides where the plain reading alone does not.
    engine: Option<Engine>,
}

#[derive(Clone, Debug)]
struct Engine {
    regex: Regex,
    /// Whether it is asked only about keys that hold a line feed.
    only_line_feeds: bool,
    cost_per_byte: u32,
}

/// What a key must hold to match, for a host that searches with its own substring search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literals {
    /// The first piece is where the key starts.
    pub anchored_start: bool,
    /// The last piece is where the key ends. With one piece and both anchors the key is that piece.
    pub anchored_end: bool,
    /// These texts occur in this order without overlap. None says nothing, so every key may match.
    pub pieces: Vec<String>,
    /// The above is all there is to the pattern, for keys without a line feed (`\n`).
    pub exact: bool,
}

impl TextPattern {
    /// A regular expression, searched in the whole key: `^` and `$` bind it to the ends.
    ///
    /// The empty expression matches every key. Look-around and back-references do not exist, so time is
    /// linear in the key; the pattern has at most [`MAX_PATTERN`] bytes.
    pub fn regex(pattern: &str) -> Result<Self, PatternError> {
        check_length(Notation::Regex, pattern)?;
        let regex = match compile(pattern, MAX_STEPS) {
            Ok(regex) => regex,
            Err(error) => return Err(refusal(pattern, &error)),
        };
        let reading = regex_literals::read(pattern);
        Ok(Self {
            text: pattern.to_owned(),
            engine: Some(Engine {
                regex,
                only_line_feeds: reading.exact,
                cost_per_byte: cost(pattern),
            }),
            wild: reading.wild,
        })
    }

    /// A glob over the whole key: `*` is any characters, `?` any one, `\` takes the next character as it is.
    ///
    /// There are no classes and no braces: `[` and `{` stand for themselves.
    pub fn glob(pattern: &str) -> Result<Self, PatternError> {
        if pattern.is_empty() {
            return Err(PatternError::empty(Notation::Glob));
        }
        check_length(Notation::Glob, pattern)?;
        let mut wild = Wild::new(End::Bound);
        let mut characters = Cursor::new(pattern);
        while let Some(c) = characters.next() {
            match c {
                '*' => wild.push_run(),
                '?' => wild.push_one(),
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
                    wild.push_char(escaped);
                }
                plain => wild.push_char(plain),
            }
        }
        Ok(Self::plain(pattern, wild.ended(End::Bound)))
    }

    /// The keys that start with this text.
    pub fn prefix(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() {
            return Err(PatternError::empty(Notation::Prefix));
        }
        check_length(Notation::Prefix, text)?;
        let mut wild = Wild::new(End::Bound);
        for c in text.chars() {
            wild.push_char(c);
        }
        Ok(Self::plain(text, wild))
    }

    /// A pattern that needs no engine.
    fn plain(text: &str, wild: Wild) -> Self {
        Self {
            text: text.to_owned(),
            wild,
            engine: None,
        }
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the key matches.
    pub fn matches(&self, key: &str) -> bool {
        if !self.wild.matches(key) {
            return false;
        }
        match &self.engine {
            None => true,
            Some(engine) if engine.only_line_feeds && !has_line_feed(key) => true,
            Some(engine) => engine.regex.is_match(key),
        }
    }

    /// Matches some keys and appends one answer for each.
    pub fn scan_batch<'k>(&self, keys: impl IntoIterator<Item = &'k str>, hits: &mut Vec<bool>) {
        hits.extend(keys.into_iter().map(|key| self.matches(key)));
    }

    /// An upper bound on the steps that one byte of a key costs.
    pub fn cost_per_byte(&self) -> u32 {
        let engine = self.engine.as_ref().map_or(0, |engine| {
            if engine.only_line_feeds {
                0
            } else {
                engine.cost_per_byte
            }
        });
        engine.max(self.wild.cost_per_byte())
    }

    /// How many bytes of keys to match between two looks at the meter: at most about 5 ms of work.
    ///
    /// A single key longer than this is a batch of its own.
    pub fn batch_bytes(&self) -> usize {
        let cost = usize::try_from(self.cost_per_byte()).unwrap_or(usize::MAX);
        BATCH_STEPS.checked_div(cost).unwrap_or(BATCH_STEPS).max(1)
    }

    /// What a key must hold to match.
    pub fn literals(&self) -> Literals {
        let anchored_start = self.wild.start() == End::Bound && self.wild.starts_with_text();
        let anchored_end = self.wild.end() == End::Bound && self.wild.ends_with_text();
        // An anchor without a text next to it cannot be told by pieces.
        let told = anchored_start == (self.wild.start() == End::Bound)
            && anchored_end == (self.wild.end() == End::Bound);
        let plain = self
            .engine
            .as_ref()
            .is_none_or(|engine| engine.only_line_feeds);
        Literals {
            anchored_start,
            anchored_end,
            pieces: self.wild.texts(),
            exact: told && plain && self.wild.is_texts_only(),
        }
    }
}

/// By hand, as everything here that looks at bytes: the standard library's search for a character is made for long
/// texts and is larger than what it saves on keys.
fn has_line_feed(key: &str) -> bool {
    key.bytes().any(|byte| byte == b'\n')
}

fn check_length(notation: Notation, pattern: &str) -> Result<(), PatternError> {
    if pattern.len() > MAX_PATTERN {
        return Err(PatternError::too_long(notation, pattern.len()));
    }
    Ok(())
}

#[inline(never)]
fn compile(pattern: &str, steps: usize) -> Result<Regex, regex_lite::Error> {
    RegexBuilder::new(pattern)
        .size_limit(steps.saturating_mul(BYTES_PER_STEP))
        .nest_limit(MAX_NESTING)
        .build()
}

/// The engine visits each of its states at most once per byte; their number is not to be had, but the
/// smallest size limit that the expression keeps is.
fn cost(pattern: &str) -> u32 {
    let mut steps = 32_usize;
    while steps < MAX_STEPS && compile(pattern, steps).is_err() {
        steps = steps.saturating_mul(2);
    }
    u32::try_from(steps).unwrap_or(u32::MAX)
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

/// Where a malformed expression goes wrong, in characters. The engine does not say, but what stands before
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
        match compile(beginning, 0) {
            Err(other) if other == *error => {}
            _ => break,
        }
    }
    fault
}
