//! Labels: endpoints, users and tags by name, each with the groups that have it.
//!
//! A label is kept once however many groups have it, and as long as one has. This module knows group numbers and not what
//! groups hold. Endpoints are also kept sorted, so that everything under `storycore.prompt` is one range of names.

use super::sorted_ids::SortedIds;
use crate::core::bytes::is_same;
use crate::core::endpoint::EndpointPattern;
use crate::core::fmt_lite::joined;
use crate::core::hash::id_table::IdTable;
use crate::core::hash::seed::Seed;
use crate::core::slots::linked_list::NIL;
use slab::Slab;
use std::cmp::Ordering;

/// What a label is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LabelKind {
    Endpoint,
    User,
    Tag,
}

/// The number of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LabelId(pub(crate) u32);

#[derive(Debug)]
struct Label {
    kind: LabelKind,
    text: Box<str>,
    hash: u32,
    /// Groups that have it, those taken off its list included.
    uses: u32,
    /// The first and the last link of its list.
    first: u32,
    last: u32,
}

/// A group's place in the list of one label.
#[derive(Clone, Copy, Debug)]
struct Membership {
    label: LabelId,
    group: u32,
    next: u32,
    prev: u32,
    /// Another link of the same group.
    more: u32,
}

/// Compares the text of a label with this one.
fn order(labels: &Slab<Label>, text: &str) -> impl Fn(u32) -> Ordering {
    move |id| {
        let label = labels.get(id as usize);
        label.map_or("", |label| &label.text).cmp(text)
    }
}

/// All names.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    seed: Seed,
    labels: Slab<Label>,
    memberships: Slab<Membership>,
    index: IdTable,
    /// The endpoints among them, in the order of their texts.
    endpoints: SortedIds,
}

impl Labels {
    /// No names, to be hashed with this seed.
    pub(crate) fn seeded(seed: Seed) -> Self {
        Labels {
            seed,
            ..Labels::default()
        }
    }

    pub(crate) fn seed(&self) -> Seed {
        self.seed
    }

    fn hash(&self, kind: LabelKind, text: &str) -> u32 {
        self.seed.of_text(text) ^ kind as u32
    }

    fn lookup(&self, hash: u32, kind: LabelKind, text: &str) -> Option<LabelId> {
        let is = |id: u32| {
            let label = self.labels.get(id as usize);
            label.is_some_and(|label| label.kind == kind && is_same(&label.text, text))
        };
        self.index.find(hash, is).map(LabelId)
    }

    /// The label of that text, if any group has it.
    pub(crate) fn find(&self, kind: LabelKind, text: &str) -> Option<LabelId> {
        self.lookup(self.hash(kind, text), kind, text)
    }

    /// Counts a group that has the label, which is made if need be; [`Labels::release`] takes that back.
    pub(crate) fn acquire(&mut self, kind: LabelKind, text: &str) -> LabelId {
        let hash = self.hash(kind, text);
        let id = match self.lookup(hash, kind, text) {
            Some(id) => id,
            None => self.add(hash, kind, text),
        };
        if let Some(label) = self.labels.get_mut(id.0 as usize) {
            label.uses = label.uses.saturating_add(1);
        }
        id
    }

    fn add(&mut self, hash: u32, kind: LabelKind, text: &str) -> LabelId {
        let id = self.labels.insert(Label {
            kind,
            text: text.into(),
            hash,
            uses: 0,
            first: NIL,
            last: NIL,
        }) as u32;
        if kind == LabelKind::Endpoint {
            self.endpoints.insert(id, order(&self.labels, text));
        }
        self.index.insert(hash, id);
        LabelId(id)
    }

    /// One group fewer has the label; without any it is forgotten.
    pub(crate) fn release(&mut self, id: LabelId) {
        let Some(label) = self.labels.get_mut(id.0 as usize) else {
            return;
        };
        label.uses = label.uses.saturating_sub(1);
        if label.uses > 0 {
            return;
        }
        let Some(label) = self.labels.get(id.0 as usize) else {
            return;
        };
        self.index.remove(label.hash, id.0);
        if label.kind == LabelKind::Endpoint {
            let order = order(&self.labels, &label.text);
            self.endpoints.remove(id.0, order);
        }
        self.labels.try_remove(id.0 as usize);
    }

    pub(crate) fn text(&self, id: LabelId) -> &str {
        self.labels
            .get(id.0 as usize)
            .map_or("", |label| &label.text)
    }

    /// Puts a group at the end of a label's list and returns its membership there. `more` is the group's membership in another
    /// list, and so the head of a chain of all of them.
    pub(crate) fn add_group(&mut self, id: LabelId, group: u32, more: u32) -> u32 {
        let prev = self
            .labels
            .get(id.0 as usize)
            .map_or(NIL, |label| label.last);
        let membership = self.memberships.insert(Membership {
            label: id,
            group,
            next: NIL,
            prev,
            more,
        }) as u32;
        if let Some(before) = self.memberships.get_mut(prev as usize) {
            before.next = membership;
        }
        if let Some(label) = self.labels.get_mut(id.0 as usize) {
            label.last = membership;
            if prev == NIL {
                label.first = membership;
            }
        }
        membership
    }

    /// Takes a group off every list it is in, by the first of its links. A list that was taken whole meanwhile is none
    /// of the name's any more: what is there now does not change.
    pub(crate) fn remove_group(&mut self, first: u32) {
        let mut at = first;
        while let Some(link) = self.memberships.try_remove(at as usize) {
            if let Some(label) = self.labels.get_mut(link.label.0 as usize) {
                if label.first == at {
                    label.first = link.next;
                }
                if label.last == at {
                    label.last = link.prev;
                }
            }
            if let Some(before) = self.memberships.get_mut(link.prev as usize) {
                before.next = link.next;
            }
            if let Some(after) = self.memberships.get_mut(link.next as usize) {
                after.prev = link.prev;
            }
            at = link.more;
        }
    }

    /// Calls `act` with the groups on a name's list.
    pub(crate) fn each_group(&self, id: LabelId, act: &mut dyn FnMut(u32)) {
        let mut at = self
            .labels
            .get(id.0 as usize)
            .map_or(NIL, |label| label.first);
        while let Some(link) = self.memberships.get(at as usize) {
            act(link.group);
            at = link.next;
        }
    }

    /// The groups of one user or tag.
    pub(crate) fn groups_of(&self, kind: LabelKind, text: &str) -> Vec<u32> {
        let mut groups = Vec::new();
        if let Some(label) = self.find(kind, text) {
            self.each_group(label, &mut |group| groups.push(group));
        }
        groups
    }

    /// The groups of the endpoints that a pattern covers, or of all.
    pub(crate) fn of_endpoints(&self, pattern: Option<&EndpointPattern>) -> Vec<u32> {
        let mut groups = Vec::new();
        for label in self.endpoints(pattern) {
            self.each_group(label, &mut |group| groups.push(group));
        }
        groups
    }

    /// The same, and their lists are empty afterwards.
    pub(crate) fn take_endpoints(&mut self, pattern: Option<&EndpointPattern>) -> Vec<u32> {
        let mut groups = Vec::new();
        for id in self.endpoints(pattern) {
            self.each_group(id, &mut |group| groups.push(group));
            if let Some(label) = self.labels.get_mut(id.0 as usize) {
                (label.first, label.last) = (NIL, NIL);
            }
        }
        groups
    }

    /// The endpoints that a pattern covers, or all of them, by text: a part of one range of the sorted ones.
    pub(crate) fn endpoints(&self, pattern: Option<&EndpointPattern>) -> Vec<LabelId> {
        let prefix = pattern.map_or("", EndpointPattern::literal_prefix);
        if pattern.is_some_and(EndpointPattern::is_exact) {
            return self.find(LabelKind::Endpoint, prefix).into_iter().collect();
        }
        let mut found = Vec::new();
        let prefix = joined(&[prefix, if prefix.is_empty() { "" } else { "." }]);
        let from = order(&self.labels, &prefix);
        self.endpoints.each(from, &mut |id| {
            let text = self.text(LabelId(id));
            let under = text.starts_with(&prefix);
            if under && pattern.is_none_or(|pattern| pattern.covers(text)) {
                found.push(LabelId(id));
            }
            under
        });
        found
    }

    /// Bytes they take.
    pub(crate) fn memory(&self) -> usize {
        // A text and what the allocator adds, on the average.
        let texts = self.labels.len().saturating_mul(32);
        let labels = self.labels.capacity().saturating_mul(size_of::<Label>());
        let memberships = self
            .memberships
            .capacity()
            .saturating_mul(size_of::<Membership>());
        let tables = labels.saturating_add(memberships);
        let found = self.index.memory().saturating_add(self.endpoints.memory());
        texts.saturating_add(tables).saturating_add(found)
    }
}
