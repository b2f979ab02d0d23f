/*
 * Typed tasks: fork-join recursion at the price of a few instructions, for workloads that fork at
 * every call. parscope_join() does the same through function pointers.
 *
 *     static uint64_t fib(PARSCOPE_PLACE, unsigned n);
 *     PARSCOPE_TASK(uint64_t, fib, unsigned);
 *
 *     static uint64_t fib(PARSCOPE_PLACE, unsigned n)
 *     {
 *         uint64_t a, b;
 *
 *         if (n < 2)
 *             return n;
 *         fib_both(PARSCOPE_HERE, n - 1, n - 2, &a, &b);
 *         return a + b;
 *     }
 *
 *     static void root(void *arg, struct parscope_worker *w)
 *     {
 *         *(uint64_t *)arg = fib(PARSCOPE_START(w), 30);
 *     }
 *
 * PARSCOPE_TASK(R, f, A) makes of a function R f(PARSCOPE_PLACE, A) the function
 * f_both(PARSCOPE_HERE, a, b, &ra, &rb), which does ra = f(., a) and rb = f(., b), possibly at the
 * same time, and returns when both are done. a is done by the calling worker, b perhaps by another;
 * it is called directly where nobody took it. PARSCOPE_ACTION(f, A) does the same of a function
 * without a result: f_both(PARSCOPE_HERE, a, b). A and R are at most PARSCOPE_TASK_DATA bytes, and
 * are copied.
 *
 * A place is a worker and the next free task of its stack; it is passed in registers, so that
 * neither a fork nor a join touches the worker unless its strategy wants more than that. It says so
 * by two bounds in struct parscope_worker: a fork at or above `limit` calls forked(), as the stack
 * is full or somebody else wants work; a join below `fence` calls unforked(), as the task may be
 * another worker's by now. In between a fork is a few stores and a join is a comparison.
 */
#ifndef PARSCOPE_TASK_H
#define PARSCOPE_TASK_H

#include <stddef.h>

#include <parscope/workload.h>

#define PARSCOPE_TASK_DATA 40

struct parscope_task {
    void (*run)(struct parscope_task *t, struct parscope_worker *w);
    uint64_t max_busy; /* the strategy's */
    uint32_t done;     /* likewise */
    uint32_t unused;
    uint64_t data[PARSCOPE_TASK_DATA / 8]; /* argument, then result */
};

/* Its memory has no type but that of what was last put there. */
static inline void *parscope_data(struct parscope_task *t)
{
    return t->data;
}

#define PARSCOPE_PLACE struct parscope_worker *parscope_w_, struct parscope_task *parscope_t_
#define PARSCOPE_HERE  parscope_w_, parscope_t_
/* Where a task, that was given its worker, is. */
#define PARSCOPE_START(w) (w), (w)->head

/* The worker of a place (PARSCOPE_HERE), for parscope_join() and its slot. */
static inline struct parscope_worker *parscope_worker_here(struct parscope_worker *w,
                                                           struct parscope_task *head)
{
    w->head = head;
    return w;
}

/* What bounds a fork and a join; the strategy writes them at any time: relaxed, as nothing is read
 * for them. */
static inline const struct parscope_task *parscope_limit(const struct parscope_worker *w)
{
    return __atomic_load_n(&w->limit, __ATOMIC_RELAXED);
}

static inline const struct parscope_task *parscope_fence(const struct parscope_worker *w)
{
    return __atomic_load_n(&w->fence, __ATOMIC_RELAXED);
}

/* The same worker, of which the compiler knows nothing. A typed task goes on with that one alone:
 * else the compiler computes the addresses of both bounds at the beginning of a recursive function
 * and keeps them on its stack, where an address in the instruction costs nothing. */
static inline struct parscope_worker *parscope_same_(struct parscope_worker *w)
{
    __asm__("" : "+r"(w));
    return w;
}

/* Whether a fork is more than putting a task onto the stack. */
static inline int parscope_is_slow(const struct parscope_worker *w, const struct parscope_task *t)
{
    return __builtin_expect(t >= parscope_limit(w), 0);
}

/* After putting the task onto the stack. False: the stack is full, both have to be called. */
static inline int parscope_forked(struct parscope_worker *w, struct parscope_task *t)
{
    w->head = t + 1;
    return w->forked(w);
}

static __attribute__((noinline, cold, unused)) int
parscope_unforked_slowly(struct parscope_worker *w, struct parscope_task *t)
{
    w->head = t;
    return w->unforked(w, t);
}

/* True: nobody took the task, and it has to be called. False: it is done. */
static inline int parscope_unforked(struct parscope_worker *w, struct parscope_task *t)
{
    return __builtin_expect(t >= parscope_fence(w), 1) || parscope_unforked_slowly(w, t);
}

/* ---- Through function pointers ---- */

struct parscope_call_ {
    parscope_task_fn *fn;
    void *arg;
};

static __attribute__((unused)) void parscope_run_call_(struct parscope_task *t,
                                                       struct parscope_worker *w)
{
    struct parscope_call_ c = *(struct parscope_call_ *)parscope_data(t);

    c.fn(c.arg, w);
}

/* See <parscope/workload.h>. Where it is a push and a pop it is done here, so that the compiler
 * sees which functions are called; the worker's own join does the rest. */
static inline void parscope_join(struct parscope_worker *w, parscope_task_fn *f, void *f_arg,
                                 parscope_task_fn *g, void *g_arg)
{
    struct parscope_task *t = w->head;
    struct parscope_call_ *call;

    if (parscope_is_slow(w, t)) {
        w->join(w, f, f_arg, g, g_arg);
        return;
    }
    w->joins++;
    t->run = parscope_run_call_;
    call = (struct parscope_call_ *)parscope_data(t);
    call->fn = g;
    call->arg = g_arg;
    w->head = t + 1;
    f(f_arg, w);
    w->head = t;
    if (parscope_unforked(w, t))
        g(g_arg, w);
}

/* ---- Typed ---- */

#define PARSCOPE_FITS_(type) \
    typedef char parscope_fits_[sizeof(type) <= PARSCOPE_TASK_DATA ? 1 : -1] __attribute__((unused))

/* A strategy without such stacks (w->forked is NULL) gets its join called. */
#define PARSCOPE_TASK(R, f, A)                                                                    \
    struct f##_call_ {                                                                            \
        A a;                                                                                      \
        R r;                                                                                      \
    };                                                                                            \
    static void f##_join_(void *arg, struct parscope_worker *w)                                   \
    {                                                                                             \
        struct f##_call_ *c = (struct f##_call_ *)arg;                                            \
                                                                                                  \
        c->r = f(PARSCOPE_START(w), c->a);                                                        \
    }                                                                                             \
    static void f##_run_(struct parscope_task *t, struct parscope_worker *w)                      \
    {                                                                                             \
        *(R *)parscope_data(t) = f(PARSCOPE_START(w), *(A *)parscope_data(t));                    \
    }                                                                                             \
    static inline                                                                                 \
        __attribute__((always_inline, unused)) void f##_push_(struct parscope_task *t, A a)       \
    {                                                                                             \
        t->run = f##_run_;                                                                        \
        *(A *)parscope_data(t) = a;                                                               \
    }                                                                                             \
    /* 1: forked. 0: both are done. */                                                            \
    static                                                                                        \
        __attribute__((noinline, unused)) int f##_slowly_(PARSCOPE_PLACE, A a, A b, R *ra, R *rb) \
    {                                                                                             \
        struct f##_call_ x, y;                                                                    \
                                                                                                  \
        if (!parscope_w_->forked) {                                                               \
            x.a = a;                                                                              \
            y.a = b;                                                                              \
            parscope_w_->join(parscope_w_, f##_join_, &x, f##_join_, &y);                         \
            *ra = x.r;                                                                            \
            *rb = y.r;                                                                            \
            return 0;                                                                             \
        }                                                                                         \
        f##_push_(parscope_t_, b);                                                                \
        if (parscope_forked(parscope_w_, parscope_t_))                                            \
            return 1;                                                                             \
        *ra = f(PARSCOPE_HERE, a);                                                                \
        *rb = f(PARSCOPE_HERE, b);                                                                \
        return 0;                                                                                 \
    }                                                                                             \
    static inline __attribute__((always_inline, unused)) void f##_both(PARSCOPE_PLACE, A a, A b,  \
                                                                       R *ra, R *rb)              \
    {                                                                                             \
        PARSCOPE_FITS_(A);                                                                        \
        PARSCOPE_FITS_(R);                                                                        \
        R x, y;                                                                                   \
                                                                                                  \
        parscope_w_ = parscope_same_(parscope_w_);                                                \
        if (parscope_is_slow(parscope_w_, parscope_t_)) {                                         \
            if (!f##_slowly_(PARSCOPE_HERE, a, b, &x, &y)) {                                      \
                *ra = x;                                                                          \
                *rb = y;                                                                          \
                return;                                                                           \
            }                                                                                     \
        } else {                                                                                  \
            f##_push_(parscope_t_, b);                                                            \
        }                                                                                         \
        *ra = f(parscope_w_, parscope_t_ + 1, a);                                                 \
        if (parscope_unforked(parscope_w_, parscope_t_))                                          \
            *rb = f(PARSCOPE_HERE, b);                                                            \
        else                                                                                      \
            *rb = *(R *)parscope_data(parscope_t_);                                               \
    }                                                                                             \
    struct parscope_task

#define PARSCOPE_ACTION(f, A)                                                                    \
    static void f##_join_(void *arg, struct parscope_worker *w)                                  \
    {                                                                                            \
        f(PARSCOPE_START(w), *(A *)arg);                                                         \
    }                                                                                            \
    static void f##_run_(struct parscope_task *t, struct parscope_worker *w)                     \
    {                                                                                            \
        f(PARSCOPE_START(w), *(A *)parscope_data(t));                                            \
    }                                                                                            \
    static inline                                                                                \
        __attribute__((always_inline, unused)) void f##_push_(struct parscope_task *t, A a)      \
    {                                                                                            \
        t->run = f##_run_;                                                                       \
        *(A *)parscope_data(t) = a;                                                              \
    }                                                                                            \
    /* 1: forked. 0: both are done. */                                                           \
    static __attribute__((noinline, cold, unused)) int f##_slowly_(PARSCOPE_PLACE, A a, A b)     \
    {                                                                                            \
        if (!parscope_w_->forked) {                                                              \
            parscope_w_->join(parscope_w_, f##_join_, &a, f##_join_, &b);                        \
            return 0;                                                                            \
        }                                                                                        \
        f##_push_(parscope_t_, b);                                                               \
        if (parscope_forked(parscope_w_, parscope_t_))                                           \
            return 1;                                                                            \
        f(PARSCOPE_HERE, a);                                                                     \
        f(PARSCOPE_HERE, b);                                                                     \
        return 0;                                                                                \
    }                                                                                            \
    static inline __attribute__((always_inline, unused)) void f##_both(PARSCOPE_PLACE, A a, A b) \
    {                                                                                            \
        PARSCOPE_FITS_(A);                                                                       \
                                                                                                 \
        parscope_w_ = parscope_same_(parscope_w_);                                               \
        if (parscope_is_slow(parscope_w_, parscope_t_)) {                                        \
            if (!f##_slowly_(PARSCOPE_HERE, a, b))                                               \
                return;                                                                          \
        } else {                                                                                 \
            f##_push_(parscope_t_, b);                                                           \
        }                                                                                        \
        f(parscope_w_, parscope_t_ + 1, a);                                                      \
        if (parscope_unforked(parscope_w_, parscope_t_))                                         \
            f(PARSCOPE_HERE, b);                                                                 \
    }                                                                                            \
    struct parscope_task

#endif
