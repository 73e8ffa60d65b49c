//! Matching texts, single characters and runs: what globs mean, and what most regular expressions mean too.
//!
//! A pattern is cut at its runs into chunks of fixed length. Each chunk takes the leftmost place that is left,
//! which is right because a chunk cannot stretch; so there is no recursion and nothing is tried twice. A chunk that is one long
//! text is searched in linear time whatever the text is.
//! Rejected: the textbook backtracking matcher, quadratic in the key for every star.

mod long_text;

use self::long_text::LongText;

/// Whether a pattern is bound to an end of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It starts, or stops, where the key does.
    Bound,
    /// It may start, or stop, anywhere.
    Open,
}

/// A pattern of fixed chunks between runs, read from its start to its end.
#[derive(Clone, Debug)]
pub(crate) struct Glob {
    start: End,
    end: End,
    chunks: Vec<Chunk>,
    /// Fewer characters than this never match.
    least: usize,
    /// What comes next follows a run.
    after_run: bool,
    /// A run reaches from a bound end, where it matters what it matches.
    bound_run: bool,
}

/// Texts and single characters in a row; never empty.
#[derive(Clone, Debug, Default)]
struct Chunk {
    parts: Vec<Part>,
    characters: usize,
    /// Where the chunk is one long text.
    long: Option<LongText>,
}

#[derive(Clone, Debug)]
enum Part {
    /// These characters.
    Text(String),
    /// Any one character.
    One,
}

impl Chunk {
    /// What is left of `key` behind this chunk, if the chunk is at its very start.
    #[inline(never)]
    fn strip<'k>(&self, key: &'k str) -> Option<&'k str> {
        let mut rest = key;
        for part in &self.parts {
            rest = match part {
                Part::Text(text) => rest.strip_prefix(text.as_str())?,
                Part::One => behind_first(rest)?,
            };
        }
        Some(rest)
    }

    /// What is left of `key` behind the first place where this chunk is.
    #[inline(never)]
    fn find<'k>(&self, key: &'k str) -> Option<&'k str> {
        if let Some(long) = &self.long {
            return long.find(key);
        }
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
        if let [Part::Text(text)] = self.parts.as_slice() {
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

/// What follows the first character.
#[inline(never)]
fn behind_first(text: &str) -> Option<&str> {
    let mut characters = text.chars();
    characters.next()?;
    Some(characters.as_str())
}

impl Glob {
    /// A pattern that holds nothing yet.
    pub(crate) fn new(start: End) -> Self {
        Self {
            start,
            end: End::Open,
            chunks: Vec::new(),
            least: 0,
            after_run: false,
            bound_run: false,
        }
    }

    /// Adds a character that matches itself.
    #[inline(never)]
    pub(crate) fn push_char(&mut self, c: char) {
        let Some(chunk) = self.grown() else {
            return;
        };
        if let Some(Part::Text(text)) = chunk.parts.last_mut() {
            text.push(c);
        } else {
            let mut text = String::new();
            text.push(c);
            chunk.parts.push(Part::Text(text));
        }
    }

    /// Adds any one character.
    #[inline(never)]
    pub(crate) fn push_one(&mut self) {
        if let Some(chunk) = self.grown() {
            chunk.parts.push(Part::One);
        }
    }

    /// Adds any characters, or none. At an end of the pattern that is the same as no bound there.
    pub(crate) fn push_run(&mut self) {
        if self.chunks.is_empty() {
            self.bound_run |= self.start == End::Bound;
            self.start = End::Open;
        }
        self.after_run = true;
    }

    /// The pattern as read, where it stops.
    pub(crate) fn ended(mut self, end: End) -> Self {
        self.bound_run |= self.after_run && end == End::Bound;
        self.end = if self.after_run { End::Open } else { end };
        for chunk in &mut self.chunks {
            if let [Part::Text(text)] = chunk.parts.as_slice() {
                chunk.long = LongText::of(text);
            }
        }
        self
    }

    /// The chunk that the next part belongs to, with one character more.
    #[inline(never)]
    fn grown(&mut self) -> Option<&mut Chunk> {
        if self.after_run || self.chunks.is_empty() {
            self.after_run = false;
            self.chunks.push(Chunk::default());
        }
        self.least = self.least.saturating_add(1);
        let chunk = self.chunks.last_mut()?;
        chunk.characters = chunk.characters.saturating_add(1);
        Some(chunk)
    }

    pub(crate) fn start(&self) -> End {
        self.start
    }

    pub(crate) fn end(&self) -> End {
        self.end
    }

    /// The texts that a matching key holds, in this order and without overlap.
    pub(crate) fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for chunk in &self.chunks {
            for part in &chunk.parts {
                if let Part::Text(text) = part {
                    texts.push(text.clone());
                }
            }
        }
        texts
    }

    /// Whether the first chunk starts with a text.
    pub(crate) fn starts_with_text(&self) -> bool {
        let first = self.chunks.first().and_then(|chunk| chunk.parts.first());
        matches!(first, Some(Part::Text(_)))
    }

    /// Whether the last chunk stops with a text.
    pub(crate) fn ends_with_text(&self) -> bool {
        let last = self.chunks.last().and_then(|chunk| chunk.parts.last());
        matches!(last, Some(Part::Text(_)))
    }

    /// Whether only texts and runs occur.
    pub(crate) fn is_texts_only(&self) -> bool {
        for chunk in &self.chunks {
            let [Part::Text(_)] = chunk.parts.as_slice() else {
                return false;
            };
        }
        true
    }

    /// Whether each chunk is quickly looked for in any key: it is at a bound end, is one text, or is short.
    ///
    /// A chunk of texts and single characters is compared at every place, at some nanoseconds a character: with eight of
    /// them and 1,024 places that is about 20 µs.
    pub(crate) fn is_quick(&self) -> bool {
        let last = self.chunks.len().saturating_sub(1);
        for (at, chunk) in self.chunks.iter().enumerate() {
            let bound =
                (at == 0 && self.start == End::Bound) || (at == last && self.end == End::Bound);
            if !bound && chunk.parts.len() > 1 && chunk.characters > 8 {
                return false;
            }
        }
        true
    }

    /// Whether there is no single character and no run that matters, so that a line feed is like any other character.
    pub(crate) fn is_one_text(&self) -> bool {
        self.chunks.len() < 2 && self.is_texts_only() && !self.bound_run
    }

    pub(crate) fn matches(&self, key: &str) -> bool {
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
