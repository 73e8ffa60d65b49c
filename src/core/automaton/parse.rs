//! Reads an expression that `regex-lite` has accepted, and means by it what that does.
//!
//! What is malformed is not told here, because it does not come here: where it came it would be read as anything.

use super::program::{ANY, Look, Program, Range, Step, distance};
use crate::core::cursor::Cursor;

/// What flags say, until the group that they stand in ends.
#[derive(Clone, Copy, Default)]
struct Flags {
    ignore_case: bool,
    lines: bool,
    dot_is_any: bool,
    crlf: bool,
    spaced: bool,
}

struct Reader<'a> {
    rest: Cursor<'a>,
    program: Program,
    flags: Flags,
}

/// The program of an expression.
pub(in crate::core) fn parse(expression: &str) -> Program {
    let mut reader = Reader {
        rest: Cursor::new(expression),
        program: Program::default(),
        flags: Flags::default(),
    };
    reader.alternatives();
    reader.program.finish();
    reader.program
}

impl Reader<'_> {
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

    /// Has what stands from `last` on repeated.
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
                Flags { lines: false, .. } => Look::Start,
                Flags { crlf: false, .. } => Look::StartLine,
                _ => Look::StartCrlf,
            },
            Some('$') => match self.flags {
                Flags { lines: false, .. } => Look::End,
                Flags { crlf: false, .. } => Look::EndLine,
                _ => Look::EndCrlf,
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

    fn char(&mut self, c: char) {
        let mut ranges = vec![(u32::from(c), u32::from(c))];
        if self.flags.ignore_case {
            ranges = folded(ranges);
        }
        self.push(ranges);
    }

    fn push(&mut self, ranges: Vec<Range>) {
        self.program.push_class(&in_order(ranges));
    }

    fn escape(&mut self) {
        let look = match self.rest.peek() {
            Some('A') => Look::Start,
            Some('z') => Look::End,
            Some('B') => Look::NotWord,
            Some('<') => Look::WordStart,
            Some('>') => Look::WordEnd,
            Some('b') => return self.boundary(),
            _ => {
                return match self.escaped() {
                    Escaped::Char(c) => self.char(c),
                    Escaped::Class(ranges) => self.push(ranges),
                };
            }
        };
        self.rest.next();
        self.program.push_look(look);
    }

    fn boundary(&mut self) {
        self.rest.next();
        let mut ahead = self.rest.clone();
        let mut name = String::new();
        if ahead.eat('{') {
            while let Some(c) = ahead.next().filter(|c| *c != '}') {
                if !c.is_whitespace() {
                    name.push(c);
                }
            }
        }
        let look = match name.as_str() {
            "start" => Look::WordStart,
            "end" => Look::WordEnd,
            "start-half" => Look::WordStartHalf,
            "end-half" => Look::WordEndHalf,
            // A repetition, if there is anything.
            _ => return self.program.push_look(Look::Word),
        };
        self.rest = ahead;
        self.program.push_look(look);
    }

    /// What stands behind a backslash and takes a character.
    fn escaped(&mut self) -> Escaped {
        let Some(c) = self.rest.next() else {
            return Escaped::Char('\\');
        };
        let name = match c {
            'd' | 'D' => "digit",
            's' | 'S' => "space",
            'w' | 'W' => "word",
            'x' => return Escaped::Char(self.hex(2)),
            'u' => return Escaped::Char(self.hex(4)),
            'U' => return Escaped::Char(self.hex(8)),
            'a' => return Escaped::Char('\u{7}'),
            'f' => return Escaped::Char('\u{c}'),
            't' => return Escaped::Char('\t'),
            'n' => return Escaped::Char('\n'),
            'r' => return Escaped::Char('\r'),
            'v' => return Escaped::Char('\u{b}'),
            plain => return Escaped::Char(plain),
        };
        let ranges = named(name).unwrap_or_default();
        Escaped::Class(if c.is_ascii_uppercase() {
            negated(ranges)
        } else {
            ranges
        })
    }

    fn hex(&mut self, digits: u32) -> char {
        self.skip_spaces();
        let braced = self.rest.eat('{');
        let (mut code, mut read) = (0_u32, 0);
        while braced || read < digits {
            self.skip_spaces();
            let Some(digit) = self.rest.peek().and_then(|c| c.to_digit(16)) else {
                break;
            };
            self.rest.next();
            code = code.wrapping_shl(4) | digit;
            read = read.saturating_add(1);
        }
        if braced {
            self.rest.eat('}');
        }
        char::from_u32(code).unwrap_or_default()
    }

    fn class(&mut self) {
        self.skip_spaces();
        let not = self.rest.eat('^');
        self.skip_spaces();
        let mut ranges = Vec::new();
        while self.rest.eat('-') {
            ranges.push((0x2d, 0x2d));
            self.skip_spaces();
        }
        if ranges.is_empty() && self.rest.eat(']') {
            ranges.push((0x5d, 0x5d));
        }
        loop {
            self.skip_spaces();
            match self.rest.peek() {
                Some('[') => {
                    self.rest.next();
                    ranges.append(&mut self.posix());
                }
                None | Some(']') => break,
                Some(_) => self.class_item(&mut ranges),
            }
        }
        self.rest.next();
        if self.flags.ignore_case {
            ranges = folded(ranges);
        }
        let ranges = in_order(ranges);
        self.program
            .push_class(&if not { negated(ranges) } else { ranges });
    }

    fn class_item(&mut self, ranges: &mut Vec<Range>) {
        let from = match self.one() {
            Escaped::Char(c) => u32::from(c),
            Escaped::Class(mut class) => return ranges.append(&mut class),
        };
        self.skip_spaces();
        let mut ahead = self.rest.clone();
        if ahead.eat('-') {
            let behind = std::mem::replace(&mut self.rest, ahead);
            self.skip_spaces();
            if !matches!(self.rest.peek(), None | Some(']' | '-'))
                && let Escaped::Char(to) = self.one()
            {
                return ranges.push((from, u32::from(to)));
            }
            self.rest = behind;
        }
        ranges.push((from, from));
    }

    fn one(&mut self) -> Escaped {
        match self.rest.next() {
            Some('\\') => self.escaped(),
            c => Escaped::Char(c.unwrap_or_default()),
        }
    }

    /// The rest of a class by name, behind its first bracket.
    fn posix(&mut self) -> Vec<Range> {
        self.rest.eat(':');
        let not = self.rest.eat('^');
        let mut name = String::new();
        while let Some(c) = self.rest.next().filter(|c| *c != ':') {
            name.push(c);
        }
        self.rest.eat(']');
        let ranges = named(&name).unwrap_or_default();
        if not { negated(ranges) } else { ranges }
    }

    /// Skips what says nothing where the flag `x` is set.
    fn skip_spaces(&mut self) {
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

enum Escaped {
    Char(char),
    Class(Vec<Range>),
}

/// A class by its name, in order.
fn named(name: &str) -> Option<Vec<Range>> {
    let ends: &[u8] = match name {
        "alnum" => b"09AZaz",
        "alpha" => b"AZaz",
        "ascii" => b"\0\x7f",
        "blank" => b"\t\t  ",
        "cntrl" => b"\0\x1f\x7f\x7f",
        "digit" => b"09",
        "graph" => b"!~",
        "lower" => b"az",
        "print" => b" ~",
        "punct" => b"!/:@[`{~",
        "space" => b"\t\r  ",
        "upper" => b"AZ",
        "word" => b"09AZ__az",
        "xdigit" => b"09AFaf",
        _ => return None,
    };
    let (pairs, _) = ends.as_chunks::<2>();
    let range = |[from, to]: &[u8; 2]| (u32::from(*from), u32::from(*to));
    Some(pairs.iter().map(range).collect())
}

/// With the other case of each ASCII letter.
fn folded(mut ranges: Vec<Range>) -> Vec<Range> {
    for at in 0..ranges.len() {
        let Some((from, to)) = ranges.get(at).copied() else {
            break;
        };
        for (first, last, other) in [(0x61, 0x7a, -32), (0x41, 0x5a, 32)] {
            let (from, to) = (from.max(first), to.min(last));
            if from <= to {
                ranges.push((
                    from.wrapping_add_signed(other),
                    to.wrapping_add_signed(other),
                ));
            }
        }
    }
    ranges
}

/// In order, without any that touch.
fn in_order(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_unstable();
    let mut ordered: Vec<Range> = Vec::new();
    for (from, to) in ranges {
        match ordered.last_mut() {
            Some(last) if from <= last.1.saturating_add(1) => last.1 = last.1.max(to),
            _ => ordered.push((from, to)),
        }
    }
    ordered
}

/// All characters but these, which are in order.
fn negated(ranges: Vec<Range>) -> Vec<Range> {
    let mut others = Vec::new();
    let mut next = 0_u32;
    for (from, to) in ranges {
        if next < from {
            others.push((next, from.saturating_sub(1)));
        }
        next = to.saturating_add(1);
    }
    if next <= 0x10_ffff {
        others.push((next, 0x10_ffff));
    }
    others
}
