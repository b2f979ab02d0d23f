"""Pages whose blocks, between `<!-- study:NAME -->` and `<!-- /study -->`, are written from results.
What stands around them is written by hand and holds no figure of a run."""

import re

from . import words
from .study import NotMeasured
from .text import paragraph

BLOCK = re.compile(r"<!-- study:([\w-]+) -->\n(.*?)<!-- /study -->", re.S)
MARKER = re.compile(r"<!--\s*/?study\b[^>]*-->")
CODE = re.compile(r"^    .*$|`[^`\n]*`", re.M)
ELSEWHERE = re.compile(r"^\*\*Elsewhere\*\*.*?(?:\n\n|\Z)", re.M | re.S)
FIGURE = re.compile(r"\d[\d.,]*\s*(?:×|%|(?:times|[mun]?s|[kMG]|x)\b)")
QUIET = 0.1  # of the CPUs' time that others may use before a run, for it to count as quiet


def machine(runs):
    """Which machine, when, and how quiet it was."""
    results = [r for r in runs.measured() if "points" in r.data]
    host = results[0].host
    siblings = f"{host['threads_per_core']} a core" if host["threads_per_core"] > 1 else "no SMT"
    busy = [b for r in results for b in r.host["cpu_busy"]["before"] if b is not None]
    rounds = [r.plan["rounds"] for r in results]
    virtual = "" if host["virtualization"] == "none" else f" {host['virtualization']},"
    text = (f"Measured on {results[0].data['started'][:10]} with parscope "
            f"{results[0].data['version']}: {host['cpu_model']}, {host['cores']} cores, "
            f"{host['cpus']} CPUs ({siblings}),{virtual} {host['kernel']}; "
            f"{words.span(min(rounds), max(rounds))} round{'s' if max(rounds) > 1 else ''} a run.")
    if busy and max(busy) > QUIET:
        text += (f" The machine was not quiet: before one of the runs a CPU was "
                 f"{words.percent(max(busy))} busy with other things.")
    return paragraph(text)


def block_text(function, runs):
    try:
        return function(runs)
    except NotMeasured as why:
        return paragraph(f"Not measured on this machine: {why}.")


def blocks(study, runs):
    """All blocks of a study's page, by name."""
    made = {"machine": machine(runs)}
    made.update({f"command-{name}": runs.command(name) for name in study.commands})
    made.update({name: block_text(function, runs) for name, function in study.blocks.items()})
    return made


def fill(page, made):
    """The page with the text of its blocks replaced."""
    def one(match):
        return f"<!-- study:{match[1]} -->\n\n{made[match[1]]}\n\n<!-- /study -->"
    return BLOCK.sub(one, page)


def by_hand(page):
    """What of a page is neither generated, nor code, nor what was found elsewhere."""
    return CODE.sub("", ELSEWHERE.sub("", BLOCK.sub("", page)))


def stale(study, name, text):
    """Whether a block holds another command than the study's."""
    command = study.commands.get(name.removeprefix("command-"))
    if command is None or not text.strip():
        return False
    lines = [line for line in (command.line, command.instead) if line]
    return not any(text.strip().startswith(f"parscope {line} --max-time ") for line in lines)


def problems(page, study):
    """What is wrong with the page of a study."""
    names = study.block_names()
    found = BLOCK.findall(page)
    present = [name for name, _ in found]
    wrong = [f"unknown block {name}" for name in dict.fromkeys(present) if name not in names]
    wrong += [f"block {name} is missing" for name in names if name not in present]
    wrong += [f"block {name} is there {present.count(name)} times"
              for name in dict.fromkeys(present) if present.count(name) > 1]
    wrong += [f"block {name} is empty" for name, text in found if not text.strip()]
    wrong += [f"block {name} is not what tools/studies runs" for name, text in found
              if stale(study, name, text)]
    wrong += [f"stray marker {marker}" for marker in MARKER.findall(BLOCK.sub("", page))]
    wrong += [f"block {name} holds a marker" for name, text in found if MARKER.search(text)]
    wrong += [f"a figure that no run wrote: {figure.strip()}"
              for figure in FIGURE.findall(by_hand(page))]
    return wrong
