#!/usr/bin/env python3
"""Changes of epocl.h, and whether check.py's judges notice those that break programs and allow those that do not.

Usage: tests/install/abi/breaks.py      the last line is "N passed, N failed"
"""

import re
import sys
import tempfile
from pathlib import Path

import abidiff
from interface import broken, declarations, grown, interface, stub_library

HEADER = Path(__file__).parents[3] / "include" / "epocl.h"

# What is done to the header, by a regular expression, and whether abidiff can see it: it counts no const among what
# breaks programs, and knows no macros.
BREAKS = {
    "a function is removed": (r"EPOCL_API void epocl_device_release\([^;]*;\n", "", True),
    "a parameter has another type": (r"(epocl_dataset_split\([^;]*)double fraction", r"\1float fraction", True),
    "parameters change places": (r"(epocl_network_load_memory\()(const void \*bytes), (size_t \w+)", r"\1\3, \2", True),
    "a result has another type": (r"EPOCL_API size_t epocl_network_layer_count", "EPOCL_API int epocl_network_layer_count", True),
    "a parameter is not const any more": (r"(epocl_network_save\()const ", r"\1", False),
    "a field has another type": (r"double fma_flop_per_second;", "float fma_flop_per_second;", True),
    "a field is removed": (r"    unsigned compute_units;\n", "", True),
    "a field is inserted": (r"(    size_t max_work_group_size;)", r"    size_t other;\n\1", True),
    "two fields change places": (r"(    char name\[256\];\n)(    char vendor\[256\];\n)", r"\2\1", True),
    "an array is longer": (r"char self_test\[16\];", "char self_test[32];", True),
    "a field is added, and another changed": (
        r"double fma_flop_per_second;(.*?double launch_seconds;)", r"float fma_flop_per_second;\1 double other;", True),
    "a constant is removed": (r"    EPOCL_ERROR_NO_INPUT,\n", "", True),
    "a constant is moved": (r"(    EPOCL_ERROR_NO_INPUT,\n)(    EPOCL_ERROR_DATA,\n)", r"\2\1", True),
    "a constant has another value": (r"EPOCL_OK = 0,", "EPOCL_OK = 100,", True),
    "a macro has another value": (r"#define EPOCL_MISSING UINT32_MAX", "#define EPOCL_MISSING 0", False),
}
ALLOWED = {
    "nothing": (r"\A", ""),
    "a function is added": (r"(EPOCL_API const char \*epocl_version)", r"EPOCL_API int epocl_other(int one);\n\1"),
    "a field is added at the end": (r"(double launch_seconds;)", r"\1 double other;"),
    "a constant is added at the end": (r"(EPOCL_ERROR_TIMEOUT)\n", r"\1,\n    EPOCL_ERROR_OTHER\n"),
}


def judge(before, after, folder):
    """What both judges say of two headers: faults of interface.py's comparison, and abidiff's report or None."""
    report, lines = None, (interface(before), interface(after))
    if abidiff.is_installed():
        libraries = folder / "before.so", folder / "after.so"
        for header, library in zip((before, after), libraries):
            stub_library(header, library)
        report = abidiff.differences(libraries[0], before.parent, libraries[1], after.parent, grown(*lines))
    return broken(*lines), report


def main():
    passed = failed = 0
    text = declarations(HEADER.read_text())
    cases = [(name, *case, True) for name, case in BREAKS.items()]
    cases += [(name, *case, True, False) for name, case in ALLOWED.items()]
    for name, pattern, with_what, is_seen, is_break in cases:
        changed, count = re.subn(pattern, with_what, text, count=1, flags=re.S)
        assert count == 1, f"{name}: the header has no place for it"
        with tempfile.TemporaryDirectory() as place:
            headers = [Path(place) / part / "epocl.h" for part in ("before", "after")]
            for header, content in zip(headers, (text, changed)):
                header.parent.mkdir()
                header.write_text(content)
            faults, report = judge(*headers, Path(place))
        for who, said in (("check.py", faults), ("abidiff", report)):
            if said is None or (who == "abidiff" and not is_seen):
                continue
            if bool(said) == is_break:
                passed += 1
            else:
                failed += 1
                print(f"{name}: {who} {'notices nothing' if is_break else 'objects'}: {said}")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
