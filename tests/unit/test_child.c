#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "reap.h"
#include "skip.h"

#if defined(__SANITIZE_THREAD__)
#define FORKS_FULLY 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FORKS_FULLY 1
#endif
#endif
#ifndef FORKS_FULLY
#define FORKS_FULLY 0
#endif

/* A child that can't execute its program says why in the memory that it shares with us. */
#define NEED_VFORK()                                                 \
    do {                                                             \
        if (FORKS_FULLY)                                             \
            skip_because("the thread sanitizer makes vfork a fork"); \
    } while (0)

struct fixture {
    struct ps_children *c;
    char folder[32], lock[64], output[64];
};

static int set_up_with(void **state, enum ps_child_output output)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct ps_err e = {0};
    int fd;

    strcpy(f->folder, "/tmp/ps-child-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->lock, sizeof f->lock, "%s/lock", f->folder);
    snprintf(f->output, sizeof f->output, "%s/output", f->folder);
    fd = open(f->lock, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(ps_children_open(output, f->output, &f->c, &e), 0);
    *state = f;
    return 0;
}

static int set_up(void **state)
{
    return set_up_with(state, PS_CHILD_NULL);
}

static int set_up_file(void **state)
{
    return set_up_with(state, PS_CHILD_FILE);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    ps_children_close(f->c);
    unlink(f->lock);
    unlink(f->output);
    rmdir(f->folder);
    free(f);
    return 0;
}

static struct ps_child shell(const char *const *words)
{
    return (struct ps_child){"/bin/sh", words, (const char *const *)environ, NULL, 0};
}

static struct ps_child_usage run(struct fixture *f, const char *script, double timeout)
{
    /* $1 is the file that processes lock to show that they live. */
    const char *const words[] = {"sh", "-c", script, "sh", f->lock, NULL};
    struct ps_child child = shell(words);
    struct ps_child_limits limits = {.timeout = timeout};
    struct ps_child_usage u;
    struct ps_err e = {0};

    assert_int_equal(ps_child_run(f->c, &child, 1, &limits, &u, &e), 0);
    assert_string_equal(e.text, "");
    return u;
}

static void check_nothing_remains(struct fixture *f)
{
    int fd = open(f->lock, O_RDONLY | O_CLOEXEC);

    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    close(fd);
    assert_false(ps_reap_needed());
}

static void test_statuses(void **state)
{
    struct ps_child_usage u = run(*state, "exit 0", 0);
    char text[128];

    assert_int_equal(u.end, PS_CHILD_EXITED);
    assert_int_equal(u.status, 0);
    assert_true(u.wall > 0);
    u = run(*state, "exit 7", 0);
    assert_int_equal(u.end, PS_CHILD_EXITED);
    assert_int_equal(u.status, 7);
    assert_string_equal(ps_child_describe(&u, 0, text, sizeof text), "exited with status 7");
    u = run(*state, "kill -SEGV $$", 0);
    assert_int_equal(u.end, PS_CHILD_SIGNALLED);
    assert_int_equal(u.status, SIGSEGV);
    assert_non_null(strstr(ps_child_describe(&u, 0, text, sizeof text), "SIGSEGV"));
    u = run(*state, "kill -KILL $$", 0);
    assert_int_equal(u.status, SIGKILL);
    assert_int_equal(u.leftover, 0);
}

static void check_refused(struct fixture *f, const char *path, int err, const char *says)
{
    const char *const words[] = {path, NULL};
    struct ps_child child = {path, words, (const char *const *)environ, NULL, 0};
    struct ps_child_usage u;
    struct ps_err e = {0};

    assert_int_equal(ps_child_run(f->c, &child, 1, NULL, &u, &e), -err);
    assert_non_null(strstr(e.text, path));
    assert_non_null(strstr(e.text, says));
    assert_false(ps_reap_needed());
}

static void test_cannot_start(void **state)
{
    struct fixture *f = *state;
    FILE *script;

    NEED_VFORK();
    script = fopen(f->output, "w");
    fputs("echo no first line\n", script);
    fclose(script);
    chmod(f->output, 0700);
    check_refused(f, "/no/such/program", ENOENT, "No such file");
    check_refused(f, "/etc/passwd", EACCES, "Permission denied");
    check_refused(f, f->output, ENOEXEC, "#!/bin/sh");
}

/* Not the program is at fault. */
static void test_refused_call(void **state)
{
    struct fixture *f = *state;
    const char *const words[] = {"true", NULL};
    const struct ps_child_call calls[] = {
        {SYS_getpid, .pointer = -1, .what = "getpid", .hint = "nothing"},
        {SYS_close, {-1}, .pointer = -1, .what = "close -1", .hint = "it takes a descriptor"},
    };
    struct ps_child child = {"/bin/true", words, (const char *const *)environ, .calls = calls,
                             .call_count = 2};
    struct ps_child_usage u;
    struct ps_err e = {0};

    NEED_VFORK();
    assert_int_equal(ps_child_run(f->c, &child, 1, NULL, &u, &e), -EBADF);
    assert_string_equal(e.text,
                        "close -1 before 'true': Bad file descriptor: it takes a descriptor");
    assert_false(ps_reap_needed());
    child.call_count = 1;
    assert_int_equal(ps_child_run(f->c, &child, 1, NULL, &u, &e), 0);
    check_refused(f, "/no/such/program", ENOENT, "can't run '/no/such/program': No such file");
}

static void read_file(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = read(fd, text, size - 1);

    close(fd);
    assert_true(length >= 0);
    text[length] = '\0';
}

/* A command like one before is not waited for until it is executed. */
static void test_cannot_start_later(void **state)
{
    struct fixture *f = *state;

    NEED_VFORK();
    for (int i = 0; i < 2; i++) {
        assert_int_equal(run(f, "exit 0", 0).status, 0);
        check_refused(f, "/no/such", ENOENT, "No such file");
    }
}

static long switches_of(pid_t pid)
{
    static const char line[] = "\nvoluntary_ctxt_switches:";
    char path[64], text[4096];

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    read_file(path, text, sizeof text);
    return atol(strstr(text, line) + strlen(line));
}

/* It sleeps once for each, until the next; not another time, until the command is executed. */
static void test_starter_lets_commands_run(void **state)
{
    enum { TIMES = 20 };
    struct fixture *f = *state;
    const pid_t starter = ps_children_starter(f->c);
    long before;

    if (!starter)
        skip_because("no small process starts commands here");
    run(f, "exit 0", 0);
    before = switches_of(starter);
    for (int i = 0; i < TIMES; i++)
        run(f, "exit 0", 0);
    assert_in_range(switches_of(starter) - before, 1, TIMES + TIMES / 2);
}

/* The starter's policy is its own. */
static void test_policy(void **state)
{
    struct fixture *f = *state;
    const pid_t starter = ps_children_starter(f->c);
    const char *script = "cut -d' ' -f41 /proc/self/stat >&2";

    if (!starter || sched_getscheduler(0) != SCHED_OTHER)
        skip_because("no small process starts commands here, or we have another policy");
    assert_int_equal(sched_getscheduler(starter), SCHED_BATCH);
    for (int i = 0; i < 2; i++)
        assert_string_equal(run(f, script, 0).tail, "0\n");
}

/* That the command runs is not taken for granted then. */
static void test_starter_dies_before_the_command_is_executed(void **state)
{
    struct fixture *f = *state;
    const pid_t starter = ps_children_starter(f->c);
    const struct ps_child_call calls[] = {
        {SYS_kill, {starter, SIGKILL}, -1, .what = "kill"},
        {SYS_ppoll, {0}, -1, .what = "wait for ever"},
    };
    const char *const words[] = {"sh", "-c", "exit 0", NULL};
    const struct ps_child_limits limits = {.timeout = 10};
    struct ps_child child = shell(words);
    struct ps_child_usage u;
    struct ps_err e = {0};
    char longer[1024];

    if (!starter)
        skip_because("no small process starts commands here");
    snprintf(longer, sizeof longer, "exit 0 # %800s", "so that the next one is not watched");
    assert_int_equal(run(f, longer, 0).status, 0);
    child.calls = calls;
    child.call_count = 2;
    assert_int_equal(ps_child_run(f->c, &child, 1, &limits, &u, &e), -ESRCH);
    assert_string_equal(e.text, "can't run 'sh': the process that starts programs was killed");
    check_nothing_remains(f);
}

/* Of SCHED_OTHER; false: filters are not for us. */
static bool forbid_the_policy(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sched_setscheduler, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SCHED_OTHER, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

enum { AS_TOLD, NO_FILTER, NO_STARTER, NOT_TOLD };

static int run_without_the_policy(void)
{
    const char *const words[] = {"sh", "-c", "exit 0", NULL};
    const struct ps_child child = shell(words);
    struct ps_child_usage u;
    struct ps_err e = {0};
    struct ps_children *c;

    if (!forbid_the_policy())
        return NO_FILTER;
    if (ps_children_open(PS_CHILD_NULL, NULL, &c, &e) < 0)
        return NOT_TOLD;
    if (!ps_children_starter(c))
        return NO_STARTER;
    return ps_child_run(c, &child, 1, NULL, &u, &e) == -EPERM && strstr(e.text, "'sh'") ? AS_TOLD
                                                                                        : NOT_TOLD;
}

/* A command never gets the starter's policy. */
static void test_policy_can_not_be_restored(void **state)
{
    const pid_t pid = fork();
    int status;

    assert_true(pid >= 0);
    if (!pid)
        _exit(run_without_the_policy());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NO_FILTER || WEXITSTATUS(status) == NO_STARTER)
        skip_because("no small process starts commands here, or it can't be filtered");
    assert_int_equal(WEXITSTATUS(status), AS_TOLD);
}

static void test_end_of_standard_error(void **state)
{
    struct ps_child_usage u = run(*state, "echo first >&2; echo out; echo second >&2", 0);

    assert_string_equal(u.tail, "first\nsecond\n");
    assert_string_equal(run(*state, "true", 0).tail, "");
}

static void test_floods(void **state)
{
    struct ps_child_usage u =
        run(*state, "head -c 64M /dev/zero; yes | head -c 16M >&2; echo last >&2", 0);
    size_t length = strlen(u.tail);

    assert_int_equal(u.status, 0);
    assert_true(length > 1000 && length <= PS_CHILD_TAIL);
    assert_string_equal(u.tail + length - 5, "last\n");
    assert_memory_equal(u.tail, "y\ny\n", 4);
}

static void test_tail_of_a_file(void **state)
{
    struct fixture *f = *state;

    run(f, "echo of an earlier run", 0);
    assert_string_equal(run(f, "echo both; echo kinds >&2", 0).tail, "both\nkinds\n");
    assert_int_equal(access(f->output, R_OK), 0);
}

static void test_what_a_child_finds(void **state)
{
    struct fixture *f = *state;
    char text[256];

    signal(SIGPIPE, SIG_IGN);
    /* ls has the folder that it lists open as 3; SIGPIPE is the lowest bit of its digit. */
    run(f,
        "ls /proc/self/fd | tr '\\n' ' '; cat; grep -c 'SigIgn:.*[02468ace]...$' /proc/self/status",
        0);
    signal(SIGPIPE, SIG_DFL);
    read_file(f->output, text, sizeof text);
    assert_string_equal(text, "0 1 2 3 1\n");
}

static void test_words_and_environment(void **state)
{
    struct fixture *f = *state;
    const char *const words[] = {"sh", "-c", "printf '%s|' \"$0\" \"$@\" $X", "a b", "", "c", NULL};
    const char *const environment[] = {"X=1 2", "PATH=/bin:/usr/bin", NULL};
    struct ps_child child = {"/bin/sh", words, environment, NULL, 0};
    struct ps_child_usage u;
    struct ps_err e = {0};

    assert_int_equal(ps_child_run(f->c, &child, 1, NULL, &u, &e), 0);
    assert_string_equal(u.tail, "a b||c|1|2|");
}

static void test_affinity(void **state)
{
    struct fixture *f = *state;
    const char *const words[] = {"grep", "Cpus_allowed_list", "/proc/self/status", NULL};
    struct ps_child child = {"/bin/grep", words, (const char *const *)environ, NULL, 1};
    int cpu = sched_getcpu();
    struct ps_child_usage u;
    struct ps_err e = {0};
    char expected[64];

    child.cpus = &cpu;
    snprintf(expected, sizeof expected, "Cpus_allowed_list:\t%d\n", cpu);
    assert_int_equal(ps_child_run(f->c, &child, 1, NULL, &u, &e), 0);
    assert_string_equal(u.tail, expected);
}

static void test_usage(void **state)
{
    struct ps_child_usage u =
        run(*state, "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done; head -c 1k /dev/zero", 0);

    assert_true(u.user + u.system > 0);
    assert_true(u.max_rss > 500000);
    assert_true(u.minor_faults > 10);
    assert_true(u.voluntary > 0); /* it waits for head */
}

/* Of the first wait our own clock tells, of more the kernel: here for its own child. */
static void test_run_delay(void **state)
{
    struct fixture *f = *state;
    const char *const words[] = {
        "sh", "-c",
        "while :; do :; done & i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; kill -9 $!; wait",
        NULL};
    struct ps_child child = shell(words);
    const int cpu = sched_getcpu();
    struct ps_child_usage u;
    struct ps_err e = {0};
    double first = 0;

    if (access("/proc/self/schedstat", R_OK) != 0)
        skip_because("no schedstat");
    for (int i = 0; i < 20; i++) {
        u = run(f, "exit 0", 0);
        assert_true(u.run_delay >= 0 && u.run_delay <= u.wall);
        first += u.run_delay;
    }
    assert_true(first > 0);
    child.cpus = &cpu;
    child.cpu_count = 1;
    assert_int_equal(ps_child_run(f->c, &child, 1, NULL, &u, &e), 0);
    assert_true(u.run_delay > (u.user + u.system) / 8);
    assert_true(u.others > (u.user + u.system) / 8);
}

static void test_timeout(void **state)
{
    struct ps_child_usage u = run(*state, "sleep 1000 & exec sleep 1000", 0.01);

    assert_int_equal(u.end, PS_CHILD_TIMED_OUT);
    check_nothing_remains(*state);
    u = run(*state, "trap '' TERM; (exec 9<$1; flock -s 9; sleep 1000; true); true", 0.05);
    assert_int_equal(u.end, PS_CHILD_TIMED_OUT);
    check_nothing_remains(*state);
}

static void test_interrupt(void **state)
{
    struct fixture *f = *state;
    const char *const words[] = {"sleep", "1000", NULL};
    struct ps_child child = {"/bin/sleep", words, (const char *const *)environ, NULL, 0};
    atomic_int interrupted = 1;
    struct ps_child_limits limits = {.interrupted = &interrupted};
    struct ps_child_usage u;
    struct ps_err e = {0};

    assert_int_equal(ps_child_run(f->c, &child, 1, &limits, &u, &e), 0);
    assert_int_equal(u.end, PS_CHILD_INTERRUPTED);
    assert_false(ps_reap_needed());
}

static void test_stopped(void **state)
{
    struct ps_child_usage u = run(*state, "kill -STOP $$", 0);

    assert_int_equal(u.end, PS_CHILD_STOPPED);
    assert_int_equal(u.status, SIGSTOP);
    check_nothing_remains(*state);
}

/* The command ends when the process that it leaves holds the lock. */
#define HELD "; while flock -n $1 true; do :; done"

static void test_leftovers(void **state)
{
    static const char *const scripts[] = {
        "(exec 9<$1; flock -s 9; exec sleep 1000) & :" HELD,
        "setsid sh -c 'trap \"\" TERM HUP INT; exec 9<$1; flock -s 9; sleep 1000; :' x $1 & :" HELD,
        "(setsid sh -c '(exec 9<$1; flock -s 9; kill -STOP 0) & exit' x $1 &)" HELD,
    };

    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        struct ps_child_usage u = run(*state, scripts[i], 0);

        assert_int_equal(u.end, PS_CHILD_EXITED);
        assert_int_equal(u.status, 0);
        assert_true(u.leftover > 0);
        assert_int_equal(u.unkillable, 0);
        check_nothing_remains(*state);
    }
    assert_int_equal(run(*state, "true & wait", 0).leftover, 0);
}

static void count(void *arg)
{
    ++*(int *)arg;
}

static void test_several_at_once(void **state)
{
    struct fixture *f = *state;
    const char *const good[] = {"sh", "-c", "exit 0", NULL}, *const bad[] = {"sh", "-c", "exit 3",
                                                                             NULL};
    struct ps_child children[20];
    struct ps_child_usage u;
    struct ps_err e = {0};
    int between = 0;
    struct ps_child_limits limits = {.between = count, .between_arg = &between};

    for (size_t i = 0; i < 20; i++)
        children[i] = shell(i == 11 ? bad : good);
    assert_int_equal(ps_child_run(f->c, children, 20, &limits, &u, &e), 0);
    assert_int_equal(u.end, PS_CHILD_EXITED);
    assert_int_equal(u.status, 3);
    assert_int_equal(between, 1);
    assert_false(ps_reap_needed());
    NEED_VFORK();
    /* One that can't be started ends those that could. */
    children[19].path = "/no/such/program";
    assert_int_equal(ps_child_run(f->c, children, 20, NULL, &u, &e), -ENOENT);
    assert_false(ps_reap_needed());
}

static double look(void *arg, const pid_t *pids, size_t n)
{
    assert_int_equal(n, 1);
    assert_int_equal(kill(pids[0], 0), 0);
    if (++*(int *)arg < 3)
        return 1e-3;
    kill(pids[0], SIGKILL); /* it may take its time to die */
    return 0;
}

static void test_watch(void **state)
{
    struct fixture *f = *state;
    const char *const words[] = {"sleep", "1000", NULL};
    struct ps_child child = {"/bin/sleep", words, (const char *const *)environ, NULL, 0};
    int looks = 0;
    struct ps_child_limits limits = {.watch = look, .watch_arg = &looks, .first_watch = 1e-3};
    struct ps_child_usage u;
    struct ps_err e = {0};

    assert_int_equal(ps_child_run(f->c, &child, 1, &limits, &u, &e), 0);
    assert_int_equal(u.end, PS_CHILD_SIGNALLED);
    assert_int_equal(looks, 3);
}

static int open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int found = 0;

    while (readdir(folder))
        found++;
    closedir(folder);
    return found;
}

static void test_no_descriptor_is_left(void **state)
{
    int before = open_descriptors();

    for (int i = 0; i < 200; i++)
        run(*state, "exit 0", 0);
    assert_int_equal(open_descriptors(), before);
}

static void test_signal_mask_is_restored(void **state)
{
    sigset_t before, after;

    sigprocmask(SIG_SETMASK, NULL, &before);
    run(*state, "exit 0", 0);
    sigprocmask(SIG_SETMASK, NULL, &after);
    assert_int_equal(sigismember(&after, SIGINT), sigismember(&before, SIGINT));
    assert_int_equal(sigismember(&after, SIGCHLD), sigismember(&before, SIGCHLD));
}

static void test_unwritable_output(void **state)
{
    struct ps_children *c;
    struct ps_err e = {0};

    assert_int_equal(ps_children_open(PS_CHILD_FILE, "/no/such/folder/f", &c, &e), -ENOENT);
    assert_non_null(strstr(e.text, "/no/such/folder/f"));
}

#define TEST(name)      cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_file, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_statuses),
        TEST(test_cannot_start),
        TEST(test_cannot_start_later),
        TEST(test_starter_lets_commands_run),
        TEST(test_policy),
        TEST(test_policy_can_not_be_restored),
        TEST(test_starter_dies_before_the_command_is_executed),
        TEST(test_refused_call),
        TEST(test_end_of_standard_error),
        TEST(test_floods),
        FILE_TEST(test_tail_of_a_file),
        FILE_TEST(test_what_a_child_finds),
        TEST(test_timeout),
        TEST(test_interrupt),
        TEST(test_stopped),
        TEST(test_leftovers),
        TEST(test_several_at_once),
        TEST(test_watch),
        TEST(test_usage),
        TEST(test_run_delay),
        FILE_TEST(test_words_and_environment),
        FILE_TEST(test_affinity),
        TEST(test_no_descriptor_is_left),
        TEST(test_signal_mask_is_restored),
        TEST(test_unwritable_output),
    };

    /* What this program was started with is not for its children here. */
    close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
