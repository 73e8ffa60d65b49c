//! The index of groups: how a group is found by its endpoint, user and tags, made, described, and dropped again.

use super::labels::{LabelId, LabelKind};
use super::{Group, GroupId, GroupName, Groups, TAG_BYTES};
use crate::core::bytes::is_same;
use crate::core::slots::layout::LayoutVersion;
use crate::core::slots::linked_list::{Link, List, NIL};

/// What makes a group, by number.
#[derive(Debug)]
pub(super) struct GroupLabels {
    endpoint: LabelId,
    user: Option<LabelId>,
    tags: Box<[LabelId]>,
    /// Bytes that the tags count for.
    pub(super) tag_bytes: u32,
}

impl GroupLabels {
    /// How many tags there are.
    #[inline(always)]
    pub(super) fn tags(&self) -> usize {
        self.tags.len()
    }

    /// Whether `holds` for every one of them.
    pub(super) fn all(&self, holds: &mut dyn FnMut(LabelId) -> bool) -> bool {
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

impl Groups {
    /// The living group of that name, made if need be.
    pub(crate) fn group(
        &mut self,
        name: &GroupName<'_>,
        layout_version: &mut LayoutVersion,
    ) -> GroupId {
        let hash = self.hash(name);
        let known = self.index.find(hash, |id| self.is_named(GroupId(id), name));
        if let Some(id) = known.filter(|id| self.is_alive(GroupId(*id))) {
            self.idle_if_empty(GroupId(id));
            return GroupId(id);
        }
        let labels = self.acquire_labels(name);
        let mut memberships = NIL;
        let id = self.groups.insert(Group {
            labels,
            hash,
            memberships,
            entries: List::default(),
            values: 0,
            idle: false,
        }) as u32;
        if id as usize >= self.alive.len() {
            layout_version.bump();
        }
        self.waiting.grow(1, 0);
        self.alive.put_growing(id, 1);
        self.idle_links.put_growing(id, Link::default());
        if let Some(group) = self.groups.get_mut(id as usize) {
            group.labels.all(&mut |label| {
                memberships = self.labels.add_group(label, id, memberships);
                true
            });
            group.memberships = memberships;
        }
        // The name of a retired group is free for this one at once.
        let replaced = known.is_some_and(|known| self.index.replace(hash, known, id));
        if !replaced {
            self.index.insert(hash, id);
        }
        self.idle_if_empty(GroupId(id));
        GroupId(id)
    }

    /// The numbers of a group's labels, each counted as used once more.
    fn acquire_labels(&mut self, name: &GroupName<'_>) -> GroupLabels {
        let mut tags = Vec::with_capacity(name.tags.len());
        let mut tag_bytes = 0_u32;
        for tag in name.tags {
            tags.push(self.labels.acquire(LabelKind::Tag, tag));
            let bytes = tag.len().saturating_add(TAG_BYTES);
            tag_bytes = tag_bytes.saturating_add(bytes as u32);
        }
        GroupLabels {
            endpoint: self.labels.acquire(LabelKind::Endpoint, name.endpoint),
            user: name
                .user
                .map(|user| self.labels.acquire(LabelKind::User, user)),
            tags: tags.into(),
            tag_bytes,
        }
    }

    pub(super) fn release_labels(&mut self, labels: &GroupLabels) {
        labels.all(&mut |name| {
            self.labels.release(name);
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
    pub(crate) fn is_named(&self, group: GroupId, name: &GroupName<'_>) -> bool {
        let Some(Group { labels, .. }) = self.groups.get(group.0 as usize) else {
            return false;
        };
        let is = |id: LabelId, text: &str| is_same(self.labels.text(id), text);
        let user = match (labels.user, name.user) {
            (Some(id), Some(user)) => is(id, user),
            (None, None) => true,
            _ => false,
        };
        if !user || labels.tags.len() != name.tags.len() || !is(labels.endpoint, name.endpoint) {
            return false;
        }
        for (id, tag) in labels.tags.iter().zip(name.tags) {
            if !is(*id, tag) {
                return false;
            }
        }
        true
    }

    /// Calls `ask` with the endpoint, the user and, by number, the tags of a group.
    pub(crate) fn describe<'t, R>(
        &'t self,
        group: GroupId,
        ask: impl FnOnce(&'t str, Option<&'t str>, &dyn Fn(usize) -> Option<&'t str>) -> R,
    ) -> Option<R> {
        let GroupLabels {
            endpoint,
            user,
            tags,
            ..
        } = &self.groups.get(group.0 as usize)?.labels;
        let text = |name: &LabelId| self.labels.text(*name);
        let tag = |at: usize| tags.get(at).map(text);
        Some(ask(text(endpoint), user.as_ref().map(text), &tag))
    }
}
