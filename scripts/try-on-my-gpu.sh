#!/bin/bash
# Builds epocl, tests it on one device, measures it, and writes a report to send.
# Usage: scripts/try-on-my-gpu.sh [DEVICE]    what --device takes: gpu (if left out), part of a name, an index
#   BUILD=build   where to build; NO_SETUP=1 installs nothing; QUICK=1 leaves out the tests of training and large networks
# The report says what the device, its driver, this system and its processor are, which tests passed and how those that did
# not failed, and what was measured. It has no names of users, hosts or folders, no serial numbers and no data: they are
# taken out before it is written. Read it before you send it.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

device=${1:-gpu}
build=$(realpath -m "${BUILD:-build}")
report=$build/gpu-report.md
export BUILD=$build
mkdir -p "$build"

# What names somebody or a place becomes a word.
anonymous() {
    sed -e "s#$PWD#SOURCE#g" -e "s#$build#BUILD#g" -e "s#${HOME:-/nonexistent}#HOME#g" \
        -e "s#\b$(id -un)\b#USER#g" -e "s#\b$(uname -n)\b#HOST#g" -e 's#/tmp/[A-Za-z0-9._/-]*#TMP#g' -e 's/\r//g'
}

section() { # TITLE: standard input as a block of the report
    printf '\n## %s\n\n```\n' "$1"
    anonymous
    printf '```\n'
}

step() { printf '\n== %s\n' "$1"; }

step 'what building needs'
scripts/setup.sh device || exit 1
step 'building'
make -j"$(nproc)" all "$build/tests/device_tests" "$build/tests/libtest_layer.so" BUILD="$build" > "$build/try-build.log" 2>&1 ||
    { tail -20 "$build/try-build.log"; exit 1; }
if ! described=$("$build/epocl" bench --device "$device" --net 8-3 --samples 100 --seconds 0.01 --blas none --json \
    --timeout 300 2>&1); then
    printf '%s\n' "$described"
    echo "try-on-my-gpu: '$device' cannot be used as it is; epocl doctor says more:"
    "$build/epocl" doctor
fi

step "testing on '$device' (many minutes where a compiler is slow)"
DEVICE=$device TEST_LIMIT_S=${TEST_LIMIT_S:-3600} tests/run.sh "device${QUICK:+-quick}" 2>&1 | tee "$build/try-tests.log" |
    grep -E '^(==|Device|[0-9]+%)|FAILED'

step "measuring '$device'"
NETWORKS=$([ -n "${QUICK:-}" ] && echo 1 || echo 4) bench/device.sh "$device" --blas none 2> "$build/try-bench.err" | tee "$build/try-bench.log" | grep -v '^$'

{
    echo "# epocl on a device of mine"
    echo
    echo "epocl $(sed -n 's/^.define EPOCL_VERSION  *"\(.*\)"/\1/p' include/epocl.h)," \
        "commit $(git rev-parse --short=12 HEAD 2> /dev/null || echo unknown), $(date -u +%F)"
    "$build/epocl" devices --json 2>&1 | section 'Devices'
    {
        uname -srm
        sed -n 's/^PRETTY_NAME=//p' /etc/os-release
        sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sort | uniq -c
        ldconfig -p 2> /dev/null | grep -o 'libOpenCL\.so[^ ]*' | sort -u
    } | section 'System'
    printf '%s\n' "$described" | section 'A first use'
    grep -E '^(==|Device:|[0-9]+%: Checks|tests/|FAILED|No part failed|Failed parts)' "$build/try-tests.log" |
        section 'Tests'
    cat "$build/try-bench.log" "$build/try-bench.err" | section 'Measured'
} > "$report"

printf '\nThe report is %s: read it, then attach it to an issue of this project. Thank you.\n' "$report"
