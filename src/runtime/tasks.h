/*
 * A worker's stack of tasks, of which others may steal the oldest: a split deque, after van Dijk
 * and van de Pol, "Lace: Non-blocking Split Deque for Work-Stealing" (2014), with the settling of
 * all that is shared left to one word.
 *
 *     base          tail          split                head        end
 *      | done by     | shared: for  | private: the       | free      |
 *      | thieves     | thieves      | owner's alone      |           |
 *
 * The owner pushes and pops at head (<parscope/task.h>), which costs no atomic operation and no
 * fence as long as it stays above split: nobody else looks there. `word` holds tail and split as
 * indices. Thieves raise tail by compare-and-swap, the owner moves split by compare-and-swap, so
 * that for every task one of them wins. A word may come back to a value that it had (head falls and
 * rises again): that is harmless, because a thief reads the task only after its exchange has
 * succeeded, and an index between tail and split is a task to be done whenever that is.
 *
 * Where all that was shared has been stolen and is done, the owner alone knows how far its stack
 * has fallen since: the word keeps tail = split, which gives thieves nothing, until tasks are
 * shared anew. So of a task that is shared, stolen and done the owner writes the word once.
 *
 * What makes the owner share more, or take something back, is the two limits in its ABI part:
 * `limit` is the stack's end, or its base where others want work, so that the next fork is slow;
 * `fence` is the split, or the end where others want work, so that the next join is slow. Thieves
 * that found nothing write both (ps_tasks_want). The fence may be too high, never too low.
 *
 *               share, show, take_back,      steal, visible, want
 *               forget, reset
 *     owner     yes                          no (visible: yes)
 *     others    no                           yes, any number at once
 */
#ifndef PS_TASKS_H
#define PS_TASKS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <parscope/task.h>

#include "cacheline.h"

/* Nested forks of one worker; deeper ones run inline. */
#define PS_TASKS_CAPACITY 8192

struct ps_tasks {
    /* The owner's alone. */
    struct parscope_task *base; /* PS_TASKS_CAPACITY + 1: a push comes before it is refused */
    uint64_t seen;              /* the word as it was last, perhaps: settled by an exchange */
    uint32_t split;             /* that of the word, or below it where nothing is shared */
    char apart[PS_LINE - 20];

    /* Of the thieves, too. At the end, so that the user may put into the same line what they look
     * at before. */
    struct parscope_task *tasks; /* base */
    _Atomic uint64_t word;
};

/* -ENOMEM. Only what is used of the stack becomes memory. */
int ps_tasks_init(struct ps_tasks *t);
void ps_tasks_finish(struct ps_tasks *t);

/* Empties it, with nothing shared, and sets the ABI part's limits; forks are slow from the first on
 * where `wanted`. */
void ps_tasks_reset(struct ps_tasks *t, struct parscope_worker *abi, bool wanted);

static inline struct parscope_task *ps_tasks_end(const struct ps_tasks *t)
{
    return t->base + PS_TASKS_CAPACITY;
}

static inline bool ps_tasks_full(const struct ps_tasks *t, const struct parscope_worker *abi)
{
    return abi->head > ps_tasks_end(t);
}

/* Whether somebody asked for work since it was last shared. */
static inline bool ps_tasks_wanted(const struct ps_tasks *t, const struct parscope_worker *abi)
{
    return __atomic_load_n(&abi->limit, __ATOMIC_RELAXED) != ps_tasks_end(t);
}

/* Lets others have the older half of the private tasks. False where there is none. The request
 * counts as answered from before that on, so that one which comes later stays. */
bool ps_tasks_share(struct ps_tasks *t, struct parscope_worker *abi);
/* The same, once, after a reset with `wanted`: the request stands, and the next fork or join looks
 * again. So no line is written that thieves look at but that of the word. */
bool ps_tasks_show(struct ps_tasks *t, struct parscope_worker *abi);

enum ps_tasks_take {
    PS_TASKS_OURS,   /* the task has been private, or is again */
    PS_TASKS_STOLEN, /* a thief has it */
};

/* For the task that was just popped, below the fence. */
enum ps_tasks_take ps_tasks_take_back(struct ps_tasks *t, struct parscope_worker *abi,
                                      struct parscope_task *task);
/* When the thief is done with the task that was popped last. */
void ps_tasks_forget(struct ps_tasks *t, struct parscope_worker *abi, struct parscope_task *task);

/* The oldest shared task, or NULL where there is none. */
struct parscope_task *ps_tasks_steal(struct ps_tasks *t);

/* Sees every task that was shared before, in the single order of seq_cst. */
static inline bool ps_tasks_visible(struct ps_tasks *t)
{
    uint64_t word = atomic_load_explicit(&t->word, memory_order_seq_cst);

    return (uint32_t)word < (uint32_t)(word >> 32);
}

/* Asks the owner to share. */
void ps_tasks_want(struct ps_tasks *t, struct parscope_worker *abi);

#endif
