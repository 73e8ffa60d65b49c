//! Emptied slots: reported to the host, then used again.

use super::linked_list::NIL;
use super::{Freed, Slot, Slots, State};
use crate::core::stats::RemovalReason;

impl Slots {
    /// A slot that was in use before, the one emptied last before all others.
    pub(super) fn take_free(&mut self) -> Option<Slot> {
        if self.reused.is_none()
            && let Some(freed) = self.take_freed(self.freed.tail)
        {
            self.reused = Some(freed);
            return Some(freed.slot);
        }
        let slot = self.free.first()?;
        self.free.remove(&mut self.queue_links, slot);
        Some(Slot(slot))
    }

    /// Takes a slot off the list of unreported slots.
    #[inline(always)]
    fn take_freed(&mut self, at: u32) -> Option<Freed> {
        if at == NIL {
            return None;
        }
        self.freed.remove(&mut self.queue_links, at);
        let slot = Slot(at);
        let reason = RemovalReason::of(self.hits.at(at));
        Some(Freed { slot, reason })
    }

    /// The next slot that was emptied and not reported to the host.
    pub(crate) fn next_freed(&mut self) -> Option<Freed> {
        if let Some(reused) = self.reused.take() {
            return Some(reused);
        }
        let freed = self.take_freed(self.freed.head)?;
        self.hits.put(freed.slot.0, 0);
        self.free.push(&mut self.queue_links, freed.slot.0);
        Some(freed)
    }

    /// Leaves it to the host to see that `slot`, which is in use again, held another key.
    #[inline(always)]
    pub(crate) fn spare_freed(&mut self, slot: Slot) {
        if self.reused.is_some_and(|freed| freed.slot == slot) {
            self.reused = None;
        }
    }

    /// True when there are slots whose emptying was not reported to the host.
    #[inline(always)]
    pub(crate) fn has_freed(&self) -> bool {
        self.freed.len > 0 || self.reused.is_some()
    }

    /// Gives a slot back, for the host to hear of it. Its lists must have let go of it.
    pub(crate) fn free(&mut self, slot: Slot, reason: RemovalReason) {
        self.deadline.put(slot.0, f64::NEG_INFINITY);
        self.hits.put(slot.0, reason as u8);
        self.edit(slot, |row| row.state = State::Free);
        self.window.put(slot.0, 0.0);
        self.retry_at.put(slot.0, 0.0);
        self.digest.put(slot.0, [0; 32]);
        self.freed.push(&mut self.queue_links, slot.0);
        self.len = self.len.saturating_sub(1);
    }
}
