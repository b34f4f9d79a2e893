"""NVIDIA: Clang's OpenCL C to PTX, ptxas, and the SASS of nvdisasm. NVIDIA's own OpenCL compiler has another front end."""
import os
import re
import subprocess

import assembly

NAME = "NVIDIA"
# Of a multiprocessor: warps, groups, bytes of shared memory and what a group takes of it besides its own.
UNITS = {"sm_75": (32, 16, 64 << 10, 0), "sm_86": (48, 16, 100 << 10, 1024), "sm_90": (64, 32, 228 << 10, 1024)}
TARGETS = list(UNITS)
TENSOR_TARGETS = ["sm_86", "sm_90"] # with the instructions of kernels/products/block_tensor.cl
REGISTERS, WARP, REGISTER_STEP, QUARTERS = 65536, 32, 256, 4


def missing():
    tools = {"clang": "GPU_STATIC_CLANG", "ptxas": "GPU_STATIC_PTXAS", "nvdisasm": "GPU_STATIC_NVDISASM",
             "libclc": "GPU_STATIC_LIBCLC"}
    return [tool for tool, variable in tools.items() if not os.environ.get(variable)]


def version():
    text = subprocess.run([os.environ["GPU_STATIC_PTXAS"], "--version"], capture_output=True, text=True).stdout
    return "ptxas " + re.search(r"release ([\d.]+)", text).group(1)


def compile_program(program, options, groups, target, stem):
    """Yields a dict for each kernel; `groups` has the work-items of a group of each that is launched."""
    # libclc's built-in functions for NVIDIA lack the offset of a launch, which is 0 but for pieces of large products.
    subprocess.run([os.environ["GPU_STATIC_CLANG"], "-x", "cl", *options, "-Dget_global_offset(d)=((size_t)0)",
                    "-target", "nvptx64-nvidia-nvcl",
                    "-Xclang", "-target-cpu", "-Xclang", target, "-O3", "-mllvm", "-nvptx-prec-divf32=1",
                    "-Xclang", "-finclude-default-header", "-Xclang", "-mlink-builtin-bitcode",
                    "-Xclang", os.environ["GPU_STATIC_LIBCLC"], "-S", "-o", stem + ".ptx", program], check=True)
    told = subprocess.run([os.environ["GPU_STATIC_PTXAS"], "-v", f"-arch={target}", "-o", stem + ".cubin",
                           stem + ".ptx"], check=True, capture_output=True, text=True).stderr
    sass = subprocess.run([os.environ["GPU_STATIC_NVDISASM"], "-c", stem + ".cubin"], check=True,
                          capture_output=True, text=True).stdout
    codes = dict(functions(sass))
    for part in told.split("Compiling entry function '")[1:]:
        name = part.split("'")[0]
        stack, stores, loads = map(int, re.search(
            r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", part).groups())
        registers = int(re.search(r"Used (\d+) registers", part).group(1))
        shared = re.search(r"(\d+) bytes smem", part)
        local = int(shared.group(1)) if shared else 0
        items = groups.get(name, 64)
        count, share = occupancy(target, registers, local, items)
        yield {"kernel": name, "items": items, "registers": registers, "spilled": stores + loads, "private": stack,
               "local": local, "groups": count, "occupancy": share, **assembly.product(codes[name])}


def occupancy(target, registers, local, items):
    """Groups of a multiprocessor, and the part of its warps, in percent."""
    warps, most_groups, shared, reserved = UNITS[target]
    own = -(-items // WARP)
    of_warp = -(-registers * WARP // REGISTER_STEP) * REGISTER_STEP
    by_registers = REGISTERS // QUARTERS // of_warp * QUARTERS // own
    by_local = shared // (local + reserved) if local else most_groups
    groups = min(most_groups, warps // own, by_registers, by_local)
    return groups, 100.0 * groups * own / warps


def functions(sass):
    """(name, code) of each kernel."""
    name, code = None, None
    for line in sass.splitlines():
        begins = re.match(r"\.text\.(\w+):", line)
        label = re.match(r"\s*(\.L\w+):", line)
        one = re.search(r"/\*[0-9a-f]+\*/\s+(?:@!?U?P\w+\s+)?([A-Z][A-Z0-9_.]*)\s*([^;]*);", line)
        if begins:
            if code:
                yield name, code
            name, code = begins.group(1), assembly.Code()
        elif code and label:
            code.label(label.group(1))
        elif code and one:
            code.instructions.append(instruction(one.group(1), one.group(2)))
    if code:
        yield name, code


KINDS = {"FFMA": "fma", "FFMA2": "fma", "HMMA": "fma", "LDS": "local load", "LDG": "global load", "BAR": "barrier", "LDL": "private",
         "STL": "private", "NOP": "none"}
WIDTHS = {"64": 2, "128": 4}


def instruction(operation, arguments):
    first, *marks = operation.split(".")
    kind = KINDS.get(first, "other")
    registers = [int(number) for number in re.findall(r"\bR(\d+)\b", arguments)]
    branch = re.search(r"(\.L\w+)", arguments) if first == "BRA" else None
    stores = first in ("STS", "STG", "ST", "STL") or first in ("BRA", "EXIT", "BAR")
    made = assembly.Instruction(kind, fmas=kind == "fma", target=branch.group(1) if branch else "")
    if kind == "global load" and registers:
        width = next((WIDTHS[mark] for mark in marks if mark in WIDTHS), 1)
        made.writes = frozenset(range(registers[0], registers[0] + width))
        made.reads = frozenset(registers[1:])
    else: # a wide store names the first of its registers
        read = registers if stores else registers[1:]
        made.reads = frozenset(read)
    return made
