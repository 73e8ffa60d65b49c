//! Groups of entries, and what covers them: endpoints, users and tags.
//!
//! Every entry belongs to exactly one group, named by its endpoint, its user (if any) and its tags
//! (if any). Invalidating a scope *retires* the groups it covers, whatever they hold: their entries are
//! dead at once, and released a few at a time by later calls. So an invalidation costs by the groups it
//! covers, and never walks an entry that it does not remove.
//!
//! Endpoints are kept sorted, so that everything under `storycore.prompt` is one range of names.

use super::endpoint::EndpointPattern;
use super::rules::Narrowing;
use super::store::{Column, List, NIL, Slot, Store};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::rc::Rc;

/// The number of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

/// What an invalidation covers, apart from patterns over key text: all conditions must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// Endpoints by pattern.
    pub endpoint: Option<EndpointPattern>,
    /// The entries of one user, by the name that stands in keys.
    pub user: Option<String>,
    /// Entries with this tag.
    pub tag: Option<String>,
    /// Entries of other resource ids, which a mutation of one id leaves alone.
    pub narrowing: Option<Narrowing>,
}

impl Scope {
    /// Everything that an endpoint pattern covers.
    pub fn endpoint(pattern: EndpointPattern) -> Self {
        Scope {
            endpoint: Some(pattern),
            ..Scope::default()
        }
    }

    /// True for an entry of `endpoint` and `user` with `tags`.
    pub fn covers<T: AsRef<str>>(&self, endpoint: &str, user: Option<&str>, tags: &[T]) -> bool {
        self.endpoint
            .as_ref()
            .is_none_or(|pattern| pattern.covers(endpoint))
            && self
                .user
                .as_deref()
                .is_none_or(|wanted| user == Some(wanted))
            && self
                .tag
                .as_deref()
                .is_none_or(|wanted| tags.iter().any(|tag| tag.as_ref() == wanted))
            && !self
                .narrowing
                .as_ref()
                .is_some_and(|narrowing| narrowing.spares(endpoint, tags.iter().map(AsRef::as_ref)))
    }

    /// True when it would cover an entry of `endpoint` and `user` with the right tags.
    pub(super) fn may_cover(&self, endpoint: &str, user: Option<&str>) -> bool {
        let pattern = self.endpoint.as_ref();
        let wanted = self.user.as_deref();
        pattern.is_none_or(|pattern| pattern.covers(endpoint))
            && wanted.is_none_or(|wanted| user == Some(wanted))
    }

    /// True when nothing narrows it: it covers every entry.
    pub fn is_everything(&self) -> bool {
        self.endpoint.is_none() && self.user.is_none() && self.tag.is_none()
    }

    /// True when whole endpoints are covered, whoever's entries and however tagged.
    fn is_by_endpoint(&self) -> bool {
        self.user.is_none() && self.tag.is_none() && self.narrowing.is_none()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "";
        if let Some(pattern) = &self.endpoint {
            write!(f, "endpoint {pattern}")?;
            before = ", ";
        }
        if let Some(user) = &self.user {
            write!(f, "{before}user {user}")?;
            before = ", ";
        }
        if let Some(tag) = &self.tag {
            write!(f, "{before}tag {tag}")?;
            before = ", ";
        }
        if before.is_empty() {
            f.write_str("everything")
        } else {
            Ok(())
        }
    }
}

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Endpoint,
    User,
    Tag,
}

/// The groups of one endpoint, one user or one tag.
#[derive(Debug)]
struct Member {
    kind: Kind,
    name: Rc<str>,
    groups: Vec<u32>,
}

#[derive(Debug)]
struct Group {
    name: Rc<str>,
    endpoint: Rc<str>,
    user: Option<Rc<str>>,
    tags: Box<[Rc<str>]>,
    /// Member numbers and where in their list this group stands.
    members: Vec<(u32, u32)>,
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
    names: BTreeMap<Rc<str>, u32>,
    members: Vec<Option<Member>>,
    free_members: Vec<u32>,
    endpoints: BTreeMap<Rc<str>, u32>,
    users: BTreeMap<Rc<str>, u32>,
    tags: BTreeMap<Rc<str>, u32>,
    retired: VecDeque<u32>,
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
        let joined = name.joined();
        if let Some(&group) = self.names.get(joined.as_str())
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
        let grown = self.alive.put_growing(id, 1)
            && self.live.put_growing(id, 0)
            && self.idle_next.put_growing(id, NIL)
            && self.idle_prev.put_growing(id, NIL);
        if !grown {
            self.free_groups.push(id);
            return None;
        }
        let endpoint = self.join(Kind::Endpoint, name.endpoint, id);
        let mut members = vec![endpoint];
        members.extend(name.user.map(|user| self.join(Kind::User, user, id)));
        for tag in name.tags {
            let membership = self.join(Kind::Tag, tag, id);
            members.push(membership);
        }
        let name_of = |scopes: &Scopes, kind: Kind| -> Vec<Rc<str>> {
            let of_kind = members
                .iter()
                .filter_map(|(member, _)| scopes.member(*member));
            of_kind
                .filter(|member| member.kind == kind)
                .map(|member| member.name.clone())
                .collect()
        };
        let joined: Rc<str> = joined.into();
        let group = Group {
            name: joined.clone(),
            endpoint: name_of(self, Kind::Endpoint).pop().unwrap_or_default(),
            user: name_of(self, Kind::User).pop(),
            tags: name_of(self, Kind::Tag).into(),
            members,
            entries: List::default(),
            idle: false,
        };
        self.names.insert(joined, id);
        if let Some(place) = self.groups.get_mut(id as usize) {
            *place = Some(group);
        }
        self.rest(GroupId(id));
        Some(GroupId(id))
    }

    /// True while the group's entries may be served.
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
        self.pin(group);
        if let Some(group) = self
            .groups
            .get_mut(group.0 as usize)
            .and_then(Option::as_mut)
        {
            group
                .entries
                .push(&mut store.group_next, &mut store.group_prev, slot);
        }
    }

    /// Counts a value that a linked slot has come to hold.
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
        let mut selected = Vec::new();
        for member in self.endpoint_members(scope) {
            if let Some(member) = self
                .members
                .get_mut(member as usize)
                .and_then(Option::as_mut)
            {
                if selected.is_empty() {
                    selected = std::mem::take(&mut member.groups);
                } else {
                    selected.append(&mut member.groups);
                }
            }
        }
        selected
    }

    fn candidates(&self, scope: &Scope) -> Vec<u32> {
        let named = |index: &BTreeMap<Rc<str>, u32>, name: &str| {
            let member = index.get(name).and_then(|member| self.member(*member));
            member
                .map(|member| member.groups.clone())
                .unwrap_or_default()
        };
        match (&scope.tag, &scope.user) {
            (Some(tag), _) => named(&self.tags, tag),
            (None, Some(user)) => named(&self.users, user),
            (None, None) => {
                let members = self.endpoint_members(scope);
                let members = members.into_iter().filter_map(|member| self.member(member));
                members
                    .flat_map(|member| member.groups.iter().copied())
                    .collect()
            }
        }
    }

    /// Members of the endpoints that the scope's pattern covers: one range of the sorted names.
    fn endpoint_members(&self, scope: &Scope) -> Vec<u32> {
        let Some(pattern) = &scope.endpoint else {
            return self.endpoints.values().copied().collect();
        };
        let prefix = pattern.literal_prefix();
        if pattern.is_exact() {
            return self.endpoints.get(prefix).copied().into_iter().collect();
        }
        let from: Rc<str> = if prefix.is_empty() {
            "".into()
        } else {
            format!("{prefix}.").into()
        };
        let under = self.endpoints.range(from.clone()..);
        let under = under.take_while(|(name, _)| name.starts_with(&*from));
        under
            .filter(|(name, _)| pattern.covers(name))
            .map(|(_, member)| *member)
            .collect()
    }

    /// The next slot of a retired group, for release; groups found empty are finished on the way.
    ///
    /// Looks at `budget` groups at most, and lowers it by what it looked at.
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
                    self.finish(group);
                }
            }
        }
        None
    }

    /// True while retired entries wait for their release.
    pub(super) fn has_dead(&self) -> bool {
        !self.retired.is_empty()
    }

    /// Values that are dead and not yet released.
    pub(super) fn dead(&self) -> usize {
        self.dead
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
        let size = |member: u32| {
            let groups = self
                .member(member)
                .map_or(&[][..], |member| member.groups.as_slice());
            let alive = groups
                .iter()
                .filter(|group| self.is_alive(GroupId(**group)));
            alive.fold(0_usize, |sum, group| {
                sum.saturating_add(self.live.at(*group) as usize)
            })
        };
        let sizes = self
            .endpoints
            .iter()
            .map(|(name, member)| (name.to_string(), size(*member)));
        sizes.filter(|(_, size)| *size > 0).collect()
    }

    /// Groups there are, retired ones included.
    pub(super) fn len(&self) -> usize {
        self.groups.len().saturating_sub(self.free_groups.len())
    }

    pub(super) fn reset(&mut self) {
        *self = Scopes::default();
    }

    fn get(&self, group: GroupId) -> Option<&Group> {
        self.groups.get(group.0 as usize).and_then(Option::as_ref)
    }

    fn member(&self, member: u32) -> Option<&Member> {
        self.members.get(member as usize).and_then(Option::as_ref)
    }

    fn index(&mut self, kind: Kind) -> &mut BTreeMap<Rc<str>, u32> {
        match kind {
            Kind::Endpoint => &mut self.endpoints,
            Kind::User => &mut self.users,
            Kind::Tag => &mut self.tags,
        }
    }

    fn join(&mut self, kind: Kind, name: &str, group: u32) -> (u32, u32) {
        let known = self.index(kind).get(name).copied();
        let id = known.unwrap_or_else(|| {
            let name: Rc<str> = name.into();
            let member = Member {
                kind,
                name: name.clone(),
                groups: Vec::new(),
            };
            let id = match self.free_members.pop() {
                Some(id) => id,
                None => {
                    self.members.push(None);
                    u32::try_from(self.members.len())
                        .unwrap_or(u32::MAX)
                        .saturating_sub(1)
                }
            };
            if let Some(place) = self.members.get_mut(id as usize) {
                *place = Some(member);
            }
            self.index(kind).insert(name, id);
            id
        });
        let mut at = 0;
        if let Some(member) = self.members.get_mut(id as usize).and_then(Option::as_mut) {
            at = u32::try_from(member.groups.len()).unwrap_or(u32::MAX);
            member.groups.push(group);
        }
        (id, at)
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
        for (member, at) in &group.members {
            self.leave(*member, *at, id);
        }
        self.live.put(id, 0);
        self.free_groups.push(id);
        self.gone.push(GroupId(id));
    }

    fn leave(&mut self, id: u32, at: u32, group: u32) {
        let Some(member) = self.members.get_mut(id as usize).and_then(Option::as_mut) else {
            return;
        };
        // The list may have been taken whole since, and the place given to another group.
        if member.groups.get(at as usize) == Some(&group) {
            member.groups.swap_remove(at as usize);
            if let Some(moved) = member.groups.get(at as usize).copied()
                && let Some(moved) = self.groups.get_mut(moved as usize).and_then(Option::as_mut)
            {
                for place in moved.members.iter_mut().filter(|place| place.0 == id) {
                    place.1 = at;
                }
            }
        }
        let member = self.members.get(id as usize).and_then(Option::as_ref);
        let Some(empty) = member.filter(|member| member.groups.is_empty()) else {
            return;
        };
        let (kind, name) = (empty.kind, empty.name.clone());
        self.index(kind).remove(&name);
        if let Some(place) = self.members.get_mut(id as usize) {
            *place = None;
        }
        self.free_members.push(id);
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
                for (member, at) in &group.members {
                    let listed = self
                        .member(*member)
                        .and_then(|member| member.groups.get(*at as usize));
                    if listed != Some(&id) {
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
