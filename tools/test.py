"""Builds every configuration and runs its tests; called by tools/test."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WARNINGS = ["--werror"]

# name, compiler, meson options, suites (None: all)
CONFIGURATIONS = [
    ("gcc", "gcc", ["--buildtype=release"], None),
    ("clang", "clang", ["--buildtype=release"], ["unit", "strategy"]),
    ("thread", "gcc", ["-Db_sanitize=thread", "-Db_lundef=false"], ["unit", "strategy"]),
    ("address", "gcc", ["-Db_sanitize=address,undefined", "-Db_lundef=false"],
     ["unit", "strategy", "cli"]),
]
EMULATED = "emulated"
ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


class Count:
    def __init__(self):
        self.passed = self.failed = 0
        self.skipped = []

    def add(self, name, ok, skipped=None):
        if skipped is not None:
            self.skipped.append((name, skipped))
        elif ok:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {name}", flush=True)


def quiet(command, **options):
    """Runs a command; its output is shown only if it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", **options)
    if done.returncode:
        print(f"$ {' '.join(command)}\n{done.stdout}", flush=True)
    return done.returncode == 0


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
    count.add("format", quiet(["clang-format", "--dry-run", "--Werror"] + sources(), cwd=TOP))


def check_scripts(count):
    scripts = ["tools/setup", "tools/run", "tools/studies", "tools/test", ".ci/run", "bench/peers/build_rayon"]
    count.add("shellcheck", quiet(["shellcheck"] + scripts, cwd=TOP))


def build(name, compiler, options):
    folder = os.path.join(TOP, "build-test", name)
    environment = dict(os.environ, CC=compiler)
    if not os.path.exists(os.path.join(folder, "build.ninja")):
        shutil.rmtree(folder, ignore_errors=True)
        if not quiet(["meson", "setup", folder, TOP] + WARNINGS + options, env=environment):
            return None
    return folder if quiet(["ninja", "-C", folder]) else None


def skip_reasons(folder):
    """Reasons by the test's name, from the TAP in meson's log and unittest's own words."""
    with open(os.path.join(folder, "meson-logs", "testlog.txt"), encoding="utf-8",
              errors="replace") as log:
        text = log.read()
    return dict(re.findall(r"^ok \d+ - (\S+) # SKIP (.+)$", text, re.M))


def count_cases(count, name, folder, report):
    reasons = skip_reasons(folder)
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            label = f"{name}: {suite.get('name', '').replace('parscope.', '')}/{case.get('name')}"
            if case.find("skipped") is not None:
                test = case.get("name").split(" - ")[-1]
                count.add(label, True, reasons.get(test, "no reason given"))
            else:
                count.add(label, case.find("failure") is None and case.find("error") is None)


def run_tests(count, name, folder, suites):
    command = ["meson", "test", "-C", folder, "--no-rebuild", "--print-errorlogs",
               "--timeout-multiplier", "4"]
    for suite in suites or []:
        command += ["--suite", suite]
    report = os.path.join(folder, "meson-logs", "testlog.junit.xml")
    if os.path.exists(report):
        os.unlink(report)
    ok = quiet(command, env=dict(os.environ, **ENVIRONMENT))
    if not os.path.exists(report):
        count.add(f"{name}: no report of the tests", False)
        return
    failed = count.failed
    count_cases(count, name, folder, report)
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


def run_emulated(count):
    setup = subprocess.run(["tools/setup", EMULATED], cwd=TOP, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True, errors="replace")
    if setup.returncode:
        told = re.findall(r"^tools/setup: (?!installing)(.+)", setup.stdout, re.M)
        count.add(EMULATED, True, told[-1] if told else "tools/setup failed")
        return
    done = subprocess.run(["tests/emulated/run"], cwd=TOP, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace")
    if done.returncode:
        print(done.stdout, flush=True)
    failed = count.failed
    count_tap(count, done.stdout)
    if done.returncode and count.failed == failed:
        count.add(f"{EMULATED}: exit status {done.returncode}", False)


def main():
    names = [c[0] for c in CONFIGURATIONS] + [EMULATED]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("configuration", nargs="*", choices=[[]] + names,
                        help="only these (default: all)")
    chosen = parser.parse_args().configuration
    count = Count()
    if not chosen:
        check_format(count)
        check_scripts(count)
    for name, compiler, options, suites in CONFIGURATIONS:
        if chosen and name not in chosen:
            continue
        print(f"== {name}", flush=True)
        folder = build(name, compiler, options)
        count.add(f"{name}: build without warnings", folder is not None)
        if folder:
            run_tests(count, name, folder, suites)
    if not chosen or EMULATED in chosen:
        print(f"== {EMULATED}", flush=True)
        run_emulated(count)
    for label, reason in count.skipped:
        print(f"skipped {label}: {reason}")
    print(f"{count.passed} passed, {count.failed} failed, {len(count.skipped)} skipped")
    return 1 if count.failed or not count.passed else 0


if __name__ == "__main__":
    sys.exit(main())
