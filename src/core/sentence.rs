//! Sentences and other texts put together from parts.
//!
//! The standard library's formatting can pad, align and sign. Nothing here asks for that, and what does it would
//! be several kilobytes of the module; so errors, explanations and keys are put together by these few lines.

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
    text.push(super::digest::digit((number % 10) as u8));
}

/// A count or a position in digits.
pub(crate) fn count(number: usize) -> String {
    decimal(number as u64)
}

/// The part of a text between two places, or nothing where there is no such part. Written once: what checks that
/// the places lie between characters would else stand wherever a text is cut.
#[inline(never)]
pub(crate) fn piece(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or_default()
}
