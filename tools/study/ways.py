"""Ways of running the same work: vectors, processes, inner threads, waits, stages, shares."""

from . import words
from .result import Interval, by_round, speed
from .study import Command, Study
from .text import bars, items, paragraph, table
from .words import ALIKE, LESS, MORE, UNTOLD, holds, verdict

COMMANDS = {
    "vectors": Command("run norms:simd=on+off,preprocess:simd=on+off -s pool -t cores"),
    "processes": Command("run norms,preprocess,reduce "
                         "-s pool,fork,fork:processes=fresh,fork:transfer=copy -t cores"),
    "blas": Command("run gemm:inner=1+2+8 -s pool -t cores", optional=True),
    "waits": Command("run wait:n=64 -s pool,fork,event-loop -t 2,16,64"),
    "pipeline": Command("run pipeline:mode=stages+items -s pool -t 4"),
    "workers": Command("sweep amdahl:serial=0.3 -t 1,2,4,8"),
    "idle": Command("run imbalance:skew=8 -s pool,steal -t cores"),
}
VECTOR_WORK = ["norms", "preprocess"]
PROCESS_WORK = ["norms", "preprocess", "reduce"]
PROCESSES = ["pool", "fork", "fork:processes=fresh", "fork:transfer=copy"]
STAGES = ["read", "decode", "transform", "write"]
WAITING = ["pool", "fork", "event-loop"]


def vector_ratios(run, workload):
    """Over scalar code on one thread: of vectors, of threads, of both."""
    scalar = run.baseline(workload, simd="off")
    return [speed(run.baseline(workload, simd="on"), scalar),
            speed(run.one(workload, "pool", simd="off"), scalar),
            speed(run.one(workload, "pool", simd="on"), scalar)]


def vector_table(runs):
    run = runs["vectors"]
    rows = [[workload, words.time(run.baseline(workload, simd="off").value("wall_time")),
             *map(words.interval, vector_ratios(run, workload))] for workload in VECTOR_WORK]
    threads = run.thread_counts("pool")[-1]
    return table(["workload", "scalar, one thread", "vectors", f"{threads} threads", "both"], rows)


def vector_plot(runs):
    rows = []
    for workload in VECTOR_WORK:
        names = ["vectors", "threads", "both"]
        for name, ratio in zip(names, vector_ratios(runs["vectors"], workload)):
            rows.append((f"{workload:>10} {name}", ratio.value, words.number(ratio.value)))
    return bars("times as fast as scalar code on one thread", rows)


def vector_words(runs):
    texts = []
    for workload in VECTOR_WORK:
        vectors, threads, both = vector_ratios(runs["vectors"], workload)
        texts.append(f"`{workload}`: vectors alone bring {words.times(vectors)}, threads alone "
                     f"{words.times(threads)}, both {words.times(both)}; the product of the first two "
                     f"is {words.number(vectors.value * threads.value)} ×.")
    return items(texts)


def vectors_first(run):
    """Whether vectors bring more than threads, in every workload."""
    answers = []
    for workload in VECTOR_WORK:
        vectors, threads, _ = vector_ratios(run, workload)
        if not (vectors.bounded and threads.bounded):
            answers.append(None)
        else:
            answers.append(True if vectors.low > threads.high else
                           False if vectors.high < threads.low else None)
    return words.every(answers)


def process_table(runs):
    run = runs["processes"]
    rows = [[workload, *(words.interval(run.one(workload, s).metric("speedup")) for s in PROCESSES)]
            for workload in PROCESS_WORK]
    return table(["workload", *(f"`{s}`" for s in PROCESSES)], rows)


def process_words(runs):
    run = runs["processes"]
    texts = []
    for workload in PROCESS_WORK:
        shared = run.one(workload, "fork")
        clauses = [words.faster("`pool`", "`fork`", speed(run.one(workload, "pool"), shared)),
                   words.faster("`fork`", "`fork:processes=fresh`",
                                speed(shared, run.one(workload, "fork:processes=fresh"))),
                   words.faster("`fork`", "`fork:transfer=copy`",
                                speed(shared, run.one(workload, "fork:transfer=copy")))]
        texts.append(words.said(f"`{workload}`: {clauses[0]}", *clauses[1:]))
    return items(texts)


def copy_loses(run):
    """Whether shipping the data makes processes slower than one that does it all."""
    return words.every(holds(run.one(w, "fork:transfer=copy").metric("speedup"), LESS)
                       for w in PROCESS_WORK)


def blas_points(run):
    return [(inner, run.baseline("gemm", inner=inner), run.one("gemm", "pool", inner=inner))
            for inner in run.values("inner")]


def blas_table(runs):
    run = runs["blas"]
    best = run.baseline("gemm", inner="1")
    rows = [[inner, words.interval(speed(one, best)), words.interval(speed(pool, best)),
             words.number(pool.value("context_switches"))] for inner, one, pool in blas_points(run)]
    threads = run.thread_counts("pool")[-1]
    return table(["BLAS threads in each worker", "1 worker", f"{threads} workers",
                  "context switches"], rows)


def blas_words(runs):
    points = blas_points(runs["blas"])
    _, _, first = points[0]
    inner, _, last = points[-1]
    return paragraph(words.said(
        f"With {first.threads} workers, "
        + words.faster(f"a pool with {inner} BLAS threads per worker", "a pool with one per worker",
                       speed(last, first))))


def blas_beside(runs):
    points = blas_points(runs["blas"])
    return paragraph(words.beside(
        holds(speed(points[-1][2], points[0][2]), LESS),
        "BLAS threads inside worker threads compete for the cores, and are slower than one per worker"))


def wait_points(run):
    return [(s, threads, run.one("wait", s, threads))
            for s in WAITING for threads in run.thread_counts(s)]


def wait_table(runs):
    rows = [[f"`{s}`", threads, words.rate(p.value("throughput")), words.interval(p.metric("speedup")),
             words.time(p.value("wakeup_p50")), words.time(p.value("wakeup_p99")),
             words.time(p.value("cpu_time"))] for s, threads, p in wait_points(runs["waits"])]
    return table(["strategy", "workers", "waits", "over one", "late, p50", "late, p99",
                  "CPU time"], rows)


def wait_plot(runs):
    return bars("waits done at once, as speedup over one after the other",
                [(f"{s}, {threads}", p.value("speedup"), words.number(p.value("speedup")))
                 for s, threads, p in wait_points(runs["waits"])])


def loop_ratio(run, threads):
    return speed(run.one("wait", "event-loop", threads), run.one("wait", "pool", threads))


def thread_for_each(run):
    """The pool with the most threads: one for each wait."""
    return run.thread_counts("pool")[-1]


def wait_words(runs):
    run = runs["waits"]
    most = thread_for_each(run)
    waits = f"{run.points[0].told['items']:.0f} waits"
    fork = speed(run.one("wait", "fork", most), run.one("wait", "pool", most))
    loops = [words.faster("one event loop", f"a pool of {threads} threads", loop_ratio(run, threads))
             for threads in run.thread_counts("pool")]
    cpu = by_round(lambda a, b: a / b, run.one("wait", "event-loop", most),
                   run.one("wait", "pool", most), metric="cpu_time")
    return items([
        words.said(f"With {waits}, {loops[0]}", *loops[1:]),
        words.said(words.faster(f"a pool of {most} processes", f"one of {most} threads", fork)),
        f"The loop takes {words.times(cpu)} the CPU time of {most} threads."
        if cpu else ""])


def stage_times(point):
    return {stage: point.value(f"stage_{stage}") for stage in STAGES}


def pipeline_table(runs):
    run = runs["pipeline"]
    rows = []
    for name, point in [("one thread", run.baseline("pipeline", mode="stages")),
                        ("mode=stages", run.one("pipeline", "pool", mode="stages")),
                        ("mode=items", run.one("pipeline", "pool", mode="items"))]:
        rows.append([name, words.time(point.value("wall_time")),
                     words.interval(point.metric("speedup")),
                     *(words.time(t) for t in stage_times(point).values())])
    return table(["", "time", "speedup", *STAGES], rows)


def pipeline_limit(run):
    """The slowest stage, and the speedup that it leaves to a chain, from one thread's times."""
    stages = stage_times(run.baseline("pipeline", mode="stages"))
    slowest = max(stages, key=stages.get)
    return slowest, sum(stages.values()) / stages[slowest]


def pipeline_words(runs):
    run = runs["pipeline"]
    slowest, limit = pipeline_limit(run)
    chain = run.one("pipeline", "pool", mode="stages")
    whole = run.one("pipeline", "pool", mode="items")
    return items([
        f"The slowest stage is `{slowest}`: a pipeline can't be more than {words.number(limit)} × as "
        f"fast as one thread, however many workers it has. Here it reached "
        f"{words.times(chain.metric('speedup'))}.",
        words.said(f"With {whole.threads} workers, "
                   + words.faster("`mode=items`", "`mode=stages`",
                                  speed(whole, chain)))])


def workers_rows(run):
    return [run.one("amdahl", "steal", threads) for threads in run.thread_counts("steal")]


def workers_table(runs):
    run = runs["workers"]
    serial = float(run.points[0].parameters["serial"])
    rows = []
    for p in workers_rows(run):
        crowd = min(p.threads, run.host["cpus"])
        rows.append([p.threads, words.interval(p.metric("speedup")),
                     words.number(1 / (serial + (1 - serial) / crowd)),
                     words.number(1 / (serial + (1 - serial) / p.threads))])
    return table(["workers", "speedup", f"the law on {run.host['cpus']} CPUs",
                  "the law with a CPU per worker"], rows)


def workers_plot(runs):
    return bars("speedup, by workers",
                [(str(p.threads), p.value("speedup"), words.number(p.value("speedup")))
                 for p in workers_rows(runs["workers"])])


def workers_words(runs):
    run = runs["workers"]
    model = run.models["amdahl"][0]
    found = Interval.of(model["serial_fraction"])
    if found is None:
        return paragraph(f"The serial fraction could not be estimated: {model['status']}.")
    limit = model["limit"]
    text = f"The serial fraction estimated from the speedups is {words.interval(found)}"
    if limit is not None:
        text += (f", which limits the speedup to {words.number(limit)} ×, however many workers there "
                 "are")
    if model["status"] == "unverified":
        text += (". Only one of the worker counts above one has a CPU for each worker, so the law "
                 "itself is unverified")
    return paragraph(text + ".")


def workers_beside(runs):
    run = runs["workers"]
    found = Interval.of(run.models["amdahl"][0]["serial_fraction"])
    given = float(run.points[0].parameters["serial"])
    known = found is not None and found.bounded
    return paragraph(words.beside(
        found.low <= given <= found.high if known else None,
        f"a serial part of {words.percent(given)} shows in the speedups, and limits them to "
        f"{words.number(1 / given)} ×, however many workers there are"))


def idle_table(runs):
    run = runs["idle"]
    rows = []
    for strategy in ("pool", "steal"):
        point = run.one("imbalance", strategy)
        busy = [w["busy_time"] for w in point.told["workers"]]
        most = max(busy) or 1
        for worker, own in zip(point.told["workers"], busy):
            cpu = worker["cpu"] if worker["cpu"] >= 0 else "any"
            rows.append([f"`{strategy}`", cpu, words.time(own), words.percent(1 - own / most),
                         words.number(worker["items"])])
    return table(["strategy", "CPU", "at work", "idle while the busiest works", "items"], rows)


def idle_words(runs):
    run = runs["idle"]
    texts = []
    for strategy in ("pool", "steal"):
        point = run.one("imbalance", strategy)
        texts.append(f"`{strategy}` has a load balance of "
                     f"{words.interval(point.metric('load_balance'), words.percent)} and a speedup of "
                     f"{words.interval(point.metric('speedup'))}.")
    ratio = speed(run.one("imbalance", "steal"), run.one("imbalance", "pool"))
    texts.append(words.said(words.faster("`steal`", "`pool`", ratio)))
    busy = run.host["cpu_busy"]["during"]
    shares = [f"CPU {i} {words.percent(b)}" for i, b in enumerate(busy) if b is not None]
    texts.append("Share of the whole run that each CPU was busy, other programs included: "
                 f"{words.listed(shares)}.")
    return items(texts)


def lesson_vectors(run):
    first = vectors_first(run)
    if first:
        gain = words.every(holds(speed(run.one(w, "pool", simd="on"), run.baseline(w, simd="on")), MORE)
                           for w in VECTOR_WORK)
        return ("Vectors first: they bring more here than all threads do"
                + (", and threads come on top." if gain else "."))
    if first is False:
        return "Threads bring more here than vectors do, at least in one of the two workloads."
    return None


def lesson_blas(runs):
    run = runs.get("blas")
    if run is None:
        return None
    points = blas_points(run)
    side = verdict(speed(points[-1][2], points[0][2]))
    if side == LESS:
        return "Where workers call the BLAS, give it one thread each."
    return {MORE: "BLAS threads inside workers paid here.",
            ALIKE: "BLAS threads inside workers made no difference.",
            UNTOLD: "This run doesn't settle whether BLAS threads inside workers pay."}[side]


def lesson_waits(run):
    few, most = run.thread_counts("pool")[0], thread_for_each(run)
    if verdict(loop_ratio(run, most)) == MORE:
        return f"For nothing but waits, one event loop beats {most} threads, one for each wait."
    if verdict(loop_ratio(run, few)) == MORE:
        side = {ALIKE: ", as fast as", LESS: "; faster still are"}.get(verdict(loop_ratio(run, most)))
        return (f"For nothing but waits, one event loop beats {few} threads: it begins all waits at once"
                + (f"{side} {most} threads." if side else "."))
    return None


def lesson(runs):
    texts = [lesson_vectors(runs["vectors"])]
    if copy_loses(runs["processes"]):
        texts.append("Don't ship data to processes for work as light as this: share it, or stay "
                     "serial.")
    texts.append(lesson_blas(runs))
    texts.append(lesson_waits(runs["waits"]))
    chain, whole = (runs["pipeline"].one("pipeline", "pool", mode=m) for m in ("stages", "items"))
    if verdict(speed(whole, chain)) == MORE:
        texts.append("Where items don't depend on each other, run whole items in parallel: that is "
                     f"{words.times(speed(whole, chain))} as fast as running their stages in parallel.")
    idle = runs["idle"]
    stealing = speed(idle.one("imbalance", "steal"), idle.one("imbalance", "pool"))
    if verdict(stealing) == MORE:
        texts.append("Where items cost unequally, let workers take what is left: stealing is "
                     f"{words.times(stealing)} as fast as equal shares.")
    return items(texts) or "This run settles nothing."


STUDY = Study("ways", COMMANDS, {
    "vector-table": vector_table, "vector-plot": vector_plot, "vector-words": vector_words,
    "process-table": process_table, "process-words": process_words,
    "blas-table": blas_table, "blas-words": blas_words, "blas-beside": blas_beside,
    "wait-table": wait_table, "wait-plot": wait_plot, "wait-words": wait_words,
    "pipeline-table": pipeline_table, "pipeline-words": pipeline_words,
    "workers-table": workers_table, "workers-plot": workers_plot, "workers-words": workers_words,
    "workers-beside": workers_beside, "idle-table": idle_table, "idle-words": idle_words,
    "lesson": lesson})
