#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli.h"
#include "process.h"

/* The one variable that a signal handler has to share with the program. */
static atomic_int interrupted;

/* The flag only says "stop"; nothing is published through it, so relaxed order is enough. */
static void on_interrupt(int signal)
{
    if (atomic_exchange_explicit(&interrupted, 1, memory_order_relaxed))
        _exit(PS_EXIT_INTERRUPTED);
}

/* Standard output and error are filled in such that writing to them fails, as it would have. */
static void fill_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0)
            _exit(PS_EXIT_FAILED);
}

static void raise_open_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

void ps_process_prepare(void)
{
    fill_descriptors();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    raise_open_files();
}

const atomic_int *ps_process_catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_interrupt}, before;

    static const int unless_ignored[] = {SIGINT, SIGHUP};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof unless_ignored / sizeof *unless_ignored; i++)
        if (sigaction(unless_ignored[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(unless_ignored[i], &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return &interrupted;
}

int ps_write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, data, size);

        if (written < 0 && errno != EINTR)
            return -errno;
        if (written == 0)
            return -EIO;
        if (written > 0) {
            data += written;
            size -= (size_t)written;
        }
    }
    return 0;
}

bool ps_terminal_is_dumb(void)
{
    const char *term = getenv("TERM");

    return !term || !term[0] || strcmp(term, "dumb") == 0;
}

size_t ps_terminal_width(int fd)
{
    struct winsize size;

    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}
