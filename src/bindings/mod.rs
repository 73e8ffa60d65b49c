//! What JavaScript sees: the class `CacheService`, the function `routeRequest`, and what the package stands on.
//!
//! Reading order: `service` (the class), `route` (requests and loads, driven by `host/`), `host_calls`, `profile` and `mutations` (what
//! the host asks, in numbers), `exchange` (the memory that both sides see), `contract` (numbers by name), `host_store` (keys and values,
//! kept by JavaScript), `options` and `convert` (what crosses by name or as lists), `events` (who watches), `errors`.

mod convert;
mod errors;
mod events;
mod exchange;
mod host_calls;
mod host_store;
mod mutations;
mod options;
mod profile;
mod put_options;
mod route;
mod rule_cache;
mod service;
mod string_list;
mod ttl_config;

pub use convert::linear_memory;
pub use exchange::{request_key, scratch};
pub use route::{estimate_size, get_or_set, route_request, version};
pub use service::CacheService;
pub use ttl_config::{get_ttl_config, get_ttl_for_endpoint, set_ttl_config};
