#include <math.h>
#include <string.h>

#include "cells.h"
#include "grid.h"
#include "ranks_view.h"
#include "text.h"

static const char *cell(struct ps_arena *a, enum ps_rank_metric m, struct ps_interval i)
{
    const double half = (i.high - i.low) / 2;

    if (!isfinite(i.value))
        return "-";
    if (m == PS_RANK_LAUNCHED)
        return ps_cell_time(a, i.value);
    if (m == PS_RANK_TIME)
        return isfinite(half) ? ps_arena_format(a, "%s ±%s", ps_cell_time(a, i.value),
                                                ps_cell_margin(a, half / i.value))
                              : ps_cell_time(a, i.value);
    return isfinite(half) ? ps_arena_format(a, "%.2f ±%.2f", i.value, half)
                          : ps_arena_format(a, "%.2f", i.value);
}

/* Where it is the same one in most rounds. */
static const char *slowest(struct ps_arena *a, const struct ps_rank_sweep *s,
                           const struct ps_rank_sweep_point *p)
{
    if (p->ranks < 2 || 2 * p->slowest_rounds <= s->rounds)
        return "-";
    return ps_arena_format(a, "%u on %s", p->slowest, ps_text_clean(a, p->slowest_node));
}

/* What was counted on no machine has no column. */
static bool has_column(const struct ps_rank_sweep *s, size_t m)
{
    bool known = !ps_rank_metrics[m].counted;

    for (size_t i = 0; !known && i < s->count; i++)
        known = isfinite(s->points[i].values[m].value);
    return known && ps_rank_metrics[m].head;
}

static const struct ps_grid_head first_head = {"ranks", NULL, 0, false};
static const struct ps_grid_head last_head = {"slowest\nrank", "slowest rank", 0, false};

void ps_rank_sweep_heads(ps_head_fn *each, void *arg)
{
    ps_grid_each_head(&first_head, 1, each, arg);
    for (size_t m = 0; m < PS_RANK_METRICS; m++)
        if (ps_rank_metrics[m].head)
            ps_grid_each_head(&(const struct ps_grid_head){ps_rank_metrics[m].head, NULL, 0, false},
                              1, each, arg);
    ps_grid_each_head(&last_head, 1, each, arg);
}

static void add_grid(const struct ps_rank_sweep *s, struct ps_arena *a, struct ps_str *out)
{
    struct ps_grid g;
    size_t column = 1;

    ps_grid_init(&g, a, s->count);
    ps_grid_key(&g, first_head.head, false);
    for (size_t m = 0; m < PS_RANK_METRICS; m++)
        if (has_column(s, m))
            ps_grid_column(&g, ps_rank_metrics[m].head, ps_rank_metrics[m].head, 0);
    ps_grid_column(&g, last_head.head, last_head.title, 0);
    ps_grid_start(&g);
    for (size_t i = 0; i < s->count; i++)
        ps_grid_cell(&g, i, 0, ps_arena_format(a, "%u", s->points[i].ranks));
    for (size_t m = 0; m < PS_RANK_METRICS; m++) {
        if (!has_column(s, m))
            continue;
        for (size_t i = 0; i < s->count; i++)
            ps_grid_cell(&g, i, column, cell(a, (enum ps_rank_metric)m, s->points[i].values[m]));
        column++;
    }
    for (size_t i = 0; i < s->count; i++)
        ps_grid_cell(&g, i, column, slowest(a, s, &s->points[i]));
    ps_grid_print(&g, false, out);
}

/* By the smallest of its factors, where they are known. */
static const char *why_longer(const struct ps_rank_sweep_point *p)
{
    const double instructions = p->values[PS_RANK_INSTRUCTIONS].value;
    const double ipc = p->values[PS_RANK_IPC].value, clock = p->values[PS_RANK_CLOCK].value;
    const double least = fmin(fmin(instructions, ipc), clock);

    return !isfinite(instructions + ipc + clock) ? "computing that takes longer in all"
           : least == instructions               ? "more instructions for the same work"
           : least == ipc                        ? "fewer instructions per cycle"
                                                 : "a lower clock";
}

/* What to look at: the smaller of the two factors, and what it is made of. */
static const char *verdict(const struct ps_rank_sweep *s, struct ps_arena *a)
{
    const struct ps_rank_sweep_point *p = &s->points[s->count - 1];
    const double balance = p->values[PS_RANK_BALANCE].value;
    const double communication = p->values[PS_RANK_COMMUNICATION].value;
    const double scaling = p->values[PS_RANK_SCALING].value;
    const bool turns = p->values[PS_RANK_SERIALISATION].value < p->values[PS_RANK_TRANSFER].value;
    const bool told = isfinite(p->values[PS_RANK_SERIALISATION].value);
    const double least = fmin(fmin(balance, communication), scaling);

    if (s->reason)
        return ps_arena_format(a, "The efficiencies are not known: %s.", s->reason);
    if (!isfinite(least))
        return NULL;
    if (least > 0.95)
        return ps_arena_format(a, "With %u ranks little is lost.", p->ranks);
    return ps_arena_format(
        a, "With %u ranks most is lost by %s: %.2f.", p->ranks,
        least == balance                  ? "load imbalance between ranks"
        : least == communication && !told ? "communication, or waiting for other ranks"
        : least == communication && turns ? "ranks that wait for each other in turn"
        : least == communication          ? "communication"
                                          : why_longer(p),
        least);
}

static void add_checks(const struct ps_rank_sweep *s, bool only, struct ps_arena *a,
                       struct ps_str *out)
{
    static const char *const leads[PS_CHECK_OUTCOMES] = {
        [PS_CHECK_HOLDS] = "holds",
        [PS_CHECK_INCONCLUSIVE] = "inconclusive",
        [PS_CHECK_FAILS] = "FAILS",
    };

    if (s->check_count && !only)
        ps_str_add(out, "\nChecks\n");
    for (size_t i = 0; i < s->check_count; i++) {
        const struct ps_check *c = &s->checks[i];
        const char *line = ps_text_clean(
            a, ps_arena_format(a, "%s: %s: %s", leads[c->outcome], c->text, c->evidence));

        if (only)
            ps_str_addf(out, "%s\n", line);
        else
            ps_text_wrap(out, line, 0, 2, PS_GRID_COLUMNS);
    }
}

/* The whole of it but for the checks. */
static void add_report(const struct ps_rank_sweep *s, struct ps_str *out)
{
    struct ps_arena a;
    const char *end = s->ended_by == PS_END_INTERRUPT ? ", cut short"
                      : s->ended_by == PS_END_FAILURE ? ", ended by a failure"
                                                      : "";
    const char *says;

    ps_arena_init(&a, s->arena->on_oom);
    says = verdict(s, &a);
    ps_text_wrap(out,
                 ps_text_clean(&a, ps_arena_format(
                                       &a, "%s — %s, %zu round%s in %s%s%s",
                                       ps_text_shorten(&a, s->command, 200), s->launcher, s->rounds,
                                       s->rounds == 1 ? "" : "s", ps_cell_time(&a, s->elapsed),
                                       s->weak ? ", the work grows with the ranks" : "", end)),
                 0, 2, PS_GRID_COLUMNS);
    ps_str_add(out, "\n");
    add_grid(s, &a, out);
    if (says) {
        ps_str_add(out, "\n");
        ps_text_wrap(out, ps_text_clean(&a, says), 0, 2, PS_GRID_COLUMNS);
    }
    if (s->sampled)
        ps_text_wrap(out,
                     ps_text_clean(&a, ps_arena_format(&a,
                                                       "Efficiencies are estimates, as the time "
                                                       "inside MPI is known by samples: %s.",
                                                       s->sampled)),
                     0, 2, PS_GRID_COLUMNS);
    if (s->counts_reason && s->count > 1)
        ps_text_wrap(out,
                     ps_text_clean(&a, ps_arena_format(&a,
                                                       "Computation scaling is by time alone, as "
                                                       "its factors need counters: %s.",
                                                       s->counts_reason)),
                     0, 2, PS_GRID_COLUMNS);
    ps_arena_finish(&a);
}

void ps_rank_sweep_text(const struct ps_rank_sweep *s, bool checks_only, struct ps_str *out)
{
    struct ps_arena a;

    if (!checks_only)
        add_report(s, out);
    ps_arena_init(&a, s->arena->on_oom);
    add_checks(s, checks_only, &a, out);
    ps_arena_finish(&a);
}
