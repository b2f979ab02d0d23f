#include "survey_outputs.h"

#include <errno.h>
#include <string.h>

#include "ranks_json.h"
#include "ranks_view.h"
#include "survey_json.h"
#include "survey_view.h"

const struct ps_option ps_survey_output_rows[] = {
    {"output", 'o', PS_OPTION_TEXTS, "FILE",
     "write it to FILE.json too; may be repeated; - is standard output",
     offsetof(struct ps_output_values, paths)},
    {"format", 0, PS_OPTION_TEXT, "NAME",
     "what standard output gets: table or json (default: table)",
     offsetof(struct ps_output_values, format)},
    {NULL},
};

const struct ps_option ps_topo_output_rows[] = {
    {"output", 'o', PS_OPTION_TEXTS, "FILE",
     "write it to FILE.json or FILE.html too; may be repeated; - is standard output",
     offsetof(struct ps_output_values, paths)},
    {"format", 0, PS_OPTION_TEXT, "NAME",
     "what standard output gets: table, json or html (default: table)",
     offsetof(struct ps_output_values, format)},
    {NULL},
};

static bool is_json(const struct ps_format *f)
{
    return !strcmp(f->name, "json");
}

static bool is_for_doctor(const struct ps_format *f)
{
    return is_json(f) || f == ps_formats[0];
}

static bool is_for_topo(const struct ps_format *f)
{
    return is_for_doctor(f) || f->render_topo;
}

int ps_survey_outputs_choose(struct ps_outputs *o, const struct ps_output_values *v, bool topo,
                             struct ps_cli *cli)
{
    int err = ps_outputs_choose(o, v, &cli->arena, &cli->error);

    if (err < 0)
        return err;
    return ps_outputs_check(o, topo ? is_for_topo : is_for_doctor,
                            topo ? "a topology" : "a diagnosis", &cli->error);
}

int ps_ranks_outputs_choose(struct ps_outputs *o, const struct ps_output_values *v,
                            struct ps_cli *cli)
{
    int err = ps_outputs_choose(o, v, &cli->arena, &cli->error);

    return err < 0 ? err : ps_outputs_check(o, is_for_doctor, "ranks", &cli->error);
}

static bool is_for_rank_sweep(const struct ps_format *f)
{
    return is_for_doctor(f) || f->render_rank_sweep;
}

int ps_rank_sweep_outputs_choose(struct ps_outputs *o, const struct ps_output_values *v,
                                 struct ps_cli *cli)
{
    int err = ps_outputs_choose(o, v, &cli->arena, &cli->error);

    return err < 0 ? err
                   : ps_outputs_check(o, is_for_rank_sweep, "a sweep over ranks", &cli->error);
}

int ps_render_ranks(const struct ps_format *f, const void *what,
                    const struct ps_report_style *style, struct ps_str *out, struct ps_err *e)
{
    if (is_json(f))
        return ps_ranks_json(what, out, e);
    ps_ranks_text(what, style->details, out);
    return 0;
}

int ps_render_rank_sweep(const struct ps_format *f, const void *what,
                         const struct ps_report_style *style, struct ps_str *out, struct ps_err *e)
{
    if (is_json(f))
        return ps_rank_sweep_json(what, out, e);
    if (f->render_rank_sweep)
        return f->render_rank_sweep(what, out, e);
    ps_rank_sweep_text(what, style->checks_only, out);
    return 0;
}

int ps_render_doctor(const struct ps_format *f, const void *what,
                     const struct ps_report_style *style, struct ps_str *out, struct ps_err *e)
{
    if (is_json(f))
        return ps_doctor_json(what, out, e);
    ps_doctor_text(what, out);
    return 0;
}

int ps_render_topo(const struct ps_format *f, const void *what, const struct ps_report_style *style,
                   struct ps_str *out, struct ps_err *e)
{
    const struct ps_topo *t = what;

    if (is_json(f))
        return ps_topo_json(t, out, e);
    if (f->render_topo)
        return f->render_topo(t, style, out, e);
    ps_str_add(out, t->overview);
    if (t->probe)
        ps_probe_text(t->probe, out);
    return 0;
}
