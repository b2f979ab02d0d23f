#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "fixture.h"
#include "skip.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "counters.h"
#include "perf.h"
#include "tree.h"

#define DEFAULTS PS_DEFAULT_EVENTS
#define COUNTED  (PS_DEFAULT_EVENTS - 1) /* without task_clock */
enum { CYCLES, INSTRUCTIONS, TASK_CLOCK, SWITCHES, MIGRATIONS, FAULTS, ASKED };

/* The programs that are counted: this one, with one of these as its arguments. */

__attribute__((noinline, no_sanitize("address"), no_sanitize("thread"))) static void
touch_pages(volatile char *memory, size_t pages, size_t page)
{
    for (size_t i = 0; i < pages; i++)
        memory[i * page] = 1;
}

static int touch(size_t pages)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *memory =
        mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return 1;
    madvise(memory, pages * page, MADV_NOHUGEPAGE);
    touch_pages(memory, pages, page);
    return 0;
}

/* Two children and one of their children, each with its own pages. */
static int touch_below(size_t pages)
{
    for (int i = 0; i < 2; i++) {
        int status;
        pid_t pid = fork();

        if (pid == 0) {
            if (i == 1 && fork() == 0)
                _exit(touch(pages));
            _exit(touch(pages) || (i == 1 && wait(NULL) < 0));
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
            return 1;
    }
    return 0;
}

static int burn(size_t ms)
{
    const clock_t end = clock() + (clock_t)ms * (CLOCKS_PER_SEC / 1000);

    while (clock() < end)
        ;
    return 0;
}

static int pass_on(int from, int to, size_t times)
{
    char c = 0;

    for (size_t i = 0; i < times; i++) {
        if (read(from, &c, 1) != 1 || write(to, &c, 1) != 1)
            return 1;
    }
    return 0;
}

/* On one CPU, so that each way of a round trip needs a switch. */
static int round_trips(size_t times)
{
    int there[2], back[2], cpu = sched_getcpu(), status;
    cpu_set_t one;
    pid_t pid;

    CPU_ZERO(&one);
    CPU_SET((size_t)cpu, &one);
    if (cpu < 0 || sched_setaffinity(0, sizeof one, &one) < 0 || pipe(there) < 0 || pipe(back) < 0)
        return 1;
    pid = fork();
    if (pid == 0)
        _exit(pass_on(there[0], back[1], times));
    if (pid < 0 || write(there[1], "", 1) != 1 || pass_on(back[0], there[1], times) != 0)
        return 1;
    return waitpid(pid, &status, 0) != pid || status;
}

/* Says on standard output when it has touched its pages, and waits until standard input ends. */
static int touch_and_stay(size_t pages)
{
    char c;

    if (touch(pages) != 0 || write(STDOUT_FILENO, "", 1) != 1)
        return 1;
    return read(STDIN_FILENO, &c, 1) != 0;
}

static const struct role {
    const char *name;
    int (*run)(size_t amount);
} roles[] = {{"touch", touch},
             {"touch-below", touch_below},
             {"burn", burn},
             {"round-trips", round_trips},
             {"touch-and-stay", touch_and_stay}};

static int play(const char *name, const char *amount)
{
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (!strcmp(roles[i].name, name))
            return roles[i].run(strtoul(amount, NULL, 10));
    }
    return 1;
}

/* A kernel that answers as told. */
struct script {
    int kernel_error;         /* of opens that include the kernel; negative errno or 0 */
    int inherit_error;        /* of opens with inherit */
    int read_result;          /* negative errno, or bytes missing */
    unsigned kept, inherited; /* opens */
    bool opened;              /* ps_counters_open, which tries what there is, is through */
    bool wrong;               /* an inherited event is not as it must be */
    bool grouped;             /* one was opened beside another */
    uint64_t record[3];
};

static int script_open(void *arg, struct perf_event_attr *attr, int group)
{
    struct script *s = arg;

    if (s->kernel_error && !attr->exclude_kernel)
        return s->kernel_error;
    if (!s->opened)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (attr->inherit && s->inherit_error)
        return s->inherit_error;
    s->grouped |= group >= 0;
    s->wrong |=
        attr->pinned || attr->disabled != (group < 0) || (group >= 0 && !attr->inherit) ||
        attr->enable_on_exec != (attr->inherit && group < 0) ||
        attr->read_format != (PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING);
    s->inherited += attr->inherit;
    s->kept += !attr->inherit;
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int script_start(void *arg, int leader)
{
    return 0;
}

static ssize_t script_read(void *arg, int fd, void *buffer, size_t size)
{
    struct script *s = arg;

    if (s->read_result < 0)
        return s->read_result;
    assert_int_equal(size, sizeof s->record);
    memcpy(buffer, s->record, sizeof s->record);
    for (size_t i = 0; i < 3; i++)
        s->record[i]++;
    return (ssize_t)sizeof s->record - s->read_result;
}

struct fixture {
    struct ps_arena arena;
    struct script script;
    struct ps_counters *counters;
    struct ps_tree_counter *tree;
    struct ps_tree_counts from, to;
};

static int setup(void **state)
{
    fixture_new(state, sizeof(struct fixture));
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    ps_tree_destroy(f->tree);
    return fixture_end(state);
}

static void open_script(struct fixture *f)
{
    const struct ps_perf perf = {script_open, script_start,   script_read, &f->script,
                                 2,           PS_PMU_PRESENT, false};

    const struct ps_event_request request = {.none = false};

    assert_int_equal(ps_counters_open_with(&perf, &f->arena, &request, &f->counters, NULL), 0);
    f->script.opened = true;
    assert_int_equal(ps_tree_create(f->counters, 0, &f->tree), 0);
}

static size_t open_descriptors(void)
{
    size_t n = 0;

    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void test_how_they_open(void **state)
{
    struct fixture *f = *state;
    const size_t before = open_descriptors();

    open_script(f);
    assert_false(f->script.wrong);
    assert_true(f->script.grouped); /* instructions with cycles, and nothing else */
    assert_int_equal(f->script.inherited, COUNTED);
    assert_int_equal(f->script.kept, COUNTED);
    assert_true(open_descriptors() > before);
    ps_tree_destroy(f->tree);
    assert_int_equal(open_descriptors(), before);
    ps_tree_destroy(NULL);
    f->script = (struct script){.kernel_error = -EACCES};
    open_script(f);
    assert_false(f->script.wrong);
    assert_int_equal(f->script.inherited, COUNTED - 2); /* not what only the kernel counts */
}

static void test_differences(void **state)
{
    struct fixture *f = *state;

    open_script(f);
    memcpy(f->script.record, (const uint64_t[]){1000, 200, 100}, sizeof f->script.record);
    assert_int_equal(ps_tree_read(f->tree, &f->from), 0);
    memcpy(f->script.record, (const uint64_t[]){3000, 700, 400}, sizeof f->script.record);
    assert_int_equal(ps_tree_read(f->tree, &f->to), 0);
    for (size_t i = 0; i < DEFAULTS; i++) {
        const struct ps_counts c = ps_tree_between(f->tree, &f->from, &f->to);
        const bool open = i != TASK_CLOCK;

        assert_int_equal(f->from.value[i], open ? 1000 + i - (i > TASK_CLOCK) : 0);
        assert_int_equal(c.value[i], open ? 2000 : 0);
        assert_int_equal(c.enabled_ns[i], open ? 500 : 0);
        assert_int_equal(c.running_ns[i], open ? 300 : 0);
    }
}

static void test_does_not_open(void **state)
{
    struct fixture *f = *state;
    const struct ps_event *events;
    const size_t before = open_descriptors();
    struct ps_counts c;

    f->script.inherit_error = -EINVAL;
    open_script(f);
    assert_int_equal(open_descriptors(), before);
    f->script.read_result = -EBADF;
    assert_int_equal(ps_tree_read(f->tree, &f->from), 0);
    c = ps_tree_between(f->tree, &f->from, &f->from);
    assert_int_equal(c.enabled_ns[FAULTS], 0);
    ps_counters_events(f->counters, &events);
    assert_string_equal(ps_count_doubt(&events[FAULTS], &c, FAULTS), "no interval was counted");
}

static void test_read_fails(void **state)
{
    static const struct {
        int result, error;
    } table[] = {{-EINTR, -EINTR}, {8, -EIO}};
    struct fixture *f = *state;

    open_script(f);
    for (size_t i = 0; i < 2; i++) {
        f->to.value[0] = 77;
        f->script.read_result = table[i].result;
        assert_int_equal(ps_tree_read(f->tree, &f->to), table[i].error);
        assert_int_equal(f->to.value[0], 77);
    }
}

/* From here on the real kernel. */

static void open_here(struct fixture *f, size_t event)
{
    static const char *const asked[] = {"task-clock"};
    const struct ps_event *events;

    /* The same addresses in every child, so that all have the same faults of their own. */
    personality(ADDR_NO_RANDOMIZE);
    assert_int_equal(ps_counters_open(&f->arena, asked, 1, false, &f->counters, NULL), 0);
    ps_counters_events(f->counters, &events);
    if (events[event].state == PS_COUNT_UNAVAILABLE)
        skip_because(events[event].reason);
    assert_int_equal(ps_tree_create(f->counters, 0, &f->tree), 0);
}

static pid_t start(const char *role, const char *amount, const posix_spawn_file_actions_t *files)
{
    char *words[] = {"/proc/self/exe", (char *)role, (char *)amount, NULL};
    pid_t pid;

    assert_int_equal(posix_spawn(&pid, words[0], files, NULL, words, environ), 0);
    return pid;
}

static struct rusage end(pid_t pid)
{
    struct rusage usage;
    int status;

    assert_int_equal(wait4(pid, &status, 0, &usage), pid);
    assert_int_equal(status, 0);
    return usage;
}

/* Reads before and after; the usage is what wait4() says. */
static struct rusage run(struct fixture *f, const char *role, const char *amount)
{
    struct rusage usage;

    assert_int_equal(ps_tree_read(f->tree, &f->from), 0);
    usage = end(start(role, amount, NULL));
    assert_int_equal(ps_tree_read(f->tree, &f->to), 0);
    return usage;
}

static uint64_t counted(const struct fixture *f, size_t event)
{
    return ps_tree_between(f->tree, &f->from, &f->to).value[event];
}

static uint64_t faults_of(struct fixture *f, const char *role, const char *amount)
{
    run(f, role, amount);
    return counted(f, FAULTS);
}

/* A program's faults of its own, at its start and end, differ by one or two from time to time, by a
 * few dozen where a sanitizer runs several processes under load. */
static void assert_about(uint64_t value, uint64_t expected)
{
    const uint64_t slack = 16 + expected / 32;

    assert_in_range(value + slack, expected, expected + 2 * slack);
}

static void test_page_faults(void **state)
{
    struct fixture *f = *state;
    const struct ps_event *events;
    uint64_t few, more;
    struct ps_counts c;

    open_here(f, FAULTS);
    run(f, "touch", "0001"); /* brings the file into memory */
    few = faults_of(f, "touch", "0100");
    more = faults_of(f, "touch", "2100");
    assert_true(few >= 100);
    assert_about(more - few, 2000);
    c = ps_tree_between(f->tree, &f->from, &f->to);
    ps_counters_events(f->counters, &events);
    assert_null(ps_count_doubt(&events[FAULTS], &c, FAULTS));
    assert_int_equal(c.enabled_ns[FAULTS], c.running_ns[FAULTS]);
}

static void test_every_execution_alone(void **state)
{
    struct fixture *f = *state;
    uint64_t small, large;

    open_here(f, FAULTS);
    run(f, "touch", "0001");
    small = faults_of(f, "touch", "0100");
    large = faults_of(f, "touch", "3000");
    for (int i = 0; i < 10; i++) {
        assert_about(faults_of(f, "touch", "0100"), small);
        assert_about(faults_of(f, "touch", "3000"), large);
    }
    assert_int_equal(ps_tree_read(f->tree, &f->from), 0);
    assert_int_equal(ps_tree_read(f->tree, &f->to), 0);
    assert_int_equal(counted(f, FAULTS), 0);
}

static void test_descendants(void **state)
{
    struct fixture *f = *state;
    uint64_t few;

    open_here(f, FAULTS);
    run(f, "touch-below", "0001");
    few = faults_of(f, "touch-below", "0100");
    assert_true(few >= 300);
    assert_about(faults_of(f, "touch-below", "1100") - few, 3000);
}

static void test_nothing_before_exec(void **state)
{
    static const char *const words[] = {"/proc/self/exe", "touch", "0100", NULL};
    struct fixture *f = *state;
    uint64_t plain;
    pid_t pid;

    open_here(f, FAULTS);
    run(f, "touch", "0001");
    plain = faults_of(f, "touch", "0100");
    for (int with_exec = 0; with_exec < 2; with_exec++) {
        assert_int_equal(ps_tree_read(f->tree, &f->from), 0);
        pid = fork();
        if (pid == 0) {
            if (touch(5000) != 0)
                _exit(1);
            if (with_exec)
                execv(words[0], (char *const *)words);
            _exit(with_exec);
        }
        end(pid);
        assert_int_equal(ps_tree_read(f->tree, &f->to), 0);
        if (with_exec)
            assert_about(counted(f, FAULTS), plain);
        else
            assert_int_equal(counted(f, FAULTS), 0);
    }
    assert_int_equal(touch(5000), 0); /* nor do we count ourselves */
    assert_int_equal(ps_tree_read(f->tree, &f->to), 0);
    assert_about(counted(f, FAULTS), plain);
}

static void test_what_still_runs(void **state)
{
    struct fixture *f = *state;
    posix_spawn_file_actions_t files;
    int in[2], out[2];
    char c;
    pid_t pid;

    open_here(f, FAULTS);
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(posix_spawn_file_actions_init(&files), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&files, in[0], STDIN_FILENO), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO), 0);
    assert_int_equal(ps_tree_read(f->tree, &f->from), 0);
    pid = start("touch-and-stay", "1000", &files);
    assert_int_equal(read(out[0], &c, 1), 1);
    assert_int_equal(ps_tree_read(f->tree, &f->to), 0);
    assert_true(counted(f, FAULTS) >= 1000);
    close(in[1]);
    end(pid);
    f->from = f->to;
    assert_int_equal(ps_tree_read(f->tree, &f->to), 0);
    assert_true(counted(f, FAULTS) < 1000);
    posix_spawn_file_actions_destroy(&files);
    close(in[0]);
    close(out[0]);
    close(out[1]);
}

static void test_cpu_time(void **state)
{
    struct fixture *f = *state;
    struct rusage u;
    double cpu;

    open_here(f, ASKED);
    u = run(f, "burn", "100");
    cpu = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
          1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
    assert_true(cpu > 0.09);
    /* wait4() has what was before exec too, and may leave out what the hypervisor took. */
    assert_true((double)counted(f, ASKED) * 1e-9 > 0.9 * cpu);
    assert_true((double)counted(f, ASKED) * 1e-9 < 1.5 * cpu);
}

static void test_switches(void **state)
{
    struct fixture *f = *state;
    const struct ps_event *events;

    open_here(f, SWITCHES);
    ps_counters_events(f->counters, &events);
    if (events[SWITCHES].state != PS_COUNT_EXACT)
        skip_because(events[SWITCHES].reason);
    run(f, "round-trips", "500");
    assert_true(counted(f, SWITCHES) >= 2 * 500 - 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_how_they_open),   TEST(test_differences),
        TEST(test_does_not_open),   TEST(test_read_fails),
        TEST(test_page_faults),     TEST(test_every_execution_alone),
        TEST(test_descendants),     TEST(test_nothing_before_exec),
        TEST(test_what_still_runs), TEST(test_cpu_time),
        TEST(test_switches),
    };

    if (argc == 3)
        _exit(play(argv[1], argv[2])); /* with nothing of sanitizers behind it */
    return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
