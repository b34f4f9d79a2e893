#!/bin/sh
# Measures epocl and its peers: makes a virtual environment and compiles the C loops below $BUILD/peers, then runs
# bench/peers/measure.py with the given options (--help lists them).
# Usage: BUILD=build bench/peers/run.sh [OPTION...]
set -eu
cd "$(dirname "$0")/../.."

BUILD=${BUILD:-build}
export BUILD
peers=$BUILD/peers
python=$peers/venv/bin/python
cc=${CC:-cc}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

has_llvm() {
    for file in /usr/lib/*/libLLVM-1[6-9].so* /usr/lib/*/libLLVM-2[0-9].so* /usr/lib/*/libLLVM.so.*; do
        [ ! -e "$file" ] || return 0
    done
    return 1
}

# Debian packages: PyTorch and tinygrad compile with g++ and clang, tinygrad also with an LLVM of version 16 or newer.
packages=''
[ -e /usr/share/doc/libopenblas-pthread-dev ] || packages="$packages libopenblas-pthread-dev"
[ -e /usr/include/oneapi/dnnl/dnnl.h ] || packages="$packages libdnnl-dev"
[ -e /usr/include/floatfann.h ] || packages="$packages libfann-dev"
command -v g++ > /dev/null || packages="$packages g++"
command -v clang > /dev/null || packages="$packages clang"
has_llvm || packages="$packages libllvm16"
python3 -c 'import ensurepip' 2> /dev/null || packages="$packages python3-venv"
if [ -n "$packages" ]; then
    if [ "${NO_SETUP:-}" = 1 ]; then
        echo "bench-peers: missing, and not installed, since NO_SETUP=1:$packages" >&2
        exit 1
    fi
    echo "bench-peers: apt-get install$packages"
    as_root apt-get -qq -o DPkg::Lock::Timeout=300 update < /dev/null
    # shellcheck disable=SC2086 # one argument a package
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
        install --no-install-recommends $packages < /dev/null > /dev/null
fi

bench/venv.sh peers

# compile OUTPUT SOURCE FLAG...
compile() {
    output=$peers/$1
    source=bench/peers/$2
    shift 2
    if [ ! -e "$output" ] || [ -n "$(find bench/peers -name '*.[ch]' -newer "$output")" ]; then
        "$cc" -std=c11 -O3 -march=native -ffast-math -fopenmp -fPIC -shared "$source" "$@" -o "$output"
    fi
}
compile openblas_loop.so gemm_loop.c -lopenblas -lm
compile onednn_loop.so gemm_loop.c -DUSE_DNNL -ldnnl -lm
compile fann_loop.so fann_loop.c -lfloatfann -lm

exec "$python" -m bench.peers.measure "$@"
