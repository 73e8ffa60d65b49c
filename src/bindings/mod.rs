//! What JavaScript sees: the class `CacheService`, the function `routeRequest`, and what the package stands on.
//!
//! Reading order: `service` (the class), `route` (requests and loads), `reading` (what a request comes down to), `host_store` (keys
//! and values, kept by JavaScript), `convert` and `texts` (every value that crosses the border), `tell` (who watches), `errors` (every error that does), and
//! `host/` (the JavaScript that travels with the crate: what waits, what holds keys and values).

mod convert;
mod errors;
mod events;
mod exchange;
mod host_calls;
mod host_store;
mod options;
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
