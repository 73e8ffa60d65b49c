//! What is known of one slot: its number, its stage, its row.

use crate::core::stats::RemovalReason;

/// A slot that was emptied, for its host to forget what it held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freed {
    /// The slot.
    pub slot: Slot,
    /// Why.
    pub reason: RemovalReason,
}

/// The number of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

/// The stage of a slot's life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Free for use.
    #[default]
    Free,
    /// A load is in flight and there is no value yet.
    Reserved,
    /// Holds a value, in the queue of newcomers.
    Small,
    /// Holds a value, in the queue of those that were hit again.
    Main,
}

/// What is known of a slot's value besides what a hit reads. Its host reads some of it too: where that lies is a part of
/// [`Layout`](crate::core::engine::Layout).
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Row {
    pub(crate) stored_at: f64,
    pub(crate) group: GroupId,
    pub(crate) state: State,
    /// The expiry list that it is in.
    pub(crate) expiry_list: u8,
    pub(crate) fingerprint: u32,
    pub(crate) bytes: u32,
}

impl Row {
    #[inline(always)]
    pub(crate) fn has_value(&self) -> bool {
        matches!(self.state, State::Small | State::Main)
    }
}

/// The number of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct GroupId(pub u32);
