//! Matching at a bounded price: what a key costs at most is known before the first one is looked at.
//!
//! An expression becomes a [`Program`]. That becomes a deterministic table, in which a character is one step whatever the
//! expression; or, where the table would be too large, a few words of bits in which all places of the expression are moved on at
//! once. What is too large for either is refused: by counting, so that the answer is the same on every machine.
//!
//! Rejected: the engine of `regex-lite`, which reads the expression here and reports what is wrong with it. It moves each place by
//! itself, so the bound that is known beforehand is the program's size times the longest key, and ordinary patterns are far
//! beyond 20 µs a key. Measured natively, best of 30, in µs for the worst of eight keys of 1,024 characters, here and there:
//! `[0-9a-f]{16}$` 3.7 and 544 · `user.{0,50}admin` 5.6 and 286 · `(\w+\.){2,4}\w+:` 3.2 and 166 · 40 names with `|` between
//! them 3.2 and 499 · `^[a-z]+(\.[a-z_]+)*\.(list|get):(user:[^:]+:)?[0-9a-f]{16}$` 3.2 and 70 · `a\.(list|get):[0-9]` 3.2 and
//! 38 · `(a?){60}b` 3.2 and 1,791. No bound of that engine lets these pass and keeps the last one out.
//!
//! Rejected as well: the table alone, without the bits. `user.{0,50}admin` and `a.{50}b` would be refused, since a table needs a
//! state for each set of places where the beginning was seen.

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
    form: Machine,
}

#[derive(Clone, Debug)]
enum Machine {
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
            Some(dfa) => Machine::Dfa(dfa),
            None if only => return None,
            None => Machine::BitNfa(BitNfa::compile(program, &alphabet)),
        };
        Some(Self { alphabet, form })
    }

    /// Whether the program matches anywhere in the key.
    pub(crate) fn matches(&self, key: &str) -> bool {
        match &self.form {
            Machine::Dfa(dfa) => dfa.matches(&self.alphabet, key),
            Machine::BitNfa(bit_nfa) => bit_nfa.matches(&self.alphabet, key),
        }
    }
}
