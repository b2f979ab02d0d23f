/*
 * Which events are scheduled together.
 *
 * Events come in blocks that are to be one set: the report's own, those of each pair of braces, and
 * all that stand in none. A kernel refuses an event that can't be on the PMU beside the others of
 * its set: it goes to the next set of the block. What the kernel can't know is that the report's
 * own events are pinned, so that a set which would fit alone may never get its turn: with those
 * events counting, each set is started, and gives up events until it is seen to run.
 */
#include "compose.h"

#include <unistd.h>

#include "page.h"

#define RUN_TIME  6000000u /* ns that a set is given to get onto the PMU */
#define RUN_READS 20000    /* at most */
#define NOWHERE   (-1)

struct record {
    uint64_t count, enabled, running, value[PS_MAX_EVENTS];
};

struct trial {
    struct ps_counters *c;
    struct ps_arena *arena;
    int fd[PS_MAX_EVENTS];  /* -1: closed */
    int set[PS_MAX_EVENTS]; /* or NOWHERE */
    bool placed[PS_MAX_EVENTS];
    bool split[PS_MAX_EVENTS]; /* sets that go on where another one of their block was full */
    int set_count;
    bool may_pin, pinned; /* the report's own hardware events, which then stay open */
    bool crowded;         /* something found no place beside them */
    bool torn;            /* they are not one set */
};

struct block {
    size_t events[PS_MAX_EVENTS];
    size_t count;
};

void ps_event_set_missing(struct ps_event *event, const char *reason)
{
    event->state = PS_COUNT_UNAVAILABLE;
    event->reason = reason;
}

/* How much of what was asked for is counted. */
static void set_level(struct ps_counters *c, size_t i, bool denied, struct ps_arena *a)
{
    const struct perf_event_attr *attr = &c->attrs[i];
    struct ps_event *event = &c->events[i];

    if (!denied || ps_attr_clock(attr))
        return;
    event->state = PS_COUNT_USER_ONLY;
    event->reason =
        c->perf.paranoid == PS_PARANOID_UNKNOWN
            ? "the kernel does not permit this user to count in kernel mode"
            : ps_arena_format(a, "with perf_event_paranoid %d this user can't count in the kernel",
                              c->perf.paranoid);
}

/* Opens event i beside the leader, or as one that does not count yet. A descriptor or a negative
 * errno. */
static int open_event(struct trial *t, size_t i, int leader, bool pinned)
{
    struct perf_event_attr attr = t->c->attrs[i];
    const bool user_wanted = attr.exclude_kernel;
    int fd;

    attr.disabled = leader < 0;
    attr.pinned = pinned && leader < 0;
    fd = ps_perf_open(&t->c->perf, &attr, leader);
    if (fd < 0)
        return fd;
    t->c->attrs[i].exclude_kernel = attr.exclude_kernel;
    t->c->attrs[i].exclude_hv = attr.exclude_hv;
    set_level(t->c, i, attr.exclude_kernel && !user_wanted, t->arena);
    return fd;
}

static size_t leader_of(const struct trial *t, int set)
{
    size_t i = 0;

    while (t->set[i] != set)
        i++;
    return i;
}

static size_t members_of(const struct trial *t, int set)
{
    size_t n = 0;

    for (size_t i = 0; i < t->c->count; i++)
        n += t->set[i] == set;
    return n;
}

static size_t last_of(const struct trial *t, int set)
{
    size_t i = t->c->count - 1;

    while (t->set[i] != set)
        i--;
    return i;
}

/* Members before their leader: a leader that goes first leaves them as sets of their own. */
static void close_set(struct trial *t, int set)
{
    for (size_t i = t->c->count; i-- > 0;) {
        if (t->set[i] != set || t->fd[i] < 0)
            continue;
        close(t->fd[i]);
        t->fd[i] = -1;
    }
}

/* Into the first of the block's sets that takes it, else into a new one. */
static void place(struct trial *t, size_t i, int first)
{
    for (int s = first; s <= t->set_count; s++) {
        const bool fresh = s == t->set_count;
        int fd = open_event(t, i, fresh ? -1 : t->fd[leader_of(t, s)], false);

        if (fd >= 0) {
            t->fd[i] = fd;
            t->set[i] = s;
            t->split[s] = s > first;
            t->set_count += fresh;
            return;
        }
        if (fresh)
            ps_event_set_missing(&t->c->events[i],
                                 ps_perf_explain(&t->c->perf, &t->c->attrs[i], -fd, t->arena));
    }
}

/* Opens the members anew and starts them. 0 or a negative errno. */
static int start_set(struct trial *t, int set, bool pinned)
{
    const size_t leader = leader_of(t, set);

    close_set(t, set);
    for (size_t i = leader; i < t->c->count; i++) {
        if (t->set[i] != set)
            continue;
        t->fd[i] = open_event(t, i, i == leader ? -1 : t->fd[leader], pinned);
        if (t->fd[i] < 0)
            return t->fd[i];
    }
    return t->c->perf.start(t->c->perf.arg, t->fd[leader]);
}

static ssize_t read_set(const struct trial *t, int set, struct record *r)
{
    const struct ps_perf *p = &t->c->perf;

    return p->read(p->arg, t->fd[leader_of(t, set)], r, sizeof *r);
}

/* Whether it gets onto the PMU. What can't be told is taken for yes. */
static bool runs(struct trial *t, int set)
{
    struct record r = {0};

    if (start_set(t, set, false) < 0)
        return true;
    for (int i = 0; i < RUN_READS && r.enabled < RUN_TIME; i++) {
        if (read_set(t, set, &r) < 0 || r.running > 0)
            return true;
    }
    return r.enabled == 0;
}

static void thin_out(struct trial *t, int set)
{
    const int next = t->set_count;

    while (!runs(t, set)) {
        close_set(t, set);
        if (members_of(t, set) == 1) {
            t->crowded = true;
            return;
        }
        t->set[last_of(t, set)] = next;
        t->split[next] = true;
        t->set_count = next + 1;
    }
    close_set(t, set);
}

/* A pinned set that can't be on the PMU reads as the end of a file. */
static bool try_pinned(struct trial *t, int set)
{
    struct record r;

    return start_set(t, set, true) == 0 && read_set(t, set, &r) > 0;
}

static bool is_hardware(const struct ps_counters *c, size_t i)
{
    return ps_attr_hardware(&c->attrs[i]);
}

/* Besides the report's own. */
static bool wants_hardware(const struct ps_counters *c)
{
    for (size_t i = 0; i < c->count; i++) {
        if (!c->events[i].total && c->wish[i] != PS_WISH_DEFAULT && is_hardware(c, i))
            return true;
    }
    return false;
}

static bool any_hardware(const struct ps_counters *c, const struct block *b)
{
    for (size_t i = 0; i < b->count; i++) {
        if (is_hardware(c, b->events[i]))
            return true;
    }
    return false;
}

static void compose_block(struct trial *t, const struct block *b)
{
    struct ps_counters *c = t->c;
    const int first = t->set_count;
    const bool report = c->wish[b->events[0]] == PS_WISH_DEFAULT, hardware = any_hardware(c, b);

    for (size_t i = 0; i < b->count; i++)
        place(t, b->events[i], first);
    t->torn |= report && hardware && t->set_count > first + 1;
    if (report && hardware && t->may_pin && t->set_count == first + 1 && try_pinned(t, first)) {
        c->sets[first].pinned = t->pinned = true;
        return; /* stays open, beside what follows */
    }
    for (int s = first; s < t->set_count; s++) {
        close_set(t, s);
        if (!report && hardware && t->pinned && c->perf.kind_count == 0)
            thin_out(t, s);
    }
}

/* Where an event belongs. Software events that nobody put into braces cost no counter. */
static unsigned wish_of(const struct ps_counters *c, size_t i)
{
    const bool free = c->wish[i] == PS_WISH_ANYWHERE && !is_hardware(c, i);

    return free ? PS_WISH_DEFAULT : c->wish[i];
}

/* Events of different kinds of cores can't be in one set; nor should a software event be held on
 * one kind, or be multiplexed for the sake of others. */
static bool same_block(const struct ps_counters *c, size_t i, size_t k)
{
    const bool apart = c->perf.kind_count > 0 || (c->apart && wish_of(c, i) == PS_WISH_DEFAULT);

    if (wish_of(c, i) != wish_of(c, k))
        return false;
    return c->kind[i] == c->kind[k] && (!apart || is_hardware(c, i) == is_hardware(c, k));
}

static void gather(struct trial *t, size_t first)
{
    struct block b = {.count = 0};

    for (size_t k = first; k < t->c->count; k++) {
        if (t->placed[k] || t->c->events[k].total || !same_block(t->c, first, k))
            continue;
        t->placed[k] = true;
        b.events[b.count++] = k;
    }
    compose_block(t, &b);
}

static bool leads(const struct ps_counters *c, size_t i)
{
    return c->apart && !is_hardware(c, i) && wish_of(c, i) == PS_WISH_DEFAULT;
}

static void compose_all(struct trial *t)
{
    for (int own_software = 1; own_software >= 0; own_software--) {
        for (size_t i = 0; i < t->c->count; i++) {
            if (!t->placed[i] && !t->c->events[i].total && leads(t->c, i) == own_software)
                gather(t, i);
        }
    }
}

static void set_order(struct trial *t)
{
    struct ps_counters *c = t->c;

    for (int s = 0; s < t->set_count; s++) {
        struct ps_event_set *set = &c->sets[s];

        set->first = c->open_count;
        set->hardware = true;
        for (size_t i = 0; i < c->count; i++) {
            if (t->set[i] != s)
                continue;
            c->order[c->open_count++] = i;
            set->count++;
            set->hardware &= is_hardware(c, i);
        }
    }
    c->set_count = (size_t)t->set_count;
}

static const char *names_of(const struct trial *t, int set)
{
    const char *list = NULL;

    for (size_t i = 0; i < t->c->count; i++) {
        const char *name = t->c->events[i].name;

        if (t->set[i] == set)
            list = list ? ps_arena_format(t->arena, "%s,%s", list, name) : name;
    }
    return list;
}

/* "{a,b} and {c}", of a set and those that go on where it was full. */
static const char *parts_of(const struct trial *t, int first)
{
    const char *list = ps_arena_format(t->arena, "{%s}", names_of(t, first));

    for (int s = first + 1; s < t->set_count && t->split[s]; s++)
        list = ps_arena_format(t->arena, "%s and {%s}", list, names_of(t, s));
    return list;
}

/* Of braces, and of what the report needs at once. */
static void warn(struct trial *t)
{
    struct ps_counters *c = t->c;

    for (int s = 0; s + 1 < t->set_count; s++) {
        if (t->split[s] || !t->split[s + 1] || c->wish[leader_of(t, s)] == PS_WISH_ANYWHERE)
            continue;
        c->warnings = ps_arena_grow(t->arena, c->warnings, c->warning_count, sizeof *c->warnings);
        c->warnings[c->warning_count++] = ps_arena_format(
            t->arena,
            "The PMU does not have enough counters for all events of a group at once: %s take "
            "turns, and each count is scaled by the share of the time it ran.",
            parts_of(t, s));
    }
}

static void compose(struct trial *t, struct ps_counters *c, struct ps_arena *a, bool may_pin)
{
    *t = (struct trial){.c = c, .arena = a, .may_pin = may_pin};
    for (size_t i = 0; i < PS_MAX_EVENTS; i++) {
        t->fd[i] = -1;
        t->set[i] = NOWHERE;
        c->sets[i] = (struct ps_event_set){.count = 0};
    }
    compose_all(t);
    for (int s = 0; s < t->set_count; s++)
        close_set(t, s);
}

void ps_compose(struct ps_counters *c, struct ps_arena *a)
{
    const bool others = wants_hardware(c), hybrid = c->perf.kind_count > 0;
    struct trial t;

    c->user_reads = ps_page_permits(&c->perf, &c->attrs[c->events[0].total ? 1 : 0]);
    c->apart = hybrid || c->user_reads || others;
    compose(&t, c, a, others);
    if (t.crowded || (t.torn && !c->apart)) {
        c->apart = true;
        compose(&t, c, a, false);
    }
    set_order(&t);
    warn(&t);
    c->rotating = hybrid && others;
}
