#include "steal.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(offsetof(struct steal_worker, tasks.word) / PS_LINE ==
                   offsetof(struct steal_worker, gate.word) / PS_LINE,
               "one line has the gate and the tasks that are shared");

#define LOOKS_BETWEEN 4 /* at what it waits for, between two at the others' tasks */

/* `stop` is what a worker waits for while it looks for work: `closing`, or `done` of a task. */
static bool stopped(const uint32_t *stop)
{
    /* seq_cst: after taking the parker, if so. Its acquire half pairs with finish_stolen. */
    return __atomic_load_n(stop, __ATOMIC_SEQ_CST);
}

bool steal_work_left(void *ctx)
{
    struct steal *s = ctx;

    for (unsigned i = 0; i < s->base.workers; i++)
        if (ps_tasks_visible(&s->workers[i].tasks))
            return true;
    return false;
}

static void ask_all(struct steal_worker *w)
{
    struct ps_near_walk k = ps_near_walk(&w->steal->base.near, w->abi.slot, NULL);
    unsigned number;

    while (ps_near_next(&k, &number)) {
        struct steal_worker *other = &w->steal->workers[number];

        ps_tasks_want(&other->tasks, &other->abi);
    }
}

static void sleep_until_woken(struct steal_worker *w, uint32_t *stop)
{
    struct steal *s = w->steal;
    bool stay;

    ps_idle_prepare(&s->idle, w->abi.slot);
    if (w->nested < STEAL_MAX_NESTED)
        ask_all(w);
    stay = stopped(stop) || (w->nested < STEAL_MAX_NESTED && steal_work_left(s));
    ps_idle_sleep(&s->idle, w->abi.slot, stay);
}

/* What a thief got, of the nearest victim that has anything. */
struct stolen {
    struct parscope_task *task; /* NULL: nothing found */
    unsigned victim;            /* its number; that in its ABI part lies beside what it writes */
};

static struct stolen find_task(struct steal_worker *w)
{
    struct ps_near_walk k = ps_near_walk(&w->steal->base.near, w->abi.slot, &w->rng);
    unsigned number;

    if (w->nested >= STEAL_MAX_NESTED)
        return (struct stolen){NULL, 0};
    while (ps_near_next(&k, &number)) {
        struct steal_worker *victim = &w->steal->workers[number];
        struct parscope_task *task = ps_tasks_steal(&victim->tasks);

        if (task)
            return (struct stolen){task, number};
        ps_tasks_want(&victim->tasks, &victim->abi);
    }
    return (struct stolen){NULL, 0};
}

static void begin_work(struct steal_worker *w)
{
    if (!ps_account_begin(&w->account, steal_gate(w->steal)))
        return;
    steal_worker_reset(w);
}

/* Without another look at the clock where a range has just ended. */
void steal_end_work(struct steal_worker *w)
{
    ps_account_end_at(&w->account, w->ended ? w->ended : ps_ticks());
    w->ended = 0;
}

/* As soon as done is set, the victim may go on, and the task is gone. */
static void finish_stolen(struct steal_worker *w, struct stolen s)
{
    steal_end_work(w);
    s.task->max_busy = steal_max_busy(w);
    /* seq_cst: before looking at the parker; the release half gives the victim all that was done.
     */
    __atomic_store_n(&s.task->done, 1, __ATOMIC_SEQ_CST);
    ps_idle_wake(&w->steal->idle, s.victim);
}

/* A task leaves `head` wherever it was last slow. */
static void run_stolen(struct steal_worker *w, struct stolen s)
{
    struct parscope_task *head = w->abi.head;

    ps_idle_settle(&w->steal->idle, w->abi.slot);
    if (ps_idle_anyone(&w->steal->idle)) {
        struct steal_worker *victim = &w->steal->workers[s.victim];

        ps_tasks_want(&victim->tasks, &victim->abi);
        ps_tasks_want(&w->tasks, &w->abi);
    }
    begin_work(w);
    w->nested++;
    s.task->run(s.task, &w->abi);
    w->nested--;
    w->abi.head = head;
    finish_stolen(w, s);
}

/* Between regions and in the trial's workers, as opposed to waiting inside a task. */
static bool between_tasks(const struct steal_worker *w)
{
    return w->abi.slot > 0 && !w->nested;
}

static void rest(struct steal_worker *w, uint32_t *stop)
{
    uint64_t before = ps_ticks();

    if (between_tasks(w)) {
        ps_account_leave(&w->account, steal_gate(w->steal));
        sleep_until_woken(w, stop);
        ps_account_awake(&w->account, steal_gate(w->steal));
        return;
    }
    w->account.slot->spin += ps_ticks_between(w->account.mark, before);
    sleep_until_woken(w, stop);
    w->account.mark = ps_ticks();
}

/* Without a region there is nothing to find, and to look takes lines from the caller that it is
 * about to write. */
static bool worth_looking(const struct steal_worker *w)
{
    return !between_tasks(w) || ps_gate_is_open(steal_gate(w->steal));
}

/* Looks only at what it waits for: the other's end, or where none is open a region. */
static void wait_a_moment(const struct steal_worker *w, const uint32_t *stop)
{
    for (unsigned i = 0; i < LOOKS_BETWEEN; i++) {
        ps_cpu_relax();
        if (stopped(stop) || (between_tasks(w) && ps_gate_is_open(steal_gate(w->steal))))
            return;
    }
}

/* The account's mark says since when it looks for work: it has just woken up or ended its work. */
void steal_work_until(struct steal_worker *w, uint32_t *stop)
{
    uint64_t idle_since = w->account.mark;

    while (!stopped(stop)) {
        struct stolen s = worth_looking(w) ? find_task(w) : (struct stolen){NULL, 0};

        if (s.task) {
            run_stolen(w, s);
            idle_since = w->account.mark;
            continue;
        }
        if (between_tasks(w))
            ps_account_watch(&w->account, steal_gate(w->steal));
        if (ps_ticks_between(idle_since, ps_ticks()) < w->steal->base.spin_ticks) {
            wait_a_moment(w, stop);
            continue;
        }
        rest(w, stop);
        idle_since = w->account.mark;
    }
    ps_idle_settle(&w->steal->idle, w->abi.slot);
}

/* The stack above the task is free meanwhile. */
static void await_thief(struct steal_worker *w, struct parscope_task *task)
{
    w->abi.head = task + 1;
    steal_end_work(w);
    steal_work_until(w, &task->done);
    ps_account_resume(&w->account);
    if (task->max_busy > w->max_busy)
        w->max_busy = task->max_busy;
    w->abi.head = task;
    ps_tasks_forget(&w->tasks, &w->abi, task);
}

/* The first tasks that are shared in a region are the caller's: they come with the gate's opening,
 * in one line that goes to the thieves once. All have asked for them. */
static bool share_first(struct steal_worker *w)
{
    w->opened = true;
    ps_gate_open(&w->gate, ps_probed(&w->steal->base), w->account.mark);
    return ps_tasks_show(&w->tasks, &w->abi);
}

static void share_tasks(struct steal_worker *w)
{
    struct steal *s = w->steal;
    bool first = w->abi.slot == 0 && !w->opened;

    if ((first ? share_first(w) : ps_tasks_share(&w->tasks, &w->abi)) && ps_idle_anyone(&s->idle))
        ps_idle_wake_one(&s->idle, w->abi.slot);
}

int steal_forked(struct parscope_worker *abi)
{
    struct steal_worker *w = (struct steal_worker *)abi;

    if (ps_tasks_full(&w->tasks, abi))
        return 0;
    share_tasks(w);
    return 1;
}

static int unforked(struct parscope_worker *abi, struct parscope_task *task)
{
    struct steal_worker *w = (struct steal_worker *)abi;

    if (ps_tasks_take_back(&w->tasks, abi, task) == PS_TASKS_STOLEN) {
        await_thief(w, task);
        return 0;
    }
    if (ps_tasks_wanted(&w->tasks, abi))
        share_tasks(w);
    return 1;
}

/* Of parscope_join(), where it is more than a push. */
static void join(struct parscope_worker *abi, parscope_task_fn *f, void *f_arg, parscope_task_fn *g,
                 void *g_arg)
{
    struct parscope_task *t = abi->head;
    const struct parscope_call_ c = {g, g_arg};
    bool pushed = true;

    abi->joins++;
    t->run = parscope_run_call_;
    memcpy(t->data, &c, sizeof c);
    abi->head = t + 1;
    if (parscope_is_slow(abi, t))
        pushed = steal_forked(abi);
    if (!pushed)
        abi->head = t;
    f(f_arg, abi);
    abi->head = t;
    if (!pushed || parscope_unforked(abi, t))
        g(g_arg, abi);
}

static int init_worker(struct steal *s, unsigned i)
{
    struct steal_worker *w = &s->workers[i];
    int err;

    memset(w, 0, sizeof *w);
    err = ps_tasks_init(&w->tasks);
    if (err < 0)
        return err;
    w->abi = (struct parscope_worker){
        .join = join, .slot = i, .forked = steal_forked, .unforked = unforked};
    w->steal = s;
    steal_worker_reset(w);
    w->rng = (struct ps_rng){i};
    ps_account_init(&w->account, &s->base, i);
    ps_tasks_reset(&w->tasks, &w->abi, true);
    return 0;
}

static void finish_first(struct steal *s, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        ps_tasks_finish(&s->workers[i].tasks);
    free(s->workers);
}

void steal_count_joins(struct steal_worker *w)
{
    w->account.slot->items += w->abi.joins;
    w->abi.joins = 0;
}

int steal_workers_init(struct steal *s)
{
    s->workers = aligned_alloc(PS_LINE, s->base.workers * sizeof *s->workers);
    if (!s->workers)
        return -ENOMEM;
    for (unsigned i = 0; i < s->base.workers; i++) {
        int err = init_worker(s, i);

        if (err < 0) {
            finish_first(s, i);
            return err;
        }
    }
    return 0;
}

void steal_workers_finish(struct steal *s)
{
    finish_first(s, s->base.workers);
}
