#!/usr/bin/env python3
"""Breaks the code in small ways, one at a time, drawn at random, and counts what the tests notice.

Usage: tests/mutants/run.py [--sample N] [--seed S] [--jobs N] [--without PART,...] [--again] [--list | --report] [WORD ...]
  --sample N  draw N mutants that compile and change the program (40)
  --seed S    another sample for each S (1)
  --jobs N    that many mutants at a time, each in a copy of the tree of its own (1)
  --without   parts that are not asked: host, device, command, faults, asan, oclgrind; a later run asks them
  --again     ask about what survived once more, after tests were added
  --list      print the sample's mutants and try nothing
  --report    print the results so far and try nothing
  WORD        only mutants whose file, function or class contains one of these

README.md says how a mutant is tried. Results are kept in build/mutants/results.json, so that a run can be stopped and
goes on where it was. Exit status 1 if something survived that equivalent.txt does not explain.
"""
import argparse
import concurrent.futures
import hashlib
import json
import math
import os
import pathlib
import queue
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time

from mutate import mutants_of

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "build" / "mutants"
TESTS = WORK / "tree0" / "tests"  # as they were when the run began
POCL = "/etc/OpenCL/vendors/pocl.icd"
KINDS = ("host", "device", "command", "faults")  # executables of tests, the cheapest first
PARTS = (*KINDS, "asan", "oclgrind")
FAILED = re.compile(r"^[^\n]*:[FE]:([^:\n]*:[^:\n]*):", re.M)
UNKNOWN_CPU_S, IDLE_S = 600, 150  # limits: of a suite not known yet, of standing still
# Without debugging information, so that what cannot notice a mutant has the same bytes as before.
CFLAGS = "-O2 -Wno-all -Werror=incompatible-pointer-types -Werror=int-conversion"
ASAN_CFLAGS = "-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined"


def suites_of(kind):
    return re.findall(r"^\w*SUITE\((\w+)\)", (TESTS / kind / "suites.h").read_text(), re.M)


def is_related(path, kind, suite):
    """Whether the suite is called like the file or includes its header."""
    stem, source = pathlib.Path(path).stem, TESTS / kind / f"test_{suite}.c"
    return stem.split("_")[0] in suite or source.exists() and f"/{stem}.h" in source.read_text()


def cpu_seconds(session):
    """Of what is left of a session and of what has ended in it."""
    total = 0
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
        except (OSError, ValueError, IndexError):
            pass  # it has ended
    return total


def end_session(session):
    """Check's tests are process groups of their own."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                os.kill(int(folder.name), signal.SIGKILL)
        except OSError:
            pass  # it has ended


def run(command, environment, limit_s, log, cwd):
    """(exit status, CPU seconds): 1 as soon as Check tells a failure, None for what has used up its CPU time or stands
    still. Everything it started has ended."""
    told = log.with_suffix(".check")
    told.unlink(missing_ok=True)
    limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (int(limit_s) + 1, int(limit_s) + 5))
    with open(log, "w") as output:
        process = subprocess.Popen(command, env={**environment, "CK_LOG_FILE_NAME": str(told)}, cwd=cwd, stdout=output,
                                   stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
                                   preexec_fn=limit)
        used, moved = 0, time.monotonic()
        try:
            while used < limit_s and time.monotonic() < moved + IDLE_S:
                try:
                    return process.wait(timeout=0.5), used
                except subprocess.TimeoutExpired:
                    if told.exists() and FAILED.search(told.read_text(errors="replace")):
                        return 1, used
                now = cpu_seconds(process.pid)
                if now > used + 0.05:
                    used, moved = now, time.monotonic()
            return None, used
        finally:
            end_session(process.pid)
            process.wait()


class Tree:
    """A copy of what is built and run, in which one mutant at a time is tried."""

    def __init__(self, number):
        self.root, self.log = WORK / f"tree{number}", WORK / f"log{number}.txt"
        self.build, self.scratch = self.root / "build", self.root / "scratch"
        if number and not self.root.exists():
            shutil.copytree(WORK / "tree0", self.root, symlinks=True)
        for name in source_files():
            source, target = ROOT / name, self.root / name
            if not target.exists() or source.read_bytes() != target.read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)
        for name, driver in (("pocl", pathlib.Path(POCL).read_text()), ("oclgrind", f"{oclgrind()}\n")):
            (self.root / "icd" / name).mkdir(parents=True, exist_ok=True)
            (self.root / "icd" / name / f"{name}.icd").write_text(driver)
        complaint = self.make("tests")
        if complaint:
            sys.exit(f"the unchanged tree does not compile:\n{complaint}")
        self.forget()
        self.unchanged = self.digests()

    def forget(self):
        """Removes what a mutant may have left in epocl's cache, and what tests that were ended have left."""
        for name in ("cache", "temporary"):
            shutil.rmtree(self.scratch / name, ignore_errors=True)
            (self.scratch / name).mkdir(parents=True)

    def make(self, *targets, flags=(f"CFLAGS={CFLAGS}",)):
        """The compiler's complaint, or ''."""
        done = subprocess.run(["make", "-s", "-j2", *targets, *flags], cwd=self.root, capture_output=True, text=True,
                              env={**os.environ, "NO_SETUP": "1"}, stdin=subprocess.DEVNULL)
        return "" if done.returncode == 0 else done.stderr or "make failed"

    def digests(self):
        """What runs in each part."""
        digest = lambda *names: hashlib.sha256(b"".join((self.build / n).read_bytes() for n in names)).hexdigest()
        program = {kind: ("epocl",) if kind in ("command", "faults") else () for kind in KINDS}
        return {kind: digest(f"tests/{kind}_tests", *program[kind]) for kind in KINDS}

    def environment(self):
        kept = {k: v for k, v in os.environ.items()
                if not k.startswith(("EPOCL_", "OCL_", "POCL_", "OPENCL_", "CK_", "OCLGRIND_"))}
        # What PoCL compiled depends on the source alone, so that all trees share it.
        return {**kept, "OCL_ICD_VENDORS": str(self.root / "icd" / "pocl"), "TMPDIR": str(self.scratch / "temporary"),
                "XDG_CACHE_HOME": str(self.scratch / "cache"), "POCL_CACHE_DIR": str(WORK / "pocl_cache"),
                "FAULTS_SAMPLE": "5", "CK_TIMEOUT_MULTIPLIER": "10"}

    def failure(self, status):
        if status in (0, None):
            return "" if status == 0 else "it hangs"
        told = self.log.with_suffix(".check")
        text = self.log.read_text(errors="replace") + (told.read_text(errors="replace") if told.exists() else "")
        found = FAILED.search(text) or re.search(r"(\w+Sanitizer[^\n]{0,60})", text)
        return found.group(1) if found else f"status {status}"

    def has_build_failure(self):
        text = self.log.read_text(errors="replace") + self.log.with_suffix(".check").read_text(errors="replace")
        return "clBuildProgram" in text and "error:" in text

    def ask(self, suite, limit_s):
        """(what failed, or '', CPU seconds)."""
        part, name = suite.split(":")
        environment, build = self.environment(), self.build
        if part == "oclgrind":
            log = self.scratch / "oclgrind.log"
            log.unlink(missing_ok=True)
            environment.update(OCL_ICD_VENDORS=str(self.root / "icd" / "oclgrind"), OCLGRIND_LOG=str(log),
                               OCLGRIND_CHECK_API="1", OCLGRIND_DATA_RACES="1", OCLGRIND_UNIFORM_WRITES="1",
                               OCLGRIND_UNINITIALIZED="1")
            status, used = run([build / "tests" / "device_tests", "--kernels"], environment, limit_s, self.log, self.root)
            if status == 0 and (log.exists() and log.stat().st_size or "\nOclgrind - " in self.log.read_text()):
                return "Oclgrind's log", used
            return self.failure(status), used
        if part == "asan":
            part, build = name, self.build / "asan"
            complaint = self.make(f"build/asan/tests/{part}_tests", "build/asan/epocl",
                                  flags=("BUILD=build/asan", f"CFLAGS={ASAN_CFLAGS}"))
            if complaint:
                sys.exit(f"AddressSanitizer's build fails:\n{complaint}")
            environment.update(
                ASAN_OPTIONS="allocator_may_return_null=1", UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1",
                LSAN_OPTIONS=f"suppressions={self.root}/tests/lsan.supp:print_suppressions=0")
            name = ""
        status, used = run([build / "tests" / f"{part}_tests", *name.split()], environment, limit_s, self.log, self.root)
        return self.failure(status), used


def oclgrind():
    return next(pathlib.Path("/usr/lib").rglob("oclgrind/liboclgrind-rt-icd.so"), "none")


def source_files():
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            check=True, capture_output=True).stdout.decode().split("\0")
    wanted = ("Makefile", "examples/", "host/", "include/", "kernels/", "scripts/", "tests/")
    return [name for name in listed if name.startswith(wanted) and (ROOT / name).is_file()]


class Store:
    """A JSON object in a file, for several threads."""

    def __init__(self, name):
        self.path, self.lock = WORK / name, threading.Lock()
        self.known = json.loads(self.path.read_text()) if self.path.exists() else {}

    def set(self, key, value):
        with self.lock:
            self.known[key] = value
            temporary = self.path.with_suffix(".tmp")
            temporary.write_text(json.dumps(self.known, indent=1))
            temporary.replace(self.path)


class Trial:
    """Asks the suites about mutants; notes what the unchanged tree passes and takes."""

    def __init__(self, without):
        self.without, self.lock, self.unchanged_lock = without, threading.Lock(), threading.Lock()
        self.results, self.seconds, self.passing = Store("results.json"), Store("seconds.json"), set()
        self.unchanged = Tree(0)

    def suites(self, path, changed_parts):
        """What can notice a change of this file, that which is likely to first; the slow parts last."""
        asked = [(kind, suite) for kind in changed_parts for suite in suites_of(kind)]
        asked.sort(key=lambda one: (one[0] == "faults", not is_related(path, *one), one[0] != "host",
                                    self.seconds.known.get(":".join(one), 0)))
        slow = [f"asan:{kind}" for kind in changed_parts if kind != "faults" and path.startswith("host/")]
        slow += ["oclgrind:"] if "device" in changed_parts and oclgrind() != "none" else []
        return [suite for suite in [":".join(one) for one in asked] + slow if suite.split(":")[0] not in self.without]

    def limit_s(self, suite):
        return 30 + 10 * self.seconds.known[suite] if suite in self.seconds.known else UNKNOWN_CPU_S

    def note_passed(self, suite, used):
        if used > self.seconds.known.get(suite, -1):
            self.seconds.set(suite, used)

    def check_unchanged(self, suite):
        """Ends the program unless the unchanged tree passes a suite that noticed a mutant."""
        with self.unchanged_lock:
            for _ in range(3):
                if suite in self.passing:
                    return
                failure, used = self.unchanged.ask(suite, 2 * UNKNOWN_CPU_S)
                if not failure:
                    self.passing.add(suite)
                    self.note_passed(suite, used)
            if suite not in self.passing:
                print(f"the unchanged tree fails {suite}: {failure}", flush=True)
                os._exit(1)

    def noticed_by(self, tree, mutant, passed):
        """The suite and what failed there; adds to `passed` what did not notice it."""
        changed = [kind for kind, digest in tree.digests().items() if digest != tree.unchanged[kind]]
        if not changed:
            return "", "same program"
        for suite in self.suites(mutant.path, changed):
            if suite in passed:
                continue
            failure, used = tree.ask(suite, self.limit_s(suite))
            if failure and failure != "it hangs" and not suite.startswith("host:"):
                failure, used = tree.ask(suite, self.limit_s(suite))  # a busy machine may disturb it
            if failure and mutant.path.endswith(".cl") and tree.has_build_failure():
                return "", "no mutant"
            if failure:
                self.check_unchanged(suite)
                return suite, failure
            self.note_passed(suite, used)
            passed.append(suite)
        return "", "survived"

    def try_mutant(self, tree, mutant, is_again):
        """Notes and returns what came of it: {"verdict": noticed, survived, same program or no mutant, ...}."""
        known = self.results.known.get(mutant.key, {})
        target, passed = tree.root / mutant.path, [] if is_again else list(known.get("passed", []))
        if known and known["verdict"] != "survived":
            return known
        begin, suite = time.monotonic(), ""
        unchanged = target.read_bytes()
        target.write_text(mutant.text)
        try:
            failure = "no mutant" if tree.make("all", *(f"build/tests/{kind}_tests" for kind in KINDS)) else ""
            if not failure:
                suite, failure = self.noticed_by(tree, mutant, passed)
        finally:
            target.write_bytes(unchanged)
            tree.forget()
        result = {"verdict": "noticed" if suite else failure, "suite": suite, "failure": failure, "passed": passed,
                  "seconds": round(time.monotonic() - begin), "mutant": mutant.describe()}
        self.results.set(mutant.key, result)
        print(f"{result['seconds']:5} s {result['verdict']}: {suite} {failure if suite else ''}\n{mutant.describe()}",
              flush=True)
        return result


def wilson(noticed, count):
    """The share and its 95 % interval (E. B. Wilson, 1927), in per cent."""
    z, share = 1.96, noticed / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return 100 * share, 100 * (middle - half), 100 * (middle + half)


def read_equivalent():
    """What equivalent.txt explains: {(function, old line, new line)}."""
    blocks = re.findall(r"^@ (.*)\n- (.*)\n\+ (.*)\n= .+", (HERE / "equivalent.txt").read_text(), re.M)
    return {tuple(" ".join(part.split()) for part in block) for block in blocks}


def report(tried):
    """Whether nothing survived that is not explained."""
    equivalent, kinds = read_equivalent(), {}
    for mutant, result in tried:
        verdict = result["verdict"]
        if (mutant.function, mutant.old, mutant.new) in equivalent:
            verdict = "equivalent" if verdict != "noticed" else "noticed, but said to be equivalent"
        kinds.setdefault(verdict, []).append(mutant)
    survived, noticed = kinds.get("survived", []), len(kinds.get("noticed", []))
    print("\n" + "\n".join(["Survived:"] + [mutant.describe() for mutant in survived]) if survived else "")
    print(", ".join(f"{len(mutants)} {verdict}" for verdict, mutants in sorted(kinds.items())))
    for part in PARTS:
        count = sum(result["suite"].startswith(f"{part}:") for _, result in tried)
        print(f"first noticed by {part:9} {count:4}")
    if noticed + len(survived):
        print("%d of %d noticed: %.0f %%, with 95 %% confidence %.0f to %.0f %%" %
              (noticed, noticed + len(survived), *wilson(noticed, noticed + len(survived))))
    return not survived


def main():
    parser = argparse.ArgumentParser()
    for name, default in (("--sample", 40), ("--seed", 1), ("--jobs", 1)):
        parser.add_argument(name, type=int, default=default)
    parser.add_argument("--without", default="")
    for name in ("--again", "--list", "--report"):
        parser.add_argument(name, action="store_true")
    parser.add_argument("words", nargs="*")
    given = parser.parse_args()

    WORK.mkdir(parents=True, exist_ok=True)
    paths = [path.relative_to(ROOT) for path in (*(ROOT / "host").rglob("*.c"), *(ROOT / "kernels").rglob("*.cl"))]
    drawn = [m for path in paths for m in mutants_of(str(path), (ROOT / path).read_text())
             if not given.words or any(word in f"{m.path} {m.function} {m.kind}" for word in given.words)]
    drawn.sort(key=lambda m: hashlib.sha256(f"{given.seed} {m.key}".encode()).digest())
    print(f"{len(drawn)} mutants can be made, {given.sample} are wanted", flush=True)
    if given.list:
        print(*(mutant.describe() for mutant in drawn[:given.sample]), sep="\n")
        return 0
    if given.report:
        known, tried = Store("results.json").known, []
        for mutant in drawn:
            if mutant.key in known and sum(r["verdict"] in ("noticed", "survived") for _, r in tried) < given.sample:
                tried.append((mutant, known[mutant.key]))
        return 0 if report(tried) else 1

    trial, trees, waiting, tried = Trial(given.without.split(",")), queue.Queue(), iter(drawn), []
    for number in range(1, given.jobs + 1):
        trees.put(Tree(number))

    def work(tree):
        while True:
            with trial.lock:
                open_count = sum(r is None or r["verdict"] in ("noticed", "survived") for _, r in tried)
                mutant = next(waiting, None) if open_count < given.sample else None
                if not mutant:
                    return
                place = len(tried)
                tried.append((mutant, None))
            result = trial.try_mutant(tree, mutant, given.again)
            with trial.lock:
                tried[place] = (mutant, result)

    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        for done in [pool.submit(work, trees.get()) for _ in range(given.jobs)]:
            done.result()
    return 0 if report(tried) else 1


if __name__ == "__main__":
    sys.exit(main())
