#!/usr/bin/env bash
# Builds a wheel of the command, for `pip install` and `uv tool install`: from a clean checkout, with Rust, a C compiler and
# python3 with venv on this machine.
#
#   packaging/wheel.sh [FOLDER]      where the wheel goes [target/packages]
#   PROFILE=release                  another profile than dist: minutes of link-time optimisation less, and larger
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-target/packages}
profile=${PROFILE:-dist}

tools=$(mktemp -d)
trap 'rm -r "$tools"' EXIT
python3 -m venv "$tools"
"$tools/bin/pip" install --quiet --disable-pip-version-check 'maturin>=1.9,<2'
# What uses the system's libraries so that older systems lack them is refused by maturin, and named.
"$tools/bin/maturin" build --profile "$profile" --strip --locked --out "$out"
ls -l "$out"/*.whl
