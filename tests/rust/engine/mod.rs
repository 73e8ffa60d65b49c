//! What one cache does, case by case: boundaries, plans, bounds and the bugs that were found.

mod bounds;
mod bugs;
mod invalidation;
mod memory;
mod plans;
mod time;

use super::helpers::*;
use endpoint_cache::core::cache::HostStore;
use endpoint_cache::core::cache::{KeyPattern, PutOptions, ReadOptions};
use endpoint_cache::core::endpoint::EndpointPattern;
use endpoint_cache::core::engine::{BypassReason, Limits, Plan, Presence, Write};
use endpoint_cache::core::groups::Scope;
use endpoint_cache::core::key::canonical_params;
use endpoint_cache::core::pattern::TextPattern;
use endpoint_cache::core::rules::{EndpointRules, Rule, RuleSpec};
use endpoint_cache::core::stats::{Refusal, RemovalReason};
use endpoint_cache::core::time::Ttl;
