//! JavaScript's `RegExp` in the engine's notation: translated where both mean the same, refused where not.
//!
//! Differences that stay, all of them in what odd keys match: `.` excludes the line feed only, and one `.`
//! takes a whole astral character.

use super::pattern::TextPattern;
use super::pattern_error::{Notation, PatternError};
use std::iter::{Enumerate, Peekable};
use std::str::Chars;

/// JavaScript's `\s`, as members of a class.
const SPACES: &str =
    r"\t\n\v\f\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";

/// The pattern of a JavaScript regular expression, from its `source` and `flags`.
///
/// `i`, `m` and `s` keep their meaning; `d`, `g` and `u` change nothing here. Refused are `y` and `v`,
/// look-around, back-references, `i` with characters beyond ASCII, and lone surrogates.
pub fn regex_from_js(source: &str, flags: &str) -> Result<TextPattern, PatternError> {
    let refuse = |at: usize, reason: &str| {
        Err(PatternError::syntax(
            Notation::Regex,
            &format!("/{source}/{flags}"),
            at,
            reason,
        ))
    };
    let mut kept = String::new();
    for flag in flags.chars() {
        match flag {
            'i' | 'm' | 's' => kept.push(flag),
            'd' | 'g' | 'u' => {}
            'y' => return refuse(0, "the flag 'y' is not supported; expected '^' instead"),
            'v' => return refuse(0, "the flag 'v' is not supported; expected 'u' instead"),
            _ => {
                return refuse(
                    0,
                    "unknown flag; expected some of 'd', 'g', 'i', 'm', 's', 'u'",
                );
            }
        }
    }
    let mut translator = Translator {
        rest: source.chars().enumerate().peekable(),
        out: String::with_capacity(source.len()),
        unicode: flags.contains('u'),
        ascii_only: flags.contains('i'),
    };
    if !kept.is_empty() {
        translator.out = format!("(?{kept})");
    }
    match translator.run() {
        Ok(()) => TextPattern::regex(&translator.out),
        Err(Refusal { at, reason }) => refuse(at, reason),
    }
}

struct Refusal {
    at: usize,
    reason: &'static str,
}

struct Translator<'a> {
    rest: Peekable<Enumerate<Chars<'a>>>,
    out: String,
    unicode: bool,
    ascii_only: bool,
}

impl Translator<'_> {
    fn run(&mut self) -> Result<(), Refusal> {
        while let Some((at, c)) = self.rest.next() {
            match c {
                '\\' => self.escape(at, false)?,
                '[' => self.class(at)?,
                '(' => self.group(at)?,
                '{' => self.brace(),
                ']' | '}' => self.out.extend(['\\', c]),
                plain => self.plain(at, plain)?,
            }
        }
        Ok(())
    }

    fn peek(&mut self) -> Option<char> {
        self.rest.peek().map(|&(_, c)| c)
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.rest.next();
        }
        found
    }

    fn plain(&mut self, at: usize, c: char) -> Result<(), Refusal> {
        if self.ascii_only && !c.is_ascii() {
            return Err(Refusal {
                at,
                reason: "characters beyond ASCII cannot ignore case; expected no flag 'i'",
            });
        }
        self.out.push(c);
        Ok(())
    }

    /// A character that the engine must take as it is.
    fn literal(&mut self, at: usize, c: char) -> Result<(), Refusal> {
        if c.is_ascii_punctuation() && c != '<' && c != '>' {
            self.out.push('\\');
        }
        self.plain(at, c)
    }

    fn group(&mut self, at: usize) -> Result<(), Refusal> {
        self.out.push('(');
        if !self.eat('?') {
            return Ok(());
        }
        self.out.push('?');
        if self.eat('<') {
            self.out.push('<');
            if let Some('=' | '!') = self.peek() {
                return Err(look_around(at));
            }
        } else if let Some('=' | '!') = self.peek() {
            return Err(look_around(at));
        }
        Ok(())
    }

    /// A `{` repeats only if it reads `{2}`, `{2,}` or `{2,3}`; else it stands for itself.
    fn brace(&mut self) {
        let ahead: String = self
            .rest
            .clone()
            .map(|(_, c)| c)
            .take_while(|&c| c == ',' || c.is_ascii_digit())
            .collect();
        let closed = self.rest.clone().nth(ahead.len()).map(|(_, c)| c) == Some('}');
        let digits = ahead.starts_with(|c: char| c.is_ascii_digit());
        if closed && digits && ahead.matches(',').count() <= 1 {
            self.out.push('{');
            self.out.push_str(&ahead);
            self.out.push('}');
            self.rest
                .by_ref()
                .take(ahead.len().saturating_add(1))
                .for_each(drop);
        } else {
            self.out.push_str("\\{");
        }
    }

    fn class(&mut self, at: usize) -> Result<(), Refusal> {
        let negated = self.eat('^');
        if self.eat(']') {
            if !negated {
                return Err(Refusal {
                    at,
                    reason: "an empty class matches nothing; expected at least one character in it",
                });
            }
            self.out.push_str("(?s:.)");
            return Ok(());
        }
        self.out.push_str(if negated { "[^" } else { "[" });
        while let Some((at, c)) = self.rest.next() {
            match c {
                ']' => {
                    self.out.push(']');
                    return Ok(());
                }
                '\\' => self.escape(at, true)?,
                // Set operators and nested classes of the engine are plain characters here.
                '[' | '&' | '~' => self.out.extend(['\\', c]),
                plain => self.plain(at, plain)?,
            }
        }
        // Left open: the engine says so.
        Ok(())
    }

    fn escape(&mut self, at: usize, in_class: bool) -> Result<(), Refusal> {
        let Some((_, c)) = self.rest.next() else {
            self.out.push('\\');
            return Ok(());
        };
        match c {
            'd' | 'D' | 'w' | 'W' | 't' | 'n' | 'v' | 'f' | 'r' => self.out.extend(['\\', c]),
            's' if in_class => self.out.push_str(SPACES),
            's' => self.out.extend(["[", SPACES, "]"]),
            'S' if in_class => {
                return Err(Refusal {
                    at,
                    reason: "'\\S' in a class is not supported; expected the class negated with '\\s'",
                });
            }
            'S' => self.out.extend(["[^", SPACES, "]"]),
            'b' if in_class => self.out.push_str("\\x08"),
            'b' | 'B' if !in_class => self.out.extend(['\\', c]),
            '0' if !self.peek().is_some_and(|next| next.is_ascii_digit()) => {
                self.out.push_str("\\x00");
            }
            '0'..='9' | 'k' => {
                return Err(Refusal {
                    at,
                    reason: "back-references are not supported",
                });
            }
            'p' | 'P' if self.unicode => {
                return Err(Refusal {
                    at,
                    reason: "Unicode properties are not supported",
                });
            }
            'c' => {
                return Err(Refusal {
                    at,
                    reason: "control escapes are not supported; expected '\\xHH'",
                });
            }
            'x' => {
                let unit = self.hex(at, 2)?;
                self.code(at, unit)?;
            }
            'u' => self.unicode_escape(at)?,
            other => self.literal(at, other)?,
        }
        Ok(())
    }

    fn unicode_escape(&mut self, at: usize) -> Result<(), Refusal> {
        if self.peek() == Some('{') {
            if !self.unicode {
                return Err(Refusal {
                    at,
                    reason: "'\\u{' repeats the letter u; expected the flag 'u'",
                });
            }
            self.rest.next();
            let mut code = 0_u32;
            loop {
                match self.rest.next() {
                    Some((_, '}')) => return self.code(at, code),
                    Some((_, c)) if c.is_ascii_hexdigit() && code <= 0x10_ffff => {
                        code = (code << 4) | c.to_digit(16).unwrap_or(0);
                    }
                    _ => return Err(bad_hex(at)),
                }
            }
        }
        let unit = self.hex(at, 4)?;
        if !(0xd800..0xdc00).contains(&unit) || !self.eat('\\') || !self.eat('u') {
            return self.code(at, unit);
        }
        let low = self.hex(at, 4)?;
        match char::decode_utf16([unit, low].map(|unit| u16::try_from(unit).unwrap_or(0))).next() {
            Some(Ok(c)) => self.code(at, u32::from(c)),
            _ => self.code(at, unit),
        }
    }

    fn hex(&mut self, at: usize, digits: usize) -> Result<u32, Refusal> {
        let mut code = 0_u32;
        for _ in 0..digits {
            let digit = self.rest.next().and_then(|(_, c)| c.to_digit(16));
            code = (code << 4) | digit.ok_or_else(|| bad_hex(at))?;
        }
        Ok(code)
    }

    fn code(&mut self, at: usize, code: u32) -> Result<(), Refusal> {
        match char::from_u32(code) {
            Some(c) => self.literal(at, c),
            None => Err(Refusal {
                at,
                reason: "a lone surrogate is in no key; expected a whole character",
            }),
        }
    }
}

const fn look_around(at: usize) -> Refusal {
    Refusal {
        at,
        reason: "look-around is not supported",
    }
}

const fn bad_hex(at: usize) -> Refusal {
    Refusal {
        at,
        reason: "expected hex digits",
    }
}
