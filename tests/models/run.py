"""Runs the models with spin, and their mutants; prints TAP.

usage: run.py FOLDER [--memory MB] [--no-mutants] [--mutant M]... [MODEL[,BOUND=N]...]...

FOLDER is where they are built. Without a model the rows of models.def are run, as tools/test does. Bounds
are the numbers that stand at the top of a model, as in `pool,WORKERS=3,REGIONS=2`. A mutant is SITE=ORDER
or the name of a planted defect. What a search printed is in FOLDER/MODEL.../last.txt, and the way to the
error in model.pml.trail there, which `spin -t -p model.pml` can't replay, as C is embedded: `./pan -r` does."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
MUTANTS_ONLY, LONG, BY_HAND = "mutants-only", "long", "by-hand"
ORDERS = ["relaxed", "acquire", "release", "acq_rel", "seq_cst"]


def rows(name):
    with open(os.path.join(HERE, name), encoding="ascii") as f:
        for line in f:
            words = line.split("#")[0].split()
            if words:
                yield words


class Site:
    def __init__(self, words):
        self.name, self.file, self.function, self.operation = words[:4]
        self.order, _, self.failure = words[4].partition("/")
        self.fates = [tuple(w.split("=")) for w in words[5:]] if self.name != "-" else []
        self.reason = " ".join(words[5:])


def read_sites():
    return [Site(words) for words in rows("sites.def")]


def read_models():
    """[(model with its bounds, what must be caught in it)]"""
    return [(words[0], words[1:]) for words in rows("models.def")]


def read_defects():
    """What the models have planted."""
    found = set()
    for name in os.listdir(HERE):
        if name.endswith(".pml"):
            with open(os.path.join(HERE, name), encoding="ascii") as f:
                found.update(re.findall(r"\bPLANTED\((\w+)\)", f.read()))
    return sorted(found)


def write_sites(folder, sites, defects):
    """For C the tables, for Promela the names, as numbers."""
    named = [s for s in sites if s.name != "-"]

    def table(name, values):
        return f"static const unsigned char {name}[] = {{0, {', '.join(map(str, values))}}};\n"

    with open(os.path.join(folder, "sites.h"), "w", encoding="ascii") as f:
        f.write(table("site_orders", [ORDERS.index(s.order) for s in named]))
        f.write(table("site_failures", [ORDERS.index(s.failure or "relaxed") for s in named]))
    with open(os.path.join(folder, "sites.pml"), "w", encoding="ascii") as f:
        for number, site in enumerate(named, 1):
            f.write(f"#define {site.name} {number}\n")
        for number, defect in enumerate(defects):
            f.write(f"#define {defect} {number}\n")
        f.write("#define PLANTED(number) c_expr { planted == number }\n")
    return {s.name: n for n, s in enumerate(named, 1)}


def call(command, folder, **options):
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False, **options)


def build(folder, row, memory, level):
    """The error, or None."""
    name, *bounds = row.split(",")
    place = os.path.join(folder, row)
    os.makedirs(place, exist_ok=True)
    shutil.copy(os.path.join(folder, "sites.h"), place)
    shutil.copy(os.path.join(HERE, "memory.h"), place)
    source = os.path.join(place, "model.pml")
    defines = [f"-D{b}" for b in bounds]
    made = call(["cpp", "-P", "-undef", "-include", os.path.join(folder, "sites.pml"), "-I", HERE]
                + defines + [os.path.join(HERE, f"{name}.pml"), source], place)
    if made.returncode:
        return made.stdout
    numbers = call(["cpp", "-P", "-dM"] + defines + ["-I", HERE, os.path.join(HERE, f"{name}.pml")], place)
    wanted = {m[1]: m[2] for m in re.finditer(r"^#define (\w+) (.+)$", numbers.stdout, re.M)}
    sizes = [f"-D{n}={wanted[n]}" for n in ("THREADS", "LOCATIONS", "PLAINS", "HISTORY")]
    sizes += [f"-D{n}={v}" for n, v in wanted.items() if n not in ("THREADS", "LOCATIONS", "PLAINS", "HISTORY")
              and re.fullmatch(r"\w+|\(.*\)", v) and any(n in wanted[s] for s in ("THREADS", "LOCATIONS", "PLAINS"))]
    made = call(["spin", "-a", "model.pml"], place)
    if made.returncode or not os.path.exists(os.path.join(place, "pan.c")):
        return made.stdout
    made = call(["gcc", level, "-w", "-DSAFETY", "-DNOREDUCE", "-DNOFAIR", "-DVECTORSZ=8192", "-DCOLLAPSE", f"-DMEMLIM={memory}"]
                + sizes + ["-o", "pan", "pan.c"], place)
    return made.stdout if made.returncode else None


class Outcome:
    def __init__(self, done, seconds):
        self.text, self.seconds = done.stdout, seconds
        states = re.search(r"(\d+) states, stored", done.stdout)
        self.states = int(states[1]) if states else 0
        whole = "Search not completed" not in done.stdout and "max search depth too small" not in done.stdout
        errors = re.search(r"errors: (\d+)", done.stdout)
        self.broken = done.returncode != 0 or not errors or "HISTORY is too short" in done.stdout
        found = re.search(r"pan:1: (.+?) \(at depth", done.stdout)
        self.error = found[1] if found else None
        if not self.error and not whole:
            self.broken = True


def search(folder, row, mutant, memory):
    start = time.monotonic()
    place = os.path.join(folder, row)
    done = call(["./pan", "-m200000", "-w19"], place, env=dict(os.environ, MUTANT=mutant))
    with open(os.path.join(place, "last.txt"), "w", encoding="utf-8") as f:
        f.write(done.stdout)
    return Outcome(done, time.monotonic() - start)


class Models:
    def __init__(self, options):
        self.folder, self.memory = options.folder, options.memory
        self.sites, self.rows = read_sites(), read_models()
        self.defects = read_defects()
        os.makedirs(self.folder, exist_ok=True)
        self.numbers = write_sites(self.folder, self.sites, self.defects)
        self.number = 0

    def tell(self, ok, name, lines=()):
        self.number += 1
        for line in lines:
            print(f"# {line}")
        print(f"{'ok' if ok else 'not ok'} {self.number} - {name}", flush=True)

    def encode(self, mutant):
        site, _, order = mutant.partition("=")
        if order:
            return f"{self.numbers[site]}={ORDERS.index(order)}"
        return f"!{self.defects.index(site)}"

    def ask(self, row, mutant, error_wanted):
        found = search(self.folder, row, mutant and self.encode(mutant), self.memory)
        ok = not found.broken and bool(found.error) == error_wanted
        lines = [f"{found.states} states, {found.seconds:.1f} s, {found.error or 'no error'}"]
        if not ok:
            lines += found.text.splitlines()[:40]
        what = (" catches " if error_wanted else " does without ") + mutant if mutant else ": no error"
        self.tell(ok, row + what, lines)

    def run(self, row, mutants):
        error = build(self.folder, row, self.memory, "-O1" if LONG in mutants else "-O0")
        if error:
            self.tell(False, f"{row}: built", error.splitlines()[:40])
            return
        if MUTANTS_ONLY not in mutants:
            self.ask(row, "", False)
        for mutant in mutants:
            if mutant in (MUTANTS_ONLY, LONG, BY_HAND):
                continue
            redundant = mutant.startswith("without:")
            self.ask(row, mutant.removeprefix("without:"), not redundant)

    def check_mutants(self):
        """Every order that could be weaker has its mutants, each of them in a model."""
        told = {m.removeprefix("without:") for _, mutants in self.rows for m in mutants}
        for site in self.sites:
            missing = [f"{site.name}={order}" for order in weaker(site) if f"{site.name}={order}" not in told]
            if site.name != "-" and weaker(site):
                self.tell(not missing, f"mutants of {site.name}",
                          [f"{m} is in no row of models.def" for m in missing])
        for defect in self.defects:
            self.tell(defect in told, f"{defect} is planted")


def weaker(site):
    """The orders that are one step weaker."""
    if site.order == "seq_cst":
        return {"store": ["release"], "load": ["acquire"]}.get(site.operation, ["acq_rel"])
    return {"acq_rel": ["acquire", "release"], "acquire": ["relaxed"], "release": ["relaxed"]}.get(site.order, [])


OPERATION = re.compile(r"\b(?:atomic_(load|store|compare_exchange|fetch_add|fetch_sub|fetch_and|exchange)"
                       r"(?:_weak|_strong)?_explicit|__atomic_(load|store)_n)\s*\(")


def arguments_end(text, start):
    depth = 1
    while depth:
        depth += {"(": 1, ")": -1}.get(text[start], 0)
        start += 1
    return start


def operations_of(path):
    """[(function, operation, order[/failure])] as they stand in the C."""
    with open(path, encoding="utf-8") as f:
        text = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m[0]), f.read(), flags=re.S)
    found = []
    for match in OPERATION.finditer(text):
        inside = text[match.end():arguments_end(text, match.end())]
        orders = [o.lower() for o in re.findall(r"(?:memory_order_|__ATOMIC_)([a-zA-Z_]+)", inside)]
        heads = re.findall(r"^[a-z][^\n;={}]*?\b(\w+)\((?:[^;{}]*)\)\n\{", text[:match.start()], re.M)
        found.append((heads[-1] if heads else "-", match[1] or match[2], "/".join(orders)))
    return found


def check_ties(models):
    """Each atomic operation of the modelled files has its row, with its order."""
    files = list(dict.fromkeys(s.file for s in models.sites if s.file != "-"))
    for name in files:
        path = os.path.join(TOP, "include/parscope" if name == "task.h" else "src/runtime", name)
        there = operations_of(path)
        rows_of = [(s.function, s.operation, s.order + ("/" + s.failure if s.failure else ""))
                   for s in models.sites if s.file == name]
        lines = [f"only in the C: {o}" for o in there if o not in rows_of or there.count(o) != rows_of.count(o)]
        lines += [f"only in sites.def: {o}" for o in rows_of if o not in there]
        models.tell(not lines, f"{name} is as the models have it", lines)


def why_not():
    for program in ("spin", "gcc", "cpp"):
        if not shutil.which(program):
            return f"{program} is not installed"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--memory", type=int, default=2000, help="MB that a search may take (default 2000)")
    parser.add_argument("--no-mutants", action="store_true")
    parser.add_argument("--mutant", action="append", default=[])
    parser.add_argument("row", nargs="*")
    options = parser.parse_intermixed_args()
    reason = why_not()
    if reason:
        print(f"1..1\nok 1 - models # SKIP {reason}")
        return 0
    models = Models(options)
    known = dict(models.rows)
    if not options.row:
        check_ties(models)
        models.check_mutants()
    for row in options.row or known:
        if BY_HAND in known.get(row, []) and not options.row:
            models.tell(True, f"{row} # SKIP too long for every run: see docs/design/verification.md")
            continue
        models.run(row, options.mutant or ([] if options.no_mutants else known.get(row, [])))
    print(f"1..{models.number}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
