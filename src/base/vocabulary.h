/* The words of this code. Nothing includes this.
 *
 * - baseline: the sequential reference that a speedup is relative to
 * - block: in a report, adjacent points that one grid shows
 * - cell: a field of a grid
 * - counted team: threads, each with a counter group of its own
 * - custom value: what a workload measures of itself (its `custom` table)
 * - lane: one of the numbers that a vector instruction computes at once
 * - look: of a metric: its column in a grid, where one is (struct ps_look); of an observer: one
 *   reading of the threads that are at work
 * - lost core: a CPU's worth of time that did not become speedup
 * - own: of a value: the point's, beside that of its reference; of an event or key: the
 *   project's, beside those of a library
 * - part: of `overhead`: one construct whose cost is reported; of a trial: some executions in a
 *   row (part.h)
 * - point: what is measured: a workload with parameters under a strategy with threads and CPUs;
 *   or a program with a thread count
 * - raw column: one value for each round and point, as measuring took it
 * - round: measures each point once
 * - slot: one worker, as a strategy sees it
 * - subprocess: a process that one target has for itself, as its threads can't be parked
 * - target: a point while it is measured
 * - threshold: a parameter's value from which on something holds: a crossover, METG
 * - to tell: to report, to distinguish, as in plain English; a "told" SMT pair (--pair) is one
 *   that the user named
 * - trial: one point in one round: a short execution repeated, or a program run once
 */
#ifndef PS_VOCABULARY_H
#define PS_VOCABULARY_H

#endif
