#!/bin/sh
# Measures how fast networks predict, by epocl and by ONNX Runtime: makes a virtual environment below
# $BUILD/prediction, compiles predict.c against the library, and runs measure.py with the given options (--help lists
# them).
# Usage: BUILD=build bench/prediction/run.sh [OPTION...]
set -eu
cd "$(dirname "$0")/../.."

BUILD=${BUILD:-build}
export BUILD
folder=$BUILD/prediction
python=$folder/venv/bin/python
bench/venv.sh prediction
# shellcheck disable=SC2046 # a word for each library
"${CC:-cc}" -std=c11 -O2 -D_DEFAULT_SOURCE -Iinclude bench/prediction/predict.c -o "$folder/predict" \
    "$BUILD/libepocl.a" $(pkg-config --libs OpenCL clblast libdeflate zlib jansson) -lm -lpthread
exec "$python" -m bench.prediction.measure "$@"
