// Durations as people write them: one table of what they mean, one of how each refusal reads.
import assert from "node:assert/strict";
import { test } from "node:test";
import { durationMs, ttlMs } from "../../build/modules/src/bindings/host/ttl.js";

const MEANINGS = [
  [0, 0], [-0, 0], [1, 1000], [120, 120_000], [0.25, 250], [0.1, 100], [1.0004, 1000], [1.0006, 1001],
  [0.0001, 1], [5e-324, 1], [2 ** 53, 2 ** 53 * 1000], [Number.MAX_VALUE, Infinity], [Infinity, Infinity],
  ["250ms", 250], ["90s", 90_000], ["2m", 120_000], ["1h", 3_600_000], ["7d", 604_800_000], ["1.5h", 5_400_000],
  ["0s", 0], ["-0s", 0], ["0.2ms", 1], ["007s", 7000], [`${"9".repeat(400)}d`, Infinity],
];
const REFUSALS = [
  [NaN, RangeError, "ttl must be zero or more, got NaN"],
  [-1, RangeError, "ttl must be zero or more, got -1"],
  [-Infinity, RangeError, "ttl must be zero or more, got -Infinity"],
  ["-5s", RangeError, 'ttl must be zero or more, got "-5s"'],
  ["", TypeError, 'ttl "" is not a number followed by one of ms, s, m, h, d'],
  ["5", TypeError, 'ttl "5" is not a number followed by one of ms, s, m, h, d'],
  ["5 s", TypeError, 'ttl "5 s" is not a number followed by one of ms, s, m, h, d'],
  ["5s\n", TypeError, 'ttl "5s\\n" is not a number followed by one of ms, s, m, h, d'],
  ["1e3s", TypeError, 'ttl "1e3s" is not a number followed by one of ms, s, m, h, d'],
  ["٥s", TypeError, 'ttl "٥s" is not a number followed by one of ms, s, m, h, d'],
  ["x".repeat(50), TypeError, `ttl "${"x".repeat(40)}…" is not a number followed by one of ms, s, m, h, d`],
  [undefined, TypeError, 'ttl must be a number of seconds or a string such as "250ms", got undefined'],
  [null, TypeError, 'ttl must be a number of seconds or a string such as "250ms", got null'],
  [5n, TypeError, 'ttl must be a number of seconds or a string such as "250ms", got a bigint'],
  [true, TypeError, 'ttl must be a number of seconds or a string such as "250ms", got true'],
  [new Number(5), TypeError, 'ttl must be a number of seconds or a string such as "250ms", got an object'],
  [{ valueOf: () => 5 }, TypeError, 'ttl must be a number of seconds or a string such as "250ms", got an object'],
  [() => 5, TypeError, 'ttl must be a number of seconds or a string such as "250ms", got a function'],
];

test("hazard/H14_ttl: what each spelling means; zero is endless for a TTL and nothing for a duration", () => {
  for (const [given, ms] of MEANINGS) {
    assert.ok(Object.is(durationMs(given), ms), `${given}: ${durationMs(given)}`);
    assert.equal(ttlMs(given), ms === 0 ? Infinity : ms, String(given));
  }
});

test("hazard/H14_ttl: refusals, word for word", () => {
  for (const [given, Type, sentence] of REFUSALS) {
    for (const read of [ttlMs, durationMs]) {
      assert.throws(() => read(given, "ttl"), (error) => {
        assert.equal(error.constructor, Type, sentence);
        assert.equal(error.code, "ERR_TTL");
        assert.equal(error.message, sentence);
        return true;
      });
    }
  }
});

test("the sentence names the option", () => {
  assert.throws(() => durationMs(-1, "staleIfError"), /^RangeError: staleIfError must be zero or more, got -1$/);
});

test("longer means longer: the milliseconds grow with the seconds", () => {
  let last = 0;
  for (let seconds = 1e-6; seconds < 1e12; seconds *= 1.37) {
    const ms = ttlMs(seconds);
    assert.ok(ms >= last && ms >= 1 && Math.abs(ms - seconds * 1000) <= 1, `${seconds}`);
    last = ms;
  }
});
