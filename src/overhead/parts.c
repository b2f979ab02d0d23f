#include "parts.h"

#include <string.h>

#include "names.h"

#define LOOP     "the empty loop"
#define READINGS "two readings of the clock"
#define CALLS    "only the calls"
#define DELAY    "a delay alone"

const struct part parts[] = {
    {"clock", "reading the clock", LOOP, part_clock, 1},
    {"thread-clock", "reading a thread's CPU time", LOOP, part_thread_clock, 1},
    {"counter-read", "reading a group of counters", LOOP, part_counter_read, 1},
    {"thread", "creating and joining a thread", LOOP, part_thread, 1},
    {"thread-pinned", "a thread pinned to another CPU", LOOP, part_thread_pinned, 2},
    {"thread-touch", "a thread that touches 64 KiB", LOOP, part_thread_touch, 1},
    {"thread-malloc", "the first malloc of a thread", "a thread without it", part_thread_malloc, 1},
    {"handover-spin", "to a spinning thread and back", "both steps by one thread",
     part_handover_spin, 2},
    {"handover-sleep", "to a sleeping thread and back", "both steps by one thread",
     part_handover_sleep, 1},
    {"wake", "waking a thread just asleep", READINGS, part_wake, 2, .idle = 0},
    {"wake-20us", "waking a thread asleep for 20 us", READINGS, part_wake, 2, .idle = 20e3},
    {"wake-1ms", "waking a thread asleep for 1 ms", READINGS, part_wake, 2, .idle = 1e6},
    {"region-pool", "an empty region of pool", CALLS, part_region, 1, true, "pool"},
    {"region-steal", "an empty region of steal", CALLS, part_region, 1, true, "steal"},
    {"region-omp", "an empty region of omp", CALLS, part_region, 1, true, "omp"},
    {"shared-pool", "a region of pool, 5 us per thread", DELAY, part_shared_region, 2, true,
     "pool"},
    {"shared-steal", "a region of steal, 5 us per thread", DELAY, part_shared_region, 2, true,
     "steal"},
    {"barrier-spin", "a barrier of spinning threads", LOOP, part_barrier_spin, 2, true},
    {"barrier-sleep", "a pthread barrier", LOOP, part_barrier_sleep, 1},
    {"task", "a fork of a recursion", "the recursion with plain calls", part_task, 1},
    {"task-stolen", "a fork whose task is stolen", DELAY, part_steal, 2,
     .none = "no task was stolen"},
    {"process", "forking and reaping a process", LOOP, part_process, 1},
    {"region-fork", "an empty region of fork", CALLS, part_region, 1, .strategy = "fork"},
    {"region-event-loop", "an item via libuv's thread pool", CALLS, part_region, 1,
     .strategy = "event-loop"},
};
const size_t part_total = sizeof parts / sizeof *parts;

int part_check(const char *id, struct ps_err *e)
{
    const char *ids[sizeof parts / sizeof *parts];

    for (size_t i = 0; i < part_total; i++) {
        ids[i] = parts[i].id;
        if (!strcmp(ids[i], id))
            return 0;
    }
    return ps_unknown("part", id, ids, part_total, "'man parscope-overhead' lists them", e);
}

const char *part_refusal(const struct part *p, const struct bench *bench, struct ps_arena *a)
{
    if (bench->cpu_count < p->cpus)
        return "two CPUs are needed, but there is only one";
    if (p->cpu_each && bench->threads > bench->cpu_count)
        return ps_arena_format(a, "%u spinning threads need a CPU each, but only %u %s there",
                               bench->threads, bench->cpu_count,
                               bench->cpu_count == 1 ? "is" : "are");
    return NULL;
}
