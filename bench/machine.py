"""What a result was measured on: processor, system, compilers, packages, commit, and the peak of the processor."""

import datetime
import json
import os
import platform
import re
import resource
import subprocess
import time
from pathlib import Path

BUILD = Path(os.environ.get("BUILD", "build"))
RESULTS = Path("bench/results")
DEBIAN_PACKAGES = (
    "pocl-opencl-icd",
    "ocl-icd-libopencl1",
    "libclblast1",
    "libopenblas0-pthread",
    "libdnnl2",
    "libfann2",
)


def output_of(*command):
    """What a command prints; empty when it fails or is missing."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def cpu_flags():
    match = re.search(r"^(?:flags|Features)\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return set(match.group(1).split()) if match else set()


def cpu_name():
    match = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return match.group(1) if match else platform.machine()


def cpu_family_and_model():
    """What a name such as "AMD EPYC" does not say: 25 and 17 are a Zen 4."""
    fields = [re.search(rf"^{name}\s*:\s*(\d+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE) for name in ("cpu family", "model")]
    return [int(field.group(1)) for field in fields if field]


def describe_machine():
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    return {
        "cpu": cpu_name(),
        "cpu_family_and_model": cpu_family_and_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(memory.group(1)) / 2**20, 1),
        "system": platform.freedesktop_os_release()["PRETTY_NAME"],
        "kernel": platform.release(),
        "load_average_before": [round(load, 2) for load in os.getloadavg()],
    }


def describe_versions(python_packages=()):
    versions = {
        "epocl": output_of(BUILD / "epocl", "--version").removeprefix("epocl "),
        "gcc": output_of("gcc", "-dumpfullversion"),
        "clang": output_of("clang", "-dumpversion"),
        "python": platform.python_version(),
    }
    for package in DEBIAN_PACKAGES:
        versions[package] = output_of("dpkg-query", "-W", "-f", "${Version}", package)
    versions.update(python_packages)
    return {name: version for name, version in versions.items() if version}


def describe_commit():
    commit = output_of("git", "rev-parse", "HEAD")
    changed = output_of("git", "status", "--porcelain", "--untracked-files=no", "--", "host", "kernels", "include")
    return commit + (" with changes" if changed else "")


def busy_seconds():
    """Of all cores since the system's start, with what other guests of the host took from it."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    user, nice, system, _, _, irq, softirq, steal = fields
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    """Of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


class Disturbance:
    """With `with`: how many cores' time went to other processes meanwhile, in `cores`."""

    def __enter__(self):
        self.before = time.monotonic(), busy_seconds() - own_seconds()
        return self

    def __exit__(self, *error):
        wall = time.monotonic() - self.before[0]
        self.cores = round(max(0, busy_seconds() - own_seconds() - self.before[1]) / wall, 3)


def measure_peak():
    """GFLOP/s of fused multiply-adds in fp32 on all cores, now."""
    program = BUILD / "peak"
    source = Path("bench/peak.c")
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        flags = ["-std=c11", "-O3", "-march=native", "-ffp-contract=fast"]
        subprocess.run([os.environ.get("CC", "cc"), *flags, source, "-o", program, "-lpthread"], check=True)
    return json.loads(subprocess.run([program], capture_output=True, check=True).stdout)["gflops"]


def result_path(suffix=""):
    processor = re.sub(r"[^a-z0-9]+", "-", cpu_name().lower()).strip("-")
    return RESULTS / f"{datetime.date.today()}-{processor}{suffix}.json"


def write_result(path, result):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")
