/* Texts by which parts of a result are known again, also of one that was saved. */
#ifndef PS_MARKS_H
#define PS_MARKS_H

#define PS_MARK_SERIAL      "Serial part" /* a finding `cause` that begins so is a serial part */
#define PS_MARK_INTERPRETER "Interpreter lock" /* likewise a wait for that lock */
#define PS_MARK_LOCK        "Lock"             /* likewise, and so on: what keeps threads from */
#define PS_MARK_LOOP        "Waiting loop"     /* running at the same time */
#define PS_MARK_TAKE_TURNS  "Taking turns"
#define PS_MARK_STEPS       "Small steps"
#define PS_MARK_TURNS       "run one at a time" /* a finding PS_FINDING_THREADS with it: threads do */
#define PS_MARK_PASSIVE     "env:wait=passive" /* the strategy of what --passive measures beside */

#endif
