//! Groups of entries: everything that an invalidation can cover has an index here.
//!
//! Every entry belongs to exactly one group, named by its endpoint, its user (if any) and its tags (if any). Invalidating a
//! scope *retires* the groups it covers: their entries are dead at once and are released a few at a time by later calls. So an
//! invalidation costs by the groups it covers and never walks an entry that it does not remove.
//!
//! `index` finds the group of a name and makes it. `labels` keeps each endpoint, user and tag once, with the groups that have
//! it; endpoints are also sorted, so that everything under `storycore.prompt` is one range. `invalidation_scope` says what an
//! invalidation covers. A retired group keeps its number until its last entry is released; its name is free for a new group
//! at once. Empty groups are kept for a while, since most get their next entry soon.

mod index;
mod invalidation_scope;
mod invariants;
mod labels;
mod retire;
mod sorted_ids;

use self::index::GroupLabels;
use self::labels::Labels;
use crate::core::hash::id_table::IdTable;
use crate::core::hash::seed::Seed;
use crate::core::slots::column::Column;
use crate::core::slots::layout::LayoutVersion;
use crate::core::slots::linked_list::{Link, List};
use crate::core::slots::{Slot, Slots};
use slab::Slab;
use std::collections::VecDeque;

pub use self::invalidation_scope::Scope;
pub use crate::core::slots::GroupId;

/// The names that make a group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupName<'a> {
    /// The endpoint; empty for keys that name none.
    pub endpoint: &'a str,
    /// The user as the key spells it.
    pub user: Option<&'a str>,
    /// Sorted, without duplicates.
    pub tags: &'a [String],
}

/// Tags of one entry at most. As many fit in the 16 KB of names that content networks take with a response.
pub const MAX_TAGS: usize = 1_024;

/// Bytes of all tags of one entry together, at most.
pub const MAX_TAGS_TEXT: usize = 16 * 1024;

/// What a tag of an entry counts for besides its text: its name, its place in the index of names, and the link by which the
/// tag finds the entry's group. Measured in WebAssembly, they are 95 bytes, and up to 170 while tables are half empty.
const TAG_BYTES: usize = 128;

/// Whether an entry may have these tags.
pub fn tags_fit(tags: &[String]) -> bool {
    let text = |sum: usize, tag: &String| sum.saturating_add(tag.len());
    tags.len() <= MAX_TAGS && tags.iter().fold(0, text) <= MAX_TAGS_TEXT
}

#[derive(Debug)]
struct Group {
    labels: GroupLabels,
    hash: u32,
    /// The first of its links to the lists of its names.
    memberships: u32,
    entries: List,
    /// How many of them hold a value.
    values: u32,
    /// True while it is in the list of empty groups.
    idle: bool,
}

/// All groups and the index over them.
#[derive(Debug, Default)]
pub struct Groups {
    groups: Slab<Group>,
    /// 1 while a group's entries may be served; read by the host's fast path.
    pub(crate) alive: Column<u8>,
    labels: Labels,
    /// Groups by their names: of those with the same, the one that was made last.
    index: IdTable,
    retired: VecDeque<u32>,
    /// One number, for the host's fast path: how many groups are retired and not yet finished. While it is 0, whatever a
    /// slot holds belongs to a living group.
    pub(crate) waiting: Column<u32>,
    /// Groups without entries, the one that was named longest ago first.
    idle: List,
    idle_links: Column<Link>,
    /// Tags that these have together.
    idle_tags: usize,
    dead: usize,
}

/// Groups without entries are kept for their next entry, up to this many, and with no more than so many tags.
const IDLE_GROUPS: u32 = 256;
const IDLE_TAGS: usize = 1_024;

impl Groups {
    pub(crate) fn seed(&self) -> Seed {
        self.labels.seed()
    }

    /// True while the group's entries may be served.
    #[inline(always)]
    pub fn is_alive(&self, group: GroupId) -> bool {
        self.alive.at(group.0) == 1
    }

    /// Enters a slot into the group that its row names; a value it holds is counted by [`Groups::count_value`].
    #[inline(always)]
    pub(crate) fn link(&mut self, slot: Slot, slots: &mut Slots) {
        let id = slots.group_of(slot);
        let Some(group) = self.groups.get_mut(id.0 as usize) else {
            return;
        };
        let was_idle = std::mem::take(&mut group.idle);
        let tags = group.labels.tags();
        group.entries.push(&mut slots.group_links, slot.0);
        if was_idle {
            self.remove_from_idle(id, tags);
        }
    }

    /// Counts a value that a linked slot has come to hold.
    #[inline(always)]
    pub(crate) fn count_value(&mut self, group: GroupId) {
        if let Some(group) = self.groups.get_mut(group.0 as usize) {
            group.values = group.values.saturating_add(1);
        }
    }

    /// Takes back a value that a slot no longer holds.
    pub(crate) fn discount_value(&mut self, group: GroupId) {
        if !self.is_alive(group) {
            self.dead = self.dead.saturating_sub(1);
        }
        if let Some(group) = self.groups.get_mut(group.0 as usize) {
            group.values = group.values.saturating_sub(1);
        }
    }

    /// Takes a slot out of its group, which then waits for its next entry if it is empty.
    pub(crate) fn unlink(&mut self, slot: Slot, slots: &mut Slots) {
        let id = slots.group_of(slot);
        let Some(group) = self.groups.get_mut(id.0 as usize) else {
            return;
        };
        group.entries.remove(&mut slots.group_links, slot.0);
        self.idle_if_empty(id);
    }

    /// Puts a group, if it is alive and empty, at the end of the list of empty groups.
    ///
    /// The first of an overlong list is dropped.
    pub(crate) fn idle_if_empty(&mut self, id: GroupId) {
        let empty = self
            .groups
            .get(id.0 as usize)
            .is_some_and(|group| group.entries.len == 0);
        if !empty || !self.pin(id) {
            return;
        }
        self.idle.push(&mut self.idle_links, id.0);
        if let Some(group) = self.groups.get_mut(id.0 as usize) {
            group.idle = true;
            self.idle_tags = self.idle_tags.saturating_add(group.labels.tags());
        }
        // The latest stays: it may be about to get its first entry.
        while self.idle.len > 1 && (self.idle.len > IDLE_GROUPS || self.idle_tags > IDLE_TAGS) {
            self.drop_oldest_idle();
        }
    }

    /// Forgets the group that has been empty longest.
    pub(crate) fn drop_oldest_idle(&mut self) {
        let Some(oldest) = self.idle.first() else {
            return;
        };
        // One that was retired is finished with the others that were.
        if self.pin(GroupId(oldest)) {
            self.alive.put(oldest, 0);
            self.finish(oldest);
        }
    }

    /// Takes a group out of the list of empty ones, so that it is not dropped before its next entry is
    /// linked; true when it is alive. Where no entry comes, [`Groups::idle_if_empty`] puts it back.
    #[inline(always)]
    pub(crate) fn pin(&mut self, id: GroupId) -> bool {
        let alive = self.is_alive(id);
        if let Some(group) = self.groups.get_mut(id.0 as usize)
            && std::mem::take(&mut group.idle)
        {
            let tags = group.labels.tags();
            self.remove_from_idle(id, tags);
        }
        alive
    }

    fn remove_from_idle(&mut self, id: GroupId, tags: usize) {
        self.idle.remove(&mut self.idle_links, id.0);
        self.idle_tags = self.idle_tags.saturating_sub(tags);
    }

    /// Bytes that the tags of a group count for in each of its entries.
    #[inline(always)]
    pub(crate) fn tag_bytes(&self, id: GroupId) -> u32 {
        self.groups
            .get(id.0 as usize)
            .map_or(0, |group| group.labels.tag_bytes)
    }

    pub(crate) fn memory(&self) -> usize {
        // Its numbers in columns and its place in the index, on the average.
        let columns = self.alive.len().saturating_mul(9);
        [
            self.groups.capacity().saturating_mul(size_of::<Group>()),
            self.labels.memory(),
            self.index.memory(),
        ]
        .iter()
        .fold(columns, |sum, part| sum.saturating_add(*part))
    }

    /// Values held by each endpoint that holds any.
    pub(crate) fn endpoint_sizes(&self) -> Vec<(String, usize)> {
        let mut sizes = Vec::new();
        for name in self.labels.endpoints(None) {
            let mut size = 0_usize;
            self.labels.each_group(name, &mut |group| {
                if self.is_alive(GroupId(group)) {
                    size = size.saturating_add(self.values_of(group));
                }
            });
            if size > 0 {
                sizes.push((self.labels.text(name).to_owned(), size));
            }
        }
        sizes
    }

    /// Groups there are, retired ones included.
    pub(crate) fn len(&self) -> usize {
        self.groups.len()
    }

    pub(crate) fn reset(&mut self, layout_version: &mut LayoutVersion) {
        self.reseed(self.labels.seed(), layout_version);
    }

    /// Forgets everything; hashes have this seed from now on.
    pub(crate) fn reseed(&mut self, seed: Seed, layout_version: &mut LayoutVersion) {
        *self = Groups {
            labels: Labels::seeded(seed),
            ..Groups::default()
        };
        layout_version.bump();
    }

    /// Takes an empty, retired group out of every index and frees its number.
    fn finish(&mut self, id: u32) {
        let Some(group) = self.groups.try_remove(id as usize) else {
            return;
        };
        if group.idle {
            self.remove_from_idle(GroupId(id), group.labels.tags());
        }
        self.index.remove(group.hash, id);
        self.labels.remove_group(group.memberships);
        self.release_labels(&group.labels);
    }
}
