//! What an invalidation covers: endpoints, a user, a tag, an id.
//!
//! A scope is made of names only; which entries have them is the business of [`groups`](super).

use crate::core::endpoint::EndpointPattern;
use crate::core::rules::Narrowing;
use std::fmt;

/// What an invalidation covers, apart from patterns over key text: all conditions must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// Endpoints by pattern.
    pub endpoint: Option<EndpointPattern>,
    /// The entries of one user, by the name that keys hold.
    pub user: Option<String>,
    /// Entries with this tag.
    pub tag: Option<String>,
    /// Entries of other resource ids, which a mutation of one id leaves alone.
    pub narrowing: Option<Narrowing>,
}

impl Scope {
    /// Everything that an endpoint pattern covers.
    pub fn endpoint(pattern: EndpointPattern) -> Self {
        Scope {
            endpoint: Some(pattern),
            ..Scope::default()
        }
    }

    /// True for an entry of `endpoint` and `user` with `tags`.
    pub fn covers<T: AsRef<str>>(&self, endpoint: &str, user: Option<&str>, tags: &[T]) -> bool {
        self.covers_by(endpoint, user, &|at| tags.get(at).map(AsRef::as_ref))
    }

    /// The same of tags that are read by number.
    pub(crate) fn covers_by<'t>(
        &self,
        endpoint: &str,
        user: Option<&str>,
        tag: &dyn Fn(usize) -> Option<&'t str>,
    ) -> bool {
        self.may_cover(endpoint, user) && self.covers_tagged(endpoint, tag)
    }

    /// Whether the tags are the right ones; they are read by number, so that this exists once for all sorts of them.
    #[inline(never)]
    fn covers_tagged<'t>(&self, endpoint: &str, tag: &dyn Fn(usize) -> Option<&'t str>) -> bool {
        if let Some(wanted) = &self.tag {
            let mut at = 0_usize;
            loop {
                match tag(at) {
                    Some(tag) if tag == wanted => break,
                    Some(_) => at = at.saturating_add(1),
                    None => return false,
                }
            }
        }
        !self
            .narrowing
            .as_ref()
            .is_some_and(|narrowing| narrowing.spares_by(endpoint, tag))
    }

    /// True when it would cover an entry of `endpoint` and `user` with the right tags.
    #[inline(never)]
    pub(crate) fn may_cover(&self, endpoint: &str, user: Option<&str>) -> bool {
        let pattern = self.endpoint.as_ref();
        let wanted = self.user.as_deref();
        pattern.is_none_or(|pattern| pattern.covers(endpoint))
            && wanted.is_none_or(|wanted| user == Some(wanted))
    }

    /// True when nothing narrows it: it covers every entry.
    pub fn is_everything(&self) -> bool {
        self.endpoint.is_none() && self.user.is_none() && self.tag.is_none()
    }

    /// True when whole endpoints are covered, of every user and with any tags.
    pub(crate) fn is_by_endpoint(&self) -> bool {
        self.user.is_none() && self.tag.is_none() && self.narrowing.is_none()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "";
        if let Some(pattern) = &self.endpoint {
            f.write_str("endpoint ")?;
            pattern.fmt(f)?;
            before = ", ";
        }
        for (what, name) in [("user ", &self.user), ("tag ", &self.tag)] {
            if let Some(name) = name {
                f.write_str(before)?;
                f.write_str(what)?;
                f.write_str(name)?;
                before = ", ";
            }
        }
        if before.is_empty() {
            f.write_str("everything")
        } else {
            Ok(())
        }
    }
}
