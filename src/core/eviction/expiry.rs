//! What expires next: slots by when they stop being of use, in a few sorted lists and a heap for the rest.
//!
//! A service has a handful of TTLs, and entries of one TTL end in the order in which they were stored. So a new entry
//! mostly belongs at the end of a list, and enters and leaves it in constant time; one that belongs at the end of none
//! is kept in a four-way heap. Entries that never expire are in neither. Counting or removing what has expired costs
//! by how many have expired, and the order is exact at any resolution, which a timing wheel's is not.

use crate::core::slots::linked_list::{List, NIL};
use crate::core::slots::{Slot, Slots};

const ARITY: usize = 4;

/// How many sorted lists there are. With fewer than a service has TTLs the heap takes more, and nothing else changes.
const LISTS: usize = 4;

/// The line of a slot that is in no list: `1..=LISTS` are the lists.
const IN_NONE: u8 = 0;
const IN_HEAP: u8 = LISTS as u8 + 1;

/// The lists and the heap. Each slot's place is in its row as `expiry_list`; of one in the heap, `ends` has the position as `prev`.
#[derive(Debug, Default)]
pub(crate) struct Expiry {
    lists: [List; LISTS],
    heap: Vec<u32>,
}

impl Expiry {
    /// Enters a slot, or moves it after its time changed.
    pub(crate) fn put(&mut self, slot: Slot, slots: &mut Slots) {
        if slots.row(slot).expiry_list != IN_NONE {
            self.remove(slot, slots);
        }
        let until = slots.kept_until(slot);
        if until == f64::INFINITY {
            return;
        }
        // The end that is nearest before it; an empty list where it is before every end.
        let mut best = None;
        let mut nearest = f64::NEG_INFINITY;
        for (number, list) in (1_u8..).zip(&self.lists) {
            if list.tail == NIL {
                if nearest == f64::NEG_INFINITY {
                    best = Some(number);
                }
                continue;
            }
            let end = slots.kept_until(Slot(list.tail));
            if end <= until && end >= nearest {
                (best, nearest) = (Some(number), end);
            }
        }
        match best.and_then(|number| Some((number, self.list(number)?))) {
            Some((number, mut list)) => {
                list.push(&mut slots.expiry_links, slot.0);
                self.set_list(number, list);
                slots.edit(slot, |row| row.expiry_list = number);
            }
            None => {
                slots.edit(slot, |row| row.expiry_list = IN_HEAP);
                self.heap.push(slot.0);
                self.sift_up(self.heap.len().saturating_sub(1), slot.0, slots);
            }
        }
    }

    fn list(&self, number: u8) -> Option<List> {
        self.lists.get(usize::from(number).checked_sub(1)?).copied()
    }

    fn set_list(&mut self, number: u8, list: List) {
        let place = usize::from(number).checked_sub(1);
        if let Some(place) = place.and_then(|at| self.lists.get_mut(at)) {
            *place = list;
        }
    }

    /// Takes a slot out, if it is in.
    pub(crate) fn remove(&mut self, slot: Slot, slots: &mut Slots) {
        let list_number = slots.row(slot).expiry_list;
        if list_number == IN_NONE {
            return;
        }
        slots.edit(slot, |row| row.expiry_list = IN_NONE);
        if let Some(mut list) = self.list(list_number) {
            list.remove(&mut slots.expiry_links, slot.0);
            self.set_list(list_number, list);
            return;
        }
        let at = slots.expiry_links.at(slot.0).prev as usize;
        let Some(last) = self.heap.pop() else { return };
        if last != slot.0 {
            let at = self.sift_up(at, last, slots);
            self.sift_down(at, last, slots);
        }
    }

    /// The slot that expires first, if its time ended before `now`.
    pub(crate) fn first_expired(&self, now: f64, slots: &Slots) -> Option<Slot> {
        let mut first = None;
        let mut earliest = now;
        let heads = self.lists.iter().map(|list| list.head);
        for slot in heads.chain(self.heap.first().copied()) {
            if slot != NIL && slots.kept_until(Slot(slot)) < earliest {
                earliest = slots.kept_until(Slot(slot));
                first = Some(Slot(slot));
            }
        }
        first
    }

    /// Calls `visit` with every slot whose time ended before `now`; costs by how many there are.
    pub(crate) fn each_expired(&self, now: f64, slots: &Slots, mut visit: impl FnMut(Slot)) {
        for list in &self.lists {
            let mut at = list.head;
            while at != NIL && slots.kept_until(Slot(at)) < now {
                visit(Slot(at));
                at = slots.expiry_links.at(at).next;
            }
        }
        self.each_below(0, now, slots, &mut visit);
    }

    /// The same of the heap from one of its positions down; as deep as the heap is high.
    fn each_below(&self, at: usize, now: f64, slots: &Slots, visit: &mut dyn FnMut(Slot)) {
        let Some(slot) = self.heap.get(at).copied().map(Slot) else {
            return;
        };
        if slots.kept_until(slot) < now {
            visit(slot);
            let first = at.saturating_mul(ARITY).saturating_add(1);
            for child in first..first.saturating_add(ARITY) {
                self.each_below(child, now, slots, visit);
            }
        }
    }

    pub(crate) fn memory(&self) -> usize {
        self.heap.capacity().saturating_mul(size_of::<u32>())
    }

    pub(crate) fn reset(&mut self) {
        *self = Expiry::default();
    }

    fn set_position(&mut self, at: usize, slot: u32, slots: &mut Slots) {
        if let (Some(place), Some(link)) = (self.heap.get_mut(at), slots.expiry_links.get_mut(slot))
        {
            *place = slot;
            link.prev = u32::try_from(at).unwrap_or(0);
        }
    }

    fn sift_up(&mut self, mut at: usize, slot: u32, slots: &mut Slots) -> usize {
        let key = slots.kept_until(Slot(slot));
        while let Some(above) = at.checked_sub(1).map(|before| before / ARITY) {
            let Some(parent) = self.heap.get(above).copied() else {
                break;
            };
            if slots.kept_until(Slot(parent)) <= key {
                break;
            }
            self.set_position(at, parent, slots);
            at = above;
        }
        self.set_position(at, slot, slots);
        at
    }

    fn sift_down(&mut self, mut at: usize, slot: u32, slots: &mut Slots) {
        let key = slots.kept_until(Slot(slot));
        loop {
            let first = at.saturating_mul(ARITY).saturating_add(1);
            let mut least = None;
            for child in first..first.saturating_add(ARITY) {
                let Some(candidate) = self.heap.get(child).copied() else {
                    break;
                };
                let time = slots.kept_until(Slot(candidate));
                if time < least.map_or(key, |(_, _, time)| time) {
                    least = Some((child, candidate, time));
                }
            }
            let Some((child, candidate, _)) = least else {
                break;
            };
            self.set_position(at, candidate, slots);
            at = child;
        }
        self.set_position(at, slot, slots);
    }
}

impl Expiry {
    /// An error in words if a slot that expires is missing, or anything is out of order. For tests.
    pub(crate) fn check_invariants(&self, slots: &Slots) -> Result<(), String> {
        let mut entered = 0_usize;
        for (number, list) in (1_u8..).zip(&self.lists) {
            let mut before = f64::NEG_INFINITY;
            let mut at = list.head;
            while at != NIL {
                let until = slots.kept_until(Slot(at));
                if until < before || slots.row(Slot(at)).expiry_list != number {
                    return Err(format!("slot {at} is out of order in list {number}"));
                }
                before = until;
                entered = entered.saturating_add(1);
                at = slots.expiry_links.at(at).next;
            }
        }
        for (at, slot) in self.heap.iter().enumerate() {
            let above = at.checked_sub(1).map(|before| before / ARITY);
            let parent = above.and_then(|above| self.heap.get(above));
            let later =
                |parent: &u32| slots.kept_until(Slot(*parent)) > slots.kept_until(Slot(*slot));
            if slots.row(Slot(*slot)).expiry_list != IN_HEAP
                || slots.expiry_links.at(*slot).prev as usize != at
                || parent.is_some_and(later)
            {
                return Err(format!("slot {slot} is out of order in the heap"));
            }
            entered = entered.saturating_add(1);
        }
        let expires = |index: &u32| {
            slots.has_value(Slot(*index)) && slots.kept_until(Slot(*index)) < f64::INFINITY
        };
        let slots = 0..u32::try_from(slots.capacity()).unwrap_or(u32::MAX);
        let expected = slots.filter(expires).count();
        if entered == expected {
            Ok(())
        } else {
            Err(format!("{expected} values expire, {entered} are awaited"))
        }
    }
}
