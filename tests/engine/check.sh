#!/usr/bin/env bash
# The SQL of questions on DuckDB, from PyPI: its answers must be those of ecrm, byte for byte.
set -euo pipefail
cd "$(dirname "$0")/../.."
python="${XDG_CACHE_HOME:-$HOME/.cache}/ecrm-ci/duckdb"
[ -x "$python/bin/python" ] || python3 -m venv "$python"
"$python/bin/pip" install --quiet --no-input duckdb==2.0.1
ECRM_DUCKDB_PYTHON="$python/bin/python" cargo test --quiet --test suite -- --ignored ::duckdb
