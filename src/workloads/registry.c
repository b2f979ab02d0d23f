#include "registry.h"

#include <string.h>

#define PS_ROW(name) extern const struct parscope_workload ps_workload_##name;
#include "list.def"
#undef PS_ROW

const struct parscope_workload *const ps_workloads[] = {
#define PS_ROW(name) &ps_workload_##name,
#include "list.def"
#undef PS_ROW
    NULL,
};

const struct parscope_workload *ps_workload_find(const char *name)
{
    for (const struct parscope_workload *const *w = ps_workloads; *w != NULL; w++)
        if (!strcmp((*w)->name, name))
            return *w;
    return NULL;
}
