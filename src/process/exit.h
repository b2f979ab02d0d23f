/* Exit statuses, of all subcommands. */
#ifndef PS_EXIT_H
#define PS_EXIT_H

enum ps_exit {
    PS_EXIT_DONE = 0,
    PS_EXIT_FAILED = 1,
    PS_EXIT_USAGE = 2,
    PS_EXIT_CHECK_FAILED = 3,
    PS_EXIT_INCONCLUSIVE = 4,
    PS_EXIT_UNSUPPORTED = 77, /* this machine can't measure that: "skipped" to test harnesses */
    PS_EXIT_INTERRUPTED = 130,
};

/* The status for an error that the user's input caused, if it is one of those. */
int ps_exit_of(int err);

#endif
