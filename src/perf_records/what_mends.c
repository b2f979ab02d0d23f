#include "what_mends.h"

#include <errno.h>
#include <string.h>

const char *ps_rings_what_mends(int err)
{
    switch (err) {
    case EACCES:
        return "perf_event_paranoid forbids it: \"sudo sysctl kernel.perf_event_paranoid=2\" or "
               "CAP_PERFMON permits it";
    case EPERM:
        return "perf_event_open is forbidden here (a container's seccomp filter?)";
    case EMFILE:
        return "too many open files: \"ulimit -n\" raises the limit";
    case ENFILE:
        return "too many open files on the whole machine (fs.file-max)";
    case ENOSYS:
        return "the kernel has no perf_event_open";
    case ENOENT:
    case EOPNOTSUPP:
        return "this kernel can't sample by the CPU's clock";
    case ESRCH:
        return "there is no such process";
    default:
        return strerror(err);
    }
}
