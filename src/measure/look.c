#include "look.h"

#include <math.h>
#include <sys/resource.h>

#include "ticks.h"

#define LONG_ENOUGH 0.2   /* s; ticks of 10 ms are counted */
#define ALONE       0.1   /* s, while nothing of our own runs */
#define DOUBTFUL    0.015 /* s of CPU time, which may be those of others */
#define TICKS       100.0 /* a second, of /proc/stat */

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static double own_time(void)
{
    struct rusage self, children;

    getrusage(RUSAGE_SELF, &self);
    getrusage(RUSAGE_CHILDREN, &children);
    return seconds(self.ru_utime) + seconds(self.ru_stime) + seconds(children.ru_utime) +
           seconds(children.ru_stime);
}

static double elapsed(const struct look *l)
{
    return (double)(ps_now_ns() - l->begin_ns) * 1e-9;
}

/* In s, ticks as they are. */
static double busy_time(const struct ps_cpu_times *from, const struct ps_cpu_times *to)
{
    double ticks = 0;

    for (unsigned i = 0; i < to->count && from->count == to->count; i++)
        ticks += (double)(to->busy[i] - from->busy[i]);
    return ticks / TICKS;
}

/* Ours is taken from each CPU by how busy it was: on which of them it was is not known. Returns the
 * CPU time of others. */
static double take(struct session *s, const struct ps_cpu_times *from, const struct look *l)
{
    double own = own_time() - l->own, busy, rest;
    struct ps_samples *t = &s->samples;
    struct ps_cpu_times now;

    if (ps_cpu_times_read(s->arena, "", &now) < 0)
        now.count = 0;
    t->busy_seconds = elapsed(l);
    t->busy_before = ps_arena_array(s->arena, now.count, sizeof(double));
    busy = busy_time(from, &now);
    rest = fmax(0, busy - own);
    for (unsigned i = 0; i < now.count; i++)
        t->busy_before[i] =
            ps_cpu_busy(from, &now, i, t->busy_seconds) * (busy > 0 ? rest / busy : 1);
    return rest;
}

/* A look by itself, while nothing of our own runs. */
static void look_alone(struct session *s)
{
    struct look l = {.begin_ns = ps_now_ns(), .own = own_time()};
    struct ps_cpu_times from;

    if (ps_cpu_times_read(s->arena, "", &from) < 0)
        from.count = 0;
    session_idle(ALONE);
    take(s, &from, &l);
}

/* Runtimes in processes of their own, and a process that runs already. */
static bool is_mixed(const struct session *s)
{
    const struct ps_plan *p = s->plan;

    for (size_t i = 0; i < p->point_count; i++)
        if (p->points[i].strategy->isolated)
            return true;
    return p->request->program.attach;
}

void look_begin(struct session *s, struct look *l)
{
    *l = (struct look){.begin_ns = ps_now_ns(), .own = own_time(), .over = s->plan->fake};
    if (l->over)
        return;
    if (ps_cpu_times_read(s->arena, "", &s->samples.times_begin) < 0)
        s->samples.times_begin.count = 0;
    if (!is_mixed(s))
        return;
    look_alone(s);
    l->over = true;
}

void look_go_on(struct session *s, struct look *l)
{
    if (l->over || elapsed(l) < LONG_ENOUGH)
        return;
    take(s, &s->samples.times_begin, l);
    l->over = true;
}

void look_end(struct session *s, struct look *l)
{
    bool brief =
        s->plan->programs && s->plan->request->runs; /* whose executions may all be short */

    if (!l->over && take(s, &s->samples.times_begin, l) >= DOUBTFUL && !brief &&
        !session_interrupted(s))
        look_alone(s);
    l->over = true;
}
