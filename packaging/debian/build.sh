#!/bin/bash
# Builds the Debian packages of what git tracks here, in $BUILD/debian, and looks at them with lintian.
# Usage: [BUILD=build] packaging/debian/build.sh [--twice]    twice: in two places, and both must be the same bytes
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(realpath -m "${BUILD:-build}")/debian
version=$(sed -n 's/^.define EPOCL_VERSION  *"\(.*\)"/\1/p' include/epocl.h)
for tool in dpkg-buildpackage dh lintian; do
    command -v "$tool" > /dev/null ||
        { echo "debian: $tool is missing; install dpkg-dev, debhelper and lintian" >&2; exit 1; }
done
head -1 packaging/debian/changelog | grep -q "($version-" ||
    { echo "debian: packaging/debian/changelog is not of version $version" >&2; exit 1; }

# build PLACE: a tree of its own below it, and the packages there.
build() {
    local tree=$1/epocl-$version
    rm -rf "$1"
    mkdir -p "$tree"
    git ls-files -z | xargs -0 cp --parents -t "$tree"
    mv "$tree/packaging/debian" "$tree/debian"
    # Neither what called this nor the time zone is of any concern to a package.
    (cd "$tree" && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u BUILD -u CFLAGS -u CC NO_SETUP=1 \
        dpkg-buildpackage --no-sign --build=binary > ../build.log 2>&1) || { tail -40 "$1/build.log" >&2; exit 1; }
}

build "$work/one"
if [ "${1:-}" = --twice ]; then
    (umask 027 && TZ=Asia/Tokyo LC_ALL=C build "$work/another-place")
    for package in "$work"/one/*.deb; do
        cmp "$package" "$work/another-place/$(basename "$package")"
    done
    echo 'debian: a second build is the same'
fi
lintian --fail-on error "$work"/one/*.changes
ls "$work"/one/*.deb
