/* layout/: what reports are made of. In come values and texts; out go short texts for the cells of
 * a table, and grids that fit a width (grid.h).
 *
 * This header: metrics as short text. Estimated values begin with "~"; "-" stands for none. */
#ifndef PS_REPORT_CELLS_H
#define PS_REPORT_CELLS_H

#include "arena.h"
#include "result.h"

const char *ps_cell_metric(struct ps_arena *a, const struct ps_metric *m, enum ps_cell_style style);
/* Three significant digits in plain notation, five decimals at most. */
const char *ps_cell_ratio(struct ps_arena *a, double value);
/* "0.4%": a fraction as a percentage, rounded up in its last digit. */
const char *ps_cell_margin(struct ps_arena *a, double fraction);
/* "42 %", and "4.2 %" of less than a tenth, where small ones need it; NULL where it is not known.
 */
const char *ps_cell_percent(struct ps_arena *a, double share, bool small);
/* "8.12 ms" */
const char *ps_cell_time(struct ps_arena *a, double seconds);

#endif
