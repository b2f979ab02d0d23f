#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "crash.h"
#include "exit.h"
#include "process.h"

/* What the signal handler has to share with the program. */
static atomic_int interrupted;
static _Atomic(const char *) last_words; /* NULL: the first signal is only a flag */

static _Noreturn void end_at_once(const char *words)
{
    ssize_t written = write(STDERR_FILENO, words, strlen(words));

    (void)written; /* there is nobody left to tell */
    ps_crash_remove_now();
    _exit(PS_EXIT_INTERRUPTED);
}

/* The flag only says "stop"; nothing is published through it, so relaxed order is enough. */
static void on_interrupt(int signal)
{
    bool second = atomic_exchange_explicit(&interrupted, 1, memory_order_relaxed);
    /* acquire: pairs with the release in ps_process_end_at_once. */
    const char *words = atomic_load_explicit(&last_words, memory_order_acquire);

    if (second || words)
        end_at_once(words ? words : "");
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
    unsetenv("PARSCOPE_REGIONS"); /* of a parscope that observes this one */
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

void ps_process_end_at_once(const char *words)
{
    atomic_store_explicit(&last_words, words, memory_order_release);
    if (words && atomic_load_explicit(&interrupted, memory_order_relaxed))
        end_at_once(words);
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

    return !term || !term[0] || !strcmp(term, "dumb");
}

size_t ps_terminal_width(int fd)
{
    struct winsize size;

    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool ps_locale_is_utf8(void)
{
    locale_t l = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    bool utf8 = l && !strcmp(nl_langinfo_l(CODESET, l), "UTF-8");

    if (l)
        freelocale(l);
    return utf8;
}
