//! Endpoint names and the patterns that cover them.
//!
//! An endpoint is dot-separated segments: `storycore.prompt.list` is the operation `list` on the
//! resource `storycore.prompt`. Everything here compares whole segments, so `storycore.prompt`
//! never touches `storycore.prompts`. This room knows nothing of keys, rules or entries.
//!
//! ```
//! use endpoint_cache::core::endpoint::EndpointPattern;
//! let prompts = EndpointPattern::parse("storycore.prompt.*")?;
//! assert!(prompts.covers("storycore.prompt.version.list"));
//! assert!(!prompts.covers("storycore.prompts.list"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::endpoint_error::{Problem, excerpt};
use std::fmt;

pub use super::endpoint_error::EndpointError;

/// Refuses a text that cannot name an endpoint: an empty one, or one that holds `:`, white space
/// or a control character. Whether it is an endpoint worth caching is for the rules to say.
pub fn validate(endpoint: &str) -> Result<(), EndpointError> {
    if endpoint.is_empty() {
        return Err(EndpointError::new(Problem::Empty));
    }
    let bad = endpoint
        .char_indices()
        .find(|&(_, c)| c == ':' || c.is_whitespace() || c.is_control());
    match bad {
        Some((at, found)) => Err(EndpointError::new(Problem::Character {
            endpoint: excerpt(endpoint),
            found,
            at,
        })),
        None => Ok(()),
    }
}

/// The last segment: `list` of `storycore.prompt.list`, and the whole of a single segment.
pub fn operation(endpoint: &str) -> &str {
    endpoint.rsplit_once('.').map_or(endpoint, |(_, last)| last)
}

/// The endpoint without its operation: `storycore.prompt` of `storycore.prompt.list`, `""` of a single segment.
pub fn resource(endpoint: &str) -> &str {
    endpoint.rsplit_once('.').map_or("", |(front, _)| front)
}

/// The resource that holds this one: `storycore` of `storycore.prompt`, `""` at the top.
pub fn parent(resource_name: &str) -> &str {
    resource(resource_name)
}

/// Which operations of a resource an [`EndpointPattern::under`] covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ops {
    /// Every operation.
    All,
    /// The operations named here, at any depth under the resource.
    Of(Vec<String>),
}

impl Ops {
    /// The operations with these names.
    pub fn of(names: &[&str]) -> Self {
        Self::Of(names.iter().map(|&name| name.to_owned()).collect())
    }

    fn has(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Of(names) => names.iter().any(|known| known == name),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// The name itself.
    Exact,
    /// Segments, some of them `*`.
    Wild,
    /// The text is a resource; what lies under it, by operation.
    Under(Ops),
}

/// A set of endpoints, written as segments.
///
/// A `*` stands for exactly one segment in the middle, and for one or more at either end:
/// `*.list` is every `list`, `storycore.prompt.*` is everything under `storycore.prompt`.
/// Without a wildcard a pattern covers the endpoint it spells and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointPattern {
    text: String,
    form: Form,
    /// Length in bytes of the dotted leading segments that hold no wildcard.
    literal: usize,
}

impl EndpointPattern {
    /// Reads a pattern such as `storycore.prompt.*`, `*.list` or `storycore.prompt.get`.
    pub fn parse(pattern: &str) -> Result<Self, EndpointError> {
        if pattern.is_empty() {
            return Err(EndpointError::new(Problem::EmptyPattern));
        }
        for segment in pattern.split('.') {
            if segment.is_empty() {
                return Err(EndpointError::new(Problem::EmptySegment(excerpt(pattern))));
            }
            if segment != "*" && segment.contains('*') {
                return Err(EndpointError::new(Problem::PartialWildcard {
                    pattern: excerpt(pattern),
                    segment: excerpt(segment),
                }));
            }
        }
        validate(pattern)?;
        // A `*` is always a whole segment here, so the first one ends the literal prefix.
        let (form, literal) = match pattern.find('*') {
            Some(star) => (Form::Wild, star.saturating_sub(1)),
            None => (Form::Exact, pattern.len()),
        };
        Ok(Self {
            text: pattern.to_owned(),
            form,
            literal,
        })
    }

    /// The endpoint of this very name, read as a name: a `*` in it is no wildcard.
    pub fn exact(endpoint: &str) -> Self {
        Self {
            text: endpoint.to_owned(),
            form: Form::Exact,
            literal: endpoint.len(),
        }
    }

    /// What lies under a resource, at any depth, if its operation is among `ops`.
    ///
    /// The resource itself is not covered. The empty resource is the root: every endpoint lies under it.
    pub fn under(resource_name: &str, ops: Ops) -> Self {
        Self {
            text: resource_name.to_owned(),
            form: Form::Under(ops),
            literal: resource_name.len(),
        }
    }

    /// Whether the endpoint is in this set. Compares whole segments and allocates nothing.
    pub fn covers(&self, endpoint: &str) -> bool {
        match &self.form {
            Form::Exact => self.text == endpoint,
            Form::Wild => covers_wild(&self.text, endpoint),
            Form::Under(ops) => {
                let below = if self.text.is_empty() {
                    Some(endpoint)
                } else {
                    endpoint
                        .strip_prefix(self.text.as_str())
                        .and_then(|rest| rest.strip_prefix('.'))
                };
                below.is_some_and(|rest| !rest.is_empty() && ops.has(operation(rest)))
            }
        }
    }

    /// The dotted leading segments without a wildcard; every covered endpoint starts with them.
    ///
    /// It is the whole name of an exact pattern, the resource of [`under`](Self::under), and `""`
    /// where the first segment is a wildcard.
    pub fn literal_prefix(&self) -> &str {
        self.text.get(..self.literal).unwrap_or("")
    }

    /// Whether the pattern names one endpoint.
    pub fn is_exact(&self) -> bool {
        self.form == Form::Exact
    }

    /// How many segments are spelled out: the more, the more specific the pattern.
    pub fn literal_segments(&self) -> usize {
        self.text
            .split('.')
            .filter(|&segment| !segment.is_empty() && (segment != "*" || self.is_exact()))
            .count()
    }
}

impl fmt::Display for EndpointPattern {
    /// `storycore.prompt.get`, `storycore.prompt.*`, or `storycore.prompt.*(list|get)` for [`EndpointPattern::under`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        let Form::Under(ops) = &self.form else {
            return Ok(());
        };
        if !self.text.is_empty() {
            f.write_str(".")?;
        }
        f.write_str("*")?;
        match ops {
            Ops::All => Ok(()),
            Ops::Of(names) => {
                let mut before = "(";
                for name in names {
                    f.write_str(before)?;
                    f.write_str(name)?;
                    before = "|";
                }
                f.write_str(if names.is_empty() { "()" } else { ")" })
            }
        }
    }
}

/// Matches a pattern with wildcards. Between the open ends lies a run of segments of fixed length,
/// so trying each place for it is enough and nothing backtracks further.
fn covers_wild(pattern: &str, endpoint: &str) -> bool {
    if pattern == "*" {
        return !endpoint.is_empty();
    }
    if let Some(middle) = pattern.strip_prefix("*.") {
        // The first `*` takes one segment, then two, and so on.
        let mut rest = endpoint;
        while let Some((_, after)) = rest.split_once('.') {
            if fits(middle, after) {
                return true;
            }
            rest = after;
        }
        return false;
    }
    fits(pattern, endpoint)
}

/// Whether `endpoint` is `pattern` from its first segment on, where only a final `*` is open.
fn fits(pattern: &str, endpoint: &str) -> bool {
    let mut wanted = pattern.split('.').peekable();
    let mut given = endpoint.split('.').peekable();
    while let Some(want) = wanted.next() {
        let Some(have) = given.next() else {
            return false;
        };
        if want == "*" {
            if wanted.peek().is_none() {
                return true;
            }
        } else if want != have {
            return false;
        }
    }
    given.peek().is_none()
}
