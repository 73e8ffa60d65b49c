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
    // Both languages print the shortest digits, nearest first; only the layout differs.
    let scientific = format!("{:e}", value.abs());
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
