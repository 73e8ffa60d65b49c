//! Characters by what a program makes of them: those that it never distinguishes are one symbol.

use super::program::{Assertion, CharKind, Program, Range, Step};

/// Symbols at most; one number more means the end of the key.
const MOST_SYMBOLS: usize = 250;

/// Places at most where one symbol may end and another begin.
const MOST_BOUNDS: usize = 1_024;

const LINES: &[Range] = &[(0x0a, 0x0a), (0x0d, 0x0d)];
const WORDS: &[Range] = &[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];

/// A set of symbols.
pub(super) type Symbols = [u64; 4];

/// Symbols of characters, and what is known of symbols.
#[derive(Clone, Debug)]
pub(super) struct Alphabet {
    ascii: [u8; 128],
    /// Where a run of characters of one symbol begins, in order.
    runs: Vec<(u32, u8)>,
    /// By symbol.
    pub(super) kinds: Vec<CharKind>,
    /// By class: its symbols.
    pub(super) members: Vec<Symbols>,
}

impl Alphabet {
    /// The alphabet of a program; `None` where it distinguishes too many characters.
    pub(super) fn of(program: &Program) -> Option<Self> {
        let looks = AssertionKinds::of(program);
        let mut bounds = vec![0];
        for ranges in &program.classes {
            add_bounds(&mut bounds, ranges)?;
        }
        if looks.words {
            add_bounds(&mut bounds, WORDS)?;
        }
        if looks.lines {
            add_bounds(&mut bounds, LINES)?;
        }
        let mut alphabet = Alphabet {
            ascii: [0; 128],
            runs: Vec::new(),
            kinds: Vec::new(),
            members: vec![[0; 4]; program.classes.len()],
        };
        let mut known: Vec<(CharKind, Vec<u16>)> = Vec::new();
        for bound in bounds {
            // All characters of the run are in the same classes, those of its first.
            let mut classes = Vec::new();
            for (number, ranges) in program.classes.iter().enumerate() {
                if holds(ranges, bound) {
                    classes.push(number as u16);
                }
            }
            let meaning = (looks.kind_of(bound), classes);
            let symbol = known.iter().position(|other| *other == meaning);
            let symbol = symbol.unwrap_or_else(|| {
                known.push(meaning);
                known.len().saturating_sub(1)
            });
            if symbol >= MOST_SYMBOLS {
                return None;
            }
            alphabet.runs.push((bound, symbol as u8));
        }
        for (symbol, (kind, classes)) in known.into_iter().enumerate() {
            alphabet.kinds.push(kind);
            for class in classes {
                if let Some(members) = alphabet.members.get_mut(usize::from(class)) {
                    set(members, symbol);
                }
            }
        }
        for code in 0..128_u8 {
            let symbol = alphabet.in_runs(u32::from(code));
            if let Some(place) = alphabet.ascii.get_mut(usize::from(code)) {
                *place = symbol;
            }
        }
        Some(alphabet)
    }

    /// The symbol of a character.
    #[inline(always)]
    pub(super) fn symbol_of(&self, c: char) -> u8 {
        match self.ascii.get(c as usize) {
            Some(symbol) => *symbol,
            None => self.in_runs(u32::from(c)),
        }
    }

    fn in_runs(&self, code: u32) -> u8 {
        let behind = self.runs.partition_point(|(from, _)| *from <= code);
        let run = self.runs.get(behind.saturating_sub(1));
        run.map_or(0, |(_, symbol)| *symbol)
    }

    /// Whether a class has a symbol.
    #[inline(always)]
    pub(super) fn has(&self, class: u16, symbol: usize) -> bool {
        let members = self.members.get(usize::from(class));
        let word = members.and_then(|members| members.get(symbol / 64));
        word.is_some_and(|word| word >> (symbol % 64) & 1 == 1)
    }
}

/// Notes down where these ranges begin and end, in order; `None` where these are too many places.
fn add_bounds(bounds: &mut Vec<u32>, ranges: &[Range]) -> Option<()> {
    for (from, to) in ranges {
        for bound in [*from, to.saturating_add(1)] {
            if let Err(at) = bounds.binary_search(&bound) {
                bounds.insert(at, bound);
            }
        }
        if bounds.len() > MOST_BOUNDS {
            return None;
        }
    }
    Some(())
}

fn set(symbols: &mut Symbols, symbol: usize) {
    if let Some(word) = symbols.get_mut(symbol / 64) {
        *word |= 1_u64.wrapping_shl(symbol as u32);
    }
}

fn holds(ranges: &[Range], code: u32) -> bool {
    let behind = ranges.partition_point(|(from, _)| *from <= code);
    let range = behind.checked_sub(1).and_then(|at| ranges.get(at));
    range.is_some_and(|(_, to)| code <= *to)
}

/// What a program's assertions distinguish.
struct AssertionKinds {
    lines: bool,
    words: bool,
}

impl AssertionKinds {
    fn of(program: &Program) -> Self {
        let mut looks = AssertionKinds {
            lines: false,
            words: false,
        };
        for step in &program.steps {
            match step {
                Step::Assertion(Assertion::Start | Assertion::End) => {}
                Step::Assertion(
                    Assertion::StartLine
                    | Assertion::EndLine
                    | Assertion::StartCrlf
                    | Assertion::EndCrlf,
                ) => looks.lines = true,
                Step::Assertion(_) => looks.words = true,
                _ => {}
            }
        }
        looks
    }

    fn kind_of(&self, code: u32) -> CharKind {
        match code {
            0x0a if self.lines => CharKind::Lf,
            0x0d if self.lines => CharKind::Cr,
            code if self.words && holds(WORDS, code) => CharKind::Word,
            _ => CharKind::Other,
        }
    }
}
