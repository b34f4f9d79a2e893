"""AMD: Clang for amdhsa with the device libraries of ROCm, whose OpenCL compiler is a Clang as well."""
import os
import re
import subprocess

import assembly

NAME = "AMD"
# Of what shares local memory, a compute unit or, from gfx10 on, a pair: waves, items of a wave, bytes of local memory.
UNITS = {"gfx90a": (4 * 8, 64, 64 << 10), "gfx1030": (4 * 16, 32, 128 << 10), "gfx1100": (4 * 16, 32, 128 << 10)}
TARGETS = list(UNITS)
SIMDS, MOST_GROUPS = 4, 32


def missing():
    tools = {"clang": "GPU_STATIC_CLANG", "ROCm's device libraries": "GPU_STATIC_ROCM"}
    return [tool for tool, variable in tools.items() if os.environ.get(variable, ".") in ("", ".")]


def version():
    text = subprocess.run([os.environ["GPU_STATIC_CLANG"], "--version"], capture_output=True, text=True).stdout
    return "clang " + re.search(r"version ([\d.]+)", text).group(1)


def libraries(target):
    """Those of a newer device may be missing: then another of its kind is linked, whose functions are the same."""
    folder, isa = os.environ["GPU_STATIC_ROCM"], target[3:]
    if not os.path.exists(f"{folder}/oclc_isa_version_{isa}.bc"):
        isa = "1036"
    names = ["opencl", "ocml", "ockl", "oclc_daz_opt_off", "oclc_unsafe_math_off", "oclc_finite_only_off",
             "oclc_correctly_rounded_sqrt_off", f"oclc_wavefrontsize64_{'on' if UNITS[target][1] == 64 else 'off'}",
             f"oclc_isa_version_{isa}", "oclc_abi_version_500"]
    for name in names:
        yield from ("-Xclang", "-mlink-builtin-bitcode", "-Xclang", f"{folder}/{name}.bc")


def compile_program(program, options, groups, target, stem):
    """As nvidia.compile_program()."""
    subprocess.run([os.environ["GPU_STATIC_CLANG"], "-x", "cl", *options, "-target", "amdgcn-amd-amdhsa",
                    f"-mcpu={target}", "-O3", "-nogpulib", "-mcode-object-version=5", "-Xclang",
                    "-finclude-default-header", *libraries(target), "-S", "-o", stem + ".s", program], check=True)
    with open(stem + ".s") as file:
        text = file.read()
    codes, waves = dict(functions(text)), wave_counts(text)
    for kernel in text.split("amdhsa.kernels:")[1].split("\n  - .")[1:]:
        name = re.search(r"^    \.name: +(\w+)$", kernel, re.M).group(1)

        def number(key):
            return int(re.search(rf"\.{key}: +(\d+)", kernel).group(1))

        items = groups.get(name, 64)
        local = number("group_segment_fixed_size")
        count, share = occupancy(target, waves[name], local, items)
        yield {"kernel": name, "items": items, "registers": number("vgpr_count"),
               "spilled": number("vgpr_spill_count"), "scalars": number("sgpr_spill_count"),
               "private": number("private_segment_fixed_size"), "local": local, "groups": count, "occupancy": share,
               **assembly.product(codes[name])}


def wave_counts(text):
    """Waves of a SIMD that the registers of each kernel leave room for."""
    found = {}
    for part in text.split("\n; Kernel info:")[:-1]:
        found[re.findall(r"^(\w+): +; @\1$", part, re.M)[-1]] = None
    for name, count in zip(found, re.findall(r"^; Occupancy: (\d+)", text, re.M)):
        found[name] = int(count)
    return found


def occupancy(target, waves, local, items):
    """Groups of a unit, and the part of its waves, in percent."""
    most, wave, memory = UNITS[target]
    own = -(-items // wave)
    groups = min(waves * SIMDS // own, MOST_GROUPS if own > 1 else most, memory // local if local else most)
    return groups, 100.0 * groups * own / most


def functions(text):
    """(name, code) of each kernel."""
    name, code = None, None
    for line in text.splitlines():
        begins = re.match(r"(\w+): +; @\1$", line)
        label = re.match(r"(\.LBB\w+):", line)
        one = re.match(r"\s+([a-z]\w+)\s*([^;]*)", line)
        if begins:
            name, code = begins.group(1), assembly.Code()
        elif line.startswith(".Lfunc_end") and code:
            yield name, code
            code = None
        elif code and label:
            code.label(label.group(1))
        elif code and one:
            code.instructions.append(instruction(one.group(1), one.group(2)))


def instruction(operation, arguments):
    made = assembly.Instruction("other")
    if operation.startswith(("s_branch", "s_cbranch")):
        made.target = arguments.strip()
    if re.match(r"v_(pk_)?(fma|fmac|mad|mac)_f32|v_dual_fmac_f32", operation):
        made.kind, made.fmas = "fma", 1
    elif re.match(r"ds_(read|load)", operation):
        made.kind = "local load"
    elif re.match(r"(global|buffer|flat)_load", operation):
        made.kind = "global load"
    elif operation.startswith("scratch_"):
        made.kind = "private"
    elif operation == "s_barrier":
        made.kind = "barrier"
    elif operation.startswith("s_waitcnt"):
        wait = re.search(r"vmcnt\((\d+)\)", arguments)
        made.awaits = int(wait.group(1)) if wait else -1
    # Scalar and memory instructions issue beside vector ones.
    if made.kind == "other" and not operation.startswith("v_"):
        made.kind = "none"
    return made
