#!/usr/bin/python3
"""Checks as a CI script uses them, on this machine: needs two CPUs.

usage: bench/checks.py BUILD [outcomes] [aa [TIMES]]

outcomes  Real measurements with checks that hold, that fail and that can't be decided: 0, 3, 4.
aa        Measures the speedup of a workload, then checks TIMES times (default: 50) that it is at
          least 0.9 of that, while another process comes and goes: all must hold.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import threading

from needs import need

WORKLOAD = ["run", "reduce:size=4M", "-s", "steal", "--threads", "2"]
BUSY, IDLE = (0.2, 1.0), (0.5, 2.0)  # s, uniformly


class Bench:
    def __init__(self, build):
        self.parscope = os.path.join(os.path.abspath(build), "src/cli/parscope")
        need(build, "src/cli/parscope")
        self.short = 0

    def run(self, *arguments):
        return subprocess.run([self.parscope, *arguments], stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def speedup(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "r.json")
            done = self.run(*WORKLOAD, "-o", path)
            if done.returncode:
                sys.exit(done.stdout)
            with open(path, encoding="utf-8") as file:
                return json.load(file)["points"][1]["metrics"]["speedup"]["value"]

    def judge(self, ok, text):
        print(f"  {'holds' if ok else 'FALLS SHORT'}: {text}", flush=True)
        self.short += not ok


class Disturber:
    """A process that burns CPU time now and then, wherever the system puts it."""

    def __init__(self):
        self.stop = threading.Event()
        self.busy = 0.0
        self.thread = threading.Thread(target=self.work)

    def work(self):
        chance = random.Random(1)
        while not self.stop.wait(chance.uniform(*IDLE)):
            burner = subprocess.Popen(["sh", "-c", "while :; do :; done"])
            length = chance.uniform(*BUSY)
            self.stop.wait(length)
            burner.kill()
            burner.wait()
            self.busy += length

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def outcomes(bench, _):
    seen = bench.speedup()
    print(f"  speedup {seen:.3f}")
    for check, more, expected in ((f"speedup >= {0.8 * seen:.4f}", [], 0),
                                  (f"speedup >= {1.5 * seen:.4f}", [], 3),
                                  (f"speedup >= {0.8 * seen:.4f}", ["-r", "4"], 4)):
        done = bench.run(*WORKLOAD, "-q", "--check", check, *more)
        bench.judge(done.returncode == expected,
                    f"status {done.returncode}, expected {expected}: {done.stdout.strip()}")


def aa(bench, arguments):
    times = int(arguments[0]) if arguments else 50
    seen = bench.speedup()
    check = f"speedup >= {0.9 * seen:.4f}"
    statuses = []
    print(f"  speedup {seen:.3f}; {check}", flush=True)
    with Disturber() as disturber:
        for i in range(times):
            done = bench.run(*WORKLOAD, "-q", "--seed", str(i + 1), "--check", check)
            statuses.append(done.returncode)
            if done.returncode:
                print(f"  {done.returncode}: {done.stdout.strip()}", flush=True)
    held = statuses.count(0)
    bench.judge(held == times, f"{held} of {times} held, {statuses.count(3)} failed, "
                f"{statuses.count(4)} undecided; the other process was busy for "
                f"{disturber.busy:.0f} s")


def main():
    checks = {"outcomes": outcomes, "aa": aa}
    names = [a for a in sys.argv[2:] if not a.isdigit()] or list(checks)
    if len(sys.argv) < 2 or any(name not in checks for name in names):
        print(__doc__, file=sys.stderr)
        return 2
    bench = Bench(sys.argv[1])
    for name in names:
        print(name, flush=True)
        checks[name](bench, [a for a in sys.argv[2:] if a.isdigit()])
    return 1 if bench.short else 0


if __name__ == "__main__":
    sys.exit(main())
