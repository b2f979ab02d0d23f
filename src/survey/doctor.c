#include "doctor.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "counters.h"
#include "facts.h"
#include "lines.h"
#include "names.h"
#include "ticks.h"
#include "units.h"

#define PS_ROW(file, function, id) id,
const char *const ps_doctor_ids[] = {
#include "list.def"
    NULL,
};
#undef PS_ROW

#define LOAD_NS 200000000

static const char *now_text(struct ps_arena *a)
{
    char text[32];

    return ps_arena_copy(a, ps_format_time_stamp(text, sizeof text, time(NULL)));
}

/* What runs while we do nothing. */
static const struct ps_cpu_times *look_at_load(struct ps_arena *a)
{
    const struct timespec pause = {0, LOAD_NS};
    struct ps_cpu_times *after = ps_arena_alloc(a, sizeof *after);

    nanosleep(&pause, NULL);
    return ps_cpu_times_read(a, "", after) < 0 ? NULL : after;
}

/* The counters and the clock. -EINTR: what was seen until then. */
static int measure(const struct ps_doctor_request *q, struct ps_doctor *d,
                   struct ps_doctor_facts *f, struct ps_err *e)
{
    struct clock_request clock = {
        .topology = q->topology, .seconds = q->watch, .interrupted = q->interrupted};
    struct ps_counters *c;
    int err = ps_counters_open(d->arena, NULL, 0, false, &c, e);

    if (err < 0)
        return err;
    clock.counters = f->counters = c;
    ps_counters_measure(c, &f->costs);
    err = clock_watch(&clock, d, e);
    f->pmu_ratio = d->pmu_ratio;
    d->open_cost = f->costs.open;
    d->enable_cost = f->costs.enable;
    d->read_cost = f->costs.read;
    return err;
}

int ps_doctor_examine(const struct ps_doctor_request *q, struct ps_arena *a, struct ps_doctor **out,
                      struct ps_err *e)
{
    const uint64_t began = ps_now_ns();
    struct ps_doctor *d = ps_arena_alloc(a, sizeof *d);
    struct ps_doctor_facts f = {.topology = q->topology};
    struct ps_cpu_times before;
    struct ps_tuning tuning;
    struct ps_host host;
    int err;

    ps_doctor_read(a, "", &host, &tuning, &before, &f.pmu);
    f.host = &host;
    f.tuning = &tuning;
    f.throttled = (double)before.throttled_ns * 1e-9;
    f.before = before.all ? &before : NULL;
    f.after = look_at_load(a);
    *d = (struct ps_doctor){.arena = a,
                            .version = PS_VERSION,
                            .started = now_text(a),
                            .watch = q->watch,
                            .cpu_model = host.cpu_model,
                            .kernel = host.kernel,
                            .virtualization = host.virtualization};
    err = measure(q, d, &f, e);
    if (err < 0 && err != -EINTR)
        return err;
    ps_doctor_lines(d, &f);
    d->interrupted = err == -EINTR;
    d->elapsed = (double)(ps_now_ns() - began) * 1e-9;
    *out = d;
    return err;
}

static size_t known_count(void)
{
    size_t count = 0;

    while (ps_doctor_ids[count])
        count++;
    return count;
}

static bool known(const char *name)
{
    for (size_t i = 0; ps_doctor_ids[i]; i++)
        if (!strcmp(ps_doctor_ids[i], name))
            return true;
    return false;
}

int ps_doctor_require(const struct ps_doctor *d, const char *const *names, size_t count,
                      const struct ps_doctor_line **unmet, struct ps_err *e)
{
    const struct ps_doctor_line *first = NULL;

    for (size_t i = 0; i < count; i++)
        if (!known(names[i]))
            return ps_unknown("requirement", names[i], ps_doctor_ids, known_count(),
                              "'parscope doctor' shows them", e);
    for (size_t i = 0; i < count && d && !first; i++)
        for (size_t j = 0; j < d->line_count && !first; j++)
            if (!strcmp(d->lines[j].id, names[i]) && d->lines[j].health != PS_HEALTH_OK)
                first = &d->lines[j];
    *unmet = first;
    return 0;
}
