#!/bin/bash
# Runs the commands of docs/tutorials and docs/files.md, each page's in turn in an empty folder; one that fails ends it. A
# block of commands is fenced with ```sh; ```sh needs=A,B is left out where Python has no package A or B; with ALL=1 that
# is a failure.
# Usage: BUILD=build tests/tutorials/run.sh [PAGE...]
set -euo pipefail
cd "$(dirname "$0")/../.."

root=$PWD
export LC_ALL=C # what [a-z] means
PATH=$(realpath "${BUILD:-build}"):$PATH
export PATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Three kinds of ten pictures each, for the tutorial that reads a folder of them.
make_images() {
    python3 - <<'END'
import pathlib
import numpy, PIL.Image
random = numpy.random.default_rng(1)
for kind, name in enumerate(("boot", "coat", "hat")):
    pathlib.Path("images", name).mkdir(parents=True)
    for i in range(10):
        picture = random.integers(0, 60, (32, 32)) + 80 * kind
        PIL.Image.fromarray(picture.astype("uint8")).save(f"images/{name}/{i}.png")
END
}

# Diamonds, where the page about Parquet has houses.
make_parquet() {
    python3 - <<'END'
import pyarrow.csv, pyarrow.parquet
for name, stored in (("diamonds", "houses"), ("diamonds-new", "new")):
    rows = pyarrow.csv.read_csv(f"docs/tutorials/data/{name}.csv")
    pyarrow.parquet.write_table(rows, f"{stored}.parquet", row_group_size=500)
END
}

# blocks FILE: its blocks as one script, those left out as a line that says so.
blocks() {
    local line is_taken= needs
    while IFS= read -r line; do
        case $line in
            '```sh needs='*)
                needs=${line#*needs=}
                if python3 -c "import $needs" 2> /dev/null; then
                    is_taken=1
                else
                    echo "echo 'LEFT OUT: Python has no $needs'"
                fi
                ;;
            '```sh') is_taken=1 ;;
            '```') is_taken= ;;
            *) [ -z "$is_taken" ] || printf '%s\n' "$line" ;;
        esac
    done < "$1"
}

[ $# -gt 0 ] || set -- docs/tutorials/[a-z]*.md docs/files.md
for tutorial; do
    name=$(basename "$tutorial" .md)
    echo "== tutorials: $name"
    script=$(blocks "$tutorial")
    [ -n "$script" ] || { echo "$tutorial has no commands"; exit 1; }
    mkdir "$folder/$name"
    ln -s "$root/docs" "$folder/$name/docs"
    (
        cd "$folder/$name"
        if [[ $script == *PIL.Image* ]]; then make_images; fi
        if [[ $script == *ParquetFile* ]]; then make_parquet; fi
        bash -euc "$script" > output.txt 2>&1 < /dev/null || { tail -20 output.txt; echo "$tutorial: a command failed"; exit 1; }
        if grep '^LEFT OUT' output.txt && [ -n "${ALL:-}" ]; then exit 1; fi
    )
done
