//! What a mutation of one resource id leaves alone.

/// The entries of other ids that a mutation of one id spares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowing {
    pub(super) endpoint: String,
    pub(super) family: String,
    pub(super) tag: String,
}

impl Narrowing {
    /// The one endpoint of which entries may be spared.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Whether entries of this endpoint with these tags stay although the mutation covers them.
    pub fn spares<'t>(&self, endpoint: &str, tags: impl IntoIterator<Item = &'t str>) -> bool {
        let tags: Vec<&str> = tags.into_iter().collect();
        self.spares_by(endpoint, &|at| tags.get(at).copied())
    }

    /// The same of tags that are read by number.
    pub(crate) fn spares_by<'t>(
        &self,
        endpoint: &str,
        tag: &dyn Fn(usize) -> Option<&'t str>,
    ) -> bool {
        if endpoint != self.endpoint {
            return false;
        }
        let mut other = false;
        let mut at = 0_usize;
        while let Some(tag) = tag(at) {
            if tag == self.tag {
                return false;
            }
            other = other || tag.starts_with(&self.family);
            at = at.saturating_add(1);
        }
        other
    }
}
