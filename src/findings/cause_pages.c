/* Causes by kernel time: pages that are touched for the first time, and what maps them. */
#include <math.h>
#include <string.h>

#include "cause_kernel.h"
#include "name.h"
#include "text.h"

#define MANY_FAULTS 1000    /* a second */
#define DEAR_FAULT  1.25e-5 /* s that a page costs at most, times those that it waits for */
#define OF_FAULTS   0.5 /* of the kernel time to be explained, that pages must be able to cost */

/* An allocator's kernel time is of memory that it gets or gives back, unless threads wait for its
 * lock. */
static bool is_allocator(const struct causes *c, const struct ps_place *p)
{
    return causes_of_allocator(p->library) && !causes_largest(c, PS_LOSS_LOCK);
}

/* By calls that change what is mapped: where pages are touched for the first time, they belong to
 * the same cause. */
bool pages_mapping(const struct causes *c, const struct ps_place *p)
{
    static const char *const calls[] = {"munmap", "mmap", "mremap", "madvise", "mprotect", "brk"};

    return ps_text_holds_any(p->library, calls, sizeof calls / sizeof *calls) || is_allocator(c, p);
}

const struct ps_place *pages_most(const struct ps_diagnosis *d)
{
    const struct ps_code_row *most = NULL;

    for (size_t i = 0; i < d->code_count; i++)
        if (!most || d->code[i].faults > most->faults)
            most = &d->code[i];
    return most && most->faults > MANY_FAULTS * d->wall ? &most->place : NULL;
}

static double pages_of(const struct ps_diagnosis *d)
{
    double faults = 0;

    for (size_t i = 0; i < d->code_count; i++)
        faults += d->code[i].faults;
    return faults;
}

/* s that they may cost at most beyond what they do with one thread. */
static double most_by_pages(const struct causes *c)
{
    return pages_of(c->own) * DEAR_FAULT * fmax(1, c->p - 1);
}

/* There are enough of them to take the kernel's time beyond that with one thread. */
bool pages_matter(const struct causes *c)
{
    return !c->base || most_by_pages(c) >= OF_FAULTS * (c->own->kernel_time - c->base->kernel_time);
}

/* ", and munmap", the call that most kernel time beyond that with one thread went to; "". */
static const char *mapping_call(struct ps_arena *a, const struct causes *c)
{
    const struct ps_code_row *most = NULL;
    double excess = 0;

    for (size_t i = 0; i < c->own->code_count; i++) {
        const struct ps_code_row *row = &c->own->code[i];

        if (!pages_mapping(c, &row->place) || kernel_excess_at(c, row) <= excess)
            continue;
        excess = kernel_excess_at(c, row);
        most = row;
    }
    return most ? ps_arena_format(a, ", and %s", ps_name_short(a, most->place.library)) : "";
}

/* Of processes with a thread each a page costs as much as with one thread: no more than what the
 * kernel then took in sum, for each. */
static double at_most_by_pages(const struct causes *c, double more)
{
    const double then = pages_of(c->base), now = pages_of(c->own);

    if (causes_share_memory(c))
        return fmin(more, most_by_pages(c));
    return fmin(more, then > 0 ? fmax(0, now - then) * c->base->kernel_time / then : more);
}

/* s beyond those of one thread in functions that do nothing but touch pages. */
double pages_dense(const struct causes *c)
{
    double sum = 0;

    for (size_t i = 0; i < c->own->code_count; i++) {
        const struct ps_code_row *row = &c->own->code[i];

        if (causes_dense_faults(row))
            sum += fmax(0, row->cpu_time - causes_cpu_of(c->base, &row->place));
    }
    return sum;
}

/* Cores that the calls which change what is mapped took in user mode beyond one thread's; they are
 * no cause of their own any more. */
static double take_mapping(struct causes *c)
{
    double cores = 0;

    for (size_t i = 0; i < c->count; i++) {
        struct cause *x = &c->list[i];

        if (x->kind != MORE_KERNEL || !pages_mapping(c, x->place))
            continue;
        cores += x->cores;
        x->cores = 0;
    }
    return cores;
}

/* What page faults cost is kernel time, and time of the functions that do nothing else. */
void pages_add(struct ps_arena *a, struct causes *c)
{
    double more;

    if (!c->base || !c->faults)
        return;
    more = fmax(0, c->own->kernel_time - c->base->kernel_time - c->yielded);
    for (size_t i = 0; i < c->own->code_count; i++)
        if (kernel_own_call(c, &c->own->code[i]))
            more = fmax(0, more - kernel_excess_at(c, &c->own->code[i]));
    more += pages_dense(c);
    causes_add(a, c,
               (struct cause){FAULTS, c->faults,
                              ps_arena_format(a, "%.0f a second%s",
                                              kernel_rounded(pages_of(c->own) / c->own->wall),
                                              mapping_call(a, c)),
                              at_most_by_pages(c, more) / c->own->wall + take_mapping(c),
                              pages_of(c->own) / pages_of(c->base), NULL});
}
