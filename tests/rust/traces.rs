//! Traces written down by the reference implementation, replayed exactly: `tests/vectors/traces.json`.

use endpoint_cache::core::cache::{Cache, HashStore, KeyPattern, PutOptions};
use endpoint_cache::core::clock::ManualClock;
use endpoint_cache::core::pattern::TextPattern;
use endpoint_cache::core::time::Ttl;
use serde_json::{Value, json};

struct Replay {
    cache: Cache<HashStore<Value>, ManualClock>,
    clock: ManualClock,
    default_ttl: f64,
}

impl Replay {
    /// Runs one operation and returns what it gave, in the place where the trace has it.
    fn run(&self, op: &Value) -> Option<Value> {
        let text = |at: usize| op[at].as_str().unwrap();
        match text(0) {
            "advance" => {
                self.clock.advance(op[1].as_f64().unwrap());
                None
            }
            "set" => {
                let ttl = op[3].as_f64().unwrap_or(self.default_ttl);
                let store = PutOptions::fresh_for(Ttl::from_seconds(ttl).unwrap());
                self.cache.set(text(1), op[2].clone(), store).unwrap();
                None
            }
            "get" => Some(self.cache.get(text(1)).unwrap_or(Value::Null)),
            "delete" => Some(json!(self.cache.delete(text(1)))),
            "invalidate" => {
                let pattern = KeyPattern::text(TextPattern::regex(text(1)).unwrap());
                Some(json!(self.cache.invalidate(&pattern).unwrap()))
            }
            "cleanupExpired" => Some(json!(self.cache.cleanup_expired())),
            "clear" => {
                self.cache.clear();
                None
            }
            "getStats" => {
                let stats = self.cache.stats();
                let (hits, misses) = (stats.counters.hits as u64, stats.counters.misses);
                Some(json!([
                    stats.size,
                    hits,
                    misses,
                    stats.hit_rate(),
                    stats.expired_entries
                ]))
            }
            other => panic!("an operation named {other}"),
        }
    }
}

#[test]
fn every_trace_gives_what_the_reference_gave() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/traces.json");
    let traces: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut answers = 0;
    for (at, trace) in traces.iter().enumerate() {
        let clock = ManualClock::at(0.0);
        let default_ttl = trace["defaultTtl"].as_f64().unwrap();
        let replay = Replay {
            cache: Cache::native(clock.clone()),
            clock,
            default_ttl,
        };
        for (line, op) in trace["ops"].as_array().unwrap().iter().enumerate() {
            if let Some(answer) = replay.run(op) {
                let expected = op.as_array().unwrap().last().unwrap();
                assert_eq!(&answer, expected, "trace {at}, operation {line}: {op}");
                answers += 1;
            }
            replay.cache.check_invariants().unwrap();
        }
    }
    assert!(
        traces.len() >= 12 && answers > 300,
        "{answers} answers in {} traces",
        traces.len()
    );
}
