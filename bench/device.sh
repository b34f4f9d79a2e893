#!/bin/bash
# Measures one device with the networks of README.md.
# Usage: [BUILD=build] [NETWORKS=4] bench/device.sh DEVICE [OPTION...]   the first of them; what --device takes, and options of `epocl bench`
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

device=${1:?usage: bench/device.sh DEVICE [OPTION...]}
shift
status=0
while read -r network batch samples; do
    "${BUILD:-build}/epocl" bench --device "$device" --net "$network" --batch-size "$batch" --samples "$samples" \
        --timeout 120 "$@" || status=$?
done < <(head -n "${NETWORKS:-4}" << 'END'
784-30-10 10 10000
784-128-10 32 10000
784-512-512-10 128 20000
784-2048-2048-10 512 20480
END
)
exit $status
