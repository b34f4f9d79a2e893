#!/bin/bash
# What `epocl report` writes, as a browser shows it: pictures of the pages of three runs, of classes, of a number and of a sweep,
# in light and in dark, for somebody to look at. Nothing is judged here but that the pages ask for nothing from elsewhere.
# Usage: [BUILD=build] [BROWSER=chromium] tests/report/shots.sh      the pictures: $BUILD/report-shots/NAME-light.png, -dark.png
set -euo pipefail
cd "$(dirname "$0")/../.."

build=$(realpath "${BUILD:-build}")
browser=${BROWSER:-chromium}
out=$build/report-shots
epocl=$build/epocl
command -v "$browser" > /dev/null || { echo "report-shots: $browser is not installed" >&2; exit 1; }
rm -rf "$out"
mkdir -p "$out"

# Flowers of two lengths: which, and how long, follow from the others, with a little noise of a fixed sequence.
awk 'BEGIN {
    srand(7)
    print "petal,sepal,colour,kind,weight"
    for (i = 0; i < 600; i++) {
        p = rand(); s = rand(); c = int(3 * rand()); k = p + s / 2 + c / 4 + rand() / 5
        printf "%.3f,%.3f,%s,%s,%.3f\n", p, s, c == 0 ? "red" : c == 1 ? "white" : "<blue & grey>",
            k < 0.8 ? "small" : k < 1.2 ? "middle" : "large", 3 * k + p * s
    }
}' > "$out/flowers.csv"

"$epocl" train "$out/flowers.csv" --target kind --ignore weight --output "$out/classes" --quiet
"$epocl" train "$out/flowers.csv" --target weight --ignore kind --output "$out/number" --quiet
"$epocl" sweep "$out/flowers.csv" --target kind --ignore weight --learning-rate 1e-4..1e-2 --count 4 --output "$out/sweep" --quiet > /dev/null

for run in classes number sweep; do
    "$epocl" report "$out/$run" --importance --output "$out/$run.html"
    if grep -Eo '(src|href)="(https?:)?//[^"]*"|<script' "$out/$run.html"; then
        echo "report-shots: $run.html asks for something from elsewhere" >&2
        exit 1
    fi
    for scheme in light dark; do
        "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1000,2600 \
            --blink-settings=preferredColorScheme="$([ $scheme = dark ] && echo 0 || echo 1)" \
            --user-data-dir="$out/profile" --screenshot="$out/$run-$scheme.png" "file://$out/$run.html" 2> /dev/null
        [ -s "$out/$run-$scheme.png" ] || { echo "report-shots: no picture of $run" >&2; exit 1; }
    done
done
rm -rf "$out/profile"
echo "pictures are in $out"
