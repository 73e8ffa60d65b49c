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
        Self::of_bytes(text.as_bytes())
    }

    /// Hashes a text given by its bytes.
    pub fn of_bytes(text: &[u8]) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// The first 16 hex digits, as keys show them.
    pub fn short_hex(&self) -> String {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        hex(&[a, b, c, d, e, f, g, h])
    }

    /// The same digits as ASCII, without an allocation.
    pub fn short_digits(&self) -> [u8; 16] {
        let mut digits = [0; 16];
        let mut bytes = self.0.iter();
        for pair in digits.chunks_exact_mut(2) {
            let byte = bytes.next().copied().unwrap_or_default();
            if let [high, low] = pair {
                *high = digit(byte >> 4) as u8;
                *low = digit(byte & 15) as u8;
            }
        }
        digits
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
