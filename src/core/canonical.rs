//! The canonical text of params: what Python's `json.dumps(params, sort_keys=True)` writes.
//!
//! One pass over the JSON text copies it into canonical form, member by member; only an object whose
//! names did not arrive in order is put in order afterwards. The input is what `JSON.stringify`
//! produces, where a lone surrogate is the escape `\udXXX`, so none is lost on the way through UTF-8.
//! This room knows JSON and nothing of endpoints or keys.

use super::canonical_string::{
    compare_names, four_hex, is_plain, string_end, value_end, write_escaped, write_string,
    write_unit,
};
use super::digest::Digest;
use super::key_error::KeyError;
use super::number::{is_short, shorten, write_number};
use super::sentence::piece;
use std::borrow::Cow;
use std::cmp::Ordering;

/// How deep params may nest; the outermost object is the first level.
pub const MAX_DEPTH: usize = 100;

/// How many bytes of canonical text params may have. Members whose name is repeated count until they are dropped.
pub const MAX_TEXT: usize = 64 * 1024;

/// The canonical text of some params. Equal params have equal texts, and only they do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Canonical {
    /// ASCII, byte for byte what Python writes.
    pub text: String,
}

impl Canonical {
    /// The SHA-256 of the text.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.text)
    }

    /// The string or number that the outermost object holds under `name`, without quotes, escapes as in
    /// the canonical text; `None` where there is no such member or it is no string and no number.
    pub fn scalar(&self, name: &str) -> Option<&str> {
        let mut wanted = String::new();
        write_string(&mut wanted, name);
        let text = self.text.as_bytes();
        let Some(b'{') = text.first() else {
            return None;
        };
        // Behind the brace, and then behind each `, `.
        let mut start = 1_usize;
        while let Some(b'"') = text.get(start) {
            let name_end = string_end(text, start)?;
            let value = name_end.saturating_add(": ".len());
            let end = value_end(text, value)?;
            if piece(&self.text, start, name_end) == wanted {
                let (from, to) = match text.get(value)? {
                    b'"' => (value.saturating_add(1), end.saturating_sub(1)),
                    b'-' | b'0'..=b'9' => (value, end),
                    _ => return None,
                };
                return Some(piece(&self.text, from, to));
            }
            start = end.saturating_add(", ".len());
        }
        None
    }
}

/// Reads a JSON text and writes its canonical form.
///
/// A name that occurs twice in an object counts once, with its last value. Refused are texts that are
/// no JSON, numbers beyond a double, more than [`MAX_DEPTH`] levels and more than [`MAX_TEXT`] bytes.
pub fn canonical_params(json_text: &str) -> Result<Canonical, KeyError> {
    canonical(json_text, shorten)
}

/// Reads a JSON text that `JSON.stringify` wrote, as [`canonical_params`] does.
///
/// In such a text every number stands in its shortest form, and is not read again. One that does not is kept
/// apart from the number it names, so another writer's text costs a hit and never makes a wrong one.
pub fn canonical_stringified(json_text: &str) -> Result<Canonical, KeyError> {
    canonical(json_text, is_short)
}

fn canonical<S: Shorten>(json_text: &str, shorten: S) -> Result<Canonical, KeyError> {
    let mut writer = Writer {
        shorten,
        text: json_text,
        at: 0,
        out: String::with_capacity(json_text.len().saturating_add(32).min(MAX_TEXT)),
        members: Vec::new(),
        depth: 0,
    };
    match writer.whole() {
        Ok(()) => Ok(Canonical { text: writer.out }),
        Err(fault) => Err(fault.at(writer.at)),
    }
}

/// What the text lacks at the place where the writer stands. A number of its own, and a [`KeyError`] only where
/// the writer is left: it passes through every level of the params.
#[derive(Clone, Copy)]
enum Fault {
    End,
    Value,
    Word,
    Item,
    Member,
    Name,
    Colon,
    Zero,
    Digit,
    Control,
    Quote,
    Hex,
    Escape,
    Number,
    Depth,
    Size,
}

impl Fault {
    #[cold]
    fn at(self, place: usize) -> KeyError {
        let expected = match self {
            Self::End => "the end of the text",
            Self::Value => "a value",
            Self::Word => "true, false or null",
            Self::Item => "',' or ']'",
            Self::Member => "',' or '}'",
            Self::Name => "a name in double quotes",
            Self::Colon => "':'",
            Self::Zero => "no digit after a leading 0",
            Self::Digit => "a digit",
            Self::Control => "control characters in strings to be escaped",
            Self::Quote => "a closing '\"'",
            Self::Hex => "four hex digits after '\\u'",
            Self::Escape => "an escape that JSON knows",
            Self::Number => return KeyError::number(place),
            Self::Depth => return KeyError::depth(place),
            Self::Size => return KeyError::size(),
        };
        KeyError::syntax(place, expected)
    }
}

/// Where a member stands in the output: `"name": value` from `start` to `end`.
#[derive(Clone, Copy)]
struct Member {
    start: usize,
    name_end: usize,
    end: usize,
}

impl Member {
    fn name<'t>(&self, text: &'t str) -> &'t str {
        piece(text, self.start, self.name_end)
    }

    /// Whether its name comes after that of another.
    #[inline(never)]
    fn is_after(&self, other: &Self, text: &str) -> bool {
        compare_names(self.name(text), other.name(text)) == Ordering::Greater
    }
}

/// The shortest text of a number; `None` where it is out of range. A type parameter and not a pointer, so that
/// the code that prints floats is not even compiled into a host that does without it.
trait Shorten: Fn(&str) -> Option<Cow<'_, str>> {}

impl<F: Fn(&str) -> Option<Cow<'_, str>>> Shorten for F {}

struct Writer<'a, S> {
    shorten: S,
    text: &'a str,
    at: usize,
    out: String,
    /// The members of every object that is open, innermost last.
    members: Vec<Member>,
    depth: usize,
}

impl<S: Shorten> Writer<'_, S> {
    fn whole(&mut self) -> Result<(), Fault> {
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

    /// How many bytes from here on stand for themselves in a string.
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

/// Members put in order by insertion, before runs of them are merged.
const RUN: usize = 16;

/// Sorts members by their names in a text; those of equal names stay as they are. A tenth of the size of the
/// standard library's sort, which ships in the module, and as fast for the few members that params have.
fn sort(members: &mut Vec<Member>, text: &str) {
    for run in members.chunks_mut(RUN) {
        for end in 1..run.len() {
            let mut at = end;
            while let Some(before) = at.checked_sub(1)
                && let (Some(a), Some(b)) = (run.get(before), run.get(at))
                && a.is_after(b, text)
            {
                run.swap(before, at);
                at = before;
            }
        }
    }
    let mut width = RUN;
    while width < members.len() {
        let mut merged = Vec::with_capacity(members.len());
        for pair in members.chunks(width.saturating_mul(2)) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            while let (Some((a, more_left)), Some((b, more_right))) =
                (left.split_first(), right.split_first())
            {
                if a.is_after(b, text) {
                    merged.push(*b);
                    right = more_right;
                } else {
                    merged.push(*a);
                    left = more_left;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        *members = merged;
        width = width.saturating_mul(2);
    }
}
