//! How a value is stored, and how a read is answered.

use crate::core::engine::Write;
use crate::core::time::Ttl;

/// How a value is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct PutOptions {
    /// Its times, size and identity.
    pub write: Write,
    /// Its tags, in any order.
    pub tags: Vec<String>,
}

impl PutOptions {
    /// Fresh for `ttl`, without tags.
    pub fn fresh_for(ttl: Ttl) -> Self {
        PutOptions {
            write: Write::fresh_for(ttl),
            tags: Vec::new(),
        }
    }
}

/// Tags sorted and without duplicates, as groups are named by them.
pub(super) fn sorted_tags(tags: Vec<String>) -> Vec<String> {
    if tags.len() < 2 {
        return tags;
    }
    let mut ordered = Vec::with_capacity(tags.len());
    for tag in tags {
        if let Err(at) = ordered.binary_search(&tag) {
            ordered.insert(at, tag);
        }
    }
    ordered
}

/// How a read is answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadOptions {
    /// Tags known before the load.
    pub tags: Vec<String>,
    /// SHA-256 of the request, where there is one.
    pub digest: Option<[u8; 32]>,
    /// Milliseconds past its deadline for which a value is served while a load replaces it.
    pub stale_while_revalidate: f64,
    /// Milliseconds past its deadline for which a value replaces that of a failing load.
    pub stale_if_error: f64,
    /// The share of its time to live after which a hit starts a load ahead of time; `None` is never.
    pub eager_refresh: Option<f64>,
    /// Milliseconds that the next load waits where this one brings nothing and a stale value stays.
    pub retry_backoff: f64,
    /// True for a caller that must not wait for another's load.
    pub alone: bool,
}
