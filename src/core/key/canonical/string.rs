//! Strings of the canonical text: how they are written, compared and skipped.
//!
//! A canonical string is ASCII in double quotes; what is not plain is escaped, a lone surrogate as itself.
//! Knows nothing of objects, keys or requests.

use crate::core::fmt_lite::digit;
use std::cmp::Ordering;

/// Stands for itself in a canonical string.
#[inline(always)]
pub(super) const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

pub(super) fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        write_escaped(out, c);
    }
    out.push('"');
}

#[inline(never)]
pub(super) fn write_escaped(out: &mut String, c: char) {
    let short = match c {
        '"' | '\\' => c,
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        ' '..='~' => {
            out.push(c);
            return;
        }
        _ => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write_unit(out, *unit);
            }
            return;
        }
    };
    out.push('\\');
    out.push(short);
}

#[inline(never)]
pub(super) fn write_unit(out: &mut String, unit: u16) {
    out.push_str("\\u");
    for shift in [12, 8, 4, 0] {
        out.push(digit((unit >> shift) as u8 & 15));
    }
}

pub(super) fn four_hex(bytes: &[u8]) -> Option<u16> {
    let mut unit = 0_u16;
    for &byte in bytes.get(..4)? {
        let value = char::from(byte).to_digit(16)?;
        unit = (unit << 4) | u16::try_from(value).ok()?;
    }
    Some(unit)
}

/// Orders two canonical strings, quotes and all, by code point; a lone surrogate by its value.
pub(super) fn compare_names(a: &str, b: &str) -> Ordering {
    let (a, b) = (inside(a), inside(b));
    let mut alike = 0_usize;
    while let (Some(x), Some(y)) = (a.get(alike), b.get(alike))
        && x == y
        && *x != b'\\'
    {
        alike = alike.saturating_add(1);
    }
    let mut a = CodePoints { text: a, at: alike };
    let mut b = CodePoints { text: b, at: alike };
    loop {
        // A name comes before its extensions.
        let (x, y) = (a.next(), b.next());
        if x != y || x.is_none() {
            return x.cmp(&y);
        }
    }
}

fn inside(quoted: &str) -> &[u8] {
    match quoted.as_bytes() {
        [b'"', name @ .., b'"'] => name,
        other => other,
    }
}

/// The code points that the inside of a canonical string spells.
struct CodePoints<'a> {
    text: &'a [u8],
    at: usize,
}

impl CodePoints<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = self.text.get(self.at).copied();
        self.at = self.at.saturating_add(1);
        byte
    }

    /// The unit of an escape `\uXXXX`, from behind its `u`.
    fn unit(&mut self) -> Option<u32> {
        let unit = four_hex(self.text.get(self.at..)?)?;
        self.at = self.at.saturating_add(4);
        Some(u32::from(unit))
    }

    #[inline(never)]
    fn next(&mut self) -> Option<u32> {
        let first = self.byte()?;
        if first != b'\\' {
            return Some(u32::from(first));
        }
        Some(match self.byte()? {
            b'n' => 0x0a,
            b'r' => 0x0d,
            b't' => 0x09,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'u' => {
                let unit = self.unit()?;
                let behind = self.at;
                if matches!(unit, 0xd800..=0xdbff)
                    && self.byte() == Some(b'\\')
                    && self.byte() == Some(b'u')
                    && let Some(low @ 0xdc00..=0xdfff) = self.unit()
                {
                    return Some(astral(unit, low));
                }
                self.at = behind;
                unit
            }
            other => u32::from(other),
        })
    }
}

/// The code point that a surrogate pair spells.
pub(crate) const fn astral(high: u32, low: u32) -> u32 {
    (((high & 0x3ff) << 10) | (low & 0x3ff)).wrapping_add(0x1_0000)
}

/// Where the canonical string that starts at a place of a text ends, quotes included.
#[inline(never)]
pub(super) fn string_end(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at = at.saturating_add(1);
        match text.get(at)? {
            b'\\' => at = at.saturating_add(1),
            b'"' => return Some(at.saturating_add(1)),
            _ => {}
        }
    }
}

/// Where the canonical value that starts at a place of a text ends: at the `,` or `}` behind it.
pub(super) fn value_end(text: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        match text.get(at)? {
            b'"' => {
                at = string_end(text, at)?;
                continue;
            }
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' | b',' if depth == 0 => return Some(at),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at = at.saturating_add(1);
    }
}
