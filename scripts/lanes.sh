# shellcheck shell=bash
# Sourced by tests/run.sh and .ci/run: pieces of work side by side. LANES says how many at a time, else as many as there
# are processors. What a piece prints is shown whole when it has ended; with one lane, or one piece, as it comes.

# run_piece FOLDER COMMAND NAME SHOWN_AT_END: in a shell of its own, whose status is the command's.
run_piece() {
    local folder=$1 command=$2 name=$3 status
    local TIMEFORMAT='%0R %0U %0S'
    trap - INT # which shells in the background ignore
    set -o pipefail
    if [ "$4" = yes ]; then
        export LANES=1
        { time { ("$command" "$name") > "$folder/$name.log" 2>&1; }; } 2> "$folder/$name.seconds"
        status=$?
        flock "$folder" cat "$folder/$name.log"
    else
        { time { ("$command" "$name") 2>&1 < /dev/null | tee "$folder/$name.log" >&3; }; } 2> "$folder/$name.seconds" 3>&1
        status=$?
    fi
    echo $status > "$folder/$name.status"
}

# run_in_lanes FOLDER COMMAND NAME...: begins COMMAND NAME for each name, in this order. Keeps what it prints in
# FOLDER/NAME.log. Whether all ended with 0; the names of those that did not are then in `lanes_failed`.
run_in_lanes() {
    local folder=$1 command=$2 lanes=${LANES:-$(nproc)} at_end=yes running=0 name
    shift 2
    mkdir -p "$folder"
    for name; do rm -f "$folder/$name".{log,seconds,status}; done
    if [ "$lanes" -eq 1 ] || [ $# -eq 1 ]; then at_end=no; fi
    trap 'kill $(jobs -p) 2> /dev/null; exit 130' INT TERM
    for name; do
        if [ $running -ge "$lanes" ]; then
            wait -n
            running=$((running - 1))
        fi
        [ $at_end = no ] || flock "$folder" echo "-- begins: $name"
        run_piece "$folder" "$command" "$name" $at_end &
        running=$((running + 1))
    done
    wait
    trap - INT TERM
    lanes_failed=()
    for name; do [ "$(cat "$folder/$name.status" 2> /dev/null)" = 0 ] || lanes_failed+=("$name"); done
    [ ${#lanes_failed[@]} -eq 0 ]
}

# lanes_seconds FOLDER NAME...: a table of what each took: time, and processor time of all its processes.
lanes_seconds() {
    local folder=$1 name seconds user system
    shift
    printf '%-16s %8s %14s\n' part seconds 'CPU seconds'
    for name; do
        read -r seconds user system < <(tail -1 "$folder/$name.seconds")
        printf '%-16s %8d %14d\n' "$name" "$seconds" $((user + system))
    done
}
