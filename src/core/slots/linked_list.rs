//! Lists of numbers that run through a column of links: an item enters and leaves one in constant time, and costs eight bytes.

use super::column::Column;

/// No number: the end of a list.
pub(crate) const NIL: u32 = u32::MAX;

/// The one after and the one before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub(crate) next: u32,
    pub(crate) prev: u32,
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
pub(crate) struct List {
    pub(crate) head: u32,
    pub(crate) tail: u32,
    pub(crate) len: u32,
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
    pub(crate) fn push(&mut self, links: &mut Column<Link>, item: u32) {
        let prev = self.tail;
        links.put(item, Link { next: NIL, prev });
        match links.get_mut(prev) {
            Some(last) => last.next = item,
            None => self.head = item,
        }
        self.tail = item;
        self.len = self.len.saturating_add(1);
    }

    /// Takes an item out that is in the list.
    pub(crate) fn remove(&mut self, links: &mut Column<Link>, item: u32) {
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
    pub(crate) fn first(&self) -> Option<u32> {
        (self.head != NIL).then_some(self.head)
    }
}
