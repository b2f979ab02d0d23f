#!/usr/bin/python3
"""What parscope costs by itself: planning, analysing, writing and reading, by scripted samples, and a short run.

usage: bench/own_time.py BUILD [--against PROGRAM] [--rounds N] [CASE...]

Each round runs every case once, with another parscope in alternation where --against names one, as of a build of
before. Printed are medians of wall time, CPU time, memory and what was written; with --against ratios to the other.
BUILD is a release build: ninja -C BUILD src/cli/parscope bench/plain_reduce
"""

import argparse
import os
import random
import statistics
import subprocess
import tempfile
import time

from needs import need

# Values of a script that long runs have.
VALUES = 200
PARSCOPE = "src/cli/parscope"
RUN = ["run", "reduce:size=1M", "-s", "pool", "-t", "2", "-r", "1"]
ROUNDS = {"points": 10, "long": 2000}
CASES = {
    "100 points, 10 rounds": ("points", ["run", "reduce:size=1000..34000..+1000"]),
    "300 points, 10 rounds": ("points", ["run", "reduce:size=1000..100000..+1000"]),
    "1,000 points, 10 rounds": ("points", ["run", "reduce:size=1000..334000..+1000"]),
    "3,000 points, 10 rounds": ("points", ["run", "reduce:size=1000..1000000..+1000"]),
    "64 points, 2,000 rounds": ("long", ["sweep", "reduce", "-s", "steal", "-t", "1..63"]),
    "report of the last": ("report", ["report"]),
    "run -r 1 of 1 ms": ("real", RUN),
}
# What bounds the last from below, in the same alternation: its parts, each as a program of its own.
PARTS = {
    "loading, by list": (PARSCOPE, ["list"]),
    "loading, reading the machine and planning, by --dry-run": (PARSCOPE, [*RUN, "--dry-run"]),
    "the data and five executions of each point, by hand": ("bench/plain_reduce", ["1000000", "5"]),
    "starting a process": ("/bin/true", []),
}


def script():
    """Samples with as many digits as a clock gives, of a serial tenth."""
    rng, lines = random.Random(1), []

    def line(metric, strategy, threads, middle):
        values = " ".join(f"{middle * rng.lognormvariate(0, 0.02):.9f}" for _ in range(VALUES))
        lines.append(f"{metric} * {strategy} {threads} {values}")

    line("wall_time", "sequential", "*", 1)
    for threads in ("*", 1, 2, 4, 8, 16, 32):
        p = 48 if threads == "*" else threads
        for metric, middle in {"wall_time": 0.9 / p + 0.1, "cpu_time": 1, "busy_time": 0.95, "max_busy_time": 0.92 / p,
                               "region_time": 0.93 / p}.items():
            line(metric, "*", threads, middle)
    for metric, value in {"cycles": 25e8, "instructions": 5e9, "frequency": 25e8}.items():
        lines.append(f"{metric} * * * " + " ".join(f"{value * rng.lognormvariate(0, 0.02):.0f}" for _ in range(VALUES)))
    lines += ["spin_time * * * 0 0.01 0.02"]
    lines += [f"{metric} * * * 0 1 2" for metric in ("context_switches", "migrations", "page_faults")]
    return "\n".join(lines) + "\n"


class Program:
    def __init__(self, path, folder, name):
        self.path, self.file, self.script = os.path.abspath(path), f"{folder}/{name}.json", f"{folder}/script.fake"
        self.seen = {}

    def command(self, kind, words):
        if kind == "report":
            return [self.path, *words, self.file]
        if kind == "real":
            return [self.path, *words]
        more = ["-s", "pool,steal", "-t", "2"] if kind == "points" else []
        return [self.path, *words, *more, "-r", str(ROUNDS[kind]), "-q", "-o", self.file]

    def run(self, case):
        kind, words = CASES[case]
        scripted = {} if kind == "real" else {"PARSCOPE_FAKE": self.script, "HWLOC_SYNTHETIC": "core:64 pu:1"}
        begin = time.monotonic()
        process = subprocess.Popen(self.command(kind, words), env={**os.environ, **scripted}, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        took = time.monotonic() - begin
        assert process.returncode == 0, process.args
        size = os.path.getsize(self.file) / 1e6 if kind == "long" else 0
        self.seen.setdefault(case, []).append((took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3, size))

    def median(self, case, figure):
        return statistics.median(row[figure] for row in self.seen[case])


def tell(case, programs):
    texts = []
    for figure, text in enumerate(("{:.3f} s", "{:.3f} s CPU", "{:.0f} MB", "{:.0f} MB of JSON")):
        values = [p.median(case, figure) for p in programs]
        if not values[0]:
            continue
        ratio = f" ({values[0] / values[1]:.2f} ×)" if len(values) > 1 else ""
        texts.append(text.format(values[0]) + ratio)
    print(f"{case:26}", ", ".join(texts), flush=True)


def seconds(command):
    begin = time.monotonic()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - begin


def tell_parts(build, whole, rounds):
    """Each part beside the whole within a round: their sum is no bound, as each one loads by itself."""
    commands = {name: [os.path.join(build, path), *words] for name, (path, words) in PARTS.items()}
    seen = [{name: seconds(command) for name, command in {**commands, "": whole}.items()} for _ in range(rounds)]
    print(f"  whole: {statistics.median(row[''] for row in seen) * 1e3:.1f} ms")
    for name in commands:
        ratio = statistics.median(row[name] / row[""] for row in seen)
        print(f"  {name}: {statistics.median(row[name] for row in seen) * 1e3:.1f} ms, {ratio:.2f} of it", flush=True)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n\n")[0])
    parser.add_argument("build")
    parser.add_argument("--against")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="beginnings of names")
    options = parser.parse_intermixed_args()
    need(options.build, PARSCOPE, "bench/plain_reduce")
    paths = [os.path.join(options.build, PARSCOPE), *([options.against] if options.against else [])]
    cases = [case for case in CASES if not options.cases or case.startswith(tuple(options.cases))]
    with tempfile.TemporaryDirectory() as folder:
        programs = [Program(path, folder, str(i)) for i, path in enumerate(paths)]
        with open(f"{folder}/script.fake", "w", encoding="ascii") as file:
            file.write(script())
        for case in cases:
            for turn in range(options.rounds):
                for program in programs if turn % 2 else programs[::-1]:
                    program.run(case)
            tell(case, programs)
            if CASES[case][0] == "real":
                tell_parts(options.build, programs[0].command(*CASES[case]), options.rounds)


if __name__ == "__main__":
    main()
