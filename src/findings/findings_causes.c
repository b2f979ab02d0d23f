/* What cost a program its speedup, by name: from executions that were observed. */
#include <math.h>
#include <string.h>

#include "cause_rest.h"
#include "causes.h"
#include "subject.h"
#include "text.h"

static bool is_once(const char *library)
{
    static const char *const parts[] = {"call_once", "pthread_once", "cxa_guard", "sync::Once",
                                        "once::Once"};

    return ps_text_holds_any(library, parts, sizeof parts / sizeof *parts);
}

/* A worker of an interpreter's pool, which another one of it hands nothing to: its share is done.
 */
static bool is_idle_worker(const struct ps_loss_row *l)
{
    return l->kind == PS_LOSS_STARVED && ps_text_same(l->object, "pipe") && l->waiter &&
           ps_module_interprets(l->place.module) && ps_module_interprets(l->waiter->module);
}

/* Who is still in the function of a lock is not at work. */
static int kind_of_loss(const struct ps_loss_row *l)
{
    if (l->kind == PS_LOSS_LOCK && is_once(l->place.library))
        return MADE_ONCE;
    if (is_idle_worker(l))
        return PS_LOSS_IMBALANCE;
    return l->kind == PS_LOSS_IMBALANCE && causes_of_lock(l->place.library) ? PS_LOSS_LOCK
                                                                            : l->kind;
}

static bool by_samples(enum ps_loss_kind kind)
{
    return kind == PS_LOSS_SERIAL || kind == PS_LOSS_IMBALANCE || kind == PS_LOSS_STARVED ||
           kind == PS_LOSS_TURNS;
}

/* cores: that were seen waiting. */
static void add_losses(struct ps_arena *a, struct causes *c, double cores)
{
    double idle = 0;

    for (size_t i = 0; i < c->own->loss_count; i++)
        idle += c->own->losses[i].idle;
    for (size_t i = 0; i < c->own->loss_count; i++) {
        const struct ps_loss_row *l = &c->own->losses[i];

        if (causes_thin(c->own) && by_samples(l->kind))
            continue;
        causes_add(a, c,
                   (struct cause){kind_of_loss(l), &l->place, is_idle_worker(l) ? NULL : l->object,
                                  (idle > 0 ? cores * l->idle / idle : 0) + l->spun / c->own->wall,
                                  NAN, is_idle_worker(l) ? NULL : l->waiter, .holder = l->holder});
    }
}

/* The reference is something else than one thread: another program, or this one as it is. */
static bool is_against_other(const struct ps_samples *s, const struct ps_result *r, size_t point)
{
    return s->plan->against_plain || ps_point_against_plain(r, &r->points[point]);
}

/* That what was observed is compared with; NULL: none. */
static const struct ps_series *base_of(const struct ps_samples *s, const struct ps_result *r,
                                       size_t point)
{
    const struct ps_series *t = &s->series[point], *base = t->baseline;
    const bool observed = base && base != t && base->program && base->program->diagnosis &&
                          !base->program->diagnosis->missing && !is_against_other(s, r, point);

    return observed ? base : NULL;
}

/* Cores; 0 where it is not known. */
static double brief_of(const struct ps_diagnosis *d)
{
    return isnan(d->brief) ? 0 : d->brief / d->wall;
}

static void tell(const struct ps_samples *s, struct ps_result *r, size_t point)
{
    const struct ps_series *t = &s->series[point];
    const struct ps_diagnosis *observed = t->program->diagnosis;
    const bool loses = !is_against_other(s, r, point) && finding_computes(r, &r->points[point]);
    const struct ps_series *base = base_of(s, r, point);
    const struct ps_point *base_point = base ? &r->points[base - s->series] : NULL;
    struct causes c = {.own = causes_as_timed(r->arena, observed, &r->points[point], 1),
                       .base = base ? causes_as_timed(r->arena, base->program->diagnosis,
                                                      base_point, t->plan->work)
                                    : NULL,
                       .base_point = base_point,
                       .point = &r->points[point],
                       .p = t->plan->p,
                       .brief = brief_of(observed),
                       .runtimes = t->program->runtimes,
                       .counters = finding_has_counters(s)};
    double lost, named;

    if (say_drowned(r, c.point, observed))
        return;
    add_losses(r->arena, &c, causes_seen_waiting(&c, observed));
    causes_find_small_steps(&c);
    c.repeats = causes_find_repeated(&c);
    causes_add_excess(r->arena, &c);
    causes_add_kernel(r->arena, &c);
    causes_join_collector(r->arena, &c);
    causes_join_monitors(r->arena, &c);
    causes_join_functions(r->arena, &c);
    causes_add_brief(r->arena, &c);
    causes_join_given_back(&c);
    causes_join_locks(&c);
    causes_join_turns(r->arena, &c);
    causes_sort(&c);
    lost = loses ? c.p - ps_point_value(c.point, "speedup") : NAN;
    named = causes_say(r, &c, lost);
    say_what_is_open(r, c.point, observed, c.p, lost, named);
}

/* Who did not ask misses nothing. */
static enum ps_severity unless_unasked(const struct ps_samples *s)
{
    return s->plan->request->diagnose == PS_DIAGNOSE_ALWAYS ? PS_WARNING : PS_INFO;
}

/* The point with most CPUs, of the program as it is where that was observed. */
static bool is_better(const struct ps_samples *s, const struct ps_result *r, size_t i, size_t most)
{
    const bool outside = ps_point_is_outside(&r->points[i]);

    if (most == s->series_count)
        return true;
    if (outside != ps_point_is_outside(&r->points[most]))
        return !outside;
    return s->series[i].plan->p >= s->series[most].plan->p;
}

/* Of each program one point. */
void find_named_causes(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t w = 0; w < s->plan->workload_count; w++) {
        size_t most = s->series_count;

        for (size_t i = 0; i < s->series_count; i++) {
            const struct ps_series *t = &s->series[i];

            if (t->plan->workload != w || !t->program || !t->program->diagnosis)
                continue;
            if (is_better(s, r, i, most))
                most = i;
        }
        if (most == s->series_count)
            continue;
        if (!s->series[most].program->diagnosis->missing)
            tell(s, r, most);
        else
            finding_concerns(r,
                             finding_say(r, "not-observed", unless_unasked(s),
                                         "Not observed: %s: %s.",
                                         ps_subject_of(r, &r->points[most]),
                                         s->series[most].program->diagnosis->missing),
                             most);
    }
}
