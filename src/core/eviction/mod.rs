//! Which entry is removed when space is needed, and which ones have expired.

pub(super) mod expiry;
mod ghost;
pub(super) mod s3_fifo;
