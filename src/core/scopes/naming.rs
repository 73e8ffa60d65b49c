//! Which group has which names: found by them, made, described, and taken apart again.

use super::{Group, GroupId, GroupName, Scopes, TAG_BYTES};
use crate::core::column::Moves;
use crate::core::list::{Link, List, NIL};
use crate::core::names::{Kind, NameId};
use crate::core::words::is_same;

/// What makes a group, by number.
#[derive(Debug)]
pub(super) struct Named {
    endpoint: NameId,
    user: Option<NameId>,
    tags: Box<[NameId]>,
    /// Bytes that the tags count for.
    pub(super) tag_bytes: u32,
}

impl Named {
    /// How many tags there are.
    #[inline(always)]
    pub(super) fn tags(&self) -> usize {
        self.tags.len()
    }

    /// Whether `holds` for every one of them.
    pub(super) fn all(&self, holds: &mut dyn FnMut(NameId) -> bool) -> bool {
        let mut all = holds(self.endpoint);
        if let Some(user) = self.user {
            all = all && holds(user);
        }
        for tag in &self.tags {
            all = all && holds(*tag);
        }
        all
    }
}

impl Scopes {
    /// The living group of that name, made if need be; `None` when there is no memory for it.
    pub(in crate::core) fn group(
        &mut self,
        name: &GroupName<'_>,
        moves: &mut Moves,
    ) -> Option<GroupId> {
        let hash = self.hash(name);
        let known = self.index.find(hash, |id| self.is_named(GroupId(id), name));
        if let Some(id) = known.filter(|id| self.is_alive(GroupId(*id))) {
            self.rest(GroupId(id));
            return Some(GroupId(id));
        }
        if !self.groups.reserve() {
            return None;
        }
        let names = self.take_names(name)?;
        let id = self.groups.put(Group {
            names,
            hash,
            links: NIL,
            entries: List::default(),
            values: 0,
            idle: false,
        })?;
        if self.settle(id, hash, known, moves) {
            self.rest(GroupId(id));
            return Some(GroupId(id));
        }
        self.alive.put(id, 0);
        self.finish(id);
        None
    }

    /// Gives a new group all it needs; false when there is no memory for that.
    fn settle(&mut self, id: u32, hash: u32, before: Option<u32>, moves: &mut Moves) -> bool {
        if id as usize >= self.alive.len() {
            moves.note();
        }
        let grown = self.waiting.grow(1, 0)
            && self.alive.put_growing(id, 1)
            && self.in_line.put_growing(id, Link::default());
        if !grown {
            return false;
        }
        let Some(group) = self.groups.get_mut(id) else {
            return false;
        };
        let links = &mut group.links;
        let linked = group.names.all(&mut |name| {
            let link = self.names.link(name, id, *links);
            *links = link.unwrap_or(*links);
            link.is_some()
        });
        if !linked {
            return false;
        }
        let replaced = before.is_some_and(|before| self.index.replace(hash, before, id));
        replaced || self.index.insert(hash, id)
    }

    /// The numbers of a group's names, each counted as used once more.
    fn take_names(&mut self, name: &GroupName<'_>) -> Option<Named> {
        let endpoint = self.names.take(Kind::Endpoint, name.endpoint)?;
        let mut names = Named {
            endpoint,
            user: None,
            tags: Box::default(),
            tag_bytes: 0,
        };
        for tag in name.tags {
            let bytes = tag.len().saturating_add(TAG_BYTES);
            names.tag_bytes = names.tag_bytes.saturating_add(bytes as u32);
        }
        let mut tags = Vec::new();
        // Exactly as many, so that a box of them is the same memory.
        let room = tags.try_reserve_exact(name.tags.len()).is_ok();
        let complete =
            room && name.user.is_none_or(|user| {
                names.user = self.names.take(Kind::User, user);
                names.user.is_some()
            }) && name.tags.iter().all(|tag| {
                let tag = self.names.take(Kind::Tag, tag);
                tags.extend(tag);
                tag.is_some()
            });
        if !complete {
            // Fewer than there is room for: a box of them would be another piece of memory.
            for tag in tags {
                self.names.drop(tag);
            }
            self.drop_names(&names);
            return None;
        }
        names.tags = tags.into();
        Some(names)
    }

    pub(super) fn drop_names(&mut self, names: &Named) {
        names.all(&mut |name| {
            self.names.drop(name);
            true
        });
    }

    fn hash(&self, name: &GroupName<'_>) -> u32 {
        let seed = self.seed();
        let mut hash = seed.of_text(name.endpoint);
        if let Some(user) = name.user {
            hash = seed.of_pair(hash, seed.of_text(user));
        }
        for tag in name.tags {
            hash = seed.of_pair(hash, seed.of_text(tag));
        }
        hash
    }

    /// True when the group has this endpoint, user and set of tags.
    pub(in crate::core) fn is_named(&self, group: GroupId, name: &GroupName<'_>) -> bool {
        let Some(Group { names, .. }) = self.groups.get(group.0) else {
            return false;
        };
        let is = |id: NameId, text: &str| is_same(self.names.text(id), text);
        let user = match (names.user, name.user) {
            (Some(id), Some(user)) => is(id, user),
            (None, None) => true,
            _ => false,
        };
        if !user || names.tags.len() != name.tags.len() || !is(names.endpoint, name.endpoint) {
            return false;
        }
        for (id, tag) in names.tags.iter().zip(name.tags) {
            if !is(*id, tag) {
                return false;
            }
        }
        true
    }

    /// Calls `ask` with the endpoint, the user and, by number, the tags of a group.
    pub(in crate::core) fn describe<'t, R>(
        &'t self,
        group: GroupId,
        ask: impl FnOnce(&'t str, Option<&'t str>, &dyn Fn(usize) -> Option<&'t str>) -> R,
    ) -> Option<R> {
        let Named {
            endpoint,
            user,
            tags,
            ..
        } = &self.groups.get(group.0)?.names;
        let text = |name: &NameId| self.names.text(*name);
        let tag = |at: usize| tags.get(at).map(text);
        Some(ask(text(endpoint), user.as_ref().map(text), &tag))
    }
}
