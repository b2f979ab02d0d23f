#include "rank_sweep.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "join.h"
#include "pop.h"
#include "rank_folder.h"
#include "rng.h"
#include "stats.h"
#include "text.h"
#include "ticks.h"
#include "units.h"

#define FOLDER_VARIABLE "PARSCOPE_RANKS="
#define RUN_VARIABLE    "PARSCOPE_RUN="
#define TAIL            600 /* bytes of the standard error of a failed execution that are shown */
#define MOST_ROUNDS     1000
#define SAME            64 /* ranks that were slowest, which are told apart */

/* How often a rank was the slowest of a point. */
struct slowest {
    uint32_t rank;
    const char *node;
    size_t rounds;
};

/* Sums over the ranks of an execution, outside MPI. */
struct counted {
    double instructions, cycles, time;
};

struct sweep {
    const struct ps_rank_sweep_request *q;
    struct ps_arena *arena;
    struct ps_arena once; /* of one execution */
    struct ps_err *error;
    struct ps_children *children;
    const char *folder;
    struct ps_rank_sweep *out;
    struct slowest (*slowest)[SAME]; /* of each point */
    struct counted *counted;         /* of each point, in this round */
    size_t executions;
    uint64_t start;
};

static const char *const *environment_of(struct sweep *s)
{
    const char **out;
    size_t count = 0, used = 0;

    while (environ[count])
        count++;
    out = ps_arena_array(&s->once, count + 3, sizeof *out);
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], FOLDER_VARIABLE, strlen(FOLDER_VARIABLE)) != 0 &&
            strncmp(environ[i], RUN_VARIABLE, strlen(RUN_VARIABLE)) != 0)
            out[used++] = environ[i];
    out[used++] = ps_arena_format(&s->once, FOLDER_VARIABLE "%s", s->folder);
    out[used++] = ps_arena_format(&s->once, RUN_VARIABLE "%d.%zu", (int)getpid(), s->executions);
    return out;
}

static struct ps_child child_of(struct sweep *s, uint32_t ranks)
{
    static const char *const names[] = {"ranks"};
    const char *const values[] = {ps_arena_format(&s->once, "%" PRIu32, ranks)};
    const struct ps_program_fill fill = {
        .size = s->q->weak ? s->q->size * ranks : 0, .names = names, .values = values, .count = 1};

    return (struct ps_child){
        .path = s->q->program->path,
        .words = ps_program_words(s->q->program, &fill, &s->once),
        .environment = environment_of(s),
    };
}

static const char *end_of_rank(struct sweep *s, const struct ps_rank *r)
{
    if (!r->signalled)
        return ps_arena_format(&s->once, "rank %u on %s exited with status %u", r->rank, r->node,
                               r->status);
    return ps_arena_format(&s->once, "rank %u on %s was killed by SIG%s", r->rank, r->node,
                           sigabbrev_np((int)r->status) ? sigabbrev_np((int)r->status) : "?");
}

/* What the ranks' files say of an execution that failed, "; " before it. */
static const char *said_by_ranks(struct sweep *s)
{
    struct ps_err ignored = {""};
    struct ps_ranks *r;

    if (ps_ranks_merge(&s->folder, 1, &s->once, &r, &ignored) < 0)
        return "; no rank has left a file";
    if (r->failed)
        return ps_arena_format(&s->once, "; %s", end_of_rank(s, &r->ranks[r->first_fail]));
    if (r->missing)
        return ps_arena_format(&s->once, "; rank %u has left no file", r->gaps[0].first);
    return "";
}

static int failed(struct sweep *s, uint32_t ranks, const struct ps_child_usage *u)
{
    const size_t length = strlen(u->tail);
    char how[128];

    ps_child_describe(u, s->q->timeout, how, sizeof how);
    return ps_fail(s->error, ECHILD, "execution %zu, with %u rank%s, %s%s%s%s", s->executions,
                   ranks, ranks == 1 ? "" : "s", how, said_by_ranks(s),
                   length ? "; its standard error ends with:\n" : "",
                   u->tail + (length > TAIL ? length - TAIL : 0));
}

static int check_ranks(struct sweep *s, uint32_t ranks, const struct ps_ranks *r)
{
    if (r->size != ranks)
        return ps_fail(s->error, ECHILD,
                       "%u ranks were asked for, and the launcher started %u: does it take the "
                       "number from {ranks}?",
                       ranks, r->size);
    if (r->missing)
        return ps_fail(s->error, ECHILD,
                       "with %u ranks, rank %u has left no file in '%.200s': do all nodes see that "
                       "folder?",
                       ranks, r->gaps[0].first, s->folder);
    return r->failed ? ps_fail(s->error, ECHILD, "with %u ranks, %s", ranks,
                               end_of_rank(s, &r->ranks[r->first_fail]))
                     : 0;
}

/* One execution, whose files are joined. */
static int execute(struct sweep *s, uint32_t ranks, struct ps_rank_sweep_point *p,
                   struct ps_ranks **r, double *wall)
{
    const struct ps_child_limits limits = {.timeout = s->q->timeout,
                                           .interrupted = s->q->hooks->interrupted};
    const struct ps_child child = child_of(s, ranks);
    struct ps_child_usage u;
    struct ps_err why = {""};
    int err;

    s->executions++;
    ps_rank_folder_empty(s->folder);
    err = ps_child_run(s->children, &child, 1, &limits, &u, s->error);
    if (err < 0)
        return err;
    if (u.end == PS_CHILD_INTERRUPTED)
        return -EINTR;
    if (u.end != PS_CHILD_EXITED || u.status)
        return failed(s, ranks, &u);
    *wall = u.wall;
    err = ps_ranks_merge(&s->folder, 1, &s->once, r, &why);
    if (err < 0 && err != -ENOENT)
        return ps_fail(s->error, ECHILD, "with %u rank%s, %s", ranks, ranks == 1 ? "" : "s",
                       why.text);
    if (err < 0)
        return ps_fail(s->error, ECHILD,
                       "with %u rank%s, none has left a file: the command runs the program by "
                       "'parscope rank --', which takes the folder from the environment (with "
                       "Open MPI on several machines: mpirun -x PARSCOPE_RANKS -x PARSCOPE_RUN)",
                       ranks, ranks == 1 ? "" : "s");
    p->nodes = (*r)->node_count;
    return check_ranks(s, ranks, *r);
}

static void note_slowest(struct sweep *s, struct slowest *list, const struct ps_ranks *r)
{
    const struct ps_rank *x = r->slowest_count ? &r->ranks[r->slowest[0]] : NULL;
    size_t i = 0;

    while (x && i < SAME && list[i].rounds && list[i].rank != x->rank)
        i++;
    if (x && i < SAME)
        list[i] = (struct slowest){x->rank, ps_arena_copy(s->arena, x->node), list[i].rounds + 1};
}

/* NaN where it is not known. */
static double metric(const struct ps_ranks *r, const char *id)
{
    for (size_t i = 0; i < r->metric_count; i++)
        if (!strcmp(r->metrics[i].id, id))
            return r->metrics[i].value;
    return NAN;
}

/* The first one stays. */
static void take_reason(struct sweep *s, const struct ps_ranks *r, const char *id,
                        const char **reason)
{
    for (size_t i = 0; i < r->metric_count && !*reason; i++)
        if (!strcmp(r->metrics[i].id, id) && r->metrics[i].reason)
            *reason = ps_arena_copy(s->arena, r->metrics[i].reason);
}

static void take_sample(struct sweep *s, size_t i, const struct ps_ranks *r, double wall)
{
    struct ps_rank_sweep_point *p = &s->out->points[i];
    const struct ps_pop pop = ps_pop_of(r->ranks, r->count, NAN);
    const size_t round = s->out->rounds;
    double longest = 0;

    for (size_t k = 0; k < r->count; k++)
        longest = fmax(longest, r->ranks[k].wall);
    for (size_t k = 0; k < r->metric_count && isnan(pop.time); k++)
        if (r->metrics[k].reason && !s->out->reason)
            s->out->reason = ps_arena_copy(s->arena, r->metrics[k].reason);
    if (isfinite(pop.time)) {
        take_reason(s, r, "useful_ipc", &s->out->counts_reason);
        take_reason(s, r, "transfer_efficiency", &s->out->calls_reason);
    }
    if (r->sampled && !s->out->sampled)
        s->out->sampled = ps_arena_copy(s->arena, r->sampled);
    s->counted[i] = (struct counted){pop.instructions, pop.cycles, pop.sum};
    if (!s->out->launcher)
        s->out->launcher = ps_arena_copy(s->arena, r->launcher);
    p->samples[PS_RANK_TIME][round] = isfinite(pop.time) ? pop.time : longest;
    p->samples[PS_RANK_PARALLEL][round] = pop.parallel;
    p->samples[PS_RANK_BALANCE][round] = pop.balance;
    p->samples[PS_RANK_COMMUNICATION][round] = pop.communication;
    p->samples[PS_RANK_SERIALISATION][round] = metric(r, "serialisation_efficiency");
    p->samples[PS_RANK_TRANSFER][round] = metric(r, "transfer_efficiency");
    p->samples[PS_RANK_COMPUTING][round] = pop.sum;
    p->samples[PS_RANK_LAUNCHED][round] = wall;
    note_slowest(s, s->slowest[i], r);
}

/* The product is the computation scaling. work: of this point, that of the first being 1. */
static void derive_factors(struct sweep *s, size_t i, double work)
{
    struct ps_rank_sweep_point *p = &s->out->points[i];
    const struct counted a = s->counted[0], b = s->counted[i];
    const size_t round = s->out->rounds;

    p->samples[PS_RANK_INSTRUCTIONS][round] = work * a.instructions / b.instructions;
    p->samples[PS_RANK_IPC][round] = b.instructions / b.cycles / (a.instructions / a.cycles);
    p->samples[PS_RANK_CLOCK][round] = b.cycles / b.time / (a.cycles / a.time);
}

/* Against the fewest ranks, of the same round. */
static void derive(struct sweep *s)
{
    const struct ps_rank_sweep_point *first = &s->out->points[0];
    const size_t round = s->out->rounds;

    for (size_t i = 0; i < s->out->count; i++) {
        struct ps_rank_sweep_point *p = &s->out->points[i];
        const double work = s->q->weak ? (double)p->ranks / first->ranks : 1;

        p->samples[PS_RANK_SPEEDUP][round] =
            work * first->samples[PS_RANK_TIME][round] / p->samples[PS_RANK_TIME][round];
        p->samples[PS_RANK_SCALING][round] =
            work * first->samples[PS_RANK_COMPUTING][round] / p->samples[PS_RANK_COMPUTING][round];
        p->samples[PS_RANK_GLOBAL][round] =
            p->samples[PS_RANK_PARALLEL][round] * p->samples[PS_RANK_SCALING][round];
        derive_factors(s, i, work);
    }
}

static void show(struct sweep *s, size_t i)
{
    const struct ps_rank_sweep_request *q = s->q;
    const double elapsed = (double)(ps_now_ns() - s->start) * 1e-9;
    const struct ps_progress p = {
        .what = ps_arena_format(&s->once, "%u ranks", q->counts[i]),
        .estimate = "",
        .round = s->out->rounds + 1,
        .rounds = q->runs,
        .elapsed = elapsed,
        .remaining = fmax(0, q->max_time - elapsed),
        .at_most = true,
    };

    if (q->hooks->progress)
        q->hooks->progress(q->hooks->progress_arg, &p);
}

static int measure_round(struct sweep *s, struct ps_rng *rng, bool warm_up)
{
    size_t *order = ps_arena_array(s->arena, s->out->count, sizeof *order);
    int err = 0;

    for (size_t i = 0; i < s->out->count; i++)
        order[i] = i;
    ps_shuffle(rng, order, s->out->count);
    for (size_t k = 0; !err && k < s->out->count; k++) {
        const size_t i = order[k];
        struct ps_ranks *r = NULL;
        double wall = 0;

        ps_arena_init(&s->once, s->arena->on_oom);
        show(s, i);
        err = execute(s, s->q->counts[i], &s->out->points[i], &r, &wall);
        if (!err && !warm_up)
            take_sample(s, i, r, wall);
        ps_arena_finish(&s->once);
    }
    return err;
}

static bool precise(const struct sweep *s)
{
    for (size_t i = 0; i < s->out->count; i++) {
        struct ps_interval interval;

        if (ps_bootstrap_median(s->out->points[i].samples[PS_RANK_TIME], s->out->rounds, s->q->seed,
                                &interval) < 0 ||
            ps_relative_half_width(interval) > s->q->precision)
            return false;
    }
    return true;
}

static bool done(struct sweep *s)
{
    const struct ps_rank_sweep_request *q = s->q;
    struct ps_rank_sweep *out = s->out;

    out->ended_by = PS_END_ROUNDS;
    if (q->runs)
        return out->rounds == q->runs;
    if (out->rounds == MOST_ROUNDS)
        return true;
    if (out->rounds && (double)(ps_now_ns() - s->start) * 1e-9 >= q->max_time) {
        out->ended_by = PS_END_MAX_TIME;
        return true;
    }
    out->ended_by = PS_END_PRECISION;
    return out->rounds >= PS_MIN_ROUNDS && precise(s);
}

static int measure(struct sweep *s)
{
    struct ps_rng rng = {s->q->seed};
    int err = 0;

    for (uint64_t i = 0; !err && i < s->q->warmup; i++)
        err = measure_round(s, &rng, true);
    while (!err && !done(s)) {
        err = measure_round(s, &rng, false);
        if (err)
            break;
        derive(s);
        s->out->rounds++;
    }
    if (err)
        s->out->ended_by = err == -EINTR ? PS_END_INTERRUPT : PS_END_FAILURE;
    return err;
}

static void summarise(struct sweep *s)
{
    for (size_t i = 0; i < s->out->count; i++) {
        struct ps_rank_sweep_point *p = &s->out->points[i];
        const struct slowest *most = s->slowest[i];

        for (size_t m = 0; m < PS_RANK_METRICS; m++)
            if (ps_bootstrap_median(p->samples[m], s->out->rounds, s->q->seed, &p->values[m]) < 0)
                p->values[m] = (struct ps_interval){NAN, NAN, NAN};
        for (size_t k = 1; k < SAME; k++)
            if (s->slowest[i][k].rounds > most->rounds)
                most = &s->slowest[i][k];
        p->slowest = most->rank;
        p->slowest_node = most->node;
        p->slowest_rounds = most->rounds;
    }
}

static struct ps_rank_sweep *prepare(const struct ps_rank_sweep_request *q, struct ps_arena *a)
{
    struct ps_rank_sweep *out = ps_arena_alloc(a, sizeof *out);
    const size_t rounds = q->runs ? (size_t)q->runs : MOST_ROUNDS;

    *out = (struct ps_rank_sweep){
        .arena = a,
        .version = q->version,
        .command = q->program->label,
        .weak = q->weak,
        .points = ps_arena_array(a, q->count, sizeof *out->points),
        .count = q->count,
    };
    for (size_t i = 0; i < q->count; i++) {
        out->points[i].ranks = q->counts[i];
        for (size_t m = 0; m < PS_RANK_METRICS; m++)
            out->points[i].samples[m] = ps_arena_array(a, rounds, sizeof(double));
    }
    return out;
}

int ps_rank_sweep(const struct ps_rank_sweep_request *q, struct ps_arena *a,
                  struct ps_rank_sweep **out, struct ps_err *e)
{
    struct sweep s = {.q = q, .arena = a, .error = e, .start = ps_now_ns()};
    char stamp[32];
    int err = ps_rank_folder_make(q->folder, a, &s.folder, e);

    *out = NULL;
    if (!err)
        err = ps_children_open(q->output, q->output_path, &s.children, e);
    s.out = prepare(q, a);
    s.out->started = ps_arena_copy(a, ps_format_time_stamp(stamp, sizeof stamp, time(NULL)));
    s.slowest = ps_arena_array(a, q->count, sizeof *s.slowest);
    s.counted = ps_arena_array(a, q->count, sizeof *s.counted);
    if (!err)
        err = measure(&s);
    if (s.folder)
        ps_rank_folder_remove(s.folder);
    ps_children_close(s.children);
    summarise(&s);
    s.out->elapsed = (double)(ps_now_ns() - s.start) * 1e-9;
    if (s.out->rounds)
        *out = s.out;
    return err;
}
