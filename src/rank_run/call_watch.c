#include "call_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "call_file.h"
#include "launcher.h"
#include "ticks.h"
#include "which_mpi.h"

#define LIBRARY "libparscope-mpi"

/* Where it was installed, or built; relative to our executable. */
static const char *library_of(const char *mpi, struct ps_arena *a)
{
    static const char *const places[] = {"../" PS_LIBDIR "/parscope", "../rank_run/pmpi"};
    char self[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash;

    if (length < 0)
        return NULL;
    self[length] = '\0';
    slash = strrchr(self, '/');
    if (slash)
        *slash = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *path = ps_arena_format(a, "%s/%s/" LIBRARY "-%s.so", self, places[i], mpi);

        if (access(path, R_OK) == 0)
            return path;
    }
    return NULL;
}

static const char *open_page(struct ps_call_watch *w)
{
    w->file = memfd_create("parscope-mpi", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (w->file < 0 || ftruncate(w->file, sizeof *w->page) < 0 ||
        fcntl(w->file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
        return "no shared memory could be had to record its calls";
    w->page = mmap(NULL, sizeof *w->page, PROT_READ | PROT_WRITE, MAP_SHARED, w->file, 0);
    if (w->page == MAP_FAILED)
        w->page = NULL;
    if (!w->page)
        return "no shared memory could be had to record its calls";
    w->page->magic = PS_CALL_MAGIC;
    return NULL;
}

/* A copy with two variables more, of which the first takes the place of what was there. */
static const char *const *with(const char *const *environment, const char *library, int file,
                               struct ps_arena *a)
{
    const char *before = ps_environment_value(environment, "LD_PRELOAD");
    const char **out;
    size_t count = 0, used = 0;

    while (environment[count])
        count++;
    out = ps_arena_array(a, count + 3, sizeof *out);
    for (size_t i = 0; i < count; i++)
        if (strncmp(environment[i], "LD_PRELOAD=", 11) != 0)
            out[used++] = environment[i];
    out[used++] = ps_arena_format(a, "LD_PRELOAD=%s%s%s", library, before && *before ? ":" : "",
                                  before ? before : "");
    out[used++] = ps_arena_format(a, PS_CALL_VARIABLE "=/proc/%d/fd/%d", (int)getpid(), file);
    return out;
}

/* NULL: it can be loaded. */
static const char *why_not_loaded(const struct ps_rank_program *p, const struct ps_which_mpi *mpi,
                                  const char *library, struct ps_arena *a)
{
    if (p->by_samples)
        return "no library was to be loaded (--by-samples)";
    if (!mpi->name)
        return "which MPI it uses is not known";
    if (!library)
        return ps_arena_format(a, "parscope was built without %s", mpi->name);
    return strpbrk(library, " :") ? "the path of " LIBRARY " has a space or a colon" : NULL;
}

void ps_call_watch_open(struct ps_call_watch *w, const struct ps_rank_program *p,
                        struct ps_arena *a)
{
    const struct ps_which_mpi mpi = ps_which_mpi(p->path, p->words, p->environment, p->launcher);
    const char *library = mpi.folder ? library_of(mpi.folder, a) : NULL;

    *w = (struct ps_call_watch){.file = -1, .environment = p->environment, .arena = a};
    w->reason = why_not_loaded(p, &mpi, library, a);
    if (!w->reason)
        w->reason = open_page(w);
    if (!w->reason)
        w->environment = with(p->environment, library, w->file, a);
    w->certain = mpi.certain && !w->reason;
}

void ps_call_watch_close(struct ps_call_watch *w)
{
    if (w->page)
        munmap(w->page, sizeof *w->page);
    if (w->file >= 0)
        close(w->file);
    *w = (struct ps_call_watch){.file = -1};
}

/* Of a process without MPI: what it does not compute, it waits. */
static void take_alone(struct ps_rank *r)
{
    r->mpi = PS_RANK_MPI_UNUSED;
    r->window = r->wall;
    r->cpu = r->user + r->system;
    r->computing = fmin(r->wall, r->cpu);
    r->useful_instructions = r->instructions;
    r->useful_cycles = r->cycles;
    if (isnan(r->instructions) || isnan(r->cycles))
        r->counts_reason = "this machine offers none, or the kernel doesn't permit them";
}

/* Why the order of calls is not known; NULL: it is in `calls`. */
static const char *take_order(const struct ps_call_watch *w, double tick, const struct ps_rank *r,
                              struct ps_str *calls)
{
    struct ps_call_page *p = w->page;

    p->untold[PS_CALL_WHY - 1] = '\0';
    if (r->mpi != PS_RANK_MPI_WHOLE)
        return "a rank ended before MPI_Finalize";
    if (p->other_threads)
        return "several threads of a rank call MPI";
    if (p->untold[0])
        return ps_arena_format(w->arena, "it is not followed through %s", p->untold);
    return ps_call_file_write(p, r, tick, calls);
}

/* s; the clock of a program that was cut off has gone on since. */
static double tick_of(const struct ps_call_page *p, bool whole)
{
    const struct ps_tick_mark begin = {p->init_ticks, p->init_ns};
    const struct ps_tick_mark end = {p->end_ticks, p->end_ns}, now = {ps_ticks(), ps_now_ns()};

    return ps_tick_ns(begin, whole ? end : now) * 1e-9;
}

static const char *why_not_counted(const struct ps_call_page *p, struct ps_arena *a)
{
    switch (p->count_error) {
    case 0:
        return "a rank ended before MPI_Finalize";
    case PS_CALL_NOT_READABLE:
        return "this machine's counters can't be read in user mode";
    case PS_CALL_NOT_ALONE:
        return "others used the counters too, such as the NMI watchdog of the kernel "
               "(kernel.nmi_watchdog)";
    case ENOENT:
    case ENODEV:
    case ENOSYS:
    case EOPNOTSUPP:
        return "this machine offers none";
    case EACCES:
    case EPERM:
        return "the kernel doesn't permit them (kernel.perf_event_paranoid)";
    default:
        return ps_arena_format(a, "they can't be opened: %s", strerror(p->count_error));
    }
}

static void take_counts(const struct ps_call_watch *w, struct ps_rank *r)
{
    const struct ps_call_count *c = w->page->counts;

    if (!w->page->counted || c[0].inside > c[0].total || c[1].inside > c[1].total) {
        r->counts_reason = why_not_counted(w->page, w->arena);
        return;
    }
    r->useful_instructions = (double)(c[0].total - c[0].inside);
    r->useful_cycles = (double)(c[1].total - c[1].inside);
}

static void take_calls(const struct ps_call_watch *w, uint64_t end_ns, struct ps_rank *r,
                       struct ps_str *calls)
{
    const struct ps_call_page *p = w->page;
    const bool whole = p->finalized && p->end_ns > p->init_ns && p->end_ticks > p->init_ticks;
    const uint64_t end = whole ? p->end_ns : end_ns > p->init_ns ? end_ns : p->init_ns;
    const uint64_t now = ps_ticks();
    const double tick = tick_of(p, whole);
    double inside = 0;

    r->mpi = whole ? PS_RANK_MPI_WHOLE : PS_RANK_MPI_OPEN;
    r->window = (double)(end - p->init_ns) * 1e-9;
    for (size_t k = 0; k < PS_MPI_KINDS; k++) {
        r->use[k] = (struct ps_mpi_use){p->use[k].calls, (double)p->use[k].bytes,
                                        (double)p->use[k].ticks * tick};
        inside += r->use[k].time;
    }
    if (!whole && p->entered && p->entered_kind < PS_MPI_KINDS && now > p->entered)
        inside += (double)(now - p->entered) * tick;
    r->computing = fmax(0, r->window - inside);
    if (whole && p->end_cpu_ns >= p->init_cpu_ns)
        r->cpu = (double)(p->end_cpu_ns - p->init_cpu_ns) * 1e-9;
    r->start_up = whole ? (double)(p->init_cost_ns + p->end_cost_ns) * 1e-9 : NAN;
    r->calls_reason = take_order(w, tick, r, calls);
    take_counts(w, r);
}

void ps_call_watch_read(const struct ps_call_watch *w, uint64_t end_ns, struct ps_rank *r,
                        struct ps_str *calls)
{
    const struct ps_call_page *p = w->page;

    r->mpi = PS_RANK_MPI_UNKNOWN;
    r->window = r->computing = r->cpu = r->start_up = NAN;
    r->useful_instructions = r->useful_cycles = NAN;
    r->counts_reason = NULL;
    r->calls_reason = "there are no calls of MPI";
    if (w->reason)
        r->mpi_reason = w->reason;
    else if (!p->loaded)
        r->mpi_reason = LIBRARY " was not loaded, as in a static program, or one of another user";
    else if (p->unseen)
        r->mpi_reason = "it is called from Fortran, linked in, "
                        "or loaded by the program itself";
    else if (!p->owner || !p->init_ns)
        take_alone(r);
    else
        take_calls(w, end_ns, r, calls);
}
