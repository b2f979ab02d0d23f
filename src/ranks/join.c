#include "join.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gather.h"
#include "pop.h"
#include "replay.h"

#define SLOWEST 5

static bool is_whole(const struct ps_gathered_run *r)
{
    return r->count >= r->size;
}

static bool is_better(const struct ps_gathered_run *a, const struct ps_gathered_run *b)
{
    if (is_whole(a) != is_whole(b))
        return is_whole(a);
    if (a->newest.tv_sec != b->newest.tv_sec)
        return a->newest.tv_sec > b->newest.tv_sec;
    return a->newest.tv_nsec > b->newest.tv_nsec;
}

/* One that is complete, of these the newest; where no time tells, the first. */
static size_t choose_run(const struct ps_gathered *g)
{
    size_t best = 0;

    for (size_t i = 1; i < g->run_count; i++)
        if (is_better(&g->runs[i], &g->runs[best]))
            best = i;
    return best;
}

static const char *other_run(const struct ps_gathered *g, size_t run)
{
    const struct ps_rank_run *about = &g->runs[run].about;

    if (about->run)
        return ps_arena_format(g->arena, "it is of another run, %.64s", about->run);
    return ps_arena_format(g->arena, "it is of another run, of '%.64s' by %.64s", about->command,
                           about->launcher);
}

/* Among many files that are left out, the other run would not be seen. */
static void note_others(const struct ps_gathered *g, size_t run, struct ps_ranks *out)
{
    for (size_t i = 0; i < g->run_count; i++) {
        const struct ps_gathered_run *other = &g->runs[i];
        const char *name = other->about.run ? other->about.run : other->about.command;

        if (i == run)
            continue;
        out->notes = ps_arena_grow(out->arena, out->notes, out->note_count, sizeof *out->notes);
        out->notes[out->note_count++] = ps_arena_format(
            out->arena, "Left out: another run, '%.64s', with %zu of %u ranks: its files are %s.",
            name, other->count, other->size,
            is_whole(other) == is_whole(&g->runs[run]) ? "not newer" : "not complete");
    }
}

/* Ranks that were started with another number of ranks than the first can't be of its run. */
static int check_size(const struct ps_gathered *g, size_t run, uint32_t *size, struct ps_err *e)
{
    const struct ps_gathered_rank *first = NULL;

    for (size_t i = 0; i < g->rank_count; i++) {
        const struct ps_gathered_rank *r = &g->ranks[i];

        if (r->run != run)
            continue;
        if (!first)
            first = r;
        else if (r->rank.size != first->rank.size)
            return ps_fail(e, EINVAL,
                           "ranks disagree about the size: rank %u in '%.200s' says %u, rank %u "
                           "in '%.200s' says %u; are these files of several runs?",
                           first->rank.rank, g->files[first->file], first->rank.size, r->rank.rank,
                           g->files[r->file], r->rank.size);
    }
    *size = first->rank.size;
    return 0;
}

/* NULL where it would not be shown. */
static const char *in_twice(const struct ps_gathered *g, const struct ps_gathered_rank *r,
                            const struct ps_gathered_rank *first)
{
    if (g->left_out_count == PS_MOST_LEFT_OUT)
        return NULL;
    return ps_arena_format(g->arena, "rank %u is in '%.200s' already", r->rank.rank,
                           g->files[first->file]);
}

/* at: of each number the index of its first rank in g, plus one; 0: there is none. */
static void place_ranks(struct ps_gathered *g, size_t run, size_t *at)
{
    const char **others = ps_arena_array(g->arena, g->run_count, sizeof *others);

    for (size_t i = 0; i < g->rank_count; i++) {
        const struct ps_gathered_rank *r = &g->ranks[i];
        size_t *place = &at[r->rank.rank];

        if (r->run != run) {
            if (!others[r->run])
                others[r->run] = other_run(g, r->run);
            ps_gather_leave_out(g, g->files[r->file], others[r->run]);
        } else if (*place) {
            ps_gather_leave_out(g, g->files[r->file], in_twice(g, r, &g->ranks[*place - 1]));
        } else {
            *place = i + 1;
        }
    }
}

static void add_missing(struct ps_ranks *r, uint32_t number)
{
    if (!r->gap_count || r->gaps[r->gap_count - 1].last + 1 != number) {
        r->gaps = ps_arena_grow(r->arena, r->gaps, r->gap_count, sizeof *r->gaps);
        r->gaps[r->gap_count++].first = number;
    }
    r->gaps[r->gap_count - 1].last = number;
    r->missing++;
}

/* Of others' ends a signal that the launcher sends to all is no cause. */
static unsigned blame(const struct ps_rank *r)
{
    const unsigned sigkill = 9, sigterm = 15;

    if (r->signalled)
        return r->status == sigterm || r->status == sigkill ? 1 : 3;
    return r->status ? 2 : 0;
}

static void note_failure(struct ps_ranks *out, size_t i)
{
    if (!blame(&out->ranks[i]))
        return;
    if (!out->failed++ || blame(&out->ranks[i]) > blame(&out->ranks[out->first_fail]))
        out->first_fail = i;
}

static void take_ranks(const struct ps_gathered *g, const size_t *at, struct ps_ranks *out)
{
    out->ranks = ps_arena_array(out->arena, g->rank_count, sizeof *out->ranks);
    for (uint32_t i = 0; i < out->size; i++) {
        if (!at[i]) {
            add_missing(out, i);
            continue;
        }
        out->ranks[out->count] = g->ranks[at[i] - 1].rank;
        note_failure(out, out->count);
        for (size_t k = 0; k < PS_MPI_KINDS; k++) {
            const struct ps_mpi_use *use = &out->ranks[out->count].use[k];

            out->use[k].calls += use->calls;
            out->use[k].time += use->time;
            out->use[k].bytes += use->bytes;
        }
        out->count++;
    }
}

static int longest_first(const void *a, const void *b, void *arg)
{
    const struct ps_rank *ranks = arg, *x = &ranks[*(const size_t *)a],
                         *y = &ranks[*(const size_t *)b];

    if (x->computing != y->computing)
        return x->computing > y->computing ? -1 : 1;
    return x->rank < y->rank ? -1 : 1;
}

static void find_slowest(struct ps_ranks *r)
{
    size_t *order = ps_arena_array(r->arena, r->count, sizeof *order), known = 0;

    for (size_t i = 0; i < r->count; i++)
        if (isfinite(r->ranks[i].computing))
            order[known++] = i;
    qsort_r(order, known, sizeof *order, longest_first, r->ranks);
    r->slowest = order;
    r->slowest_count = known < SLOWEST ? known : SLOWEST;
}

static int by_node(const void *a, const void *b)
{
    const struct ps_rank *x = a, *y = b;
    const int order = strcmp(x->node, y->node);

    return order ? order : x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* ranks: those of the node. */
static struct ps_ranks_node node_of(const struct ps_rank *ranks, size_t count, double time)
{
    const struct ps_pop p = ps_pop_of(ranks, count, NAN);
    struct ps_ranks_node n = {
        .name = ranks->node,
        .ranks = count,
        .slowest = ranks->rank,
        .computing = p.mean,
        .load_balance = p.balance,
        .parallel_efficiency = time > 0 ? p.mean / time : NAN,
    };
    double most = -1;

    for (size_t i = 0; i < count; i++)
        if (ranks[i].computing > most) {
            most = ranks[i].computing;
            n.slowest = ranks[i].rank;
        }
    return n;
}

/* Ranks in the order of their nodes are put back in that of their numbers. */
static int by_number(const void *a, const void *b)
{
    const struct ps_rank *x = a, *y = b;

    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static void find_nodes(struct ps_ranks *r)
{
    const double time = ps_pop_of(r->ranks, r->count, NAN).time;

    qsort(r->ranks, r->count, sizeof *r->ranks, by_node);
    for (size_t i = 0, end; i < r->count; i = end) {
        const char *name = ps_arena_copy(r->arena, r->ranks[i].node);

        for (end = i; end < r->count && !strcmp(r->ranks[end].node, name);)
            end++;
        for (size_t k = i; k < end; k++)
            r->ranks[k].node = name;
        r->nodes = ps_arena_grow(r->arena, r->nodes, r->node_count, sizeof *r->nodes);
        r->nodes[r->node_count++] = node_of(r->ranks + i, end - i, time);
    }
    qsort(r->ranks, r->count, sizeof *r->ranks, by_number);
}

/* The file of calls beside the file of a rank. */
static int read_calls(const char *path, const struct ps_rank *r, struct ps_call_file *f)
{
    const size_t length = strlen(path), suffix = strlen(PS_RANK_SUFFIX);
    char *beside;
    int err;

    *f = (struct ps_call_file){.comms = NULL};
    if (length < suffix || strcmp(path + length - suffix, PS_RANK_SUFFIX) != 0)
        return -ENOENT;
    if (asprintf(&beside, "%.*s" PS_CALL_SUFFIX, (int)(length - suffix), path) < 0)
        return -ENOMEM;
    err = ps_call_file_read(beside, r, f);
    free(beside);
    return err;
}

/* Why calls can't be replayed, as the lines have it; NULL: they may. */
static const char *why_not(const struct ps_ranks *r)
{
    if (r->missing)
        return "ranks are missing";
    for (size_t i = 0; i < r->count; i++)
        if (r->ranks[i].calls_reason)
            return r->ranks[i].calls_reason;
    return NULL;
}

static const char *read_all_calls(const struct ps_gathered *g, const size_t *at,
                                  const struct ps_ranks *r, struct ps_call_file *files)
{
    uint64_t events = 0;

    for (size_t i = 0; i < r->count; i++) {
        if (read_calls(g->files[g->ranks[at[i] - 1].file], &r->ranks[i], &files[i]) < 0)
            return "the files of the calls are not beside those of the ranks, or not whole";
        events += files[i].head.event_count;
        if (events > PS_MOST_CALLS)
            return "there are too many calls to replay";
    }
    return NULL;
}

/* The time on a network that takes no time. */
static double ideal_time(const struct ps_gathered *g, const size_t *at, const struct ps_ranks *r,
                         const char **why)
{
    struct ps_call_file *files;
    double ideal = NAN;

    *why = why_not(r);
    files = *why ? NULL : calloc(r->count, sizeof *files);
    if (!files)
        return NAN;
    *why = read_all_calls(g, at, r, files);
    if (!*why)
        ideal = ps_replay(files, (uint32_t)r->count);
    if (!*why && isnan(ideal))
        *why = "the calls of the ranks don't fit together";
    for (size_t i = 0; i < r->count; i++)
        ps_call_file_free(&files[i]);
    free(files);
    return ideal;
}

static const char *copy(struct ps_arena *a, const char *text)
{
    return text ? ps_arena_copy(a, text) : NULL;
}

/* Texts of files, which go with what was gathered. */
static void keep_texts(const struct ps_gathered *g, size_t run, struct ps_ranks *r)
{
    const struct ps_rank_run *about = &g->runs[run].about;

    r->version = copy(r->arena, about->version);
    r->launcher = copy(r->arena, about->launcher);
    r->command = copy(r->arena, about->command);
    r->run = copy(r->arena, about->run);
    for (size_t i = 0; i < r->metric_count; i++)
        r->metrics[i].reason = copy(r->arena, r->metrics[i].reason);
    for (size_t i = 0; i < r->count && !r->sampled; i++)
        if (r->ranks[i].mpi == PS_RANK_MPI_SAMPLED)
            r->sampled = ps_arena_copy(r->arena, r->ranks[i].mpi_reason ? r->ranks[i].mpi_reason
                                                                        : "no reason is given");
    for (size_t i = 0; i < r->count; i++)
        r->ranks[i].mpi_reason = r->ranks[i].calls_reason = r->ranks[i].counts_reason = NULL;
    r->left_out = g->left_out;
    r->left_out_count = g->left_out_count;
    r->left_out_total = g->left_out_total;
}

static int join(struct ps_gathered *g, struct ps_ranks *out, struct ps_err *e)
{
    const size_t run = choose_run(g);
    const char *why = NULL;
    double ideal;
    size_t *at;
    int err;

    if (!g->rank_count && g->left_out_count)
        return ps_fail(e, EINVAL, "it has no line of a rank; '%.200s': %.400s", g->left_out->file,
                       g->left_out->why);
    if (!g->rank_count)
        return ps_fail(e, ENOENT, "it has no line of a rank: 'parscope rank' writes such files");
    err = check_size(g, run, &out->size, e);
    if (err < 0)
        return err;
    at = calloc(out->size, sizeof *at);
    if (!at)
        return ps_fail(e, ENOMEM, "out of memory");
    place_ranks(g, run, at);
    note_others(g, run, out);
    take_ranks(g, at, out);
    find_nodes(out);
    find_slowest(out);
    ideal = ideal_time(g, at, out, &why);
    free(at);
    ps_pop_metrics(out->ranks, out->count, ideal, why, out);
    keep_texts(g, run, out);
    return 0;
}

int ps_ranks_merge(const char *const *paths, size_t count, struct ps_arena *a,
                   struct ps_ranks **out, struct ps_err *e)
{
    struct ps_ranks *r = ps_arena_alloc(a, sizeof *r);
    struct ps_gathered g;
    int err = ps_gather(paths, count, a, &g, e);

    if (err < 0)
        return err;
    r->arena = a;
    err = join(&g, r, e);
    ps_gathered_finish(&g);
    if (!err)
        *out = r;
    return err;
}
