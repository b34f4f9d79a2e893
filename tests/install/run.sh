#!/bin/bash
# Installs a build twice, below a PREFIX and below a DESTDIR; does docs/quick-start.md; compiles consumer.c against the first with
# pkg-config's flags alone, with the shared and with the static library, and runs it; so with a program of an older
# header, with one in C++ that uses all of epocl.hpp, and with both by CMake; uninstalls.
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

# The C header is C++11, too; its wrapper is C++17, for every compiler there is.
for cxx in "${CXX:-c++}" clang++; do
    command -v "$cxx" > /dev/null || { echo "LEFT OUT: $cxx is not installed" && continue; }
    read -ra flags <<< "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror ${CFLAGS:-} $(pkg-config --cflags epocl)"
    echo '#include <epocl.h>' | "$cxx" -std=c++11 "${flags[@]}" -x c++ -fsyntax-only -
    "$cxx" -std=c++17 "${flags[@]}" tests/install/wrapper.cpp -o "$prefix/wrapper" "${shared[@]}"
    LD_LIBRARY_PATH=$prefix/lib "$prefix/wrapper"
done

# What CMake finds, as pkg-config does. The installed files may have been moved.
if command -v cmake > /dev/null; then
    rm -rf "$prefix.moved" # of a run that failed
    cp -r "$prefix" "$prefix.moved"
    for place in "$prefix" "$prefix.moved"; do
        cmake -S tests/install/cmake -B "$place/cmake" -DCMAKE_PREFIX_PATH="$place" \
            -DCMAKE_C_COMPILER="${CC:-cc}" -DCMAKE_CXX_COMPILER="${CXX:-c++}" \
            -DCMAKE_C_FLAGS="${CFLAGS:-}" -DCMAKE_CXX_FLAGS="${CFLAGS:-}" > "$place/cmake.txt"
        cmake --build "$place/cmake" >> "$place/cmake.txt"
        for program in consumer consumer_static wrapper; do "$place/cmake/$program" > /dev/null; done
    done
    rm -rf "$prefix.moved"
else
    echo 'LEFT OUT: cmake is not installed'
fi

# A program that was built against a header whose results lack their last fields runs with this library.
mkdir "$prefix/older"
sed '/^    char unusable\[128\];/d; /^    double valid_rmse; /d; /^    int can_change; /d
     /^typedef struct epocl_evaluation/,/^}/ { /^    size_t sample_count;/d; }' include/epocl.h > "$prefix/older/epocl.h"
[ "$(diff include/epocl.h "$prefix/older/epocl.h" | grep -c '^<')" = 4 ]
"${compile[0]}" "-I$prefix/older" "${compile[@]:1}" tests/install/older.c -o "$prefix/older/program" "${shared[@]}"
LD_LIBRARY_PATH=$prefix/lib "$prefix/older/program"

# The library's name has the number of its binary interface.
[ -e "$prefix/lib/libepocl.so.$(sed -n 's/^.define EPOCL_ABI  *//p' include/epocl.h)" ]

# What README.md and docs/cpp.md show compiles as it stands.
sed -n '/^```cpp$/,/^```$/ { /^```/d; p; }' docs/cpp.md > "$prefix/cpp.cpp"
"${CXX:-c++}" -std=c++17 -Wall -Wextra -Wconversion -Wshadow -Werror "-I$prefix/include" -c "$prefix/cpp.cpp" -o "$prefix/cpp.o"
sed -n '/^```c$/,/^```$/ { /^```/d; p; }' README.md > "$prefix/readme.c"
"${compile[@]}" -Wconversion -Wshadow -c "$prefix/readme.c" -o "$prefix/readme.o"

# A new user's first half hour.
tests/install/quick_start.sh "$prefix"

version=$(pkg-config --modversion epocl)
[ "$("$prefix/consumer_static" | head -1)" = "epocl $version" ]

run_make uninstall PREFIX=/usr DESTDIR="$staged"
[ -z "$(files "$staged")" ]
