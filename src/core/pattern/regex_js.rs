//! JavaScript's `RegExp` in the engine's notation: translated where both mean the same, refused where not.
//!
//! Differences that stay, all of them in what odd keys match: `.` excludes the line feed only, and one `.`
//! takes a whole astral character.

use super::cursor::Cursor;
use super::error::{Notation, PatternError};
use super::text_pattern::TextPattern;
use crate::core::fmt_lite::joined;
use crate::core::key::astral;

/// JavaScript's `\s`, as members of a class.
const SPACES: &str =
    r"\t\n\v\f\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";

/// The pattern of a JavaScript regular expression, from its `source` and `flags`.
///
/// `i`, `m` and `s` keep their meaning; `d`, `g` and `u` change nothing here. Refused are `y` and `v`,
/// look-around, back-references, `i` with characters beyond ASCII, and lone surrogates.
pub fn regex_from_js(source: &str, flags: &str) -> Result<TextPattern, PatternError> {
    let mut translator = Translator {
        rest: Cursor::new(source),
        start: 0,
        out: String::new(),
        unicode: false,
        ascii_only: false,
    };
    let translated = match translator.flags(flags) {
        Ok(()) => translator.run(),
        refused => refused,
    };
    match translated {
        Ok(()) => TextPattern::regex(&translator.out),
        Err(reason) => Err(PatternError::syntax(
            Notation::Regex,
            &joined(&["/", source, "/", flags]),
            translator.start,
            reason,
        )),
    }
}

/// Why an expression is refused; the place is where the translator took its last start.
type Unsupported = &'static str;

struct Translator<'a> {
    rest: Cursor<'a>,
    /// Where the character, escape or group that is being read starts, in characters.
    start: usize,
    out: String,
    unicode: bool,
    ascii_only: bool,
}

impl Translator<'_> {
    fn flags(&mut self, flags: &str) -> Result<(), Unsupported> {
        let mut kept = String::new();
        for flag in flags.chars() {
            match flag {
                'i' => {
                    self.ascii_only = true;
                    kept.push(flag);
                }
                'm' | 's' => kept.push(flag),
                'u' => self.unicode = true,
                'd' | 'g' => {}
                'y' => return Err("the flag 'y' is not supported; expected '^' instead"),
                'v' => return Err("the flag 'v' is not supported; expected 'u' instead"),
                _ => return Err("unknown flag; expected some of 'd', 'g', 'i', 'm', 's', 'u'"),
            }
        }
        if !kept.is_empty() {
            self.out = joined(&["(?", &kept, ")"]);
        }
        Ok(())
    }

    fn run(&mut self) -> Result<(), Unsupported> {
        while let Some(c) = self.start() {
            match c {
                '\\' => self.escape(false)?,
                '[' => self.class()?,
                '(' => self.group()?,
                '{' => self.brace(),
                ']' | '}' => self.escaped(c),
                plain => self.plain(plain)?,
            }
        }
        Ok(())
    }

    /// Takes the next character as the start of something.
    fn start(&mut self) -> Option<char> {
        self.start = self.rest.taken();
        self.rest.next()
    }

    /// Appends a character with a backslash before it.
    #[inline(never)]
    fn escaped(&mut self, c: char) {
        self.out.push('\\');
        self.out.push(c);
    }

    #[inline(never)]
    fn plain(&mut self, c: char) -> Result<(), Unsupported> {
        if self.ascii_only && !c.is_ascii() {
            return Err("characters beyond ASCII cannot ignore case; expected no flag 'i'");
        }
        self.out.push(c);
        Ok(())
    }

    /// A character that the engine must take as it is.
    fn literal(&mut self, c: char) -> Result<(), Unsupported> {
        if c.is_ascii_punctuation() && c != '<' && c != '>' {
            self.escaped(c);
            return Ok(());
        }
        self.plain(c)
    }

    fn group(&mut self) -> Result<(), Unsupported> {
        self.out.push('(');
        if !self.rest.eat('?') {
            return Ok(());
        }
        self.out.push('?');
        if self.rest.eat('<') {
            self.out.push('<');
        }
        match self.rest.peek() {
            Some('=' | '!') => Err("look-around is not supported"),
            _ => Ok(()),
        }
    }

    /// A `{` repeats only if it reads `{2}`, `{2,}` or `{2,3}`; else it matches itself.
    fn brace(&mut self) {
        let mut ahead = self.rest.clone();
        let mut repeat = String::from("{");
        let mut commas = 0_u8;
        while let Some(c) = ahead.next() {
            match c {
                '0'..='9' => {}
                // A number comes first.
                ',' if commas == 0 && repeat.len() > 1 => commas = 1,
                '}' if repeat.len() > 1 => {
                    self.out.push_str(&repeat);
                    self.out.push('}');
                    self.rest = ahead;
                    return;
                }
                _ => break,
            }
            repeat.push(c);
        }
        self.escaped('{');
    }

    fn class(&mut self) -> Result<(), Unsupported> {
        let negated = self.rest.eat('^');
        if self.rest.eat(']') {
            if !negated {
                return Err(
                    "an empty class matches nothing; expected at least one character in it",
                );
            }
            self.out.push_str("(?s:.)");
            return Ok(());
        }
        self.out.push_str(if negated { "[^" } else { "[" });
        while let Some(c) = self.start() {
            match c {
                ']' => {
                    self.out.push(']');
                    return Ok(());
                }
                '\\' => self.escape(true)?,
                // Set operators and nested classes of the engine are plain characters here.
                '[' | '&' | '~' => self.escaped(c),
                plain => self.plain(plain)?,
            }
        }
        // Left open: the engine reports that.
        Ok(())
    }

    /// White space, or all else, in a class of its own where it is in none.
    fn spaces(&mut self, before: &str, in_class: bool) {
        let (before, after) = if in_class { ("", "") } else { (before, "]") };
        self.out.push_str(&joined(&[before, SPACES, after]));
    }

    #[inline(never)]
    fn escape(&mut self, in_class: bool) -> Result<(), Unsupported> {
        let Some(c) = self.rest.next() else {
            self.out.push('\\');
            return Ok(());
        };
        match c {
            'd' | 'D' | 'w' | 'W' | 't' | 'n' | 'v' | 'f' | 'r' => self.escaped(c),
            's' => self.spaces("[", in_class),
            'S' if in_class => {
                return Err(
                    "'\\S' in a class is not supported; expected the class negated with '\\s'",
                );
            }
            'S' => self.spaces("[^", false),
            'b' if in_class => self.out.push_str("\\x08"),
            'b' | 'B' if !in_class => self.escaped(c),
            '0' if !matches!(self.rest.peek(), Some('0'..='9')) => self.out.push_str("\\x00"),
            '0'..='9' | 'k' => return Err("back-references are not supported"),
            'p' | 'P' if self.unicode => return Err("Unicode properties are not supported"),
            'c' => return Err("control escapes are not supported; expected '\\xHH'"),
            'x' => {
                let unit = self.hex(2)?;
                self.code(unit)?;
            }
            'u' => self.unicode_escape()?,
            other => self.literal(other)?,
        }
        Ok(())
    }

    fn unicode_escape(&mut self) -> Result<(), Unsupported> {
        if self.rest.eat('{') {
            if !self.unicode {
                return Err("'\\u{' repeats the letter u; expected the flag 'u'");
            }
            let mut code = 0_u32;
            loop {
                match self.rest.next() {
                    Some('}') => return self.code(code),
                    Some(c) if code <= 0x10_ffff => {
                        code = (code << 4) | c.to_digit(16).ok_or(BAD_HEX)?;
                    }
                    _ => return Err(BAD_HEX),
                }
            }
        }
        let unit = self.hex(4)?;
        if !(0xd800..0xdc00).contains(&unit) || !self.rest.eat('\\') || !self.rest.eat('u') {
            return self.code(unit);
        }
        let low = self.hex(4)?;
        if (0xdc00..0xe000).contains(&low) {
            return self.code(astral(unit, low));
        }
        self.code(unit)
    }

    #[inline(never)]
    fn hex(&mut self, digits: u8) -> Result<u32, Unsupported> {
        let mut code = 0_u32;
        for _ in 0..digits {
            let digit = self.rest.next().and_then(|c| c.to_digit(16));
            code = (code << 4) | digit.ok_or(BAD_HEX)?;
        }
        Ok(code)
    }

    #[inline(never)]
    fn code(&mut self, code: u32) -> Result<(), Unsupported> {
        match char::from_u32(code) {
            Some(c) => self.literal(c),
            None => Err("a lone surrogate is in no key; expected a whole character"),
        }
    }
}

const BAD_HEX: Unsupported = "expected hex digits";
