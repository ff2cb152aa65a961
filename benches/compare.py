#!/usr/bin/env python3
"""ecrm beside DuckDB and polars on the same file and question, in one alternating run.

    python3 benches/compare.py [--orders 10000000] [--runs 5]

Makes the file with the seeded generator (bench-data/, 730 MB for ten million orders), the same compressed (gz) and in
GB18030, a store of it, and a virtual environment with DuckDB and polars from PyPI, all once. The question: per customer
the day of the last valid order, the number of distinct valid orders and the exact net sum, written to a CSV file. ecrm
answers it with `ecrm rfm`, which adds scores, groups and an order; from the store DuckDB reads the same Parquet. The
answers are compared before any time is printed.
"""

import argparse
import csv
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "bench-data"

DUCKDB = """
import duckdb, sys
source, target, threads = sys.argv[1:]
con = duckdb.connect()
con.execute(f"set threads = {threads}")
con.execute(f'''copy (
  select customer_id, max(paid_at::date) as last_ordered_on, count(distinct order_id) as order_count,
         sum(paid_amount - refund_amount) as net_amount
  from read_csv('{source}', types = {{'order_id': 'varchar', 'customer_id': 'varchar',
                 'paid_amount': 'decimal(18,2)', 'refund_amount': 'decimal(18,2)'}})
  where status in ('paid', 'shipped', 'completed') and paid_amount > refund_amount
  group by customer_id) to '{target}' (header)''')
"""

DUCKDB_PARQUET = """
import duckdb, sys
source, target, threads = sys.argv[1:]
con = duckdb.connect()
con.execute(f"set threads = {threads}")
con.execute(f'''copy (
  select customer_id, last_ordered_on, order_count,
         printf('%d.%02d', micros // 1000000, micros // 10000 % 100) as net_amount
  from (select customer_id, max(coalesce(paid_on, created_on)) as last_ordered_on,
               count(distinct order_id) as order_count, sum(paid_amount - refund_amount)::bigint as micros
        from read_parquet('{source}')
        where status in (4, 5, 6) and paid_amount > refund_amount
        group by customer_id)) to '{target}' (header)''')
"""

POLARS = """
import os, sys
source, target, threads = sys.argv[1:]
os.environ["POLARS_MAX_THREADS"] = threads
import polars as pl
money = pl.Decimal(18, 2)
answer = (
    pl.scan_csv(source, schema_overrides={"order_id": pl.String, "customer_id": pl.String, "paid_amount": money,
                                          "refund_amount": money}, try_parse_dates=False)
    .filter(pl.col("status").is_in(["paid", "shipped", "completed"]) & (pl.col("paid_amount") > pl.col("refund_amount")))
    .group_by("customer_id")
    .agg(pl.col("paid_at").str.slice(0, 10).max().alias("last_ordered_on"),
         pl.col("order_id").n_unique().alias("order_count"),
         (pl.col("paid_amount") - pl.col("refund_amount")).sum().alias("net_amount"))
    .collect(engine="streaming"))
answer.write_csv(target)
"""


def environment() -> str:
    folder = DATA / "venv"
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "duckdb", "polars"], check=True)
    return str(python)


def build(orders: int) -> tuple[str, Path]:
    subprocess.run(["cargo", "build", "--release", "--bin", "ecrm", "--example", "generate_shop"], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    source = DATA / f"orders-{orders}.csv"
    if not source.exists():
        subprocess.run([target / "examples" / "generate_shop", "--orders", str(orders), "--narrow", source], check=True)
    return str(target / "ecrm"), source


def variants(source: Path, ecrm: str) -> tuple[Path, Path, Path]:
    """The file compressed, in GB18030, and as a store."""
    gz, gb, store = source.with_suffix(".csv.gz"), source.with_suffix(".gb18030.csv"), source.with_suffix(".store")
    if not gz.exists():
        subprocess.run(f"gzip -c {source} > {gz}.partial && mv {gz}.partial {gz}", shell=True, check=True)
    if not gb.exists():
        with open(source, encoding="utf-8", newline="") as text, open(gb, "w", encoding="gb18030", newline="") as out:
            shutil.copyfileobj(text, out, 1 << 22)
    if not store.exists():
        subprocess.run([ecrm, "import", str(source), "--store", str(store), "--quiet"], check=True)
    return gz, gb, store


def measured(command: list[str], target: str | None = None) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak megabytes of one run, which writes `target` anew: to get rid of the answer
    of the run before takes a tenth of a second, which is nobody's work here."""
    if target:
        Path(target).unlink(missing_ok=True)
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def answer(path: str) -> tuple[int, int, Decimal, list]:
    """Customers, orders, net sum, and a thousandth of the rows."""
    rows, orders, net, sample = 0, 0, Decimal(0), []
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows += 1
            orders += int(row["order_count"])
            net += Decimal(row["net_amount"])
            if row["customer_id"].endswith("007"):
                fields = row["customer_id"], row["last_ordered_on"], int(row["order_count"]), Decimal(row["net_amount"])
                sample.append(fields)
    return rows, orders, net, sorted(sample)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    DATA.mkdir(exist_ok=True)
    python, (ecrm, source) = environment(), build(args.orders)
    gz, gb, store = variants(source, ecrm)
    threads = str(os.cpu_count())
    with tempfile.TemporaryDirectory(dir=DATA) as folder:
        rfm = [("ecrm csv", source), ("ecrm csv, GB18030", gb), ("ecrm gz", gz), ("ecrm store", store)]
        commands = {name: [ecrm, "rfm", str(path), "--quiet", "-o", f"{folder}/{name}.csv"] for name, path in rfm}
        peers = [("DuckDB csv", DUCKDB, source), ("DuckDB Parquet", DUCKDB_PARQUET, store / "orders" / "*.core.*.parquet"),
                 ("polars csv", POLARS, source)]
        commands |= {name: [python, "-c", code, str(path), f"{folder}/{name}.csv", threads] for name, code, path in peers}
        target = {name: f"{folder}/{name}.csv" for name in commands}
        # No answer, but what reading the compressed file cannot be quicker than.
        unpack = {"gzip -dc": ["gzip", "-dc", str(gz)]}
        for command in commands.values():
            measured(command)
        answers = {name: answer(path) for name, path in target.items()}
        if len({str(found) for found in answers.values()}) != 1:
            sys.exit(f"the answers differ: { {name: found[:3] for name, found in answers.items()} }")
        commands |= unpack
        runs: dict[str, list] = {name: [] for name in commands}
        for _ in range(args.runs):
            for name, command in commands.items():
                runs[name].append(measured(command, target.get(name)))
    report(runs, args, source, answers["ecrm csv"])


def report(runs: dict[str, list], args: argparse.Namespace, source: Path, found: tuple) -> None:
    size = source.stat().st_size / 1e6
    print(f"{args.orders:,} orders, {size:,.0f} MB, {found[0]:,} customers; medians of {args.runs}; answers agree\n")
    print("| program | wall s | processor s | peak MB | wall / DuckDB csv | processor / DuckDB csv | memory / DuckDB csv |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, figures in runs.items():
        medians = [statistics.median(column) for column in zip(*figures)]
        # Pair by pair, so that a drift of the machine's speed cancels.
        ratios = [
            statistics.median(mine[i] / theirs[i] for mine, theirs in zip(figures, runs["DuckDB csv"])) for i in range(3)
        ]
        print(f"| {name} | {medians[0]:.2f} | {medians[1]:.2f} | {medians[2]:,.0f} | "
              + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " |")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
