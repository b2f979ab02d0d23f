/* What there is of a process that runs already, as records: its name, what code it has mapped, its
 * threads, and which of them want a CPU. */
#ifndef PS_EXISTING_H
#define PS_EXISTING_H

#include <stdint.h>
#include <sys/types.h>

#include "record.h"

/* Hands over records of that time. Whether a thread that is runnable has a CPU can't be seen: it is
 * said to have none. -ESRCH: there is no such process. */
int ps_existing_tell(pid_t pid, uint64_t time, ps_record_fn *fn, void *arg);
/* The thread of the process with the next higher number; 0: there is none. */
pid_t ps_existing_thread(pid_t pid, pid_t after);
/* How often its threads were given a CPU, a second, in a while that this takes. */
double ps_existing_switches(pid_t pid);

#endif
