/* A timeline as a file of trace events in Chrome's JSON format, which Perfetto, Speedscope and
 * chrome://tracing read: a row for each thread with slices of running, of being runnable without a
 * CPU, and of waiting; stretches in which one thread ran alone; a counter of the threads that run.
 * Written while the timeline is folded: memory is constant. */
#ifndef PS_TRACE_H
#define PS_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "timeline.h"
#include "waits.h"

#define PS_TRACE_MOST   1000000 /* slices, stretches and counter values; then no more are written */
#define PS_TRACE_OURS   4194305 /* the process of rows that are of no thread: no pid is as high */
#define PS_TRACE_SERIAL 100000  /* ns; shorter stretches are not marked */

struct ps_trace;

/* Takes the text piece by piece: 0 or a negative errno, after which there are no more. */
typedef int ps_trace_write_fn(void *arg, const void *text, size_t size);

/* NULL: no memory. */
struct ps_trace *ps_trace_create(ps_trace_write_fn *write, void *arg);
void ps_trace_destroy(struct ps_trace *t); /* accepts NULL */
/* An execution begins, after all that came before on the axis of time. Its timeline is to be told
 * to the listener, which is valid until the next call. label: of the row of executions. */
const struct ps_timeline_listener *ps_trace_begin(struct ps_trace *t, const char *label);
/* A blocked thread was looked at: the wait that it was in at `time` gets its name. */
void ps_trace_look(struct ps_trace *t, pid_t tid, uint64_t time, const struct ps_wait *w);
/* After ps_timeline_end(). */
void ps_trace_end(struct ps_trace *t, const struct ps_timeline *timeline);
/* Ends the text. 0 or the error of the first piece that could not be written. *executions: how many
 * there were; *cut: that there were too many events. */
int ps_trace_finish(struct ps_trace *t, size_t *executions, bool *cut);

#endif
