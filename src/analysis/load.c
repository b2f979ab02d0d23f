#include "load.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOADED 0.1 /* share of disturbed rounds that shows that others are there all the time */

/* Of the wall time of a round. Where others are there, what a waking thread waits is theirs, too:
 * strict. */
static double share_of(const struct ps_samples *s, const struct ps_series *t, size_t round,
                       bool strict)
{
    const double *x = t ? ps_raw(s, t, round) : NULL;

    if (!x || isnan(x[PS_RAW_OTHERS_MOST]))
        return NAN;
    return (strict ? fmax(x[PS_RAW_OTHERS_MOST], x[PS_RAW_RUN_DELAY]) : x[PS_RAW_OTHERS_MOST]) /
           x[PS_RAW_WALL];
}

static bool disturbed(const struct ps_samples *s, const struct ps_series *t, size_t round,
                      bool strict)
{
    return ps_round_disturbed(share_of(s, t, round, strict)) ||
           ps_round_disturbed(share_of(s, t->baseline, round, strict)) ||
           ps_round_disturbed(share_of(s, t->one_per_core, round, strict));
}

/* Of a program the run delay is that of its first thread, which waits for its own threads, too. */
static bool loaded(const struct ps_samples *s, const struct ps_series *t)
{
    size_t count = 0;

    for (size_t r = 0; r < s->rounds && !t->workload->program; r++)
        count += disturbed(s, t, r, false);
    return (double)count > LOADED * (double)s->rounds;
}

static bool witnessed(const struct ps_samples *s, const struct ps_series *t, size_t round)
{
    return !isnan(share_of(s, t, round, false));
}

/* Of the CPU time of all rounds. */
static double share_taken(const struct ps_samples *s, const struct ps_series *t)
{
    double others = 0, all = 0;

    for (size_t r = 0; r < s->rounds; r++) {
        const double *x = ps_raw(s, t, r);

        if (isnan(x[PS_RAW_OTHERS]) || isnan(x[PS_RAW_WALL]))
            continue;
        others += x[PS_RAW_OTHERS];
        all += t->plan->p * x[PS_RAW_WALL];
    }
    return all > 0 ? others / all : NAN;
}

static bool takes_little(const struct ps_samples *s, const struct ps_series *t)
{
    return !t || !ps_round_disturbed(share_taken(s, t));
}

/* Too few rounds are clean to use these alone, but most are, so a median is of them all the same;
 * and of the sum there is too little to shift anything. */
static bool negligible(const struct ps_samples *s, const struct ps_series *t,
                       const struct load_series *l)
{
    return 3 * l->clean >= 2 * l->rounds && takes_little(s, t) && takes_little(s, t->baseline) &&
           takes_little(s, t->one_per_core);
}

/* A reference that was quiet says nothing of a point that nobody witnesses. */
static struct load_series judge(const struct ps_samples *s, const struct ps_series *t)
{
    struct load_series l = {.strict = loaded(s, t)};
    size_t own = 0;

    for (size_t r = 0; r < s->rounds; r++) {
        bool seen = witnessed(s, t, r) || (t->baseline && witnessed(s, t->baseline, r));

        own += witnessed(s, t, r);
        l.rounds += seen;
        l.clean += seen && !disturbed(s, t, r, l.strict);
    }
    l.verdict = ps_rounds_choose(l.rounds, l.clean);
    if (l.verdict == PS_ROUNDS_DISTURBED && negligible(s, t, &l))
        l.verdict = PS_ROUNDS_QUIET;
    if (!own && l.verdict == PS_ROUNDS_QUIET)
        l.verdict = PS_ROUNDS_UNKNOWN;
    return l;
}

/* The raw values again, without those of disturbed rounds. */
static void copy_clean(const struct ps_samples *s, const struct ps_series *t, bool strict,
                       double *room, struct ps_series *copy)
{
    ps_samples_lay(s, copy, room, s->rounds);
    for (size_t r = 0; r < s->rounds; r++) {
        double *row = ps_raw(s, copy, r);

        memcpy(row, ps_raw(s, t, r), s->column_count * sizeof *row);
        if (!disturbed(s, t, r, strict))
            continue;
        for (size_t k = 0; k < s->column_count; k++)
            row[k] = NAN;
    }
}

static const struct ps_series *same(const struct ps_samples *s, const struct ps_series *t,
                                    const struct ps_series *in)
{
    return t ? in + (t - s->series) : NULL;
}

static void fill(const struct ps_samples *s, struct load *l, struct ps_series *copies, double *room)
{
    for (size_t i = 0; i < s->series_count; i++) {
        const struct ps_series *t = &s->series[i];

        l->series[i] = judge(s, t);
        copies[i] = *t;
        copies[i].baseline = same(s, t->baseline, copies);
        copies[i].one_per_core = same(s, t->one_per_core, copies);
        if (l->series[i].verdict != PS_ROUNDS_CLEAN)
            continue;
        copy_clean(s, t, l->series[i].strict, room, &copies[i]);
        room += s->rounds * s->column_count;
        l->dropped = true;
    }
    l->clean.series = copies;
}

int load_open(const struct ps_samples *s, struct load *l)
{
    size_t raw = s->series_count * s->rounds * s->column_count * sizeof(double);
    size_t rest = s->series_count * (sizeof(struct ps_series) + sizeof(struct load_series));

    *l = (struct load){.clean = *s,
                       .draws = ps_draws_of(s->plan->request->seed),
                       .room = calloc(1, raw + rest + 1)};
    if (!l->room)
        return -ENOMEM;
    l->clean.draws = &l->draws;
    l->series =
        (struct load_series *)((char *)l->room + raw + s->series_count * sizeof(struct ps_series));
    fill(s, l, (struct ps_series *)((char *)l->room + raw), l->room);
    return 0;
}

void load_close(struct load *l)
{
    ps_draws_finish(&l->draws);
    free(l->room);
}

/* Why nothing is known, or who told. */
static const char *witness_of(const struct ps_series *t, enum ps_rounds verdict)
{
    if (t->workload->program)
        return verdict == PS_ROUNDS_UNKNOWN
                   ? NULL
                   : "run delay of its first thread; use of its CPUs by /proc/stat, less its own";
    return verdict == PS_ROUNDS_UNKNOWN ? NULL : "run delay of its threads";
}

static double *shares(const struct ps_samples *s, const struct ps_series *t)
{
    double *out = ps_arena_array(s->arena, s->rounds, sizeof *out);

    for (size_t r = 0; r < s->rounds; r++)
        out[r] = share_of(s, t, r, false);
    return out;
}

void load_describe(const struct ps_samples *s, const struct load *l, size_t series,
                   struct ps_point *p)
{
    static const char *const statuses[] = {
        [PS_ROUNDS_UNKNOWN] = PS_LOAD_UNKNOWN,
        [PS_ROUNDS_QUIET] = PS_LOAD_QUIET,
        [PS_ROUNDS_CLEAN] = PS_LOAD_CLEAN_ROUNDS,
        [PS_ROUNDS_DISTURBED] = PS_LOAD_DISTURBED,
    };
    const struct ps_series *t = &s->series[series];

    p->load = (struct ps_point_load){
        .status = statuses[l->series[series].verdict],
        .witness = witness_of(t, l->series[series].verdict),
        .share = share_taken(s, t),
        .rounds = l->series[series].rounds,
        .clean = l->series[series].clean,
        .shares = shares(s, t),
    };
}
