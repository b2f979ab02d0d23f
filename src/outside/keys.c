/* The keys of env:key=value. One more is a row of the table at the end, and its function. */
#include <ctype.h>
#include <errno.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "taking.h"
#include "units.h"

#define NODES "/sys/devices/system/node/online"

static int take_pin(const struct ps_outside_key *k, struct ps_outside_taking *t)
{
    static const enum ps_placement placements[] = {PS_PLACE_SPREAD, PS_PLACE_COMPACT,
                                                   PS_PLACE_NONE};
    const int which = taking_choice(k, t);

    if (which < 0)
        return which;
    t->o->pins = true;
    t->o->placement = placements[which];
    return 0;
}

/* "dynamic/16": OpenMP's own comma would begin another strategy. */
static int take_omp(const struct ps_outside_key *k, struct ps_outside_taking *t)
{
    const char *slash = strchr(t->value, '/');
    struct ps_outside_taking kind = *t;
    uint64_t chunk;
    int err;

    if (!slash)
        slash = t->value + strlen(t->value);
    kind.value = ps_arena_format(t->arena, "%.*s", (int)(slash - t->value), t->value);
    err = taking_choice(k, &kind);
    if (err >= 0 && *slash)
        err = ps_parse_count(slash + 1, PS_OUTSIDE ": omp: chunk", 1, INT32_MAX, &chunk, t->error);
    if (err < 0)
        return err;
    taking_variable(t, *slash ? ps_arena_format(t->arena, "OMP_SCHEDULE=%s,%llu", kind.value,
                                                (unsigned long long)chunk)
                              : ps_arena_format(t->arena, "OMP_SCHEDULE=%s", kind.value));
    return 0;
}

static int take_wait(const struct ps_outside_key *k, struct ps_outside_taking *t)
{
    static const char *const variables[][3] = {
        {"OMP_WAIT_POLICY=active", "GOMP_SPINCOUNT=infinite", "KMP_BLOCKTIME=infinite"},
        {"OMP_WAIT_POLICY=passive", "GOMP_SPINCOUNT=0", "KMP_BLOCKTIME=0"},
    };
    const int which = taking_choice(k, t);

    for (size_t i = 0; which >= 0 && i < 3; i++)
        taking_variable(t, variables[which][i]);
    return which < 0 ? which : 0;
}

static int take_policy(const struct ps_outside_key *k, struct ps_outside_taking *t)
{
    static const int policies[] = {SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, SCHED_FIFO};
    const int which = taking_choice(k, t);
    struct ps_child_call call = {SYS_sched_setscheduler, .pointer = 2};
    struct sched_param param = {0};

    if (which < 0)
        return which;
    call.arguments[1] = policies[which];
    param.sched_priority = policies[which] == SCHED_FIFO; /* the lowest real-time priority */
    memcpy(call.data, &param, sizeof param);
    call.what = ps_arena_format(t->arena, "sched_setscheduler %s", t->value);
    call.hint =
        "this needs CAP_SYS_NICE, or a limit on real-time priorities that allows it (ulimit -r)";
    taking_call(t, &call);
    return 0;
}

static int take_nice(const struct ps_outside_key *k, struct ps_outside_taking *t)
{
    struct ps_child_call call = {SYS_setpriority, {PRIO_PROCESS, 0}, .pointer = -1};
    char *end;
    long value = strtol(t->value, &end, 10);

    if (!isdigit((unsigned char)t->value[t->value[0] == '-']) || *end || value < -20 || value > 19)
        return taking_refuse(k, t, ERANGE, "must be a whole number from -20 to 19");
    call.arguments[2] = value;
    call.what = ps_arena_format(t->arena, "setpriority %ld", value);
    call.hint = "lowering it needs CAP_SYS_NICE, or a limit that allows it (ulimit -e)";
    taking_call(t, &call);
    return 0;
}

static int take_copies(const struct ps_outside_key *k, struct ps_outside_taking *t)
{
    uint64_t copies;
    int err = 0;

    if (!strcmp(t->value, "cores"))
        copies = t->host->cores;
    else if (!strcmp(t->value, "cpus"))
        copies = t->host->cpus;
    else
        err = ps_parse_count(t->value, PS_OUTSIDE ": copies", 1, PS_OUTSIDE_COPIES, &copies,
                             t->error);
    if (err < 0)
        return err;
    t->o->copies = (unsigned)copies;
    return 0;
}

/* Bits of the nodes that there are, and their number; the first where the system doesn't say. */
static unsigned nodes(uint64_t *bits, size_t words)
{
    unsigned first, last, count = 0;
    FILE *f = fopen(NODES, "re");

    while (f && fscanf(f, "%u", &first) == 1) {
        last = first;
        if (fscanf(f, "-%u", &last) == 1 && last < first)
            break;
        for (unsigned i = first; i <= last && i < 64 * words; i++, count++)
            bits[i / 64] |= 1ull << i % 64;
        if (fgetc(f) != ',')
            break;
    }
    if (f)
        fclose(f);
    if (!count)
        bits[0] = 1;
    return count ? count : 1;
}

static int take_numa(const struct ps_outside_key *k, struct ps_outside_taking *t)
{
    const int which = taking_choice(k, t);
    struct ps_child_call call = {SYS_set_mempolicy, .pointer = -1};
    unsigned count;

    if (which < 0)
        return which;
    count = nodes(call.data, PS_CHILD_CALL_WORDS);
    call.arguments[0] = which ? MPOL_INTERLEAVE : MPOL_LOCAL;
    call.pointer = which ? 1 : -1;
    call.arguments[2] = which ? 64 * PS_CHILD_CALL_WORDS + 1 : 0;
    call.what = ps_arena_format(t->arena, "set_mempolicy %s", t->value);
    call.hint = "the kernel has no memory policies, or they are not allowed here";
    taking_call(t, &call);
    if (count == 1)
        taking_note(
            t, ps_arena_format(t->arena,
                               "numa=%s changes nothing here: this machine has one memory node.",
                               t->value));
    return 0;
}

static int take_thp(const struct ps_outside_key *k, struct ps_outside_taking *t)
{
    const int which = taking_choice(k, t);
    struct ps_child_call call = {SYS_prctl, {PR_SET_THP_DISABLE, which}, .pointer = -1};

    if (which < 0)
        return which;
    call.of_memory = true;
    call.before = prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) == 1;
    call.what = ps_arena_format(t->arena, "prctl PR_SET_THP_DISABLE %d", which);
    call.hint = "the kernel has no huge pages";
    taking_call(t, &call);
    return 0;
}

static int take_set(const struct ps_outside_key *k, struct ps_outside_taking *t)
{
    const char *colon = strchr(t->value, ':');
    const size_t length = strcspn(t->value, ":");

    if (!colon || !length || memchr(t->value, '=', length))
        return taking_refuse(k, t, EINVAL, "expected VARIABLE:VALUE, as in set=OMP_DYNAMIC:true");
    taking_variable(t, ps_arena_format(t->arena, "%.*s=%s", (int)length, t->value, colon + 1));
    return 0;
}

const struct ps_outside_key ps_outside_keys[] = {
    {"pin", "spread|compact|none",
     "where its threads may run: on as many CPUs as threads, one per core first (spread) or a "
     "core's CPUs first (compact), with each OpenMP thread bound to a CPU; or anywhere (none)",
     take_pin},
    {"omp", "static|dynamic|guided",
     "the schedule of OpenMP loops with schedule(runtime); a chunk size can follow, as in "
     "dynamic/16",
     take_omp},
    {"wait", "active|passive", "how OpenMP threads wait: spinning, or asleep", take_wait},
    {"policy", "other|batch|idle|fifo", "its scheduling policy; fifo needs a privilege",
     take_policy},
    {"nice", "N", "its nice value, -20 to 19; lowering it needs a privilege", take_nice},
    {"copies", "N|cores|cpus",
     "run so many copies at once, and measure how much they do together in the same time",
     take_copies},
    {"alloc", "jemalloc|tcmalloc|mimalloc", "the memory allocator, by LD_PRELOAD", take_alloc},
    {"numa", "local|interleave",
     "where its memory is allocated: on the node of the CPU that first touches it, or on all nodes "
     "in turn",
     take_numa},
    {"thp", "on|off", "transparent huge pages: as the system is configured, or none", take_thp},
    {"set", "VARIABLE:VALUE", "any variable of its environment; may be repeated", take_set},
    {NULL},
};
