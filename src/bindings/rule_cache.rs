//! What the rules say of endpoints seen lately.

use crate::core::hash::id_table::IdTable;
use crate::core::hash::seed::Seed;
use crate::core::rules::Resolved;
use std::rc::Rc;

/// Resolved endpoints by name. There are too few of them for any choice of names to make looking one up slow, so their
/// hashes need no seed.
#[derive(Default)]
pub(super) struct RuleCache {
    places: IdTable,
    resolved: Vec<(String, Rc<Resolved>)>,
}

/// Names resolved lately are remembered, up to this many.
const RESOLVED: usize = 1024;

impl RuleCache {
    /// What the rules say of a name: as remembered, or as `resolve` says now.
    pub(super) fn get(&mut self, name: &str, resolve: impl FnOnce() -> Resolved) -> Rc<Resolved> {
        let hash = Seed::default().of_text(name);
        let at = |place: u32| self.resolved.get(place as usize);
        let place = self.places.find(hash, |place| {
            at(place).is_some_and(|(known, _)| known == name)
        });
        if let Some((_, resolved)) = place.and_then(at) {
            return resolved.clone();
        }
        let resolved = Rc::new(resolve());
        if self.resolved.len() >= RESOLVED {
            *self = RuleCache::default();
        }
        if let Ok(place) = u32::try_from(self.resolved.len()) {
            self.places.insert(hash, place);
            self.resolved.push((name.to_owned(), resolved.clone()));
        }
        resolved
    }
}
