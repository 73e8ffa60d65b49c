//! The TTLs by kind of endpoint: `CACHE_TTL_CONFIG`.

use super::classify::{TtlKind, ttl_kind};
use std::fmt;

/// TTLs in seconds by kind: `CACHE_TTL_CONFIG`.
#[derive(Clone, Debug, PartialEq)]
pub struct TtlTable([f64; TtlKind::ALL.len()]);

impl Default for TtlTable {
    fn default() -> Self {
        Self::new()
    }
}

impl TtlTable {
    /// The table with its defaults; in the order of [`TtlKind::ALL`].
    pub const fn new() -> Self {
        Self([
            TtlKind::Metadata.default_seconds(),
            TtlKind::List.default_seconds(),
            TtlKind::Status.default_seconds(),
            TtlKind::Get.default_seconds(),
            TtlKind::Search.default_seconds(),
            TtlKind::Analyze.default_seconds(),
            TtlKind::Schema.default_seconds(),
            TtlKind::Config.default_seconds(),
            TtlKind::HealthCheck.default_seconds(),
            TtlKind::Metrics.default_seconds(),
        ])
    }

    /// The TTL of a kind, in seconds; `0` and infinity never expire.
    pub fn get(&self, kind: TtlKind) -> f64 {
        self.0
            .get(kind as usize)
            .copied()
            .unwrap_or_else(|| kind.default_seconds())
    }

    /// Changes the TTL of a kind. Refuses what is no number of seconds (NaN, negative) and then changes nothing.
    pub fn set(&mut self, kind: TtlKind, seconds: f64) -> Result<(), TtlTableError> {
        if seconds.is_nan() || seconds < 0.0 {
            return Err(TtlTableError { kind, seconds });
        }
        if let Some(slot) = self.0.get_mut(kind as usize) {
            *slot = seconds;
        }
        Ok(())
    }

    /// The TTL of an endpoint by its name, in seconds.
    pub fn for_endpoint(&self, endpoint: &str) -> f64 {
        self.get(ttl_kind(endpoint))
    }
}

/// Why a TTL was not taken into the table.
#[derive(Clone, Debug, PartialEq)]
pub struct TtlTableError {
    kind: TtlKind,
    seconds: f64,
}

impl TtlTableError {
    /// `ERR_TTL`.
    pub fn code(&self) -> &'static str {
        "ERR_TTL"
    }
}

impl fmt::Display for TtlTableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the TTL of {:?} is {}; expected seconds of 0 or more, where 0 and Infinity never expire",
            self.kind.name(),
            self.seconds
        )
    }
}

impl std::error::Error for TtlTableError {}
