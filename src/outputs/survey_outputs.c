#include "survey_outputs.h"

#include <errno.h>
#include <string.h>

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

static bool is_json(const struct ps_format *f)
{
    return !strcmp(f->name, "json");
}

int ps_survey_outputs_choose(struct ps_outputs *o, const struct ps_output_values *v,
                             const char *what, struct ps_cli *cli)
{
    int err = ps_outputs_choose(o, v, &cli->arena, &cli->error);

    if (err < 0)
        return err;
    if (!is_json(o->standard) && o->standard != ps_formats[0])
        return ps_fail(&cli->error, EINVAL, "%s can't be written as %s", what, o->standard->name);
    for (size_t i = 0; i < o->count; i++)
        if (!is_json(o->files[i].format))
            return ps_fail(&cli->error, EINVAL, "can't write '%s': %s can't be written as %s",
                           o->files[i].path, what, o->files[i].format->name);
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
    ps_str_add(out, t->overview);
    if (t->probe)
        ps_probe_text(t->probe, out);
    return 0;
}
