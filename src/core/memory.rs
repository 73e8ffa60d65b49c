//! Growing that can fail: lists and texts that say so where there is no memory for more.
//!
//! The engine never asks for memory in any other way: what it cannot note down it does not store, and what it cannot find
//! the list of it removes with everything else. (Column, index and pool have the same in them.)

use std::fmt::{self, Write};

/// Puts an item at the end of a list; false when there is no memory for it.
#[inline(always)]
pub(crate) fn add<T>(list: &mut Vec<T>, item: T) -> bool {
    let room = list.try_reserve(1).is_ok();
    if room {
        list.push(item);
    }
    room
}

/// The parts of a text one after another; nothing when there is no memory for it.
#[inline(never)]
pub(crate) fn text_of(parts: &[&str]) -> Option<String> {
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
pub(crate) fn copy_of(text: Option<&str>) -> Option<Option<String>> {
    match text {
        Some(text) => text_of(&[text]).map(Some),
        None => Some(None),
    }
}

/// Bytes of a note at most. Notes are kept, and what they quote may be as long as anybody likes.
const LONGEST_NOTE: usize = 256;

/// A text of which that is left out for which there is no memory, and all beyond the length of a note.
struct Frugal {
    text: String,
    full: bool,
}

impl Write for Frugal {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let most = LONGEST_NOTE.saturating_sub(self.text.len());
        let kept = piece.get(..piece.floor_char_boundary(most)).unwrap_or("");
        self.full = kept.len() < piece.len();
        let end = if self.full { "…" } else { "" };
        let wanted = kept.len().saturating_add(end.len());
        self.text.try_reserve(wanted).map_err(|_| fmt::Error)?;
        self.text.push_str(kept);
        self.text.push_str(end);
        // What comes behind the end is not asked for.
        if self.full { Err(fmt::Error) } else { Ok(()) }
    }
}

/// `what: which`, as far as there is memory for it and a note is long.
pub(crate) fn note_of(what: &str, which: &dyn fmt::Display) -> String {
    let mut note = Frugal {
        text: String::new(),
        full: false,
    };
    let written = write!(note, "{what}: {which}").is_ok();
    if written || note.full {
        note.text
    } else {
        String::new()
    }
}
