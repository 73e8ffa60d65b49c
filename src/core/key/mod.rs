//! Cache keys: `endpoint:HASH`, or `endpoint:user:USER:HASH` for what one user may see.
//!
//! `HASH` is the first 16 hex digits of SHA-256 over the canonical params, so a Python service that
//! follows the same rules makes the same key. A key cannot be forged: an endpoint holds no `:`, and in
//! a user id `:` and `%` are percent-encoded. This module knows nothing of entries or rules.
//!
//! ```
//! use endpoint_cache::core::key::{cache_key, canonical_params};
//! let params = canonical_params(r#"{"project_name":"demo"}"#)?;
//! let key = cache_key("storycore.pipeline.status", &params.digest(), Some("user123"))?;
//! assert_eq!(key, "storycore.pipeline.status:user:user123:e0753a7ef73e375f");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub(crate) mod bounds;
mod canonical;
pub(crate) mod digest;
pub(crate) mod error;
pub(crate) mod number;

use crate::core::bytes::{first_colon, last_colon};
use crate::core::endpoint;
use crate::core::fmt_lite::{joined, piece};
use std::borrow::Cow;

pub use self::bounds::{MAX_DEPTH, MAX_KEY, MAX_TEXT};
pub(crate) use self::canonical::astral;
pub use self::canonical::{Canonical, canonical_params, canonical_stringified};
pub use self::digest::Digest;

pub use self::error::KeyError;

/// Writes the key of a request.
///
/// Two requests have equal keys only if their endpoints, their users and the shown part of their
/// digests are equal. An empty user id is an error: an identity that failed to resolve must not fall
/// into the entries that all users share.
pub fn cache_key(endpoint: &str, digest: &Digest, user: Option<&str>) -> Result<String, KeyError> {
    endpoint::validate(endpoint)?;
    let hash = digest.short_hex();
    let key = match user {
        None => joined(&[endpoint, ":", &hash]),
        Some("") => return Err(KeyError::empty_user()),
        Some(id) => joined(&[endpoint, ":user:", &encode_user(id), ":", &hash]),
    };
    // Bytes are at least as many as characters, so most keys are not counted.
    if key.len() > MAX_KEY {
        let characters = key.chars().count();
        if characters > MAX_KEY {
            return Err(KeyError::key_length(characters));
        }
    }
    Ok(key)
}

/// A user id as keys hold it: `%` becomes `%25` and `:` becomes `%3A`, all else stays.
pub fn encode_user(user: &str) -> Cow<'_, str> {
    if !user.bytes().any(|byte| matches!(byte, b'%' | b':')) {
        return Cow::Borrowed(user);
    }
    let mut encoded = String::new();
    for c in user.chars() {
        match c {
            '%' => encoded.push_str("%25"),
            ':' => encoded.push_str("%3A"),
            plain => encoded.push(plain),
        }
    }
    Cow::Owned(encoded)
}

/// The user id that [`encode_user`] made this text from. Other percent signs are left alone.
pub fn decode_user(encoded: &str) -> Cow<'_, str> {
    if encoded.contains('%') {
        Cow::Owned(encoded.replace("%3A", ":").replace("%25", "%"))
    } else {
        Cow::Borrowed(encoded)
    }
}

/// The endpoint and the encoded user that a key belongs to; they are its group.
///
/// The endpoint is the text before the first `:`, and `""` where there is none. If what follows starts
/// with `user:` and holds a further `:`, the user is what lies between that and the last `:` of the key.
/// Keys made by hand follow the same rule: `notes:user:42` has no user, `notes:user:42:` has user `42`.
pub fn group_prefix(key: &str) -> (&str, Option<&str>) {
    let bytes = key.as_bytes();
    let Some(colon) = first_colon(bytes) else {
        return ("", None);
    };
    let mut user = None;
    if let Some([b':', b'u', b's', b'e', b'r', b':', ..]) = bytes.get(colon..) {
        let start = colon.saturating_add(":user:".len());
        // A last colon before the user is the one in front of it.
        let end = last_colon(bytes).filter(|end| *end >= start);
        user = end.map(|end| piece(key, start, end));
    }
    (piece(key, 0, colon), user)
}

/// A regular expression for `invalidate` that covers the entries which a change at `endpoint` touches.
///
/// - From the endpoint alone: everything under its resource. `storycore.prompt.create` gives
///   `^storycore\.prompt\..*`.
/// - With a resource type: everything under a resource of that name, at any depth below the first segment
///   of the endpoint. `storycore.prompt.create` with `project` gives `^storycore\.(?:[^:]*\.)?project\..*`.
/// - With a resource id: the same. A key holds a hash of its params, so no pattern can tell one id from
///   another; to remove too much is safe, to remove too little is not. Rules that name the parameter
///   which holds the id narrow a mutation without a pattern.
pub fn invalidation_pattern(
    endpoint: &str,
    resource_type: Option<&str>,
    _resource_id: Option<&str>,
) -> String {
    let resource = match resource_type {
        None | Some("") => match endpoint::resource(endpoint) {
            "" => return "^.*".to_owned(),
            resource => return joined(&["^", &regex_lite::escape(resource), "\\..*"]),
        },
        Some(name) => regex_lite::escape(name),
    };
    let (first, dot) = match endpoint::first_segment(endpoint) {
        (first, Some(_)) => (regex_lite::escape(first), "\\."),
        (_, None) => (String::new(), ""),
    };
    joined(&["^", &first, dot, "(?:[^:]*\\.)?", &resource, "\\..*"])
}
