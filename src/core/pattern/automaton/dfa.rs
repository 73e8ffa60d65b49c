//! A program as a table: by what was seen so far and the next symbol, what has been seen then. One step for each character.

use super::alphabet::Alphabet;
use super::program::{CharKind, Closure, Program, Step};
use crate::core::hash::id_table::IdTable;
use crate::core::hash::seed::Seed;

/// Never matches, whatever follows.
const DEAD: u16 = 0;
/// Has matched.
const FOUND: u16 = 1;
/// Nothing was seen yet.
const START: u16 = 2;

/// Entries of a table at most, of two bytes each.
const MOST_CELLS: usize = 128 * 1024;

/// States at most. The table of an ordinary expression has as many as the expression has characters.
const MOST_STATES: usize = 4_096;

/// Places that all states remember together, at most.
const MOST_PLACES: usize = 256 * 1024;

/// AssertionKinds at a step of the program while the table is made: some milliseconds.
const MOST_WORK: u32 = 600_000;

/// The same where there is another form than a table: a fraction of a millisecond, in which the tables are made that are small.
const LITTLE_WORK: u32 = 30_000;

/// The dfa.
#[derive(Clone, Debug)]
pub(super) struct Dfa {
    /// By state, and within it by symbol; the last of a row is for the end of the key.
    cells: Vec<u16>,
    width: usize,
}

/// Where a state's places lie among those of all, and what precedes it.
#[derive(Clone, Copy)]
struct DfaState {
    from: usize,
    to: usize,
    before: CharKind,
}

struct DfaBuilder<'p> {
    program: &'p Program,
    alphabet: &'p Alphabet,
    /// The steps to go on from, of all states one after another, in order.
    places: Vec<u16>,
    states: Vec<DfaState>,
    index: IdTable,
    closure: Closure,
    /// By symbol, a bit for each step: the places of the states that are being put together.
    marks: Vec<u64>,
    /// Words of bits for one symbol.
    words: usize,
    work: u32,
    most_work: u32,
}

impl Dfa {
    /// The table of a program; `None` where it would be too large. `only`: whether there is no other form.
    pub(super) fn compile(program: &Program, alphabet: &Alphabet, only: bool) -> Option<Self> {
        let words = program.len().div_ceil(64);
        let mut builder = DfaBuilder {
            program,
            alphabet,
            places: Vec::new(),
            states: Vec::new(),
            index: IdTable::default(),
            closure: Closure::of(program),
            marks: vec![0; words.saturating_mul(alphabet.kinds.len())],
            words,
            work: 0,
            most_work: if only { MOST_WORK } else { LITTLE_WORK },
        };
        let width = alphabet.kinds.len().saturating_add(1);
        let mut cells = vec![DEAD; width];
        cells.resize(width.saturating_mul(2), FOUND);
        // Numbers begin where the two above end.
        for _ in DEAD..START {
            builder.states.push(DfaState {
                from: 0,
                to: 0,
                before: CharKind::Edge,
            });
        }
        builder.state(&[0], CharKind::Edge)?;
        let mut at = usize::from(START);
        while let Some(state) = builder.states.get(at).copied() {
            builder.add_row(state, &mut cells)?;
            if cells.len() > MOST_CELLS {
                return None;
            }
            at = at.saturating_add(1);
        }
        let mut dfa = Dfa { cells, width };
        dfa.bury();
        Some(dfa)
    }

    /// Has states that lead nowhere but to themselves end the search.
    fn bury(&mut self) {
        let mut dead = Vec::new();
        for (number, row) in self.cells.chunks(self.width).enumerate() {
            let number = number as u16;
            dead.push(row.iter().all(|next| [DEAD, number].contains(next)) && number != FOUND);
        }
        for next in &mut self.cells {
            if dead.get(usize::from(*next)).copied().unwrap_or(false) {
                *next = DEAD;
            }
        }
    }

    pub(super) fn matches(&self, alphabet: &Alphabet, key: &str) -> bool {
        let mut state = START;
        for c in key.chars() {
            state = self.next(state, usize::from(alphabet.symbol_of(c)));
            if state <= FOUND {
                return state == FOUND;
            }
        }
        self.next(state, self.width.wrapping_sub(1)) == FOUND
    }

    #[inline(always)]
    fn next(&self, state: u16, symbol: usize) -> u16 {
        let at = usize::from(state)
            .wrapping_mul(self.width)
            .wrapping_add(symbol);
        self.cells.get(at).copied().unwrap_or(DEAD)
    }
}

impl DfaBuilder<'_> {
    /// The number of the state of these places, which are in order.
    fn state(&mut self, places: &[u16], before: CharKind) -> Option<u16> {
        let seed = Seed::default();
        let mut hash = before as u32;
        for place in places {
            hash = seed.of_pair(hash, u32::from(*place));
        }
        self.spend(places.len())?;
        let known = self.index.find(hash, |number| {
            let state = self.states.get(number as usize);
            state.is_some_and(|state| {
                state.before == before && self.places.get(state.from..state.to) == Some(places)
            })
        });
        if let Some(number) = known {
            return Some(number as u16);
        }
        let number = self.states.len();
        let from = self.places.len();
        let to = from.saturating_add(places.len());
        if number >= MOST_STATES || to > MOST_PLACES {
            return None;
        }
        self.places.extend_from_slice(places);
        self.states.push(DfaState { from, to, before });
        self.index.insert(hash, number as u32);
        Some(number as u16)
    }

    fn spend(&mut self, work: usize) -> Option<()> {
        self.work = self.work.saturating_add(work as u32);
        (self.work <= self.most_work).then_some(())
    }

    /// Adds what follows a state, for each symbol and the end.
    fn add_row(&mut self, state: DfaState, cells: &mut Vec<u16>) -> Option<()> {
        let row = cells.len();
        let ending = self.alphabet.kinds.len();
        cells.resize(row.saturating_add(ending).saturating_add(1), DEAD);
        let kinds = [
            CharKind::Other,
            CharKind::Word,
            CharKind::Lf,
            CharKind::Cr,
            CharKind::Edge,
        ];
        for after in kinds {
            if after != CharKind::Edge && !self.alphabet.kinds.contains(&after) {
                continue;
            }
            let mut taking = Vec::new();
            let found = self.closure.from(
                self.program,
                self.places.get(state.from..state.to)?,
                (state.before, after),
                &mut taking,
                &mut self.work,
            );
            self.spend(0)?;
            if after == CharKind::Edge {
                if found && let Some(cell) = cells.get_mut(row.saturating_add(ending)) {
                    *cell = FOUND;
                }
                continue;
            }
            self.mark_all(&taking, after)?;
            for symbol in 0..ending {
                if self.alphabet.kinds.get(symbol) != Some(&after) {
                    continue;
                }
                let next = if found {
                    FOUND
                } else {
                    self.marked(symbol, after)?
                };
                if let Some(cell) = cells.get_mut(row.saturating_add(symbol)) {
                    *cell = next;
                }
            }
        }
        Some(())
    }

    /// Marks what follows these steps, for each symbol of this kind that they take.
    fn mark_all(&mut self, taking: &[u16], kind: CharKind) -> Option<()> {
        for word in &mut self.marks {
            *word = 0;
        }
        for at in taking {
            let Some(Step::Class(class)) = self.program.steps.get(usize::from(*at)) else {
                continue;
            };
            let behind = usize::from(self.behind(*at));
            let members = self.alphabet.members.get(usize::from(*class))?;
            for (number, word) in members.iter().enumerate() {
                let mut left = *word;
                while left != 0 {
                    let bit = left.trailing_zeros() as usize;
                    left &= left.wrapping_sub(1);
                    let symbol = number.wrapping_mul(64).wrapping_add(bit);
                    if self.alphabet.kinds.get(symbol) == Some(&kind) {
                        let place = symbol.wrapping_mul(self.words).wrapping_add(behind / 64);
                        if let Some(word) = self.marks.get_mut(place) {
                            *word |= 1_u64.wrapping_shl(behind as u32);
                        }
                        self.work = self.work.saturating_add(1);
                    }
                }
            }
        }
        self.spend(self.marks.len() / 8)
    }

    /// The state of the places that are marked for a symbol.
    fn marked(&mut self, symbol: usize, kind: CharKind) -> Option<u16> {
        let from = symbol.wrapping_mul(self.words);
        let mut places = Vec::new();
        for number in 0..self.words {
            let word = self.marks.get(from.wrapping_add(number)).copied();
            let mut left = word.unwrap_or_default();
            // A match may begin at every character.
            left |= u64::from(number == 0);
            while left != 0 {
                let bit = left.trailing_zeros() as usize;
                places.push(number.wrapping_mul(64).wrapping_add(bit) as u16);
                left &= left.wrapping_sub(1);
            }
        }
        self.state(&places, kind)
    }

    /// The step behind another one, jumps followed: fewer places are distinguished then.
    fn behind(&self, at: u16) -> u16 {
        let mut next = usize::from(at).wrapping_add(1);
        let mut jumps = 0_u8;
        while let Some(Step::Jump(distance)) = self.program.steps.get(next)
            && jumps < u8::MAX
        {
            next = Program::target(next, *distance);
            jumps = jumps.wrapping_add(1);
        }
        next as u16
    }
}
