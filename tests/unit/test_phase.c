#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "phase.h"

/* As GCC makes it of: for (...) { loop; barrier; if (single_start()) settle(); barrier; } The call
 * of the last barrier is there twice, once before the loop. */
static const unsigned char steps[] = {
    0xeb, 0x05,                   /*  0: jmp 7 */
    0xe8, 0xf9, 0x0f, 0x00, 0x00, /*  2: call wait, of those that do not settle */
    0x90,                         /*  7: the loop */
    0xe8, 0xf3, 0x0f, 0x00, 0x00, /*  8: call wait */
    0xe8, 0x00, 0x20, 0x00, 0x00, /* 13: call single_start */
    0x74, 0xee,                   /* 18: je 2 */
    0xe8, 0x00, 0x30, 0x00, 0x00, /* 20: call settle */
    0xe8, 0xe2, 0x0f, 0x00, 0x00, /* 25: call wait, of the one that settles */
    0x75, 0xe7,                   /* 30: jne 7 */
    0xc3,                         /* 32: ret */
};
#define LOOP   7
#define SETTLE 20

static bool find(const unsigned char *code, size_t size, size_t back, struct ps_phase *out)
{
    return ps_phase_find(code, size, &back, 1, out);
}

static void test_both_ways_to_a_wait(void **state)
{
    static const size_t backs[] = {7, 30};
    struct ps_phase p;

    for (size_t i = 0; i < 2; i++) {
        assert_true(ps_phase_find(steps, sizeof steps, &backs[i], 1, &p));
        assert_true(ps_phase_has(&p, SETTLE));
        assert_true(ps_phase_has(&p, SETTLE + 4));
        assert_false(ps_phase_has(&p, LOOP));
    }
    assert_true(find(steps, sizeof steps, 13, &p));
    assert_true(ps_phase_has(&p, LOOP));
    assert_false(ps_phase_has(&p, SETTLE));
    assert_false(ps_phase_has(&p, PS_PHASE_CODE));
}

/* A loop that is handed out ends with a wait of its own, and is in no phase of the barrier. */
static void test_waits_of_two_kinds(void **state)
{
    static const size_t barrier[] = {30, 13}, end[] = {13, 30};
    unsigned char code[sizeof steps];
    struct ps_phase p;

    memcpy(code, steps, sizeof steps);
    code[10] = 0x08; /* another function */
    assert_true(find(code, sizeof code, 30, &p));
    assert_true(ps_phase_has(&p, LOOP));
    assert_true(ps_phase_find(code, sizeof code, barrier, 2, &p));
    assert_true(ps_phase_has(&p, SETTLE));
    assert_false(ps_phase_has(&p, LOOP));
    assert_true(ps_phase_find(code, sizeof code, end, 2, &p));
    assert_true(ps_phase_has(&p, LOOP));
    assert_false(ps_phase_has(&p, SETTLE));
}

/* What lies beyond the code that is looked at may lead anywhere too. */
static void test_code_beyond(void **state)
{
    static unsigned char code[PS_PHASE_CODE];
    struct ps_phase p;

    memset(code, 0x90, sizeof code);
    memcpy(code, steps, sizeof steps);
    assert_true(find(code, sizeof code, 7, &p));
    code[30] = 0x0f; /* jne far away */
    code[31] = 0x85;
    memcpy(code + 32, &(int32_t){PS_PHASE_CODE}, 4);
    code[36] = 0xc3;
    assert_false(find(code, sizeof code, 7, &p));
}

/* A table of addresses may lead anywhere. */
static void test_code_that_is_not_known(void **state)
{
    unsigned char code[sizeof steps];
    struct ps_phase p;

    assert_false(find(steps, sizeof steps, 8, &p)); /* behind no call */
    assert_false(find(steps, 3, 7, &p));
    memcpy(code, steps, sizeof steps);
    code[30] = 0xff; /* jmp *%rax */
    code[31] = 0xe0;
    assert_false(find(code, sizeof code, 7, &p));
    memcpy(code, steps, sizeof steps);
    memcpy(code + 25, (char[]){0x2e, (char)0xff, (char)0xe0}, 3); /* with a prefix */
    assert_false(find(code, sizeof code, 7, &p));
    memcpy(code, steps, sizeof steps);
    code[30] = 0x06; /* no instruction */
    assert_false(find(code, sizeof code, 7, &p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways_to_a_wait),
        cmocka_unit_test(test_waits_of_two_kinds),
        cmocka_unit_test(test_code_beyond),
        cmocka_unit_test(test_code_that_is_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
