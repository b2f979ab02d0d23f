"""Neural networks in batches: alike or not, each once or for a given time."""

from . import words
from .result import spread, speed
from .study import Command, Study
from .text import bars, items, paragraph, table
from .words import ALIKE, LESS, MORE, UNTOLD, holds, verdict

COMMANDS = {
    "once": Command("run mlp:batch=1..64..x2:reps=1+2+5+10 -s pool -t cores"),
    "given": Command("run mlp:batch=1..64..x2:reps=1+2+5+10:duration=2ms -s pool -t cores"),
    "mix": Command("run mlp:batch=1+64:mix=homogeneous+heterogeneous -s pool,steal -t cores"),
    "count": Command("run mlp:networks=1+2+3+4+8+24:reps=4 -s pool -t cores"),
    "timed": Command("run mlp:reps=5:duration=1ms+10ms:mix=homogeneous+heterogeneous"
                     ":policy=round-robin+greedy -s pool,steal -t cores"),
}
MIXES = ["homogeneous", "heterogeneous"]
POLICIES = ["round-robin", "greedy"]
STRATEGIES = ["pool", "steal"]


def batch_speedup(run, batch, reps):
    return run.one("mlp", "pool", batch=batch, reps=reps).metric("speedup")


def batch_table(run):
    rows = [[batch, *(words.interval(batch_speedup(run, batch, reps)) for reps in run.values("reps"))]
            for batch in run.values("batch")]
    return table(["batch", *(f"reps={reps}" for reps in run.values("reps"))], rows)


def batch_plot(run, title):
    rows = []
    for reps in run.values("reps"):
        for batch in run.values("batch"):
            value = run.one("mlp", "pool", batch=batch, reps=reps).value("speedup")
            rows.append((f"reps={reps:<2} batch={batch:>2}", value, words.number(value)))
    return bars(f"speedup of pool with {run.thread_counts('pool')[-1]} threads, {title}", rows)


def batch_ends(run, reps):
    """The speedups with the smallest and the largest batch."""
    return [batch_speedup(run, batch, reps) for batch in (run.values("batch")[0],
                                                          run.values("batch")[-1])]


def batch_words(run):
    small, large = run.values("batch")[0], run.values("batch")[-1]
    texts = []
    for reps in run.values("reps"):
        a, b = batch_ends(run, reps)
        texts.append(f"`reps={reps}`: speedup {words.interval(a)} with a batch of {small}, "
                     f"{words.interval(b)} with a batch of {large} ({words.apart(a, b)}).")
    return items(texts)


def batch_grows(run):
    """Whether larger batches bring a larger speedup, where a run is shortest."""
    return {"more": True, "less": False}.get(words.apart(*batch_ends(run, run.values("reps")[0])))


def throughput_table(runs):
    """Samples per second of one thread: what a larger batch brings without a second one."""
    run = runs["once"]
    rows = []
    for batch in run.values("batch"):
        one = run.baseline("mlp", batch=batch, reps=run.values("reps")[0])
        rows.append([batch, words.rate(one.value("throughput") * float(batch)
                                       * float(one.parameters["reps"]))])
    return table(["batch", "samples"], rows)


def mix_table(runs):
    run = runs["mix"]
    rows = [[batch] + [words.interval(run.one("mlp", s, batch=batch, mix=mix).metric("speedup"))
                       for mix in MIXES for s in STRATEGIES] for batch in run.values("batch")]
    return table(["batch", *(f"{mix}, {s}" for mix in MIXES for s in STRATEGIES)], rows)


def mix_ratio(run, mix):
    """How many times as fast as equal shares stealing is, with the largest batch."""
    batch = run.values("batch")[-1]
    return speed(*(run.one("mlp", s, batch=batch, mix=mix) for s in ("steal", "pool")))


def mix_words(runs):
    run = runs["mix"]
    return items(words.said(f"{mix.capitalize()}, batch {run.values('batch')[-1]}: "
                            + words.faster("`steal`", "`pool`", mix_ratio(run, mix)))
                 for mix in MIXES)


def cap(count, threads):
    """The speedup that so many equal networks allow: some thread has the most of them."""
    return count / -(-count // threads)


def count_table(runs):
    run = runs["count"]
    rows = []
    for networks in run.values("networks"):
        point = run.one("mlp", "pool", networks=networks)
        rows.append([networks, words.interval(point.metric("speedup")),
                     words.number(cap(int(networks), point.threads)),
                     words.percent(point.value("load_balance"))])
    threads = run.thread_counts("pool")[-1]
    return table(["networks", f"speedup with {threads} threads", "most that the count allows",
                  "load balance"], rows)


def count_plot(runs):
    run = runs["count"]
    return bars("speedup of pool, by networks",
                [(n, run.one("mlp", "pool", networks=n).value("speedup"),
                  words.number(run.one("mlp", "pool", networks=n).value("speedup")))
                 for n in run.values("networks")])


def count_beside(runs):
    run = runs["count"]
    told = [run.one("mlp", "pool", networks=n).metric("speedup")
            for n in (run.values("networks")[0], run.values("networks")[-1])]
    grows = {"more": True, "less": False}.get(words.apart(*told))
    return paragraph(words.beside(grows, "the speedup is larger with many networks than with few"))


def timed_points(run, duration, mix, policy):
    return [run.one("mlp", s, duration=duration, mix=mix, policy=policy)
            for s in ["sequential", *STRATEGIES]]


def timed_table(runs):
    run = runs["timed"]
    rows = []
    for duration in run.values("duration"):
        for policy in POLICIES:
            for mix in MIXES:
                for point in timed_points(run, duration, mix, policy):
                    share = point.metric("small_share") if mix == "heterogeneous" else None
                    rows.append([duration, policy, mix, point.strategy,
                                 words.rate(point.value("throughput")),
                                 words.percent(spread(point.samples("throughput"))),
                                 words.interval(share, words.percent)])
    return table(["time", "policy", "mix", "strategy", "networks", "spread", "share of small ones"],
                 rows, left=4)


def shortest(run, mix, policy):
    return run.one("mlp", "steal", duration=run.values("duration")[0], mix=mix, policy=policy)


def small_share(run, policy):
    """Of the shortest run; what stays in the mix is one half."""
    return shortest(run, "heterogeneous", policy).metric("small_share")


def spreads(run, policy):
    """Of the shortest run's throughput: of networks that are alike, and of those that are not."""
    return [spread(shortest(run, mix, policy).samples("throughput")) for mix in MIXES]


def policy_words(run, policy):
    share = small_share(run, policy)
    half = "their share of the set, one half"
    where = {MORE: f"more than {half}", LESS: f"less than {half}", ALIKE: f"the same as {half}",
             UNTOLD: f"no significant difference from {half}"}
    text = (f"`{policy}`: {words.interval(share, words.percent)} of the networks done are small: "
            f"{where[verdict(share, 0.5)]}.")
    alike, mixed = spreads(run, policy)
    if alike is not None and mixed is not None:
        text += (f" The interquartile range of the throughput is {words.percent(alike)} of its median "
                 f"where all networks are alike, and {words.percent(mixed)} where they differ.")
    return text


def timed_words(runs):
    run = runs["timed"]
    head = f"In {run.values('duration')[0]} under `steal`, with networks of different sizes:"
    return paragraph(head) + "\n\n" + items(policy_words(run, policy) for policy in POLICIES)


def timed_beside(runs):
    run = runs["timed"]
    return "\n\n".join(map(paragraph, [
        words.beside(holds(small_share(run, "greedy"), MORE, 0.5),
                     "timed runs that take whatever still fits are biased towards small networks"),
        words.beside(holds(small_share(run, "round-robin"), ALIKE, 0.5),
                     "timed runs that take the networks in turn are not biased"),
        words.beside(wider(*spreads(run, "greedy")),
                     "timed runs that take whatever still fits vary more with networks of different "
                     "sizes than with networks that are alike")]))


def wider(alike, mixed):
    """Whether one spread is clearly wider: by half; spreads have no intervals here."""
    if alike is None or mixed is None:
        return None
    if mixed > 1.5 * alike:
        return True
    return False if alike > 1.5 * mixed else None


def lesson(runs):
    texts = []
    run = runs["once"]
    if batch_grows(run):
        small, large = run.values("batch")[0], run.values("batch")[-1]
        texts.append("Give threads more than a handful of samples at once: the speedup was "
                     f"{words.interval(batch_ends(run, run.values('reps')[0])[-1])} with a batch of "
                     f"{large} and {words.interval(batch_ends(run, run.values('reps')[0])[0])} with a "
                     f"batch of {small}.")
    run = runs["mix"]
    steals = {mix: verdict(mix_ratio(run, mix)) for mix in MIXES}
    if steals["heterogeneous"] == MORE:
        texts.append("Where networks differ in size, let workers take what is left (`steal`, or "
                     "`pool:schedule=dynamic`): stealing is "
                     f"{words.times(mix_ratio(run, 'heterogeneous'))} as fast as equal shares.")
    elif steals["heterogeneous"] == LESS:
        texts.append("Even where networks differed in size, equal shares were faster here than "
                     "stealing.")
    elif steals["heterogeneous"] == ALIKE:
        texts.append("Equal shares and stealing suit networks of different sizes equally well here.")
    else:
        texts.append("This run doesn't settle whether equal shares or stealing suits networks of "
                     "different sizes.")
    counts = runs["count"]
    odd = counts.one("mlp", "pool", networks="3").metric("speedup")
    threads = counts.thread_counts("pool")[-1]
    if verdict(odd, threads) == LESS:
        texts.append(f"Choose a number of networks that the threads divide evenly: with three on "
                     f"{threads} threads the speedup was {words.interval(odd)}, and can't exceed "
                     f"{words.number(cap(3, threads))}.")
    if verdict(small_share(runs["timed"], "greedy"), 0.5) in (MORE, LESS):
        texts.append("The throughput of a timed run is that of the mix that got done: read it together "
                     "with the share of small networks.")
    if verdict(small_share(runs["timed"], "round-robin"), 0.5) == ALIKE:
        texts.append("Where a run has to end after a given time, take the work in turn: that keeps the "
                     "mix as it is.")
    return items(texts)


STUDY = Study("networks", COMMANDS, {
    "once-table": lambda runs: batch_table(runs["once"]),
    "once-plot": lambda runs: batch_plot(runs["once"], "each network once"),
    "once-words": lambda runs: batch_words(runs["once"]),
    "given-plot": lambda runs: batch_plot(runs["given"], "for a given time"),
    "given-words": lambda runs: batch_words(runs["given"]),
    "throughput-table": throughput_table, "mix-table": mix_table, "mix-words": mix_words,
    "count-table": count_table, "count-plot": count_plot, "count-beside": count_beside,
    "timed-table": timed_table, "timed-words": timed_words, "timed-beside": timed_beside,
    "lesson": lesson})
