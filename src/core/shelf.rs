//! Where keys and values are: a map from key to slot, and values by slot.
//!
//! The trait is what a host provides. It never decides: it finds, keeps and forgets as it is told.

use super::engine::{Freed, Layout};
use super::flights::FlightId;
use super::pattern::{PatternError, TextPattern};
use super::store::Slot;
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;

/// Milliseconds that a pattern may take over all keys before it is given up.
pub const PATTERN_BUDGET_MS: f64 = 250.0;

/// Keys and values by slot.
pub trait Shelf {
    /// What keys are given as.
    type Key: ?Sized;
    /// What is stored.
    type Value;

    /// The slot bound to `key`.
    fn find(&self, key: &Self::Key) -> Option<Slot>;
    /// The key's text.
    fn text<'k>(&self, key: &'k Self::Key) -> Cow<'k, str>;
    /// What hashes are to depend on; asked once, before the first.
    fn seed(&self) -> u64;
    /// Binds `key` to a slot that has no value yet.
    fn bind(&self, slot: Slot, key: &Self::Key);
    /// Binds `key` to a slot and puts a value into it.
    fn put(&self, slot: Slot, key: &Self::Key, value: Self::Value);
    /// The value in a slot.
    fn value(&self, slot: Slot) -> Option<Self::Value>;
    /// Forgets the key and value of an emptied slot.
    fn forget(&self, freed: Freed);
    /// Forgets a load under way that nobody may join any more; only a host that keeps them cares.
    fn part(&self, _flight: FlightId) {}
    /// A load was given up because it took too long and another one needed its place; only a host that says how loads end cares.
    fn gave_up(&self, _flight: FlightId) {}
    /// The engine's columns lie elsewhere now; only a host that reads them itself cares.
    fn moved(&self, _layout: &Layout) {}
    /// Forgets everything.
    fn clear(&self);
    /// Lets go of forgotten values, for a shelf on which that runs code of the caller's.
    fn sweep(&self) {}
    /// Keys held.
    fn len(&self) -> usize;
    /// True when no key is held.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Slots among `slots`, or among all, whose key matches. Gives up when `meter`, a reading of
    /// milliseconds, has moved by more than [`PATTERN_BUDGET_MS`].
    fn matching(
        &self,
        pattern: &TextPattern,
        slots: Option<&[Slot]>,
        meter: &dyn Fn() -> f64,
    ) -> Result<Vec<Slot>, PatternError>;
}

struct Shelved<V> {
    key: Rc<str>,
    value: Option<Rc<V>>,
}

/// The native shelf: a `HashMap` and a `Vec`.
pub struct HashShelf<V> {
    slots: RefCell<HashMap<Rc<str>, Slot>>,
    shelved: RefCell<Vec<Option<Shelved<V>>>>,
    /// Forgotten, and kept until the operation that forgot them is over.
    forgotten: RefCell<Vec<Shelved<V>>>,
    hasher: RandomState,
}

impl<V> Default for HashShelf<V> {
    fn default() -> Self {
        let hasher = RandomState::new();
        HashShelf {
            slots: RefCell::default(),
            shelved: RefCell::default(),
            forgotten: RefCell::default(),
            hasher,
        }
    }
}

impl<V> HashShelf<V> {
    /// The key bound to a slot.
    pub fn key(&self, slot: Slot) -> Option<Rc<str>> {
        let shelved = self.shelved.borrow();
        shelved
            .get(slot.0 as usize)?
            .as_ref()
            .map(|shelved| shelved.key.clone())
    }

    /// All keys bound, those of loads under way included.
    pub fn keys(&self) -> Vec<Rc<str>> {
        self.slots.borrow().keys().cloned().collect()
    }

    fn seat(&self, slot: Slot, key: &str, value: Option<V>) -> Option<Shelved<V>> {
        let bound = self
            .slots
            .borrow()
            .get_key_value(key)
            .map(|(key, slot)| (key.clone(), *slot));
        let value = value.map(Rc::new);
        let key = match bound {
            Some((key, at)) if at == slot => key,
            _ => {
                let key: Rc<str> = key.into();
                self.slots.borrow_mut().insert(key.clone(), slot);
                key
            }
        };
        let mut shelved = self.shelved.borrow_mut();
        let wanted = (slot.0 as usize).saturating_add(1);
        if shelved.len() < wanted {
            shelved.resize_with(wanted, || None);
        }
        shelved
            .get_mut(slot.0 as usize)
            .and_then(|place| place.replace(Shelved { key, value }))
    }
}

impl<V: Clone> Shelf for HashShelf<V> {
    type Key = str;
    type Value = V;

    fn find(&self, key: &str) -> Option<Slot> {
        self.slots.borrow().get(key).copied()
    }

    fn text<'k>(&self, key: &'k str) -> Cow<'k, str> {
        Cow::Borrowed(key)
    }

    fn seed(&self) -> u64 {
        self.hasher.hash_one(0_u8)
    }

    fn bind(&self, slot: Slot, key: &str) {
        if self.find(key) != Some(slot) {
            drop(self.seat(slot, key, None));
        }
    }

    fn put(&self, slot: Slot, key: &str, value: V) {
        // The old value's destructor runs after the borrow has ended.
        drop(self.seat(slot, key, Some(value)));
    }

    fn value(&self, slot: Slot) -> Option<V> {
        let shelved = self.shelved.borrow();
        let value = shelved.get(slot.0 as usize)?.as_ref()?.value.clone();
        drop(shelved);
        // Cloned after the borrow has ended: a value's `clone` may call the cache.
        value.map(|value| V::clone(&value))
    }

    fn forget(&self, Freed { slot, .. }: Freed) {
        let shelved = self
            .shelved
            .borrow_mut()
            .get_mut(slot.0 as usize)
            .and_then(Option::take);
        if let Some(shelved) = shelved {
            let mut slots = self.slots.borrow_mut();
            if slots.get(&*shelved.key) == Some(&slot) {
                slots.remove(&*shelved.key);
            }
            self.forgotten.borrow_mut().push(shelved);
        }
    }

    fn clear(&self) {
        self.slots.take();
        let shelved = self.shelved.take();
        self.forgotten
            .borrow_mut()
            .extend(shelved.into_iter().flatten());
    }

    fn sweep(&self) {
        if !self.forgotten.borrow().is_empty() {
            drop(self.forgotten.take());
        }
    }

    fn len(&self) -> usize {
        self.slots.borrow().len()
    }

    fn matching(
        &self,
        pattern: &TextPattern,
        slots: Option<&[Slot]>,
        meter: &dyn Fn() -> f64,
    ) -> Result<Vec<Slot>, PatternError> {
        let keys: Vec<(Slot, Rc<str>)> = match slots {
            Some(slots) => slots
                .iter()
                .filter_map(|slot| Some((*slot, self.key(*slot)?)))
                .collect(),
            None => self
                .slots
                .borrow()
                .iter()
                .map(|(key, slot)| (*slot, key.clone()))
                .collect(),
        };
        let (began, batch) = (meter(), pattern.batch_bytes());
        let (mut matching, mut scanned) = (Vec::new(), 0_usize);
        for (slot, key) in keys {
            scanned = scanned.saturating_add(key.len());
            if pattern.matches(&key) {
                matching.push((slot, key));
            }
            if scanned >= batch {
                scanned = 0;
                if meter() - began > PATTERN_BUDGET_MS {
                    return Err(PatternError::budget(pattern.as_str()));
                }
            }
        }
        // The meter is a clock of the caller's, which may have changed what is where.
        let here = |(slot, key): &(Slot, Rc<str>)| {
            let shelved = self.shelved.borrow();
            let shelved = shelved.get(slot.0 as usize).and_then(Option::as_ref);
            shelved.is_some_and(|shelved| Rc::ptr_eq(&shelved.key, key))
        };
        let here = matching.into_iter().filter(here);
        Ok(here.map(|(slot, _)| slot).collect())
    }
}
