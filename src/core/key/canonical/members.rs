//! The members of an object, and the order of their names.

use super::string::compare_names;
use crate::core::fmt_lite::piece;
use std::cmp::Ordering;

/// Where a member is in the output: `"name": value` from `start` to `end`.
#[derive(Clone, Copy)]
pub(super) struct Member {
    pub(super) start: usize,
    pub(super) name_end: usize,
    pub(super) end: usize,
}

impl Member {
    pub(super) fn name<'t>(&self, text: &'t str) -> &'t str {
        piece(text, self.start, self.name_end)
    }

    /// Whether its name comes after that of another.
    #[inline(never)]
    pub(super) fn is_after(&self, other: &Self, text: &str) -> bool {
        compare_names(self.name(text), other.name(text)) == Ordering::Greater
    }
}

/// Members put in order by insertion, before runs of them are merged.
const RUN: usize = 16;

/// Sorts members by their names in a text; those of equal names stay as they are. A tenth of the size of the
/// standard library's sort, which ships in the module, and as fast for the few members that params have.
pub(super) fn sort(members: &mut Vec<Member>, text: &str) {
    for run in members.chunks_mut(RUN) {
        for end in 1..run.len() {
            let mut at = end;
            while let Some(before) = at.checked_sub(1)
                && let (Some(a), Some(b)) = (run.get(before), run.get(at))
                && a.is_after(b, text)
            {
                run.swap(before, at);
                at = before;
            }
        }
    }
    let mut width = RUN;
    while width < members.len() {
        let mut merged = Vec::with_capacity(members.len());
        for pair in members.chunks(width.saturating_mul(2)) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            while let (Some((a, more_left)), Some((b, more_right))) =
                (left.split_first(), right.split_first())
            {
                if a.is_after(b, text) {
                    merged.push(*b);
                    right = more_right;
                } else {
                    merged.push(*a);
                    left = more_left;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        *members = merged;
        width = width.saturating_mul(2);
    }
}
