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
pub(super) fn push_char(tokens: &mut Vec<Token>, c: char) {
    if let Some(Token::Text(text)) = tokens.last_mut() {
        text.push(c);
    } else {
        tokens.push(Token::Text(c.to_string()));
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

/// Texts and single characters in a row; never empty.
#[derive(Clone, Debug, Default)]
struct Chunk {
    parts: Vec<Part>,
    characters: usize,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    One,
}

impl Chunk {
    fn push(&mut self, token: Token) {
        let (part, characters) = match token {
            Token::Text(text) => {
                let characters = text.chars().count();
                (Part::Text(text), characters)
            }
            Token::One | Token::Run => (Part::One, 1),
        };
        self.parts.push(part);
        self.characters = self.characters.saturating_add(characters);
    }

    /// The text, if the chunk is nothing else.
    fn text(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// What is left of `key` behind this chunk, if the chunk stands at its very start.
    fn strip<'k>(&self, key: &'k str) -> Option<&'k str> {
        let mut rest = key;
        for part in &self.parts {
            rest = match part {
                Part::Text(text) => rest.strip_prefix(text.as_str())?,
                Part::One => {
                    let mut characters = rest.chars();
                    characters.next()?;
                    characters.as_str()
                }
            };
        }
        Some(rest)
    }

    /// What is left of `key` behind the first place where this chunk stands.
    fn find<'k>(&self, key: &'k str) -> Option<&'k str> {
        let mut places = key.char_indices().map(|(at, _)| at);
        places.find_map(|at| self.strip(key.get(at..)?))
    }

    /// Whether `key` stops with this chunk.
    fn ends(&self, key: &str) -> bool {
        if let Some(text) = self.text() {
            return key.ends_with(text);
        }
        let mut places = key.char_indices().rev().map(|(at, _)| at);
        let place = places.nth(self.characters.saturating_sub(1));
        place
            .and_then(|at| key.get(at..))
            .and_then(|tail| self.strip(tail))
            .is_some_and(str::is_empty)
    }
}

impl Wild {
    pub(super) fn new(start: End, tokens: Vec<Token>, end: End) -> Self {
        // A run at an end of the pattern is the same as no bound there.
        let open_start = start == End::Open || tokens.first() == Some(&Token::Run);
        let open_end = end == End::Open || tokens.last() == Some(&Token::Run);
        let mut chunks = Vec::new();
        let mut chunk = Chunk::default();
        for token in tokens {
            if token == Token::Run {
                chunks.push(std::mem::take(&mut chunk));
            } else {
                chunk.push(token);
            }
        }
        chunks.push(chunk);
        chunks.retain(|chunk| !chunk.parts.is_empty());
        let least = chunks
            .iter()
            .fold(0_usize, |sum, chunk| sum.saturating_add(chunk.characters));
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
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let parts = self.chunks.iter().flat_map(|chunk| &chunk.parts);
        parts.filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::One => None,
        })
    }

    /// Whether the first chunk starts with a text.
    pub(super) fn starts_with_text(&self) -> bool {
        let first = self.chunks.first().and_then(|chunk| chunk.parts.first());
        matches!(first, Some(Part::Text(_)))
    }

    /// Whether the last chunk stops with a text.
    pub(super) fn ends_with_text(&self) -> bool {
        let last = self.chunks.last().and_then(|chunk| chunk.parts.last());
        matches!(last, Some(Part::Text(_)))
    }

    /// Whether only texts and runs occur.
    pub(super) fn is_texts_only(&self) -> bool {
        self.chunks.iter().all(|chunk| chunk.text().is_some())
    }

    /// An upper bound on the steps that one byte of a key costs.
    pub(super) fn cost_per_byte(&self) -> u32 {
        let longest = self.chunks.iter().map(|chunk| chunk.characters).max();
        let longest = longest.unwrap_or(0);
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
        let before_last = middle
            .iter()
            .try_fold(after_first, |rest, chunk| chunk.find(rest?).map(Some));
        match (before_last.flatten(), self.end) {
            (None, _) => false,
            (Some(rest), End::Bound) => last.ends(rest),
            (Some(rest), End::Open) => last.find(rest).is_some(),
        }
    }

    /// Whether the key is long enough; keeps a long chunk from being tried at every place of a short key.
    fn fits(&self, key: &str) -> bool {
        key.len() >= self.least && (key.is_ascii() || key.chars().count() >= self.least)
    }
}
