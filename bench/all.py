#!/usr/bin/python3
"""Builds and runs all benchmarks, each in a short form, and tells which fell short.

usage: bench/all.py BUILD [NAME...]

`tools/setup bench` installs what they need beside a compiler. BUILD is a release build; what is missing in it is
built. It takes half an hour on a quiet machine of two CPUs. The exit status is 1 if any fell short or could not run.
"""

import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TARGETS = ["src/cli/parscope", "tests/cli/workers", "tests/cli/family", "tests/cli/planted", "tests/cli/regions",
           "tests/cli/no_perf", *(f"bench/{name}" for name in ("plain_reduce", "plain_spawn", "plain_tree", "omp_loop",
                                                               "regions_cost", "five", "hand_over", "phases"))]
BENCHES = {
    "own_time": ["BUILD", "--rounds", "3"],
    "acceptance": ["BUILD"],
    "truth": ["BUILD"],
    "programs own": ["BUILD", "own"],
    "programs agree": ["BUILD", "agree", "1,2", "--", "BUILD/bench/omp_loop", "{threads}"],
    "checks": ["BUILD"],
    "gates": ["BUILD", "simulated", "--times", "20"],
    "observed": ["BUILD"],
    "causes": ["BUILD", "3"],
    "hostile": ["BUILD"],
    "runtimes": ["BUILD", "--rounds", "3"],
}


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-") or not os.path.isdir(sys.argv[1]):
        print(__doc__, file=sys.stderr)
        return 2
    build, wanted = sys.argv[1], sys.argv[2:] or list(BENCHES)
    unknown = [name for name in wanted if name not in BENCHES]
    if unknown:
        sys.exit(f"all.py: no benchmark is called {', '.join(unknown)}: there are {', '.join(BENCHES)}")
    subprocess.run(["ninja", "-C", build, *TARGETS], check=True, stdout=subprocess.DEVNULL)
    missed = []
    for name in wanted:
        words = [word.replace("BUILD", build) for word in BENCHES[name]]
        print(f"== {name}: bench/{name.split()[0]}.py {' '.join(words)}", flush=True)
        begin = time.monotonic()
        if subprocess.run([sys.executable, os.path.join(HERE, f"{name.split()[0]}.py"), *words], check=False).returncode:
            missed.append(name)
        print(f"   {time.monotonic() - begin:.0f} s", flush=True)
    print("fell short, or did not run:", ", ".join(missed) if missed else "none")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
