//! What holds for an endpoint: the built-in classes, overridden by a user's rules.
//!
//! Rules apply most specific first: more segments spelled out, then exact before wildcard, then
//! the one declared later. The first rule that mentions a field decides it; tags, varying
//! values and further invalidations add up. Resolving is a pure function of rules and name, for the
//! caller to remember. This module knows nothing of requests, entries or time.
//!
//! ```
//! use endpoint_cache::core::endpoint::EndpointPattern;
//! use endpoint_cache::core::rules::{EndpointClass, EndpointRules, Rule, RuleSpec, TtlKind};
//! let mut rules = EndpointRules::new();
//! let spec = RuleSpec { cache: Some(true), ..RuleSpec::default() };
//! rules.add(Rule { pattern: EndpointPattern::parse("app.report.*")?, spec });
//! assert_eq!(rules.resolve("app.report.render").class, EndpointClass::Read(TtlKind::Metadata));
//! let changed = rules.resolve("app.page.update").invalidates;
//! assert!(changed.iter().any(|pattern| pattern.covers("app.page.list")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod classify;
mod narrowing;
mod policy;
mod resource_id;
mod ttl_table;

use self::classify::is_well_formed;
use crate::core::endpoint::{self, EndpointPattern};
use crate::core::fmt_lite::joined;
use crate::core::key::Canonical;

pub use self::classify::{EndpointClass, TtlKind, Verb, classify, mutation_effects, ttl_kind};
pub use self::narrowing::Narrowing;
pub use self::policy::PolicyOverrides;
pub use self::resource_id::one_form;
pub use self::ttl_table::{TtlTable, TtlTableError};

/// Which callers an entry may be served to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// To its user where the request names one, else to every caller.
    #[default]
    Auto,
    /// To its user only; a request without a user is not cached.
    User,
    /// To every caller.
    Shared,
}

/// What a rule sets; what it does not mention is left to less specific rules and then to the built-in ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleSpec {
    /// `false` keeps a read out of the cache; `true` caches an endpoint of unknown kind. A mutation is never cached.
    pub cache: Option<bool>,
    /// Which callers the entries may be served to.
    pub visibility: Option<Visibility>,
    /// TTL and staleness.
    pub policy: PolicyOverrides,
    /// Tags that every entry gets.
    pub tags: Vec<String>,
    /// Names of further request values that are part of the key.
    pub vary: Vec<String>,
    /// `true` makes the endpoint a mutation, `false` makes it none in spite of its name.
    pub mutation: Option<bool>,
    /// What a mutation invalidates, in place of the built-in effects.
    pub invalidates: Option<Vec<EndpointPattern>>,
    /// What a mutation invalidates besides: edges to other resources.
    pub also_invalidates: Vec<EndpointPattern>,
    /// The parameter that holds the resource's id; see [`Resolved::narrowing`].
    pub resource_id: Option<String>,
    /// The number of the host's function that finds the id instead.
    pub resource_id_by: Option<u32>,
}

impl RuleSpec {
    /// Fills in what this does not mention from a less specific rule.
    fn fill_from(&mut self, under: &Self) {
        self.cache = self.cache.or(under.cache);
        self.visibility = self.visibility.or(under.visibility);
        self.policy = PolicyOverrides::merge(&self.policy, &under.policy);
        self.mutation = self.mutation.or(under.mutation);
        if self.invalidates.is_none() {
            self.invalidates.clone_from(&under.invalidates);
        }
        if self.resource_id.is_none() && self.resource_id_by.is_none() {
            self.resource_id.clone_from(&under.resource_id);
            self.resource_id_by = under.resource_id_by;
        }
        add_missing(&mut self.tags, &under.tags);
        add_missing(&mut self.vary, &under.vary);
        add_missing(&mut self.also_invalidates, &under.also_invalidates);
    }
}

fn add_missing<T: Clone + PartialEq>(list: &mut Vec<T>, more: &[T]) {
    for item in more {
        if !list.contains(item) {
            list.push(item.clone());
        }
    }
}

/// One rule: what holds for the endpoints that a pattern covers.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Which endpoints.
    pub pattern: EndpointPattern,
    /// What holds for them.
    pub spec: RuleSpec,
}

impl Rule {
    fn specificity(&self) -> (usize, bool) {
        (self.pattern.literal_segments(), self.pattern.is_exact())
    }
}

/// A user's rules on top of the built-in ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndpointRules {
    /// Most specific first.
    rules: Vec<Rule>,
}

impl EndpointRules {
    /// No rules but the built-in ones.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule. Between two that are equally specific the later one applies first.
    pub fn add(&mut self, rule: Rule) {
        let rank = rule.specificity();
        let place = self.rules.partition_point(|old| old.specificity() > rank);
        self.rules.insert(place, rule);
    }

    /// The rules, most specific first.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// What holds for an endpoint.
    ///
    /// A malformed name is [`EndpointClass::Other`] whatever the rules; see [`EndpointRules::resolve_request`]. Where rules
    /// disagree about caching and changing, changing wins: a verb stays a mutation until a rule has `mutation: false`.
    pub fn resolve(&self, endpoint: &str) -> Resolved {
        let mut spec = RuleSpec::default();
        for rule in &self.rules {
            if rule.pattern.covers(endpoint) {
                spec.fill_from(&rule.spec);
            }
        }
        let class = decide(endpoint, &spec);
        let replaced = spec.invalidates.is_some();
        let invalidates = match class {
            EndpointClass::Mutation(verb) => {
                let mut all = spec
                    .invalidates
                    .unwrap_or_else(|| mutation_effects(endpoint, verb));
                add_missing(&mut all, &spec.also_invalidates);
                all
            }
            EndpointClass::Read(_) | EndpointClass::Other => Vec::new(),
        };
        let single = single_read(endpoint::resource(endpoint));
        let narrows = match class {
            EndpointClass::Mutation(
                Verb::Create | Verb::Update | Verb::Delete | Verb::Execute | Verb::Generate,
            ) => !replaced && !spec.also_invalidates.iter().any(|p| p.covers(&single)),
            _ => false,
        };
        Resolved {
            class,
            visibility: spec.visibility.unwrap_or_default(),
            policy: spec.policy,
            tags: spec.tags,
            vary: spec.vary,
            invalidates,
            resource: endpoint::resource(endpoint).to_owned(),
            resource_id: spec.resource_id,
            kept_out: spec.cache == Some(false),
            resource_id_by: spec.resource_id_by,
            narrows,
        }
    }
}

impl EndpointRules {
    /// What holds for the endpoint that a request names.
    ///
    /// A malformed name is never a read. It is a mutation if the name that it may mean is one, and spares nothing
    /// then: a change that is missed leaves stale entries, one that is none costs a few loads.
    pub fn resolve_request(&self, endpoint: &str) -> Resolved {
        if !is_well_formed(endpoint)
            && let Some(name) = endpoint::likely(endpoint)
        {
            let guessed = self.resolve(&name);
            if let EndpointClass::Mutation(_) = guessed.class {
                return Resolved {
                    narrows: false,
                    ..guessed
                };
            }
        }
        self.resolve(endpoint)
    }
}

/// The endpoint that reads one member of a resource.
fn single_read(resource: &str) -> String {
    match resource {
        "" => "get".to_owned(),
        _ => joined(&[resource, ".get"]),
    }
}

fn decide(endpoint: &str, spec: &RuleSpec) -> EndpointClass {
    if !is_well_formed(endpoint) {
        return EndpointClass::Other;
    }
    let class = match (spec.mutation, classify(endpoint)) {
        (Some(true), EndpointClass::Mutation(verb)) => EndpointClass::Mutation(verb),
        (Some(true), _) => EndpointClass::Mutation(Verb::Custom),
        (Some(false), EndpointClass::Mutation(_)) => EndpointClass::Other,
        (_, class) => class,
    };
    match (spec.cache, class) {
        (Some(true), EndpointClass::Other) => EndpointClass::Read(TtlKind::Metadata),
        (Some(false), EndpointClass::Read(_)) => EndpointClass::Other,
        (_, class) => class,
    }
}

/// Everything the rules set for one endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// Read, mutation, or neither.
    pub class: EndpointClass,
    /// Which callers entries may be served to.
    pub visibility: Visibility,
    /// TTL and staleness as far as rules mention them.
    pub policy: PolicyOverrides,
    /// Tags of every entry.
    pub tags: Vec<String>,
    /// Names of further values in the key.
    pub vary: Vec<String>,
    /// What a mutation invalidates; empty for all else.
    pub invalidates: Vec<EndpointPattern>,
    /// The parameter that holds the resource's id.
    pub resource_id: Option<String>,
    /// True where a rule keeps reads out of the cache: what is not cached is not cached on purpose.
    pub kept_out: bool,
    /// The number of the host's function that finds the id instead.
    pub resource_id_by: Option<u32>,
    resource: String,
    narrows: bool,
}

impl Resolved {
    /// The tag that an entry read with these params gets for its resource id: `storycore.prompt#7`.
    ///
    /// `None` where no rule names the parameter, or its value is neither a string nor a number, or is no id that
    /// can be told from others: see [`one_form`].
    pub fn id_tag(&self, params: &Canonical) -> Option<String> {
        self.tag_of(params.scalar(self.resource_id.as_deref()?)?)
    }

    /// The tag of an id that was found elsewhere.
    pub fn tag_of(&self, id: &str) -> Option<String> {
        Some(joined(&[&self.resource, "#", &one_form(id)?]))
    }

    /// What a mutation with these params may leave alone although [`invalidates`](Self::invalidates) covers it.
    ///
    /// `create`, `update`, `delete`, `execute` and `generate` of one id leave `get` entries of the same resource
    /// alone that carry the tag of another id. Lists, searches, nested resources and entries without such a tag
    /// fall as ever, so a rule that names the parameter on one side only removes too much, never too little.
    /// A rule that replaces the effects, or adds an edge to that very `get`, is followed to the letter: nothing is spared.
    pub fn narrowing(&self, params: &Canonical) -> Option<Narrowing> {
        self.narrowing_to(self.id_tag(params)?)
    }

    /// The same, where the tag of the id is known.
    pub fn narrowing_to(&self, tag: String) -> Option<Narrowing> {
        self.narrows.then(|| Narrowing {
            endpoint: single_read(&self.resource),
            family: joined(&[&self.resource, "#"]),
            tag,
        })
    }
}
