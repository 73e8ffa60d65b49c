//! What holds keys and values: the trait that a host implements.
//!
//! A host store never decides. It finds, keeps and forgets what the façade names; the engine knows slots only.

use crate::core::engine::{Freed, Layout};
use crate::core::in_flight::LoadId;
use crate::core::pattern::TextPattern;
use crate::core::slots::Slot;
use std::borrow::Cow;

/// Keys and values by slot.
pub trait HostStore {
    /// What keys are given as.
    type Key: ?Sized;
    /// What is stored.
    type Value;

    /// The slot bound to `key`.
    fn find(&self, key: &Self::Key) -> Option<Slot>;
    /// The key's text.
    fn text<'k>(&self, key: &'k Self::Key) -> Cow<'k, str>;
    /// The seed of hashes; called once, before the first.
    fn seed(&self) -> u64;
    /// Binds `key` to a slot that has no value yet; false where the host can hold no more keys, and then nothing is bound.
    fn bind(&self, slot: Slot, key: &Self::Key) -> bool;
    /// Binds `key` to a slot and puts a value into it; false where the host can hold no more keys.
    fn put(&self, slot: Slot, key: &Self::Key, value: Self::Value) -> bool;
    /// The value in a slot.
    fn value(&self, slot: Slot) -> Option<Self::Value>;
    /// Forgets the key and value of an emptied slot.
    fn forget(&self, freed: Freed);
    /// Forgets a load in flight that can no longer be joined; only a host that lists those needs it.
    fn load_detached(&self, _flight: LoadId) {}
    /// A load was given up because it took too long and another one needed its place; only a host that reports how loads end needs it.
    fn load_timed_out(&self, _flight: LoadId) {}
    /// The engine's columns lie elsewhere now; only a host that reads them itself needs it.
    fn layout_changed(&self, _layout: &Layout) {}
    /// Forgets everything.
    fn clear(&self);
    /// Lets go of forgotten values, for a host where that runs code of the caller's.
    fn sweep(&self) {}
    /// Keys held.
    fn len(&self) -> usize;
    /// True when no key is held.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Slots among `slots`, or among all, whose key matches.
    fn matching(&self, pattern: &TextPattern, slots: Option<&[Slot]>) -> Vec<Slot>;
}
