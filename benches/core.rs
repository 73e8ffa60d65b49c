//! The core alone, without JavaScript: `cargo bench --bench core [-- --quick] [name ...]`.
//!
//! Each line is the median of interleaved rounds and, where there is one, the ratio to a bare `HashMap` in the
//! same run, so that a regression is found before a host is involved. Pauses are maxima over single calls.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    reason = "a bench that fails stops here, and it measures real time"
)]

use endpoint_cache::core::cache::{Cache, HashStore, KeyPattern, PutOptions, ReadOptions};
use endpoint_cache::core::clock::ManualClock;
use endpoint_cache::core::endpoint::EndpointPattern;
use endpoint_cache::core::engine::Limits;
use endpoint_cache::core::groups::Scope;
use endpoint_cache::core::time::Ttl;
use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

type Native = Cache<HashStore<u32>, ManualClock>;

/// A bench, told whether to be quick.
type Bench = fn(bool);

/// A way of doing something: makes its state untimed, then is timed over a number of operations.
type Contender<'a> = (&'a str, Box<dyn FnMut() -> Duration + 'a>, usize);

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let quick = arguments.iter().any(|a| a == "--quick");
    let names: Vec<&String> = arguments.iter().filter(|a| !a.starts_with("--")).collect();
    let benches: [(&str, Bench); 6] = [
        ("get", get),
        ("set", set),
        ("begin", begin),
        ("invalidate", invalidate),
        ("release", release),
        ("cleanup", cleanup),
    ];
    for (name, bench) in benches {
        if names.is_empty() || names.iter().any(|wanted| wanted.as_str() == name) {
            bench(quick);
        }
    }
}

fn keys(count: usize, resources: usize, from: usize) -> Vec<String> {
    (from..from + count)
        .map(|i| {
            format!(
                "core.re_{:04x}.list:user:u{:04x}:{:016x}",
                i % resources,
                i % 4096,
                (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            )
        })
        .collect()
}

/// Order that is neither that of insertion nor random from run to run.
fn shuffled(count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for i in (1..count).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order.swap(i, (state % (i as u64 + 1)) as usize);
    }
    order
}

fn within(max_entries: usize) -> (Native, ManualClock) {
    let clock = ManualClock::at(1_000_000.0);
    let limits = Limits {
        max_entries,
        max_bytes: f64::INFINITY,
        ..Limits::default()
    };
    (Cache::native_within(clock.clone(), limits), clock)
}

fn fresh(seconds: f64) -> PutOptions {
    PutOptions::fresh_for(Ttl::from_seconds(seconds).unwrap())
}

fn filled(max_entries: usize, keys: &[String]) -> (Native, ManualClock) {
    let (cache, clock) = within(max_entries);
    for (i, key) in keys.iter().enumerate() {
        cache.set(key, i as u32, fresh(300.0)).unwrap();
    }
    (cache, clock)
}

fn timed<R>(work: impl FnOnce() -> R) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

fn median(samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

/// Lets the contenders take turns and prints a line for each, against the first.
fn compare(title: &str, mut contenders: Vec<Contender<'_>>, quick: bool) {
    println!("{title}");
    let rounds = if quick { 5 } else { 25 };
    let mut samples = vec![Vec::new(); contenders.len()];
    for round in 0..rounds + 2 {
        for (i, (_, run, operations)) in contenders.iter_mut().enumerate() {
            let ns = run().as_nanos() as f64 / *operations as f64;
            if round >= 2 {
                samples[i].push(ns);
            }
        }
    }
    let medians: Vec<f64> = samples.iter_mut().map(|s| median(s)).collect();
    for ((name, _, _), ns) in contenders.iter().zip(&medians) {
        println!(
            "  {name:<28} {ns:>10.1} ns  {:>6.2} times the time of {}",
            ns / medians[0],
            contenders[0].0
        );
    }
}

fn get(quick: bool) {
    let keys = keys(10_000, 50, 0);
    let order = shuffled(keys.len());
    let map: HashMap<&str, u32> = keys.iter().map(|key| (key.as_str(), 1)).collect();
    let (cache, _clock) = filled(20_000, &keys);
    let missing = self::keys(10_000, 50, 5_000_000);
    let count = order.len();
    compare(
        "get, 10,000 keys of 45 characters",
        vec![
            (
                "HashMap",
                Box::new(|| {
                    timed(|| {
                        order
                            .iter()
                            .filter(|i| map.contains_key(keys[**i].as_str()))
                            .count()
                    })
                }),
                count,
            ),
            (
                "hit",
                Box::new(|| {
                    timed(|| {
                        order
                            .iter()
                            .filter(|i| cache.get(&keys[**i]).is_some())
                            .count()
                    })
                }),
                count,
            ),
            (
                "miss",
                Box::new(|| {
                    timed(|| {
                        order
                            .iter()
                            .filter(|i| cache.get(&missing[**i]).is_some())
                            .count()
                    })
                }),
                count,
            ),
        ],
        quick,
    );
}

fn set(quick: bool) {
    let keys = keys(50_000, 50, 0);
    let count = keys.len();
    compare(
        "set of new keys",
        vec![
            (
                "HashMap, owned keys",
                Box::new(|| {
                    let mut map = HashMap::new();
                    timed(|| {
                        keys.iter().for_each(|key| {
                            black_box(map.insert(key.clone(), 1));
                        })
                    })
                }),
                count,
            ),
            (
                "into an empty cache",
                Box::new(|| {
                    let (cache, _clock) = within(100_000);
                    timed(|| {
                        keys.iter()
                            .for_each(|key| cache.set(key, 1, fresh(300.0)).unwrap())
                    })
                }),
                count,
            ),
            (
                "evicting, 10,000 entries",
                Box::new(|| {
                    let (cache, _clock) = filled(10_000, &self::keys(10_000, 50, 7_000_000));
                    timed(|| {
                        keys.iter()
                            .for_each(|key| cache.set(key, 1, fresh(300.0)).unwrap())
                    })
                }),
                count,
            ),
        ],
        quick,
    );
}

fn begin(quick: bool) {
    let keys = keys(10_000, 50, 0);
    let order = shuffled(keys.len());
    let (cache, _clock) = filled(20_000, &keys);
    let ask = ReadOptions::default();
    compare(
        "deciding over a read",
        vec![
            (
                "get",
                Box::new(|| {
                    timed(|| {
                        order
                            .iter()
                            .filter(|i| cache.get(&keys[**i]).is_some())
                            .count()
                    })
                }),
                order.len(),
            ),
            (
                "begin, a hit",
                Box::new(|| {
                    timed(|| {
                        order.iter().for_each(|i| {
                            black_box(cache.begin(&keys[*i], &ask));
                        })
                    })
                }),
                order.len(),
            ),
        ],
        quick,
    );
}

fn invalidate(quick: bool) {
    let count = if quick { 100_000 } else { 1_000_000 };
    let keys = keys(count, 1_000, 0);
    let (cache, _clock) = filled(count, &keys);
    let mut drops = Vec::new();
    for resource in 0..50 {
        let pattern = EndpointPattern::parse(&format!("core.re_{resource:04x}.*")).unwrap();
        let scope = KeyPattern::scope(Scope::endpoint(pattern));
        let start = Instant::now();
        let removed = cache.invalidate(&scope).unwrap();
        drops.push(start.elapsed().as_nanos() as f64);
        assert_eq!(removed, count / 1_000);
    }
    let longest = drops.iter().copied().fold(0.0, f64::max);
    println!(
        "drop one of 1,000 resources from {count} entries\n  median {:.1} µs, longest {:.1} µs",
        median(&mut drops) / 1e3,
        longest / 1e3
    );
}

fn release(quick: bool) {
    let count = if quick { 100_000 } else { 1_000_000 };
    let keys = keys(count, 1, 0);
    let (cache, _clock) = filled(count, &keys);
    let scope = KeyPattern::scope(Scope::endpoint(EndpointPattern::parse("core.*").unwrap()));
    let drop_all = timed(|| assert_eq!(cache.invalidate(&scope).unwrap(), count));
    let fresh_keys = self::keys(100, 7, 9_000_000);
    let mut longest = Duration::ZERO;
    let mut calls = 0;
    while cache.engine().borrow().has_dead() {
        let key = &fresh_keys[calls % 100];
        longest = longest.max(timed(|| cache.set(key, 1, fresh(300.0)).unwrap()));
        calls += 1;
    }
    println!(
        "drop a resource that holds all {count} entries\n  the drop {:.1} µs, longest call afterwards {:.1} µs, all released after {calls} calls",
        drop_all.as_nanos() as f64 / 1e3,
        longest.as_nanos() as f64 / 1e3
    );
}

fn cleanup(quick: bool) {
    println!("1,000 expired entries among many");
    for alive in if quick {
        vec![1_000, 100_000]
    } else {
        vec![1_000, 10_000, 100_000, 1_000_000]
    } {
        let (cache, clock) = filled(alive + 2_000, &[]);
        for key in keys(alive, 50, 0) {
            cache.set(&key, 1, fresh(1e6)).unwrap();
        }
        let (mut sweeps, mut stats) = (Vec::new(), Vec::new());
        for round in 0..9 {
            for key in keys(1_000, 50, 20_000_000 + round * 1_000) {
                cache.set(&key, 1, fresh(1.0)).unwrap();
            }
            clock.advance(2_000.0);
            stats.push(timed(|| cache.stats()).as_nanos() as f64);
            sweeps.push(timed(|| assert_eq!(cache.cleanup_expired(), 1_000)).as_nanos() as f64);
        }
        println!(
            "  {alive:>9} alive: cleanup {:>8.1} µs, stats {:>8.1} µs",
            median(&mut sweeps) / 1e3,
            median(&mut stats) / 1e3
        );
    }
}
