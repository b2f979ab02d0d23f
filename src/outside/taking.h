/* What the functions of keys are given, and fill. Internal to this layer. */
#ifndef PS_OUTSIDE_TAKING_H
#define PS_OUTSIDE_TAKING_H

#include "outside.h"

struct ps_outside_taking {
    const char *value; /* one, as written */
    const struct ps_outside_host *host;
    struct ps_outside *o;
    struct ps_arena *arena;
    struct ps_err *error;
};

/* "env: pin=sprad: ...", the rest formatted. */
int taking_refuse(const struct ps_outside_key *k, const struct ps_outside_taking *t, int err,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Which of the key's words ("a|b|c") the value is; a negative errno, the nearest one told. */
int taking_choice(const struct ps_outside_key *k, struct ps_outside_taking *t);
/* "NAME=VALUE", or "NAME" to take it away; in the arena. */
void taking_variable(struct ps_outside_taking *t, const char *text);
void taking_call(struct ps_outside_taking *t, const struct ps_child_call *call);
void taking_note(struct ps_outside_taking *t, const char *sentence);

/* allocators.c, the function of `alloc`. */
int take_alloc(const struct ps_outside_key *k, struct ps_outside_taking *t);

/* permission.c: whether a child may make the calls, tried by one that does nothing else; the errno
 * of the first that it may not in *err, which is its index, else call_count. */
size_t calls_refused(const struct ps_child_call *calls, size_t count, int *err);

#endif
