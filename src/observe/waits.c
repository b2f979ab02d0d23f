#include "waits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define ARGUMENTS 6

/* The system calls that threads are seen to wait in; of others the number is told. */
static const struct call {
    long number;
    const char *name;
    enum ps_wait_kind kind;
} calls[] = {
    {SYS_futex, "futex", PS_WAIT_FUTEX},
    {SYS_nanosleep, "nanosleep", PS_WAIT_SLEEP},
    {SYS_clock_nanosleep, "clock_nanosleep", PS_WAIT_SLEEP},
    {SYS_read, "read", PS_WAIT_READ},
    {SYS_readv, "readv", PS_WAIT_READ},
    {SYS_pread64, "pread64", PS_WAIT_READ},
    {SYS_preadv, "preadv", PS_WAIT_READ},
    {SYS_recvfrom, "recvfrom", PS_WAIT_READ},
    {SYS_recvmsg, "recvmsg", PS_WAIT_READ},
    {SYS_accept, "accept", PS_WAIT_READ},
    {SYS_accept4, "accept4", PS_WAIT_READ},
    {SYS_splice, "splice", PS_WAIT_READ},
    {SYS_copy_file_range, "copy_file_range", PS_WAIT_READ},
    {SYS_mq_timedreceive, "mq_timedreceive", PS_WAIT_READ},
    {SYS_write, "write", PS_WAIT_WRITE},
    {SYS_writev, "writev", PS_WAIT_WRITE},
    {SYS_pwrite64, "pwrite64", PS_WAIT_WRITE},
    {SYS_pwritev, "pwritev", PS_WAIT_WRITE},
    {SYS_sendto, "sendto", PS_WAIT_WRITE},
    {SYS_sendmsg, "sendmsg", PS_WAIT_WRITE},
    {SYS_sendfile, "sendfile", PS_WAIT_WRITE},
    {SYS_mq_timedsend, "mq_timedsend", PS_WAIT_WRITE},
    {SYS_connect, "connect", PS_WAIT_WRITE},
    {SYS_fsync, "fsync", PS_WAIT_SYNC},
    {SYS_fdatasync, "fdatasync", PS_WAIT_SYNC},
    {SYS_sync, "sync", PS_WAIT_SYNC},
    {SYS_wait4, "wait4", PS_WAIT_CHILD},
    {SYS_waitid, "waitid", PS_WAIT_CHILD},
    {SYS_ppoll, "ppoll", PS_WAIT_POLL},
    {SYS_pselect6, "pselect6", PS_WAIT_POLL},
    {SYS_epoll_pwait, "epoll_pwait", PS_WAIT_POLL},
#ifdef SYS_poll
    {SYS_poll, "poll", PS_WAIT_POLL},
    {SYS_select, "select", PS_WAIT_POLL},
    {SYS_epoll_wait, "epoll_wait", PS_WAIT_POLL},
    {SYS_pause, "pause", PS_WAIT_SIGNAL},
    {SYS_vfork, "vfork", PS_WAIT_CHILD},
#endif
    {SYS_io_uring_enter, "io_uring_enter", PS_WAIT_POLL},
    {SYS_mmap, "mmap", PS_WAIT_MEMORY},
    {SYS_munmap, "munmap", PS_WAIT_MEMORY},
    {SYS_mprotect, "mprotect", PS_WAIT_MEMORY},
    {SYS_madvise, "madvise", PS_WAIT_MEMORY},
    {SYS_mremap, "mremap", PS_WAIT_MEMORY},
    {SYS_brk, "brk", PS_WAIT_MEMORY},
    {SYS_rt_sigtimedwait, "rt_sigtimedwait", PS_WAIT_SIGNAL},
    {SYS_rt_sigsuspend, "rt_sigsuspend", PS_WAIT_SIGNAL},
    {SYS_flock, "flock", PS_WAIT_LOCK},
    {SYS_fcntl, "fcntl", PS_WAIT_LOCK},
    {SYS_semop, "semop", PS_WAIT_SEMAPHORE},
    {SYS_semtimedop, "semtimedop", PS_WAIT_SEMAPHORE},
    {SYS_sched_yield, "sched_yield", PS_WAIT_OTHER},
    {SYS_openat, "openat", PS_WAIT_OTHER},
    {SYS_clone, "clone", PS_WAIT_OTHER},
    {SYS_execve, "execve", PS_WAIT_OTHER},
    {SYS_exit_group, "exit_group", PS_WAIT_OTHER},
};
#define CALLS (sizeof calls / sizeof *calls)

/* The number of bytes, 0: none, or a negative errno. Ends with a NUL. */
static ssize_t read_file(pid_t pid, pid_t tid, const char *name, char *out, size_t size)
{
    char path[64];
    ssize_t length;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/task/%d/%s", (int)pid, (int)tid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    length = read(fd, out, size - 1);
    if (length < 0)
        length = -errno;
    close(fd);
    out[length > 0 ? length : 0] = '\0';
    return length;
}

/* The third field of stat; the second, the name, may hold anything. */
static char state_of(pid_t pid, pid_t tid)
{
    char text[512];
    const char *end;

    if (read_file(pid, tid, "stat", text, sizeof text) <= 0)
        return 'X';
    end = strrchr(text, ')');
    return end && end[1] == ' ' ? end[2] : 'X';
}

static void set_call(struct ps_wait *w)
{
    w->kind = w->number < 0 ? PS_WAIT_FAULT : PS_WAIT_OTHER;
    w->call = NULL;
    for (size_t i = 0; i < CALLS; i++) {
        if (calls[i].number != w->number)
            continue;
        w->kind = calls[i].kind;
        w->call = calls[i].name;
    }
}

/* "202 0x7f.. 0x80 0x2 0x0 0x0 0x0 SP PC", or "-1 SP PC". False: neither. */
static bool parse(const char *text, struct ps_wait *w)
{
    uint64_t field[ARGUMENTS + 2] = {0};
    char *at;
    size_t n = 0;

    w->number = strtol(text, &at, 10);
    if (at == text)
        return false;
    for (; n < ARGUMENTS + 2 && *at == ' '; n++)
        field[n] = strtoull(at, &at, 16);
    if (n != (w->number < 0 ? 2 : ARGUMENTS + 2))
        return false;
    w->argument = w->number < 0 ? 0 : field[0];
    w->registers.known = 1ull << PS_REGISTER_SP | 1ull << PS_REGISTER_PC;
    w->registers.value[PS_REGISTER_SP] = field[n - 2];
    w->registers.value[PS_REGISTER_PC] = field[n - 1];
    set_call(w);
    return true;
}

static void set_object(pid_t pid, struct ps_wait *w)
{
    char path[64];
    ssize_t length;

    w->object[0] = '\0';
    if (w->kind != PS_WAIT_READ && w->kind != PS_WAIT_WRITE && w->kind != PS_WAIT_SYNC &&
        w->kind != PS_WAIT_LOCK)
        return;
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, (int)w->argument);
    length = readlink(path, w->object, sizeof w->object - 1);
    w->object[length > 0 ? length : 0] = '\0';
}

/* Page by page, as the stack may end within the first. */
static void copy_stack(pid_t pid, struct ps_wait *w)
{
    uint64_t at = w->registers.value[PS_REGISTER_SP];
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    w->stack_size = 0;
    while (at && w->stack_size < sizeof w->stack) {
        size_t room = sizeof w->stack - w->stack_size, chunk = page - at % page;
        struct iovec to = {w->stack + w->stack_size, chunk < room ? chunk : room};
        struct iovec from = {(void *)(uintptr_t)at, to.iov_len};
        ssize_t length = process_vm_readv(pid, &to, 1, &from, 1, 0);

        if (length <= 0)
            return;
        w->stack_size += (size_t)length;
        at += (size_t)length;
    }
}

enum ps_wait_look ps_wait_call(pid_t pid, pid_t tid, struct ps_wait *w)
{
    char text[256], state;
    ssize_t length = read_file(pid, tid, "syscall", text, sizeof text);

    if (length == -ENOENT || length == -ESRCH)
        return PS_LOOK_GONE;
    if (length < 0)
        return PS_LOOK_HIDDEN;
    if (!strncmp(text, "running", strlen("running")))
        return PS_LOOK_RUNS;
    if (!parse(text, w))
        return PS_LOOK_RUNS;
    /* Who has ended is in no call, as is who waits for a page. */
    state = w->number < 0 ? state_of(pid, tid) : 'S';
    if (state == 'Z' || state == 'X')
        return PS_LOOK_GONE;
    return state == 'R' ? PS_LOOK_RUNS : PS_LOOK_BLOCKED;
}

enum ps_wait_look ps_wait_look(pid_t pid, pid_t tid, struct ps_wait *w)
{
    const enum ps_wait_look found = ps_wait_call(pid, tid, w);

    if (found == PS_LOOK_BLOCKED) {
        set_object(pid, w);
        copy_stack(pid, w);
    }
    return found;
}
