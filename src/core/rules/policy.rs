//! Staleness options as a rule or a call writes them: each present or absent.
//!
//! Durations are milliseconds, shares are fractions of the TTL between 0 and 1. This module merges
//! layers (call over rule over service); checking ranges is the task of the code that reads them.

use serde::Deserialize;

/// What a layer sets about freshness; `None` leaves the decision to the layer below.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PolicyOverrides {
    /// How long an entry is fresh, in milliseconds; `f64::INFINITY` never expires.
    pub ttl: Option<f64>,
    /// How long past its deadline an entry may be served while a load replaces it, in milliseconds.
    pub stale_while_revalidate: Option<f64>,
    /// How long past its deadline an entry may be served when a load fails, in milliseconds.
    pub stale_if_error: Option<f64>,
    /// How long a caller waits before a stale entry is served instead, in milliseconds.
    pub soft_timeout: Option<f64>,
    /// How long a caller waits for a load at all, in milliseconds.
    pub hard_timeout: Option<f64>,
    /// How far the TTL is shortened at random, as a share of it.
    pub jitter: Option<f64>,
    /// After which share of the TTL a hit starts a load ahead of time.
    pub eager_refresh: Option<f64>,
    /// How long an empty answer is fresh, in milliseconds.
    pub negative_ttl: Option<f64>,
    /// How long after a failed load the next one waits, in milliseconds.
    pub retry_backoff: Option<f64>,
}

impl PolicyOverrides {
    /// What `over` sets, and where it does not what `under` sets.
    #[must_use]
    pub fn merge(over: &Self, under: &Self) -> Self {
        Self {
            ttl: over.ttl.or(under.ttl),
            stale_while_revalidate: over.stale_while_revalidate.or(under.stale_while_revalidate),
            stale_if_error: over.stale_if_error.or(under.stale_if_error),
            soft_timeout: over.soft_timeout.or(under.soft_timeout),
            hard_timeout: over.hard_timeout.or(under.hard_timeout),
            jitter: over.jitter.or(under.jitter),
            eager_refresh: over.eager_refresh.or(under.eager_refresh),
            negative_ttl: over.negative_ttl.or(under.negative_ttl),
            retry_backoff: over.retry_backoff.or(under.retry_backoff),
        }
    }
}
