/* Runs a case under every strategy, with several options, on several numbers of workers. */
#ifndef COMBOS_H
#define COMBOS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "spec.h"
#include "strategy.h"

#include "../tries.h"

#define SLOTS 7 /* the most workers */

/* Where a thread or a process costs many times as much, and what is wrong on a path is seen
 * whenever it is taken: an option is then tried with the most workers alone, a strategy without 3
 * workers, and nothing more than twice; what starts a thread for each item neither with 2, and
 * once. The other builds try all. */
static inline int repeats(int count)
{
    return FEW_TRIES && count > 2 ? 2 : count;
}

static inline bool thread_per_item(const struct ps_strategy *s)
{
    return s->creates_threads && s->per_item;
}

static inline bool is_tried(const struct ps_strategy *s, unsigned workers)
{
    return !FEW_TRIES || workers == 1 || workers == SLOTS || (workers == 2 && !thread_per_item(s));
}

struct combo {
    const char *label;
    struct ps_team *team;
    struct ps_instance *in;
    char *board;      /* memory that workers share with us, also those that are processes */
    size_t used;      /* of it */
    uint64_t many;    /* items that it runs in a moment */
    unsigned regions; /* likewise */
};

typedef void case_fn(struct combo *c);

/* Isolated strategies run in processes of their own here too. */
static bool in_child;

#define GIVE_UP(...)                            \
    do {                                        \
        if (!in_child)                          \
            fail_msg(__VA_ARGS__);              \
        fprintf(stderr, "ERROR: " __VA_ARGS__); \
        _exit(1);                               \
    } while (0)

#define BOARD_SIZE (4u << 20)

/* Zeroed, until the combo ends. */
static inline void *on_board(struct combo *c, size_t bytes)
{
    void *at = c->board + c->used;

    c->used += (bytes + PS_LINE - 1) / PS_LINE * PS_LINE;
    if (c->used > BOARD_SIZE)
        abort();
    return at;
}

/* Beyond each strategy with its defaults. */
static const char *const variants[] = {
    "queue:inflight=1",
    "queue:inflight=8",
    "pool:chunk=3",
    "pool:schedule=dynamic",
    "pool:schedule=dynamic:chunk=5",
    "pool:schedule=guided",
    "pool:schedule=guided:chunk=4",
    "omp:chunk=3",
    "omp:schedule=dynamic:chunk=5",
    "omp:schedule=guided",
    "omp:schedule=tasks:chunk=50",
    "fork:processes=fresh",
    "event-loop:compute=loop",
    "event-loop:inflight=3",
    NULL,
};

static const unsigned worker_counts[] = {1, 2, 3, SLOTS};

static inline _Noreturn void no_memory(void)
{
    abort();
}

/* CPUs that we may use, over and over again. Returns how many different ones. */
static inline unsigned fill_cpus(int cpus[SLOTS])
{
    enum { MAX_CPU = 4096 };
    cpu_set_t *set = CPU_ALLOC(MAX_CPU);
    size_t size = CPU_ALLOC_SIZE(MAX_CPU);
    unsigned found = 0;

    if (!set || sched_getaffinity(0, size, set))
        abort();
    for (int i = 0; i < MAX_CPU && found < SLOTS; i++)
        if (CPU_ISSET_S((size_t)i, size, set))
            cpus[found++] = i;
    for (unsigned i = found; i < SLOTS; i++)
        cpus[i] = cpus[i - found];
    CPU_FREE(set);
    return found;
}

static inline void trial(struct combo *c, const struct ps_probe *probe, ps_trial_fn *fn, void *arg)
{
    int err;

    ps_trial_start(c->in, probe, fn, arg);
    while ((err = ps_trial_wait(c->in, 0)) == -EINTR)
        ;
    if (err)
        GIVE_UP("%s, %u workers: wait gave %d", c->label, c->in->workers, err);
}

/* What instances made from now on work for; without ops: nothing that they know. */
static struct ps_workload_state known_workload;

/* NULL where it refuses the workload. */
static inline struct ps_instance *new_instance(const char *text, struct ps_team *team,
                                               unsigned workers, unsigned cpus)
{
    struct ps_instance_setup setup = {
        .team = team, .workers = workers, .cpus = cpus, .workload = known_workload};
    struct ps_instance *in = NULL;
    const struct ps_strategy *s;
    struct ps_spec *specs;
    struct ps_bounds bounds;
    struct ps_arena a;
    struct ps_err e = {""};
    size_t count;

    ps_arena_init(&a, no_memory);
    if (ps_spec_parse(text, "strategy", &a, &specs, &count, &e) < 0)
        GIVE_UP("%s: %s", text, e.text);
    s = ps_strategy_find(specs[0].name);
    assert_non_null(s);
    if (ps_spec_bind(&specs[0], "strategy", s->params, &a, &bounds, &e) < 0)
        GIVE_UP("%s: %s", text, e.text);
    setup.strategy = s;
    setup.options = bounds.items[0].values;
    if (known_workload.ops && ps_strategy_refuses(s, setup.options, known_workload.ops)) {
        ps_arena_finish(&a);
        return NULL;
    }
    if (ps_instance_create(&setup, &in, &e) < 0)
        GIVE_UP("%s: %s", text, e.text);
    ps_arena_finish(&a);
    return in;
}

/* ThreadSanitizer does not see the barriers inside of OpenMP's runtime, which is not instrumented,
 * and reports races between a region and what follows it. */
static inline bool can_follow(const struct ps_strategy *s)
{
#ifdef __SANITIZE_THREAD__
    return strcmp(s->name, "omp") != 0;
#else
    (void)s;
    return true;
#endif
}

static inline void run_here(const char *text, unsigned workers, unsigned shapes, case_fn *fn)
{
    int cpus[SLOTS];
    unsigned distinct = fill_cpus(cpus);
    struct combo c = {.label = text, .many = 100003, .regions = 300};
    struct ps_err e = {""};

    c.board = mmap(NULL, BOARD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (c.board == MAP_FAILED)
        abort();
    if (ps_team_create(cpus, workers, true, &c.team, &e) < 0)
        GIVE_UP("%s", e.text);
    c.in = new_instance(text, c.team, workers, workers < distinct ? workers : distinct);
    if (!c.in) {
        ps_team_destroy(c.team);
        munmap(c.board, BOARD_SIZE);
        return;
    }
    if (c.in->strategy->creates_threads) {
        c.regions = 20;
        if (c.in->strategy->per_item || c.in->strategy->forks)
            c.many = 97;
    } else if (c.in->strategy->isolated) {
        c.many = 10007; /* its threads may spin where there are more than CPUs */
        c.regions = 50;
    } else if (strstr(text, "inflight=")) {
        c.many = 10007; /* of which many wait for a thread to wake up */
    }
    if (!ps_strategy_refusal(c.in->strategy, shapes) && can_follow(c.in->strategy))
        fn(&c);
    ps_instance_destroy(c.in);
    ps_team_destroy(c.team);
    munmap(c.board, BOARD_SIZE);
}

static inline void run_combo(const char *text, unsigned workers, unsigned shapes, case_fn *fn)
{
    size_t name = strcspn(text, ":");
    int status;
    pid_t pid;

    for (size_t i = 0; ps_strategies[i]; i++) {
        const struct ps_strategy *s = ps_strategies[i];

        if (strlen(s->name) != name || strncmp(s->name, text, name) != 0)
            continue;
        if (!s->shapes) /* not in this build */
            return;
        if (!s->isolated) {
            run_here(text, workers, shapes, fn);
            return;
        }
    }
    pid = fork();
    if (pid < 0)
        abort();
    if (pid == 0) {
        in_child = true;
        run_here(text, workers, shapes, fn);
        _exit(0);
    }
    while (waitpid(pid, &status, 0) < 0)
        ;
    if (status)
        fail_msg("%s, %u workers: its process ended with %d", text, workers, status);
}

static inline void run_variant(const char *text, unsigned workers, unsigned shapes, case_fn *fn)
{
    if (!FEW_TRIES || workers == SLOTS)
        run_combo(text, workers, shapes, fn);
}

static inline void each_combo(unsigned shapes, case_fn *fn)
{
    for (size_t k = 0; k < sizeof worker_counts / sizeof *worker_counts; k++) {
        for (size_t i = 0; ps_strategies[i]; i++)
            if (is_tried(ps_strategies[i], worker_counts[k]))
                run_combo(ps_strategies[i]->name, worker_counts[k], shapes, fn);
        for (size_t i = 0; variants[i]; i++)
            run_variant(variants[i], worker_counts[k], shapes, fn);
        if (known_workload.ops)
            run_variant("fork:transfer=copy", worker_counts[k], shapes, fn);
    }
}

#endif
