//! Finds a number by what it means: a hash table of numbers alone.
//!
//! What a number means is its owner's business, who hashes it and compares it. So one piece of code serves every
//! index there is, and growing never hashes anything again.

use crate::core::bytes;
use crate::core::slots::linked_list::NIL;

/// What hashes are mixed with: a caller who does not know it cannot choose names that collide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seed {
    low: u32,
    high: u32,
}

impl Seed {
    /// A seed of 64 bits; small numbers will do as well.
    pub(crate) fn new(seed: u64) -> Self {
        let spread = (seed ^ (seed >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Seed {
            low: spread as u32,
            high: (spread >> 32) as u32,
        }
    }

    /// Two numbers into two, by the halves of a product: each bit of the one depends on all of the other.
    #[inline(always)]
    fn mix(self, (a, b): (u32, u32)) -> (u32, u32) {
        let product = u64::from(a ^ self.low ^ 0x9e37_79b9)
            .wrapping_mul(u64::from(b ^ self.high ^ 0x85eb_ca6b));
        (product as u32, (product >> 32) as u32)
    }

    /// The hash of two numbers.
    #[inline(always)]
    pub(crate) fn of_pair(self, a: u32, b: u32) -> u32 {
        let (low, high) = self.mix(self.mix((a, b)));
        low ^ high
    }

    /// The hash of a text.
    pub(crate) fn of_text(self, text: &str) -> u32 {
        let (words, last) = bytes::split(text.as_bytes());
        let length = text.len() as u32;
        let mut state = (length, length);
        for word in words {
            state = self.mix_word(state, u64::from_le_bytes(*word));
        }
        let (low, high) = self.mix(self.mix_word(state, last));
        low ^ high
    }

    #[inline(always)]
    fn mix_word(self, (low, high): (u32, u32), word: u64) -> (u32, u32) {
        self.mix((low ^ word as u32, high ^ (word >> 32) as u32))
    }
}

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

    #[test]
    fn hashes_of_names_that_look_alike_differ_and_depend_on_the_seed() {
        let names: Vec<String> = (0..20_000)
            .map(|n| format!("u{n:05}"))
            .chain((0..99).map(|n| "\0".repeat(n)))
            .collect();
        for seed in [
            Seed::default(),
            Seed::new(1),
            Seed::new(u64::MAX),
            Seed::new(1 << 40),
        ] {
            let mut hashes: Vec<u32> = names.iter().map(|name| seed.of_text(name)).collect();
            assert_ne!(
                hashes,
                names
                    .iter()
                    .map(|name| Seed::new(9).of_text(name))
                    .collect::<Vec<_>>()
            );
            hashes.sort_unstable();
            hashes.dedup();
            // Of 20,000 random numbers of 32 bits about 0.05 are doubles.
            assert!(
                hashes.len() + 5 >= names.len(),
                "{} of {}",
                hashes.len(),
                names.len()
            );
        }
    }
}
