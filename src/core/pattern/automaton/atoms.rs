//! What matches a character, a class of them or a place between them, in an expression.

use super::parse::Parser;
use super::program::{Assertion, Range};

enum Escaped {
    Char(char),
    Class(Vec<Range>),
}

impl Parser<'_> {
    pub(super) fn escape(&mut self) {
        let look = match self.rest.peek() {
            Some('A') => Assertion::Start,
            Some('z') => Assertion::End,
            Some('B') => Assertion::NotWord,
            Some('<') => Assertion::WordStart,
            Some('>') => Assertion::WordEnd,
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
            "start" => Assertion::WordStart,
            "end" => Assertion::WordEnd,
            "start-half" => Assertion::WordStartHalf,
            "end-half" => Assertion::WordEndHalf,
            // A repetition, if there is anything.
            _ => return self.program.push_look(Assertion::Word),
        };
        self.rest = ahead;
        self.program.push_look(look);
    }

    /// What follows a backslash and takes a character.
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

    pub(super) fn class(&mut self) {
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
pub(super) fn folded(mut ranges: Vec<Range>) -> Vec<Range> {
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
pub(super) fn in_order(ranges: Vec<Range>) -> Vec<Range> {
    // One at a time: a general sort is several kilobytes of the module.
    let mut ordered: Vec<Range> = Vec::new();
    for (mut from, mut to) in ranges {
        // Those that end before this one begins stay; those behind them that touch it become one with it.
        let at = ordered.partition_point(|range| range.1.saturating_add(1) < from);
        while let Some(range) = ordered.get(at).copied()
            && range.0 <= to.saturating_add(1)
        {
            (from, to) = (from.min(range.0), to.max(range.1));
            ordered.remove(at);
        }
        ordered.insert(at, (from, to));
    }
    ordered
}

/// All characters but these, which are in order.
pub(super) fn negated(ranges: Vec<Range>) -> Vec<Range> {
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
