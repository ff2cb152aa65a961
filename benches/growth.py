#!/usr/bin/env python3
"""How `ecrm rfm` grows with the file, and what a day's import into a store costs.

    python3 benches/growth.py [--orders 1000000 10000000 50000000] [--runs 3]

Makes each file with the seeded generator, one at a time (bench-data/; 3.7 GB for fifty million orders) and removes it
again. The day's export has 20,000 orders, all of which the store holds, so that each replaces one.
"""

import argparse
import resource
import shutil
import statistics
import subprocess

from compare import DATA, build, measured

DAY = 20_000


def medians(command: list[str], target: str, runs: int) -> list[float]:
    command = [*command, "--quiet", "-o", target]
    return [statistics.median(column) for column in zip(*(measured(command, target) for _ in range(runs)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, nargs="+", default=[1_000_000, 10_000_000, 50_000_000])
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    DATA.mkdir(exist_ok=True)
    ecrm, day = build(DAY)
    print("| orders | file MB | rfm s | processor s | ns an order | peak MB | import s | store MB | rfm of store s "
          "| day's import s | processor s |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for orders in args.orders:
        existed = (DATA / f"orders-{orders}.csv").exists()
        _, source = build(orders)
        answer, store, daily = DATA / "growth.csv", DATA / "growth.store", DATA / "growth-day.store"
        shutil.rmtree(store, ignore_errors=True)
        cold = medians([ecrm, "rfm", str(source)], str(answer), args.runs)
        imported = measured([ecrm, "import", str(source), "--store", str(store), "--quiet"])
        warm = medians([ecrm, "rfm", str(store)], str(answer), args.runs)
        days = []
        for _ in range(args.runs):
            shutil.rmtree(daily, ignore_errors=True)
            # Links: the store never changes a file.
            subprocess.run(["cp", "-rl", str(store), str(daily)], check=True)
            days.append(measured([ecrm, "import", str(day), "--store", str(daily), "--quiet"]))
        daily_cost = [statistics.median(column) for column in zip(*days)]
        size = sum(file.stat().st_size for file in store.rglob("*") if file.is_file())
        print(f"| {orders:,} | {source.stat().st_size / 1e6:,.0f} | {cold[0]:.2f} | {cold[1]:.2f} "
              f"| {cold[1] / orders * 1e9:.0f} | {cold[2]:,.0f} | {imported[0]:.1f} | {size / 1e6:,.0f} | {warm[0]:.2f} "
              f"| {daily_cost[0]:.2f} | {daily_cost[1]:.2f} |", flush=True)
        for path in (store, daily):
            shutil.rmtree(path, ignore_errors=True)
        answer.unlink(missing_ok=True)
        if not existed:
            source.unlink()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
