#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "column_names.h"
#include "names.h"
#include "outputs.h"
#include "process.h"

#define FIELD(name) offsetof(struct ps_output_values, name)

const struct ps_option ps_output_rows[] = {
    {"output", 'o', PS_OPTION_TEXTS, "FILE",
     "write the result to FILE, in the format of its suffix; may be repeated; - is standard output",
     FIELD(paths)},
    {"format", 0, PS_OPTION_TEXT, "NAME", "what standard output gets: {choices} (default: table)",
     FIELD(format), .choices = ps_format_names},
    {NULL},
};

const struct ps_option ps_colour_rows[] = {
    {"color", 0, PS_OPTION_CHOICE, "WHEN",
     "colour in the table: auto (on a terminal), always or never; default: auto", FIELD(colour),
     .choices = ps_colour_names},
    {NULL},
};

const struct ps_option ps_verbose_rows[] = {
    {"verbose", 'v', PS_OPTION_FLAG, NULL,
     "show all columns, notes and findings, and each value of a series in full", FIELD(verbose)},
    {"columns", 0, PS_OPTION_TEXT, "LIST",
     "the columns of the table, in this order, by metric or header, as in time,speedup,ipc; help "
     "lists them",
     FIELD(columns)},
    {"top", 0, PS_OPTION_COUNT, "N",
     "number of rows in the tables of a diagnosis, which -v shows (default: 10)", FIELD(top), 1,
     1000},
    {"plot", 0, PS_OPTION_FLAG, NULL,
     "draw the speedups, or for a run the distribution of its times (default on a terminal for a "
     "sweep of four thread counts and more)",
     FIELD(plot)},
    {"no-plot", 0, PS_OPTION_FLAG, NULL, "no picture", FIELD(no_plot)},
    {"ascii", 0, PS_OPTION_FLAG, NULL,
     "use only ASCII in the table (default on a terminal without UTF-8)", FIELD(ascii)},
    {NULL},
};

static int unknown_format(const char *name, struct ps_err *e)
{
    size_t count = 0;

    while (ps_format_names[count])
        count++;
    return ps_unknown("format", name, ps_format_names, count, "'parscope list formats' shows them",
                      e);
}

static int unknown_suffix(const char *path, struct ps_err *e)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    struct ps_str known = PS_STR_INIT;
    int err;

    for (size_t i = 0; ps_formats[i]; i++)
        if (ps_formats[i]->suffix)
            ps_str_addf(&known, "%s%s", known.length ? ", " : "", ps_formats[i]->suffix);
    if (dot)
        err = ps_fail(e, EINVAL, "can't write '%s': no format has the suffix '%s' (known: %s)",
                      path, dot, ps_str_text(&known));
    else
        err = ps_fail(e, EINVAL,
                      "can't write '%s': the format is chosen by the suffix, and "
                      "there is none (known: %s)",
                      path, ps_str_text(&known));
    ps_str_finish(&known);
    return err;
}

static int check_standard(const struct ps_outputs *o, const struct ps_output_values *v,
                          struct ps_err *e)
{
    if (!o->standard)
        return unknown_format(v->format, e);
    if (o->standard->missing)
        return ps_fail(e, EINVAL, "can't write %s: %s", o->standard->name, o->standard->missing);
    return 0;
}

static int choose_by_suffix(struct ps_output *file, const char *path, struct ps_err *e)
{
    file->path = path;
    file->format = ps_format_of_path(path);
    if (!file->format)
        return unknown_suffix(path, e);
    if (file->format->missing)
        return ps_fail(e, EINVAL, "can't write '%s': %s", path, file->format->missing);
    return 0;
}

int ps_outputs_choose(struct ps_outputs *o, const struct ps_output_values *v, struct ps_arena *a,
                      struct ps_err *e)
{
    struct ps_outputs chosen = {.standard = v->format ? ps_format_find(v->format) : ps_formats[0]};
    int err = check_standard(&chosen, v, e);

    if (v->plot && v->no_plot)
        return ps_fail(e, EINVAL, "--plot and --no-plot exclude each other");
    if (err < 0)
        return err;
    chosen.files = ps_arena_array(a, v->paths.count, sizeof *chosen.files);
    for (size_t i = 0; i < v->paths.count; i++) {
        if (!strcmp(v->paths.items[i], "-"))
            continue;
        err = choose_by_suffix(&chosen.files[chosen.count], v->paths.items[i], e);
        if (err < 0)
            return err;
        chosen.count++;
    }
    *o = chosen;
    return 0;
}

int ps_outputs_check(const struct ps_outputs *o, ps_renders_fn *renders, const char *what,
                     struct ps_err *e)
{
    if (!renders(o->standard))
        return ps_fail(e, EINVAL, "%s can't be written as %s", what, o->standard->name);
    for (size_t i = 0; i < o->count; i++)
        if (!renders(o->files[i].format))
            return ps_fail(e, EINVAL, "can't write '%s': %s can't be written as %s",
                           o->files[i].path, what, o->files[i].format->name);
    return 0;
}

struct ps_report_style ps_style_of(const struct ps_output_values *v)
{
    bool terminal = isatty(STDOUT_FILENO);
    struct ps_report_style style = {
        .colour = ps_colour_wanted(v->colour),
        .details = v->verbose,
        .top = v->top,
        .brief = !v->verbose,
        .columns_wide = terminal ? ps_terminal_width(STDOUT_FILENO) : 0,
        .ascii = v->ascii || ((terminal || v->plot) && !ps_locale_is_utf8()),
    };

    if (v->plot)
        style.plot = PS_PLOT_ALL;
    else if (terminal && !v->no_plot)
        style.plot = PS_PLOT_WHERE_IT_PAYS;
    return style;
}

bool ps_columns_asked_for_help(const struct ps_output_values *v)
{
    return v->columns && !strcmp(v->columns, "help");
}

int ps_columns_show(struct ps_cli *cli)
{
    struct ps_str text = PS_STR_INIT;

    ps_columns_list(&text);
    return ps_cli_print(cli, &text);
}

int ps_outputs_open(struct ps_outputs *o, struct ps_err *e)
{
    for (; o->opened < o->count; o->opened++) {
        struct ps_output *f = &o->files[o->opened];
        int err = ps_outfile_open(&f->file, f->path, e);

        if (err < 0)
            return err;
    }
    return 0;
}

const char *const *ps_outputs_temporaries(const struct ps_outputs *o, struct ps_arena *a)
{
    const char **paths = ps_arena_array(a, o->opened + 1, sizeof *paths);
    size_t count = 0;

    for (size_t i = 0; i < o->opened; i++)
        if (o->files[i].file.temporary)
            paths[count++] = o->files[i].file.temporary;
    return paths;
}

int ps_render_result(const struct ps_format *f, const void *what,
                     const struct ps_report_style *style, struct ps_str *out, struct ps_err *e)
{
    return f->render(what, style, out, e);
}

int ps_render_results(const struct ps_format *f, const void *what,
                      const struct ps_report_style *style, struct ps_str *out, struct ps_err *e)
{
    return f->render_results(what, style, out, e);
}

int ps_render_overhead(const struct ps_format *f, const void *what,
                       const struct ps_report_style *style, struct ps_str *out, struct ps_err *e)
{
    return f->render_overhead(what, style, out, e);
}

int ps_render_comparison(const struct ps_format *f, const void *what,
                         const struct ps_report_style *style, struct ps_str *out, struct ps_err *e)
{
    return f->render_comparison(what, style, out, e);
}

/* A file that is written piece by piece, and what went wrong. */
struct pieces {
    struct ps_outfile *file;
    int err;
};

static bool write_piece(void *arg, const char *text, size_t length)
{
    struct pieces *p = arg;

    p->err = ps_outfile_write(p->file, text, length);
    return p->err == 0;
}

/* Nobody sees a new file before it is whole; what is no file gets all at once. */
static int write_file(struct ps_output *f, ps_render_fn *render, const void *what,
                      const struct ps_report_style *style, struct ps_err *e)
{
    const struct ps_report_style plain = {
        .details = style->details, .top = style->top, .columns = style->columns};
    struct pieces pieces = {&f->file, 0};
    struct ps_str text = {.drain = f->file.target ? write_piece : NULL, .drain_arg = &pieces};
    int err = render(f->format, what, &plain, &text, e);

    if (pieces.err)
        err = ps_fail(e, -pieces.err, "can't write '%s': %s", f->path, strerror(-pieces.err));
    if (err == 0 && text.failed)
        err = ps_fail(e, ENOMEM, "no memory to write '%s'", f->path);
    if (err == 0)
        err = ps_outfile_commit(&f->file, ps_str_text(&text), text.length, e);
    ps_str_finish(&text);
    return err;
}

static int write_standard(const struct ps_outputs *o, struct ps_cli *cli, ps_render_fn *render,
                          const void *what, const struct ps_report_style *style)
{
    struct ps_str text = PS_STR_INIT;

    if (render(o->standard, what, style, &text, &cli->error) < 0) {
        ps_str_finish(&text);
        return PS_EXIT_FAILED;
    }
    return ps_cli_print(cli, &text);
}

int ps_outputs_write(struct ps_outputs *o, struct ps_cli *cli, ps_render_fn *render,
                     const void *what, const struct ps_report_style *style)
{
    int status = PS_EXIT_DONE;

    for (size_t i = 0; i < o->count; i++)
        if (write_file(&o->files[i], render, what, style, &cli->error) < 0)
            status = PS_EXIT_FAILED;
    if (write_standard(o, cli, render, what, style) != PS_EXIT_DONE)
        status = PS_EXIT_FAILED;
    return status;
}

void ps_outputs_abandon(struct ps_outputs *o)
{
    for (size_t i = 0; i < o->opened; i++)
        ps_outfile_abandon(&o->files[i].file);
    o->opened = 0;
}
