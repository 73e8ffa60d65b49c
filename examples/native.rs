//! The cache natively: a miss, a hit, and a change after which nothing old is served. `cargo run --example native`

use endpoint_cache::core::cache::{Cache, HashStore, Plan, PutOptions, ReadOptions, Scope};
use endpoint_cache::core::clock::Clock;
use endpoint_cache::core::key::{cache_key, canonical_stringified};
use endpoint_cache::core::rules::{EndpointClass, classify, mutation_effects};
use endpoint_cache::core::time::Ttl;
use std::error::Error;
use std::time::Instant;

/// A read: served from its entry, or loaded and stored.
fn read<C: Clock>(
    cache: &Cache<HashStore<String>, C>,
    key: &str,
    load: impl FnOnce() -> String,
) -> Result<(&'static str, String), Box<dyn Error>> {
    match cache.begin(key, &ReadOptions::default()) {
        Plan::Hit(slot, _) => Ok(("hit", cache.value(slot).ok_or("a hit has a value")?)),
        Plan::Miss(ticket, _) => {
            let value = load();
            let store = PutOptions::fresh_for(Ttl::from_seconds(60.0)?);
            // It is not stored where something was invalidated meanwhile. Whoever asked gets the value all the same.
            let _refused = cache.fill(ticket, key, value.clone(), store).err();
            Ok(("miss", value))
        }
        _ => Ok(("bypass", load())),
    }
}

/// The cache never looks at a clock of its own: it is given one.
#[allow(clippy::disallowed_methods, reason = "an application has a clock")]
fn clock() -> impl Clock {
    let start = Instant::now();
    move || start.elapsed().as_secs_f64() * 1e3
}

pub(crate) fn walk() -> Result<Vec<(&'static str, String)>, Box<dyn Error>> {
    let cache = Cache::native(clock());
    let params = canonical_stringified(r#"{"project":"demo"}"#)?;
    let key = cache_key("prompts.list", &params.digest(), None)?;
    let mut answers = vec![
        read(&cache, &key, || "first".to_owned())?,
        read(&cache, &key, || "never called".to_owned())?,
    ];
    // The name of the change says what it ends. It does so when it begins, and again when it settles.
    if let EndpointClass::Mutation(verb) = classify("prompts.create") {
        let effects = mutation_effects("prompts.create", verb);
        let scopes: Vec<Scope> = effects.into_iter().map(Scope::endpoint).collect();
        let (change, _removed) = cache.begin_mutation(scopes.clone());
        // Here the data changes.
        cache.settle(change, &scopes);
    }
    answers.push(read(&cache, &key, || "first, second".to_owned())?);
    Ok(answers)
}

fn main() -> Result<(), Box<dyn Error>> {
    for (cached, value) in walk()? {
        println!("{cached}: {value}");
    }
    Ok(())
}
