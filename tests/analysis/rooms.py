#!/usr/bin/env python3
"""Whether includes between the rooms of host/ point one way: each only to a room that stands above its own in the table
of docs/architecture.md, so that there is no circle; and whether OpenCL's headers are included in host/device alone, so
that no room above it can know of OpenCL. Exit status 1, and a line for each include that does not.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OPENCL = re.compile(r'#\s*include\s*<((?:CL/|clblast)[^>]*)>')
INCLUDE = re.compile(r'#\s*include\s*"(\w+)/[^"]*"')


def rooms_in_order():
    """The rooms of the first column, as the table has them."""
    table = (ROOT / "docs" / "architecture.md").read_text()
    return list(dict.fromkeys(re.findall(r"^\| `host/(\w+)", table, re.M)))


def complaints(path, order):
    """What is wrong with a file's includes. A folder within a room is part of it."""
    room, text = path.relative_to(ROOT / "host").parts[0], path.read_text()
    if room not in order:
        yield f"the room host/{room} has no line in docs/architecture.md"
        return
    for other in INCLUDE.findall(text):
        if (ROOT / "host" / other).is_dir() and other != room and other not in order[: order.index(room)]:
            yield f"includes host/{other}, which does not stand above host/{room} in docs/architecture.md"
    for header in OPENCL.findall(text) if room != "device" else []:
        yield f"includes <{header}>, which only host/device may"


def main():
    order = rooms_in_order()
    files = sorted(path for path in (ROOT / "host").rglob("*") if path.suffix in (".c", ".h"))
    found = [f"{path.relative_to(ROOT)}: {text}" for path in files for text in complaints(path, order)]
    for line in found:
        print(line)
    print(f"{len(files)} files in {len(order)} rooms, {len(found)} findings")
    return 1 if found or not files else 0


sys.exit(main())
