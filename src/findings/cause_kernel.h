/* What the causes by kernel time share: calls, pages, threads. Internal to this layer. */
#ifndef PS_CAUSE_KERNEL_H
#define PS_CAUSE_KERNEL_H

#include "causes.h"

#define MORE 1.1 /* times the kernel's time, which is never quite the same */

/* s of a place's kernel time beyond that with one thread; of all of it, what has no samples. */
double kernel_excess_at(const struct causes *c, const struct ps_code_row *row);
double kernel_more(const struct causes *c);
/* Told as a cause of its own. */
bool kernel_own_call(const struct causes *c, const struct ps_code_row *row);
/* To two digits: the third is noise. */
double kernel_rounded(double rate);

/* Where most pages are touched first; NULL: there are few. */
const struct ps_place *pages_most(const struct ps_diagnosis *d);
/* There are enough of them to take the kernel's time beyond that with one thread. */
bool pages_matter(const struct causes *c);
/* s beyond those of one thread in functions that do nothing but touch pages. */
double pages_dense(const struct causes *c);
/* A call that changes what is mapped: where pages are touched first, it belongs to the same cause.
 */
bool pages_mapping(const struct causes *c, const struct ps_place *p);
void pages_add(struct ps_arena *a, struct causes *c);

/* True: there is such a cause. */
bool threads_add(struct ps_arena *a, struct causes *c);

#endif
