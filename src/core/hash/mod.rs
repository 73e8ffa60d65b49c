//! Hashes that callers cannot foresee, and a table of numbers by hash.

pub(crate) mod id_table;
pub(crate) mod seed;
