#ifndef PARSCOPE_BENCH_BOUNDS_H
#define PARSCOPE_BENCH_BOUNDS_H

/* Prints what a fork and its join need at least (bounds_forks.c). */
void bounds_forks(void);

#endif
