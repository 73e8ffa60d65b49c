//! What eviction keeps: hit ratios against a plain LRU, and what must hold at every size.
//!
//! The workloads are seeded and the fingerprints fixed, so every run counts the same hits. Real traces are
//! read where `ENDPOINT_CACHE_TRACES` names their directory:
//! `ENDPOINT_CACHE_TRACES=dir cargo test --release --test rust eviction -- --ignored --nocapture`.

use endpoint_cache::core::cache::{Cache, KeyPattern, PutOptions};
use endpoint_cache::core::clock::ManualClock;
use endpoint_cache::core::engine::{Engine, Limits, Write};
use endpoint_cache::core::groups::{GroupName, Scope};
use endpoint_cache::core::slots::Slot;
use endpoint_cache::core::time::Ttl;
use std::collections::{BTreeMap, HashMap};
use std::process::Command;

/// A value that no time ends.
fn lasting(bytes: u32) -> Write {
    Write {
        bytes,
        ..Write::fresh_for(Ttl::FOREVER)
    }
}

fn entries(max_entries: usize) -> Limits {
    Limits {
        max_entries,
        ..Limits::default()
    }
}

/// The engine with numbers for keys.
struct Ours {
    engine: Engine,
    slots: HashMap<u32, Slot>,
    keys: HashMap<Slot, u32>,
}

impl Ours {
    fn within(limits: Limits) -> Self {
        Ours {
            engine: Engine::new(limits),
            slots: HashMap::new(),
            keys: HashMap::new(),
        }
    }

    /// True for a hit; on a miss a value of `bytes` is stored.
    fn access_sized(&mut self, key: u32, bytes: u32) -> bool {
        let now = self.engine.time(0.0);
        let slot = self.slots.get(&key).copied();
        if self.engine.get(slot, now) {
            return true;
        }
        let name = GroupName {
            endpoint: "any",
            user: None,
            tags: &[],
        };
        let group = self.engine.group(&name);
        let stored = self
            .engine
            .set(slot, group, scatter(key), lasting(bytes), now);
        while let Some(freed) = self.engine.next_freed() {
            let key = self.keys.remove(&freed.slot).unwrap();
            self.slots.remove(&key);
        }
        let slot = stored.unwrap();
        self.slots.insert(key, slot);
        self.keys.insert(slot, key);
        false
    }

    fn access(&mut self, key: u32) -> bool {
        self.access_sized(key, 1)
    }

    fn overhead(&mut self) -> usize {
        let now = self.engine.time(0.0);
        self.engine.stats(now).overhead_bytes
    }
}

/// The policy to compare with: what was used last is kept longest.
struct Lru {
    capacity: usize,
    used: HashMap<u32, u64>,
    order: BTreeMap<u64, u32>,
    accesses: u64,
}

impl Lru {
    fn of(capacity: usize) -> Self {
        Lru {
            capacity,
            used: HashMap::new(),
            order: BTreeMap::new(),
            accesses: 0,
        }
    }

    fn access(&mut self, key: u32) -> bool {
        self.accesses += 1;
        let before = self.used.insert(key, self.accesses);
        self.order.insert(self.accesses, key);
        if let Some(before) = before {
            self.order.remove(&before);
        } else if self.used.len() > self.capacity {
            let (_, oldest) = self.order.pop_first().unwrap();
            self.used.remove(&oldest);
        }
        before.is_some()
    }
}

/// A key's fingerprint: evenly spread, as a host's hash makes it.
fn scatter(key: u32) -> u32 {
    let mut x = key ^ 0x9e37_79b9;
    x = (x ^ (x >> 16)).wrapping_mul(0x85eb_ca6b);
    x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35);
    x ^ (x >> 16)
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn below(&mut self, limit: u32) -> u32 {
        (self.next() % u64::from(limit)) as u32
    }

    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Draws the numbers below `keys`, the n-th as often as 1 / n to the power of `skew`.
struct Zipf(Vec<f64>);

impl Zipf {
    fn of(keys: u32, skew: f64) -> Self {
        let mut sum = 0.0;
        let sums = (1..=keys).map(|n| {
            sum += f64::from(n).powf(-skew);
            sum
        });
        Zipf(sums.collect())
    }

    fn draw(&self, random: &mut Random) -> u32 {
        let at = random.fraction() * self.0.last().unwrap();
        self.0.partition_point(|sum| *sum < at) as u32
    }
}

/// Percent of hits, ours and LRU's.
#[track_caller]
fn compare(capacity: usize, workload: impl IntoIterator<Item = u32>) -> (f64, f64) {
    let (mut ours, mut lru) = (Ours::within(entries(capacity)), Lru::of(capacity));
    let (mut total, mut hits, mut lru_hits) = (0_u32, 0_u32, 0_u32);
    for key in workload {
        total += 1;
        hits += u32::from(ours.access(key));
        lru_hits += u32::from(lru.access(key));
    }
    ours.engine.check_invariants().unwrap();
    let percent = |hits: u32| 100.0 * f64::from(hits) / f64::from(total);
    (percent(hits), percent(lru_hits))
}

#[track_caller]
fn at_least(floor: f64, what: &str, got: f64) {
    assert!(
        got >= floor,
        "{what}: {got:.2} % of hits, {floor:.2} % expected"
    );
}

fn zipf(seed: u64, keys: u32, skew: f64, len: u32) -> impl Iterator<Item = u32> {
    let (law, mut random) = (Zipf::of(keys, skew), Random(seed));
    (0..len).map(move |_| law.draw(&mut random))
}

#[test]
fn popularity_beats_recency() {
    for (seed, capacity, skew, gain) in [
        (1, 100, 0.8, 6.0),
        (2, 500, 0.8, 6.0),
        (3, 100, 1.0, 4.0),
        (4, 500, 1.0, 4.0),
    ] {
        let (ours, lru) = compare(capacity, zipf(seed, 10_000, skew, 100_000));
        at_least(lru + gain, &format!("Zipf {skew} at {capacity}"), ours);
    }
}

#[test]
fn a_loop_that_does_not_fit_keeps_a_part() {
    for (capacity, length, floor) in [
        (100_usize, 110_u32, 60.0),
        (100, 200, 35.0),
        (400, 500, 33.0),
        (1_000, 1_400, 10.0),
        (1_000, 1_670, 5.0),
        (1_000, 3_000, 20.0),
    ] {
        let rounds = (0..40 * length).map(|n| n % length);
        let (ours, lru) = compare(capacity, rounds);
        assert_eq!(lru, 0.0);
        at_least(floor, &format!("loop of {length} at {capacity}"), ours);
    }
}

#[test]
fn a_scan_does_not_flush_what_is_popular() {
    let mut ours = Ours::within(entries(100));
    let hot = 0..60_u32;
    for _ in 0..5 {
        for key in hot.clone() {
            ours.access(key);
        }
    }
    for key in 1_000..11_000 {
        ours.access(key);
    }
    let kept = hot.filter(|key| ours.slots.contains_key(key)).count();
    assert!(kept >= 50, "{kept} of 60 kept through a scan of 10000");
}

#[test]
fn recency_wins_where_it_should() {
    // Each key is asked for again after a draw from a short, steep law over the last ones used.
    let (law, mut random) = (Zipf::of(2_000, 0.9), Random(5));
    let mut stack: Vec<u32> = (0..2_000).collect();
    let workload: Vec<u32> = (0..60_000)
        .map(|_| {
            let key = stack.remove(law.draw(&mut random) as usize);
            stack.insert(0, key);
            key
        })
        .collect();
    let (ours, lru) = compare(300, workload);
    at_least(lru - 3.0, "stack distances", ours);
}

#[test]
fn what_becomes_popular_stays() {
    let (mut ours, mut random) = (Ours::within(entries(200)), Random(6));
    let old = Zipf::of(2_000, 0.9);
    for _ in 0..40_000 {
        ours.access(old.draw(&mut random));
    }
    // Twenty keys nobody asked for before become a third of the traffic.
    let (mut asked, mut hits) = (0_u32, 0_u32);
    for _ in 0..4_000 {
        if random.below(3) == 0 {
            asked += 1;
            hits += u32::from(ours.access(100_000 + random.below(20)));
        } else {
            ours.access(old.draw(&mut random));
        }
    }
    at_least(
        95.0,
        "newcomers",
        100.0 * f64::from(hits) / f64::from(asked),
    );
}

#[test]
fn a_burst_of_one_hit_wonders_costs_little() {
    let (law, mut random) = (Zipf::of(1_000, 0.9), Random(7));
    let mut unique = 1_000_000_u32;
    let workload = (0..80_000).map(|_| {
        if random.below(2) == 0 {
            unique += 1;
            unique
        } else {
            law.draw(&mut random)
        }
    });
    let (ours, lru) = compare(200, workload);
    at_least(lru + 5.0, "half the keys asked for once", ours);
}

#[test]
fn the_share_of_newcomers_follows_the_workload() {
    // Favours recency, then popularity, then recency: no phase may be much worse than on its own.
    let mut ours = Ours::within(entries(200));
    let mut lru = Lru::of(200);
    for phase in 0..6_u32 {
        let (mut hits, mut lru_hits) = (0_u32, 0_u32);
        if phase % 2 == 0 {
            // A window of 150 keys that slides: each key is asked for eight times, then never again.
            let mut random = Random(u64::from(phase));
            for n in 0..20_000 {
                let key = 1_000_000 * phase + n / 8 + random.below(150);
                hits += u32::from(ours.access(key));
                lru_hits += u32::from(lru.access(key));
            }
            assert!(
                hits + 600 >= lru_hits,
                "phase {phase}: {hits}, LRU {lru_hits}"
            );
        } else {
            for key in zipf(u64::from(phase), 5_000, 0.9, 20_000) {
                hits += u32::from(ours.access(key));
                lru_hits += u32::from(lru.access(key));
            }
            assert!(
                hits > lru_hits + 400,
                "phase {phase}: {hits}, LRU {lru_hits}"
            );
        }
    }
}

#[test]
fn the_memory_of_evicted_keys_is_bounded_and_counted() {
    for capacity in [1_usize, 7, 100, 1_000, 5_000] {
        let mut ours = Ours::within(entries(capacity));
        let capacity = capacity as u32;
        for key in 0..capacity {
            ours.access(key);
        }
        let full = ours.overhead();
        ours.access(capacity);
        let remembering = ours.overhead();
        assert!(remembering > full, "{capacity}: nothing is counted");
        let bound = full + 20 * capacity as usize + 16;
        assert!(remembering <= bound, "{capacity}: {remembering} of {bound}");
        for key in 0..capacity * 20 {
            ours.access(1_000_000 + key);
        }
        assert_eq!(ours.overhead(), remembering, "{capacity}: it grew");
        let now = ours.engine.time(0.0);
        ours.engine.clear(now);
        assert!(ours.overhead() < full, "{capacity}: clear kept it");
    }
}

#[test]
fn a_bound_in_bytes_evicts_as_well_as_one_in_entries() {
    let workload: Vec<u32> = zipf(8, 10_000, 0.9, 60_000).collect();
    let hits_within = |limits: Limits| {
        let mut ours = Ours::within(limits);
        let hits = workload
            .iter()
            .filter(|key| ours.access_sized(**key, 1_000));
        hits.count() as f64 / 600.0
    };
    let by_entries = hits_within(entries(300));
    for max_entries in [usize::MAX, 10_000, 301] {
        let by_bytes = hits_within(Limits {
            max_entries,
            max_bytes: 300_000.0,
            ..Limits::default()
        });
        at_least(by_entries - 0.5, &format!("bytes, {max_entries}"), by_bytes);
    }
}

#[test]
fn the_capacity_follows_the_sizes_of_values() {
    // Values a tenth as large: ten times as many fit. Large ones that were popular stay for a while, which
    // costs six points; a share and a memory for a tenth of the values would cost thirteen.
    let limits = Limits {
        max_entries: usize::MAX,
        max_bytes: 300_000.0,
        ..Limits::default()
    };
    let (mut grown, mut fresh) = (Ours::within(limits), Ours::within(limits));
    for key in zipf(11, 10_000, 0.9, 20_000) {
        grown.access_sized(1_000_000 + key, 1_000);
    }
    let (mut hits, mut fresh_hits) = (0_u32, 0_u32);
    for key in zipf(12, 20_000, 0.8, 100_000) {
        hits += u32::from(grown.access_sized(key, 100));
        fresh_hits += u32::from(fresh.access_sized(key, 100));
    }
    let percent = |hits: u32| f64::from(hits) / 1_000.0;
    at_least(percent(fresh_hits) - 8.0, "smaller values", percent(hits));
}

#[test]
fn values_of_many_sizes_keep_the_bound_in_bytes() {
    let mut ours = Ours::within(Limits {
        max_entries: usize::MAX,
        max_bytes: 10_000.0,
        ..Limits::default()
    });
    let mut random = Random(9);
    for _ in 0..5_000 {
        // Mostly small, now and then one that takes half of all bytes.
        let bytes = if random.below(50) == 0 {
            5_000
        } else {
            1 + random.below(200)
        };
        ours.access_sized(random.below(400), bytes);
        let now = ours.engine.time(0.0);
        assert!(ours.engine.stats(now).bytes <= 10_000.0);
        ours.engine.check_invariants().unwrap();
    }
}

#[test]
fn every_size_holds_its_invariants() {
    let mut random = Random(10);
    for max_entries in 1..=64_usize {
        let clock = ManualClock::default();
        let cache = Cache::native_within(clock.clone(), entries(max_entries));
        for _ in 0..200 {
            let key = format!("end.point.get:{}", random.below(3 * max_entries as u32));
            match random.below(40) {
                0 => drop(cache.delete(&key)),
                1 => clock.advance(50.0),
                2 => drop(cache.cleanup_expired()),
                3 if random.below(10) == 0 => drop(cache.clear()),
                4 if random.below(10) == 0 => {
                    cache
                        .invalidate(&KeyPattern::scope(Scope::default()))
                        .unwrap();
                }
                5..=14 => {
                    let ttl = Ttl::from_millis(f64::from(random.below(500))).unwrap();
                    cache.set(&key, 1, PutOptions::fresh_for(ttl)).unwrap();
                    assert!(cache.len() <= max_entries);
                }
                _ => {
                    if cache.get(&key).is_none() {
                        let ttl = Ttl::from_millis(1_000.0).unwrap();
                        cache.set(&key, 2, PutOptions::fresh_for(ttl)).unwrap();
                        assert_eq!(cache.peek(&key), Some(2), "the newest is there");
                    }
                }
            }
            cache.check_invariants().unwrap();
        }
    }
}

#[test]
fn room_for_one_or_two_is_used() {
    for capacity in [1, 2] {
        let mut ours = Ours::within(entries(capacity));
        for key in 0..100 {
            assert!(!ours.access(key));
            assert!(ours.access(key), "what was just stored is there");
            assert_eq!(ours.engine.len(), capacity.min(key as usize + 1));
        }
    }
}

/// A capacity, and the percentages that LRU and this policy reach with it; the second, less 0.2, is a floor.
type Row = (usize, f64, f64);

const TRACES: [(&str, &[Row]); 3] = [
    (
        "web07.trace.xz",
        &[(409, 44.14, 48.85), (2048, 55.66, 58.29)],
    ),
    (
        "multi3.trace.gz",
        &[(149, 9.93, 27.50), (745, 35.49, 48.07)],
    ),
    (
        "sprite.trace.gz",
        &[(141, 29.60, 38.13), (707, 86.48, 86.43)],
    ),
];

#[test]
#[ignore = "reads traces that are not part of this project"]
fn traces() {
    let Ok(directory) = std::env::var("ENDPOINT_CACHE_TRACES") else {
        println!("skipped: ENDPOINT_CACHE_TRACES names no directory");
        return;
    };
    println!(
        "{:24} {:>6} {:>6} {:>6}",
        "trace @ capacity", "LRU", "ours", "known"
    );
    for (name, rows) in TRACES {
        let trace = read_trace(&format!("{directory}/{name}"));
        for (capacity, lru_known, known) in rows {
            let (ours, lru) = compare(*capacity, trace.iter().copied());
            println!(
                "{:24} {lru:6.2} {ours:6.2} {known:6.2}",
                format!("{name} @ {capacity}")
            );
            assert!(
                (lru - lru_known).abs() < 0.01,
                "{name} was read wrongly: LRU {lru:.2}"
            );
            at_least(known - 0.2, name, ours);
        }
    }
}

/// Numbers in text, one a line, or 32-bit ones with the most significant byte first.
fn read_trace(path: &str) -> Vec<u32> {
    let text = path.ends_with(".gz");
    let program = if text { "gzip" } else { "xz" };
    let output = Command::new(program).args(["-dc", path]).output().unwrap();
    assert!(output.status.success(), "{program} cannot read {path}");
    if text {
        let lines = String::from_utf8(output.stdout).unwrap();
        let ids = lines.lines().filter(|line| !line.trim().is_empty());
        return ids.map(|line| line.trim().parse().unwrap()).collect();
    }
    let words = output.stdout.chunks_exact(4);
    words
        .map(|word| u32::from_be_bytes(word.try_into().unwrap()))
        .collect()
}
