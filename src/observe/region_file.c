#include "region_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <parscope/region.h>

#include "ticks.h"

#define MAGIC "PARSREG1"

_Static_assert(PARSCOPE_REGION_SLOTS == PS_REGION_SLOTS &&
                   PARSCOPE_REGION_NAMES == PS_REGION_NAMES &&
                   sizeof(struct parscope_region_slot) <= PARSCOPE_REGION_SLOT &&
                   offsetof(struct parscope_region_slot, events) == 16384,
               "the layout is as it is documented");

struct slot {
    uint64_t head, lost, time; /* as last seen; of the last event */
};

struct ps_region_file {
    int file;
    char path[64];
    uint64_t lost;
    uint32_t refused; /* threads without a slot */
    uint32_t owners[PARSCOPE_REGION_SLOTS];
    struct slot slots[PARSCOPE_REGION_SLOTS];
    struct parscope_region_event events[PARSCOPE_REGION_EVENTS];
    char names[PARSCOPE_REGION_NAMES][PARSCOPE_REGION_NAME]; /* of the slot that is read */
    uint32_t name_count;                                     /* of which are read */
};

static off_t place(uint32_t slot)
{
    return (off_t)PARSCOPE_REGION_FIRST + (off_t)slot * PARSCOPE_REGION_SLOT;
}

static bool get(const struct ps_region_file *f, off_t from, void *to, size_t size)
{
    return pread(f->file, to, size, from) == (ssize_t)size;
}

static int open_file(struct ps_region_file *f)
{
    f->file = memfd_create("parscope-regions", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (f->file < 0)
        return -errno;
    if (ftruncate(f->file, place(PARSCOPE_REGION_SLOTS)) < 0 ||
        fcntl(f->file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0 ||
        pwrite(f->file, MAGIC, 8, 0) != 8)
        return errno ? -errno : -EIO;
    snprintf(f->path, sizeof f->path, "/proc/%d/fd/%d", (int)getpid(), f->file);
    return 0;
}

int ps_region_file_create(struct ps_region_file **file)
{
    struct ps_region_file *f = calloc(1, sizeof *f);
    int err = f ? open_file(f) : -ENOMEM;

    if (!err)
        *file = f;
    else
        ps_region_file_destroy(f);
    return err;
}

void ps_region_file_destroy(struct ps_region_file *f)
{
    if (f && f->file >= 0)
        close(f->file);
    free(f);
}

const char *ps_region_file_path(const struct ps_region_file *f)
{
    return f->path;
}

uint64_t ps_region_file_lost(const struct ps_region_file *f)
{
    return f->lost + f->refused;
}

/* The name of that number; NULL: there is none. */
static const char *name_of(struct ps_region_file *f, uint32_t slot, uint32_t number)
{
    const off_t names = place(slot) + (off_t)offsetof(struct parscope_region_slot, name);

    if (number > PARSCOPE_REGION_NAMES)
        return NULL;
    if (!f->name_count && !get(f, names, f->names, sizeof f->names))
        return NULL;
    f->name_count = PARSCOPE_REGION_NAMES;
    f->names[number - 1][PARSCOPE_REGION_NAME - 1] = '\0';
    return f->names[number - 1];
}

static void hand_over(struct ps_region_file *f, uint32_t slot,
                      const struct parscope_region_event *from, ps_region_event_fn *fn, void *arg)
{
    struct slot *s = &f->slots[slot];
    const uint64_t now = ps_now_ns();
    struct ps_region_event e = {
        .time = from->time, .slot = slot, .tid = (pid_t)f->owners[slot], .number = from->name};

    if (e.time > now)
        e.time = now;
    if (e.time < s->time)
        e.time = s->time;
    s->time = e.time;
    e.name = e.number ? name_of(f, slot, e.number) : NULL;
    if (!e.number || e.name)
        fn(arg, &e);
    else
        f->lost++;
}

/* Events `from` .. `to` - 1, which may lie on both sides of the ring's end. */
static bool get_events(struct ps_region_file *f, uint32_t slot, uint64_t from, uint64_t to)
{
    const off_t events = place(slot) + (off_t)offsetof(struct parscope_region_slot, events);
    const size_t size = sizeof *f->events, at = from % PARSCOPE_REGION_EVENTS;
    const size_t count = (size_t)(to - from);
    const size_t first = count < PARSCOPE_REGION_EVENTS - at ? count : PARSCOPE_REGION_EVENTS - at;

    return get(f, events + (off_t)(at * size), f->events, first * size) &&
           get(f, events, f->events + first, (count - first) * size);
}

static void read_slot(struct ps_region_file *f, uint32_t slot, ps_region_event_fn *fn, void *arg)
{
    const off_t tail = place(slot) + (off_t)offsetof(struct parscope_region_slot, tail);
    struct slot *s = &f->slots[slot];
    struct {
        uint32_t pid, tid;
        uint64_t head, tail, lost;
    } now;
    uint64_t count;

    if (!get(f, place(slot), &now, sizeof now))
        return;
        /* Pairs with the writer's release of the head: its events are read after it. (gcc's thread
         * sanitizer knows no fences; it does not see the writer, in another process, either.) */
#ifndef __SANITIZE_THREAD__
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
#endif
    f->lost += now.lost - s->lost;
    s->lost = now.lost;
    count = now.head - s->head;
    f->name_count = 0;
    if (count > PARSCOPE_REGION_EVENTS || !get_events(f, slot, s->head, now.head)) {
        f->lost += count > 0;
        count = 0;
    }
    for (uint64_t i = 0; i < count; i++)
        hand_over(f, slot, &f->events[i], fn, arg);
    if (s->head != now.head && pwrite(f->file, &now.head, sizeof now.head, tail) < 0)
        f->lost++;
    s->head = now.head;
}

void ps_region_file_read(struct ps_region_file *f, ps_region_event_fn *fn, void *arg)
{
    if (!get(f, 8, &f->refused, sizeof f->refused) ||
        !get(f, PARSCOPE_REGION_TABLE, f->owners, sizeof f->owners))
        return;
    for (uint32_t i = 0; i < PARSCOPE_REGION_SLOTS; i++)
        if (f->owners[i])
            read_slot(f, i, fn, arg);
}

void ps_region_file_release(struct ps_region_file *f, uint32_t slot)
{
    const uint32_t nobody = 0;

    if (fallocate(f->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, place(slot),
                  PARSCOPE_REGION_SLOT) < 0)
        return;
    f->slots[slot] = (struct slot){0};
    if (pwrite(f->file, &nobody, sizeof nobody,
               PARSCOPE_REGION_TABLE + (off_t)(slot * sizeof nobody)) < 0)
        f->lost++;
}
