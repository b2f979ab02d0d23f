/* machine_report/: what people read of a machine. In come the results of doctor, of topo's probe
 * and of overhead (overhead_view.h); out go texts and grids.
 *
 * This header: what `parscope doctor` and `parscope topo` print. Each adds to `out`. */
#ifndef PS_SURVEY_VIEW_H
#define PS_SURVEY_VIEW_H

#include "grid.h"
#include "str.h"
#include "survey_result.h"
#include "text.h"

void ps_doctor_text(const struct ps_doctor *d, struct ps_str *out);
void ps_probe_text(const struct ps_probe *p, struct ps_str *out);
/* What the probe's text consists of: of each pair a sentence and, where kernels ran, a table; the
 * groups of CPUs by their distance; what else is to be known. */
const char *ps_pair_text(const struct ps_pair *p, struct ps_arena *a);
void ps_pair_grid(const struct ps_pair *p, struct ps_arena *a, struct ps_grid *g);
struct ps_lines ps_probe_groups(const struct ps_probe *p, struct ps_arena *a);
struct ps_lines ps_probe_notes(const struct ps_probe *p, struct ps_arena *a);
/* Of their tables. */
ps_heads_fn ps_doctor_heads, ps_probe_heads;

#endif
