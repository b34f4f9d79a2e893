#!/bin/bash
# Static analysis of everything that is delivered: cppcheck, GCC's -fanalyzer, and clang-tidy with the checks of
# .clang-tidy. A finding is a failure: it is mended, or suppressed where it is, with the reason.
# Usage: [JOBS=2] tests/analysis/run.sh
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

jobs=${JOBS:-$(nproc)}
definitions='-D_POSIX_C_SOURCE=200809L -DCL_TARGET_OPENCL_VERSION=120'
# Where mpi.h is, in which no warnings are looked for; nothing without MPI.
mpi_flags=$(mpicc -show 2> /dev/null | tr ' ' '\n' | sed -n 's/^-I/-isystem /p' | tr '\n' ' ')
FLAGS="-std=c11 $definitions -Iinclude -Ihost $(pkg-config --cflags OpenCL clblast libdeflate zlib jansson) $mpi_flags"
export FLAGS

# A file's own feature-test macros, which must stand before what is included first; and what is assumed of the library's
# functions, except in the file that has them and in programs that use it.
assumptions_for() { # FILE
    sed -n 's/^#define \(_[A-Z_]*_SOURCE\) *\([0-9]*\).*/-D\1=\2/p' "$1"
    case $1 in
        host/base/status.c | examples/*) ;;
        *) echo '-include tests/analysis/assumptions.h -Wno-unused-value' ;;
    esac
}

# shellcheck disable=SC2046,SC2086 # one argument a flag
gcc_analyzer() { # FILE
    gcc $FLAGS $(assumptions_for "$1") -O2 -fanalyzer -Werror $(awk -v file="$1" '$1 == file { print $2 }' \
        tests/analysis/gcc.supp) -c "$1" -o /dev/null
}

# Its standard error only counts the warnings that it does not show.
# shellcheck disable=SC2046,SC2086
clang_tidy() { # FILE
    clang-tidy -quiet "$1" -- $FLAGS $(assumptions_for "$1") 2> /dev/null
}
export -f assumptions_for gcc_analyzer clang_tidy

mapfile -t files < <(find host examples -name '*.c' | sort)
if [ -z "$mpi_flags" ]; then
    echo 'LEFT OUT: host/command/mpi, since MPI is not installed'
    mapfile -t files < <(printf '%s\n' "${files[@]}" | grep -v '^host/command/mpi/')
fi
failed=()
for tool in gcc_analyzer clang_tidy; do
    echo "== $tool: ${#files[@]} files"
    printf '%s\0' "${files[@]}" | xargs -0 -P "$jobs" -I{} bash -c "$tool {}" || failed+=("$tool")
done

echo "== cppcheck: ${#files[@]} files"
# shellcheck disable=SC2086
cppcheck --quiet --error-exitcode=1 -j "$jobs" --std=c11 --enable=warning,style,performance,portability \
    --inline-suppr --suppressions-list=tests/analysis/cppcheck.supp $definitions -Iinclude -Ihost "${files[@]}" ||
    failed+=(cppcheck)

if [ ${#failed[@]} -gt 0 ]; then
    echo "Findings of: ${failed[*]}"
    exit 1
fi
echo 'No findings.'
