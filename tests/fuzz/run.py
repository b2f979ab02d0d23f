"""Builds the fuzz targets with clang and runs each for a bounded number of inputs; prints TAP.

usage: run.py FOLDER [--seconds N] [--seed N] [TARGET...]

FOLDER is where they are built. Without --seconds the inputs are the corpus in the repository and a fixed
number made from it with a fixed seed. With it each target runs that long, new inputs that reach
something new are kept in FOLDER/corpus/TARGET, and the seed is chosen by the fuzzer."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
MOST_SECONDS = 60  # of a run with a fixed number of inputs, where the machine is slow

# name: inputs that take about ten seconds, bytes of the longest
TARGETS = {
    "calls": (20000, 2000),
    "check": (25000, 600),
    "events": (4000, 300),
    "fake": (2500, 2000),
    "perf_map": (100000, 400),
    "rank_sweep": (4000, 8192),
    "ranks": (2000, 6000),
    "result": (12000, 16384),
    "spec": (40000, 300),
    "words": (300000, 400),
}
ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}


def why_not():
    """Why nothing can be fuzzed here; None where it can."""
    if not shutil.which("clang"):
        return "clang is not installed"
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "program.c")
        with open(program, "w", encoding="ascii") as f:
            f.write("#include <stddef.h>\n"
                    "int LLVMFuzzerTestOneInput(const char *d, size_t n) { return d && n > 9 ? 0 : 0; }\n")
        tried = subprocess.run(["clang", "-fsanitize=fuzzer,address,undefined", "-o",
                                os.path.join(folder, "program"), program],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return "clang has no libFuzzer here (libclang-rt-dev)" if tried.returncode else None


def build(folder):
    """The output where it failed, else None."""
    options = ["-Dfuzz=true", "-Dopenmp=disabled", "-Dlibuv=disabled", "-Dblas=disabled",
               "-Db_lundef=false", "-Db_sanitize=address,undefined", "-Dbuildtype=debugoptimized", "-Doptimization=1",
               "-Dc_args=-g1 -fsanitize=fuzzer-no-link -fno-sanitize-recover=all"]
    commands = [["ninja", "-C", folder, "fuzz-targets"]]
    if not os.path.exists(os.path.join(folder, "build.ninja")):
        commands.insert(0, ["meson", "setup", folder, TOP] + options)
    compiler = "ccache clang" if shutil.which("ccache") else "clang"
    for command in commands:
        done = subprocess.run(command, env=dict(os.environ, CC=compiler, CCACHE_DEPEND="1", CCACHE_NOHASHDIR="1"),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
        if done.returncode:
            return f"$ {' '.join(command)}\n{done.stdout}"
    return None


def command_of(folder, name, options):
    runs, longest = TARGETS[name]
    artifacts = os.path.join(folder, "found", name)
    kept = os.path.join(folder, "corpus", name)
    words = [os.path.join(folder, "tests", "fuzz", f"fuzz_{name}"), f"-max_len={longest}",
             "-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1",
             f"-artifact_prefix={artifacts}/"]
    dictionary = os.path.join(HERE, f"{name}.dict")
    if os.path.exists(dictionary):
        words.append(f"-dict={dictionary}")
    os.makedirs(artifacts, exist_ok=True)
    if options.seconds:
        os.makedirs(kept, exist_ok=True)
        words += [f"-max_total_time={options.seconds}", kept]
        if options.seed:
            words.insert(1, f"-seed={options.seed}")
    else:
        words += [f"-runs={runs}", f"-max_total_time={MOST_SECONDS}", f"-seed={options.seed or 1}"]
    return words + [os.path.join(HERE, "corpus", name)]


def fuzz(folder, name, options):
    """(ok, lines that tell)."""
    command = command_of(folder, name, options)
    if not options.seconds:  # the corpus in the repository stays as it is
        scratch = tempfile.mkdtemp()
        command.insert(-1, scratch)
    done = subprocess.run(command, env=dict(os.environ, **ENVIRONMENT), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    if not options.seconds:
        shutil.rmtree(scratch)
    executed = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stdout)
    covered = re.findall(r"cov: (\d+)", done.stdout)
    told = [f"{executed[1] if executed else '?'} inputs, {covered[-1] if covered else '?'} edges covered"]
    if done.returncode:
        told += [" ".join(command)] + done.stdout.splitlines()[-80:]
    return done.returncode == 0, told


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--seconds", type=int, help="for each target, instead of a fixed number of inputs")
    parser.add_argument("--seed", type=int)
    parser.add_argument("target", nargs="*", choices=[[]] + sorted(TARGETS))
    options = parser.parse_intermixed_args()
    names = options.target or sorted(TARGETS)
    reason = why_not()
    if reason:
        print(f"1..1\nok 1 - fuzz # SKIP {reason}")
        return 0
    print(f"1..{1 + len(names)}", flush=True)
    failed = build(options.folder)
    print(f"{'not ok' if failed else 'ok'} 1 - build", flush=True)
    for line in (failed or "").splitlines():
        print(f"# {line}")
    for number, name in enumerate(names, 2):
        ok, told = (False, ["not built"]) if failed else fuzz(options.folder, name, options)
        for line in told:
            print(f"# {name}: {line}")
        print(f"{'ok' if ok else 'not ok'} {number} - {name}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
