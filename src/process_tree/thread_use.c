#include "thread_use.h"

#include <math.h>

#define SHARE 0.05 /* of the looks, and of the CPU time, that threads must have to count */
#define HELPER                                                                        \
    0.5 /* of an even share of the CPU time: those that have less are no more threads \
         */
#define EXCESS     0.5  /* threads more than asked for that are no overlap of helpers */
#define WORKS      0.15 /* of an even share: who has less does not work */
#define BUSY       0.8  /* of the looks in which somebody wants a CPU where threads take turns */
#define OVERLAP    0.25 /* of those, in which more than one may */
#define USES_CPU   0.6  /* of the time, that threads under one lock use together */
#define UNSEEN     0.25 /* CPUs used beyond the threads that were seen: there were more */
#define TAKES_TURN 0.1  /* of the looks that saw one thread alone: another one 2 ms before */

/* What the n busiest leave, as a share. Where the kernel tells no times, all. */
static double beyond(const struct ps_thread_sampler *s, size_t n)
{
    uint64_t sum = 0, left = 0;

    for (size_t i = 0; i < s->rank_count; i++) {
        sum += s->ranks[i];
        left += i < n ? 0 : s->ranks[i];
    }
    return sum ? (double)left / (double)sum : 1;
}

static uint64_t cpu_time(const struct ps_thread_sampler *s)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < s->rank_count; i++)
        sum += s->ranks[i];
    return sum;
}

/* Those with a part of the work that is worth the name, if `asked` share it. */
static size_t workers(const struct ps_thread_sampler *s, size_t asked)
{
    const uint64_t sum = cpu_time(s);
    size_t n = 0;

    while (n < s->rank_count && (double)s->ranks[n] * (double)asked >= WORKS * (double)sum)
        n++;
    return n;
}

static size_t looks_from(const size_t *seen, size_t n)
{
    size_t sum = 0;

    for (; n <= PS_THREAD_SAMPLER_MOST; n++)
        sum += seen[n];
    return sum;
}

static double share_from(const size_t *seen, size_t n, size_t of)
{
    return of ? (double)looks_from(seen, n) / (double)of : 0;
}

/* The most that enough looks, two at least, saw. */
static size_t most_from(const size_t *seen, const size_t *taken, size_t of)
{
    size_t reached = 0, count = 0;

    for (size_t n = PS_THREAD_SAMPLER_MOST; n > 0; n--) {
        reached += seen[n];
        count += taken[n];
        if (count >= 2 && (double)reached >= SHARE * (double)of)
            return n;
    }
    return 0;
}

/* Helpers, which read, write or hand out work, want a CPU at times, but have little of the work. */
static size_t at_once(const struct ps_thread_sampler *s)
{
    size_t n = most_from(s->seen, s->seen_taken, s->looks - s->seen[0]);

    while (n > 1 && beyond(s, n - 1) < fmax(SHARE, HELPER / (double)n))
        n--;
    return n;
}

/* Threads that mostly wait overlap little as well, and want a CPU all the time where others have
 * it; but they use less than one. */
static bool take_turns(const struct ps_thread_sampler *s)
{
    const size_t any = s->looks - s->seen[0];

    return (double)cpu_time(s) >= USES_CPU * (double)s->looked_ns &&
           (double)any >= BUSY * (double)s->looks && share_from(s->seen, 2, any) <= OVERLAP &&
           (double)s->turns >= TAKES_TURN * (double)s->seen[1] && s->turns_taken >= 3;
}

/* How many more than asked for wanted a CPU, on average while any did. */
static double excess(const struct ps_thread_sampler *s, size_t asked)
{
    double sum = 0;

    for (size_t n = asked + 1; n <= PS_THREAD_SAMPLER_MOST; n++)
        sum += (double)s->seen[n] * (double)(n - asked);
    return sum / (double)(s->looks - s->seen[0]);
}

/* Processes that compute one after the other, while those before wait for them; threads of one
 * process that do so wait for each other. */
static bool one_after_the_other(const struct ps_thread_sampler *s, size_t asked)
{
    const size_t any = s->looks - s->seen[0];

    return (double)any >= BUSY * (double)s->looks && share_from(s->seen, 2, any) < SHARE &&
           (double)s->later_ns * (double)asked < WORKS * (double)cpu_time(s);
}

static enum ps_thread_use use_of(const struct ps_thread_sampler *s, size_t at_once, size_t asked)
{
    const bool all_there = most_from(s->alive_seen, s->alive_taken, s->looks) >= asked &&
                           workers(s, asked) >= asked && !one_after_the_other(s, asked);

    if (at_once > asked && excess(s, asked) >= EXCESS)
        return PS_THREADS_MORE;
    if (asked > 1 && workers(s, asked) > 1 && take_turns(s))
        return PS_THREADS_TURNS;
    if (at_once >= asked || all_there)
        return PS_THREADS_AS_ASKED;
    return at_once ? PS_THREADS_FEWER : PS_THREADS_UNKNOWN;
}

struct ps_thread_judgement ps_thread_judge(const struct ps_thread_sampler *s, size_t asked,
                                           double used)
{
    struct ps_thread_judgement j = {.use = PS_THREADS_UNKNOWN};

    if (s->looks < PS_THREAD_SAMPLER_MIN_SEEN)
        return j;
    j.at_once = at_once(s);
    j.above = share_from(s->seen, asked + 1, s->looks - s->seen[0]);
    if (asked)
        j.use = use_of(s, j.at_once, asked);
    ps_thread_doubt(&j, used - (double)j.at_once);
    return j;
}

void ps_thread_doubt(struct ps_thread_judgement *j, double beyond)
{
    if (j->use == PS_THREADS_FEWER && beyond > UNSEEN)
        *j = (struct ps_thread_judgement){.use = PS_THREADS_UNKNOWN};
}
