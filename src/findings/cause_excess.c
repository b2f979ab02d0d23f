/* CPU time beyond that with one thread, by what the instructions do that the samples fell on. */
#include <math.h>
#include <string.h>

#include "causes.h"
#include "name.h"

#define STANDS_FOR 0.1 /* s of CPU time, that a sample may be of */
#define AT_ATOMICS 0.3 /* of a function's CPU time */
#define AT_STORES  0.5 /* likewise; they are seldom where nothing waits for them */
#define CONTENDED  1.5 /* times the CPU time with one thread */

bool causes_thin(const struct ps_diagnosis *d)
{
    return d->samples && d->sampled * (double)d->executions > STANDS_FOR * (double)d->samples;
}

double causes_cpu_of(const struct ps_diagnosis *d, const struct ps_place *p)
{
    const struct ps_code_row *row = ps_diagnosis_code(d, p);

    return row ? row->cpu_time : 0;
}

/* Functions of the C library, such as rand() or malloc(), need atomic operations for their locks;
 * those of a language's library, "std::atomic<int>::fetch_add", may be what was asked for. */
static bool locks_inside(const struct ps_place *p)
{
    return p->library && !strstr(p->library, "::") && !strstr(p->library, "atomic");
}

/* By the instructions that the samples fell on. times: of the CPU time with one thread, which has
 * no need of atomic operations: a lock that nobody waits for takes a little more with several. */
static int kind_of_excess(const struct causes *c, const struct ps_code_row *r, double times)
{
    const bool atomic = r->atomic > AT_ATOMICS * r->cpu_time;
    const bool lock = causes_of_lock(r->place.library) || (atomic && locks_inside(&r->place));

    if (r->place.library && strstr(r->place.library, "barrier"))
        return MORE_CPU;
    if (lock)
        return times > CONTENDED ? PS_LOSS_LOCK : MORE_CPU;
    /* What is met there is the kernel's, at its return. */
    if (ps_name_calls_kernel(r->place.library))
        return MORE_KERNEL;
    if (atomic)
        return ATOMICS;
    if (c->repeats && causes_is_repeated(c, &r->place))
        return REPEATED;
    return r->stores > AT_STORES * r->cpu_time ? LINES : MORE_CPU;
}

bool causes_dense_faults(const struct ps_code_row *r)
{
    return r->faults > DENSE_FAULTS * r->cpu_time;
}

void causes_add_excess(struct ps_arena *a, struct causes *c)
{
    for (size_t i = 0; c->base && i < c->own->code_count; i++) {
        const struct ps_place *place = &c->own->code[i].place;
        double now = c->own->code[i].cpu_time, then = causes_cpu_of(c->base, place);
        const int kind = kind_of_excess(c, &c->own->code[i], now / then);
        struct cause *lock = causes_lock_of(c, place);

        if (now <= then || causes_thin(c->own) || causes_dense_faults(&c->own->code[i]))
            continue;
        if (lock)
            causes_grow(lock, (now - then) / c->own->wall);
        else
            causes_add(a, c,
                       (struct cause){kind, place, NULL, (now - then) / c->own->wall,
                                      kind == PS_LOSS_LOCK ? NAN : now / then, NULL});
    }
}
