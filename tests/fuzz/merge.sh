#!/bin/bash
# Writes the seeds into tests/fuzz/corpus, and adds what reaches code that nothing there reaches, of what this build's
# runs have found: the fewest and shortest inputs that do.
# Usage: BUILD=build/fuzz tests/fuzz/merge.sh TARGET...
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/fuzz/settings.sh

build=${BUILD:-build/fuzz}
mkdir -p "$build/findings"
python3 tests/fuzz/make_seeds.py tests/fuzz/corpus
for target; do
    corpus=tests/fuzz/corpus/$target
    mkdir -p "$corpus" "$build/corpus/$target"
    # shellcheck disable=SC2046 # a word for each option
    "$build/tests/fuzz/$target" -merge=1 -use_counters=0 $(target_options "$target") "${limits[@]}" \
        -artifact_prefix="$build/findings/$target-" \
        "$corpus" "$build/corpus/$target" > "$build/merge-$target.txt" 2>&1 ||
        { tail -40 "$build/merge-$target.txt"; exit 1; }
    printf '%-12s %4d files %8d bytes\n' "$target" "$(find "$corpus" -type f | wc -l)" \
        "$(cat "$corpus"/* | wc -c)"
done
