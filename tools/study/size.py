"""The size from which parallel pays: ten items against ten million, weight, cutoffs, an event loop."""

from . import words
from .result import by_round, speed
from .study import Command, Study
from .text import bars, items, paragraph, table
from .words import ALIKE, LESS, MORE, UNTOLD, holds, verdict

COMMANDS = {
    "light": Command("sweep reduce --vary size=10..10M..x10 "
                     "-s sequential,spawn,pool,steal,omp --threads 2"),
    "heavy": Command("sweep reduce:work=64 --vary size=10..1M..x10 "
                     "-s sequential,spawn,pool,steal,omp --threads 2"),
    "tree": Command("run tree:depth=23:cutoff=6+64:calls=typed+pointers -s steal --threads 2"),
    "runtimes": Command("run tree:depth=23:cutoff=6+64 -s omp,event-loop --threads 2", slow=4),
    "loop": Command("run op:time=200us,wait:n=50:cpu=200us "
                    "-s pool,event-loop,event-loop:compute=loop --threads 2,50"),
}
STRATEGIES = ["spawn", "pool", "steal", "omp"]
PLACES = ["below the range", "above the range", "not told apart"]  # what a status is in a table
TREES = {"steal, typed": ("tree", "steal", {"calls": "typed"}),
         "steal, pointers": ("tree", "steal", {"calls": "pointers"}),
         "omp": ("runtimes", "omp", {}), "event-loop": ("runtimes", "event-loop", {})}
PAYING = ["steal, pointers", "omp", "event-loop"]  # those for which a fork is more than a few stores
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
        way = {True: "the crossover moves down", False: "the crossover moves up",
               None: "this run doesn't settle which way the crossover moves"}[moved(light, heavy)]
        texts.append(f"`{s}`: {crossover(light)} with light elements, {crossover(heavy)} with heavy "
                     f"ones: {way}.")
    return items(texts)


def crossover_beside(runs):
    answers = [moved(*(grain(runs[w], s)["crossover"] for w in ("light", "heavy")))
               for s in STRATEGIES]
    return paragraph(words.beside(words.every(answers),
                                  "heavier work for each element moves the crossover down"))


def tree_points(runs, name):
    """With a cutoff and with a join at every node."""
    command, strategy, parameters = TREES[name]
    run = runs[command]
    return [run.one("tree", strategy, cutoff=c, **parameters) for c in run.values("cutoff")]


def tree_table(runs):
    rows = []
    for name in TREES:
        row = [name]
        for point in tree_points(runs, name):
            row += [words.time(point.value("wall_time")), words.interval(point.metric("speedup"))]
        rows.append(row)
    few, _ = runs["tree"].values("cutoff")
    return table(["", f"cutoff={few}", "over one thread", "every node", "over one thread"], rows)


def tree_ratio(runs, name):
    """How many times as fast as joining at every node a cutoff is."""
    return speed(*tree_points(runs, name))


def tree_words(runs):
    few, _ = runs["tree"].values("cutoff")
    one = runs["tree"].baseline("tree", cutoff=few, calls="typed")
    texts = [f"One thread takes {words.time(one.value('wall_time'))}."]
    for name in TREES:
        texts.append(words.said(
            f"`{name}`: " + words.faster(f"a cutoff of {few}", "joining at every node",
                                         tree_ratio(runs, name)),
            words.faster("joining at every node", "one thread",
                         tree_points(runs, name)[-1].metric("speedup"))))
    return items(texts)


def tree_loses(runs, name):
    return holds(tree_points(runs, name)[-1].metric("speedup"), LESS)


def tree_wins(runs, name):
    return holds(tree_points(runs, name)[0].metric("speedup"), MORE)


def tree_beside(runs):
    loses = words.every(tree_loses(runs, name) for name in PAYING)
    wins = words.every(tree_wins(runs, name) for name in ("steal, typed", "steal, pointers", "omp"))
    return "\n\n".join(map(paragraph, [
        words.beside(loses, "joining at every node is slower than one thread where a runtime pays for "
                            f"each join ({words.listed(f'`{name}`' for name in PAYING)})"),
        words.beside(wins, "with a cutoff, threads are faster than one thread")]))


def loop_threads(run):
    """As many as the CPUs for computing, and one for each wait."""
    return run.thread_counts("pool")


def loop_point(run, workload, strategy):
    """With the few threads: those of a loop's pool don't matter to what runs on the loop."""
    return run.one(workload, strategy, loop_threads(run)[0])


def loop_rows(run):
    few, most = loop_threads(run)
    rows = [("op", s, few, run.one("op", s, few)) for s in LOOPS]
    return rows + [("wait", s, threads, run.one("wait", s, threads))
                   for s, threads in (("pool", few), ("pool", most), ("event-loop", few))]


def loop_table(runs):
    rows = [[workload, f"`{s}`", threads, words.time(point.value("wall_time")),
             words.interval(point.metric("speedup")), words.time(point.value("wakeup_p50")),
             words.time(point.value("wakeup_p99"))]
            for workload, s, threads, point in loop_rows(runs["loop"])]
    return table(["workload", "strategy", "threads", "time", "speedup", "late, p50", "late, p99"],
                 rows, left=2)


def wait_pool(run):
    """A thread for each wait."""
    return run.one("wait", "pool", loop_threads(run)[-1])


def later(run):
    """How many times as late as a thread of its own the loop notices that a wait is over."""
    return by_round(lambda a, b: a / b, loop_point(run, "wait", "event-loop"), wait_pool(run),
                    metric="wakeup_p99")


def loop_words(runs):
    run = runs["loop"]
    few, most = loop_threads(run)
    op = [words.faster(f"`{s}`", "one thread", loop_point(run, "op", s).metric("speedup"))
          for s in LOOPS]
    loop = loop_point(run, "wait", "event-loop")
    return items([words.said("Computing: " + op[0], *op[1:]),
                  words.said("Waits with computing after each: "
                             + words.faster("the loop", f"a pool of {few} threads",
                                            speed(loop, run.one("wait", "pool", few))),
                             words.faster("the loop", f"a pool of {most}, a thread for each wait",
                                          speed(loop, wait_pool(run)))),
                  "At the 99th percentile, the loop notices the end of a wait "
                  f"{words.time(loop.value('wakeup_p99'))} late, and a thread for each wait "
                  f"{words.time(wait_pool(run).value('wakeup_p99'))} late."])


def loop_costs(run):
    """What computing on the loop loses, in words; None where that is not significant."""
    lost = []
    late, slower = later(run), speed(loop_point(run, "wait", "event-loop"), wait_pool(run))
    if verdict(late) == MORE:
        lost.append(f"it notices the end of a wait {words.times(late)} as late as a thread for each "
                    "wait does")
    if verdict(slower) == LESS:
        lost.append(f"all waits together take {words.times(words.inverse(slower))} as long")
    if loop_serial(run):
        lost.append("plain operations run no faster than on one thread")
    return words.listed(lost) or None


def loop_serial(run):
    """Whether computing on the loop itself gains nothing over one thread."""
    found = holds(loop_point(run, "op", "event-loop:compute=loop").metric("speedup"), MORE)
    return None if found is None else not found


def loop_beside(runs):
    run = runs["loop"]
    ratio = speed(loop_point(run, "op", "pool"), loop_point(run, "op", "event-loop:compute=loop"))
    return paragraph(words.beside(words.every([loop_serial(run), holds(ratio, MORE)]),
                                  "computing on an event loop's own thread is no faster than on a plain "
                                  "thread, while a pool is"))


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
        texts.append("Count work, not items: the heavier each item is, the fewer items make it worth "
                     "going parallel.")
    for name in TREES:
        ratio = tree_ratio(runs, name)
        side = verdict(ratio)
        if side == MORE:
            texts.append(f"Give recursion a cutoff: `{name}` gains {words.times(ratio)} from it.")
        elif side == ALIKE:
            texts.append(f"With `{name}`, recursion needs no cutoff.")
        elif side == UNTOLD:
            texts.append(f"This run doesn't settle whether recursion with `{name}` gains from a cutoff.")
    if loop_costs(runs["loop"]):
        texts.append(f"Keep computing off the event loop: {loop_costs(runs['loop'])}.")
    return items(texts) or "This run settles nothing."


STUDY = Study("size", COMMANDS, {
    "size-table": size_table, "size-plot": size_plot, "size-words": size_words,
    "size-beside": size_beside, "crossover-table": crossover_table,
    "crossover-words": crossover_words, "crossover-beside": crossover_beside,
    "tree-table": tree_table, "tree-words": tree_words, "tree-beside": tree_beside,
    "loop-table": loop_table, "loop-words": loop_words, "loop-beside": loop_beside,
    "lesson": lesson})
