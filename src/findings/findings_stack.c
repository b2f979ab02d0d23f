/* Findings of the efficiency stack, and of what can be mistaken for bad scaling. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "derive.h"
#include "finding.h"
#include "series.h"
#include "stack.h"
#include "subject.h"
#include "verdict.h"

#define WORTH_SAYING 0.1  /* share of the CPUs that is lost */
#define WORTH_NAMING 0.15 /* share of that */
#define MOST_NAMED   3
#define LEAST_CPUS   1.1 /* that can be lost */
#define KERNEL_SHARE 0.2 /* of a program's CPU time */
#define MANY_MOVES   10  /* a second and CPU */
#define CLOCK_FELL   0.05
#define FULL_CPU     0.98 /* of the wall time of what never gives its CPU up */
#define TAKEN_ROUNDS 0.25 /* share of the rounds */

static const struct cause {
    enum ps_stack_term term;
    const char *to, *mend;
} causes[] = {
    {PS_LOST_SERIAL, "to parts where only one thread has work",
     "Shorten the serial part or overlap it with the next region; more threads can't help there."},
    {PS_LOST_IMBALANCE, "to waiting for the slowest worker",
     "Smaller pieces handed out on demand (a dynamic schedule, work stealing) even it out."},
    {PS_LOST_WAITING, "to waiting",
     "Fewer and larger regions, fewer locks and hand-overs, and work for all while some wait."},
    {PS_LOST_RUNTIME, "to the runtime",
     "Larger pieces of work, or threads that stay alive, make up for what starting them costs."},
    {PS_LOST_OTHERS, "to other programs on the same CPUs",
     "Measure while they are idle, or give this work CPUs of its own (--cpus)."},
    {PS_LOST_INSTRUCTIONS, "to instructions that the reference does without",
     "Look for work that is done more than once, and for checks and merging that only the parallel "
     "version has."},
    {PS_LOST_IPC, "to fewer instructions per cycle",
     "Something is shared: caches, memory bandwidth, cache lines that are written, or the cores "
     "themselves. Smaller or separate working sets, or fewer threads, mend that."},
    {PS_LOST_CYCLES, "to more cycles for the same work",
     "Either there are more instructions or something is shared: caches, memory bandwidth, cache "
     "lines that are written, or the cores themselves. Counters would tell which."},
    {PS_LOST_COMPUTATION, "to more CPU time for the same work",
     "There are more instructions, something is shared (caches, memory bandwidth), or the clock is "
     "lower. Counters would tell which."},
    {PS_LOST_FREQUENCY, "to a lower clock",
     "That is the power and the heat of more cores at work, and no fault of the program: compare "
     "by the per-cycle speedup."},
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

        if (plan->workload != workload ||
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

/* Where others took CPUs, what they did shows as waiting and imbalance too. */
static const char *mend(const struct ps_samples *s, const struct ps_result *r,
                        const struct ps_point *p, const struct cause *c)
{
    if (ps_point_disturbed(p))
        return "Others took CPUs meanwhile: measure again while they are idle.";
    if (s->plan->programs && c->term == PS_LOST_WAITING)
        return "Serial parts, uneven shares and waits look alike here; its CPUs were not in use.";
    return ps_arena_copy(r->arena, c->mend);
}

static void say_loss(const struct ps_samples *s, struct ps_result *r, size_t point)
{
    const struct ps_point *p = &r->points[point];
    const struct cause *order[CAUSES];
    double cpus = s->series[point].plan->p;
    double lost = cpus * (1 - ps_point_value(p, "stack_efficiency"));
    double gain = -ps_point_value(p, ps_stack_ids[PS_LOST_REFERENCE_IDLE]);
    int count = by_loss(p, order);
    const char *list = "";

    if (!(lost > WORTH_SAYING * cpus) || !count)
        return;
    for (int i = 0; i < count && i < MOST_NAMED; i++)
        if (!i || loss(p, order[i]) > WORTH_NAMING * lost)
            list = ps_arena_format(r->arena, "%s%s%s %s", list, i ? ", " : "",
                                   finding_ratio(r, loss(p, order[i])), order[i]->to);
    if (gain > WORTH_NAMING * lost && !ps_point_disturbed(p))
        list = ps_arena_format(r->arena, "%s, less %s by using the reference's own idle time", list,
                               finding_ratio(r, gain));
    finding_concerns(r,
                     finding_say(r, "largest-loss", PS_INFO,
                                 "Lost cores: %s lost %s of %.10g cores: %s. %s",
                                 ps_subject_of(r, p), finding_ratio(r, lost), cpus, list,
                                 mend(s, r, p, order[0])),
                     point);
}

void largest_loss(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; i < s->plan->workload_count; i++) {
        size_t point = telling_point(s, r, i);

        if (point < r->point_count)
            say_loss(s, r, point);
    }
}

static double kernel_share(const struct ps_point *p)
{
    double system = ps_point_value(p, "system_time");

    return system / (system + ps_point_value(p, "user_time"));
}

void kernel_time(const struct ps_samples *s, struct ps_result *r)
{
    size_t worst = r->point_count;

    for (size_t i = 0; s->plan->programs && i < r->point_count; i++)
        if (kernel_share(&r->points[i]) >
            (worst == r->point_count ? KERNEL_SHARE : kernel_share(&r->points[worst])))
            worst = i;
    if (worst == r->point_count)
        return;
    finding_concerns(
        r,
        finding_say(r, "kernel-time", PS_INFO,
                    "Kernel time: %.0f %% of the CPU time of %s is the kernel's: system calls, "
                    "page faults or waking threads. It counts as useful here.",
                    100 * kernel_share(&r->points[worst]), ps_subject_of(r, &r->points[worst])),
        worst);
}

static double moves(const struct ps_samples *s, const struct ps_result *r, size_t i)
{
    const struct ps_point *p = &r->points[i];

    return ps_point_value(p, "migrations") / ps_point_value(p, "wall_time") / s->series[i].plan->p;
}

void migrating(const struct ps_samples *s, struct ps_result *r)
{
    size_t worst = r->point_count;

    for (size_t i = 0; i < r->point_count; i++)
        if (ps_point_value(&r->points[i], "migrations") >= r->points[i].threads &&
            moves(s, r, i) > (worst == r->point_count ? MANY_MOVES : moves(s, r, worst)))
            worst = i;
    if (worst == r->point_count)
        return;
    finding_concerns(
        r,
        finding_say(
            r, "migrations", PS_WARNING,
            "Migrations: %s changed the CPU %.0f times a second and CPU, and left the caches "
            "behind.%s",
            ps_subject_of(r, &r->points[worst]), moves(s, r, worst),
            s->plan->programs ? " Pinned threads (OMP_PROC_BIND=true and the like) don't." : ""),
        worst);
}

/* By how much the clock of the last third of the rounds is below that of the first; 0 where too few
 * have one. */
static double clock_fall(const struct ps_samples *s, const struct ps_series *t, double *x)
{
    double *scratch = x + s->rounds;
    size_t n = 0, third;

    for (size_t r = 0; r < s->rounds; r++) {
        double hz = view_of(s, t, r).frequency;

        if (hz > 0)
            x[n++] = hz;
    }
    third = n / 3;
    if (n < PS_MIN_ROUNDS)
        return 0;
    return 1 - ps_median(x + n - third, third, scratch) / ps_median(x, third, scratch);
}

void clock_fell(const struct ps_samples *s, struct ps_result *r)
{
    double *x = calloc(2 * s->rounds + 1, sizeof *x), most = CLOCK_FELL;
    size_t worst = r->point_count;

    for (size_t i = 0; x && i < r->point_count; i++) {
        double fall = clock_fall(s, &s->series[i], x);

        if (fall <= most)
            continue;
        most = fall;
        worst = i;
    }
    free(x);
    if (worst < r->point_count)
        finding_concerns(
            r,
            finding_say(
                r, "clock-fell", PS_WARNING,
                "The clock fell while this ran: %.0f %% lower in the last rounds of %s "
                "than in the first. Ratios are formed within rounds and hold; times do not.",
                100 * most, ps_subject_of(r, &r->points[worst])),
            worst);
}

/* Rounds in which a thread that never gave its CPU up had less than all of it. */
static size_t rounds_taken(const struct ps_samples *s, const struct ps_series *t, size_t *seen)
{
    size_t taken = 0;

    *seen = 0;
    for (size_t r = 0; r < s->rounds; r++) {
        const double *x = ps_raw(s, t, r);

        if (!(x[PS_RAW_VOLUNTARY] < 0.5) || isnan(x[PS_RAW_CPU] / x[PS_RAW_WALL_COUNTED]))
            continue;
        (*seen)++;
        taken += x[PS_RAW_CPU] < FULL_CPU * x[PS_RAW_WALL_COUNTED];
    }
    return taken;
}

void cpu_taken(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; i < r->point_count; i++) {
        size_t seen, taken = rounds_taken(s, &s->series[i], &seen);

        /* Where run delay is known, it says the same better. */
        if (!r->points[i].baseline || r->points[i].threads != 1 || s->plan->programs ||
            strcmp(r->points[i].load.status, PS_LOAD_UNKNOWN) ||
            !((double)taken > TAKEN_ROUNDS * (double)seen))
            continue;
        finding_concerns(
            r,
            finding_say(r, "cpu-taken", PS_WARNING,
                        "Another tenant: in %zu of %zu rounds the sequential reference on %s had "
                        "less than 98 %% of its CPU without having given it up. Something else ran "
                        "there, and the speedups are those of a shared machine.",
                        taken, seen, r->points[i].workload_label),
            i);
        return;
    }
}
