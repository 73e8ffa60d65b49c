//! Numbers in the order of what they mean.
//!
//! As in an `IdTable`, only the owner knows what that is, and compares. The numbers are kept in pieces of a
//! bounded length, so that inserting or removing one moves a few hundred of them however many there are.
//!
//! Rejected: a `BTreeMap` by text. It would be 90 lines less, 9.9 KB more of the module (3.7 KB of them gzipped), and hold each
//! endpoint's text by a pointer more.

use std::cmp::Ordering;

/// A piece that would get longer is cut in two first.
const LONGEST: usize = 256;

/// Numbers in order.
#[derive(Debug, Default)]
pub(crate) struct SortedIds {
    pieces: Vec<Vec<u32>>,
}

impl SortedIds {
    /// The piece that holds a number, or would hold it, and its place there; `compare` compares others with it.
    fn find(&self, compare: impl Fn(u32) -> Ordering) -> (usize, usize) {
        let begins_before = |piece: &Vec<u32>| piece.first().is_some_and(|id| compare(*id).is_le());
        let piece = self.pieces.partition_point(begins_before).saturating_sub(1);
        let at = self
            .pieces
            .get(piece)
            .map_or(0, |piece| piece.partition_point(|id| compare(*id).is_lt()));
        (piece, at)
    }

    /// Enters a number that is not among them.
    pub(crate) fn insert(&mut self, id: u32, compare: impl Fn(u32) -> Ordering) {
        let (mut number, mut at) = self.find(compare);
        let full = self
            .pieces
            .get(number)
            .is_none_or(|piece| piece.len() >= LONGEST);
        if full {
            // Never longer than that, so that it is never reallocated.
            let mut rest = Vec::with_capacity(LONGEST);
            if let Some(piece) = self.pieces.get_mut(number) {
                rest.extend(piece.drain(LONGEST / 2..));
                self.pieces.insert(number.saturating_add(1), rest);
                if at > LONGEST / 2 {
                    number = number.saturating_add(1);
                    at = at.saturating_sub(LONGEST / 2);
                }
            } else {
                self.pieces.push(rest);
            }
        }
        if let Some(piece) = self.pieces.get_mut(number) {
            piece.insert(at, id);
        }
    }

    /// Takes a number out, if it is among them.
    pub(crate) fn remove(&mut self, id: u32, compare: impl Fn(u32) -> Ordering) {
        let (number, at) = self.find(compare);
        let Some(piece) = self.pieces.get_mut(number) else {
            return;
        };
        if piece.get(at) == Some(&id) {
            piece.remove(at);
        }
        if piece.is_empty() {
            self.pieces.remove(number);
        }
    }

    /// Calls `go_on` with the numbers in order, from the first on that is not less, until it returns false.
    pub(crate) fn each(
        &self,
        compare: impl Fn(u32) -> Ordering,
        go_on: &mut dyn FnMut(u32) -> bool,
    ) {
        let (piece, mut at) = self.find(compare);
        for piece in self.pieces.get(piece..).unwrap_or_default() {
            for id in piece.get(at..).unwrap_or_default() {
                if !go_on(*id) {
                    return;
                }
            }
            at = 0;
        }
    }

    /// Bytes they take.
    pub(crate) fn memory(&self) -> usize {
        let piece = size_of::<Vec<u32>>().saturating_add(LONGEST.saturating_mul(size_of::<u32>()));
        self.pieces.len().saturating_mul(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn numbers_come_go_and_are_found_in_order() {
        // The numbers mean themselves; a tree of the standard library is the oracle.
        let (mut sorted, mut tree) = (SortedIds::default(), BTreeSet::new());
        let mut state = 1_u32;
        for step in 0..30_000_u32 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // It grows to thousands and shrinks to nothing, several times.
            let id = (state >> 8) % 5_000;
            if (step / 5_000).is_multiple_of(2) {
                if tree.insert(id) {
                    sorted.insert(id, |other| other.cmp(&id));
                }
            } else {
                tree.remove(&id);
                sorted.remove(id, |other| other.cmp(&id));
            }
            if step.is_multiple_of(500) || tree.len() < 3 {
                let mut found = Vec::new();
                sorted.each(|other| other.cmp(&id), &mut |other| {
                    found.push(other);
                    found.len() < 2_000
                });
                assert!(
                    found.iter().eq(tree.range(id..).take(2_000)),
                    "step {step}, from {id}"
                );
            }
        }
        assert!(
            sorted
                .pieces
                .iter()
                .all(|piece| !piece.is_empty() && piece.len() <= LONGEST)
        );
    }
}
