#!/usr/bin/env python3
"""Breaks the code in small ways, one at a time, and counts what the tests notice.

Usage: tests/mutants/run.py [--check] [--fresh] [--report] [--jobs N] [--groups N] [WORD ...]
  --check   only see that every mutant fits the code as it is now
  --fresh   forget the results so far
  --report  print the results so far and try nothing
  --jobs N  that many mutants at a time, each in a copy of the tree of its own (1)
  --groups N  only the first N groups of suites that can notice a mutant; a later run goes on with the other groups
  WORD      only mutants whose file or title contains one of these

The mutants are kernels.txt and host.txt beside this file, whose format README.md describes. Results are kept in
build/mutants/results.json and hold as long as the mutant and its file stay as they are; what survived is tried again.
Exit status 1 if the unchanged tree fails, a mutant does not fit, or less than 95 % of them were caught.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "build" / "mutants"
LISTS = ("kernels.txt", "host.txt")
WANTED_PERCENT = 95
FAILED = re.compile(r"^[^\n]*:[FE]:([^:\n]*:[^:\n]*):", re.M)
FIRST_LIMIT_S = 600  # of a suite that has not passed yet
POCL = "/etc/OpenCL/vendors/pocl.icd"

# Kernel files that the host compiles as well.
SHARED_WITH_HOST = {"kernels/random.cl", "kernels/functions.cl", "kernels/state.cl"}

# A suite is written as its executable and its name in there. "oclgrind" is the kernel suites on Oclgrind.
def suites_of(kind, macro="SUITE"):
    text = (ROOT / "tests" / kind / "suites.h").read_text()
    return [f"{kind}:{name}" for name in re.findall(rf"^{macro}\((\w+)\)", text, re.M)]


HOST, KERNELS, DEVICE, COMMAND = (suites_of("host"), suites_of("device", "KERNEL_SUITE"), suites_of("device"),
                                  suites_of("command"))
FAULTS = suites_of("faults")
# What a busy machine may disturb is asked twice before it counts.
TIMED = {*DEVICE, *COMMAND, *FAULTS}
ADDRESS = ["asan/host:*", "asan/device:*", "asan/command:*"]


def suites_for(path):
    """The groups of suites that can notice a change of this file, those most likely to first."""
    if path.startswith("kernels/"):
        host = [s for s in HOST if s.endswith(("random", "network"))] if path in SHARED_WITH_HOST else []
        return [host + KERNELS, DEVICE, COMMAND, ["oclgrind"]]
    if path.startswith("host/command/"):
        return [COMMAND, FAULTS, ADDRESS[2:]]
    if path.startswith("host/training/"):
        return [DEVICE, HOST, COMMAND, KERNELS, ["oclgrind"], ADDRESS[1:]]
    if path.startswith(("host/plan/", "host/operations/", "host/device/")):
        return [KERNELS, DEVICE, COMMAND, ["oclgrind"], ADDRESS[1:]]
    return [HOST, COMMAND, KERNELS, DEVICE, FAULTS, ADDRESS]


def in_order(path, groups, seconds):
    """suites_for(), and in each group first the suite named like the file, then the cheapest."""
    stem = pathlib.Path(path).stem
    for group in groups:
        yield from sorted(group, key=lambda suite: (stem not in suite, seconds.get(suite, 0)))


class Mutant:
    def __init__(self, path, title):
        self.path, self.title, self.old, self.new, self.equivalent = path, title, [], [], None

    @property
    def key(self):
        text = "\n".join([self.path, *self.old, "=>", *self.new, (ROOT / self.path).read_text()])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def apply(self, text):
        old, new = "\n".join(self.old), "\n".join(self.new)
        count = text.count(old)
        if not self.old or count != 1:
            raise ValueError(f"{self.path}: {self.title}: its text is there {count} times, not once")
        return text.replace(old, new)


def read_mutants():
    mutants = []
    for name in LISTS:
        for number, line in enumerate((HERE / name).read_text().splitlines(), 1):
            mark, text = line[:1], line[2:]
            if mark in ("", "#"):
                continue
            if mark == "@":
                path, title = text.split(": ", 1)
                mutants.append(Mutant(path, title))
            elif mark == "-":
                mutants[-1].old.append(text)
            elif mark == "+":
                mutants[-1].new.append(text)
            elif mark == "=":
                mutants[-1].equivalent = text
            else:
                sys.exit(f"{name}:{number}: a line starts with @, -, +, = or #")
    titles = [(m.path, m.title) for m in mutants]
    for twice in {t for t in titles if titles.count(t) > 1}:
        sys.exit(f"two mutants are called {': '.join(twice)}")
    return mutants


def end_session(session):
    """Ends what is left of a session: Check's tests are process groups of their own."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                os.kill(int(folder.name), signal.SIGKILL)
        except OSError:
            pass  # it has ended


def run(command, environment, limit_s, log):
    """The exit status, 1 as soon as Check tells a failure, or None when the limit ran out; everything it started has
    ended."""
    told = log.with_suffix(".check")
    told.unlink(missing_ok=True)
    environment = {**environment, "CK_LOG_FILE_NAME": str(told)}
    with open(log, "w") as output:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT, cwd=ROOT, start_new_session=True)
        try:
            end = time.monotonic() + limit_s
            while time.monotonic() < end:
                try:
                    return process.wait(timeout=0.5)
                except subprocess.TimeoutExpired:
                    if told.exists() and FAILED.search(told.read_text(errors="replace")):
                        return 1
            return None
        finally:
            end_session(process.pid)
            process.wait()


class Tree:
    """A copy of what git knows, built, in which one mutant at a time is tried."""

    def __init__(self, number):
        self.root = WORK / f"tree{number}"
        if number > 0 and not self.root.exists():
            shutil.copytree(WORK / "tree0", self.root, symlinks=True)
        self.build = self.root / "build"
        self.log = WORK / f"log{number}.txt"
        self.copy()
        self.icd = self.root / "icd"
        self.icd.mkdir(exist_ok=True)
        shutil.copy(POCL, self.icd)
        self.forget()

    def forget(self):
        """Removes what a mutant may have left in epocl's cache, and what tests that were ended have left."""
        for name in ("cache", "temporary"):
            shutil.rmtree(self.root / "scratch" / name, ignore_errors=True)
            (self.root / "scratch" / name).mkdir(parents=True)

    def copy(self):
        """Only what differs is written, so that make builds no more than it must."""
        for name in source_files():
            source, target = ROOT / name, self.root / name
            if not target.exists() or source.read_bytes() != target.read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)

    def make(self, asan=False):
        """The compiler's complaint, or ''."""
        arguments = ["make", "-s", "-j1", "tests"]
        if asan:
            arguments += ["BUILD=build/asan", "CFLAGS=-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined "
                          "-fno-sanitize-recover=undefined"]
        done = subprocess.run(arguments, cwd=self.root, capture_output=True, text=True,
                              env={**os.environ, "NO_SETUP": "1"}, stdin=subprocess.DEVNULL)
        return "" if done.returncode == 0 else done.stderr or "make failed"

    def environment(self):
        kept = {k: v for k, v in os.environ.items()
                if not k.startswith(("EPOCL_", "OCL_", "POCL_", "OPENCL_", "CK_", "OCLGRIND_"))}
        # What PoCL compiled depends on the source alone, so that all trees share it.
        return {**kept, "OCL_ICD_VENDORS": str(self.icd), "XDG_CACHE_HOME": str(self.root / "scratch" / "cache"),
                "POCL_CACHE_DIR": str(WORK / "pocl_cache"), "TMPDIR": str(self.root / "scratch" / "temporary"),
                "FAULTS_SAMPLE": "5"}

    def oclgrind(self, environment, limit_s):
        driver = next(pathlib.Path("/usr/lib").rglob("oclgrind/liboclgrind-rt-icd.so"))
        folder, log = self.root / "icd_oclgrind", self.root / "scratch" / "oclgrind.log"
        folder.mkdir(exist_ok=True)
        (folder / "oclgrind.icd").write_text(f"{driver}\n")
        log.unlink(missing_ok=True)
        environment = {**environment, "OCL_ICD_VENDORS": str(folder), "OCLGRIND_LOG": str(log),
                       "OCLGRIND_CHECK_API": "1", "OCLGRIND_DATA_RACES": "1", "OCLGRIND_UNIFORM_WRITES": "1",
                       "OCLGRIND_UNINITIALIZED": "1"}
        status = run([self.build / "tests" / "device_tests", "--kernels"], environment, limit_s, self.log)
        if status == 0 and log.exists() and log.stat().st_size:
            return "its log: " + log.read_text(errors="replace").strip().splitlines()[0].strip()
        if status == 0 and re.search(r"^Oclgrind - ", self.log.read_text(errors="replace"), re.M):
            return "wrong use of OpenCL"
        return self.verdict(status)

    def verdict(self, status):
        """'' for a pass, else what failed first."""
        if status == 0:
            return ""
        if status is None:
            return "it hangs"
        told = self.log.with_suffix(".check")
        text = self.log.read_text(errors="replace") + (told.read_text(errors="replace") if told.exists() else "")
        if "clBuildProgram" in text and "error:" in text:
            return "does not compile"
        failed = FAILED.search(text)
        if failed:
            return failed.group(1)
        if "Sanitizer" in text:
            return re.search(r"(\w+Sanitizer[^\n]{0,60})", text).group(1)
        return f"status {status}"

    def try_suite(self, suite, limit_s):
        environment = self.environment()
        if suite == "oclgrind":
            return self.oclgrind(environment, limit_s)
        kind, name = suite.split(":")
        build = self.build
        if kind.startswith("asan/"):
            complaint = self.make(asan=True)
            if complaint:
                return "does not compile"
            kind, build = kind[5:], self.build / "asan"
            environment.update(
                ASAN_OPTIONS="allocator_may_return_null=1", UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1",
                LSAN_OPTIONS=f"suppressions={self.root}/tests/lsan.supp:print_suppressions=0",
                CK_TIMEOUT_MULTIPLIER="10")
        arguments = [] if name == "*" else [name]
        return self.verdict(run([build / "tests" / f"{kind}_tests", *arguments], environment, limit_s, self.log))

    def try_mutant(self, mutant, groups, baseline):
        """Where it was caught and by what; ('', '') when it was not."""
        changed = mutant.apply((ROOT / mutant.path).read_text())
        target = self.root / mutant.path
        target.write_text(changed)
        try:
            complaint = self.make()
            if complaint:
                return "compiler", "does not compile: " + complaint.strip().splitlines()[0]
            for suite in in_order(mutant.path, groups, baseline.seconds):
                begin = time.monotonic()
                failure = self.try_suite(suite, baseline.limit_s(suite))
                if not failure:
                    baseline.passed(suite, time.monotonic() - begin)
                if failure and suite in TIMED and failure != "it hangs":
                    failure = self.try_suite(suite, baseline.limit_s(suite))
                if failure:
                    baseline.expect_pass(suite)
                    return suite, failure
            return "", ""
        finally:
            self.forget()
            shutil.copy(ROOT / mutant.path, target)


def source_files():
    """What is built and run, without the mutants and the documents."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            check=True, capture_output=True).stdout.decode().split("\0")
    wanted = ("Makefile", "examples/", "host/", "include/", "kernels/", "scripts/", "tests/")
    return [name for name in listed if name.startswith(wanted) and not name.startswith("tests/mutants/")
            and (ROOT / name).is_file()]


class Baseline:
    """What the unchanged tree, `tree`, was seen to pass: asked when a suite has noticed a mutant. And how long a suite
    takes that passes. Both are forgotten when a source changes."""

    def __init__(self, tree):
        self.tree, self.path, self.lock = tree, WORK / "baseline.json", threading.Lock()
        digest = hashlib.sha256()
        for name in source_files():
            digest.update(name.encode() + b"\0" + (ROOT / name).read_bytes())
        self.sources = digest.hexdigest()
        known = json.loads(self.path.read_text()) if self.path.exists() else {}
        is_same = known.get("sources") == self.sources
        self.seconds = known["seconds"] if is_same else {}
        self.passing = set(known["passing"]) if is_same else set()
        complaint = tree.make()
        if complaint:
            sys.exit(f"the unchanged tree does not compile:\n{complaint}")

    def limit_s(self, suite):
        return 60 + 5 * self.seconds[suite] if suite in self.seconds else FIRST_LIMIT_S

    def passed(self, suite, seconds):
        with self.lock:
            self.seconds[suite] = max(seconds, self.seconds.get(suite, 0))
            self.save()

    def expect_pass(self, suite):
        """Ends the program unless the unchanged tree passes."""
        with self.lock:
            for _ in range(3 if suite in TIMED else 1):
                if suite in self.passing:
                    break
                begin = time.monotonic()
                failure = self.tree.try_suite(suite, FIRST_LIMIT_S)
                if not failure:
                    self.passing.add(suite)
                    self.seconds[suite] = max(time.monotonic() - begin, self.seconds.get(suite, 0))
            if suite not in self.passing:
                sys.exit(f"the unchanged tree fails {suite}: {failure}")
            self.save()

    def save(self):
        self.path.write_text(json.dumps({"sources": self.sources, "seconds": self.seconds,
                                         "passing": sorted(self.passing)}, indent=1))


class Results:
    def __init__(self, fresh):
        self.path, self.lock = WORK / "results.json", threading.Lock()
        self.known = {} if fresh or not self.path.exists() else json.loads(self.path.read_text())

    def add(self, mutant, suite, failure, seconds, asked_groups):
        """`asked_groups`: so many groups did not notice it so far; 0 when it was caught or has survived all of them."""
        with self.lock:
            verdict = suite or ("not noticed yet" if asked_groups else "SURVIVED")
            print(f"{verdict:18} {mutant.path}: {mutant.title}  [{failure}]", flush=True)
            self.known[mutant.key] = {"path": mutant.path, "title": mutant.title, "suite": suite, "failure": failure,
                                      "seconds": round(seconds, 1), "asked_groups": asked_groups}
            temporary = self.path.with_suffix(".tmp")
            temporary.write_text(json.dumps(self.known, indent=1))
            temporary.replace(self.path)


def report(mutants, results):
    counts = {"caught": 0, "equivalent": 0, "survived": 0, "wrong": 0, "untried": 0}
    print(f"\n{'file':34} {'mutant':52} caught by")
    for mutant in mutants:
        result = results.known.get(mutant.key)
        if mutant.equivalent:
            kind, text = "equivalent", "equivalent: " + mutant.equivalent
            if result and result["suite"]:
                kind, text = "wrong", f"said to be equivalent, but {result['suite']} notices it"
        elif not result or result.get("asked_groups"):
            kind, text = "untried", "-"
        elif result["suite"] == "compiler" or result["failure"].startswith("does not compile"):
            kind, text = "wrong", result["failure"]
        elif result["suite"]:
            kind, text = "caught", f"{result['suite']}: {result['failure']}"
        else:
            kind, text = "survived", "SURVIVED"
        counts[kind] += 1
        print(f"{mutant.path:34} {mutant.title:52} {text}")
    tried = counts["caught"] + counts["survived"]
    percent = 100 * counts["caught"] / tried if tried else 0
    print(f"\n{len(mutants)} mutants: {counts['caught']} caught, {counts['survived']} survived, "
          f"{counts['equivalent']} equivalent, {counts['wrong']} wrong, {counts['untried']} not tried: "
          f"{percent:.1f} % caught")
    return percent >= WANTED_PERCENT and counts["wrong"] == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--groups", type=int, default=99)
    parser.add_argument("words", nargs="*")
    given = parser.parse_args()
    mutants = [m for m in read_mutants()
               if not given.words or any(w in f"{m.path}: {m.title}" for w in given.words)]
    unfit = []
    for mutant in mutants:
        try:
            mutant.apply((ROOT / mutant.path).read_text())
        except (ValueError, OSError) as problem:
            unfit.append(str(problem))
    print(*unfit, f"{len(mutants)} mutants, {len(unfit)} of which do not fit the code", sep="\n")
    if unfit:
        return 1
    if given.check:
        return 0
    WORK.mkdir(parents=True, exist_ok=True)
    results = Results(given.fresh)
    if given.report:
        return 0 if report(mutants, results) else 1
    # In an order that is as good as random, so that a run that was cut short has tried a fair part; at the end those
    # that nobody should notice.
    waiting = sorted((m for m in mutants if not results.known.get(m.key, {}).get("suite")),
                     key=lambda m: (m.equivalent is not None, m.key))
    baseline = Baseline(Tree(0))
    trees = queue.Queue()
    for number in range(1, min(given.jobs, len(waiting)) + 1):
        trees.put(Tree(number))

    def try_one(mutant):
        tree = trees.get()
        try:
            begin = time.monotonic()
            asked = results.known.get(mutant.key, {}).get("asked_groups", 0)
            groups = suites_for(mutant.path)
            suite, failure = tree.try_mutant(mutant, groups[asked:given.groups], baseline)
            is_open = not suite and given.groups < len(groups)
            results.add(mutant, suite, failure, time.monotonic() - begin, given.groups if is_open else 0)
        finally:
            trees.put(tree)

    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        try:
            for done in concurrent.futures.as_completed([pool.submit(try_one, m) for m in waiting]):
                done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return 0 if report(mutants, results) else 1


if __name__ == "__main__":
    sys.exit(main())
