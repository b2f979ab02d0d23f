/* Which runtimes a process has loaded, by the objects that are mapped into it. */
#ifndef PS_RUNTIMES_H
#define PS_RUNTIMES_H

#include <sys/types.h>

enum ps_runtime {
    PS_RUNTIME_LIBGOMP = 1,
    PS_RUNTIME_LIBOMP = 2, /* LLVM's and Intel's */
    PS_RUNTIME_TBB = 4,
    PS_RUNTIME_PYTHON = 8,
    PS_RUNTIME_JAVA = 16,
    PS_RUNTIME_GO = 32,
    PS_RUNTIME_OPENBLAS = 64,
    PS_RUNTIME_MKL = 128,
};

/* Bits; 0 where nothing is known of it. */
unsigned ps_runtimes_of(pid_t pid);
/* Of the text of /proc/PID/maps. */
unsigned ps_runtimes_in(const char *maps);

#endif
