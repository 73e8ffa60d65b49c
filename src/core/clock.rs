//! Where time comes from: a trait at the façade, a plain `now` everywhere below it.
//!
//! The façade reads a clock once per operation, before it borrows anything, so a clock may
//! call back into the cache. [`ManualClock`] ships with the crate because users test with it too.

use super::time::Timestamp;
use std::cell::Cell;
use std::rc::Rc;

/// Something that knows the time, in milliseconds.
///
/// A reading that is not finite is ignored by the cache: it goes on with the last good one.
pub trait Clock {
    /// Milliseconds since an origin of the clock's choice.
    fn now(&self) -> f64;
}

/// A clock that moves only when told to. Clones share one time.
///
/// ```
/// use endpoint_cache::core::clock::{Clock, ManualClock};
/// let clock = ManualClock::at(1_000.0);
/// clock.advance(250.0);
/// assert_eq!(clock.now(), 1_250.0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Rc<Cell<f64>>);

impl ManualClock {
    /// A clock that reads `ms`.
    pub fn at(ms: f64) -> Self {
        ManualClock(Rc::new(Cell::new(ms)))
    }

    /// Moves the clock by `ms`, backwards if negative.
    pub fn advance(&self, ms: f64) {
        self.0.set(self.0.get() + ms);
    }

    /// Sets the clock, to anything: tests set NaN.
    pub fn set(&self, ms: f64) {
        self.0.set(ms);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> f64 {
        self.0.get()
    }
}

impl<F: Fn() -> f64> Clock for F {
    fn now(&self) -> f64 {
        self()
    }
}

/// Turns readings into times that never run backwards.
///
/// A step back freezes time until the clock catches up: nothing is resurrected and no age is negative.
#[derive(Clone, Debug)]
pub struct Monotone {
    latest: Timestamp,
    errors: u64,
}

impl Default for Monotone {
    fn default() -> Self {
        Monotone {
            latest: Timestamp::MIN,
            errors: 0,
        }
    }
}

impl Monotone {
    /// The time to use for a reading of `ms`.
    pub fn read(&mut self, ms: f64) -> Timestamp {
        match Timestamp::from_millis(ms) {
            Some(now) => self.latest = self.latest.max(now),
            None => {
                self.errors = self.errors.saturating_add(1);
                if self.latest == Timestamp::MIN {
                    return Timestamp::default();
                }
            }
        }
        self.latest
    }

    /// The latest time read; 0 before the first.
    pub fn latest(&self) -> Timestamp {
        if self.latest == Timestamp::MIN {
            Timestamp::default()
        } else {
            self.latest
        }
    }

    /// How many readings were not finite numbers.
    pub fn errors(&self) -> u64 {
        self.errors
    }
}
