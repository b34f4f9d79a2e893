"""Intel: ocloc, the driver's compiler by itself; numbers from the patch tokens of its binaries and IGC's dumps."""
import glob
import os
import re
import shutil
import subprocess

import assembly

NAME = "Intel"
# Of what shares local memory: threads of hardware, bytes of local memory.
UNITS = {"skl": (56, 64 << 10), "tgllp": (112, 128 << 10), "dg2": (128, 128 << 10)}
TARGETS = list(UNITS)
# Tokens of a kernel: local memory, scratch space of a thread, environment, private memory of an item.
LOCAL, SCRATCH, ENVIRONMENT, PRIVATE = 15, 18, 23, 38


def missing():
    return [] if os.environ.get("GPU_STATIC_OCLOC") else ["ocloc"]


def environment(**more):
    folders = glob.glob(os.path.dirname(os.environ["GPU_STATIC_OCLOC"]) + "/../lib/*-linux-gnu")
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(folders), **more}


def version():
    text = subprocess.run([os.environ["GPU_STATIC_OCLOC"], "--version"], capture_output=True, text=True,
                          env=environment()).stdout
    found = re.search(r"[Vv]ersion:? *([\d.]+)", text)
    return "ocloc" + (" " + found.group(1) if found else "")


def compile_program(program, options, groups, target, stem):
    """As nvidia.compile_program()."""
    ocloc = os.environ["GPU_STATIC_OCLOC"]
    shutil.rmtree(stem, ignore_errors=True)
    os.makedirs(stem + "/tokens")
    shutil.copy(program, stem + "/program.cl")
    subprocess.run([ocloc, "compile", "-file", "program.cl", "-device", target, "-options", " ".join(options),
                    "-output", "program"], check=True, capture_output=True, cwd=stem,
                   env=environment(IGC_ShaderDumpEnable="1", IGC_DumpToCustomDir=stem + "/dump"))
    binary = glob.glob(stem + "/program_*.bin")[0]
    subprocess.run([ocloc, "disasm", "-file", binary, "-device", target, "-dump", stem + "/tokens"],
                   capture_output=True, cwd=stem, env=environment())
    dumps = dict(functions(stem + "/dump"))
    with open(stem + "/tokens/PTM.txt", errors="replace") as file:
        for kernel in file.read().split("\tKernelName ")[1:]:
            yield describe(kernel, groups, target, dumps)


def describe(kernel, groups, target, dumps):
    name = kernel.split("\n")[0]
    tokens = {int(token): words(data) for token, data in
              re.findall(r"\t4 Token (\d+)\n\t4 Size \d+\n\tHex ([0-9a-f ]*)", kernel)}
    code, spilled, private_registers = dumps[name]
    lanes, items = tokens[ENVIRONMENT][3], groups.get(name, 64)
    local = tokens[LOCAL][1] if LOCAL in tokens else 0
    private = tokens[PRIVATE][3] if PRIVATE in tokens else 0
    if SCRATCH in tokens and not spilled: # memory that is neither spilled registers nor named private
        private = max(private, tokens[SCRATCH][1] // lanes)
    count, share = occupancy(target, lanes, local, items)
    return {"kernel": name, "items": items, "registers": private_registers, "lanes": lanes, "spilled": spilled,
            "private": private, "local": local, "groups": count, "occupancy": share,
            **assembly.product(code), "awaited": None}


def words(data):
    values = bytes(int(byte, 16) for byte in data.split())
    return [int.from_bytes(values[i:i + 4], "little") for i in range(0, len(values) - 3, 4)]


def occupancy(target, lanes, local, items):
    threads, memory = UNITS[target]
    own = -(-items // lanes)
    groups = min(threads // own, memory // local if local else threads)
    return groups, 100.0 * groups * own / threads


def functions(folder):
    """(kernel, (code, bytes of spilled registers, registers)) of the last compilation of each."""
    for path in sorted(glob.glob(folder + "/*.asm"), key=os.path.getmtime):
        with open(path, errors="replace") as file:
            text = file.read()
        name = re.search(r'^//\.kernel "?(\w+)', text, re.M)
        spilled = re.search(r"^//\.spill size (\d+)", text, re.M)
        registers = re.search(r"numGRF=(\d+)", text)
        if name:
            yield name.group(1), (read_code(text), int(spilled.group(1)) if spilled else 0,
                                  int(registers.group(1)) if registers else 128)


def read_code(text):
    code = assembly.Code()
    for line in text.splitlines():
        label = re.match(r"(\w+):\s*$", line)
        one = re.match(r"\s*(?:\([^)|]*\)\s*)?([a-z]\w*)(?:\.\S+)?\s+(.*)", line)
        if label:
            code.label(label.group(1))
        elif one and not line.startswith("//"):
            code.instructions.append(instruction(one.group(1), one.group(2), code.labels))
    return code


def instruction(operation, arguments, labels):
    made = assembly.Instruction("other")
    if operation in ("mad", "mac", "fma") and ":f" in arguments:
        made.kind, made.fmas = "fma", 1
    elif operation.startswith("send"): # local memory or global, which of them is in a descriptor
        made.kind = "local load"
    elif operation in ("jmpi", "while", "goto", "brd"):
        made.target = next((word for word in re.findall(r"\b[A-Za-z_]\w*\b", arguments) if word in labels), "")
    return made
