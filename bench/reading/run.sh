#!/bin/sh
# Measures how fast tables are read, epocl and its peers: makes a virtual environment below $BUILD/reading, compiles
# read.c against the library, and runs measure.py with the given options (--help lists them).
# Usage: BUILD=build bench/reading/run.sh [OPTION...]
set -eu
cd "$(dirname "$0")/../.."

BUILD=${BUILD:-build}
export BUILD
folder=$BUILD/reading
python=$folder/venv/bin/python
bench/venv.sh reading
# shellcheck disable=SC2046 # a word for each library
"${CC:-cc}" -std=c11 -O2 -D_DEFAULT_SOURCE -Iinclude -Ihost bench/reading/read.c -o "$folder/read" \
    "$BUILD/libepocl.a" $(pkg-config --libs OpenCL clblast libdeflate zlib jansson) -lm -lpthread
exec "$python" bench/reading/measure.py --epocl "$folder/read" --folder "$folder" "$@"
