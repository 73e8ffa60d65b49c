//! Growing that can fail: lists and texts that say so where there is no memory for more.
//!
//! The engine never asks for memory in any other way: what it cannot note down it does not store, and what it cannot find
//! the list of it removes with everything else. (Column, index and pool have the same in them.)

use std::fmt::{self, Write};

/// Puts an item at the end of a list; false when there is no memory for it.
#[inline(always)]
pub(super) fn add<T>(list: &mut Vec<T>, item: T) -> bool {
    let room = list.try_reserve(1).is_ok();
    if room {
        list.push(item);
    }
    room
}

/// The parts of a text one after another; nothing when there is no memory for it.
#[inline(never)]
pub(super) fn text_of(parts: &[&str]) -> Option<String> {
    let mut length = 0_usize;
    for part in parts {
        length = length.saturating_add(part.len());
    }
    let mut text = String::new();
    text.try_reserve_exact(length).ok()?;
    for part in parts {
        text.push_str(part);
    }
    Some(text)
}

/// A copy of a text that may be absent.
pub(super) fn copy_of(text: Option<&str>) -> Option<Option<String>> {
    match text {
        Some(text) => text_of(&[text]).map(Some),
        None => Some(None),
    }
}

/// A text of which that is left out for which there is no memory.
struct Frugal(String);

impl Write for Frugal {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.0.try_reserve(piece.len()).map_err(|_| fmt::Error)?;
        self.0.push_str(piece);
        Ok(())
    }
}

/// `what: which`, as far as there is memory for it.
pub(super) fn note_of(what: &str, which: &dyn fmt::Display) -> String {
    let mut text = Frugal(String::new());
    let written = write!(text, "{what}: {which}");
    written.map_or_else(|_| String::new(), |()| text.0)
}
