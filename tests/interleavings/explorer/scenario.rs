//! Who takes part in a scenario, and how much may go wrong in it.

use super::protocol::Value;
use endpoint_cache::core::cache::{KeyPattern, ReadOptions};
use endpoint_cache::core::endpoint::{EndpointPattern, Ops};
use endpoint_cache::core::engine::{Limits, Write};
use endpoint_cache::core::groups::Scope;
use endpoint_cache::core::pattern::TextPattern;
use endpoint_cache::core::time::Ttl;

/// Milliseconds for which a value is fresh.
pub const TTL: f64 = 1_000.0;
/// Milliseconds after which a mutation no longer holds back loads.
pub const MUTATION_MS: f64 = 60_000.0;
/// The tag that loads assign, where a scenario says so.
pub const TAG: &str = "stock";

/// The keys that readers ask for; all lie under the resource that mutations change.
pub const KEYS: [&str; 2] = ["shop.item.get:user:ann:01", "shop.item.get:user:bob:01"];

/// How somebody invalidates without a mutation: after the data changed behind the cache's back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Direct {
    Regex,
    Glob,
    Prefix,
    Endpoint,
    User,
    Tag,
    Clear,
    Delete,
    Expire,
}

/// How an entry gets its tag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tags {
    None,
    /// The reader knows it before the load.
    Asked,
    /// The load assigns it; nobody knows it before.
    Loaded,
}

/// Actors and budgets. Everything within them is explored.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: &'static str,
    /// Which key each reader asks for.
    pub readers: Vec<usize>,
    pub mutations: usize,
    /// Loads that may fail.
    pub failing_loads: u32,
    /// Mutations that may throw, before or after they changed the data.
    pub throwing_mutations: u32,
    /// Callers that may give up while they wait.
    pub aborts: u32,
    pub direct: Option<Direct>,
    /// Steps of the clock, in milliseconds.
    pub ticks: Vec<f64>,
    pub tags: Tags,
    /// Mutations cover the tag and not the endpoint.
    pub mutate_by_tag: bool,
    /// Milliseconds for which a stale value is served while it is loaded anew.
    pub stale_while_revalidate: f64,
    pub stale_if_error: f64,
    /// A mutation may hang: nobody hears of it again.
    pub hangs: bool,
    /// Readers of one key begin in the order of their numbers, and so do mutations: any other order is the same
    /// schedule with names exchanged.
    pub alike: bool,
    /// Who is to hear of a mutation's end hears at once. What was promised earlier is promised in more schedules,
    /// so hearing later is the easier case.
    pub prompt: bool,
    /// The data changes past the cache and is invalidated in one step.
    pub at_once: bool,
    /// Looks at what callers can tell only, and not into the cache.
    pub seen_from_outside: bool,
    pub bulk_clear_threshold: bool,
}

impl Scenario {
    pub fn new(name: &'static str, readers: usize, mutations: usize) -> Self {
        Scenario {
            name,
            readers: vec![0; readers],
            mutations,
            failing_loads: 0,
            throwing_mutations: 0,
            aborts: 0,
            direct: None,
            ticks: Vec::new(),
            tags: Tags::None,
            mutate_by_tag: false,
            stale_while_revalidate: 0.0,
            stale_if_error: 0.0,
            hangs: false,
            alike: false,
            prompt: false,
            at_once: false,
            seen_from_outside: false,
            bulk_clear_threshold: false,
        }
    }

    /// Whatever leaves nothing in the cache gives its memory back at once.
    pub fn bulk_clear_threshold(mut self) -> Self {
        self.bulk_clear_threshold = true;
        self
    }

    pub fn failing(mut self, loads: u32, mutations: u32) -> Self {
        (self.failing_loads, self.throwing_mutations) = (loads, mutations);
        self
    }

    pub fn aborting(mut self, callers: u32) -> Self {
        self.aborts = callers;
        self
    }

    pub fn directly(mut self, direct: Direct) -> Self {
        self.direct = Some(direct);
        self
    }

    pub fn ticking(mut self, ms: &[f64]) -> Self {
        self.ticks = ms.to_vec();
        self
    }

    pub fn tagged(mut self, tags: Tags) -> Self {
        self.tags = tags;
        self
    }

    pub fn mutating_by_tag(mut self) -> Self {
        self.mutate_by_tag = true;
        self
    }

    pub fn stale(mut self, while_revalidate: f64, if_error: f64) -> Self {
        (self.stale_while_revalidate, self.stale_if_error) = (while_revalidate, if_error);
        self
    }

    pub fn hanging(mut self) -> Self {
        self.hangs = true;
        self
    }

    pub fn alike(mut self) -> Self {
        self.alike = true;
        self
    }

    pub fn prompt(mut self) -> Self {
        self.prompt = true;
        self
    }

    pub fn at_once(mut self) -> Self {
        self.at_once = true;
        self
    }

    pub fn seen_from_outside(mut self) -> Self {
        self.seen_from_outside = true;
        self
    }

    pub fn keys(mut self, keys: &[usize]) -> Self {
        self.readers = keys.to_vec();
        self
    }

    /// Small bounds, so that a cache for each of millions of schedules is made quickly.
    pub fn limits(&self) -> Limits {
        Limits {
            max_entries: 8,
            max_mutation_ms: MUTATION_MS,
            bulk_clear_threshold: if self.bulk_clear_threshold {
                1
            } else {
                usize::MAX
            },
            ..Limits::default()
        }
    }

    pub fn ask(&self) -> ReadOptions {
        ReadOptions {
            tags: if self.tags == Tags::Asked {
                vec![TAG.to_owned()]
            } else {
                Vec::new()
            },
            stale_while_revalidate: self.stale_while_revalidate,
            stale_if_error: self.stale_if_error,
            ..ReadOptions::default()
        }
    }

    pub fn store(&self) -> endpoint_cache::core::cache::PutOptions {
        let window = self.stale_while_revalidate.max(self.stale_if_error);
        endpoint_cache::core::cache::PutOptions {
            write: Write {
                window,
                ..Write::fresh_for(Ttl::from_millis(TTL).unwrap())
            },
            tags: if self.tags == Tags::None {
                Vec::new()
            } else {
                vec![TAG.to_owned()]
            },
        }
    }

    /// What a mutation covers.
    pub fn scopes(&self) -> Vec<Scope> {
        if self.mutate_by_tag {
            return vec![Scope {
                tag: Some(TAG.to_owned()),
                ..Scope::default()
            }];
        }
        vec![Scope::endpoint(EndpointPattern::under(
            "shop.item",
            Ops::All,
        ))]
    }

    /// What a direct invalidation covers; `None` where it is no pattern.
    pub fn pattern(direct: Direct) -> Option<KeyPattern> {
        let scope = match direct {
            Direct::Regex => {
                return Some(KeyPattern::text(
                    TextPattern::regex(r"^shop\.item\.(get|list):").unwrap(),
                ));
            }
            Direct::Glob => {
                return Some(KeyPattern::text(
                    TextPattern::glob("shop.item.*:*").unwrap(),
                ));
            }
            Direct::Prefix => {
                return Some(KeyPattern::text(TextPattern::prefix("shop.it").unwrap()));
            }
            Direct::Endpoint | Direct::Expire => {
                Scope::endpoint(EndpointPattern::parse("shop.*").unwrap())
            }
            Direct::User => Scope {
                user: Some("ann".to_owned()),
                ..Scope::default()
            },
            Direct::Tag => Scope {
                tag: Some(TAG.to_owned()),
                ..Scope::default()
            },
            Direct::Clear | Direct::Delete => return None,
        };
        Some(KeyPattern::scope(scope))
    }
}

/// A version of the data under a key, as one number: whose it is and which version.
pub fn value(key: usize, version: u64) -> Value {
    key as u64 * 1_000 + version
}
