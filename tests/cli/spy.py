"""Prints one line on what it was started with: for programs under strategies from outside."""
import ctypes
import json
import os
import sys

VARIABLES = ('FOO', 'BAR', 'GOMP_SPINCOUNT', 'KMP_BLOCKTIME', 'LD_PRELOAD', 'OMP_DYNAMIC', 'OMP_NUM_THREADS',
             'OMP_PLACES', 'OMP_PROC_BIND', 'OMP_SCHEDULE', 'OMP_WAIT_POLICY', 'GOMP_CPU_AFFINITY')
PR_GET_THP_DISABLE = 42
libc = ctypes.CDLL(None, use_errno=True)
MEMORY_POLICY = {'x86_64': 239, 'aarch64': 236}.get(os.uname().machine)


def memory_policy():
    mode = ctypes.c_int(-1)
    if MEMORY_POLICY and libc.syscall(MEMORY_POLICY, ctypes.byref(mode), None, 0, None, 0) == 0:
        return mode.value
    return None


print(json.dumps({
    'arguments': sys.argv[1:],
    'cpus': sorted(os.sched_getaffinity(0)),
    'policy': os.sched_getscheduler(0),
    'nice': os.getpriority(os.PRIO_PROCESS, 0),
    'memory': memory_policy(),
    'no_thp': libc.prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0),
    'variables': {name: os.environ[name] for name in VARIABLES if name in os.environ},
}))
