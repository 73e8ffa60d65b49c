//! Sets of characters: what `[…]`, `.`, `\d` and their like stand for.

/// A set of characters as ranges of code points, in order and apart from each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranges(Vec<(u32, u32)>);

const LAST: u32 = char::MAX as u32;

impl Ranges {
    /// One range.
    pub(super) fn of(start: char, end: char) -> Self {
        Ranges(vec![(start as u32, end as u32)])
    }

    /// Everything but `excluded`.
    pub(super) fn all_but(excluded: &[char]) -> Self {
        let mut ranges = Self::default();
        for c in excluded {
            ranges.add(*c as u32, *c as u32);
        }
        ranges.negate();
        ranges
    }

    /// A class by the name that `[:…:]` gives it; all of them are ASCII.
    pub(super) fn named(name: &str) -> Option<Self> {
        // Pairs of first and last characters.
        let bounds = match name {
            "alnum" => "09AZaz",
            "alpha" => "AZaz",
            "ascii" => "\0\x7f",
            "blank" => "\t\t  ",
            "cntrl" => "\0\x1f\x7f\x7f",
            "digit" => "09",
            "graph" => "!~",
            "lower" => "az",
            "print" => " ~",
            "punct" => "!/:@[`{~",
            "space" => "\t\r  ",
            "upper" => "AZ",
            "word" => "09AZ__az",
            "xdigit" => "09AFaf",
            _ => return None,
        };
        let mut ranges = Self::default();
        let mut bounds = bounds.bytes();
        while let (Some(start), Some(end)) = (bounds.next(), bounds.next()) {
            ranges.add(start.into(), end.into());
        }
        Some(ranges)
    }

    /// How many ranges there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds a range; what it overlaps or touches becomes one with it.
    pub(super) fn add(&mut self, start: u32, end: u32) {
        let first = self.0.partition_point(|r| r.1.saturating_add(1) < start);
        let behind = self.0.partition_point(|r| r.0 <= end.saturating_add(1));
        let mut whole = (start, end);
        for touched in self.0.drain(first..behind.max(first)) {
            whole = (whole.0.min(touched.0), whole.1.max(touched.1));
        }
        self.0.insert(first, whole);
    }

    /// Adds another set.
    pub(super) fn extend(&mut self, other: &Ranges) {
        for (start, end) in &other.0 {
            self.add(*start, *end);
        }
    }

    /// Adds the other case of ASCII letters: of each range's lower ones, or else of its upper ones.
    pub(super) fn fold(&mut self) {
        for (start, end) in self.0.clone() {
            for (first, last) in [('a', 'z'), ('A', 'Z')] {
                let (start, end) = (start.max(first as u32), end.min(last as u32));
                if start <= end {
                    self.add(start ^ 32, end ^ 32);
                    break;
                }
            }
        }
    }

    /// Turns it into everything that it is not.
    pub(super) fn negate(&mut self) {
        let mut next = 0;
        let mut rest = Vec::with_capacity(self.0.len().saturating_add(1));
        for (start, end) in &self.0 {
            if *start > next {
                rest.push((next, start.saturating_sub(1)));
            }
            next = end.saturating_add(1);
        }
        if next <= LAST {
            rest.push((next, LAST));
        }
        self.0 = rest;
    }

    /// Whether a character is in it.
    pub(super) fn has(&self, c: char) -> bool {
        let c = c as u32;
        let at = self.0.partition_point(|range| range.1 < c);
        self.0.get(at).is_some_and(|range| range.0 <= c)
    }
}
