//! How an invalidation ends groups: which ones a scope covers, and the release of what they hold.

use super::labels::LabelKind;
use super::{GroupId, Groups, Scope};
use crate::core::slots::linked_list::NIL;
use crate::core::slots::{Slot, Slots};

impl Groups {
    /// Retires every group that `scope` covers and returns how many values those held.
    pub(crate) fn retire(&mut self, scope: &Scope) -> usize {
        let mut count = 0_usize;
        for group in self.select(scope) {
            if self.is_alive(GroupId(group)) {
                self.alive.put(group, 0);
                count = count.saturating_add(self.values_of(group));
                self.retired.push_back(group);
            }
        }
        self.count_waiting();
        self.dead = self.dead.saturating_add(count);
        count
    }

    /// Slots that `scope` covers, of values and of loads alike.
    pub(crate) fn covered_slots(&self, scope: &Scope, slots: &Slots) -> Vec<Slot> {
        let mut found = Vec::new();
        for group in self.candidates(scope) {
            if self.is_alive(GroupId(group)) && self.is_covered(scope, group) {
                self.add_slots(group, slots, &mut found);
            }
        }
        found
    }

    pub(super) fn values_of(&self, group: u32) -> usize {
        self.groups
            .get(group as usize)
            .map_or(0, |group| group.values as usize)
    }

    pub(super) fn add_slots(&self, group: u32, slots: &Slots, found: &mut Vec<Slot>) {
        let entries = self.groups.get(group as usize).map(|group| group.entries);
        let entries = entries.unwrap_or_default();
        found.reserve(entries.len as usize);
        let mut at = entries.head;
        while at != NIL {
            found.push(Slot(at));
            at = slots.group_links.at(at).next;
        }
    }

    fn is_covered(&self, scope: &Scope, group: u32) -> bool {
        self.describe(GroupId(group), |endpoint, user, tag| {
            scope.covers_by(endpoint, user, tag)
        })
        .unwrap_or(false)
    }

    /// Groups to retire. Where only the endpoint matters their lists are taken whole, without a look at each.
    fn select(&mut self, scope: &Scope) -> Vec<u32> {
        if scope.is_by_endpoint() {
            return self.labels.take_endpoints(scope.endpoint.as_ref());
        }
        let mut groups = self.candidates(scope);
        groups.retain(|group| self.is_covered(scope, *group));
        groups
    }

    fn candidates(&self, scope: &Scope) -> Vec<u32> {
        match (&scope.tag, &scope.user) {
            (Some(tag), _) => self.labels.groups_of(LabelKind::Tag, tag),
            (None, Some(user)) => self.labels.groups_of(LabelKind::User, user),
            (None, None) => self.labels.of_endpoints(scope.endpoint.as_ref()),
        }
    }

    /// The next slot of a retired group, for release; groups found empty are finished on the way.
    ///
    /// Looks at `budget` groups at most, and lowers it by what it looked at.
    #[inline(always)]
    pub(crate) fn next_dead(&mut self, budget: &mut u32) -> Option<Slot> {
        while *budget > 0 {
            *budget = budget.saturating_sub(1);
            let group = *self.retired.front()?;
            match self
                .groups
                .get(group as usize)
                .and_then(|group| group.entries.first())
            {
                Some(slot) => return Some(Slot(slot)),
                None => {
                    self.retired.pop_front();
                    self.count_waiting();
                    self.finish(group);
                }
            }
        }
        None
    }

    fn count_waiting(&mut self) {
        self.waiting
            .put(0, u32::try_from(self.retired.len()).unwrap_or(u32::MAX));
    }

    /// True while retired entries wait for their release.
    pub(crate) fn has_dead(&self) -> bool {
        !self.retired.is_empty()
    }

    /// Values that are dead and not yet released.
    pub(crate) fn dead(&self) -> usize {
        self.dead
    }
}
