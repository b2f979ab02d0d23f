#include "exit.h"

#include <errno.h>

int ps_exit_of(int err)
{
    switch (-err) {
    case 0:
        return PS_EXIT_DONE;
    case EINVAL:
    case ENOENT:
    case ERANGE:
    case E2BIG:
        return PS_EXIT_USAGE;
    case ENOTSUP:
        return PS_EXIT_UNSUPPORTED;
    case EINTR:
        return PS_EXIT_INTERRUPTED;
    default:
        return PS_EXIT_FAILED;
    }
}
