#!/bin/sh
# Finds what is missing for building and running epocl and installs it with the system's package manager.
# Usage: setup.sh [build|device|check|analyze|mpi|check-mpi]   `build`: only what compiling needs; `device`: also what testing a device
# that is there needs; `check`: what all tests need;
# `analyze`: that, and what looks at the code: for `make analyze`, `make strict` and `make valgrind`
# `mpi`: what compiling epocl-mpi needs, by Open MPI unless there is MPICC; `check-mpi`: both Open MPI and MPICH
#        setup.sh offers PACKAGE           whether the package manager has it; says nothing
# NO_SETUP=1 installs nothing: what is missing is named, and the exit status is 1 if it is needed. Only the
# tests' further OpenCL implementations, Python and Clang are not: tests/run.sh leaves out what needs the former, and
# says so; `make interop` and `make fuzz` need the latter. What is not needed is left out as well where the system
# has no such package.
set -eu

mode=${1:-}
needed='' # Debian packages to install
wanted='' # those that the tests can do without

# need PACKAGE WHAT, want PACKAGE WHAT: note a package that is missing, and what it is for.
need() {
    needed="$needed $1"
    echo "setup: missing: $2 (Debian package $1)"
}

want() {
    wanted="$wanted $1"
    echo "setup: missing: $2 (Debian package $1)"
}

has_compiler() {
    echo '#include <stdio.h>' | ${CC:-cc} -E - > /dev/null 2>&1
}

has_library() {
    pkg-config --exists "$1" 2> /dev/null
}

has_icd() {
    [ -e "/etc/OpenCL/vendors/$1.icd" ]
}

# Whether the OpenCL loader finds a device. PoCL always has one; other drivers are asked through a small
# program, which needs the compiler and the loader.
has_opencl_device() {
    if has_icd pocl; then return 0; fi
    if ! ls /etc/OpenCL/vendors/*.icd > /dev/null 2>&1; then return 1; fi
    folder=$(mktemp -d)
    cat > "$folder/probe.c" << 'END'
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
int main(void) {
    cl_platform_id platforms[32];
    cl_uint platform_count = 0, device_count = 0;
    if (clGetPlatformIDs(32, platforms, &platform_count) != CL_SUCCESS) return 1;
    for (cl_uint i = 0; i < platform_count && i < 32; i++)
        if (clGetDeviceIDs(platforms[i], CL_DEVICE_TYPE_ALL, 0, NULL, &device_count) == CL_SUCCESS && device_count)
            return 0;
    return 1;
}
END
    found=1
    if ${CC:-cc} "$folder/probe.c" -o "$folder/probe" -lOpenCL > /dev/null 2>&1 &&
        "$folder/probe" > /dev/null 2>&1; then
        found=0
    fi
    rm -rf "$folder"
    return $found
}

# Whether Clang is there with libFuzzer and the sanitizers, which are a package of their own.
has_fuzzer() {
    folder=$(mktemp -d)
    echo 'int LLVMFuzzerTestOneInput(const char *bytes, unsigned long count) { return bytes && count > 8; }' \
        > "$folder/probe.c"
    found=1
    if clang -fsanitize=fuzzer,address "$folder/probe.c" -o "$folder/probe" > /dev/null 2>&1; then found=0; fi
    rm -rf "$folder"
    return $found
}

has_data_set() {
    for file in train-images-idx3 train-labels-idx1 t10k-images-idx3 t10k-labels-idx1; do
        [ -r "/usr/share/datasets/fashion-mnist/$file-ubyte.gz" ] || return 1
    done
}

has_oclgrind() {
    for file in /usr/lib/oclgrind/liboclgrind-rt-icd.so /usr/lib/*/oclgrind/liboclgrind-rt-icd.so; do
        [ ! -e "$file" ] || return 0
    done
    return 1
}

# has_mpi NAME: whether the compiler and the launcher of an implementation of MPI are there: mpicc.NAME, mpirun.NAME.
has_mpi() {
    command -v "mpicc.$1" > /dev/null && command -v "mpirun.$1" > /dev/null
}

look_for_mpi() {
    if [ "$mode" = mpi ]; then
        command -v "${MPICC:-mpicc}" > /dev/null || need libopenmpi-dev 'MPI: Open MPI, unless MPICC names another compiler'
        command -v mpirun > /dev/null || need openmpi-bin 'mpirun'
        return 0
    fi
    has_mpi openmpi || need 'libopenmpi-dev openmpi-bin' 'Open MPI, to test sweeps over its ranks'
    has_mpi mpich || need 'libmpich-dev mpich' 'MPICH, to test sweeps over its ranks'
    has_icd pocl || need pocl-opencl-icd 'PoCL, OpenCL on the CPU, which the tests run on'
}

look_for_missing() {
    has_compiler || need build-essential 'a C compiler and the C library headers'
    command -v make > /dev/null || need make 'make, which builds'
    command -v pkg-config > /dev/null || need pkg-config 'pkg-config, which tells where the libraries are'
    has_library OpenCL || need ocl-icd-opencl-dev 'the OpenCL headers and loader'
    has_library clblast || need libclblast-dev 'CLBlast, one of the matrix products to choose from'
    has_library libdeflate || need libdeflate-dev 'libdeflate, to unpack .gz files at once, and for checksums'
    has_library zlib || need zlib1g-dev 'zlib, to read .gz files'
    has_library jansson || need libjansson-dev 'jansson, to read and write JSON'
    [ "$mode" != build ] || return 0
    case $mode in
        mpi | check-mpi)
            look_for_mpi
            return 0
            ;;
    esac
    if [ "$mode" = device ]; then
        has_library check || need check 'Check, which runs the tests'
        return 0
    fi
    has_data_set || need dataset-fashion-mnist 'the Fashion-MNIST images to train on'
    if [ "$mode" = check ] || [ "$mode" = analyze ]; then
        has_icd pocl || need pocl-opencl-icd 'PoCL, OpenCL on the CPU, which the tests run on'
        command -v "${CXX:-c++}" > /dev/null || need g++ 'a C++ compiler, for the example in C++'
        command -v cmake > /dev/null || want cmake 'CMake, whose way to find the library is tested'
        has_library check || need check 'Check, which runs the tests'
        command -v xmllint > /dev/null || need libxml2-utils 'xmllint, to check the plots of epocl bench'
        [ -e /usr/include/Random123/philox.h ] || need librandom123-dev 'Random123, to compare random numbers with'
        if ! has_fuzzer; then
            want clang 'Clang, whose libFuzzer tries the readers of files'
            want libclang-rt-dev 'libFuzzer and the sanitizers of Clang'
        fi
        command -v abidiff > /dev/null || want abigail-tools 'abidiff, which compares binary interfaces'
        command -v mandoc > /dev/null || want mandoc 'mandoc, which looks over the manual pages'
        command -v zsh > /dev/null || want zsh 'zsh, to try its completion in'
        command -v fish > /dev/null || want fish 'fish, to try its completion in'
        has_oclgrind || want oclgrind 'Oclgrind, which finds memory errors and races in kernels'
        has_icd rusticl || want mesa-opencl-icd 'rusticl, another OpenCL compiler to run the kernel tests on'
        python3 -c 'import ensurepip' 2> /dev/null || want python3-venv "Python's venv, for the interop test"
    fi
    if [ "$mode" = analyze ]; then
        command -v clang > /dev/null || need clang 'Clang, another C compiler with its own warnings'
        command -v clang-tidy > /dev/null || need clang-tidy 'clang-tidy, which looks for mistakes'
        command -v cppcheck > /dev/null || need cppcheck 'cppcheck, which looks for others'
        command -v valgrind > /dev/null || need valgrind 'Valgrind, which watches every access to memory'
        command -v mpicc > /dev/null || want libopenmpi-dev 'MPI, without which what is for it is not looked at'
    fi
}

# After the packages above, since the question may take a compiler and the loader.
look_for_device() {
    has_opencl_device || need pocl-opencl-icd 'an OpenCL device: PoCL makes one of the CPU'
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

offers() {
    apt-cache policy "$1" 2> /dev/null | grep -q '^ *Candidate: [^(]'
}

has_lists() {
    apt-cache policy 2> /dev/null | grep -q '^ *origin '
}

updated=0
update_lists() {
    [ $updated -eq 0 ] || return 0
    echo 'setup: apt-get update, for the present list of packages'
    as_root apt-get -qq -o DPkg::Lock::Timeout=300 update < /dev/null
    updated=1
}

# Leaves in `wanted` what this system has packages of.
leave_out_unknown() {
    known=''
    unknown=''
    for package in $wanted; do
        if offers "$package"; then known="$known $package"; else unknown="$unknown $package"; fi
    done
    wanted=$known
    [ -z "$unknown" ] || echo "setup: no such package here, what it is for is left out:$unknown"
}

install_missing() {
    if [ "${NO_SETUP:-}" = 1 ]; then
        if [ -z "$needed" ]; then
            return 0
        elif [ "$mode" = build ]; then
            echo "setup: 'make setup' installs it" >&2
        else
            echo 'setup: not installed, since NO_SETUP=1' >&2
        fi
        return 1
    fi
    if [ -z "$needed" ] && has_lists; then leave_out_unknown; fi
    [ -n "$needed$wanted" ] || return 0
    if ! command -v apt-get > /dev/null; then
        echo "setup: no apt-get here: install what is missing with this system's package manager, then try again" >&2
        return 1
    fi
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo > /dev/null; then
        echo "setup: neither root nor sudo: run as root, then try again: apt-get install$needed$wanted" >&2
        return 1
    fi
    update_lists
    leave_out_unknown
    [ -n "$needed$wanted" ] || return 0
    echo "setup: apt-get install$needed$wanted"
    # shellcheck disable=SC2086 # one argument a package
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
        install --no-install-recommends $needed $wanted < /dev/null > /dev/null
}

if [ "$mode" = offers ]; then
    offers "$2"
    exit
fi
look_for_missing
[ -z "$needed$wanted" ] || install_missing
needed=''
wanted=''
case $mode in build | mpi) ;; *) look_for_device ;; esac
if [ -n "$needed" ]; then
    install_missing
    if ! has_opencl_device; then
        echo 'setup: there is still no OpenCL device: is /etc/OpenCL/vendors/pocl.icd there?' >&2
        exit 1
    fi
fi
