//! What a read does next: the plan that `begin` returns, and with it the rule of one load per key.

use super::{Engine, RELEASED_PER_CALL, RemovalReason};
use crate::core::groups::GroupId;
use crate::core::in_flight::LoadId;
use crate::core::slots::{Slot, Slots};
use crate::core::stats::Refusal;
use crate::core::time::Timestamp;

/// A read to be planned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Read {
    /// The group its key belongs to.
    pub group: GroupId,
    /// The key's fingerprint.
    pub fingerprint: u32,
    /// SHA-256 of the request: a value made by another request of the same key is not served.
    pub digest: Option<[u8; 32]>,
    /// Milliseconds past its deadline for which a value is served while a load replaces it.
    pub stale_while_revalidate: f64,
    /// Milliseconds past its deadline for which a value replaces that of a failing load.
    pub stale_if_error: f64,
    /// The share of its time to live after which a hit starts a load ahead of time; 1 or more is never.
    pub eager_refresh: f64,
    /// Milliseconds that the next load waits where this one brings nothing and a stale value stays; NaN for the default.
    pub retry_backoff: f64,
    /// False for a caller that must not wait for another's load.
    pub may_join: bool,
}

impl Read {
    /// A read without staleness options.
    pub fn of(group: GroupId, fingerprint: u32) -> Self {
        Read {
            group,
            fingerprint,
            digest: None,
            stale_while_revalidate: 0.0,
            stale_if_error: 0.0,
            eager_refresh: 1.0,
            retry_backoff: 0.0,
            may_join: true,
        }
    }
}

/// Why a request bypasses the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BypassReason {
    /// Another request has the same 64-bit key.
    Collision,
    /// As many loads as allowed are in flight.
    TooManyLoads,
    /// As many callers as may be wait for this load.
    TooManyFollowers,
    /// Another caller's load is in flight and may not be joined.
    NotJoinable,
    /// The host can hold no more keys, or the read names a group that was retired since: it has to be named anew.
    HostFull,
}

impl BypassReason {
    /// All reasons, in the order of their numbers.
    pub const ALL: [BypassReason; 5] = [
        BypassReason::Collision,
        BypassReason::TooManyLoads,
        BypassReason::TooManyFollowers,
        BypassReason::NotJoinable,
        BypassReason::HostFull,
    ];

    /// The reason's name, as metadata gives it.
    pub fn name(self) -> &'static str {
        match self {
            BypassReason::Collision => "collision",
            BypassReason::TooManyLoads => "too-many-loads",
            BypassReason::TooManyFollowers => "too-many-followers",
            BypassReason::NotJoinable => "not-joinable",
            BypassReason::HostFull => "out-of-memory",
        }
    }
}

/// What a reader does next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plan {
    /// Serve the value. With a load: start it in the background.
    Hit(Slot, Option<LoadId>),
    /// Serve the value, which is past its deadline. With a load: start it in the background.
    Stale(Slot, Option<LoadId>),
    /// Run this load. The stale value, if any, is served if that fails.
    Miss(LoadId, Option<Slot>),
    /// Wait for this load. The stale value, if any, is served if that fails.
    Join(LoadId, Option<Slot>),
    /// Run the handler without the cache.
    Bypass(BypassReason),
}

impl Engine {
    /// Decides what a reader does, given its key's slot.
    pub fn begin(&mut self, slot: Option<Slot>, read: &Read, now: Timestamp) -> Plan {
        self.groups.idle_if_empty(read.group);
        self.maintain(RELEASED_PER_CALL, now);
        let plan = match slot.filter(|slot| !self.remove_if_useless(*slot, now)) {
            Some(slot) if self.slots.has_value(slot) => self.begin_with_value(slot, read, now),
            Some(slot) if self.in_flight.on(slot).is_some() => {
                self.join_or_start(slot, None, read, now)
            }
            _ => self.begin_without_value(read, now),
        };
        match plan {
            Plan::Hit(slot, _) => self.count_hit(slot),
            Plan::Stale(slot, _) => {
                self.count_hit(slot);
                self.counters.stale_hits = self.counters.stale_hits.saturating_add(1);
            }
            Plan::Miss(..) | Plan::Join(..) => {
                self.counters.misses = self.counters.misses.saturating_add(1)
            }
            Plan::Bypass(_) => self.add_bypass(),
        }
        plan
    }

    fn begin_with_value(&mut self, slot: Slot, read: &Read, now: Timestamp) -> Plan {
        if let (Some(known), Some(asked)) = (self.slots.digest(slot), read.digest)
            && known != asked
        {
            return Plan::Bypass(BypassReason::Collision);
        }
        let (age, left) = self.age_and_ttl(slot, now);
        if left >= 0.0 {
            let life = age + left;
            let eager =
                read.eager_refresh < 1.0 && life.is_finite() && age > life * read.eager_refresh;
            let load = if eager {
                self.refresh(slot, read, now)
            } else {
                None
            };
            return Plan::Hit(slot, load);
        }
        if -left <= read.stale_while_revalidate {
            return Plan::Stale(slot, self.refresh(slot, read, now));
        }
        let stand_in = Some(slot).filter(|_| -left <= read.stale_if_error);
        if stand_in.is_some() && self.is_backing_off(slot, now) {
            return Plan::Stale(slot, None);
        }
        if self.in_flight.on(slot).is_some() {
            return self.join_or_start(slot, stand_in, read, now);
        }
        match self.start(slot, read, now) {
            Some(load) => Plan::Miss(load, stand_in),
            None => Plan::Bypass(BypassReason::TooManyLoads),
        }
    }

    fn begin_without_value(&mut self, read: &Read, now: Timestamp) -> Plan {
        if !self.may_start_load(now) {
            return Plan::Bypass(BypassReason::TooManyLoads);
        }
        // A group may be retired between its naming and this call; the façade names it in the same decision, so there it never is.
        let named = self.groups.pin(read.group);
        let slot = named.then(|| self.allocate(read.group, read.fingerprint));
        let Some(Ok(slot)) = slot else {
            return Plan::Bypass(BypassReason::HostFull);
        };
        match self.start(slot, read, now) {
            Some(load) => Plan::Miss(load, None),
            None => Plan::Bypass(BypassReason::TooManyLoads),
        }
    }

    /// Joins the load on `slot`, or starts another where that one has taken too long or may be out of date.
    fn join_or_start(
        &mut self,
        slot: Slot,
        stand_in: Option<Slot>,
        read: &Read,
        now: Timestamp,
    ) -> Plan {
        let Some(id) = self.in_flight.on(slot) else {
            return self.begin_without_value(read, now);
        };
        let (max_followers, max_load_ms) = (self.limits.max_followers, self.limits.max_load_ms);
        let outdated = self
            .groups
            .describe(self.slots.group_of(slot), |endpoint, user, _| {
                self.in_flight.may_be_outdated(id, endpoint, user)
            });
        let outdated = outdated.unwrap_or(false);
        if let Some(load) = self.in_flight.get_mut(id) {
            if let (Some(known), Some(asked)) = (load.digest, read.digest)
                && known != asked
            {
                return Plan::Bypass(BypassReason::Collision);
            }
            if !outdated && now.since(load.began) <= max_load_ms {
                if !read.may_join {
                    return Plan::Bypass(BypassReason::NotJoinable);
                }
                if load.followers >= max_followers {
                    return Plan::Bypass(BypassReason::TooManyFollowers);
                }
                load.followers = load.followers.saturating_add(1);
                self.counters.joined = self.counters.joined.saturating_add(1);
                return Plan::Join(id, stand_in);
            }
        }
        let why = if outdated {
            Refusal::Invalidated
        } else {
            Refusal::TooLate
        };
        self.in_flight.detach(slot, why);
        if !self.slots.has_value(slot) {
            // Kept, it would belong to no load if no further one may start.
            self.release(slot, RemovalReason::Abandoned, now);
            return self.begin_without_value(read, now);
        }
        match self.start(slot, read, now) {
            Some(load) => Plan::Miss(load, stand_in),
            None => Plan::Bypass(BypassReason::TooManyLoads),
        }
    }

    /// Whether one more load may start. Where all places are taken, loads that have taken longer than a load may take are
    /// forgotten first: loads that never end must not keep anything from being loaded again.
    fn may_start_load(&mut self, now: Timestamp) -> bool {
        if self.in_flight.len() >= self.limits.max_loads {
            let latest = now.as_millis() - self.limits.max_load_ms;
            while let Some(id) = self.in_flight.began_before(latest) {
                self.abandon(id, 0.0, now);
                self.in_flight.note_timed_out(id);
            }
        }
        self.in_flight.len() < self.limits.max_loads
    }

    /// A load in the background, unless one is in flight or the last one failed a short while ago.
    fn refresh(&mut self, slot: Slot, read: &Read, now: Timestamp) -> Option<LoadId> {
        if let Some(id) = self.in_flight.on(slot) {
            let late = self
                .in_flight
                .get(id)
                .is_some_and(|f| now.since(f.began) > self.limits.max_load_ms);
            if !late {
                return None;
            }
            self.in_flight.detach(slot, Refusal::TooLate);
        }
        if self.is_backing_off(slot, now) {
            None
        } else {
            self.start(slot, read, now)
        }
    }

    fn is_backing_off(&self, slot: Slot, now: Timestamp) -> bool {
        self.slots
            .retry_at(slot)
            .is_some_and(|retry_at| now.as_millis() < retry_at)
    }

    fn start(&mut self, slot: Slot, read: &Read, now: Timestamp) -> Option<LoadId> {
        if !self.may_start_load(now) {
            return None;
        }
        self.counters.loads = self.counters.loads.saturating_add(1);
        // A value whose load is in flight is about to be read: let it outlive a few evictions.
        self.slots.hits.put(slot.0, Slots::MAX_HITS);
        let group = self.slots.group_of(slot);
        let load = self
            .in_flight
            .begin(slot, group, read.digest, read.retry_backoff, now);
        Some(load)
    }

    /// The slot that a load is to fill, while it is attached.
    pub fn slot_of(&self, load: LoadId) -> Option<Slot> {
        self.in_flight.get(load)?.slot
    }
}
