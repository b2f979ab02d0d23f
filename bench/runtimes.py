#!/usr/bin/python3
"""What a parallel runtime costs: ours beside others, in alternation on the same two CPUs.

usage: bench/runtimes.py BUILD [--rounds N] [--only a,b,...] [--cpus A,B | --threads N|cpus] [--peer 'NAME=COMMAND']...

BUILD has been set up with -Dpeers=auto. Its programs, and each --peer's COMMAND, are called with the letter
of a benchmark and print the lines that bench/peers/README.md describes. In each round every program runs
every benchmark once, in random order; ratios are taken within rounds. A figure is the median over the
rounds, with a 95 % bootstrap interval. Without --rounds there are nine rounds, or as many as ten minutes
hold. The exit status is 1 if a target is missed or a program failed.

With --threads, what depends on the number of workers is measured with 2, 4, 8 ... up to N of them, each on a
CPU of its own (cpus: as many as there are), and shown as tables of programs by numbers of workers; three rounds
where no number of rounds is asked for. No targets are set there.
"""

import argparse
import math
import os
import random
import shlex
import statistics
import subprocess
import sys
import time

ROUNDS = 9
ROUNDS_SCALING = 3
MAX_TIME = 600  # s, where no number of rounds is asked for
TIMEOUT = 60  # s, for a program's run of a benchmark
RESAMPLES = 2000
OURS, FLOOR = "ours", "floor"
ALLOWED = os.sched_getaffinity(0)
QUIETLY_IDLE = 0.3  # CPUs that a runtime may burn while idle to be an example for waking up
# Variables by which a user's settings would get into the peers.
PREFIXES = ("OMP_", "GOMP_", "KMP_", "TBB_", "RAYON_")
# Program in BUILD/bench/peers, name, environment.
BUILT = (("ours", OURS, {}), ("floor", FLOOR, {}), ("gomp", "gomp", {}),
         ("gomp", "gomp-passive", {"OMP_WAIT_POLICY": "passive"}), ("omp", "omp", {}), ("tbb", "tbb", {}),
         ("pthreadpool", "pthreadpool", {}), ("rayon", "rayon", {}))


class Program:
    def __init__(self, name, command, variables, missing=None):
        self.name, self.command, self.missing = name, command, missing
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(PREFIXES)}
        self.environment.update(variables)


class Reply:
    """What a program printed of a benchmark: figures, reasons for skipping some, why it failed."""

    def __init__(self):
        self.figures, self.skipped, self.failure = {}, {}, None

    def read(self, bench, text):
        for line in text.splitlines():
            words = line.split(maxsplit=3)
            try:
                if words[0] != bench:
                    raise ValueError
                if words[2] == "skip":
                    self.skipped[words[1]] = words[3] if len(words) > 3 else "no reason given"
                else:
                    self.figures[words[1]] = float(words[2])
            except (IndexError, ValueError):
                self.failure = f"printed a line that is no figure of {bench}: {line!r}"


def ask(program, bench, threads=None):
    """threads: with so many workers, and only what depends on that."""
    reply = Reply()
    words = [*program.command, bench, *([] if threads is None else [str(threads)])]
    try:
        done = subprocess.run(words, env=program.environment, timeout=TIMEOUT,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, errors="replace")
    except subprocess.TimeoutExpired:
        reply.failure = f"took more than {TIMEOUT} s"
        return reply
    except OSError as error:
        reply.failure = str(error)
        return reply
    reply.read(bench, done.stdout)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        reply.failure = f"exit status {done.returncode}" + (f": {said[-1]}" if said else "")
    elif not reply.failure and not reply.figures and not reply.skipped:
        reply.failure = "printed nothing"
    return reply


# --- Columns: a figure of one round, from the program's figures and the floor's; None: not there ---

def plain(variant, factor=1.0):
    return lambda own, floor: own[variant] * factor if variant in own else None


def divided(above, below):
    return lambda own, floor: own[above] / own[below] if own.get(below) and above in own else None


def over_serial(own, floor):
    """fib with all workers."""
    times = [value for name, value in own.items() if name.startswith("workers_")]
    return times[-1] / own["serial"] if times and own.get("serial") else None


def over_floor(variant):
    return lambda own, floor: own[variant] / floor[variant] if floor.get(variant) and variant in own else None


def sizes(own):
    return sorted(int(name.removeprefix("parallel_")) for name in own if name.startswith("parallel_"))


def crossover(own, floor):
    """The smallest size from which on parallel is faster at every size; infinite: none."""
    if not sizes(own):
        return None
    found = math.inf
    for size in reversed(sizes(own)):
        if f"serial_{size}" not in own:
            return None
        if own[f"parallel_{size}"] >= own[f"serial_{size}"]:
            break
        found = size
    return found


class Column:
    def __init__(self, title, of_round, digits=2):
        self.title, self.of_round, self.digits = title, of_round, digits

    def show(self, value):
        if math.isinf(value):
            return "none"
        return f"{value:,.{self.digits}f}" if value < 1e5 else f"{value:,.0f}"


BENCHES = {
    "a": ("fork-join of 2 that meet, ns", {
        "hot": Column("hot", plain("hot_median"), 0),
        "hot_p99": Column("hot p99", plain("hot_p99"), 0),
        "hot_floor": Column("hot / floor", over_floor("hot_median")),
        "cold": Column("after 1 ms idle", plain("cold_median"), 0),
        "cold_p99": Column("p99", plain("cold_p99"), 0),
        "idle": Column("CPUs burnt idle", plain("idle_cpus"), 3),
        "two": Column("on two CPUs", plain("two_cpus"), 3)}),
    "b": ("fib(32), a task at every call, ns a task", {
        "serial": Column("serial", plain("serial")),
        "one": Column("1 worker", plain("workers_1")),
        "two": Column("2 workers", plain("workers_2")),
        "one_serial": Column("1 / serial", divided("workers_1", "serial")),
        "two_serial": Column("2 / serial", divided("workers_2", "serial")),
        "pointers": Column("by pointers, 1 / serial", divided("pointers_1", "serial")),
        "in_memory": Column("plain calls, parameters in memory / serial", divided("in_memory", "serial"))}),
    "c": ("inverting a perfect tree of depth 23, ms", {
        "serial": Column("serial", plain("serial"), 1),
        "cutoff": Column("cutoff 6, 2 workers", plain("cutoff6_2"), 1),
        "every": Column("every node, 2 workers", plain("every_2"), 1),
        "cutoff_speedup": Column("speedup, cutoff 6", divided("serial", "cutoff6_2")),
        "every_speedup": Column("speedup, every node", divided("serial", "every_2"))}),
    "d": ("map-reduce, 2 workers: speedup at N elements", {
        "crossover": Column("crossover N", crossover, 0),
        **{f"at_{n}": Column(f"{n:,}", divided(f"serial_{n}", f"parallel_{n}")) for n in
           (100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000)}}),
    "e": ("one operation of 2.6 us at a time, waited for, operations/s", {
        "inline": Column("inline", plain("inline"), 0),
        "waited": Column("waited for", plain("waited"), 0),
        "ratio": Column("waited for / inline", divided("waited", "inline"), 3)}),
    "f": ("1M trivial iterations, chunk 1, 2 threads, ns each", {
        "serial": Column("serial", plain("serial")),
        "dynamic": Column("dynamic, 1", plain("dynamic1")),
        "ratio": Column("dynamic, 1 / serial", divided("dynamic1", "serial"), 1),
        "apart": Column("nothing handed out, a call each", plain("apart"))}),
    "g": ("an operation for each worker: the length at which half of the time is work, ns", {
        "metg": Column("METG(50 %)", plain("metg"), 0),
        "metg_steal": Column("under steal", plain("metg_steal"), 0)}),
    "h": ("from a fork until another worker has the task, ns", {
        "steal": Column("steal", plain("steal_median"), 0)}),
}
ALONE = ("pointers", "in_memory", "metg_steal", "apart")  # columns that one program fills

# With --threads: the benchmark, words, the column.
SCALING = (
    ("a", "launch: until the last body has begun, ns", Column("", plain("launch_median"), 0)),
    ("a", "barrier: from the end of the last body to the return, ns", Column("", plain("barrier_median"), 0)),
    ("a", "region in which all meet, ns", Column("", plain("hot_median"), 0)),
    ("h", "steal: from a fork until another worker has the task, ns", Column("", plain("steal_median"), 0)),
    ("b", "fib(32), a task at every call, over serial", Column("", over_serial, 3)),
    ("d", "map-reduce, smallest N at which all workers win", Column("", crossover, 0)),
    ("f", "1M trivial iterations, chunk 1, ns each", Column("", plain("dynamic1"))),
    ("g", "METG(50 %), ns", Column("", plain("metg"), 0)),
    ("g", "METG(50 %) under steal, ns", Column("", plain("metg_steal"), 0)),
)

# What ours should reach: the benchmark, the column, the bound, whether it is an upper one, words.
AT_MOST, AT_LEAST = True, False
TARGETS = (
    ("a", "hot_floor", 1.3, AT_MOST, "a: hot, over the floor"),
    ("a", "cold_best", 0.9, AT_MOST, "a: after 1 ms idle, over the best peer that burns <= 0.3 CPUs"),
    ("a", "idle", 0.05, AT_MOST, "a: CPUs burnt while idle"),
    ("b", "one_serial", 1.05, AT_MOST, "b: 1 worker, over serial"),
    ("b", "two_serial", 0.54, AT_MOST, "b: 2 workers, over serial"),
    ("b", "pointers", 2.3, AT_MOST, "b: through function pointers, 1 worker, over serial"),
    ("c", "every_speedup", 1.75, AT_LEAST, "c: every node, speedup"),
    ("c", "cutoff_speedup", 1.96, AT_LEAST, "c: cutoff 6, speedup"),
    ("d", "crossover", 500, AT_MOST, "d: crossover N"),
    ("e", "ratio", 0.9, AT_LEAST, "e: waited for, over inline"),
    ("f", "dynamic", 0.7, AT_MOST, "f: ns an iteration"),
    ("g", "metg_best", 1.0, AT_MOST, "g: METG(50 %) under pool, over the best peer's"),
    ("g", "metg_steal_best", 1.0, AT_MOST, "g: METG(50 %) under steal, over the best peer's"),
)


def summary(values):
    """The median, and its 95 % interval by bootstrap over the rounds."""
    drawn = random.Random(1)
    medians = sorted(statistics.median(drawn.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return statistics.median(values), medians[RESAMPLES // 40], medians[-RESAMPLES // 40 - 1]


class Session:
    def __init__(self, programs, benches, threads=None):
        self.programs, self.benches, self.threads = programs, benches, threads
        self.replies = {(p.name, b): [] for p in programs for b in benches}

    def available(self):
        return [p for p in self.programs if p.missing is None]

    def round(self, number):
        benches = random.sample(self.benches, len(self.benches))
        for bench in benches:
            for program in random.sample(self.available(), len(self.available())):
                workers = f", {self.threads} workers" if self.threads else ""
                print(f"\r\033[Kround {number + 1}{workers}: {bench} {program.name}", end="", file=sys.stderr, flush=True)
                self.replies[program.name, bench].append(ask(program, bench, self.threads))

    def run(self, rounds):
        start, longest = time.monotonic(), 0.0
        for number in range(rounds or ROUNDS):
            begun = time.monotonic()
            if rounds is None and begun - start + longest > MAX_TIME:
                break
            self.round(number)
            longest = max(longest, time.monotonic() - begun)
        print("\r\033[K", end="", file=sys.stderr, flush=True)
        return number_of_rounds(self), time.monotonic() - start

    def by_round(self, name, bench, of_round):
        """The column's values: one per round, None where it is not there. Failed runs give none."""
        own = self.replies.get((name, bench), [])
        floor = self.replies.get((FLOOR, bench)) or [Reply()] * len(own)
        return [None if o.failure else of_round(o.figures, {} if f.failure else f.figures)
                for o, f in zip(own, floor)]

    def values(self, name, bench, column):
        found = self.by_round(name, bench, BENCHES[bench][1][column].of_round)
        return [v for v in found if v is not None]


def number_of_rounds(session):
    return max((len(replies) for replies in session.replies.values()), default=0)


def print_rows(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("  " + "  ".join(cells).rstrip())


def cell(column, values):
    if not values:
        return "-"
    return "{} [{}, {}]".format(*map(column.show, summary(values)))


def notes(session, program, bench):
    """Why a program's row has holes."""
    if program.missing is not None:
        return [program.missing]
    replies = session.replies[program.name, bench]
    failures = [r.failure for r in replies if r.failure]
    found = []
    if failures:
        found.append(f"failed in {len(failures)} of {len(replies)} rounds: {failures[-1]}")
    skipped = {}
    for reply in replies:
        skipped.update(reply.skipped)
    reasons = dict.fromkeys(skipped.values())
    for reason in reasons:
        names = ", ".join(name for name, why in skipped.items() if why == reason)
        found.append(f"skips {names}: {reason}")
    holes = [column.title for key, column in BENCHES[bench][1].items()
             if key not in ALONE and not session.values(program.name, bench, key)]
    if holes and not found:
        found.append("did not print what these are made of: " + ", ".join(holes))
    return found


def print_bench(session, bench):
    title, columns = BENCHES[bench]
    print(f"\n{bench}  {title}")
    rows = [["", *(column.title for column in columns.values())]]
    for program in session.available():
        rows.append([program.name, *(cell(columns[key], session.values(program.name, bench, key)) for key in columns)])
    print_rows(rows)
    for program in session.programs:
        for note in notes(session, program, bench):
            print(f"  {program.name}: {note}")


def peers(session):
    return [p.name for p in session.available() if p.name not in (OURS, FLOOR)]


def best_idle_peer(session):
    """The peer that is fastest after idling, of those that do not spin through it."""
    def median(name, key):
        values = session.values(name, "a", key)
        return statistics.median(values) if values else math.inf

    quiet = [name for name in peers(session) if median(name, "idle") <= QUIETLY_IDLE]
    return min(quiet, key=lambda name: median(name, "cold"), default=None)


def cold_over_best(session, name):
    best = best_idle_peer(session)
    if best is None:
        return []
    cold = BENCHES["a"][1]["cold"].of_round
    pairs = zip(session.by_round(name, "a", cold), session.by_round(best, "a", cold))
    return [own / other for own, other in pairs if own is not None and other]


def metg_over_best(session, name, key):
    best = best_of({peer: session.values(peer, "g", "metg") for peer in peers(session)}, True)
    if best is None:
        return []
    own, other = BENCHES["g"][1][key].of_round, BENCHES["g"][1]["metg"].of_round
    pairs = zip(session.by_round(name, "g", own), session.by_round(best, "g", other))
    return [mine / theirs for mine, theirs in pairs if mine is not None and theirs]


def best_of(values, at_most):
    medians = {name: statistics.median(found) for name, found in values.items() if found}
    return (min if at_most else max)(medians, key=medians.get, default=None)


def target_values(session, bench, key, name):
    if bench not in session.benches:
        return []
    if key == "cold_best":
        return cold_over_best(session, name)
    if key.startswith("metg"):
        return metg_over_best(session, name, key.removesuffix("_best"))
    return session.values(name, bench, key)


def figure(value):
    return "none" if math.isinf(value) else f"{value:.4g}"


def best_of_peers(session, bench, key, at_most):
    measured = bench in session.benches
    if key == "cold_best":
        best = best_idle_peer(session) if measured else None
        return best or "-"
    if key.endswith("_best"):
        key = "metg"
    values = {name: session.values(name, bench, key) for name in peers(session)} if measured else {}
    best = best_of(values, at_most)
    return f"{best} {figure(statistics.median(values[best]))}" if best else "-"


def print_targets(session):
    """The number of targets missed."""
    rows, missed = [["", "bound", "ours", "", "best peer"]], 0
    for bench, key, bound, at_most, words in TARGETS:
        values = target_values(session, bench, key, OURS)
        shown, verdict = "-", "not measured"
        if values:
            middle, low, high = summary(values)
            reached = middle <= bound if at_most else middle >= bound
            shown = f"{figure(middle)} [{figure(low)}, {figure(high)}]"
            verdict = "reached" if reached else "missed"
            if low <= bound <= high and low < high:
                verdict += " (the interval holds the bound)"
            missed += not reached
        rows.append([words, f"{'<=' if at_most else '>='} {bound:g}", shown, verdict,
                     best_of_peers(session, bench, key, at_most)])
    print("\ntargets")
    print_rows(rows)
    return missed


def print_scaling(sessions):
    for bench, words, column in SCALING:
        if bench not in sessions[0].benches:
            continue
        print(f"\n{bench}  {words}")
        rows = [["", *(f"{session.threads} workers" for session in sessions)]]
        for program in sessions[0].available():
            found = [[v for v in session.by_round(program.name, bench, column.of_round) if v is not None]
                     for session in sessions]
            if any(found):
                rows.append([program.name, *(cell(column, values) for values in found)])
        print_rows(rows)
    for session in sessions:
        for program in session.available():
            for reason in dict.fromkeys(r.failure for b in session.benches for r in session.replies[program.name, b]
                                        if r.failure):
                print(f"  {program.name} with {session.threads} workers: {reason}")


def scale(programs, options):
    """The exit status."""
    benches = sorted({bench for bench, _, _ in SCALING} & set(options.only))
    if not benches:
        sys.exit("runtimes.py: none of these depends on the number of workers")
    sessions = []
    for count in worker_counts(options.threads):
        session = Session(programs, benches, count)
        use_cpus(spread_cpus(count))
        rounds, took = session.run(options.rounds or ROUNDS_SCALING)
        print(f"{count} workers on CPUs {', '.join(map(str, sorted(spread_cpus(count))))}: {rounds} rounds in {took:.0f} s")
        sessions.append(session)
        use_cpus(ALLOWED)
    print_scaling(sessions)
    return int(any(reply.failure for s in sessions for replies in s.replies.values() for reply in replies))


def worker_counts(most):
    counts = []
    while 2 ** (len(counts) + 1) < most:
        counts.append(2 ** (len(counts) + 1))
    return [*counts, most]


def spread_cpus(count):
    """So many of those that may be used, one of each core before any second one."""
    seen, keyed = {}, []
    for cpu in sorted(ALLOWED):
        core = siblings(cpu)
        keyed.append((seen.get(core, 0), cpu))
        seen[core] = seen.get(core, 0) + 1
    return {cpu for _, cpu in sorted(keyed)[:count]}


def use_cpus(cpus):
    try:
        os.sched_setaffinity(0, cpus)  # inherited by all programs
    except OSError as error:
        sys.exit(f"runtimes.py: can't use the CPUs {sorted(cpus)}: {error.strerror}")


def siblings(cpu):
    try:
        with open(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return str(cpu)


def two_cpus():
    if len(ALLOWED) < 2:
        sys.exit("runtimes.py: needs two CPUs")
    return spread_cpus(2)


def busy_seconds(cpus):
    """What the CPUs have spent at work for anyone, and stolen by the hypervisor."""
    ticks = os.sysconf("SC_CLK_TCK")
    names = {f"cpu{cpu}" for cpu in cpus}
    busy = 0
    with open("/proc/stat", encoding="ascii") as file:
        for words in map(str.split, file):
            if words[0] in names:
                user, nice, system, _, _, irq, softirq, steal = map(int, words[1:9])
                busy += user + nice + system + irq + softirq + steal
    return busy / ticks


def own_seconds():
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def built_programs(build):
    folder = os.path.join(os.path.abspath(build), "bench/peers")
    for program, name, variables in BUILT:
        path = os.path.join(folder, program)
        missing = None if os.access(path, os.X_OK) and os.path.isfile(path) else \
            f"not measured: there is no {os.path.join(build, 'bench/peers', program)}"
        yield Program(name, [path], variables, missing)


def given_program(text):
    name, separator, command = text.partition("=")
    if not separator or not name or not command.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=COMMAND")
    return Program(name, shlex.split(command), {})


def positive(text):
    if int(text) < 1:
        raise ValueError
    return int(text)


def letters(text):
    chosen = text.split(",")
    if not set(chosen) <= set(BENCHES):
        raise argparse.ArgumentTypeError(f"the benchmarks are {','.join(BENCHES)}")
    return sorted(set(chosen))


def cpu_pair(text):
    cpus = {int(word) for word in text.split(",")}
    if len(cpus) != 2:
        raise ValueError
    return cpus


def thread_count(text):
    count = len(ALLOWED) if text == "cpus" else int(text)
    if not 2 <= count <= len(ALLOWED):
        raise argparse.ArgumentTypeError(f"from 2 to {len(ALLOWED)} workers have a CPU each here")
    return count


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n", maxsplit=1)[0],
                                     description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("build")
    parser.add_argument("--rounds", type=positive)
    parser.add_argument("--only", type=letters, default=list(BENCHES))
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--cpus", type=cpu_pair)
    where.add_argument("--threads", type=thread_count, metavar="N|cpus")
    parser.add_argument("--peer", type=given_program, action="append", default=[])
    return parser.parse_args()


def main():
    options = arguments()
    programs = {p.name: p for p in [*built_programs(options.build), *options.peer]}
    session = Session(list(programs.values()), options.only)
    if not session.available():
        sys.exit(f"runtimes.py: no program to measure in {options.build}/bench/peers")
    if options.threads:
        return scale(session.programs, options)
    cpus = options.cpus or two_cpus()
    use_cpus(cpus)
    busy, own = busy_seconds(cpus), own_seconds()
    rounds, took = session.run(options.rounds)
    others = max(0.0, busy_seconds(cpus) - busy - (own_seconds() - own)) / took
    print(f"{rounds} rounds on CPUs {', '.join(map(str, sorted(cpus)))} in {took:.0f} s; medians, with 95 % "
          f"intervals over the rounds; others used {others:.2f} of these two CPUs")
    for bench in options.only:
        print_bench(session, bench)
    missed = print_targets(session)
    failed = any(reply.failure for replies in session.replies.values() for reply in replies)
    return 1 if missed or failed else 0


if __name__ == "__main__":
    sys.exit(main())
