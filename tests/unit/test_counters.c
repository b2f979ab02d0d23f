#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "fixture.h"
#include "skip.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "counters.h"
#include "perf.h"

#define DEFAULTS PS_DEFAULT_EVENTS

/* A kernel that answers as told. */
struct script {
    int kernel_error;   /* of opens that include the kernel; negative errno or 0 */
    int hardware_error; /* of hardware events, once permitted */
    int any_error;
    int instructions_error;
    int read_result; /* negative errno, or bytes missing */
    int start_error;
    unsigned opens, starts; /* opens that succeeded */
    size_t members;         /* of the group opened last */
    uint64_t enabled, running, value[PS_MAX_EVENTS];
};

static int script_open(void *arg, struct perf_event_attr *attr, int group)
{
    struct script *s = arg;

    if (s->any_error)
        return s->any_error;
    if (s->kernel_error && !attr->exclude_kernel)
        return s->kernel_error;
    if (s->hardware_error && attr->type != PERF_TYPE_SOFTWARE)
        return s->hardware_error;
    if (s->instructions_error && attr->type == PERF_TYPE_HARDWARE && attr->config == 1)
        return s->instructions_error;
    s->members = group < 0 ? 1 : s->members + 1;
    s->opens++;
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int script_start(void *arg, int leader)
{
    struct script *s = arg;

    s->starts++;
    return s->start_error;
}

static ssize_t script_read(void *arg, int fd, void *buffer, size_t size)
{
    const struct script *s = arg;
    uint64_t record[3 + PS_MAX_EVENTS] = {s->members, s->enabled, s->running};
    const size_t length = (3 + s->members) * sizeof record[0];

    if (s->read_result < 0)
        return s->read_result;
    memcpy(&record[3], s->value, s->members * sizeof record[0]);
    assert_true(length <= size);
    memcpy(buffer, record, length);
    return (ssize_t)length - s->read_result;
}

struct fixture {
    struct ps_arena arena;
    struct script script;
    struct ps_perf perf;
    struct ps_counters *counters;
    const struct ps_event *events;
    size_t count;
    struct ps_err error;
};

static int setup(void **state)
{
    struct fixture *f = fixture_new(state, sizeof *f);

    f->perf = (struct ps_perf){script_open, script_start,   script_read, &f->script,
                               2,           PS_PMU_PRESENT, false};
    return 0;
}

static int open_extra(struct fixture *f, const char *const *extra, size_t n, bool none)
{
    const struct ps_event_request request = {.extra = {.names = (const char **)extra, .count = n},
                                             .none = none};
    int err = ps_counters_open_with(&f->perf, &f->arena, &request, &f->counters, &f->error);

    if (err == 0)
        f->count = ps_counters_events(f->counters, &f->events);
    return err;
}

static void open_defaults(struct fixture *f)
{
    assert_int_equal(open_extra(f, NULL, 0, false), 0);
    assert_int_equal(f->count, DEFAULTS);
}

static const struct ps_event *find(const struct fixture *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++) {
        if (!strcmp(f->events[i].name, name))
            return &f->events[i];
    }
    fail_msg("no event %s", name);
    return NULL;
}

static void assert_reason(const struct fixture *f, const char *name, enum ps_count_state state,
                          const char *part)
{
    const struct ps_event *event = find(f, name);

    assert_int_equal(event->state, state);
    assert_non_null(event->reason);
    if (!strstr(event->reason, part))
        fail_msg("%s: '%s' lacks '%s'", name, event->reason, part);
}

static void assert_all_unavailable(const struct fixture *f, const char *part)
{
    assert_false(ps_counters_any(f->counters));
    for (size_t i = 0; i < f->count; i++)
        assert_reason(f, f->events[i].name, PS_COUNT_UNAVAILABLE, part);
    assert_non_null(strstr(ps_counters_diagnosis(f->counters), part));
}

static void test_all_permitted(void **state)
{
    struct fixture *f = *state;

    open_defaults(f);
    for (size_t i = 0; i < f->count; i++) {
        assert_int_equal(f->events[i].state, PS_COUNT_EXACT);
        assert_null(f->events[i].reason);
        assert_false(f->events[i].user_asked);
    }
    assert_true(ps_counters_any(f->counters));
    assert_null(ps_counters_diagnosis(f->counters));
    assert_int_equal(f->script.opens, DEFAULTS);
}

static void test_paranoid_3(void **state)
{
    struct fixture *f = *state;

    f->script.any_error = -EACCES;
    f->perf.paranoid = 3;
    open_defaults(f);
    assert_all_unavailable(f, "perf_event_paranoid 3");
    assert_all_unavailable(f, "sudo sysctl kernel.perf_event_paranoid=1");
}

static void test_user_only(void **state)
{
    struct fixture *f = *state;

    f->script.kernel_error = -EACCES;
    open_defaults(f);
    assert_reason(f, "cycles", PS_COUNT_USER_ONLY, "perf_event_paranoid 2");
    assert_int_equal(find(f, "task_clock")->state, PS_COUNT_EXACT);
    assert_reason(f, "page_faults", PS_COUNT_USER_ONLY, "perf_event_paranoid 2");
    assert_reason(f, "context_switches", PS_COUNT_UNAVAILABLE,
                  "with perf_event_paranoid 2 this user can't count events in the kernel");
    assert_reason(f, "migrations", PS_COUNT_UNAVAILABLE, "can't count events in the kernel");
    assert_null(ps_counters_diagnosis(f->counters));
}

static void test_forbidden_then_missing(void **state)
{
    struct fixture *f = *state;

    f->script.kernel_error = -EACCES;
    f->script.hardware_error = -ENOENT;
    f->perf.pmu = PS_PMU_NONE;
    open_defaults(f);
    assert_reason(f, "cycles", PS_COUNT_UNAVAILABLE, "no PMU");
    assert_reason(f, "page_faults", PS_COUNT_USER_ONLY, "perf_event_paranoid 2");
    assert_non_null(strstr(ps_counters_diagnosis(f->counters), "no PMU"));
}

static void assert_missing(struct fixture *f, enum ps_pmu_presence pmu, bool vm, const char *text)
{
    f->script.hardware_error = -ENOENT;
    f->perf.pmu = pmu;
    f->perf.virtual_machine = vm;
    open_defaults(f);
    assert_string_equal(find(f, "cycles")->reason, text);
    assert_string_equal(ps_counters_diagnosis(f->counters), text);
    assert_int_equal(find(f, "page_faults")->state, PS_COUNT_EXACT);
}

static void test_missing_events(void **state)
{
    struct fixture *f = *state;

    assert_missing(f, PS_PMU_NONE, true, "no PMU: this virtual machine shows none");
    assert_missing(f, PS_PMU_NONE, false,
                   "no PMU: this machine shows none, as many virtual machines do");
    assert_missing(f, PS_PMU_PRESENT, true, "this CPU's PMU does not have the event");
    assert_missing(f, PS_PMU_UNKNOWN, true, "no PMU, or not one that has the event");
}

static void test_other_refusals(void **state)
{
    static const struct {
        int error;
        const char *part;
    } table[] = {
        {-ENOSYS, "the kernel has no perf_event_open"},
        {-EPERM, "seccomp"},
        {-EMFILE, "ulimit -n"},
        {-EOPNOTSUPP, "PMU"},
        {-EINVAL, "single thread"},
        {-EIO, "perf_event_open: "},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        f->script.any_error = table[i].error;
        open_defaults(f);
        assert_all_unavailable(f, table[i].part);
    }
}

static void test_none(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(open_extra(f, NULL, 0, true), 0);
    assert_all_unavailable(f, "not counted (-e none)");
    assert_int_equal(f->script.opens, 0);
    assert_true(isnan(ps_counters_read_cost(f->counters)));
}

static void test_extra_events(void **state)
{
    static const char *const extra[] = {"cycles", "r08", "cache-misses", "r08",
                                        "context-switches:u"};
    struct fixture *f = *state;

    assert_int_equal(open_extra(f, extra, 5, false), 0);
    assert_int_equal(f->count, DEFAULTS + 3);
    assert_false(find(f, "cycles")->user_asked);
    assert_true(find(f, "r08")->user_asked);
    assert_int_equal(find(f, "cache-misses")->state, PS_COUNT_EXACT);
    assert_reason(f, "context-switches:u", PS_COUNT_UNAVAILABLE, "excludes");
}

static void test_bad_extra_events(void **state)
{
    static const char *const unknown[] = {"cycels"};
    struct fixture *f = *state;
    char names[PS_MAX_EVENTS][8];
    const char *many[PS_MAX_EVENTS];

    assert_int_equal(open_extra(f, unknown, 1, false), -ENOENT);
    assert_non_null(strstr(f->error.text, "did you mean 'cycles'?"));
    assert_null(f->counters);
    for (size_t i = 0; i < PS_MAX_EVENTS; i++) {
        snprintf(names[i], sizeof names[i], "r%zx", i + 16);
        many[i] = names[i];
    }
    assert_int_equal(open_extra(f, many, PS_MAX_EVENTS, false), -E2BIG);
    assert_null(f->counters);
    assert_int_equal(open_extra(f, many, PS_MAX_EVENTS - DEFAULTS, false), 0);
    assert_int_equal(f->count, PS_MAX_EVENTS);
}

static void advance(struct script *s, uint64_t enabled, uint64_t running, uint64_t value)
{
    s->enabled += enabled;
    s->running += running;
    for (size_t i = 0; i < PS_MAX_EVENTS; i++)
        s->value[i] += value * (i + 1);
}

static struct ps_counter_group *create_group(struct fixture *f)
{
    struct ps_counter_group *g = NULL;

    assert_int_equal(ps_group_create(f->counters, &g), 0);
    f->script.opens = 0;
    return g;
}

static void test_group_sums(void **state)
{
    struct fixture *f = *state;
    struct ps_counter_group *g;
    const struct ps_counts *sums;

    f->script.instructions_error = -ENOENT; /* values must not shift */
    open_defaults(f);
    g = create_group(f);
    sums = ps_group_counts(g);
    for (int i = 0; i < 3; i++) {
        advance(&f->script, 1000, 1000, 1000); /* between the intervals */
        ps_group_begin(g);
        advance(&f->script, 100, 60, 10);
        ps_group_end(g);
    }
    ps_group_end(g); /* without a begin */
    assert_int_equal(f->script.opens, DEFAULTS - 1);
    assert_int_equal(f->script.starts, 1);
    assert_int_equal(sums->reads, 6);
    assert_int_equal(sums->enabled_ns[0], 300);
    assert_int_equal(sums->running_ns[0], 180);
    assert_int_equal(sums->enabled_ns[1], 0);
    assert_int_equal(sums->running_ns[5], 180);
    assert_int_equal(sums->cpu_ns, 300);
    assert_int_equal(sums->value[0], 30);
    assert_int_equal(sums->value[1], 0);
    assert_int_equal(sums->value[2], 60);
    assert_int_equal(sums->value[5], 150);
    ps_group_reset(g);
    assert_int_equal(sums->reads, 0);
    assert_int_equal(sums->value[0], 0);
    ps_group_destroy(g);
}

static void test_doubt(void **state)
{
    struct fixture *f = *state;
    struct ps_counts sums = {0};

    f->script.instructions_error = -ENOENT;
    open_defaults(f);
    assert_string_equal(ps_count_doubt(find(f, "cycles"), &sums, 0), "no interval was counted");
    assert_string_equal(ps_count_doubt(find(f, "instructions"), &sums, 1),
                        find(f, "instructions")->reason);
    sums.enabled_ns[0] = sums.enabled_ns[2] = sums.enabled_ns[5] = 100;
    assert_string_equal(ps_count_doubt(find(f, "cycles"), &sums, 0),
                        "it was never scheduled on the PMU");
    sums.running_ns[0] = sums.running_ns[2] = sums.running_ns[5] = 50;
    assert_non_null(strstr(ps_count_doubt(find(f, "cycles"), &sums, 0), "reads 0"));
    assert_non_null(strstr(ps_count_doubt(find(f, "task_clock"), &sums, 2), "reads 0"));
    assert_null(ps_count_doubt(find(f, "page_faults"), &sums, 5));
    sums.value[0] = 1;
    assert_null(ps_count_doubt(find(f, "cycles"), &sums, 0));
}

#if defined(__x86_64__)
#define INSTRUCTIONS_CODE 0xc0
#elif defined(__aarch64__)
#define INSTRUCTIONS_CODE 0x08
#endif

static void test_raw_nonzero(void **state)
{
#ifdef INSTRUCTIONS_CODE
    struct perf_event_attr attr = {.type = PERF_TYPE_RAW, .config = INSTRUCTIONS_CODE};

    assert_true(ps_attr_nonzero(&attr));
    /* A threshold on x86-64, another event on arm64. */
    attr.config |= 1 << 24;
    assert_false(ps_attr_nonzero(&attr));
    attr = (struct perf_event_attr){.type = PERF_TYPE_SOFTWARE, .config = INSTRUCTIONS_CODE};
    assert_false(ps_attr_nonzero(&attr));
#else
    skip_because("no raw codes are known for this architecture");
#endif
}

static void *interval(void *arg)
{
    ps_group_begin(arg);
    ps_group_end(arg);
    return NULL;
}

/* Several kinds of cores, of which the system does not tell the names. */
static void test_hybrid(void **state)
{
    struct fixture *f = *state;
    struct ps_counts sums = {.value = {5}};

    for (size_t i = 0; i < DEFAULTS; i++)
        sums.enabled_ns[i] = sums.running_ns[i] = 100;

    f->perf.pmu = PS_PMU_HYBRID;
    open_defaults(f);
    assert_null(ps_count_doubt(find(f, "cycles"), &sums, 0));
    sums.running_ns[0] = sums.running_ns[5] = 50;
    assert_non_null(strstr(ps_count_doubt(find(f, "cycles"), &sums, 0), "another kind"));
    assert_non_null(strstr(ps_count_doubt(find(f, "page_faults"), &sums, 5), "another kind"));
    f->script.hardware_error = -ENOENT;
    open_defaults(f);
    assert_null(ps_count_doubt(find(f, "page_faults"), &sums, 5));
}

static void burn(void)
{
    for (volatile int i = 0; i < 1000; i++)
        ;
}

static void test_open_fails_later(void **state)
{
    struct fixture *f = *state;
    struct ps_counter_group *g;

    open_defaults(f);
    g = create_group(f);
    f->script.any_error = -EMFILE;
    for (int i = 0; i < 2; i++) {
        ps_group_begin(g);
        burn();
        ps_group_end(g);
        assert_int_equal(ps_group_error(g), -EMFILE);
        assert_int_equal(ps_group_counts(g)->reads, 0);
        assert_true(ps_group_counts(g)->cpu_ns > 0);
        ps_group_reset(g);
    }
    ps_group_destroy(g);
}

static void test_start_fails(void **state)
{
    struct fixture *f = *state;
    struct ps_counter_group *g;

    open_defaults(f);
    g = create_group(f);
    f->script.start_error = -EIO;
    interval(g);
    assert_int_equal(ps_group_error(g), -EIO);
    assert_int_equal(ps_group_counts(g)->reads, 0);
    ps_group_destroy(g);
}

static void test_read_fails(void **state)
{
    static const struct {
        int result, error;
    } table[] = {{-EINTR, -EINTR}, {8, -EIO}};
    struct fixture *f = *state;
    struct ps_counter_group *g;

    open_defaults(f);
    g = create_group(f);
    for (size_t i = 0; i < 2; i++) {
        f->script.read_result = 0;
        ps_group_begin(g);
        f->script.read_result = table[i].result;
        advance(&f->script, 5, 5, 5);
        ps_group_end(g);
        assert_int_equal(ps_group_error(g), table[i].error);
        assert_int_equal(ps_group_counts(g)->enabled_ns[0], 0);
        ps_group_reset(g);
        assert_int_equal(ps_group_error(g), 0);
    }
    ps_group_destroy(g);
}

static void test_other_thread(void **state)
{
    struct fixture *f = *state;
    struct ps_counter_group *g;
    pthread_t thread;

    open_defaults(f);
    g = create_group(f);
    interval(g);
    interval(g);
    assert_int_equal(f->script.opens, DEFAULTS);
    /* One after the other, so that the second most likely has the first one's pthread_t. */
    for (unsigned i = 2; i < 4; i++) {
        assert_int_equal(pthread_create(&thread, NULL, interval, g), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(f->script.opens, i * DEFAULTS);
    }
    interval(g);
    assert_int_equal(f->script.opens, 4 * DEFAULTS);
    assert_int_equal(ps_group_counts(g)->reads, 10);
    ps_group_destroy(g);
}

/* Gives the CPU up of its own accord, at least once. */
static void block(void)
{
    nanosleep(&(struct timespec){0, 1000000}, NULL);
}

static void test_switches(void **state)
{
    struct fixture *f = *state;
    struct ps_counter_group *g;

    open_defaults(f);
    g = create_group(f);
    ps_group_begin(g);
    block();
    ps_group_end(g);
    assert_int_equal(ps_group_counts(g)->voluntary, 0); /* the group saw none: not asked */
    ps_group_begin(g);
    block();
    f->script.value[3]++;
    ps_group_end(g);
    assert_true(ps_group_counts(g)->voluntary >= 1);
    ps_group_reset(g);
    ps_group_begin(g);
    block();
    advance(&f->script, 10, 5, 0); /* the group was off the PMU and may have missed some */
    ps_group_end(g);
    assert_true(ps_group_counts(g)->voluntary >= 1);
    ps_group_destroy(g);
}

static void test_look_for_pmu(void **state)
{
    static const struct {
        const char *name;
        enum ps_pmu_presence then;
    } table[] = {{"software", PS_PMU_NONE},
                 {"cpum_sf", PS_PMU_NONE},
                 {"cpu_core", PS_PMU_PRESENT},
                 {"cpu_atom", PS_PMU_HYBRID}};
    char folder[] = "/tmp/parscope-test-XXXXXX", path[128];

    assert_non_null(mkdtemp(folder));
    assert_int_equal(ps_pmu_look(folder), PS_PMU_NONE);
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, table[i].name);
        assert_int_equal(mkdir(path, 0700), 0);
        assert_int_equal(ps_pmu_look(folder), table[i].then);
    }
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, table[i].name);
        rmdir(path);
    }
    rmdir(folder);
    assert_int_equal(ps_pmu_look(folder), PS_PMU_UNKNOWN);
}

static void open_here(struct fixture *f)
{
    assert_int_equal(ps_counters_open(&f->arena, NULL, 0, false, &f->counters, &f->error), 0);
    f->count = ps_counters_events(f->counters, &f->events);
}

static void test_this_machine(void **state)
{
    struct fixture *f = *state;
    double cost;

    open_here(f);
    assert_int_equal(f->count, DEFAULTS);
    for (size_t i = 0; i < f->count; i++)
        assert_int_equal(f->events[i].state == PS_COUNT_EXACT, f->events[i].reason == NULL);
    assert_int_equal(ps_counters_diagnosis(f->counters) == NULL,
                     f->events[0].state != PS_COUNT_UNAVAILABLE &&
                         f->events[1].state != PS_COUNT_UNAVAILABLE);
    cost = ps_counters_read_cost(f->counters);
    assert_int_equal(ps_counters_any(f->counters), cost > 0);
}

__attribute__((noinline, no_sanitize("address"), no_sanitize("thread"))) static void
touch(volatile char *memory, size_t pages, size_t page)
{
    for (size_t i = 0; i < pages; i++)
        memory[i * page] = 1;
}

static uint64_t count_faults(struct ps_counter_group *g, size_t pages)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *memory =
        mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_ptr_not_equal(memory, MAP_FAILED);
    madvise(memory, pages * page, MADV_NOHUGEPAGE);
    ps_group_reset(g);
    ps_group_begin(g);
    touch(memory, pages, page);
    ps_group_end(g);
    munmap(memory, pages * page);
    return ps_group_counts(g)->value[5];
}

/* Beyond those that the test causes: AddressSanitizer's shadow memory may add a few. */
#if defined(__SANITIZE_ADDRESS__)
#define OTHER_FAULTS 8
#else
#define OTHER_FAULTS 0
#endif

static void test_page_faults(void **state)
{
    struct fixture *f = *state;
    struct ps_counter_group *g;

    open_here(f);
    if (find(f, "page_faults")->state == PS_COUNT_UNAVAILABLE)
        skip_because(find(f, "page_faults")->reason);
    g = create_group(f);
    count_faults(g, 1); /* faults in the code and the stack */
    assert_in_range(count_faults(g, 100), 100, 100 + OTHER_FAULTS);
    assert_int_equal(ps_group_error(g), 0);
    assert_true(ps_group_counts(g)->cpu_ns > 0);
    ps_group_destroy(g);
}

static void test_real_switches(void **state)
{
    struct fixture *f = *state;
    struct ps_counter_group *g;
    const struct ps_counts *sums;

    open_here(f);
    g = create_group(f);
    sums = ps_group_counts(g);
    for (int i = 0; i < 3; i++) {
        block(); /* between intervals: not counted */
        ps_group_begin(g);
        block();
        ps_group_end(g);
    }
    /* Six if those between counted; room for a wait in the kernel that nobody asked for. */
    assert_in_range(sums->voluntary, 3, 5);
    if (find(f, "context_switches")->state == PS_COUNT_EXACT)
        assert_true(sums->value[3] >= 3);
    ps_group_destroy(g);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_permitted),
        TEST(test_paranoid_3),
        TEST(test_user_only),
        TEST(test_forbidden_then_missing),
        TEST(test_missing_events),
        TEST(test_other_refusals),
        TEST(test_none),
        TEST(test_extra_events),
        TEST(test_bad_extra_events),
        TEST(test_group_sums),
        TEST(test_doubt),
        TEST(test_hybrid),
        TEST(test_open_fails_later),
        TEST(test_start_fails),
        TEST(test_read_fails),
        TEST(test_other_thread),
        TEST(test_switches),
        TEST(test_look_for_pmu),
        TEST(test_this_machine),
        TEST(test_page_faults),
        TEST(test_real_switches),
        TEST(test_raw_nonzero),
    };

    return cmocka_run_group_tests_name("counters", tests, NULL, NULL);
}
