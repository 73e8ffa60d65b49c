//! Numbers as Python's `json.dumps` writes them, from the double that a JavaScript number is.
//!
//! Two steps: the shortest digits that name the double, then Python's way to set them. A text that
//! `JSON.stringify` wrote has taken the first step already, and its host does without the code of it.

use crate::core::fmt_lite::decimal;
use std::borrow::Cow;

/// 2⁵³: below it every integer is exact, and is written as digits.
const EXACT: &str = "9007199254740992";

/// The shortest text of the double that a JSON number names; `None` where no double is that large.
pub(crate) fn shorten(text: &str) -> Option<Cow<'_, str>> {
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite())?;
    let sign = if value < 0.0 { "-" } else { "" };
    Some(format!("{sign}{}", shortest(value.abs())).into())
}

/// The text as it is, which is the shortest of its double.
#[allow(clippy::unnecessary_wraps, reason = "has the signature of `shorten`")]
pub(crate) fn is_short(text: &str) -> Option<Cow<'_, str>> {
    Some(text.into())
}

/// Appends a number given by its shortest text: integers below 2⁵³ in magnitude as digits (`-0` as `0`), every
/// other as Python's `repr(float)`, with an exponent below 1e-4 and from 1e16 on.
pub(crate) fn write_number(out: &mut String, text: &str) {
    // The value is 0.DIGITS times ten to the power of `point`.
    let mut digits = String::new();
    let mut point = 0_i64;
    let mut negative = false;
    let mut fraction = false;
    let mut rest = text.as_bytes();
    while let [byte, more @ ..] = rest {
        rest = more;
        match byte {
            b'-' => negative = true,
            b'.' => fraction = true,
            b'e' | b'E' => {
                point = point.saturating_add(exponent(rest));
                break;
            }
            // Zeros before the first digit that counts.
            b'0' if digits.is_empty() => point = point.saturating_sub(i64::from(fraction)),
            digit => {
                digits.push(char::from(*digit));
                point = point.saturating_add(i64::from(!fraction));
            }
        }
    }
    while digits.as_bytes().last() == Some(&b'0') {
        digits.truncate(digits.len().saturating_sub(1));
    }
    if digits.is_empty() {
        out.push('0');
        return;
    }
    if negative {
        out.push('-');
    }
    let (mut whole, mut power) = (point, None);
    if !(-3..=16).contains(&point) {
        (whole, power) = (1, Some(point.saturating_sub(1)));
    }
    if whole < 1 {
        out.push_str("0.");
        for _ in whole..0 {
            out.push('0');
        }
    }
    let mut place = 0_i64;
    for digit in digits.bytes() {
        if place == whole && place > 0 {
            out.push('.');
        }
        out.push(char::from(digit));
        place = place.saturating_add(1);
    }
    for _ in place..whole {
        out.push('0');
    }
    if point == 16 && place <= point && digits.as_str() >= EXACT {
        out.push_str(".0");
    }
    if let Some(power) = power {
        out.push_str(if power < 0 { "e-" } else { "e+" });
        let power = power.unsigned_abs();
        if power < 10 {
            out.push('0');
        }
        out.push_str(&decimal(power));
    }
}

/// The exponent of a number, behind its `e`. One that no double has is as far off as this can tell.
fn exponent(text: &[u8]) -> i64 {
    const FAR: i64 = 1 << 56;
    let mut exponent = 0_i64;
    for byte in text {
        if let b'0'..=b'9' = byte
            && exponent < FAR
        {
            exponent = exponent.wrapping_mul(10).wrapping_add(i64::from(byte & 15));
        }
    }
    if text.first() == Some(&b'-') {
        exponent.saturating_neg()
    } else {
        exponent
    }
}

/// The shortest digits that read back as this double, nearest first and even among equally near: `1.5e-7`.
///
/// Rust rounds up where two shortest texts are equally near, Python and JavaScript take the even one:
/// 815650459643785.25 is `815650459643785.3` to the first and `815650459643785.2` to the others.
fn shortest(value: f64) -> String {
    let text = format!("{value:e}");
    let digits = text.bytes().filter(u8::is_ascii_digit);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    // Decimals of 15 digits differ as doubles, so where two are equally near they have 15 or more
    // and the double itself one more: at most 18.
    let places = mantissa.len().saturating_sub(2);
    if digits.count() < 15 || !ends_in_half(value, places) {
        return text;
    }
    let even = format!("{}e{exponent}", down_to_even(mantissa));
    if even.parse() == Ok(value) {
        even
    } else {
        text
    }
}

/// Whether the exact decimal expansion of a double has one digit more than `places` behind the point, a 5.
fn ends_in_half(value: f64, places: usize) -> bool {
    /// No double has more digits than these behind the point of its scientific form.
    const ALL: usize = 766;
    let ends = |precision: usize| {
        let text = format!("{value:.precision$e}");
        let digits = text.split('e').next().unwrap_or("");
        // The first digit and the point come before the places.
        let tail = digits.get(places.saturating_add(2)..).unwrap_or("");
        tail.strip_prefix('5')
            .is_some_and(|zeros| zeros.bytes().all(|zero| zero == b'0'))
    };
    ends(17) && ends(ALL)
}

/// A mantissa that was rounded up to an odd digit, one less in its last place.
fn down_to_even(mantissa: &str) -> String {
    let mut even = mantissa.to_owned();
    if let Some(digit @ ('1' | '3' | '5' | '7' | '9')) = even.pop() {
        even.push(char::from_u32(u32::from(digit).saturating_sub(1)).unwrap_or(digit));
        even
    } else {
        mantissa.to_owned()
    }
}
