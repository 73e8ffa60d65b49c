//! What always holds of the engine, checked by tests after every operation.

use super::Engine;
use crate::core::slots::{Slot, State};

impl Engine {
    /// An error in words if the engine's parts disagree. For tests, after every operation.
    pub fn check_invariants(&self) -> Result<(), String> {
        let mut valued = 0_usize;
        let mut bytes = 0.0;
        let mut used = 0_usize;
        for index in 0..u32::try_from(self.slots.capacity()).unwrap_or(u32::MAX) {
            let slot = Slot(index);
            let row = self.slots.row(slot);
            if row.state != State::Free {
                used = used.saturating_add(1);
            }
            if row.has_value() {
                valued = valued.saturating_add(1);
                bytes += f64::from(row.bytes);
            } else if used > 0
                && row.state != State::Free
                && self.slots.deadline.at(index) != f64::NEG_INFINITY
            {
                return Err(format!("slot {index} has no value but a deadline"));
            }
            if row.state == State::Reserved && self.in_flight.on(slot).is_none() {
                return Err(format!("slot {index} is reserved for no load"));
            }
        }
        if used != self.slots.len() {
            let counted = self.slots.len();
            return Err(format!("{used} slots in use, {counted} counted"));
        }
        if valued != self.eviction.len() {
            let queued = self.eviction.len();
            return Err(format!("{valued} values, {queued} in the queues"));
        }
        if (bytes - self.bytes).abs() >= 0.5 {
            return Err(format!("{bytes} bytes held, {} counted", self.bytes));
        }
        if valued > self.limits.max_entries {
            let allowed = self.limits.max_entries;
            return Err(format!("{valued} values of {allowed} allowed"));
        }
        self.expiry.check_invariants(&self.slots)?;
        self.groups.check_invariants(&self.slots)
    }
}
