#include "sampled.h"

#include <math.h>
#include <stdlib.h>

#include "mpi_frames.h"

#define NONE "no sample of the rank is inside an MPI that parscope knows"

/* Where a main thread was at some moment. */
struct moment {
    uint64_t time;
    pid_t pid;
    enum ps_mpi_where where;
    bool blocked;
};

struct moments {
    struct moment *all; /* by time */
    size_t count;
};

/* A part of the moments, in seconds. */
struct window {
    size_t first, last; /* up to the one before `last` */
    double begin, end;
};

static void tell(struct ps_symbols *symbols, const size_t *spaces, const struct ps_seen *s,
                 bool blocked, struct moments *m)
{
    const struct ps_stack_seen stack = {&s->registers, s->stack, s->stack_size};
    struct ps_frame frames[PS_FRAMES_MOST];
    size_t count;

    if (s->pid != s->tid)
        return;
    count = ps_symbols_unwind(symbols, spaces[s->space], &stack, frames, PS_FRAMES_MOST);
    m->all[m->count++] = (struct moment){s->time, s->pid, ps_mpi_where(frames, count), blocked};
}

static int by_time(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;

    return x->time < y->time ? -1 : x->time > y->time;
}

/* false: no memory. */
static bool tell_all(struct ps_symbols *symbols, const struct ps_observation *n, struct moments *m)
{
    const struct ps_seen_list *samples = &n->lists[PS_SEEN_SAMPLE],
                              *waits = &n->lists[PS_SEEN_WAIT];
    size_t *spaces = calloc(n->spaces.count + 1, sizeof *spaces);

    m->all = calloc(samples->count + waits->count + 1, sizeof *m->all);
    for (size_t i = 0; spaces && i < n->spaces.count; i++)
        spaces[i] = ps_symbols_add_space(symbols, n->spaces.spaces[i].pid,
                                         n->spaces.spaces[i].mappings, n->spaces.spaces[i].count);
    for (size_t i = 0; spaces && m->all && i < samples->count; i++)
        tell(symbols, spaces, &samples->seen[i], false, m);
    for (size_t i = 0; spaces && m->all && i < waits->count; i++)
        tell(symbols, spaces, &waits->seen[i], true, m);
    if (m->all)
        qsort(m->all, m->count, sizeof *m->all, by_time);
    free(spaces);
    return spaces && m->all;
}

/* The process that is seen in MPI most often; 0: none is. */
static pid_t find_process(const struct moments *m)
{
    size_t most = 0;
    pid_t found = 0;

    for (size_t i = 0; i < m->count; i++) {
        size_t inside = 0;

        if (m->all[i].where == PS_OUTSIDE_MPI || m->all[i].pid == found)
            continue;
        for (size_t k = i; k < m->count; k++)
            inside += m->all[k].pid == m->all[i].pid && m->all[k].where != PS_OUTSIDE_MPI;
        if (inside > most) {
            most = inside;
            found = m->all[i].pid;
        }
    }
    return found;
}

static void keep_process(struct moments *m, pid_t pid)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->count; i++)
        if (m->all[i].pid == pid)
            m->all[kept++] = m->all[i];
    m->count = kept;
}

static double seconds(uint64_t ns)
{
    return (double)ns * 1e-9;
}

/* Between two moments, of which either may be missing. */
static double between(const struct moments *m, size_t i, uint64_t start, uint64_t end)
{
    const uint64_t before = i ? m->all[i - 1].time : start;
    const uint64_t after = i < m->count ? m->all[i].time : end;

    return (seconds(before) + seconds(after)) / 2;
}

static struct window find_window(const struct moments *m, uint64_t start, uint64_t end)
{
    struct window w = {0, m->count, seconds(start), seconds(end)};

    for (size_t i = 0; i < m->count; i++)
        if (m->all[i].where == PS_IN_MPI_INIT)
            w.first = i + 1;
    if (w.first)
        w.begin = between(m, w.first, start, end);
    for (size_t i = m->count; i > w.first; i--)
        if (m->all[i - 1].where == PS_IN_MPI_FINALIZE)
            w.last = i - 1;
    if (w.last < m->count)
        w.end = between(m, w.last, start, end);
    return w;
}

static size_t among(const struct moments *m, const struct window *w, bool blocked, bool inside_only)
{
    size_t count = 0;

    for (size_t i = w->first; i < w->last; i++)
        count +=
            m->all[i].blocked == blocked && (!inside_only || m->all[i].where != PS_OUTSIDE_MPI);
    return count;
}

/* Looks come at random moments: their share of blocked ones is that of the time. What is left of
 * the window the thread had a CPU, or waited for one, and samples share it out. */
static double time_inside(const struct moments *m, const struct window *w, double look_apart)
{
    const double length = w->end - w->begin;
    const double samples = (double)among(m, w, false, false),
                 waits = (double)among(m, w, true, false);
    double blocked = fmin(length, waits * look_apart);

    if (samples == 0)
        blocked = length;
    return (samples > 0 ? (length - blocked) * (double)among(m, w, false, true) / samples : 0) +
           (waits > 0 ? blocked * (double)among(m, w, true, true) / waits : 0);
}

/* Of all threads of the process. */
static double cpu_time(const struct ps_observation *n, pid_t pid, const struct window *w)
{
    const struct ps_seen_list *l = &n->lists[PS_SEEN_SAMPLE];
    size_t count = 0;

    for (size_t i = 0; i < l->count; i++)
        count += l->seen[i].pid == pid && seconds(l->seen[i].time) >= w->begin &&
                 seconds(l->seen[i].time) < w->end;
    return (double)(count * l->step) * n->period;
}

static const char *take(const struct ps_observation *n, struct moments *m, uint64_t start,
                        uint64_t end, struct ps_rank *r)
{
    const pid_t pid = find_process(m);
    const double look_apart =
        n->looks ? seconds(end - start) / (double)n->looks * (double)n->lists[PS_SEEN_WAIT].step
                 : 0;
    struct window w;

    if (!pid)
        return NONE;
    keep_process(m, pid);
    w = find_window(m, start, end);
    if (w.end <= w.begin || w.first == w.last)
        return "there are no samples of it between MPI_Init and MPI_Finalize";
    r->mpi = PS_RANK_MPI_SAMPLED;
    r->window = w.end - w.begin;
    r->computing = fmax(0, r->window - time_inside(m, &w, look_apart));
    r->cpu = cpu_time(n, pid, &w);
    r->start_up = NAN;
    r->useful_instructions = r->useful_cycles = NAN;
    r->counts_reason = "the time inside MPI is known by samples alone";
    r->calls_reason = "the time inside MPI is known by samples alone";
    return NULL;
}

/* Waits that are not seen would count as computing. */
static const char *why_unseen(const struct ps_observation *n)
{
    if (n->timeline.most_alive > PS_OBSERVED_THREADS)
        return "it has more threads than can be looked at";
    return n->hidden > n->looks / 10 ? "the system does not permit looking at what it waits for"
                                     : NULL;
}

/* Symbols are not worth loading for what has no MPI. */
static bool has_mpi(const struct ps_observation *n)
{
    for (size_t i = 0; i < n->spaces.count; i++) {
        const struct ps_space *s = &n->spaces.spaces[i];

        for (size_t k = 0; k < s->count; k++)
            if (s->mappings[k].inode && ps_mpi_in_file(s->mappings[k].path))
                return true;
    }
    return false;
}

const char *ps_sampled_take(const struct ps_observation *n, uint64_t start, uint64_t end,
                            struct ps_rank *r)
{
    struct ps_symbols *symbols;
    struct ps_err ignored = {""};
    struct moments m = {NULL, 0};
    const char *why;

    if (!has_mpi(n))
        return NONE;
    why = why_unseen(n);
    if (why)
        return why;
    if (ps_symbols_create(&symbols, &ignored) < 0)
        return "parscope can't read symbols here";
    why = tell_all(symbols, n, &m) ? take(n, &m, start, end, r) : "out of memory";
    ps_symbols_destroy(symbols);
    free(m.all);
    return why;
}
