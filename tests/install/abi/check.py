#!/usr/bin/env python3
"""Whether programs that were built against epocl.h beside this file run with the library of include/epocl.h: functions
have the types they had, constants their values, structures their fields where they lay, with new ones behind; options
have the names and words they had (options.txt). Where abidiff is installed, it compares the library, too.

Usage: tests/install/abi/check.py check | write  LIBRARY
  LIBRARY  libepocl.so of the build
  write    epocl.h and options.txt beside this file become what the header and the library say now
"""

import ctypes
import sys
import tempfile
from pathlib import Path

import abidiff
from interface import abi_number, broken, declarations, grown, interface, stub_library

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
HEADER, BASELINE, OPTIONS = ROOT / "include" / "epocl.h", HERE / "epocl.h", HERE / "options.txt"


class OptionInfo(ctypes.Structure):
    """How epocl_option_info begins."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("also", ctypes.c_char_p),
        ("type", ctypes.c_int),
        ("scope", ctypes.c_int),
        ("argument", ctypes.c_char_p),
        ("default_value", ctypes.c_char_p),
        ("choices", ctypes.POINTER(ctypes.c_char_p)),
    ]


def options(library):
    """A line for each name that the library takes, and for each word that an option takes."""
    info, lines, index = OptionInfo(), [], 0
    call = ctypes.CDLL(str(library.resolve())).epocl_options_list_sized
    call.argtypes = [ctypes.c_size_t, ctypes.POINTER(OptionInfo), ctypes.c_size_t]
    while call(index, ctypes.byref(info), ctypes.sizeof(info)) == 0:
        lines += [name.decode() for name in (info.name, info.also) if name]
        for word in info.choices or ():
            if word is None:
                break
            lines.append(f"{info.name.decode()} {word.decode()}")
        index += 1
    assert len(lines) > 100 and "optimizer adam" in lines, "the library's options are not read as they are listed"
    return lines


def compare_libraries(library, grown_structures):
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "before.so"
        stub_library(BASELINE, before)
        return abidiff.differences(before, BASELINE.parent, library.resolve(), HEADER.parent, grown_structures)


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("check", "write"):
        sys.exit(__doc__)
    library = Path(sys.argv[2])
    if sys.argv[1] == "write":
        BASELINE.write_text(declarations(HEADER.read_text()))
        OPTIONS.write_text("".join(line + "\n" for line in options(library)))
        return
    before, now = interface(BASELINE), interface(HEADER)
    if abi_number(now) > abi_number(before):
        print(f"EPOCL_ABI is {abi_number(now)}, and the baseline's {abi_number(before)}: `make abi` writes it anew")
        return
    found = set(options(library))
    faults = broken(before, now) + [f"no such option: {o}" for o in OPTIONS.read_text().splitlines() if o not in found]
    if abidiff.is_installed():
        faults += compare_libraries(library, grown(before, now)).splitlines()
    else:
        print("LEFT OUT: abidiff is not installed")
    if faults:
        print("\n".join(faults))
        sys.exit("programs built against an older header would break: undo this, or raise EPOCL_ABI")
    added = len(set(now) - set(before))
    print(f"the binary interface {abi_number(now)} is kept" + (f", {added} lines are new" if added else ""))


if __name__ == "__main__":
    main()
