#include "tasks.h"

#include <errno.h>
#include <sys/mman.h>

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
    t->base = base;
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

void ps_tasks_reset(struct ps_tasks *t, struct parscope_worker *abi, bool wanted)
{
    /* relaxed: thieves that see an older word fail, or steal what it says, which was shared. */
    atomic_store_explicit(&t->word, 0, memory_order_relaxed);
    abi->head = t->base;
    set_fence(abi, t->base);
    set_limit(abi, wanted ? t->base : ps_tasks_end(t));
}

bool ps_tasks_share(struct ps_tasks *t, struct parscope_worker *abi)
{
    uint64_t word = atomic_load_explicit(&t->word, memory_order_relaxed), next;
    uint32_t head = (uint32_t)(abi->head - t->base), split = split_of(word);

    set_fence(abi, t->base + split);
    if (split >= head)
        return false;
    /* seq_cst: before the caller looks for sleepers, pairs with ps_tasks_want. */
    __atomic_store_n(&abi->limit, ps_tasks_end(t), __ATOMIC_SEQ_CST);
    next = split + (head - split + 1) / 2;
    for (uint32_t i = split; i < next; i++)
        __atomic_store_n(&t->base[i].done, 0, __ATOMIC_RELAXED);
    /* seq_cst: the release half publishes the tasks; the single order lets the caller look for
     * sleepers next. Only tail can have moved. */
    while (!atomic_compare_exchange_weak_explicit(&t->word, &word,
                                                  pack(tail_of(word), (uint32_t)next),
                                                  memory_order_seq_cst, memory_order_relaxed))
        ;
    set_fence(abi, t->base + next);
    return true;
}

enum ps_tasks_take ps_tasks_take_back(struct ps_tasks *t, struct parscope_worker *abi,
                                      struct parscope_task *task)
{
    uint64_t word = atomic_load_explicit(&t->word, memory_order_relaxed);
    uint32_t index = (uint32_t)(task - t->base), split;

    do {
        if (split_of(word) <= index) { /* others only want work */
            set_fence(abi, t->base + split_of(word));
            return PS_TASKS_OURS;
        }
        if (tail_of(word) > index) {
            set_fence(abi, t->base + split_of(word));
            return PS_TASKS_STOLEN;
        }
        split = tail_of(word) + (index - tail_of(word)) / 2;
        /* relaxed: what the owner takes back it wrote itself. */
    } while (!atomic_compare_exchange_weak_explicit(&t->word, &word, pack(tail_of(word), split),
                                                    memory_order_relaxed, memory_order_relaxed));
    set_fence(abi, t->base + split);
    return PS_TASKS_OURS;
}

void ps_tasks_forget(struct ps_tasks *t, struct parscope_worker *abi, struct parscope_task *task)
{
    uint32_t index = (uint32_t)(task - t->base);

    /* relaxed: nothing is shared, so no thief's exchange can succeed until something is. */
    atomic_store_explicit(&t->word, pack(index, index), memory_order_relaxed);
    set_fence(abi, task);
}

struct parscope_task *ps_tasks_steal(struct ps_tasks *t)
{
    uint64_t word = atomic_load_explicit(&t->word, memory_order_relaxed);

    while (tail_of(word) < split_of(word)) {
        uint32_t tail = tail_of(word);

        __builtin_prefetch(&t->base[tail], 1); /* while the exchange waits for its line */
        /* acquire: pairs with ps_tasks_share. */
        if (atomic_compare_exchange_weak_explicit(&t->word, &word, pack(tail + 1, split_of(word)),
                                                  memory_order_acquire, memory_order_relaxed))
            return &t->base[tail];
    }
    return NULL;
}

void ps_tasks_want(struct ps_tasks *t, struct parscope_worker *abi)
{
    /* seq_cst: after a sleeper has shown itself, so that a request which it sees standing is not
     * one that the owner has answered before it saw the sleeper. */
    if (__atomic_load_n(&abi->limit, __ATOMIC_SEQ_CST) == t->base)
        return;
    set_fence(abi, ps_tasks_end(t));
    /* seq_cst: before a sleeper's last look at what is shared, pairs with ps_tasks_share. */
    __atomic_store_n(&abi->limit, t->base, __ATOMIC_SEQ_CST);
}
