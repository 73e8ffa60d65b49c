// The page in real Chromium: it loads without a complaint, says what the cache says, and plays its scenes to their ends.
//
// Knows the page by its ids and words. What it shows is compared with the statistics of the very cache it shows.
// Leaves screenshots in build/screenshots: wide and narrow, light and dark.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serveFile } from "../../scripts/demo/files.mjs";

const SHOTS = fileURLToPath(new URL("../../build/screenshots/", import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let server, browser, base;

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  server = createServer(serveFile);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${server.address().port}/www/`;
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"],
  });
});

after(async () => {
  await browser?.close();
  server?.close();
  server?.closeAllConnections();
});

/** A page that has started, and everything it complained about. Traffic is off unless asked for: tests make their own. */
async function open(t, { hash = "", width = 1360, height = 900, colorScheme = "light", traffic = false } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: traffic ? "no-preference" : "reduce" });
  // Axe is put in from outside; the page's own policy is checked by the test that asks what it loads.
  const page = await context.newPage();
  const complaints = [];
  const requested = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => requested.push(request.url()));
  t.after(() => context.close());
  await page.goto(base + hash);
  await page.waitForSelector("#boot[hidden]", { state: "attached" });
  return { page, complaints, requested };
}

/** What the page says under "Statistics", once it says what the cache says. */
async function statistics(page) {
  return page.waitForFunction(() => {
    const { cache } = globalThis.endpointCache.world;
    const stats = cache.getStats();
    const shown = Object.fromEntries([...document.querySelectorAll("[data-stat]")].map((cell) => [cell.dataset.stat, cell.textContent]));
    const same = Object.entries(shown).every(([name, text]) => text === (name.endsWith("Rate") ? stats[name].toFixed(3) : stats[name].toLocaleString("en")));
    return same && stats;
  }).then((handle) => handle.jsonValue());
}

const text = (page, selector) => page.locator(selector).innerText();
const done = (page, id) => page.waitForSelector(`#${id}:not([disabled])`, { timeout: 60_000 });

/** Puts a few entries into the cache of the page, by requests like those of its visitors. */
async function fill(page) {
  await page.evaluate(async () => {
    const { world } = globalThis.endpointCache;
    const ask = (endpoint, params, userId) => world.request({ endpoint, params, userId });
    await Promise.all(["alice", "bob"].flatMap((user) => [
      ask("storycore.prompt.list", { project: "demo" }, user),
      ask("storycore.prompt.get", { id: 1 }, user),
      ask("storycore.character.list", { project: "demo" }, user),
    ]).concat(ask("storycore.prompts.list", { project: "demo" })));
  });
  await page.waitForFunction(() => document.querySelectorAll("#entries tbody tr:not(.gone)").length === 7);
}

test("it loads its own files only, and complains about nothing under traffic", async (t) => {
  const { page, complaints, requested } = await open(t, { traffic: true });
  await page.waitForFunction(() => globalThis.endpointCache.world.counters.requests > 60);
  await page.locator("#writes").check();
  await page.waitForTimeout(2500);
  assert.deepEqual(complaints, []);
  assert.deepEqual(requested.filter((url) => !url.startsWith(base.replace("www/", ""))), []);
  const { checked, stale } = await page.evaluate(() => globalThis.endpointCache.world.counters);
  assert.ok(checked > 50);
  assert.equal(stale, 0);
  assert.equal(await text(page, "#kpi-stale"), "0");
});

test("the walk: miss, hit, write, miss, expired, and the statistics say the same", async (t) => {
  const { page, complaints } = await open(t);
  await page.click("#walk");
  await done(page, "walk");
  const said = await page.locator("#walk-steps output").allInnerTexts();
  assert.deepEqual(said.map((line) => line.split(" ")[0]), ["miss", "hit", "mutation", "miss", "miss"]);
  assert.match(said[2], /1 removed$/);
  const stats = await statistics(page);
  assert.deepEqual([stats.hits, stats.misses, stats.size, stats.invalidations], [1, 3, 1, 1]);
  assert.equal(await text(page, "#kpi-rate"), "25 %");
  assert.equal(await text(page, "#count"), "1");
  assert.deepEqual(complaints, []);
});

test("the clock that is injected moves only as it is told", async (t) => {
  const { page } = await open(t);
  await fill(page);
  await page.locator('input[name="speed"][value="0"]').check({ force: true });
  const stands = await text(page, "#clock");
  for (let i = 0; i < 5; i += 1) await page.click("#skip30");
  await page.waitForFunction(() => document.querySelectorAll("#entries tr.expired").length === 2);
  assert.notEqual(await text(page, "#clock"), stands);
  assert.equal((await statistics(page)).expiredEntries, 2);
  await page.click("#cleanup");
  await page.waitForFunction(() => document.querySelectorAll("#entries tbody tr:not(.gone)").length === 5);
  assert.match(await text(page, "#log"), /cleanupExpired\(\) removed 2 entries/);
  await page.click("#clear");
  await page.waitForFunction(() => document.querySelectorAll("#entries tbody tr").length === 0);
  assert.equal((await statistics(page)).size, 0);
});

test("a write takes exactly the rows it makes outdated", async (t) => {
  const { page } = await open(t);
  await fill(page);
  await page.click('[data-operation="update"]');
  await page.waitForFunction(() => document.getElementById("mutated").textContent.endsWith("removed 4 entries."));
  await page.waitForFunction(() => document.querySelectorAll("#entries tbody tr").length === 3);
  const left = await page.locator("#entries tbody button").allInnerTexts();
  assert.deepEqual([...new Set(left)].sort(), ["storycore.character.list", "storycore.prompts.list"]);
});

test("a pattern is previewed, refused with a reason, and carried out", async (t) => {
  const { page, complaints } = await open(t);
  await fill(page);
  const kind = (name) => page.locator(`input[name="kind"][value="${name}"]`).check({ force: true });
  const expect = async (count) => {
    await page.waitForFunction((n) => document.getElementById("preview").textContent === `Matches ${n} ${n === 1 ? "entry" : "entries"} of 7.`, count);
    await page.waitForFunction((n) => document.querySelectorAll("#entries tr.matched").length === n, count);
  };
  await expect(4);
  await kind("userId");
  await expect(3);
  await kind("tag");
  await expect(5);
  await kind("prefix");
  await expect(2);
  await kind("glob");
  await expect(5);
  await kind("regex");
  await expect(2);
  await page.fill("#pattern", "(never closed");
  assert.match(await text(page, "#preview"), /^ERR_PATTERN_SYNTAX: .*character 0/);
  assert.equal(await page.locator("#invalidate").isDisabled(), true);
  assert.equal(await page.getAttribute("#pattern", "aria-invalid"), "true");
  assert.equal((await statistics(page)).size, 7);
  await page.fill("#pattern", ":user:bob:");
  await expect(3);
  await page.click("#invalidate");
  assert.match(await text(page, "#preview"), /removed 3 entries/);
  assert.equal((await statistics(page)).size, 4);
  assert.deepEqual(complaints, []);
});

test("a row tells its story, before and after it has gone", async (t) => {
  const { page } = await open(t);
  await fill(page);
  await page.locator("#entries tbody button").first().click();
  assert.match(await text(page, "#explain"), /fresh: stored/);
  await page.locator("#explain button").click();
  assert.match(await text(page, "#explain"), /absent: .*deleted/i);
  assert.equal((await statistics(page)).size, 6);
});

test("the race ends fresh on one side and stale on the other", async (t) => {
  const { page, complaints } = await open(t);
  await page.click("#race-run");
  await done(page, "race-run");
  assert.match(await text(page, "#verdict-ours"), /^Fresh/);
  assert.match(await text(page, "#verdict-naive"), /^Stale/);
  assert.deepEqual(complaints, []);
});

test("the stampede causes one load", async (t) => {
  const { page, complaints } = await open(t);
  await page.click("#stampede-run");
  await done(page, "stampede-run");
  assert.match(await text(page, "#crowd-ours-note"), /^1 load\s+1,000 callers answered/);
  assert.match(await text(page, "#crowd-naive-note"), /^1,000 loads/);
  assert.deepEqual(complaints, []);
});

test("the benchmark measures three things and finishes", async (t) => {
  const { page, complaints } = await open(t);
  await page.click("#bench-run");
  await done(page, "bench-run");
  assert.equal(await page.locator("#bench .panel").count(), 3);
  assert.equal(await page.locator("#bench .bar.ours").count(), 3);
  assert.deepEqual(complaints, []);
});

test("a link carries the state of the page", async (t) => {
  const { page } = await open(t, { hash: "#speed=60&rate=77&kind=glob&pattern=*.schema:*&theme=dark" });
  assert.equal(await page.locator('input[name="speed"]:checked').inputValue(), "60");
  assert.equal(await text(page, "#rate-out"), "77 /s");
  assert.equal(await page.inputValue("#pattern"), "*.schema:*");
  assert.equal(await page.getAttribute("html", "data-theme"), "dark");
});

test("everything is reached and worked by keyboard", async (t) => {
  const { page } = await open(t);
  await fill(page);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.focus("#entries tbody button");
  await page.keyboard.press("Enter");
  assert.match(await text(page, "#explain"), /fresh: stored/);
  await page.focus("#pattern");
  await page.keyboard.press("Enter");
  assert.match(await text(page, "#preview"), /removed 4 entries/);
  await page.locator('input[name="speed"][value="10"]').focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.locator('input[name="speed"]:checked').inputValue(), "60");
});

for (const [name, options] of Object.entries({
  "wide-light": { width: 1360, colorScheme: "light" },
  "wide-dark": { width: 1360, colorScheme: "dark" },
  "phone-light": { width: 390, height: 844, colorScheme: "light" },
  "phone-dark": { width: 390, height: 844, colorScheme: "dark" },
})) {
  test(`${name}: nothing overflows, axe finds nothing serious, a screenshot is kept`, async (t) => {
    const { page, complaints } = await open(t, options);
    await fill(page);
    await page.locator("#entries tbody button").first().click();
    await Promise.all([page.click("#race-run"), page.click("#stampede-run")]);
    await Promise.all([done(page, "race-run"), done(page, "stampede-run")]);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3).join(" ")}`), []);
    await page.evaluate(() => { document.querySelector(".top").style.position = "static"; });
    await page.screenshot({ path: `${SHOTS}${name}.png`, fullPage: true });
    assert.deepEqual(complaints, []);
  });
}
