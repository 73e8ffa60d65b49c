//! Names as an index keeps them: a text with a number before it that settles most comparisons.
//!
//! Comparing texts byte by byte is what a look into an index of names costs, and names tend to begin alike. A *marked*
//! name is compared by a hash of its text first and by the text only where that is the same: an order that means
//! nothing, yet is one, so that no choice of names can make an index slow. A *sorted* name has no such number and
//! stands in the order of its text, as a search by prefix needs it.

use std::rc::Rc;

/// A name in an index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    mark: u64,
    text: Rc<str>,
}

impl Name {
    /// A name that is looked up as a whole.
    pub fn marked(text: &str) -> Self {
        let mut mark = text.len() as u64;
        for eight in text.as_bytes().chunks(8) {
            let word = eight
                .iter()
                .fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
            mark = (mark ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mark ^= mark >> 32;
        }
        Name {
            mark,
            text: text.into(),
        }
    }

    /// A name that stands in the order of its text.
    pub fn sorted(text: &str) -> Self {
        Name {
            mark: 0,
            text: text.into(),
        }
    }

    /// Its text.
    pub fn text(&self) -> &Rc<str> {
        &self.text
    }
}
