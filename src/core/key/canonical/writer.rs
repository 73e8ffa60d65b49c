//! One pass over a JSON text, which copies it into canonical form.

use super::fault::Fault;
use super::members::{Member, sort};
use super::string::{compare_names, four_hex, is_plain, write_escaped, write_unit};
use crate::core::fmt_lite::piece;
use crate::core::key::bounds::{MAX_DEPTH, MAX_TEXT};
use crate::core::key::number::write_number;
use std::borrow::Cow;
use std::cmp::Ordering;

/// The shortest text of a number; `None` where it is out of range. A type parameter and not a pointer, so that
/// the code that prints floats is not even compiled into a host that does without it.
pub(super) trait Shorten: Fn(&str) -> Option<Cow<'_, str>> {}

impl<F: Fn(&str) -> Option<Cow<'_, str>>> Shorten for F {}

/// Reads a text from its start to its end and writes its canonical form.
pub(super) struct Writer<'a, S> {
    shorten: S,
    text: &'a str,
    at: usize,
    out: String,
    /// The members of every object that is open, innermost last.
    members: Vec<Member>,
    depth: usize,
}

impl<'a, S: Shorten> Writer<'a, S> {
    pub(super) fn of(text: &'a str, shorten: S) -> Self {
        Writer {
            shorten,
            text,
            at: 0,
            out: String::with_capacity(text.len().saturating_add(32).min(MAX_TEXT)),
            members: Vec::new(),
            depth: 0,
        }
    }

    /// What was written.
    pub(super) fn written(self) -> String {
        self.out
    }

    /// How far it came.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    pub(super) fn whole(&mut self) -> Result<(), Fault> {
        self.space();
        self.value()?;
        self.space();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(Fault::End),
        }
    }

    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline(always)]
    fn skip(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.skip(1);
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.skip(1);
        }
        found
    }

    fn value(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => self.string()?,
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true")?,
            Some(b'f') => self.word("false")?,
            Some(b'n') => self.word("null")?,
            _ => return Err(Fault::Value),
        }
        if self.out.len() > MAX_TEXT {
            return Err(Fault::Size);
        }
        Ok(())
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        if self.depth >= MAX_DEPTH {
            return Err(Fault::Depth);
        }
        self.depth = self.depth.saturating_add(1);
        self.skip(1);
        self.space();
        read(self)?;
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn word(&mut self, word: &'static str) -> Result<(), Fault> {
        let end = self.at.saturating_add(word.len());
        if piece(self.text, self.at, end) != word {
            return Err(Fault::Word);
        }
        self.skip(word.len());
        self.out.push_str(word);
        Ok(())
    }

    fn array(&mut self) -> Result<(), Fault> {
        self.out.push('[');
        if !self.eat(b']') {
            loop {
                self.value()?;
                self.space();
                if self.eat(b']') {
                    break;
                }
                if !self.eat(b',') {
                    return Err(Fault::Item);
                }
                self.space();
                self.out.push_str(", ");
            }
        }
        self.out.push(']');
        Ok(())
    }

    fn object(&mut self) -> Result<(), Fault> {
        self.out.push('{');
        if self.eat(b'}') {
            self.out.push('}');
            return Ok(());
        }
        let first = self.members.len();
        let mut ordered = true;
        loop {
            let start = self.out.len();
            if self.peek() != Some(b'"') {
                return Err(Fault::Name);
            }
            self.string()?;
            let name_end = self.out.len();
            if self.members.len() > first {
                ordered = ordered && self.is_after_last(start, name_end);
            }
            self.space();
            if !self.eat(b':') {
                return Err(Fault::Colon);
            }
            self.space();
            self.out.push_str(": ");
            self.value()?;
            self.members.push(Member {
                start,
                name_end,
                end: self.out.len(),
            });
            self.space();
            if self.eat(b'}') {
                break;
            }
            if !self.eat(b',') {
                return Err(Fault::Member);
            }
            self.space();
            self.out.push_str(", ");
        }
        if ordered {
            self.members.truncate(first);
        } else {
            self.reorder(first);
        }
        self.out.push('}');
        Ok(())
    }

    /// Whether the name that was just written comes after that of the last member.
    fn is_after_last(&self, start: usize, end: usize) -> bool {
        let Some(last) = self.members.last() else {
            return true;
        };
        compare_names(last.name(&self.out), piece(&self.out, start, end)) == Ordering::Less
    }

    /// Sorts the members from `first` on by name; of those with equal names the last stays.
    fn reorder(&mut self, first: usize) {
        let mut members = self.members.split_off(first);
        let Some(body) = members.first().map(|member| member.start) else {
            return;
        };
        sort(&mut members, &self.out);
        let mut sorted = String::with_capacity(self.out.len().saturating_sub(body));
        let mut rest = members.as_slice();
        while let [member, more @ ..] = rest {
            rest = more;
            if let Some(next) = more.first()
                && next.name(&self.out) == member.name(&self.out)
            {
                continue;
            }
            if !sorted.is_empty() {
                sorted.push_str(", ");
            }
            sorted.push_str(piece(&self.out, member.start, member.end));
        }
        self.out.truncate(body);
        self.out.push_str(&sorted);
    }

    fn number(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let negative = self.eat(b'-');
        let first_digit = self.at;
        if self.eat(b'0') {
            if matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(Fault::Zero);
            }
        } else {
            self.digits()?;
        }
        let whole = self.at.saturating_sub(first_digit);
        let mut integer = true;
        if self.eat(b'.') {
            integer = false;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            integer = false;
            self.skip(1);
            if let Some(b'+' | b'-') = self.peek() {
                self.skip(1);
            }
            self.digits()?;
        }
        let text = piece(self.text, start, self.at);
        // Fifteen digits are below 2^53 and already canonical; only "-0" is not.
        if integer && whole <= 15 && !(negative && text == "-0") {
            self.out.push_str(text);
            return Ok(());
        }
        let Some(short) = (self.shorten)(text) else {
            self.at = start;
            return Err(Fault::Number);
        };
        write_number(&mut self.out, &short);
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.skip(1);
        }
        if self.at == start {
            return Err(Fault::Digit);
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), Fault> {
        // Most strings are plain from quote to quote and are copied in one piece.
        let plain = self.plain_run(self.at.saturating_add(1));
        let closing = self.at.saturating_add(plain).saturating_add(1);
        if self.text.as_bytes().get(closing) == Some(&b'"') {
            self.copy_to(closing.saturating_add(1));
            return Ok(());
        }
        self.copy_to(closing);
        loop {
            let rest = piece(self.text, self.at, self.text.len());
            match rest.chars().next() {
                Some('"') => {
                    self.copy_to(self.at.saturating_add(1));
                    return Ok(());
                }
                Some('\\') => self.escape()?,
                Some(c) if c >= '\u{7f}' => {
                    self.skip(c.len_utf8());
                    write_escaped(&mut self.out, c);
                }
                Some(_) => {
                    return Err(Fault::Control);
                }
                None => return Err(Fault::Quote),
            }
            let plain = self.plain_run(self.at);
            self.copy_to(self.at.saturating_add(plain));
            if self.out.len() > MAX_TEXT {
                return Err(Fault::Size);
            }
        }
    }

    /// How many bytes from here on are copied as they are into a string.
    fn plain_run(&self, from: usize) -> usize {
        let rest = self.text.as_bytes().get(from..).unwrap_or(&[]);
        let mut run = 0_usize;
        while let Some(byte) = rest.get(run)
            && is_plain(*byte)
        {
            run = run.saturating_add(1);
        }
        run
    }

    /// Copies the text up to here as it is.
    fn copy_to(&mut self, end: usize) {
        self.out.push_str(piece(self.text, self.at, end));
        self.at = end;
    }

    fn escape(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.skip(1);
        let plain = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let digits = self.text.as_bytes().get(self.at.saturating_add(1)..);
                let Some(unit) = digits.and_then(four_hex) else {
                    self.at = start;
                    return Err(Fault::Hex);
                };
                self.skip(5);
                match char::from_u32(u32::from(unit)) {
                    Some(c) => write_escaped(&mut self.out, c),
                    // Half of a surrogate pair, or a lone surrogate: kept as it is.
                    None => write_unit(&mut self.out, unit),
                }
                return Ok(());
            }
            _ => {
                self.at = start;
                return Err(Fault::Escape);
            }
        };
        self.skip(1);
        write_escaped(&mut self.out, plain);
        Ok(())
    }
}
