#include <math.h>

#include "cells.h"
#include "units.h"
#include "view.h"

static const struct ps_grid_head heads[] = {
    {"region", NULL, 0, true},   {"entries", NULL, 0, false}, {"time", NULL, 0, false},
    {"CPUs\nused", "CPUs used"}, {"alone", NULL, 0, false},   {"no\nCPU", "no CPU"},
    {"blocked", NULL, 0, false}, {"waits", NULL, 0, true},
};
#define HEADS (sizeof heads / sizeof *heads)

void ps_region_heads(ps_head_fn *each, void *arg)
{
    ps_grid_each_head(heads, HEADS, each, arg);
}

static const char *seconds(const struct ps_view *v, double s)
{
    char text[32];

    return isfinite(s) ? ps_arena_copy(v->arena, ps_format_time(text, sizeof text, s)) : NULL;
}

static const char *number(const struct ps_view *v, double x)
{
    return isfinite(x) ? ps_arena_format(v->arena, "%.3g", x) : NULL;
}

/* "lock 12 %, sleep 3 %": the two that took most of the region's time. */
static const char *waits_of(const struct ps_view *v, const struct ps_region_row *r)
{
    const char *text = NULL;
    size_t first = PS_LOSS_KINDS;

    for (int n = 0; n < 2; n++) {
        size_t most = PS_LOSS_KINDS;

        for (size_t k = 0; k < PS_LOSS_KINDS; k++)
            if (k != first && (most == PS_LOSS_KINDS || r->waits[k] > r->waits[most]))
                most = k;
        if (!(r->waits[most] >= 0.005 * r->time) || !(r->time > 0))
            break;
        text = ps_arena_format(v->arena, "%s%s%s %s", text ? text : "", text ? ", " : "",
                               ps_loss_kind_name((enum ps_loss_kind)most),
                               ps_cell_percent(v->arena, r->waits[most] / r->time, false));
        first = most;
    }
    return text;
}

static void fill(const struct ps_view *v, struct ps_grid *g, size_t row,
                 const struct ps_region_row *r)
{
    ps_grid_cell(g, row, 0, ps_text_clean(v->arena, r->name));
    ps_grid_cell(g, row, 1, number(v, r->entries));
    ps_grid_cell(g, row, 2, seconds(v, r->time));
    ps_grid_cell(g, row, 3, number(v, ps_region_concurrency(r)));
    ps_grid_cell(g, row, 4, ps_cell_percent(v->arena, ps_region_serial_fraction(r), false));
    ps_grid_cell(g, row, 5,
                 ps_cell_percent(v->arena, r->time > 0 ? r->runnable / r->time : NAN, false));
    ps_grid_cell(g, row, 6,
                 ps_cell_percent(v->arena, r->time > 0 ? r->blocked / r->time : NAN, false));
    ps_grid_cell(g, row, 7, waits_of(v, r));
}

const char *ps_regions_grid(const struct ps_view *v, const struct ps_point *p, struct ps_grid *g)
{
    const struct ps_diagnosis *d = p->diagnosis;

    if (!d || d->missing || !d->region_count)
        return NULL;
    ps_grid_init(g, v->arena, d->region_count);
    ps_grid_heads(g, heads, HEADS);
    for (size_t i = 0; i < d->region_count; i++)
        fill(v, g, i, &d->regions[i]);
    return ps_arena_format(
        v->arena,
        "Regions that the program marks, with %u thread%s, per observed execution. Time: summed "
        "over their threads; CPUs used: while the region was open; alone: share of its CPU time "
        "while no other thread ran; no CPU, blocked and waits: shares of its time.%s",
        p->threads, p->threads == 1 ? "" : "s",
        d->regions_lost > 0
            ? ps_arena_format(v->arena, " %.3g are missing for lack of room.", d->regions_lost)
            : "");
}
