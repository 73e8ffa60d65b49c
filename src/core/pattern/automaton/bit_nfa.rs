//! A program as bits: one for each step that takes a character, all moved on at once.
//!
//! For what would need too large a table: `a.{50}b` would be in as many states as there are sets of places where an `a` was seen.

use super::alphabet::Alphabet;
use super::program::{CharKind, Closure, Program, Step};

/// Steps that take a character, at most: as many as a word has bits.
const MOST: usize = 64;

/// Eight steps have these many sets.
const SETS: usize = 256;

/// The bits.
#[derive(Clone, Debug)]
pub(super) struct BitNfa {
    /// By symbol: the steps that take it.
    taking: Vec<u64>,
    /// By eight steps, and the set of them that took the last character: the steps that may take the next.
    follow: Vec<[u64; SETS]>,
    /// Those that may take the first character, and those that may take any other.
    first: u64,
    again: u64,
    /// Those after which it has matched, and those after which it has if nothing follows.
    found: u64,
    found_at_end: u64,
    /// Whether it matches nothing at all anywhere, at the end of a key, and in an empty one.
    always: bool,
    at_end: bool,
    if_empty: bool,
}

/// What follows without a character, in the middle and at the end of a key.
struct Behind {
    steps: u64,
    found: bool,
    found_at_end: bool,
}

struct BitNfaBuilder<'p> {
    program: &'p Program,
    closure: Closure,
    /// The steps that take a character, in order.
    steps: Vec<u16>,
}

impl BitNfa {
    /// Whether a program has few enough steps and looks at the ends of a key alone.
    pub(super) fn fit(program: &Program) -> bool {
        taking_steps(program).len() <= MOST && !program.looks_around()
    }

    /// The bits of a program that fits.
    pub(super) fn compile(program: &Program, alphabet: &Alphabet) -> Self {
        let steps = taking_steps(program);
        let mut taking = vec![0_u64; alphabet.kinds.len()];
        for (bit, at) in steps.iter().enumerate() {
            let Some(Step::Class(class)) = program.steps.get(usize::from(*at)) else {
                continue;
            };
            for (symbol, taken) in taking.iter_mut().enumerate() {
                *taken |= u64::from(alphabet.has(*class, symbol)).wrapping_shl(bit as u32);
            }
        }
        let mut builder = BitNfaBuilder {
            program,
            closure: Closure::of(program),
            steps,
        };
        let first = builder.behind(0, CharKind::Edge);
        let again = builder.behind(0, CharKind::Other);
        let mut bit_nfa = BitNfa {
            taking,
            follow: Vec::new(),
            first: first.steps,
            again: again.steps,
            found: 0,
            found_at_end: 0,
            always: first.found,
            at_end: again.found_at_end,
            if_empty: first.found_at_end,
        };
        bit_nfa.follow_from(&mut builder);
        bit_nfa
    }

    fn follow_from(&mut self, builder: &mut BitNfaBuilder<'_>) {
        for (bit, at) in builder.steps.clone().into_iter().enumerate() {
            let behind = builder.behind(at.wrapping_add(1), CharKind::Other);
            let here = 1_u64.wrapping_shl(bit as u32);
            if behind.found {
                self.found |= here;
            }
            if behind.found_at_end {
                self.found_at_end |= here;
            }
            if bit % 8 == 0 {
                self.follow.push([self.again; SETS]);
            }
            let Some(sets) = self.follow.last_mut() else {
                continue;
            };
            for (set, steps) in sets.iter_mut().enumerate() {
                if set >> (bit % 8) & 1 == 1 {
                    *steps |= behind.steps;
                }
            }
        }
    }

    pub(super) fn matches(&self, alphabet: &Alphabet, key: &str) -> bool {
        if self.always || key.is_empty() {
            return self.always || self.if_empty;
        }
        let (mut ready, mut took) = (self.first, 0);
        for c in key.chars() {
            let symbol = usize::from(alphabet.symbol_of(c));
            took = ready & self.taking.get(symbol).copied().unwrap_or_default();
            if took & self.found != 0 {
                return true;
            }
            ready = self.again;
            let mut sets = took;
            for follow in &self.follow {
                let set = (sets & 0xff) as usize;
                ready |= follow.get(set).copied().unwrap_or_default();
                sets >>= 8;
            }
        }
        self.at_end || took & self.found_at_end != 0
    }
}

/// The steps that take a character, in order.
fn taking_steps(program: &Program) -> Vec<u16> {
    let mut steps = Vec::new();
    for (at, step) in program.steps.iter().enumerate() {
        if matches!(step, Step::Class(_)) {
            steps.push(at as u16);
        }
    }
    steps
}

impl BitNfaBuilder<'_> {
    fn behind(&mut self, at: u16, before: CharKind) -> Behind {
        let mut work = 0;
        let mut taking = Vec::new();
        let mut from = |after, taking: &mut Vec<u16>| {
            let sides = (before, after);
            self.closure
                .from(self.program, &[at], sides, taking, &mut work)
        };
        let found = from(CharKind::Other, &mut taking);
        // At the end nothing is taken any more.
        let found_at_end = from(CharKind::Edge, &mut Vec::new());
        let mut steps = 0;
        for at in taking {
            if let Ok(bit) = self.steps.binary_search(&at) {
                steps |= 1_u64.wrapping_shl(bit as u32);
            }
        }
        Behind {
            steps,
            found,
            found_at_end,
        }
    }
}
