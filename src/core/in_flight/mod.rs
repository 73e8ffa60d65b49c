//! Loads and mutations that have begun and not ended, and what was invalidated meanwhile.
//!
//! A load is *attached* while its value may still be stored. Whatever invalidates its key detaches it: callers that wait get
//! its value, later ones do not, and it is not stored. While a mutation is *active*, no load under its scopes is stored.
//!
//! Invalidations by tag need a memory of their own: which tags an entry gets is known only when its load ends, so a load is
//! compared with the tags that were invalidated since it began.
//!
//! Loads are listed in the order in which they began, which is that of their numbers; the attached ones also by slot.

mod invalidations;
mod mutations;

use self::mutations::ActiveMutation;
use crate::core::groups::{GroupId, Scope};
use crate::core::slots::Slot;
use crate::core::stats::Refusal;
use crate::core::time::Timestamp;

/// The number of a load; exact as a JavaScript number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoadId(pub u64);

/// The number of a mutation; exact as a JavaScript number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MutationId(pub u64);

/// A load in flight.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    /// The slot it will fill; `None` once detached.
    pub(crate) slot: Option<Slot>,
    pub(crate) group: GroupId,
    /// What detached it.
    pub(crate) detached: Option<Refusal>,
    pub(crate) began: Timestamp,
    /// The last invalidation before it began.
    pub(crate) after: u64,
    /// Callers that wait for it besides the first.
    pub(crate) followers: u32,
    /// What its value is verified against.
    pub(crate) digest: Option<[u8; 32]>,
    /// Milliseconds that the next load waits where this one fails and a stale value stays.
    pub(crate) retry_backoff: f64,
    /// Whether its detachment was reported to the host.
    reported: bool,
}

/// Loads and mutations.
#[derive(Debug, Default)]
pub(crate) struct InFlight {
    /// By number, which grows; a load that ended leaves a gap until half of them are gaps.
    loads: Vec<(LoadId, Option<Load>)>,
    load_count: usize,
    /// The attached ones, by slot.
    by_slot: Vec<(Slot, LoadId)>,
    /// How many were detached not reported to the host yet.
    unreported: usize,
    /// Loads given up without their host's doing, not reported to it yet.
    timed_out: Vec<LoadId>,
    mutations: Vec<ActiveMutation>,
    /// Until when nothing at all is stored, because more mutations are active than are listed.
    unlisted_until: Option<f64>,
    last_id: u64,
    /// Counts invalidations.
    sequence: u64,
    tagged: Vec<(u64, Scope)>,
    /// Tag invalidations up to this one are no longer remembered.
    forgotten: u64,
}

impl InFlight {
    pub(crate) fn len(&self) -> usize {
        self.load_count
    }

    fn next_id(&mut self) -> u64 {
        self.last_id = self.last_id.saturating_add(1);
        self.last_id
    }

    /// Begins a load that will fill `slot`.
    pub(crate) fn begin(
        &mut self,
        slot: Slot,
        group: GroupId,
        digest: Option<[u8; 32]>,
        retry_backoff: f64,
        now: Timestamp,
    ) -> LoadId {
        let id = LoadId(self.next_id());
        let after = self.sequence;
        let load = Load {
            slot: Some(slot),
            group,
            detached: None,
            began: now,
            after,
            followers: 0,
            digest,
            retry_backoff,
            reported: false,
        };
        self.loads.push((id, Some(load)));
        self.load_count = self.load_count.saturating_add(1);
        match self.position_of(slot) {
            Ok(at) => {
                if let Some(listed) = self.by_slot.get_mut(at) {
                    listed.1 = id;
                }
            }
            Err(at) => self.by_slot.insert(at, (slot, id)),
        }
        id
    }

    /// Where a slot's load is listed, or would be.
    #[inline(always)]
    fn position_of(&self, slot: Slot) -> Result<usize, usize> {
        self.by_slot.binary_search_by_key(&slot, |listed| listed.0)
    }

    /// Takes a slot's load off the list of attached ones.
    fn remove_slot(&mut self, slot: Slot) -> Option<LoadId> {
        let at = self.position_of(slot).ok()?;
        Some(self.by_slot.remove(at).1)
    }

    fn find(&self, id: LoadId) -> Option<usize> {
        self.loads.binary_search_by_key(&id, |load| load.0).ok()
    }

    fn iter(&self) -> impl Iterator<Item = (LoadId, &Load)> {
        self.loads
            .iter()
            .filter_map(|(id, load)| Some((*id, load.as_ref()?)))
    }

    /// The oldest load, if it began before `time`. Loads are listed in the order in which they began, so the others need no
    /// look: every request calls this while as many loads as allowed are in flight.
    pub(crate) fn began_before(&self, time: f64) -> Option<LoadId> {
        let (id, oldest) = self.iter().next()?;
        (oldest.began.as_millis() < time).then_some(id)
    }

    /// Notes that a load was given up, for its host to hear of it.
    pub(crate) fn note_timed_out(&mut self, id: LoadId) {
        self.timed_out.push(id);
    }

    pub(crate) fn has_timed_out(&self) -> bool {
        !self.timed_out.is_empty()
    }

    /// The next load that was given up and not reported to its host.
    pub(crate) fn next_timed_out(&mut self) -> Option<LoadId> {
        self.timed_out.pop()
    }

    /// The load that will fill `slot`.
    pub(crate) fn on(&self, slot: Slot) -> Option<LoadId> {
        self.position_of(slot)
            .ok()
            .and_then(|at| self.by_slot.get(at))
            .map(|listed| listed.1)
    }

    pub(crate) fn get(&self, id: LoadId) -> Option<&Load> {
        self.loads.get(self.find(id)?)?.1.as_ref()
    }

    pub(crate) fn get_mut(&mut self, id: LoadId) -> Option<&mut Load> {
        let at = self.find(id)?;
        self.loads.get_mut(at)?.1.as_mut()
    }

    /// Removes a load that has ended.
    pub(crate) fn end(&mut self, id: LoadId) -> Option<Load> {
        let at = self.find(id)?;
        let load = self.loads.get_mut(at)?.1.take()?;
        self.load_count = self.load_count.saturating_sub(1);
        if self.load_count < self.loads.len() / 2 {
            self.loads.retain(|(_, load)| load.is_some());
        }
        match load.slot {
            Some(slot) => _ = self.remove_slot(slot),
            None if load.reported => {}
            None => self.unreported = self.unreported.saturating_sub(1),
        }
        Some(load)
    }

    /// Detaches the load on `slot`, if there is one.
    #[inline(always)]
    pub(crate) fn detach(&mut self, slot: Slot, why: Refusal) {
        if self.has_attached()
            && let Some(id) = self.remove_slot(slot)
            && let Some(load) = self.get_mut(id)
        {
            load.slot = None;
            load.detached = Some(why);
            self.unreported = self.unreported.saturating_add(1);
        }
    }

    /// True while there are detached loads not reported to the host.
    pub(crate) fn has_unreported(&self) -> bool {
        self.unreported > 0
    }

    /// The next detached load not reported to the host, from the `at`th on.
    pub(crate) fn next_unreported(&mut self, at: &mut usize) -> Option<LoadId> {
        while self.unreported > 0
            && let Some((id, load)) = self.loads.get_mut(*at)
        {
            *at = at.saturating_add(1);
            if let Some(load) = load
                && load.slot.is_none()
                && !load.reported
            {
                load.reported = true;
                self.unreported = self.unreported.saturating_sub(1);
                return Some(*id);
            }
        }
        None
    }

    /// True while there is a load that may yet fill its slot.
    pub(crate) fn has_attached(&self) -> bool {
        !self.by_slot.is_empty()
    }

    /// Detaches the next load whose group `is_dead`, from the `at`th on, and returns its slot.
    pub(crate) fn detach_next(
        &mut self,
        at: &mut usize,
        is_dead: impl Fn(GroupId) -> bool,
    ) -> Option<Slot> {
        while let Some((slot, id)) = self.by_slot.get(*at).copied() {
            if self.get(id).is_some_and(|load| is_dead(load.group)) {
                self.detach(slot, Refusal::Invalidated);
                return Some(slot);
            }
            *at = at.saturating_add(1);
        }
        None
    }
}
