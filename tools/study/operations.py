"""One operation after another: a thread for each, or one that stays, and where the difference goes."""

from . import words
from .result import by_round, speed
from .study import Command, Study
from .text import bars, items, paragraph, table
from .words import LESS, MORE, UNTOLD, holds, verdict

COMMANDS = {
    "op": Command("run op:time=200us:first=0+1ms:n=50 "
                  "-s spawn-op,handoff,queue:inflight=1,queue,pool -t 1"),
    "parts": Command("overhead clock thread thread-pinned thread-touch thread-malloc "
                     "handover-sleep wake wake-20us wake-1ms"),
}
WAYS = {"spawn-op": "a new thread for each operation",
        "handoff": "one thread, handed each operation",
        "queue:inflight=1": "a pool of one, waited for each time",
        "queue": "a pool of one, given all at once",
        "pool": "one thread that loops over all"}
MADE_OF = {"spawn-op": ["thread-pinned"], "handoff": ["handover-sleep"],
           "queue:inflight=1": ["handover-sleep"]}


def points(run, way):
    """With nothing to set up by each thread, and with something."""
    return [run.one("op", way, first=first) for first in run.values("first")]


def op_table(runs):
    run = runs["op"]
    rows = []
    for way, meaning in {"sequential": "inline, no thread", **WAYS}.items():
        row = [f"`{way}`", meaning]
        for point in points(run, way):
            row += [words.rate(point.value("throughput")), words.interval(point.metric("speedup"))]
        rows.append(row)
    plain, costly = run.values("first")
    return table(["strategy", "which is", f"first={plain}", "over inline",
                  f"first={costly}", "over inline"], rows, left=2)


def op_plot(runs):
    run = runs["op"]
    costly = run.values("first")[-1]
    found = [run.one("op", way, first=costly) for way in ["sequential", *WAYS]]
    return bars(f"operations per second, where a thread's state takes {costly} to set up",
                [(p.strategy, p.value("throughput"), words.rate(p.value("throughput")))
                 for p in found])


def op_words(runs):
    run = runs["op"]
    texts = []
    for first in run.values("first"):
        pool = run.one("op", "pool", first=first)
        clauses = [words.faster(f"`{way}`", "`pool`", speed(run.one("op", way, first=first), pool))
                   for way in ("spawn-op", "handoff", "queue:inflight=1", "queue")]
        texts.append(words.said(f"With `first={first}`, {clauses[0]}", *clauses[1:]))
    return items(texts)


def op_beside(runs):
    run = runs["op"]
    costly = run.values("first")[-1]
    new = run.one("op", "spawn-op", first=costly)
    others = [run.one("op", way, first=costly) for way in WAYS if way != "spawn-op"]
    return paragraph(words.beside(
        words.every([holds(speed(other, new), MORE) for other in others]),
        "every way that reuses a thread beats a new thread for each operation"))


def parts_table(runs):
    rows = [[part["part"], part["what"], words.interval(words.Interval.of(part), words.time)]
            for part in runs["parts"].data["parts"]]
    return table(["part", "which is", "cost"], rows, left=2)


def parts_words(runs):
    """Creating a thread, and what of the memory that it is the first to touch."""
    parts = runs["parts"]
    bare, touching = (words.Interval.of(parts.part(name)) for name in ("thread", "thread-touch"))
    return paragraph(
        f"Creating and joining a thread takes {words.interval(bare, words.time)}; one that touches "
        f"64 KiB of its own takes {words.interval(touching, words.time)}: "
        f"{words.apart(bare, touching)}.")


def extra(run, way, first):
    """What an operation costs beyond the inline one, in seconds."""
    point, inline = run.one("op", way, first=first), run.baseline("op", first=first)
    count = float(point.told["items"])
    return by_round(lambda a, b: (a - b) / count, point, inline)


def state(run, way):
    """What setting up its thread's state adds to an operation, in seconds."""
    plain, costly = points(run, way)
    count = float(plain.told["items"])
    return by_round(lambda a, b: (a - b) / count, costly, plain)


def part_cost(parts, way):
    """What `overhead` measured of the parts that a way consists of; None where it has no value."""
    costs = [parts.part(name)["value"] for name in MADE_OF.get(way, [])]
    return None if None in costs or not costs else sum(costs)


def split_rows(runs):
    """way, extra with state, of it the state, the parts, the rest"""
    run = runs["op"]
    costly = run.values("first")[-1]
    for way in WAYS:
        whole, own = extra(run, way, costly), state(run, way)
        part = part_cost(runs["parts"], way)
        rest = whole.value - own.value - (part or 0)
        yield way, whole, own, part, rest


def split_table(runs):
    rows = [[f"`{way}`", words.interval(whole, words.time), words.time(own.value),
             words.listed(MADE_OF.get(way, [])) or "-", words.time(part), words.time(rest)]
            for way, whole, own, part, rest in split_rows(runs)]
    return table(["strategy", "beyond inline", "thread's state", "part", "cost of it", "the rest"],
                 rows)


def split_words(runs):
    way, whole, own, part, _ = next(split_rows(runs))
    side = verdict(whole, 0.0)
    if side != MORE or part is None:
        return paragraph(f"What a new thread adds to an operation can't be split: it took "
                         f"{words.interval(whole, words.time)} more than inline.")
    text = (f"Of the {words.time(whole.value)} that `{way}` adds to an operation, setting up the "
            f"thread's state is {words.percent(own.value / whole.value)}, creating, placing and "
            f"joining the thread {words.percent(part / whole.value)} as measured by itself.")
    return paragraph(text)


def split_beside(runs):
    _, whole, own, part, _ = next(split_rows(runs))
    known = verdict(whole, 0.0) == MORE and own.bounded and part is not None
    return paragraph(words.beside(
        own.low > part if known else None,
        "state that each thread sets up anew costs more than creating the thread"))


def lesson(runs):
    run = runs["op"]
    plain, costly = run.values("first")
    texts = []
    new = {first: verdict(speed(run.one("op", "spawn-op", first=first),
                                run.one("op", "pool", first=first))) for first in (plain, costly)}
    if new[costly] == LESS:
        texts.append("Where threads set up state of their own, keep the threads.")
    if new[plain] == LESS:
        texts.append("A new thread for each operation costs even where it sets up nothing.")
    elif new[plain] == UNTOLD:
        texts.append("What a new thread for each operation costs without such state can't be told "
                     "from this run.")
    waited = speed(run.one("op", "queue", first=plain), run.one("op", "queue:inflight=1", first=plain))
    if verdict(waited) == MORE:
        texts.append("Hand over many operations at once: a pool that is waited for after each is "
                     f"slower ({words.times(words.inverse(waited))} as fast).")
    return items(texts or ["Nothing could be told from this run."])


STUDY = Study("operations", COMMANDS, {
    "op-table": op_table, "op-plot": op_plot, "op-words": op_words, "op-beside": op_beside,
    "parts-table": parts_table, "parts-words": parts_words, "split-table": split_table,
    "split-words": split_words, "split-beside": split_beside, "lesson": lesson})
