/* Two threads that hand over to each other by pipes: hand_over SWITCHES DIVISIONS. Each computes
 * for so many divisions before it hands over and blocks. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static _Thread_local volatile double sink;

struct side {
    int in, out;
    long rounds, divisions;
};

static void work(long n)
{
    double sum = 0;

    for (long i = 1; i <= n; i++)
        sum += 1.0 / (double)i;
    sink = sum;
}

static void *hand_over(void *arg)
{
    const struct side *s = arg;
    char c;

    for (long i = 0; i < s->rounds; i++) {
        if (read(s->in, &c, 1) != 1)
            abort();
        work(s->divisions);
        if (write(s->out, &c, 1) != 1)
            abort();
    }
    return NULL;
}

int main(int argc, char **argv)
{
    const long rounds = argc == 3 ? strtol(argv[1], NULL, 10) / 2 : 0;
    const long divisions = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    int there[2], back[2];
    struct side one, two;
    pthread_t thread;

    if (rounds < 1 || pipe(there) || pipe(back))
        return 2;
    one = (struct side){back[0], there[1], rounds, divisions};
    two = (struct side){there[0], back[1], rounds, divisions};
    if (write(back[1], "", 1) != 1 || pthread_create(&thread, NULL, hand_over, &two))
        return 3;
    hand_over(&one);
    pthread_join(thread, NULL);
    return 0;
}
