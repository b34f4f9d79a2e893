#!/bin/sh
# Installs Intel's CPU runtime for OpenCL below the build folder, about 850 MB, and puts the Khronos loader that comes
# with it aside: $BUILD/intel/lib has the driver, $BUILD/intel/loader the loader.
# Usage: [BUILD=build] tests/implementations/intel.sh
set -eu
cd "$(dirname "$0")"
build=$(cd ../.. && realpath "${BUILD:-build}")
folder=$build/intel
if [ -e "$folder/loader/libOpenCL.so.1" ] && [ -e "$folder/lib/libintelocl.so" ]; then exit 0; fi
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --requirement requirements.txt
mkdir -p "$folder/loader"
mv "$folder"/lib/libOpenCL.so* "$folder/loader"
