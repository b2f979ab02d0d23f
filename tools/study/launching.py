"""Launching: threads for every run, launched one by one or as a tree, against threads that stay."""

from . import words
from .result import speed
from .study import Command, Study
from .text import bars, items, paragraph, table
from .words import LESS, MORE, ALIKE, verdict

COMMANDS = {
    "launch": Command("run counter:n=100k+1M+10M+100M -s spawn,spawn-tree,pool -t cores,32"),
    "ilp": Command("run counter:ilp=1+2+4+8 -s pool -t cores"),
    "smt": Command("smt-compare counter:ilp=1+8,chase",
                   instead="smt-compare --pair 0,1 counter:ilp=1+8,chase", optional=True),
    "wait": Command("run wait -s pool -t 1,2,8,32"),
}
LAUNCHES = ["spawn", "spawn-tree", "pool"]


def few(run):
    return run.thread_counts("pool")[0]


def many(run):
    return run.thread_counts("pool")[-1]


def launch_table(runs):
    run = runs["launch"]
    rows = [[n, threads] + [words.interval(run.one("counter", s, threads, n=n).metric("speedup"))
                            for s in LAUNCHES]
            for n in run.values("n") for threads in run.thread_counts("pool")]
    return table(["increments", "threads", *LAUNCHES], rows)


def launch_plot(runs):
    run = runs["launch"]
    rows = []
    for n in run.values("n"):
        for s in LAUNCHES:
            value = run.one("counter", s, few(run), n=n).value("speedup")
            rows.append((f"{n:>4} {s}", value, words.number(value)))
    return bars(f"speedup with {few(run)} threads, by increments", rows)


def launch_ratio(run, a, b, n, threads):
    return speed(run.one("counter", a, threads, n=n), run.one("counter", b, threads, n=n))


def launch_words(runs):
    run = runs["launch"]
    sizes = run.values("n")
    texts = [words.said(f"With {few(run)} threads and {n} increments, "
                        + words.faster("`pool`", "`spawn`",
                                       launch_ratio(run, "pool", "spawn", n, few(run))))
             for n in (sizes[0], sizes[-1])]
    tree = launch_ratio(run, "spawn-tree", "spawn", sizes[0], many(run))
    texts.append(words.said(f"With {many(run)} threads and {sizes[0]} increments, "
                            + words.faster("`spawn-tree`", "`spawn`", tree)))
    if many(run) > run.host["cpus"]:
        texts.append(f"{many(run)} threads share {run.host['cpus']} CPUs here, so a tree can't launch "
                     "many at once.")
    return items(texts)


def launch_beside(runs):
    run = runs["launch"]
    n = run.values("n")[0]
    return paragraph(words.beside(
        words.every(words.holds(launch_ratio(run, "pool", s, n, few(run)), MORE)
                    for s in ("spawn", "spawn-tree")),
        "threads that are kept are faster for a short run than threads created for it, "
        "one by one or as a tree"))


def clock_words(runs):
    run = runs["ilp"]
    chains = run.values("ilp")[-1]
    point = run.one("counter", "pool", ilp=chains)
    text = (f"With {chains} chains, {point.threads} threads are "
            f"{words.times(point.metric('speedup'))} as fast as one")
    cycle = point.metric("cycle_speedup")
    if cycle is None:
        return paragraph(f"{text}; the speedup per clock cycle is missing: "
                         f"{point.reason('cycle_speedup')}.")
    share = cycle.value / point.value("speedup") - 1
    if abs(share) < 0.01:
        return paragraph(f"{text}, and {words.times(cycle)} per clock cycle: the clock was the same "
                         "within 1 % with all of them at work.")
    way = "lower" if share > 0 else "higher"
    return paragraph(f"{text}, and {words.times(cycle)} per clock cycle: with all of them at work the "
                     f"clock was {words.percent(abs(1 / (1 + share) - 1))} {way}.")


def ilp_table(runs):
    run = runs["ilp"]
    rows = []
    for chains in run.values("ilp"):
        one, all_ = run.baseline("counter", ilp=chains), run.one("counter", "pool", ilp=chains)
        rows.append([chains, words.time(one.value("wall_time")),
                     words.interval(one.metric("items_per_cycle")),
                     words.interval(all_.metric("speedup")),
                     words.interval(all_.metric("cycle_speedup"))])
    threads = run.thread_counts("pool")[-1]
    return table(["chains", "one thread", "increments a cycle",
                  f"speedup with {threads} threads", "per cycle"], rows)


def chains_ratio(run):
    chains = run.values("ilp")
    return speed(run.baseline("counter", ilp=chains[-1]), run.baseline("counter", ilp=chains[0]))


def ilp_words(runs):
    run = runs["ilp"]
    chains = run.values("ilp")
    pool = run.one("counter", "pool", ilp=chains[0])
    text = words.said("On one thread, " + words.faster(f"a loop of {chains[-1]} chains",
                                                       "a loop of one", chains_ratio(run)))
    return paragraph(f"{text} {pool.threads} threads of one chain each are "
                     f"{words.times(pool.metric('speedup'))} as fast as one.")


def smt_table(runs):
    rows = [[f"`{m['workload_label']}`", words.interval(words.Interval.of(m["effect"])),
             m["verdict"]] for m in runs["smt"].models["smt"]]
    return table(["workload", "two threads over one, per core", "verdict"], rows)


def smt_words(runs):
    told = runs["smt"].models["smt"]
    by_verdict = {}
    for m in told:
        by_verdict.setdefault(m["verdict"], []).append(f"`{m['workload_label']}`")
    second, text = "second thread of a core", ""
    if any(m["told"] for m in told):
        second = "second CPU"
        text = ("This machine reports no two CPUs that share a core. `--pair` took two other CPUs "
                "instead, so the figures say what a second CPU brings, not what the second hardware "
                "thread of a core does. ")
    said = {"helps": f"A {second} helps", "hurts": f"A {second} hurts",
            "neutral": f"A {second} makes no difference to",
            "inconclusive": f"This run doesn't settle what a {second} does to"}
    return paragraph(text + " ".join(f"{said[v]} {words.listed(names)}."
                                     for v, names in by_verdict.items()))


def smt_beside(runs):
    """Of siblings only: two CPUs that were taken for siblings prove nothing about them."""
    told = {m["workload_label"]: m for m in runs["smt"].models["smt"]}
    shape = ("the second hardware thread of a core helps code that waits for memory, but not tuned "
             "compute-bound code")
    if any(m["told"] for m in told.values()):
        return paragraph(words.beside(None, shape))
    tuned = words.holds(words.Interval.of(told["counter:ilp=8"]["effect"]), MORE)
    waiting = words.holds(words.Interval.of(told["chase"]["effect"]), MORE)
    return paragraph(words.beside(words.every([None if tuned is None else not tuned, waiting]), shape))


def wait_rows(run):
    return [run.one("wait", "pool", threads) for threads in run.thread_counts("pool")]


def wait_table(runs):
    rows = [[p.threads, words.time(p.value("wall_time")), words.interval(p.metric("speedup")),
             words.number(p.value("speedup") / min(p.threads, runs["wait"].host["cpus"])),
             words.percent(p.value("utilization"))] for p in wait_rows(runs["wait"])]
    return table(["threads", "time", "speedup", "speedup per CPU", "CPU use"], rows)


def wait_plot(runs):
    return bars("speedup of waiting, by threads",
                [(str(p.threads), p.value("speedup"), words.number(p.value("speedup")))
                 for p in wait_rows(runs["wait"])])


def more_than_cpus(run):
    return verdict(wait_rows(run)[-1].metric("speedup"), run.host["cpus"])


def wait_words(runs):
    run = runs["wait"]
    last, cpus = wait_rows(run)[-1], run.host["cpus"]
    text = (f"{last.threads} threads get through the waits {words.times(last.metric('speedup'))} as "
            f"fast as one, on {cpus} CPUs")
    tail = {MORE: ": more than the CPUs could ever gain for computing",
            LESS: ": less than the CPUs could gain for computing",
            ALIKE: ": as much as the CPUs could gain for computing"}
    return paragraph(text + tail.get(more_than_cpus(run), "") + ".")


def wait_beside(runs):
    run = runs["wait"]
    found = more_than_cpus(run)
    return paragraph(words.beside(None if found == words.UNTOLD else found == MORE,
                                  "waiting gains from more threads than there are CPUs"))


def lesson(runs):
    run = runs["launch"]
    first, last = run.values("n")[0], run.values("n")[-1]
    short = verdict(launch_ratio(run, "pool", "spawn", first, few(run)))
    long = verdict(launch_ratio(run, "pool", "spawn", last, few(run)))
    texts = []
    if short == MORE:
        texts.append(f"Keep threads alive between runs as short as {first} increments.")
    texts.append({MORE: f"Even in a run of {last} increments the launch shows.",
                  ALIKE: f"In a run of {last} increments it no longer matters how they are launched.",
                  LESS: f"In a run of {last} increments the threads that were kept were slower.",
                  words.UNTOLD: "This run doesn't settle whether the launch still shows in a run of "
                                f"{last} increments."}[long])
    if verdict(chains_ratio(runs["ilp"])) == MORE:
        texts.append("Before more threads, look at the code of one: independent chains of "
                     f"instructions made it {words.number(chains_ratio(runs['ilp']).value)} × as "
                     "fast, without any further thread.")
    if more_than_cpus(runs["wait"]) == MORE:
        texts.append("Work that only waits can use more threads than there are CPUs.")
    return items(texts)


STUDY = Study("launching", COMMANDS, {
    "launch-table": launch_table, "launch-plot": launch_plot, "launch-words": launch_words,
    "launch-beside": launch_beside, "clock-words": clock_words, "ilp-table": ilp_table,
    "ilp-words": ilp_words, "smt-table": smt_table, "smt-words": smt_words, "smt-beside": smt_beside,
    "wait-table": wait_table, "wait-plot": wait_plot, "wait-words": wait_words,
    "wait-beside": wait_beside, "lesson": lesson})
