/* no_perf ERROR COMMAND [ARGUMENT]...: runs a command for which perf_event_open fails with the
 * error, by a filter such as containers have (seccomp). Status 77: no such filter can be installed
 * here. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

static const struct {
    const char *name;
    unsigned number;
} errors[] = {{"ENOSYS", ENOSYS}, {"EPERM", EPERM}, {"EACCES", EACCES}};

static int install(unsigned error)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 2 && i < sizeof errors / sizeof *errors; i++) {
        int err;

        if (strcmp(argv[1], errors[i].name) != 0)
            continue;
        err = install(errors[i].number);
        if (err < 0) {
            fprintf(stderr, "no_perf: %s\n", strerror(-err));
            return 77;
        }
        execv(argv[2], argv + 2);
        perror(argv[2]);
        return 1;
    }
    fprintf(stderr, "usage: no_perf ENOSYS|EPERM|EACCES COMMAND [ARGUMENT]...\n");
    return 2;
}
