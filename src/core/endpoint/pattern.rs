//! Patterns of endpoints.

use super::{EndpointError, cut_first, first_segment, operation, validate};
use crate::core::fmt_lite::{joined, piece};
use std::fmt;

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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// The name itself.
    Exact,
    /// Segments, some of them `*`.
    Wildcard,
    /// The text is a resource; everything that lies under it.
    Under,
    /// What lies under it, by operation.
    UnderSome,
}

/// A set of endpoints, written as segments.
///
/// A `*` matches exactly one segment in the middle, and one or more at either end:
/// `*.list` is every `list`, `storycore.prompt.*` is everything under `storycore.prompt`.
/// Without a wildcard a pattern covers the endpoint it spells and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointPattern {
    text: String,
    form: Form,
    /// The operations of [`Form::UnderSome`], each with a `:` behind it, which no endpoint holds: one text, since
    /// every mutation copies and compares the patterns that it invalidates.
    ops: String,
    /// Length in bytes of the dotted leading segments that hold no wildcard.
    literal: usize,
}

impl EndpointPattern {
    /// Reads a pattern such as `storycore.prompt.*`, `*.list` or `storycore.prompt.get`.
    pub fn parse(pattern: &str) -> Result<Self, EndpointError> {
        if pattern.is_empty() {
            return Err(EndpointError::empty_pattern());
        }
        let (mut form, mut literal) = (Form::Exact, pattern.len());
        let mut rest = Some(pattern);
        while let Some(text) = rest {
            let (segment, more) = first_segment(text);
            if segment.is_empty() {
                return Err(EndpointError::empty_segment(pattern));
            }
            if segment == "*" {
                // The first one ends the literal prefix, at the dot before it.
                if matches!(form, Form::Exact) {
                    let before = pattern.len().saturating_sub(text.len());
                    (form, literal) = (Form::Wildcard, before.saturating_sub(1));
                }
            } else if segment.bytes().any(|byte| byte == b'*') {
                return Err(EndpointError::partial_wildcard(pattern, segment));
            }
            rest = more;
        }
        validate(pattern)?;
        Ok(Self {
            text: pattern.to_owned(),
            form,
            ops: String::new(),
            literal,
        })
    }

    /// The endpoint of this very name, read as a name: a `*` in it is no wildcard.
    pub fn exact(endpoint: &str) -> Self {
        Self {
            text: endpoint.to_owned(),
            form: Form::Exact,
            ops: String::new(),
            literal: endpoint.len(),
        }
    }

    /// What lies under a resource, at any depth, if its operation is among `ops`.
    ///
    /// The resource itself is not covered. The empty resource is the root: every endpoint lies under it.
    pub fn under(resource_name: &str, ops: Ops) -> Self {
        match ops {
            Ops::All => Self::under_ops(resource_name, Form::Under, ""),
            Ops::Of(names) => {
                let mut listed = String::new();
                for name in names {
                    listed.push_str(&joined(&[&name, ":"]));
                }
                Self::under_ops(resource_name, Form::UnderSome, &listed)
            }
        }
    }

    /// Everything that lies under a resource.
    pub(crate) fn all_under(resource_name: &str) -> Self {
        Self::under_ops(resource_name, Form::Under, "")
    }

    /// What lies under a resource by operation, each with a `:` behind it.
    pub(crate) fn listed_under(resource_name: &str, ops: &str) -> Self {
        Self::under_ops(resource_name, Form::UnderSome, ops)
    }

    fn under_ops(resource_name: &str, form: Form, ops: &str) -> Self {
        Self {
            text: resource_name.to_owned(),
            form,
            ops: ops.to_owned(),
            literal: resource_name.len(),
        }
    }

    /// Whether the endpoint is in this set. Compares whole segments and allocates nothing.
    pub fn covers(&self, endpoint: &str) -> bool {
        match self.form {
            Form::Exact => self.text == endpoint,
            Form::Wildcard => covers_wildcard(&self.text, endpoint),
            Form::Under => !below(&self.text, endpoint).is_empty(),
            Form::UnderSome => {
                let rest = below(&self.text, endpoint);
                !rest.is_empty() && self.has(operation(rest))
            }
        }
    }

    fn has(&self, operation: &str) -> bool {
        let mut rest = self.ops.as_str();
        while let (known, Some(more)) = cut_first(rest, b':') {
            if known == operation {
                return true;
            }
            rest = more;
        }
        false
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
        matches!(self.form, Form::Exact)
    }

    /// How many segments are spelled out: the more, the more specific the pattern.
    pub fn literal_segments(&self) -> usize {
        let mut count = 0_usize;
        let mut rest = Some(self.text.as_str());
        while let Some(text) = rest {
            let (segment, more) = first_segment(text);
            if !segment.is_empty() && (segment != "*" || self.is_exact()) {
                count = count.saturating_add(1);
            }
            rest = more;
        }
        count
    }
}

impl fmt::Display for EndpointPattern {
    /// `storycore.prompt.get`, `storycore.prompt.*`, or `storycore.prompt.*(list|get)` for [`EndpointPattern::under`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        let some = matches!(self.form, Form::UnderSome);
        if !some && !matches!(self.form, Form::Under) {
            return Ok(());
        }
        f.write_str(if self.text.is_empty() { "*" } else { ".*" })?;
        if !some {
            return Ok(());
        }
        let mut before = "(";
        let mut rest = self.ops.as_str();
        while let (name, Some(more)) = cut_first(rest, b':') {
            f.write_str(before)?;
            f.write_str(name)?;
            before = "|";
            rest = more;
        }
        f.write_str(if self.ops.is_empty() { "()" } else { ")" })
    }
}

/// What follows a resource and its dot; nothing where the endpoint does not lie under it.
#[inline(never)]
fn below<'e>(resource_name: &str, endpoint: &'e str) -> &'e str {
    if resource_name.is_empty() {
        return endpoint;
    }
    match endpoint.strip_prefix(resource_name) {
        Some(rest) if rest.starts_with('.') => piece(rest, 1, rest.len()),
        _ => "",
    }
}

/// Matches a pattern with wildcards. Between the open ends lies a run of segments of fixed length,
/// so trying each place for it is enough and nothing backtracks further.
fn covers_wildcard(pattern: &str, endpoint: &str) -> bool {
    if pattern == "*" {
        return !endpoint.is_empty();
    }
    if let Some(middle) = pattern.strip_prefix("*.") {
        // The first `*` takes one segment, then two, and so on.
        let mut rest = endpoint;
        while let (_, Some(after)) = first_segment(rest) {
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
#[inline(never)]
fn fits(pattern: &str, endpoint: &str) -> bool {
    let (mut wanted, mut given) = (pattern, endpoint);
    loop {
        let (want, more_wanted) = first_segment(wanted);
        let (have, more_given) = first_segment(given);
        if want != "*" && want != have {
            return false;
        }
        match (more_wanted, more_given) {
            (Some(more_wanted), Some(more_given)) => {
                (wanted, given) = (more_wanted, more_given);
            }
            (None, Some(_)) => return want == "*",
            (None, None) => return true,
            (Some(_), None) => return false,
        }
    }
}
