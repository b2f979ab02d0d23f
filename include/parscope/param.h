/* Typed parameters of workloads and strategies: `NAME:key=value` on the command line. */
#ifndef PARSCOPE_PARAM_H
#define PARSCOPE_PARAM_H

#include <stdint.h>

enum parscope_type {
    PARSCOPE_COUNT,  /* whole number, suffixes k M G Ki Mi Gi; value.count */
    PARSCOPE_TIME,   /* seconds, suffixes ns us ms s; value.real */
    PARSCOPE_REAL,   /* plain number; value.real */
    PARSCOPE_CHOICE, /* one of `choices`; value.choice is its index */
};

/* One parameter. A table of them ends with a row whose name is NULL. All text is static. */
struct parscope_param {
    const char *name;
    enum parscope_type type;
    const char *initial; /* the default, written as a user would write it */
    double low, high; /* smallest and largest allowed value, in items or seconds; not for CHOICE */
    const char *const *choices; /* NULL-terminated; only for CHOICE */
    const char *help;           /* one phrase, no full stop */
};

union parscope_value {
    uint64_t count;
    double real;
    unsigned choice;
};

#endif
