//! Numbers as Python's `json.dumps` writes them, from the double that a JavaScript number is.
//!
//! Two steps: the shortest digits that name the double, then Python's way to set them. A text that
//! `JSON.stringify` wrote has taken the first step already, and its host does without the code of it.

use std::borrow::Cow;
use std::fmt::Write as _;

/// 2⁵³: below it every integer is exact, and is written as digits.
const EXACT: &str = "9007199254740992";

/// The shortest text of the double that a JSON number names; `None` where no double is that large.
pub(super) fn shorten(text: &str) -> Option<Cow<'_, str>> {
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite())?;
    let sign = if value < 0.0 { "-" } else { "" };
    Some(format!("{sign}{}", shortest(value.abs())).into())
}

/// The text as it is, which is the shortest of its double.
#[allow(clippy::unnecessary_wraps, reason = "stands where `shorten` stands")]
pub(super) fn is_short(text: &str) -> Option<Cow<'_, str>> {
    Some(text.into())
}

/// Appends a number given by its shortest text: integers below 2⁵³ in magnitude as digits (`-0` as `0`), every
/// other as Python's `repr(float)`, with an exponent below 1e-4 and from 1e16 on.
pub(super) fn write_number(out: &mut String, text: &str) {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |t| (true, t));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let leading = length(&all).saturating_sub(length(digits));
    let digits = digits.trim_end_matches('0');
    // The value is 0.DIGITS times ten to this power.
    let point = exponent
        .saturating_add(length(whole))
        .saturating_sub(leading);
    if digits.is_empty() {
        out.push('0');
        return;
    }
    if negative {
        out.push('-');
    }
    if (1..=16).contains(&point) {
        let places = usize::try_from(point).unwrap_or(0);
        match digits.split_at_checked(places) {
            Some((whole, fraction)) if !fraction.is_empty() => {
                let _ = write!(out, "{whole}.{fraction}");
            }
            _ => {
                out.push_str(digits);
                zeros(out, point.saturating_sub(length(digits)));
                if places == EXACT.len() && digits >= EXACT {
                    out.push_str(".0");
                }
            }
        }
    } else if (-3..=0).contains(&point) {
        out.push_str("0.");
        zeros(out, point.saturating_neg());
        out.push_str(digits);
    } else {
        let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
        let dot = if rest.is_empty() { "" } else { "." };
        let exponent = point.saturating_sub(1);
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(
            out,
            "{first}{dot}{rest}e{sign}{:02}",
            exponent.unsigned_abs()
        );
    }
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

fn zeros(out: &mut String, count: i64) {
    (0..count).for_each(|_| out.push('0'));
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
