#include "overhead.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "estimate.h"
#include "host.h"
#include "parts.h"
#include "rng.h"
#include "sample.h"
#include "ticks.h"
#include "units.h"

struct session {
    const struct ps_overhead_request *request;
    const struct ps_overhead_hooks *hooks;
    struct ps_arena *arena;
    struct ps_overhead *result;
    const struct part **parts; /* of the rows */
    struct bench bench;
    struct ps_rng rng;
    uint64_t start_ns;
};

const char *ps_overhead_part(size_t i, const char **what)
{
    if (i >= part_total)
        return NULL;
    *what = parts[i].what;
    return parts[i].id;
}

int ps_overhead_check(const struct ps_overhead_request *q, struct ps_err *e)
{
    int err = 0;

    for (size_t i = 0; i < q->part_count && !err; i++)
        err = part_check(q->parts[i], e);
    return err;
}

static bool wanted(const struct ps_overhead_request *q, const struct part *p)
{
    for (size_t i = 0; i < q->part_count; i++)
        if (!strcmp(q->parts[i], p->id))
            return true;
    return !q->part_count;
}

static void add_rows(struct session *s)
{
    struct ps_overhead *r = s->result;

    r->rows = ps_arena_array(s->arena, part_total, sizeof *r->rows);
    s->parts = ps_arena_array(s->arena, part_total, sizeof *s->parts);
    for (size_t i = 0; i < part_total; i++) {
        const struct part *p = &parts[i];

        if (!wanted(s->request, p))
            continue;
        s->parts[r->row_count] = p;
        r->rows[r->row_count++] = (struct ps_overhead_row){
            .id = p->id,
            .what = p->what,
            .less = p->less,
            .value = NAN,
            .low = NAN,
            .high = NAN,
            .reference = NAN,
            .reason = part_refusal(p, &s->bench, s->arena),
        };
    }
}

static void choose_cpus(struct session *s)
{
    const struct ps_overhead_request *q = s->request;
    const struct ps_topology *t = q->topology;
    struct ps_overhead *r = s->result;

    r->cpu_count = q->cpus ? q->cpu_count : t->cpu_count;
    r->cpus = ps_arena_array(s->arena, r->cpu_count, sizeof *r->cpus);
    ps_place(t, q->cpus ? PS_PLACE_LIST : PS_PLACE_SPREAD, q->cpus, q->cpu_count,
             (unsigned)r->cpu_count, r->cpus);
    s->bench = (struct bench){r->cpus, (unsigned)r->cpu_count, q->threads, t};
}

static void note(struct session *s, const char *text)
{
    struct ps_overhead *r = s->result;

    r->notes = ps_arena_grow(s->arena, r->notes, r->note_count, sizeof *r->notes);
    r->notes[r->note_count++] = text;
}

static void note_cpus(struct session *s)
{
    const struct ps_topology *t = s->request->topology;
    struct ps_overhead *r = s->result;

    if (r->cpu_count > 1 &&
        ps_topology_cpu(t, r->cpus[0])->core == ps_topology_cpu(t, r->cpus[1])->core)
        note(s,
             ps_arena_format(
                 s->arena,
                 "CPUs %d and %d are hardware threads of one core: a hand-over between cores takes "
                 "longer.",
                 r->cpus[0], r->cpus[1]));
    if (r->cpu_quota < 2)
        note(s, "The CPU quota is below two CPUs: parts with two threads may have been throttled.");
}

static void describe(struct session *s)
{
    const struct ps_overhead_request *q = s->request;
    struct ps_overhead *r = s->result;
    struct ps_host h;
    char text[32];

    ps_host_read(s->arena, "", &h);
    r->arena = s->arena;
    r->version = PS_VERSION;
    r->started = ps_arena_copy(s->arena, ps_format_time_stamp(text, sizeof text, time(NULL)));
    r->cpu_model = h.cpu_model;
    r->kernel = h.kernel;
    r->virtualization = h.virtualization;
    r->cpu_quota = h.cpu_quota;
    r->threads = q->threads;
    r->seed = q->seed;
    r->runs = q->runs;
    r->max_time = q->max_time;
}

static double elapsed(const struct session *s)
{
    return (double)(ps_now_ns() - s->start_ns) * 1e-9;
}

/* An upper bound, or an estimate by the rounds so far; NaN in the first of a given number. */
static double remaining(const struct session *s, size_t round)
{
    double so_far = elapsed(s);

    if (!s->request->runs)
        return fmax(0, s->request->max_time - so_far);
    return round ? so_far / (double)round * (double)(s->request->runs - round) : NAN;
}

static void tell(const struct session *s, const struct part *p, size_t round)
{
    if (s->hooks->progress)
        s->hooks->progress(s->hooks->progress_arg, p->id, round + 1, remaining(s, round));
}

/* Room for one more round, without values. */
static void grow(struct session *s, size_t round)
{
    for (size_t i = 0; i < s->result->row_count; i++) {
        struct ps_overhead_row *row = &s->result->rows[i];

        row->tests = ps_arena_grow(s->arena, row->tests, round, sizeof *row->tests);
        row->references = ps_arena_grow(s->arena, row->references, round, sizeof *row->references);
        row->tests[round] = row->references[round] = NAN;
    }
}

/* A part that failed is not tried again: what failed once, or hung, would do so in each round. */
static int visit(struct session *s, size_t index, size_t round)
{
    struct ps_overhead_row *row = &s->result->rows[index];
    struct ps_err why = {""};
    struct sample sample;
    int err;

    if (row->reason)
        return 0;
    tell(s, s->parts[index], round);
    err = sample_take(&s->bench, s->parts[index], s->hooks->interrupted, &sample, &why);
    if (err == -EINTR)
        return err;
    if (err < 0) {
        row->reason = ps_arena_copy(s->arena, why.text);
        return 0;
    }
    row->tests[round] = sample.test * 1e-9;
    row->references[round] = sample.reference * 1e-9;
    return 0;
}

static bool time_is_up(const struct session *s, size_t round)
{
    return round && !s->request->runs && elapsed(s) >= s->request->max_time;
}

/* -ETIME: cut short by the time limit. */
static int run_round(struct session *s, size_t *order, size_t round)
{
    grow(s, round);
    ps_shuffle(&s->rng, order, s->result->row_count);
    for (size_t i = 0; i < s->result->row_count; i++) {
        int err = time_is_up(s, round) ? -ETIME : visit(s, order[i], round);

        if (err < 0)
            return err;
    }
    return 0;
}

/* Something that has not failed, and can be measured here. */
static bool any_left(const struct ps_overhead *r)
{
    for (size_t i = 0; i < r->row_count; i++)
        if (!r->rows[i].reason)
            return true;
    return false;
}

static enum ps_end ending(const struct session *s)
{
    if (!any_left(s->result))
        return PS_END_NOTHING_LEFT;
    return s->request->runs ? PS_END_ROUNDS : PS_END_MAX_TIME;
}

static int run_rounds(struct session *s)
{
    struct ps_overhead *r = s->result;
    size_t *order = ps_arena_array(s->arena, r->row_count, sizeof *order);
    int err = 0;

    for (size_t i = 0; i < r->row_count; i++)
        order[i] = i;
    while (!err && any_left(r) && !time_is_up(s, r->rounds) &&
           !(s->request->runs && r->rounds >= s->request->runs)) {
        err = run_round(s, order, r->rounds);
        r->rounds += !err;
    }
    r->ended_by = err == -EINTR ? PS_END_INTERRUPT : ending(s);
    return err == -EINTR ? err : 0;
}

static int estimate(struct session *s, size_t index)
{
    struct ps_overhead_row *row = &s->result->rows[index];
    size_t n = s->result->rounds;
    double *scratch = ps_arena_array(s->arena, n, sizeof *scratch);
    struct ps_interval i;
    int err = estimate_difference(row->tests, row->references, n, s->request->seed, &i);

    if (err < 0)
        return err;
    row->value = i.value;
    row->low = i.low;
    row->high = i.high;
    row->reference = ps_median(row->references, n, scratch);
    for (size_t k = 0; k < n; k++)
        row->sample_count += isfinite(row->tests[k] - row->references[k]);
    if (row->sample_count < n && !row->reason)
        row->reason = s->parts[index]->none;
    if (!row->sample_count && !row->reason)
        row->reason = "no round was completed";
    return 0;
}

int ps_overhead_measure(const struct ps_overhead_request *q, const struct ps_overhead_hooks *hooks,
                        struct ps_arena *a, struct ps_overhead **out, struct ps_err *e)
{
    struct session s = {.request = q, .hooks = hooks, .arena = a, .start_ns = ps_now_ns()};
    int ended, err = ps_overhead_check(q, e);

    if (err < 0)
        return err;
    s.rng.state = q->seed;
    s.result = ps_arena_alloc(a, sizeof *s.result);
    describe(&s);
    choose_cpus(&s);
    note_cpus(&s);
    add_rows(&s);
    ended = run_rounds(&s);
    for (size_t i = 0; i < s.result->row_count && !err; i++)
        err = estimate(&s, i);
    if (err < 0)
        return ps_fail(e, -err, "out of memory");
    if (s.result->rounds < PS_MIN_ROUNDS && any_left(s.result))
        note(&s, ps_arena_format(a, "Fewer than %d rounds give no intervals.", PS_MIN_ROUNDS));
    s.result->elapsed = elapsed(&s);
    *out = s.result;
    return ended;
}
