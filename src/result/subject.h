/* What kind of point it is, and what sentences call it. */
#ifndef PS_SUBJECT_H
#define PS_SUBJECT_H

#include "result.h"

bool ps_point_is_program(const struct ps_point *p);
/* A strategy was chosen for the program from outside: env:... */
bool ps_point_is_outside(const struct ps_point *p);
/* Several points of its program are told apart by such strategies, itself maybe the one without. */
bool ps_point_among_outside(const struct ps_result *r, const struct ps_point *p);
/* Its speedup is over the program as it is, with a thread count of its own or several threads. */
bool ps_point_against_plain(const struct ps_result *r, const struct ps_point *p);
/* Left alone: on all CPUs, with a thread count of its own. */
bool ps_point_is_free(const struct ps_point *p);
/* Several copies of a program at once, where others have threads. */
bool ps_point_is_copies(const struct ps_point *p);

/* The workload's label; of a long command its program's name, or where another one has the same
 * name, the beginning. The whole text is in the heading. */
const char *ps_subject_short(const struct ps_result *r, const struct ps_point *p);
/* "steal with 2 threads"; of a program "2 threads", "env:wait=active with 2 threads". */
const char *ps_subject_name(const struct ps_result *r, const struct ps_point *p);
/* With what it runs: "steal with 2 threads on reduce", "2 threads of make", "2 copies of make"; of
 * a program that was left alone, whose thread count is its own affair, "make". */
const char *ps_subject_of(const struct ps_result *r, const struct ps_point *p);
/* Without the name of a program where the result has no other: "2 threads". */
const char *ps_subject_here(const struct ps_result *r, const struct ps_point *p);
/* "others took 46 % of the CPU time of steal with 2 threads on reduce, and 3 of 40 rounds were
 * quiet"; of a point whose load is known. */
const char *ps_disturbance_text(const struct ps_result *r, const struct ps_point *p);

#endif
