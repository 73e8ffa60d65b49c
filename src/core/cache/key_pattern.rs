//! Many entries at once: what a pattern covers is removed, marked stale, or shown.

use super::{Cache, HostStore};
use crate::core::clock::Clock;
use crate::core::engine::Engine;
use crate::core::groups::Scope;
use crate::core::pattern::{PatternError, TextPattern};
use crate::core::slots::Slot;
use crate::core::time::Timestamp;
use std::fmt;

/// What to remove: a pattern over key text, a scope, or both, in which case both must hold.
#[derive(Clone, Debug, Default)]
pub struct KeyPattern {
    /// What the key's text must match.
    pub text: Option<TextPattern>,
    /// What its endpoint, user and tags must be.
    pub scope: Scope,
}

impl KeyPattern {
    /// Keys whose text matches.
    pub fn text(text: TextPattern) -> Self {
        KeyPattern {
            text: Some(text),
            scope: Scope::default(),
        }
    }

    /// Keys of a scope.
    pub fn scope(scope: Scope) -> Self {
        KeyPattern { text: None, scope }
    }
}

impl fmt::Display for KeyPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            None => self.scope.fmt(f),
            Some(text) if self.scope.is_everything() => f.write_str(text.as_str()),
            Some(text) => {
                f.write_str(text.as_str())?;
                f.write_str(", ")?;
                self.scope.fmt(f)
            }
        }
    }
}

impl<S: HostStore, C: Clock> Cache<S, C> {
    /// Removes what `pattern` covers and returns how many entries that were.
    ///
    /// What a pattern may cost was decided when it was made, so this never fails, however many entries there are; nor do the
    /// two below. Their type is a remnant.
    pub fn invalidate(&self, pattern: &KeyPattern) -> Result<usize, PatternError> {
        self.end(pattern, Engine::invalidate, Engine::invalidate_slots)
    }

    /// Marks what `pattern` covers stale, to be served only where a staleness option allows it.
    pub fn expire(&self, pattern: &KeyPattern) -> Result<usize, PatternError> {
        self.end(pattern, Engine::expire, Engine::expire_slots)
    }

    /// Ends what `pattern` covers: by its scope where it does not depend on the keys' text, else slot by slot.
    fn end(
        &self,
        pattern: &KeyPattern,
        by_scope: fn(&mut Engine, &Scope, Timestamp) -> usize,
        by_slots: fn(&mut Engine, &[Slot], &Scope, &str, Timestamp) -> usize,
    ) -> Result<usize, PatternError> {
        let (now, _sweep) = self.begin_write();
        let Some(text) = &pattern.text else {
            return Ok(self.decide(|engine| by_scope(engine, &pattern.scope, now)));
        };
        let slots = self.matching(text, &pattern.scope);
        let what = pattern.to_string();
        Ok(self.decide(|engine| by_slots(engine, &slots, &pattern.scope, &what, now)))
    }

    /// Keys that `pattern` would remove, without removing anything.
    pub fn preview(&self, pattern: &KeyPattern) -> Result<Vec<Slot>, PatternError> {
        let slots = match &pattern.text {
            None => self.engine.borrow().covered_slots(&pattern.scope),
            Some(text) => self.matching(text, &pattern.scope),
        };
        let engine = self.engine.borrow();
        Ok(slots
            .into_iter()
            .filter(|slot| engine.is_servable(*slot))
            .collect())
    }

    fn matching(&self, text: &TextPattern, scope: &Scope) -> Vec<Slot> {
        let narrowed = !scope.is_everything();
        let slots = narrowed.then(|| self.engine.borrow().covered_slots(scope));
        self.host.matching(text, slots.as_deref())
    }
}
