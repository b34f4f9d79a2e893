#!/bin/bash
# Runs the tests of a build, all of them or the parts named, and ends with Check's totals of each executable.
# Usage: [BUILD=build] [KERNELS_OF=build] tests/run.sh [host] [pocl] [oclgrind] [rusticl] [command] [odd] [faults] [install] [examples] [symbols]
#        [manual]
#   host, command              build/tests/host_tests, build/tests/command_tests
#   pocl-1, pocl-2             the part pocl in two pieces, for the lanes; so command-1, command-2
#   faults                     build/tests/faults_tests: FAULTS_SAMPLE faults of each kind in each run, or all
#   pocl, oclgrind, rusticl    build/tests/device_tests on that OpenCL implementation
#   odd                        small devices, several platforms, platforms without a device
#   pocl-small                 the kernel suites on PoCL as a device of 1 GiB and work-groups of 32
#   pocl-gpu                   kernels as a GPU gets them, on PoCL that answers as one: items that share a sum
#   quick                      the host tests and the core of pocl and command, for `make check-quick`
#   device                     what trains and predicts, on the device that DEVICE names, as --device does
#   device-quick               the kernel suites alone, likewise
#   threads                    what several threads of the host do, for `make tsan`
#   valgrind                   the host tests and a short training under Valgrind, for `make valgrind`
#   intel                      the kernel and training suites on Intel's CPU runtime, for `make test-intel`
#   khronos                    the kernel and command suites with the Khronos loader, likewise
#   install                    set-up where packages are missing; a program compiled against the installed library
#   examples                   every program and recipe of examples/, and the commands of docs/tutorials
#   symbols                    what the libraries export and call, and whether older programs still run with them
#   manual                     manual pages and completions: as the options are, without complaints, in three shells
# An OpenCL implementation that is not installed is a failure. It is left out with NO_SETUP=1, and where the system has
# no package of it.
# Parts run side by side, what each prints kept together; LANES=1 runs one after the other and shows it as it comes.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
source scripts/lanes.sh

build=$(realpath "${BUILD:-build}")
reports=$build/reports
mkdir -p "$reports" "$build/cache"

# The tests depend on no setting of the user's, and compile kernels once for a build folder.
unset EPOCL_DEVICE EPOCL_MATMUL EPOCL_PLAN EPOCL_TUNE EPOCL_TIMEOUT EPOCL_NO_SELF_TEST EPOCL_KERNEL_DIR POCL_CACHE_DIR OCL_ICD_FILENAMES OPENCL_LAYERS RUSTICL_ENABLE
export XDG_CACHE_HOME=$build/cache
unset TEST_THIRD

# Those that PoCL compiled for another build serve as well: KERNELS_OF is its folder.
if [ -n "${KERNELS_OF:-}" ]; then
    mkdir -p "$KERNELS_OF/cache/pocl"
    rm -rf "$build/cache/pocl"
    ln -s "$(realpath "$KERNELS_OF/cache/pocl")" "$build/cache/pocl"
fi

limit_s=${TEST_LIMIT_S:-7200} # for one executable: a net against hangs; tests/support/suite_runner.h limits work
failed=()    # names of parts
left_out=()  # names of OpenCL implementations
totals=()    # label and totals line of each Check executable, in turn

fail() { # PART SENTENCE
    echo "FAILED: $1: $2"
    failed+=("$1")
}

# run_check PART EXECUTABLE [ARGUMENT...]: runs a Check executable, keeps its output and its totals.
run_check() {
    local part=$1 label status total
    shift
    label="$part: ${*/#$build\/tests\//}"
    echo "== $label"
    timeout -k 10 "$limit_s" "$@" 2>&1 | tee "$reports/$part.txt"
    status=${PIPESTATUS[0]}
    total=$(grep -o '[0-9]*%: Checks: .*' "$reports/$part.txt" | tail -1)
    totals+=("$label" "${total:-no totals: it ended early, with status $status}")
    if [ "$status" -eq 124 ]; then
        fail "$part" "took more than $limit_s s"
    elif [ "$status" -ne 0 ]; then
        fail "$part" "exit status $status"
    elif [[ $total == *'Checks: 0,'* ]]; then
        fail "$part" 'nothing was tested'
    fi
}

# bed NAME DRIVER: a folder that makes DRIVER, a shared library or an .icd file, the only OpenCL implementation. The file
# is never there in part: others may read it meanwhile.
bed() {
    local folder=$build/icd/$1 own=$build/icd/$1.$BASHPID
    mkdir -p "$folder"
    if [[ $2 == *.icd ]]; then cp "$2" "$own"; else echo "$2" > "$own"; fi
    mv "$own" "$folder/$1.icd"
    echo "$folder"
}

# has_driver NAME FILE [PACKAGE]: whether an OpenCL implementation is installed; says so when it is not. That of a
# package which the tests can do without is left out where there is no such package.
has_driver() {
    [ ! -e "$2" ] || return 0
    if [ "${NO_SETUP:-}" = 1 ] || { [ $# -gt 2 ] && ! scripts/setup.sh offers "$3"; }; then
        if [[ " ${left_out[*]} " != *" $1 "* ]]; then
            echo "LEFT OUT: $1 is not installed"
            left_out+=("$1")
        fi
    else
        fail "$1" 'not installed; scripts/setup.sh check installs it'
    fi
    return 1
}

run_host() {
    run_check host "$build/tests/host_tests"
}

# What is no matter of kernels runs on PoCL alone.
pocl=/etc/OpenCL/vendors/pocl.icd

on_pocl() { # PART EXECUTABLE [SUITE...]
    has_driver pocl "$pocl" || return
    OCL_ICD_VENDORS=$(bed pocl "$pocl") run_check "$1" "$build/tests/$2" "${@:3}"
}

others() { # EXECUTABLE SUITE...: its suites but for these
    "$build/tests/$1" --list | grep -vxF "$(printf '%s\n' "${@:2}")"
}

run_pocl() { on_pocl pocl device_tests; }
run_command() { on_pocl command command_tests; }

# In pieces of about the same length; of items there is what pocl-gpu has not.
pocl_1=(covering recipes choice)
command_1=(runs export self_test pretend resume)
run_pocl-1() { on_pocl pocl-1 device_tests "${pocl_1[@]}"; }
# shellcheck disable=SC2046 # names of suites
run_pocl-2() {
    TEST_THIRD=0 on_pocl pocl-2 device_tests $(others device_tests items "${pocl_1[@]}")
    CK_RUN_CASE=recipes on_pocl pocl-2-items device_tests items
}
run_command-1() { on_pocl command-1 command_tests "${command_1[@]}"; }
# shellcheck disable=SC2046
run_command-2() { on_pocl command-2 command_tests $(others command_tests "${command_1[@]}"); }

run_quick() {
    run_host
    has_driver pocl "$pocl" || return
    OCL_ICD_VENDORS=$(bed pocl "$pocl") run_check quick-pocl "$build/tests/device_tests" \
        batch products devices training conduct
    OCL_ICD_VENDORS=$(bed pocl "$pocl") run_check quick-command "$build/tests/command_tests" \
        words run_folder usage bad_input runs
}

# A sample, unless told otherwise: `make faults` makes all of them. FAULTS_SUITES names those to run, where not all can.
run_faults() {
    has_driver pocl "$pocl" || return
    limit_s=14400 FAULTS_SAMPLE=${FAULTS_SAMPLE:-5} OCL_ICD_VENDORS=$(bed pocl "$pocl") \
        run_check faults "$build/tests/faults_tests" ${FAULTS_SUITES:-}
}

# Any device of this system, by what loader and drivers there are. What is no matter of a device is left to PoCL.
device_suites=(batch products optimizers clblast choice handles training recipes conduct predictor evaluations freeze fit)

run_device() {
    TEST_DEVICE=${DEVICE:-gpu} run_check device "$build/tests/device_tests" "${device_suites[@]}"
}

run_device-quick() {
    TEST_DEVICE=${DEVICE:-gpu} run_check device-quick "$build/tests/device_tests" --kernels
}

run_pocl-small() {
    has_driver pocl "$pocl" || return
    POCL_MAX_WORK_GROUP_SIZE=32 POCL_MEMORY_LIMIT=1 TEST_THIRD=1 OCL_ICD_VENDORS=$(bed pocl "$pocl") \
        run_check pocl-small "$build/tests/device_tests" --kernels
}

run_threads() {
    has_driver pocl "$pocl" || return
    OCL_ICD_VENDORS=$(bed pocl "$pocl") run_check threads "$build/tests/device_tests" threads population
    OCL_ICD_VENDORS=$(bed pocl "$pocl") run_check threads-signals "$build/tests/command_tests" interrupted
}

run_xor() { # COMMAND...: under that
    XDG_CACHE_HOME=$build/cache/valgrind OCL_ICD_VENDORS=$(bed pocl "$pocl") \
        timeout -k 10 "$limit_s" "$@" "$build/examples/xor" < /dev/null || fail valgrind "xor ended with status $?: $*"
}

# Valgrind shows PoCL a processor without AVX-512, for which kernels are compiled anew.
run_valgrind() {
    local valgrind=(valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite
        --errors-for-leak-kinds=definite --suppressions=tests/valgrind.supp)
    has_driver pocl "$pocl" || return
    mkdir -p "$build/cache/valgrind"
    # Valgrind's own memory would count within a limit.
    CK_FORK=no NO_MEMORY_LIMIT=1 run_check valgrind "${valgrind[@]}" "$build/tests/host_tests" output_file \
        safetensors network network_file idx dataset normalization
    echo '== valgrind: xor'
    # First without a tool, which compiles the kernels several times as fast; then they are found.
    run_xor valgrind -q --tool=none
    run_xor "${valgrind[@]}"
}

# What tests/implementations/intel.sh has installed.
intel=$build/intel

run_intel() {
    has_driver intel "$intel/lib/libintelocl.so" || return
    OCL_ICD_VENDORS=$(bed intel "$intel/lib/libintelocl.so") LD_LIBRARY_PATH=$intel/lib \
        run_check intel "$build/tests/device_tests" batch products clblast devices training conduct threads
}

run_khronos() {
    has_driver khronos "$intel/loader/libOpenCL.so.1" || return
    has_driver pocl "$pocl" || return
    # What counts calls is left out: this build of the loader wants more of a layer (clInitLayerWithProperties()).
    OCL_ICD_VENDORS=$(bed pocl "$pocl") LD_LIBRARY_PATH=$intel/loader:$intel/lib \
        run_check khronos "$build/tests/device_tests" batch products training
    OCL_ICD_VENDORS=$(bed pocl "$pocl") LD_LIBRARY_PATH=$intel/loader:$intel/lib \
        run_check khronos-command "$build/tests/command_tests" usage bad_input run_folder words
}

rusticl=/etc/OpenCL/vendors/rusticl.icd
has_rusticl() {
    has_driver rusticl "$rusticl" mesa-opencl-icd
}

run_rusticl() {
    has_rusticl || return
    OCL_ICD_VENDORS=$(bed rusticl "$rusticl") RUSTICL_ENABLE=llvmpipe TEST_THIRD=2 \
        run_check rusticl "$build/tests/device_tests" --kernels
    # One case: its compiler takes long for a whole step.
    OCL_ICD_VENDORS=$(bed rusticl "$rusticl") RUSTICL_ENABLE=llvmpipe CK_RUN_CASE=numbers \
        run_check rusticl-items "$build/tests/device_tests" items
    OCL_ICD_VENDORS=$(bed rusticl "$rusticl") RUSTICL_ENABLE=llvmpipe CK_RUN_CASE=merged \
        run_check rusticl-merged "$build/tests/device_tests" items
}

oclgrind=$(find /usr/lib -path '*/oclgrind/liboclgrind-rt-icd.so' 2> /dev/null | head -1)
has_oclgrind() {
    has_driver oclgrind "${oclgrind:-liboclgrind-rt-icd.so}" oclgrind
}

# Oclgrind exits with 0 whatever it finds: what kernels do wrong is in its log, what the host does wrong on
# standard error, a line "Oclgrind - OpenCL runtime error detected" before each.
# OPENCL_LAYERS: this one first, so that the tests' own counts what it is given.
run_pocl-gpu() {
    has_driver pocl "$pocl" || return
    PRETEND_GPUS=h100 OPENCL_LAYERS=$build/tests/libtest_layer.so:$build/tests/libpretend_layer.so \
        OCL_ICD_VENDORS=$(bed pocl "$pocl") run_check pocl-gpu "$build/tests/device_tests" products items
}

run_oclgrind() {
    local log=$reports/oclgrind.log
    has_oclgrind || return
    rm -f "$log"
    OCL_ICD_VENDORS=$(bed oclgrind "$oclgrind") OCLGRIND_LOG=$log LAYER_WRITE_FILLS=1 TEST_THIRD=1 \
        OCLGRIND_CHECK_API=1 OCLGRIND_DATA_RACES=1 OCLGRIND_UNIFORM_WRITES=1 OCLGRIND_UNINITIALIZED=1 \
        run_check oclgrind "$build/tests/device_tests" --kernels
    if [ -s "$log" ]; then
        head -40 "$log"
        fail oclgrind "its log is not empty: $log"
    fi
    if grep -q '^Oclgrind - ' "$reports/oclgrind.txt"; then
        fail oclgrind "it found wrong use of OpenCL: $reports/oclgrind.txt"
    fi
    run_oclgrind_items
}

# Whole trainings by the items of one work-group. It takes no inlined function whose arguments are restrict, and in whole
# trainings, of any plan, takes what a step leaves in the state for uninitialised.
run_oclgrind_items() {
    local log=$reports/oclgrind-items.log
    rm -f "$log"
    OCL_ICD_VENDORS=$(bed oclgrind "$oclgrind") OCLGRIND_LOG=$log OCLGRIND_BUILD_OPTIONS=-Drestrict= \
        OCLGRIND_CHECK_API=1 OCLGRIND_DATA_RACES=1 OCLGRIND_UNIFORM_WRITES=1 \
        run_check oclgrind-items "$build/tests/device_tests" items
    if [ -s "$log" ]; then
        head -40 "$log"
        fail oclgrind-items "its log is not empty: $log"
    fi
}

# expect STATUS TEXT COMMAND...: the exit status, and what the output holds.
expect() {
    local wanted=$1 text=$2 output status
    shift 2
    output=$(timeout -k 10 "$limit_s" "$@" 2>&1)
    status=$?
    if [ $status -ne "$wanted" ] || [[ $output != *"$text"* ]]; then
        fail odd "'${*/#$build\//}' ended with $status, not $wanted, or did not say '$text': $output"
    else
        echo "${*/#$build\//}: $text"
    fi
}

run_odd() {
    has_driver pocl "$pocl" || return
    # No kernel suites: work-groups have 64 items wherever more are allowed, too, and pocl-small has fewer.
    OCL_ICD_VENDORS=$(bed pocl "$pocl") POCL_MAX_WORK_GROUP_SIZE=64 POCL_MEMORY_LIMIT=1 \
        run_check odd "$build/tests/device_tests" waits
    OCL_ICD_VENDORS=$(bed pocl "$pocl") POCL_MAX_WORK_GROUP_SIZE=64 POCL_MEMORY_LIMIT=1 \
        run_check odd "$build/tests/command_tests" runs
    if has_rusticl; then run_without_device; fi
    run_several_platforms
}

run_without_device() {
    local -x OCL_ICD_VENDORS
    OCL_ICD_VENDORS=$(bed rusticl "$rusticl")
    RUSTICL_ENABLE=llvmpipe run_check odd "$build/tests/device_tests" waits
    expect 69 'export RUSTICL_ENABLE=' "$build/epocl" doctor # without the variable it has no device
    expect 69 'no OpenCL device found' "$build/epocl" devices
}

# Of them one has no device, and one is not there.
run_several_platforms() {
    local -x OCL_ICD_VENDORS=$build/icd/many
    local devices='1 usable device' name
    rm -rf "$OCL_ICD_VENDORS"
    mkdir -p "$OCL_ICD_VENDORS"
    cp "$pocl" "$OCL_ICD_VENDORS/pocl.icd"
    echo libepocl_no_such_driver.so > "$OCL_ICD_VENDORS/missing.icd"
    if has_rusticl; then cp "$rusticl" "$OCL_ICD_VENDORS/"; fi
    name=$("$build/epocl" devices --json | sed -n 's/.*"name":"\([^"]*\)".*"Portable Computing Language".*/\1/p')
    [ -n "$name" ] || fail odd 'the name of the device of PoCL is not told'
    if has_oclgrind; then
        echo "$oclgrind" > "$OCL_ICD_VENDORS/oclgrind.icd"
        devices='2 usable devices'
        expect 0 'Oclgrind Simulator' "$build/epocl" devices
    fi
    expect 0 'Portable Computing Language' "$build/epocl" devices
    expect 0 "$devices" "$build/epocl" doctor
    expect 0 'libepocl_no_such_driver.so cannot be loaded' "$build/epocl" doctor
    expect 0 "$name" "$build/epocl" bench --device pocl --net 8-3 --samples 100 --quiet
}

run_install() {
    echo '== install: set-up where packages are missing'
    tests/install/setup.sh || fail install 'see above'
    echo '== install: a program compiled against the installed library'
    has_driver pocl "$pocl" || return
    OCL_ICD_VENDORS=$(bed pocl "$pocl") BUILD=$build tests/install/run.sh || fail install 'see above'
}

run_examples() {
    local source name
    has_driver pocl "$pocl" || return
    for source in examples/*.c examples/*.cpp; do
        name=$(basename "$source" .c)
        if [[ $name == *.cpp ]]; then name=${name%.cpp}_cpp; fi
        echo "== examples: $name"
        OCL_ICD_VENDORS=$(bed pocl "$pocl") timeout -k 10 "$limit_s" "$build/examples/$name" < /dev/null ||
            fail examples "$name ended with status $?"
    done
    run_recipes
    OCL_ICD_VENDORS=$(bed pocl "$pocl") BUILD=$build tests/tutorials/run.sh || fail examples 'a tutorial, see above'
}

# The recipes of examples: each is read as a whole, and trains.
run_recipes() {
    local recipe name data=${EPOCL_DATA:-/usr/share/datasets/fashion-mnist} out=$build/reports/recipe
    for recipe in examples/*.json; do
        name=$(basename "$recipe")
        echo "== examples: $name"
        rm -rf "$out"
        OCL_ICD_VENDORS=$(bed pocl "$pocl") timeout -k 10 "$limit_s" "$build/epocl" train --config "$recipe" \
            --data "$data/train-images-idx3-ubyte.gz" --labels "$data/train-labels-idx1-ubyte.gz" \
            --epochs 1 --quiet --output "$out" || fail examples "$name ended with status $?"
        [ -s "$out/model.safetensors" ] || fail examples "$name made no model"
    done
    rm -rf "$out"
}

run_symbols() {
    echo '== symbols: what the libraries export and call'
    BUILD=$build tests/install/symbols.sh || fail symbols 'see above'
    if command -v python3 > /dev/null; then
        tests/install/abi/check.py check "$build/libepocl.so" || fail symbols 'see above'
        tests/install/abi/breaks.py || fail symbols 'see above'
    else
        echo 'LEFT OUT: the binary interface is compared by Python, which is not installed'
    fi
}

run_manual() {
    echo '== manual: pages and completions'
    BUILD=$build tests/manual/run.sh || fail manual 'see above'
}

parts=("$@")
if [ $# -eq 0 ]; then # long ones first
    parts=(oclgrind pocl-1 command-1 pocl-2 command-2 rusticl odd examples pocl-gpu pocl-small install host faults
        symbols manual)
fi
for part in "${parts[@]}"; do
    case $part in
        pocl-[12] | command-[12]) ;;
        host | pocl | pocl-small | pocl-gpu | oclgrind | rusticl | command | odd | faults | install | examples | symbols | manual) ;;
        quick | threads | valgrind | intel | khronos | device | device-quick) ;;
        *)
            echo "run.sh: no part is called '$part'" >&2
            exit 2
            ;;
    esac
done

# A part in a shell of its own: what it notes goes to files.
parts_folder=$reports/parts
run_part() { # PART
    local list
    "run_$1"
    for list in failed left_out totals; do
        local -n noted=$list
        [ ${#noted[@]} -eq 0 ] || printf '%s\n' "${noted[@]}" > "$parts_folder/$1.$list"
    done
    [ ${#failed[@]} -eq 0 ]
}

noted_in() { # LIST: what all parts have noted, in turn
    local part
    for part in "${parts[@]}"; do [ ! -e "$parts_folder/$part.$1" ] || cat "$parts_folder/$part.$1"; done
}

for part in "${parts[@]}"; do rm -f "$parts_folder/$part".{failed,left_out,totals}; done
run_in_lanes "$parts_folder" run_part "${parts[@]}"
mapfile -t failed < <(noted_in failed)
mapfile -t left_out < <(noted_in left_out | sort -u)
mapfile -t totals < <(noted_in totals)
for part in "${lanes_failed[@]}"; do [ -e "$parts_folder/$part.failed" ] || failed+=("$part, which ended early"); done

echo
lanes_seconds "$parts_folder" "${parts[@]}"
[ ${#left_out[@]} -eq 0 ] || echo "Left out for want of: ${left_out[*]}"
if [ ${#failed[@]} -eq 0 ]; then
    echo "No part failed: ${parts[*]}"
else
    echo "Failed parts: ${failed[*]}; what they printed is in $parts_folder"
fi
[ ${#totals[@]} -eq 0 ] || printf '%s\n' "${totals[@]}" | tee "$reports/totals.txt"
[ ${#failed[@]} -eq 0 ]
