#!/usr/bin/env python3
"""Every analysis beside `ecrm rfm` on the same file, in one alternating run.

    python3 benches/analyses.py [--orders 10000000] [--runs 3]

Makes the same file as compare.py. Prints wall and processor time and peak memory of each, and their ratio to `rfm`.
"""

import argparse
import resource
import statistics
import tempfile

from compare import DATA, build, measured

ANALYSES = [
    "segment", "overview", "repurchase", "repurchase --by province", "repurchase --due", "region",
    "region --by month", "profile", "profile --table decision", "value", "value --list", "cohort", "cohort --by week",
    "products", "migration", "trend", "predict",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    DATA.mkdir(exist_ok=True)
    ecrm, source = build(args.orders)
    runs: dict[str, list] = {name: [] for name in ["rfm", *ANALYSES]}
    with tempfile.TemporaryDirectory(dir=DATA) as folder:
        for _ in range(args.runs):
            for name, found in runs.items():
                target = f"{folder}/answer.csv"
                command = [ecrm, *name.split(), str(source), "--quiet", "-o", target]
                found.append(measured(command, target))
    print(f"{args.orders:,} orders; medians of {args.runs}\n")
    print("| analysis | wall s | processor s | peak MB | wall / rfm | processor / rfm |")
    print("|---|--:|--:|--:|--:|--:|")
    for name, figures in runs.items():
        medians = [statistics.median(column) for column in zip(*figures)]
        # Pair by pair, so that a drift of the machine's speed cancels.
        ratios = [statistics.median(mine[i] / base[i] for mine, base in zip(figures, runs["rfm"])) for i in range(2)]
        print(f"| `{name}` | {medians[0]:.2f} | {medians[1]:.2f} | {medians[2]:,.0f} | "
              + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " |")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
