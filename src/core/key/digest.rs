//! SHA-256 over the canonical text: 64 bits of it name an entry, all 256 identify its params.

use crate::core::fmt_lite::digit;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The SHA-256 of a canonical text.
///
/// A key shows the first 64 bits. That is a name, not an identity: a collision costs about 2³² hashes,
/// so code that serves an entry for params compares the whole digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Hashes a text.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// The first 16 hex digits, as keys show them.
    pub fn short_hex(&self) -> String {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        hex(&[a, b, c, d, e, f, g, h])
    }

    /// All 64 hex digits.
    pub fn hex(&self) -> String {
        hex(&self.0)
    }
}

#[inline(never)]
fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}
