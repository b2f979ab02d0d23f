/* Work that each thread does again: its function takes as many times the CPU time as there are
 * threads, and all else takes as much as with one. */
#include <math.h>

#include "causes.h"
#include "text.h"

#define CLOSE     0.15 /* to as many times, by logarithm */
#define UNSURE    0.2  /* likewise, of a ratio that tells nothing: one standard error */
#define OF_MEMORY 0.5  /* of its CPU time, beyond which it may wait for memory */
#define REST      0.2  /* of the CPU time with one thread, that all else must have */
#define AS_MUCH   1.2  /* times that, which all else may take */

/* s; memory: at reads and writes, or in libraries, whose code may do anything. */
struct share {
    double now, then, memory;
};

static bool is_in(const struct ps_code_row *r, const struct ps_place *p)
{
    return ps_text_same(r->place.function, p->function) && ps_text_same(r->place.module, p->module);
}

static struct share share_of(const struct causes *c, const struct ps_place *p)
{
    struct share s = {0, 0, 0};

    for (size_t i = 0; i < c->own->code_count; i++) {
        const struct ps_code_row *r = &c->own->code[i];

        if (!is_in(r, p))
            continue;
        s.now += r->cpu_time;
        s.memory += r->place.library ? r->cpu_time : r->loads + r->stores + r->atomic;
    }
    for (size_t i = 0; i < c->base->code_count; i++)
        s.then += is_in(&c->base->code[i], p) ? c->base->code[i].cpu_time : 0;
    return s;
}

static double samples_of(const struct ps_diagnosis *d, double cpu)
{
    return d->sampled > 0 ? cpu / d->sampled * (double)d->samples : 0;
}

bool causes_is_repeated(const struct causes *c, const struct ps_place *p)
{
    const struct share s = share_of(c, p);
    const double error = sqrt(1 / samples_of(c->own, s.now) + 1 / samples_of(c->base, s.then));

    return p->function && fabs(log(s.now / s.then / c->p)) <= CLOSE && error <= UNSURE &&
           s.memory <= OF_MEMORY * s.now;
}

bool causes_find_repeated(const struct causes *c)
{
    double now = 0, then = 0, repeated = 0, all = 0;

    for (size_t i = 0; c->base && i < c->own->code_count; i++)
        now += causes_is_repeated(c, &c->own->code[i].place) ? 0 : c->own->code[i].cpu_time;
    for (size_t i = 0; c->base && i < c->base->code_count; i++) {
        const struct ps_code_row *r = &c->base->code[i];

        all += r->cpu_time;
        *(causes_is_repeated(c, &r->place) ? &repeated : &then) += r->cpu_time;
    }
    return repeated > 0 && then >= REST * all && now <= AS_MUCH * then;
}
