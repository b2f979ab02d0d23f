#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "child.h"
#include "units.h"

const char *ps_child_describe(const struct ps_child_usage *u, double timeout, char *out,
                              size_t size)
{
    const char *name = u->status > 0 ? sigabbrev_np(u->status) : NULL;
    char time[32];

    switch (u->end) {
    case PS_CHILD_EXITED:
        snprintf(out, size, "exited with status %d", u->status);
        break;
    case PS_CHILD_SIGNALLED:
        snprintf(out, size, "was killed by SIG%s (%s)", name ? name : "?", strsignal(u->status));
        break;
    case PS_CHILD_STOPPED:
        snprintf(out, size, "stopped by SIG%s%s and was not continued", name ? name : "?",
                 u->status == SIGTTIN || u->status == SIGTTOU ? " (it tried to use the terminal)"
                                                              : "");
        break;
    case PS_CHILD_TIMED_OUT:
        snprintf(out, size, "was still running after %s",
                 ps_format_time(time, sizeof time, timeout));
        break;
    case PS_CHILD_INTERRUPTED:
        snprintf(out, size, "was interrupted");
        break;
    }
    return out;
}
