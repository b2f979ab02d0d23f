#!/usr/bin/python3
"""Builds and runs all benchmarks, each in a short form, and tells which fell short.

usage: bench/all.py BUILD [--once] [NAME...]

`tools/setup bench` installs what they need beside a compiler. BUILD is a release build, set up with -Dpeers=auto for
the other runtimes; what is missing in it is built. It takes half an hour on a quiet machine of two CPUs; with --once,
where each does a little of what it can, some minutes. The exit status is 1 if any fell short or could not run.
"""

import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TARGETS = ["src/cli/parscope", "tests/cli/workers", "tests/cli/family", "tests/cli/planted", "tests/cli/regions",
           "tests/cli/no_perf", *(f"bench/{name}" for name in ("plain_reduce", "plain_spawn", "plain_tree", "omp_loop",
                                                               "regions_cost", "five", "hand_over", "phases"))]
# Name: a short form, and the least one.
BENCHES = {
    "own_time": (["BUILD", "--rounds", "3"], ["BUILD", "--rounds", "1"]),
    "acceptance": (["BUILD"], ["BUILD", "plain", "cost"]),
    "truth": (["BUILD"], ["BUILD", "load=1", "checks=2", "delay", "child"]),
    "programs own": (["BUILD", "own"], ["BUILD", "own"]),
    "programs agree": (["BUILD", "agree", "1,2", "--", "BUILD/bench/omp_loop", "{threads}"],
                       ["BUILD", "agree", "1,2", "--runs", "2", "--", "BUILD/bench/omp_loop", "{threads}"]),
    "checks": (["BUILD"], ["BUILD", "outcomes", "aa", "3"]),
    "gates": (["BUILD", "simulated", "--times", "20"], ["BUILD", "simulated", "--times", "1"]),
    "observed": (["BUILD"], ["BUILD", "serial:1s", "accounts", "attach=1", "regions"]),
    "causes": (["BUILD", "3"], ["BUILD", "1", "serial", "lock"]),
    "hostile": (["BUILD"], ["BUILD", "exits", "daemonises", "deleted"]),
    "pages": (["BUILD"], ["BUILD", "1"]),
    "runtimes": (["BUILD", "--rounds", "3"], ["BUILD", "--rounds", "1", "--only", "a,d,g"]),
    "runtimes by threads": (["BUILD", "--threads", "cpus"], ["BUILD", "--threads", "2", "--rounds", "1", "--only", "a,h"]),
}


def runtimes(build):
    """The programs of bench/peers that this build makes."""
    listed = subprocess.run(["ninja", "-C", build, "-t", "targets", "all"], check=True, stdout=subprocess.PIPE, text=True)
    names = (line.split(":")[0] for line in listed.stdout.splitlines())
    return [name for name in names if os.path.dirname(name) == "bench/peers" and "." not in os.path.basename(name)]


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-") or not os.path.isdir(sys.argv[1]):
        print(__doc__, file=sys.stderr)
        return 2
    build, once = sys.argv[1], "--once" in sys.argv[2:]
    wanted = [word for word in sys.argv[2:] if word != "--once"] or list(BENCHES)
    unknown = [name for name in wanted if name not in BENCHES]
    if unknown:
        sys.exit(f"all.py: no benchmark is called {', '.join(unknown)}: there are {', '.join(BENCHES)}")
    subprocess.run(["ninja", "-C", build, *TARGETS, *runtimes(build)], check=True, stdout=subprocess.DEVNULL)
    missed = []
    for name in wanted:
        words = [word.replace("BUILD", build) for word in BENCHES[name][once]]
        print(f"== {name}: bench/{name.split()[0]}.py {' '.join(words)}", flush=True)
        begin = time.monotonic()
        if subprocess.run([sys.executable, os.path.join(HERE, f"{name.split()[0]}.py"), *words], check=False).returncode:
            missed.append(name)
        print(f"   {time.monotonic() - begin:.0f} s", flush=True)
    print("fell short, or did not run:", ", ".join(missed) if missed else "none")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
