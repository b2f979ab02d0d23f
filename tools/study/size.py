"""From what size on parallel pays: ten items against ten million, weight, cutoffs, an event loop."""

from . import words
from .result import speed
from .study import Command, Study
from .text import bars, items, paragraph, table
from .words import ALIKE, LESS, MORE, UNTOLD, holds, verdict

COMMANDS = {
    "light": Command("sweep reduce --vary size=10..10M..x10 "
                     "-s sequential,spawn,pool,steal,omp --threads 2"),
    "heavy": Command("sweep reduce:work=64 --vary size=10..1M..x10 "
                     "-s sequential,spawn,pool,steal,omp --threads 2"),
    "tree": Command("run tree:depth=18:cutoff=6+64 -s steal,omp --threads 2"),
    "loop": Command("run op:time=200us,wait:cpu=200us "
                    "-s pool,event-loop,event-loop:compute=loop --threads 2"),
}
STRATEGIES = ["spawn", "pool", "steal", "omp"]
PLACES = ["below the range", "above the range", "not told apart"]  # what a status is in a table
TREES = ["steal", "omp"]
LOOPS = ["pool", "event-loop", "event-loop:compute=loop"]


def size_table(runs):
    run = runs["light"]
    rows = [[size, words.time(run.baseline("reduce", size=size).value("wall_time")),
             *(words.interval(run.one("reduce", s, size=size).metric("speedup"))
               for s in STRATEGIES)] for size in run.values("size")]
    return table(["elements", "one thread", *(f"`{s}`" for s in STRATEGIES)], rows)


def size_plot(runs):
    run = runs["light"]
    return bars("speedup of pool, by elements",
                [(size, run.one("reduce", "pool", size=size).value("speedup"),
                  words.number(run.one("reduce", "pool", size=size).value("speedup")))
                 for size in run.values("size")])


def extremes(run, strategy):
    """The speedups with the fewest and the most elements."""
    sizes = run.values("size")
    return [(size, run.one("reduce", strategy, size=size).metric("speedup"))
            for size in (sizes[0], sizes[-1])]


def size_words(runs):
    texts = []
    for s in STRATEGIES:
        (few, low), (many, high) = extremes(runs["light"], s)
        texts.append(words.said(words.faster(f"with {few} elements `{s}`", "one thread", low),
                                words.faster(f"with {many} `{s}`", "one thread", high)))
    return items(texts)


def size_beside(runs):
    told = [extremes(runs["light"], s) for s in STRATEGIES]
    answer = words.every([holds(low, LESS) for (_, low), _ in told]
                         + [holds(high, MORE) for _, (_, high) in told])
    return paragraph(words.beside(answer, "parallel loses with ten elements and wins with ten "
                                          "million"))


def grain(run, strategy):
    for told in run.models["grain"]:
        if told["strategy"] == strategy:
            return told
    raise LookupError(f"no grain of {strategy}")


def crossover(told):
    """A crossover in words: its value, or why there is none."""
    if told["status"] != "ok" or told["value"] is None:
        return told["status"] if told["status"] in PLACES else "none"
    value = words.count(told["value"])
    if told["low"] is None and told["high"] is None:
        return value
    high = "beyond all" if told["high"] is None else words.count(told["high"])
    low = "below all" if not told["low"] else words.count(told["low"])
    return f"{value} [{low}, {high}]"


def crossover_table(runs):
    rows = [[f"`{s}`", *(crossover(grain(runs[weight], s)[key]) for weight in ("light", "heavy")
                         for key in ("crossover", "crossover_idle"))] for s in STRATEGIES]
    return table(["strategy", "work=1", "after 1 ms idle", "work=64", "after 1 ms idle"], rows)


def moved(light, heavy):
    """Whether the crossover of heavy items lies below that of light ones."""
    if light["status"] != "ok" and heavy["status"] == "ok":
        known = light["status"] == "above the range" and heavy["high"] is not None
        return True if known else None
    if light["status"] == "ok" and heavy["status"] == "below the range":
        return True
    if light["status"] != "ok" or heavy["status"] != "ok":
        return None
    if None in (light["low"], heavy["high"]):
        return None
    if heavy["high"] < light["low"]:
        return True
    if heavy["low"] is not None and light["high"] is not None and heavy["low"] > light["high"]:
        return False
    return None


def crossover_words(runs):
    texts = []
    for s in STRATEGIES:
        light, heavy = (grain(runs[w], s)["crossover"] for w in ("light", "heavy"))
        way = {True: "it moves down", False: "it moves up",
               None: "which way it moves can't be told"}[moved(light, heavy)]
        texts.append(f"`{s}`: {crossover(light)} with light elements, {crossover(heavy)} with heavy "
                     f"ones: {way}.")
    return items(texts)


def crossover_beside(runs):
    answers = [moved(*(grain(runs[w], s)["crossover"] for w in ("light", "heavy")))
               for s in STRATEGIES]
    return paragraph(words.beside(words.every(answers),
                                  "heavier work for each element moves the crossover down"))


def cutoffs(run):
    """Of a tree: the cutoff at which few nodes fork, and the one at which every node does."""
    return run.values("cutoff")


def tree_table(runs):
    run = runs["tree"]
    rows = []
    for cutoff in cutoffs(run):
        name = f"cutoff={cutoff}"
        one = run.baseline("tree", cutoff=cutoff)
        rows.append([name, words.time(one.value("wall_time")),
                     *(words.interval(run.one("tree", s, cutoff=cutoff).metric("speedup"))
                       for s in TREES)])
    return table(["", "one thread", *(f"`{s}`" for s in TREES)], rows)


def tree_ratio(run, strategy):
    """How many times as fast as joining at every node a cutoff is."""
    few, every = (run.one("tree", strategy, cutoff=c) for c in cutoffs(run))
    return speed(few, every)


def tree_words(runs):
    run = runs["tree"]
    few, every = cutoffs(run)
    texts = []
    for s in TREES:
        point = run.one("tree", s, cutoff=every)
        texts.append(words.said(
            words.faster(f"`{s}` with a cutoff of {few}", f"`{s}` joining at every node",
                         tree_ratio(run, s)),
            words.faster("joining at every node", "one thread", point.metric("speedup"))))
    return items(texts)


def tree_beside(runs):
    run = runs["tree"]
    every = cutoffs(run)[-1]
    answers = [(s, holds(run.one("tree", s, cutoff=every).metric("speedup"), LESS)) for s in TREES]
    return items(f"`{s}`: " + words.beside(answer, "joining at every node is slower than one thread")
                 for s, answer in answers)


def loop_table(runs):
    run = runs["loop"]
    rows = []
    for workload in ("op", "wait"):
        for s in LOOPS:
            point = run.one(workload, s)
            rows.append([workload, f"`{s}`", words.time(point.value("wall_time")),
                         words.interval(point.metric("speedup")),
                         words.time(point.value("wakeup_p99"))])
    return table(["workload", "strategy", "time", "speedup", "late, 99 %"], rows, left=2)


def loop_words(runs):
    run = runs["loop"]
    op = [words.faster(f"`{s}`", "one thread", run.one("op", s).metric("speedup")) for s in LOOPS]
    late = [f"{words.time(run.one('wait', s).value('wakeup_p99'))} under `{s}`"
            for s in ("pool", "event-loop")]
    return items([words.said("Computing: " + op[0], *op[1:]),
                  f"Waits with computing after each are noticed as late as {words.listed(late)} "
                  "(99th percentile)."])


def loop_serial(run):
    """Whether computing on the loop itself gains nothing over one thread."""
    gain = run.one("op", "event-loop:compute=loop").metric("speedup")
    found = holds(gain, MORE)
    return None if found is None else not found


def loop_beside(runs):
    run = runs["loop"]
    ratio = speed(run.one("op", "pool"), run.one("op", "event-loop:compute=loop"))
    return paragraph(words.beside(words.every([loop_serial(run), holds(ratio, MORE)]),
                                  "computing on an event loop's own thread brings nothing over a plain "
                                  "thread, where a pool brings more"))


def lesson(runs):
    run = runs["light"]
    texts = []
    (few, low), (many, high) = extremes(run, "pool")
    if verdict(low) == LESS:
        texts.append(f"Do {few} elements in a loop: a pool takes {words.times(words.inverse(low))} as "
                     "long.")
    if verdict(high) == MORE:
        texts.append(f"Do {many} in parallel: a pool is {words.times(high)} as fast.")
    weights = [moved(*(grain(runs[w], s)["crossover"] for w in ("light", "heavy")))
               for s in STRATEGIES]
    if words.every(weights):
        texts.append("Count work, not items: the heavier each is, the fewer it takes.")
    for s in TREES:
        side = verdict(tree_ratio(runs["tree"], s))
        if side == MORE:
            texts.append(f"Give recursion a cutoff: `{s}` gains "
                         f"{words.times(tree_ratio(runs['tree'], s))} from it.")
        elif side == ALIKE:
            texts.append(f"Under `{s}` recursion needs no cutoff.")
        elif side == UNTOLD:
            texts.append(f"Whether recursion under `{s}` gains from a cutoff can't be told from this "
                         "run.")
    if loop_serial(runs["loop"]):
        texts.append("Keep computing off the event loop.")
    return items(texts) or "Nothing could be told from this run."


STUDY = Study("size", COMMANDS, {
    "size-table": size_table, "size-plot": size_plot, "size-words": size_words,
    "size-beside": size_beside, "crossover-table": crossover_table,
    "crossover-words": crossover_words, "crossover-beside": crossover_beside,
    "tree-table": tree_table, "tree-words": tree_words, "tree-beside": tree_beside,
    "loop-table": loop_table, "loop-words": loop_words, "loop-beside": loop_beside,
    "lesson": lesson})
