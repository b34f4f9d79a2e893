#!/bin/bash
# Runs scripts/setup.sh with a package manager that installs nothing and knows not every package.
# Usage: tests/install/setup.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

stubs=$(mktemp -d)
trap 'rm -rf "$stubs"' EXIT

# stub NAME LINE...: a program that is found before the real one.
stub() {
    local name=$1
    shift
    printf '%s\n' '#!/bin/sh' "$@" > "$stubs/$name"
    chmod +x "$stubs/$name"
}

stub id 'echo 0'
stub apt-get "echo \"\$@\" >> $stubs/log"
for tool in pkg-config python3 clang; do stub $tool 'exit 1'; done # missing: libraries, Python's venv, libFuzzer

# set_up PATTERN: set-up where there is no package whose name fits; what it says is in `said`, apt-get's calls in `log`.
set_up() {
    stub apt-cache 'case ${2:-} in' "'') echo '     origin deb.debian.org' ;;" "$1) ;;" "*) echo '  Candidate: 1.0' ;;" 'esac'
    : > "$stubs/log"
    env -u NO_SETUP PATH="$stubs:$PATH" scripts/setup.sh check > "$stubs/said"
}

expect() { # TEXT FILE
    grep -q -- "$1" "$2" || { echo "not in $2: $1" && cat "$2" && exit 1; }
}

set_up python3-venv
expect 'is left out: python3-venv$' "$stubs/said"
expect 'install .* libjansson-dev .* clang libclang-rt-dev' "$stubs/log"
if grep -q python3-venv "$stubs/log"; then exit 1; fi

# Where only such packages are missing, nothing is asked of the package manager.
stub pkg-config 'exit 0'
set_up '*'
expect 'is left out: .*python3-venv' "$stubs/said"
[ ! -s "$stubs/log" ]

set_up python3-venv
PATH=$stubs:$PATH scripts/setup.sh offers clang
! PATH=$stubs:$PATH scripts/setup.sh offers python3-venv
