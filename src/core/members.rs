//! Which groups an endpoint, a user or a tag has.
//!
//! A *member* is one endpoint, user or tag with the list of its groups; it is there while it has any. Knows group
//! numbers and nothing of what groups hold. Endpoints are kept sorted, so that everything under `storycore.prompt` is
//! one range of names.

use super::endpoint::EndpointPattern;
use super::name::Name;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Endpoint,
    User,
    Tag,
}

/// Where a group stands: in which member's list, and where in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    member: u32,
    at: u32,
}

#[derive(Debug)]
struct Member {
    kind: Kind,
    name: Name,
    groups: Vec<u32>,
}

/// All members.
#[derive(Debug, Default)]
pub(super) struct Members {
    members: Vec<Option<Member>>,
    free: Vec<u32>,
    endpoints: BTreeMap<Name, u32>,
    users: BTreeMap<Name, u32>,
    tags: BTreeMap<Name, u32>,
}

fn name_of(kind: Kind, text: &str) -> Name {
    match kind {
        Kind::Endpoint => Name::sorted(text),
        Kind::User | Kind::Tag => Name::marked(text),
    }
}

impl Members {
    fn index(&self, kind: Kind) -> &BTreeMap<Name, u32> {
        match kind {
            Kind::Endpoint => &self.endpoints,
            Kind::User => &self.users,
            Kind::Tag => &self.tags,
        }
    }

    fn index_mut(&mut self, kind: Kind) -> &mut BTreeMap<Name, u32> {
        match kind {
            Kind::Endpoint => &mut self.endpoints,
            Kind::User => &mut self.users,
            Kind::Tag => &mut self.tags,
        }
    }

    fn get_mut(&mut self, member: u32) -> Option<&mut Member> {
        self.members.get_mut(member as usize)?.as_mut()
    }

    fn groups(&self, member: u32) -> &[u32] {
        let member = self.members.get(member as usize).and_then(Option::as_ref);
        member.map_or(&[], |member| &member.groups)
    }

    /// Enters a group into the member of that name, which is made if need be.
    pub(super) fn join(&mut self, kind: Kind, text: &str, group: u32) -> (Place, Rc<str>) {
        let name = name_of(kind, text);
        let known = self.index(kind).get(&name).copied();
        let member = known.unwrap_or_else(|| self.add(kind, name));
        let Some(joined) = self.get_mut(member) else {
            return (Place { member, at: 0 }, text.into());
        };
        let at = u32::try_from(joined.groups.len()).unwrap_or(u32::MAX);
        joined.groups.push(group);
        (Place { member, at }, joined.name.text().clone())
    }

    fn add(&mut self, kind: Kind, name: Name) -> u32 {
        let id = self.free.pop().unwrap_or_else(|| {
            self.members.push(None);
            u32::try_from(self.members.len())
                .unwrap_or(u32::MAX)
                .saturating_sub(1)
        });
        if let Some(seat) = self.members.get_mut(id as usize) {
            *seat = Some(Member {
                kind,
                name: name.clone(),
                groups: Vec::new(),
            });
        }
        self.index_mut(kind).insert(name, id);
        id
    }

    /// Takes a group off a member's list, if it still stands there: the list may have been taken whole since, and the
    /// place given to another. Returns the group that now stands in its place, and where that stood before.
    pub(super) fn leave(&mut self, place: Place, group: u32) -> Option<(u32, Place)> {
        let member = self.get_mut(place.member)?;
        let mut moved = None;
        if member.groups.get(place.at as usize) == Some(&group) {
            member.groups.swap_remove(place.at as usize);
            let at = u32::try_from(member.groups.len()).unwrap_or(u32::MAX);
            let from = Place { at, ..place };
            moved = member.groups.get(place.at as usize).map(|id| (*id, from));
        }
        if member.groups.is_empty() {
            let (kind, name) = (member.kind, member.name.clone());
            self.index_mut(kind).remove(&name);
            if let Some(seat) = self.members.get_mut(place.member as usize) {
                *seat = None;
            }
            self.free.push(place.member);
        }
        moved
    }

    /// The group that stands at a place.
    pub(super) fn at(&self, place: Place) -> Option<u32> {
        self.groups(place.member).get(place.at as usize).copied()
    }

    /// The groups of one endpoint, user or tag.
    pub(super) fn named(&self, kind: Kind, text: &str) -> &[u32] {
        let member = self.index(kind).get(&name_of(kind, text));
        member.map_or(&[], |member| self.groups(*member))
    }

    /// Every endpoint with its groups.
    pub(super) fn endpoints(&self) -> impl Iterator<Item = (&str, &[u32])> {
        let endpoints = self.endpoints.iter();
        endpoints.map(|(name, member)| (&**name.text(), self.groups(*member)))
    }

    /// The groups of the endpoints that a pattern covers, or of all.
    pub(super) fn of_endpoints(&self, pattern: Option<&EndpointPattern>) -> Vec<u32> {
        let members = self.covered(pattern).into_iter();
        members
            .flat_map(|member| self.groups(member).iter().copied())
            .collect()
    }

    /// The same, taking their lists whole: without a look at each group.
    pub(super) fn take_endpoints(&mut self, pattern: Option<&EndpointPattern>) -> Vec<u32> {
        let mut taken = Vec::new();
        for member in self.covered(pattern) {
            let Some(member) = self.get_mut(member) else {
                continue;
            };
            if taken.is_empty() {
                taken = std::mem::take(&mut member.groups);
            } else {
                taken.append(&mut member.groups);
            }
        }
        taken
    }

    /// Members of the endpoints that a pattern covers: one range of the sorted names.
    fn covered(&self, pattern: Option<&EndpointPattern>) -> Vec<u32> {
        let Some(pattern) = pattern else {
            return self.endpoints.values().copied().collect();
        };
        let mut prefix = pattern.literal_prefix().to_owned();
        if pattern.is_exact() {
            let exact = self.endpoints.get(&Name::sorted(&prefix));
            return exact.copied().into_iter().collect();
        }
        if !prefix.is_empty() {
            prefix.push('.');
        }
        let under = self.endpoints.range(Name::sorted(&prefix)..);
        let under = under.take_while(|(name, _)| name.text().starts_with(&prefix));
        under
            .filter(|(name, _)| pattern.covers(name.text()))
            .map(|(_, member)| *member)
            .collect()
    }
}
