"""What programs that use epocl.h rely on, read from the header: lines that can be compared, and a library of nothing but
its declarations, for tools that read libraries."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

FLAGS = ["-std=c11", "-Werror", "-Wno-unused-function"]


def compile_c(*words):
    subprocess.run([*os.environ.get("CC", "cc").split(), *FLAGS, *words], check=True)


def declarations(header):
    """The header without comments and without inline functions, which no library exports."""
    text = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    text = re.sub(r"^static inline .*?^}$", "", text, flags=re.S | re.M)
    text = re.sub(r"[ \t]+$", "", text, flags=re.M)
    return re.sub(r"\n{2,}", "\n", text).lstrip()


def code_of(header):
    """Without the preprocessor's lines, too."""
    return re.sub(r"^[ \t]*#(?:.*\\\n)*.*$", "", declarations(header), flags=re.M)


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
    """(result, name, parameters) of each, as they are written."""
    return re.findall(r"^EPOCL_API ([^;(]*?)(\w+)\((.*?)\);", code, flags=re.S | re.M)


def function_lines(code):
    for result, name, parameters in functions(code):
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


def interface(header):
    """Lines of the header in that path: functions, fields with their places, constants with their values."""
    text = header.read_text()
    code = code_of(text)
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder) / "probe.c", Path(folder) / "probe"
        source.write_text(probe(code, text))
        compile_c(f"-I{header.parent}", source, "-o", program)
        layout = subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()
    found = sorted(function_lines(code)) + layout
    assert len(found) == len(set(found)) and len(found) > 200, "the header is not read as it is written"
    assert sum(line.startswith("function") for line in found) == len(re.findall("^EPOCL_API", code, flags=re.M))
    return found


def stub_library(header, path):
    """A shared library of the functions that the header declares, which do nothing, with debugging information."""
    bodies = [f"{result} {name}({parameters}) {{ __builtin_trap(); }}" for result, name, parameters in
              functions(code_of(header.read_text()))]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "stub.c"
        source.write_text("#include <epocl.h>\n" + "\n".join(bodies) + "\n")
        compile_c(f"-I{header.parent}", "-g", "-O0", "-fPIC", "-shared", source, "-o", path)


# ---- Comparison -------------------------------------------------------------------------------------


def abi_number(lines):
    return int(next(line for line in lines if line.startswith("constant EPOCL_ABI ")).split()[-1])


def field(line):
    """Structure, and where the field begins and ends."""
    name, begin, size = re.match(r"field (\w+)\.\w+ .* at (\d+), (\d+) bytes", line).groups()
    return name, int(begin), int(begin) + int(size)


def new_fields(before, now):
    """Lines of fields that structures of the interface before did not have, and whether they are at the end."""
    ends = {}
    for name, _, end in (field(line) for line in before if line.startswith("field ")):
        ends[name] = max(ends.get(name, 0), end)
    for line in now:
        if line.startswith("field ") and line not in set(before) and field(line)[0] in ends:
            yield line, field(line)[1] >= ends[field(line)[0]]


def grown(before, now):
    """The structures that have more fields at their end, and are else as they were."""
    changed = {field(line)[0] for line in before if line.startswith("field ") and line not in set(now)}
    return sorted({field(line)[0] for line, is_end in new_fields(before, now) if is_end} - changed)


def broken(before, now):
    """What of the interface before is not as it was."""
    missing = [line for line in before if line not in set(now)]
    inserted = [line for line, is_end in new_fields(before, now) if not is_end]
    return [f"gone or changed: {line}" for line in missing] + [f"new, and not at the end: {line}" for line in inserted]
