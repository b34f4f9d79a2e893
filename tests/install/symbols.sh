#!/bin/bash
# Checks that libepocl.so exports what epocl.h declares and nothing else, that it does not call getenv(), and that the layers of tests/layers
# know every OpenCL function that epocl and CLBlast call.
# Usage: BUILD=build tests/install/symbols.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${BUILD:-build}
library=$build/libepocl.so

declared() { sed -n 's/^EPOCL_API .*\b\(epocl_[a-z_]*\)(.*/\1/p' include/epocl.h | sort; }
exported() { nm -D --defined-only --format=posix "$library" | cut -d ' ' -f 1 | sort; }

if ! difference=$(diff <(declared) <(exported)); then
    echo "epocl.h and $library differ; < is declared and not exported, > is exported and not declared:"
    echo "$difference"
    exit 1
fi

# A folder that the environment names is for secure_getenv(), in host/base/environment.c.
if nm -D --undefined-only --format=posix "$library" | grep -q '^getenv[ @]'; then
    echo "$library calls getenv()"
    exit 1
fi

known() { sed -n 's/^[A-Z]*([^,]*, \(cl[A-Za-z]*\),.*/\1/p' tests/layers/entries.h | sort; }
called() {
    local clblast
    clblast=$(ldd "$library" | awk '/libclblast/ { print $3 }')
    nm -D --undefined-only --format=posix "$library" "$clblast" | sed -n 's/^\(cl[A-Z][A-Za-z]*\)[ @].*/\1/p' | sort -u
}

unknown=$(comm -13 <(known) <(called))
if [ -n "$unknown" ]; then
    echo "called, but missing in tests/layers/entries.h: $unknown"
    exit 1
fi
