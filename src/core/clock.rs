//! Where time comes from: a trait at the façade, a plain `now` everywhere below it.
//!
//! The façade reads a clock once per operation, before it borrows anything, so a clock may
//! call back into the cache. [`ManualClock`] ships with the crate because users test with it too.
//!
//! Engine time is a reading and an offset, and never runs backwards. Only lengths of time are the same by
//! both: a moment is shown to people by what the clock read then.

use crate::core::time::Timestamp;
use std::cell::Cell;
use std::rc::Rc;

/// Something that knows the time, in milliseconds.
///
/// A reading that is not finite is ignored by the cache: it uses the last good one.
pub trait Clock {
    /// True where the readings are engine time already, because the host keeps the offset.
    const READS_ENGINE_TIME: bool = false;

    /// Milliseconds since an origin of the clock's choice.
    fn now(&self) -> f64;

    /// The same for an operation that changes what is held: never a reading that was made for others.
    fn now_to_write(&self) -> f64 {
        self.now()
    }

    /// What a host that keeps the offset read itself when it last gave the time.
    fn reading(&self) -> Option<f64> {
        None
    }
}

/// A clock that moves only by its methods. Clones share one time.
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

/// Milliseconds, 35,000 years, by which one reading moves time forward at most. A clock that is far off for one
/// reading must not leave time where milliseconds cannot be counted any more.
const LEAP: f64 = (1_u64 << 50) as f64;

/// The farthest from 0 that time starts.
const START: f64 = (1_u64 << 52) as f64;

/// Turns readings into times that never run backwards, and never stop while the clock runs.
///
/// A reading below the last one adds the difference to the offset: nothing is resurrected, no age is negative, and
/// what is held keeps the life that it has left.
#[derive(Clone, Debug)]
pub struct Monotone {
    latest: Timestamp,
    reading: f64,
    offset: f64,
    started: bool,
    errors: u64,
}

impl Default for Monotone {
    fn default() -> Self {
        Monotone {
            latest: Timestamp::default(),
            reading: 0.0,
            offset: 0.0,
            started: false,
            errors: 0,
        }
    }
}

impl Monotone {
    /// The time to use for a reading of `ms`.
    pub fn read(&mut self, ms: f64) -> Timestamp {
        if !ms.is_finite() {
            self.errors = self.errors.saturating_add(1);
            // The time was read, and 0 was given.
            self.started = true;
            return self.latest;
        }
        let latest = self.latest.as_millis();
        let flowing = ms + self.offset;
        let time = if !self.started {
            ms.clamp(-START, START)
        } else if flowing < latest {
            latest
        } else {
            flowing.min(latest + LEAP)
        };
        if time != flowing {
            self.offset = time - ms;
        }
        self.settle(ms, time)
    }

    /// The time to use for a host that keeps the offset itself: its reading is the time.
    pub fn accept(&mut self, ms: f64) -> Timestamp {
        if !ms.is_finite() {
            return self.read(ms);
        }
        let time = if self.started {
            self.latest.as_millis().max(ms)
        } else {
            ms
        };
        self.settle(ms, time)
    }

    fn settle(&mut self, reading: f64, time: f64) -> Timestamp {
        self.started = true;
        self.reading = reading;
        self.latest = Timestamp::from_millis(time).unwrap_or(self.latest);
        self.latest
    }

    /// The latest time; 0 before the first reading.
    pub fn latest(&self) -> Timestamp {
        self.latest
    }

    /// What the clock read then.
    pub fn reading(&self) -> f64 {
        self.reading
    }

    /// How many readings were not finite numbers.
    pub fn errors(&self) -> u64 {
        self.errors
    }
}
