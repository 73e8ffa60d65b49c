//! Matching texts, single characters and runs: what globs mean, and what most regular expressions mean too.
//!
//! A pattern is cut at its runs into chunks of fixed length. Each chunk takes the leftmost place that is left,
//! which is right because a chunk cannot stretch; so there is no recursion and nothing is tried twice.
//! Rejected: the textbook backtracking matcher, quadratic in the key for every star.

/// One element of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// These characters.
    Text(String),
    /// Any one character.
    One,
    /// Any characters, or none.
    Run,
}

/// Adds a character to a list of tokens.
#[inline(never)]
pub(super) fn push_char(tokens: &mut Vec<Token>, c: char) {
    if let Some(Token::Text(text)) = tokens.last_mut() {
        text.push(c);
    } else {
        let mut text = String::new();
        text.push(c);
        tokens.push(Token::Text(text));
    }
}

/// Whether a pattern is bound to an end of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It starts, or stops, where the key does.
    Bound,
    /// It may start, or stop, anywhere.
    Open,
}

/// A pattern of fixed chunks between runs.
#[derive(Clone, Debug)]
pub(super) struct Wild {
    start: End,
    end: End,
    chunks: Vec<Chunk>,
    /// Fewer characters than this never match.
    least: usize,
}

/// Texts and single characters in a row; never empty in a pattern.
#[derive(Clone, Debug, Default)]
struct Chunk {
    parts: Vec<Token>,
    characters: usize,
}

impl Chunk {
    fn push(&mut self, part: Token) {
        let characters = match &part {
            Token::Text(text) => text.chars().count(),
            Token::One | Token::Run => 1,
        };
        self.parts.push(part);
        self.characters = self.characters.saturating_add(characters);
    }

    /// What is left of `key` behind this chunk, if the chunk stands at its very start.
    #[inline(never)]
    fn strip<'k>(&self, key: &'k str) -> Option<&'k str> {
        let mut rest = key;
        for part in &self.parts {
            rest = match part {
                Token::Text(text) => rest.strip_prefix(text.as_str())?,
                Token::One | Token::Run => behind_first(rest)?,
            };
        }
        Some(rest)
    }

    /// What is left of `key` behind the first place where this chunk stands.
    #[inline(never)]
    fn find<'k>(&self, key: &'k str) -> Option<&'k str> {
        let mut rest = key;
        loop {
            if let Some(after) = self.strip(rest) {
                return Some(after);
            }
            rest = behind_first(rest)?;
        }
    }

    /// Whether `key` stops with this chunk.
    #[inline(never)]
    fn ends(&self, key: &str) -> bool {
        if let [Token::Text(text)] = self.parts.as_slice() {
            return key.ends_with(text.as_str());
        }
        let mut place = key.len();
        for _ in 0..self.characters {
            loop {
                let Some(before) = place.checked_sub(1) else {
                    return false;
                };
                place = before;
                if key.is_char_boundary(place) {
                    break;
                }
            }
        }
        let tail = key.get(place..).unwrap_or_default();
        self.strip(tail).is_some_and(str::is_empty)
    }
}

/// What stands behind the first character.
#[inline(never)]
fn behind_first(text: &str) -> Option<&str> {
    let mut characters = text.chars();
    characters.next()?;
    Some(characters.as_str())
}

impl Wild {
    pub(super) fn new(start: End, tokens: Vec<Token>, end: End) -> Self {
        // A run at an end of the pattern is the same as no bound there.
        let open_start = start == End::Open || tokens.first() == Some(&Token::Run);
        let open_end = end == End::Open || tokens.last() == Some(&Token::Run);
        let mut chunks: Vec<Chunk> = Vec::new();
        let mut least = 0_usize;
        let mut after_run = true;
        for token in tokens {
            if token == Token::Run {
                after_run = true;
                continue;
            }
            if after_run {
                chunks.push(Chunk::default());
                after_run = false;
            }
            if let Some(chunk) = chunks.last_mut() {
                chunk.push(token);
            }
        }
        for chunk in &chunks {
            least = least.saturating_add(chunk.characters);
        }
        Self {
            start: if open_start { End::Open } else { End::Bound },
            end: if open_end { End::Open } else { End::Bound },
            chunks,
            least,
        }
    }

    pub(super) fn start(&self) -> End {
        self.start
    }

    pub(super) fn end(&self) -> End {
        self.end
    }

    /// The texts that a matching key holds, in this order and without overlap.
    pub(super) fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for chunk in &self.chunks {
            for part in &chunk.parts {
                if let Token::Text(text) = part {
                    texts.push(text.clone());
                }
            }
        }
        texts
    }

    /// Whether the first chunk starts with a text.
    pub(super) fn starts_with_text(&self) -> bool {
        let first = self.chunks.first().and_then(|chunk| chunk.parts.first());
        matches!(first, Some(Token::Text(_)))
    }

    /// Whether the last chunk stops with a text.
    pub(super) fn ends_with_text(&self) -> bool {
        let last = self.chunks.last().and_then(|chunk| chunk.parts.last());
        matches!(last, Some(Token::Text(_)))
    }

    /// Whether only texts and runs occur.
    pub(super) fn is_texts_only(&self) -> bool {
        for chunk in &self.chunks {
            let [Token::Text(_)] = chunk.parts.as_slice() else {
                return false;
            };
        }
        true
    }

    /// An upper bound on the steps that one byte of a key costs.
    pub(super) fn cost_per_byte(&self) -> u32 {
        let mut longest = 0_usize;
        for chunk in &self.chunks {
            longest = longest.max(chunk.characters);
        }
        u32::try_from(longest.saturating_add(1)).unwrap_or(u32::MAX)
    }

    pub(super) fn matches(&self, key: &str) -> bool {
        let (first, middle, last) = match self.chunks.as_slice() {
            [] => return self.start == End::Open || self.end == End::Open || key.is_empty(),
            [only] => {
                return match (self.start, self.end) {
                    (End::Bound, End::Bound) => only.strip(key).is_some_and(str::is_empty),
                    (End::Bound, End::Open) => only.strip(key).is_some(),
                    (End::Open, End::Bound) => only.ends(key),
                    (End::Open, End::Open) => self.fits(key) && only.find(key).is_some(),
                };
            }
            [first, middle @ .., last] => (first, middle, last),
        };
        if !self.fits(key) {
            return false;
        }
        let after_first = match self.start {
            End::Bound => first.strip(key),
            End::Open => first.find(key),
        };
        let Some(mut rest) = after_first else {
            return false;
        };
        for chunk in middle {
            let Some(after) = chunk.find(rest) else {
                return false;
            };
            rest = after;
        }
        match self.end {
            End::Bound => last.ends(rest),
            End::Open => last.find(rest).is_some(),
        }
    }

    /// Whether the key is long enough; keeps a long chunk from being tried at every place of a short key.
    fn fits(&self, key: &str) -> bool {
        key.len() >= self.least && (key.is_ascii() || key.chars().count() >= self.least)
    }
}
