#include "pop.h"

#include <math.h>
#include <string.h>

/* Whether the calls of MPI are known, or that there were none. */
static bool known(const struct ps_rank *r)
{
    return r->mpi != PS_RANK_MPI_UNKNOWN && isfinite(r->computing);
}

/* Threads spin inside MPI on one thread of a rank: that is no work. */
static double thread_efficiency(const struct ps_rank *ranks, size_t count)
{
    double work = 0, room = 0;
    bool threads = false;

    for (size_t i = 0; i < count; i++) {
        const struct ps_rank *r = &ranks[i];

        if (!known(r) || !isfinite(r->cpu) || !isfinite(r->threads))
            return NAN;
        threads |= r->threads > 1;
        work += fmin(fmax(0, r->cpu - (r->window - r->computing)), r->threads * r->computing);
        room += r->threads * r->computing;
    }
    return threads && room > 0 ? work / room : NAN;
}

static double sum_of(const struct ps_rank *ranks, size_t count,
                     double (*get)(const struct ps_rank *r))
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += get(&ranks[i]);
    return sum;
}

static double useful_instructions(const struct ps_rank *r)
{
    return r->useful_instructions;
}

static double useful_cycles(const struct ps_rank *r)
{
    return r->useful_cycles;
}

struct ps_pop ps_pop_of(const struct ps_rank *ranks, size_t count, double ideal)
{
    struct ps_pop p = {.parallel = NAN, .balance = NAN, .communication = NAN};

    for (size_t i = 0; i < count; i++)
        p.known += known(&ranks[i]);
    if (!count || p.known < count)
        p.time = p.sum = NAN;
    for (size_t i = 0; isfinite(p.time) && i < count; i++) {
        p.time = fmax(p.time, ranks[i].window);
        p.sum += ranks[i].computing;
        p.most = fmax(p.most, ranks[i].computing);
    }
    p.mean = p.sum / (double)count;
    if (p.most > 0 && p.time > 0) {
        p.balance = p.mean / p.most;
        p.communication = p.most / p.time;
        p.parallel = p.mean / p.time;
    }
    /* An ideal run is no longer than the real one, and no shorter than what is computed. */
    if (isfinite(ideal) && isfinite(p.parallel))
        ideal = fmin(fmax(ideal, p.most), p.time);
    else
        ideal = NAN;
    p.serialisation = p.most / ideal;
    p.transfer = ideal / p.time;
    p.threads = thread_efficiency(ranks, count);
    p.instructions = sum_of(ranks, count, useful_instructions);
    p.cycles = sum_of(ranks, count, useful_cycles);
    return p;
}

/* reason: of one without a value. */
static void add(struct ps_ranks *out, struct ps_ranks_metric m)
{
    if (isfinite(m.value))
        m.reason = NULL;
    out->metrics = ps_arena_grow(out->arena, out->metrics, out->metric_count, sizeof *out->metrics);
    out->metrics[out->metric_count++] = m;
}

static const char *unknown_mpi(const struct ps_rank *r, struct ps_arena *a)
{
    static const char what[] = "time inside MPI is not known";

    if (!r->mpi_reason)
        return what;
    /* Files of earlier versions have the whole text. */
    return strncmp(r->mpi_reason, what, strlen(what)) != 0
               ? ps_arena_format(a, "%s: %s", what, r->mpi_reason)
               : r->mpi_reason;
}

/* Of the first rank whose time is not known. */
static const char *why_unknown(const struct ps_rank *ranks, size_t count, size_t how_many_known,
                               struct ps_arena *a)
{
    for (size_t i = 0; i < count; i++) {
        const char *why = unknown_mpi(&ranks[i], a);

        if (!known(&ranks[i]))
            return how_many_known ? ps_arena_format(a, "of rank %u, %s", ranks[i].rank, why) : why;
    }
    return "no rank computed";
}

static void add_factors(const struct ps_pop *p, const char *why, const char *why_not_ideal,
                        struct ps_ranks *out)
{
    const char *ideal = isfinite(p->parallel) ? why_not_ideal : why;

    add(out, (struct ps_ranks_metric){"parallel_efficiency", "1", "parallel efficiency",
                                      p->parallel, why, 0});
    add(out, (struct ps_ranks_metric){"load_balance", "1", "load balance", p->balance, why, 1});
    add(out, (struct ps_ranks_metric){"communication_efficiency", "1", "communication efficiency",
                                      p->communication, why, 1});
    add(out, (struct ps_ranks_metric){"serialisation_efficiency", "1", "serialisation",
                                      p->serialisation, ideal, 2});
    add(out,
        (struct ps_ranks_metric){"transfer_efficiency", "1", "transfer", p->transfer, ideal, 2});
    if (isfinite(p->threads))
        add(out, (struct ps_ranks_metric){"thread_efficiency", "1", "threads within ranks",
                                          p->threads, NULL, 0});
}

static double cpu_time(const struct ps_rank *r)
{
    return r->user + r->system;
}

static double instructions(const struct ps_rank *r)
{
    return r->instructions;
}

static double cycles(const struct ps_rank *r)
{
    return r->cycles;
}

static double start_up(const struct ps_rank *r)
{
    return r->start_up;
}

static const char *why_uncounted(const struct ps_rank *ranks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ranks[i].counts_reason)
            return ranks[i].counts_reason;
    return "not counted in all ranks";
}

/* Outside MPI, where c is. */
static void add_useful(const struct ps_pop *p, const char *why, struct ps_ranks *out)
{
    add(out, (struct ps_ranks_metric){"useful_instructions", "1", "instructions outside MPI",
                                      p->instructions, why, 0});
    add(out, (struct ps_ranks_metric){"useful_ipc", "1", "instructions per cycle outside MPI",
                                      p->instructions / p->cycles, why, 0});
    add(out, (struct ps_ranks_metric){"useful_frequency", "Hz", "clock outside MPI",
                                      p->cycles / p->sum, why, 0});
}

void ps_pop_metrics(const struct ps_rank *ranks, size_t count, double ideal,
                    const char *why_not_ideal, struct ps_ranks *out)
{
    const struct ps_pop p = ps_pop_of(ranks, count, ideal);
    const char *why = why_unknown(ranks, count, p.known, out->arena);
    const char *uncounted = "not counted on all nodes";
    const double work = sum_of(ranks, count, cpu_time), n = (double)count;
    const double did = sum_of(ranks, count, instructions), cycled = sum_of(ranks, count, cycles);
    double longest = 0;

    for (size_t i = 0; i < count; i++)
        longest = fmax(longest, ranks[i].wall);
    add_factors(&p, why, why_not_ideal, out);
    add(out, (struct ps_ranks_metric){"time", "s", "time", p.time, why, 0});
    add(out, (struct ps_ranks_metric){"computing", "s", "computing, all ranks", p.sum, why, 0});
    add(out, (struct ps_ranks_metric){"wall_time", "s", "longest process", longest, NULL, 0});
    add(out,
        (struct ps_ranks_metric){"start_up", "s", "in MPI_Init and MPI_Finalize, mean",
                                 sum_of(ranks, count, start_up) / n, "no MPI, or not whole", 0});
    add(out, (struct ps_ranks_metric){"cpu_time", "s", "CPU time, all ranks", work, NULL, 0});
    add(out, (struct ps_ranks_metric){"instructions", "1", "instructions, all ranks", did,
                                      uncounted, 0});
    add(out,
        (struct ps_ranks_metric){"ipc", "1", "instructions per cycle", did / cycled, uncounted, 0});
    add(out, (struct ps_ranks_metric){"frequency", "Hz", "clock", cycled / work, uncounted, 0});
    add_useful(&p, isfinite(p.sum) ? why_uncounted(ranks, count) : why, out);
}
