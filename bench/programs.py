#!/usr/bin/python3
"""What parscope says of programs, beside what other tools say: needs two quiet CPUs, root, hyperfine,
GNU time and perf.

usage: bench/programs.py BUILD agree THREADS[,THREADS] [--runs N] [--prepare COMMAND] -- COMMAND...
       bench/programs.py BUILD own [COMMAND [ARGUMENT]...]        (default: true)

agree  Ten (or N) alternating runs of COMMAND, with {threads} replaced, under parscope, hyperfine, GNU time
       and perf stat, on the same CPUs: medians of wall time, CPU time and context switches.
own    What each tool costs beside the child, in microseconds a run, over a bare loop of posix_spawn. The
       command's path is looked up beforehand, so that nobody does it a thousand times.

BUILD is a release build: meson compile -C BUILD src/cli/parscope plain_spawn omp_loop
Each figure says `holds` or `FALLS SHORT`; the exit status is 1 if any falls short.
"""

import json
import os
import random
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from needs import need, need_tools

ALTERNATIONS = 10
OWN_ALTERNATIONS = 20
OWN_RUNS = 1000
FEW = 20  # context switches of a run, of which chance makes several
VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "GOMAXPROCS")


def quiet(command, **more):
    return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          **more)


class Bench:
    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.parscope = os.path.join(self.build, "src/cli/parscope")
        self.short = 0

    def need(self, *programs, tools):
        need(self.build, "src/cli/parscope", *programs)
        need_tools(*tools)

    def judge(self, ok, text):
        print(f"  {'holds' if ok else 'FALLS SHORT'}: {text}", flush=True)
        self.short += not ok


class Agree:
    """One point: a command at a thread count, on as many CPUs."""

    def __init__(self, bench, threads, prepare, command):
        self.bench, self.threads, self.prepare = bench, threads, prepare
        self.raw = command
        self.command = [word.replace("{threads}", str(threads)) for word in command]
        self.cpus = ",".join(map(str, sorted(os.sched_getaffinity(0))[:threads]))
        self.env = {**os.environ, **{name: str(threads) for name in VARIABLES}}
        self.tools = {"parscope": self.by_parscope, "hyperfine": self.by_hyperfine,
                      "time": self.by_time, "perf": self.by_perf}
        self.seen = {tool: [] for tool in self.tools}

    def ready(self):
        if self.prepare:
            quiet(shlex.split(self.prepare), stderr=subprocess.DEVNULL)

    def pinned(self, *command):
        return ["taskset", "-c", self.cpus, *command]

    def by_parscope(self, path):
        self.ready()
        quiet([self.bench.parscope, "run", "-q", "-r", "1", "-w", "0", "--cpus", self.cpus, "--threads",
               str(self.threads), "-o", path + ".json", "--", *self.raw], stderr=subprocess.DEVNULL)
        with open(path + ".json", encoding="utf-8") as file:
            metrics = json.load(file)["points"][0]["metrics"]
        return {"wall": metrics["wall_time"]["value"], "cpu": metrics["cpu_time"]["value"],
                "switches": metrics["context_switches"]["value"]}

    def by_hyperfine(self, path):
        self.ready()
        quiet(self.pinned("hyperfine", "-N", "-r", "1", "-w", "0", "--style", "none", "--export-json",
                          path, shlex.join(self.command)), stderr=subprocess.DEVNULL, env=self.env)
        with open(path, encoding="utf-8") as file:
            result = json.load(file)["results"][0]
        return {"wall": result["times"][0], "cpu": result["user"] + result["system"]}

    def by_time(self, path):
        self.ready()
        quiet(self.pinned("/usr/bin/time", "-o", path, "-f", "%e %U %S", *self.command),
              stderr=subprocess.DEVNULL, env=self.env)
        with open(path, encoding="utf-8") as file:
            wall, user, system = map(float, file.read().split())
        return {"wall": wall, "cpu": user + system}

    def by_perf(self, path):
        self.ready()
        quiet(self.pinned("perf", "stat", "-x", ",", "-e", "context-switches", "-o", path,
                          *self.command), stderr=subprocess.DEVNULL, env=self.env)
        with open(path, encoding="utf-8") as file:
            rows = [line.split(",") for line in file if "context-switches" in line]
        return {"switches": float(rows[0][0])}

    def measure(self, runs):
        order = list(self.tools)
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(runs):
                random.shuffle(order)
                for tool in order:
                    self.seen[tool].append(self.tools[tool](os.path.join(folder, tool)))

    def median(self, tool, figure):
        return statistics.median(sample[figure] for sample in self.seen[tool])

    def paired(self, figure, other):
        """Median of the ratios within an alternation, and what holds it: drift hits both alike."""
        return median_interval([ours[figure] / theirs[figure] - 1 for ours, theirs in
                                zip(self.seen["parscope"], self.seen[other])])

    def compare(self, figure, other, tolerance, unit):
        ours, theirs = self.median("parscope", figure), self.median(other, figure)
        off, (middle, low, high) = ours / theirs - 1, self.paired(figure, other)
        self.bench.judge(abs(off) <= tolerance or self.too_few(figure, other),
                         f"{self.threads} threads, {figure}: {ours:.6g} {unit}, {other} {theirs:.6g}: "
                         f"{100 * off:+.2f} %, paired {100 * middle:+.2f} % "
                         f"[{100 * low:+.2f}, {100 * high:+.2f}] (at most {100 * tolerance:.0f} %)")

    def too_few(self, figure, other):
        """So few events that ten runs can't tell the medians apart: a handful of preemptions."""
        ours, theirs = (median_interval([sample[figure] for sample in self.seen[tool]])
                        for tool in ("parscope", other))
        return figure == "switches" and theirs[0] < FEW and ours[1] <= theirs[2] and \
            theirs[1] <= ours[2]

    def report(self):
        self.compare("wall", "hyperfine", 0.02, "s")
        self.compare("cpu", "time", 0.02, "s")
        self.compare("switches", "perf", 0.10, "")


def agree(bench, arguments):
    bench.need(tools=["hyperfine", "perf", "/usr/bin/time"])
    prepare = None
    split = arguments.index("--")
    counts = [int(count) for count in arguments[0].split(",")]
    runs = ALTERNATIONS
    if "--prepare" in arguments[:split]:
        prepare = arguments[arguments.index("--prepare") + 1]
    if "--runs" in arguments[:split]:
        runs = int(arguments[arguments.index("--runs") + 1])
    print("agree:", shlex.join(arguments[split + 1:]), flush=True)
    random.seed(1)
    for threads in counts:
        point = Agree(bench, threads, prepare, arguments[split + 1:])
        point.measure(runs)
        point.report()


def seconds(command):
    start = time.monotonic()
    quiet(command, stderr=subprocess.DEVNULL)
    return time.monotonic() - start


def median_interval(values):
    """Median and the order statistics that hold it with about 95 % (n around 20)."""
    ordered = sorted(values)
    out = max(0, int(len(ordered) / 2 - 0.98 * len(ordered) ** 0.5))
    return statistics.median(ordered), ordered[out], ordered[-1 - out]


def own(bench, arguments):
    command = arguments or ["true"]
    command[0] = shutil.which(command[0]) or sys.exit(f"no {command[0]} in PATH")
    bench.need("bench/plain_spawn", tools=["hyperfine", "perf"])
    runs = str(OWN_RUNS)
    tools = {
        "bare": [os.path.join(bench.build, "bench/plain_spawn"), runs, *command],
        "parscope -e none": [bench.parscope, "run", "-r", runs, "-w", "0", "-e", "none", "--", *command],
        "hyperfine -N": ["hyperfine", "-N", "-r", runs, "-w", "0", "--style", "none",
                         shlex.join(command)],
        "parscope": [bench.parscope, "run", "-r", runs, "-w", "0", "--", *command],
        "perf stat -r": ["perf", "stat", "-r", runs, *command],
    }
    seen = {tool: [] for tool in tools}
    order = list(tools)
    print("own:", shlex.join(command), flush=True)
    random.seed(1)
    for _ in range(OWN_ALTERNATIONS):
        random.shuffle(order)
        for tool in order:
            seen[tool].append(seconds(tools[tool]) / OWN_RUNS * 1e6)

    def over(tool, reference="bare", factor=1.0):
        return median_interval([a - factor * b for a, b in zip(seen[tool], seen[reference])])

    def against(tool, other, factor):
        return median_interval([(a - bare) - factor * (b - bare) for a, b, bare in
                                zip(seen[tool], seen[other], seen["bare"])])

    print(f"  bare posix_spawn loop: {statistics.median(seen['bare']):.0f} us a run")
    for tool in list(tools)[1:]:
        print("  {}: {:+.1f} us a run [{:.1f}, {:.1f}]".format(tool, *over(tool)))
    middle, low, high = against("parscope -e none", "hyperfine -N", 1)
    bench.judge(middle <= 0, f"without counters, less than hyperfine -N: {middle:+.1f} us "
                f"[{low:.1f}, {high:.1f}]")
    middle, low, high = against("parscope", "perf stat -r", 1 / 3)
    bench.judge(middle <= 0, f"with the default counters, less than a third of perf stat: {middle:+.1f} us "
                f"[{low:.1f}, {high:.1f}]")


def main():
    checks = {"agree": agree, "own": own}
    if len(sys.argv) < 3 or sys.argv[2] not in checks:
        print(__doc__, file=sys.stderr)
        return 2
    bench = Bench(sys.argv[1])
    checks[sys.argv[2]](bench, sys.argv[3:])
    return 1 if bench.short else 0


if __name__ == "__main__":
    sys.exit(main())
