#!/usr/bin/python3
"""How launch, barrier and stealing grow with the number of workers: docs/scaling.md is written by this.

usage: bench/scaling.py BUILD [--time SECONDS] [--only regions,costs,error]      (about three minutes)

Three parts. Measured: what a region costs on the CPUs that there are, and with more workers than CPUs, where
the work of all workers is done by the same few CPUs. Counted: how many steps one after the other a launch
needs, by a simulation of the same tree that src/runtime/strategy/pool.c walks. Simulated: what that takes on
a machine with a CPU for each worker, with the costs that `parscope overhead` measures here. The simulation is
held to what can be measured here: regions of workers that spin on CPUs of their own. With --only some of
the tables are written anew, each by what was measured for it.
"""

import argparse
import heapq
import json
import os
import re
import subprocess
import sys
import tempfile

from needs import need

WORKERS = [2 ** k for k in range(11)]
STRATEGIES = ["spawn", "spawn-tree", "pool", "steal"]
PAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "docs/scaling.md")


def measure(program, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "r.json")
        subprocess.run([program, *arguments, "-o", path], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        with open(path, encoding="utf-8") as file:
            return json.load(file)


def regions(program, seconds):
    """Seconds of a region with next to no work, by strategy and workers."""
    result = measure(program, "run", "reduce:size=2k", "-s", ",".join(STRATEGIES), "--threads",
                     ",".join(map(str, WORKERS)), "--max-time", f"{seconds}s", "-e", "none")
    return {(p["strategy"], p["threads"]): p["metrics"]["wall_time"]["value"] for p in result["points"]}


def costs(program, seconds):
    result = measure(program, "overhead", "thread-pinned", "wake", "wake-1ms", "handover-spin",
                     "--max-time", f"{seconds}s")
    missing = [part["part"] for part in result["parts"] if part["value"] is None]
    if missing:
        sys.exit(f"this machine does not tell {', '.join(missing)}")
    return {part["part"]: part["value"] for part in result["parts"]}


# ---- simulation: workers with a CPU each ----

def tree(workers):
    """The children of each, as src/runtime/near.c has them where all are equally near."""
    found, ranges = [[] for _ in range(workers)], [(0, workers)]
    while ranges:
        begin, end = ranges.pop()
        middle = begin + 1 + (end - begin - 1) // 2
        for part in ((middle, end), (begin + 1, middle)):
            if part[0] < part[1]:
                found[begin].append(part[0])
                ranges.append(part)
    return found


def launch_line(workers, act, latency):
    """One thread starts all others, one after the other. When the last one runs."""
    return (workers - 1) * act + latency if workers > 1 else 0


def launch_tree(workers, act, latency):
    """Each that runs starts its children first. Returns when the last one runs, and the longest chain."""
    children, events, last, steps = tree(workers), [(0.0, 0, 0)], 0.0, 0
    while events:
        now, worker, depth = heapq.heappop(events)
        last, steps = max(last, now), max(steps, depth)
        for nth, child in enumerate(children[worker], 1):
            heapq.heappush(events, (now + nth * act + latency, child, depth + 1))
    return last, steps


def arrive_line(workers, line):
    """All count down one word, which moves from CPU to CPU."""
    return (workers - 1) * line


def arrive_tree(workers, line):
    """Who completes a node goes on to its parent; all arrive at the same time."""
    children, done = tree(workers), {}
    for worker in reversed(range(workers)):
        ready = sorted([0.0] + [done[c] for c in children[worker]])
        if len(ready) == 1 and worker:
            done[worker] = 0.0  # a leaf is its parent's matter
            continue
        now = 0.0
        for moment in ready[0 if worker else 1:]:
            now = max(now, moment) + line
        done[worker] = now
    return done[0]


def time_text(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def measured_table(times):
    rows = []
    for workers in WORKERS:
        cells = [str(workers)]
        for strategy in STRATEGIES:
            seconds = times.get((strategy, workers))
            cells.append("-" if seconds is None else
                         f"{time_text(seconds)}, {time_text(seconds / workers)} a worker")
        rows.append(cells)
    return table(["workers", *STRATEGIES], rows)


def simulated_table(cost):
    # Creating: half of create + join is the creator's, about as much passes until the thread runs.
    create, start = cost["thread-pinned"] / 2, cost["thread-pinned"] / 2
    wake, latency, line = cost["wake"], cost["wake-1ms"], cost["handover-spin"] / 2
    rows = []
    for workers in WORKERS:
        woken, steps = launch_tree(workers, wake, latency)
        rows.append([str(workers), str(steps), time_text(launch_line(workers, create, start)),
                     time_text(launch_tree(workers, create, start)[0]),
                     time_text(launch_line(workers, wake, latency)), time_text(woken),
                     time_text(arrive_line(workers, line)), time_text(arrive_tree(workers, line))])
    return table(["workers", "steps of the tree", "spawn", "spawn-tree", "waking in a line", "waking as a tree "
                  "(pool, asleep)", "arriving at one word", "arriving along the tree (pool)"], rows)


def region_of_pool(program, workers, seconds):
    """Of a region, and of a line's way: at the same time, as how long a line takes changes on a virtual machine."""
    result = measure(program, "overhead", "region-pool", "handover-spin", "--threads", str(workers), "--max-time",
                     f"{seconds}s")
    values = {part["part"]: part["value"] for part in result["parts"]}
    return values["region-pool"], values["handover-spin"] / 2


def checked_table(program):
    """Regions of workers that spin on CPUs of their own: the job's line goes out, and they arrive along the tree."""
    rows = []
    for workers in WORKERS:
        if not 2 <= workers <= len(os.sched_getaffinity(0)):
            continue
        measured, line = region_of_pool(program, workers, 10)
        simulated = line + arrive_tree(workers, line)
        rows.append([str(workers), time_text(line), time_text(simulated), time_text(measured), f"{simulated / measured - 1:+.0%}"])
    return table(["workers", "a line's way", "simulated", "measured (region-pool)", "error"], rows)


def rewrite(name, text):
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    new, count = re.subn(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", lambda m: m[1] + text + "\n" + m[2],
                         page, flags=re.S)
    if count != 1:
        sys.exit(f"docs/scaling.md has no place for {name}")
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(new)


def write_regions(program, options):
    text = measured_table(regions(program, options.time))
    rewrite("measured", text)
    print(text)


def write_costs(program, _):
    cost = costs(program, 15)
    rewrite("costs", table(["part of `parscope overhead`", "here"],
                           [[name, time_text(value)] for name, value in cost.items()]))
    text = simulated_table(cost)
    rewrite("simulated", text)
    print(text)


def write_error(program, _):
    text = checked_table(program)
    rewrite("checked", text)
    print(text)


PIECES = {"regions": write_regions, "costs": write_costs, "error": write_error}


def pieces(text):
    chosen = text.split(",")
    if not set(chosen) <= set(PIECES):
        raise argparse.ArgumentTypeError(f"the tables are of {','.join(PIECES)}")
    return chosen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--time", type=float, default=120, help="seconds to measure regions for")
    parser.add_argument("--only", type=pieces, default=list(PIECES))
    options = parser.parse_args()
    program = os.path.join(os.path.abspath(options.build), "src/cli/parscope")
    need(options.build, "src/cli/parscope")
    for piece in options.only:
        PIECES[piece](program, options)


if __name__ == "__main__":
    main()
