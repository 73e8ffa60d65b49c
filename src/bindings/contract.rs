//! The numbers that cross the border, by name. Plain Rust, so that a native test can write them to `host/contract.ts`.

/// Bits of `flags` of `begin`: the caller must not wait for another caller's load.
pub const ALONE: u32 = 1;
/// It begins no load.
pub const LOOK: u32 = 2;
/// Its key is the one that `requestKey` wrote.
pub const REQUEST: u32 = 4;

/// What `begin` returns: serve the value.
pub const HIT: u32 = 0;
/// Serve the value, which is past its deadline.
pub const STALE: u32 = 1;
/// Run a load.
pub const MISS: u32 = 2;
/// Wait for another caller's load.
pub const JOIN: u32 = 3;
/// Go past the cache: the number of the reason is added.
pub const BYPASS: u32 = 4;

/// Places of the numbers that a call may leave besides what it returns: the slot to serve.
pub const SLOT: usize = 0;
/// The load to run or to wait for.
pub const LOAD: usize = 1;
/// The slot that the load is to fill.
pub const RESERVED: usize = 2;
/// How many entries were removed, or whether a load ended.
pub const COUNT: usize = 3;
/// How many places there are.
pub const ANSWERS: usize = 4;

/// Why a request has no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFault {
    /// Its params are no JSON text, or too large.
    Params = 0,
    /// Its user id is empty.
    UserId = 1,
    /// The key would be too long.
    KeyLength = 2,
    /// Its endpoint is no name.
    Endpoint = 3,
}

impl KeyFault {
    /// All faults, in the order of their numbers.
    pub const ALL: [KeyFault; 4] = [
        KeyFault::Params,
        KeyFault::UserId,
        KeyFault::KeyLength,
        KeyFault::Endpoint,
    ];

    /// The reason in the metadata of a request.
    pub fn name(self) -> &'static str {
        match self {
            KeyFault::Params => "params",
            KeyFault::UserId => "user-id",
            KeyFault::KeyLength => "key-length",
            KeyFault::Endpoint => "endpoint",
        }
    }

    /// What `requestKey` returns: -1 and below, since a length is 0 or more.
    pub fn number(self) -> i32 {
        (-1_i32).saturating_sub(self as i32)
    }
}

/// What an operation of the exported class did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It found a fresh value.
    Hit = 0,
    /// It found none.
    Miss = 1,
    /// It stored a value.
    Set = 2,
    /// It removed entries by a pattern.
    Invalidated = 3,
    /// It removed everything.
    Cleared = 4,
    /// It marked entries stale by a pattern.
    Expired = 5,
}

impl Event {
    /// All events, in the order of their numbers.
    pub const ALL: [Event; 6] = [
        Event::Hit,
        Event::Miss,
        Event::Set,
        Event::Invalidated,
        Event::Cleared,
        Event::Expired,
    ];

    /// The observer's method that is told.
    pub fn name(self) -> &'static str {
        match self {
            Event::Hit => "hit",
            Event::Miss => "miss",
            Event::Set => "set",
            Event::Invalidated => "invalidated",
            Event::Cleared => "cleared",
            Event::Expired => "expired",
        }
    }
}
