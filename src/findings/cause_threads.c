/* Causes by kernel time: threads that are started again and again. */
#include <math.h>
#include <string.h>

#include "cause_kernel.h"
#include "text.h"

#define DEAR_THREAD       1e-4 /* s that starting one and waiting for its end takes, at most */
#define MANY_THREADS      200  /* a second */
#define NEW_THREADS_LEAST 4    /* times as many as CPUs, that are started beside one thread's */

bool causes_starts_threads(const struct ps_place *p)
{
    static const char *const parts[] = {"pthread_create",        "thrd_create",    "std::async",
                                        "std::thread::thread",   "thread::spawn",  "Builder::spawn",
                                        "std::jthread::jthread", "_M_start_thread"};
    static const char *const whole[] = {"clone", "clone3", "__clone", "__clone3"};

    for (size_t i = 0; p->library && i < sizeof parts / sizeof *parts; i++)
        if (strstr(p->library, parts[i]))
            return true;
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (ps_text_same(p->library, whole[i]))
            return true;
    return false;
}

/* Where nobody worked for most of the time, in a function of the program's own; NULL: nowhere. */
static const struct ps_place *most_awaiting(const struct ps_diagnosis *d)
{
    const struct ps_loss_row *most = NULL;

    for (size_t i = 0; i < d->loss_count; i++)
        if (d->losses[i].kind == PS_LOSS_CONDITION && d->losses[i].place.function &&
            (!most || d->losses[i].idle > most->idle))
            most = &d->losses[i];
    return most ? &most->place : NULL;
}

/* Where most time of starting threads was seen, else where their end is waited for; NULL: nowhere.
 */
static const struct ps_place *most_starting(const struct ps_diagnosis *d)
{
    const struct ps_place *most = NULL;
    double time = 0, idle = 0;

    for (size_t i = 0; i < d->code_count; i++)
        if (causes_starts_threads(&d->code[i].place) && ps_code_row_time(&d->code[i]) > time) {
            time = ps_code_row_time(&d->code[i]);
            most = &d->code[i].place;
        }
    for (size_t i = 0; !time && i < d->loss_count; i++)
        if (causes_starts_threads(&d->losses[i].place) && d->losses[i].idle > idle) {
            idle = d->losses[i].idle;
            most = &d->losses[i].place;
        }
    return most ? most : most_awaiting(d);
}

/* While nobody works, threads wait for the first moment or for the end of others. Up to what as
 * many cost. */
static double take_waits(struct causes *c, double rate)
{
    double left = DEAR_THREAD * rate, taken = 0;

    for (size_t i = 0; i < c->count; i++) {
        struct cause *x = &c->list[i];
        const double part = x->kind == PS_LOSS_CONDITION ? fmin(x->cores, left) : 0;

        x->cores -= part;
        left -= part;
        taken += part;
    }
    return taken;
}

/* s, as much as so many cost at most; the end of a thread is in no record, but the kernel counts
 * it. */
static double kernel_of_threads(const struct causes *c, double count)
{
    const double counted = c->own->system - MORE * c->base->system;
    const double more = isnan(counted) ? kernel_more(c) : counted;

    return more > 0 ? fmin(more + pages_dense(c), DEAR_THREAD * count) : 0;
}

/* Their stacks are mapped, touched and given back: where threads are started that often, kernel
 * time that one thread does not take is theirs. */
bool threads_add(struct ps_arena *a, struct causes *c)
{
    const double count = ps_diagnosis_threads(c->own) - ps_diagnosis_threads(c->base),
                 rate = count / c->own->wall;
    const bool many = rate > MANY_THREADS && count > NEW_THREADS_LEAST * c->p;
    const struct ps_place *place = many ? most_starting(c->own) : NULL;

    if (!c->base || !place || !(kernel_of_threads(c, count) > 0))
        return false;
    causes_add(a, c,
               (struct cause){
                   NEW_THREADS, place, ps_arena_format(a, "%.0f a second", kernel_rounded(rate)),
                   kernel_of_threads(c, count) / c->own->wall + take_waits(c, rate), NAN, NULL});
    return true;
}

bool causes_many_threads(const struct ps_diagnosis *own)
{
    return ps_diagnosis_threads(own) > MANY_THREADS * own->wall;
}
