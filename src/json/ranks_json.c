#include "ranks_json.h"

#include <errno.h>

struct document {
    struct ps_json writer;
    const struct ps_ranks *r;
    struct ps_str *out;
};

json_t *ps_json_mpi_uses(struct ps_json *w, const struct ps_mpi_use *use)
{
    json_t *all = json_object();

    for (size_t k = 0; k < PS_MPI_KINDS; k++) {
        json_t *o = json_object();

        ps_json_set(w, o, "calls", ps_json_whole(use[k].calls));
        ps_json_set(w, o, "time", ps_json_real(use[k].time));
        ps_json_set(w, o, "bytes", ps_json_real(use[k].bytes));
        ps_json_set(w, all, ps_mpi_kind_name((enum ps_mpi_kind)k), o);
    }
    return all;
}

static json_t *metrics(struct ps_json *w, const struct ps_ranks *r)
{
    json_t *all = json_object();

    for (size_t i = 0; i < r->metric_count; i++) {
        const struct ps_ranks_metric *m = &r->metrics[i];
        json_t *o = json_object();

        ps_json_set(w, o, "value", ps_json_real(m->value));
        ps_json_set(w, o, "unit", ps_json_text(w, m->unit));
        ps_json_set(w, o, "reason", ps_json_text(w, m->reason));
        ps_json_set(w, all, m->id, o);
    }
    return all;
}

/* Pairs of the first and the last of a row of numbers. */
static json_t *gaps(struct ps_json *w, const struct ps_ranks *r)
{
    json_t *all = json_array();

    for (size_t i = 0; i < r->gap_count; i++) {
        json_t *pair = json_array();

        ps_json_append(w, pair, ps_json_whole(r->gaps[i].first));
        ps_json_append(w, pair, ps_json_whole(r->gaps[i].last));
        ps_json_append(w, all, pair);
    }
    return all;
}

static json_t *node(struct ps_json *w, const struct ps_ranks *r, size_t i)
{
    const struct ps_ranks_node *n = &r->nodes[i];
    json_t *o = json_object();

    ps_json_set(w, o, "name", ps_json_text(w, n->name));
    ps_json_set(w, o, "ranks", ps_json_whole(n->ranks));
    ps_json_set(w, o, "computing", ps_json_real(n->computing));
    ps_json_set(w, o, "parallel_efficiency", ps_json_real(n->parallel_efficiency));
    ps_json_set(w, o, "load_balance", ps_json_real(n->load_balance));
    ps_json_set(w, o, "slowest", ps_json_whole(n->slowest));
    return o;
}

static json_t *rank(struct ps_json *w, const struct ps_ranks *all, size_t i)
{
    const struct ps_rank *r = &all->ranks[i];
    json_t *o = json_object();

    ps_json_set(w, o, "rank", ps_json_whole(r->rank));
    ps_json_set(w, o, "node", ps_json_text(w, r->node));
    ps_json_set(w, o, "wall", ps_json_real(r->wall));
    ps_json_set(w, o, "user", ps_json_real(r->user));
    ps_json_set(w, o, "system", ps_json_real(r->system));
    ps_json_set(w, o, "threads", ps_json_real(r->threads));
    ps_json_set(w, o, "max_rss", ps_json_real(r->max_rss));
    ps_json_set(w, o, "instructions", ps_json_real(r->instructions));
    ps_json_set(w, o, "cycles", ps_json_real(r->cycles));
    ps_json_set(w, o, "end", ps_json_text(w, r->signalled ? "signal" : "exit"));
    ps_json_set(w, o, "status", ps_json_whole(r->status));
    ps_json_set(w, o, "mpi", ps_json_text(w, ps_rank_mpi_names[r->mpi]));
    ps_json_set(w, o, "window", ps_json_real(r->window));
    ps_json_set(w, o, "computing", ps_json_real(r->computing));
    ps_json_set(w, o, "useful_instructions", ps_json_real(r->useful_instructions));
    ps_json_set(w, o, "useful_cycles", ps_json_real(r->useful_cycles));
    ps_json_set(w, o, "use", ps_json_mpi_uses(w, r->use));
    return o;
}

static json_t *left_out(struct ps_json *w, const struct ps_ranks *r, size_t i)
{
    json_t *o = json_object();

    ps_json_set(w, o, "file", ps_json_text(w, r->left_out[i].file));
    ps_json_set(w, o, "why", ps_json_text(w, r->left_out[i].why));
    return o;
}

static void member(struct document *d, const char *key, json_t *value)
{
    ps_str_addf(d->out, "  \"%s\": ", key);
    ps_json_dump(&d->writer, value, d->out);
    ps_str_add(d->out, ",\n");
}

/* An entry a line: there may be thousands. */
static void list(struct document *d, const char *key, size_t count,
                 json_t *(*entry)(struct ps_json *w, const struct ps_ranks *r, size_t i),
                 const char *after)
{
    ps_str_addf(d->out, "  \"%s\": [", key);
    for (size_t i = 0; i < count && !d->writer.failed; i++) {
        ps_str_add(d->out, i ? ",\n    " : "\n    ");
        ps_json_dump(&d->writer, entry(&d->writer, d->r, i), d->out);
        ps_str_drain(d->out);
    }
    ps_str_addf(d->out, "%s]%s\n", count ? "\n  " : "", after);
}

int ps_ranks_json(const struct ps_ranks *r, struct ps_str *out, struct ps_err *e)
{
    struct ps_arena scratch;
    struct document d = {{&scratch, false}, r, out};
    struct ps_json *w = &d.writer;

    ps_arena_init(&scratch, r->arena->on_oom);
    ps_str_add(out, "{\n");
    member(&d, "schema", ps_json_text(w, PS_RANKS_SCHEMA));
    member(&d, "version", ps_json_text(w, r->version));
    member(&d, "command", ps_json_text(w, r->command));
    member(&d, "launcher", ps_json_text(w, r->launcher));
    member(&d, "run", ps_json_text(w, r->run));
    member(&d, "size", ps_json_whole(r->size));
    member(&d, "missing", gaps(w, r));
    member(&d, "failed", ps_json_whole(r->failed));
    member(&d, "sampled", ps_json_text(w, r->sampled));
    member(&d, "metrics", metrics(w, r));
    member(&d, "use", ps_json_mpi_uses(w, r->use));
    list(&d, "nodes", r->node_count, node, ",");
    list(&d, "ranks", r->count, rank, ",");
    member(&d, "left_out_count", ps_json_whole(r->left_out_total));
    list(&d, "left_out", r->left_out_count, left_out, "");
    ps_str_add(out, "}\n");
    ps_arena_finish(&scratch);
    return w->failed || out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}
