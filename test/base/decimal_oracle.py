#!/usr/bin/env python3
"""Compares keel's decimals with Python's `decimal` on random operations.

    decimal_oracle.py PROGRAM [COUNT [SEED]]

PROGRAM is decimal_oracle.c. The seed is printed first; the same seed gives the same operations.
"""

import decimal
import random
import subprocess
import sys
import time

UNIT = 10**18
GREATEST = 2**127 - 1
BATCH = 50_000
ROUNDS = [
    decimal.ROUND_DOWN,
    decimal.ROUND_UP,
    decimal.ROUND_FLOOR,
    decimal.ROUND_CEILING,
    decimal.ROUND_HALF_EVEN,
]
CONTEXTS = [decimal.Context(prec=200, rounding=rounding, Emax=10**9, Emin=-(10**9)) for rounding in ROUNDS]
EXACT = decimal.Context(prec=200, Emax=10**9, Emin=-(10**9))
ONE = decimal.Decimal(1)


def units(value):
    """The text of a whole number of units, or absent when it is out of range."""
    return str(value) if -GREATEST <= value <= GREATEST else "absent"


def quotient(numerator, denominator, rounding):
    """numerator / denominator, rounded to a whole number; None without a denominator.

    Neither has 80 digits, so a quotient held to 200 is never taken for a tie or a whole number."""
    if denominator == 0:
        return None
    exact = EXACT.divide(decimal.Decimal(numerator), decimal.Decimal(denominator))
    return int(exact.quantize(ONE, context=CONTEXTS[rounding]))


def random_units(source):
    """Of every size, with the numbers that trade (few decimals) and the extremes often among them."""
    kind = source.random()
    if kind < 0.02:
        return 0
    if kind < 0.06:
        value = GREATEST - source.choice([0, 0, 1, 2, source.getrandbits(20), source.getrandbits(64)])
    elif kind < 0.10:
        value = (1 << source.randrange(127)) + source.randrange(-2, 3)
    elif kind < 0.14:
        value = UNIT * (1 << source.randrange(67)) + source.randrange(-2, 3)
    elif kind < 0.60:
        value = source.getrandbits(source.randrange(1, 40)) * 10 ** source.randrange(6, 20)
    else:
        value = source.getrandbits(source.randrange(1, 128))
    value = min(abs(value), GREATEST)
    return -value if source.random() < 0.4 else value


def decimal_of(value):
    return EXACT.scaleb(decimal.Decimal(value), -18)


def parse_case(source):
    rounding = source.randrange(5)
    kind = source.random()
    if kind < 0.6:
        whole = str(source.getrandbits(source.randrange(1, 69)))
        text = whole if source.random() < 0.3 else f"{whole}.{source.getrandbits(70):0{source.randrange(1, 25)}d}"
        if source.random() < 0.2:
            text = text[: source.randrange(1, len(text) + 1)]
            text += "0" if text.endswith(".") else ""
    elif kind < 0.8:
        value = abs(random_units(source))
        text = f"{value // UNIT}.{value % UNIT:018d}" + source.choice(["", "0", "5", "50", "500001", "49999", "9"])
    else:
        digits = str(source.getrandbits(source.randrange(1, 140)))
        text = source.choice(["", "0.", "0.000", "00"]) + digits
    if source.random() < 0.25:
        text += source.choice("eE") + source.choice(["", "+", "-"]) + str(source.randrange(source.choice([3, 25, 60, 10**6])))
    if source.random() < 0.4:
        text = "-" + text
    exact = EXACT.scaleb(EXACT.create_decimal(text), 18)
    # Far away, only the side matters; quantize would need more digits than there are.
    if exact and exact.adjusted() > 45:
        return f"parse {rounding} {text}", "overflow 0 absent"
    if exact and exact.adjusted() < -5:
        exact = EXACT.copy_sign(decimal.Decimal("1e-5"), exact)
    rounded = int(exact.quantize(ONE, context=CONTEXTS[rounding]))
    if abs(rounded) > GREATEST:
        # Whether digits were lost as well is told only of what fits.
        return f"parse {rounding} {text}", "overflow * absent"
    return f"parse {rounding} {text}", f"ok {int(exact != rounded)} {rounded}"


def format_case(source):
    value = random_units(source)
    number = decimal_of(value)
    if source.random() < 0.5:
        text = f"{number:f}"
        return f"format {value}", text.rstrip("0").rstrip(".") if "." in text else text
    digits = source.randrange(19)
    cut = number.quantize(decimal.Decimal(1).scaleb(-digits), context=CONTEXTS[0])
    return f"fixed {digits} {value}", f"{abs(cut) if cut == 0 else cut:f}"


def sum_case(source):
    a, b = random_units(source), random_units(source)
    if source.random() < 0.5:
        return f"add {a} {b}", units(a + b)
    return f"sub {a} {b}", units(a - b)


def product_case(source):
    a, b, rounding = random_units(source), random_units(source), source.randrange(5)
    return f"mul {rounding} {a} {b}", units(quotient(a * b, UNIT, rounding))


def division_case(source):
    a, b, rounding = random_units(source), random_units(source), source.randrange(5)
    if source.random() < 0.3:
        a = abs(a) // max(UNIT, 1)  # so that more quotients fit
    result = quotient(a * UNIT, b, rounding)
    return f"div {rounding} {a} {b}", "absent" if result is None else units(result)


def product_quotient_case(source):
    a, b, c = random_units(source), random_units(source), random_units(source)
    if source.random() < 0.5:
        c = source.choice([a, b, a + 1, b - 1, max(a, b, key=abs)])
        c = max(-GREATEST, min(GREATEST, c))
    rounding = source.randrange(5)
    result = quotient(a * b, c, rounding)
    return f"muldiv {rounding} {a} {b} {c}", "absent" if result is None else units(result)


def step_case(source):
    value, step = random_units(source), random_units(source)
    if source.random() < 0.8:
        step = source.choice([1, 2, 5, 25]) * 10 ** source.randrange(22)
    if source.random() < 0.2:
        value = max(-GREATEST, min(GREATEST, value // step * step + step // 2 if step else value))
    if source.random() < 0.2:
        return f"multiple {value} {step}", str(int(step > 0 and value % step == 0))
    rounding = source.randrange(5)
    result = units(quotient(value, step, rounding) * step) if step > 0 else "absent"
    return f"step {rounding} {value} {step}", result


def digits_case(source):
    value = random_units(source)
    if source.random() < 0.3:
        exponent = decimal_of(value).normalize(EXACT).as_tuple().exponent
        return f"count {value}", str(max(0, -exponent))
    rounding, digits = source.randrange(5), source.randrange(19)
    rounded = decimal_of(value).quantize(decimal.Decimal(1).scaleb(-digits), context=CONTEXTS[rounding])
    return f"digits {rounding} {digits} {value}", units(int(EXACT.scaleb(rounded, 18)))


CASES = [
    sum_case,
    product_case,
    product_case,
    division_case,
    division_case,
    product_quotient_case,
    step_case,
    digits_case,
    parse_case,
    parse_case,
    format_case,
]


def agrees(expected, actual):
    words, others = expected.split(), actual.split()
    return len(words) == len(others) and all(a in ("*", b) for a, b in zip(words, others))


def run_batch(program, source, count):
    cases = [source.choice(CASES)(source) for _ in range(count)]
    text = "\n".join(operation for operation, _ in cases) + "\n"
    answer = subprocess.run([program], input=text, capture_output=True, text=True, check=True)
    results = answer.stdout.splitlines()
    if len(results) != count:
        sys.exit(f"{count} operations, {len(results)} results")
    for (operation, expected), actual in zip(cases, results):
        if not agrees(expected, actual):
            sys.exit(f"{operation}\n  expected {expected}\n  but was  {actual}")


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    print(f"seed {seed}", flush=True)
    begin = time.monotonic()
    source = random.Random(seed)
    for done in range(0, count, BATCH):
        run_batch(program, source, min(BATCH, count - done))
    print(f"{count} operations agree, {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main()
