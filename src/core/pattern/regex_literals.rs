//! The literal reading of a regular expression: plain texts, single characters and runs.
//!
//! Reads the top level of an expression that the engine has already accepted. What it does not know for
//! certain becomes a gap that any characters may fill, or ends the reading altogether: the result may
//! let through too much (then it is a filter and the engine decides), never too little.

use super::cursor::Cursor;
use super::glob::{End, Glob};

/// Plain reading of an expression.
pub(crate) struct GlobReading {
    pub(crate) glob: Glob,
    /// Whether it means the same as the expression for keys without line feeds.
    pub(crate) exact: bool,
}

/// Reads an accepted expression.
pub(crate) fn read(pattern: &str) -> GlobReading {
    let mut reader = GlobReader {
        rest: Cursor::new(pattern),
        glob: Glob::new(End::Open),
        end: End::Open,
        exact: true,
    };
    match reader.run() {
        Some(()) => GlobReading {
            glob: reader.glob.ended(reader.end),
            exact: reader.exact,
        },
        None => GlobReading {
            glob: Glob::new(End::Open),
            exact: false,
        },
    }
}

enum Atom {
    Char(char),
    Any,
    /// Something that takes unknown characters, or none.
    Unknown,
}

enum Repeat {
    Once,
    Star,
    Plus,
    Unknown,
}

struct GlobReader<'a> {
    rest: Cursor<'a>,
    glob: Glob,
    end: End,
    exact: bool,
}

impl GlobReader<'_> {
    /// `None` where the expression cannot be read at all.
    fn run(&mut self) -> Option<()> {
        let mut first = true;
        while let Some(c) = self.rest.next() {
            let atom = match c {
                '|' => return None,
                '.' => Atom::Any,
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.group()?,
                '^' if first && !self.repeats_next() => {
                    self.glob = Glob::new(End::Bound);
                    first = false;
                    continue;
                }
                '$' if self.rest.peek().is_none() => {
                    self.end = End::Bound;
                    continue;
                }
                '^' | '$' => Atom::Unknown,
                plain => Atom::Char(plain),
            };
            first = false;
            let repeat = self.repeat();
            self.add(&atom, &repeat);
        }
        Some(())
    }

    fn add(&mut self, atom: &Atom, repeat: &Repeat) {
        match (atom, repeat) {
            (Atom::Char(c), Repeat::Once) => self.glob.push_char(*c),
            (Atom::Any, Repeat::Once) => self.glob.push_one(),
            (Atom::Any, Repeat::Star) => self.glob.push_run(),
            (Atom::Any, Repeat::Plus) => {
                self.glob.push_one();
                self.glob.push_run();
            }
            _ => {
                self.exact = false;
                self.glob.push_run();
            }
        }
    }

    fn repeats_next(&self) -> bool {
        matches!(self.rest.peek(), Some('*' | '+' | '?' | '{'))
    }

    /// Takes the repetition behind an atom, lazy or not; several in a row are unknown.
    fn repeat(&mut self) -> Repeat {
        let repeat = match self.rest.peek() {
            Some('*') => Repeat::Star,
            Some('+') => Repeat::Plus,
            Some('?' | '{') => Repeat::Unknown,
            _ => return Repeat::Once,
        };
        self.skip_repeat();
        self.rest.eat('?');
        if !self.repeats_next() {
            return repeat;
        }
        while self.repeats_next() {
            self.skip_repeat();
        }
        Repeat::Unknown
    }

    fn skip_repeat(&mut self) {
        if self.rest.next() == Some('{') {
            while self.rest.next().is_some_and(|c| c != '}') {}
        }
    }

    fn escape(&mut self) -> Option<Atom> {
        match self.rest.next()? {
            // Word boundaries.
            '<' | '>' => Some(Atom::Unknown),
            c if c.is_ascii_punctuation() => Some(Atom::Char(c)),
            'd' | 'D' | 's' | 'S' | 'w' | 'W' | 'b' | 'B' | 'A' | 'z' | 'a' | 'f' | 'n' | 'r'
            | 't' | 'v' => Some(Atom::Unknown),
            _ => None,
        }
    }

    /// Skips a class. Those that begin with `]` or `-`, or hold a `[`, are too subtle to skip by hand.
    fn class(&mut self) -> Option<Atom> {
        self.rest.eat('^');
        if let Some(']' | '-') = self.rest.peek() {
            return None;
        }
        loop {
            match self.rest.next()? {
                ']' => return Some(Atom::Unknown),
                '[' => return None,
                '\\' => self.rest.next().map(drop)?,
                _ => {}
            }
        }
    }

    /// Skips a group. Flags would change what follows them, so only `(` and `(?:` are skipped.
    fn group(&mut self) -> Option<Atom> {
        let mut open = 1_usize;
        self.group_head()?;
        while open > 0 {
            match self.rest.next()? {
                '(' => {
                    self.group_head()?;
                    open = open.saturating_add(1);
                }
                ')' => open = open.saturating_sub(1),
                '[' => self.class().map(drop)?,
                '\\' => self.rest.next().map(drop)?,
                _ => {}
            }
        }
        Some(Atom::Unknown)
    }

    fn group_head(&mut self) -> Option<()> {
        if !self.rest.eat('?') {
            return Some(());
        }
        (self.rest.next()? == ':').then_some(())
    }
}
