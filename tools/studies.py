"""Repeats the studies of docs/studies, and writes the figures and sentences of their pages anew."""

import argparse
import os
import subprocess
import sys
import tempfile

from study import launching, networks, operations, pages, size, ways
from study.result import Result
from study.study import Run, Runs

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGES = os.path.join(TOP, "docs", "studies")
KEPT = os.path.join(TOP, "build", "studies")
PARSCOPE = os.path.join(TOP, "build", "src", "cli", "parscope")
STUDIES = {m.STUDY.name: m.STUDY for m in (launching, operations, networks, ways, size)}
INTERRUPTED = 130
CANT_MEASURE = 77  # parscope's exit status on machines that lack what it takes


class Failed(Exception):
    """What went wrong, for the user."""


def page_path(study):
    return os.path.join(PAGES, f"{study.name}.md")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    """All of it or nothing."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=os.path.dirname(path),
                                     delete=False) as file:
        file.write(text)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def build():
    for command in (["tools/setup", "studies"], ["tools/run", "--version"]):
        if subprocess.run([os.path.join(TOP, command[0]), *command[1:]],
                          stdout=subprocess.DEVNULL).returncode:
            raise Failed(f"{' '.join(command)} failed")


def parscope(words, output):
    print(f"parscope {' '.join(words)}", file=sys.stderr, flush=True)
    return subprocess.run([PARSCOPE, *words, "-q", "-o", output], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def why(done):
    """parscope's own words, without its name."""
    lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
    return lines[0].split(": ", 1)[-1].rstrip(".")


def measure(command, time, folder):
    output = os.path.join(folder, "result.json")
    words = command.words(time)
    done = parscope(words, output)
    if done.returncode == CANT_MEASURE and command.instead:
        words = command.words_instead(time)
        done = parscope(words, output)
    if done.returncode == 0:
        return Run(words, data=Result.load(output).data)
    if command.optional:
        return Run(words, failed=why(done))
    raise Failed(f"parscope {' '.join(words)}: {done.stderr.strip() or why(done)}")


def runs_of(study, arguments):
    """Measured, or kept from an earlier time."""
    runs = {}
    os.makedirs(KEPT, exist_ok=True)
    for name, command in study.commands.items():
        path = os.path.join(KEPT, f"{study.name}.{name}.json")
        if not arguments.rewrite:
            with tempfile.TemporaryDirectory() as folder:
                measure(command, arguments.time, folder).save(path)
        elif not os.path.exists(path):
            raise Failed(f"no result of an earlier run in {path}")
        runs[name] = Run.load(path)
    return Runs(runs)


def repeat(study, arguments):
    page = read(page_path(study))
    write(page_path(study), pages.fill(page, pages.blocks(study, runs_of(study, arguments))))


def check(studies):
    """Whether all pages hold what they should; prints what they don't."""
    wrong = []
    for study in studies:
        found = pages.problems(read(page_path(study)), study)
        wrong += [f"{os.path.relpath(page_path(study), TOP)}: {problem}" for problem in found]
    for problem in wrong:
        print(problem)
    return not wrong


def parse():
    parser = argparse.ArgumentParser(prog="tools/studies", description=__doc__)
    parser.add_argument("study", nargs="*", metavar="STUDY",
                        help=f"only these, of {', '.join(STUDIES)} (default: all)")
    parser.add_argument("--time", default="30s", metavar="TIME",
                        help="--max-time of each command (default: %(default)s)")
    parser.add_argument("--rewrite", action="store_true",
                        help="measure nothing: write from the results kept in build/studies")
    parser.add_argument("--check", action="store_true",
                        help="run nothing: see that the pages' blocks are known and filled")
    arguments = parser.parse_args()
    for name in arguments.study:
        if name not in STUDIES:
            parser.error(f"no study '{name}': there are {', '.join(STUDIES)}")
    return arguments


def main():
    arguments = parse()
    studies = [STUDIES[name] for name in arguments.study or STUDIES]
    if arguments.check:
        return 0 if check(studies) else 1
    try:
        if not arguments.rewrite:
            build()
        for study in studies:
            repeat(study, arguments)
    except Failed as failure:
        print(f"tools/studies: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0 if check(studies) else 1


if __name__ == "__main__":
    sys.exit(main())
