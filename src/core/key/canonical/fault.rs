//! What can be wrong with a JSON text.

use crate::core::key::error::KeyError;

/// What the text lacks at the place where the writer is. A number of its own, and a [`KeyError`] only where
/// the writer is left: it passes through every level of the params.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    End,
    Value,
    Word,
    Item,
    Member,
    Name,
    Colon,
    Zero,
    Digit,
    Control,
    Quote,
    Hex,
    Escape,
    Number,
    Depth,
    Size,
}

impl Fault {
    #[cold]
    pub(super) fn at(self, place: usize) -> KeyError {
        let expected = match self {
            Self::End => "the end of the text",
            Self::Value => "a value",
            Self::Word => "true, false or null",
            Self::Item => "',' or ']'",
            Self::Member => "',' or '}'",
            Self::Name => "a name in double quotes",
            Self::Colon => "':'",
            Self::Zero => "no digit after a leading 0",
            Self::Digit => "a digit",
            Self::Control => "control characters in strings to be escaped",
            Self::Quote => "a closing '\"'",
            Self::Hex => "four hex digits after '\\u'",
            Self::Escape => "an escape that JSON knows",
            Self::Number => return KeyError::number(place),
            Self::Depth => return KeyError::depth(place),
            Self::Size => return KeyError::size(),
        };
        KeyError::syntax(place, expected)
    }
}
