/* Findings about programs. */
#include <math.h>
#include <string.h>

#include "finding.h"
#include "marks.h"
#include "runtimes.h"
#include "stats.h"
#include "subject.h"

#define SHORT_PROGRAM 5e-3 /* s, of which starting a process is a large part */
#define MOST_OUTSIDE  0.05 /* share of the looks at a program */

/* Ratio of the wall times of two points in the same rounds. */
static struct ps_interval ratio_of(const struct ps_samples *s, size_t slow, size_t fast)
{
    double *x = ps_arena_array(s->arena, s->rounds, sizeof *x);
    struct ps_interval i = {NAN, NAN, NAN};

    for (size_t r = 0; r < s->rounds; r++)
        x[r] = ps_raw(s, &s->series[slow], r)[PS_RAW_WALL] /
               ps_raw(s, &s->series[fast], r)[PS_RAW_WALL];
    ps_bootstrap_median(x, s->rounds, s->plan->request->seed, &i);
    return i;
}

static size_t fastest(const struct ps_samples *s, const struct ps_result *r)
{
    size_t best = 0;

    for (size_t i = 1; i < r->point_count; i++)
        if (ps_point_value(&r->points[i], "wall_time") <
            ps_point_value(&r->points[best], "wall_time"))
            best = i;
    return best;
}

static struct ps_finding *say_faster(struct ps_result *r, const struct ps_point *fast,
                                     const struct ps_point *slow, struct ps_interval x)
{
    const char *quick = ps_subject_short(r, fast), *other = ps_subject_short(r, slow),
               *times = finding_ratio(r, x.value), *range = "";

    if (!isnan(x.low))
        range = ps_arena_format(r->arena, " [%s, %s]", finding_ratio(r, x.low),
                                finding_ratio(r, x.high));
    if (x.low <= 1)
        return finding_say(
            r, "fastest-program", PS_INFO,
            "'%s' and '%s' are equally fast within noise: the ratio of their times is %s%s.", quick,
            other, times, range);
    return finding_say(r, "fastest-program", PS_INFO, "'%s' runs %s%s times as fast as '%s'.",
                       quick, times, range, other);
}

/* "a runs 1.31 [1.29, 1.33] times as fast as b", for programs that were run in one way each. */
void find_fastest_program(const struct ps_samples *s, struct ps_result *r)
{
    size_t best = fastest(s, r);

    if (!s->plan->programs || s->plan->programs_at_once || s->plan->workload_count < 2 ||
        !s->rounds || r->point_count != s->plan->workload_count)
        return;
    for (size_t i = 0; i < r->point_count; i++) {
        struct ps_interval x = ratio_of(s, i, best);
        struct ps_finding *f;

        if (i == best || isnan(x.value))
            continue;
        f = say_faster(r, &r->points[best], &r->points[i], x);
        finding_concerns(r, f, best);
        finding_concerns(r, f, i);
    }
}

/* Where a count comes from that is not ours. */
static const char *runtime_more(unsigned runtimes, bool takes_threads)
{
    if (runtimes & PS_RUNTIME_JAVA)
        return takes_threads
                   ? "Java's garbage collector and its compilers have threads of their own."
                   : "Java takes its thread count from -XX:ActiveProcessorCount, and its garbage "
                     "collector has threads of its own.";
    if (runtimes & PS_RUNTIME_GO)
        return "Go's garbage collector has threads of its own besides those of GOMAXPROCS.";
    if (runtimes & PS_RUNTIME_TBB)
        return "TBB starts a thread for each CPU unless the program limits it "
               "(global_control::max_allowed_parallelism).";
    if (runtimes & (PS_RUNTIME_LIBGOMP | PS_RUNTIME_LIBOMP))
        return "The program sets OpenMP's thread count itself (omp_set_num_threads, num_threads), "
               "or its parallel regions are nested.";
    if (takes_threads)
        return "Others work beside those that {threads} counts, such as the one that starts them.";
    return "It takes its thread count from elsewhere: write {threads} in place of the value of its "
           "option.";
}

static bool mismatched(const struct ps_series *t)
{
    return t->program && t->program->threads.use != PS_THREADS_UNKNOWN &&
           t->program->threads.use != PS_THREADS_AS_ASKED;
}

static const char *name_of(const struct ps_samples *s, const struct ps_result *r,
                           const struct ps_series *t)
{
    return ps_subject_short(r, &r->points[t - s->series]);
}

static const char *more_threads(const struct ps_samples *s, const struct ps_result *r,
                                const struct ps_series *t)
{
    return ps_arena_format(
        r->arena,
        "Threads: '%s' was asked for %u, but in %.0f %% of the samples more threads were running "
        "or runnable, up to %zu. %s",
        name_of(s, r, t), t->plan->threads, 100 * t->program->threads.above,
        t->program->threads.at_once,
        runtime_more(t->program->runtimes, t->workload->program->takes_threads));
}

/* Nobody is faster by threads that it does not use. */
static bool gains(const struct ps_samples *s, const struct ps_result *r, const struct ps_series *t)
{
    const struct ps_metric *m = ps_point_metric(&r->points[t - s->series], "speedup");

    return m && m->low > PS_NO_GAIN;
}

static const char *fewer_threads(const struct ps_samples *s, const struct ps_result *r,
                                 const struct ps_series *t)
{
    const size_t seen = t->program->threads.at_once;

    if (seen == 1 && gains(s, r, t))
        return ps_arena_format(
            r->arena, "Threads: '%s' was asked for %u, but one thread did most of the work.",
            name_of(s, r, t), t->plan->threads);
    return ps_arena_format(
        r->arena, "Threads: '%s' was asked for %u but used %s. %s", name_of(s, r, t),
        t->plan->threads, seen == 1 ? "one" : ps_arena_format(r->arena, "%zu", seen),
        t->workload->program->takes_threads
            ? "It does not use as many threads as {threads} says."
            : "It was asked by OMP_NUM_THREADS and similar variables. If an option sets its thread "
              "count, write {threads} there: without it, all points timed the same run.");
}

static const char *threads_in_turns(const struct ps_samples *s, const struct ps_result *r,
                                    const struct ps_series *t)
{
    return ps_arena_format(
        r->arena, "Threads: the %u threads of '%s' " PS_MARK_TURNS ", as if under one lock%s.",
        t->plan->threads, name_of(s, r, t),
        t->program->runtimes & PS_RUNTIME_PYTHON
            ? ": Python's global interpreter lock (GIL). Processes, or code that releases it, can "
              "run at the same time"
            : ", and wait for each other");
}

/* One finding a program: the point with most threads speaks for the others. */
void find_threads_mismatch(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; i < s->series_count; i++) {
        const struct ps_series *t = &s->series[i];
        bool last = true;

        for (size_t k = i + 1; k < s->series_count; k++)
            last &= !(s->series[k].workload == t->workload && mismatched(&s->series[k]));
        if (!mismatched(t) || !last)
            continue;
        finding_concerns(
            r,
            finding_say(r, PS_FINDING_THREADS, PS_WARNING, "%s",
                        t->program->threads.use == PS_THREADS_MORE    ? more_threads(s, r, t)
                        : t->program->threads.use == PS_THREADS_TURNS ? threads_in_turns(s, r, t)
                                                                      : fewer_threads(s, r, t)),
            i);
    }
}

void find_placement_escaped(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; i < s->series_count; i++) {
        const struct ps_program_seen *p = s->series[i].program;

        if (!p || !p->looks || (double)p->looks_outside <= MOST_OUTSIDE * (double)p->looks)
            continue;
        finding_concerns(
            r,
            finding_say(
                r, "placement-escaped", PS_WARNING,
                "Placement: %s ran on CPUs that it was not given, in %.0f %% of the samples: it "
                "sets its affinity itself.",
                ps_subject_of(r, &r->points[i]), 100 * (double)p->looks_outside / (double)p->looks),
            i);
    }
}

void find_failures(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; i < s->series_count; i++) {
        const struct ps_program_seen *p = s->series[i].program;

        if (!p || !p->failures)
            continue;
        finding_concerns(r,
                         finding_say(r, "failures", PS_WARNING,
                                     "Failures: %llu of %llu executions of %s failed; the first "
                                     "%s. They count like the others (-i).",
                                     (unsigned long long)p->failures,
                                     (unsigned long long)p->executions,
                                     ps_subject_of(r, &r->points[i]), p->first_failure),
                         i);
    }
}

void find_leftovers(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; i < s->series_count; i++) {
        const struct ps_program_seen *p = s->series[i].program;
        const char *remain = "";

        if (!p || !p->leaky)
            continue;
        if (p->unkillable)
            remain = ps_arena_format(r->arena, " %llu could not be killed and are still there.",
                                     (unsigned long long)p->unkillable);
        finding_concerns(
            r,
            finding_say(
                r, "leftovers", PS_WARNING,
                "Leftovers: after %llu of %llu executions of %s, %llu of its processes were still "
                "there and were killed. Their CPU time until then is counted.%s",
                (unsigned long long)p->leaky, (unsigned long long)p->executions,
                ps_subject_of(r, &r->points[i]), (unsigned long long)p->leftovers, remain),
            i);
    }
}

/* Their time is the CPU time's, not the wall time's. */
void find_outliving(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; i < s->series_count; i++) {
        const struct ps_program_seen *p = s->series[i].program;

        if (!p || 2 * p->outlived < p->executions || !p->executions)
            continue;
        finding_concerns(
            r,
            finding_say(r, "outliving", PS_WARNING,
                        "Background work: processes of %s went on computing for up to %s after "
                        "it had ended. Their CPU time is counted; the wall time ends "
                        "with the command.",
                        ps_subject_of(r, &r->points[i]), finding_time(r, p->outlived_by)),
            i);
    }
}

void find_short_programs(const struct ps_samples *s, struct ps_result *r)
{
    struct ps_finding *f = NULL;

    for (size_t i = 0; i < r->point_count; i++) {
        double wall = ps_point_value(&r->points[i], "wall_time");

        if (!s->plan->programs || !(wall < SHORT_PROGRAM))
            continue;
        if (!f)
            f = finding_say(
                r, "short-program", PS_INFO,
                "Short: '%s' takes %s, and starting and ending a process is a large part of that%s.",
                ps_subject_short(r, &r->points[i]), finding_time(r, wall),
                strcmp(r->points[i].workload, "true") ? ": compare with 'parscope run -- true'"
                                                      : "");
        finding_concerns(r, f, i);
    }
}

/* What was piped into us did not get to it. */
void find_empty_input(const struct ps_samples *s, struct ps_result *r)
{
    struct ps_finding *f = NULL;

    for (size_t i = 0; i < s->series_count; i++) {
        if (!s->series[i].program || !s->series[i].program->read_input)
            continue;
        if (!f)
            f = finding_say(
                r, "empty-input", PS_INFO,
                "Empty input: %s read its standard input, which is empty because parscope does not "
                "pass on its own. Give it a file with --input.",
                r->points[i].workload);
        finding_concerns(r, f, i);
    }
}

void find_no_warm_up(const struct ps_samples *s, struct ps_result *r)
{
    struct ps_finding *f = NULL;

    for (size_t i = 0; i < s->series_count; i++) {
        if (!s->series[i].program || !s->series[i].program->first_counts)
            continue;
        if (!f)
            f = finding_say(
                r, "no-warm-up", PS_INFO,
                "No warm-up: --max-time %gs has no time for it, so first executions are a "
                "round where they read from disk for at most %g %% of their time.",
                s->plan->request->max_time, 100 * PS_COLD);
        finding_concerns(r, f, i);
    }
}
