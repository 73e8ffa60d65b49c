//! The native host store: a `HashMap` from key to slot, and a `Vec` of values by slot.

use super::HostStore;
use crate::core::pattern::TextPattern;
use crate::core::slots::{Freed, Slot};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;

struct Held<V> {
    key: Rc<str>,
    value: Option<Rc<V>>,
}

/// The native host store: a `HashMap` and a `Vec`.
pub struct HashStore<V> {
    slots: RefCell<HashMap<Rc<str>, Slot>>,
    held: RefCell<Vec<Option<Held<V>>>>,
    /// Forgotten, and kept until the operation that forgot them is over.
    forgotten: RefCell<Vec<Held<V>>>,
    hasher: RandomState,
}

impl<V> Default for HashStore<V> {
    fn default() -> Self {
        let hasher = RandomState::new();
        HashStore {
            slots: RefCell::default(),
            held: RefCell::default(),
            forgotten: RefCell::default(),
            hasher,
        }
    }
}

impl<V> HashStore<V> {
    /// The key bound to a slot.
    pub fn key(&self, slot: Slot) -> Option<Rc<str>> {
        let held = self.held.borrow();
        held.get(slot.0 as usize)?
            .as_ref()
            .map(|held| held.key.clone())
    }

    /// All keys bound, those of loads in flight included.
    pub fn keys(&self) -> Vec<Rc<str>> {
        self.slots.borrow().keys().cloned().collect()
    }

    fn hold(&self, slot: Slot, key: &str, value: Option<V>) -> Option<Held<V>> {
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
        let mut held = self.held.borrow_mut();
        let wanted = (slot.0 as usize).saturating_add(1);
        if held.len() < wanted {
            held.resize_with(wanted, || None);
        }
        held.get_mut(slot.0 as usize)
            .and_then(|place| place.replace(Held { key, value }))
    }
}

impl<V: Clone> HostStore for HashStore<V> {
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

    fn bind(&self, slot: Slot, key: &str) -> bool {
        if self.find(key) != Some(slot) {
            drop(self.hold(slot, key, None));
        }
        true
    }

    fn put(&self, slot: Slot, key: &str, value: V) -> bool {
        // The old value's destructor runs after the borrow has ended.
        drop(self.hold(slot, key, Some(value)));
        true
    }

    fn value(&self, slot: Slot) -> Option<V> {
        let held = self.held.borrow();
        let value = held.get(slot.0 as usize)?.as_ref()?.value.clone();
        drop(held);
        // Cloned after the borrow has ended: a value's `clone` may call the cache.
        value.map(|value| V::clone(&value))
    }

    fn forget(&self, Freed { slot, .. }: Freed) {
        let held = self
            .held
            .borrow_mut()
            .get_mut(slot.0 as usize)
            .and_then(Option::take);
        if let Some(held) = held {
            let mut slots = self.slots.borrow_mut();
            if slots.get(&*held.key) == Some(&slot) {
                slots.remove(&*held.key);
            }
            self.forgotten.borrow_mut().push(held);
        }
    }

    fn clear(&self) {
        self.slots.take();
        let held = self.held.take();
        self.forgotten
            .borrow_mut()
            .extend(held.into_iter().flatten());
    }

    fn sweep(&self) {
        if !self.forgotten.borrow().is_empty() {
            drop(self.forgotten.take());
        }
    }

    fn len(&self) -> usize {
        self.slots.borrow().len()
    }

    fn matching(&self, pattern: &TextPattern, slots: Option<&[Slot]>) -> Vec<Slot> {
        let Some(slots) = slots else {
            let held = self.slots.borrow();
            let matching = held.iter().filter(|(key, _)| pattern.matches(key));
            return matching.map(|(_, slot)| *slot).collect();
        };
        let held = self.held.borrow();
        let matches = |slot: &&Slot| {
            let held = held.get(slot.0 as usize).and_then(Option::as_ref);
            held.is_some_and(|held| pattern.matches(&held.key))
        };
        slots.iter().filter(matches).copied().collect()
    }
}
