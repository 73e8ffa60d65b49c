//! A walk over the characters of a pattern that can look one ahead.

use std::str::Chars;

/// Where a reader of a pattern is.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    rest: Chars<'a>,
    /// How many characters were taken.
    taken: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            rest: text.chars(),
            taken: 0,
        }
    }

    pub(crate) fn taken(&self) -> usize {
        self.taken
    }

    /// Takes the next character.
    #[inline(never)]
    pub(crate) fn next(&mut self) -> Option<char> {
        self.taken = self.taken.saturating_add(1);
        self.rest.next()
    }

    /// The next character, which stays where it is.
    #[inline(never)]
    pub(crate) fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    /// Takes the next character if it is this one.
    #[inline(never)]
    pub(crate) fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.next();
        }
        found
    }
}
