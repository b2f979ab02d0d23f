/* A program of COUNT threads, each of which does `spin`: 60 ms of CPU time; `uneven`: the first
 * started as long, the others 1.5 ms; `sleep`: 10 times 1 ms and as long a sleep; `short`: nothing,
 * while the main thread alone takes 5 ms. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *kind;

static void compute(clockid_t clock, long ns)
{
    struct timespec begin, now;

    clock_gettime(clock, &begin);
    do
        clock_gettime(clock, &now);
    while ((now.tv_sec - begin.tv_sec) * 1000000000 + now.tv_nsec - begin.tv_nsec < ns);
}

static void *work(void *arg)
{
    if (!strcmp(kind, "spin"))
        compute(CLOCK_THREAD_CPUTIME_ID, 60000000);
    if (!strcmp(kind, "uneven"))
        compute(CLOCK_THREAD_CPUTIME_ID, arg ? 1500000 : 60000000);
    for (int i = 0; i < 10 && !strcmp(kind, "sleep"); i++) {
        compute(CLOCK_THREAD_CPUTIME_ID, 1000000);
        usleep(1000);
    }
    return arg;
}

int main(int count, char **words)
{
    const int threads = count > 2 ? atoi(words[1]) : 1;
    pthread_t ids[64];

    kind = count > 2 ? words[2] : "short";
    if (!strcmp(kind, "short"))
        compute(CLOCK_PROCESS_CPUTIME_ID, 5000000);
    for (int i = 0; i < threads && i < 64; i++)
        if (pthread_create(&ids[i], NULL, work, i ? &ids[0] : NULL) != 0)
            return 1;
    for (int i = 0; i < threads && i < 64; i++)
        pthread_join(ids[i], NULL);
    return 0;
}
