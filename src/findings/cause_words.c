#include "cause_words.h"

#include <string.h>

#include "marks.h"
#include "str.h"

const struct cause_words cause_words[KINDS] = {
    [PS_LOSS_SERIAL] =
        {PS_MARK_SERIAL, "one thread worked alone in",
         "More threads can't help there: shorten it, or overlap it with other work."},
    [PS_LOSS_IMBALANCE] =
        {"Uneven shares", "threads had finished while others were still in",
         "Hand out smaller pieces on demand (a dynamic schedule, work stealing)."},
    [PS_LOSS_RUNTIME] = {"Parallel runtime", "starting and ending parallel regions, from",
                         "Fewer and larger regions, or none where there is little work."},
    [PS_LOSS_STARVED] =
        {"Waiting for work", "threads had nothing to do while others were in",
         "Make what they wait for faster, split it among threads, or hand on more at once."},
    [PS_LOSS_PIECES] = {"Small pieces",
                        "handing out the pieces of a loop costs more than they do, in",
                        "Larger pieces (schedule(dynamic, 100), guided), or even shares "
                        "(schedule(static))."},
    [PS_LOSS_TASKS] = {"Small tasks",
                       "making tasks and waiting for them costs as much as their work, in",
                       "Larger tasks: below some size call the function directly (an if or final "
                       "clause, a cutoff)."},
    [PS_LOSS_SPIN] = {PS_MARK_LOOP, "threads tried again and again in",
                      "Sleep until it is ready (a condition variable, a futex), and give threads "
                      "other work meanwhile."},
    [PS_LOSS_TURNS] = {PS_MARK_TAKE_TURNS, "threads waited while one other was in",
                       "Let several go on at once: ask more before waiting for the first answer, "
                       "use a larger queue, do less within the turn."},
    [PS_LOSS_INTERPRETER] = {PS_MARK_INTERPRETER,
                             "threads waited for the lock of the interpreter in",
                             "Its threads run one at a time: use processes (multiprocessing), or "
                             "libraries that release the lock while they compute."},
    [PS_LOSS_LOCK] = {PS_MARK_LOCK, "threads waited for a lock in", NULL},
    [PS_LOSS_CONDITION] = {"Waiting for each other", "all threads waited in",
                           "More work at once, or fewer hand-overs."},
    [PS_LOSS_SLEEP] = {"Sleep", "threads slept in",
                       "Wait for the event itself, or overlap the pause with work."},
    [PS_LOSS_READ] = {"Reading", "threads waited to read in",
                      "Read ahead in a thread of its own, or from faster storage."},
    [PS_LOSS_WRITE] = {"Writing", "threads waited to write in", "Write in a thread of its own."},
    [PS_LOSS_SYNC] = {"Disk", "threads waited for data to reach the disk in",
                      "Synchronise less often, or for more data at once."},
    [PS_LOSS_MEMORY] =
        {"Address space", "threads waited for the lock of the address space in",
         "Keep memory instead of giving it back: a larger M_MMAP_THRESHOLD, another allocator, or "
         "buffers that are reused."},
    [PS_LOSS_FAULT] = {"Page faults", "threads waited for memory pages in",
                       "Reuse memory, touch it beforehand, or use larger pages."},
    [PS_LOSS_POLL] = {"Waiting for events", "nothing was ready in", "More requests at once."},
    [PS_LOSS_CHILD] = {"Waiting for processes", "there was nothing else to do in",
                       "Start more at once."},
    [PS_LOSS_OTHER] = {"Waiting", "threads waited in", "Find out what it waits for."},
    [MORE_CPU] = {"More CPU time", "the same work takes more of it in", NULL},
    [ATOMICS] =
        {"Atomic operations",
         "threads change the same data, or data in the same line of 64 bytes, with them, which takes "
         "more CPU time, in",
         "Give each thread its own, in lines of its own (counters that are added up at the end), or "
         "change it less often."},
    [LINES] =
        {"Shared cache lines", "writes to memory take more CPU time in",
         "Most likely several threads write to the same line of 64 bytes (false sharing): give "
         "each thread lines of its own, or sum up in a local variable. If each thread writes to "
         "memory of its own, far from the others', the limit is memory bandwidth."},
    [FAULTS] =
        {"Page faults", "touching memory for the first time costs more with more threads, in",
         "In one process mmap, munmap and page faults wait for each other: keep memory and reuse it "
         "(buffers that are kept, a larger M_MMAP_THRESHOLD, another allocator)."},
    [MORE_KERNEL] =
        {"More kernel time", "system calls take more of it with more threads, in",
         "They wait there for a file, a socket or an address space that they share. Make fewer and "
         "larger calls, or give each thread its own."},
    [SLEEP_AND_WAKE] = {"Sleeping and waking",
                        "putting threads to sleep and waking them takes more kernel time, around",
                        "Hand on more at once, so that they wait less often."},
    [SMALL_STEPS] = {PS_MARK_STEPS,
                     "threads meet at a barrier more often than their work is worth, in",
                     "Do more between two barriers, or let fewer threads share a step."},
    [MADE_ONCE] = {"Initialisation", "threads waited for what is made once, in",
                   "Make it before they start, split the making among them, or when compiling."},
    [MONITOR] = {PS_MARK_LOCK, "threads waited for a monitor (synchronized) in",
                 "A thread dump (jstack) while it runs names it: hold it for less time, or give "
                 "each thread its own data."},
    [GARBAGE] = {"Garbage collection", "the program stood still while one thread of Java's was in",
                 "A larger heap (-Xmx), a collector with several threads (-XX:+UseParallelGC), or "
                 "fewer objects."},
    [REPEATED] = {"Repeated work", "each thread seems to do all of it again, in",
                  "Do it once and share what it makes, or split it among the threads. On CPUs that "
                  "share a core (SMT) they may only slow each other down."},
    [NEW_THREADS] = {"New threads", "starting and ending threads takes time, in",
                     "Keep threads and hand them their work (a pool), or give each more to do."},
};

const char *cause_units(struct ps_arena *a, const char *text, bool processes)
{
    static const char word[] = "thread";
    struct ps_str out = {0};
    const char *at, *made;

    if (!processes)
        return text;
    while ((at = strstr(text, word))) {
        ps_str_addn(&out, text, (size_t)(at - text));
        text = at + sizeof word - 1;
        ps_str_add(&out, *text == 's' ? "processe" : "process");
    }
    ps_str_add(&out, text);
    made = ps_arena_copy(a, out.text ? out.text : "");
    ps_str_finish(&out);
    return made;
}
