/* Where what `doctor` and `topo` found goes: as text or as JSON. */
#ifndef PS_SURVEY_OUTPUTS_H
#define PS_SURVEY_OUTPUTS_H

#include "outputs.h"

struct ps_survey_values {
    struct ps_texts outputs;
    const char *format;
};

/* -EINVAL for a format other than the table and JSON; what: "a topology is". */
int ps_survey_outputs_choose(struct ps_outputs *o, const struct ps_survey_values *v,
                             const char *what, struct ps_cli *cli);
ps_render_fn ps_render_doctor; /* const struct ps_doctor * */
ps_render_fn ps_render_topo;   /* const struct ps_topo * */

#define PS_SURVEY_OUTPUT_ROWS(type, field)                               \
    {"output",                                                           \
     'o',                                                                \
     PS_OPTION_TEXTS,                                                    \
     "FILE",                                                             \
     "write it to FILE.json too; may be repeated; - is standard output", \
     offsetof(type, field.outputs)},                                     \
    {                                                                    \
        "format", 0, PS_OPTION_TEXT, "NAME",                             \
            "what standard output gets: table or json (default: table)", \
            offsetof(type, field.format)                                 \
    }

#endif
