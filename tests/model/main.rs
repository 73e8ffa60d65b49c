//! A million random operations against the cache as one would write it without a care for speed.
//!
//! `MODEL_SEED` and `MODEL_OPS` choose the run; the seed is in the message of a failing one.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)] // a failing test panics

mod naive;

use endpoint_cache::core::cache::{Cache, HashStore, KeyPattern, PutOptions, ReadOptions};
use endpoint_cache::core::clock::ManualClock;
use endpoint_cache::core::endpoint::EndpointPattern;
use endpoint_cache::core::engine::{BypassReason, Limits, Plan, Presence, Write};
use endpoint_cache::core::groups::Scope;
use endpoint_cache::core::in_flight::{LoadId, MutationId};
use endpoint_cache::core::pattern::TextPattern;
use endpoint_cache::core::slots::Slot;
use endpoint_cache::core::time::Ttl;
use naive::{Answer, Cover, Entry, MAX_LOAD, MAX_MUTATION, Naive, Question};

/// Whether the cache may have to evict.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bounds {
    Wide,
    Tight,
}

/// SplitMix64: one number for one seed, the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }
}

const ENDPOINTS: [&str; 5] = ["a.get", "a.list", "a.b.get", "ab.get", ""];
const TAGS: [&str; 3] = ["t", "u", "v"];

fn keys() -> Vec<String> {
    let users = ["", "user:ann:", "user:bob:"];
    let key = |endpoint: &str, user: &str, id: u32| match endpoint {
        "" => format!("bare{id}"),
        _ => format!("{endpoint}:{user}{id}"),
    };
    let of_user = |endpoint| {
        users
            .iter()
            .flat_map(move |user| (0..3).map(move |id| key(endpoint, user, id)))
    };
    let mut keys: Vec<String> = ENDPOINTS.into_iter().flat_map(of_user).collect();
    keys.sort();
    keys.dedup();
    keys
}

/// Everything that is invalidated by: texts, scopes, and both.
fn covers() -> Vec<Cover> {
    let any: Question = |_| true;
    let texts: [(TextPattern, Question); 6] = [
        (TextPattern::regex("").unwrap(), any),
        (TextPattern::regex(r"^a\.(get|list):").unwrap(), |key| {
            key.starts_with("a.get:") || key.starts_with("a.list:")
        }),
        (TextPattern::regex("[02]$").unwrap(), |key| {
            key.ends_with(['0', '2'])
        }),
        (TextPattern::glob("*:user:ann:*").unwrap(), |key| {
            key.contains(":user:ann:")
        }),
        (TextPattern::glob("a?.get:1").unwrap(), |key| {
            key == "ab.get:1"
        }),
        (TextPattern::prefix("a.").unwrap(), |key| {
            key.starts_with("a.")
        }),
    ];
    let endpoints = [
        None,
        Some("a.get"),
        Some("a.*"),
        Some("*.get"),
        Some("*"),
        Some("none.*"),
    ];
    let users = [None, None, Some("ann"), Some("bob")];
    let tags = [None, None, None, Some("t"), Some("u")];
    let mut covers = Vec::new();
    for endpoint in endpoints {
        for user in users {
            for tag in tags {
                let scope = Scope {
                    endpoint: endpoint.map(|text| EndpointPattern::parse(text).unwrap()),
                    user: user.map(str::to_owned),
                    tag: tag.map(str::to_owned),
                    narrowing: None,
                };
                covers.push(Cover {
                    pattern: KeyPattern::scope(scope.clone()),
                    text: any,
                });
                for (pattern, text) in texts.iter().take(usize::from(endpoint.is_none()) * 6) {
                    let pattern = KeyPattern {
                        text: Some(pattern.clone()),
                        scope: scope.clone(),
                    };
                    covers.push(Cover {
                        pattern,
                        text: *text,
                    });
                }
            }
        }
    }
    covers
}

struct Run {
    cache: Cache<HashStore<u64>, ManualClock>,
    clock: ManualClock,
    model: Naive,
    random: Random,
    keys: Vec<String>,
    covers: Vec<Cover>,
    leases: Vec<(MutationId, Vec<Scope>)>,
    ended: Vec<LoadId>,
    bounds: Bounds,
    values: u64,
}

impl Run {
    fn new(seed: u64, bounds: Bounds) -> Self {
        let clock = ManualClock::at(0.0);
        let (max_entries, max_bytes) = match bounds {
            Bounds::Wide => (60, 1e6),
            Bounds::Tight => (8, 1_800.0),
        };
        let limits = Limits {
            max_entries,
            max_bytes,
            max_entry_bytes: 800.0,
            max_load_ms: MAX_LOAD,
            max_mutation_ms: MAX_MUTATION,
            // In every second run, whatever leaves nothing gives the memory back at once.
            bulk_clear_threshold: if seed.is_multiple_of(2) {
                1
            } else {
                usize::MAX
            },
            ..Limits::default()
        };
        Run {
            cache: Cache::native_within(clock.clone(), limits),
            clock,
            model: Naive::default(),
            random: Random(seed),
            keys: keys(),
            covers: covers(),
            leases: Vec::new(),
            ended: Vec::new(),
            bounds,
            values: 0,
        }
    }

    fn wide(&self) -> bool {
        self.bounds == Bounds::Wide
    }

    fn key(&mut self) -> String {
        self.random.of(&self.keys).clone()
    }

    fn tags(&mut self) -> Vec<String> {
        let count = if self.random.one_in(3) {
            1 + self.random.below(2)
        } else {
            0
        };
        let mut tags: Vec<String> = (0..count)
            .map(|_| (*self.random.of(&TAGS)).to_owned())
            .collect();
        tags.sort();
        tags
    }

    /// Something to store, and what the model makes of it. Values are never the same twice.
    fn entry(&mut self) -> (PutOptions, Entry) {
        let ttl = match self.random.below(8) {
            0 => Ttl::FOREVER,
            _ => Ttl::from_millis(1.0 + self.random.below(2_000) as f64).unwrap(),
        };
        let window = if self.random.one_in(3) {
            self.random.below(1_500) as f64
        } else {
            0.0
        };
        let bytes = u32::try_from(self.random.below(150)).unwrap();
        let tags = self.tags();
        self.values += 1;
        let (value, stored_at) = (self.values, self.model.now);
        let deadline = stored_at + ttl.as_millis();
        let mut plain = tags.clone();
        plain.dedup();
        (
            PutOptions {
                write: Write {
                    ttl,
                    window,
                    bytes,
                    digest: None,
                },
                tags,
            },
            Entry {
                value,
                stored_at,
                deadline,
                window,
                tags: plain,
                retry_at: f64::NEG_INFINITY,
            },
        )
    }

    fn ask(&mut self) -> ReadOptions {
        let mut window = || {
            if self.random.one_in(2) {
                self.random.below(1_500) as f64
            } else {
                0.0
            }
        };
        let (stale_while_revalidate, stale_if_error) = (window(), window());
        let eager_refresh = self.random.one_in(3).then_some(0.5);
        let mut tags = self.tags();
        tags.dedup();
        let alone = self.random.one_in(12);
        ReadOptions {
            retry_backoff: 0.0,
            tags,
            digest: None,
            stale_while_revalidate,
            stale_if_error,
            eager_refresh,
            alone,
        }
    }

    fn load(&mut self) -> Option<LoadId> {
        if self.random.one_in(40) && !self.ended.is_empty() {
            return Some(*self.random.of(&self.ended));
        }
        let loads: Vec<LoadId> = self.model.loads.keys().copied().collect();
        (!loads.is_empty()).then(|| *self.random.of(&loads))
    }

    /// The cache may have fewer than the model where it had to evict, never more.
    #[track_caller]
    fn same_count(&self, what: &str, cache: usize, model: usize) {
        assert!(
            cache == model || !self.wide() && cache < model,
            "{what}: {cache}, not {model}"
        );
    }

    fn step(&mut self) {
        let key = self.key();
        // So few loads that what each missed stays short, in the model and in the cache.
        let busy = self.model.loads.len() > 12;
        match self.random.below(200) {
            68..130 if busy => self.fill(),
            0..34 => self.get(&key),
            34..64 => {
                let (store, entry) = self.entry();
                let value = entry.value;
                self.cache.set(&key, value, store).unwrap();
                self.model.set(&key, entry);
            }
            64..68 => {
                let (cache, model) = (self.cache.delete(&key), self.model.delete(&key));
                assert!(
                    cache == model || !self.wide() && model,
                    "delete {key}: {cache}"
                );
            }
            68..130 => self.begin(&key),
            130..158 => self.fill(),
            158..162 => {
                if let Some(load) = self.load() {
                    let backoff = if self.random.one_in(2) { 300.0 } else { 0.0 };
                    self.cache.abandon(load, backoff);
                    self.model.abandon(load, backoff);
                    self.ended.push(load);
                }
            }
            162..165 => {
                if let Some(load) = self.load() {
                    let (cache, model) = (self.cache.refuse(load), self.model.refuse(load));
                    assert!(
                        cache == model || !self.wide() && cache.is_some(),
                        "refuse: {cache:?}"
                    );
                    self.ended.push(load);
                }
            }
            165..171 => self.invalidate(),
            171..175 => self.mutate(),
            175..176 => {
                let (cache, model) = (self.cache.cleanup_expired(), self.model.cleanup());
                self.same_count("cleaned up", cache, model);
            }
            176 if self.random.one_in(8) => {
                let (cache, model) = (self.cache.clear(), self.model.clear());
                self.same_count("cleared", cache, model);
            }
            176..195 => self.move_clock(),
            195..198 => self.look(&key),
            _ => self.cache.maintain(3),
        }
    }

    fn get(&mut self, key: &str) {
        let expected = self.model.fresh(key).map(|entry| entry.value);
        let found = self.cache.peek(key);
        assert!(
            found == expected || !self.wide() && found.is_none(),
            "peek {key}: {found:?}"
        );
        assert_eq!(self.cache.has(key), found.is_some());
        assert_eq!(self.cache.get(key), found, "get {key}");
        self.model.get(key);
        if found.is_none() && expected.is_some() {
            self.model.entries.remove(key);
        }
    }

    fn begin(&mut self, key: &str) {
        let ask = self.ask();
        let plan = self.cache.begin(key, &ask);
        let value = |slot: Slot| self.cache.value(slot).unwrap();
        let (answer, load) = match plan {
            Plan::Hit(slot, load) => (Answer::Hit(value(slot), load.is_some()), load),
            Plan::Stale(slot, load) => (Answer::Stale(value(slot), load.is_some()), load),
            Plan::Miss(load, slot) => (Answer::Miss(slot.map(value)), Some(load)),
            Plan::Join(load, slot) => (Answer::Join(load, slot.map(value)), None),
            Plan::Bypass(BypassReason::NotJoinable) => (Answer::NotJoinable, None),
            Plan::Bypass(reason) => panic!("{key}: bypass, {}", reason.name()),
        };
        if self.wide() {
            assert_eq!(answer, self.model.begin(key, &ask), "{key} {ask:?}");
        } else {
            self.judge(key, &ask, answer);
        }
        let counted = &mut self.model.counted;
        match answer {
            Answer::Hit(..) => counted.hits += 1,
            Answer::Stale(..) => {
                (counted.hits, counted.stale) = (counted.hits + 1, counted.stale + 1)
            }
            Answer::Miss(_) => counted.misses += 1,
            Answer::Join(..) => {
                (counted.misses, counted.joined) = (counted.misses + 1, counted.joined + 1)
            }
            Answer::NotJoinable => counted.bypasses += 1,
        }
        if let Some(load) = load {
            self.model.start(load, key, &ask);
        }
    }

    /// What a cache that may have lost an entry must still not answer.
    fn judge(&mut self, key: &str, ask: &ReadOptions, answer: Answer) {
        let now = self.model.now;
        let entry = self.model.entries.get(key).cloned();
        let past = entry.as_ref().map(|entry| now - entry.deadline);
        let is = |value: u64| entry.as_ref().is_some_and(|entry| entry.value == value);
        match answer {
            Answer::Hit(value, _) => assert!(is(value) && past <= Some(0.0), "{key}: {answer:?}"),
            Answer::Stale(value, _) => {
                let allowed = ask.stale_while_revalidate.max(ask.stale_if_error);
                assert!(is(value) && past <= Some(allowed), "{key}: {answer:?}");
            }
            Answer::Miss(value) => {
                let allowed = past <= Some(ask.stale_if_error);
                assert!(
                    value.is_none_or(|value| is(value) && allowed),
                    "{key}: {answer:?}"
                );
                if self.cache.explain(key).presence == Presence::Loading {
                    self.model.entries.remove(key);
                }
            }
            Answer::Join(load, value) => {
                assert_eq!(self.model.load_of(key), Some(load), "{key}");
                assert_eq!(self.model.is_unjoinable(load), None, "{key}");
                assert!(value.is_none_or(|value| is(value) && past <= Some(ask.stale_if_error)));
            }
            Answer::NotJoinable => assert!(ask.alone && self.model.load_of(key).is_some()),
        }
    }

    fn fill(&mut self) {
        let Some(load) = self.load() else { return };
        let (store, entry) = self.entry();
        let key = self
            .model
            .loads
            .get(&load)
            .map_or_else(|| self.keys[0].clone(), |l| l.key.clone());
        let filled = self.cache.fill(load, &key, entry.value, store);
        let model = self.model.fill(load, entry);
        assert!(
            filled == model || !self.wide() && filled.is_err(),
            "fill {key}: {filled:?}, not {model:?}"
        );
        if filled.is_err() && model.is_ok() {
            self.model.entries.remove(&key);
        }
        self.ended.push(load);
    }

    fn invalidate(&mut self) {
        let at = self.random.below(self.covers.len() as u64) as usize;
        let cover = &self.covers[at];
        let preview = self.cache.preview(&cover.pattern).unwrap().len();
        if self.random.one_in(4) {
            let (cache, model) = (self.cache.expire(&cover.pattern), self.model.expire(cover));
            return self.same_count("expired", cache.unwrap(), model);
        }
        let (cache, model) = (
            self.cache.invalidate(&cover.pattern).unwrap(),
            self.model.invalidate(cover),
        );
        self.same_count(&cover.pattern.to_string(), cache, model);
        assert_eq!(preview, cache);
    }

    fn mutate(&mut self) {
        if self.random.one_in(4) || self.leases.is_empty() {
            let scope = |run: &mut Run| {
                let at = run.random.below(run.covers.len() as u64) as usize;
                run.covers[at].pattern.scope.clone()
            };
            let scopes = vec![scope(self), scope(self)];
            let (mutation_id, cache) = self.cache.begin_mutation(scopes.clone());
            let model = self.model.begin_mutation(mutation_id, &scopes);
            self.same_count("invalidated by a mutation", cache, model);
            self.leases.push((mutation_id, scopes));
        } else {
            let at = self.random.below(self.leases.len() as u64) as usize;
            let (mutation_id, scopes) = self.leases.swap_remove(at);
            let (cache, model) = (
                self.cache.settle(mutation_id, &scopes),
                self.model.settle(mutation_id, &scopes),
            );
            self.same_count("invalidated at the end of a mutation", cache, model);
        }
    }

    fn move_clock(&mut self) {
        let ms = match self.random.below(60) {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            3 => self.model.reading - self.random.below(1_000_000_000) as f64,
            4 => self.model.reading + self.random.below(100_000) as f64,
            5..12 => self.model.reading,
            _ => self.model.reading + self.random.below(150) as f64,
        };
        self.clock.set(ms);
        self.cache.maintain(0);
        self.model.tick(ms);
    }

    fn look(&self, key: &str) {
        let stats = self.cache.stats();
        let (counters, counted) = (&stats.counters, &self.model.counted);
        assert_eq!(stats.loading, self.model.loads.len());
        assert_eq!(stats.mutating, self.model.mutations.len());
        assert_eq!(counters.failed_loads, counted.failed);
        assert_eq!(counters.timed_out_mutations, counted.timed_out_mutations);
        assert_eq!(
            counters.refused_by.iter().sum::<u64>(),
            counters.refused_fills
        );
        let asked = counted.hits + counted.misses + counted.bypasses;
        assert_eq!(
            counters.hits as u64 + counters.misses + counters.bypasses,
            asked
        );
        self.same_count("size", stats.size, self.model.entries.len());
        if !self.wide() {
            return;
        }
        let over = |entry: &&Entry| entry.kept_until() < self.model.now;
        assert_eq!(
            stats.expired_entries,
            self.model.entries.values().filter(over).count()
        );
        assert_eq!(counters.hits as u64, counted.hits);
        assert_eq!(counters.stale_hits, counted.stale);
        assert_eq!(counters.joined, counted.joined);
        assert_eq!(counters.sets, counted.sets);
        assert_eq!(counters.invalidations, counted.invalidations);
        assert_eq!(counters.marked_stale, counted.marked_stale);
        assert_eq!(counters.refused_by, counted.refused);
        assert_eq!((counters.evictions, counters.rejected), (0, 0));
        let presence = match self.model.entries.get(key) {
            Some(entry) if self.model.now <= entry.deadline => Presence::Fresh,
            Some(entry) if self.model.now <= entry.kept_until() => Presence::Stale,
            Some(_) => Presence::Expired,
            None if self.model.load_of(key).is_some() => Presence::Loading,
            None => Presence::Absent,
        };
        assert_eq!(self.cache.explain(key).presence, presence, "{key}");
    }
}

/// A number from the environment, or this one.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

fn run(bounds: Bounds) {
    let (seed, ops) = (setting("MODEL_SEED", 1), setting("MODEL_OPS", 1_000_000));
    println!("MODEL_SEED={seed} MODEL_OPS={ops} {bounds:?}");
    let mut run = Run::new(seed, bounds);
    for op in 0..ops {
        let step = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run.step()));
        assert!(step.is_ok(), "MODEL_SEED={seed}: operation {op} differs");
        let sound = run.cache.check_invariants();
        assert_eq!(sound, Ok(()), "MODEL_SEED={seed}: after operation {op}");
        run.ended.truncate(50);
    }
    let counters = run.cache.stats().counters;
    println!("{ops} operations, 0 differences: {counters:?}");
}

#[test]
fn a_wide_cache_does_what_the_model_does() {
    run(Bounds::Wide);
}

#[test]
fn a_tight_cache_serves_nothing_that_the_model_has_buried() {
    run(Bounds::Tight);
}
