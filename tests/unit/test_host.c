#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "host.h"
#include "thread_limits.h"

struct fixture {
    struct ps_arena arena;
    char root[4096];
    struct ps_host host;
};

static int setup(void **state)
{
    fixture_new(state, sizeof(struct fixture));
    return 0;
}

static void set_root(struct fixture *f, const char *name)
{
    const char *data = getenv("TEST_DATA");

    snprintf(f->root, sizeof f->root, "%s/%s", data ? data : "tests/unit/data", name);
}

static const struct ps_host *read_host(struct fixture *f, const char *name)
{
    set_root(f, name);
    ps_host_read(&f->arena, f->root, &f->host);
    return &f->host;
}

static int read_times(struct fixture *f, const char *name, struct ps_cpu_times *t)
{
    set_root(f, name);
    return ps_cpu_times_read(&f->arena, f->root, t);
}

/* The limit is one level above our own cgroup, which allows more. */
static void test_host_with_cgroup_v2(void **state)
{
    const struct ps_host *h = read_host(*state, "host-v2");

    assert_string_equal(h->cpu_model, "AMD EPYC 7B13");
    assert_string_equal(h->kernel, "Linux 6.1.0-18-amd64 x86_64");
    assert_string_equal(h->virtualization, "vm");
    assert_string_equal(h->governor, "performance");
    assert_string_equal(h->turbo, "on");
    assert_string_equal(h->smt_control, "forceoff");
    assert_int_equal(h->perf_event_paranoid, -1);
    assert_true(h->cpu_quota == 1.5);
    assert_string_equal(h->quota_source, "cgroup v2 cpu.max");
}

/* In a container without a cgroup namespace: paths are the host's, the mount shows a part. */
static void test_host_with_cgroup_v1(void **state)
{
    const struct ps_host *h = read_host(*state, "host-v1");

    assert_string_equal(h->cpu_model, "ARM Neoverse N1");
    assert_string_equal(h->virtualization, "qemu");
    assert_true(h->cpu_quota == 0.5);
    assert_string_equal(h->quota_source, "cgroup v1 cpu.cfs_quota_us");
    assert_int_equal(h->perf_event_paranoid, -2);
}

static void test_cgroup_outside_the_namespace(void **state)
{
    const struct ps_host *h = read_host(*state, "host-namespace");

    assert_true(h->cpu_quota == 0.5);
    assert_string_equal(h->cpu_model, "ARM implementer 0x61 part 0x022");
    assert_string_equal(h->virtualization, "xen");
}

static void test_intel_host(void **state)
{
    const struct ps_host *h = read_host(*state, "host-hybrid");

    assert_string_equal(h->cpu_model, "12th Gen Intel(R) Core(TM) i3-test");
    assert_string_equal(h->virtualization, "none");
    assert_string_equal(h->governor, "powersave");
    assert_string_equal(h->turbo, "off");
    assert_string_equal(h->smt_control, "on");
    assert_int_equal(h->perf_event_paranoid, 4);
    assert_true(isnan(h->cpu_quota));
    assert_null(h->quota_source);
}

static void assert_nothing_known(const struct ps_host *h)
{
    assert_string_equal(h->cpu_model, "unknown");
    assert_string_equal(h->kernel, "unknown");
    assert_string_equal(h->virtualization, "unknown");
    assert_null(h->governor);
    assert_null(h->turbo);
    assert_null(h->smt_control);
    assert_int_equal(h->perf_event_paranoid, -2);
    assert_true(isnan(h->cpu_quota));
    assert_null(h->quota_source);
}

static void test_nothing_readable(void **state)
{
    assert_nothing_known(read_host(*state, "host-that-is-not-there"));
    assert_nothing_known(read_host(*state, "host-garbage"));
}

static void test_this_machine(void **state)
{
    struct fixture *f = *state;
    struct ps_cpu_times t;

    ps_host_read(&f->arena, "", &f->host);
    assert_int_equal(strncmp(f->host.kernel, "Linux ", 6), 0);
    assert_true(strlen(f->host.cpu_model) > 0);
    assert_true(strlen(f->host.virtualization) > 0);
    assert_true(isnan(f->host.cpu_quota) == (f->host.quota_source == NULL));
    assert_int_equal(ps_cpu_times_read(&f->arena, "", &t), 0);
    assert_true(t.count >= 1 && t.all > 0);
}

/* Guest time is part of user and nice; CPU 1 is offline. */
static void test_times(void **state)
{
    struct ps_cpu_times t;

    assert_int_equal(read_times(*state, "host-v2", &t), 0);
    assert_int_equal(t.count, 3);
    assert_int_equal(t.busy[0], 600 + 60 + 200 + 5 + 10 + 20);
    assert_int_equal(t.total[0], t.busy[0] + 2500 + 100);
    assert_int_equal(t.busy[1], 0);
    assert_int_equal(t.total[1], 0);
    assert_int_equal(t.busy[2], 300 + 30 + 50 + 5 + 10 + 20);
    assert_int_equal(t.steal, 40);
    assert_int_equal(t.all, 1000 + 100 + 300 + 5000 + 200 + 10 + 20 + 40);
    assert_int_equal(t.throttled_ns, 3000000);
}

static void test_times_of_an_old_kernel(void **state)
{
    struct ps_cpu_times t;

    assert_int_equal(read_times(*state, "host-v1", &t), 0);
    assert_int_equal(t.count, 1);
    assert_int_equal(t.busy[0], 160);
    assert_int_equal(t.total[0], 970);
    assert_int_equal(t.steal, 0);
    assert_int_equal(t.throttled_ns, 777);
}

static void test_times_not_known(void **state)
{
    struct ps_cpu_times t = {.count = 42};

    assert_int_equal(read_times(*state, "host-that-is-not-there", &t), -ENOENT);
    assert_int_equal(read_times(*state, "host-garbage", &t), -EINVAL);
    assert_int_equal(t.count, 42);
}

static void write_stat(const char *path, unsigned cpus)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fprintf(f, "cpu  %u 0 0 %u 0 0 0 0 0 0\n", cpus, 2 * cpus);
    for (unsigned i = 0; i < cpus; i++)
        fprintf(f, "cpu%u %u 0 0 7 0 0 0 0 0 0\n", i, i);
    fprintf(f, "cpu4000000000 1 1 1 1\nintr");
    for (unsigned i = 0; i < 10000; i++)
        fputs(" 0", f);
    assert_int_equal(fclose(f), 0);
}

static void test_times_of_thousands(void **state)
{
    struct fixture *f = *state;
    char root[] = "/tmp/parscope-host-XXXXXX", proc[64], path[64];
    struct ps_cpu_times t;
    int rc;

    assert_non_null(mkdtemp(root));
    snprintf(proc, sizeof proc, "%s/proc", root);
    snprintf(path, sizeof path, "%s/proc/stat", root);
    assert_int_equal(mkdir(proc, 0700), 0);
    write_stat(path, 5000);
    rc = ps_cpu_times_read(&f->arena, root, &t);
    unlink(path);
    rmdir(proc);
    rmdir(root);
    assert_int_equal(rc, 0);
    assert_int_equal(t.count, 5000);
    assert_int_equal(t.all, 15000);
    for (unsigned i = 0; i < 5000; i++) {
        assert_int_equal(t.busy[i], i);
        assert_int_equal(t.total[i], i + 7);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_end)

static void test_memory(void **state)
{
    const char *data = getenv("TEST_DATA");
    char root[4096];

    assert_non_null(data);
    snprintf(root, sizeof root, "%s/host-v2", data);
    assert_true(ps_memory_available(root) == 8192000ull * 1024);
    snprintf(root, sizeof root, "%s/host-v1", data);
    assert_true(ps_memory_available(root) == 0);
}

static void add_file(const char *root, const char *path, const char *text)
{
    char full[4096];
    FILE *f;

    snprintf(full, sizeof full, "%s%s", root, path);
    for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(full, 0755);
        *slash = '/';
    }
    f = fopen(full, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* What is said of a system with two mappings and 3000 threads. */
static void expect_limit(const char *maps, const char *pids, const char *threads, const char *says)
{
    char root[] = "/tmp/parscope-limits-XXXXXX", text[200], remove[64];

    assert_non_null(mkdtemp(root));
    add_file(root, "/proc/self/maps", "0-1 r-xp\n2-3 rw-p\n");
    add_file(root, "/proc/loadavg", "0.20 0.18 0.12 1/3000 11206\n");
    add_file(root, "/proc/sys/vm/max_map_count", maps);
    add_file(root, "/proc/sys/kernel/pid_max", pids);
    add_file(root, "/proc/sys/kernel/threads-max", threads);
    assert_non_null(strstr(ps_limit_of_threads(root, text, sizeof text), says));
    if (!strstr(says, "max_map_count"))
        says = "out of memory";
    assert_non_null(strstr(ps_limit_of_mappings(root, text, sizeof text), says));
    snprintf(remove, sizeof remove, "rm -r %s", root);
    assert_int_equal(system(remove), 0);
}

static void test_limit_that_was_reached(void **state)
{
    expect_limit("9\n", "32768\n", "99999\n", "sysctl vm.max_map_count=36");
    expect_limit("65530\n", "3100\n", "99999\n", "kernel.pid_max=3100");
    expect_limit("65530\n", "32768\n", "3010\n", "kernel.threads-max=3010");
    expect_limit("65530\n", "32768\n", "99999\n", "ulimit -u");
    expect_limit("", "", "", "ulimit -u");
}

static struct ps_cpu_times times_of(uint64_t busy[2], uint64_t total[2])
{
    return (struct ps_cpu_times){.count = 2, .busy = busy, .total = total};
}

/* The columns of an idle CPU stand still: its share is of the time, not of their sum. */
static void test_busy_shares(void **state)
{
    uint64_t zero[2] = {1000, 1000}, busy[2] = {1001, 1010}, total[2] = {1001, 1010};
    const struct ps_cpu_times from = times_of(zero, zero), to = times_of(busy, total);
    struct ps_cpu_times other = to;

    assert_float_equal(ps_cpu_busy(&from, &to, 0, 0.1), 0.1, 1e-9);
    assert_float_equal(ps_cpu_busy(&from, &to, 1, 0.1), 1, 1e-9);
    assert_true(isnan(ps_cpu_busy(&from, &to, 0, 0.001))); /* one tick would be all of it */
    assert_true(isnan(ps_cpu_busy(&from, &to, 2, 0.1)));
    other.count = 1;
    assert_true(isnan(ps_cpu_busy(&from, &other, 0, 0.1)));
}

static bool busy(double first, double second)
{
    const double shares[] = {first, second};
    double share;

    return ps_cpus_were_busy(shares, 2, 0.1, 0.1, &share);
}

static void test_busy_machine(void **state)
{
    double share;

    assert_false(busy(0, 0));
    assert_false(busy(0.1, 0.2)); /* three ticks may be chance */
    assert_true(busy(0, 0.9));    /* a spinning process, as far as it was seen */
    assert_true(busy(1, 0));
    assert_true(busy(NAN, 1));
    assert_false(busy(NAN, NAN));
    assert_true(ps_cpus_were_busy((const double[]){1, 0}, 2, 0.1, 0.1, &share));
    assert_float_equal(share, 0.5, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_host_with_cgroup_v2),
        TEST(test_host_with_cgroup_v1),
        TEST(test_cgroup_outside_the_namespace),
        TEST(test_intel_host),
        TEST(test_nothing_readable),
        TEST(test_this_machine),
        TEST(test_times),
        TEST(test_times_of_an_old_kernel),
        TEST(test_times_not_known),
        TEST(test_times_of_thousands),
        cmocka_unit_test(test_busy_shares),
        cmocka_unit_test(test_busy_machine),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_limit_that_was_reached),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
