//! An expression as a row of steps, and where one may get from another without taking a character.

/// One step.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Takes a character of the class of this number.
    Class(u16),
    /// Goes on where this holds.
    Assertion(Assertion),
    /// Goes on with the next step and, besides, with the one so far away.
    Split(i32),
    /// Goes on with the step so far away.
    Jump(i32),
    /// It matches.
    Match,
}

/// What has to hold between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assertion {
    Start,
    End,
    StartLine,
    EndLine,
    StartCrlf,
    EndCrlf,
    Word,
    NotWord,
    WordStart,
    WordEnd,
    WordStartHalf,
    WordEndHalf,
}

/// What is beside a place, as far as assertions distinguish it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CharKind {
    /// The start or the end of the key.
    Edge,
    Lf,
    Cr,
    Word,
    Other,
}

impl Assertion {
    /// Whether it holds between these two.
    pub(super) fn holds(self, before: CharKind, after: CharKind) -> bool {
        let (word, next) = (before == CharKind::Word, after == CharKind::Word);
        match self {
            Assertion::Start => before == CharKind::Edge,
            Assertion::End => after == CharKind::Edge,
            Assertion::StartLine => matches!(before, CharKind::Edge | CharKind::Lf),
            Assertion::EndLine => matches!(after, CharKind::Edge | CharKind::Lf),
            Assertion::StartCrlf => {
                matches!(before, CharKind::Edge | CharKind::Lf)
                    || (before == CharKind::Cr && after != CharKind::Lf)
            }
            Assertion::EndCrlf => {
                matches!(after, CharKind::Edge | CharKind::Cr)
                    || (after == CharKind::Lf && before != CharKind::Cr)
            }
            Assertion::Word => word != next,
            Assertion::NotWord => word == next,
            Assertion::WordStart => !word && next,
            Assertion::WordEnd => word && !next,
            Assertion::WordStartHalf => !word,
            Assertion::WordEndHalf => !next,
        }
    }
}

/// Code points from one to another, both included.
pub(super) type Range = (u32, u32);

/// All characters.
pub(crate) const ANY: &[Range] = &[(0, 0x10_ffff)];

/// Steps at most. The pattern of a person has some dozens; repetitions multiply.
const MOST_STEPS: usize = 4_096;

/// Different classes at most.
const MOST_CLASSES: usize = 256;

/// Steps and the classes they name.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(super) steps: Vec<Step>,
    pub(super) classes: Vec<Vec<Range>>,
    /// There would be more steps or classes than allowed.
    pub(super) overfull: bool,
}

impl Program {
    /// Where the next step will be.
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    pub(super) fn push(&mut self, step: Step) {
        if self.steps.len() < MOST_STEPS {
            self.steps.push(step);
        } else {
            self.overfull = true;
        }
    }

    /// Adds a step that takes a character of these ranges, which are in order and do not touch.
    pub(crate) fn push_class(&mut self, ranges: &[Range]) {
        let known = self.classes.iter().position(|class| class == ranges);
        let number = known.unwrap_or(self.classes.len());
        if number >= MOST_CLASSES {
            self.overfull = true;
            return;
        }
        if known.is_none() {
            self.classes.push(ranges.to_vec());
        }
        self.push(Step::Class(number as u16));
    }

    pub(crate) fn push_char(&mut self, c: char) {
        self.push_class(&[(u32::from(c), u32::from(c))]);
    }

    pub(crate) fn push_look(&mut self, look: Assertion) {
        self.push(Step::Assertion(look));
    }

    /// Adds any characters, or none.
    pub(crate) fn push_run(&mut self) {
        let start = self.len();
        self.push_class(ANY);
        self.repeat(start, 0, None);
    }

    /// Ends the program.
    pub(crate) fn finish(&mut self) {
        self.push(Step::Match);
    }

    /// Puts a step in front of those from `start` on; their distances to each other do not change.
    pub(super) fn insert(&mut self, start: usize, step: Step) {
        if self.steps.len() < MOST_STEPS && start <= self.steps.len() {
            self.steps.insert(start, step);
        } else {
            self.overfull = true;
        }
    }

    /// Has the steps from `start` on repeated.
    pub(super) fn repeat(&mut self, start: usize, min: u32, max: Option<u32>) {
        let piece = self.steps.get(start..).unwrap_or_default().to_vec();
        let length = piece.len();
        // Counted before anything is copied.
        let copies = max.map_or(min.saturating_add(1), |max| max.max(min)) as usize;
        let longest = length.saturating_add(2).saturating_mul(copies);
        if start.saturating_add(longest) > MOST_STEPS {
            self.overfull = true;
            return;
        }
        self.steps.truncate(start);
        for _ in 0..min {
            self.steps.extend_from_slice(&piece);
        }
        let Some(max) = max else {
            if min == 0 {
                self.push(Step::Split(distance(length, 2)));
                self.steps.extend_from_slice(&piece);
                self.push(Step::Jump(distance(length, 1).wrapping_neg()));
            } else {
                self.push(Step::Split(distance(length, 0).wrapping_neg()));
            }
            return;
        };
        // Each further one may be the end of it all.
        for left in (1..=max.saturating_sub(min)).rev() {
            let rest = length.saturating_add(1).saturating_mul(left as usize);
            self.push(Step::Split(distance(rest, 0)));
            self.steps.extend_from_slice(&piece);
        }
    }

    /// Whether there is a step that looks for more than the ends of the key.
    pub(super) fn looks_around(&self) -> bool {
        let edge = |look: &Assertion| matches!(look, Assertion::Start | Assertion::End);
        let is = |step: &Step| matches!(step, Step::Assertion(look) if !edge(look));
        self.steps.iter().any(is)
    }

    /// The step so far from another one.
    pub(super) fn target(at: usize, distance: i32) -> usize {
        at.wrapping_add_signed(distance as isize)
    }
}

/// The distance over a piece of that length and some steps more.
pub(super) fn distance(length: usize, more: usize) -> i32 {
    i32::try_from(length.saturating_add(more)).unwrap_or(i32::MAX)
}

/// Finds what can be reached without taking a character. Made once for many questions.
#[derive(Debug)]
pub(super) struct Closure {
    seen: Vec<bool>,
    touched: Vec<usize>,
    open: Vec<usize>,
}

impl Closure {
    pub(super) fn of(program: &Program) -> Self {
        Closure {
            seen: vec![false; program.len()],
            touched: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Appends the steps that take a character and can be reached from these, between what precedes and after; true
    /// where a match is among what can be reached. `work` counts the steps looked at.
    pub(super) fn from(
        &mut self,
        program: &Program,
        starts: &[u16],
        (before, after): (CharKind, CharKind),
        taking: &mut Vec<u16>,
        work: &mut u32,
    ) -> bool {
        let mut found = false;
        for start in starts {
            self.open.push(usize::from(*start));
        }
        while let Some(at) = self.open.pop() {
            match self.seen.get_mut(at) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            self.touched.push(at);
            *work = work.saturating_add(1);
            let next = at.wrapping_add(1);
            match program.steps.get(at) {
                Some(Step::Class(_)) => taking.push(at as u16),
                Some(Step::Assertion(look)) if look.holds(before, after) => self.open.push(next),
                Some(Step::Split(distance)) => {
                    self.open.push(next);
                    self.open.push(Program::target(at, *distance));
                }
                Some(Step::Jump(distance)) => self.open.push(Program::target(at, *distance)),
                Some(Step::Match) => found = true,
                _ => {}
            }
        }
        for at in self.touched.drain(..) {
            if let Some(seen) = self.seen.get_mut(at) {
                *seen = false;
            }
        }
        found
    }
}
