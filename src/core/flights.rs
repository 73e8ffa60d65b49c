//! Loads under way, mutations under way, and what was invalidated meanwhile.
//!
//! A flight is *attached* while its value may still be stored. Whatever invalidates its key detaches
//! it: those who wait get their value, nobody else does. A lease marks a mutation: while it lasts,
//! no load under its scopes is stored.

use super::memory::add;
use super::scopes::{GroupId, Scope};
use super::stats::Refusal;
use super::store::Slot;
use super::time::Timestamp;

/// The number of a load; exact as a JavaScript number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlightId(pub u64);

/// The number of a mutation; exact as a JavaScript number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeaseId(pub u64);

/// A load under way.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    /// The slot it will fill; `None` once detached.
    pub(super) slot: Option<Slot>,
    pub(super) group: GroupId,
    /// What detached it.
    pub(super) detached: Option<Refusal>,
    pub(super) began: Timestamp,
    /// The last invalidation before it began.
    pub(super) after: u64,
    /// Callers that wait for it besides the first.
    pub(super) followers: u32,
    /// What its value is verified against.
    pub(super) digest: Option<[u8; 32]>,
    /// Milliseconds that the next load waits where this one fails and a stale value stays.
    pub(super) retry_backoff: f64,
    /// Whether the host knows that it was detached.
    told: bool,
}

/// A mutation under way.
#[derive(Clone, Debug)]
pub(super) struct Lease {
    pub(super) id: LeaseId,
    pub(super) scopes: Vec<Scope>,
    pub(super) ends: f64,
}

/// Invalidations by tag, remembered for as long as a load that began before them is under way; those of longer names than that
/// many bytes are not.
const REMEMBERED_TAGS: usize = 1024;
const REMEMBERED_NAME: usize = 1024;

/// Mutations that are noted down one by one. Each load that ends is compared with all of them; where there are more, nothing
/// at all is stored until the latest of the others would have run out of time.
const MOST_LEASES: usize = 16_384;

/// Loads and mutations.
#[derive(Debug, Default)]
pub(super) struct Flights {
    /// By number, which grows; a load that ended leaves a gap until half of them are gaps.
    flights: Vec<(FlightId, Option<Flight>)>,
    under_way: usize,
    /// The attached ones, by slot.
    by_slot: Vec<(Slot, FlightId)>,
    /// How many were detached that the host does not know of yet.
    untold: usize,
    /// Loads given up without their host's doing, which it does not know of yet.
    given_up: Vec<FlightId>,
    leases: Vec<Lease>,
    /// Until when nothing at all is stored, because a mutation is under way that could not be noted down.
    blind: Option<f64>,
    last_id: u64,
    /// Counts invalidations.
    sequence: u64,
    tagged: Vec<(u64, Scope)>,
    /// Tag invalidations up to this one are no longer remembered.
    forgotten: u64,
}

impl Flights {
    pub(super) fn len(&self) -> usize {
        self.under_way
    }

    pub(super) fn mutating(&self) -> usize {
        self.leases
            .len()
            .saturating_add(usize::from(self.blind.is_some()))
    }

    /// Sees to it that one more load can be noted down; false when there is no memory for that.
    pub(super) fn reserve(&mut self) -> bool {
        self.flights.try_reserve(1).is_ok() && self.by_slot.try_reserve(1).is_ok()
    }

    fn next_id(&mut self) -> u64 {
        self.last_id = self.last_id.saturating_add(1);
        self.last_id
    }

    /// Notes a load down for which [`Flights::reserve`] has made room.
    pub(super) fn begin(
        &mut self,
        slot: Slot,
        group: GroupId,
        digest: Option<[u8; 32]>,
        retry_backoff: f64,
        now: Timestamp,
    ) -> FlightId {
        let id = FlightId(self.next_id());
        let after = self.sequence;
        let slot_and_flight = Flight {
            slot: Some(slot),
            group,
            detached: None,
            began: now,
            after,
            followers: 0,
            digest,
            retry_backoff,
            told: false,
        };
        self.flights.push((id, Some(slot_and_flight)));
        self.under_way = self.under_way.saturating_add(1);
        match self.seat(slot) {
            Ok(at) => {
                if let Some(seat) = self.by_slot.get_mut(at) {
                    seat.1 = id;
                }
            }
            Err(at) => self.by_slot.insert(at, (slot, id)),
        }
        id
    }

    /// Where a slot's load is listed, or would be.
    #[inline(always)]
    fn seat(&self, slot: Slot) -> Result<usize, usize> {
        self.by_slot.binary_search_by_key(&slot, |seat| seat.0)
    }

    /// Takes a slot's load off the list of attached ones.
    fn unseat(&mut self, slot: Slot) -> Option<FlightId> {
        let at = self.seat(slot).ok()?;
        Some(self.by_slot.remove(at).1)
    }

    fn find(&self, id: FlightId) -> Option<usize> {
        self.flights
            .binary_search_by_key(&id, |flight| flight.0)
            .ok()
    }

    fn iter(&self) -> impl Iterator<Item = (FlightId, &Flight)> {
        self.flights
            .iter()
            .filter_map(|(id, flight)| Some((*id, flight.as_ref()?)))
    }

    /// Invalidations so far.
    pub(super) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The oldest load, if it began before `time`. Loads are listed in the order in which they began, so the others need no
    /// look: this is asked by every request while all places are taken.
    pub(super) fn began_before(&self, time: f64) -> Option<FlightId> {
        let (id, oldest) = self.iter().next()?;
        (oldest.began.as_millis() < time).then_some(id)
    }

    /// Notes that a load was given up; where there is no memory for that, its host does not hear of it.
    pub(super) fn give_up(&mut self, id: FlightId) {
        add(&mut self.given_up, id);
    }

    pub(super) fn has_given_up(&self) -> bool {
        !self.given_up.is_empty()
    }

    /// The next load that was given up and whose host does not know of it.
    pub(super) fn next_given_up(&mut self) -> Option<FlightId> {
        self.given_up.pop()
    }

    /// The load that will fill `slot`.
    pub(super) fn on(&self, slot: Slot) -> Option<FlightId> {
        self.seat(slot)
            .ok()
            .and_then(|at| self.by_slot.get(at))
            .map(|seat| seat.1)
    }

    pub(super) fn get(&self, id: FlightId) -> Option<&Flight> {
        self.flights.get(self.find(id)?)?.1.as_ref()
    }

    pub(super) fn get_mut(&mut self, id: FlightId) -> Option<&mut Flight> {
        let at = self.find(id)?;
        self.flights.get_mut(at)?.1.as_mut()
    }

    /// Takes a load that ended off the books.
    pub(super) fn end(&mut self, id: FlightId) -> Option<Flight> {
        let at = self.find(id)?;
        let flight = self.flights.get_mut(at)?.1.take()?;
        self.under_way = self.under_way.saturating_sub(1);
        if self.under_way < self.flights.len() / 2 {
            self.flights.retain(|(_, flight)| flight.is_some());
        }
        match flight.slot {
            Some(slot) => _ = self.unseat(slot),
            None if flight.told => {}
            None => self.untold = self.untold.saturating_sub(1),
        }
        Some(flight)
    }

    /// Detaches the load on `slot`, if there is one.
    #[inline(always)]
    pub(super) fn detach(&mut self, slot: Slot, why: Refusal) {
        if self.has_attached()
            && let Some(id) = self.unseat(slot)
            && let Some(flight) = self.get_mut(id)
        {
            flight.slot = None;
            flight.detached = Some(why);
            self.untold = self.untold.saturating_add(1);
        }
    }

    /// True while there are detached loads that the host does not know of.
    pub(super) fn has_untold(&self) -> bool {
        self.untold > 0
    }

    /// The next detached load that the host does not know of, from the `at`th on. No list is kept of them, which would need
    /// memory at a moment when there may be none.
    pub(super) fn tell_next(&mut self, at: &mut usize) -> Option<FlightId> {
        while self.untold > 0
            && let Some((id, flight)) = self.flights.get_mut(*at)
        {
            *at = at.saturating_add(1);
            if let Some(flight) = flight
                && flight.slot.is_none()
                && !flight.told
            {
                flight.told = true;
                self.untold = self.untold.saturating_sub(1);
                return Some(*id);
            }
        }
        None
    }

    /// True while there is a load that may yet fill its slot.
    pub(super) fn has_attached(&self) -> bool {
        !self.by_slot.is_empty()
    }

    /// Detaches the next load whose group `is_dead`, from the `at`th on, and returns its slot.
    pub(super) fn detach_next(
        &mut self,
        at: &mut usize,
        is_dead: impl Fn(GroupId) -> bool,
    ) -> Option<Slot> {
        while let Some((slot, id)) = self.by_slot.get(*at).copied() {
            if self.get(id).is_some_and(|flight| is_dead(flight.group)) {
                self.detach(slot, Refusal::Invalidated);
                return Some(slot);
            }
            *at = at.saturating_add(1);
        }
        None
    }

    /// Counts an invalidation, and remembers it if it names a tag that a load may yet assign.
    pub(super) fn invalidated(&mut self, scope: Option<&Scope>) -> u64 {
        self.sequence = self.sequence.saturating_add(1);
        if !self.tagged.is_empty() {
            self.forget_tags();
        }
        if let Some(scope) = scope.filter(|scope| scope.tag.is_some() || scope.narrowing.is_some())
            && self.under_way > 0
        {
            let names = [&scope.tag, &scope.user];
            let long = |name: &&Option<String>| {
                let length = name.as_ref().map_or(0, String::len);
                length > REMEMBERED_NAME
            };
            let copy = if names.iter().any(long) {
                None
            } else {
                scope.copy()
            };
            if copy.is_none_or(|copy| !add(&mut self.tagged, (self.sequence, copy))) {
                // No memory for it: as if it had been forgotten again.
                self.forgotten = self.sequence;
            } else if self.tagged.len() > REMEMBERED_TAGS {
                (self.forgotten, _) = self.tagged.remove(0);
            }
        }
        self.sequence
    }

    fn forget_tags(&mut self) {
        let oldest = self
            .iter()
            .map(|(_, flight)| flight.after)
            .min()
            .unwrap_or(u64::MAX);
        self.tagged.retain(|(sequence, _)| *sequence > oldest);
    }

    /// True when a tag among `tags` was invalidated, for this endpoint and user, after invalidation `after`.
    pub(super) fn tag_invalidated(
        &self,
        after: u64,
        endpoint: &str,
        user: Option<&str>,
        tags: &[String],
    ) -> bool {
        let covers = |(sequence, scope): &(u64, Scope)| {
            *sequence > after && scope.covers(endpoint, user, tags)
        };
        self.forgotten > after && !tags.is_empty() || self.tagged.iter().any(covers)
    }

    /// True when a tag was invalidated since the load began that it might yet turn out to have.
    ///
    /// Who asks after that invalidation must not be served by this load.
    pub(super) fn may_be_outdated(&self, id: FlightId, endpoint: &str, user: Option<&str>) -> bool {
        let Some(after) = self.get(id).map(|flight| flight.after) else {
            return false;
        };
        let may_cover =
            |(sequence, scope): &(u64, Scope)| *sequence > after && scope.may_cover(endpoint, user);
        self.forgotten > after || self.tagged.iter().any(may_cover)
    }

    /// Marks a mutation that covers `scopes` until it settles, or until the moment `ends`.
    pub(super) fn lease(&mut self, scopes: Vec<Scope>, ends: f64) -> LeaseId {
        let id = LeaseId(self.next_id());
        let many = self.leases.len() >= MOST_LEASES;
        if many || !add(&mut self.leases, Lease { id, scopes, ends }) {
            self.blind = Some(self.blind.map_or(ends, |until| until.max(ends)));
        }
        id
    }

    /// What a mutation under way covers.
    pub(super) fn scopes_of(&self, id: LeaseId) -> Option<&[Scope]> {
        let lease = self.leases.iter().find(|lease| lease.id == id)?;
        Some(&lease.scopes)
    }

    pub(super) fn take_lease(&mut self, id: LeaseId) -> Option<Lease> {
        let at = self.leases.iter().position(|lease| lease.id == id)?;
        Some(self.leases.swap_remove(at))
    }

    /// True once the time of mutations that could not be noted down is over.
    pub(super) fn sees_again(&mut self, now: Timestamp) -> bool {
        let over = self.blind.is_some_and(|until| until < now.as_millis());
        if over {
            self.blind = None;
        }
        over
    }

    /// Takes one mutation whose time ran out.
    #[inline(always)]
    pub(super) fn take_overdue(&mut self, now: Timestamp) -> Option<Lease> {
        let at = self
            .leases
            .iter()
            .position(|lease| lease.ends < now.as_millis())?;
        Some(self.leases.swap_remove(at))
    }

    /// True while a mutation covers that entry.
    pub(super) fn is_mutating<'t>(
        &self,
        endpoint: &str,
        user: Option<&str>,
        tag: &dyn Fn(usize) -> Option<&'t str>,
    ) -> bool {
        let covers = |lease: &Lease| {
            lease
                .scopes
                .iter()
                .any(|scope| scope.covers_by(endpoint, user, tag))
        };
        self.blind.is_some() || self.leases.iter().any(covers)
    }
}
