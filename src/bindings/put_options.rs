//! How a value is stored: its time to live, with jitter, and the time past that for which it is of use.

use super::service::CacheService;
use crate::core::engine::Write;
use crate::core::time::Ttl;

/// A count of bytes as the engine keeps it: none below 0, and the largest it can hold beyond that.
fn whole(bytes: f64) -> u32 {
    bytes as u32
}

impl CacheService {
    /// How a value is stored that is of use for a time past its own, jitter applied; `None` where that is no time to live.
    #[inline(never)]
    pub(super) fn write(&self, jitter: f64, window: f64, ttl_ms: f64, bytes: f64) -> Option<Write> {
        let mut ttl = Ttl::whole(ttl_ms).or_else(|| Ttl::from_millis(ttl_ms).ok())?;
        if jitter > 0.0 {
            ttl = ttl.scaled(1.0 - jitter * self.random());
        }
        Some(Write {
            ttl,
            window,
            bytes: whole(bytes),
            digest: None,
        })
    }

    /// The next number of the seeded generator, from 0 up to 1 (SplitMix64).
    fn random(&self) -> f64 {
        let state = self
            .random
            .get()
            .unwrap_or_else(|| self.cache.host_store().draw_seed() as u64);
        let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(Some(state));
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
