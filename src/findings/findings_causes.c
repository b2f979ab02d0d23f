/* What cost a program its speedup, by name: from executions that were observed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cause_rest.h"
#include "causes.h"
#include "runtimes.h"
#include "stack.h"
#include "subject.h"
#include "text.h"

#define MOST_NAMED 5
#define TOO_MUCH   1.05 /* of the lost cores */
#define MOST_TIMES 20   /* as much CPU time as with one thread: then it had almost none there */

void causes_add(struct ps_arena *a, struct causes *c, struct cause x)
{
    if (!(x.cores > 0))
        return;
    c->list = ps_arena_grow(a, c->list, c->count, sizeof *c->list);
    x.most = x.cores;
    c->list[c->count++] = x;
}

void causes_grow(struct cause *x, double cores)
{
    x->cores += cores;
    x->most += cores;
}

bool causes_share_memory(const struct causes *c)
{
    return c->own->threaded && !c->own->processes;
}

double causes_waiting(const struct causes *c)
{
    double x = ps_point_value(c->point, ps_stack_ids[PS_LOST_WAITING]);

    return isnan(x) ? fmax(0, c->p - ps_point_value(c->point, "cpus_used")) : x;
}

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

static bool is_work(int kind)
{
    return kind == PS_LOSS_SERIAL || kind == PS_LOSS_IMBALANCE || kind == PS_LOSS_STARVED ||
           kind == PS_LOSS_TURNS || kind == MORE_CPU || kind == REPEATED || kind == ATOMICS ||
           kind == LINES;
}

/* Of the same kind in the same function, or in the same module where it names none: what it calls,
 * and where others wait for it, may differ. */
static bool same_function(const struct cause *a, const struct cause *b)
{
    const bool one_place = a->place->function || ps_module_interprets(a->place->module) ||
                           (is_work(a->kind) && a->place->module);

    return a->kind == b->kind && one_place &&
           ps_text_same(a->place->function, b->place->function) &&
           ps_text_same(a->place->module, b->place->module);
}

/* The compiler may have made several functions of one: they are told in the same words. */
static const char *words_of(struct ps_arena *a, const struct cause *x)
{
    return x->cores > 0 && x->place->function ? ps_place_text(a, x->place) : NULL;
}

static bool same_words(const struct cause *a, const struct cause *b, const char *words_a,
                       const char *words_b)
{
    return a->kind == b->kind && words_a && words_b && !strcmp(words_a, words_b);
}

/* Of work, what it calls elsewhere is part of the function; without a line the call that takes most
 * of it tells where. */
static const struct ps_place *without_library(struct ps_arena *a, const struct ps_place *p)
{
    struct ps_place *own = ps_arena_alloc(a, sizeof *own);

    *own = *p;
    own->library = NULL;
    return own;
}

static void join_cause(struct ps_arena *a, struct cause *to, struct cause *from)
{
    if (from->most > to->most) {
        to->most = from->most;
        to->place = from->place;
        to->object = from->object;
        to->waiter = from->waiter;
        to->holder = from->holder ? from->holder : to->holder;
        to->times = from->times;
    }
    if (is_work(to->kind) && to->place->file &&
        !ps_text_same(to->place->library, from->place->library))
        to->place = without_library(a, to->place);
    to->cores += from->cores;
    from->cores = 0;
}

static void join_functions(struct ps_arena *a, struct causes *c)
{
    const char **words = ps_arena_array(a, c->count, sizeof *words);

    for (size_t i = 0; i < c->count; i++)
        words[i] = words_of(a, &c->list[i]);
    for (size_t i = 0; i < c->count; i++)
        for (size_t k = i + 1; c->list[i].cores > 0 && k < c->count; k++)
            if (c->list[k].cores > 0 && (same_function(&c->list[i], &c->list[k]) ||
                                         same_words(&c->list[i], &c->list[k], words[i], words[k])))
                join_cause(a, &c->list[i], &c->list[k]);
}

static int by_cores(const void *a, const void *b)
{
    const struct cause *x = a, *y = b;

    return (x->cores < y->cores) - (x->cores > y->cores);
}

void causes_sort(struct causes *c)
{
    if (c->count)
        qsort(c->list, c->count, sizeof *c->list, by_cores);
}

/* Where processes do the work, of all but what threads alone have. */
static bool of_processes(const struct causes *c, const struct cause *x)
{
    return c->own->processes && x->kind != PS_LOSS_INTERPRETER && x->kind != PS_LOSS_MEMORY &&
           x->kind != FAULTS && x->kind != NEW_THREADS;
}

/* Where a library without names waits, and for whom, nobody can look up: that threads had no work
 * says as much. */
static bool tells_waiter(const struct cause *x)
{
    const bool known = x->waiter && (x->waiter->function || !x->waiter->module);

    return known || (x->waiter && (ps_text_same(x->object, "pipe") ||
                                   (x->kind != PS_LOSS_STARVED && x->kind != PS_LOSS_SERIAL)));
}

/* "threads waited at a barrier in f (x.c:1), while others were still in". */
static const char *what_of(struct ps_arena *a, const struct causes *c, const struct cause *x)
{
    const char *at = tells_waiter(x) ? ps_place_text(a, x->waiter) : NULL;
    const char *who = cause_units(a, "threads", of_processes(c, x));

    if (x->kind == PS_LOSS_LOCK && causes_gives_back(x->place))
        return ps_arena_format(a, "%s waited for a lock that is given back in", who);
    if (causes_of_more_pages(x))
        return ps_arena_format(
            a, "%.1f times as many pages of memory as with one thread are touched, in", x->times);
    if (x->kind == NEW_THREADS && !causes_starts_threads(x->place))
        return "starting threads and waiting for their end takes time, in";
    if (!at || x->kind == PS_LOSS_SERIAL)
        return cause_units(a, cause_words[x->kind].what, of_processes(c, x));
    if (x->kind == PS_LOSS_IMBALANCE)
        return ps_arena_format(a, "%s waited at a barrier in %s, while others were still in", who,
                               at);
    return ps_arena_format(a, "%s waited%s in %s, while %s in", who,
                           ps_text_same(x->object, "pipe") ? " at a pipe" : "", at,
                           x->kind == PS_LOSS_TURNS ? "one other was" : "others were");
}

/* As /proc names it, "pipe:[1819938]": the number tells nobody anything. */
static const char *object_of(const char *object)
{
    if (!strncmp(object, "pipe:[", 6))
        return "a pipe";
    if (!strcmp(object, "anon_inode:[timerfd]"))
        return "a timer";
    return strncmp(object, "socket:[", 8) ? object : "a socket";
}

/* Of a lock within a function of a library nothing is told that its own name does not. */
static bool tells_holder(const struct cause *x)
{
    return x->holder && (causes_of_lock(x->place->library) || x->object ||
                         !ps_text_same(x->holder->function, x->place->function));
}

static const char *how_held(int kind)
{
    if (kind == PS_LOSS_SPIN)
        return "while another was in";
    return kind == MADE_ONCE ? "while one was in" : "held during";
}

static const char *after(struct ps_arena *a, const struct cause *x)
{
    if (x->beside)
        return x->beside;
    if (x->kind == PS_LOSS_SERIAL && tells_waiter(x))
        return ps_arena_format(a, ", while others waited%s in %s",
                               ps_text_same(x->object, "pipe") ? " at a pipe" : "",
                               ps_place_text(a, x->waiter));
    return ps_arena_format(
        a, "%s%s", x->object && !x->waiter ? ps_arena_format(a, " (%s)", object_of(x->object)) : "",
        tells_holder(x)
            ? ps_arena_format(a, ", %s %s", how_held(x->kind), ps_place_text(a, x->holder))
            : "");
}

/* What mostly waits loses no cores by it: one thread does so too. */
static const char *cost_of(const struct ps_result *r, const struct causes *c, const struct cause *x)
{
    return finding_computes(r, c->point)
               ? ps_arena_format(r->arena, "%s of %.10g cores lost", finding_ratio(r, x->cores),
                                 c->p)
               : ps_arena_format(r->arena, "%.0f %% of its CPUs' time", 100 * x->cores / c->p);
}

/* Unless a larger cause was told with it: " ...". */
static const char *mend_once(const struct ps_result *r, const struct causes *c,
                             const struct cause *x)
{
    const char *mend = causes_mend(c, x);

    for (const struct cause *y = c->list; y < x; y++)
        if (y->told && !strcmp(mend, causes_mend(c, y)))
            return "";
    return ps_arena_format(r->arena, " %s", cause_units(r->arena, mend, of_processes(c, x)));
}

/* Of a program without debug symbols. */
static const char *debug_symbols(const struct ps_result *r, const struct cause *x)
{
    return ps_arena_format(r->arena,
                           " Debug symbols of %s (-g, -dbgsym packages) would name its functions.",
                           x->place->module);
}

/* How to have the name of the function, where there is only that of its program, library or
 * interpreter, or code that it made; once. */
static const char *named_how(const struct ps_result *r, struct causes *c, const struct cause *x)
{
    const char *module = x->place->module;
    const bool made = ps_module_made(module), monitor = x->kind == MONITOR;
    const bool java = c->runtimes & PS_RUNTIME_JAVA && (made || monitor);

    if (c->asked_for_names || x->kind == PS_LOSS_INTERPRETER || x->place->function || !module ||
        (made && !java) || (monitor && x->holder))
        return "";
    c->asked_for_names = true;
    if (java)
        return " Java 17 and later names its methods here if it is run with "
               "-XX:+UnlockDiagnosticVMOptions -XX:+DumpPerfMapAtExit.";
    return ps_module_interprets(module)
               ? " Python 3.12 and later names its functions here if it is run with -X perf."
               : debug_symbols(r, x);
}

static void say(struct ps_result *r, struct causes *c, const struct cause *x)
{
    const struct cause_words *w = &cause_words[x->kind];
    const char *times =
        x->kind != FAULTS && x->times < MOST_TIMES && x->times >= 1.05
            ? ps_arena_format(r->arena, ", %.1f times that with one thread", x->times)
            : "";

    finding_concerns(r,
                     finding_say(r, "cause", PS_INFO, "%s: %s %s%s%s: %s.%s%s", w->head,
                                 what_of(r->arena, c, x), ps_place_text(r->arena, x->place),
                                 after(r->arena, x), times, cost_of(r, c, x), mend_once(r, c, x),
                                 named_how(r, c, x)),
                     (size_t)(c->point - r->points));
}

/* With what was named before it comes to more than was lost: it is another side of that. lost: NaN,
 * not known. */
static bool is_too_much(const struct cause *x, double named, double lost)
{
    return named > 0 && named + x->cores > TOO_MUCH * lost &&
           (x->kind == MORE_CPU || x->kind == MORE_KERNEL);
}

/* All of them cost no more than was lost. Returns what those that are told cost; lost: NaN, not
 * known. */
static double say_largest(struct ps_result *r, struct causes *c, double lost)
{
    double named = 0;
    size_t told = 0;

    for (size_t i = 0; i < c->count && told < MOST_NAMED; i++) {
        struct cause *x = &c->list[i];

        if (is_too_much(x, named, lost))
            continue;
        x->cores = fmin(x->cores, isnan(lost) ? lost : fmax(0, lost - named));
        if (x->cores < WORTH_NAMING * c->p)
            continue;
        named += x->cores;
        told++;
        say(r, c, x);
        x->told = true;
    }
    return named;
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
    join_functions(r->arena, &c);
    causes_add_brief(r->arena, &c);
    causes_join_given_back(&c);
    causes_join_locks(&c);
    causes_join_turns(r->arena, &c);
    causes_sort(&c);
    lost = loses ? c.p - ps_point_value(c.point, "speedup") : NAN;
    named = say_largest(r, &c, lost);
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
