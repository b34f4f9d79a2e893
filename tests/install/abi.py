#!/usr/bin/env python3
"""Whether programs that were built against the interface of abi.txt run with the library of include/epocl.h: functions
have the types they had, constants their values, structures their fields where they lay, with new ones behind.

Usage: tests/install/abi.py check | write     write: abi.txt becomes what the header says now
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADER = ROOT / "include" / "epocl.h"
BASELINE = Path(__file__).with_name("abi.txt")


def code_of(header):
    """Without comments, preprocessor, and inline functions, which no library exports."""
    text = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    text = re.sub(r"^[ \t]*#(?:.*\\\n)*.*$", "", text, flags=re.M)
    return re.sub(r"^static inline .*?^}$", "", text, flags=re.S | re.M)


def parameter_type(parameter):
    """A parameter without its name; one that is a function stays as it is."""
    parameter = " ".join(parameter.split())
    if "(" in parameter or parameter == "void":
        return parameter
    return re.sub(r"(?<=[ *])\w+$", "", parameter).strip()


def parameters_of(text):
    """Between the commas that are in no parentheses of their own."""
    return re.split(r",\s*(?![^()]*\))", text)


def functions(code):
    for result, name, parameters in re.findall(r"^EPOCL_API ([^;(]*?)(\w+)\((.*?)\);", code, flags=re.S | re.M):
        types = ", ".join(parameter_type(parameter) for parameter in parameters_of(parameters))
        yield f"function {' '.join(result.split())} {name}({types})"


def fields_of(body):
    """Type and name of each."""
    for declaration in filter(str.strip, body.split(";")):
        kind = re.match(r"\s*(.*?)\w+(?:\[[^\]]*\])?\s*(?:,|$)", declaration, flags=re.S).group(1)
        for declarator in declaration.split(","):
            name = re.search(r"(\w+)\s*(?:\[[^\]]*\])?\s*$", declarator).group(1)
            yield " ".join(kind.split()), name


def probe(code, header):
    """What a C compiler makes of structures, constants and macros, as printf() has it."""
    lines = []
    for name, body in re.findall(r"typedef struct (\w+) \{(.*?)\}", code, flags=re.S):
        for kind, field in fields_of(body):
            place = f"offsetof({name}, {field}), sizeof((({name} *)0)->{field})"
            lines.append(f'printf("field {name}.{field} {kind} at %zu, %zu bytes\\n", {place});')
    for body in re.findall(r"typedef enum \w+ \{(.*?)\}", code, flags=re.S):
        for constant in re.findall(r"\b(EPOCL_\w+)", body):
            lines.append(f'printf("constant {constant} %ld\\n", (long)({constant}));')
    for macro in re.findall(r"^#define (EPOCL_(?:ABI|MISSING))\b", header, flags=re.M):
        lines.append(f'printf("constant {macro} %ld\\n", (long)({macro}));')
    return "#include <epocl.h>\n#include <stdio.h>\nint main(void) {\n" + "\n".join(lines) + "\nreturn 0;\n}\n"


def interface():
    header = HEADER.read_text()
    code = code_of(header)
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder) / "probe.c", Path(folder) / "probe"
        source.write_text(probe(code, header))
        compiler = os.environ.get("CC", "cc").split()
        subprocess.run([*compiler, f"-I{HEADER.parent}", source, "-o", program], check=True)
        layout = subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()
    found = sorted(functions(code)) + layout
    assert len(found) == len(set(found)) and len(found) > 200, "the header is not read as it is written"
    assert sum(line.startswith("function") for line in found) == len(re.findall("^EPOCL_API", code, flags=re.M))
    return found


def abi_number(lines):
    return int(next(line for line in lines if line.startswith("constant EPOCL_ABI ")).split()[-1])


def field(line):
    """Structure, and where the field begins and ends."""
    name, begin, size = re.match(r"field (\w+)\.\w+ .* at (\d+), (\d+) bytes", line).groups()
    return name, int(begin), int(begin) + int(size)


def broken(before, now):
    """What of the interface before is not as it was."""
    missing = [line for line in before if line not in set(now)]
    ends = {}
    for name, _, end in (field(line) for line in before if line.startswith("field ")):
        ends[name] = max(ends.get(name, 0), end)
    new = [line for line in now if line.startswith("field ") and line not in set(before)]
    inserted = [line for line in new if field(line)[0] in ends and field(line)[1] < ends[field(line)[0]]]
    return [f"gone or changed: {line}" for line in missing] + [f"new, and not at the end: {line}" for line in inserted]


def main():
    if sys.argv[1:] not in (["check"], ["write"]):
        sys.exit(__doc__)
    now = interface()
    if sys.argv[1] == "write":
        BASELINE.write_text("".join(line + "\n" for line in now))
        return
    before = BASELINE.read_text().splitlines()
    if abi_number(now) > abi_number(before):
        print(f"EPOCL_ABI is {abi_number(now)}, and abi.txt of {abi_number(before)}: `make abi` writes it anew")
        return
    faults = broken(before, now)
    if faults:
        print("\n".join(faults))
        sys.exit("programs built against an older header would break: undo this, or raise EPOCL_ABI")
    added = len([line for line in now if line not in set(before)])
    print(f"the binary interface {abi_number(now)} is kept" + (f", {added} lines are new" if added else ""))


if __name__ == "__main__":
    main()
