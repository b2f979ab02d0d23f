/* Memory that is freed all at once: plans, results, parsed documents. Not for workload data.
 *
 * Never returns NULL: when the system has no memory left, the handler given at init is called and
 * must not return. Single-threaded. */
#ifndef PS_ARENA_H
#define PS_ARENA_H

#include <stdarg.h>
#include <stddef.h>

typedef void ps_oom_fn(void); /* does not return */

struct ps_arena {
    struct ps_arena_block *blocks;
    ps_oom_fn *on_oom;
};

void ps_arena_init(struct ps_arena *a, ps_oom_fn *on_oom);
void ps_arena_finish(struct ps_arena *a);

/* Zeroed, aligned for any type. size may be 0. */
void *ps_arena_alloc(struct ps_arena *a, size_t size);
/* Zeroed array; an overflowing product counts as no memory. */
void *ps_arena_array(struct ps_arena *a, size_t count, size_t size);
char *ps_arena_copy(struct ps_arena *a, const char *text);
/* Of any length: nothing is cut. vformat uses args up, as vsnprintf() does. */
char *ps_arena_format(struct ps_arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(2)));
char *ps_arena_vformat(struct ps_arena *a, const char *format, va_list args)
    __attribute__((format(printf, 2, 0), nonnull(2)));
/* Grows an array of elements of `size` bytes so that one more than `count` fits; returns where it
 * now is. Capacity is always a power of two: call it with the current count before each append. */
void *ps_arena_grow(struct ps_arena *a, void *array, size_t count, size_t size);

#endif
