/* Findings of the efficiency stack, and of what can be mistaken for bad scaling. */
#include <math.h>
#include <string.h>

#include "finding.h"
#include "series.h"
#include "stack.h"
#include "subject.h"

#define WORTH_SAYING    0.1  /* share of the CPUs that is lost */
#define WORTH_NAMING    0.15 /* share of that */
#define MOST_NAMED      3
#define ALL_OF_IT       0.02 /* of what is lost, that one cause may leave unexplained */
#define LEAST_CPUS      1.1  /* that can be lost */
#define KERNEL_SHARE    0.2  /* of a program's CPU time */
#define KERNEL_PLACES   2
#define KERNEL_PART     0.1  /* of the kernel's time, that a place must have */
#define COLD_CACHE      1e-4 /* s to fill a core's own caches anew, at most */
#define WORTH_A_WARNING 0.01 /* share of the CPUs */

static const struct cause {
    enum ps_stack_term term;
    const char *to, *mend;
    bool counters_tell; /* hardware counters would tell which of several it is */
} causes[] = {
    {PS_LOST_SERIAL, "to parts where only one thread has work",
     "Shorten the serial part or overlap it with the next region; more threads can't help there."},
    {PS_LOST_IMBALANCE, "to waiting for the slowest worker",
     "Hand out smaller pieces on demand (a dynamic schedule, work stealing)."},
    {PS_LOST_WAITING, "to waiting",
     "Use fewer and larger regions and fewer locks and hand-overs, and give threads other work "
     "while they wait."},
    {PS_LOST_RUNTIME, "to the runtime",
     "Use larger pieces of work, or threads that stay alive, so that starting them costs less."},
    {PS_LOST_OTHERS, "to other programs on the same CPUs",
     "Measure while they are idle, or give this work CPUs of its own (--cpus)."},
    {PS_LOST_INSTRUCTIONS, "to instructions that the reference does not execute",
     "Look for work that is done more than once, and for checks and merging that only the parallel "
     "version has."},
    {PS_LOST_IPC, "to fewer instructions per cycle",
     "The threads share something: caches, memory bandwidth, cache lines that are written, or the "
     "cores themselves. Try smaller or separate working sets, or fewer threads."},
    {PS_LOST_CYCLES, "to more cycles for the same work",
     "Threads spin while they wait, execute more instructions, or share something: caches, memory "
     "bandwidth, cache lines that are written, or the cores themselves.",
     true},
    {PS_LOST_COMPUTATION, "to more CPU time for the same work",
     "Threads spin while they wait, execute more instructions or share something (caches, memory "
     "bandwidth), or the clock is lower.",
     true},
    {PS_LOST_FREQUENCY, "to a lower clock",
     "More cores at work take more power and get hotter, so the clock falls; the program can't "
     "change that. The per-cycle speedup corrects for it."},
};
#define CAUSES (sizeof causes / sizeof *causes)

static double loss(const struct ps_point *p, const struct cause *c)
{
    return ps_point_value(p, ps_stack_ids[c->term]);
}

/* The fastest of those with most CPUs; point_count where none has a stack. */
static size_t telling_point(const struct ps_samples *s, const struct ps_result *r, size_t workload)
{
    size_t best = r->point_count;

    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_plan_point *plan = s->series[i].plan;
        double most = best < r->point_count ? s->series[best].plan->p : LEAST_CPUS;

        if (s->plan->workloads[plan->workload].unit != workload ||
            isnan(ps_point_value(&r->points[i], "stack_efficiency")) || plan->p < most)
            continue;
        if (best == r->point_count || plan->p > most ||
            ps_point_value(&r->points[i], "speedup") > ps_point_value(&r->points[best], "speedup"))
            best = i;
    }
    return best;
}

static int by_loss(const struct ps_point *p, const struct cause **order)
{
    int count = 0;

    for (size_t i = 0; i < CAUSES; i++) {
        int at = count;

        if (!(loss(p, &causes[i]) > 0))
            continue;
        for (; at && loss(p, order[at - 1]) < loss(p, &causes[i]); at--)
            order[at] = order[at - 1];
        order[at] = &causes[i];
        count++;
    }
    return count;
}

/* By the findings before this one, with what mends each. */
static bool causes_named(const struct ps_result *r, const struct ps_point *p)
{
    for (size_t i = 0; i < r->finding_count; i++) {
        const struct ps_finding *f = &r->findings[i];

        for (size_t k = 0; !strcmp(f->id, "cause") && k < f->point_count; k++)
            if (&r->points[f->points[k]] == p)
                return true;
    }
    return false;
}

/* Where others took CPUs, what they did shows as waiting and imbalance too, and that it is to be
 * measured again is told by find_disturbed(). */
static const char *mend(const struct ps_samples *s, const struct ps_result *r,
                        const struct ps_point *p, const struct cause *c)
{
    const char *unobserved = finding_unobserved(r, p);

    if (causes_named(r, p))
        return "This includes the causes that are named with their place in the code.";
    if (ps_point_disturbed(p))
        return "";
    if (*unobserved)
        return unobserved;
    if (s->plan->programs && c->term == PS_LOST_WAITING && p->diagnosis)
        return "The diagnosis says what they waited for.";
    if (s->plan->programs && c->term == PS_LOST_WAITING)
        return "--diagnose says what they waited for: serial parts, uneven shares, locks or other "
               "waits.";
    return ps_arena_format(
        r->arena, "%s%s", c->mend,
        c->counters_tell && finding_has_counters(s) ? " Hardware counters would tell which." : "");
}

/* What a point lost, by cause: count of them, the largest first. */
struct losses {
    const struct cause *order[CAUSES];
    int count;
    double cpus, lost, gain;
};

static struct losses losses_of(const struct ps_samples *s, const struct ps_result *r, size_t point)
{
    const struct ps_point *p = &r->points[point];
    struct losses l = {.cpus = s->series[point].plan->p};

    l.lost = l.cpus * (1 - ps_point_value(p, "stack_efficiency"));
    l.gain = -ps_point_value(p, ps_stack_ids[PS_LOST_REFERENCE_IDLE]);
    l.count = l.lost > WORTH_SAYING * l.cpus ? by_loss(p, l.order) : 0;
    return l;
}

static const char *listed(const struct ps_result *r, const struct ps_point *p,
                          const struct losses *l)
{
    const char *list = "";

    for (int i = 0; i < l->count && i < MOST_NAMED; i++)
        if (!i || loss(p, l->order[i]) > WORTH_NAMING * l->lost)
            list = ps_arena_format(r->arena, "%s%s%s %s", list, i ? ", " : "",
                                   finding_ratio(r, loss(p, l->order[i])), l->order[i]->to);
    if (l->gain > WORTH_NAMING * l->lost && !ps_point_disturbed(p))
        list = ps_arena_format(r->arena, "%s, less %s by using the reference's own idle time", list,
                               finding_ratio(r, l->gain));
    return list;
}

/* ": 1.05 to waiting for the slowest worker", or " to parts where..." where that is all. On a
 * disturbed point a cause may exceed the sum, by what others took from the reference: no parts
 * then. */
static const char *shared_out(const struct ps_result *r, const struct ps_point *p,
                              const struct losses *l)
{
    const char *list = listed(r, p, l);

    if (ps_point_disturbed(p) && loss(p, l->order[0]) > (1 + ALL_OF_IT) * l->lost)
        return ps_arena_format(r->arena, ", mostly %s", l->order[0]->to);
    if (strchr(list, ',') || fabs(loss(p, l->order[0]) - l->lost) > ALL_OF_IT * l->lost)
        return ps_arena_format(r->arena, ": %s", list);
    return ps_arena_format(r->arena, " %s", l->order[0]->to);
}

/* Of those that lost most to the same cause, the first is told. */
static void say_loss(const struct ps_samples *s, struct ps_result *r, const size_t *points,
                     size_t count)
{
    const struct ps_point *p = &r->points[points[0]];
    struct losses l = losses_of(s, r, points[0]);
    const char *how = mend(s, r, p, l.order[0]);
    struct ps_finding *f =
        finding_say(r, "largest-loss", PS_INFO, "Lost cores: %s lost %s of %.10g cores%s.%s%s%s",
                    ps_subject_here(r, p), finding_ratio(r, l.lost), l.cpus, shared_out(r, p, &l),
                    *how ? " " : "", how, finding_others(r, points, count));

    for (size_t i = 0; i < count; i++)
        finding_concerns(r, f, points[i]);
}

static bool same_kind(const struct ps_samples *s, const struct ps_result *r, size_t a, size_t b)
{
    return !strcmp(r->points[a].workload, r->points[b].workload) &&
           losses_of(s, r, a).order[0] == losses_of(s, r, b).order[0];
}

/* Why its CPUs were idle is known then. */
static bool takes_turns(const struct ps_series *t)
{
    return t->program && t->program->threads.use == PS_THREADS_TURNS;
}

/* The points that speak for their workloads. */
static size_t telling_points(const struct ps_samples *s, const struct ps_result *r, size_t *points)
{
    size_t count = 0;

    for (size_t i = 0; i < s->plan->workload_count; i++) {
        size_t point = telling_point(s, r, i);

        if (point < r->point_count && finding_computes(r, &r->points[point]) &&
            !series_threads_unused(s, &point, 1) && !takes_turns(&s->series[point]) &&
            losses_of(s, r, point).count)
            points[count++] = point;
    }
    return count;
}

/* Those of the kind of points[first], the worst first; none where an earlier one is of it. */
static size_t alike(const struct ps_samples *s, const struct ps_result *r, const size_t *points,
                    size_t count, size_t first, size_t *out)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (!same_kind(s, r, points[first], points[i]))
            continue;
        if (i < first)
            return 0;
        out[n++] = points[i];
        if (losses_of(s, r, points[i]).lost > losses_of(s, r, out[0]).lost) {
            out[n - 1] = out[0];
            out[0] = points[i];
        }
    }
    return n;
}

void find_largest_loss(const struct ps_samples *s, struct ps_result *r)
{
    size_t *points = ps_arena_array(r->arena, s->plan->workload_count, sizeof *points);
    size_t *same = ps_arena_array(r->arena, s->plan->workload_count, sizeof *same);
    size_t count = telling_points(s, r, points);

    for (size_t i = 0; i < count; i++) {
        size_t n = alike(s, r, points, count, i, same);

        if (n)
            say_loss(s, r, same, n);
    }
}

/* Of its CPU time; by the switches where ticks are too few to tell. */
static double kernel_share(const struct ps_series *t, const struct ps_point *p)
{
    const struct ps_diagnosis *d = t->program ? t->program->diagnosis : NULL;
    const double system = ps_point_value(p, "system_time");
    const double share = system / (system + ps_point_value(p, "user_time"));

    return isnan(share) && d && !d->missing ? d->kernel_time / d->cpu_time : share;
}

/* ", 62 % of that in write, called from log_line (log.c:158)"; "" where nothing is known. */
static const char *kernel_places(struct ps_result *r, const struct ps_diagnosis *d)
{
    const char *text = "";

    for (size_t told = 0, i = 0; d && !d->missing && told < KERNEL_PLACES && i < d->code_count;
         i++) {
        const double part = d->code[i].kernel / d->kernel_time;

        if (part >= KERNEL_PART)
            text =
                ps_arena_format(r->arena, "%s%s %s%.0f %%%s in %s", text, told ? " and" : ",",
                                d->kernel_sampled ? "" : "about ", 100 * fmin(part, 1),
                                told ? "" : " of that", ps_place_text(r->arena, &d->code[i].place));
        told += part >= KERNEL_PART;
    }
    return text;
}

static const char *in_the_kernel(struct ps_result *r, const struct ps_series *t)
{
    const char *places = kernel_places(r, t->program ? t->program->diagnosis : NULL);

    return *places ? places : ": system calls, page faults or waking threads";
}

void find_kernel_time(const struct ps_samples *s, struct ps_result *r)
{
    size_t worst = r->point_count;

    for (size_t i = 0; s->plan->programs && i < r->point_count; i++)
        if (kernel_share(&s->series[i], &r->points[i]) >
            (worst == r->point_count ? KERNEL_SHARE
                                     : kernel_share(&s->series[worst], &r->points[worst])))
            worst = i;
    if (worst == r->point_count)
        return;
    finding_concerns(
        r,
        finding_say(
            r, "kernel-time", PS_INFO,
            "Kernel time: %.0f %% of the CPU time of %s is spent in the kernel%s. It counts as "
            "work here.",
            100 * kernel_share(&s->series[worst], &r->points[worst]),
            ps_subject_here(r, &r->points[worst]), in_the_kernel(r, &s->series[worst])),
        worst);
}

/* A second and CPU. */
static double moves(const struct ps_samples *s, const struct ps_result *r, size_t i)
{
    const struct ps_point *p = &r->points[i];

    return ps_point_value(p, "migrations") / ps_point_value(p, "wall_time") / s->series[i].plan->p;
}

/* The share of its CPUs that a point can have lost by them, each with a cold cache; NaN: too little
 * to be told. */
static double cost_of_moves(const struct ps_samples *s, const struct ps_result *r, size_t i)
{
    double share = moves(s, r, i) * COLD_CACHE;

    return share >= WORTH_A_WARNING && finding_computes(r, &r->points[i]) ? share : NAN;
}

void find_migrating(const struct ps_samples *s, struct ps_result *r)
{
    size_t *points = ps_arena_array(r->arena, r->point_count, sizeof *points);

    for (size_t i = 0; i < r->point_count; i++) {
        size_t count = finding_group(s, r, i, cost_of_moves, points);
        struct ps_finding *f;

        if (!count)
            continue;
        f = finding_say(
            r, "migrations", PS_WARNING,
            "Migrations: %s moved to another CPU %.0f times a second on each CPU. If each move "
            "finds a cold cache (100 us), that costs up to %.0f %% of its time.%s%s",
            ps_subject_here(r, &r->points[points[0]]), moves(s, r, points[0]),
            100 * fmin(1, cost_of_moves(s, r, points[0])),
            s->plan->programs ? " Pinned threads (OMP_PROC_BIND=true, taskset) don't move." : "",
            finding_others(r, points, count));
        for (size_t k = 0; k < count; k++)
            finding_concerns(r, f, points[k]);
    }
}
