/* What others took from a program. Its threads are gone before they can be asked for their run
 * delay; witnesses are
 *
 *  - the run delay of the processes that were started themselves, read when they have ended and
 *    before they are reaped: all there is to know of a program with one thread;
 *  - of others the busy time of its CPUs by /proc/stat less its own CPU time, beyond the
 *    uncertainty of a tick for each CPU. No more can have been taken than the CPUs had left, nor
 *    than the program's involuntary switches can have cost. Of what ends within half a tick that
 *    tells nothing, and /proc/stat, which is long to read, is not read for it. */
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source.h"
#include "sysfile.h"
#include "ticks.h"

#define MOST_TEXT 65536   /* bytes of /proc/stat; its CPUs come first */
#define FRESH     1000000 /* ns that a reading counts as new: its unit is 10 ms, and it takes 10 us */
#define STALE     20000000 /* ns, likewise, after what was too short to be told anything by it */
#define SLICE     10e-3    /* s that a switch to somebody else takes a CPU away, at most */
#define ALONE     1.05     /* CPU time over wall time of what has one thread at work, at most */

/* user, nice, system, idle, iowait, irq, softirq, steal */
enum { COLUMNS = 8, IDLE = 3, IOWAIT = 4 };

/* The last reading, for all targets. */
struct reading {
    int fd;
    uint64_t at; /* ns; 0: none yet */
    ssize_t got;
    char text[MOST_TEXT];
};

struct state {
    uint64_t fresh; /* ns that a reading counts as new */
    double age;     /* s, of the reading before */
    const struct ps_plan_point *plan;
    struct reading *reading;
    double tick;    /* s */
    cpu_set_t cpus; /* of the point */
    double before;  /* s that they were busy; NaN: not known */
};

static double busy_ticks(const char *at)
{
    double busy = 0;
    uint64_t column;

    for (int i = 0; i < COLUMNS && ps_sysfile_number(&at, &column); i++)
        busy += i == IDLE || i == IOWAIT ? 0 : (double)column;
    return busy;
}

static bool read_stat(struct reading *r, uint64_t now, uint64_t fresh)
{
    if (!r->at || now - r->at > fresh) {
        r->at = now;
        r->got = pread(r->fd, r->text, MOST_TEXT - 1, 0);
        r->text[r->got > 0 ? r->got : 0] = '\0';
    }
    return r->got > 0;
}

static double read_busy(const struct state *st, uint64_t now, uint64_t fresh)
{
    double ticks = 0;

    if (!read_stat(st->reading, now, fresh))
        return NAN;
    for (const char *line = st->reading->text; line && !strncmp(line, "cpu", 3);) {
        const char *at = line + 3;
        uint64_t cpu;

        if (ps_sysfile_number(&at, &cpu) && cpu < CPU_SETSIZE && CPU_ISSET(cpu, &st->cpus))
            ticks += busy_ticks(at);
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    return ticks * st->tick;
}

static void set_cpus(const struct ps_plan_point *p, cpu_set_t *set)
{
    CPU_ZERO(set);
    if (p->cpus[0] < 0)
        sched_getaffinity(0, sizeof *set, set);
    for (unsigned i = 0; i < p->threads; i++)
        if (p->cpus[i] >= 0 && p->cpus[i] < CPU_SETSIZE)
            CPU_SET(p->cpus[i], set);
}

static void *open_stat(struct session *s, struct target *t, void **shared)
{
    struct state *st;

    if (!t->program)
        return NULL;
    if (!*shared) {
        struct reading *r = ps_arena_alloc(s->arena, sizeof *r);

        r->fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
        r->at = 0;
        *shared = r;
    }
    st = ps_arena_alloc(s->arena, sizeof *st);
    st->plan = t->plan;
    st->reading = *shared;
    st->tick = 1 / (double)sysconf(_SC_CLK_TCK);
    st->fresh = FRESH;
    set_cpus(t->plan, &st->cpus);
    return st;
}

static void begin(void *state)
{
    struct state *st = state;
    const uint64_t now = ps_now_ns();

    st->before = read_busy(st, now, st->fresh);
    st->age = (double)(now - st->reading->at) * 1e-9;
}

/* By ticks; at least. */
static double taken(const struct state *st, double use, double doubt, const double *raw)
{
    double left = st->plan->p * raw[PS_RAW_WALL] - raw[PS_RAW_CPU];

    return fmax(0, fmin(fmin(use - doubt, left), raw[PS_RAW_INVOLUNTARY] * SLICE));
}

static void end(void *state, double executions, double *raw)
{
    struct state *st = state;
    const double half = st->tick / 2;
    const bool brief = raw[PS_RAW_WALL] < half;
    double doubt = brief ? INFINITY : (st->tick + st->age) * CPU_COUNT(&st->cpus);
    double after = brief ? st->before : read_busy(st, ps_now_ns(), FRESH), others;
    double use = after - st->before - raw[PS_RAW_CPU];

    st->fresh = brief ? STALE : FRESH; /* what was brief will be again */
    if (isnan(use))
        return;
    others = taken(st, use, doubt, raw);
    raw[PS_RAW_OTHERS_MOST] = others / st->plan->p;
    if (raw[PS_RAW_CPU] <= ALONE * raw[PS_RAW_WALL] && raw[PS_RAW_OTHERS] > 0) {
        double waited = fmin(fmin(raw[PS_RAW_OTHERS], fmax(0, use + doubt)),
                             fmax(0, raw[PS_RAW_WALL] - raw[PS_RAW_CPU]));

        raw[PS_RAW_OTHERS_MOST] = fmax(raw[PS_RAW_OTHERS_MOST], waited);
        others = fmax(others, waited);
    }
    raw[PS_RAW_OTHERS] = others;
}

static void close_stat(void *shared)
{
    const struct reading *r = shared;

    if (r->fd >= 0)
        close(r->fd);
}

const struct source source_cpu_use = {
    .open = open_stat,
    .begin = begin,
    .end = end,
    .close = close_stat,
};
