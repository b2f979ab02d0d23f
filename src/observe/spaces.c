#include "spaces.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ids.h"
#include "interned.h"

#define MOST_TEXT      (8u << 20)
#define MOST_PROCESSES (1u << 18)
#define FIRST_ROOM     8
#define UNCOUNTED      (1u << 31) /* threads, more than ever exit */

/* The first space is that of which nothing is known, and never has mappings. */
#define UNKNOWN 0

struct process {
    uint32_t space;
    uint32_t threads;
};

/* Beside each space. */
struct use {
    uint32_t processes; /* that have it */
    bool asked;         /* somebody has its index */
};

struct ps_spaces_index {
    struct ps_ids ids; /* a process to its place in processes */
    struct process *processes;
    size_t process_count, process_room, free_process; /* free ones are chained by `space` */
    struct use *uses;
    uint32_t *free_spaces;
    size_t free_count;
    struct ps_interned texts;
};

static bool more_spaces(struct ps_spaces *s)
{
    const size_t room = s->room ? 2 * s->room : FIRST_ROOM;
    void *spaces = realloc(s->spaces, room * sizeof *s->spaces), *uses, *free_spaces;

    if (!spaces)
        return false;
    s->spaces = spaces;
    uses = realloc(s->index->uses, room * sizeof *s->index->uses);
    if (!uses)
        return false;
    s->index->uses = uses;
    free_spaces = realloc(s->index->free_spaces, room * sizeof *s->index->free_spaces);
    if (!free_spaces)
        return false;
    s->index->free_spaces = free_spaces;
    s->room = room;
    return true;
}

/* An empty one that one process has, or UNKNOWN. */
static uint32_t new_space(struct ps_spaces *s, pid_t pid, const char *name)
{
    struct ps_spaces_index *x = s->index;
    uint32_t i;

    if (x->free_count) {
        i = x->free_spaces[--x->free_count];
    } else if (s->count < PS_SPACES_MOST && (s->count < s->room || more_spaces(s))) {
        i = (uint32_t)s->count++;
    } else {
        return UNKNOWN;
    }
    s->spaces[i] = (struct ps_space){.pid = pid, .name = name};
    x->uses[i] = (struct use){.processes = 1};
    return i;
}

int ps_spaces_init(struct ps_spaces *s)
{
    *s = (struct ps_spaces){0};
    s->index = calloc(1, sizeof *s->index);
    if (!s->index)
        return -ENOMEM;
    s->index->free_process = PS_IDS_NONE;
    if (!more_spaces(s)) {
        ps_spaces_free(s);
        return -ENOMEM;
    }
    new_space(s, 0, "");
    return 0;
}

void ps_spaces_free(struct ps_spaces *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->spaces[i].mappings);
    free(s->spaces);
    if (s->index) {
        ps_ids_free(&s->index->ids);
        ps_interned_free(&s->index->texts);
        free(s->index->processes);
        free(s->index->uses);
        free(s->index->free_spaces);
    }
    free(s->index);
    *s = (struct ps_spaces){0};
}

/* What nobody has and nobody asked for is used again. */
static void leave_space(struct ps_spaces *s, uint32_t i)
{
    struct use *use = &s->index->uses[i];

    if (i == UNKNOWN || --use->processes || use->asked)
        return;
    s->mapping_count -= s->spaces[i].count;
    free(s->spaces[i].mappings);
    s->spaces[i] = (struct ps_space){.name = ""};
    s->index->free_spaces[s->index->free_count++] = i;
}

/* ---- processes ---- */

static struct process *find(const struct ps_spaces *s, pid_t pid)
{
    const uint32_t i = ps_ids_find(&s->index->ids, pid);

    return i == PS_IDS_NONE ? NULL : &s->index->processes[i];
}

static bool more_processes(struct ps_spaces_index *x)
{
    const size_t room = x->process_room ? 2 * x->process_room : FIRST_ROOM;
    void *larger =
        room <= MOST_PROCESSES ? realloc(x->processes, room * sizeof *x->processes) : NULL;

    if (!larger)
        return false;
    x->processes = larger;
    x->process_room = room;
    return true;
}

/* With one thread. NULL: too many. */
static struct process *add(struct ps_spaces *s, pid_t pid, uint32_t space)
{
    struct ps_spaces_index *x = s->index;
    size_t i = x->free_process;

    if (i == PS_IDS_NONE && x->process_count == x->process_room && !more_processes(x))
        return NULL;
    if (i == PS_IDS_NONE)
        i = x->process_count;
    if (!ps_ids_put(&x->ids, pid, (uint32_t)i))
        return NULL;
    if (i == x->process_count)
        x->process_count++;
    else
        x->free_process = x->processes[i].space;
    x->processes[i] = (struct process){space, 1};
    return &x->processes[i];
}

static void drop(struct ps_spaces *s, pid_t pid)
{
    struct ps_spaces_index *x = s->index;
    struct process *p = find(s, pid);

    if (!p)
        return;
    leave_space(s, p->space);
    ps_ids_remove(&x->ids, pid);
    p->space = (uint32_t)x->free_process;
    x->free_process = (size_t)(p - x->processes);
}

static struct process *find_or_add(struct ps_spaces *s, pid_t pid)
{
    struct process *p = find(s, pid);
    uint32_t space;

    if (p)
        return p;
    space = new_space(s, pid, "");
    p = add(s, pid, space);
    if (!p)
        leave_space(s, space);
    return p;
}

/* ---- mappings ---- */

static bool more_mappings(struct ps_space *p, size_t needed)
{
    size_t room = p->room ? p->room : FIRST_ROOM;
    void *larger;

    while (room < needed)
        room *= 2;
    larger = room > p->room ? realloc(p->mappings, room * sizeof *p->mappings) : p->mappings;
    if (!larger)
        return false;
    p->mappings = larger;
    p->room = room;
    return true;
}

/* The first one that ends after `at`. */
static size_t first_after(const struct ps_space *p, uint64_t at)
{
    size_t from = 0, to = p->count;

    while (from < to) {
        const size_t middle = (from + to) / 2;

        if (p->mappings[middle].end <= at)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static struct ps_mapping from_on(struct ps_mapping m, uint64_t start)
{
    m.offset += start - m.start;
    m.start = start;
    return m;
}

/* In place of all of which it covers a part; what is left of the outer two stays. */
static void insert(struct ps_spaces *s, struct ps_space *p, const struct ps_mapping *m)
{
    const size_t first = first_after(p, m->start);
    size_t past = first, parts = 0;
    struct ps_mapping put[3];

    while (past < p->count && p->mappings[past].start < m->end)
        past++;
    if (first < past && p->mappings[first].start < m->start) {
        put[parts] = p->mappings[first];
        put[parts++].end = m->start;
    }
    put[parts++] = *m;
    if (first < past && p->mappings[past - 1].end > m->end)
        put[parts++] = from_on(p->mappings[past - 1], m->end);
    if (s->mapping_count + parts > PS_SPACES_MAPPINGS + (past - first) ||
        !more_mappings(p, p->count + parts))
        return;
    memmove(p->mappings + first + parts, p->mappings + past,
            (p->count - past) * sizeof *p->mappings);
    memcpy(p->mappings + first, put, parts * sizeof *put);
    s->mapping_count += parts - (past - first);
    p->count += parts - (past - first);
}

static void copy_mappings(struct ps_spaces *s, const struct ps_space *from, struct ps_space *to)
{
    if (!from->count || s->mapping_count + from->count > PS_SPACES_MAPPINGS ||
        !more_mappings(to, from->count))
        return;
    memcpy(to->mappings, from->mappings, from->count * sizeof *to->mappings);
    to->count = from->count;
    s->mapping_count += from->count;
}

/* A space that the process has for itself: a copy where it shares it. */
static uint32_t own_space(struct ps_spaces *s, struct process *p, pid_t pid)
{
    const uint32_t shared = p->space;
    uint32_t own;

    if (shared == UNKNOWN || s->index->uses[shared].processes == 1)
        return shared;
    own = new_space(s, pid, s->spaces[shared].name);
    if (own != UNKNOWN)
        copy_mappings(s, &s->spaces[shared], &s->spaces[own]);
    leave_space(s, shared);
    p->space = own;
    return own;
}

/* "?" where there is no room for it. */
static const char *keep(struct ps_spaces *s, const char *text)
{
    const char *kept = ps_interned_keep(&s->index->texts, text, MOST_TEXT);

    return kept ? kept : "?";
}

/* ---- records ---- */

static void take_mapping(struct ps_spaces *s, const struct ps_record *r)
{
    struct process *p = find_or_add(s, r->pid);
    const uint32_t i = p ? own_space(s, p, r->pid) : UNKNOWN;
    const struct ps_mapping m = {r->mapping.start,  r->mapping.end,   r->mapping.offset,
                                 r->mapping.device, r->mapping.inode, keep(s, r->name)};

    if (i != UNKNOWN)
        insert(s, &s->spaces[i], &m);
}

static void take_exec(struct ps_spaces *s, const struct ps_record *r)
{
    const char *name = keep(s, r->name);
    uint32_t space;

    drop(s, r->pid);
    space = new_space(s, r->pid, name);
    if (!add(s, r->pid, space))
        leave_space(s, space);
}

static void take_birth(struct ps_spaces *s, const struct ps_record *r)
{
    struct process *parent = find(s, r->parent_pid);
    uint32_t space;

    if (r->pid == r->parent_pid) {
        if (parent)
            parent->threads++;
        return;
    }
    drop(s, r->pid);
    parent = find_or_add(s, r->parent_pid);
    if (!parent)
        return;
    space = parent->space;
    if (add(s, r->pid, space) && space != UNKNOWN)
        s->index->uses[space].processes++;
}

static void take_exit(struct ps_spaces *s, const struct ps_record *r)
{
    struct process *p = find(s, r->pid);

    if (p && --p->threads == 0)
        drop(s, r->pid);
}

void ps_spaces_take(struct ps_spaces *s, const struct ps_record *r)
{
    if (r->kind == PS_RECORD_MAPPING)
        take_mapping(s, r);
    else if (r->kind == PS_RECORD_EXEC)
        take_exec(s, r);
    else if (r->kind == PS_RECORD_BIRTH)
        take_birth(s, r);
    else if (r->kind == PS_RECORD_EXIT)
        take_exit(s, r);
}

void ps_spaces_keep(struct ps_spaces *s, pid_t pid)
{
    struct process *p = find(s, pid);

    if (p)
        p->threads = UNCOUNTED;
}

size_t ps_spaces_of(struct ps_spaces *s, pid_t pid)
{
    const struct process *p = find(s, pid);
    const size_t i = p ? p->space : UNKNOWN;

    s->index->uses[i].asked = true;
    return i;
}
