//! Texts in quotes, for sentences that name them.
//!
//! The standard library's own quoting knows every character that has no shape, by tables that weigh more than all the
//! sentences. This writes the same but for the rarest of those.

use super::digest::digit;

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

/// Controls, spaces but for the common one, marks that only change what stands beside them, and private characters.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c, '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{f0000}'..)
}
