#include "exports.h"

#include <errno.h>
#include <string.h>

#include "diagnosis.h"
#include "folded.h"
#include "outfile.h"

struct ps_exports {
    struct ps_outfile flame;
    struct ps_folded *folded; /* NULL: not asked for */
};

static int open_flame(struct ps_exports *x, const char *path, struct ps_err *e)
{
    int err = path ? ps_outfile_open(&x->flame, path, e) : 0;

    if (!path || err < 0)
        return err;
    x->folded = ps_folded_create();
    return x->folded ? 0 : ps_fail(e, ENOMEM, "out of memory");
}

int ps_exports_open(const struct ps_export_paths *paths, struct ps_arena *a, struct ps_exports **x,
                    struct ps_err *e)
{
    struct ps_exports *n = ps_arena_alloc(a, sizeof *n);
    int err;

    *x = NULL;
    if (!paths->flame)
        return 0;
    n->flame.fd = -1;
    err = open_flame(n, paths->flame, e);
    if (err < 0)
        ps_exports_abandon(n);
    else
        *x = n;
    return err;
}

const char *const *ps_exports_temporaries(const struct ps_exports *x, const char *const *others,
                                          struct ps_arena *a)
{
    size_t count = 0;
    const char **paths;

    while (others[count])
        count++;
    paths = ps_arena_array(a, count + 2, sizeof *paths);
    memcpy(paths, others, count * sizeof *paths);
    if (x)
        paths[count++] = x->flame.temporary;
    return paths;
}

void ps_exports_begin(struct ps_exports *x, const char *head, struct ps_diagnoser *d)
{
    if (!x || !x->folded)
        return;
    ps_folded_head(x->folded, head);
    ps_diagnoser_fold(d, x->folded);
}

static int commit_flame(struct ps_exports *x, struct ps_err *e)
{
    struct ps_str text = PS_STR_INIT;
    int err = 0;

    ps_folded_write(x->folded, &text);
    if (text.failed)
        err = ps_fail(e, ENOMEM, "no memory to write '%s'", x->flame.path);
    else if (!text.length)
        err = ps_fail(e, ENODATA, "'%s' is not written: no sample of the program was taken",
                      x->flame.path);
    else
        err = ps_outfile_commit(&x->flame, ps_str_text(&text), text.length, e);
    ps_str_finish(&text);
    return err;
}

int ps_exports_commit(struct ps_exports *x, struct ps_err *e)
{
    return x && x->folded ? commit_flame(x, e) : 0;
}

void ps_exports_abandon(struct ps_exports *x)
{
    if (!x)
        return;
    ps_outfile_abandon(&x->flame);
    ps_folded_destroy(x->folded);
    x->folded = NULL;
}
