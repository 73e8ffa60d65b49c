/** Which answers may be kept, by status and headers alone: one table, each row in several spellings. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { queryParams, restPath, rpcPath } from "../../build/modules/pkg-template/src/http/paths.js";
import { judge } from "../../build/modules/pkg-template/src/http/storable.js";
import { digest, isUnchanged } from "../../build/modules/pkg-template/src/http/stored-response.js";
import { ROWS } from "./rows.mjs";

const SETTINGS = { statuses: new Set([200, 203]), vary: ["accept-language"] };

/** The same headers in other spellings. @param {string} text @param {number} seed */
function respelled(text, seed) {
  const cased = [...text].map((char, at) => ((at * 7 + seed) % 3 === 0 ? char.toUpperCase() : char)).join("");
  return cased.replace(/, */g, [",", " , ", ",\t", ",,"][seed % 4] ?? ",").replace(/^/, seed % 2 === 0 ? " " : "");
}

describe("which answers may be kept", () => {
  it(`has ${ROWS.length} rows`, () => assert.ok(ROWS.length >= 40));
  for (const [kept, status, headers, ttl] of ROWS) {
    it(`${kept ? "keeps" : "never keeps"} ${status} ${JSON.stringify(headers)}`, () => {
      for (let seed = 0; seed < 12; seed += 1) {
        const look = (/** @type {string} */ name) => {
          const value = headers[name];
          // Values that are dates or quoted are taken as they stand.
          return value === undefined || seed === 0 || /"|GMT/.test(value) ? value : respelled(value, seed);
        };
        const verdict = judge(status, look, SETTINGS);
        assert.equal(verdict.reason === undefined, kept, `${verdict.reason}: ${Object.keys(headers).map(look)}`);
        if (ttl !== undefined) assert.equal(verdict.ttl, ttl);
        // Doubled headers arrive joined by a comma.
        const doubled = judge(status, (name) => (headers[name] === undefined || /GMT/.test(headers[name]) ? headers[name] : `${headers[name]}, ${headers[name]}`), SETTINGS);
        if (!kept && !("content-encoding" in headers)) assert.notEqual(doubled.reason, undefined);
      }
    });
  }
  it("keeps a coded answer where the coding is part of the key", () => {
    const header = (/** @type {string} */ name) => (name === "content-encoding" ? "gzip" : undefined);
    assert.equal(judge(200, header, { ...SETTINGS, vary: ["accept-encoding"] }).reason, undefined);
  });
});

describe("paths", () => {
  /** @type {[string, string, string | undefined, object?][]} */
  const REST = [
    ["GET", "prompts", "prompts.list", {}],
    ["GET", "prompts/42", "prompts.get", { id: "42" }],
    ["POST", "prompts", "prompts.create", {}],
    ["PUT", "prompts/42", "prompts.update", { id: "42" }],
    ["PATCH", "prompts/42", "prompts.update", { id: "42" }],
    ["DELETE", "prompts/42", "prompts.delete", { id: "42" }],
    ["DELETE", "prompts", "prompts.clear", {}],
    ["GET", "projects/7/prompts", "projects.prompts.list", { projectsId: "7" }],
    ["GET", "projects/7/prompts/42", "projects.prompts.get", { projectsId: "7", id: "42" }],
    ["POST", "projects/7/prompts", "projects.prompts.create", { projectsId: "7" }],
    ["GET", "prompts/42/status", "prompts.status", { id: "42" }],
    ["GET", "prompts/search", "prompts.search", {}],
    ["POST", "prompts/42/execute", "prompts.execute", { id: "42" }],
    ["POST", "prompts/42/status", "prompts.update", { id: "42" }],
    ["POST", "prompts/42", "prompts.update", { id: "42" }],
    ["PUT", "admin/users/7", "admin.update"],
    ["GET", "", undefined],
    ["GET", "prompts/", undefined],
    ["GET", "/prompts", undefined],
    ["GET", "prompts//42", undefined],
    ["GET", "prompts/%34%32", undefined],
    ["GET", "prompts/..", undefined],
    ["GET", "prompts/42\n", undefined],
    ["GET", "prompts/42/7", undefined],
    ["DELETE", "prompts/42/", "prompts.delete", { id: "42" }],
    ["DELETE", "%70rompts/42", "prompts.delete", { id: "42" }],
    ["POST", "prompts//", "prompts.create", {}],
  ];
  for (const [method, path, endpoint, params] of REST) {
    it(`REST ${method} ${JSON.stringify(path)} is ${endpoint}`, () => {
      const found = restPath(method, path, false);
      assert.equal(found?.endpoint, endpoint);
      if (params !== undefined) assert.deepEqual(found?.params, params);
    });
  }
  /** @type {[string, string | undefined][]} */
  const RPC = [
    ["storycore.prompt.list", "storycore.prompt.list"],
    ["storycore.prompt.create", "storycore.prompt.create"],
    ["storycore.prompt.CREATE", "storycore.prompt.create"],
    ["storycore.prompt.create/", "storycore.prompt.create"],
    ["storycore.prompt.create.", "storycore.prompt.create"],
    ["storycore.prompt%2ecreate", "storycore.prompt.create"],
    ["storycore%2Eprompt.list", undefined],
    ["users.me.get/x.list", undefined],
    ["a.get%2elist", undefined],
    ["a.list.", undefined],
    ["a..list", undefined],
    ["a.list ", undefined],
    ["a.list\n", undefined],
    ["a.list/", undefined],
  ];
  for (const [path, endpoint] of RPC) it(`RPC ${JSON.stringify(path)} is ${endpoint}`, () => assert.equal(rpcPath(path, false)?.endpoint, endpoint));

  it("leaves upper case out of the cache where the router does not see it, and hears changes all the same", () => {
    assert.equal(restPath("GET", "Prompts", true), undefined);
    assert.equal(restPath("GET", "prompts/AbC", true)?.params?.id, "AbC");
    assert.equal(restPath("DELETE", "Prompts/AbC", true)?.endpoint, "prompts.delete");
    assert.equal(rpcPath("storyCore.prompt.list", true), undefined);
    assert.equal(rpcPath("storyCore.prompt.Create", true)?.endpoint, "storycore.prompt.create");
  });

  it("tells queries apart that differ, and gives repeated names as arrays", () => {
    const read = (/** @type {string} */ search) => JSON.stringify(queryParams(search));
    assert.equal(read("a=1&a=2"), '{"a":["1","2"]}');
    assert.equal(read("a=1,2"), '{"a":"1,2"}');
    assert.equal(read("a=1+2%2B3&b&c="), '{"a":"1 2+3","b":"","c":""}');
    assert.equal(read("__proto__=1&constructor=2"), '{"__proto__":"1","constructor":"2"}');
    for (const bad of ["a=%ff", "a=%zz", "%=1", "a=%ed%a0%80"]) assert.equal(queryParams(bad), undefined, bad);
    assert.equal(/** @type {any} */ ({}).polluted, undefined);
  });
});

describe("entity tags", () => {
  it("differ by every byte", () => {
    const seen = new Set();
    for (let length = 0; length < 40; length += 1) {
      for (let at = 0; at <= length; at += 1) {
        const bytes = new Uint8Array(length);
        if (at < length) bytes[at] = 1 + at;
        seen.add(digest(bytes));
      }
    }
    assert.equal(seen.size, 820);
  });
  it("are compared as RFC 9110 has it", () => {
    const asked = (/** @type {string} */ value) => (/** @type {string} */ name) => (name === "if-none-match" ? value : undefined);
    assert.ok(isUnchanged('W/"a"', undefined, asked('"x", W/"a"')));
    assert.ok(isUnchanged('"a"', undefined, asked('W/"a"')));
    assert.ok(isUnchanged('"a"', undefined, asked(" * ")));
    assert.ok(!isUnchanged('"a"', undefined, asked('"ab"')));
    assert.ok(!isUnchanged(undefined, undefined, asked('"a"')));
  });
});
