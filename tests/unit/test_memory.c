#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"

#define BYTES 70000

static int setup(void **state)
{
    struct ps_memory *m = test_malloc(sizeof *m);

    ps_memory_init(m);
    *state = m;
    return 0;
}

static int teardown(void **state)
{
    ps_memory_finish(*state);
    test_free(*state);
    return 0;
}

static void test_alloc(void **state)
{
    static const size_t sizes[] = {1, 128, 4095, 4096, 4097, BYTES, 0};
    struct parscope_memory *m = *state;

    for (size_t i = 0; sizes[i]; i++) {
        unsigned char *p = parscope_alloc(m, sizes[i], 1);

        assert_non_null(p);
        assert_int_equal((uintptr_t)p % PARSCOPE_LINE, 0);
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(p[k], 0);
        memset(p, 1, sizes[i]);
    }
}

static void test_too_much(void **state)
{
    assert_null(parscope_alloc(*state, UINT64_MAX, 2));
    assert_null(parscope_alloc(*state, 1, SIZE_MAX - 10));
    assert_null(parscope_alloc(*state, UINT64_C(1) << 50, 16));
}

/* What a child process writes to p[0], seen by us. */
static int after_child(int *p, int value)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        *p = value;
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    return *p;
}

static void test_share_and_custom(void **state)
{
    struct ps_memory *m = *state;
    int *big = parscope_alloc(&m->abi, BYTES, sizeof(int)), *small;

    small = parscope_alloc(&m->abi, 1, sizeof(int));
    for (int i = 0; i < BYTES; i++)
        big[i] = i;
    *small = 5;
    assert_int_equal(after_child(big, 1), 0);
    assert_int_equal(ps_memory_share(m), 0);
    assert_int_equal(after_child(big, 2), 2);
    assert_int_equal(after_child(small, 6), 6);
    assert_int_equal(ps_memory_own(m), 0);
    assert_int_equal(after_child(big, 3), 2);
    for (int i = 1; i < BYTES; i++)
        assert_int_equal(big[i], i);
}

static void test_end_is_guarded(void **state)
{
    struct parscope_memory *m = *state;
    volatile char *p = parscope_alloc(m, 1000, 128);
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        signal(SIGSEGV, SIG_DFL);
        p[128000 - 1] = 1;
        p[128000] = 1;
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_not_equal(status, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_alloc),
        TEST(test_too_much),
        TEST(test_share_and_custom),
        TEST(test_end_is_guarded),
    };

    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
