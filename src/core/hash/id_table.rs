//! Finds a number by the hash of what it means: a hash table of numbers alone.
//!
//! What a number means is its owner's business, who hashes it and compares it. Each number is kept with its hash, so growing
//! never asks the owner and one piece of code serves every index there is.
//!
//! Rejected: `hashbrown::HashTable` in its place. It is as fast (`set` and `begin` take 0.6 % more instructions) and 1.8 KB of
//! the module, but it marks removed entries and grows for the sake of the marks: where entries with a thousand tags come and go,
//! it takes twice the memory (`b5_tags_of_what_is_gone_are_given_back`).

use crate::core::slots::linked_list::NIL;

#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u32,
    id: u32,
}

const EMPTY: Entry = Entry { hash: 0, id: NIL };

/// Numbers by hash. At least a quarter of its places is empty, and an entry is at its own place or behind it with no
/// gap in between.
#[derive(Clone, Debug, Default)]
pub(crate) struct IdTable {
    table: Vec<Entry>,
    len: usize,
}

impl IdTable {
    /// The number of this hash that `is` the one asked for.
    #[inline(always)]
    pub(crate) fn find(&self, hash: u32, is: impl Fn(u32) -> bool) -> Option<u32> {
        self.place(hash, is).map(|(_, id)| id)
    }

    #[inline(always)]
    fn place(&self, hash: u32, is: impl Fn(u32) -> bool) -> Option<(usize, u32)> {
        let mut at = hash as usize;
        loop {
            let entry = self.at(at)?;
            if entry.hash == hash && is(entry.id) {
                return Some((at, entry.id));
            }
            at = at.wrapping_add(1);
        }
    }

    /// The entry at a place, places going round; nothing where it is empty.
    #[inline(always)]
    fn at(&self, at: usize) -> Option<Entry> {
        let entry = self.table.get(at & self.mask()).copied();
        entry.filter(|entry| entry.id != NIL)
    }

    #[inline(always)]
    fn put(&mut self, at: usize, entry: Entry) {
        let at = at & self.mask();
        if let Some(place) = self.table.get_mut(at) {
            *place = entry;
        }
    }

    #[inline(always)]
    fn mask(&self) -> usize {
        self.table.len().wrapping_sub(1)
    }

    /// Enters a number that is not in it.
    pub(crate) fn insert(&mut self, hash: u32, id: u32) {
        if self.len.saturating_mul(4) >= self.table.len().saturating_mul(3) {
            self.grow();
        }
        self.enter(Entry { hash, id });
        self.len = self.len.saturating_add(1);
    }

    fn enter(&mut self, entry: Entry) {
        let mut at = entry.hash as usize;
        while self.at(at).is_some() {
            at = at.wrapping_add(1);
        }
        self.put(at, entry);
    }

    fn grow(&mut self) {
        let places = self.table.len().saturating_mul(2).max(16);
        let table = vec![EMPTY; places];
        for entry in std::mem::replace(&mut self.table, table) {
            if entry.id != NIL {
                self.enter(entry);
            }
        }
    }

    /// Gives the entry of one number to another of the same hash, if it is there.
    pub(crate) fn replace(&mut self, hash: u32, old: u32, new: u32) -> bool {
        let place = self.place(hash, |id| id == old);
        if let Some((at, _)) = place {
            self.put(at, Entry { hash, id: new });
        }
        place.is_some()
    }

    /// Takes a number out, if it is there.
    pub(crate) fn remove(&mut self, hash: u32, id: u32) {
        let Some((mut gap, _)) = self.place(hash, |at| at == id) else {
            return;
        };
        self.len = self.len.saturating_sub(1);
        // What follows the gap and would no longer be found moves into it.
        let mut at = gap;
        loop {
            at = at.wrapping_add(1);
            let Some(entry) = self.at(at) else { break };
            let distance = at.wrapping_sub(entry.hash as usize) & self.mask();
            if distance >= (at.wrapping_sub(gap) & self.mask()) {
                self.put(gap, entry);
                gap = at;
            }
        }
        self.put(gap, EMPTY);
    }

    /// Bytes it takes.
    pub(crate) fn memory(&self) -> usize {
        self.table.capacity().saturating_mul(size_of::<Entry>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_finds_what_was_entered_and_nothing_else() {
        // Few hashes, so that entries follow one another and wrap around; a plain list is the oracle.
        let mut index = IdTable::default();
        let mut list: Vec<(u32, u32)> = Vec::new();
        let mut state = 1_u32;
        for id in 0..20_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let hash = ((state >> 24) % 13).wrapping_sub(6);
            if state >> 31 == 0 && list.len() < 40 {
                index.insert(hash, id);
                list.push((hash, id));
            } else if !list.is_empty() {
                let (hash, id) = list.swap_remove((state >> 8) as usize % list.len());
                if state & 0x80 == 0 {
                    index.remove(hash, id);
                    index.remove(hash, id);
                } else {
                    assert!(index.replace(hash, id, id + 1_000_000));
                    assert!(!index.replace(hash, id, 7));
                    list.push((hash, id + 1_000_000));
                }
            }
            for (hash, id) in &list {
                assert_eq!(index.find(*hash, |found| found == *id), Some(*id));
            }
            assert_eq!(
                index.find(hash, |found| !list.contains(&(hash, found))),
                None
            );
        }
    }
}
