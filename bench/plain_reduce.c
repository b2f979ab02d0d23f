/* What a plain pthread program makes of the loop of the `reduce` workload: the yardstick for the
 * strategies. Prints the speedup of two threads, the median over rounds of serial and parallel runs
 * in turn: plain_reduce [SIZE [ROUNDS]] */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "timing.h"

struct share {
    const uint64_t *elements;
    uint64_t begin, end, sum;
};

static __attribute__((noinline, aligned(64))) uint64_t
weighted_sum(const uint64_t *elements, uint64_t begin, uint64_t end, unsigned work)
{
    uint64_t sum = 0;

    for (uint64_t i = begin; i < end; i++) {
        uint64_t z = i * 0x9e3779b97f4a7c15u;

        for (unsigned round = work; round > 0; round--)
            z = (z ^ (z >> 32)) * 0xd6e8feb86659fd93u;
        sum += elements[i] * z;
    }
    return sum;
}

static void *thread_main(void *arg)
{
    struct share *s = arg;

    s->sum = weighted_sum(s->elements, s->begin, s->end, 1);
    return NULL;
}

/* Seconds of one run; one thread is the caller itself. */
static double run(const uint64_t *elements, uint64_t size, int threads, uint64_t *sum)
{
    struct share shares[2] = {{elements, 0, size / (uint64_t)threads, 0},
                              {elements, size / 2, size, 0}};
    pthread_t second;
    double start = now();

    if (threads == 2 && pthread_create(&second, NULL, thread_main, &shares[1])) {
        perror("pthread_create");
        exit(1);
    }
    thread_main(&shares[0]);
    if (threads == 2)
        pthread_join(second, NULL);
    *sum = shares[0].sum + (threads == 2 ? shares[1].sum : 0);
    return now() - start;
}

int main(int argc, char **argv)
{
    uint64_t size = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000, serial_sum, sum;
    size_t rounds = argc > 2 ? strtoull(argv[2], NULL, 10) : 51;
    uint64_t *elements = malloc(size * sizeof *elements);
    double *ratios = malloc(rounds * sizeof *ratios);

    if (!elements || !ratios || !rounds) {
        fprintf(stderr, "plain_reduce: no memory, or no rounds\n");
        return 1;
    }
    for (uint64_t i = 0; i < size; i++)
        elements[i] = i * 0xd1342543de82ef95u + 1;
    for (size_t r = 0; r < rounds; r++) {
        double serial = run(elements, size, 1, &serial_sum);

        ratios[r] = serial / run(elements, size, 2, &sum);
        if (sum != serial_sum) {
            fprintf(stderr, "plain_reduce: sums differ\n");
            return 1;
        }
    }
    printf("%.4f\n", median(ratios, rounds));
    free(elements);
    free(ratios);
    return 0;
}
