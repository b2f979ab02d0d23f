/* What to say when code of others crashes this process. Nothing here has an effect before
 * ps_crash_catch(), which only the loading of plug-ins asks for. */
#ifndef PS_CRASH_H
#define PS_CRASH_H

#include <signal.h>
#include <stdbool.h>

/* Holds what a handler needs, with AMX's registers too. */
#define PS_CRASH_STACK 32768

struct ps_crash_note {
    const char *who;  /* "plug-in ./dot.so" */
    const char *what; /* "while measuring dot under pool with 2 threads" */
};

/* From now on SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT in any thread end the process with status
 * 1 and "parscope: WHO crashed with SIGSEGV WHAT" on standard error, lead (static) before it. Where
 * there is no note they do what they did. */
void ps_crash_catch(const char *lead);
/* Files to remove at a crash; ends with NULL, and stays until it is replaced. NULL: none. */
void ps_crash_remove(const char *const *paths);
/* Removes them; for signal handlers that end the program. */
void ps_crash_remove_now(void);
/* Whose code runs from now on; stays until the next call. NULL: ours. */
void ps_crash_note(const struct ps_crash_note *note);

/* Threads that block all signals must not block these: the kernel would not call the handler. */
void ps_crash_unblock(sigset_t *set);

/* A stack for the handler, in case the thread's own overflows. Lies on that one's far end. */
struct ps_crash_stack {
    bool used;
    stack_t before;
    char room[PS_CRASH_STACK];
};
void ps_crash_stack_begin(struct ps_crash_stack *s);
void ps_crash_stack_end(struct ps_crash_stack *s);

#endif
