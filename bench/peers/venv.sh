#!/bin/sh
# Makes the virtual environment of the peers that are Python packages, below $BUILD/peers, unless it is there.
# Usage: BUILD=build bench/peers/venv.sh
set -eu
cd "$(dirname "$0")/../.."

peers=${BUILD:-build}/peers
python=$peers/venv/bin/python
mkdir -p "$peers"
if [ ! -x "$python" ] || ! cmp -s bench/peers/requirements.txt "$peers/installed.txt"; then
    echo "bench/peers: installing the Python packages: about 3 GB to download, 6 GB on disk"
    [ -x "$python" ] || python3 -m venv "$peers/venv"
    "$python" -m pip install --quiet --requirement bench/peers/requirements.txt
    cp bench/peers/requirements.txt "$peers/installed.txt"
fi
