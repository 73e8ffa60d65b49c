//! Numbers as Python's `json.dumps` writes them, from the double that a JavaScript number is.

use std::fmt::Write as _;

/// 2⁵³: below it every integer is exact, and is written as digits.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Appends a finite number: integers below 2⁵³ in magnitude as digits (`-0` as `0`), every other as Python's `repr(float)`.
pub(super) fn write_number(out: &mut String, value: f64) {
    if value.fract() == 0.0 && value.abs() < EXACT {
        // Below 2^53 the conversion is exact, and -0.0 becomes 0.
        #[allow(clippy::cast_possible_truncation)]
        let _ = write!(out, "{}", value as i64);
    } else {
        write_repr(out, value);
    }
}

/// Appends Python's `repr(float)` of a finite number that is not zero: the shortest digits that read
/// back as the same double, with an exponent below 1e-4 and from 1e16 on.
fn write_repr(out: &mut String, value: f64) {
    if value < 0.0 {
        out.push('-');
    }
    let scientific = shortest(value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (first, rest) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let places = usize::try_from(exponent.unsigned_abs()).unwrap_or(0);
    if (-4..0).contains(&exponent) {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', places.saturating_sub(1)));
        out.push_str(first);
        out.push_str(rest);
    } else if (0..16).contains(&exponent) {
        out.push_str(first);
        match rest.split_at_checked(places) {
            Some((whole, fraction)) if !fraction.is_empty() => {
                let _ = write!(out, "{whole}.{fraction}");
            }
            _ => {
                out.push_str(rest);
                out.extend(std::iter::repeat_n('0', places.saturating_sub(rest.len())));
                out.push_str(".0");
            }
        }
    } else {
        out.push_str(mantissa);
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "e{sign}{places:02}");
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
