//! Seeded hashes of names: a caller who does not know the seed cannot choose names that collide.

use crate::core::bytes;

/// What hashes are mixed with: a caller who does not know it cannot choose names that collide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seed {
    low: u32,
    high: u32,
}

impl Seed {
    /// A seed of 64 bits; small numbers will do as well.
    pub(crate) fn new(seed: u64) -> Self {
        let spread = (seed ^ (seed >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Seed {
            low: spread as u32,
            high: (spread >> 32) as u32,
        }
    }

    /// Two numbers into two, by the halves of a product: each bit of the one depends on all of the other.
    #[inline(always)]
    fn mix(self, (a, b): (u32, u32)) -> (u32, u32) {
        let product = u64::from(a ^ self.low ^ 0x9e37_79b9)
            .wrapping_mul(u64::from(b ^ self.high ^ 0x85eb_ca6b));
        (product as u32, (product >> 32) as u32)
    }

    /// The hash of two numbers.
    #[inline(always)]
    pub(crate) fn of_pair(self, a: u32, b: u32) -> u32 {
        let (low, high) = self.mix(self.mix((a, b)));
        low ^ high
    }

    /// The hash of a text.
    pub(crate) fn of_text(self, text: &str) -> u32 {
        let (words, last) = bytes::split(text.as_bytes());
        let length = text.len() as u32;
        let mut state = (length, length);
        for word in words {
            state = self.mix_word(state, u64::from_le_bytes(*word));
        }
        let (low, high) = self.mix(self.mix_word(state, last));
        low ^ high
    }

    #[inline(always)]
    fn mix_word(self, (low, high): (u32, u32), word: u64) -> (u32, u32) {
        self.mix((low ^ word as u32, high ^ (word >> 32) as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_names_that_look_alike_differ_and_depend_on_the_seed() {
        let names: Vec<String> = (0..20_000)
            .map(|n| format!("u{n:05}"))
            .chain((0..99).map(|n| "\0".repeat(n)))
            .collect();
        for seed in [
            Seed::default(),
            Seed::new(1),
            Seed::new(u64::MAX),
            Seed::new(1 << 40),
        ] {
            let mut hashes: Vec<u32> = names.iter().map(|name| seed.of_text(name)).collect();
            assert_ne!(
                hashes,
                names
                    .iter()
                    .map(|name| Seed::new(9).of_text(name))
                    .collect::<Vec<_>>()
            );
            hashes.sort_unstable();
            hashes.dedup();
            // Of 20,000 random numbers of 32 bits about 0.05 are doubles.
            assert!(
                hashes.len() + 5 >= names.len(),
                "{} of {}",
                hashes.len(),
                names.len()
            );
        }
    }
}
