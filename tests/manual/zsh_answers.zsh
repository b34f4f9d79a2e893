# Prints what zsh completes, a line each: FOLDER of the completion, what is typed.
# A shell within a pseudo-terminal is asked by a completion function that notes each match that would be added. What it
# prints to be waited for is typed otherwise, since the terminal shows what is typed as well.
zmodload zsh/zpty
zpty answers zsh -f -i
zpty -w answers "PROMPT= RPROMPT=; stty -echo; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D"
zpty -w answers 'compadd() {
    if [[ ${@[(I)-(O|A|D)]} -gt 0 ]]; then builtin compadd "$@"; return; fi
    typeset -a found
    builtin compadd -O found "$@"
    (( $#found )) && print -l -- "@@"$^found
    builtin compadd "$@"
}'
zpty -w answers 'ask() { print; _main_complete; print -r -- @@""@; exit }; zle -C ask complete-word ask; bindkey "^I" ask; print REA""DY'
zpty -r answers ready '*READY*'
zpty -w -n answers "$2"$'\t'
zpty -r answers text '*@@@*'
zpty -d answers
print -r -- "$text" | tr -d '\r' | sed -n 's/^@@\([^@]\)/\1/p'
