/* A new process. It is forked from the sample's own, which is as large as parscope. */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parts.h"
#include "ticks.h"

static int fork_and_wait(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    if (pid < 0)
        return errno;
    while (waitpid(pid, NULL, 0) < 0)
        if (errno != EINTR)
            return errno;
    return 0;
}

static double processes(void *arg, uint64_t reps)
{
    int *err = arg;
    uint64_t start = ps_now_ns();

    for (uint64_t i = 0; i < reps && !*err; i++)
        *err = fork_and_wait();
    return (double)(ps_now_ns() - start) / (double)reps;
}

int part_process(const struct bench *bench, const struct part *p, struct sample *out,
                 struct ps_err *e)
{
    int err = bench_float(bench, e);

    if (err < 0)
        return err;
    bench_compare(processes, bench_empty, &err, out);
    return err ? ps_fail(e, err, "can't fork: %s", strerror(err)) : 0;
}
