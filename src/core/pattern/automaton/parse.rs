//! Parses an expression that `regex-lite` has accepted, with the same meaning.
//!
//! A malformed expression never gets here; its program would be arbitrary.

use super::atoms::{folded, in_order, negated};
use super::program::{ANY, Assertion, Program, Range, Step, distance};
use crate::core::pattern::cursor::Cursor;

/// The flags in force until their group ends.
#[derive(Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) ignore_case: bool,
    lines: bool,
    dot_is_any: bool,
    crlf: bool,
    spaced: bool,
}

pub(super) struct Parser<'a> {
    pub(super) rest: Cursor<'a>,
    pub(super) program: Program,
    pub(super) flags: Flags,
}

/// The program of an expression.
pub(crate) fn parse(expression: &str) -> Program {
    let mut parser = Parser {
        rest: Cursor::new(expression),
        program: Program::default(),
        flags: Flags::default(),
    };
    parser.alternatives();
    parser.program.finish();
    parser.program
}

impl Parser<'_> {
    /// Reads up to the end of a group, which stays where it is, or of the expression.
    fn alternatives(&mut self) {
        let mut start = self.program.len();
        let mut last = None;
        let mut ends = Vec::new();
        loop {
            self.skip_spaces();
            match self.rest.peek() {
                None | Some(')') => break,
                // What is too large is not read to its end.
                _ if self.program.overfull => break,
                Some('|') => {
                    self.rest.next();
                    let length = self.program.len().saturating_sub(start);
                    self.program.insert(start, Step::Split(distance(length, 2)));
                    ends.push(self.program.len());
                    self.program.push(Step::Jump(1));
                    start = self.program.len();
                    last = None;
                }
                Some('*' | '+' | '?' | '{') => self.repetition(last),
                Some('(') => {
                    let here = self.program.len();
                    if self.group() {
                        last = Some(here);
                    }
                }
                Some(_) => {
                    last = Some(self.program.len());
                    self.atom();
                }
            }
        }
        let end = self.program.len();
        for at in ends {
            if let Some(step) = self.program.steps.get_mut(at) {
                *step = Step::Jump(distance(end.saturating_sub(at), 0));
            }
        }
    }

    /// Reads a group; false where it only set flags for what follows.
    fn group(&mut self) -> bool {
        let before = self.flags;
        self.rest.next();
        self.skip_spaces();
        if self.rest.eat('?') {
            if self.rest.eat('P') || self.rest.peek() == Some('<') {
                while self.rest.next().is_some_and(|c| c != '>') {}
            } else if !self.read_flags() {
                return false;
            }
        }
        self.alternatives();
        self.rest.eat(')');
        self.flags = before;
        true
    }

    /// Reads flags up to the colon behind them; false where a bracket ends them.
    fn read_flags(&mut self) -> bool {
        let mut on = true;
        while let Some(c) = self.rest.next() {
            match c {
                ':' => return true,
                ')' => return false,
                '-' => on = false,
                'i' => self.flags.ignore_case = on,
                'm' => self.flags.lines = on,
                's' => self.flags.dot_is_any = on,
                'R' => self.flags.crlf = on,
                'x' => self.flags.spaced = on,
                _ => {}
            }
        }
        false
    }

    /// Has what was read from `last` on repeated.
    fn repetition(&mut self, last: Option<usize>) {
        let start = last.unwrap_or(self.program.len());
        let (min, max) = match self.rest.next() {
            Some('?') => (0, Some(1)),
            Some('*') => (0, None),
            Some('+') => (1, None),
            _ => self.counts(),
        };
        // How much is taken makes no difference to whether it matches.
        self.rest.eat('?');
        self.program.repeat(start, min, max);
    }

    fn counts(&mut self) -> (u32, Option<u32>) {
        self.skip_spaces();
        let min = self.decimal();
        let mut max = Some(min);
        if self.rest.eat(',') {
            self.skip_spaces();
            max = (self.rest.peek() != Some('}')).then(|| self.decimal());
        }
        self.rest.eat('}');
        self.skip_spaces();
        (min, max)
    }

    fn decimal(&mut self) -> u32 {
        let mut number = 0_u32;
        while let Some(c) = self.rest.peek() {
            match c.to_digit(10) {
                Some(digit) => number = number.saturating_mul(10).saturating_add(digit),
                None if c.is_whitespace() => {}
                None => break,
            }
            self.rest.next();
        }
        number
    }

    fn atom(&mut self) {
        let look = match self.rest.next() {
            Some('\\') => return self.escape(),
            Some('[') => return self.class(),
            Some('.') => return self.dot(),
            Some('^') => match self.flags {
                Flags { lines: false, .. } => Assertion::Start,
                Flags { crlf: false, .. } => Assertion::StartLine,
                _ => Assertion::StartCrlf,
            },
            Some('$') => match self.flags {
                Flags { lines: false, .. } => Assertion::End,
                Flags { crlf: false, .. } => Assertion::EndLine,
                _ => Assertion::EndCrlf,
            },
            Some(plain) => return self.char(plain),
            None => return,
        };
        self.program.push_look(look);
    }

    fn dot(&mut self) {
        match self.flags {
            Flags {
                dot_is_any: true, ..
            } => self.program.push_class(ANY),
            Flags { crlf: true, .. } => self.push(negated(vec![(0x0a, 0x0a), (0x0d, 0x0d)])),
            _ => self.push(negated(vec![(0x0a, 0x0a)])),
        }
    }

    pub(super) fn char(&mut self, c: char) {
        let mut ranges = vec![(u32::from(c), u32::from(c))];
        if self.flags.ignore_case {
            ranges = folded(ranges);
        }
        self.push(ranges);
    }

    pub(super) fn push(&mut self, ranges: Vec<Range>) {
        self.program.push_class(&in_order(ranges));
    }

    /// Skips white space and comments where the flag `x` is set.
    pub(super) fn skip_spaces(&mut self) {
        while self.flags.spaced
            && let Some(c) = self.rest.peek()
            && (c == '#' || c.is_whitespace())
        {
            self.rest.next();
            if c == '#' {
                while self.rest.next().is_some_and(|c| c != '\n') {}
            }
        }
    }
}
