#!/usr/bin/env python3
"""Changes a few bytes of good files and runs the built ecrm on each: it must neither panic nor be killed, stay within
bounded memory and time, and name the right file.

    fuzz/mutants.py target/debug/ecrm                        # 10,000 of each kind: hours
    fuzz/mutants.py target/debug/ecrm --count 500 xlsx xls   # less

What fails is kept in --keep, and said at the end; the exit code is 1 then. The same seed gives the same mutants. Needs
nothing but Python and Linux.
"""

import argparse
import concurrent.futures
import os
import random
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
KINDS = ["xlsx", "xls", "parquet", "preset", "manifest"]

# A run in a debug build maps more than it touches; what it touches is held against the other.
ADDRESS_SPACE = 6 << 30
RESIDENT = 1 << 30
SECONDS = 60
ERROR_BYTES = 64 << 10

EXTREME = [0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFE]
NUMBERS = [b"0", b"-1", b"65535", b"65536", b"1048576", b"1048577", b"4294967295", b"99999999999999999999", b"-1e308", b"1e309", b"NaN"]


def changed(data, rng):
    """Bytes with one to eight changes."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 4, 8])):
        if not data:
            break
        at = rng.randrange(len(data))
        way = rng.randrange(8)
        if way == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif way == 1:
            data[at] = rng.choice([0, 0x7F, 0x80, 0xFF, rng.randrange(256)])
        elif way == 2:
            # Sizes and places stand near the ends of most formats.
            near = min(len(data), 512)
            at = rng.randrange(near) if rng.random() < 0.5 else len(data) - 1 - rng.randrange(near)
            data[at] = rng.randrange(256)
        elif way == 3:
            data[at : at + 4] = struct.pack("<I", rng.choice(EXTREME))[: max(0, min(4, len(data) - at))]
        elif way == 4:
            del data[at : at + rng.randrange(1, 64)]
        elif way == 5:
            data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 16)))
        elif way == 6:
            end = min(len(data), at + rng.randrange(1, 256))
            data[at:at] = data[at:end] * rng.choice([1, 1, 2, 50])
        elif len(data) > 1:
            del data[rng.randrange(1, len(data)) :]
    return bytes(data)


def changed_text(data, rng):
    """As changed, or with other numbers, which a text spells out."""
    numbers = list(re.finditer(rb"\d+", data))
    if not numbers or rng.random() < 0.5:
        return changed(data, rng)
    for found in sorted(rng.sample(numbers, min(len(numbers), rng.choice([1, 1, 2, 5]))), key=lambda f: -f.start()):
        data = data[: found.start()] + rng.choice(NUMBERS) + data[found.end() :]
    return data


def changed_archive(data, rng):
    """A workbook of which the archive, or a part of it behind a right checksum, is changed."""
    if rng.random() < 0.3:
        return changed(data, rng)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheets = [name for name in parts if "sheet" in name.lower() or "shared" in name.lower()]
    name = rng.choice(sheets if sheets and rng.random() < 0.7 else list(parts))
    parts[name] = changed_text(parts[name], rng)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def run(command, folder):
    """Exit code, standard error and the most memory that was resident, in bytes."""

    def limits():
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    environment = {**os.environ, "LC_ALL": "C", "RUST_BACKTRACE": "0"}
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
            preexec_fn=limits, env=environment,
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return child.returncode, said.read(ERROR_BYTES + 1), used.ru_maxrss * 1024


def fault(code, said, memory, name, codes):
    """What is wrong with a run on a file of this name; none where nothing is."""
    text = said.decode("utf-8", "replace")
    if code not in codes:
        return f"exit {code}"
    if "panicked" in text or "stack backtrace" in text or "internal error" in text:
        return "panic or defect on standard error"
    if memory > RESIDENT:
        return f"{memory >> 20} MiB resident"
    if len(said) > ERROR_BYTES:
        return "too much on standard error"
    error = next((line for line in text.splitlines() if line.startswith("error:")), None)
    if code != 0 and error is None:
        return "no error said"
    # What is said of the data as a whole (two currencies, nobody known) names no file.
    place = error and re.match(r"error: (\S+\.\w+|[^:]*/[^:]*): ", error)
    if code != 0 and place and name not in text:
        return f"another file named: {error[:200]}"
    return None


class Kind:
    """What one kind of mutants is made of and how the program is run on it."""

    def __init__(self, kind, ecrm, work):
        self.kind, self.ecrm, self.work = kind, ecrm, work
        self.codes = {0, 1, 2} if kind == "preset" else {0, 1}
        files = lambda pattern: sorted(FIXTURES.glob(pattern))
        if kind == "xlsx":
            self.seeds = [path.read_bytes() for path in files("kinds/*.xlsx")]
        elif kind == "xls":
            self.seeds = [path.read_bytes() for path in files("kinds/*.xls")]
        elif kind == "parquet":
            orders, made = FIXTURES / "by_hand" / "orders.csv", work / "made.parquet"
            subprocess.run([ecrm, "rfm", orders, "-q", "-o", made], check=True, stdout=subprocess.DEVNULL)
            self.seeds = [path.read_bytes() for path in [*files("kinds/*.parquet"), made]]
        elif kind == "preset":
            self.seeds = [(FIXTURES / "own_platform" / "tea_market.toml").read_bytes()]
            presets = FIXTURES.parent / "src" / "parse" / "presets"
            self.seeds += [(presets / f"{name}.toml").read_bytes() for name in ["shopify_orders", "generic_orders"] if (presets / f"{name}.toml").exists()]
        else:
            self.store = work / "seed-store"
            subprocess.run([ecrm, "import", "-q", FIXTURES / "by_hand" / "orders.csv", "--store", self.store], check=True, stdout=subprocess.DEVNULL)
            self.seeds = [(self.store / "ecrm-store.json").read_bytes()]
        assert self.seeds, f"no fixtures for {kind}"

    def mutant(self, number, seed):
        rng = random.Random(f"{seed}:{self.kind}:{number}")
        data = rng.choice(self.seeds)
        if self.kind == "xlsx":
            return changed_archive(data, rng)
        return changed_text(data, rng) if self.kind in ("preset", "manifest") else changed(data, rng)

    def run(self, number, seed, keep):
        """Counts of how a mutant ended, and what was wrong."""
        data = self.mutant(number, seed)
        folder = Path(tempfile.mkdtemp(dir=self.work))
        try:
            if self.kind == "manifest":
                name = "ecrm-store.json"
                shutil.copytree(self.store, folder / "shop")
                (folder / "shop" / name).write_bytes(data)
                command = [self.ecrm, "overview", "shop"]
            elif self.kind == "preset":
                name = f"mutant{number}.toml"
                (folder / name).write_bytes(data)
                command = [self.ecrm, "overview", FIXTURES / "own_platform" / "tickets.csv", "--preset", name]
            else:
                name = f"mutant{number}.{self.kind}"
                (folder / name).write_bytes(data)
                command = [self.ecrm, "check" if number % 4 == 0 else "overview", name]
            code, said, memory = run(command, folder)
            # A preset that is read may fit the file no more, and then the file is named.
            names = ["mutant", "tickets.csv"] if self.kind == "preset" else ["shop" if self.kind == "manifest" else name]
            wrong = min((fault(code, said, memory, one, self.codes) or "" for one in names), key=len)
            if wrong:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{self.kind}-{number}").write_bytes(data)
            return code, memory, wrong, said
        finally:
            shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ecrm", type=Path)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--count", type=int, default=10_000, help="mutants of each kind (10000)")
    parser.add_argument("--first", type=int, default=0, help="number of the first, to run one again")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", type=Path, default=Path("mutants-that-fail"))
    args = parser.parse_intermixed_args()
    unknown = set(args.kinds) - set(KINDS)
    if unknown:
        parser.error(f"unknown kind {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    ecrm, failed, lock = args.ecrm.resolve(), 0, threading.Lock()
    with tempfile.TemporaryDirectory(prefix="ecrm-mutants-") as work:
        for kind in args.kinds or KINDS:
            made = Kind(kind, ecrm, Path(work))
            codes, most, faults = Counter(), 0, []

            def one(number):
                nonlocal most
                code, memory, wrong, said = made.run(number, args.seed, args.keep)
                with lock:
                    codes[code] += 1
                    most = max(most, memory)
                    if wrong:
                        faults.append((number, wrong, said))

            with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
                list(pool.map(one, range(args.first, args.first + args.count)))
            ends = ", ".join(f"exit {code}: {count}" for code, count in sorted(codes.items()))
            print(f"{kind}: {args.count} mutants; {ends}; at most {most >> 20} MiB; {len(faults)} failed", flush=True)
            for number, wrong, said in sorted(faults)[:20]:
                print(f"  {kind}-{number}: {wrong}\n    {said.decode('utf-8', 'replace')[:300].strip()!r}", flush=True)
            failed += len(faults)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
