//! Texts eight bytes at a time: compared, hashed, and searched for colons.
//!
//! Each `set` does all three with its key. Compiled for size, as the module is, the standard library's own ways go byte by
//! byte, or are several calls for each byte.

/// A text as words, of which the last two overlap where its length is no multiple of eight. Texts of the same length and the
/// same words are the same.
#[inline(always)]
pub(crate) fn split(text: &[u8]) -> (&[[u8; 8]], u64) {
    let (words, _) = text.as_chunks::<8>();
    let last = match text.last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last),
        None => short(text),
    };
    (words, last)
}

/// Fewer than eight bytes as one word.
#[inline(always)]
fn short(text: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
    }
    let mut word = 0;
    for byte in text {
        word = word << 8 | u64::from(*byte);
    }
    word
}

/// Whether two texts are the same.
#[inline(always)]
pub(crate) fn is_same(a: &str, b: &str) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let (words, last) = split(a.as_bytes());
    let (others, other) = split(b.as_bytes());
    let mut at = 0_usize;
    while let (Some(word), Some(other)) = (words.get(at), others.get(at)) {
        if u64::from_le_bytes(*word) != u64::from_le_bytes(*other) {
            return false;
        }
        at = at.wrapping_add(1);
    }
    last == other
}

/// The highest bit of each byte that is a colon, of a word of eight.
#[inline(always)]
fn colons(word: &[u8; 8]) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let others = u64::from_le_bytes(*word) ^ 0x3a3a_3a3a_3a3a_3a3a;
    !((others & LOW).wrapping_add(LOW) | others | LOW)
}

/// Where the first `:` is.
#[inline(always)]
pub(crate) fn first_colon(text: &[u8]) -> Option<usize> {
    let (words, rest) = text.as_chunks::<8>();
    let mut start = 0_usize;
    for word in words {
        let found = colons(word);
        if found != 0 {
            return Some(start.wrapping_add(found.trailing_zeros() as usize / 8));
        }
        start = start.wrapping_add(8);
    }
    for byte in rest {
        if *byte == b':' {
            return Some(start);
        }
        start = start.wrapping_add(1);
    }
    None
}

/// Where the last `:` is.
#[inline(always)]
pub(crate) fn last_colon(text: &[u8]) -> Option<usize> {
    let (rest, words) = text.as_rchunks::<8>();
    let mut end = text.len();
    for word in words.iter().rev() {
        let found = colons(word);
        if found != 0 {
            let behind = found.leading_zeros() as usize / 8;
            return end.checked_sub(behind)?.checked_sub(1);
        }
        end = end.saturating_sub(8);
    }
    for byte in rest.iter().rev() {
        end = end.saturating_sub(1);
        if *byte == b':' {
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of every length up to forty with colons, and what differs from one by its highest bit or by one, here and there.
    fn texts() -> impl Iterator<Item = Vec<u8>> {
        let mut state = 7_u32;
        (0..40_000).map(move |number| {
            let mut text = Vec::new();
            for _ in 0..number % 41 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                text.push([b':', b';', b'9', 0xba, 0, 0xff, b'a', b'b'][(state >> 29) as usize]);
            }
            text
        })
    }

    #[test]
    fn colons_are_found_where_a_plain_search_finds_them() {
        for text in texts() {
            let is = |byte: &u8| *byte == b':';
            assert_eq!(first_colon(&text), text.iter().position(is), "{text:?}");
            assert_eq!(last_colon(&text), text.iter().rposition(is), "{text:?}");
        }
    }

    #[test]
    fn texts_are_the_same_if_every_byte_is() {
        for length in 0..40 {
            let text = "abcdefgh".repeat(5)[..length].to_owned();
            assert!(is_same(&text, &text.clone()));
            assert!(!is_same(&text, &format!("{text}a")));
            for at in 0..length {
                let mut other = text.clone();
                other.replace_range(at..=at, "Z");
                assert!(!is_same(&text, &other), "{other}");
            }
        }
    }
}
