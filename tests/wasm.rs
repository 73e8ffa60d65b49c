//! The exports as JavaScript sees them: the class `CacheService` and the functions, driven by JavaScript.
//!
//! Each test is a piece of JavaScript over `api`, which holds what the module exports, and `same(actual, expected, what)`.
//! A value is compared by a rendering that tells `undefined`, `null`, numbers and strings apart. The package's own tests
//! go further; here it is shown that the module is complete without the package.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use endpoint_cache::bindings::{CacheService, get_or_set, get_ttl_for_endpoint, route_request};
use js_sys::futures::JsFuture;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

type Four = dyn Fn(JsValue, JsValue, JsValue, JsValue) -> Promise;

fn four(call: fn(&JsValue, &JsValue, &JsValue, &JsValue) -> Promise) -> JsValue {
    let call: Box<Four> = Box::new(move |a, b, c, d| call(&a, &b, &c, &d));
    Closure::wrap(call).into_js_value()
}

/// What the module exports, as one object.
fn api() -> JsValue {
    let class = {
        let cache = JsValue::from(CacheService::new(&JsValue::UNDEFINED).unwrap());
        Reflect::get(&cache, &"constructor".into()).unwrap()
    };
    let ttl: Box<dyn Fn(JsValue) -> f64> =
        Box::new(|endpoint| get_ttl_for_endpoint(&endpoint).unwrap_or(f64::NAN));
    let api = Object::new();
    for (name, value) in [
        ("CacheService", class),
        ("routeRequest", four(route_request)),
        ("getOrSet", four(get_or_set)),
        ("getTtlForEndpoint", Closure::wrap(ttl).into_js_value()),
    ] {
        Reflect::set(&api, &name.into(), &value).unwrap();
    }
    api.into()
}

const PRELUDE: &str = r#"
const { CacheService, routeRequest, getOrSet, getTtlForEndpoint } = api;
const show = (value) => {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{ ${Object.keys(value).sort().map((name) => `${name}: ${show(value[name])}`).join(", ")} }`;
  }
  return Object.is(value, -0) ? "-0" : String(value);
};
const same = (actual, expected, what = "") => {
  if (show(actual) !== show(expected)) throw new Error(`${what}: ${show(actual)} is not ${show(expected)}`);
};
const complaint = (call) => {
  try {
    call();
  } catch (error) {
    return [error.constructor.name, error.code];
  }
  return "nothing was thrown";
};
const clock = { ms: 1e6, now() { return this.ms; } };
const make = (options) => new CacheService({ clock, ...options });
"#;

/// Runs a piece of JavaScript to its end; its failure is the test's.
async fn run(script: &str) {
    let body = format!("return (async () => {{ {PRELUDE} {script} }})()");
    let function = Function::new_with_args("api", &body);
    let promise: Promise = function
        .call1(&JsValue::UNDEFINED, &api())
        .unwrap()
        .unchecked_into();
    if let Err(error) = JsFuture::from(promise).await {
        let text = Reflect::get(&error, &"stack".into()).unwrap_or_default();
        panic!(
            "{}",
            text.as_string().unwrap_or_else(|| format!("{error:?}"))
        );
    }
}

macro_rules! scripts {
    ($($(#[$docs:meta])* $name:ident: $script:literal)*) => {
        $($(#[$docs])* #[wasm_bindgen_test] async fn $name() { run($script).await; })*
    };
}

scripts! {
    /// A number, a duration, an object, or nothing.
    constructor_forms: r#"
        for (const [options, lives] of [[undefined, 300], [5, 5], [{ defaultTtl: 5, clock }, 5], [{ defaultTtl: "2m", clock }, 120]]) {
          const cache = new CacheService(options);
          cache.set("k", 1);
          same(Math.round(cache.explain("k").ttl), lives, `given ${show(options)}`);
          cache.free();
        }
        same(complaint(() => new CacheService(-1)), ["RangeError", "ERR_TTL"]);
        same(complaint(() => new CacheService({ maxEntry: 1 })), ["TypeError", "ERR_OPTION"]);
        same(complaint(() => new CacheService({ maxEntries: 0 })), ["RangeError", "ERR_OPTION"]);
    "#
    set_and_get: r#"
        const cache = make();
        const value = { a: 1 };
        same(cache.get("k"), undefined);
        same(cache.set("k", value), true);
        same(cache.get("k") === value, true, "the very object");
        for (const falsy of [null, false, 0, ""]) {
          cache.set("f", falsy);
          same([cache.get("f"), cache.has("f")], [falsy, true]);
        }
        same(complaint(() => cache.set("k", undefined)), ["TypeError", "ERR_VALUE"]);
        same(cache.get("k") === value, true, "a refused set leaves what was there");
        same(complaint(() => cache.get(5)), ["TypeError", "ERR_KEY"]);
        same(complaint(() => cache.get("")), ["TypeError", "ERR_KEY"]);
        same(complaint(() => cache.set("k".repeat(1025), 1)), ["TypeError", "ERR_KEY_LENGTH"]);
        same(complaint(() => cache.set("\ud800", 1)), ["TypeError", "ERR_KEY"]);
        same(cache.size, 2);
    "#
    /// Alive at its deadline, expired after it.
    ttl_forms_and_their_boundary: r#"
        for (const [ttl, ms] of [[2, 2000], [0.25, 250], ["250ms", 250], ["1h", 3_600_000], [{ ttl: "7d" }, 604_800_000]]) {
          const cache = make();
          cache.set("k", 1, ttl);
          clock.ms += ms;
          same(cache.has("k"), true, `${show(ttl)} at its deadline`);
          clock.ms += 1;
          same(cache.has("k"), false, `${show(ttl)} after it`);
        }
        const cache = make();
        for (const forever of [0, Infinity]) {
          cache.set("k", 1, forever);
          clock.ms += 1e12;
          same(cache.get("k"), 1);
        }
        for (const bad of [NaN, -1]) same(complaint(() => cache.set("b", 1, bad)), ["RangeError", "ERR_TTL"]);
        for (const bad of ["5 weeks", true, null, 5n]) same(complaint(() => cache.set("b", 1, bad)), ["TypeError", "ERR_TTL"]);
        same(cache.has("b"), false);
    "#
    has_and_peek_change_nothing: r#"
        const cache = make();
        cache.set("k", 1, 1);
        same([cache.has("k"), cache.peek("k"), cache.has("x"), cache.peek("x")], [true, 1, false, undefined]);
        clock.ms += 1001;
        same([cache.has("k"), cache.peek("k"), cache.size], [false, undefined, 1]);
        const { hits, misses } = cache.getStats();
        same([hits, misses], [0, 0]);
        same([cache.get("k"), cache.size], [undefined, 0]);
    "#
    delete_one: r#"
        const cache = make();
        cache.set("k", 1);
        same([cache.delete("k"), cache.delete("k"), cache.get("k")], [true, false, undefined]);
    "#
    invalidate_by_every_kind_of_pattern: r#"
        const fill = () => {
          const cache = make();
          cache.set("a.prompt.list:1", 1, { tags: ["t"] });
          cache.set("a.prompt.get:user:u:1", 1);
          cache.set("a.prompts.list:1", 1);
          return cache;
        };
        for (const [pattern, left] of [
          ["prompt\\.list", ["a.prompt.get:user:u:1", "a.prompts.list:1"]],
          [/PROMPTS/i, ["a.prompt.get:user:u:1", "a.prompt.list:1"]],
          ["", []],
          [{ glob: "*:user:*" }, ["a.prompt.list:1", "a.prompts.list:1"]],
          [{ prefix: "a.prompts" }, ["a.prompt.get:user:u:1", "a.prompt.list:1"]],
          [{ endpoint: "a.prompt.*" }, ["a.prompts.list:1"]],
          [{ userId: "u" }, ["a.prompt.list:1", "a.prompts.list:1"]],
          [{ tag: "t" }, ["a.prompt.get:user:u:1", "a.prompts.list:1"]],
          [{ tag: "t", userId: "u" }, ["a.prompt.get:user:u:1", "a.prompt.list:1", "a.prompts.list:1"]],
        ]) {
          const cache = fill();
          same(cache.preview(pattern).length, 3 - left.length, "preview");
          same(cache.invalidate(pattern), 3 - left.length, String(pattern));
          same([...cache.keys()].sort(), left);
        }
        const cache = fill();
        same(complaint(() => cache.invalidate("(")), ["SyntaxError", "ERR_PATTERN_SYNTAX"]);
        same(complaint(() => cache.invalidate({ tag: "" })), ["TypeError", "ERR_PATTERN_EMPTY"]);
        same(complaint(() => cache.invalidate({})), ["TypeError", "ERR_PATTERN"]);
        same(complaint(() => cache.invalidate(5)), ["TypeError", "ERR_PATTERN"]);
        same(cache.size, 3, "nothing went");
    "#
    expire_marks_stale: r#"
        const cache = make({ staleWhileRevalidate: 10 });
        cache.set("k", 1);
        same([cache.expire({ prefix: "k" }), cache.has("k"), cache.explain("k").state], [1, false, "stale"]);
        same(await getOrSet(cache, "k", () => 2), 1);
        await null;
        same(await getOrSet(cache, "k", () => 3), 2);
    "#
    clear_keeps_the_counters: r#"
        const cache = make();
        cache.set("k", 1);
        cache.get("k");
        cache.clear();
        const { size, hits, sets } = cache.getStats();
        same([size, hits, sets, cache.get("k")], [0, 1, 1, undefined]);
    "#
    statistics_add_up: r#"
        const cache = make();
        cache.set("a", 1, 1);
        cache.set("b", 2);
        cache.get("a"); cache.get("b"); cache.get("c");
        clock.ms += 1001;
        const { size, hits, misses, hitRate, missRate, expiredEntries, sets } = cache.getStats();
        same([size, hits, misses, hitRate.toFixed(3), missRate.toFixed(3), expiredEntries, sets], [2, 2, 1, "0.667", "0.333", 1, 2]);
        same(make().getStats().hitRate, 0);
    "#
    cleanup_says_how_many: r#"
        const cache = make();
        cache.set("a", 1, 1); cache.set("b", 1, 2); cache.set("c", 1);
        clock.ms += 1500;
        same([cache.cleanupExpired(), cache.size, cache.cleanupExpired()], [1, 2, 0]);
    "#
    keys_and_entries_of_what_is_alive: r#"
        const cache = make();
        cache.set("a", 1); cache.set("b", 2, 1); cache.set("c", null);
        clock.ms += 1001;
        same([...cache.keys()].sort(), ["a", "c"]);
        same([...cache.entries()].sort(), [["a", 1], ["c", null]]);
    "#
    dispose_ends_it: r#"
        const cache = make();
        cache.set("k", 1);
        cache.dispose();
        cache.dispose();
        for (const call of [() => cache.get("k"), () => cache.set("k", 1), () => cache.has("k"), () => cache.peek("k"), () => cache.delete("k"),
          () => cache.invalidate(""), () => cache.expire(""), () => cache.preview(""), () => cache.clear(), () => cache.cleanupExpired(),
          () => cache.getStats(), () => cache.keys(), () => cache.entries(), () => cache.explain("k")]) {
          same(complaint(call), ["Error", "ERR_DISPOSED"], String(call));
        }
        const response = await routeRequest(cache, { endpoint: "a.list" }, () => 1);
        same([response.data, response.metadata.cache, response.metadata.reason], [1, "bypass", "disposed"]);
    "#
    statics: r#"
        const key = CacheService.generateCacheKey("storycore.pipeline.status", { project_name: "demo" }, "user123");
        same(/^storycore\.pipeline\.status:user:user123:[0-9a-f]{16}$/.test(key), true, key);
        same(CacheService.generateCacheKey("a.list", { b: 1, a: 2 }), CacheService.generateCacheKey("a.list", { a: 2, b: 1 }));
        same(CacheService.generateCacheKey("a.list"), CacheService.generateCacheKey("a.list", null, null));
        same(CacheService.generateCacheKey("a.list", {}, 0), CacheService.generateCacheKey("a.list", {}, "0"));
        same(complaint(() => CacheService.generateCacheKey("a:b", {})), ["TypeError", "ERR_ENDPOINT"]);
        same(complaint(() => CacheService.generateCacheKey("a.list", {}, "")), ["TypeError", "ERR_USER_ID"]);
        same(complaint(() => CacheService.generateCacheKey("a.list", { n: NaN })), ["TypeError", "ERR_PARAMS"]);
        const cache = make();
        cache.set("storycore.prompt.list:1", 1); cache.set("storycore.prompts.list:1", 1);
        same(cache.invalidate(CacheService.getInvalidationPattern("storycore.prompt.create")), 1);
        same([...cache.keys()], ["storycore.prompts.list:1"]);
    "#
    ttl_by_endpoint: r#"
        for (const [endpoint, ttl] of [["a.list", 180], ["a.status", 60], ["a.get", 120], ["a.search", 60], ["a.analyze", 120], ["a.schema", 3600],
          ["a.config", 600], ["health.check", 300], ["a.metrics.get", 300], ["a.create", 300], ["user.getaway.search", 60]]) {
          same(getTtlForEndpoint(endpoint), ttl, endpoint);
        }
    "#
    a_request_misses_hits_and_is_invalidated_by_a_mutation: r#"
        const cache = make();
        let calls = 0;
        const handler = (params) => ({ page: params.page, call: ++calls });
        const list = () => routeRequest(cache, { endpoint: "storycore.prompt.list", params: { page: 1 }, userId: "u" }, handler);
        const first = await list();
        same([first.status, first.data, first.metadata.cache, first.metadata.fromCache], ["success", { page: 1, call: 1 }, "miss", false]);
        const second = await list();
        same([second.data, second.metadata.cache, second.metadata.fromCache], [{ page: 1, call: 1 }, "hit", true]);
        same(second.metadata.key, CacheService.generateCacheKey("storycore.prompt.list", { page: 1 }, "u"));
        const created = await routeRequest(cache, { endpoint: "storycore.prompt.create", method: "POST" }, () => "id");
        same([created.data, created.metadata.cache, created.metadata.invalidated], ["id", "mutation", 1]);
        same((await list()).data.call, 2);
    "#
    a_failing_mutation_invalidates_all_the_same: r#"
        const cache = make();
        const list = () => routeRequest(cache, { endpoint: "a.list" }, () => 1);
        await list();
        const thrown = new Error("no");
        let caught;
        await routeRequest(cache, { endpoint: "a.create" }, async () => { await list(); throw thrown; }).catch((error) => { caught = error; });
        same([caught === thrown, (await list()).metadata.cache], [true, "miss"]);
    "#
    what_params_cannot_carry_bypasses: r#"
        const cache = make();
        for (const [request, reason] of [
          [{ endpoint: "a.list", params: { n: NaN } }, "params"],
          [{ endpoint: "a.list", userId: "" }, "user-id"],
          [{ endpoint: "a.list", user: {} }, "user-id"],
          [{ endpoint: "a.list", method: "PUT" }, "method"],
          [{ endpoint: "a.frobnicate" }, "not-cacheable"],
          [{ endpoint: "a:list" }, "endpoint"],
        ]) {
          const { metadata, data } = await routeRequest(cache, request, () => 7);
          same([data, metadata.cache, metadata.reason, metadata.key], [7, "bypass", reason, null]);
        }
        same([cache.size, cache.getStats().bypasses], [0, 6]);
    "#
    one_load_for_all_who_wait: r#"
        const cache = make();
        let calls = 0, finish;
        const loader = () => { calls += 1; return new Promise((resolve) => { finish = resolve; }); };
        const waiting = Array.from({ length: 100 }, () => getOrSet(cache, "k", loader));
        finish({ a: 1 });
        const values = await Promise.all(waiting);
        same([calls, values.every((value) => value.a === 1), cache.getStats().joined], [1, true, 99]);
        same(await getOrSet(cache, "k", () => 2), { a: 1 });
    "#
    a_value_loaded_before_an_invalidation_is_not_stored: r#"
        const cache = make();
        let finish;
        const early = getOrSet(cache, "a.get:1", () => new Promise((resolve) => { finish = resolve; }));
        cache.invalidate({ endpoint: "a.get" });
        const late = getOrSet(cache, "a.get:1", () => "new");
        finish("old");
        same([await early, await late, cache.get("a.get:1")], ["old", "new", "new"]);
        same(cache.getStats().refusedBy.invalidated, 1);
    "#
    what_a_loader_throws_is_shared_once: r#"
        const cache = make();
        let calls = 0;
        const fail = async () => { calls += 1; throw new Error(`no ${calls}`); };
        const ends = await Promise.allSettled([getOrSet(cache, "k", fail), getOrSet(cache, "k", fail)]);
        same(ends.map(({ reason }) => reason.message), ["no 1", "no 1"]);
        await getOrSet(cache, "k", fail).catch(() => {});
        same([calls, cache.size, cache.getStats().failedLoads], [2, 0, 2]);
    "#
    a_logger_and_a_listener_hear_of_it: r#"
        const words = [], types = [];
        const log = (level) => (fields, text) => words.push(`${level} ${text}`);
        const cache = make({ logger: { debug: log("debug"), info: log("info"), warn() {}, error() {} }, onEvent: ({ type }) => types.push(type) });
        cache.get("k"); cache.set("k", 1, 5); cache.get("k"); cache.invalidate("k");
        same(words, ["debug Cache miss: k", "debug Cache set: k (TTL: 5s)", "debug Cache hit: k", "info Cache invalidated: 1 entries matching 'k'"]);
        same(types, ["miss", "set", "hit", "invalidated"]);
    "#
}
