//! The slot table: one row of bookkeeping per entry.
//!
//! It knows when a slot's value becomes stale, what group it belongs to, how large and how popular it is. It does not know
//! keys or values: the host maps a key to a slot and a slot to a value.
//!
//! A host that shares this memory (JavaScript over typed arrays) reads `deadline` and `hits` on each hit and nothing else,
//! so these are columns of their own: ten thousand of them stay in the nearest caches. What is written and read with a value
//! is together in a [`Row`]. The lists that a slot is in (its eviction queue, its group, its expiry list) are linked lists
//! through three more columns, so that an entry enters and leaves each in constant time.
//!
//! An emptied slot is reported to the host (`next_freed`) before it is used again, with one exception: the host that fills the
//! slot it has just been given sees by itself that it held another key (`spare_freed`).

pub(crate) mod column;
mod free_list;
pub(crate) mod layout;
pub(crate) mod linked_list;
mod row;

pub use self::layout::Layout;
pub use self::row::{Freed, GroupId, Row, Slot, State};

use self::column::Column;
use self::layout::LayoutVersion;
use self::linked_list::{Link, List, NIL};

/// The columns.
#[derive(Debug, Default)]
pub struct Slots {
    /// Last moment at which the value is fresh; minus infinity where there is none to serve.
    pub(crate) deadline: Column<f64>,
    /// How often the value was hit, up to [`Slots::MAX_HITS`]; written by the host's fast path. Of an emptied slot, the reason.
    pub(crate) hits: Column<u8>,
    pub(crate) rows: Column<Row>,
    /// The queue of values that a slot waits in, or the free slots it is among.
    pub(crate) queue_links: Column<Link>,
    /// The others of its group.
    pub(crate) group_links: Column<Link>,
    /// Those that expire before and after it.
    pub(crate) expiry_links: Column<Link>,
    /// Milliseconds after the deadline for which the value is kept to be served stale. Empty until one is.
    window: Column<f64>,
    /// When the next load may start, where the last one of a stale value failed. Empty until one did.
    retry_at: Column<f64>,
    /// SHA-256 of the request, where the entry was made by one. Empty until one is.
    digest: Column<[u8; 32]>,
    /// Free slots that were in use before, through `queue`: those not reported to the host yet, and the others.
    freed: List,
    free: List,
    /// A slot not reported yet that is in use again.
    reused: Option<Freed>,
    /// Slots from here on were never used.
    unused: u32,
    /// Slots to allocate for where a column has to be reallocated.
    reserved: usize,
    len: u32,
}

impl Slots {
    /// Popularity is counted up to this and no further.
    pub const MAX_HITS: u8 = 3;

    /// Columns begin with this many slots, for caches that never hold more: with 4,000 of them in one memory, what each does
    /// not use is what the others lack.
    const FIRST: usize = 64;

    /// Columns grow by a quarter and at least by this many slots.
    const STEP: usize = 1024;

    /// Up to this many slots, memory for all that may ever be held is reserved at once when the first step is used up: twelve
    /// megabytes at the most, 0.9 for the bound of 10,000 entries.
    const AT_ONCE: usize = 1 << 17;

    #[inline(always)]
    pub(crate) fn row(&self, slot: Slot) -> Row {
        self.rows.at(slot.0)
    }

    /// Writes into a slot's row.
    #[inline(always)]
    pub(crate) fn edit(&mut self, slot: Slot, write: impl FnOnce(&mut Row)) {
        if let Some(row) = self.rows.get_mut(slot.0) {
            write(row);
        }
    }

    /// Takes a free slot for what `group` and `fingerprint` name; `None` when every slot number is in use.
    #[inline(always)]
    pub(crate) fn allocate(
        &mut self,
        group: GroupId,
        fingerprint: u32,
        limit: usize,
        layout_version: &mut LayoutVersion,
    ) -> Option<Slot> {
        let slot = match self.take_free() {
            Some(slot) => slot,
            None => {
                if self.unused as usize >= self.capacity() && !self.grow(limit, layout_version) {
                    return None;
                }
                let slot = self.unused;
                self.unused = self.unused.saturating_add(1);
                self.deadline.put(slot, f64::NEG_INFINITY);
                Slot(slot)
            }
        };
        self.edit(slot, |row| {
            row.group = group;
            row.state = State::Reserved;
            row.fingerprint = fingerprint;
            row.bytes = 0;
        });
        self.hits.put(slot.0, 0);
        self.len = self.len.saturating_add(1);
        Some(slot)
    }

    fn grow(&mut self, limit: usize, layout_version: &mut LayoutVersion) -> bool {
        let old = self.capacity();
        let step = if old == 0 {
            Self::FIRST
        } else {
            (old / 4)
                .max(Self::STEP)
                .min(limit.saturating_sub(old).max(64))
        };
        let new = old.saturating_add(step);
        if new >= NIL as usize {
            return false;
        }
        // Memory that is reserved and not written costs nothing yet, and columns that need not move spare their copy.
        let reserve = if old >= Self::STEP && limit <= Self::AT_ONCE {
            limit.saturating_add(64)
        } else {
            new
        };
        self.reserved = reserve;
        layout_version.bump();
        self.deadline.grow(new, reserve);
        self.hits.grow(new, reserve);
        self.rows.grow(new, reserve);
        for links in [
            &mut self.queue_links,
            &mut self.group_links,
            &mut self.expiry_links,
        ] {
            links.grow(new, reserve);
        }
        for optional in [&mut self.window, &mut self.retry_at] {
            if !optional.is_empty() {
                optional.grow(new, reserve);
            }
        }
        if !self.digest.is_empty() {
            self.digest.grow(new, reserve);
        }
        true
    }

    #[inline(always)]
    pub(crate) fn window(&self, slot: Slot) -> f64 {
        self.window.at(slot.0)
    }

    /// Keeps the value `ms` after its deadline.
    pub(crate) fn set_window(&mut self, slot: Slot, ms: f64) {
        if ms > 0.0 || !self.window.is_empty() {
            self.window.grow(self.rows.len(), self.reserved);
            self.window.put(slot.0, ms.max(0.0));
        }
    }

    /// When the next load of a value may start, where the last one failed.
    pub(crate) fn retry_at(&self, slot: Slot) -> Option<f64> {
        Some(self.retry_at.at(slot.0)).filter(|at| *at != 0.0)
    }

    /// Holds the next load of a value back until `at`.
    pub(crate) fn set_retry_at(&mut self, slot: Slot, at: f64) {
        self.retry_at.grow(self.rows.len(), self.reserved);
        self.retry_at.put(slot.0, at);
    }

    /// Lets the next load of a value start at any time.
    pub(crate) fn forget_retry(&mut self, slot: Slot) {
        self.retry_at.put(slot.0, 0.0);
    }

    pub(crate) fn digest(&self, slot: Slot) -> Option<[u8; 32]> {
        Some(self.digest.at(slot.0)).filter(|digest| *digest != [0; 32])
    }

    pub(crate) fn set_digest(&mut self, slot: Slot, digest: Option<[u8; 32]>) {
        if digest.is_some() {
            self.digest.grow(self.rows.len(), self.reserved);
        }
        self.digest.put(slot.0, digest.unwrap_or_default());
    }

    /// The last moment at which the value is of any use, stale or fresh.
    #[inline(always)]
    pub(crate) fn kept_until(&self, slot: Slot) -> f64 {
        self.deadline.at(slot.0) + self.window(slot)
    }

    #[inline(always)]
    pub(crate) fn has_value(&self, slot: Slot) -> bool {
        self.row(slot).has_value()
    }

    #[inline(always)]
    pub(crate) fn group_of(&self, slot: Slot) -> GroupId {
        self.row(slot).group
    }

    /// Slots in use, those of loads in flight included.
    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    /// Slots that fit before the columns grow again.
    pub fn capacity(&self) -> usize {
        self.rows.len()
    }

    /// Bytes taken by the columns.
    pub(crate) fn memory(&self) -> usize {
        let links = self.queue_links.bytes().saturating_mul(3);
        [
            self.deadline.bytes(),
            self.hits.bytes(),
            self.rows.bytes(),
            self.window.bytes(),
            self.retry_at.bytes(),
            self.digest.bytes(),
        ]
        .iter()
        .fold(links, |sum, part| sum.saturating_add(*part))
    }

    /// Forgets everything and gives the memory back.
    pub(crate) fn reset(&mut self, layout_version: &mut LayoutVersion) {
        *self = Slots::default();
        layout_version.bump();
    }
}
