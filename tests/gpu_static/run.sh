#!/bin/bash
# Compiles the kernels that the host gives GPUs' compilers with the compilers of three vendors, without a GPU, and holds
# what they say to limits: registers, spills, private and local memory, occupancy, multiply-adds (tests/gpu_static/*.py).
# Usage: [BUILD=build] [GPU_STATIC=chosen] tests/gpu_static/run.sh [RESULT.md]
#   chosen: only what is chosen for devices and what is merged, which takes a third of the time
#   NVIDIA   clang to PTX, ptxas and nvdisasm of PyPI's nvidia-cuda-nvcc and nvidia-cuda-nvdisasm
#   AMD      clang with the device libraries of ROCm
#   Intel    ocloc of intel-opencl-icd
# Clang is 19 or newer, or else installed. All other tools are unpacked below BUILD and not installed: a driver of Intel's would
# be offered to every program, and libclc-19 takes the place of the libclc that rusticl needs. What cannot be had is left
# out, and the result says so; with NO_SETUP=1 nothing is fetched.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

build=$(realpath "${BUILD:-build}")
out=$build/gpu_static
root=$out/tools # what is unpacked
result=${1:-bench/results/$(date +%F)-gpu-static.md}
mkdir -p "$root" "$out/fetched"

# ---- tools ----

# fetch PACKAGE: unpacks a Debian package, and those of its dependencies that are not installed, below $root.
fetch() {
    local packages
    [ "${NO_SETUP:-}" != 1 ] && [ ! -e "$out/fetched/$1" ] || return 0
    packages=$(apt-get -s -qq install --no-install-recommends "$1" 2> /dev/null | sed -n 's/^Inst \([^ ]*\).*/\1/p' |
        paste -s -d ' ' -)
    echo "gpu-static: unpacking for $1: ${packages:-nothing, it is installed}"
    # shellcheck disable=SC2086 # a word a package
    (cd "$out/fetched" && { [ -z "$packages" ] || apt-get -qq download $packages 2> /dev/null; } &&
        for file in *.deb; do [ ! -e "$file" ] || dpkg -x "$file" "$root" || exit 1; done && rm -f -- *.deb && touch "$1")
}

clang=''
find_clang() {
    for version in 21 20 19; do
        ! command -v "clang-$version" > /dev/null || clang=clang-$version
        [ -z "$clang" ] || return 0
    done
    return 1
}
if ! find_clang && [ "${NO_SETUP:-}" != 1 ]; then
    as_root=''
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    $as_root apt-get -qq -o DPkg::Lock::Timeout=300 update < /dev/null
    DEBIAN_FRONTEND=noninteractive $as_root apt-get -qq -y -o DPkg::Lock::Timeout=300 install --no-install-recommends \
        clang-19 < /dev/null > /dev/null
    find_clang
fi

fetch libclc-19
fetch rocm-device-libs
fetch intel-opencl-icd
venv=$out/venv
if [ ! -e "$out/fetched/nvidia" ] && [ "${NO_SETUP:-}" != 1 ]; then
    python3 -m venv "$venv" && "$venv/bin/pip" -q install --no-deps nvidia-cuda-nvcc nvidia-cuda-nvdisasm &&
        touch "$out/fetched/nvidia"
fi
tool() { find "$venv" -type f -name "$1" 2> /dev/null | head -1; }
library() { find "$root/usr/lib" /usr/lib -path "$1" 2> /dev/null | head -1; }

export GPU_STATIC_CLANG=$clang
GPU_STATIC_PTXAS=$(tool ptxas || true)
GPU_STATIC_NVDISASM=$(tool nvdisasm || true)
[ -n "$GPU_STATIC_PTXAS" ] || GPU_STATIC_PTXAS=$(command -v ptxas || true)
[ -n "$GPU_STATIC_NVDISASM" ] || GPU_STATIC_NVDISASM=$(command -v nvdisasm || true)
GPU_STATIC_LIBCLC=$(library '*/clc/nvptx64--nvidiacl.bc')
GPU_STATIC_ROCM=$(dirname "$(library '*/bitcode/ocml.bc')")
GPU_STATIC_OCLOC=$(find "$root/usr/bin" -name 'ocloc*' 2> /dev/null | head -1)
export GPU_STATIC_PTXAS GPU_STATIC_NVDISASM GPU_STATIC_LIBCLC GPU_STATIC_ROCM GPU_STATIC_OCLOC

# ---- what the host gives a compiler: PoCL in the place of GPUs, idle ----

pocl=/etc/OpenCL/vendors/pocl.icd
[ -e "$pocl" ] || { echo 'gpu-static: PoCL is not installed; scripts/setup.sh check installs it' >&2; exit 1; }
rm -rf "$out/dump" "$out/cache"
mkdir -p "$out/dump" "$out/icd"
cp "$pocl" "$out/icd/"
python3 tests/gpu_static/samples.py "$out/dump" || exit 1

# give DEVICE NAME COMMAND...: what epocl gives that device's compiler, in dump/DEVICE/NAME.
give() {
    local folder=$out/dump/$1/$2 device=$1
    shift 2
    mkdir -p "$folder"
    # What an idle device computes is nothing, and epocl says so; it is the programs that are wanted.
    OCL_ICD_VENDORS=$out/icd OPENCL_LAYERS=$build/tests/libpretend_layer.so XDG_CACHE_HOME=$out/cache \
        PRETEND_GPUS=$device PRETEND_IDLE=1 PRETEND_DUMP=$folder timeout 300 "$build/epocl" "$@" --no-self-test \
        > "$folder/log" 2>&1
    [ -s "$folder/launches" ] || { echo "gpu-static: nothing was launched: $folder/log" >&2; exit 1; }
}

plan=layered
train() { # DEVICE NAME HIDDEN BATCH MATMUL [OPTION...]
    local device=$1 name=$2 hidden=$3 batch=$4 matmul=$5
    shift 5
    give "$device" "$name" train --data "$out/dump/inputs.idx" --labels "$out/dump/labels.idx" --hidden "$hidden" \
        --batch-size "$batch" --matmul "$matmul" --plan "$plan" --epochs 1 --output "$out/dump/run" --force "$@"
}

# Every shape there is, with the recipe of the least and one of the most that an update does, in mini-batches of one
# section and of several; of blocks also where parts share none. Layers are wider than those made of single sums.
give h100 shapes tune --net 8-4-3 --batch-size 16
shapes=$(sed -n 's/^matmul \([a-z]*:*[0-9x]*\) .*/\1/p' "$out/dump/h100/shapes/log" | sort -u | grep -v clblast)
rm -rf "$out/dump/h100/shapes"
most=(--optimizer adamw --weight-decay 0.1 --dropout 0.1)
[ "${GPU_STATIC:-}" != chosen ] || shapes=plain
for shape in $shapes; do
    train h100 "$shape-least" 40,40 64 "$shape" --recipe seed
    train h100 "$shape-most" 40:gelu,40:gelu 64 "$shape" "${most[@]}"
    [[ $shape == local* ]] || continue
    train h100 "$shape-most-long" 40:gelu,40:gelu 1100 "$shape" "${most[@]}"
    [[ $shape == *x1 ]] || train h100 "$shape-most-whole" 40:gelu,40:gelu 64 "${shape%x*}x1" "${most[@]}"
done
# Those of them that can be merged, and what networks make of it.
plan=merged
for shape in $shapes; do
    [[ $shape == tile* ]] || train h100 "$shape-merged" 40:gelu,40:gelu 64 "$shape" "${most[@]}"
done
train h100 merged-S 30 10 plain --recipe seed
train h100 merged-M1 128 32 plain --recipe seed
train h100 merged-M 512,512 128 local --recipe seed
train h100 merged-L 2048,2048 512 local --recipe seed
plan=layered
# What is chosen for devices: the networks of README.md, and one as large as any.
for device in h100 rx6800 arc uhd; do
    train "$device" chosen-S 30 10 local --recipe seed
    train "$device" chosen-M1 128 32 local --recipe seed
    train "$device" chosen-M 512,512 128 local --recipe seed
    train "$device" chosen-L 2048,2048 512 local --recipe seed
    train "$device" chosen-XL 4096,4096 1024 local --recipe seed
    # With the recipe of the most, and with mini-batches of several sections.
    train "$device" chosen-most 512:gelu,512:gelu 128 local "${most[@]}"
    train "$device" chosen-long 512:gelu,512:gelu 1100 local "${most[@]}"
done

python3 tests/gpu_static/measure.py "$out" "$result"
