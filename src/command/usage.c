#include "usage.h"

#include <sys/wait.h>

void ps_usage_add(struct ps_child_usage *u, const struct rusage *r)
{
    u->user += (double)r->ru_utime.tv_sec + (double)r->ru_utime.tv_usec * 1e-6;
    u->system += (double)r->ru_stime.tv_sec + (double)r->ru_stime.tv_usec * 1e-6;
    u->voluntary += (uint64_t)r->ru_nvcsw;
    u->involuntary += (uint64_t)r->ru_nivcsw;
    u->minor_faults += (uint64_t)r->ru_minflt;
    u->major_faults += (uint64_t)r->ru_majflt;
    u->disk_read += (uint64_t)r->ru_inblock * 512;
    if ((uint64_t)r->ru_maxrss * 1024 > u->max_rss)
        u->max_rss = (uint64_t)r->ru_maxrss * 1024;
}

void ps_usage_collect(struct ps_child_usage *u)
{
    struct rusage r;
    int status;

    while (wait4(-1, &status, WNOHANG, &r) > 0)
        if (u)
            ps_usage_add(u, &r);
}
