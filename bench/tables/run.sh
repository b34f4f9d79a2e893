#!/bin/sh
# Measures models of five public tables, epocl's and its peers': makes a virtual environment and the tables below
# $BUILD/tables, and runs measure.py with the given options (--help lists them).
# Usage: BUILD=build bench/tables/run.sh [OPTION...]
set -eu
cd "$(dirname "$0")/../.."

BUILD=${BUILD:-build}
export BUILD
folder=$BUILD/tables
python=$folder/venv/bin/python
bench/venv.sh tables
case " $* " in *realmlp*) more=pytabkit ;; *) more= ;; esac # with PyTorch, some GB: only where it is asked for
# shellcheck disable=SC2086 # one word or none
[ -z "$more" ] || "$python" -m pip install --quiet $more
[ -e "$folder/churn.split" ] || "$python" bench/tables/make_tables.py "$folder"
exec "$python" -m bench.tables.measure --folder "$folder" "$@"
