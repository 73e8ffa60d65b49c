//! Regular expressions, read: from their text to a tree.
//!
//! The notation is that of the `regex-lite` crate, to the letter and to the words of each refusal; that crate is the
//! oracle of the tests. It is not part of the product because it also finds where a match begins and what its groups
//! hold, and here only one question is ever asked: whether there is a match.

use super::regex_class::Ranges;
use std::rc::Rc;

/// How deep groups and repetitions may nest.
const MAX_NESTING: u32 = 50;
/// Why something that nests deeper is refused.
pub(super) const TOO_NESTED: &str = "pattern has too much nesting";

/// What a regular expression is made of.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Empty,
    Char(char),
    Class(Rc<Ranges>),
    Look(Look),
    Repeat(u32, Option<u32>, Box<Node>),
    Group(Box<Node>),
    /// One after the other.
    All(Vec<Node>),
    /// One or another.
    Any(Vec<Node>),
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    height: u32,
    /// Whether it matches nothing at all.
    pub(super) empty: bool,
}

/// A condition on a place between two characters.
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    Start,
    End,
    StartLine,
    EndLine,
    StartLineCr,
    EndLineCr,
    Word,
    NotWord,
    WordStart,
    WordEnd,
    WordStartHalf,
    WordEndHalf,
}

pub(super) type Read<T> = Result<T, &'static str>;

// Flags. The last two change nothing here: whether a repetition is greedy, and Unicode.
const FLAGS: &str = "imsRxUu";
pub(super) const IGNORE_CASE: u8 = 1;
pub(super) const MULTI_LINE: u8 = 2;
pub(super) const DOT_ALL: u8 = 4;
pub(super) const CARRIAGE: u8 = 8;
pub(super) const SPACED: u8 = 16;

/// A regular expression, read.
pub(super) struct Syntax {
    pub(super) root: Node,
    /// How many groups there are.
    pub(super) groups: usize,
    /// How many of them have names, and how many bytes those are.
    pub(super) names: (usize, usize),
}

/// Reads a regular expression.
pub(super) fn read(pattern: &str) -> Read<Syntax> {
    let mut reader = Reader {
        rest: pattern,
        flags: 0,
        depth: 0,
        groups: 0,
        names: Vec::new(),
        too_nested: false,
    };
    let root = reader.alternatives()?;
    if reader.too_nested {
        return Err(TOO_NESTED);
    }
    Ok(Syntax {
        root,
        groups: reader.groups,
        names: (
            reader.names.len(),
            reader.names.iter().map(|name| name.len()).sum(),
        ),
    })
}

pub(super) struct Reader<'a> {
    pub(super) rest: &'a str,
    pub(super) flags: u8,
    depth: u32,
    groups: usize,
    names: Vec<&'a str>,
    /// Found later than what else is wrong is told.
    too_nested: bool,
}

pub(super) fn leaf(kind: Kind) -> Node {
    let empty = matches!(kind, Kind::Empty | Kind::Look(_));
    Node {
        kind,
        height: 0,
        empty,
    }
}

pub(super) fn class(ranges: Ranges) -> Node {
    leaf(Kind::Class(Rc::new(ranges)))
}

impl<'a> Reader<'a> {
    pub(super) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn peek_second(&self) -> Option<char> {
        let mut rest = self.rest.chars();
        rest.next();
        rest.next()
    }

    /// Goes on by one character; false where none is left then.
    pub(super) fn bump(&mut self) -> bool {
        let mut rest = self.rest.chars();
        rest.next();
        self.rest = rest.as_str();
        !self.rest.is_empty()
    }

    pub(super) fn eat(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Skips white space and comments, where a flag says so.
    pub(super) fn skip_space(&mut self) {
        while let Some(c) = self.peek().filter(|_| self.has(SPACED)) {
            if c == '#' {
                let comment = self.rest.split_once('\n');
                self.rest = comment.map_or("", |(_, rest)| rest);
            } else if c.is_whitespace() {
                self.bump();
            } else {
                break;
            }
        }
    }

    /// Goes on by one character and what may be skipped behind it; false where none is left then.
    pub(super) fn step(&mut self) -> bool {
        self.bump();
        self.skip_space();
        !self.rest.is_empty()
    }

    fn made(&mut self, kind: Kind, height: u32, empty: bool) -> Node {
        if height > MAX_NESTING {
            self.too_nested = true;
            return leaf(Kind::Empty);
        }
        Node {
            kind,
            height,
            empty,
        }
    }

    fn all(&mut self, mut nodes: Vec<Node>) -> Node {
        match nodes.pop() {
            None => leaf(Kind::Empty),
            Some(only) if nodes.is_empty() => only,
            Some(last) => {
                nodes.push(last);
                let empty = nodes.iter().all(|node| node.empty);
                let height = higher(&nodes);
                self.made(Kind::All(nodes), height, empty)
            }
        }
    }

    fn alternatives(&mut self) -> Read<Node> {
        let depth = self.depth;
        if depth > MAX_NESTING {
            return Err(TOO_NESTED);
        }
        self.depth = depth.saturating_add(1);
        let mut any = Vec::new();
        let mut all = Vec::new();
        loop {
            self.skip_space();
            let node = match self.peek() {
                None => break,
                Some(')') if depth == 0 => return Err("found closing ')' without matching '('"),
                Some(')') => break,
                Some('|') => {
                    any.push(self.all(std::mem::take(&mut all)));
                    self.bump();
                    continue;
                }
                Some('(') => {
                    let flags = self.flags;
                    let group = self.group()?;
                    if group.is_some() {
                        self.flags = flags;
                    }
                    if self.peek() != Some(')') {
                        return Err("found open group without closing ')'");
                    }
                    self.bump();
                    match group {
                        Some(group) => group,
                        None => continue,
                    }
                }
                Some('[') => self.class()?,
                Some(sign @ ('?' | '*' | '+')) => {
                    let sub = all.pop();
                    let sub = sub.ok_or(
                        "uncounted repetition operator must be applied to a sub-expression",
                    )?;
                    if self.bump() {
                        self.eat("?");
                    }
                    let most = (sign == '?').then_some(1);
                    self.repeat(sub, u32::from(sign == '+'), most)
                }
                Some('{') => {
                    let sub = all.pop();
                    let sub = sub
                        .ok_or("counted repetition operator must be applied to a sub-expression")?;
                    self.counted(sub)?
                }
                Some(c) => {
                    self.bump();
                    self.primitive(c)?
                }
            };
            all.push(node);
        }
        self.depth = depth;
        let last = self.all(all);
        if any.is_empty() {
            return Ok(last);
        }
        any.push(last);
        let empty = any.iter().any(|node| node.empty);
        let height = higher(&any);
        Ok(self.made(Kind::Any(any), height, empty))
    }

    fn repeat(&mut self, sub: Node, least: u32, most: Option<u32>) -> Node {
        match (least, most) {
            (0, Some(0)) => leaf(Kind::Empty),
            (1, Some(1)) => sub,
            _ => {
                let empty = least == 0 || sub.empty;
                let height = sub.height.saturating_add(1);
                self.made(Kind::Repeat(least, most, Box::new(sub)), height, empty)
            }
        }
    }

    fn counted(&mut self, sub: Node) -> Read<Node> {
        if !self.step() {
            return Err("found unclosed counted repetition operator");
        }
        let least = self.decimal()?;
        let mut most = Some(least);
        match self.peek() {
            None => return Err("found incomplete and unclosed counted repetition operator"),
            Some(',') => {
                if !self.step() {
                    return Err("found counted repetition operator with a comma that is unclosed");
                }
                most = match self.peek() {
                    Some('}') => None,
                    _ => Some(self.decimal()?),
                };
                if self.rest.is_empty() {
                    return Err("found counted repetition with min and max that is unclosed");
                }
            }
            _ => {}
        }
        if self.peek() != Some('}') {
            return Err("expected closing brace for counted repetition, but got something else");
        }
        if self.step() {
            self.eat("?");
        }
        if most.is_some_and(|most| least > most) {
            return Err("found counted repetition with a min bigger than its max");
        }
        Ok(self.repeat(sub, least, most))
    }

    fn decimal(&mut self) -> Read<u32> {
        while self.peek().is_some_and(char::is_whitespace) {
            self.bump();
        }
        let mut number = Some(0_u32);
        let mut digits = false;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            digits = true;
            number = number
                .and_then(|number| number.checked_mul(10))
                .and_then(|number| number.checked_add(digit));
            self.step();
        }
        while self.peek().is_some_and(char::is_whitespace) {
            self.step();
        }
        if !digits {
            return Err("expected decimal number, but found no digits");
        }
        number.ok_or("got invalid decimal number")
    }

    /// A group; `None` for flags.
    fn group(&mut self) -> Read<Option<Node>> {
        self.step();
        if ["?=", "?!", "?<=", "?<!"].iter().any(|sign| self.eat(sign)) {
            return Err("look-around is not supported");
        }
        if self.eat("?P<") || self.eat("?<") {
            self.name()?;
        } else if self.eat("?") {
            let before = self.rest.len();
            if before == 0 {
                return Err("expected closing ')', but got end of pattern");
            }
            self.flags = self.flags()?;
            if self.peek() == Some(':') {
                self.bump();
                return self.alternatives().map(Some);
            }
            if self.rest.len() == before {
                return Err("empty flag directive '(?)' is not allowed");
            }
            return Ok(None);
        }
        self.groups = self.groups.saturating_add(1);
        let sub = self.alternatives()?;
        let (height, empty) = (sub.height.saturating_add(1), sub.empty);
        Ok(Some(self.made(Kind::Group(Box::new(sub)), height, empty)))
    }

    fn name(&mut self) -> Read<()> {
        let whole = self.rest;
        if whole.is_empty() {
            return Err("expected capture group name, but got end of pattern");
        }
        while let Some(c) = self.peek().filter(|c| *c != '>') {
            let first = self.rest.len() == whole.len();
            let letter = c == '_' || c.is_ascii_alphabetic() || !c.is_ascii();
            if !letter && (first || !(c.is_ascii_digit() || matches!(c, '.' | '[' | ']'))) {
                return Err("invalid group name");
            }
            self.bump();
        }
        let Some((name, _)) = whole.split_once('>') else {
            return Err("expected end of capture group name, but got end of pattern");
        };
        self.bump();
        if name.is_empty() {
            return Err("empty capture group names are not allowed");
        }
        if self.names.contains(&name) {
            return Err("duplicate capture group name");
        }
        self.names.push(name);
        Ok(())
    }

    /// The flags from here up to a `:` or `)`.
    fn flags(&mut self) -> Read<u8> {
        let (mut flags, mut seen) = (self.flags, 0_u8);
        let (mut negate, mut dangling) = (false, false);
        while let Some(c) = self.peek().filter(|c| !matches!(c, ':' | ')')) {
            dangling = c == '-';
            if dangling {
                if negate {
                    return Err("inline flag negation cannot be repeated");
                }
                negate = true;
            } else {
                let at = FLAGS.find(c).ok_or("unrecognized inline flag")?;
                let flag = 1_u8.wrapping_shl(at as u32);
                flags = if negate { flags & !flag } else { flags | flag };
                if seen & flag != 0 {
                    return Err("duplicate inline flag is not allowed");
                }
                seen |= flag;
            }
            if !self.bump() {
                return Err("expected ':' or ')' to end inline flags, but got end of pattern");
            }
        }
        if dangling {
            return Err("inline flags cannot end with negation directive");
        }
        Ok(flags)
    }
}

/// The height of what these are put into.
fn higher(nodes: &[Node]) -> u32 {
    let highest = nodes.iter().map(|node| node.height).max();
    highest.unwrap_or(0).saturating_add(1)
}
