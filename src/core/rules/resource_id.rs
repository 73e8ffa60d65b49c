//! Ids of resources, brought to one form.
//!
//! A mutation of one id spares the entries of the others, so two spellings that a backend may take for one id have one form
//! here: to remove too much costs a load, to remove too little serves what is old. Numbers and texts of digits are compared
//! by value, so `7`, `"7"`, `"07"` and `" 7.0"` are one. Other texts are compared as they are, case included; the host
//! brings them to Unicode's normal form C first, whose tables are not carried here.

use crate::core::fmt_lite::joined;
use crate::core::key::number::write_number;

/// Digits before the point beyond which two neighbours may be one double.
const EXACT_DIGITS: usize = 15;

/// The form of an id, which is written as a JSON number or as the content of a JSON string.
///
/// `None` where it cannot be distinguished from others: a text of white space, and a double that may be any of several whole
/// numbers.
pub fn one_form(id: &str) -> Option<String> {
    let text = id.trim_ascii();
    if text.is_empty() {
        return None;
    }
    let (negative, unsigned) = match text.as_bytes() {
        [b'-', ..] => (true, text.get(1..).unwrap_or_default()),
        [b'+', ..] => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    let form = match spelling(unsigned.as_bytes()) {
        Spelling::Text => return Some(id.to_owned()),
        Spelling::Digits => {
            let mut digits = unsigned;
            while digits.len() > 1
                && let Some(rest) = digits.strip_prefix('0')
            {
                digits = rest;
            }
            digits.to_owned()
        }
        Spelling::Double => {
            let mut form = String::new();
            write_number(&mut form, unsigned);
            let (mut whole, mut point) = (0_usize, false);
            for byte in form.bytes() {
                match byte {
                    // Too large to be exact, or too small for an id.
                    b'e' => return None,
                    b'.' => point = true,
                    _ if point => {}
                    _ => whole = whole.saturating_add(1),
                }
            }
            if whole > EXACT_DIGITS {
                return None;
            }
            form
        }
    };
    Some(if negative && form != "0" {
        joined(&["-", &form])
    } else {
        form
    })
}

/// How an id without its sign is spelled.
enum Spelling {
    Text,
    Digits,
    /// Digits with a point among them, with an exponent behind them, or both.
    Double,
}

fn spelling(text: &[u8]) -> Spelling {
    let (mut point, mut exponent) = (false, false);
    let mut digits = 0_usize;
    let mut rest = text;
    while let [byte, more @ ..] = rest {
        rest = more;
        match byte {
            b'0'..=b'9' => digits = digits.saturating_add(1),
            b'.' if !point && !exponent => point = true,
            b'e' | b'E' if !exponent && digits > 0 => {
                exponent = true;
                digits = 0;
                if let [b'+' | b'-', behind @ ..] = rest {
                    rest = behind;
                }
            }
            _ => return Spelling::Text,
        }
    }
    match digits {
        0 => Spelling::Text,
        _ if point || exponent => Spelling::Double,
        _ => Spelling::Digits,
    }
}
