#!/usr/bin/env bash
# The SQL of questions on Apache Spark with two executors, of which one is killed: its answers must be those of ecrm, byte
# for byte. Spark comes from PyPI (450 MB) into a cache folder; ORDERS are how many the generated shop has.
set -euo pipefail
cd "$(dirname "$0")/../.."
python="${XDG_CACHE_HOME:-$HOME/.cache}/ecrm-ci/spark"
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
command -v java >/dev/null || {
    as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless >/dev/null
}
[ -x "$python/bin/python" ] || python3 -m venv "$python"
"$python/bin/pip" install --quiet --no-input pyspark==4.2.1 pyarrow==26.0.1 pandas==3.1.1
big=$(mktemp -d)
trap 'rm -r "$big"' EXIT
cargo run --quiet --example generate_shop -- --orders "${ORDERS:-1000000}" --narrow "$big/orders.csv"
ECRM_SPARK_PYTHON="$python/bin/python" ECRM_BIG="$big/orders.csv" \
    cargo test --quiet --test suite -- --ignored --nocapture --test-threads 1 engine::spark
