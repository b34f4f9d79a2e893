#!/bin/bash
# Installs a build twice, below a PREFIX and below a DESTDIR; does docs/quick-start.md; compiles consumer.c against the first with
# pkg-config's flags alone, with the shared and with the static library, and runs it; so with a program of an older
# header; uninstalls.
# Usage: BUILD=build tests/install/run.sh, with the build up to date
set -euo pipefail
cd "$(dirname "$0")/../.."

build=$(realpath "${BUILD:-build}")
prefix=$build/installed
staged=$build/staged
source=tests/install/consumer.c
rm -rf "$prefix" "$staged"

# What root's installation does beside copying, without being root: id says 0, and ldconfig keeps its calls.
stubs=$build/install_stubs
rm -rf "$stubs"
mkdir -p "$stubs"
printf '#!/bin/sh\necho 0\n' > "$stubs/id"
printf '#!/bin/sh\necho called >> "%s"\n' "$stubs/calls" > "$stubs/ldconfig"
chmod +x "$stubs/id" "$stubs/ldconfig"

run_make() {
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL PATH="$stubs:$PATH" "${MAKE:-make}" -s "$@" BUILD="${BUILD:-build}" > /dev/null
}

run_make install PREFIX="$prefix"
[ "$(cat "$stubs/calls")" = called ]
run_make install PREFIX=/usr DESTDIR="$staged"
[ "$(cat "$stubs/calls")" = called ] # not again
files() { (cd "$1" && find . ! -type d | sort); }
diff <(files "$prefix") <(files "$staged/usr")

# Pages and completions are where man and the shells look; each command has a page.
for file in man/man1/epocl.1 bash-completion/completions/epocl zsh/site-functions/_epocl \
    fish/vendor_completions.d/epocl.fish; do
    [ -s "$prefix/share/$file" ]
done
"$prefix/bin/epocl" --help | sed -n '/^Commands:$/,/^$/ s/^  \([a-z]*\) .*/\1/p' > "$prefix/commands.txt"
[ -s "$prefix/commands.txt" ]
while read -r command; do [ -s "$prefix/share/man/man1/epocl-$command.1" ]; done < "$prefix/commands.txt"

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
read -ra compile <<< "${CC:-cc} -std=c11 -Wall -Wextra -Werror ${CFLAGS:-} $(pkg-config --cflags epocl)"
read -ra shared <<< "$(pkg-config --libs epocl)"
read -ra static <<< "$(pkg-config --libs --static epocl | sed 's/-lepocl/-l:libepocl.a/')"

"${compile[@]}" "$source" -o "$prefix/consumer" "${shared[@]}"
ldd "$prefix/consumer" > "$prefix/libraries.txt" || true
grep -q 'libepocl\.so\.' "$prefix/libraries.txt"
LD_LIBRARY_PATH=$prefix/lib "$prefix/consumer"

"${compile[@]}" "$source" -o "$prefix/consumer_static" "${static[@]}"
"$prefix/consumer_static"

# A program that was built against a header whose results lack their last fields runs with this library.
mkdir "$prefix/older"
sed '/^    char unusable\[128\];/d; /^    double valid_rmse; /d; /^    int can_change; /d
     /^typedef struct epocl_evaluation/,/^}/ { /^    size_t sample_count;/d; }' include/epocl.h > "$prefix/older/epocl.h"
[ "$(diff include/epocl.h "$prefix/older/epocl.h" | grep -c '^<')" = 4 ]
"${compile[0]}" "-I$prefix/older" "${compile[@]:1}" tests/install/older.c -o "$prefix/older/program" "${shared[@]}"
LD_LIBRARY_PATH=$prefix/lib "$prefix/older/program"

# The library's name has the number of its binary interface.
[ -e "$prefix/lib/libepocl.so.$(sed -n 's/^.define EPOCL_ABI  *//p' include/epocl.h)" ]

# What README.md shows compiles as it stands.
sed -n '/^```c$/,/^```$/ { /^```/d; p; }' README.md > "$prefix/readme.c"
"${compile[@]}" -Wconversion -Wshadow -c "$prefix/readme.c" -o "$prefix/readme.o"

# A new user's first half hour.
tests/install/quick_start.sh "$prefix"

version=$(pkg-config --modversion epocl)
[ "$("$prefix/consumer_static" | head -1)" = "epocl $version" ]

run_make uninstall PREFIX=/usr DESTDIR="$staged"
[ -z "$(files "$staged")" ]
