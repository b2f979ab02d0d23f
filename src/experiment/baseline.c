#include "baseline.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compare.h"
#include "saved.h"
#include "judging.h"
#include "process.h"

#define MOST_NAME 64
#define THRESHOLD 0.05

const struct ps_option ps_baseline_rows[] = {
    {"save-baseline", 0, PS_OPTION_TEXT, "NAME",
     "keep the result under this name, replacing an older one",
     offsetof(struct ps_baseline_values, save)},
    {"baseline", 0, PS_OPTION_TEXT, "NAME",
     "compare with the result that was kept under this name; exit status 3 if something is worse",
     offsetof(struct ps_baseline_values, with)},
    {NULL},
};

/* A name is a file's: nothing that leaves the folder, hides, or surprises a shell. */
static int check_name(const char *option, const char *name, struct ps_err *e)
{
    size_t length = strlen(name);
    bool good = length > 0 && length <= MOST_NAME && isalnum((unsigned char)name[0]);

    for (size_t i = 0; i < length; i++)
        good &= isalnum((unsigned char)name[i]) || (name[i] && strchr("._+-", name[i]));
    if (good)
        return 0;
    return ps_fail(
        e, EINVAL,
        "%s: a name has 1 to %d letters and digits, and . _ + - after the first character", option,
        MOST_NAME);
}

/* By the XDG base directory specification: a relative path is none. */
static int find_folder(struct ps_arena *a, const char **folder, struct ps_err *e)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    if (state && state[0] == '/')
        *folder = ps_arena_format(a, "%s/parscope/baselines", state);
    else if (home && home[0] == '/')
        *folder = ps_arena_format(a, "%s/.local/state/parscope/baselines", home);
    else
        return ps_fail(e, ENOENT,
                       "baselines are kept below XDG_STATE_HOME or HOME, but neither is set");
    return 0;
}

static const char *path_of(struct ps_arena *a, const char *folder, const char *name)
{
    return ps_arena_format(a, "%s/%s.json", folder, name);
}

/* With the folders above it, for the user alone. */
static int make_folder(struct ps_arena *a, const char *folder, struct ps_err *e)
{
    char *path = ps_arena_copy(a, folder);

    for (char *c = strchr(path + 1, '/');; c = strchr(c + 1, '/')) {
        if (c)
            *c = '\0';
        if (mkdir(path, 0700) < 0 && errno != EEXIST)
            return ps_fail(e, errno, "can't create the folder '%s': %s", path, strerror(errno));
        if (!c)
            return 0;
        *c = '/';
    }
}

static int open_saved(struct ps_baselines *b, const char *name, const char *folder,
                      struct ps_arena *a, struct ps_err *e)
{
    int err = make_folder(a, folder, e);

    return err < 0 ? err : ps_outfile_open(&b->file, path_of(a, folder, name), e);
}

static int load(struct ps_baselines *b, const char *name, const char *folder, struct ps_arena *a,
                struct ps_err *e)
{
    const char *path = path_of(a, folder, name);
    struct ps_result *base;
    int err;

    if (access(path, F_OK) < 0)
        return ps_fail(e, ENOENT, "there is no baseline '%s': --save-baseline %s creates one", name,
                       name);
    err = ps_result_load(path, a, &base, e);
    b->base = err < 0 ? NULL : base;
    b->name = ps_arena_format(a, "baseline %s", name);
    return err;
}

int ps_baselines_open(struct ps_baselines *b, const struct ps_baseline_values *v,
                      struct ps_arena *a, struct ps_err *e)
{
    const char *folder = NULL;
    int err = 0;

    *b = (struct ps_baselines){.file.fd = -1};
    if (!v->save && !v->with)
        return 0;
    if (v->save)
        err = check_name("--save-baseline", v->save, e);
    if (!err && v->with)
        err = check_name("--baseline", v->with, e);
    if (!err)
        err = find_folder(a, &folder, e);
    if (!err && v->with)
        err = load(b, v->with, folder, a, e);
    if (!err && v->save)
        err = open_saved(b, v->save, folder, a, e);
    return err;
}

static int show(struct ps_cli *cli, const struct ps_comparison *c, bool table,
                const struct ps_report_style *style)
{
    const struct ps_report_style own = {.colour = style->colour && table,
                                        .details = style->details};
    struct ps_str text = PS_STR_INIT;
    int status;

    ps_str_add(&text, "\n");
    if (ps_formats[0]->render_comparison(c, &own, &text, &cli->error) < 0)
        status = PS_EXIT_FAILED;
    else if (table)
        return ps_cli_print(cli, &text);
    else
        status = ps_write_all(STDERR_FILENO, ps_str_text(&text), text.length) < 0 ? PS_EXIT_FAILED
                                                                                  : PS_EXIT_DONE;
    ps_str_finish(&text);
    return status;
}

/* Figures of another machine tell nothing of what changed: they are shown and not judged. */
static int compare(const struct ps_baselines *b, struct ps_cli *cli, const struct ps_result *r,
                   bool table, const struct ps_report_style *style, unsigned on_inconclusive)
{
    const struct ps_compare_request q = {
        .base = b->name, .now = "this run", .threshold = THRESHOLD, .seed = r->plan.seed};
    struct ps_comparison *c;
    int status;

    if (ps_compare_results(b->base, r, &q, &cli->arena, &c, &cli->error) < 0)
        return PS_EXIT_FAILED;
    if (c->difference_count)
        c->verdict = PS_CHANGE_INCONCLUSIVE;
    status = show(cli, c, table, style);
    return status == PS_EXIT_DONE ? ps_judge_comparison(c, on_inconclusive) : status;
}

static int save(struct ps_baselines *b, struct ps_cli *cli, const struct ps_result *r)
{
    const struct ps_report_style plain = {.details = true};
    struct ps_str text = PS_STR_INIT;
    int err = ps_format_find("json")->render(r, &plain, &text, &cli->error);

    if (!err && text.failed)
        err = ps_fail(&cli->error, ENOMEM, "no memory to save the baseline");
    if (!err)
        err = ps_outfile_commit(&b->file, ps_str_text(&text), text.length, &cli->error);
    ps_str_finish(&text);
    return err < 0 ? PS_EXIT_FAILED : PS_EXIT_DONE;
}

int ps_baselines_finish(struct ps_baselines *b, struct ps_cli *cli, const struct ps_result *r,
                        bool table, const struct ps_report_style *style, unsigned on_inconclusive)
{
    int status = PS_EXIT_DONE;

    if (b->base)
        status = compare(b, cli, r, table, style, on_inconclusive);
    if (b->file.path && save(b, cli, r) != PS_EXIT_DONE)
        status = PS_EXIT_FAILED;
    return status;
}

void ps_baselines_abandon(struct ps_baselines *b)
{
    ps_outfile_abandon(&b->file);
}
