#!/bin/sh
# Measures how long whole trainings take to an accuracy, epocl's and its peers', by the recipes in examples/: makes the
# virtual environment of bench/peers and runs measure.py with the given options (--help lists them).
# Usage: BUILD=build bench/accuracy/run.sh [OPTION...]
set -eu
cd "$(dirname "$0")/../.."

BUILD=${BUILD:-build}
export BUILD
python3 -c 'import ensurepip' 2> /dev/null || { echo "bench-accuracy: missing: python3-venv" >&2; exit 1; }
bench/venv.sh peers
exec "$BUILD/peers/venv/bin/python" -m bench.accuracy.measure "$@"
