/* Two threads that hand over to each other by pipes: hand_over SWITCHES DIVISIONS [FILE]. Each
 * computes for so many divisions before it hands over and blocks. FILE: how long they computed, in
 * s, is appended to it. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static _Thread_local volatile double sink;

struct side {
    int in, out;
    long rounds, divisions;
    double computed; /* s */
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void work(long n)
{
    double sum = 0;

    for (long i = 1; i <= n; i++)
        sum += 1.0 / (double)i;
    sink = sum;
}

static void *hand_over(void *arg)
{
    struct side *s = arg;
    char c;

    for (long i = 0; i < s->rounds; i++) {
        double begin;

        if (read(s->in, &c, 1) != 1)
            abort();
        begin = now();
        work(s->divisions);
        s->computed += now() - begin;
        if (write(s->out, &c, 1) != 1)
            abort();
    }
    return NULL;
}

static int tell(const char *path, double computed)
{
    FILE *f = fopen(path, "a");

    if (!f || fprintf(f, "%.6f\n", computed) < 0)
        return 4;
    return fclose(f) ? 4 : 0;
}

int main(int argc, char **argv)
{
    const long rounds = argc >= 3 ? strtol(argv[1], NULL, 10) / 2 : 0;
    const long divisions = argc >= 3 ? strtol(argv[2], NULL, 10) : 0;
    int there[2], back[2];
    struct side one, two;
    pthread_t thread;

    if (rounds < 1 || pipe(there) || pipe(back))
        return 2;
    one = (struct side){.in = back[0], .out = there[1], .rounds = rounds, .divisions = divisions};
    two = (struct side){.in = there[0], .out = back[1], .rounds = rounds, .divisions = divisions};
    if (write(back[1], "", 1) != 1 || pthread_create(&thread, NULL, hand_over, &two))
        return 3;
    hand_over(&one);
    pthread_join(thread, NULL);
    return argc > 3 ? tell(argv[3], one.computed + two.computed) : 0;
}
