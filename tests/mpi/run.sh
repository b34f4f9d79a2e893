#!/bin/bash
# Compares sweeps over the ranks of MPI with the sweep of one process, for each implementation of MPI that there is: by
# 1, 2 and 4 ranks, stopped by a signal to any of them and gone on with, and where a rank fails.
# Usage: BUILD=build tests/mpi/run.sh [openmpi] [mpich]
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

build=$(realpath "${BUILD:-build}")
epocl=$build/epocl
work=$build/mpi
limit_s=120
failed=0

[ -x "$epocl" ] || { echo "mpi: $epocl is missing; run make first" >&2; exit 1; }

rm -rf "$work"
mkdir -p "$work/icd" "$build/cache"
cp /etc/OpenCL/vendors/pocl.icd "$work/icd/" || exit 1
export OCL_ICD_VENDORS=$work/icd XDG_CACHE_HOME=$build/cache
unset EPOCL_DEVICE EPOCL_MATMUL EPOCL_PLAN EPOCL_TUNE EPOCL_TIMEOUT EPOCL_NO_SELF_TEST EPOCL_KERNEL_DIR POCL_CACHE_DIR POCL_DEVICES OPENCL_LAYERS
# More ranks than cores, and root, who need not be asked in a container.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

fail() { # SENTENCE
    echo "FAILED: $1"
    failed=$((failed + 1))
}

same() { # ONE OTHER: folders of sweeps
    local file
    for file in sweep.csv model.safetensors; do
        cmp -s "$work/$1/$file" "$work/$2/$file" || fail "$1/$file and $2/$file differ"
    done
}

status() { # WANTED GOT WHAT
    [ "$1" -eq "$2" ] || { fail "$3 ended with $2, not $1"; cat "$work/said"; }
}

# Points within and outside a circle, with some noise of the draw; always the same.
awk 'BEGIN { srand(7); print "x,y,z,inside"
    for (i = 0; i < 900; i++) { x = rand() * 2 - 1; y = rand() * 2 - 1; z = rand()
        printf "%.6f,%.6f,%.6f,%s\n", x, y, z, (x * x + y * y + 0.2 * z < 0.6) ? "yes" : "no" } }' > "$work/circle.csv"
circle=(sweep "$work/circle.csv" --target inside --seed 3 --learning-rate 1e-3..3e-1 --hidden '8|6x2')
short=("${circle[@]}" --count 11 --epochs 9)
long=("${circle[@]}" --count 6 --epochs 3000 --patience 99999 --halving 2)

run() { # RANKS ARGUMENT...: of the implementation `name`
    local ranks=$1
    shift
    case $name in
        openmpi) timeout -k 10 $limit_s mpirun.openmpi --oversubscribe --bind-to none -n "$ranks" "$program" "$@" ;;
        mpich) timeout -k 10 $limit_s mpirun.mpich -n "$ranks" "$program" "$@" ;;
    esac
}

# By two ranks, each in a folder of its own.
run_apart() { # ARGUMENT...
    local own=$program
    # shellcheck disable=SC2016 # each rank's own variables
    program=sh run 2 -c 'cd "$0/${OMPI_COMM_WORLD_RANK:-$PMI_RANK}" && exec "$@"' "$work/apart" "$own" "$@"
}

# The processes of ranks below a process, in the order of their numbers.
ranks_of() { # PROCESS
    local child
    for child in $(ps -o pid= --ppid "$1"); do
        [ "$(ps -o comm= -p "$child")" = epocl-mpi ] && echo "$child"
        ranks_of "$child"
    done
}

# await FOLDER: until a sweep has saved a member there.
await() {
    local turn
    for turn in $(seq 600); do
        ls "$work/$1"/member-* > /dev/null 2>&1 && return
        sleep 0.1
    done
    fail "$1: no member was saved within a minute"
}

# Stops a sweep of 3 ranks by a signal to one of them, and goes on by another number of ranks.
stop_and_go_on() { # SIGNAL PLACE RANKS: the place is that of the rank among the processes
    local folder=$name-stopped-$2 job rank ended
    run 3 "${long[@]}" --checkpoint-every 50 --output "$work/$folder" > "$work/said" 2>&1 &
    job=$!
    await "$folder"
    rank=$(ranks_of $job | sort -n | sed -n "$2p")
    kill -s "$1" "$rank"
    wait $job
    ended=$?
    [ "$1" = KILL ] || status 75 $ended "$folder"
    [ ! -e "$work/$folder/model.safetensors" ] || fail "$folder was over before the signal came"
    run "$3" sweep --resume "$work/$folder" --quiet > "$work/said" 2>&1
    status 0 $? "$folder, gone on with"
    same long "$folder"
}

# How often the first network of a sweep is saved until a job has ended.
count_saves() { # JOB FOLDER
    local last='' now count=0
    while kill -0 "$1" 2> /dev/null; do
        now=$(stat -c '%i %y' "$work/$2/member-0000.safetensors" 2> /dev/null)
        [ -z "$now" ] || [ "$now" = "$last" ] || count=$((count + 1))
        last=$now
        sleep 0.01
    done
    echo $count
}

# A signal for a save is answered by one: a rank that is done with it before the others stops none of what comes then. By
# that one and at the rungs, each network is saved four times.
save_and_go_on() {
    local folder=$name-saved job turn saves
    run 3 "${long[@]}" --checkpoint-every 1h --json --output "$work/$folder" > "$work/said" 2>&1 &
    job=$!
    for turn in $(seq 600); do
        ! grep -q '"event":"epoch"' "$work/said" || break
        sleep 0.1
    done
    kill -s USR1 "$(ranks_of $job | sort -n | head -1)"
    saves=$(count_saves $job "$folder")
    wait $job
    status 0 $? "$folder, saved by a signal"
    [ "$saves" -le 4 ] || fail "$folder was saved $saves times or more"
    same long "$folder"
    run 3 "${long[@]}" --checkpoint-every 1s --output "$work/$folder" --force > "$work/said" 2>&1
    status 0 $? "$folder, saved by the clock"
    same long "$folder"
}

check() { # NAME
    name=$1
    program=$build/mpicc.$name/epocl-mpi
    echo "== mpi: $name"
    ${MAKE:-make} --no-print-directory mpi BUILD="$build" MPICC="mpicc.$name" || { fail "$name does not build"; return; }
    local ranks
    for ranks in 1 2 4; do
        run $ranks "${short[@]}" --output "$work/$name-$ranks" > "$work/told" 2> "$work/said" # mpirun may join lines of both
        status 0 $? "$name, $ranks ranks"
        same one "$name-$ranks"
        [ "$(grep -c '^device ' "$work/said")" -eq "$ranks" ] || fail "$name: $ranks ranks do not tell of as many devices"
        [ "$(grep -c '^   1 ' "$work/told")" -eq 1 ] || fail "$name: not one of $ranks ranks told the result"
    done
    save_and_go_on
    stop_and_go_on TERM 1 4
    stop_and_go_on INT 3 2
    stop_and_go_on KILL 2 1

    run 2 "${short[@]}" --output "$work/$name-2" > "$work/said" 2>&1
    status 73 $? "$name, into a folder that has a sweep"
    run 2 "${circle[@]}" --hidden 0 --output "$work/none" > "$work/said" 2>&1
    status 2 $? "$name, with a wrong option"
    [ "$(grep -c '^epocl-mpi: ' "$work/said")" -eq 1 ] || fail "$name: an error is not said once"
    run 2 sweep - --target inside --seeds 2 --output "$work/none" < "$work/circle.csv" > "$work/said" 2>&1
    status 2 $? "$name, from standard input"
    mkdir -p "$work/apart/0" "$work/apart/1"
    head -500 "$work/circle.csv" > "$work/apart/0/here.csv"
    head -400 "$work/circle.csv" > "$work/apart/1/here.csv"
    run_apart sweep here.csv --target inside --seeds 2 --output "$work/none" > "$work/said" 2>&1
    status 65 $? "$name, with other data"
    grep -q 'rank 1 has ' "$work/said" || fail "$name does not say that the ranks have other data"
    { head -1 "$work/circle.csv"; tail -499 "$work/circle.csv"; } > "$work/apart/1/here.csv"
    run_apart sweep here.csv --target inside --seeds 2 --output "$work/none" > "$work/said" 2>&1
    status 65 $? "$name, with other data of the same shape"
    cp "$work/apart/0/here.csv" "$work/apart/1/here.csv"
    echo '{"epochs": 3}' > "$work/apart/0/here.json"
    echo '{"epochs": 4}' > "$work/apart/1/here.json"
    run_apart sweep here.csv --target inside --seeds 2 --config here.json --output "$work/none" > "$work/said" 2>&1
    status 65 $? "$name, with other settings"
    grep -q 'rank 1 has ' "$work/said" || fail "$name does not say that the ranks have other settings"
    rm "$work/apart/1/here.csv"
    run_apart sweep here.csv --target inside --seeds 2 --output "$work/none" > "$work/said" 2>&1
    status 66 $? "$name, without data"
    grep -q 'rank 1: ' "$work/said" || fail "$name does not say which rank has no data"
    [ ! -e "$work/none" ] || fail "$name: something is left of a sweep that was refused"
}

"$epocl" "${short[@]}" --output "$work/one" --quiet > /dev/null || fail 'epocl sweep'
"$epocl" "${long[@]}" --output "$work/long" --quiet > /dev/null || fail 'epocl sweep, long'

names=("$@")
[ $# -gt 0 ] || names=(openmpi mpich)
checked=0
for name in "${names[@]}"; do
    command -v "mpicc.$name" > /dev/null && command -v "mpirun.$name" > /dev/null || { echo "LEFT OUT: $name is not installed"; continue; }
    check "$name"
    checked=$((checked + 1))
done
[ $checked -gt 0 ] || fail 'there is no MPI here; scripts/setup.sh check-mpi installs it'
echo "mpi: $checked implementations, $failed failed checks"
[ $failed -eq 0 ]
