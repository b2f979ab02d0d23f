#include "late.h"

#include <dlfcn.h>
#include <string.h>

static const char *reason(void)
{
    const char *said = dlerror(), *kept = said ? strdup(said) : NULL;

    return kept ? kept : "no memory";
}

const char *ps_late_load(const char *file, const struct ps_late_row *rows, size_t count,
                         void *table)
{
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

    if (!library)
        return reason();
    for (size_t i = 0; i < count; i++) {
        void *function = dlsym(library, rows[i].name);

        if (!function)
            return reason();
        memcpy((char *)table + rows[i].offset, &function, sizeof function);
    }
    return NULL;
}
