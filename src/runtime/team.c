#include "team.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cacheline.h"
#include "crash.h"
#include "park.h"
#include "thread_limits.h"
#include "ticks.h"

/* Address space, of which only what is touched becomes memory. Deep recursion needs more than the
 * few pages that most workers touch; a thousand workers must fit below a `ulimit -v`. */
#define STACK_SIZE (4u << 20)
#define TICK_BASE  1000000u /* ns between the readings that give the length of a tick */

struct member {
    PS_ALIGNED _Atomic uint32_t calls; /* to work, since creation */
    struct ps_team *team;
    unsigned number;
    int cpu;
    _Atomic pid_t tid; /* 0 until it runs */
    pthread_t thread;
};

/* A call: the supervisor writes pending, fn and arg, then raises `calls` of each member in turn.
 * Members lower pending when they are done, and the one that makes it 0 wakes the supervisor. fn
 * and arg are not written again before that. */
struct ps_team {
    unsigned workers;
    unsigned floating; /* the floating member floats over the first so many members' CPUs */
    struct ps_tick_mark created;
    double tick_ns; /* 0: not known yet */
    cpu_set_t *set; /* scratch for the floating member, of set_size bytes */
    size_t set_size;
    ps_member_fn *fn; /* NULL: end */
    void *arg;
    PS_ALIGNED _Atomic uint32_t pending;
    struct member members[]; /* workers + 1 */
};

static void finish_call(struct ps_team *team)
{
    /* release: what the member did is seen by the supervisor's acquire load in ps_team_wait. The
     * acquire half isn't needed (tests/models): an exchange hands on what those before it gave. */
    if (atomic_fetch_sub_explicit(&team->pending, 1, memory_order_acq_rel) == 1)
        ps_futex_wake(&team->pending, 1);
}

static void *member_main(void *arg)
{
    struct member *m = arg;
    struct ps_team *team = m->team;
    struct ps_crash_stack crash;

    /* relaxed: a number that says nothing of other memory. */
    atomic_store_explicit(&m->tid, gettid(), memory_order_relaxed);
    ps_crash_stack_begin(&crash);
    for (uint32_t seen = 0;; seen++) {
        /* acquire: pairs with the release in call_member. */
        while (atomic_load_explicit(&m->calls, memory_order_acquire) == seen)
            ps_futex_sleep(&m->calls, seen);
        if (!team->fn)
            break;
        team->fn(team->arg, m->number);
        finish_call(team);
    }
    ps_crash_stack_end(&crash);
    return NULL;
}

static void call_member(struct member *m)
{
    /* release: the member sees fn and arg. */
    atomic_fetch_add_explicit(&m->calls, 1, memory_order_release);
    ps_futex_wake(&m->calls, 1);
}

/* The CPUs of the members first .. end-1; false where one of them floats. */
static bool fill_set(const struct ps_team *team, unsigned first, unsigned end, cpu_set_t *set)
{
    CPU_ZERO_S(team->set_size, set);
    for (unsigned i = first; i < end; i++) {
        if (team->members[i].cpu < 0)
            return false;
        CPU_SET_S((size_t)team->members[i].cpu, team->set_size, set);
    }
    return true;
}

static int set_affinity(const struct ps_team *team, unsigned member, pthread_attr_t *attr)
{
    bool floating = member == team->workers;
    cpu_set_t *set = malloc(team->set_size);
    int err = 0;

    if (!set)
        return ENOMEM;
    if (fill_set(team, floating ? 0 : member, floating ? team->workers : member + 1, set))
        err = pthread_attr_setaffinity_np(attr, team->set_size, set);
    free(set);
    return err;
}

static int set_attr(const struct ps_team *team, unsigned member, pthread_attr_t *attr)
{
    pthread_attr_t a;
    int err = pthread_attr_init(&a);

    if (err)
        return -err;
    err = pthread_attr_setstacksize(&a, STACK_SIZE);
    if (!err)
        err = set_affinity(team, member, &a);
    if (err) {
        pthread_attr_destroy(&a);
        return -err;
    }
    *attr = a;
    return 0;
}

void ps_team_attrs_free(pthread_attr_t *attrs, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        pthread_attr_destroy(&attrs[i]);
    free(attrs);
}

int ps_team_attrs(const struct ps_team *team, unsigned count, pthread_attr_t **attrs)
{
    pthread_attr_t *a = calloc(count, sizeof *a);

    if (!a)
        return -ENOMEM;
    for (unsigned i = 0; i < count; i++) {
        int err = set_attr(team, i, &a[i]);

        if (err < 0) {
            ps_team_attrs_free(a, i);
            return err;
        }
    }
    *attrs = a;
    return 0;
}

static int create_member(struct ps_team *team, unsigned number)
{
    struct member *m = &team->members[number];
    pthread_attr_t attr;
    int err = set_attr(team, number, &attr);

    if (err < 0)
        return err;
    err = pthread_create(&m->thread, &attr, member_main, m);
    pthread_attr_destroy(&attr);
    return -err;
}

static void end_members(struct ps_team *team, unsigned count)
{
    team->fn = NULL;
    for (unsigned i = 0; i < count; i++)
        call_member(&team->members[i]);
    for (unsigned i = 0; i < count; i++)
        pthread_join(team->members[i].thread, NULL);
}

/* Threads inherit the signal mask of their creator. */
static int create_members(struct ps_team *team, struct ps_err *e)
{
    unsigned count = team->workers + 1, made = 0;
    char why[200] = "";
    sigset_t all, before;
    int err = 0;

    sigfillset(&all);
    ps_crash_unblock(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (made < count && !(err = create_member(team, made)))
        made++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!err)
        return 0;
    if (err == -EAGAIN || err == -ENOMEM)
        ps_limit_of_threads("", why, sizeof why);
    end_members(team, made);
    if (err == -EINVAL && made < team->workers && team->members[made].cpu >= 0)
        return ps_fail(e, EINVAL, "can't run a thread on CPU %d", team->members[made].cpu);
    return ps_fail(e, -err, "can't create %u threads: number %u failed: %s", count, made + 1,
                   *why ? why : strerror(-err));
}

static void free_team(struct ps_team *team)
{
    free(team->set);
    free(team);
}

static struct ps_team *allocate(const int *cpus, unsigned workers, bool pin)
{
    struct ps_team *team =
        aligned_alloc(PS_LINE, sizeof *team + ((size_t)workers + 1) * sizeof(struct member));
    int last = 0;

    if (!team)
        return NULL;
    *team = (struct ps_team){.workers = workers, .floating = workers};
    atomic_init(&team->pending, 0);
    for (unsigned i = 0; i <= workers; i++) {
        struct member *m = &team->members[i];

        *m = (struct member){.team = team, .number = i, .cpu = -1};
        atomic_init(&m->calls, 0);
        atomic_init(&m->tid, 0);
        if (pin && i < workers)
            m->cpu = cpus[i];
        if (m->cpu > last)
            last = m->cpu;
    }
    team->set_size = CPU_ALLOC_SIZE((size_t)last + 1);
    team->set = malloc(team->set_size);
    if (!team->set) {
        free_team(team);
        return NULL;
    }
    return team;
}

int ps_team_create(const int *cpus, unsigned workers, bool pin, struct ps_team **team,
                   struct ps_err *e)
{
    struct ps_team *t = allocate(cpus, workers, pin);
    int err;

    if (!t)
        return ps_fail(e, ENOMEM, "out of memory for %u threads", workers + 1);
    t->created = ps_tick_mark();
    err = create_members(t, e);
    if (err < 0) {
        free_team(t);
        return err;
    }
    *team = t;
    return 0;
}

void ps_team_destroy(struct ps_team *team)
{
    if (!team)
        return;
    end_members(team, team->workers + 1);
    free_team(team);
}

unsigned ps_team_workers(const struct ps_team *team)
{
    return team->workers;
}

int ps_team_cpu(const struct ps_team *team, unsigned member)
{
    return team->members[member].cpu;
}

pid_t ps_team_tid(const struct ps_team *team, unsigned member)
{
    return atomic_load_explicit(&team->members[member].tid, memory_order_relaxed);
}

void ps_team_narrow(struct ps_team *team, unsigned workers)
{
    if (team->floating == workers || !fill_set(team, 0, workers, team->set))
        return;
    if (!pthread_setaffinity_np(team->members[team->workers].thread, team->set_size, team->set))
        team->floating = workers;
}

double ps_team_tick_ns(struct ps_team *team)
{
    struct ps_tick_mark now = ps_tick_mark();

    if (team->tick_ns > 0)
        return team->tick_ns;
    while (now.ns - team->created.ns < TICK_BASE) {
        struct timespec rest = {0, (long)(TICK_BASE - (now.ns - team->created.ns))};

        nanosleep(&rest, NULL);
        now = ps_tick_mark();
    }
    return team->tick_ns = ps_tick_ns(team->created, now);
}

static void prepare_call(struct ps_team *team, unsigned count, ps_member_fn *fn, void *arg)
{
    team->fn = fn;
    team->arg = arg;
    /* relaxed: published by the release in call_member. */
    atomic_store_explicit(&team->pending, count, memory_order_relaxed);
}

void ps_team_start(struct ps_team *team, unsigned first, unsigned count, ps_member_fn *fn,
                   void *arg)
{
    prepare_call(team, count, fn, arg);
    for (unsigned i = first; i < first + count; i++)
        call_member(&team->members[i]);
}

void ps_team_start_floating(struct ps_team *team, unsigned count, ps_member_fn *fn, void *arg)
{
    prepare_call(team, count + 1, fn, arg);
    for (unsigned i = 0; i < count; i++)
        call_member(&team->members[i]);
    call_member(&team->members[team->workers]);
}

int ps_team_wait(struct ps_team *team, uint64_t deadline_ns)
{
    uint64_t limit = deadline_ns ? deadline_ns : PS_FUTEX_NO_LIMIT;
    int err = 0;

    for (;;) {
        /* acquire: pairs with the release in finish_call. */
        uint32_t pending = atomic_load_explicit(&team->pending, memory_order_acquire);

        if (!pending)
            return 0;
        if (err == -ETIMEDOUT || err == -EINTR)
            return err;
        err = ps_futex_wait(&team->pending, pending, limit);
    }
}
