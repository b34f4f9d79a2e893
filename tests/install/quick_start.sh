#!/bin/bash
# Does what docs/quick-start.md says, literally, in an empty folder: its blocks `sh` are run by one shell, blocks with a
# file's name (`c moons.c`) are written to it. Blocks `sh python` ask a package registry, and are run with PYTHON=1 alone, as
# `make interop` does.
# Usage: quick_start.sh PREFIX, with epocl installed below it
set -euo pipefail
cd "$(dirname "$0")/../.."

prefix=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/empty"

export PATH=$prefix/bin:$PATH LD_LIBRARY_PATH=$prefix/lib PKG_CONFIG_PATH=$prefix/lib/pkgconfig EPOCL=$PWD
unset EPOCL_DEVICE

# The document as a script.
block='' # what the lines are of: sh, file, or nothing that is done
while IFS= read -r line; do
    if [[ $line == '```'* && -n $block ]]; then
        [ "$block" != file ] || echo 'END_OF_BLOCK'
        block=
    elif [[ $line == '```'* ]]; then
        read -r kind name <<< "${line#'```'}"
        block=nothing
        if [ "$kind" = sh ] && { [ "$name" != python ] || [ "${PYTHON:-}" = 1 ]; }; then
            block=sh
        elif [ "$kind" != sh ] && [ -n "$name" ]; then
            block=file
            echo "cat > $name << 'END_OF_BLOCK'"
        fi
    elif [ "$block" = sh ] || [ "$block" = file ]; then
        printf '%s\n' "$line"
    fi
done < docs/quick-start.md > "$work/script"
grep -q '^epocl train flats.csv' "$work/script"

(cd "$work/empty" && bash -euo pipefail "$work/script") > "$work/said" 2>&1 || { tail -40 "$work/said"; exit 1; }

# What a reader would look at.
expect() { # TEXT
    grep -q -e "$1" "$work/said" || { echo "quick_start.sh: nothing says '$1'"; tail -40 "$work/said"; exit 1; }
}
expect 'Sale_Price\|price  *number .*target'
expect '^accuracy 1.000$'
expect '^point 1: '
[ "${PYTHON:-}" != 1 ] || expect '^accuracy 0\.9'
[ -s "$work/empty/run1/report.html" ] && [ -s "$work/empty/flats.onnx" ] && [ -s "$work/empty/flats.h" ]
echo 'quick start: done'
[ "${SHOW:-}" != 1 ] || cat "$work/said"
