#!/bin/sh
# Makes the virtual environment of bench/NAME/requirements.txt below $BUILD/NAME, unless it is there.
# Usage: BUILD=build bench/venv.sh NAME
set -eu
cd "$(dirname "$0")/.."

wanted=bench/$1/requirements.txt
folder=${BUILD:-build}/$1
python=$folder/venv/bin/python
mkdir -p "$folder"
if ! "$python" -c '' 2> /dev/null; then
    rm -rf "$folder/venv" "$folder/installed.txt"
    python3 -m venv "$folder/venv"
fi
if ! cmp -s "$wanted" "$folder/installed.txt"; then
    echo "bench/$1: installing the Python packages of $wanted"
    "$python" -m pip install --quiet --requirement "$wanted"
    cp "$wanted" "$folder/installed.txt"
fi
