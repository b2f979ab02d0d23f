#include <stddef.h>

#include "result.h"

#define PS_LOOK(place, head, style, block, on_baseline, zero)                          \
    {                                                                                  \
        place, head, PS_CELL_##style, block, PS_COLUMN_##on_baseline, PS_COLUMN_##zero \
    }
#define PS_BY_TITLE               \
    {                             \
        .place = PS_LOOK_BY_TITLE \
    }
#define PS_NO_COLUMN          \
    {                         \
        .place = PS_LOOK_NONE \
    }

#define PS_RAW_METRIC(column, id, unit, source, scope, combine, title, look, help) \
    {#id, unit, title, help, source, scope, look},
/* By its parameters: a look is expanded to commas. */
#define PS_SOURCE_METRIC(file, column, id, unit, source, scope, combine, title, look, help) \
    {#id, unit, title, help, source, scope, look},
#define PS_METRIC(id, unit, source, scope, title, look, help) \
    {#id, unit, title, help, source, scope, look},
#define PS_STACK_METRIC PS_METRIC
#define PS_OTHER_METRIC(id, unit, title, look, help) \
    {#id, unit, title, help, PS_SOURCE_TIMES, 0, look},

const struct ps_metric_info ps_metrics[] = {
#include "metrics.def"
    {NULL},
};
