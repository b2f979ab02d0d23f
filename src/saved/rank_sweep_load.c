#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "document.h"
#include "saved.h"

#define MOST_POINTS 1000
#define BEGINNING   256 /* bytes, in which the schema is */

static PS_ENUM_READER(read_end, ps_end, "ended_by", "end")

    bool ps_rank_sweep_is_saved(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char text[BEGINNING];
    ssize_t got = -1;
    struct stat st;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        got = read(fd, text, sizeof text);
    if (fd >= 0)
        close(fd);
    return got > 0 && memmem(text, (size_t)got, PS_RANK_SWEEP_SCHEMA, strlen(PS_RANK_SWEEP_SCHEMA));
}

/* Files of other versions may have fewer, or more. */
static void read_metric(const struct ps_node *metrics, size_t m, const struct ps_rank_sweep *s,
                        struct ps_rank_sweep_point *p)
{
    const char *id = ps_rank_metrics[m].id;
    size_t count = 0;
    struct ps_node n;

    p->values[m] = (struct ps_interval){NAN, NAN, NAN};
    if (!ps_read_has(metrics, id)) {
        p->samples[m] = NULL;
        return;
    }
    n = ps_read_member(metrics, id);
    p->values[m].value = ps_read_number(&n, "value");
    p->values[m].low = ps_read_number(&n, "low");
    p->values[m].high = ps_read_number(&n, "high");
    p->samples[m] = ps_read_numbers(&n, "samples", PS_READ_ROUNDS, &count);
    if (!n.reader->rc && count != s->rounds)
        ps_read_fail(&n, "%zu samples, where there were %zu rounds", count, s->rounds);
}

static void read_slowest(const struct ps_node *n, const struct ps_rank_sweep *s,
                         struct ps_rank_sweep_point *p)
{
    p->slowest_rounds = (size_t)ps_read_whole(n, "slowest_rounds", 0, s->rounds);
    p->slowest_node = ps_read_text_or_null(n, "slowest_node");
    if (p->slowest_rounds)
        p->slowest = (uint32_t)ps_read_whole(n, "slowest_rank", 0, UINT32_MAX);
    if (!p->slowest_node)
        p->slowest_rounds = 0;
}

static void read_point(const struct ps_node *n, const struct ps_rank_sweep *s,
                       struct ps_rank_sweep_point *p)
{
    struct ps_node metrics = ps_read_member(n, "metrics");

    p->ranks = (uint32_t)ps_read_whole(n, "ranks", 1, UINT32_MAX);
    p->nodes = (size_t)ps_read_whole(n, "nodes", 0, UINT32_MAX);
    for (size_t m = 0; m < PS_RANK_METRICS; m++)
        read_metric(&metrics, m, s, p);
    read_slowest(n, s, p);
}

static void read_points(const struct ps_node *document, struct ps_rank_sweep *s)
{
    struct ps_node list = ps_read_member(document, "points");

    s->count = ps_read_count(&list, MOST_POINTS);
    s->points = ps_arena_array(s->arena, s->count, sizeof *s->points);
    for (size_t i = 0; i < s->count && !list.reader->rc; i++) {
        struct ps_node n = ps_read_item(&list, i);

        read_point(&n, s, &s->points[i]);
    }
    if (!list.reader->rc && !s->count)
        ps_read_fail(&list, "there is none");
}

static bool has_samples(const struct ps_rank_sweep *s)
{
    for (size_t i = 0; i < s->count; i++)
        for (size_t m = 0; m < PS_RANK_METRICS; m++)
            if (s->points[i].samples[m])
                return true;
    return !s->rounds;
}

/* All that are missing share an array, which is as long as one that was read. */
static void fill_samples(const struct ps_node *document, struct ps_rank_sweep *s)
{
    const struct ps_node n = ps_read_member(document, "rounds");
    double *none;

    if (n.reader->rc)
        return;
    if (!has_samples(s)) {
        ps_read_fail(&n, "no metric has as many samples");
        return;
    }
    none = ps_arena_array(s->arena, s->rounds, sizeof *none);
    for (size_t i = 0; i < s->rounds; i++)
        none[i] = NAN;
    for (size_t i = 0; i < s->count; i++)
        for (size_t m = 0; m < PS_RANK_METRICS; m++)
            if (!s->points[i].samples[m])
                s->points[i].samples[m] = none;
}

static const char *optional_text(const struct ps_node *n, const char *key)
{
    return ps_read_has(n, key) ? ps_read_text_or_null(n, key) : NULL;
}

static void read_checks(const struct ps_node *document, struct ps_rank_sweep *s)
{
    struct ps_result judged = {.arena = s->arena};
    struct ps_node n;

    if (!ps_read_has(document, "checks"))
        return;
    n = ps_read_member(document, "checks");
    ps_read_checks(&n, &judged);
    s->checks = judged.checks;
    s->check_count = judged.check_count;
}

static void read_sweep(const struct ps_node *n, struct ps_rank_sweep *s)
{
    static const char *const schemas[] = {PS_RANK_SWEEP_SCHEMA};

    ps_read_known(n, "schema", "schema that this version reads", schemas, 1);
    s->version = ps_read_text(n, "version");
    s->started = ps_read_text(n, "started");
    s->elapsed = ps_read_number(n, "elapsed");
    s->command = ps_read_text(n, "command");
    s->launcher = ps_read_text(n, "launcher");
    s->weak = ps_read_bool(n, "weak");
    s->rounds = (size_t)ps_read_whole(n, "rounds", 0, PS_READ_ROUNDS);
    s->ended_by = read_end(n);
    s->reason = ps_read_text_or_null(n, "reason");
    s->counts_reason = optional_text(n, "counts_reason");
    s->calls_reason = optional_text(n, "calls_reason");
    s->sampled = optional_text(n, "sampled");
    read_points(n, s);
    fill_samples(n, s);
    read_checks(n, s);
}

int ps_rank_sweep_load(const char *path, struct ps_arena *a, struct ps_rank_sweep **out,
                       struct ps_err *e)
{
    struct ps_reader reader = {.file = path, .arena = a, .err = e};
    struct ps_rank_sweep *s = ps_arena_alloc(a, sizeof *s);
    json_t *document = NULL;
    int err = ps_read_document(&reader, &document);

    if (err < 0)
        return err;
    *s = (struct ps_rank_sweep){.arena = a};
    read_sweep(&(struct ps_node){&reader, NULL, NULL, 0, document}, s);
    json_decref(document);
    if (!reader.rc)
        *out = s;
    return reader.rc;
}
