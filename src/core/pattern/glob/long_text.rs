//! Searching for a long text in linear time, whatever the text is (Knuth, Morris and Pratt).

/// A text with fewer bytes is compared at every place: that is quicker than the bookkeeping.
const LONG: usize = 32;

/// A long text.
#[derive(Clone, Debug)]
pub(crate) struct LongText {
    text: Box<[u8]>,
    /// By how much of it was found: how much of it is found still where the next byte is another one.
    kept: Vec<u16>,
}

impl LongText {
    /// Prepares the search; `None` for a text that is not long.
    pub(crate) fn of(text: &str) -> Option<Self> {
        if text.len() < LONG {
            return None;
        }
        let mut long = LongText {
            text: text.as_bytes().into(),
            kept: vec![0],
        };
        for byte in text.bytes().skip(1) {
            let before = long.kept.last().copied().map_or(0, usize::from);
            let found = long.advance(before, byte);
            long.kept.push(found as u16);
        }
        Some(long)
    }

    /// What is left of `key` behind the first place where the text is. No byte is looked at again.
    pub(crate) fn find<'k>(&self, key: &'k str) -> Option<&'k str> {
        let mut found = 0_usize;
        for (at, byte) in key.bytes().enumerate() {
            found = self.advance(found, byte);
            if found == self.text.len() {
                return key.get(at.saturating_add(1)..);
            }
        }
        None
    }

    /// How much of the text is found with one byte more.
    #[inline(always)]
    fn advance(&self, mut found: usize, byte: u8) -> usize {
        while self.text.get(found) != Some(&byte) {
            match found.checked_sub(1) {
                None => return 0,
                Some(before) => found = self.kept.get(before).copied().map_or(0, usize::from),
            }
        }
        found.saturating_add(1)
    }
}
