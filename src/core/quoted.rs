//! Texts in quotes, for sentences that name them.
//!
//! The standard library's own quoting knows every character that has no shape, by tables that weigh more than all the
//! sentences. This writes the same but for the rarest of those.

use std::fmt::{self, Display, Formatter, Write};

/// A text in double quotes, with what cannot be seen written out.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

/// A character in single quotes, likewise.
pub(crate) struct QuotedChar(pub(crate) char);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        between('"', self.0, f)
    }
}

impl Display for QuotedChar {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        between('\'', self.0.encode_utf8(&mut [0; 4]), f)
    }
}

fn between(quote: char, text: &str, out: &mut Formatter<'_>) -> fmt::Result {
    out.write_char(quote)?;
    for c in text.chars() {
        let short = match c {
            '\0' => '0',
            '\t' => 't',
            '\r' => 'r',
            '\n' => 'n',
            '\\' => '\\',
            _ if c == quote => quote,
            _ if is_unseen(c) => {
                out.write_str("\\u{")?;
                hexadecimal(out, c as u32)?;
                out.write_char('}')?;
                continue;
            }
            _ => {
                out.write_char(c)?;
                continue;
            }
        };
        out.write_char('\\')?;
        out.write_char(short)?;
    }
    out.write_char(quote)
}

fn hexadecimal(out: &mut Formatter<'_>, number: u32) -> fmt::Result {
    if number >= 16 {
        hexadecimal(out, number >> 4)?;
    }
    out.write_char(char::from_digit(number & 15, 16).unwrap_or_default())
}

/// Controls, spaces but for the common one, marks that only change what stands beside them, and private characters.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c, '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{f0000}'..)
}
