//! Strings of the canonical text: how they are written, compared and skipped.
//!
//! A canonical string is ASCII in double quotes; what is not plain is escaped, a lone surrogate as itself.
//! Knows nothing of objects, keys or requests.

use super::digest::digit;
use std::cmp::Ordering;

/// Stands for itself in a canonical string.
#[inline(always)]
pub(super) const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

pub(super) fn write_string(out: &mut String, text: &str) {
    out.push('"');
    text.chars().for_each(|c| write_escaped(out, c));
    out.push('"');
}

pub(super) fn write_escaped(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        ' '..='~' => out.push(c),
        _ => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write_unit(out, *unit);
            }
        }
    }
}

pub(super) fn write_unit(out: &mut String, unit: u16) {
    let [high, low] = unit.to_be_bytes();
    out.push_str("\\u");
    for byte in [high, low] {
        out.push(digit(byte >> 4));
        out.push(digit(byte & 15));
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
    if a.contains(&b'\\') || b.contains(&b'\\') {
        CodePoints(a).cmp(CodePoints(b))
    } else {
        a.cmp(b)
    }
}

fn inside(quoted: &str) -> &[u8] {
    match quoted.as_bytes() {
        [b'"', name @ .., b'"'] => name,
        other => other,
    }
}

/// The code points that the inside of a canonical string spells.
struct CodePoints<'a>(&'a [u8]);

impl Iterator for CodePoints<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        match self.0 {
            [b'\\', b'u', rest @ ..] => {
                let unit = u32::from(four_hex(rest)?);
                self.0 = rest.get(4..)?;
                if let (0xd800..=0xdbff, [b'\\', b'u', after @ ..]) = (unit, self.0)
                    && let Some(low @ 0xdc00..=0xdfff) = four_hex(after).map(u32::from)
                {
                    self.0 = after.get(4..)?;
                    return Some(astral(unit, low));
                }
                Some(unit)
            }
            [b'\\', letter, rest @ ..] => {
                self.0 = rest;
                Some(match letter {
                    b'n' => 0x0a,
                    b'r' => 0x0d,
                    b't' => 0x09,
                    b'b' => 0x08,
                    b'f' => 0x0c,
                    other => u32::from(*other),
                })
            }
            [byte, rest @ ..] => {
                self.0 = rest;
                Some(u32::from(*byte))
            }
            [] => None,
        }
    }
}

/// The code point that a surrogate pair spells.
const fn astral(high: u32, low: u32) -> u32 {
    (((high & 0x3ff) << 10) | (low & 0x3ff)).wrapping_add(0x1_0000)
}

/// The length of the canonical string that a text starts with, quotes included.
pub(super) fn string_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at.saturating_add(1)),
            _ => {}
        }
    }
    None
}

/// The length of the canonical value that a text starts with, up to the `,` or `}` behind it.
pub(super) fn value_length(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0_usize;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'"' => {
                at = at.saturating_add(string_length(text.get(at..)?)?);
                continue;
            }
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' | b',' if depth == 0 => return Some(at),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at = at.saturating_add(1);
    }
    None
}
