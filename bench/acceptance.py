#!/usr/bin/python3
"""What parscope promises of its measurements, checked on this machine: needs two quiet CPUs.

usage: bench/acceptance.py BUILD [CHECK...]       (all checks take some 20 minutes)

BUILD is a release build with plain_reduce in it: meson compile -C BUILD src/cli/parscope plain_reduce
Each check prints its figures and `holds` or `FALLS SHORT`; the exit status is 1 if any falls short.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile

from needs import need

ALTERNATIONS = 5
SEEDS = 20


class Bench:
    def __init__(self, build):
        self.build = build
        self.program = os.path.join(build, "src/cli/parscope")
        need(build, "src/cli/parscope", "bench/plain_reduce")
        self.short = 0

    def measure(self, *arguments):
        """The result document of a run; -q, so that nothing is drawn."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "r.json")
            subprocess.run([self.program, *arguments, "-o", path], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            with open(path, encoding="utf-8") as file:
                return json.load(file)

    def judge(self, ok, text):
        print(f"  {'holds' if ok else 'FALLS SHORT'}: {text}", flush=True)
        self.short += not ok


def point(result, strategy, threads=None, workload=None):
    for p in result["points"]:
        label = p["strategy"] + "".join(f":{k}={v}" for k, v in p.get("options", {}).items())
        if (p["strategy"] == strategy or label == strategy) and \
                (threads is None or p["threads"] == threads) and \
                (workload is None or all(p["parameters"].get(k) == v for k, v in workload.items())):
            return p
    raise KeyError(strategy)


def metric(p, name):
    return p["metrics"][name]


def value(p, name):
    return metric(p, name)["value"]


def plain(b):
    """Pool and steal against a plain pthread program, in alternation."""
    plain_speedups, ours = [], {"pool": [], "steal": []}
    for _ in range(ALTERNATIONS):
        done = subprocess.run([os.path.join(b.build, "bench/plain_reduce"), "10000000", "101"],
                              check=True, stdout=subprocess.PIPE, text=True)
        plain_speedups.append(float(done.stdout))
        result = b.measure("run", "reduce:size=10M", "-s",
                           "sequential,spawn,queue:inflight=all,pool,steal", "--threads", "2",
                           "--max-time", "25")
        for strategy, found in ours.items():
            found.append(value(point(result, strategy), "speedup"))
        print("  queue", value(point(result, "queue"), "speedup"), "spawn",
              value(point(result, "spawn"), "speedup"))
    reference = statistics.median(plain_speedups)
    for strategy, found in ours.items():
        ratio = statistics.median(found) / reference
        b.judge(ratio >= 0.95, f"{strategy}: speedup {statistics.median(found):.3f}, plain pthreads "
                f"{reference:.3f}, ratio {ratio:.3f} (at least 0.95)")


def operations(b):
    """A thread per operation against a queue; what first-touched thread state costs."""
    r = b.measure("run", "op:time=200us", "-s", "spawn-op,queue", "--threads", "2",
                  "--max-time", "8")
    slow, fast = (metric(point(r, s), "throughput") for s in ("spawn-op", "queue"))
    b.judge(slow["high"] < fast["low"], f"op:time=200us: spawn-op {slow['high']:.0f}/s at most, queue "
            f"{fast['low']:.0f}/s at least")
    for threads in ("1", "2"):
        r = b.measure("run", "op:time=2.6us:n=10k", "-s", "queue:inflight=all", "--threads", threads,
                      "--max-time", "8")
        ratio = value(point(r, "queue"), "speedup")
        b.judge(ratio >= 0.9, f"op:time=2.6us: queue:inflight=all with {threads} workers reaches "
                f"{ratio:.3f} of inline (at least 0.9)")
    for first in ("0us", "300us"):
        r = b.measure("run", f"op:time=20us:first={first}", "-s", "spawn-op,queue", "--threads", "2",
                      "--max-time", "8")
        if first == "0us":
            before = {s: value(point(r, s), "throughput") for s in ("spawn-op", "queue")}
    after = {s: value(point(r, s), "throughput") / before[s] for s in before}
    b.judge(after["spawn-op"] < 0.5, "first=300us leaves spawn-op "
            f"{after['spawn-op']:.2f} of its throughput (less than half)")
    b.judge(after["queue"] > 0.95, f"and queue {after['queue']:.3f} (all of it)")


def tree(b):
    """Joining at every node against a cutoff."""
    r = b.measure("run", "tree:depth=23,tree:depth=23:cutoff=6", "-s", "steal", "--threads", "2",
                  "--max-time", "10")
    every = metric(point(r, "steal", 2, {"cutoff": "64"}), "speedup")
    cutoff = metric(point(r, "steal", 2, {"cutoff": "6"}), "speedup")
    b.judge(every["high"] < cutoff["low"], f"joining at every node {every['value']:.2f} ×, with a "
            f"cutoff {cutoff['value']:.2f} ×")


def amdahl(b):
    """The serial fraction that the workload was given comes out."""
    for truth in (0.2, 0.05, 0.5):
        found, widths, inside = [], [], 0
        for seed in range(1, SEEDS + 1):
            r = b.measure("sweep", f"amdahl:serial={truth}", "--threads", "1,2", "--seed", str(seed))
            s = r["models"]["amdahl"][0]["serial_fraction"]
            found.append(s["value"])
            widths.append((s["high"] - s["low"]) / 2)
            inside += s["low"] <= truth <= s["high"]
        bias = statistics.mean(found) - truth
        b.judge(inside >= 17 and abs(bias) <= 0.01 and statistics.median(widths) <= 0.02,
                f"serial={truth}: {inside} of {SEEDS} intervals hold it (17), mean off by {bias:+.4f} "
                f"(0.01), median half-width {statistics.median(widths):.4f} (0.02)")


def stack(b):
    """The load balance that follows from a skew, and the serial cores from a serial fraction."""
    for skew in (2, 3, 9):
        r = b.measure("run", f"imbalance:skew={skew}", "-s", "pool", "--threads", "2", "--max-time", "10")
        shift = (240 / 2 - 1) / (2 * (240 - 1))
        truth = (1 + skew) / (2 * (1 + (skew - 1) * (1 - shift)))
        found = value(point(r, "pool"), "load_balance")
        b.judge(abs(found / truth - 1) <= 0.02, f"skew={skew}: load balance {found:.4f}, true {truth:.4f} (2 %)")
    for serial in (0.1, 0.3):
        r = b.measure("run", f"amdahl:serial={serial}", "-s", "pool", "--threads", "2", "--max-time", "10")
        truth = serial / (serial + (1 - serial) / 2)
        found = value(point(r, "pool"), "lost_cores_serial")
        b.judge(abs(found / truth - 1) <= 0.02, f"serial={serial}: {found:.4f} cores lost to it, true {truth:.4f} (2 %)")


def clock(b):
    """One increment per estimated cycle; more chains, more increments."""
    found = []
    for seed in range(20):
        r = b.measure("run", "counter:ilp=1", "-s", "sequential", "--seed", str(seed),
                      "--max-time", "2")
        found.append(value(point(r, "sequential"), "items_per_cycle"))
    b.judge(all(f is not None and 0.95 <= f <= 1.03 for f in found),
            f"counter:ilp=1: {min(found):.4f} to {max(found):.4f} increments a cycle (0.95 to 1.03)")
    r = b.measure("run", "counter:ilp=1+2+3+4", "-s", "sequential", "--max-time", "8")
    rates = [value(point(r, "sequential", 1, {"ilp": str(i)}), "items_per_cycle")
             for i in range(1, 5)]
    b.judge(rates == sorted(rates), f"ilp=1..4: {', '.join(f'{x:.2f}' for x in rates)}")


def cost(b):
    """Start-up, memory, and what counting does to a fork-join."""
    times = []
    for _ in range(21):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([b.program, "list"], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    b.judge(statistics.median(times) < 0.02, f"list: {1e3 * statistics.median(times):.1f} ms (20)")
    with tempfile.NamedTemporaryFile("r") as out:
        subprocess.run(["/usr/bin/time", "-f", "%M", "-o", out.name, b.program, "run",
                        "reduce:size=10M", "-r", "6"], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        extra = float(out.read()) * 1024 / 1e6 - 80
    b.judge(extra <= 30, f"run reduce:size=10M: {extra:.1f} MB beside its data (30)")
    with_counters, without, reads = [], [], []
    for _ in range(ALTERNATIONS):
        for extra_options, found in (([], with_counters), (["-e", "none"], without)):
            r = b.measure("run", "reduce:size=10", "-s", "pool", "--threads", "2",
                          "--max-time", "2", *extra_options)
            found.append(value(point(r, "pool"), "wall_time"))
            if not extra_options:
                reads.append(r["host"]["group_read_cost"])
    more = statistics.median(with_counters) - statistics.median(without)
    read = statistics.median(reads)
    b.judge(abs(more) <= 2.5 * read, f"the pool's fork-join takes {more * 1e9:+.0f} ns more with counters; "
            f"a group read costs {read * 1e9:.0f} ns (2.5 of them)")
    b.judge(2 * read < 2e-6, f"a worker's reads at start and stop take {2e6 * read:.2f} us together (2)")


def isolation(b):
    """sequential beside other strategies, OpenMP among them, equals sequential alone."""
    ratios = []
    for _ in range(2 * ALTERNATIONS):
        alone = b.measure("run", "counter", "-s", "sequential", "-r", "30")
        beside = b.measure("run", "counter", "-s", "sequential,spawn,queue,pool,steal,omp", "--threads",
                           "2", "-r", "30")
        ratios.append(value(point(beside, "sequential"), "wall_time") /
                      value(point(alone, "sequential"), "wall_time"))
    ratios.sort()
    b.judge(ratios[1] <= 1 <= ratios[-2] or abs(statistics.median(ratios) - 1) < 0.005,
            f"beside / alone: median {statistics.median(ratios):.4f}, {ratios[1]:.4f} to "
            f"{ratios[-2]:.4f} (second lowest and highest of {len(ratios)})")


CHECKS = [plain, operations, tree, amdahl, stack, clock, cost, isolation]


def main():
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__.strip())
        return 2
    names = sys.argv[2:]
    bench = Bench(os.path.abspath(sys.argv[1]))
    for check in CHECKS:
        if not names or check.__name__ in names:
            print(f"{check.__name__}: {check.__doc__}", flush=True)
            check(bench)
    return 1 if bench.short else 0


if __name__ == "__main__":
    sys.exit(main())
