//! Numbers and strings of the canonical text.

use super::fault::Fault;
use super::string::{four_hex, is_plain, write_escaped, write_unit};
use super::writer::{Shorten, Writer};
use crate::core::fmt_lite::piece;
use crate::core::key::bounds::MAX_TEXT;
use crate::core::key::number::write_number;

impl<S: Shorten> Writer<'_, S> {
    pub(super) fn number(&mut self) -> Result<(), Fault> {
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

    pub(super) fn string(&mut self) -> Result<(), Fault> {
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
