#include "crash.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static const struct {
    int number;
    const char *name;
} caught[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},   {SIGILL, "SIGILL"},
    {SIGFPE, "SIGFPE"},   {SIGABRT, "SIGABRT"},
};
#define CAUGHT (sizeof caught / sizeof *caught)

/* What the handler has to share with the program. */
static struct {
    _Atomic(const char *) lead; /* NULL: nothing is caught */
    _Atomic(const char *const *) paths;
    _Atomic(const struct ps_crash_note *) note;
    atomic_int crashed;
} shared;

struct line {
    char text[2048];
    size_t length;
};

/* By memcpy and write alone: stdio may be what crashed. */
static void add(struct line *l, const char *text)
{
    size_t length = strlen(text), room = sizeof l->text - l->length;

    if (length > room)
        length = room;
    memcpy(l->text + l->length, text, length);
    l->length += length;
}

static const char *name_of(int number)
{
    size_t i = 0;

    while (i + 1 < CAUGHT && caught[i].number != number)
        i++;
    return caught[i].name;
}

static void say(const struct ps_crash_note *note, int number)
{
    struct line l = {.length = 0};
    ssize_t written;

    add(&l, atomic_load_explicit(&shared.lead, memory_order_acquire));
    add(&l, "parscope: ");
    add(&l, note->who);
    add(&l, " crashed with ");
    add(&l, name_of(number));
    add(&l, " ");
    add(&l, note->what);
    add(&l, "\n");
    written = write(STDERR_FILENO, l.text, l.length);
    (void)written; /* there is nobody left to tell */
}

void ps_crash_remove_now(void)
{
    const char *const *paths = atomic_load_explicit(&shared.paths, memory_order_acquire);

    for (; paths && *paths; paths++)
        unlink(*paths);
}

static void on_crash(int number)
{
    const struct ps_crash_note *note = atomic_load_explicit(&shared.note, memory_order_acquire);

    if (!note) {
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    /* One thread tells; relaxed, as nothing is published with it. */
    if (atomic_exchange_explicit(&shared.crashed, 1, memory_order_relaxed))
        for (;;)
            pause();
    say(note, number);
    ps_crash_remove_now();
    _exit(1);
}

void ps_crash_catch(const char *lead)
{
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK};

    /* release, here and below: the handler sees what the pointers lead to. */
    atomic_store_explicit(&shared.lead, lead, memory_order_release);
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < CAUGHT; i++)
        sigaction(caught[i].number, &action, NULL);
}

void ps_crash_remove(const char *const *paths)
{
    atomic_store_explicit(&shared.paths, paths, memory_order_release);
}

void ps_crash_note(const struct ps_crash_note *note)
{
    atomic_store_explicit(&shared.note, note, memory_order_release);
}

void ps_crash_unblock(sigset_t *set)
{
    for (size_t i = 0; i < CAUGHT; i++)
        sigdelset(set, caught[i].number);
}

void ps_crash_stack_begin(struct ps_crash_stack *s)
{
    stack_t own = {.ss_sp = s->room, .ss_size = sizeof s->room};

    /* relaxed: set before there are threads, or not at all. */
    s->used = atomic_load_explicit(&shared.lead, memory_order_relaxed) &&
              sigaltstack(&own, &s->before) == 0;
}

void ps_crash_stack_end(struct ps_crash_stack *s)
{
    if (s->used)
        sigaltstack(&s->before, NULL);
}
