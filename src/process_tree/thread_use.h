/* What looks at a process tree say of how it uses threads. */
#ifndef PS_THREAD_USE_H
#define PS_THREAD_USE_H

#include <stddef.h>

#include "thread_sampler.h"

enum ps_thread_use {
    PS_THREADS_UNKNOWN,  /* too few looks, or nobody asked for a number */
    PS_THREADS_AS_ASKED, /* that many were there, and worked */
    PS_THREADS_FEWER,    /* it does not use as many */
    PS_THREADS_MORE,     /* more wanted a CPU at once */
    PS_THREADS_TURNS,    /* that many worked, but one at a time, as under one lock */
};

struct ps_thread_judgement {
    enum ps_thread_use use;
    size_t at_once; /* that wanted a CPU; 0: not known */
    double above;   /* share of the looks that saw any in which more than asked did */
};

/* Of executions that have ended. asked: 0: no number was. used: CPUs, their CPU time over their
 * wall time; looks miss threads that are over in no time, the CPU time doesn't. NaN: not known. */
struct ps_thread_judgement ps_thread_judge(const struct ps_thread_sampler *s, size_t asked,
                                           double used);
/* Looks miss threads that are over in no time: that there are fewer than asked for is not known
 * where something else tells of more than they saw. beyond: CPUs used, or threads that ran, on
 * average, more than at_once. */
void ps_thread_doubt(struct ps_thread_judgement *j, double beyond);

#endif
