"""Params and what Python makes of them, one JSON object a line, from a seed that is printed to stderr.

`text` is what JSON.stringify writes for the params, `canonical` is json.dumps(params, sort_keys=True),
`hash` the SHA-256 of it. All three are ASCII where a lone surrogate occurs, so every reader keeps them.

    python3 golden.py --count 5000 --seed 7
"""

import argparse
import hashlib
import json
import random
import sys

CHARACTERS = (
    "abcxyzABC019_-. /:%#\"\\\b\f\n\r\t\x00\x01\x1f\x7f\x80"
    "\u00df\u00e9\u03b1\u2028\u4e2d\ud7ff\ud800\udbff\udc00\udfff\ue000\uff5e\ufb00\ufffd\uffff"
    "\U00010000\U0001f600\U0010ffff"
)
NAMES = ["0", "1", "10", "2", "-1", "01", "4294967295", "__proto__", "constructor", "toString", "length", ""]
EDGES = [
    0.1, 1.5, -1.5, 1e-4, 9.999e-5, 1e-5, 1.5e-7, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308,
    1e15 + 0.5, 4503599627370497.5, 9007199254740992.0, 9007199254740994.0, 9999999999999998.0, 1e16,
    1.2345678901234568e17, 1e20, 1e21, 1e22, 1.1e21, 123456789012345680000.0, 0.00012345, 100.25,
]


def utf16(text):
    """The text as a JavaScript string would hold it: a high and a low surrogate side by side are one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def string(rng):
    return utf16("".join(rng.choices(CHARACTERS, k=rng.choice([0, 1, 1, 2, 3, 5, 8]))))


def name(rng):
    return rng.choice(NAMES) if rng.random() < 0.3 else string(rng)


def number(rng):
    pick = rng.randrange(7)
    if pick == 0:
        return rng.randint(-20, 20)
    if pick == 1:
        return rng.randint(-(2**53) + 1, 2**53 - 1)
    if pick == 2:
        value = rng.choice(EDGES)
    elif pick == 3:
        value = rng.choice([1e16, 1e-4, 9007199254740992.0]) * (1 + rng.uniform(-1e-3, 1e-3))
    elif pick == 4:
        value = rng.uniform(-1000, 1000)
    elif pick == 5:
        # Halfway between two shortest texts: .25 is as near to .2 as to .3.
        value = rng.randint(2**48, 2**51) + rng.choice([0.25, 0.75, 0.125, 0.375])
    else:
        value = rng.choice([-1, 1]) * rng.random() * 10.0 ** rng.randint(-320, 308)
    # JavaScript has one kind of number: an integral value below 2^53 is an integer to Python.
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def value(rng, depth):
    pick = rng.randrange(8 if depth < 5 else 6)
    if pick == 0:
        return rng.choice([None, True, False])
    if pick <= 2:
        return number(rng)
    if pick <= 5:
        return string(rng)
    if pick == 6:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return params(rng, depth + 1)


def params(rng, depth=0):
    members = [(name(rng), value(rng, depth)) for _ in range(rng.randrange(6))]
    return dict(members)


def js_number(value):
    """Number.prototype.toString, whose digits are Python's and whose layout is not."""
    if isinstance(value, int):
        return str(value)
    sign = "-" if value < 0 else ""
    digits, _, exponent = f"{float(abs(value))!r}".partition("e")
    whole, _, fraction = digits.partition(".")
    if fraction == "0":
        fraction = ""
    point = len(whole) + int(exponent or 0)
    digits = (whole + fraction).lstrip("0")
    point -= len(whole + fraction) - len(digits)
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    power = point - 1
    mantissa = digits[0] + ("." + digits[1:] if count > 1 else "")
    return f"{sign}{mantissa}e{'-' if power < 0 else '+'}{abs(power)}"


def js_string(text):
    """JSON.stringify of a string: only what must be escaped is, lone surrogates included."""
    out = []
    for c in text:
        code = ord(c)
        if c in '"\\':
            out.append("\\" + c)
        elif code < 0x20:
            out.append({8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r"}.get(code, f"\\u{code:04x}"))
        elif 0xD800 <= code <= 0xDFFF:
            out.append(f"\\u{code:04x}")
        else:
            out.append(c)
    return '"' + "".join(out) + '"'


def stringify(value):
    if value is None or value is True or value is False:
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return js_number(value)
    if isinstance(value, str):
        return js_string(value)
    if isinstance(value, list):
        return "[" + ",".join(map(stringify, value)) + "]"
    return "{" + ",".join(f"{js_string(n)}:{stringify(v)}" for n, v in value.items()) + "}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    options = parser.parse_args()
    print(f"seed {options.seed}", file=sys.stderr)
    rng = random.Random(options.seed)
    for _ in range(options.count):
        given = params(rng)
        canonical = json.dumps(given, sort_keys=True)
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        print(json.dumps({"text": stringify(given), "canonical": canonical, "hash": digest}))


if __name__ == "__main__":
    main()
