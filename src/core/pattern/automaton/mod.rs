//! Matching at a bounded price: what a key costs at most is known before the first one is looked at.
//!
//! An expression becomes a [`Program`]. That becomes a table, in which a character is one step whatever the expression; or,
//! where the table would be too large, a few words of bits in which all places of the expression are moved on at once. What
//! is too large for either is refused: by counting, so that the answer is the same on every machine.
//!
//! Rejected: the engine of `regex-lite`, which reads the expression here and says what is wrong with it. It moves each
//! place by itself: 1 µs for a key that one place goes through and 5 ms for one that goes through 500 of them, so that no
//! bound lets ordinary expressions pass and keeps others out.

mod alphabet;
mod atoms;
mod bit_nfa;
mod dfa;
mod parse;
mod program;

use self::alphabet::Alphabet;
use self::bit_nfa::BitNfa;
use self::dfa::Dfa;

pub(crate) use self::parse::parse;
pub(crate) use self::program::{ANY, Assertion, Program};

/// A compiled program.
#[derive(Clone, Debug)]
pub(crate) struct Automaton {
    alphabet: Alphabet,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Dfa(Dfa),
    BitNfa(BitNfa),
}

impl Automaton {
    /// Compiles a program; `None` where a key would cost too much.
    pub(crate) fn compile(program: &Program) -> Option<Self> {
        if program.overfull {
            return None;
        }
        let alphabet = Alphabet::of(program)?;
        let only = !BitNfa::fit(program);
        let form = match Dfa::compile(program, &alphabet, only) {
            Some(dfa) => Form::Dfa(dfa),
            None if only => return None,
            None => Form::BitNfa(BitNfa::compile(program, &alphabet)),
        };
        Some(Self { alphabet, form })
    }

    /// Whether the program matches anywhere in the key.
    pub(crate) fn matches(&self, key: &str) -> bool {
        match &self.form {
            Form::Dfa(dfa) => dfa.matches(&self.alphabet, key),
            Form::BitNfa(bit_nfa) => bit_nfa.matches(&self.alphabet, key),
        }
    }
}
