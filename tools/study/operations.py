"""One operation after another: a thread for each, or one that stays, and where the difference goes."""

from dataclasses import dataclass

from . import words
from .result import Interval, by_round, speed
from .study import Command, Study
from .text import bars, items, paragraph, table
from .words import LESS, MORE, UNTOLD, holds, verdict

COMMANDS = {
    "op": Command("run op:time=200us:first=0+1ms:n=50 "
                  "-s spawn-op,handoff,queue:inflight=1,queue,pool -t 1"),
    "empty": Command("run op:time=100ns:n=50 -s spawn-op,handoff,queue:inflight=1,queue,pool -t 1"),
    "parts": Command("overhead clock thread thread-pinned thread-touch thread-malloc "
                     "handover-sleep wake wake-20us wake-1ms"),
}
WAYS = {"spawn-op": "a new thread for each operation",
        "handoff": "one thread, handed each operation",
        "queue:inflight=1": "a pool of one, waited for each time",
        "queue": "a pool of one, given all at once",
        "pool": "one thread that loops over all"}
SMALL = 0.1  # of the whole that may be left over without a name


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
    return table(["strategy", "what it is", f"first={plain}", "over inline",
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
    return table(["part", "what it is", "cost"], rows, left=2)


def parts_words(runs):
    """Creating a thread, and what of the memory that it is the first to touch."""
    parts = runs["parts"]
    bare, touching = (words.Interval.of(parts.part(name)) for name in ("thread", "thread-touch"))
    return paragraph(
        f"Creating and joining a thread takes {words.interval(bare, words.time)}; with a thread that "
        f"touches 64 KiB of its own memory it takes {words.interval(touching, words.time)} "
        f"({words.apart(bare, touching)}).")


def extra(point, inline):
    """What an operation costs beyond the inline one, in seconds."""
    count = float(point.told["items"])
    return by_round(lambda a, b: (a - b) / count, point, inline)


def whole_of(runs, way):
    """With state to set up, and operations that take their time."""
    first = runs["op"].values("first")[-1]
    return extra(runs["op"].one("op", way, first=first), runs["op"].baseline("op", first=first))


def state_of(runs, way):
    """What setting up its thread's state adds to an operation, in seconds."""
    plain, costly = points(runs["op"], way)
    return extra(costly, plain)


def handing_of(runs, way):
    """What handing over an operation costs that takes no time and has no state."""
    return extra(runs["empty"].one("op", way), runs["empty"].baseline("op"))


@dataclass(frozen=True)
class Split:
    """What a way adds to an operation, and the parts of it, in seconds."""

    way: str
    whole: Interval
    state: Interval
    handing: Interval

    @property
    def rest(self):
        return self.whole.value - self.state.value - self.handing.value

    @property
    def share(self):
        return self.rest / self.whole.value

    @property
    def told(self):
        """Whether the whole is significantly more than zero."""
        return verdict(self.whole, 0.0) == MORE


def splits(runs):
    return [Split(way, whole_of(runs, way), state_of(runs, way), handing_of(runs, way))
            for way in WAYS]


def split_table(runs):
    rows = [[f"`{s.way}`", words.interval(s.whole, words.time), words.time(s.state.value),
             words.interval(s.handing, words.time), words.time(s.rest),
             words.percent(s.share) if s.told else "-"] for s in splits(runs)]
    return table(["strategy", "added to inline", "thread's state", "handover", "the rest",
                  "share of the rest"], rows)


def split_sentence(split):
    if not split.whole.bounded:
        return f"What `{split.way}` adds to an operation was measured in too few rounds for an interval."
    if not split.told:
        return (f"What `{split.way}` adds to an operation is not significantly different from zero "
                f"({words.interval(split.whole, words.time)}).")
    text = (f"Of the {words.time(split.whole.value)} that `{split.way}` adds to an operation, the "
            f"thread's state takes {words.percent(split.state.value / split.whole.value)} and the "
            f"handover {words.percent(split.handing.value / split.whole.value)}")
    if abs(split.share) <= SMALL:
        return f"{text}; the rest is {words.percent(abs(split.share))}."
    what = "more" if split.rest > 0 else "less"
    return (f"{text}. The rest, {words.percent(split.share)}, arises because a handover costs {what} "
            "between operations of this length than between empty ones.")


def split_words(runs):
    return items(split_sentence(split) for split in splits(runs))


def split_beside(runs):
    new = splits(runs)[0]
    known = new.told and new.state.bounded and new.handing.bounded
    return paragraph(words.beside(
        new.state.low > new.handing.high if known else None,
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
        texts.append("A new thread for each operation is slower even where it has no state to set up.")
    elif new[plain] == UNTOLD:
        texts.append("This run doesn't settle what a new thread for each operation costs without such "
                     "state.")
    waited = speed(run.one("op", "queue", first=plain), run.one("op", "queue:inflight=1", first=plain))
    if verdict(waited) == MORE:
        texts.append("Hand over many operations at once: waiting for the pool after each one is "
                     f"slower ({words.times(words.inverse(waited))} as fast).")
    return items(texts or ["This run settles nothing."])


STUDY = Study("operations", COMMANDS, {
    "op-table": op_table, "op-plot": op_plot, "op-words": op_words, "op-beside": op_beside,
    "parts-table": parts_table, "parts-words": parts_words, "split-table": split_table,
    "split-words": split_words, "split-beside": split_beside, "lesson": lesson})
