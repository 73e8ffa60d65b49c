//! How long keys and params may be.

/// How many characters a key may have.
pub const MAX_KEY: usize = 1024;

/// How deep params may nest; the outermost object is the first level.
pub const MAX_DEPTH: usize = 100;

/// How many bytes of canonical text params may have. Members whose name is repeated count until they are dropped.
pub const MAX_TEXT: usize = 64 * 1024;
