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

#include "clock.h"
#include "counters.h"
#include "doctor.h"
#include "fixture.h"
#include "lines.h"
#include "perf.h"

/* A kernel that answers as told, with negative errnos or 0. */
struct script {
    int any, kernel, hardware;
};

static int script_open(void *arg, struct perf_event_attr *attr, int group)
{
    const struct script *s = arg;

    if (s->any)
        return s->any;
    if (s->kernel && !attr->exclude_kernel)
        return s->kernel;
    if (s->hardware && attr->type != PERF_TYPE_SOFTWARE)
        return s->hardware;
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int script_start(void *arg, int leader)
{
    return 0;
}

static ssize_t script_read(void *arg, int fd, void *buffer, size_t size)
{
    return -EIO;
}

struct fixture {
    struct ps_arena arena;
    struct ps_host host;
    struct ps_tuning tuning;
    struct ps_cpu_times times;
    struct ps_topology topology;
    struct ps_cpu cpus[2];
    struct ps_doctor doctor;
    double pmu_ratio;
};

static int setup(void **state)
{
    struct fixture *f = fixture_new(state, sizeof *f);

    f->pmu_ratio = NAN;
    return 0;
}

/* Two CPUs, siblings or not. */
static void set_topology(struct fixture *f, bool siblings)
{
    static const int order[] = {0, 1};
    static const unsigned by_os[] = {0, 1};

    f->cpus[0] = (struct ps_cpu){.os = 0};
    f->cpus[1] =
        siblings ? (struct ps_cpu){.os = 1, .rank = 1} : (struct ps_cpu){.os = 1, .core = 1};
    f->topology = (struct ps_topology){.cpus = f->cpus,
                                       .cpu_count = 2,
                                       .cores = siblings ? 1 : 2,
                                       .threads_per_core = siblings ? 2 : 1,
                                       .by_os = by_os,
                                       .spread = order,
                                       .compact = order};
}

static const struct ps_doctor *examine(struct fixture *f, const char *name, struct script script,
                                       const struct ps_cpu_times *after)
{
    const char *data = getenv("TEST_DATA");
    struct ps_doctor_facts facts = {.costs = {20e-6, 1e-6, 0.9e-6}, .pmu_ratio = f->pmu_ratio};
    struct ps_perf perf = {
        .open = script_open, .start = script_start, .read = script_read, .arg = &script};
    const struct ps_event_request request = {.none = false};
    struct ps_counters *counters;
    struct ps_err error = {""};
    char root[4096];

    snprintf(root, sizeof root, "%s/%s", data ? data : "tests/unit/data", name);
    if (!f->topology.cpu_count)
        set_topology(f, false);
    ps_doctor_read(&f->arena, root, &f->host, &f->tuning, &f->times, &facts.pmu);
    perf.paranoid =
        f->host.perf_event_paranoid < -1 ? PS_PARANOID_UNKNOWN : f->host.perf_event_paranoid;
    perf.pmu = facts.pmu;
    perf.virtual_machine = true;
    assert_int_equal(ps_counters_open_with(&perf, &f->arena, &request, &counters, &error), 0);
    facts.host = &f->host;
    facts.tuning = &f->tuning;
    facts.topology = &f->topology;
    facts.counters = counters;
    facts.throttled = 1.5;
    if (strcmp(name, "doctor-throttled") != 0)
        facts.throttled = 0;
    facts.before = after ? &f->times : NULL;
    facts.after = after;
    f->doctor.arena = &f->arena;
    f->doctor.line_count = 0;
    ps_doctor_lines(&f->doctor, &facts);
    return &f->doctor;
}

static const struct ps_doctor_line *find(const struct ps_doctor *d, const char *id)
{
    for (size_t i = 0; i < d->line_count; i++)
        if (!strcmp(d->lines[i].id, id))
            return &d->lines[i];
    fail_msg("no line %s", id);
    return NULL;
}

/* text, remedy: parts; remedy NULL: there is none. */
static void assert_line(const struct ps_doctor *d, const char *id, enum ps_health health,
                        const char *text, const char *remedy)
{
    const struct ps_doctor_line *line = find(d, id);

    if (line->health != health || !strstr(line->text, text))
        fail_msg("%s: %s: %s", id, ps_health_name(line->health), line->text);
    if (!remedy != !line->remedy || (remedy && !strstr(line->remedy, remedy)))
        fail_msg("%s: remedy: %s", id, line->remedy ? line->remedy : "none");
}

static void test_ids(void **state)
{
    const struct ps_doctor *d = examine(*state, "doctor-vm", (struct script){0}, NULL);
    size_t count = 0;

    for (; count < d->line_count && ps_doctor_ids[count]; count++)
        assert_string_equal(d->lines[count].id, ps_doctor_ids[count]);
    assert_int_equal(d->line_count, count);
    assert_null(ps_doctor_ids[count]);
}

static void test_machine_without_pmu(void **state)
{
    const struct script script = {.hardware = -ENOENT};
    const struct ps_doctor *d = examine(*state, "doctor-vm", script, NULL);

    assert_line(d, "counters", PS_HEALTH_MISSING, "no PMU: this virtual machine", "pmu=on");
    assert_line(d, "kernel", PS_HEALTH_OK, "kernel", NULL);
    assert_line(d, "software-events", PS_HEALTH_OK, "CPU time", NULL);
    assert_line(d, "paranoid", PS_HEALTH_NOTE, "is 2", "sysctl");
    assert_line(d, "nmi-watchdog", PS_HEALTH_OK, "off", NULL);
    assert_line(d, "rdpmc", PS_HEALTH_MISSING, "no PMU", NULL);
    assert_line(d, "confinement", PS_HEALTH_OK, "no container", NULL);
    assert_line(d, "counting-cost", PS_HEALTH_NOTE, "20.0 us to open", NULL);
    assert_line(d, "governor", PS_HEALTH_UNKNOWN, "hypervisor", NULL);
    assert_line(d, "smt", PS_HEALTH_MISSING, "notsupported", "topo --probe");
    assert_line(d, "isolated", PS_HEALTH_NOTE, "no CPU", "isolcpus");
    assert_line(d, "quota", PS_HEALTH_OK, "no limit", NULL);
    assert_line(d, "clock-source", PS_HEALTH_OK, "kvm-clock", NULL);
    assert_line(d, "huge-pages", PS_HEALTH_OK, "madvise", NULL);
    assert_line(d, "steal", PS_HEALTH_UNKNOWN, "/proc/stat", NULL);
}

static void test_user_of_paranoid_2(void **state)
{
    const struct script script = {.kernel = -EACCES, .hardware = -ENOENT};
    const struct ps_doctor *d = examine(*state, "doctor-vm", script, NULL);

    assert_line(d, "counters", PS_HEALTH_MISSING, "no PMU", "pmu=on");
    assert_line(d, "kernel", PS_HEALTH_LIMITED, "paranoid 2 this user can't",
                "perf_event_paranoid=1");
    assert_line(d, "paranoid", PS_HEALTH_LIMITED, "user space only", "cap_perfmon");
}

static void test_paranoid_3(void **state)
{
    const struct script script = {.any = -EACCES};
    const struct ps_doctor *d = examine(*state, "doctor-paranoid", script, NULL);

    assert_line(d, "counters", PS_HEALTH_MISSING, "paranoid 3 forbids",
                "sysctl kernel.perf_event_paranoid=1");
    assert_line(d, "software-events", PS_HEALTH_MISSING, "paranoid 3 forbids", "cap_perfmon");
    assert_line(d, "paranoid", PS_HEALTH_LIMITED, "is 3: ordinary users can count nothing",
                "sysctl");
    assert_line(d, "rdpmc", PS_HEALTH_LIMITED, "system call", "cpu/rdpmc");
    assert_null(strstr(find(d, "counters")->text, "lists no core PMU"));
}

/* Forbidden and absent: the permission alone would not help. */
static void test_forbidden_without_pmu(void **state)
{
    const struct script script = {.any = -EPERM};
    const struct ps_doctor *d = examine(*state, "doctor-vm", script, NULL);

    assert_line(d, "counters", PS_HEALTH_MISSING, "lists no core PMU either", "seccomp");
}

static void test_no_perf_event_open(void **state)
{
    const struct script script = {.any = -ENOSYS};
    const struct ps_doctor *d = examine(*state, "doctor-paranoid", script, NULL);

    assert_line(d, "counters", PS_HEALTH_MISSING, "no perf_event_open", "CONFIG_PERF_EVENTS");
}

static void test_watchdog(void **state)
{
    const struct ps_doctor *d = examine(*state, "doctor-watchdog", (struct script){0}, NULL);

    assert_line(d, "counters", PS_HEALTH_OK, "cycles and instructions are counted", NULL);
    assert_line(d, "nmi-watchdog", PS_HEALTH_LIMITED, "holds a hardware counter",
                "kernel.nmi_watchdog=0");
    assert_line(d, "rdpmc", PS_HEALTH_OK, "user space", NULL);
    assert_line(d, "paranoid", PS_HEALTH_OK, "is -1", NULL);
}

static void test_event_that_the_pmu_lacks(void **state)
{
    const struct script script = {.hardware = -ENOENT};
    const struct ps_doctor *d = examine(*state, "doctor-watchdog", script, NULL);

    assert_line(d, "counters", PS_HEALTH_MISSING, "cycles", "this PMU lacks the event");
}

static void test_powersave(void **state)
{
    const struct ps_doctor *d = examine(*state, "doctor-powersave", (struct script){0}, NULL);
    const char *governor = find(d, "governor")->text;

    assert_line(d, "governor", PS_HEALTH_LIMITED, "powersave", "cpupower");
    assert_non_null(strstr(governor, "performance"));
    assert_line(d, "turbo", PS_HEALTH_LIMITED, "on:", "no_turbo");
    assert_line(d, "clock-source", PS_HEALTH_LIMITED, "hpet", "echo tsc");
    assert_line(d, "huge-pages", PS_HEALTH_LIMITED, "off", "madvise");
}

static void test_throttled(void **state)
{
    struct fixture *f = *state;
    const struct script script = {.any = -EPERM};
    const struct ps_doctor *d = examine(f, "doctor-throttled", script, NULL);

    assert_line(d, "quota", PS_HEALTH_LIMITED, "0.5 CPUs by cgroup v2 cpu.max", "cpu.max");
    assert_line(d, "throttling", PS_HEALTH_LIMITED, "1.50 s", "cpu.max");
    assert_line(d, "confinement", PS_HEALTH_NOTE, "podman, with a seccomp filter", NULL);
    assert_line(d, "counters", PS_HEALTH_MISSING, "seccomp", "--cap-add PERFMON");
}

static void test_isolated(void **state)
{
    const struct ps_doctor *d = examine(*state, "doctor-isolated", (struct script){0}, NULL);

    assert_line(d, "isolated", PS_HEALTH_OK, "CPUs 2-3 are isolated, 3 without ticks", NULL);
    assert_line(d, "governor", PS_HEALTH_OK, "performance", NULL);
    assert_line(d, "turbo", PS_HEALTH_OK, "off", NULL);
    assert_line(d, "smt", PS_HEALTH_MISSING, "switched off", "echo on");
}

static void test_siblings(void **state)
{
    struct fixture *f = *state;

    set_topology(f, true);
    assert_line(examine(f, "doctor-vm", (struct script){0}, NULL), "smt", PS_HEALTH_OK,
                "1 core with siblings", NULL);
}

/* doctor-vm has 5 % of steal since boot; CPU 1 was busy half of the time that we looked. */
static void test_load_and_steal(void **state)
{
    uint64_t busy[] = {1000, 1010}, total[] = {5020, 5020};
    struct ps_cpu_times after = {2, busy, total, .steal = 500, .all = 10040};
    const struct ps_doctor *d = examine(*state, "doctor-vm", (struct script){0}, &after);

    assert_line(d, "steal", PS_HEALTH_LIMITED, "4.98 %", "instance");
    assert_line(d, "load", PS_HEALTH_LIMITED, "CPU 1 50.0 %", "top");
    assert_null(strstr(find(d, "load")->text, "CPU 0"));
}

static void test_clock(void **state)
{
    struct fixture *f = *state;
    const double hz[] = {2e9, 2.02e9, NAN, 2.01e9}, spread[] = {0.01, 0.02, NAN, 0.01};
    const double index[] = {4, 2.5, 3.9, 3.8};
    struct ps_doctor_cpu *c = ps_arena_alloc(&f->arena, sizeof *c);
    const struct ps_doctor *d;

    clock_summarize(&f->arena, hz, spread, index, 4, c);
    assert_int_equal(c->looks, 4);
    assert_int_equal(c->clocks, 3);
    assert_int_equal(c->crowded, 1);
    assert_true(c->hz == 2.01e9 && c->now == 3.8 && c->best == 4 && c->neighbour_low == 2.5);
    f->doctor.cpus = c;
    f->doctor.cpu_count = 1;
    d = examine(f, "doctor-vm", (struct script){0}, NULL);
    assert_line(d, "clock", PS_HEALTH_OK, "in 3 of 4 samples; there is no PMU", NULL);
    assert_line(d, "neighbours", PS_HEALTH_LIMITED, "in 1 of 4 samples", "--watch");
    f->pmu_ratio = 1.01;
    d = examine(f, "doctor-vm", (struct script){0}, NULL);
    assert_line(d, "clock", PS_HEALTH_OK, "+1.00 % off the PMU", NULL);
    f->pmu_ratio = 0.9;
    d = examine(f, "doctor-vm", (struct script){0}, NULL);
    assert_line(d, "clock", PS_HEALTH_LIMITED, "-10.00 % off the PMU", "trust the PMU");
}

static void test_no_clock(void **state)
{
    struct fixture *f = *state;
    const double none[] = {NAN, NAN};
    struct ps_doctor_cpu *c = ps_arena_alloc(&f->arena, sizeof *c);

    clock_summarize(&f->arena, none, none, none, 2, c);
    f->doctor.cpus = c;
    f->doctor.cpu_count = 1;
    assert_line(examine(f, "doctor-vm", (struct script){0}, NULL), "clock", PS_HEALTH_MISSING,
                "no clock", "quiet");
    assert_line(&f->doctor, "neighbours", PS_HEALTH_UNKNOWN, "no index", NULL);
}

static void test_require(void **state)
{
    static const char *const met[] = {"nmi-watchdog", "quota"}, *const unmet[] = {"quota", "smt"},
                             *const wrong[] = {"counter"};
    const struct script script = {.hardware = -ENOENT};
    const struct ps_doctor *d = examine(*state, "doctor-vm", script, NULL);
    const struct ps_doctor_line *line;
    struct ps_err error = {""};

    assert_int_equal(ps_doctor_require(d, met, 2, &line, &error), 0);
    assert_null(line);
    assert_int_equal(ps_doctor_require(d, unmet, 2, &line, &error), 0);
    assert_string_equal(line->id, "smt");
    assert_int_equal(ps_doctor_require(NULL, unmet, 2, &line, &error), 0);
    assert_null(line);
    assert_int_equal(ps_doctor_require(d, wrong, 1, &line, &error), -ENOENT);
    assert_non_null(strstr(error.text, "'counters'"));
}

static void test_long_text_is_whole(void **state)
{
    struct fixture *f = *state;
    struct ps_doctor_line *line;
    char text[5001];

    for (size_t i = 0; i < 5000; i += 2)
        memcpy(&text[i], "\u00b5", 2);
    text[5000] = '\0';
    f->doctor.arena = &f->arena;
    ps_doctor_add(&f->doctor, "load", PS_HEALTH_NOTE, "wait", "%s, and an end", text);
    line = &f->doctor.lines[0];
    assert_int_equal(f->doctor.line_count, 1);
    assert_int_equal(strlen(line->text), 5000 + strlen(", and an end"));
    assert_memory_equal(line->text, text, 5000);
    assert_string_equal(line->text + 5000, ", and an end");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(test_ids),
        TEST(test_machine_without_pmu),
        TEST(test_user_of_paranoid_2),
        TEST(test_paranoid_3),
        TEST(test_forbidden_without_pmu),
        TEST(test_no_perf_event_open),
        TEST(test_watchdog),
        TEST(test_event_that_the_pmu_lacks),
        TEST(test_powersave),
        TEST(test_throttled),
        TEST(test_isolated),
        TEST(test_siblings),
        TEST(test_load_and_steal),
        TEST(test_clock),
        TEST(test_no_clock),
        TEST(test_require),
        TEST(test_long_text_is_whole),
    };

    return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
