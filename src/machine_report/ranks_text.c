#include <math.h>
#include <signal.h>
#include <string.h>

#include "cells.h"
#include "grid.h"
#include "ranks_view.h"
#include "text.h"
#include "units.h"

#define NAME  36 /* columns of a metric's name */
#define VALUE 10
#define FEW   8 /* nodes, gaps and files that are named */
#define HELP  (NAME + VALUE + 2)

struct view {
    struct ps_arena arena;
    const struct ps_ranks *r;
    bool all;
    struct ps_str *out;
};

static const struct {
    const char *id, *help;
} helps[] = {
    {"parallel_efficiency", "of their time all ranks compute, outside MPI"},
    {"load_balance", "mean over longest computing time"},
    {"communication_efficiency", "longest computing time over the time"},
    {"serialisation_efficiency", "the same, on a network that takes no time"},
    {"transfer_efficiency", "what the network leaves of it"},
    {"thread_efficiency", "of the threads' time outside MPI that they compute"},
    {"time", "from MPI_Init to MPI_Finalize"},
};

static void say(struct view *v, const char *text)
{
    ps_text_wrap(v->out, ps_text_clean(&v->arena, text), 0, 2, PS_GRID_COLUMNS);
}

static const char *value_of(struct ps_arena *a, const struct ps_ranks_metric *m)
{
    char text[32];

    if (!isfinite(m->value))
        return "-";
    if (!strcmp(m->unit, "s"))
        return ps_cell_time(a, m->value);
    if (!strcmp(m->unit, "Hz"))
        return ps_arena_format(a, "%sHz", ps_format_si(text, sizeof text, m->value));
    if (!strcmp(m->id, "instructions") || !strcmp(m->id, "useful_instructions"))
        return ps_arena_copy(a, ps_format_si(text, sizeof text, m->value));
    return ps_arena_format(a, "%.3f", m->value);
}

/* Of what follows from the time inside MPI. */
static const char *marked(struct view *v, const struct ps_ranks_metric *m)
{
    static const char *const estimated[] = {
        "parallel_efficiency", "load_balance", "communication_efficiency",
        "thread_efficiency",   "time",         "computing",
    };
    const char *value = value_of(&v->arena, m);

    for (size_t i = 0; v->r->sampled && i < sizeof estimated / sizeof *estimated; i++)
        if (!strcmp(m->id, estimated[i]) && isfinite(m->value))
            return ps_arena_format(&v->arena, "~%s", value);
    return value;
}

static const char *help_of(const struct ps_ranks_metric *m)
{
    if (m->reason)
        return m->reason;
    for (size_t i = 0; i < sizeof helps / sizeof *helps; i++)
        if (!strcmp(helps[i].id, m->id))
            return helps[i].help;
    return "";
}

static void add_metric(struct view *v, const struct ps_ranks_metric *m)
{
    ps_str_pad(v->out, ps_arena_format(&v->arena, "%*s%s", 2 * (int)m->level, "", m->title), NAME);
    ps_str_pad(v->out, marked(v, m), -VALUE);
    ps_str_add(v->out, "  ");
    ps_text_wrap(v->out, ps_text_clean(&v->arena, help_of(m)), HELP, HELP, PS_GRID_COLUMNS);
}

/* What was counted nowhere is not worth a line; why the efficiencies are not known is. */
static void add_metrics(struct view *v)
{
    for (size_t i = 0; i < v->r->metric_count; i++)
        if (isfinite(v->r->metrics[i].value) || i < 5)
            add_metric(v, &v->r->metrics[i]);
}

static void add_estimate(struct view *v)
{
    if (!v->r->sampled)
        return;
    ps_str_add(v->out, "\n");
    say(v, ps_arena_format(&v->arena, "~ The time inside MPI is an estimate, by samples: %s.",
                           v->r->sampled));
}

static const char *ratio(struct ps_arena *a, double value)
{
    return isfinite(value) ? ps_arena_format(a, "%.3f", value) : "-";
}

static const char *time_cell(struct ps_arena *a, double value)
{
    return isfinite(value) ? ps_cell_time(a, value) : "-";
}

static const struct ps_grid_head node_heads[] = {
    {"node", NULL, 0, true},
    {"ranks", NULL, 0, false},
    {"computing", "computing, mean", 0, false},
    {"parallel\nefficiency", "parallel efficiency", 0, false},
    {"load\nbalance", "load balance", 0, false},
    {"slowest\nrank", "slowest rank", 0, false},
};

static void add_nodes(struct view *v)
{
    const struct ps_ranks *r = v->r;
    const size_t shown = v->all || r->node_count <= FEW ? r->node_count : FEW;
    struct ps_grid g;

    ps_grid_init(&g, &v->arena, shown);
    ps_grid_heads(&g, node_heads, sizeof node_heads / sizeof *node_heads);
    for (size_t i = 0; i < shown; i++) {
        const struct ps_ranks_node *n = &r->nodes[i];

        ps_grid_cell(&g, i, 0, ps_text_clean(&v->arena, n->name));
        ps_grid_cell(&g, i, 1, ps_arena_format(&v->arena, "%zu", n->ranks));
        ps_grid_cell(&g, i, 2, time_cell(&v->arena, n->computing));
        ps_grid_cell(&g, i, 3, ratio(&v->arena, n->parallel_efficiency));
        ps_grid_cell(&g, i, 4, ratio(&v->arena, n->load_balance));
        ps_grid_cell(&g, i, 5, ps_arena_format(&v->arena, "%u", n->slowest));
    }
    ps_str_add(v->out, "\n");
    ps_grid_print(&g, false, v->out);
    if (shown < r->node_count)
        say(v, ps_arena_format(&v->arena, "... and %zu more nodes: -v shows all.",
                               r->node_count - shown));
}

static const struct ps_grid_head rank_heads[] = {
    {"rank", "slowest ranks", 0, false}, {"node", NULL, 0, true},
    {"computing", NULL, 0, false},       {"inside MPI", NULL, 0, false},
    {"CPU time", NULL, 0, false},        {"memory", NULL, 0, false},
};

static void add_slowest(struct view *v)
{
    const struct ps_ranks *r = v->r;
    struct ps_grid g;

    if (!r->slowest_count)
        return;
    ps_grid_init(&g, &v->arena, r->slowest_count);
    ps_grid_heads(&g, rank_heads, sizeof rank_heads / sizeof *rank_heads);
    for (size_t i = 0; i < r->slowest_count; i++) {
        const struct ps_rank *x = &r->ranks[r->slowest[i]];
        char text[32];

        ps_grid_cell(&g, i, 0, ps_arena_format(&v->arena, "%u", x->rank));
        ps_grid_cell(&g, i, 1, ps_text_clean(&v->arena, x->node));
        ps_grid_cell(&g, i, 2, time_cell(&v->arena, x->computing));
        ps_grid_cell(&g, i, 3, time_cell(&v->arena, x->window - x->computing));
        ps_grid_cell(&g, i, 4, time_cell(&v->arena, x->user + x->system));
        ps_grid_cell(&g, i, 5,
                     ps_arena_copy(&v->arena, ps_format_bytes(text, sizeof text, x->max_rss)));
    }
    ps_str_add(v->out, "\n");
    ps_grid_print(&g, false, v->out);
}

static void add_use(struct view *v)
{
    struct ps_str text = PS_STR_INIT;

    for (size_t k = 0; k < PS_MPI_KINDS; k++) {
        const struct ps_mpi_use *u = &v->r->use[k];
        char calls[32], bytes[32];

        if (!u->calls)
            continue;
        ps_str_addf(&text, "%s%s in %s calls (%s), ",
                    text.length ? "" : "Inside MPI, all ranks: ", ps_cell_time(&v->arena, u->time),
                    ps_format_si(calls, sizeof calls, (double)u->calls),
                    ps_mpi_kind_name((enum ps_mpi_kind)k));
        if (u->bytes > 0) {
            text.length -= 2;
            ps_str_addf(&text, " of %s, ", ps_format_bytes(bytes, sizeof bytes, u->bytes));
        }
    }
    if (text.length) {
        ps_str_add(v->out, "\n");
        say(v, ps_arena_format(&v->arena, "%.*s.", (int)text.length - 2, ps_str_text(&text)));
    }
    ps_str_finish(&text);
}

static const char *end_of(struct ps_arena *a, const struct ps_rank *r)
{
    const char *name = r->signalled ? sigabbrev_np((int)r->status) : NULL;

    if (!r->signalled)
        return ps_arena_format(a, "exited with status %u", r->status);
    return name ? ps_arena_format(a, "was killed by SIG%s", name)
                : ps_arena_format(a, "was killed by signal %u", r->status);
}

static void add_failures(struct view *v)
{
    const struct ps_ranks *r = v->r;
    const struct ps_rank *first = r->failed ? &r->ranks[r->first_fail] : NULL;

    if (first)
        say(v,
            ps_arena_format(&v->arena, "Rank %u on %s %s%s.", first->rank, first->node,
                            end_of(&v->arena, first),
                            r->failed == 1
                                ? ""
                                : ps_arena_format(&v->arena, "; %zu ranks in all did not end well",
                                                  r->failed)));
}

static void add_missing(struct view *v)
{
    const struct ps_ranks *r = v->r;
    struct ps_str text = PS_STR_INIT;

    if (!r->missing)
        return;
    ps_str_addf(&text, "%zu of %u ranks %s no file, and %s not in the figures: ", r->missing,
                r->size, r->missing == 1 ? "has" : "have", r->missing == 1 ? "is" : "are");
    for (size_t i = 0; i < r->gap_count && (v->all || i < FEW); i++) {
        ps_str_addf(&text, "%s%u", i ? ", " : "", r->gaps[i].first);
        if (r->gaps[i].last > r->gaps[i].first)
            ps_str_addf(&text, "-%u", r->gaps[i].last);
    }
    ps_str_add(&text, !v->all && r->gap_count > FEW ? ", ..." : ".");
    say(v, ps_str_text(&text));
    ps_str_finish(&text);
}

static void add_left_out(struct view *v)
{
    const struct ps_ranks *r = v->r;
    const size_t shown = v->all || r->left_out_count <= FEW ? r->left_out_count : FEW;

    for (size_t i = 0; i < r->note_count; i++)
        say(v, r->notes[i]);
    for (size_t i = 0; i < shown; i++)
        say(v, ps_arena_format(&v->arena, "Left out: '%s': %s.", r->left_out[i].file,
                               r->left_out[i].why));
    if (shown < r->left_out_total)
        say(v, ps_arena_format(&v->arena, "Left out: %zu more%s.", r->left_out_total - shown,
                               v->all ? "" : "; -v shows them"));
}

void ps_ranks_heads(ps_head_fn *each, void *arg)
{
    ps_grid_each_head(node_heads, sizeof node_heads / sizeof *node_heads, each, arg);
    ps_grid_each_head(rank_heads, sizeof rank_heads / sizeof *rank_heads, each, arg);
}

void ps_ranks_text(const struct ps_ranks *r, bool all, struct ps_str *out)
{
    struct view v = {.r = r, .all = all, .out = out};

    ps_arena_init(&v.arena, r->arena->on_oom);
    say(&v, ps_arena_format(&v.arena, "%s — %zu rank%s on %zu node%s, %s",
                            ps_text_shorten(&v.arena, r->command, 200), r->count,
                            r->count == 1 ? "" : "s", r->node_count, r->node_count == 1 ? "" : "s",
                            r->launcher));
    ps_str_add(out, "\n");
    add_metrics(&v);
    add_estimate(&v);
    add_nodes(&v);
    add_slowest(&v);
    add_use(&v);
    if (r->failed || r->missing || r->left_out_total)
        ps_str_add(out, "\n");
    add_failures(&v);
    add_missing(&v);
    add_left_out(&v);
    ps_arena_finish(&v.arena);
}
