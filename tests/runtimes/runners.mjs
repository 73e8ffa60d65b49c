/**
 * Projects of test runners: their users' tests run on the package by the runner's own means, and its fake clock moves the
 * package's time. Each but the typed one writes what it found into result.json.
 *
 * Knows the runners alone. A file of a project is written by a function here; a test that fails ends the runner with an error.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { HERE } from "./projects.mjs";

const PROGRAMS = join(HERE, "node_modules");

/** @typedef {{ files: Record<string, string>, args: string[] }} Runner `args`: of Node, or of the runtime that has a runner built in */

/** The body of a test: the cases, then the entry that expires by a busy wait and under the fake clock, at its own time and at an earlier one. */
const body = (/** @type {string} */ fake, /** @type {string} */ advance, /** @type {string} */ back, /** @type {string} */ real) => `
  const result = await behave(api, cases);
  const found = (way, wrong) => result.failed.push(...wrong.map((text) => way + ": " + text));
  found("busy wait", expiry(api, busyWait, atModuleScope));
  ${fake};
  found("fake clock", expiry(api, ${advance}, atModuleScope));
  ${back};
  found("fake clock at an earlier date", expiry(api, ${advance}, atModuleScope));
  ${real};
  found("the host's clock again", expiry(api, busyWait, atModuleScope));
  writeFileSync(new URL(RESULT), JSON.stringify(result));
`;

const ES_HEAD = `import { writeFileSync } from "node:fs";
import * as api from "endpoint-cache";
import { behave } from "./behave.mjs";
import cases from "./cases.mjs";
import { busyWait, expiry } from "./expiry.mjs";
const atModuleScope = new api.CacheService();
`;
const EARLIER = "2001-02-03T04:05:06Z";
const esTest = (/** @type {string} */ head, /** @type {string} */ text) =>
  `${head}${ES_HEAD}test("the package", async () => {${text.replace("new URL(RESULT)", 'new URL("result.json", import.meta.url)')}});\n`;

/** Jest as it comes: CommonJS in a realm of its own, without `require` of ES modules. @returns {Runner} */
export function jest() {
  const text = body("jest.useFakeTimers()", "(ms) => jest.advanceTimersByTime(ms)", `jest.setSystemTime(new Date("${EARLIER}"))`, "jest.useRealTimers()");
  return {
    files: {
      "package.json": JSON.stringify({ private: true, jest: { testEnvironment: "node", testMatch: ["**/*.test.js"], transform: {} } }),
      "behave.js": common("behave.mjs"),
      "expiry.js": common("expiry.mjs"),
      "all.test.js": `const { writeFileSync } = require("node:fs");
const { join } = require("node:path");
const api = require("endpoint-cache");
const { behave } = require("./behave.js");
const { busyWait, expiry } = require("./expiry.js");
const cases = require("./cases.json");
const atModuleScope = new api.CacheService();
test("the package", async () => {${text.replace("new URL(RESULT)", 'join(__dirname, "result.json")')}});
test("every subpath, over one instance", () => {
  ${EVERY_SUBPATH}
});
`,
      "cases.json": readFileSync(join(HERE, "cases.json"), "utf8"),
    },
    args: [join(PROGRAMS, "jest", "bin", "jest.js"), "--silent", "--ci", "--runInBand", "--cache=false"],
  };
}

/** In CommonJS: each subpath is required, and what they make fits together. */
export const EVERY_SUBPATH = `for (const path of Object.keys(require("endpoint-cache/package.json").exports)) {
    if (!/\\.(wasm|json)$/.test(path) && Object.keys(require(path.replace(".", "endpoint-cache"))).length === 0) throw new Error(path + " exports nothing");
  }
  const { CacheService } = require("endpoint-cache");
  for (const path of ["inline", "slim"]) if (require("endpoint-cache/" + path).CacheService !== CacheService) throw new Error(path + " has a class of its own");
  const cache = new CacheService();
  const tier = require("endpoint-cache/tiered").tiered(cache, { store: require("endpoint-cache/stores/memory").memoryStore() });
  if (typeof require("endpoint-cache/express").cached(cache, { identity: "anonymous" }) !== "function") throw new Error("no middleware");
  tier.close();`;

/** TypeScript as it has been compiled for Jest for years: to CommonJS, with the resolution of Node 10, which reads no `exports`. @returns {Runner} */
export function tsJest() {
  const compilerOptions = {
    module: "commonjs", moduleResolution: "node10", target: "es2022", lib: ["es2022", "dom"], strict: true, esModuleInterop: true, skipLibCheck: true,
    types: [], ignoreDeprecations: "5.0",
  };
  const transform = { "^.+\\.ts$": [join(PROGRAMS, "ts-jest"), { tsconfig: compilerOptions }] };
  return {
    files: {
      "package.json": JSON.stringify({ private: true, jest: { testEnvironment: "node", testMatch: ["**/*.test.ts"], transform } }),
      "all.test.ts": `import { CacheService, routeRequest, type RouteResponse } from "endpoint-cache";
import { chaosStore } from "endpoint-cache/chaos";
import { cached } from "endpoint-cache/fetch";
import { metricsText } from "endpoint-cache/metrics";
import { memoryStore } from "endpoint-cache/stores/memory";
import { redisStore } from "endpoint-cache/stores/redis";
import { tiered, type TieredOptions } from "endpoint-cache/tiered";
declare const test: (title: string, run: () => Promise<void>) => void;
declare const require: (name: string) => any;
test("the package, typed", async () => {
  const cache: CacheService = new CacheService({ defaultTtl: "2m" });
  const options: TieredOptions = { store: chaosStore(memoryStore()) };
  const tier = tiered(cache, options);
  const list = () => routeRequest(cache, { endpoint: "a.list" }, async () => ["one"]);
  const first: RouteResponse<string[]> = await list();
  if (first.status !== "success" || first.data[0] !== "one" || (await list()).metadata.cache !== "hit") throw new Error("no hit");
  const handler = cached(cache, { identity: "anonymous" }, (request: Request) => new Response(request.url));
  if ((await (await handler(new Request("http://localhost/a"))).text()) !== "http://localhost/a") throw new Error("another answer");
  if (!metricsText({ cache }).includes("hits") || typeof redisStore !== "function") throw new Error("no metrics");
  // @ts-expect-error the types are read: a cache has no such option
  if (Math.random() > 1) new CacheService({ maxEntrys: 5 });
  await tier.close();
});
`,
    },
    args: [join(PROGRAMS, "jest", "bin", "jest.js"), "--silent", "--ci", "--runInBand", "--cache=false"],
  };
}

/** @returns {Runner} */
export function vitest() {
  const text = body("vi.useFakeTimers()", "(ms) => vi.advanceTimersByTime(ms)", `vi.setSystemTime("${EARLIER}")`, "vi.useRealTimers()");
  return {
    files: { "all.test.mjs": esTest("", text) },
    args: [join(PROGRAMS, "vitest", "vitest.mjs"), "run", "--globals", "--no-cache", "--pool=threads"],
  };
}

/** @returns {Runner} */
export function nodeTest() {
  const text = body(
    'mock.timers.enable({ apis: ["Date"], now: Date.now() })', "(ms) => mock.timers.tick(ms)", `mock.timers.setTime(Date.parse("${EARLIER}"))`, "mock.timers.reset()");
  return { files: { "all.test.mjs": esTest('import { mock, test } from "node:test";\n', text) }, args: ["--test", "all.test.mjs"] };
}

/** @returns {Runner} */
export function bunTest() {
  const text = body(
    "setSystemTime(new Date())", "(ms) => setSystemTime(new Date(Date.now() + ms))", `setSystemTime(new Date("${EARLIER}"))`, "setSystemTime()");
  return { files: { "all.test.mjs": esTest('import { setSystemTime, test } from "bun:test";\n', text) }, args: ["test", "all.test.mjs"] };
}

/** A module of this folder as CommonJS. @param {string} name */
function common(name) {
  return transformSync(readFileSync(join(HERE, name), "utf8"), { format: "cjs", target: "node20" }).code;
}
