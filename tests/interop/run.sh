#!/bin/sh
# Compares 100 steps of each optimiser, schedule and activation with PyTorch's (trajectories.py), and the metrics of
# `epocl evaluate` with scikit-learn's (metrics.py). Trains a network with epocl, and lets Python's numpy and safetensors say whether the model file holds what `epocl evaluate` and `epocl
# predict` report (forward.py). Lets ONNX Runtime, an old release and the current one, compute what was exported
# (exported.py, and of tables tables.py), and imports networks of other programs (imported.py). Lets TensorBoard read
# files of events (events.py). Each ends with "N passed, N failed". Runs the pages of documentation that need packages of Python,
# docs/quick-start.md among them.
# Usage: BUILD=build tests/interop/run.sh; EPOCL_DATA is the folder of Fashion-MNIST, EPOCL_DEVICE chooses the device.
set -eu
cd "$(dirname "$0")/../.."

build=${BUILD:-build}
data=${EPOCL_DATA:-/usr/share/datasets/fashion-mnist}
epocl=$build/epocl
work=$build/interop
python=$work/venv/bin/python

stop() {
    echo "interop: $1" >&2
    exit 1
}

[ -x "$epocl" ] || stop "$epocl is missing; run make first"
[ -r "$data/train-images-idx3-ubyte.gz" ] ||
    stop "no Fashion-MNIST in $data; install dataset-fashion-mnist or set EPOCL_DATA"
command -v python3 > /dev/null || stop "python3 is missing; install python3 and python3-venv"
python3 -c 'import venv, ensurepip' 2> /dev/null || stop "Python's venv module is missing; install python3-venv"

mkdir -p "$work"
# A virtual environment of its own for what one release of ONNX Runtime needs and another does not take.
prepare() { # FOLDER REQUIREMENTS MODULES
    "$work/$1/bin/python" -c "import $3" 2> /dev/null && return
    python3 -m venv --clear "$work/$1"
    "$work/$1/bin/python" -m pip install --quiet --requirement "tests/interop/$2"
}

prepare venv requirements.txt \
    'numpy, safetensors, onnx, onnxruntime, sklearn, skl2onnx, tensorboard, pyarrow, PIL'
# It is not there for every release of Python.
old=$work/old/bin/python
prepare old requirements-old.txt 'numpy, onnxruntime' || {
    echo "interop: no old release of ONNX Runtime for this Python; the current one takes its place"
    old=$python
}

"$python" tests/interop/trajectories.py "$epocl" "$work/trajectories"
"$python" tests/interop/exported.py "$epocl" "$work/exported" "$old"
"$python" tests/interop/tables.py "$epocl" "$work/tables" "$old"
"$python" tests/interop/imported.py "$epocl" "$work/imported"

"$python" tests/interop/events.py "$epocl" "$work/events"
"$python" tests/interop/metrics.py "$epocl" "$work/metrics"
# What the documentation does with packages of Python, as it stands there.
PATH=$(realpath "$work/venv/bin"):$PATH ALL=1 BUILD=$build tests/tutorials/run.sh docs/files.md docs/tutorials/images.md
installed=$(realpath "$work")/installed
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL "${MAKE:-make}" -s install BUILD="$build" PREFIX="$installed" > "$work/install.log"
PYTHON=1 tests/install/quick_start.sh "$installed"

set --
images=$data/t10k-images-idx3-ubyte.gz
labels=$data/t10k-labels-idx1-ubyte.gz
# Both kinds of input scale: one factor for all inputs, and a factor and a shift for each.
for normalize in scale255 zscore; do
    run=$work/$normalize
    "$epocl" train --recipe seed --data "$data/train-images-idx3-ubyte.gz" --labels "$data/train-labels-idx1-ubyte.gz" \
        --hidden 32 --activation sigmoid --cost cross-entropy --normalize "$normalize" \
        --epochs 1 --batch-size 32 --learning-rate 0.3 --seed 1 --output "$run" --force --quiet
    "$epocl" evaluate --model "$run/model.safetensors" --data "$images" --labels "$labels" --json > "$run/evaluate.json"
    "$epocl" predict --model "$run/model.safetensors" --data "$images" --proba > "$run/predict.csv"
    set -- "$@" "$run"
done
exec "$python" tests/interop/forward.py "$images" "$labels" "$@"
