#!/usr/bin/env bash
# How long questions take of files here and of their export on Apache Spark with two executors of one core, both on this
# machine, and whether the bytes are equal.
#
#     benches/spark.sh [ORDERS…]        1000000 10000000 50000000 unless said
#
# Each shop is made with the seeded generator, one at a time, and removed again (3.7 GB for fifty million orders, and as
# much for its export and what Spark writes). RUNS (3) are how often each question is asked on either side, in turn; the
# medians are printed. MEMORY (4096) are the MB of each executor. ECRM is a program that was built with the feature
# `spark`; without it one is built.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p bench-data
work=$(mktemp -d -p "$PWD/bench-data")
source tests/engine/server.sh
if [ -z "${ECRM:-}" ]; then
    cargo build --quiet --release --features spark --bin ecrm
    ECRM="${CARGO_TARGET_DIR:-target}/release/ecrm"
fi
if [ -z "${GENERATE_SHOP:-}" ]; then
    cargo build --quiet --release --example generate_shop
    GENERATE_SHOP="${CARGO_TARGET_DIR:-target}/release/examples/generate_shop"
fi
# A list of people would come back as a row each; the cluster writes it, and here it is a file.
questions=("segment" "rfm --summary" "cohort" "repurchase" "region" "value" "overview"
    "customers --count --where net_amount>100" "rfm --output-to")

median() { sort -n "$1" | sed -n "$((($(wc -l <"$1") + 1) / 2))p"; }
# timed FILE COMMAND…: adds the seconds that the command takes to the file.
timed() {
    local file=$1 began; shift
    began=$(date +%s%N)
    "$@" >"$work/out" 2>"$work/err" || { cat "$work/err"; exit 1; }
    LC_ALL=C awk -v nanoseconds="$(($(date +%s%N) - began))" 'BEGIN { printf "%.2f\n", nanoseconds / 1e9 }' >>"$file"
}

start "${MEMORY:-4096}"
# The first questions that a server is asked wait for its classes.
"$ECRM" engine check "$url" >/dev/null
[ $# -gt 0 ] || set -- 1000000 10000000 50000000
for orders in "$@"; do
    shop="$work/shop.csv" tables="$work/tables"
    "$GENERATE_SHOP" --orders "$orders" --narrow "$shop"
    rm -f "$work/export"
    timed "$work/export" "$ECRM" export "$shop" -o "$tables" --quiet
    echo "$orders orders, $(($(stat -c %s "$shop") / 1000000)) MB; export $(cat "$work/export") s," \
        "$(($(du -sb "$tables" | cut -f1) / 1000000)) MB"
    for question in "${questions[@]}"; do
        rm -f "$work/here.s" "$work/there.s"
        read -ra asked <<<"$question"
        for _ in $(seq "${RUNS:-3}"); do
            if [ "${asked[-1]}" = --output-to ]; then
                timed "$work/here.s" "$ECRM" "${asked[0]}" "$shop" --quiet -o "$work/here.parquet"
                timed "$work/there.s" "$ECRM" "${asked[@]}" "$work/list" --force "$tables" --engine "$url" --quiet
                equal="not compared"
            else
                timed "$work/here.s" "$ECRM" "${asked[@]}" "$shop" --quiet --format json -o "$work/here"
                timed "$work/there.s" "$ECRM" "${asked[@]}" "$tables" --engine "$url" --quiet --format json -o "$work/there"
                cmp "$work/here" "$work/there"
                equal=equal
            fi
        done
        echo "| $orders | \`$question\` | $(median "$work/here.s") | $(median "$work/there.s") | $equal |"
    done
    rm -rf "$shop" "$tables" "$work/list" "$work/here.parquet"
done
