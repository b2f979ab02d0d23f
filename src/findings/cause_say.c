/* Causes in words, the largest first. */
#include <math.h>
#include <string.h>

#include "cause_rest.h"
#include "causes.h"
#include "runtimes.h"
#include "text.h"

#define MOST_NAMED 5
#define TOO_MUCH   1.05 /* of the lost cores */
#define MOST_TIMES 20   /* as much CPU time as with one thread: then it had almost none there */

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
double causes_say(struct ps_result *r, struct causes *c, double lost)
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
