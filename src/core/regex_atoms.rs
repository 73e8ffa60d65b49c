//! The smallest parts of regular expressions, read: characters, escapes, classes and conditions.

use super::regex_class::Ranges;
use super::regex_syntax::{
    CARRIAGE, DOT_ALL, IGNORE_CASE, Kind, Look, MULTI_LINE, Node, Read, Reader, SPACED, class, leaf,
};

impl Reader<'_> {
    pub(super) fn primitive(&mut self, c: char) -> Read<Node> {
        let line =
            |look: Look, line: Look, line_cr: Look| match self.flags & (MULTI_LINE | CARRIAGE) {
                MULTI_LINE => leaf(Kind::Look(line)),
                0 | CARRIAGE => leaf(Kind::Look(look)),
                _ => leaf(Kind::Look(line_cr)),
            };
        Ok(match c {
            '\\' => return self.escape(),
            '.' if self.has(DOT_ALL) => class(Ranges::all_but(&[])),
            '.' if self.has(CARRIAGE) => class(Ranges::all_but(&['\n', '\r'])),
            '.' => class(Ranges::all_but(&['\n'])),
            '^' => line(Look::Start, Look::StartLine, Look::StartLineCr),
            '$' => line(Look::End, Look::EndLine, Look::EndLineCr),
            _ => self.character(c),
        })
    }

    /// A character in its case, or in either.
    fn character(&self, c: char) -> Node {
        if !self.has(IGNORE_CASE) || !c.is_ascii_alphabetic() {
            return leaf(Kind::Char(c));
        }
        let mut ranges = Ranges::of(c, c);
        ranges.fold();
        class(ranges)
    }

    fn escape(&mut self) -> Read<Node> {
        let Some(c) = self.peek() else {
            return Err("saw start of escape sequence, but saw end of pattern before it finished");
        };
        match c {
            '0'..='9' => return Err("backreferences are not supported"),
            'p' | 'P' => return Err("Unicode character classes are not supported"),
            'x' => return self.hex(2),
            'u' => return self.hex(4),
            'U' => return self.hex(8),
            _ => {}
        }
        self.bump();
        let named = |name: &str| {
            let mut ranges = Ranges::named(name).unwrap_or_default();
            if c.is_ascii_uppercase() {
                ranges.negate();
            }
            class(ranges)
        };
        Ok(match c {
            'd' | 'D' => named("digit"),
            's' | 'S' => named("space"),
            'w' | 'W' => named("word"),
            'a' => self.character('\x07'),
            'f' => self.character('\x0c'),
            't' => self.character('\t'),
            'n' => self.character('\n'),
            'r' => self.character('\r'),
            'v' => self.character('\x0b'),
            'A' => leaf(Kind::Look(Look::Start)),
            'z' => leaf(Kind::Look(Look::End)),
            'b' => return self.word_boundary(),
            'B' => leaf(Kind::Look(Look::NotWord)),
            '<' => leaf(Kind::Look(Look::WordStart)),
            '>' => leaf(Kind::Look(Look::WordEnd)),
            _ if c.is_ascii() && !c.is_ascii_alphanumeric() => self.character(c),
            _ => return Err("unrecognized escape sequence"),
        })
    }

    /// What stands behind `\b`.
    fn word_boundary(&mut self) -> Read<Node> {
        let word = Ok(leaf(Kind::Look(Look::Word)));
        let before = self.rest;
        if self.peek() != Some('{') {
            return word;
        }
        if !self.step() {
            return Err("found start of special word boundary or repetition without an end");
        }
        let mut name = String::new();
        while let Some(c) = self.peek().filter(|c| c.is_ascii_alphabetic() || *c == '-') {
            name.push(c);
            self.step();
        }
        if name.is_empty() {
            self.rest = before;
            return word;
        }
        if !self.eat("}") {
            return Err("special word boundary assertion is unclosed or has an invalid character");
        }
        Ok(leaf(Kind::Look(match name.as_str() {
            "start" => Look::WordStart,
            "end" => Look::WordEnd,
            "start-half" => Look::WordStartHalf,
            "end-half" => Look::WordEndHalf,
            _ => return Err("special word boundary assertion is unrecognized"),
        })))
    }

    fn hex(&mut self, digits: usize) -> Read<Node> {
        if !self.step() {
            return Err("expected hexadecimal number, but saw end of pattern first");
        }
        let mut number = Some(0_u32);
        let mut read = 0_usize;
        let braced = self.peek() == Some('{');
        if braced {
            self.step();
        }
        loop {
            let Some(c) = self.peek() else {
                if !braced {
                    return Err(
                        "expected fixed length hexadecimal number, but saw end of pattern first",
                    );
                }
                return Err(
                    "expected hexadecimal number, but saw end of pattern before closing brace",
                );
            };
            if braced && c == '}' {
                break;
            }
            let Some(digit) = c.to_digit(16) else {
                if !braced {
                    return Err("expected fixed length hexadecimal number, but got non-hex digit");
                }
                return Err("expected hexadecimal number in braces, but got non-hex digit");
            };
            number = number
                .and_then(|number| number.checked_mul(16))
                .and_then(|number| number.checked_add(digit));
            read = read.saturating_add(1);
            if !braced && read == digits {
                break;
            }
            self.step();
        }
        self.step();
        if read == 0 {
            return Err("expected hexadecimal number in braces, but got no digits");
        }
        match number.and_then(char::from_u32) {
            Some(c) => Ok(self.character(c)),
            None if braced => Err("got invalid hexadecimal number in braces"),
            None => Err("got invalid fixed length hexadecimal number"),
        }
    }

    pub(super) fn class(&mut self) -> Read<Node> {
        const UNCLOSED: &str = "found unclosed character class";
        const AFTER_DASH: &str = "non-empty character class has no closing bracket after dash";
        let mut ranges = Ranges::default();
        if !self.step() {
            return Err(UNCLOSED);
        }
        let negate = self.peek() == Some('^');
        if negate && !self.step() {
            return Err("negated character class has no closing bracket");
        }
        while self.peek() == Some('-') {
            ranges.add('-' as u32, '-' as u32);
            if !self.step() {
                return Err(AFTER_DASH);
            }
        }
        if ranges.len() == 0 && self.peek() == Some(']') {
            ranges.add(']' as u32, ']' as u32);
            if !self.step() {
                return Err("character class begins with literal ']' but has no closing bracket");
            }
        }
        loop {
            self.skip_space();
            match (self.peek(), self.peek_second()) {
                (None, _) => return Err(UNCLOSED),
                (Some('['), _) => match self.posix() {
                    Some(named) => ranges.extend(&named),
                    None => return Err("nested character classes are not supported"),
                },
                (Some(']'), _) => break,
                (Some('&'), Some('&')) => {
                    return Err("character class intersection is not supported");
                }
                (Some('-'), Some('-')) => {
                    return Err("character class difference is not supported");
                }
                (Some('~'), Some('~')) => {
                    return Err("character class symmetric difference is not supported");
                }
                _ => self.class_range(&mut ranges)?,
            }
        }
        self.bump();
        if self.has(IGNORE_CASE) {
            ranges.fold();
        }
        if negate {
            ranges.negate();
        }
        Ok(class(ranges))
    }

    fn class_range(&mut self, ranges: &mut Ranges) -> Read<()> {
        let first = self.class_item()?;
        self.skip_space();
        if self.rest.is_empty() {
            return Err("non-empty character class has no closing bracket");
        }
        if self.peek() != Some('-') || matches!(self.peek_past_space(), Some(']' | '-')) {
            match first.kind {
                Kind::Char(c) => ranges.add(c as u32, c as u32),
                Kind::Class(class) => ranges.extend(&class),
                _ => return Err("invalid escape sequence in character class"),
            }
            return Ok(());
        }
        if !self.step() {
            return Err("non-empty character class has no closing bracket after dash");
        }
        let last = self.class_item()?;
        let (Kind::Char(start), Kind::Char(end)) = (first.kind, last.kind) else {
            return Err("character class ranges must start and end with a single character");
        };
        if start > end {
            return Err("invalid range in character class");
        }
        ranges.add(start as u32, end as u32);
        Ok(())
    }

    fn class_item(&mut self) -> Read<Node> {
        let c = self.peek().unwrap_or_default();
        self.bump();
        match c {
            '\\' => self.escape(),
            _ => Ok(leaf(Kind::Char(c))),
        }
    }

    /// The character behind this one; white space and one `#` before it do not count where they are skipped.
    fn peek_past_space(&self) -> Option<char> {
        if !self.has(SPACED) {
            return self.peek_second();
        }
        let mut comment = false;
        let mut behind = self.rest.chars();
        behind.next();
        for c in behind {
            if c == '#' && !comment {
                comment = true;
            } else if !c.is_whitespace() {
                return Some(c);
            }
        }
        self.peek_second()
    }

    /// A class such as `[:alpha:]`, which stands here or does not.
    fn posix(&mut self) -> Option<Ranges> {
        let mut text = self.rest.strip_prefix("[:")?;
        let negated = text.starts_with('^');
        text = text.strip_prefix('^').unwrap_or(text);
        let (name, behind) = text.split_once(':')?;
        let mut ranges = Ranges::named(name)?;
        self.rest = behind.strip_prefix(']')?;
        if negated {
            ranges.negate();
        }
        Some(ranges)
    }
}
