#include "parents.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "ticks.h"

#define KEPT_NS 20000000 /* it may choose anew */

/* "SigBlk:\t0000000000010000": blocked it is read from a descriptor, or waited for. */
static bool has_signal(const char *line, const char *set)
{
    const size_t length = strlen(set);
    uint64_t signals;

    return !strncmp(line, set, length) && sscanf(line + length, "%" SCNx64, &signals) == 1 &&
           signals >> (SIGCHLD - 1) & 1;
}

static bool is_interrupted(pid_t pid)
{
    char path[32], line[256];
    bool known = false, interrupted = false;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f)) {
        known = known || !strncmp(line, "SigCgt:", strlen("SigCgt:"));
        interrupted = interrupted || has_signal(line, "SigBlk:") || has_signal(line, "SigCgt:");
    }
    if (f)
        fclose(f);
    return !known || interrupted;
}

static bool interrupted(struct ps_parents *p, pid_t pid)
{
    const uint64_t now = ps_now_ns();

    if (p->pid != pid || now - p->time > KEPT_NS) {
        p->pid = pid;
        p->time = now;
        p->interrupted = is_interrupted(pid);
    }
    return p->interrupted;
}

static bool sleeps(const struct ps_timeline_thread *t)
{
    struct ps_wait w;

    return ps_wait_call(t->pid, t->tid, &w) == PS_LOOK_BLOCKED &&
           (w.kind == PS_WAIT_SLEEP || w.kind == PS_WAIT_FUTEX);
}

void ps_parents_see(struct ps_parents *p, const struct ps_timeline_thread *t,
                    enum ps_wait_kind kind)
{
    if (kind == PS_WAIT_CHILD)
        p->waited[(size_t)t->tid % PS_PARENTS_SEEN] = (struct ps_parents_seen){t->tid, t->switches};
}

/* It may have gone on since the end of its child: what counts is what it did then. */
static bool waits(const struct ps_parents *p, const struct ps_timeline_thread *t)
{
    const struct ps_parents_seen *seen = &p->waited[(size_t)t->tid % PS_PARENTS_SEEN];

    return seen->tid == t->tid && seen->switches == t->switches;
}

bool ps_parents_woken(struct ps_parents *p, const struct ps_timeline *t, pid_t pid)
{
    if (interrupted(p, pid))
        return true;
    for (size_t i = 0; i < t->thread_count; i++)
        if (t->threads[i].pid == pid && !t->threads[i].died &&
            (waits(p, &t->threads[i]) || !sleeps(&t->threads[i])))
            return true;
    return false;
}
