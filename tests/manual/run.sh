#!/bin/bash
# The manual pages and completions in the project: whether they are what the tables of options say, whether the tools that
# show pages have no complaint, and what bash, zsh and fish complete by them. What is not installed is left out, and said.
# Usage: BUILD=build tests/manual/run.sh, with the build up to date
set -euo pipefail
cd "$(dirname "$0")/../.."

build=$(realpath "${BUILD:-build}")
"$build/manual" check

has() {
    command -v "$1" > /dev/null || { echo "manual: without $1, which is not installed"; return 1; }
}

# same WANTED GOT WHAT
same() {
    [ "$1" = "$2" ] || { echo "manual: $3: '$2', not '$1'"; exit 1; }
}

# A drifted page is noticed.
drifted=$(mktemp -d)
trap 'rm -rf "$drifted"' EXIT
cp -r man completions docs "$drifted"
echo >> "$drifted/man/epocl.1"
touch "$drifted/man/epocl-gone.1"
complaints=$( (cd "$drifted" && "$build/manual" check 2>&1) && echo 'none' || true)
same 2 "$(grep -c 'run make docs' <<< "$complaints")" 'complaints about a changed page and one too many'

# ---- pages ----

if has mandoc; then same '' "$(mandoc -T lint -W warning man/*.1)" 'mandoc'; fi
if has groff; then
    for page in man/*.1; do same '' "$(groff -mandoc -Tutf8 -ww "$page" 2>&1 > /dev/null)" "groff, $page"; done
fi

# ---- completions ----

# Each line of `cases`: what is typed, '=', what must be among the answers or, after '!', must not.
cases() {
    cat << 'END'
epocl tr=train
epocl tr=!predict
epocl train --hid=--hidden
epocl train --hid=!--batch-size
epocl train --optimizer ada=adamw
epocl train --optimizer ada=!sgd
epocl train --schedule =one-cycle
epocl export --to =onnx
epocl predict --pro=--proba
epocl train --data hou=houses.csv
epocl train hou=houses.csv
epocl train --output =run1
epocl train --output =!houses.csv
epocl help pre=predict
epocl compare =run1
END
}
mkdir -p "$drifted/here/run1"
touch "$drifted/here/houses.csv"

# try SHELL COMMAND...: COMMAND gets what is typed, and prints the answers.
try() {
    local shell=$1 typed wanted answers
    shift
    while IFS='=' read -r typed wanted; do
        answers=$(cd "$drifted/here" && "$@" "$typed" | sed 's/\t.*//; s,/$,,; s/ *$//')
        if [ "${wanted#!}" = "$wanted" ]; then
            grep -qxF -e "$wanted" <<< "$answers" || { echo "manual: $shell: '$typed' gives no '$wanted': $answers"; exit 1; }
        else
            ! grep -qxF -e "${wanted#!}" <<< "$answers" || { echo "manual: $shell: '$typed' gives '${wanted#!}'"; exit 1; }
        fi
    done < <(cases)
    echo "manual: $shell completes"
}

# Without readline, what compopt would add is asked of compgen.
bash_answers() {
    bash -c '
        compopt() { mapfile -t COMPREPLY < <(case $2 in
            default) compgen -f -- "$current" ;;
            dirnames) compgen -d -- "$current" ;;
        esac); }
        source "$1"
        read -ra COMP_WORDS <<< "$2"
        [[ $2 != *" " ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _epocl
        printf "%s\n" "${COMPREPLY[@]}"' bash "$PWD_OF_PROJECT/completions/epocl.bash" "$1"
}

# A terminal of zsh, in which the tab key is pressed twice; the list is what comes after a mark.
zsh_answers() {
    zsh -f "$PWD_OF_PROJECT/tests/manual/zsh_answers.zsh" "$PWD_OF_PROJECT/completions" "$1"
}

fish_answers() {
    fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$PWD_OF_PROJECT/completions/epocl.fish" "$1"
}

export PWD_OF_PROJECT=$PWD
bash -n completions/epocl.bash
try bash bash_answers
if has zsh; then
    zsh -n completions/_epocl
    try zsh zsh_answers
fi
if has fish; then
    fish -n completions/epocl.fish
    try fish fish_answers
fi
