/* How often `compare -c OLD -c NEW` is wrong, where rounds go on until there is a verdict: one
 * ratio of wall times, looked at when measuring looks, judged by the functions that parscope judges
 * by.
 *
 * usage: gate_errors [SIMULATIONS [ROUNDS [NOISE]]]     (NOISE: from 1 on, that one alone)
 *
 * Each row is a kind of noise and a true ratio, with the threshold at 5 %: how often the verdict
 * was worse, better, another one or still open after ROUNDS, 1,000, how often the interval at the
 * end held the truth, and the median of the rounds it took. Printed is the table of
 * docs/statistics.md for 1,000 simulations. The exit status is 1 where a wrong verdict or a missed
 * truth is more frequent than 5 %, with what chance allows. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "change.h"
#include "noise.h"
#include "rounds.h"

#define THRESHOLD 0.05
enum { MOST = 1000 };

static const double truths[] = {1.0, 1 + THRESHOLD, 1.1};
#define TRUTHS (sizeof truths / sizeof *truths)

struct outcome {
    enum ps_change verdict;
    bool holds;
    size_t rounds;
};

static struct ps_interval interval_of(const double *old, const double *now, size_t rounds)
{
    struct ps_interval i;

    if (ps_ratio_paired(old, now, rounds, 1, &i) < 0)
        exit(2);
    return ps_widened_ratio(i, ps_family_factor(PS_LOOKS, rounds));
}

static struct outcome compare(enum noise kind, double truth, size_t most, struct ps_rng *rng)
{
    double old[MOST], now[MOST], drift = 1;
    struct noise_series of_old = {0}, of_now = {0};
    struct outcome o = {PS_CHANGE_INCONCLUSIVE, false, 0};
    size_t next = PS_ROUNDS_FIRST_LOOK;

    while (o.rounds < most && o.verdict == PS_CHANGE_INCONCLUSIVE) {
        struct ps_interval i;

        drift = noise_drift(drift, kind, rng);
        old[o.rounds] = drift * noise_execution(&of_old, kind, 0.05, rng);
        now[o.rounds++] = truth * drift * noise_execution(&of_now, kind, 0.05, rng);
        if (o.rounds < next && o.rounds < most)
            continue;
        next = ps_rounds_next_look(o.rounds);
        i = interval_of(old, now, o.rounds);
        o.verdict = ps_judge_ratio(i, THRESHOLD, true);
        o.holds = i.low <= truth && truth <= i.high;
    }
    return o;
}

static int by_size(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return (x > y) - (x < y);
}

/* At the threshold both answers are wrong; a true change is one of more. */
static bool wrong(enum ps_change v, double truth)
{
    if (v == PS_CHANGE_WORSE)
        return truth <= 1 + THRESHOLD;
    return v == PS_CHANGE_BETTER || (v != PS_CHANGE_INCONCLUSIVE && truth >= 1 + THRESHOLD);
}

struct tally {
    size_t verdicts[5], held, wrong, *rounds;
};

/* Three standard deviations of chance above. */
static bool too_many(size_t count, size_t simulations)
{
    double allowed = 0.05 + 3 * sqrt(0.05 * 0.95 / (double)simulations);

    return (double)count > allowed * (double)simulations;
}

static bool tell(enum noise kind, double truth, const struct tally *t, size_t simulations)
{
    const double percent = 100 / (double)simulations;
    size_t known = t->verdicts[PS_CHANGE_SAME] + t->verdicts[PS_CHANGE_NOT_WORSE];
    bool good = kind == NOISE_CORRELATED ||
                !(too_many(t->wrong, simulations) || too_many(simulations - t->held, simulations));

    printf("| %s | %.2f | %.1f %% | %.1f %% | %.1f %% | %.1f %% | %.1f %% | %zu |%s\n",
           noise_names[kind], truth, percent * (double)t->verdicts[PS_CHANGE_WORSE],
           percent * (double)t->verdicts[PS_CHANGE_BETTER], percent * (double)known,
           percent * (double)t->verdicts[PS_CHANGE_INCONCLUSIVE], percent * (double)t->held,
           t->rounds[simulations / 2], good ? "" : " falls short");
    fflush(stdout);
    return good;
}

static bool count(enum noise kind, double truth, size_t simulations, size_t most)
{
    struct ps_rng rng = {.state = 1};
    struct tally t = {.rounds = calloc(simulations, sizeof *t.rounds)};
    bool good;

    if (!t.rounds)
        exit(2);
    for (size_t i = 0; i < simulations; i++) {
        struct outcome o = compare(kind, truth, most, &rng);

        t.verdicts[o.verdict]++;
        t.held += o.holds;
        t.wrong += wrong(o.verdict, truth);
        t.rounds[i] = o.rounds;
    }
    qsort(t.rounds, simulations, sizeof *t.rounds, by_size);
    good = tell(kind, truth, &t, simulations);
    free(t.rounds);
    return good;
}

int main(int argc, char **argv)
{
    size_t simulations = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    size_t most = argc > 2 ? strtoul(argv[2], NULL, 10) : MOST;
    size_t only = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    bool good = simulations > 0 && most <= MOST;

    printf("| noise | truth | worse | better | same, not worse | open | interval holds | rounds |\n"
           "|---|---|---|---|---|---|---|---|\n");
    for (unsigned kind = 0; kind < NOISES && good; kind++)
        for (size_t i = 0; i < TRUTHS && (!only || only == kind + 1); i++)
            good &= count((enum noise)kind, truths[i], simulations, most);
    return !good;
}
