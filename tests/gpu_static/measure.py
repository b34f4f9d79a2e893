#!/usr/bin/env python3
"""measure.py FOLDER RESULT.md: compiles what FOLDER/dump has for all targets, writes a table, and fails where a limit
is passed. See run.sh."""
import concurrent.futures
import datetime
import glob
import os
import re
import subprocess
import sys

import amd
import intel
import nvidia

VENDORS = [nvidia, amd, intel]
INTELS = ("arc", "uhd") # devices whose choices must suit Intel's compiler


class Program:
    """A distinct text with its options; `uses` are the kernels that each (device, run) launched of it, `kernels` all."""

    def __init__(self, path, text, options):
        self.path, self.text, self.options = path, text, options
        self.uses, self.kernels = {}, set()
        self.groups = {} # kernel: work-items of a group, the most

    def constant(self, name):
        found = re.search(rf"-D{name}=(\d+)", self.options)
        return int(found.group(1)) if found else 0

    def matmul(self):
        """As epocl calls it; of blocks, all shapes that the kernels have."""
        rows, vectors = self.constant("TILE_ROWS"), self.constant("TILE_VECTORS")
        if self.shapes():
            return "local:" + "+".join(self.shapes())
        if "tile" in self.kinds():
            return f"tile:{rows}x{vectors}x{self.constant('VECTOR_WIDTH')}"
        return "plain"

    def shapes(self):
        """Of blocks, the largest first: what names of kernels end with and, where they are merged, of functions' calls."""
        called = re.findall(r"^ +\w+_local(?:_long)?_(\d+x\d+x\d+x\d+)\(BLOCK_PLACE", self.text, re.M)
        found = {shape_of(kernel) for kernel in self.kernels} | set(called)
        return sorted(found - {None}, key=lambda shape: [-int(number) for number in shape.split("x")])

    def suits(self, vendor, target):
        """Whether the target has what it multiplies by."""
        return "#define BLOCK_TENSOR 1" not in self.text or target in getattr(vendor, "TENSOR_TARGETS", [])

    def kinds(self):
        kinds = {kernel.split("_")[1] for kernel in self.kernels if kernel.startswith(("forward_", "update_"))}
        if any(kernel.startswith("merged_") for kernel in self.kernels):
            kinds.add("merged")
        return kinds


def shape_of(kernel):
    """forward_local_64x8x1x2: 64x8x1x2."""
    found = re.search(r"_local(?:_long)?_(\d+x\d+x\d+x\d+)$", kernel)
    return found.group(1) if found else None


def read_programs(folder):
    found = {}
    for launches in sorted(glob.glob(f"{folder}/dump/*/*/launches")):
        run = os.path.dirname(launches)
        device, name = run.split("/")[-2:]
        with open(launches) as file:
            launched = {tuple(line.split()) for line in file}
        for number in sorted({number for number, *_ in launched}):
            with open(f"{run}/{number}.cl") as file:
                text = file.read()
            with open(f"{run}/{number}.options") as file:
                options = file.read()
            if "-DREDUCE_ITEMS=" not in options: # a library's
                continue
            program = found.setdefault((text, options), Program(f"{run}/{number}.cl", text, options))
            for its, kernel, _, _, across, down in launched:
                if its == number:
                    program.kernels.add(kernel)
                    program.uses.setdefault((device, name), set()).add(kernel)
                    program.groups[kernel] = max(program.groups.get(kernel, 1), int(across) * int(down))
    return [program for program in found.values() if program.kinds()]


def compile_one(vendor_index, target, number, path, options, groups, folder):
    vendor = VENDORS[vendor_index]
    stem = f"{folder}/code/{number}.{target}"
    try:
        return [{**row, "vendor": vendor.NAME, "target": target, "program": number}
                for row in vendor.compile_program(path, options.split(), groups, target, stem)], None
    except (subprocess.CalledProcessError, OSError, KeyError, AttributeError, IndexError) as error:
        return [], f"{vendor.NAME} {target}: {path} could not be measured: {error!r}"


def measure(programs, folder):
    os.makedirs(f"{folder}/code", exist_ok=True)
    rows, failures = [], []
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(compile_one, v, target, number, program.path, program.options,
                            program.groups, folder)
                for v, vendor in enumerate(VENDORS) if not vendor.missing() for target in vendor.TARGETS
                for number, program in enumerate(programs) if program.suits(vendor, target)]
        for job in jobs:
            measured, failure = job.result()
            rows += measured
            failures += [failure] if failure else []
    return rows, failures


def check(rows, programs):
    """The limits."""
    for row in rows:
        program = programs[row["program"]]
        where = f"{row['vendor']} {row['target']}: {row['kernel']} of {program.matmul()} ({program.path})"
        if row["vendor"] != "Intel":
            if row["spilled"]:
                yield f"{where}: {row['spilled']} spilled"
            if row["local"] and row["in_memory"]:
                yield f"{where}: {row['in_memory']} accesses of private memory in a round of the products"
            continue
        chosen = {device for (device, name), kernels in program.uses.items()
                  if name.startswith("chosen") and device in INTELS and row["kernel"] in kernels}
        if chosen and row["private"]:
            yield f"{where}, chosen for {', '.join(sorted(chosen))}: {row['private']} bytes of private memory"


def notice(rows, programs):
    """What is no limit, but worth to know: scalars that AMD's compilers keep in the lanes of vector registers, which takes
    an instruction a use and no memory; on Intel, recipes with which a kernel that is chosen there goes to memory."""
    chosen = {kernel for program in programs for (device, name), kernels in program.uses.items()
              if name.startswith("chosen") and device in INTELS for kernel in kernels}
    for row in rows:
        program = programs[row["program"]]
        if row.get("scalars") and row["kernel"] in program.kernels:
            yield f"AMD {row['target']}: {row['kernel']} of {program.matmul()}: {row['scalars']} scalars in vector registers"
        if row["vendor"] == "Intel" and row["kernel"] in chosen & program.kernels and (row["private"] or row["spilled"]):
            runs = ", ".join(sorted({name for _, name in program.uses}))
            yield f"Intel {row['target']}: {row['kernel']} ({runs}): {row['private']} bytes of private memory, " \
                  f"{row['spilled']} spilled"


# ---- the table ----

def cell(value, form="{}"):
    return "" if value is None else form.format(value)


def label(program, kernel):
    """What makes the products; kernels of blocks have their shape in their names."""
    return "local" if program.shapes() and not kernel.startswith("merged_") else program.matmul()


def chosen_of(programs):
    """(device, network, kernels of blocks) of each run that chose."""
    found = {}
    for program in programs:
        for (device, name), kernels in program.uses.items():
            if name.startswith("chosen"):
                blocks = {kernel.replace("_local", "") for kernel in kernels if shape_of(kernel)}
                found.setdefault((device, name.split("-")[1]), set()).update(blocks)
    return [(*run, ", ".join(sorted(kernels))) for run, kernels in sorted(found.items())]


def sort_key(row, programs):
    names = [vendor.NAME for vendor in VENDORS]
    return (label(programs[row["program"]], row["kernel"]), row["kernel"], names.index(row["vendor"]), row["target"])


def merged(rows, programs):
    """A line for each shape, kernel and target: of the recipes, that which asks most."""
    worst = {}
    for row in rows:
        if row["kernel"] not in programs[row["program"]].kernels:
            continue
        key = sort_key(row, programs)
        asks = (row["spilled"], row["private"], row["registers"])
        if key not in worst or asks > worst[key][0]:
            worst[key] = (asks, row)
    return [worst[key][1] for key in sorted(worst)]


def write_table(path, rows, programs, failures, notes):
    commit = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True).stdout.strip()
    with open(path, "w") as file:
        print(f"""# Kernels as GPUs' compilers see them

`make gpu-static`, {datetime.date.today()}, commit {commit}: what the host gives a GPU's compiler, compiled for GPUs of three
vendors, none of which was there. Of each kernel the recipe that asks most (plain gradient descent with sigmoid units,
or adamw with gelu, decay and dropout). No figure here is a time.
""", file=file)
        for vendor in VENDORS:
            gone = vendor.missing()
            print(f"- {vendor.NAME}: " + (f"left out, there is no {', no '.join(gone)}" if gone else
                                          f"{vendor.version()}: {', '.join(vendor.TARGETS)}"), file=file)
        print(f"""
{'No limit is passed.' if not failures else 'Limits that are passed:'}
""", file=file)
        for failure in failures:
            print(f"- {re.sub(r' [(]/.*?[)]', '', failure)}", file=file)
        if notes:
            print("\nNo limit, but noticed (run: shape, recipe of the least or the most, `long` for several sections):\n",
                  file=file)
        for note in notes:
            print(f"- {note}", file=file)
        print("""
- **items**: of a work-group. **registers**: of an item; Intel: of a thread, which runs as many items as *lanes* says.
- **spilled**: NVIDIA: bytes stored and loaded; AMD: vector registers; Intel: bytes of a thread. **private**: bytes of memory of an item.
- **groups**: that a multiprocessor, compute unit (from gfx10 on, a pair) or what shares local memory on Intel holds at a
  time, and the part of its threads that this is.
- `tile` is made for CPUs, and its sums lie in private memory on a GPU.
- **FMA**: multiply-adds in what the product loop issues. **awaited**: loads from global memory that are waited for before the
  multiply-adds that follow them, of all in a round.

| matmul | kernel | target | items | registers | spilled | private | local | groups | FMA | awaited |
|---|---|---|---:|---:|---:|---:|---:|---|---:|---|""", file=file)
        for row in merged(rows, programs):
            lanes = f" × {row['lanes']} lanes" if row.get("lanes") else ""
            is_product = row["local"] > 0
            awaited = "{} of {}".format(*row["awaited"]) if is_product and row["awaited"] else ""
            fma = cell(row["fma"], "{:.0f} %") if is_product else ""
            print(f"| {label(programs[row['program']], row['kernel'])} | {row['kernel']} | {row['target']} | {row['items']} | "
                  f"{row['registers']}{lanes} | {row['spilled']} | {row['private']} | {row['local']} | {row['groups']}, "
                  f"{row['occupancy']:.0f} % | {fma} | {awaited} |", file=file)
        print("\nWhat is chosen (`--matmul local`; batches 10, 32, 128, 512, 1024; `most`: M with the recipe of the most; "
              "`long`: that with 1,100 samples):\n", file=file)
        for device, name, kernels in chosen_of(programs):
            print(f"- {device}, {name}: {kernels}", file=file)


def main():
    folder, result = sys.argv[1:3]
    programs = read_programs(folder)
    print(f"gpu-static: {len(programs)} programs", flush=True)
    rows, failures = measure(programs, folder)
    failures += check(rows, programs)
    write_table(result, rows, programs, failures, list(notice(rows, programs)))
    for vendor in VENDORS:
        if vendor.missing():
            print(f"LEFT OUT: {vendor.NAME}: there is no {', no '.join(vendor.missing())}")
    for failure in failures:
        print(f"FAILED: {failure}")
    print(f"gpu-static: {len(rows)} kernels measured, {len(failures)} limit{'s' * (len(failures) != 1)} passed: {result}")
    return 1 if failures or (not rows and not all(vendor.missing() for vendor in VENDORS)) else 0


if __name__ == "__main__":
    sys.exit(main())
