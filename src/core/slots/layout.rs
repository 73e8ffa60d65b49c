//! Where a host that shares this memory finds what its fast path reads.

use super::row::Row;
use std::mem::offset_of;

/// Addresses and lengths of what a host's fast path reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Last moment at which a slot's value is fresh: 64-bit floats by slot.
    pub deadline: usize,
    /// How often it was hit, counted up to three by the host: bytes by slot.
    pub hits: usize,
    /// A row of [`Layout::ROW`] bytes by slot.
    pub rows: usize,
    /// 1 while a group's entries may be served: bytes by group.
    pub alive: usize,
    /// How many retired groups wait for their release: one 32-bit number.
    pub waiting: usize,
    /// Slots there are.
    pub slots: usize,
    /// Groups there are.
    pub groups: usize,
}

impl Layout {
    /// Bytes of a row.
    pub const ROW: usize = 24;
    /// Where a row has the moment at which the value was stored: a 64-bit float.
    pub const STORED_AT: usize = 0;
    /// Where it has its group: a 32-bit number.
    pub const GROUP: usize = 8;
}

// A host has these numbers in its own code.
const _: () = assert!(
    size_of::<Row>() == Layout::ROW
        && offset_of!(Row, stored_at) == Layout::STORED_AT
        && offset_of!(Row, group) == Layout::GROUP
);

/// Counts how often columns that the host reads may have moved. It only grows, so that two layouts never have the same number:
/// there is one for all columns of an engine, and whatever may move one is given it.
#[derive(Debug, Default)]
pub(crate) struct LayoutVersion(u64);

impl LayoutVersion {
    /// Notes that columns may lie elsewhere, or be longer or shorter, from now on.
    pub(crate) fn bump(&mut self) {
        self.0 = self.0.saturating_add(1);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0
    }
}
