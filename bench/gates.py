#!/usr/bin/python3
"""How often `parscope compare` takes noise for a change, and how often it finds one of 10 %.

usage: bench/gates.py BUILD simulated [--times N]     by scripted samples: drift, bursts, heavy tails
       bench/gates.py BUILD real [--times N] [--way turns|saved] [--alone] [--max-time S] [--record FILE [--portion S]]
                                                      by runs on this machine, beside a process that comes and goes

A/A compares a program with itself, A/B with one that does 10 % more, both in turns (-c A -c B) and as two
saved results. Of A/A at most 2 of 100 may be worse or better, of A/B at least 95 of 100 must be found in
turns. Each figure says `holds` or `FALLS SHORT`; the exit status is 1 if any falls short. With --record what
was found is kept in FILE, and the next call goes on with it; with --portion each call ends after about S seconds.
"""

import argparse
import contextlib
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from needs import need

PLANTED = 1.1
ROUNDS = 60
KINDS = ("noise", "drift", "bursts", "heavy tails", "two clocks", "serial correlation")
TIMES = {1: 1.0, 2: 0.55}
LOOP = "sh -c 'i=0; while [ $i -lt {} ]; do i=$((i+1)); done'"


def factors(kind, rng, rounds):
    """What a round does to all that is measured in it, and a function for what each execution has of its own."""
    shared = [1.0] * rounds
    if kind == "drift":
        shared = [shared[0]]
        for _ in range(rounds - 1):
            shared.append(shared[-1] * (1 + rng.gauss(0, 0.03)))
    if kind == "serial correlation":
        level, shared = 0.0, []
        for _ in range(rounds):
            level = 0.9 * level + rng.gauss(0, 0.05)
            shared.append(1 + max(level, -0.5))
    own = {
        "bursts": lambda: 1.5 if rng.random() < 0.15 else 1,
        "heavy tails": lambda: 1 + 0.01 * min(rng.paretovariate(1.1), 100),
        "two clocks": lambda: 1.3 if rng.random() < 0.4 else 1,
    }.get(kind, lambda: 1)
    return shared, lambda: own() * rng.lognormvariate(0, 0.02)


def script(kind, slower, rng, rounds=ROUNDS):
    """Lines of a script for programs `old` and `new`."""
    shared, own = factors(kind, rng, rounds)
    lines = []
    for name, factor in (("old", 1), ("new", slower)):
        for threads, seconds in TIMES.items():
            values = " ".join(f"{seconds * factor * x * own():.6g}" for x in shared)
            lines += [f"wall_time {name} * {threads} {values}", f"cpu_time {name} * {threads} {values}"]
    return "\n".join(lines) + "\n"


class Gates:
    def __init__(self, build, times):
        self.parscope = os.path.abspath(os.path.join(build, "src/cli/parscope"))
        need(build, "src/cli/parscope")
        self.times = times
        self.short = False
        folder = tempfile.TemporaryDirectory()
        self.cleanup, self.folder = folder.cleanup, pathlib.Path(folder.name)
        for name in ("old", "new"):
            path = self.folder / name
            path.write_text("#!/bin/sh\n")
            path.chmod(0o755)

    def run(self, *arguments, **env):
        done = subprocess.run([self.parscope, *arguments], env={**os.environ, **env}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        if done.returncode not in (0, 3, 4):
            sys.exit(f"{' '.join(arguments)}: {done.stderr}")
        return done

    def verdict(self, *arguments, **env):
        return json.loads(self.run("compare", "--format", "json", "-q", *arguments, **env).stdout)["verdict"]

    def fake(self, text):
        path = self.folder / "script.fake"
        path.write_text(text)
        return {"PARSCOPE_FAKE": str(path), "HWLOC_SYNTHETIC": "core:4 pu:1"}

    def in_turns(self, kind, slower, seed):
        return self.verdict("-c", f"{self.folder}/old {{threads}}", "-c", f"{self.folder}/new {{threads}}", "-t", "1,2",
                            "-r", str(ROUNDS), **self.fake(script(kind, slower, random.Random(seed))))

    def saved(self, kind, slower, seed):
        """Each of the two has a machine of its own mood: its own drift."""
        files = []
        for name, factor, place in (("old", 1, 2 * seed), ("new", slower, 2 * seed + 1)):
            files.append(str(self.folder / f"{name}.json"))
            self.run("sweep", "-q", "-t", "1,2", "-r", str(ROUNDS), "-o", files[-1], "-c",
                     f"{self.folder}/{name} {{threads}}", **self.fake(script(kind, factor, random.Random(place))))
        return self.verdict(*files)

    def tell(self, what, verdicts, judge):
        found = {v: verdicts.count(v) for v in ("same", "not-worse", "better", "inconclusive", "worse")}
        text = ", ".join(f"{count} {v}" for v, count in found.items() if count)
        word = ""
        if judge:
            good = judge(found, len(verdicts))
            self.short |= not good
            word = ": holds" if good else ": FALLS SHORT"
        print(f"{what:44} {text}{word}", flush=True)

    def simulated(self, _values):
        for kind in KINDS:
            for name, way, judged in (("in turns", self.in_turns, True), ("saved", self.saved, False)):
                for what, slower, judge in (("A/A", 1, quiet), ("A/B", PLANTED, finds)):
                    verdicts = [way(kind, slower, seed) for seed in range(self.times)]
                    self.tell(f"{kind}, {name}, {what}", verdicts, judge if judged else None)

    def real_in_turns(self, other, seed, limit):
        return self.verdict("-c", LOOP.format(20000), "-c", LOOP.format(other), "--seed", str(seed), "--max-time", limit)

    def real_saved(self, other, seed, limit):
        files = [str(self.folder / f"{name}.json") for name in ("old", "new")]
        for path, count in zip(files, (20000, other)):
            self.run("run", "-q", "--no-diagnose", "--max-time", limit, "--seed", str(seed), "-o", path, "-c",
                     LOOP.format(count))
        return self.verdict(*files)

    def real(self, values):
        """A/A and A/B by turns, so that both see the same hours of the machine."""
        record = Record(values.record)
        way = {"turns": self.real_in_turns, "saved": self.real_saved}[values.way]
        end = time.monotonic() + values.portion
        with contextlib.nullcontext() if values.alone else Company():
            for seed in range(len(record.of("A/B")), self.times):
                for what, other in (("A/A", 20000), ("A/B", 22000)):
                    begin = time.monotonic()
                    record.add(what, way(other, seed, f"{values.max_time}s"), time.monotonic() - begin)
                if time.monotonic() > end:
                    break
        for what, judge in (("A/A", quiet), ("A/B", finds)):
            seconds = [x["seconds"] for x in record.of(what)]
            self.tell(f"real, {values.way}, {what}, {statistics.median(seconds):.1f} s, {max(seconds):.1f} s at most",
                      [x["verdict"] for x in record.of(what)], judge if values.way == "turns" else None)


class Record:
    """What was found, one line a comparison, in a file where there is one."""

    def __init__(self, path):
        self.path = path
        self.found = []
        if path and os.path.exists(path):
            self.found = [json.loads(line) for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines()]

    def of(self, what):
        return [x for x in self.found if x["what"] == what]

    def add(self, what, verdict, seconds):
        self.found.append({"what": what, "verdict": verdict, "seconds": round(seconds, 2)})
        if self.path:
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps(self.found[-1]) + "\n")


def quiet(found, times):
    return found["worse"] + found["better"] <= 0.02 * times


def finds(found, times):
    return found["worse"] >= 0.95 * times


class Company:
    """A process that computes for a while, is gone for a while, and so on."""

    def __enter__(self):
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.come_and_go)
        self.thread.start()

    def come_and_go(self):
        rng = random.Random(1)
        while not self.over.is_set():
            busy = subprocess.Popen(["sh", "-c", "while :; do :; done"])
            self.over.wait(rng.uniform(0.2, 1))
            busy.kill()
            busy.wait()
            self.over.wait(rng.uniform(0.2, 1))

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n\n")[0])
    parser.add_argument("build")
    parser.add_argument("what", choices=("simulated", "real"))
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--max-time", type=float, default=30, help="s of each comparison; of each run, where saved")
    parser.add_argument("--way", choices=("turns", "saved"), default="turns")
    parser.add_argument("--alone", action="store_true", help="without the process that comes and goes")
    parser.add_argument("--record", metavar="FILE")
    parser.add_argument("--portion", type=float, default=float("inf"), metavar="S")
    values = parser.parse_args()
    gates = Gates(values.build, values.times)
    try:
        getattr(gates, values.what)(values)
    finally:
        gates.cleanup()
    sys.exit(gates.short)


if __name__ == "__main__":
    main()
