#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "skip.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rings.h"
#include "spaces.h"
#include "ticks.h"
#include "timeline.h"

#define MS     UINT64_C(1000000)
#define PERIOD 1e-3
#define STACK  2048
#define MAGIC  UINT64_C(0x5ca1ab1e0ddba11)
/* Of its own for each run: what memory may be locked is one allowance of all processes of a user.
 */
#define NOBODY (50000 + (uid_t)getpid() % 10000)

/* ---- the program that is looked at: this one, with one of these as its argument ---- */

/* What it says of itself, in memory that it shares with the test. */
struct truth {
    uint64_t serial_ns, worker_ns, process_ns; /* CPU time */
    uintptr_t code, code_end, magic;
};

extern const char __start_spinning[], __stop_spinning[];

__attribute__((noinline, section("spinning"))) static void spin(uint64_t until)
{
    volatile uint64_t magic[4] = {MAGIC, MAGIC, MAGIC, MAGIC}, x = 0;

    do {
        for (int i = 0; i < 100000; i++)
            x += magic[i % 4];
    } while (ps_thread_cpu_ns() < until);
    (void)x;
}

static void *work(void *arg)
{
    struct truth *t = arg;

    spin(200 * MS);
    t->worker_ns = ps_thread_cpu_ns();
    return NULL;
}

static int serial_then_two(struct truth *t)
{
    pthread_t thread;

    t->code = (uintptr_t)__start_spinning;
    t->code_end = (uintptr_t)__stop_spinning;
    spin(200 * MS);
    t->serial_ns = ps_thread_cpu_ns();
    if (pthread_create(&thread, NULL, work, t))
        return 1;
    spin(400 * MS);
    pthread_join(thread, NULL);
    t->process_ns = ps_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    return 0;
}

static int touch_pages(size_t pages)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    volatile char *p =
        mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        return 1;
    madvise((void *)p, pages * page, MADV_NOHUGEPAGE);
    for (size_t i = 0; i < pages; i++)
        p[i * page] = 1;
    return 0;
}

static int many_children(void)
{
    for (int i = 0; i < 200; i++) {
        pid_t pid = fork();

        if (pid == 0)
            _exit(0);
        if (pid < 0 || waitpid(pid, NULL, 0) != pid)
            return 1;
    }
    return 0;
}

static bool sleeps(pid_t pid)
{
    char path[32], state = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    f = fopen(path, "re");
    if (f && fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
        state = 0;
    if (f)
        fclose(f);
    return state == 'S';
}

/* With much memory, shared with its parent: after its last instruction all of it is given back. */
static int one_large_child(struct truth *t)
{
    struct rusage usage;
    pid_t pid = touch_pages(50000) ? -1 : fork();

    if (pid == 0) {
        while (!sleeps(getppid()))
            sched_yield();
        _exit(0);
    }
    if (pid < 0 || wait4(pid, NULL, 0, &usage) != pid)
        return 1;
    t->worker_ns = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 * MS +
                   (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
    return 0;
}

static int program(const char *what, struct truth *t)
{
    if (!strcmp(what, "serial-then-two"))
        return serial_then_two(t);
    if (!strcmp(what, "touch"))
        return touch_pages(5000);
    if (!strcmp(what, "large-child"))
        return one_large_child(t);
    return !strcmp(what, "children") ? many_children() : 2;
}

/* ---- a process that starts it, again and again ---- */

struct starter {
    pid_t pid;
    int orders, answers;
    struct truth *truth;
    int truth_fd;
};

static void start_one(const char *what, int truth_fd)
{
    char fd[16];
    pid_t pid;

    snprintf(fd, sizeof fd, "%d", truth_fd);
    pid = vfork();
    if (pid == 0) {
        execl("/proc/self/exe", "test_rings", what, fd, (char *)NULL);
        _exit(3);
    }
    waitpid(pid, NULL, 0);
}

static void serve(int orders, int answers, int truth_fd)
{
    char what[32];

    while (read(orders, what, sizeof what) == sizeof what) {
        start_one(what, truth_fd);
        if (write(answers, "", 1) != 1)
            break;
    }
    _exit(0);
}

static void begin_starter(struct starter *s)
{
    int orders[2], answers[2];

    assert_int_equal(pipe(orders), 0);
    assert_int_equal(pipe(answers), 0);
    s->truth_fd = memfd_create("truth", 0);
    assert_int_equal(ftruncate(s->truth_fd, sizeof *s->truth), 0);
    s->truth = mmap(NULL, sizeof *s->truth, PROT_READ | PROT_WRITE, MAP_SHARED, s->truth_fd, 0);
    assert_true(s->truth != MAP_FAILED);
    s->pid = fork();
    if (s->pid == 0) {
        close(orders[1]);
        serve(orders[0], answers[1], s->truth_fd);
    }
    close(orders[0]);
    close(answers[1]);
    s->orders = orders[1];
    s->answers = answers[0];
}

static void end_starter(struct starter *s)
{
    close(s->orders);
    waitpid(s->pid, NULL, 0);
    close(s->answers);
    munmap(s->truth, sizeof *s->truth);
    close(s->truth_fd);
}

/* ---- what is seen of it ---- */

struct seen {
    const struct truth *truth;
    struct ps_timeline timeline;
    struct ps_spaces spaces;
    uint64_t last, lost, throttled, backwards;
    uint64_t samples, faults, fault_weight, in_code, with_registers, with_magic, mapped, kernel;
};

static bool has_magic(const struct ps_record *r)
{
    const uint64_t magic = MAGIC;

    return r->stack && memmem(r->stack, r->stack_size, &magic, sizeof magic);
}

static bool is_mapped(struct seen *s, const struct ps_record *r)
{
    const struct ps_space *p = &s->spaces.spaces[ps_spaces_of(&s->spaces, r->pid)];

    for (size_t i = 0; i < p->count; i++) {
        if (r->address >= p->mappings[i].start && r->address < p->mappings[i].end)
            return strstr(p->mappings[i].path, "test_rings") != NULL;
    }
    return false;
}

static void take_sample(struct seen *s, const struct ps_record *r)
{
    const uint64_t both = UINT64_C(1) << PS_REGISTER_SP | UINT64_C(1) << PS_REGISTER_PC;

    s->samples++;
    s->kernel += r->kernel;
    if (r->kernel || r->address < s->truth->code || r->address >= s->truth->code_end)
        return;
    s->in_code++;
    s->with_registers +=
        (r->registers.known & both) == both && r->registers.value[PS_REGISTER_PC] == r->address;
    s->with_magic += has_magic(r);
    s->mapped += is_mapped(s, r);
}

static void take(void *arg, const struct ps_record *r)
{
    struct seen *s = arg;

    s->backwards += r->time < s->last;
    s->last = r->time;
    ps_timeline_take(&s->timeline, r);
    ps_spaces_take(&s->spaces, r);
    if (r->kind == PS_RECORD_SAMPLE)
        take_sample(s, r);
    else if (r->kind == PS_RECORD_FAULT)
        s->fault_weight += r->weight;
    else if (r->kind == PS_RECORD_LOST)
        s->lost += r->weight;
    else if (r->kind == PS_RECORD_THROTTLED)
        s->throttled += r->weight;
}

static void look(struct ps_rings *rings, struct starter *starter, const char *what, struct seen *s)
{
    char order[32] = "", answer;
    struct timespec pause = {.tv_nsec = 5 * (long)MS};

    *s = (struct seen){.truth = starter->truth};
    assert_int_equal(ps_timeline_init(&s->timeline), 0);
    assert_int_equal(ps_spaces_init(&s->spaces), 0);
    snprintf(order, sizeof order, "%s", what);
    assert_int_equal(write(starter->orders, order, sizeof order), sizeof order);
    assert_int_equal(fcntl(starter->answers, F_SETFL, O_NONBLOCK), 0);
    while (read(starter->answers, &answer, 1) != 1) {
        ps_rings_drain(rings, false, take, s);
        nanosleep(&pause, NULL);
    }
    ps_rings_drain(rings, true, take, s);
    ps_timeline_end(&s->timeline);
}

static void forget(struct seen *s)
{
    ps_timeline_free(&s->timeline);
    ps_spaces_free(&s->spaces);
}

/* ---- tests ---- */

struct scene {
    struct starter starter;
    struct ps_rings *rings;
    char why[1100];
};

static int set_up(void **state)
{
    struct scene *c = test_calloc(1, sizeof *c);
    struct ps_rings_request q = {.period = PERIOD, .faults = 50, .stack_size = STACK};
    struct ps_err e = {""};

    *state = c;
    begin_starter(&c->starter);
    q.pid = c->starter.pid;
    if (ps_rings_open(&q, &c->rings, &e) < 0)
        snprintf(c->why, sizeof c->why, "%s", e.text);
    return 0;
}

static int tear_down(void **state)
{
    struct scene *c = *state;

    ps_rings_close(c->rings);
    end_starter(&c->starter);
    test_free(c);
    return 0;
}

static struct scene *need(void **state)
{
    struct scene *c = *state;

    if (!c->rings)
        skip_because(c->why);
    if (INSTRUMENTED)
        skip_because("a sanitizer starts threads and maps memory of its own");
    return c;
}

/* Within a share, and a little for what is too short to be judged. */
static void assert_near(uint64_t seen, uint64_t truth, double share)
{
    const double least = (double)truth * (1 - share) - (double)(2 * MS);
    const double most = (double)truth * (1 + share) + (double)(2 * MS);

    if ((double)seen < least || (double)seen > most)
        fail_msg("%.2f ms, not %.2f", (double)seen / MS, (double)truth / MS);
}

/* On a busy machine nobody may come to take records for longer than there is room for them. */
static void look_at_all(struct scene *c, const char *what, struct seen *s)
{
    look(c->rings, &c->starter, what, s);
    for (int i = 0; i < 5 && (s->lost || s->throttled); i++) {
        forget(s);
        look(c->rings, &c->starter, what, s);
    }
    assert_int_equal(s->lost, 0);
    assert_int_equal(s->throttled, 0);
}

static uint64_t cpu_seen(const struct ps_timeline *t)
{
    uint64_t ns = 0;

    for (size_t i = 0; i < t->thread_count; i++)
        ns += t->threads[i].on_cpu;
    return ns;
}

static void check_timeline(const struct seen *s)
{
    const struct ps_timeline *t = &s->timeline;
    const struct truth *truth = s->truth;

    assert_int_equal(t->thread_count, 2);
    assert_int_equal(t->processes, 1);
    assert_int_equal(t->births, 1);
    assert_int_equal(t->alive, 0);
    assert_string_equal(t->threads[0].name, "exe"); /* of the path, as the kernel does */
    assert_near(cpu_seen(t), truth->process_ns, 0.03);
    assert_near(t->running_ns[1] + 2 * t->running_ns[2], truth->process_ns, 0.03);
    assert_near(t->threads[1].on_cpu, truth->worker_ns, 0.03);
    assert_true(t->running_ns[2] <= truth->worker_ns + 2 * MS);
    assert_true((double)t->threads[0].alone >= 0.97 * (double)truth->serial_ns);
}

/* Returns the share of the CPU time that they tell: a clock that is late skips some on a busy
 * machine, and none is invented. */
static double check_samples(const struct seen *s)
{
    const double share = (double)s->samples * PERIOD * 1e9 / (double)s->truth->process_ns;

    assert_true(share <= 1.1);
    assert_true((double)s->in_code >= 0.8 * (double)(s->samples - s->kernel));
    assert_int_equal(s->mapped, s->in_code);
#if defined(__x86_64__) || defined(__aarch64__)
    assert_int_equal(s->with_registers, s->in_code);
    assert_true((double)s->with_magic >= 0.9 * (double)s->in_code);
#endif
    return share;
}

/* The same rings see one execution after another, which events that move to a child would not. */
static void test_serial_then_two(void **state)
{
    struct scene *c = need(state);
    double best = 0;
    struct seen s;

    for (int i = 0; i < 3 || (i < 9 && best < 0.9); i++) {
        double share;

        look_at_all(c, "serial-then-two", &s);
        assert_int_equal(s.backwards, 0);
        check_timeline(&s);
        share = check_samples(&s);
        best = share > best ? share : best;
        forget(&s);
    }
    assert_true(best >= 0.9);
}

static void test_page_faults(void **state)
{
    struct scene *c = need(state);
    struct seen s;

    for (int i = 0; i < 2; i++) {
        look_at_all(c, "touch", &s);
        assert_in_range(s.fault_weight, 4900, 6000);
        forget(&s);
    }
}

static void test_children(void **state)
{
    struct scene *c = need(state);
    struct seen s;

    look_at_all(c, "children", &s);
    assert_int_equal(s.timeline.processes, 201);
    assert_int_equal(s.timeline.births, 200);
    assert_int_equal(s.timeline.alive, 0);
    assert_int_equal(s.timeline.most_alive, 2);
    assert_true(s.spaces.count <= 3);
    forget(&s);
}

static enum ps_end_shown end_shown(void *arg, const struct ps_record *exit)
{
    const struct seen *s = arg;

    return ps_timeline_end_shown(&s->timeline, exit);
}

/* CPU time of the child by the timeline over what the kernel charged it with. */
static double large_child(struct scene *c)
{
    struct seen s;
    double share;

    look_at_all(c, "large-child", &s);
    assert_int_equal(s.timeline.thread_count, 2);
    share = (double)s.timeline.threads[1].on_cpu / (double)s.truth->worker_ns;
    forget(&s);
    return share;
}

/* Since Linux 6.16 no record has its end, which is most of what it uses. On a busy machine its
 * parent may come late. */
static void test_the_end_of_a_large_process(void **state)
{
    struct scene *c = need(state);
    double share = 0;

    ps_rings_ask_ends(c->rings, end_shown);
    for (int i = 0; i < 30 && fabs(share - 1) > 0.1; i++)
        share = large_child(c);
    print_message("%.3f of what it was charged with\n", share);
    assert_true(fabs(share - 1) <= 0.1);
}

static void test_what_cant_be_opened(void **state)
{
    const struct ps_rings_request q = {.pid = 0x3fffffff, .period = PERIOD};
    struct scene *c = need(state);
    struct ps_rings *rings = NULL;
    struct ps_err e = {""};

    (void)c;
    assert_int_equal(ps_rings_open(&q, &rings, &e), -ESRCH);
    assert_null(rings);
    assert_non_null(strstr(e.text, "no such process"));
}

/* Several at once by one user, as the memory that can be locked is one allowance. */
static void test_several_at_once(void **state)
{
    struct scene *c = need(state);
    const struct ps_rings_request q = {
        .pid = c->starter.pid, .period = PERIOD, .stack_size = STACK};
    struct ps_rings *more[2];
    struct ps_err e = {""};
    struct seen s;

    for (size_t i = 0; i < 2; i++)
        assert_int_equal(ps_rings_open(&q, &more[i], &e), 0);
    look_at_all(c, "serial-then-two", &s);
    check_timeline(&s);
    forget(&s);
    for (size_t i = 0; i < 2; i++)
        ps_rings_close(more[i]);
}

/* All of this again as an ordinary user, who can lock no memory beyond the kernel's allowance. */
static void test_as_nobody(void **state)
{
    const struct rlimit none = {0, 0};
    int status;
    pid_t pid;

    if (geteuid() != 0)
        skip_because("not root, and so it was an ordinary user already");
    need(state);
    pid = fork();
    if (pid == 0) {
        dup2(STDERR_FILENO, STDOUT_FILENO);
        unsetenv("CMOCKA_MESSAGE_OUTPUT");
        setrlimit(RLIMIT_MEMLOCK, &none);
        if (setgid(NOBODY) == 0 && setuid(NOBODY) == 0)
            execl("/proc/self/exe", "test_rings", (char *)NULL);
        _exit(4);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_serial_then_two),
        TEST(test_page_faults),
        TEST(test_children),
        TEST(test_the_end_of_a_large_process),
        TEST(test_what_cant_be_opened),
        TEST(test_several_at_once),
        TEST(test_as_nobody),
    };

    if (argc == 3) {
        void *p =
            mmap(NULL, sizeof(struct truth), PROT_READ | PROT_WRITE, MAP_SHARED, atoi(argv[2]), 0);

        return p == MAP_FAILED ? 1 : program(argv[1], p);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
