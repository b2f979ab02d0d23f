#include "diagnosis_result.h"

#include <errno.h>
#include <string.h>

static const char *const names[PS_LOSS_KINDS] = {
    "serial", "imbalance", "runtime", "lock",  "condition", "sleep", "read",
    "write",  "sync",      "memory",  "fault", "poll",      "child", "other",
};

const char *ps_loss_kind_name(enum ps_loss_kind kind)
{
    return names[kind];
}

int ps_loss_kind_parse(const char *name, enum ps_loss_kind *kind)
{
    for (size_t i = 0; i < PS_LOSS_KINDS; i++) {
        if (strcmp(name, names[i]))
            continue;
        *kind = (enum ps_loss_kind)i;
        return 0;
    }
    return -EINVAL;
}
