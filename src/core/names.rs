//! Endpoints, users and tags by name, each with the groups that have it.
//!
//! A name is kept once however many groups have it, and as long as one has. Knows group numbers and nothing of what
//! groups hold. Endpoints are kept sorted as well, so that everything under `storycore.prompt` is one range of names.

use super::endpoint::EndpointPattern;
use super::index::{Index, Seed};
use super::list::NIL;
use super::memory::{add, text_of};
use super::pool::Pool;
use super::sorted::Sorted;
use super::words::is_same;
use std::cmp::Ordering;

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Endpoint,
    User,
    Tag,
}

/// The number of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NameId(pub(super) u32);

#[derive(Debug)]
struct Name {
    kind: Kind,
    text: Box<str>,
    hash: u32,
    /// Groups that have it, those taken off its list included.
    uses: u32,
    /// The first and the last link of its list.
    first: u32,
    last: u32,
}

/// A group's place in the list of one name.
#[derive(Clone, Copy, Debug)]
struct Link {
    name: NameId,
    group: u32,
    next: u32,
    prev: u32,
    /// Another link of the same group.
    more: u32,
}

/// Compares the text of a name with this one.
fn order(names: &Pool<Name>, text: &str) -> impl Fn(u32) -> Ordering {
    move |id| names.get(id).map_or("", |name| &name.text).cmp(text)
}

/// All names.
#[derive(Debug, Default)]
pub(super) struct Names {
    seed: Seed,
    names: Pool<Name>,
    links: Pool<Link>,
    index: Index,
    /// The endpoints among them, in the order of their texts.
    endpoints: Sorted,
}

impl Names {
    /// No names, to be hashed with this seed.
    pub(super) fn seeded(seed: Seed) -> Self {
        Names {
            seed,
            ..Names::default()
        }
    }

    pub(super) fn seed(&self) -> Seed {
        self.seed
    }

    fn hash(&self, kind: Kind, text: &str) -> u32 {
        self.seed.of_text(text) ^ kind as u32
    }

    fn lookup(&self, hash: u32, kind: Kind, text: &str) -> Option<NameId> {
        let is = |id| {
            let name = self.names.get(id);
            name.is_some_and(|name| name.kind == kind && is_same(&name.text, text))
        };
        self.index.find(hash, is).map(NameId)
    }

    /// The name of that text, if any group has it.
    pub(super) fn find(&self, kind: Kind, text: &str) -> Option<NameId> {
        self.lookup(self.hash(kind, text), kind, text)
    }

    /// Counts a group that has the name, which is made if need be; [`Names::drop`] takes that back. `None` when there is no
    /// memory for it.
    pub(super) fn take(&mut self, kind: Kind, text: &str) -> Option<NameId> {
        let hash = self.hash(kind, text);
        let id = match self.lookup(hash, kind, text) {
            Some(id) => id,
            None => self.add(hash, kind, text)?,
        };
        let name = self.names.get_mut(id.0)?;
        name.uses = name.uses.saturating_add(1);
        Some(id)
    }

    fn add(&mut self, hash: u32, kind: Kind, text: &str) -> Option<NameId> {
        let id = self.names.put(Name {
            kind,
            text: text_of(&[text])?.into_boxed_str(),
            hash,
            uses: 0,
            first: NIL,
            last: NIL,
        })?;
        if kind == Kind::Endpoint && !self.endpoints.insert(id, order(&self.names, text)) {
            self.names.take(id);
            return None;
        }
        if !self.index.insert(hash, id) {
            if kind == Kind::Endpoint {
                self.endpoints.remove(id, order(&self.names, text));
            }
            self.names.take(id);
            return None;
        }
        Some(NameId(id))
    }

    /// One group fewer has the name; without any it is forgotten.
    pub(super) fn drop(&mut self, id: NameId) {
        let Some(name) = self.names.get_mut(id.0) else {
            return;
        };
        name.uses = name.uses.saturating_sub(1);
        if name.uses > 0 {
            return;
        }
        let Some(name) = self.names.get(id.0) else {
            return;
        };
        self.index.remove(name.hash, id.0);
        if name.kind == Kind::Endpoint {
            self.endpoints.remove(id.0, order(&self.names, &name.text));
        }
        self.names.take(id.0);
    }

    pub(super) fn text(&self, id: NameId) -> &str {
        self.names.get(id.0).map_or("", |name| &name.text)
    }

    /// Puts a group at the end of a name's list; its links are a chain of which `more` is the rest. `None` when there is no
    /// memory for it.
    pub(super) fn link(&mut self, id: NameId, group: u32, more: u32) -> Option<u32> {
        let prev = self.names.get(id.0)?.last;
        let link = self.links.put(Link {
            name: id,
            group,
            next: NIL,
            prev,
            more,
        })?;
        if let Some(before) = self.links.get_mut(prev) {
            before.next = link;
        }
        let name = self.names.get_mut(id.0)?;
        name.last = link;
        if prev == NIL {
            name.first = link;
        }
        Some(link)
    }

    /// Takes a group off every list it stands in, by the first of its links. A list that was taken whole meanwhile is none
    /// of the name's any more: what stands there now does not change.
    pub(super) fn unlink(&mut self, first: u32) {
        let mut at = first;
        while let Some(link) = self.links.take(at) {
            if let Some(name) = self.names.get_mut(link.name.0) {
                if name.first == at {
                    name.first = link.next;
                }
                if name.last == at {
                    name.last = link.prev;
                }
            }
            if let Some(before) = self.links.get_mut(link.prev) {
                before.next = link.next;
            }
            if let Some(after) = self.links.get_mut(link.next) {
                after.prev = link.prev;
            }
            at = link.more;
        }
    }

    /// Calls `act` with the groups on a name's list.
    pub(super) fn each_group(&self, id: NameId, act: &mut dyn FnMut(u32)) {
        let mut at = self.names.get(id.0).map_or(NIL, |name| name.first);
        while let Some(link) = self.links.get(at) {
            act(link.group);
            at = link.next;
        }
    }

    /// The groups of one user or tag; nothing when there is no memory for the list, here and below.
    pub(super) fn named(&self, kind: Kind, text: &str) -> Option<Vec<u32>> {
        let mut groups = Vec::new();
        match self.find(kind, text) {
            Some(name) if !self.add_groups(name, &mut groups) => None,
            _ => Some(groups),
        }
    }

    /// The groups of the endpoints that a pattern covers, or of all.
    pub(super) fn of_endpoints(&self, pattern: Option<&EndpointPattern>) -> Option<Vec<u32>> {
        let mut groups = Vec::new();
        for name in self.endpoints(pattern)? {
            if !self.add_groups(name, &mut groups) {
                return None;
            }
        }
        Some(groups)
    }

    /// The same, and their lists are empty afterwards.
    pub(super) fn take_endpoints(&mut self, pattern: Option<&EndpointPattern>) -> Option<Vec<u32>> {
        let mut groups = Vec::new();
        for id in self.endpoints(pattern)? {
            if !self.add_groups(id, &mut groups) {
                return None;
            }
            if let Some(name) = self.names.get_mut(id.0) {
                (name.first, name.last) = (NIL, NIL);
            }
        }
        Some(groups)
    }

    fn add_groups(&self, id: NameId, groups: &mut Vec<u32>) -> bool {
        let mut complete = true;
        self.each_group(id, &mut |group| complete &= add(groups, group));
        complete
    }

    /// The endpoints that a pattern covers, or all of them, by text: a part of one range of the sorted ones.
    pub(super) fn endpoints(&self, pattern: Option<&EndpointPattern>) -> Option<Vec<NameId>> {
        let prefix = pattern.map_or("", EndpointPattern::literal_prefix);
        let mut found = Vec::new();
        if pattern.is_some_and(EndpointPattern::is_exact) {
            let name = self.find(Kind::Endpoint, prefix);
            let complete = name.is_none_or(|name| add(&mut found, name));
            return complete.then_some(found);
        }
        let prefix = text_of(&[prefix, if prefix.is_empty() { "" } else { "." }])?;
        let mut complete = true;
        self.endpoints.each(order(&self.names, &prefix), &mut |id| {
            let text = self.text(NameId(id));
            let under = text.starts_with(&prefix);
            if under && pattern.is_none_or(|pattern| pattern.covers(text)) {
                complete &= add(&mut found, NameId(id));
            }
            under && complete
        });
        complete.then_some(found)
    }

    /// Bytes they take.
    pub(super) fn memory(&self) -> usize {
        // A text and what the allocator adds, on the average.
        let texts = self.names.len().saturating_mul(32);
        let tables = self.names.memory().saturating_add(self.links.memory());
        let found = self.index.memory().saturating_add(self.endpoints.memory());
        texts.saturating_add(tables).saturating_add(found)
    }
}
