//! What was invalidated while loads were in flight: a count of everything, and the tags that a load may yet get.

use super::{InFlight, LoadId};
use crate::core::groups::Scope;

/// Invalidations by tag, remembered for as long as a load that began before them is in flight; those of longer names than that
/// many bytes are not.
const REMEMBERED_TAGS: usize = 1024;

const REMEMBERED_NAME: usize = 1024;

impl InFlight {
    /// Invalidations so far.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Counts an invalidation, and remembers it if it names a tag that a load may yet assign.
    pub(crate) fn invalidated(&mut self, scope: Option<&Scope>) -> u64 {
        self.sequence = self.sequence.saturating_add(1);
        if !self.tagged.is_empty() {
            self.forget_tags();
        }
        if let Some(scope) = scope.filter(|scope| scope.tag.is_some() || scope.narrowing.is_some())
            && self.load_count > 0
        {
            let names = [&scope.tag, &scope.user];
            let long = |name: &&Option<String>| {
                let length = name.as_ref().map_or(0, String::len);
                length > REMEMBERED_NAME
            };
            if names.iter().any(long) {
                // As if it had been remembered and forgotten again.
                self.forgotten = self.sequence;
            } else {
                self.tagged.push((self.sequence, scope.clone()));
                if self.tagged.len() > REMEMBERED_TAGS {
                    (self.forgotten, _) = self.tagged.remove(0);
                }
            }
        }
        self.sequence
    }

    fn forget_tags(&mut self) {
        let oldest = self
            .iter()
            .map(|(_, load)| load.after)
            .min()
            .unwrap_or(u64::MAX);
        self.tagged.retain(|(sequence, _)| *sequence > oldest);
    }

    /// True when a tag among `tags` was invalidated, for this endpoint and user, after invalidation `after`.
    pub(crate) fn tag_invalidated(
        &self,
        after: u64,
        endpoint: &str,
        user: Option<&str>,
        tags: &[String],
    ) -> bool {
        let covers = |(sequence, scope): &(u64, Scope)| {
            *sequence > after && scope.covers(endpoint, user, tags)
        };
        self.forgotten > after && !tags.is_empty() || self.tagged.iter().any(covers)
    }

    /// True when a tag was invalidated since the load began that it might yet turn out to have.
    ///
    /// A caller that comes after that invalidation must not be served by this load.
    pub(crate) fn may_be_outdated(&self, id: LoadId, endpoint: &str, user: Option<&str>) -> bool {
        let Some(after) = self.get(id).map(|load| load.after) else {
            return false;
        };
        let may_cover =
            |(sequence, scope): &(u64, Scope)| *sequence > after && scope.may_cover(endpoint, user);
        self.forgotten > after || self.tagged.iter().any(may_cover)
    }
}
