#include "exports.h"

#include <errno.h>
#include <string.h>

#include "diagnosis.h"
#include "folded.h"
#include "observer.h"
#include "outfile.h"

struct ps_exports {
    struct ps_outfile flame, timeline;
    struct ps_folded *folded; /* NULL: not asked for */
    struct ps_trace *trace;   /* likewise */
    const char *label;        /* of the point whose next execution goes there; NULL: none */
};

static int open_flame(struct ps_exports *x, const char *path, struct ps_err *e)
{
    int err = path ? ps_outfile_open(&x->flame, path, e) : 0;

    if (!path || err < 0)
        return err;
    x->folded = ps_folded_create();
    return x->folded ? 0 : ps_fail(e, ENOMEM, "out of memory");
}

static int write_timeline(void *arg, const void *text, size_t size)
{
    return ps_outfile_write(arg, text, size);
}

static int open_timeline(struct ps_exports *x, const char *path, struct ps_err *e)
{
    int err = path ? ps_outfile_open(&x->timeline, path, e) : 0;

    if (!path || err < 0)
        return err;
    x->trace = ps_trace_create(write_timeline, &x->timeline);
    return x->trace ? 0 : ps_fail(e, ENOMEM, "out of memory");
}

int ps_exports_open(const struct ps_export_paths *paths, struct ps_arena *a, struct ps_exports **x,
                    struct ps_err *e)
{
    struct ps_exports *n = ps_arena_alloc(a, sizeof *n);
    int err;

    *x = NULL;
    if (!paths->flame && !paths->timeline)
        return 0;
    n->flame.fd = n->timeline.fd = -1;
    err = open_flame(n, paths->flame, e);
    if (!err)
        err = open_timeline(n, paths->timeline, e);
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
    paths = ps_arena_array(a, count + 3, sizeof *paths);
    memcpy(paths, others, count * sizeof *paths);
    if (x && x->flame.temporary)
        paths[count++] = x->flame.temporary;
    if (x && x->timeline.temporary)
        paths[count++] = x->timeline.temporary;
    return paths;
}

void ps_exports_begin(struct ps_exports *x, const char *label, bool several, struct ps_diagnoser *d)
{
    if (!x)
        return;
    x->label = label;
    if (!x->folded)
        return;
    ps_folded_head(x->folded, several ? label : NULL);
    ps_diagnoser_fold(d, x->folded);
}

void ps_exports_watch(struct ps_exports *x, struct ps_observer *o)
{
    if (x && x->trace && x->label)
        ps_observer_trace(o, x->label, x->trace);
    if (x)
        x->label = NULL;
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

static int commit_timeline(struct ps_exports *x, const char **note, struct ps_err *e)
{
    const char *path = x->timeline.path;
    size_t executions;
    bool cut;
    int err = ps_trace_finish(x->trace, &executions, &cut);

    if (err < 0)
        return ps_fail(e, -err, "can't write '%s': %s", path, strerror(-err));
    if (!executions)
        return ps_fail(e, ENODATA, "'%s' is not written: no execution was observed", path);
    if (cut)
        *note = "the timeline is cut short: it has the first 1,000,000 slices and counter values";
    return ps_outfile_commit(&x->timeline, "", 0, e);
}

int ps_exports_commit(struct ps_exports *x, const char **note, struct ps_err *e)
{
    int flame = x && x->folded ? commit_flame(x, e) : 0;
    int timeline = x && x->trace ? commit_timeline(x, note, e) : 0;

    return flame < 0 ? flame : timeline;
}

void ps_exports_abandon(struct ps_exports *x)
{
    if (!x)
        return;
    ps_outfile_abandon(&x->flame);
    ps_outfile_abandon(&x->timeline);
    ps_folded_destroy(x->folded);
    ps_trace_destroy(x->trace);
    x->folded = NULL;
    x->trace = NULL;
}
