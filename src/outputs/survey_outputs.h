/* Where what `doctor`, `topo` and `merge` found goes: as text or as JSON. */
#ifndef PS_SURVEY_OUTPUTS_H
#define PS_SURVEY_OUTPUTS_H

#include "outputs.h"

/* Rows of -o and --format, for groups whose base is a struct ps_output_values. */
extern const struct ps_option ps_survey_output_rows[], ps_topo_output_rows[];

/* -EINVAL for a format that can't hold it. topo: of `topo`, or else of `doctor`. */
int ps_survey_outputs_choose(struct ps_outputs *o, const struct ps_output_values *v, bool topo,
                             struct ps_cli *cli);
int ps_ranks_outputs_choose(struct ps_outputs *o, const struct ps_output_values *v,
                            struct ps_cli *cli);
int ps_rank_sweep_outputs_choose(struct ps_outputs *o, const struct ps_output_values *v,
                                 struct ps_cli *cli);
ps_render_fn ps_render_doctor;     /* const struct ps_doctor * */
ps_render_fn ps_render_topo;       /* const struct ps_topo * */
ps_render_fn ps_render_rank_sweep; /* const struct ps_rank_sweep * */
ps_render_fn ps_render_ranks;      /* const struct ps_ranks * */

#endif
