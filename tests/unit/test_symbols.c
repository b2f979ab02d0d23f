/* Functions, lines and callers, of this process itself. It is compiled with -O2 -g
 * -fomit-frame-pointer. */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "rng.h"
#include "symbols.h"

#define MOST_MAPPINGS 512
#define STACK         32768
#ifdef __clang__
#define NOINLINE __attribute__((noinline))
#else
#define NOINLINE __attribute__((noinline, noipa))
#endif

struct fixture {
    struct ps_arena arena;
    struct ps_symbols *symbols;
    struct ps_mapping mappings[MOST_MAPPINGS];
    size_t count, space;
    char folder[64];
};

/* A thread's state as a sample has it. */
struct state {
    struct ps_registers registers;
    unsigned char stack[STACK];
    size_t size;
};

static void read_mappings(struct fixture *f)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[4096];

    assert_non_null(maps);
    while (f->count < MOST_MAPPINGS && fgets(line, sizeof line, maps)) {
        struct ps_mapping m = {0};
        unsigned major, minor;
        char rights[8];
        int at = 0;

        line[strcspn(line, "\n")] = '\0';
        assert_int_equal(sscanf(line, "%lx-%lx %7s %lx %x:%x %lu %n", &m.start, &m.end, rights,
                                &m.offset, &major, &minor, &m.inode, &at),
                         7);
        m.device = makedev(major, minor);
        m.path = ps_arena_copy(&f->arena, line[at] ? line + at : "//anon");
        if (rights[2] == 'x')
            f->mappings[f->count++] = m;
    }
    fclose(maps);
}

static int setup(void **state)
{
    struct fixture *f = fixture_new(state, sizeof *f);
    struct ps_err e = {0};
    int err = ps_symbols_create(&f->symbols, &e);

    if (err == -ENOTSUP) {
        assert_non_null(strstr(e.text, "libdw"));
        return 0;
    }
    assert_int_equal(err, 0);
    read_mappings(f);
    f->space = ps_symbols_add_space(f->symbols, getpid(), f->mappings, f->count);
    strcpy(f->folder, "/tmp/test_symbols.XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    return 0;
}

static void run(const char *const *words)
{
    pid_t pid = fork();
    int status = 0;

    assert_true(pid >= 0);
    if (!pid) {
        execvp(words[0], (char *const *)(uintptr_t)words);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    if (f->folder[0])
        run((const char *const[]){"rm", "-rf", f->folder, NULL});
    ps_symbols_destroy(f->symbols);
    return fixture_end(state);
}

static struct fixture *needed(void **state)
{
    struct fixture *f = *state;

    if (!f->symbols)
        skip();
    return f;
}

/* By /proc, as a sanitizer objects to reading whole frames. */
static void copy_stack(struct state *s, uint64_t from)
{
    int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    ssize_t got = pread(fd, s->stack, sizeof s->stack, (off_t)from);

    assert_true(fd >= 0 && got > 0);
    s->size = (size_t)got;
    close(fd);
}

NOINLINE static void capture(struct state *s)
{
    ucontext_t c;

    getcontext(&c);
    s->registers.known = (1ull << PS_REGISTERS_MOST) - 1;
#ifdef __aarch64__
    for (int i = 0; i < 31; i++)
        s->registers.value[i] = c.uc_mcontext.regs[i];
    s->registers.value[PS_REGISTER_SP] = c.uc_mcontext.sp;
    s->registers.value[PS_REGISTER_PC] = c.uc_mcontext.pc;
#else
    static const int order[] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
                                REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};

    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        s->registers.value[i] = (uint64_t)c.uc_mcontext.gregs[order[i]];
    s->registers.known = (1ull << (sizeof order / sizeof *order)) - 1;
#endif
    copy_stack(s, s->registers.value[PS_REGISTER_SP]);
}

/* The first whose function's name has these letters: a sanitizer's own functions have longer names.
 */
static size_t find_like(const struct ps_frame *frames, size_t count, const char *letters)
{
    for (size_t i = 0; i < count; i++)
        if (frames[i].function && strstr(frames[i].function, letters))
            return i;
    fail();
    return 0;
}

static size_t find(const struct ps_frame *frames, size_t count, const char *function)
{
    for (size_t i = 0; i < count; i++)
        if (frames[i].function && !strcmp(frames[i].function, function))
            return i;
    print_message("# no %s among:\n", function);
    for (size_t i = 0; i < count; i++)
        print_message("# %#lx %s %s\n", frames[i].address, frames[i].function, frames[i].module);
    fail();
    return 0;
}

static void assert_file(const struct ps_frame *f)
{
    const char *name = f->file ? strrchr(f->file, '/') : NULL;

    assert_non_null(name);
    assert_string_equal(name, "/test_symbols.c");
}

NOINLINE static int plain(int x)
{
    __asm__ volatile("" ::: "memory");
    return x + 1;
}
enum { PLAIN_LINE = __LINE__ - 5 };

static void test_function(void **state)
{
    struct fixture *f = needed(state);
    struct ps_frame frames[PS_FRAMES_MOST];
    uint64_t at = (uint64_t)(uintptr_t)plain;

    assert_int_equal(ps_symbols_resolve(f->symbols, f->space, at, false, frames, PS_FRAMES_MOST),
                     1);
    assert_string_equal(frames[0].function, "plain");
    assert_string_equal(frames[0].module, "test_symbols");
    assert_file(frames);
    assert_in_range(frames[0].line, PLAIN_LINE, PLAIN_LINE + 3);
    assert_int_equal(frames[0].start, at);
    assert_int_equal(frames[0].address, at);
    assert_false(frames[0].inlined);
    plain(1);
}

NOINLINE __attribute__((cold)) static int seldom(int x)
{
    __asm__ volatile("" ::: "memory");
    return 3 * x;
}

/* What is seldom run of it lies elsewhere, where the compiler optimises. */
NOINLINE static int in_parts(int x)
{
    if (__builtin_expect(x < 0, 0))
        x = seldom(x) + seldom(x + 1);
    __asm__ volatile("" ::: "memory");
    return x + 2;
}

static void test_function_in_parts(void **state)
{
    struct fixture *f = needed(state);
    struct ps_frame frames[PS_FRAMES_MOST];
    uint64_t at = (uint64_t)(uintptr_t)in_parts;

    ps_symbols_resolve(f->symbols, f->space, at, false, frames, PS_FRAMES_MOST);
    assert_string_equal(frames[0].function, "in_parts");
    assert_int_equal(frames[0].start, at);
    in_parts(1);
}

/* The address right behind a place that is inlined twice over. */
static inline __attribute__((always_inline)) uint64_t innermost(void)
{
    uint64_t at;

#ifdef __aarch64__
    __asm__ volatile("adr %0, ." : "=r"(at));
#else
    __asm__ volatile("lea 0(%%rip), %0" : "=r"(at));
#endif
    return at;
}

static inline __attribute__((always_inline)) uint64_t middle(int *line)
{
    *line = __LINE__ + 1;
    return innermost() + 0;
}

NOINLINE static uint64_t outermost(int *line, int *inner_line)
{
    *line = __LINE__ + 1;
    return middle(inner_line);
}

static void test_inlined(void **state)
{
    struct fixture *f = needed(state);
    struct ps_frame frames[PS_FRAMES_MOST];
    int outer_line, inner_line;
    uint64_t at = outermost(&outer_line, &inner_line);

    assert_int_equal(ps_symbols_resolve(f->symbols, f->space, at, true, frames, PS_FRAMES_MOST), 3);
    assert_string_equal(frames[0].function, "innermost");
    assert_string_equal(frames[1].function, "middle");
    assert_string_equal(frames[2].function, "outermost");
    assert_true(frames[0].inlined && frames[1].inlined && !frames[2].inlined);
    assert_int_equal(frames[1].line, inner_line);
    assert_int_equal(frames[2].line, outer_line);
    assert_file(&frames[2]);
    /* Cut to what there is room for: the innermost. */
    assert_int_equal(ps_symbols_resolve(f->symbols, f->space, at, true, frames, 1), 1);
    assert_string_equal(frames[0].function, "innermost");
}

static struct state *sorting;

NOINLINE static int compare(const void *a, const void *b)
{
    if (!sorting->size)
        capture(sorting);
    return *(const int *)a - *(const int *)b;
}

NOINLINE static int sorts(struct state *s, int *line)
{
    int numbers[] = {3, 1, 2};

    sorting = s;
    *line = __LINE__ + 1;
    qsort(numbers, 3, sizeof *numbers, compare);
    return numbers[0];
}

/* By way of libc, whose functions have no frame pointers and, where its debugging information isn't
 * installed, no names. */
static void assert_sorted_stack(struct fixture *f, const struct state *s, int line)
{
    struct ps_frame frames[PS_FRAMES_MOST];
    size_t count = ps_symbols_unwind(f->symbols, f->space,
                                     &(struct ps_stack_seen){&s->registers, s->stack, s->size},
                                     frames, PS_FRAMES_MOST);
    size_t at = find(frames, count, "sorts");

    assert_true(find(frames, count, "compare") < at);
    assert_true(find_like(frames, count, "qsort") < at);
    assert_int_equal(frames[at].line, line);
    assert_string_equal(frames[at + 1].function, "test_callback");
    find(frames, count, "main");
}

static void test_callback(void **state)
{
    struct fixture *f = needed(state);
    static struct state s;
    int line;

    assert_int_equal(sorts(&s, &line), 1);
    assert_sorted_stack(f, &s, line);
    /* Of a blocked thread no other register is known. */
    s.registers.known &= 1ull << PS_REGISTER_SP | 1ull << PS_REGISTER_PC;
    assert_sorted_stack(f, &s, line);
    /* And without these there is nothing to go by. */
    s.registers.known = 1ull << PS_REGISTER_PC;
    {
        struct ps_frame frames[PS_FRAMES_MOST];

        assert_int_equal(ps_symbols_unwind(f->symbols, f->space,
                                           &(struct ps_stack_seen){&s.registers, s.stack, s.size},
                                           frames, PS_FRAMES_MOST),
                         1);
    }
}

struct blocked {
    pthread_mutex_t mutex;
    atomic_int tid;
    int line;
};

NOINLINE static void blocks(struct blocked *b)
{
    b->line = __LINE__ + 1;
    pthread_mutex_lock(&b->mutex);
    pthread_mutex_unlock(&b->mutex);
}

static void *thread(void *arg)
{
    struct blocked *b = arg;

    atomic_store(&b->tid, (int)syscall(SYS_gettid));
    blocks(b);
    return NULL;
}

/* The number of the call, its arguments, stack pointer and program counter; false: it isn't in one.
 */
static bool look(int tid, struct state *s)
{
    char path[64], line[256] = "", *at;
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", tid);
    file = fopen(path, "re");
    if (!file || !fgets(line, sizeof line, file))
        skip();
    fclose(file);
    if (strtol(line, &at, 10) != SYS_futex)
        return false;
    for (int i = 0; i < 6; i++)
        strtoull(at, &at, 16);
    s->registers.value[PS_REGISTER_SP] = strtoull(at, &at, 16);
    s->registers.value[PS_REGISTER_PC] = strtoull(at, &at, 16);
    s->registers.known = 1ull << PS_REGISTER_SP | 1ull << PS_REGISTER_PC;
    copy_stack(s, s->registers.value[PS_REGISTER_SP]);
    return true;
}

static void test_blocked(void **state)
{
    struct fixture *f = needed(state);
    struct blocked b = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    struct ps_frame frames[PS_FRAMES_MOST];
    static struct state s;
    pthread_t t;
    size_t count, at;

    pthread_mutex_lock(&b.mutex);
    assert_int_equal(pthread_create(&t, NULL, thread, &b), 0);
    while (!atomic_load(&b.tid) || !look(atomic_load(&b.tid), &s))
        sched_yield();
    pthread_mutex_unlock(&b.mutex);
    pthread_join(t, NULL);
    count = ps_symbols_unwind(f->symbols, f->space,
                              &(struct ps_stack_seen){&s.registers, s.stack, s.size}, frames,
                              PS_FRAMES_MOST);
    at = find(frames, count, "blocks");
    assert_true(find_like(frames, count, "pthread_mutex_lock") < at);
    assert_int_equal(frames[at].line, b.line);
    assert_string_equal(frames[at + 1].function, "thread");
}

#ifdef __x86_64__
/* It addresses its frame by the frame pointer, as the stack below that has no size that is known
 * before. Its own place and stack pointer are all that is told. */
NOINLINE static void framed(struct state *s, size_t size)
{
    volatile char *bytes = __builtin_alloca(size);
    uint64_t at, sp;

    bytes[0] = 1;
    __asm__ volatile("lea 0(%%rip), %0\n\tmov %%rsp, %1" : "=r"(at), "=r"(sp));
    s->registers.value[PS_REGISTER_PC] = at;
    s->registers.value[PS_REGISTER_SP] = sp;
    s->registers.known = 1ull << PS_REGISTER_SP | 1ull << PS_REGISTER_PC;
    copy_stack(s, sp);
    bytes[0] = 2;
}

NOINLINE static int calls_framed(struct state *s)
{
    framed(s, 100);
    return (int)s->size;
}

#ifdef __PIE__ /* else the loader has no address to put in place */
/* As Rust calls its library: by an address that the loader puts in place. */
__attribute__((used)) static void (*address_of_framed)(struct state *s, size_t size) = framed;

NOINLINE static int calls_framed_by_address(struct state *s)
{
    size_t size = 100;

    /* Below what a function that calls nobody else may use. */
    __asm__ volatile("sub $128, %%rsp\n\tcall *address_of_framed(%%rip)\n\tadd $128, %%rsp"
                     : "+D"(s), "+S"(size)
                     :
                     : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc");
    return 1;
}
#endif

/* How many frames there are behind it. */
static size_t expect_caller(struct fixture *f, const struct state *s, const char *caller)
{
    struct ps_frame frames[PS_FRAMES_MOST];
    size_t count = ps_symbols_unwind(f->symbols, f->space,
                                     &(struct ps_stack_seen){&s->registers, s->stack, s->size},
                                     frames, PS_FRAMES_MOST);
    size_t at = find(frames, count, "framed");

    assert_true(at + 1 < count);
    assert_string_equal(frames[at + 1].function, caller);
    return count - at - 2;
}

static void test_without_the_frame_pointer(void **state)
{
    struct fixture *f = needed(state);
    static struct state s;

    assert_true(calls_framed(&s) > 0);
    assert_true(expect_caller(f, &s, "calls_framed") > 0);
#ifdef __PIE__
    assert_true(calls_framed_by_address(&s) > 0);
    expect_caller(f, &s, "calls_framed_by_address");
#endif
}
#endif

static struct ps_mapping mapping_of(const struct fixture *f, uint64_t at)
{
    for (size_t i = 0; i < f->count; i++)
        if (at >= f->mappings[i].start && at < f->mappings[i].end)
            return f->mappings[i];
    fail();
    return f->mappings[0];
}

/* A space that has one file mapped as this program's code is. */
static size_t space_with(struct fixture *f, const char *path, uint64_t inode)
{
    struct ps_mapping m = mapping_of(f, (uint64_t)(uintptr_t)plain);

    m.path = path;
    m.inode = inode;
    m.device = 0;
    return ps_symbols_add_space(f->symbols, getpid(), &m, 1);
}

static struct ps_frame plain_in(struct fixture *f, size_t space)
{
    struct ps_frame frame;

    assert_int_equal(
        ps_symbols_resolve(f->symbols, space, (uint64_t)(uintptr_t)plain, false, &frame, 1), 1);
    return frame;
}

static const char *in_folder(struct fixture *f, const char *name)
{
    return ps_arena_format(&f->arena, "%s/%s", f->folder, name);
}

static void test_stripped(void **state)
{
    struct fixture *f = needed(state);
    const char *own = mapping_of(f, (uint64_t)(uintptr_t)plain).path;
    const char *path = in_folder(f, "stripped"), *folder = in_folder(f, ".debug"),
               *debug = in_folder(f, ".debug/stripped.debug");
    struct ps_frame whole = plain_in(f, f->space), frame;

    run((const char *const[]){"strip", "-o", path, own, NULL});
    frame = plain_in(f, space_with(f, path, 0));
    assert_null(frame.function);
    assert_null(frame.file);
    assert_string_equal(frame.module, "stripped");
    assert_int_equal(frame.offset, whole.offset);

    /* The debugging information in a file of its own, which the stripped one names. */
    assert_int_equal(mkdir(folder, 0700), 0);
    run((const char *const[]){"objcopy", "--only-keep-debug", own, debug, NULL});
    run((const char *const[]){"objcopy",
                              ps_arena_format(&f->arena, "--add-gnu-debuglink=%s", debug), path,
                              in_folder(f, "linked"), NULL});
    frame = plain_in(f, space_with(f, in_folder(f, "linked"), 0));
    assert_string_equal(frame.function, "plain");
    assert_int_equal(frame.line, whole.line);
}

/* A copy of this program, with `spoil` called on its bytes. */
static void write_copy(struct fixture *f, const char *path,
                       size_t (*spoil)(unsigned char *bytes, size_t size, struct ps_rng *rng),
                       struct ps_rng *rng)
{
    FILE *from = fopen(mapping_of(f, (uint64_t)(uintptr_t)plain).path, "re"),
         *to = fopen(path, "we");
    size_t room = (size_t)16 << 20, size;
    unsigned char *bytes = test_malloc(room);

    assert_true(from && to);
    size = fread(bytes, 1, room, from);
    size = spoil(bytes, size, rng);
    assert_int_equal(fwrite(bytes, 1, size, to), size);
    fclose(from);
    fclose(to);
    test_free(bytes);
}

static size_t as_it_is(unsigned char *bytes, size_t size, struct ps_rng *rng)
{
    return size;
}

static void test_another_file(void **state)
{
    struct fixture *f = needed(state);
    const char *path = in_folder(f, "copy");
    struct ps_frame frame;
    struct stat st;

    write_copy(f, path, as_it_is, NULL);
    assert_int_equal(stat(path, &st), 0);
    assert_string_equal(plain_in(f, space_with(f, path, st.st_ino)).function, "plain");
    frame = plain_in(f, space_with(f, path, st.st_ino + 1));
    assert_null(frame.function);
    assert_string_equal(frame.module, "copy");
    assert_null(plain_in(f, space_with(f, in_folder(f, "absent"), 1)).function);
    /* What is no regular file is not waited for. */
    assert_int_equal(mkfifo(in_folder(f, "fifo"), 0600), 0);
    assert_null(plain_in(f, space_with(f, in_folder(f, "fifo"), 0)).function);
}

static size_t flip(unsigned char *bytes, size_t size, struct ps_rng *rng)
{
    for (int i = 0; i < 400; i++)
        bytes[ps_rng_below(rng, size)] = (unsigned char)ps_rng_below(rng, 256);
    return size;
}

/* The tables behind the code are most of what is read. */
static size_t flip_headers(unsigned char *bytes, size_t size, struct ps_rng *rng)
{
    for (int i = 0; i < 4; i++)
        bytes[64 + ps_rng_below(rng, 700)] = (unsigned char)ps_rng_below(rng, 256);
    for (int i = 0; i < 30; i++)
        bytes[size - 1 - ps_rng_below(rng, 2500)] = (unsigned char)ps_rng_below(rng, 256);
    return size;
}

static size_t cut(unsigned char *bytes, size_t size, struct ps_rng *rng)
{
    return (size_t)ps_rng_below(rng, size);
}

static void test_broken(void **state)
{
    static size_t (*const ways[])(unsigned char *, size_t, struct ps_rng *) = {flip, flip_headers,
                                                                               cut};
    struct fixture *f = needed(state);
    struct ps_frame frames[PS_FRAMES_MOST];
    struct ps_rng rng = {11};
    static struct state s;
    int line;

    sorts(&s, &line);
    for (int i = 0; i < 90; i++) {
        const char *path = in_folder(f, "broken");
        size_t space, count;

        unlink(path);
        write_copy(f, path, ways[i % 3], &rng);
        ps_symbols_destroy(f->symbols);
        assert_int_equal(ps_symbols_create(&f->symbols, NULL), 0);
        space = space_with(f, path, 0);
        count = ps_symbols_unwind(f->symbols, space,
                                  &(struct ps_stack_seen){&s.registers, s.stack, s.size}, frames,
                                  PS_FRAMES_MOST);
        assert_in_range(count, 1, PS_FRAMES_MOST);
        for (uint64_t at = 0; at < 4000; at += 50)
            ps_symbols_resolve(f->symbols, space, (uint64_t)(uintptr_t)plain + at, at % 100, frames,
                               PS_FRAMES_MOST);
    }
}

/* A stack on which every word leads back into the same function. */
static void test_ends(void **state)
{
    struct fixture *f = needed(state);
    struct ps_frame frames[PS_FRAMES_MOST];
    static struct state s;
    uint64_t back;
    int line;

    sorts(&s, &line);
    back = s.registers.value[PS_REGISTER_PC];
    for (size_t i = 0; i + 8 <= s.size; i += 8)
        memcpy(s.stack + i, &back, 8);
    assert_in_range(ps_symbols_unwind(f->symbols, f->space,
                                      &(struct ps_stack_seen){&s.registers, s.stack, s.size},
                                      frames, PS_FRAMES_MOST),
                    1, PS_FRAMES_MOST);
    assert_in_range(ps_symbols_unwind(f->symbols, f->space,
                                      &(struct ps_stack_seen){&s.registers, s.stack, 0}, frames, 5),
                    1, 5);
}

static void write_map(const char *path)
{
    FILE *map = fopen(path, "we");

    assert_non_null(map);
    fprintf(map, "1000 100 py::old:/x.py\n1000 80 py::work:/home/me/x.py\nno line\n\n1200 0 empty\n"
                 "0x1300 0x10 esc\x1b[31mape\n1400 10 _ZN2ns4workEi.constprop.0\n1500 10 ");
    for (int i = 0; i < 100000; i++)
        fputc(i ? 'a' : 'b', map);
    fprintf(map, "\n1600 10 _Z1f");
    /* Each pair is of the one before it, twice: as a text it would fill the memory. */
    for (int i = 0; i < 60; i++)
        fprintf(map, "St4pairI");
    for (int i = 0; i < 60; i++)
        fprintf(map, "iiES%d_", i % 10);
    fprintf(map, "\n1700 10 _RNvCs1234_7mycrate3foo\n"
                 "1900 10 _ZN4work23_$LT$T$u20$as$u20$U$GT$3run17h0123456789abcdefE.llvm.12\n"
                 "1a00 10 _RINvCs1_3lib3fooNtCs2_1b3BarECs3_4main\n"
                 "1b00 10 _ZN4a..b17h0123456789abcdefE\nffffffffffffffff 10 over\n1800 10 last");
    fclose(map);
}

static const char *jitted(struct fixture *f, size_t space, uint64_t at)
{
    struct ps_frame frame;

    assert_int_equal(ps_symbols_resolve(f->symbols, space, at, false, &frame, 1), 1);
    assert_string_equal(frame.module, frame.function ? "[jit]" : "[anon]");
    return frame.function;
}

static void test_perf_map(void **state)
{
    const struct ps_mapping anonymous = {0x1000, 0x2000, 0, 0, 0, "//anon"};
    struct fixture *f = needed(state);
    const char *path = ps_arena_format(&f->arena, "/tmp/perf-%d.map", (int)getpid()), *name;
    size_t space;

    write_map(path);
    space = ps_symbols_add_space(f->symbols, getpid(), &anonymous, 1);
    name = jitted(f, space, 0x1070);
    unlink(path);
    assert_string_equal(name, "py::work:/home/me/x.py"); /* the later one */
    assert_null(jitted(f, space, 0x1080));
    assert_null(jitted(f, space, 0x1200));
    assert_string_equal(jitted(f, space, 0x130f), "esc\\x1b[31mape");
    /* What it is for, and who made it, are no parts of its name. */
    assert_string_equal(jitted(f, space, 0x1a00), "lib::foo");
    assert_string_equal(jitted(f, space, 0x1b00), "a::b");
    name = jitted(f, space, 0x1400);
    assert_true(!strcmp(name, "ns::work(int).constprop.0") ||
                !strcmp(name, "_ZN2ns4workEi.constprop.0")); /* where there is no C++ runtime */
    name = jitted(f, space, 0x1500);
    assert_int_equal(strlen(name), 200);
    assert_string_equal(name + 197, "…");
    assert_true(strlen(jitted(f, space, 0x1600)) <= 200);
    assert_string_equal(jitted(f, space, 0x1700), "mycrate::foo");
    name = jitted(f, space, 0x1900);
    assert_true(!strcmp(name, "work::<T as U>::run") || !strncmp(name, "_ZN4work", 8));
    assert_string_equal(jitted(f, space, 0x1800), "last");
}

/* Nobody else may say what our code is called. */
static void test_map_of_others(void **state)
{
    const struct ps_mapping anonymous = {0x1000, 0x2000, 0, 0, 0, "//anon"};
    struct fixture *f = needed(state);
    const char *path = ps_arena_format(&f->arena, "/tmp/perf-%d.map", (int)getpid());

    write_map(path);
    if (geteuid() || chown(path, 65534, 65534)) {
        unlink(path);
        skip();
    }
    assert_null(jitted(f, ps_symbols_add_space(f->symbols, getpid(), &anonymous, 1), 0x1000));
    unlink(path);
}

static int next_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    close(fd);
    return fd;
}

static void test_shared(void **state)
{
    struct fixture *f = needed(state);
    struct ps_frame first = plain_in(f, f->space);
    int before = next_descriptor();

    for (int i = 0; i < 10000; i++) {
        size_t space = ps_symbols_add_space(f->symbols, getpid() + i, f->mappings, f->count);
        struct ps_frame frame = plain_in(f, space);

        assert_ptr_equal(frame.function, first.function);
    }
    assert_int_equal(next_descriptor(), before);
}

static void test_unmapped(void **state)
{
    struct fixture *f = needed(state);
    struct ps_registers r = {.known = UINT64_MAX};
    struct ps_frame frame;

    assert_int_equal(ps_symbols_resolve(f->symbols, f->space, 16, false, &frame, 1), 1);
    assert_true(!frame.module && !frame.function && frame.address == 16);
    assert_int_equal(ps_symbols_unwind(f->symbols, f->space,
                                       &(struct ps_stack_seen){&r, (const unsigned char *)"", 0},
                                       &frame, 1),
                     1);
    assert_int_equal(ps_symbols_resolve(f->symbols, 99, 16, false, &frame, 1), 1);
    assert_null(frame.module);
}

/* ---- what a call goes to ---- */

/* The thread sanitizer would call its own first. */
NOINLINE __attribute__((no_sanitize("thread"))) static int calls_another_module(void)
{
    return getppid() + 1;
}

static void test_callee(void **state)
{
    const struct fixture *f = *state;
    const unsigned char *code = (const unsigned char *)(uintptr_t)calls_another_module;
    struct ps_instruction in = {0};
    struct ps_frame frame = {0};
    size_t at = 0;

#ifndef __x86_64__
    skip();
#endif
    for (; !in.calls && at < 64; at += in.length)
        assert_true(ps_instruction_decode(code + at, 64, &in));
    assert_true(in.calls);
    frame.address = (uint64_t)(uintptr_t)(code + at);
    assert_string_equal(ps_symbols_callee(f->symbols, f->space, &frame), "getppid");
    frame.address = (uint64_t)(uintptr_t)code;
    assert_null(ps_symbols_callee(f->symbols, f->space, &frame));
    frame.address = 1;
    assert_null(ps_symbols_callee(f->symbols, f->space, &frame));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_function),
        TEST(test_inlined),
        TEST(test_callback),
        TEST(test_blocked),
        TEST(test_function_in_parts),
        TEST(test_stripped),
        TEST(test_another_file),
        TEST(test_broken),
        TEST(test_ends),
        TEST(test_callee),
        TEST(test_perf_map),
        TEST(test_map_of_others),
        TEST(test_shared),
        TEST(test_unmapped),
#ifdef __x86_64__
        TEST(test_without_the_frame_pointer),
#endif
    };

    return cmocka_run_group_tests_name("symbols", tests, NULL, NULL);
}
