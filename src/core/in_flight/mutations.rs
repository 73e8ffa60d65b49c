//! Active mutations: while one is, nothing under its scopes is stored.

use super::{InFlight, MutationId};
use crate::core::groups::Scope;
use crate::core::time::Timestamp;

/// An active mutation.
#[derive(Clone, Debug)]
pub(crate) struct ActiveMutation {
    pub(crate) id: MutationId,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) ends: f64,
}

/// Active mutations listed one by one. Each load that ends is compared with all of them; where there are more, nothing
/// at all is stored until the latest of the others would have run out of time.
const MAX_ACTIVE_MUTATIONS: usize = 16_384;

impl InFlight {
    pub(crate) fn active_mutations(&self) -> usize {
        self.mutations
            .len()
            .saturating_add(usize::from(self.unlisted_until.is_some()))
    }

    /// Marks a mutation that covers `scopes` until it settles, or until the moment `ends`.
    pub(crate) fn begin_mutation(&mut self, scopes: Vec<Scope>, ends: f64) -> MutationId {
        let id = MutationId(self.next_id());
        if self.mutations.len() < MAX_ACTIVE_MUTATIONS {
            self.mutations.push(ActiveMutation { id, scopes, ends });
        } else {
            self.unlisted_until = Some(self.unlisted_until.map_or(ends, |until| until.max(ends)));
        }
        id
    }

    /// What an active mutation covers.
    pub(crate) fn scopes_of(&self, id: MutationId) -> Option<&[Scope]> {
        let mutation = self.mutations.iter().find(|mutation| mutation.id == id)?;
        Some(&mutation.scopes)
    }

    pub(crate) fn end_mutation(&mut self, id: MutationId) -> Option<ActiveMutation> {
        let at = self
            .mutations
            .iter()
            .position(|mutation| mutation.id == id)?;
        Some(self.mutations.swap_remove(at))
    }

    /// True once the time of mutations that were not listed is over.
    pub(crate) fn end_unlisted(&mut self, now: Timestamp) -> bool {
        let over = self
            .unlisted_until
            .is_some_and(|until| until < now.as_millis());
        if over {
            self.unlisted_until = None;
        }
        over
    }

    /// Takes one mutation whose time ran out.
    #[inline(always)]
    pub(crate) fn take_timed_out_mutation(&mut self, now: Timestamp) -> Option<ActiveMutation> {
        let at = self
            .mutations
            .iter()
            .position(|mutation| mutation.ends < now.as_millis())?;
        Some(self.mutations.swap_remove(at))
    }

    /// True while a mutation covers that entry.
    pub(crate) fn is_mutating<'t>(
        &self,
        endpoint: &str,
        user: Option<&str>,
        tag: &dyn Fn(usize) -> Option<&'t str>,
    ) -> bool {
        let covers = |mutation: &ActiveMutation| {
            mutation
                .scopes
                .iter()
                .any(|scope| scope.covers_by(endpoint, user, tag))
        };
        self.unlisted_until.is_some() || self.mutations.iter().any(covers)
    }
}
