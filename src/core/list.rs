//! Lists of numbers that run through a column of links: an item enters and leaves one in constant time, and costs eight bytes.

use super::column::Column;

/// No number: the end of a list.
pub(super) const NIL: u32 = u32::MAX;

/// The one after and the one before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) next: u32,
    pub(super) prev: u32,
}

impl Default for Link {
    fn default() -> Self {
        Link {
            next: NIL,
            prev: NIL,
        }
    }
}

/// A list; an item of it is in no other list of the same column.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    pub(super) head: u32,
    pub(super) tail: u32,
    pub(super) len: u32,
}

impl Default for List {
    fn default() -> Self {
        List {
            head: NIL,
            tail: NIL,
            len: 0,
        }
    }
}

impl List {
    /// Enters an item at the end.
    #[inline(always)]
    pub(super) fn push(&mut self, links: &mut Column<Link>, item: u32) {
        let prev = self.tail;
        links.put(item, Link { next: NIL, prev });
        match links.get_mut(prev) {
            Some(last) => last.next = item,
            None => self.head = item,
        }
        self.tail = item;
        self.len = self.len.saturating_add(1);
    }

    /// Enters an item before one that is in the list.
    pub(super) fn insert(&mut self, links: &mut Column<Link>, item: u32, next: u32) {
        let prev = links.at(next).prev;
        links.put(item, Link { next, prev });
        if let Some(after) = links.get_mut(next) {
            after.prev = item;
        }
        match links.get_mut(prev) {
            Some(before) => before.next = item,
            None => self.head = item,
        }
        self.len = self.len.saturating_add(1);
    }

    /// Takes an item out that is in the list.
    pub(super) fn remove(&mut self, links: &mut Column<Link>, item: u32) {
        let Link { next, prev } = links.at(item);
        match links.get_mut(prev) {
            Some(before) => before.next = next,
            None => self.head = next,
        }
        match links.get_mut(next) {
            Some(after) => after.prev = prev,
            None => self.tail = prev,
        }
        links.put(item, Link::default());
        self.len = self.len.saturating_sub(1);
    }

    #[inline(always)]
    pub(super) fn first(&self) -> Option<u32> {
        (self.head != NIL).then_some(self.head)
    }
}
