/* Fixtures of tests that need an arena, which is their first member. */
#ifndef PS_TEST_FIXTURE_H
#define PS_TEST_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "arena.h"

static inline void fixture_out_of_memory(void)
{
    abort();
}

/* Zeroed but for the arena; the test's state from then on. */
static inline void *fixture_new(void **state, size_t size)
{
    *state = test_calloc(1, size);
    ps_arena_init(*state, fixture_out_of_memory);
    return *state;
}

static inline int fixture_end(void **state)
{
    ps_arena_finish(*state);
    test_free(*state);
    return 0;
}

#endif
