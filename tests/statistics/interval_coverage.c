/* How often 95 % intervals hold the truth, where rounds are disturbed in ways that machines have.
 *
 * usage: interval_coverage [SIMULATIONS [CASE]]     (CASE: from 1 on, that one alone)
 *
 * Each simulation makes the wall times of a sweep over 1, 2, 4, 8 and 16 threads and its reference,
 * by a law that is known, and estimates what parscope estimates, by the same functions. Printed is
 * a table of coverages, in docs/statistics.md for 1,000 simulations. The exit status is 1 where a
 * coverage falls below what the table of cases asks for; few simulations allow for chance. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "noise.h"
#include "predict.h"
#include "rounds.h"
#include "usl.h"

enum { POINTS = 5, MOST_ROUNDS = 60 };
static const double threads[POINTS] = {1, 2, 4, 8, 16};

static const struct test_case {
    const char *name;
    enum noise noise;
    size_t rounds;
    double stop;  /* half-width of the last speedup at which rounds end, from 10 on; 0: never */
    double least; /* coverage asked for of 1,000 simulations */
} cases[] = {
    {"noise of 2 %", NOISE_PLAIN, 20, 0, 0.93},
    {"the same, 10 rounds", NOISE_PLAIN, 10, 0, 0.93},
    {"the same, ended by precision", NOISE_PLAIN, 60, 0.01, 0.92},
    {"a random walk of 3 % per round", NOISE_DRIFT, 20, 0, 0.93},
    {"50 % longer in 15 %", NOISE_BURSTS, 20, 0, 0.92},
    {"heavy tails", NOISE_TAILS, 20, 0, 0.92},
    {"two clocks, 30 % apart", NOISE_CLOCKS, 40, 0, 0.90},
    {"correlated rounds", NOISE_CORRELATED, 20, 0, 0},
};
#define CASES (sizeof cases / sizeof *cases)

enum figure { SPEEDUP_16, SPEEDUP_2, SERIAL, SIGMA, KAPPA, BEYOND, FIGURES };
static const char *const figures[FIGURES] = {"S(16), E(16)", "S(2), E(2)", "serial fraction",
                                             "USL σ",        "USL κ",      "S(32) expected"};

struct sweep {
    double base[MOST_ROUNDS], times[POINTS * MOST_ROUNDS];
    size_t rounds;
};

static void make(struct sweep *s, const struct test_case *c, const struct ps_usl_fit *truth,
                 struct ps_rng *rng)
{
    struct noise_series own[POINTS + 1] = {0};
    double drift = 1;

    s->rounds = c->rounds;
    for (size_t r = 0; r < s->rounds; r++) {
        drift = noise_drift(drift, c->noise, rng);
        s->base[r] = drift * noise_execution(&own[POINTS], c->noise, 0.02, rng);
        for (size_t i = 0; i < POINTS; i++)
            s->times[i * s->rounds + r] =
                drift * noise_execution(&own[i], c->noise, 0.02, rng) / ps_usl(truth, threads[i]);
    }
}

/* The first rounds alone. */
static void cut(struct sweep *s, size_t rounds)
{
    for (size_t i = 0; i < POINTS; i++)
        memmove(s->times + i * rounds, s->times + i * s->rounds, rounds * sizeof *s->times);
    s->rounds = rounds;
}

static struct ps_interval speedup_of(const struct sweep *s, size_t point, size_t rounds)
{
    double x[MOST_ROUNDS];
    struct ps_interval i = {NAN, NAN, NAN};

    for (size_t r = 0; r < rounds; r++)
        x[r] = s->base[r] / s->times[point * s->rounds + r];
    if (ps_bootstrap_median(x, rounds, 1, &i) < 0)
        exit(2);
    return i;
}

/* As measuring ends by --precision: looked at after 10 rounds, then ever more rarely. */
static void stop(struct sweep *s, const struct test_case *c)
{
    for (size_t rounds = PS_ROUNDS_FIRST_LOOK; c->stop > 0 && rounds < s->rounds;
         rounds = ps_rounds_next_look(rounds)) {
        if (ps_relative_half_width(speedup_of(s, POINTS - 1, rounds)) > c->stop)
            continue;
        cut(s, rounds);
        return;
    }
}

static bool holds(struct ps_interval i, double truth)
{
    return i.low <= truth && truth <= i.high;
}

/* With 32 CPUs. What is refused holds nothing wrong. */
static struct ps_interval expected(const struct sweep *s, struct ps_interval serial,
                                   const struct ps_usl *u, struct ps_interval there)
{
    struct ps_prediction p;
    double speedups[POINTS];

    for (size_t i = 0; i < POINTS; i++)
        speedups[i] = speedup_of(s, i, s->rounds).value;
    p = ps_predict(&(struct ps_curve){threads, speedups, POINTS, serial, u}, 32, there);
    return p.status == PS_PREDICTED ? p.speedup : (struct ps_interval){0, 0, INFINITY};
}

/* Adds 1 to each figure whose interval holds. */
static void simulate(const struct test_case *c, struct ps_rng *rng, size_t *held)
{
    static const struct ps_usl_fit amdahl = {1, 0.1, 0}, usl = {1, 0.05, 0.002};
    static const double beyond[] = {32};
    struct ps_interval speedup, there;
    struct sweep s;
    struct ps_point_times t = {threads, s.times, s.base, POINTS, 0};
    struct ps_amdahl a;
    struct ps_usl u = {.targets = beyond, .target_count = 1, .predicted = &there};

    make(&s, c, &amdahl, rng);
    stop(&s, c);
    t.rounds = s.rounds;
    speedup = speedup_of(&s, POINTS - 1, s.rounds);
    held[SPEEDUP_16] += holds(speedup, ps_usl(&amdahl, threads[POINTS - 1]));
    speedup = speedup_of(&s, 1, s.rounds);
    held[SPEEDUP_2] += holds(speedup, ps_usl(&amdahl, threads[1]));
    if (ps_amdahl_rounds(&t, false, 1, &a) < 0)
        exit(2);
    held[SERIAL] += holds(a.serial_fraction, amdahl.sigma);
    if (ps_usl_rounds(&t, 1, &u) < 0)
        exit(2);
    held[BEYOND] += holds(expected(&s, a.serial_fraction, &u, there), ps_usl(&amdahl, beyond[0]));
    make(&s, c, &usl, rng);
    stop(&s, c);
    t.rounds = s.rounds;
    if (ps_usl_rounds(&t, 1, &u) < 0)
        exit(2);
    held[SIGMA] += holds(u.sigma, usl.sigma);
    held[KAPPA] += holds(u.kappa, usl.kappa);
}

/* Three standard deviations of chance below. */
static double allowed(double least, size_t simulations)
{
    return least - 3 * sqrt(least * (1 - least) / (double)simulations);
}

static bool tell(const struct test_case *c, size_t simulations)
{
    struct ps_rng rng = {.state = 1};
    size_t held[FIGURES] = {0};
    bool good = true;

    for (size_t i = 0; i < simulations; i++)
        simulate(c, &rng, held);
    printf("| %s |", c->name);
    for (unsigned f = 0; f < FIGURES; f++) {
        double coverage = (double)held[f] / (double)simulations;

        good &= coverage >= allowed(c->least, simulations);
        printf(" %.1f %% |", 100 * coverage);
    }
    printf("%s\n", good ? "" : " falls short");
    fflush(stdout);
    return good;
}

int main(int argc, char **argv)
{
    size_t simulations = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    size_t only = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    bool good = simulations > 0;

    printf("| |");
    for (unsigned f = 0; f < FIGURES; f++)
        printf(" %s |", figures[f]);
    printf("\n|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < CASES && simulations; i++)
        if (!only || only == i + 1)
            good &= tell(&cases[i], simulations);
    return !good;
}
