//! No memory at the n-th time of asking, for every n: whatever the engine was about to do, it stays whole, and what an
//! invalidation covered is not served.
//!
//! A binary of its own, because its allocator is everybody's. The allocator says no only while the engine is at work: once
//! at the n-th time, or at the n-th and every later one. An allocation that cannot fail would end the process, so this also
//! shows that the engine makes none. Left out is what answers in texts that a host asked for (`explain`, the sizes of
//! endpoints), and what is made before the engine is asked: patterns, scopes, keys.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)] // a failing test panics

use endpoint_cache::core::endpoint::{EndpointPattern, Ops};
use endpoint_cache::core::engine::{Engine, Fill, Limits, Plan, Read, Write};
use endpoint_cache::core::groups::{GroupName, Scope};
use endpoint_cache::core::in_flight::{LoadId, MutationId};
use endpoint_cache::core::slots::Slot;
use endpoint_cache::core::time::Ttl;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::HashMap;

thread_local! {
    /// Whether the engine is at work, how often it asked for memory, from which time on it gets none, until which, and how
    /// often that was: of one test, and not of those who run beside it.
    static ARMED: Cell<bool> = const { Cell::new(false) };
    static ASKED: Cell<u64> = const { Cell::new(0) };
    static FIRST: Cell<u64> = const { Cell::new(u64::MAX) };
    static LAST: Cell<u64> = const { Cell::new(u64::MAX) };
    static REFUSED: Cell<u64> = const { Cell::new(0) };
}

struct Stingy;

impl Stingy {
    fn refuses(&self) -> bool {
        if !ARMED.get() {
            return false;
        }
        let asked = ASKED.get() + 1;
        ASKED.set(asked);
        let refuses = asked >= FIRST.get() && asked <= LAST.get();
        if refuses {
            REFUSED.set(REFUSED.get() + 1);
        }
        refuses
    }
}

// SAFETY: memory is the system's, or there is none.
unsafe impl GlobalAlloc for Stingy {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if self.refuses() {
            return std::ptr::null_mut();
        }
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(memory, layout) }
    }
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if self.refuses() {
            return std::ptr::null_mut();
        }
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static MEMORY: Stingy = Stingy;

/// An entry's names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    endpoint: String,
    user: Option<String>,
    number: u32,
}

/// A host whose keys need no memory of the engine's.
struct Host {
    engine: Engine,
    now: f64,
    /// By key: its slot and the tags it was stored with.
    slots: HashMap<Key, (Slot, Vec<String>)>,
    keys: HashMap<Slot, Key>,
    loads: Vec<(LoadId, Key, bool)>,
    leases: Vec<(MutationId, Vec<Scope>)>,
    calls: u64,
}

const LONGEST_MUTATION: f64 = 1_000.0;

impl Host {
    fn new(now: f64) -> Self {
        let limits = Limits {
            max_entries: 48,
            max_bytes: 12_000.0,
            max_loads: 6,
            max_mutation_ms: LONGEST_MUTATION,
            bulk_clear_threshold: 24,
            ..Limits::default()
        };
        Host {
            engine: Engine::new(limits),
            now,
            slots: HashMap::new(),
            keys: HashMap::new(),
            loads: Vec::new(),
            leases: Vec::new(),
            calls: 0,
        }
    }

    /// Has the engine do something while memory may be short, and forgets what it emptied.
    fn ask<R>(&mut self, act: impl FnOnce(&mut Engine, f64) -> R) -> R {
        let refused = REFUSED.get();
        ARMED.set(true);
        let result = act(&mut self.engine, self.now);
        let cleared = self.engine.take_cleared();
        ARMED.set(false);
        if cleared {
            self.slots.clear();
            self.keys.clear();
        }
        while let Some(freed) = self.engine.next_freed() {
            if let Some(key) = self.keys.remove(&freed.slot)
                && self
                    .slots
                    .get(&key)
                    .is_some_and(|held| held.0 == freed.slot)
            {
                self.slots.remove(&key);
            }
        }
        self.calls += 1;
        if REFUSED.get() > refused && (self.calls.is_multiple_of(8) || refused == 0) {
            self.engine.check_invariants().unwrap();
        }
        result
    }

    fn slot(&self, key: &Key) -> Option<Slot> {
        self.slots.get(key).map(|held| held.0)
    }

    fn bind(&mut self, slot: Slot, key: &Key, tags: &[String]) {
        self.slots.insert(key.clone(), (slot, tags.to_vec()));
        self.keys.insert(slot, key.clone());
    }

    fn set(&mut self, key: &Key, tags: &[String], ttl: f64, bytes: u32) -> bool {
        let slot = self.slot(key);
        let write = Write {
            bytes,
            window: if bytes.is_multiple_of(3) { 500.0 } else { 0.0 },
            digest: bytes.is_multiple_of(7).then_some([7; 32]),
            ..Write::fresh_for(Ttl::from_millis(ttl).unwrap())
        };
        let stored = self.ask(|engine, now| {
            let name = name_of(key, tags);
            let now = engine.time(now);
            engine.set_named(slot, &name, key.number, &write, now)
        });
        if let Ok(slot) = stored {
            self.bind(slot, key, tags);
        } else {
            // What it would have replaced must not be served either.
            assert!(
                !self.is_served(key),
                "{key:?} is what it was before it was set"
            );
        }
        stored.is_ok()
    }

    fn is_served(&mut self, key: &Key) -> bool {
        let now = self.engine.time(self.now);
        self.slot(key)
            .is_some_and(|slot| self.engine.is_fresh(slot, now))
    }

    fn begin(&mut self, key: &Key) {
        let slot = self.slot(key);
        let plan = self.ask(|engine, now| {
            let now = engine.time(now);
            let group = engine.group(&name_of(key, &[]))?;
            Some(engine.begin(slot, &Read::of(group, key.number), now))
        });
        if let Some(Plan::Miss(load, _)) = plan {
            let loading = self.engine.slot_of(load).unwrap();
            if slot != Some(loading) {
                self.bind(loading, key, &[]);
            }
            let mutating = self
                .leases
                .iter()
                .any(|(_, scopes)| covers(scopes, key, &[]));
            self.loads.push((load, key.clone(), mutating));
        }
    }

    fn fill(&mut self, tags: &[String]) {
        let Some((load, key, mutating)) = self.loads.pop() else {
            return;
        };
        let mutating = mutating
            || self
                .leases
                .iter()
                .any(|(_, scopes)| covers(scopes, &key, tags));
        let write = Write::fresh_for(Ttl::from_millis(700.0).unwrap());
        let filled = self.ask(|engine, now| {
            let now = engine.time(now);
            engine.fill(load, &Fill { write, tags }, now)
        });
        if let Ok(slot) = filled {
            assert!(!mutating, "{key:?} was stored while a mutation covered it");
            self.bind(slot, &key, tags);
        }
    }

    /// Nothing that scopes cover may be served, and no load of it may be stored.
    fn expect_gone(&mut self, scopes: &[Scope]) {
        let held: Vec<_> = self
            .slots
            .iter()
            .map(|(key, held)| (key.clone(), held.1.clone()))
            .collect();
        for (key, tags) in held {
            if covers(scopes, &key, &tags) {
                assert!(
                    !self.is_served(&key),
                    "{key:?} is served though {scopes:?} went"
                );
            }
        }
        for (load, key, _) in &self.loads {
            if covers(scopes, key, &[]) {
                assert!(
                    !self.engine.is_attached(*load),
                    "{key:?} may be stored though {scopes:?} went"
                );
            }
        }
    }
}

fn name_of<'k>(key: &'k Key, tags: &'k [String]) -> GroupName<'k> {
    GroupName {
        endpoint: &key.endpoint,
        user: key.user.as_deref(),
        tags,
    }
}

fn covers(scopes: &[Scope], key: &Key, tags: &[String]) -> bool {
    let covers = |scope: &Scope| scope.covers(&key.endpoint, key.user.as_deref(), tags);
    scopes.iter().any(covers)
}

/// Numbers that look random, and are the same each time.
struct Dice(u32);

impl Dice {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 16) % bound
    }

    fn key(&mut self) -> Key {
        let (resource, user) = (self.below(40), self.below(7));
        Key {
            endpoint: format!(
                "shop.r{resource}.{}",
                ["list", "get"][self.below(2) as usize]
            ),
            user: (user > 2).then(|| format!("user-{user}")),
            number: self.below(3),
        }
    }

    fn tags(&mut self) -> Vec<String> {
        let first = self.below(6);
        let count = [0, 0, 1, 2][self.below(4) as usize];
        (first..first + count)
            .map(|tag| format!("tag-{tag}"))
            .collect()
    }

    fn scope(&mut self) -> Scope {
        let user = format!("user-{}", self.below(7));
        let tag = format!("tag-{}", self.below(6));
        let under = EndpointPattern::under(&format!("shop.r{}", self.below(40)), Ops::All);
        let by_endpoint = Scope::endpoint(under);
        match self.below(6) {
            0 => Scope {
                user: Some(user),
                ..Scope::default()
            },
            1 => Scope {
                tag: Some(tag),
                ..Scope::default()
            },
            2 => Scope {
                tag: Some(tag),
                ..by_endpoint
            },
            3 if self.below(6) == 0 => Scope::default(),
            4 => Scope::endpoint(EndpointPattern::parse("shop.*").unwrap()),
            _ => by_endpoint,
        }
    }
}

const STEPS: u32 = 2_800;

/// Everything that an engine is asked for, and what must be true after each; how often it asked for memory.
fn run(first: u64, last: u64, start: f64) -> u64 {
    FIRST.set(first);
    LAST.set(last);
    ASKED.set(0);
    REFUSED.set(0);
    let (mut host, mut dice) = (Host::new(start), Dice(5));
    for _ in 0..STEPS {
        let key = dice.key();
        match dice.below(20) {
            0..=7 => {
                let (tags, ttl) = (dice.tags(), [100.0, 300.0, 5_000.0][dice.below(3) as usize]);
                let bytes = [20, 90, 1_300][(dice.below(12) / 5) as usize] + dice.below(30);
                host.set(&key, &tags, ttl + f64::from(dice.below(90)), bytes);
            }
            8 => {
                let slot = host.slot(&key);
                host.ask(|engine, now| {
                    let now = engine.time(now);
                    engine.get(slot, now)
                });
            }
            9 | 10 => host.begin(&key),
            11 | 12 => host.fill(&dice.tags()),
            13 => {
                if let Some((load, _, _)) = host.loads.pop() {
                    host.ask(|engine, now| {
                        let now = engine.time(now);
                        engine.abandon(load, 40.0, now)
                    });
                }
            }
            14 => {
                let scope = dice.scope();
                host.ask(|engine, now| {
                    let now = engine.time(now);
                    engine.invalidate(&scope, now)
                });
                host.expect_gone(&[scope]);
            }
            15 => {
                let scope = dice.scope();
                host.ask(|engine, now| {
                    let now = engine.time(now);
                    engine.expire(&scope, now)
                });
                host.expect_gone(&[scope]);
            }
            16 => {
                let scopes = vec![dice.scope(), dice.scope()];
                let given = scopes.clone();
                let mutation_id = host.ask(|engine, now| {
                    let now = engine.time(now);
                    engine.begin_mutation(given, now).0
                });
                host.expect_gone(&scopes);
                host.leases.push((mutation_id, scopes));
            }
            17 => {
                if let Some((mutation_id, scopes)) = host.leases.pop() {
                    host.ask(|engine, now| {
                        let now = engine.time(now);
                        engine.settle(mutation_id, &scopes, now)
                    });
                    host.expect_gone(&scopes);
                }
            }
            18 => {
                let slot = host.slot(&key);
                host.ask(|engine, now| {
                    let now = engine.time(now);
                    engine.delete(slot, now)
                });
                assert!(!host.is_served(&key), "{key:?} was deleted");
            }
            _ => {
                let rest = dice.below(40);
                host.ask(|engine, now| {
                    let now = engine.time(now);
                    engine.cleanup_expired(now);
                    engine.maintain(8, now);
                    if rest == 0 {
                        engine.clear(now);
                    }
                    engine.stats(now).expired_entries
                });
            }
        }
        host.now += f64::from(dice.below(30));
        // A mutation whose time is over holds nothing back any more: the test's own list must not say otherwise.
        if dice.below(25) == 0 {
            host.now += LONGEST_MUTATION + 1.0;
            host.leases.clear();
            host.loads.retain(|load| !load.2);
        }
    }
    let asked = ASKED.get();
    FIRST.set(u64::MAX);
    host.engine.check_invariants().unwrap();
    // With memory again it is a cache like any other.
    host.now += LONGEST_MUTATION + 1.0;
    let key = dice.key();
    assert!(host.set(&key, &[], 1_000.0, 20) && host.is_served(&key));
    let all = Scope::default();
    host.ask(|engine, now| {
        let now = engine.time(now);
        engine.invalidate(&all, now)
    });
    assert!(!host.is_served(&key));
    host.engine.check_invariants().unwrap();
    asked
}

#[test]
fn a_mutation_that_could_not_be_noted_down_keeps_anything_from_being_stored_until_its_time_is_over()
{
    for start in [1_000.0, -1e9] {
        FIRST.set(u64::MAX);
        let (mut host, mut dice) = (Host::new(start), Dice(5));
        let (key, other) = (dice.key(), dice.key());
        host.begin(&key);
        host.begin(&other);
        let scopes = vec![Scope::endpoint(
            EndpointPattern::parse(&key.endpoint).unwrap(),
        )];
        let given = scopes.clone();
        ASKED.set(0);
        FIRST.set(1);
        LAST.set(u64::MAX);
        let mutation_id = host.ask(|engine, now| {
            let now = engine.time(now);
            engine.begin_mutation(given, now).0
        });
        FIRST.set(u64::MAX);
        host.leases.push((mutation_id, scopes));
        // A load that begins meanwhile.
        host.begin(&key);
        host.fill(&[]);
        assert!(!host.is_served(&key));
        host.now += LONGEST_MUTATION + 1.0;
        host.leases.clear();
        host.begin(&key);
        host.fill(&[]);
        assert!(host.is_served(&key), "its time is over");
    }
}

#[test]
fn oom_at_n() {
    let most = run(u64::MAX, u64::MAX, 0.0);
    let mut runs = 0_u64;
    for n in 1..=most {
        // On a clock that counts towards something still to come.
        run(n, n, -1e9);
        runs += 1;
        if n.is_multiple_of(5) {
            run(n, u64::MAX, 1_000.0);
            runs += 1;
        }
    }
    println!("{runs} runs of {STEPS} steps; with memory enough they ask for it {most} times");
    assert!(
        most > 5_000,
        "only {most} times was there anything to refuse"
    );
}
