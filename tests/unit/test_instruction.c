#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "instruction.h"
#include "rng.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void test_lengths_and_kinds(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        bool atomic, stores, loads, counts, jumps;
    } table[] = {
        {"\x90", 1, 0, 0, 0, 0, 0},
        {"\x48\x89\x07", 3, 0, 1, 0, 0, 0},                              /* mov %rax,(%rdi) */
        {"\x48\x8b\x07", 3, 0, 0, 1, 0, 0},                              /* mov (%rdi),%rax */
        {"\x48\x89\xc7", 3, 0, 0, 0, 0, 0},                              /* mov %rax,%rdi */
        {"\x48\x83\x07\x01", 4, 0, 1, 1, 0, 0},                          /* addq $1,(%rdi) */
        {"\x48\x83\xc0\x01", 4, 0, 0, 0, 1, 0},                          /* add $1,%rax */
        {"\x48\x83\xf8\x01", 4, 0, 0, 0, 0, 0},                          /* cmp $1,%rax */
        {"\xf0\x48\x83\x05\x01\x02\x03\x04\x01", 9, 1, 1, 1, 0, 0},      /* lock addq $1,x(%rip) */
        {"\x86\x05\x01\x02\x03\x04", 6, 1, 1, 1, 0, 0},                  /* xchg %al,x(%rip) */
        {"\xf0\x48\x0f\xb1\x0f", 5, 1, 1, 1, 0, 0},                      /* lock cmpxchg */
        {"\x48\x8d\x44\x24\x08", 5, 0, 0, 0, 1, 0},                      /* lea 8(%rsp),%rax */
        {"\x0f\x1f\x84\x00\x00\x00\x00\x00", 8, 0, 0, 0, 0, 0},          /* nopl 0(%rax,%rax) */
        {"\x48\xb8\x01\x02\x03\x04\x05\x06\x07\x08", 10, 0, 0, 0, 0, 0}, /* movabs */
        {"\x66\xb8\x01\x02", 4, 0, 0, 0, 0, 0},                          /* mov $x,%ax */
        {"\xf6\x05\x01\x02\x03\x04\x05", 7, 0, 0, 1, 0, 0},              /* testb $5,x(%rip) */
        {"\xf7\xd8", 2, 0, 0, 0, 0, 0},                                  /* neg %eax */
        {"\xc5\xfd\x11\x04\x07", 5, 0, 1, 0, 1, 0},     /* vmovupd %ymm0,(%rdi,%rax) */
        {"\x75\xfe", 2, 0, 0, 0, 0, 1},                 /* jne */
        {"\x0f\x85\x01\x02\x03\x04", 6, 0, 0, 0, 0, 1}, /* jne, far */
    };
    struct ps_instruction in;

    for (size_t i = 0; i < COUNT(table); i++) {
        assert_true(
            ps_instruction_decode((const unsigned char *)table[i].bytes, table[i].length, &in));
        assert_int_equal(in.length, table[i].length);
        assert_int_equal(in.atomic, table[i].atomic);
        assert_int_equal(in.stores, table[i].stores);
        assert_int_equal(in.loads, table[i].loads);
        assert_int_equal(in.counts, table[i].counts);
        assert_int_equal(in.jumps, table[i].jumps);
        for (size_t size = 0; size < table[i].length; size++)
            assert_false(ps_instruction_decode((const unsigned char *)table[i].bytes, size, &in));
    }
}

/* Copied to memory of just their size, so that a read behind them is found. */
static void test_hostile_bytes(void **state)
{
    struct ps_rng rng = {.state = 7};
    struct ps_instruction in;

    for (int i = 0; i < 200000; i++) {
        const size_t size = 1 + ps_rng_below(&rng, 24);
        unsigned char *bytes = malloc(size);

        for (size_t k = 0; k < size; k++)
            bytes[k] = (unsigned char)ps_rng_below(&rng, ps_rng_below(&rng, 2) ? 256 : 0x68);
        if (ps_instruction_decode(bytes, size, &in)) {
            assert_in_range(in.length, 1, size < 15 ? size : 15);
            assert_true(!in.atomic || in.stores);
        }
        ps_hot_code(bytes, size, ps_rng_below(&rng, size));
        free(bytes);
    }
}

static void test_only_prefixes(void **state)
{
    unsigned char bytes[64];
    struct ps_instruction in;

    memset(bytes, 0x66, sizeof bytes);
    assert_false(ps_instruction_decode(bytes, sizeof bytes, &in));
    assert_int_equal(ps_hot_code(bytes, sizeof bytes, 3), PS_HOT_OPEN);
}

static enum ps_hot hot(const char *bytes, size_t size, size_t at)
{
    return ps_hot_code((const unsigned char *)bytes, size, at);
}

/* Loops that only read, and don't wait. */
static void test_walks(void **state)
{
    /* 0: cmp %esi,0x20(%rax); jle a; mov 0x10(%rax),%rax; jmp e; a: mov 0x18(%rax),%rax;
     * e: test %rax,%rax; jne 0; ret: down a tree */
    static const char tree[] =
        "\x39\x70\x20\x7e\x06\x48\x8b\x40\x10\xeb\x04\x48\x8b\x40\x18\x48\x85\xc0\x75\xec\xc3";
    /* 0: mov %rcx,%rax; test %rax,%rax; je 15; 8: mov 0x10(%rax),%rdx; mov 0x18(%rax),%rcx;
     * cmp %ebx,0x20(%rax); jl 0; 15: ret: down a tree whose loop is entered at 8 */
    static const char rotated[] = "\x48\x89\xc8\x48\x85\xc0\x74\x0d\x48\x8b\x50\x10\x48\x8b\x48"
                                  "\x18\x39\x58\x20\x7c\xeb\xc3";
    /* 0: mov (%r9),%r9; test %r9,%r9; jne 0; ret: along a list */
    static const char list[] = "\x4d\x8b\x09\x4d\x85\xc9\x75\xf8\xc3";
    /* 0: mov -8(%rbp),%rax; mov (%rax),%eax; test %eax,%eax; jne 0; ret: a word by its pointer */
    static const char pointer[] = "\x48\x8b\x45\xf8\x8b\x00\x85\xc0\x75\xf6\xc3";

    assert_int_equal(hot(tree, sizeof tree - 1, 0), PS_HOT_LOAD);
    assert_int_equal(hot(tree, sizeof tree - 1, 11), PS_HOT_LOAD);
    assert_int_equal(hot(rotated, sizeof rotated - 1, 16), PS_HOT_LOAD);
    assert_int_equal(hot(list, sizeof list - 1, 0), PS_HOT_LOAD);
    assert_int_equal(hot(pointer, sizeof pointer - 1, 4), PS_HOT_SPIN);
}

static void test_spin_lock(void **state)
{
    /* mov $1,%edx; 5: mov %edx,%eax; xchg %al,(%rdi); test %al,%al; jne 5; ret */
    static const char code[] = "\xba\x01\x00\x00\x00\x89\xd0\x86\x07\x84\xc0\x75\xf8\xc3";
    /* pause; cmpl $0,(%rdi); jne 0; ret */
    static const char pause[] = "\xf3\x90\x83\x3f\x00\x75\xf9\xc3";
    /* 0: jmp elsewhere; cmpl $-1,(%rax); je 0; ret: as sqrt() begins */
    static const char leaves[] = "\xe9\x91\x88\x01\x00\x83\x38\xff\x74\xf6\xc3";

    assert_int_equal(hot(code, sizeof code - 1, 7), PS_HOT_SPIN);
    assert_int_equal(hot(code, sizeof code - 1, 9), PS_HOT_SPIN);
    assert_int_equal(hot(code, sizeof code - 1, 0), PS_HOT_OPEN);
    assert_int_equal(hot(code, sizeof code - 1, 8), PS_HOT_OPEN); /* not where one begins */
    assert_int_equal(hot(pause, sizeof pause - 1, 2), PS_HOT_SPIN);
    assert_int_equal(hot(leaves, sizeof leaves - 1, 0), PS_HOT_OPEN);
}

static void test_counting_is_no_waiting(void **state)
{
    /* 0: lock addq $1,(%rdi); sub $1,%rsi; jne 0; ret */
    static const char atomic[] = "\xf0\x48\x83\x07\x01\x48\x83\xee\x01\x75\xf5\xc3";
    /* 0: addq $1,(%rdi); sub $1,%rsi; jne 0; ret */
    static const char store[] = "\x48\x83\x07\x01\x48\x83\xee\x01\x75\xf6\xc3";
    /* 0: addsd (%rdi),%xmm0; add $8,%rdi; cmp %rsi,%rdi; jne 0; ret */
    static const char load[] = "\xf2\x0f\x58\x07\x48\x83\xc7\x08\x48\x39\xf7\x75\xf3\xc3";

    assert_int_equal(hot(atomic, sizeof atomic - 1, 0), PS_HOT_ATOMIC);
    assert_int_equal(hot(atomic, sizeof atomic - 1, 5), PS_HOT_ATOMIC);
    assert_int_equal(hot(store, sizeof store - 1, 0), PS_HOT_STORE);
    assert_int_equal(hot(store, sizeof store - 1, 4), PS_HOT_STORE);
    assert_int_equal(hot(load, sizeof load - 1, 0), PS_HOT_LOAD);
    assert_int_equal(hot(load, sizeof load - 1, 8), PS_HOT_OPEN);
}

static void test_a_word_that_is_rewritten(void **state)
{
    /* 0: mov (%rsi,%rcx,8),%rax; 4: add $1,%rdx; 8: add $1,%rax; c: mov %rax,(%rsi,%rcx,8);
     * 10: cmp %rdi,%rdx; jne 0; ret */
    static const char stays[] = "\x48\x8b\x04\xce\x48\x83\xc2\x01\x48\x83\xc0\x01\x48\x89\x04\xce"
                                "\x48\x39\xfa\x75\xeb\xc3";
    /* the same with add $1,%rcx: along an array */
    static const char goes[] = "\x48\x8b\x04\xce\x48\x83\xc1\x01\x48\x83\xc0\x01\x48\x89\x04\xce"
                               "\x48\x39\xfa\x75\xeb\xc3";
    /* the first, written to the word behind */
    static const char other[] =
        "\x48\x8b\x04\xce\x48\x83\xc2\x01\x90\x48\x83\xc0\x01\x48\x89\x44\xce\x08"
        "\x48\x39\xfa\x75\xe9\xc3";
    /* 0: mov (%r8),%rax; 3: mov 8(%rax),%r8; 7: mov %rax,(%r8); jmp 0: the address is loaded anew
     */
    static const char loaded[] = "\x49\x8b\x00\x4c\x8b\x40\x08\x49\x89\x00\xeb\xf4\xc3";

    /* 0: vmulsd (%r8),%xmm1,%xmm0; 5: vmovsd %xmm0,(%r8); a: add $8,%r8; cmp %r9,%r8; jne 0; ret:
     * along an array, by a register that only the prefix names */
    static const char vector[] = "\xc4\xc1\x73\x59\x00\xc4\xc1\x7b\x11\x00\x49\x83\xc0\x08"
                                 "\x4d\x39\xc8\x75\xed\xc3";
    /* 0: mov -8(%rbp),%eax; add $1,%eax; mov %eax,-8(%rbp); cmpl $9,-4(%rbp); jne 0; ret */
    static const char stack[] = "\x8b\x45\xf8\x83\xc0\x01\x89\x45\xf8\x83\x7d\xfc\x09\x75\xf1\xc3";

    assert_int_equal(hot(vector, sizeof vector - 1, 0), PS_HOT_LOAD);
    assert_int_equal(hot(stack, sizeof stack - 1, 0), PS_HOT_LOAD);
    assert_int_equal(hot(stays, sizeof stays - 1, 0), PS_HOT_STORE);
    assert_int_equal(hot(stays, sizeof stays - 1, 4), PS_HOT_STORE);
    assert_int_equal(hot(stays, sizeof stays - 1, 8), PS_HOT_OPEN);
    assert_int_equal(hot(stays, sizeof stays - 1, 0x10), PS_HOT_STORE);
    assert_int_equal(hot(goes, sizeof goes - 1, 0), PS_HOT_LOAD);
    assert_int_equal(hot(goes, sizeof goes - 1, 4), PS_HOT_LOAD);
    assert_int_equal(hot(other, sizeof other - 1, 0), PS_HOT_LOAD);
    assert_int_equal(hot(loaded, sizeof loaded - 1, 0), PS_HOT_LOAD);
}

/* As compilers write it that keep nothing in registers. */
static void test_a_word_by_an_address_that_is_made_anew(void **state)
{
    /* 0: mov $240000000,%eax; cltd; idivl -0x24(%rbp); cltq; cmp -0x20(%rbp),%rax; jg 1c;
     * 11: addl $1,-0x14(%rbp); cmp %ecx,-0x14(%rbp); jl -9; jmp 61;
     * 1c: mov -0x14(%rbp),%eax; cltq; lea 0(,%rax,8),%rdx; lea x(%rip),%rax;
     * 30: mov (%rdx,%rax,1),%rax; 34: lea 1(%rax),%rsi; mov -0x14(%rbp),%eax; cltq;
     * 3d: lea 0(,%rax,8),%rdx; lea x(%rip),%rax; 4c: mov %rsi,(%rdx,%rax,1);
     * 50: addq $1,-0x20(%rbp); jmp 0; ret */
    static const char indexed[] =
        "\xb8\x00\x1c\x4e\x0e\x99\xf7\x7d\xdc\x48\x98\x48\x3b\x45\xe0\x7f\x0b"
        "\x83\x45\xec\x01\x39\x4d\xec\x7c\xdd\xeb\x45"
        "\x8b\x45\xec\x48\x98\x48\x8d\x14\xc5\x00\x00\x00\x00"
        "\x48\x8d\x05\xcb\x29\x00\x00\x48\x8b\x04\x02\x48\x8d\x70\x01"
        "\x8b\x45\xec\x48\x98\x48\x8d\x14\xc5\x00\x00\x00\x00"
        "\x48\x8d\x05\xaf\x29\x00\x00\x48\x89\x34\x02\x48\x83\x45\xe0\x01\xeb\xa9\xc3";
    /* 0: mov -8(%rbp),%rax; mov (%rax),%rdx; add $1,%rdx; mov -8(%rbp),%rax; f: mov %rdx,(%rax);
     * jmp 0: the same pointer */
    static const char pointer[] =
        "\x48\x8b\x45\xf8\x48\x8b\x10\x48\x83\xc2\x01\x48\x8b\x45\xf8\x48\x89\x10\xeb\xec\xc3";
    /* 0: mov -8(%rbp),%rax; lea 8(%rax),%rdx; mov %rdx,-8(%rbp); c: mov (%rax),%rdx;
     * f: add $1,%rdx; 13: mov %rdx,(%rax); jmp 0: one that goes on */
    static const char goes[] = "\x48\x8b\x45\xf8\x48\x8d\x50\x08\x48\x89\x55\xf8\x48\x8b\x10"
                               "\x48\x83\xc2\x01\x48\x89\x10\xeb\xe8\xc3";

    assert_int_equal(hot(indexed, sizeof indexed - 1, 0x30), PS_HOT_STORE);
    assert_int_equal(hot(indexed, sizeof indexed - 1, 0x34), PS_HOT_STORE);
    assert_int_equal(hot(indexed, sizeof indexed - 1, 0x1c), PS_HOT_LOAD);
    assert_int_equal(hot(pointer, sizeof pointer - 1, 4), PS_HOT_STORE);
    assert_int_equal(hot(pointer, sizeof pointer - 1, 7), PS_HOT_STORE);
    assert_int_equal(hot(goes, sizeof goes - 1, 0xf), PS_HOT_LOAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_word_that_is_rewritten),
        cmocka_unit_test(test_a_word_by_an_address_that_is_made_anew),
        cmocka_unit_test(test_lengths_and_kinds),
        cmocka_unit_test(test_hostile_bytes),
        cmocka_unit_test(test_only_prefixes),
        cmocka_unit_test(test_walks),
        cmocka_unit_test(test_spin_lock),
        cmocka_unit_test(test_counting_is_no_waiting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
