//! One pass over a JSON text, which copies it into canonical form.

use super::fault::Fault;
use super::members::{Member, sort};
use super::string::compare_names;
use crate::core::fmt_lite::piece;
use crate::core::key::bounds::{MAX_DEPTH, MAX_TEXT};
use std::borrow::Cow;
use std::cmp::Ordering;

/// The shortest text of a number; `None` where it is out of range. A type parameter and not a pointer, so that
/// the code that prints floats is not even compiled into a host that does without it.
pub(super) trait Shorten: Fn(&str) -> Option<Cow<'_, str>> {}

impl<F: Fn(&str) -> Option<Cow<'_, str>>> Shorten for F {}

/// Reads a text from its start to its end and writes its canonical form.
pub(super) struct Writer<'a, S> {
    pub(super) shorten: S,
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) out: String,
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
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline(always)]
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.skip(1);
        }
    }

    pub(super) fn eat(&mut self, byte: u8) -> bool {
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
}
