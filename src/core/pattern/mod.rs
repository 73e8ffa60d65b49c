//! Patterns over whole keys: regular expression, glob, prefix.
//!
//! What a key costs at most is decided before the first one is looked at, by the pattern alone: a character of a key is one
//! step, or a few words of bits. So the longest key, of 1,024 characters, takes about 20 µs at
//! the most, a scan is linear in the keys it looks at, and no clock is read. What would cost more is refused.
//! This module sees texts only; which entries they name is for the caller to know.
//!
//! ```
//! use endpoint_cache::core::pattern::TextPattern;
//! let pipeline = TextPattern::regex(r"storycore\.pipeline\..*")?;
//! assert!(pipeline.matches("storycore.pipeline.status:44136fa355b3678a"));
//! assert!(pipeline.literals().exact);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod automaton;
mod cursor;
mod error;
mod glob;
mod regex_js;
mod regex_literals;
mod text_pattern;

pub use error::{MAX_PATTERN, PatternError};
pub use regex_js::regex_from_js;
pub use text_pattern::{Literals, TextPattern};
