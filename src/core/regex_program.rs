//! Regular expressions, run: from their tree to states, and the states over a text.
//!
//! All states that a text may have led to are followed at once, so time is linear in the text and nothing is tried twice.

use super::regex_class::Ranges;
use super::regex_syntax::{self, Kind, Look, Node};
use std::rc::Rc;

/// Why an expression of too many states is refused.
pub(super) const TOO_LARGE: &str = "compiled regex exceeded size limit";

/// How many steps a byte of a key may cost. At 10 ns a step, as measured natively with repetitions nested to
/// hurt, the longest key takes 80 ms; about 4,000 states, which is more than any pattern needs that people write.
const MAX_STEPS: usize = 8192;

// What is counted as steps, in sixteenths: a state is two.
const STEP: usize = 16;
const STATE: usize = 32;
const TARGET: usize = 4;
const RANGE: usize = 8;
const GROUP: usize = 16;

/// A compiled expression.
#[derive(Clone, Debug)]
pub(super) struct Regex {
    states: Vec<State>,
    start: u32,
    size: usize,
}

#[derive(Clone, Debug)]
enum State {
    Char(char, u32),
    Class(Rc<Ranges>, u32),
    Look(Look, u32),
    Split(Vec<u32>),
    Match,
}

impl Regex {
    /// Compiles an expression, or says why it cannot be.
    pub(super) fn new(pattern: &str) -> Result<Self, &'static str> {
        let syntax = regex_syntax::read(pattern)?;
        let mut regex = Regex {
            states: Vec::new(),
            start: 0,
            size: 0,
        };
        // The whole is a group as well.
        let (names, bytes) = syntax.names;
        regex.spend(GROUP.saturating_mul(syntax.groups.saturating_add(1)))?;
        regex.spend(TARGET.saturating_mul(names).saturating_add(bytes))?;
        regex.spend(STATE.saturating_mul(2))?;
        let end = regex.add(State::Match)?;
        regex.start = regex.compile(&syntax.root, end)?;
        Ok(regex)
    }

    /// An upper bound on the steps that one byte of a text costs.
    pub(super) fn cost_per_byte(&self) -> u32 {
        let mut steps = 32_u32;
        while (steps as usize) < MAX_STEPS && self.size > (steps as usize).saturating_mul(STEP) {
            steps = steps.saturating_mul(2);
        }
        steps
    }

    fn spend(&mut self, size: usize) -> Result<(), &'static str> {
        self.size = self.size.saturating_add(size);
        if self.size > MAX_STEPS.saturating_mul(STEP) {
            return Err(TOO_LARGE);
        }
        Ok(())
    }

    fn add(&mut self, state: State) -> Result<u32, &'static str> {
        self.spend(STATE)?;
        let number = u32::try_from(self.states.len()).map_err(|_| TOO_LARGE)?;
        self.states.push(state);
        Ok(number)
    }

    fn split(&mut self, targets: Vec<u32>) -> Result<u32, &'static str> {
        self.spend(TARGET.saturating_mul(targets.len()))?;
        self.add(State::Split(targets))
    }

    /// The state in which a node begins that is followed by state `next`.
    fn compile(&mut self, node: &Node, next: u32) -> Result<u32, &'static str> {
        match &node.kind {
            Kind::Empty => self.spend(STATE).map(|()| next),
            Kind::Char(c) => self.add(State::Char(*c, next)),
            Kind::Class(ranges) => {
                self.spend(RANGE.saturating_mul(ranges.len()))?;
                self.add(State::Class(ranges.clone(), next))
            }
            Kind::Look(look) => self.add(State::Look(*look, next)),
            Kind::Group(sub) => {
                self.spend(STATE.saturating_mul(2))?;
                self.compile(sub, next)
            }
            Kind::All(nodes) => {
                let mut nodes = nodes.iter().rev();
                nodes.try_fold(next, |next, node| self.compile(node, next))
            }
            Kind::Any(nodes) => {
                let mut targets = Vec::with_capacity(nodes.len());
                for node in nodes {
                    targets.push(self.compile(node, next)?);
                }
                self.spend(STATE)?;
                self.split(targets)
            }
            Kind::Repeat(least, most, sub) => self.repeat(sub, *least, *most, next),
        }
    }

    fn repeat(
        &mut self,
        sub: &Node,
        least: u32,
        most: Option<u32>,
        next: u32,
    ) -> Result<u32, &'static str> {
        let mut at = next;
        if let Some(most) = most {
            if least == 0 || most > least {
                self.spend(STATE)?;
            }
            if least == 0 && most > 1 {
                self.spend(STATE)?;
            }
            for _ in least..most {
                let inner = self.compile(sub, at)?;
                at = self.split(vec![inner, next])?;
            }
        } else {
            if least == 0 && sub.empty {
                self.spend(
                    STATE
                        .saturating_mul(2)
                        .saturating_add(TARGET.saturating_mul(2)),
                )?;
            }
            let again = self.split(vec![next, next])?;
            let inner = self.compile(sub, again)?;
            if let Some(State::Split(targets)) = self.states.get_mut(again as usize) {
                *targets = vec![inner, next];
            }
            at = if least == 0 { again } else { inner };
        }
        // The loop above is the last of those that have to be.
        let before = if most.is_none() {
            least.saturating_sub(1)
        } else {
            least
        };
        for _ in 0..before {
            at = self.compile(sub, at)?;
        }
        Ok(at)
    }

    /// Whether the expression matches anywhere in a text.
    pub(super) fn is_match(&self, text: &str) -> bool {
        let mut run = Run {
            states: &self.states,
            marks: vec![0; self.states.len()],
            mark: 0,
            stack: Vec::new(),
            active: Vec::new(),
        };
        let mut rest = text.chars();
        let (mut before, mut here) = (None, rest.next());
        loop {
            run.stack.push(self.start);
            if run.follow(before, here) {
                return true;
            }
            let Some(c) = here else {
                return false;
            };
            run.advance(c);
            (before, here) = (here, rest.next());
        }
    }
}

/// A search under way.
struct Run<'a> {
    states: &'a [State],
    /// The place at which each state was last reached.
    marks: Vec<u32>,
    mark: u32,
    /// States reached and not looked at yet.
    stack: Vec<u32>,
    /// States that wait for the next character.
    active: Vec<u32>,
}

impl Run<'_> {
    /// Follows all that needs no character; true at a match.
    fn follow(&mut self, before: Option<char>, here: Option<char>) -> bool {
        self.mark = self.mark.wrapping_add(1);
        while let Some(number) = self.stack.pop() {
            match self.marks.get_mut(number as usize) {
                Some(mark) if *mark != self.mark => *mark = self.mark,
                _ => continue,
            }
            match self.states.get(number as usize) {
                Some(State::Match) => return true,
                Some(State::Split(targets)) => self.stack.extend_from_slice(targets),
                Some(State::Look(look, next)) => {
                    if holds(*look, before, here) {
                        self.stack.push(*next);
                    }
                }
                _ => self.active.push(number),
            }
        }
        false
    }

    /// Takes a character.
    fn advance(&mut self, c: char) {
        for number in self.active.drain(..) {
            let next = match self.states.get(number as usize) {
                Some(State::Char(wanted, next)) if *wanted == c => next,
                Some(State::Class(ranges, next)) if ranges.has(c) => next,
                _ => continue,
            };
            self.stack.push(*next);
        }
    }
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether a condition holds between two characters.
fn holds(look: Look, before: Option<char>, here: Option<char>) -> bool {
    let (word_before, word_here) = (is_word(before), is_word(here));
    match look {
        Look::Start => before.is_none(),
        Look::End => here.is_none(),
        Look::StartLine => matches!(before, None | Some('\n')),
        Look::EndLine => matches!(here, None | Some('\n')),
        Look::StartLineCr => {
            matches!(before, None | Some('\n')) || before == Some('\r') && here != Some('\n')
        }
        Look::EndLineCr => {
            matches!(here, None | Some('\r')) || here == Some('\n') && before != Some('\r')
        }
        Look::Word => word_before != word_here,
        Look::NotWord => word_before == word_here,
        Look::WordStart => !word_before && word_here,
        Look::WordEnd => word_before && !word_here,
        Look::WordStartHalf => !word_before,
        Look::WordEndHalf => !word_here,
    }
}
