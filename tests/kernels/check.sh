#!/bin/bash
# Compiles the programs that the host gives OpenCL's compilers with Clang, for a CPU and for SPIR-V, and those that want
# OpenCL C 2.0 for AMD's GPUs, a warning being an error;
# and looks for structs that are copied as a whole, which kernels must not (CONTRIBUTING.md): Clang copies them by a call.
# Usage: [BUILD=build] [CLANG=clang] tests/kernels/check.sh
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

build=${BUILD:-build}
clang=${CLANG:-clang}
folder=$build/kernel_programs
failed=0

# Shared functions and the arguments that operations have in common are not of use in every program, nor an option for
# every target; and how built-in functions take vectors is no matter of ours.
warnings='-Wall -Wextra -Wpedantic -Werror -Wno-unused-function -Wno-unused-parameter -Wno-psabi'
warnings="$warnings -Wno-unused-command-line-argument"

rm -rf "$folder"
mkdir -p "$folder"
"$build/tests/kernel_programs" "$folder" || exit 1
for program in "$folder"/*.cl; do
    read -ra options <<< "$(sed 's/ -w / /' "${program%.cl}.options")"
    # What a fence between work-groups asks of a compiler, one for a CPU need not have.
    targets=('' spir64)
    [[ "${options[*]}" != *CL2.0* ]] || targets+=(amdgcn)
    [[ "${options[*]}" != *CL3.0* ]] || targets=(spir64)
    for target in "${targets[@]}"; do
        code=${program%.cl}${target:+.$target}.ll
        # shellcheck disable=SC2086 # one argument a warning
        if ! "$clang" -x cl "${options[@]}" ${target:+--target=$target} $warnings -Xclang -finclude-default-header \
            -O0 -S -emit-llvm -o "$code" "$program"; then
            echo "FAILED: $program${target:+ for $target} does not compile without a warning"
            failed=1
        elif grep -q 'call void @llvm\.mem' "$code"; then
            echo "FAILED: $program${target:+ for $target} copies a struct as a whole, in the functions"
            awk '/^define/ { name = $0 } /call void @llvm\.mem/ { print "    " name }' "$code" | sort -u
            failed=1
        fi
    done
done
[ $failed -eq 0 ] && echo "$(find "$folder" -name '*.cl' | wc -l) kernel programs: no warning, no struct copied"
exit $failed
