//! Text without `std::fmt`: joined parts, filled templates, numbers and quoted texts.
//!
//! The standard library's formatting can pad, align and sign, and its quoting knows every character without a shape by tables
//! that weigh more than all our sentences. Nothing here needs that, and it would be several kilobytes of the module; so
//! errors, explanations and keys are put together by these functions. Quoting writes what the standard library writes, but
//! for the rarest characters.

/// The parts one after another.
#[inline(never)]
pub(crate) fn joined(parts: &[&str]) -> String {
    let mut length = 0_usize;
    for part in parts {
        length = length.saturating_add(part.len());
    }
    let mut text = String::with_capacity(length);
    for part in parts {
        text.push_str(part);
    }
    text
}

/// The template with a part in the place of each `{}`. It has no other braces.
#[inline(never)]
pub(crate) fn filled(template: &str, parts: &[&str]) -> String {
    let mut text = String::new();
    let mut parts = parts.iter();
    for c in template.chars() {
        match c {
            '{' => text.push_str(parts.next().copied().unwrap_or_default()),
            '}' => {}
            plain => text.push(plain),
        }
    }
    text
}

/// A whole number in digits.
#[inline(never)]
pub(crate) fn decimal(number: u64) -> String {
    let mut text = String::new();
    write_decimal(&mut text, number);
    text
}

fn write_decimal(text: &mut String, number: u64) {
    if number >= 10 {
        write_decimal(text, number / 10);
    }
    text.push(crate::core::fmt_lite::digit((number % 10) as u8));
}

/// A count or a position in digits.
pub(crate) fn count(number: usize) -> String {
    decimal(number as u64)
}

/// The part of a text between two places, or nothing where there is no such part. Written once: what checks that
/// the places lie between characters would otherwise be compiled wherever a text is cut.
#[inline(never)]
pub(crate) fn piece(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or_default()
}

/// A text in double quotes, with what cannot be seen written out.
pub(crate) fn quoted(text: &str) -> String {
    between('"', text)
}

/// A character in single quotes, likewise.
pub(crate) fn quoted_char(c: char) -> String {
    let mut text = String::new();
    text.push(c);
    between('\'', &text)
}

/// A text as messages show it: in quotes, and only its start, so that long input makes no long error.
#[inline(never)]
pub(crate) fn shown(text: &str) -> String {
    const SHOWN: usize = 80;
    let mut cut = 0_usize;
    for (before, c) in text.chars().enumerate() {
        if before == SHOWN {
            return quoted(&joined(&[piece(text, 0, cut), "…"]));
        }
        cut = cut.saturating_add(c.len_utf8());
    }
    quoted(text)
}

#[inline(never)]
fn between(quote: char, text: &str) -> String {
    let mut out = String::new();
    out.push(quote);
    for c in text.chars() {
        let short = match c {
            '\0' => '0',
            '\t' => 't',
            '\r' => 'r',
            '\n' => 'n',
            '\\' => '\\',
            _ if c == quote => quote,
            _ if is_unseen(c) => {
                out.push_str("\\u{");
                write_hexadecimal(&mut out, c as u32);
                out.push('}');
                continue;
            }
            _ => {
                out.push(c);
                continue;
            }
        };
        out.push('\\');
        out.push(short);
    }
    out.push(quote);
    out
}

fn write_hexadecimal(out: &mut String, number: u32) {
    if number >= 16 {
        write_hexadecimal(out, number >> 4);
    }
    out.push(digit((number & 15) as u8));
}

/// Controls, spaces but for the common one, marks that only change what is beside them, and private characters.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c, '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{f0000}'..)
}

/// The lower-case hex digit of a value below 16.
pub(crate) fn digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or('0')
}
