#!/bin/sh
# Makes the documentation as a site of static pages in $BUILD/site, and checks its links. The generator is put into a
# virtual environment below $BUILD.
# Usage: [BUILD=build] scripts/site/run.sh
set -eu
cd "$(dirname "$0")/../.."

build=${BUILD:-build}
venv=$build/site-venv
python3 -c 'import venv, ensurepip' 2> /dev/null ||
    { echo "site: Python's venv module is missing; install python3-venv" >&2; exit 1; }
if ! cmp -s scripts/site/requirements.txt "$venv/requirements.txt"; then
    python3 -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement scripts/site/requirements.txt
    cp scripts/site/requirements.txt "$venv/requirements.txt"
fi
exec "$venv/bin/python" scripts/site/build.py "$build/site"
