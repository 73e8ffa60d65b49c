//! Points and lengths of time, in milliseconds.
//!
//! Knows how long an entry lives and when that ends. Does not know what time it is: every
//! method of the core takes `now`, and [`clock`](super::clock) is the only module that reads one.
//!
//! ```
//! use endpoint_cache::core::time::{Timestamp, Ttl};
//! let stored = Timestamp::from_millis(1_000.0).ok_or("not finite")?;
//! assert_eq!(Ttl::parse("90s")?.deadline(stored), 91_000.0);
//! assert_eq!(Ttl::from_seconds(0.0)?, Ttl::FOREVER);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

/// A point in time, in milliseconds since whatever the host's clock counts from.
///
/// Always finite. `0` is an ordinary time; a clock that starts there is fine.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Timestamp(f64);

impl Timestamp {
    /// The earliest time there is.
    pub const MIN: Timestamp = Timestamp(f64::MIN);

    /// A timestamp of `ms` milliseconds, or `None` if that is not a finite number.
    pub fn from_millis(ms: f64) -> Option<Self> {
        ms.is_finite().then_some(Timestamp(ms))
    }

    /// Milliseconds since the clock's origin.
    pub fn as_millis(self) -> f64 {
        self.0
    }

    /// The later of the two.
    pub fn max(self, other: Self) -> Self {
        Timestamp(self.0.max(other.0))
    }

    /// Milliseconds from `earlier` to this time; never negative.
    pub fn since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0).max(0.0)
    }
}

/// How long an entry stays fresh: a positive number of milliseconds, or for ever.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Ttl(f64);

impl Ttl {
    /// Never expires.
    pub const FOREVER: Ttl = Ttl(f64::INFINITY);

    /// A time to live of `seconds`. `0` and infinity mean for ever; a negative number or NaN is an error.
    pub fn from_seconds(seconds: f64) -> Result<Self, TtlError> {
        if seconds.is_nan() || seconds < 0.0 {
            return Err(TtlError::OutOfRange(seconds));
        }
        if seconds == 0.0 || seconds.is_infinite() {
            return Ok(Ttl::FOREVER);
        }
        // Fractions are kept to the microsecond, so that 0.1 s is 100 ms and not 100.00000000000001.
        let ms = (seconds * 1e6).round() / 1e3;
        Ok(if ms.is_finite() {
            Ttl(ms)
        } else {
            Ttl::FOREVER
        })
    }

    /// A time to live of `ms` milliseconds, read as [`Ttl::from_seconds`] reads seconds.
    #[inline(always)]
    pub fn from_millis(ms: f64) -> Result<Self, TtlError> {
        Self::whole(ms).map_or_else(|| Self::from_seconds(ms / 1e3), Ok)
    }

    /// The same for a whole number of milliseconds, which most are: rounding would not change it.
    #[inline(always)]
    pub fn whole(ms: f64) -> Option<Self> {
        (ms >= 1.0 && ms.floor() == ms).then_some(Ttl(ms))
    }

    /// Reads `"250ms"`, `"90s"`, `"2m"`, `"1h"`, `"7d"`. A number without its unit is refused: it invites the mistake.
    pub fn parse(text: &str) -> Result<Self, TtlError> {
        let unreadable = || TtlError::Unreadable(text.to_owned());
        let body = text.trim();
        let split = body
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(body.len());
        let (digits, unit) = body.split_at_checked(split).ok_or_else(unreadable)?;
        let amount: f64 = digits.parse().map_err(|_| unreadable())?;
        let seconds = match unit.trim() {
            "ms" => amount / 1e3,
            "s" => amount,
            "m" => amount * 60.0,
            "h" => amount * 3_600.0,
            "d" => amount * 86_400.0,
            _ => return Err(unreadable()),
        };
        Self::from_seconds(seconds)
    }

    /// Milliseconds; infinite when the entry never expires.
    pub fn as_millis(self) -> f64 {
        self.0
    }

    /// Seconds; infinite when the entry never expires.
    pub fn as_seconds(self) -> f64 {
        self.0 / 1e3
    }

    /// The last moment at which something stored at `now` is still fresh.
    ///
    /// Alive *at* its deadline, expired after it. A sum too large for a number means never.
    pub fn deadline(self, now: Timestamp) -> f64 {
        now.0 + self.0
    }

    /// This time to live changed by a `share` of itself, as jitter does; never below a millisecond.
    pub fn scaled(self, factor: f64) -> Self {
        if factor.is_finite() && self.0.is_finite() {
            Ttl((self.0 * factor).max(1.0))
        } else {
            self
        }
    }
}

/// Why a time to live was refused.
#[derive(Clone, Debug, PartialEq)]
pub enum TtlError {
    /// A number, but a negative one or NaN.
    OutOfRange(f64),
    /// A string that is no number with a unit.
    Unreadable(String),
}

impl TtlError {
    /// A stable name for programs: `"ERR_TTL"`.
    pub fn code(&self) -> &'static str {
        "ERR_TTL"
    }
}

impl fmt::Display for TtlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TtlError::OutOfRange(given) => write!(
                f,
                "a ttl is a number of seconds, 0 or more (0 and Infinity never expire), not {given}"
            ),
            TtlError::Unreadable(given) => write!(
                f,
                "a ttl in words is a number and one of ms, s, m, h, d, such as \"90s\", not {given:?}"
            ),
        }
    }
}

impl std::error::Error for TtlError {}
