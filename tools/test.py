"""Builds every configuration and runs its tests; called by tools/test.

One configuration is built after the other, and tested after the other, but the next is built while one is tested:
many tests wait, and the longest end alone. Builds are niced, so that they take what tests leave. Beside both,
the guests run, each on one CPU. What judges times of the machine is run at the end, when nothing else is.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WARNINGS = ["--werror"]

# Half of the time that they take to build at -O2 -g; the lines of a stack are still there.
SANITIZED = ["-Db_lundef=false", "-Doptimization=1", "-Dc_args=-g1"]

# The suite that is run alone, of the first configuration; a sanitizer makes times its own.
MEASURING = "measuring"
# name, compiler, meson options, what to run of the suites (none: all)
CONFIGURATIONS = [
    ("gcc", "gcc", ["--buildtype=release"], []),
    ("address", "gcc", ["-Db_sanitize=address,undefined"] + SANITIZED,
     ["--suite", "unit", "--suite", "strategy", "--suite", "cli", "--no-suite", "source"]),
    # None of its tests runs ranks.
    ("thread", "gcc", ["-Db_sanitize=thread", "-Dmpi=disabled"] + SANITIZED,
     ["--suite", "unit", "--suite", "strategy", "--no-suite", "one-thread"]),
    ("clang", "clang", ["--buildtype=release"], ["--suite", "unit", "--suite", "strategy", "--no-suite", MEASURING]),
]
# Links in half of the time; the first configuration has the linker that users have.
LINKER = {"CC_LD": "gold"} if shutil.which("ld.gold") else {}
EMULATED = "emulated"
PROCESSES = len(os.sched_getaffinity(0)) + 1  # as many tests wait
# What is not in the cache is then not run through the preprocessor first, which takes half as long as to compile it;
# and what another clone compiled is taken, though its debug information names that one's folder.
CCACHE = {"CCACHE_DEPEND": "1", "CCACHE_NOHASHDIR": "1"}
ENVIRONMENT = {
    # Few callers of each allocation: to keep thirty takes a tenth of the time of tests that start many programs.
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:malloc_context_size=3",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


class Count:
    """Of one configuration; what there is to say of it is kept until it has been tested."""

    def __init__(self, name):
        self.name = name
        self.passed = self.failed = 0
        self.skipped = []
        self.lines = []

    def add(self, name, ok, skipped=None):
        if skipped is not None:
            self.skipped.append((name, skipped))
        elif ok:
            self.passed += 1
        else:
            self.failed += 1
            self.lines.append(f"FAILED {name}")

    def quiet(self, command, **options):
        """Runs a command; its output is shown only if it fails."""
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", **options)
        if done.returncode:
            self.lines.append(f"$ {' '.join(command)}\n{done.stdout}")
        return done.returncode == 0

    def show(self):
        print("\n".join([f"== {self.name}"] + self.lines), flush=True)


def sources():
    listed = subprocess.run(["git", "ls-files", "*.c", "*.h"], cwd=TOP, text=True,
                            stdout=subprocess.PIPE, check=True)
    return listed.stdout.split()


def check_format(count):
    version = subprocess.run(["clang-format", "--version"], text=True, stdout=subprocess.PIPE)
    if "version 14." not in version.stdout:
        count.add("format", True, "clang-format 14 sets the format; here is "
                  + version.stdout.strip())
        return
    count.add("format", count.quiet(["clang-format", "--dry-run", "--Werror"] + sources(), cwd=TOP))


def check_scripts(count):
    scripts = ["tools/setup", "tools/run", "tools/studies", "tools/test", ".ci/run", "bench/peers/build_rayon"]
    count.add("shellcheck", count.quiet(["shellcheck"] + scripts, cwd=TOP))


def check_sources(count):
    check_format(count)
    check_scripts(count)


def build(count, compiler, options):
    """The folder, or None."""
    name = count.name
    folder = os.path.join(TOP, "build-test", name)
    environment = dict(os.environ, CC=f"ccache {compiler}" if shutil.which("ccache") else compiler, **CCACHE,
                       **({} if name == CONFIGURATIONS[0][0] else LINKER))
    if not os.path.exists(os.path.join(folder, "build.ninja")):
        shutil.rmtree(folder, ignore_errors=True)
        if not count.quiet(["nice", "meson", "setup", folder, TOP] + WARNINGS + options, env=environment):
            count.add(f"{name}: meson setup", False)
            return None
    ok = count.quiet(["nice", "ninja", "-C", folder], env=environment)
    count.add(f"{name}: build without warnings", ok)
    return folder if ok else None


def skip_reasons(log):
    """Reasons by the test's name, from the TAP in meson's log and unittest's own words."""
    with open(log, encoding="utf-8", errors="replace") as log:
        text = log.read()
    return dict(re.findall(r"^ok \d+ - (\S+) # SKIP (.+)$", text, re.M))


def count_cases(count, report):
    name, reasons = count.name, skip_reasons(report.replace(".junit.xml", ".txt"))
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            label = f"{name}: {suite.get('name', '').replace('parscope.', '')}/{case.get('name')}"
            if case.find("skipped") is not None:
                test = case.get("name").split(" - ")[-1]
                count.add(label, True, reasons.get(test, "no reason given"))
            else:
                count.add(label, case.find("failure") is None and case.find("error") is None)


def run_tests(count, built, suites, processes=PROCESSES, logs="testlog"):
    folder = built.result()
    if not folder:
        return
    name = count.name
    command = ["meson", "test", "-C", folder, "--no-rebuild", "--print-errorlogs",
               "--timeout-multiplier", "4", "--logbase", logs, "--num-processes", str(processes)] + suites
    report = os.path.join(folder, "meson-logs", f"{logs}.junit.xml")
    if os.path.exists(report):
        os.unlink(report)
    ok = count.quiet(command, env=dict(os.environ, **ENVIRONMENT))
    if not os.path.exists(report):
        count.add(f"{name}: no report of the tests", False)
        return
    failed = count.failed
    count_cases(count, report)
    if not ok and count.failed == failed:
        count.add(f"{name}: meson test", False)


def count_tap(count, text):
    """Counts the lines of TAP in the output of tests/emulated/run; without its plan it was cut short."""
    lines = re.findall(r"^(ok|not ok) \d+ - (.+?)(?: # SKIP (.+))?$", text, re.M)
    plans = re.findall(r"^1\.\.(\d+)$", text, re.M)
    for verdict, name, skip in lines:
        count.add(f"{EMULATED}: {name}", verdict == "ok", skip or None)
    if sum(map(int, plans)) != len(lines) or not plans:
        count.add(f"{EMULATED}: all tests", False)


def run_emulated(count, built):
    """built: what this machine's own guest runs; None: it builds that itself."""
    setup = subprocess.run(["tools/setup", EMULATED], cwd=TOP, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True, errors="replace")
    if setup.returncode:
        told = re.findall(r"^tools/setup: (?!installing)(.+)", setup.stdout, re.M)
        count.add(EMULATED, True, told[-1] if told else "tools/setup failed")
        return
    command = ["tests/emulated/run"]
    if built and built.result():
        command += ["--parscope", os.path.join(built.result(), "src", "cli", "parscope")]
    done = subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace")
    if done.returncode:
        count.lines.append(done.stdout)
    failed = count.failed
    count_tap(count, done.stdout)
    if done.returncode and count.failed == failed:
        count.add(f"{EMULATED}: exit status {done.returncode}", False)


def run_all(chosen):
    """Counts of the configurations, in the order in which they are shown."""
    builds, tests, beside = (ThreadPoolExecutor(1) for _ in range(3))
    built, jobs = {}, []

    def begin(pool, count, function, *arguments):
        jobs.append((count, pool.submit(function, count, *arguments)))

    if not chosen:
        begin(beside, Count("sources"), check_sources)
    for name, compiler, options, suites in CONFIGURATIONS:
        if not chosen or name in chosen:
            count = Count(name)
            built[name] = builds.submit(build, count, compiler, options)
            begin(tests, count, run_tests, built[name], suites or ["--no-suite", MEASURING])
    if not chosen or EMULATED in chosen:
        begin(beside, Count(EMULATED), run_emulated, built.get("gcc"))
    for count, done in jobs:
        done.result()
        count.show()
    counts = [count for count, _ in jobs]
    if "gcc" in built:
        counts.append(Count("gcc, alone"))
        run_tests(counts[-1], built["gcc"], ["--suite", MEASURING], 1, MEASURING)
        counts[-1].show()
    return counts


def main():
    names = [c[0] for c in CONFIGURATIONS] + [EMULATED]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("configuration", nargs="*", choices=[[]] + names,
                        help="only these (default: all)")
    chosen = parser.parse_args().configuration
    counts = run_all(chosen)
    for label, reason in (skip for count in counts for skip in count.skipped):
        print(f"skipped {label}: {reason}")
    passed, failed, skipped = (sum(numbers) for numbers in zip(*(
        (count.passed, count.failed, len(count.skipped)) for count in counts)))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
