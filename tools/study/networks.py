"""Neural networks in batches: alike or not, each once or for a given time."""

from . import words
from .result import spread, speed
from .study import Command, Study
from .text import bars, items, paragraph, table
from .words import ALIKE, LESS, MORE, holds, verdict

COMMANDS = {
    "batch": Command("run mlp:batch=1+4+16+64:mix=homogeneous+heterogeneous -s pool,steal -t cores"),
    "count": Command("run mlp:networks=1+2+3+4+8+24:reps=4 -s pool -t cores"),
    "timed": Command("run mlp:mix=homogeneous+heterogeneous:duration=2ms+10ms+50ms "
                     "-s pool,steal -t cores"),
}
MIXES = ["homogeneous", "heterogeneous"]
STRATEGIES = ["pool", "steal"]


def batch_table(runs):
    run = runs["batch"]
    rows = [[batch] + [words.interval(run.one("mlp", s, batch=batch, mix=mix).metric("speedup"))
                       for mix in MIXES for s in STRATEGIES] for batch in run.values("batch")]
    return table(["batch", *(f"{mix}, {s}" for mix in MIXES for s in STRATEGIES)], rows)


def throughput_table(runs):
    """Samples per second of one thread: what a larger batch brings without a second one."""
    run = runs["batch"]
    rows = []
    for batch in run.values("batch"):
        row = [batch]
        for mix in MIXES:
            one = run.baseline("mlp", batch=batch, mix=mix)
            row.append(words.rate(one.value("throughput") * float(batch)
                                  * float(one.parameters["reps"])))
        rows.append(row)
    return table(["batch", *(f"samples, {mix}" for mix in MIXES)], rows)


def batch_plot(runs):
    run = runs["batch"]
    rows = []
    for batch in run.values("batch"):
        for mix in MIXES:
            point = run.one("mlp", "pool", batch=batch, mix=mix)
            rows.append((f"{batch:>3} {mix}", point.value("speedup"),
                         words.number(point.value("speedup"))))
    return bars("speedup of pool, by batch", rows)


def mix_ratio(run, mix):
    """How many times as fast as equal shares stealing is, with the largest batch."""
    batch = run.values("batch")[-1]
    return speed(*(run.one("mlp", s, batch=batch, mix=mix) for s in ("steal", "pool")))


def batch_words(runs):
    run = runs["batch"]
    small, large = run.values("batch")[0], run.values("batch")[-1]
    texts = []
    for mix in MIXES:
        a, b = (run.one("mlp", "pool", batch=batch, mix=mix).metric("speedup")
                for batch in (small, large))
        texts.append(f"{mix.capitalize()}, `pool`: speedup {words.interval(a)} with a batch of "
                     f"{small}, {words.interval(b)} with one of {large}: {words.apart(a, b)}.")
        texts.append(words.said(f"{mix.capitalize()}, batch {large}: "
                                + words.faster("`steal`", "`pool`", mix_ratio(run, mix))))
    return items(texts)


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
    return table(["networks", f"speedup with {threads} threads", "what the count allows",
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


def timed_points(run, duration, mix):
    return [run.one("mlp", s, duration=duration, mix=mix) for s in ["sequential", *STRATEGIES]]


def timed_table(runs):
    run = runs["timed"]
    rows = []
    for duration in run.values("duration"):
        for mix in MIXES:
            for point in timed_points(run, duration, mix):
                share = point.value("small_share") if mix == "heterogeneous" else None
                rows.append([duration, mix, point.strategy,
                             words.rate(point.value("throughput")),
                             words.percent(spread(point.samples("throughput"))),
                             words.percent(share)])
    return table(["time", "mix", "strategy", "networks", "spread", "small ones"], rows, left=3)


def small_share(run):
    """Of the shortest run; what stays in the mix is one half."""
    duration = run.values("duration")[0]
    return run.one("mlp", "steal", duration=duration, mix="heterogeneous").metric("small_share")


def spreads(run):
    """Of the shortest run's throughput: of networks that are alike, and of those that are not."""
    duration = run.values("duration")[0]
    return [spread(run.one("mlp", "steal", duration=duration, mix=mix).samples("throughput"))
            for mix in MIXES]


def timed_words(runs):
    run = runs["timed"]
    share = small_share(run)
    where = {MORE: "more than their half of the set", LESS: "less than their half of the set",
             ALIKE: "their half of the set"}
    text = (f"In {run.values('duration')[0]} under `steal`, the small networks are "
            f"{words.interval(share, words.percent)} of those done")
    text += f": {where[verdict(share, 0.5)]}." if verdict(share, 0.5) in where else (
        ", which can't be told from their half of the set.")
    alike, mixed = spreads(run)
    if alike is not None and mixed is not None:
        text += (f" The middle half of the rounds' throughputs spreads over {words.percent(alike)} of "
                 f"the median where all networks are alike, and over {words.percent(mixed)} where "
                 "they are not.")
    return paragraph(text)


def timed_beside(runs):
    run = runs["timed"]
    return "\n\n".join(map(paragraph, [
        words.beside(holds(small_share(run), MORE, 0.5),
                     "timed runs are biased to small networks"),
        words.beside(wider(*spreads(run)),
                     "timed runs vary more where sizes differ than where they are alike")]))


def wider(alike, mixed):
    """Whether one spread is clearly wider: by half; spreads have no intervals here."""
    if alike is None or mixed is None:
        return None
    if mixed > 1.5 * alike:
        return True
    return False if alike > 1.5 * mixed else None


def lesson(runs):
    texts = []
    run = runs["batch"]
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
        texts.append("Whether equal shares or stealing suits networks of different sizes can't be "
                     "told from this run.")
    counts = runs["count"]
    odd = counts.one("mlp", "pool", networks="3").metric("speedup")
    threads = counts.thread_counts("pool")[-1]
    if verdict(odd, threads) == LESS:
        texts.append(f"Choose a number of networks that the threads divide evenly: three on "
                     f"{threads} threads brought {words.interval(odd)}, where their count allows "
                     f"{words.number(cap(3, threads))}.")
    if verdict(small_share(runs["timed"]), 0.5) in (MORE, LESS):
        texts.append("A throughput of timed runs is one of the mix that got done: read it beside the "
                     "share of the small ones.")
    return items(texts)


STUDY = Study("networks", COMMANDS, {
    "batch-table": batch_table, "throughput-table": throughput_table, "batch-plot": batch_plot,
    "batch-words": batch_words, "count-table": count_table, "count-plot": count_plot,
    "count-beside": count_beside, "timed-table": timed_table, "timed-words": timed_words,
    "timed-beside": timed_beside, "lesson": lesson})
