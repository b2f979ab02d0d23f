#include "tasks.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

_Static_assert(offsetof(struct ps_tasks, tasks) == PS_LINE, "thieves have lines of their own");

#define STACK_BYTES ((PS_TASKS_CAPACITY + 1) * sizeof(struct parscope_task))

static uint64_t pack(uint32_t tail, uint32_t split)
{
    return tail | (uint64_t)split << 32;
}

static uint32_t tail_of(uint64_t word)
{
    return (uint32_t)word;
}

static uint32_t split_of(uint64_t word)
{
    return (uint32_t)(word >> 32);
}

int ps_tasks_init(struct ps_tasks *t)
{
    void *base = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (base == MAP_FAILED)
        return -ENOMEM;
    t->base = t->tasks = base;
    t->seen = 0;
    t->split = 0;
    atomic_init(&t->word, 0);
    return 0;
}

void ps_tasks_finish(struct ps_tasks *t)
{
    munmap(t->base, STACK_BYTES);
}

/* relaxed, both: they only say that a fork or join has to look more closely. */
static void set_fence(struct parscope_worker *abi, struct parscope_task *at)
{
    __atomic_store_n(&abi->fence, at, __ATOMIC_RELAXED);
}

static void set_limit(struct parscope_worker *abi, struct parscope_task *at)
{
    __atomic_store_n(&abi->limit, at, __ATOMIC_RELAXED);
}

/* Where the split has fallen. A request that stands keeps the fence up, and whoever asks looks at
 * that line: it is not written for nothing. */
static void lower_fence(const struct ps_tasks *t, struct parscope_worker *abi)
{
    struct parscope_task *at = t->base + t->split;

    if (!ps_tasks_wanted(t, abi) && parscope_fence(abi) != at)
        set_fence(abi, at);
}

void ps_tasks_reset(struct ps_tasks *t, struct parscope_worker *abi, bool wanted)
{
    struct parscope_task *end = ps_tasks_end(t), *limit = wanted ? t->base : end;

    t->split = 0;
    abi->head = t->base;
    if (parscope_fence(abi) != (wanted ? end : t->base))
        set_fence(abi, wanted ? end : t->base);
    if (parscope_limit(abi) != limit)
        set_limit(abi, limit);
}

/* Nothing was shared where the word's split is another than the owner's. */
static uint64_t shared_up_to(const struct ps_tasks *t, uint64_t word, uint32_t split)
{
    return pack(split_of(word) == t->split ? tail_of(word) : t->split, split);
}

/* The older half of the private tasks becomes shared. */
static void move_split(struct ps_tasks *t, uint32_t head)
{
    uint32_t split = t->split + (head - t->split + 1) / 2;
    uint64_t word = t->seen;

    for (uint32_t i = t->split; i < split; i++)
        __atomic_store_n(&t->base[i].done, 0, __ATOMIC_RELAXED);
    /* seq_cst: the release half publishes the tasks; the single order lets the caller look for
     * sleepers next. Only tail can have moved. */
    while (!atomic_compare_exchange_weak_explicit(&t->word, &word, shared_up_to(t, word, split),
                                                  memory_order_seq_cst, memory_order_relaxed))
        ;
    t->seen = shared_up_to(t, word, split);
    t->split = split;
}

bool ps_tasks_share(struct ps_tasks *t, struct parscope_worker *abi)
{
    uint32_t head = (uint32_t)(abi->head - t->base);

    if (t->split >= head) {
        lower_fence(t, abi);
        return false;
    }
    /* seq_cst: before the caller looks for sleepers, pairs with ps_tasks_want. */
    __atomic_store_n(&abi->limit, ps_tasks_end(t), __ATOMIC_SEQ_CST);
    move_split(t, head);
    set_fence(abi, t->base + t->split);
    return true;
}

bool ps_tasks_show(struct ps_tasks *t, struct parscope_worker *abi)
{
    uint32_t head = (uint32_t)(abi->head - t->base);

    if (t->split >= head)
        return false;
    move_split(t, head);
    return true;
}

/* Of a task below the owner's split, which is then the word's. */
static enum ps_tasks_take settle_with_thieves(struct ps_tasks *t, uint32_t index)
{
    uint64_t word = atomic_load_explicit(&t->word, memory_order_relaxed), next;

    do {
        t->seen = word;
        if (tail_of(word) > index)
            return PS_TASKS_STOLEN;
        next = pack(tail_of(word), tail_of(word) + (index - tail_of(word)) / 2);
        /* relaxed: what the owner takes back it wrote itself. */
    } while (!atomic_compare_exchange_weak_explicit(&t->word, &word, next, memory_order_relaxed,
                                                    memory_order_relaxed));
    t->seen = next;
    t->split = split_of(next);
    return PS_TASKS_OURS;
}

enum ps_tasks_take ps_tasks_take_back(struct ps_tasks *t, struct parscope_worker *abi,
                                      struct parscope_task *task)
{
    uint32_t index = (uint32_t)(task - t->base);
    enum ps_tasks_take take = PS_TASKS_OURS; /* others only want work */

    if (t->split > index)
        take = settle_with_thieves(t, index);
    lower_fence(t, abi);
    return take;
}

/* Nothing is shared, so no thief's exchange can succeed until something is. */
void ps_tasks_forget(struct ps_tasks *t, struct parscope_worker *abi, struct parscope_task *task)
{
    t->split = (uint32_t)(task - t->base);
    lower_fence(t, abi);
}

struct parscope_task *ps_tasks_steal(struct ps_tasks *t)
{
    uint64_t word = atomic_load_explicit(&t->word, memory_order_relaxed);

    while (tail_of(word) < split_of(word)) {
        uint32_t tail = tail_of(word);

        __builtin_prefetch(&t->tasks[tail], 1); /* while the exchange waits for its line */
        /* acquire: pairs with ps_tasks_share. */
        if (atomic_compare_exchange_weak_explicit(&t->word, &word, pack(tail + 1, split_of(word)),
                                                  memory_order_acquire, memory_order_relaxed))
            return &t->tasks[tail];
    }
    return NULL;
}

void ps_tasks_want(struct ps_tasks *t, struct parscope_worker *abi)
{
    /* seq_cst: after a sleeper has shown itself, so that a request which it sees standing is not
     * one that the owner has answered before it saw the sleeper. */
    if (__atomic_load_n(&abi->limit, __ATOMIC_SEQ_CST) == t->tasks)
        return;
    set_fence(abi, t->tasks + PS_TASKS_CAPACITY);
    /* seq_cst: before a sleeper's last look at what is shared, pairs with ps_tasks_share. */
    __atomic_store_n(&abi->limit, t->tasks, __ATOMIC_SEQ_CST);
}
