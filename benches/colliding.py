#!/usr/bin/env python3
"""What ids cost that were made to collide, beside random ones.

    python3 benches/colliding.py [--ecrm target/release/ecrm] [--orders 1000000] [--runs 5]

`Key::mix` hashes ids by fixed constants, which is what decides where they stand in files. Numbers of 21 digits whose
low 56 bits are one of its constants agree in all 64 bits of it: there are 13,877 of them. A hash table without a key of
its own would look for each behind all others. Two exports of the same orders, one with such ids of customers and orders
and one with random ids of the same length, are asked the same question in turn, in both as many customers and orders;
the ratio of the median times is printed, and is wrong above 2.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIGITS = 21
# The constant of the lower half of a key, without the byte that holds the number of digits.
LOW_56_BITS = 0x9E3779B97F4A7C15 >> 8
MASK = (1 << 64) - 1
MAX_RATIO = 2.0


def mix(number):
    """As `Key::mix` of a number of 21 digits."""
    key = number << 8 | DIGITS
    low, high = key & MASK, key >> 64
    product = (low ^ 0x9E3779B97F4A7C15) * (high ^ 0xD1B54A32D192ED03)
    folded = (product & MASK) ^ (product >> 64) ^ low
    return folded * 0x9FB21C651E98DF25 & MASK


def colliding():
    """All numbers of at most 21 digits that agree in their hash."""
    count = (10**DIGITS - 1 - LOW_56_BITS) >> 56
    ids = [LOW_56_BITS + (k << 56) for k in range(count + 1)]
    assert len({mix(number) for number in ids}) == 1
    return ids


def write(path, ids, orders, seed):
    """Orders of these customers; each third order id is one of them too."""
    draw = random.Random(seed)
    with open(path, "w", encoding="utf-8") as out:
        out.write("order_id,customer_id,paid_at,paid_amount\n")
        for number in range(orders):
            customer = ids[draw.randrange(len(ids))]
            order = ids[number // 3] if number % 3 == 0 and number // 3 < len(ids) else 10**DIGITS - 1 - number
            day = draw.randrange(1, 29)
            out.write(f"{order:021},{customer:021},2026-0{draw.randrange(1, 10)}-{day:02},{draw.randrange(1, 500)}\n")


def seconds(program, path):
    start = time.perf_counter()
    done = subprocess.run([program, "rfm", path, "--format", "csv", "-q"], stdout=subprocess.PIPE, check=True)
    return time.perf_counter() - start, done.stdout.count(b"\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ecrm", default=str(ROOT / "target/release/ecrm"))
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    made = colliding()
    draw = random.Random(1)
    chance = [draw.randrange(10**DIGITS) for _ in made]
    with tempfile.TemporaryDirectory() as folder:
        files = {name: str(Path(folder) / f"{name}.csv") for name in ("colliding", "random")}
        write(files["colliding"], made, args.orders, 2)
        write(files["random"], chance, args.orders, 2)
        times = {name: [] for name in files}
        lines = {}
        for _ in range(args.runs):
            for name, path in files.items():
                taken, lines[name] = seconds(args.ecrm, path)
                times[name].append(taken)
    assert lines["colliding"] == lines["random"], lines
    median = {name: statistics.median(of) for name, of in times.items()}
    ratio = median["colliding"] / median["random"]
    print(f"colliding {median['colliding']:.3f} s, random {median['random']:.3f} s, ratio {ratio:.2f}")
    return 0 if ratio <= MAX_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
