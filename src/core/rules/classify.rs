//! What kind of endpoint a name is, by its last segments, before any rule of a user applies.
//!
//! A read has a [`TtlKind`], which names its TTL; a mutation has a [`Verb`], which names what it invalidates.
//! Classification reads the name only, never a request's content, so no request can make itself cacheable.

use crate::core::endpoint::{self, EndpointPattern};

/// The kinds of endpoints that TTLs are kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TtlKind {
    /// Everything that is none of the others.
    Metadata,
    /// `*.list`
    List,
    /// `*.status`
    Status,
    /// `*.get`
    Get,
    /// `*.search`
    Search,
    /// `*.analyze`
    Analyze,
    /// `*.schema`
    Schema,
    /// `*.config`
    Config,
    /// `*.health.check`
    HealthCheck,
    /// `*.metrics.get`
    Metrics,
}

impl TtlKind {
    /// Every kind, in the order of the table.
    pub const ALL: [Self; 10] = [
        Self::Metadata,
        Self::List,
        Self::Status,
        Self::Get,
        Self::Search,
        Self::Analyze,
        Self::Schema,
        Self::Config,
        Self::HealthCheck,
        Self::Metrics,
    ];

    /// The name in `CACHE_TTL_CONFIG`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::List => "list",
            Self::Status => "status",
            Self::Get => "get",
            Self::Search => "search",
            Self::Analyze => "analyze",
            Self::Schema => "schema",
            Self::Config => "config",
            Self::HealthCheck => "healthCheck",
            Self::Metrics => "metrics",
        }
    }

    /// The kind of this name in `CACHE_TTL_CONFIG`, or `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The default TTL in seconds.
    pub const fn default_seconds(self) -> f64 {
        match self {
            Self::Status | Self::Search => 60.0,
            Self::Get | Self::Analyze => 120.0,
            Self::List => 180.0,
            Self::Metadata | Self::HealthCheck | Self::Metrics => 300.0,
            Self::Config => 600.0,
            Self::Schema => 3600.0,
        }
    }
}

/// The operations that change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// `*.create`
    Create,
    /// `*.update`
    Update,
    /// `*.delete`
    Delete,
    /// `*.add`
    Add,
    /// `*.remove`
    Remove,
    /// `*.clear`
    Clear,
    /// `*.execute`
    Execute,
    /// `*.generate`
    Generate,
    /// Any other operation that a rule calls a mutation.
    Custom,
}

impl Verb {
    /// The verb that an operation is by its name alone.
    pub fn from_operation(operation: &str) -> Option<Self> {
        Some(match operation {
            "create" => Self::Create,
            "update" => Self::Update,
            "delete" => Self::Delete,
            "add" => Self::Add,
            "remove" => Self::Remove,
            "clear" => Self::Clear,
            "execute" => Self::Execute,
            "generate" => Self::Generate,
            _ => return None,
        })
    }
}

/// What an endpoint does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndpointClass {
    /// It reads, and its answers may be cached.
    Read(TtlKind),
    /// It changes something.
    Mutation(Verb),
    /// Neither is known: the cache stays out of the way.
    Other,
}

/// Classifies an endpoint by its last segments; the longest ending wins, case counts.
///
/// A read must be spelled with letters, digits, `_`, `-` and single dots, so that no name which
/// another part of a system reads differently (`a.get/x.list`, `a.get%2elist`) is cached.
pub fn classify(name: &str) -> EndpointClass {
    if !is_well_formed(name) {
        return EndpointClass::Other;
    }
    let operation = endpoint::operation(name);
    if let Some(verb) = Verb::from_operation(operation) {
        return EndpointClass::Mutation(verb);
    }
    let before = endpoint::operation(endpoint::resource(name));
    let kind = match (before, operation) {
        ("health", "check") => TtlKind::HealthCheck,
        ("metrics", "get") => TtlKind::Metrics,
        _ => match TtlKind::from_name(operation) {
            None | Some(TtlKind::Metadata | TtlKind::HealthCheck | TtlKind::Metrics) => {
                return EndpointClass::Other;
            }
            Some(kind) => kind,
        },
    };
    for c in name.chars() {
        if !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.') {
            return EndpointClass::Other;
        }
    }
    EndpointClass::Read(kind)
}

/// Whether the name is an endpoint without empty segments.
pub(crate) fn is_well_formed(name: &str) -> bool {
    if endpoint::validate(name).is_err() {
        return false;
    }
    let mut before = b'.';
    for byte in name.bytes() {
        if byte == b'.' && before == b'.' {
            return false;
        }
        before = byte;
    }
    before != b'.'
}

/// The kind whose TTL an endpoint has: its own if it is a read, else [`TtlKind::Metadata`].
pub fn ttl_kind(endpoint: &str) -> TtlKind {
    match classify(endpoint) {
        EndpointClass::Read(kind) => kind,
        EndpointClass::Mutation(_) | EndpointClass::Other => TtlKind::Metadata,
    }
}

/// The operations whose results a new or changed member of a resource shows up in.
const VIEWS: &str = "list:get:search:status:analyze:";

/// The endpoints whose entries a mutation makes stale. Nested resources are included.
///
/// With `R` the resource: `update`, `delete`, `clear` and custom verbs touch everything under `R`;
/// `create`, `generate` and `execute` touch the views under `R`; `add` and `remove` those under `R`
/// and under its parent, where it has one. An operation without a resource acts on the root.
pub fn mutation_effects(endpoint: &str, verb: Verb) -> Vec<EndpointPattern> {
    let mut under = endpoint::resource(endpoint);
    match verb {
        Verb::Update | Verb::Delete | Verb::Clear | Verb::Custom => {
            return vec![EndpointPattern::all_under(under)];
        }
        Verb::Create | Verb::Generate | Verb::Execute => {}
        Verb::Add | Verb::Remove => {
            // What lies under the parent includes what lies under the resource itself.
            let parent = endpoint::parent(under);
            if !parent.is_empty() {
                under = parent;
            }
        }
    }
    vec![EndpointPattern::listed_under(under, VIEWS)]
}
