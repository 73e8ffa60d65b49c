//! SHA-256 over the canonical text: 64 bits of it name an entry, all 256 identify its params.

use sha2::{Digest as _, Sha256};
use std::fmt;

/// The SHA-256 of a canonical text.
///
/// A key shows the first 64 bits. That is a name, not an identity: a collision costs about 2³² hashes,
/// so whoever serves an entry for params compares the whole digest.
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
        self.short_digits().map(char::from).iter().collect()
    }

    /// The same digits as ASCII, without an allocation.
    pub fn short_digits(&self) -> [u8; 16] {
        let mut digits = [0; 16];
        for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(self.0) {
            *pair = [digit(byte >> 4) as u8, digit(byte & 15) as u8];
        }
        digits
    }

    /// All 64 hex digits.
    pub fn hex(&self) -> String {
        let mut text = String::with_capacity(64);
        for byte in self.0 {
            text.push(digit(byte >> 4));
            text.push(digit(byte & 15));
        }
        text
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

/// The lower-case hex digit of a value below 16.
pub(super) fn digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or('0')
}
