/* Several groups of events, on a made-up PMU. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "counters.h"
#include "event_sets.h"
#include "page.h"
#include "perf.h"

#define MOST_FDS 256
#define SLICE    50  /* ns that events are on the PMU before others take their turn */
#define READ_NS  100 /* that a reading takes */

enum { CORE = 4, ATOM = 10 }; /* types of the PMUs of a hybrid CPU */

/* An event by its descriptor, which is a real one, so that its closing is seen. */
struct fake_event {
    struct perf_event_attr attr;
    int leader; /* descriptor */
    bool live;  /* as of look() */
    bool started, lost, running;
    uint64_t value, enabled_ns, running_ns;
    struct perf_event_mmap_page page;
};

struct pmu {
    size_t counters, reserved; /* by somebody else who has priority */
    bool hybrid;
    unsigned kind; /* type of the core that the thread is on */
    unsigned missing_kind;
    bool user_reads, map_fails;
    unsigned maps, unmaps, reads, user_counters;
    uint64_t now, turn;
    struct fake_event events[MOST_FDS];
    int live[MOST_FDS]; /* descriptors of those that live, in order */
    size_t live_count;
};

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static bool lives(const struct pmu *p, int fd)
{
    return p->events[fd].attr.size && is_open(fd);
}

/* Nothing is opened or closed while time passes: the system is asked once, not in each slice. */
static void look(struct pmu *p)
{
    p->live_count = 0;
    for (int fd = 0; fd < MOST_FDS; fd++) {
        p->events[fd].live = lives(p, fd);
        if (p->events[fd].live)
            p->live[p->live_count++] = fd;
    }
}

static bool leads(const struct pmu *p, int fd)
{
    const struct fake_event *e = &p->events[fd];

    return e->live && e->leader == fd && e->started && !e->lost;
}

/* How much happens in a ns. */
static uint64_t rate(const struct perf_event_attr *attr)
{
    return 3 + (attr->config & 0xff);
}

static size_t hardware_members(const struct pmu *p, int leader)
{
    size_t n = 0;

    for (size_t i = 0; i < p->live_count; i++) {
        const struct fake_event *e = &p->events[p->live[i]];

        n += e->leader == leader && ps_attr_hardware(&e->attr);
    }
    return n;
}

static unsigned kind_of(const struct perf_event_attr *attr)
{
    if (attr->type == PERF_TYPE_HARDWARE || attr->type == PERF_TYPE_HW_CACHE)
        return (unsigned)(attr->config >> 32);
    return attr->type;
}

/* A group of another kind of core waits; its events are not lost. */
static bool is_elsewhere(const struct pmu *p, int leader)
{
    const struct perf_event_attr *attr = &p->events[leader].attr;

    return p->hybrid && ps_attr_hardware(attr) && kind_of(attr) != p->kind;
}

static void set_running(struct pmu *p, int leader, bool running)
{
    for (size_t i = 0; i < p->live_count; i++) {
        struct fake_event *e = &p->events[p->live[i]];

        if (e->leader != leader)
            continue;
        e->running = running;
        e->page.index = running ? (uint32_t)p->live[i] + 1 : 0;
    }
}

static size_t schedule_one(struct pmu *p, int leader, size_t left)
{
    const size_t needed = hardware_members(p, leader);
    const bool fits = needed <= left && !is_elsewhere(p, leader);

    set_running(p, leader, fits);
    if (!fits && !is_elsewhere(p, leader) && p->events[leader].attr.pinned)
        p->events[leader].lost = true;
    return fits ? left - needed : left;
}

static void schedule(struct pmu *p)
{
    size_t left = p->counters - p->reserved;
    int flexible[MOST_FDS], count = 0;

    for (size_t i = 0; i < p->live_count; i++) {
        const int fd = p->live[i];

        if (!leads(p, fd))
            continue;
        if (p->events[fd].attr.pinned || !hardware_members(p, fd))
            left = schedule_one(p, fd, left);
        else
            flexible[count++] = fd;
    }
    for (int i = 0; i < count; i++)
        left = schedule_one(p, flexible[(p->turn + (uint64_t)i) % (uint64_t)count], left);
}

static void pass(struct pmu *p, uint64_t ns)
{
    look(p);
    for (; ns >= SLICE; ns -= SLICE) {
        p->turn++;
        p->now += SLICE;
        schedule(p);
        for (size_t i = 0; i < p->live_count; i++) {
            struct fake_event *e = &p->events[p->live[i]];

            if (!leads(p, e->leader))
                continue;
            e->enabled_ns += SLICE;
            e->running_ns += e->running ? SLICE : 0;
            e->value += e->running ? SLICE * rate(&e->attr) : 0;
        }
    }
}

static int pmu_open(void *arg, struct perf_event_attr *attr, int group)
{
    struct pmu *p = arg;
    int fd;

    look(p);
    if (attr->exclude_kernel && ps_attr_kernel_only(attr))
        return -EINVAL;
    if (p->missing_kind && ps_attr_hardware(attr) && kind_of(attr) == p->missing_kind)
        return -ENOENT;
    if (group >= 0 && ps_attr_hardware(attr) && hardware_members(p, group) >= p->counters)
        return -EINVAL;
    fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_in_range(fd, 0, MOST_FDS - 1);
    p->events[fd] = (struct fake_event){
        .attr = *attr, .leader = group < 0 ? fd : group, .started = !attr->disabled};
    p->events[fd].page = (struct perf_event_mmap_page){
        .cap_bit0_is_deprecated = 1,
        .cap_usr_rdpmc = p->user_reads,
        .cap_user_time = p->user_reads,
        .pmc_width = 48,
        .time_mult = 1,
    };
    return fd;
}

static int pmu_start(void *arg, int leader)
{
    struct pmu *p = arg;

    p->events[leader].started = true;
    p->events[leader].page.time_offset = -p->now;
    look(p);
    schedule(p);
    return 0;
}

static ssize_t pmu_read(void *arg, int fd, void *buffer, size_t size)
{
    struct pmu *p = arg;
    uint64_t record[3 + PS_MAX_EVENTS] = {0, p->events[fd].enabled_ns, p->events[fd].running_ns};

    assert_true(lives(p, fd) && p->events[fd].leader == fd);
    if (p->events[fd].lost)
        return 0;
    for (int i = 0; i < MOST_FDS; i++) {
        if (lives(p, i) && p->events[i].leader == fd)
            record[3 + record[0]++] = p->events[i].value;
    }
    memcpy(buffer, record, (3 + record[0]) * sizeof record[0]);
    p->reads++;
    pass(p, READ_NS);
    return (ssize_t)((3 + record[0]) * sizeof record[0]);
}

static const volatile struct perf_event_mmap_page *pmu_map(void *arg, int fd)
{
    struct pmu *p = arg;

    if (p->map_fails)
        return NULL;
    p->maps++;
    return &p->events[fd].page;
}

static void pmu_unmap(void *arg, const volatile struct perf_event_mmap_page *page)
{
    struct pmu *p = arg;

    p->unmaps++;
}

static uint64_t pmu_counter(void *arg, unsigned number)
{
    struct pmu *p = arg;

    p->user_counters++;
    return p->events[number].value & ((UINT64_C(1) << 48) - 1);
}

static uint64_t pmu_stamp(void *arg)
{
    return ((struct pmu *)arg)->now;
}

struct fixture {
    struct ps_arena arena;
    struct pmu pmu;
    struct ps_perf perf;
    struct ps_counters *counters;
    const struct ps_event *events;
    size_t count;
    struct ps_counter_group *group;
    unsigned levels;
};

static int setup(void **state)
{
    struct fixture *f = fixture_new(state, sizeof *f);

    f->pmu.counters = 4;
    f->perf = (struct ps_perf){
        .open = pmu_open,
        .start = pmu_start,
        .read = pmu_read,
        .arg = &f->pmu,
        .paranoid = 1,
        .pmu = PS_PMU_PRESENT,
        .map = pmu_map,
        .unmap = pmu_unmap,
        .counter = pmu_counter,
        .stamp = pmu_stamp,
        .turn = 4e-3,
    };
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    ps_group_destroy(f->group);
    assert_int_equal(f->pmu.maps, f->pmu.unmaps);
    for (int fd = 0; fd < MOST_FDS; fd++)
        assert_false(lives(&f->pmu, fd)); /* nothing is left open */
    return fixture_end(state);
}

static void open_list(struct fixture *f, const char *text)
{
    struct ps_event_request request = {.levels = f->levels};

    if (text)
        assert_int_equal(ps_events_split(text, &f->arena, &request.extra, NULL), 0);
    assert_int_equal(ps_counters_open_with(&f->perf, &f->arena, &request, &f->counters, NULL), 0);
    f->count = ps_counters_events(f->counters, &f->events);
    assert_int_equal(ps_group_create(f->counters, &f->group), 0);
}

static size_t find(const struct fixture *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++) {
        if (!strcmp(f->events[i].name, name))
            return i;
    }
    fail_msg("no event %s", name);
    return 0;
}

static void count_for(struct fixture *f, uint64_t ns)
{
    ps_group_begin(f->group);
    pass(&f->pmu, ns);
    ps_group_end(f->group);
}

/* Which events are scheduled together: "a,b c": two sets. */
static void assert_sets(const struct fixture *f, const char *expected)
{
    const struct ps_counters *c = f->counters;
    char text[512] = "";

    for (size_t s = 0; s < c->set_count; s++) {
        for (size_t i = c->sets[s].first; i < c->sets[s].first + c->sets[s].count; i++) {
            strcat(text, i > c->sets[s].first ? "," : s ? " " : "");
            strcat(text, c->events[c->order[i]].name);
        }
        strcat(text, c->sets[s].pinned ? "!" : "");
    }
    assert_string_equal(text, expected);
}

static double share(const struct fixture *f, const char *name)
{
    const struct ps_counts *c = ps_group_counts(f->group);
    const size_t i = find(f, name);

    return (double)c->running_ns[i] / (double)c->enabled_ns[i];
}

/* Within 2 %, of what its rate gives in the time that it could count. */
static void assert_counted(const struct fixture *f, const char *name)
{
    const struct ps_counts *c = ps_group_counts(f->group);
    const size_t i = find(f, name);
    const double truth = (double)rate(&f->counters->attrs[i]) * (double)c->enabled_ns[i];
    const char *doubt = ps_count_doubt(&f->events[i], c, i);

    if (doubt)
        fail_msg("%s: %s", name, doubt);
    assert_true(truth > 0);
    assert_true(fabs(ps_count_scaled(&f->events[i], c, i) / truth - 1) < 0.02);
}

#define SOFTWARE "task_clock,context_switches,migrations,page_faults"

static void test_one_read(void **state)
{
    struct fixture *f = *state;

    open_list(f, NULL);
    assert_sets(f, "cycles,instructions," SOFTWARE);
    count_for(f, 10000);
    f->pmu.reads = 0;
    count_for(f, 10000);
    assert_int_equal(f->pmu.reads, 2); /* at the start and at the end */
    assert_true(ps_counters_rotation(f->counters) == 0);
    assert_counted(f, "cycles");
}

static void test_software_joins(void **state)
{
    struct fixture *f = *state;

    open_list(f, "major-faults");
    assert_sets(f, "cycles,instructions," SOFTWARE ",major-faults");
}

static void test_fits_beside(void **state)
{
    struct fixture *f = *state;
    const char *const *warnings;

    open_list(f, "{r10,r11}");
    assert_sets(f, SOFTWARE " cycles,instructions! r10,r11");
    assert_true(ps_counters_rotation(f->counters) == 0);
    assert_int_equal(ps_counters_warnings(f->counters, &warnings), 0);
    count_for(f, 10000);
    assert_true(share(f, "r10") == 1);
    assert_counted(f, "r11");
}

static void test_take_turns(void **state)
{
    static const char *const names[] = {"r10", "r11", "r12", "r13"};
    struct fixture *f = *state;
    const char *const *warnings;

    open_list(f, "{r10,r11},{r12,r13}");
    assert_sets(f, SOFTWARE " cycles,instructions! r10,r11 r12,r13");
    assert_true(fabs(ps_counters_rotation(f->counters) - 2 * 4e-3) < 1e-9);
    assert_int_equal(ps_counters_warnings(f->counters, &warnings), 0); /* asked for like that */
    count_for(f, 1000000);
    for (size_t i = 0; i < 4; i++) {
        assert_true(fabs(share(f, names[i]) - 0.5) < 0.01);
        assert_counted(f, names[i]);
    }
    assert_true(share(f, "cycles") == 1);
    assert_true(share(f, "page_faults") == 1);
    assert_counted(f, "cycles");
}

static void test_loose_events(void **state)
{
    struct fixture *f = *state;
    const char *const *warnings;

    open_list(f, "r10,r11,r12,r13,r14,major-faults");
    assert_sets(f, SOFTWARE ",major-faults cycles,instructions! r10,r11 r14 r12,r13");
    assert_int_equal(ps_counters_warnings(f->counters, &warnings), 0);
    count_for(f, 1000000);
    assert_counted(f, "r10");
    assert_counted(f, "r14");
}

static void test_group_is_split(void **state)
{
    struct fixture *f = *state;
    const char *const *warnings;

    open_list(f, "{r10,r11,r12},r13");
    assert_sets(f, SOFTWARE " cycles,instructions! r10,r11 r12 r13");
    assert_int_equal(ps_counters_warnings(f->counters, &warnings), 1);
    assert_non_null(strstr(warnings[0], "{r10,r11} and {r12} take turns"));
    count_for(f, 1000000);
    assert_counted(f, "r10");
    assert_counted(f, "r12");
}

/* The kernel refuses what never fits; what would, but for the pinned ones, is found by trying. */
static void test_large_group(void **state)
{
    struct fixture *f = *state;
    const char *const *warnings;

    open_list(f, "{r10,r11,r12,r13,r14}");
    assert_sets(f, SOFTWARE " cycles,instructions! r10,r11 r14 r12,r13");
    assert_int_equal(ps_counters_warnings(f->counters, &warnings), 1);
    assert_non_null(strstr(warnings[0], "{r10,r11} and {r14} and {r12,r13}"));
    count_for(f, 1000000);
    assert_counted(f, "r13");
    assert_true(share(f, "cycles") == 1);
}

/* Nothing else would ever get onto the PMU beside pinned ones. */
static void test_small_pmu(void **state)
{
    struct fixture *f = *state;

    f->pmu.counters = 2;
    open_list(f, "{r10,r11}");
    assert_sets(f, SOFTWARE " cycles,instructions r10,r11");
    count_for(f, 1000000);
    assert_true(fabs(share(f, "cycles") - 0.5) < 0.01);
    assert_counted(f, "cycles");
    assert_counted(f, "r10");
    assert_true(share(f, "page_faults") == 1);
}

static void test_single_counter(void **state)
{
    struct fixture *f = *state;
    const char *const *warnings;

    f->pmu.counters = 1;
    open_list(f, NULL);
    assert_sets(f, SOFTWARE " cycles instructions");
    assert_int_equal(ps_counters_warnings(f->counters, &warnings), 1);
    assert_non_null(strstr(warnings[0], "{cycles} and {instructions}"));
    count_for(f, 1000000);
    assert_counted(f, "cycles");
    assert_counted(f, "instructions");
    assert_true(share(f, "page_faults") == 1);
    assert_int_equal(ps_group_counts(f->group)->cpu_ns,
                     ps_group_counts(f->group)->enabled_ns[find(f, "task_clock")]);
}

static void test_turn_does_not_come(void **state)
{
    struct fixture *f = *state;
    const struct ps_counts *c;
    size_t i;

    open_list(f, "r10,r11");
    count_for(f, 1000);
    f->pmu.reserved = 2;
    ps_group_reset(f->group);
    count_for(f, 1000);
    c = ps_group_counts(f->group);
    i = find(f, "r10");
    assert_true(ps_count_doubt_is_turn(ps_count_doubt(&f->events[i], c, i)));
    assert_false(ps_count_doubt_is_turn(NULL));
}

static void test_pinned_lose_the_pmu(void **state)
{
    struct fixture *f = *state;

    open_list(f, "r10");
    count_for(f, 1000);
    assert_int_equal(ps_group_error(f->group), 0);
    f->pmu.reserved = 3;
    count_for(f, 1000);
    assert_int_equal(ps_group_error(f->group), -ENODATA);
    f->pmu.reserved = 2;
    ps_group_reset(f->group);
    count_for(f, 100000);
    assert_int_equal(ps_group_error(f->group), 0);
    assert_counted(f, "cycles");
    assert_counted(f, "r10");
    assert_true(share(f, "cycles") < 1);
}

static void test_named_twice(void **state)
{
    struct fixture *f = *state;

    open_list(f, "{cycles,r10},{r10,r11}");
    assert_sets(f, SOFTWARE " cycles,instructions! r10 r11");
}

static void test_levels(void **state)
{
    struct fixture *f = *state;

    f->levels = PS_LEVEL_USER;
    open_list(f, "r10,context-switches,r11:k");
    assert_int_equal(f->events[find(f, "cycles")].state, PS_COUNT_USER_ONLY);
    assert_non_null(strstr(f->events[find(f, "r10")].reason, "--user"));
    assert_int_equal(f->events[find(f, "r11:k")].state, PS_COUNT_EXACT);
    assert_int_equal(f->events[find(f, "context-switches")].state, PS_COUNT_EXACT);
    assert_int_equal(f->events[find(f, "page_faults")].state, PS_COUNT_EXACT);
    ps_group_destroy(f->group);
    f->levels = PS_LEVEL_KERNEL;
    open_list(f, NULL);
    assert_int_equal(f->events[find(f, "cycles")].state, PS_COUNT_KERNEL_ONLY);
    assert_non_null(strstr(f->events[find(f, "cycles")].reason, "--kernel"));
    assert_int_equal(f->counters->attrs[find(f, "cycles")].exclude_user, 1);
    ps_group_destroy(f->group);
    f->levels = PS_LEVEL_USER | PS_LEVEL_KERNEL;
    open_list(f, NULL);
    assert_int_equal(f->events[find(f, "cycles")].state, PS_COUNT_EXACT);
}

static void make_hybrid(struct fixture *f)
{
    f->pmu.hybrid = true;
    f->pmu.kind = CORE;
    f->perf.pmu = PS_PMU_HYBRID;
    f->perf.kind_count = 2;
    f->perf.kinds[0] = (struct ps_pmu_kind){"cpu_core", CORE};
    f->perf.kinds[1] = (struct ps_pmu_kind){"cpu_atom", ATOM};
}

static void run_on(struct fixture *f, unsigned kind, uint64_t ns)
{
    f->pmu.kind = kind;
    pass(&f->pmu, ns);
}

static void test_kinds(void **state)
{
    struct fixture *f = *state;
    const struct ps_counts *c;
    size_t total, core, atom;

    make_hybrid(f);
    open_list(f, NULL);
    assert_sets(f, SOFTWARE " cpu_core/cycles/,cpu_core/instructions/"
                            " cpu_atom/cycles/,cpu_atom/instructions/");
    c = ps_group_counts(f->group);
    total = find(f, "cycles");
    core = find(f, "cpu_core/cycles/");
    atom = find(f, "cpu_atom/cycles/");
    assert_null(f->events[total].kind);
    assert_string_equal(f->events[atom].kind, "cpu_atom");
    ps_group_begin(f->group);
    run_on(f, CORE, 30000);
    run_on(f, ATOM, 10000);
    ps_group_end(f->group);
    assert_true(c->running_ns[atom] >= 10000 && c->running_ns[atom] < 12000);
    assert_int_equal(c->enabled_ns[atom], c->running_ns[atom]); /* no multiplexing */
    assert_null(ps_count_doubt(&f->events[atom], c, atom));
    assert_int_equal(ps_count_scaled(&f->events[atom], c, atom), c->value[atom]);
    assert_int_equal(c->value[total], c->value[core] + c->value[atom]);
    assert_int_equal(ps_count_scaled(&f->events[total], c, total), c->value[total]);
    assert_int_equal(c->running_ns[total], c->enabled_ns[total]);
    assert_null(ps_count_doubt(&f->events[total], c, total));
    assert_true(share(f, "page_faults") == 1);
    ps_group_begin(f->group); /* sums go on */
    run_on(f, CORE, 10000);
    ps_group_end(f->group);
    assert_int_equal(c->value[total], c->value[core] + c->value[atom]);
    assert_null(ps_count_doubt(&f->events[total], c, total));
}

static void test_kind_never_visited(void **state)
{
    struct fixture *f = *state;
    size_t atom;

    make_hybrid(f);
    open_list(f, NULL);
    count_for(f, 10000);
    atom = find(f, "cpu_atom/cycles/");
    assert_int_equal(ps_group_counts(f->group)->value[atom], 0);
    assert_null(ps_count_doubt(&f->events[atom], ps_group_counts(f->group), atom));
}

/* Something else holds the counters of one kind: what the thread did there is not known. */
static void test_kind_not_covered(void **state)
{
    struct fixture *f = *state;
    size_t total;

    make_hybrid(f);
    open_list(f, NULL);
    ps_group_begin(f->group);
    run_on(f, CORE, 30000);
    f->pmu.reserved = 4;
    run_on(f, ATOM, 10000);
    ps_group_end(f->group);
    total = find(f, "cycles");
    assert_non_null(strstr(ps_count_doubt(&f->events[total], ps_group_counts(f->group), total),
                           "only part of the time"));
}

/* Multiplexed within a kind: scaled by the time on that kind, not by all time. */
static void test_kinds_take_turns(void **state)
{
    struct fixture *f = *state;
    size_t total;

    make_hybrid(f);
    open_list(f, "{cache-misses,branch-misses},{cache-references,branches}");
    ps_group_begin(f->group);
    run_on(f, CORE, 300000);
    run_on(f, ATOM, 100000);
    ps_group_end(f->group);
    assert_true(fabs(share(f, "cpu_atom/cache-misses/") - 0.5) < 0.03);
    assert_true(fabs(share(f, "cache-misses") - 0.5) < 0.03);
    assert_counted(f, "cpu_atom/cache-misses/");
    assert_counted(f, "cpu_core/branches/");
    assert_counted(f, "cache-misses");
    total = find(f, "cache-misses");
    assert_true(ps_group_counts(f->group)->enabled_ns[total] >= 400000);
}

static void test_kind_is_missing(void **state)
{
    struct fixture *f = *state;

    make_hybrid(f);
    f->pmu.missing_kind = ATOM;
    open_list(f, NULL);
    assert_int_equal(f->events[find(f, "cpu_core/cycles/")].state, PS_COUNT_EXACT);
    assert_int_equal(f->events[find(f, "cycles")].state, PS_COUNT_UNAVAILABLE);
    assert_string_equal(f->events[find(f, "cycles")].reason,
                        "cpu_atom: this CPU's PMU does not have the event");
    assert_non_null(ps_counters_diagnosis(f->counters));
}

static void test_user_reads(void **state)
{
    struct fixture *f = *state;

    f->pmu.user_reads = true;
    open_list(f, NULL);
    assert_sets(f, SOFTWARE " cycles,instructions");
    count_for(f, 1000);
    f->pmu.reads = f->pmu.user_counters = 0;
    ps_group_reset(f->group);
    count_for(f, 100000);
    assert_int_equal(f->pmu.reads, 2);         /* of the software events */
    assert_int_equal(f->pmu.user_counters, 4); /* two events, twice */
    assert_counted(f, "cycles");
    assert_counted(f, "instructions");
    assert_true(share(f, "cycles") == 1);
}

static void test_user_reads_multiplexed(void **state)
{
    struct fixture *f = *state;

    f->pmu.user_reads = true;
    open_list(f, "{r10,r11},{r12,r13}");
    count_for(f, 1000);
    ps_group_reset(f->group);
    f->pmu.reads = 0;
    count_for(f, 1000000);
    /* Of the software events, and of the group whose turn it is not, by a system call. */
    assert_in_range(f->pmu.reads, 2 + 1, 2 + 4);
    assert_counted(f, "cycles");
}

static void test_pages_refused(void **state)
{
    struct fixture *f = *state;

    f->pmu.user_reads = true;
    open_list(f, NULL);
    f->pmu.map_fails = true;
    count_for(f, 1000);
    f->pmu.reads = f->pmu.user_counters = 0;
    count_for(f, 1000);
    assert_int_equal(f->pmu.reads, 4);
    assert_int_equal(f->pmu.user_counters, 0);
    assert_counted(f, "cycles");
}

static void test_costs(void **state)
{
    struct fixture *f = *state;
    struct ps_counter_costs costs;
    const struct ps_event_request none = {.none = true};

    open_list(f, "{r10,r11}");
    ps_counters_measure(f->counters, &costs);
    assert_true(costs.open > 0 && costs.enable > 0 && costs.read > 0);
    assert_int_equal(costs.sets, 3);
    assert_false(costs.user_reads);
    assert_int_equal(ps_counters_open_with(&f->perf, &f->arena, &none, &f->counters, NULL), 0);
    ps_counters_measure(f->counters, &costs);
    assert_true(isnan(costs.open) && isnan(costs.enable) && isnan(costs.read));
    assert_int_equal(costs.sets, 0);
}

/* ---- the arithmetic of a page ---- */

struct desk {
    struct perf_event_mmap_page page;
    uint64_t counter, stamp;
    unsigned asked; /* number of the counter */
    int changes;    /* of the page, while it is read */
};

static uint64_t desk_counter(void *arg, unsigned number)
{
    struct desk *d = arg;

    d->asked = number;
    if (d->changes > 0) {
        d->changes--;
        d->page.lock++;
        d->page.offset += 1000;
    }
    return d->counter;
}

static uint64_t desk_stamp(void *arg)
{
    return ((struct desk *)arg)->stamp;
}

static struct desk make_desk(void)
{
    return (struct desk){
        .page = {.cap_bit0_is_deprecated = 1,
                 .cap_usr_rdpmc = 1,
                 .cap_user_time = 1,
                 .index = 3,
                 .offset = 1000,
                 .pmc_width = 48,
                 .time_mult = 1},
    };
}

static bool read_desk(struct desk *d, struct ps_page_sample *out)
{
    const struct ps_perf p = {.counter = desk_counter, .stamp = desk_stamp, .arg = d};

    return ps_page_read(&p, &d->page, out);
}

static void assert_value(uint64_t counter, unsigned width, int64_t offset, uint64_t expected)
{
    struct desk d = make_desk();
    struct ps_page_sample s;

    d.counter = counter;
    d.page.pmc_width = (uint16_t)width;
    d.page.offset = offset;
    assert_true(read_desk(&d, &s));
    assert_int_equal(s.value, expected);
    assert_int_equal(d.asked, 2);
}

static void test_page_value(void **state)
{
    assert_value(16, 48, 1000, 1016);
    assert_value(UINT64_C(0xfffffffffff0), 48, 1000, 984); /* below 0: starts there */
    assert_value(UINT64_C(0x800000000000), 48, 0, UINT64_C(0xffff800000000000));
    assert_value(UINT64_C(0x7fffffffffff), 48, 1, UINT64_C(0x800000000000));
    assert_value(UINT64_C(0xffff00000010), 48, 0, UINT64_C(0xffffffff00000010));
    assert_value(UINT64_C(0xabcd00000010), 32, 5, 21); /* what lies above the width is nothing */
    assert_value(UINT64_MAX, 64, 3, 2);
}

static void test_page_time(void **state)
{
    struct desk d = make_desk();
    struct ps_page_sample s;

    d.page.time_enabled = 5000;
    d.page.time_running = 3000;
    d.page.time_mult = 3;
    d.page.time_shift = 1;
    d.page.time_offset = (uint64_t)-100;
    d.stamp = 101; /* 101 × 3 / 2 = 151 */
    assert_true(read_desk(&d, &s));
    assert_int_equal(s.enabled, 5051);
    assert_int_equal(s.running, 3051);
    /* The product alone would not fit into 64 bits. */
    d.page.time_mult = UINT32_C(0x80000000);
    d.page.time_shift = 31;
    d.stamp = UINT64_C(1) << 60;
    assert_true(read_desk(&d, &s));
    assert_int_equal(s.enabled, 5000 - 100 + (UINT64_C(1) << 60));
}

static void test_page_refuses(void **state)
{
    struct desk d;
    struct ps_page_sample s = {.value = 77};

    d = make_desk();
    d.page.index = 0; /* off the PMU */
    assert_false(read_desk(&d, &s));
    d = make_desk();
    d.page.cap_usr_rdpmc = 0;
    assert_false(read_desk(&d, &s));
    d = make_desk();
    d.page.cap_user_time = 0;
    assert_false(read_desk(&d, &s));
    d = make_desk();
    d.page.pmc_width = 65;
    assert_false(read_desk(&d, &s));
    assert_int_equal(s.value, 77);
}

static void test_page_changes(void **state)
{
    struct desk d = make_desk();
    struct ps_page_sample s;

    d.changes = 2;
    d.counter = 7;
    assert_true(read_desk(&d, &s));
    assert_int_equal(s.value, 3007);
}

static void test_find_kinds(void **state)
{
    static const char *const names[] = {"software", "cpu_atom", "cpu_core"};
    char folder[] = "/tmp/parscope-test-XXXXXX", path[128];
    struct ps_pmu_kind kinds[PS_MAX_KINDS];

    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < 3; i++) {
        FILE *file;

        snprintf(path, sizeof path, "mkdir %s/%s", folder, names[i]);
        assert_int_equal(system(path), 0);
        snprintf(path, sizeof path, "%s/%s/type", folder, names[i]);
        file = fopen(path, "w");
        assert_non_null(file);
        fprintf(file, "%d\n", i == 1 ? ATOM : CORE);
        fclose(file);
    }
    assert_int_equal(ps_pmu_kinds(folder, kinds), 2);
    assert_string_equal(kinds[0].name, "cpu_core");
    assert_int_equal(kinds[0].type, CORE);
    assert_string_equal(kinds[1].name, "cpu_atom");
    assert_int_equal(kinds[1].type, ATOM);
    snprintf(path, sizeof path, "rm -r %s", folder);
    assert_int_equal(system(path), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_read),
        TEST(test_software_joins),
        TEST(test_fits_beside),
        TEST(test_take_turns),
        TEST(test_loose_events),
        TEST(test_group_is_split),
        TEST(test_large_group),
        TEST(test_small_pmu),
        TEST(test_single_counter),
        TEST(test_turn_does_not_come),
        TEST(test_pinned_lose_the_pmu),
        TEST(test_named_twice),
        TEST(test_levels),
        TEST(test_kinds),
        TEST(test_kind_never_visited),
        TEST(test_kind_not_covered),
        TEST(test_kinds_take_turns),
        TEST(test_kind_is_missing),
        TEST(test_user_reads),
        TEST(test_user_reads_multiplexed),
        TEST(test_pages_refused),
        TEST(test_costs),
        cmocka_unit_test(test_page_value),
        cmocka_unit_test(test_page_time),
        cmocka_unit_test(test_page_refuses),
        cmocka_unit_test(test_page_changes),
        cmocka_unit_test(test_find_kinds),
    };

    return cmocka_run_group_tests_name("groups", tests, NULL, NULL);
}
