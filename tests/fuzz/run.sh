#!/bin/bash
# Runs fuzz targets one after the other, from the inputs in tests/fuzz/corpus and what earlier runs of this build have
# found, and prints a table of what was done. An input that breaks a target is kept, and the exit status is 1.
# Usage: BUILD=build/fuzz [FUZZ_RUNS=N | FUZZ_SECONDS=N] [FUZZ_SEED=1] tests/fuzz/run.sh TARGET...
#   without a number of runs or seconds, 20 seconds each
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
source tests/fuzz/settings.sh

build=${BUILD:-build/fuzz}
findings=$build/findings
reports=$build/reports
mkdir -p "$findings" "$reports"
if [ -n "${FUZZ_RUNS:-}" ]; then
    amount=(-runs="$FUZZ_RUNS")
else
    amount=(-max_total_time="${FUZZ_SECONDS:-20}")
fi

table=$(printf '%-12s %12s %8s %8s %8s %8s  %s' target executions seconds edges features inputs ended)
failed=0
for target; do
    own=$build/corpus/$target
    report=$reports/$target.txt
    mkdir -p "$own"
    echo "== fuzz: $target"
    start=$SECONDS
    # shellcheck disable=SC2046 # a word for each option
    "$build/tests/fuzz/$target" "$own" "tests/fuzz/corpus/$target" $(target_options "$target") "${limits[@]}" \
        "${amount[@]}" -seed="${FUZZ_SEED:-1}" -artifact_prefix="$findings/$target-" -print_final_stats=1 \
        > "$report" 2>&1
    status=$?
    ended=well
    if [ $status -ne 0 ]; then
        ended="with status $status: $report"
        failed=1
        tail -60 "$report"
    fi
    last=$(grep -E '^#[0-9]+.*cov:' "$report" | tail -1)
    row=$(printf '%-12s %12s %8s %8s %8s %8s  %s' "$target" \
        "$(sed -n 's/^stat::number_of_executed_units: *//p' "$report")" $((SECONDS - start)) \
        "$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' <<< "$last")" "$(sed -n 's/.* ft: \([0-9]*\).*/\1/p' <<< "$last")" \
        "$(sed -n 's/.* corp: \([0-9]*\).*/\1/p' <<< "$last")" "$ended")
    table+=$'\n'$row
done
echo
echo "$table" | tee "$reports/table.txt"
exit $failed
