#include "counters.h"

#include <errno.h>
#include <string.h>

#include "compose.h"
#include "core_kinds.h"
#include "event_sets.h"

#define NOT_COUNTED "not counted (-e none)"

static bool has_event(const struct ps_counters *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++) {
        if (!strcmp(c->events[i].name, name))
            return true;
    }
    return false;
}

static bool is_hybrid(const struct ps_counters *c)
{
    return c->perf.kind_count > 0;
}

static void set_level(struct ps_event *event, const struct perf_event_attr *attr, unsigned levels)
{
    if (!levels || !ps_attr_hardware(attr))
        return;
    if (attr->exclude_kernel && !(levels & PS_LEVEL_KERNEL)) {
        event->state = PS_COUNT_USER_ONLY;
        event->reason = "only user space is counted, as --user asks";
    } else if (attr->exclude_user && !(levels & PS_LEVEL_USER)) {
        event->state = PS_COUNT_KERNEL_ONLY;
        event->reason = "only the kernel is counted, as --kernel asks";
    }
}

static const char *unit_of(const struct perf_event_attr *attr)
{
    return attr->type == PERF_TYPE_SOFTWARE && (attr->config == PERF_COUNT_SW_CPU_CLOCK ||
                                                attr->config == PERF_COUNT_SW_TASK_CLOCK)
               ? "ns"
               : "1";
}

static int append(struct ps_counters *c, const struct ps_event *event,
                  const struct perf_event_attr *attr, unsigned wish, int kind, struct ps_err *e)
{
    if (c->count == PS_MAX_EVENTS)
        return ps_fail(e, E2BIG, "more than %d events besides the report's own",
                       PS_MAX_EVENTS - PS_DEFAULT_EVENTS);
    c->attrs[c->count] = *attr;
    c->wish[c->count] = wish;
    c->kind[c->count] = kind;
    c->events[c->count] = *event;
    c->events[c->count++].unit = unit_of(attr);
    return 0;
}

/* The kind of core that the event is of, by its type. */
static int kind_of(const struct ps_counters *c, const struct perf_event_attr *attr)
{
    for (size_t k = 0; k < c->perf.kind_count; k++) {
        if (attr->type == c->perf.kinds[k].type)
            return (int)k;
    }
    return PS_ANY_KIND;
}

/* One event for each kind of core, and their sum before them. */
static int append_kinds(struct ps_counters *c, struct ps_event event,
                        const struct perf_event_attr *attr, unsigned wish, struct ps_arena *a,
                        struct ps_err *e)
{
    const char *name = event.name;
    int err;

    event.total = true;
    event.total_of = (ptrdiff_t)c->count;
    err = append(c, &event, attr, wish, PS_ANY_KIND, e);
    event.total = false;
    for (size_t k = 0; k < c->perf.kind_count && err == 0; k++) {
        struct perf_event_attr part = *attr;

        ps_attr_set_kind(&part, &c->perf.kinds[k]);
        event.kind = c->perf.kinds[k].name;
        event.name = ps_arena_format(a, "%s/%s/", event.kind, name);
        err = append(c, &event, &part, wish, (int)k, e);
    }
    return err;
}

struct wish {
    const char *name;
    unsigned place; /* braces, or PS_WISH_* */
    unsigned levels;
};

static int add_event(struct ps_counters *c, const struct wish *w, struct ps_arena *a,
                     struct ps_err *e)
{
    struct ps_event event = {
        .name = w->name, .user_asked = w->place != PS_WISH_DEFAULT, .total_of = -1};
    struct perf_event_attr attr;
    int err, kind;

    if (has_event(c, w->name))
        return 0;
    err = ps_event_resolve(w->name, w->levels, &attr, e);
    if (err < 0)
        return err;
    attr.read_format =
        PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    event.nonzero = ps_attr_nonzero(&attr);
    set_level(&event, &attr, w->levels);
    if (is_hybrid(c) && (attr.type == PERF_TYPE_HARDWARE || attr.type == PERF_TYPE_HW_CACHE))
        return append_kinds(c, event, &attr, w->place, a, e);
    kind = kind_of(c, &attr);
    event.kind = kind < 0 ? NULL : c->perf.kinds[kind].name;
    event.total_of = kind < 0 ? -1 : 0; /* the cycles */
    return append(c, &event, &attr, w->place, kind, e);
}

static int add_events(struct ps_counters *c, struct ps_arena *a,
                      const struct ps_event_request *request, struct ps_err *e)
{
    const struct ps_event_list *extra = &request->extra;
    int err = 0;

    for (size_t i = 0; i < PS_DEFAULT_EVENTS && err == 0; i++) {
        const struct wish w = {ps_event_defaults[i].name, PS_WISH_DEFAULT, request->levels};

        err = add_event(c, &w, a, e);
    }
    for (size_t i = 0; i < extra->count && err == 0; i++) {
        const unsigned group = extra->groups ? extra->groups[i] : 0;
        const struct wish w = {ps_arena_copy(a, extra->names[i]), group ? group : PS_WISH_ANYWHERE,
                               request->levels};

        err = add_event(c, &w, a, e);
    }
    return err;
}

static ptrdiff_t find_switches(const struct ps_counters *c)
{
    for (size_t i = 0; c->set_count && i < c->sets[0].count; i++) {
        const struct perf_event_attr *attr = &c->attrs[c->order[i]];

        if (attr->type == PERF_TYPE_SOFTWARE && attr->config == PERF_COUNT_SW_CONTEXT_SWITCHES)
            return (ptrdiff_t)i;
    }
    return -1;
}

static const char *diagnose(const struct ps_counters *c)
{
    static const char *const needed[] = {"cycles", "instructions"};

    for (size_t i = 0; i < c->count; i++) {
        for (size_t k = 0; k < 2; k++) {
            if (!strcmp(c->events[i].name, needed[k]) && c->events[i].state == PS_COUNT_UNAVAILABLE)
                return c->events[i].reason;
        }
    }
    return NULL;
}

int ps_counters_open_with(const struct ps_perf *perf, struct ps_arena *a,
                          const struct ps_event_request *request, struct ps_counters **c,
                          struct ps_err *e)
{
    struct ps_counters *n = ps_arena_alloc(a, sizeof *n);
    int err;

    n->perf = *perf;
    if (request->none)
        n->perf.kind_count = 0;
    err = add_events(n, a, request, e);
    if (err < 0)
        return err;
    for (size_t i = 0; request->none && i < n->count; i++)
        ps_event_set_missing(&n->events[i], NOT_COUNTED);
    if (!request->none)
        ps_compose(n, a);
    if (!is_hybrid(n))
        n->rotating = ps_counters_seen_rotating(n);
    ps_core_kinds_set(n, a);
    n->switches = find_switches(n);
    n->diagnosis = diagnose(n);
    *c = n;
    return 0;
}

int ps_counters_open_request(struct ps_arena *a, const struct ps_event_request *request,
                             struct ps_counters **c, struct ps_err *e)
{
    struct ps_perf perf;

    ps_perf_init(&perf);
    return ps_counters_open_with(&perf, a, request, c, e);
}

int ps_counters_open(struct ps_arena *a, const char *const *extra, size_t extra_count, bool none,
                     struct ps_counters **c, struct ps_err *e)
{
    const struct ps_event_request request = {
        .extra = {.names = (const char **)extra, .count = extra_count}, .none = none};

    return ps_counters_open_request(a, &request, c, e);
}

size_t ps_counters_events(const struct ps_counters *c, const struct ps_event **events)
{
    *events = c->events;
    return c->count;
}

bool ps_counters_any(const struct ps_counters *c)
{
    return c->open_count > 0;
}

const char *ps_counters_diagnosis(const struct ps_counters *c)
{
    return c->diagnosis;
}

size_t ps_counters_warnings(const struct ps_counters *c, const char *const **sentences)
{
    *sentences = c->warnings;
    return c->warning_count;
}

double ps_counters_rotation(const struct ps_counters *c)
{
    size_t turns = 0;

    for (size_t s = 0; s < c->set_count; s++)
        turns += c->sets[s].hardware && !c->sets[s].pinned;
    return c->rotating ? (double)turns * c->perf.turn : 0;
}
