/* specs/: `NAME[:key=value]...`, and the typed values in them. In comes a text of the user's and
 * the table of parameters that it may name; out go parsed values, or an error that says which words
 * would do. Nothing here knows what is measured.
 *
 * Commas separate specs, colons keys. A value may stand for several: `1..8`, `1..64..x2` (steps by
 * factor), `0..100..+10`, `1+2+4`; times and reals need the step, choices are only listed. The end
 * of a range is among the values where a step falls on it. */
#ifndef PS_SPEC_H
#define PS_SPEC_H

#include <stddef.h>

#include <parscope/param.h>

#include "arena.h"
#include "err.h"
#include "text.h"

#define PS_SPEC_KEYS   16   /* keys in a spec */
#define PS_SPEC_POINTS 4096 /* values that one text, and specs that one spec, may expand to */

struct ps_spec_key {
    const char *name, *value; /* as written */
};

struct ps_spec {
    const char *name;
    struct ps_spec_key keys[PS_SPEC_KEYS];
    size_t key_count;
};

/* Splits "a:x=1,b" into specs. what names the thing in errors ("workload"). Empty specs, keys
 * without `=`, keys given twice are refused with -EINVAL. Text lives in the arena. */
int ps_spec_parse(const char *text, const char *what, struct ps_arena *a, struct ps_spec **specs,
                  size_t *count, struct ps_err *e);

/* One value, checked against its type and range. owner names the workload or strategy in errors. */
int ps_param_parse(const struct parscope_param *p, const char *owner, const char *text,
                   union parscope_value *value, struct ps_err *e);

/* All values that text stands for, in the order written, each as the canonical text of one value.
 * At most PS_SPEC_POINTS, else -E2BIG. */
int ps_param_expand(const struct parscope_param *p, const char *owner, const char *text,
                    struct ps_arena *a, struct ps_texts *values, struct ps_err *e);
/* Likewise, but those that are listed one by one as they are written: "60s", "007". */
int ps_param_expand_as_written(const struct parscope_param *p, const char *owner, const char *text,
                               struct ps_arena *a, struct ps_texts *values, struct ps_err *e);

/* A spec with every parameter bound to one value. */
struct ps_bound {
    const char *name;  /* of the workload or strategy */
    const char *label; /* canonical: name and the keys that were given, "reduce:size=10M" */
    union parscope_value *values; /* one per row of params */
    const char **texts;           /* canonical text of each, defaults included */
};

struct ps_bounds {
    struct ps_bound *items;
    size_t count;
};

/* Binds a spec to a parameter table (may be NULL for none), expanding lists to the cross product,
 * last key fastest. Unknown keys are named with the nearest known one. kind: "workload" or
 * "strategy". */
int ps_spec_bind(const struct ps_spec *spec, const char *kind, const struct parscope_param *params,
                 struct ps_arena *a, struct ps_bounds *bounds, struct ps_err *e);

/* The number of rows before the NULL name; params may be NULL. */
size_t ps_param_count(const struct parscope_param *params);
/* The parameter of that name that is a number or a time; NULL where there is none. */
const struct parscope_param *ps_param_number(const struct parscope_param *params, const char *name);
/* What each has where nothing is said, of the first `most` parameters. */
void ps_param_defaults(const struct parscope_param *params, union parscope_value *values,
                       size_t most);
/* Canonical text of a value, which parses back to the same value. */
char *ps_param_format(const struct parscope_param *p, union parscope_value value, char *out,
                      size_t size);
/* "1 to 1G", "1ns to 1h", "static, dynamic or guided". */
char *ps_param_range(const struct parscope_param *p, char *out, size_t size);

#endif
