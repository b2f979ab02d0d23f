/* A program whose child computes for 40 ms of CPU time: `waited` for, or left as a zombie (`left`),
 * or as a process that outlives it (`daemon`); `idle` leaves one that sleeps. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORK 40000000 /* ns */

static void compute(void)
{
    struct timespec t;

    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    while (t.tv_sec == 0 && t.tv_nsec < WORK);
    _exit(0);
}

static void outlive(void (*what)(void))
{
    if (fork() == 0) {
        setsid();
        if (fork())
            _exit(0);
        what();
    }
    wait(NULL);
}

static void sleep_on(void)
{
    for (;;)
        pause();
}

int main(int count, char **words)
{
    const char *way = count > 1 ? words[1] : "";
    siginfo_t info;

    if (!strcmp(way, "daemon"))
        outlive(compute);
    else if (!strcmp(way, "idle"))
        outlive(sleep_on);
    else if (fork() == 0)
        compute();
    else
        waitid(P_ALL, 0, &info, WEXITED | (strcmp(way, "waited") ? WNOWAIT : 0));
    return 0;
}
