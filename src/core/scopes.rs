//! Groups of entries, and what covers them: endpoints, users and tags.
//!
//! Every entry belongs to exactly one group, named by its endpoint, its user (if any) and its tags
//! (if any). Invalidating a scope *retires* the groups it covers, whatever they hold: their entries are
//! dead at once, and released a few at a time by later calls. So an invalidation costs by the groups it
//! covers, and never walks an entry that it does not remove. Which groups an endpoint, a user or a tag has
//! is kept by `members.rs`.

use super::members::{Kind, Members, Place};
use super::name::Name;
use super::store::{Column, List, NIL, Slot, Store};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

pub use super::scope::Scope;

/// The number of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

/// The names that make a group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupName<'a> {
    /// The endpoint; empty for keys that name none.
    pub endpoint: &'a str,
    /// The user as it stands in the key.
    pub user: Option<&'a str>,
    /// Sorted, without doubles.
    pub tags: &'a [String],
}

impl GroupName<'_> {
    /// One string for all of it. An endpoint holds no colon; what follows has its length before it, because
    /// it may hold anything.
    fn joined(&self) -> String {
        let user = self.user.iter().map(|user| ('u', *user));
        let tags = self.tags.iter().map(|tag| ('t', tag.as_str()));
        let mut name = String::from(self.endpoint);
        for (sort, part) in user.chain(tags) {
            name.push(':');
            name.push(sort);
            name.push_str(&part.len().to_string());
            name.push(':');
            name.push_str(part);
        }
        name
    }
}

#[derive(Debug)]
struct Group {
    name: Name,
    endpoint: Rc<str>,
    user: Option<Rc<str>>,
    tags: Box<[Rc<str>]>,
    /// The lists this group stands in.
    places: Vec<Place>,
    entries: List,
    /// True while it stands in the line of empty groups.
    idle: bool,
}

/// All groups and the index over them.
#[derive(Debug, Default)]
pub struct Scopes {
    groups: Vec<Option<Group>>,
    free_groups: Vec<u32>,
    /// 1 while a group's entries may be served; read by the host's fast lane.
    pub(super) alive: Column<u8>,
    /// Values held by each group.
    live: Column<u32>,
    names: BTreeMap<Name, u32>,
    members: Members,
    retired: VecDeque<u32>,
    /// One number, for the host's fast lane: how many groups are retired and not yet finished. While it is 0, whatever a
    /// slot holds belongs to a living group.
    pub(super) waiting: Column<u32>,
    /// How often `alive` and `waiting` have grown or gone.
    moves: u32,
    /// Groups without entries, the one that was named longest ago first.
    idle: List,
    idle_next: Column<u32>,
    idle_prev: Column<u32>,
    dead: usize,
    /// Groups that are no more since the host last asked.
    gone: Vec<GroupId>,
}

/// Groups without entries are kept for their next entry, up to this many.
const IDLE_GROUPS: u32 = 256;

impl Scopes {
    /// The living group of that name, made if need be; `None` when there is no memory for it.
    pub(super) fn group(&mut self, name: &GroupName<'_>) -> Option<GroupId> {
        let joined = Name::marked(&name.joined());
        if let Some(&group) = self.names.get(&joined)
            && self.is_alive(GroupId(group))
        {
            self.rest(GroupId(group));
            return Some(GroupId(group));
        }
        let id = match self.free_groups.pop() {
            Some(id) => id,
            None => {
                self.groups.try_reserve(1).ok()?;
                self.groups.push(None);
                u32::try_from(self.groups.len()).ok()?.checked_sub(1)?
            }
        };
        if id as usize >= self.alive.len() {
            self.moves = self.moves.wrapping_add(1);
        }
        let grown = self.waiting.grow(1, 0)
            && self.alive.put_growing(id, 1)
            && self.live.put_growing(id, 0)
            && self.idle_next.put_growing(id, NIL)
            && self.idle_prev.put_growing(id, NIL);
        if !grown {
            self.free_groups.push(id);
            return None;
        }
        let mut places = Vec::with_capacity(2);
        let mut join = |kind, name: &str| {
            let (place, name) = self.members.join(kind, name, id);
            places.push(place);
            name
        };
        let group = Group {
            endpoint: join(Kind::Endpoint, name.endpoint),
            user: name.user.map(|user| join(Kind::User, user)),
            tags: name.tags.iter().map(|tag| join(Kind::Tag, tag)).collect(),
            places,
            name: joined,
            entries: List::default(),
            idle: false,
        };
        self.names.insert(group.name.clone(), id);
        if let Some(place) = self.groups.get_mut(id as usize) {
            *place = Some(group);
        }
        self.rest(GroupId(id));
        Some(GroupId(id))
    }

    /// True while the group's entries may be served.
    #[inline(always)]
    pub fn is_alive(&self, group: GroupId) -> bool {
        self.alive.at(group.0) == 1
    }

    /// True when the group has this endpoint, user and set of tags.
    pub(super) fn is_named(&self, group: GroupId, name: &GroupName<'_>) -> bool {
        self.get(group).is_some_and(|group| {
            *group.endpoint == *name.endpoint
                && group.user.as_deref() == name.user
                && group.tags.len() == name.tags.len()
                && group.tags.iter().zip(name.tags).all(|(a, b)| **a == **b)
        })
    }

    /// Calls `ask` with the endpoint, user and tags of a group.
    pub(super) fn describe<R>(
        &self,
        group: GroupId,
        ask: impl FnOnce(&str, Option<&str>, &[Rc<str>]) -> R,
    ) -> Option<R> {
        self.get(group)
            .map(|group| ask(&group.endpoint, group.user.as_deref(), &group.tags))
    }

    /// Enters a slot into its group; a value it holds is counted by [`Scopes::count_value`].
    pub(super) fn link_uncounted(&mut self, slot: Slot, group: GroupId, store: &mut Store) {
        store.group.put(slot.0, group.0);
        let Some(entered) = self
            .groups
            .get_mut(group.0 as usize)
            .and_then(Option::as_mut)
        else {
            return;
        };
        let was_idle = std::mem::take(&mut entered.idle);
        entered
            .entries
            .push(&mut store.group_next, &mut store.group_prev, slot);
        if was_idle {
            self.leave_line(group);
        }
    }

    /// Counts a value that a linked slot has come to hold.
    #[inline(always)]
    pub(super) fn count_value(&mut self, group: GroupId) {
        let live = self.live.at(group.0).saturating_add(1);
        self.live.put(group.0, live);
    }

    /// Takes back a value that a slot no longer holds; true when it was a dead one.
    pub(super) fn discount_value(&mut self, group: GroupId) -> bool {
        self.live
            .put(group.0, self.live.at(group.0).saturating_sub(1));
        let dead = !self.is_alive(group);
        if dead {
            self.dead = self.dead.saturating_sub(1);
        }
        dead
    }

    /// Takes a slot out of its group, which then waits for its next entry if it is empty.
    pub(super) fn unlink(&mut self, slot: Slot, store: &mut Store) {
        let id = store.group_of(slot);
        let Some(group) = self.groups.get_mut(id.0 as usize).and_then(Option::as_mut) else {
            return;
        };
        group
            .entries
            .remove(&mut store.group_next, &mut store.group_prev, slot);
        self.rest(id);
    }

    /// Puts a group, if it is alive and empty, at the end of the line of those that wait for an entry.
    ///
    /// When that line is too long the first of it goes.
    pub(super) fn rest(&mut self, id: GroupId) {
        let empty = self.get(id).is_some_and(|group| group.entries.len == 0);
        if !empty || !self.pin(id) {
            return;
        }
        self.idle
            .push(&mut self.idle_next, &mut self.idle_prev, Slot(id.0));
        if let Some(group) = self.groups.get_mut(id.0 as usize).and_then(Option::as_mut) {
            group.idle = true;
        }
        if self.idle.len > IDLE_GROUPS {
            self.drop_oldest_idle();
        }
    }

    fn drop_oldest_idle(&mut self) {
        let Some(Slot(oldest)) = self.idle.first() else {
            return;
        };
        // One that was retired is finished with the others that were.
        if self.pin(GroupId(oldest)) {
            self.alive.put(oldest, 0);
            self.finish(oldest);
        }
    }

    /// Takes a group out of the line of empty ones, so that it is not dropped before its next entry is
    /// linked; true when it is alive. Where no entry comes, [`Scopes::rest`] puts it back.
    #[inline(always)]
    pub(super) fn pin(&mut self, id: GroupId) -> bool {
        let alive = self.is_alive(id);
        let group = self.groups.get_mut(id.0 as usize).and_then(Option::as_mut);
        if group.is_some_and(|group| std::mem::take(&mut group.idle)) {
            self.leave_line(id);
        }
        alive
    }

    fn leave_line(&mut self, id: GroupId) {
        self.idle
            .remove(&mut self.idle_next, &mut self.idle_prev, Slot(id.0));
    }

    /// Retires every group that `scope` covers and says how many values went.
    pub(super) fn retire(&mut self, scope: &Scope) -> usize {
        let mut count = 0_usize;
        for group in self.select(scope) {
            if self.is_alive(GroupId(group)) {
                self.alive.put(group, 0);
                count = count.saturating_add(self.live.at(group) as usize);
                self.retired.push_back(group);
            }
        }
        self.count_waiting();
        self.dead = self.dead.saturating_add(count);
        count
    }

    /// The living groups that `scope` covers.
    pub(super) fn covered(&self, scope: &Scope) -> Vec<GroupId> {
        let alive = self
            .candidates(scope)
            .into_iter()
            .map(GroupId)
            .filter(|group| self.is_alive(*group));
        alive
            .filter(|group| self.is_covered(scope, group.0))
            .collect()
    }

    /// Slots of a group, values and loads alike.
    pub(super) fn slots(&self, group: GroupId, store: &Store) -> Vec<Slot> {
        let mut slots = Vec::new();
        let mut at = self.get(group).and_then(|group| group.entries.first());
        while let Some(slot) = at {
            slots.push(slot);
            let next = store.group_next.at(slot.0);
            at = (next != NIL).then_some(Slot(next));
        }
        slots
    }

    fn is_covered(&self, scope: &Scope, group: u32) -> bool {
        let covers = |e: &str, u: Option<&str>, t: &[Rc<str>]| scope.covers(e, u, t);
        self.describe(GroupId(group), covers).unwrap_or(false)
    }

    /// Groups to retire. Where only the endpoint matters their lists are taken whole, without a look at each.
    fn select(&mut self, scope: &Scope) -> Vec<u32> {
        if !scope.is_by_endpoint() {
            let candidates = self.candidates(scope);
            return candidates
                .into_iter()
                .filter(|group| self.is_covered(scope, *group))
                .collect();
        }
        self.members.take_endpoints(scope.endpoint.as_ref())
    }

    fn candidates(&self, scope: &Scope) -> Vec<u32> {
        match (&scope.tag, &scope.user) {
            (Some(tag), _) => self.members.named(Kind::Tag, tag).to_vec(),
            (None, Some(user)) => self.members.named(Kind::User, user).to_vec(),
            (None, None) => self.members.of_endpoints(scope.endpoint.as_ref()),
        }
    }

    /// The next slot of a retired group, for release; groups found empty are finished on the way.
    ///
    /// Looks at `budget` groups at most, and lowers it by what it looked at.
    #[inline(always)]
    pub(super) fn next_dead(&mut self, budget: &mut u32) -> Option<Slot> {
        while *budget > 0 {
            *budget = budget.saturating_sub(1);
            let group = *self.retired.front()?;
            match self
                .get(GroupId(group))
                .and_then(|group| group.entries.first())
            {
                Some(slot) => return Some(slot),
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

    /// Changes whenever the columns that the host reads may lie elsewhere.
    pub(super) fn moves(&self) -> u32 {
        self.moves
    }

    /// True while retired entries wait for their release.
    pub(super) fn has_dead(&self) -> bool {
        !self.retired.is_empty()
    }

    /// Values that are dead and not yet released.
    pub(super) fn dead(&self) -> usize {
        self.dead
    }

    /// True when there are groups to be told of by [`Scopes::take_gone`].
    pub(super) fn has_gone(&self) -> bool {
        !self.gone.is_empty()
    }

    /// Groups that are no more; a host that remembers group numbers forgets these.
    pub(super) fn take_gone(&mut self) -> Vec<GroupId> {
        std::mem::take(&mut self.gone)
    }

    pub(super) fn memory(&self) -> usize {
        // A group's names, links and index entries come to about 200 bytes.
        self.groups.len().saturating_mul(200)
    }

    /// Values held by each endpoint that holds any.
    pub(super) fn endpoint_sizes(&self) -> Vec<(String, usize)> {
        let size = |groups: &[u32]| {
            let alive = groups
                .iter()
                .filter(|group| self.is_alive(GroupId(**group)));
            alive.fold(0_usize, |sum, group| {
                sum.saturating_add(self.live.at(*group) as usize)
            })
        };
        let endpoints = self.members.endpoints();
        let sizes = endpoints.map(|(name, groups)| (name.to_owned(), size(groups)));
        sizes.filter(|(_, size)| *size > 0).collect()
    }

    /// Groups there are, retired ones included.
    pub(super) fn len(&self) -> usize {
        self.groups.len().saturating_sub(self.free_groups.len())
    }

    pub(super) fn reset(&mut self) {
        *self = Scopes {
            moves: self.moves.wrapping_add(1),
            ..Scopes::default()
        };
    }

    #[inline(always)]
    fn get(&self, group: GroupId) -> Option<&Group> {
        self.groups.get(group.0 as usize).and_then(Option::as_ref)
    }

    /// Takes an empty, retired group out of every index and frees its number.
    fn finish(&mut self, id: u32) {
        let Some(group) = self.groups.get_mut(id as usize).and_then(Option::take) else {
            return;
        };
        if group.idle {
            self.leave_line(GroupId(id));
        }
        if self.names.get(&group.name) == Some(&id) {
            self.names.remove(&group.name);
        }
        for place in group.places {
            let Some((moved, from)) = self.members.leave(place, id) else {
                continue;
            };
            if let Some(moved) = self.groups.get_mut(moved as usize).and_then(Option::as_mut) {
                for stands in moved.places.iter_mut().filter(|stands| **stands == from) {
                    *stands = place;
                }
            }
        }
        self.live.put(id, 0);
        self.free_groups.push(id);
        self.gone.push(GroupId(id));
    }
}

impl Scopes {
    /// An error in words if groups, members and slots disagree. For tests.
    pub(super) fn check_invariants(&self, store: &Store) -> Result<(), String> {
        let mut dead = 0_usize;
        let mut linked = 0_usize;
        for id in 0..u32::try_from(self.groups.len()).unwrap_or(u32::MAX) {
            let Some(group) = self.get(GroupId(id)) else {
                continue;
            };
            let slots = self.slots(GroupId(id), store);
            linked = linked.saturating_add(slots.len());
            let values = slots.iter().filter(|slot| store.has_value(**slot)).count();
            if values != self.live.at(id) as usize || slots.len() != group.entries.len as usize {
                return Err(format!(
                    "group {id} holds {values} values, {} counted",
                    self.live.at(id)
                ));
            }
            if slots
                .iter()
                .any(|slot| store.group_of(*slot) != GroupId(id))
            {
                return Err(format!("group {id} lists a slot of another group"));
            }
            if !self.is_alive(GroupId(id)) {
                dead = dead.saturating_add(values);
                if !self.retired.contains(&id) {
                    return Err(format!("group {id} is retired and in no list for release"));
                }
            } else if slots.is_empty() && !group.idle {
                return Err(format!("group {id} is empty and in no list for its end"));
            } else {
                for place in &group.places {
                    if self.members.at(*place) != Some(id) {
                        return Err(format!("group {id} is missing from a member's list"));
                    }
                }
            }
        }
        if dead != self.dead {
            return Err(format!("{dead} dead values, {} counted", self.dead));
        }
        if self.idle.len > IDLE_GROUPS {
            return Err(format!("{} empty groups are kept", self.idle.len));
        }
        if linked != store.len() {
            return Err(format!("{linked} slots in groups, {} in use", store.len()));
        }
        Ok(())
    }
}
