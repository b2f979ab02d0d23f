/* Where there is no libdw. */
#include <errno.h>

#include "symbols.h"

int ps_symbols_create(struct ps_symbols **s, struct ps_err *e)
{
    return ps_fail(e, ENOTSUP,
                   "functions and lines can't be named: parscope was built without libdw (of "
                   "elfutils; Debian's libdw-dev)");
}

void ps_symbols_destroy(struct ps_symbols *s)
{
}

size_t ps_symbols_add_space(struct ps_symbols *s, pid_t pid, const struct ps_mapping *m,
                            size_t count)
{
    return 0;
}

size_t ps_symbols_resolve(struct ps_symbols *s, size_t space, uint64_t address, bool caller,
                          struct ps_frame *frames, size_t most)
{
    return 0;
}

size_t ps_symbols_unwind(struct ps_symbols *s, size_t space, const struct ps_stack_seen *stack,
                         struct ps_frame *frames, size_t most)
{
    return 0;
}

enum ps_hot ps_symbols_hot(struct ps_symbols *s, size_t space, const struct ps_frame *frames,
                           size_t count)
{
    return PS_HOT_OPEN;
}

const char *ps_symbols_callee(struct ps_symbols *s, size_t space, const struct ps_frame *caller)
{
    return NULL;
}

bool ps_symbols_phase(struct ps_symbols *s, size_t space, const struct ps_frame *caller,
                      const uint64_t *others, size_t count, struct ps_phase *out)
{
    return false;
}
