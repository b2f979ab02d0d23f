#include "result.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "stats.h"

/* An enum's names: NAME_name() and NAME_parse(), from a table. */
#define NAMES(name, count, ...)                                   \
    static const char *const name##_names[count] = {__VA_ARGS__}; \
    const char *name##_name(enum name value)                      \
    {                                                             \
        return name##_names[value];                               \
    }                                                             \
    int name##_parse(const char *text, enum name *value)          \
    {                                                             \
        for (unsigned i = 0; i < (count); i++) {                  \
            if (strcmp(name##_names[i], text))                    \
                continue;                                         \
            *value = (enum name)i;                                \
            return 0;                                             \
        }                                                         \
        return -EINVAL;                                           \
    }

NAMES(ps_quality, PS_QUALITIES, [PS_EXACT] = "exact", [PS_MULTIPLEXED] = "multiplexed",
      [PS_USER_ONLY] = "user-only", [PS_KERNEL_ONLY] = "kernel-only", [PS_ESTIMATED] = "estimated",
      [PS_PARTIAL] = "partial", [PS_UNAVAILABLE] = "unavailable")
NAMES(ps_loss_kind, PS_LOSS_KINDS, [PS_LOSS_SERIAL] = "serial", [PS_LOSS_IMBALANCE] = "imbalance",
      [PS_LOSS_RUNTIME] = "runtime", [PS_LOSS_LOCK] = "lock", [PS_LOSS_CONDITION] = "condition",
      [PS_LOSS_SLEEP] = "sleep", [PS_LOSS_READ] = "read", [PS_LOSS_WRITE] = "write",
      [PS_LOSS_SYNC] = "sync", [PS_LOSS_MEMORY] = "memory", [PS_LOSS_FAULT] = "fault",
      [PS_LOSS_POLL] = "poll", [PS_LOSS_CHILD] = "child", [PS_LOSS_OTHER] = "other",
      [PS_LOSS_STARVED] = "starved", [PS_LOSS_INTERPRETER] = "interpreter",
      [PS_LOSS_PIECES] = "pieces", [PS_LOSS_TASKS] = "tasks", [PS_LOSS_SPIN] = "spin",
      [PS_LOSS_TURNS] = "turns")

double ps_code_row_time(const struct ps_code_row *r)
{
    return r->cpu_time + (isnan(r->kernel) ? 0 : r->kernel);
}

double ps_region_concurrency(const struct ps_region_row *r)
{
    return r->wall > 0 ? r->cpu_time / r->wall : NAN;
}

double ps_region_serial_fraction(const struct ps_region_row *r)
{
    return r->cpu_time > 0 ? r->alone / r->cpu_time : NAN;
}
NAMES(ps_severity,
      PS_SEVERITIES, [PS_INFO] = "info", [PS_WARNING] = "warning", [PS_ERROR] = "error")
NAMES(ps_check_outcome, PS_CHECK_OUTCOMES, [PS_CHECK_HOLDS] = "holds",
      [PS_CHECK_INCONCLUSIVE] = "inconclusive", [PS_CHECK_FAILS] = "fails")
NAMES(ps_end, PS_ENDS, [PS_END_PRECISION] = "precision", [PS_END_MAX_TIME] = "max-time",
      [PS_END_ROUNDS] = "rounds", [PS_END_INTERRUPT] = "interrupt", [PS_END_FAILURE] = "failure",
      [PS_END_NOTHING_LEFT] = "nothing-left", [PS_END_SCRIPT] = "fake")
NAMES(ps_smt_verdict, PS_SMT_VERDICTS, [PS_SMT_HELPS] = "helps", [PS_SMT_NEUTRAL] = "neutral",
      [PS_SMT_HURTS] = "hurts", [PS_SMT_INCONCLUSIVE] = "inconclusive")
NAMES(ps_law, PS_LAWS, [PS_LAW_NONE] = "none", [PS_LAW_LINEAR] = "linear",
      [PS_LAW_AMDAHL] = "amdahl", [PS_LAW_AMDAHL_FREE] = "amdahl-free", [PS_LAW_USL] = "usl")
NAMES(ps_kink_kind,
      PS_KINK_KINDS, [PS_KINK_NONE] = "none", [PS_KINK_SECOND_THREAD] = "second-hardware-thread",
      [PS_KINK_SLOWER_CORE] = "slower-core", [PS_KINK_SOCKETS] = "across-sockets")
NAMES(ps_trend, PS_TRENDS, [PS_TREND_UNKNOWN] = "unknown", [PS_TREND_FLAT] = "flat",
      [PS_TREND_RISING] = "rising", [PS_TREND_FALLING] = "falling")

const struct ps_metric_info *ps_metric_find(const char *id)
{
    for (const struct ps_metric_info *m = ps_metrics; m->id; m++)
        if (!strcmp(m->id, id))
            return m;
    return NULL;
}

double ps_result_busy_before(const struct ps_result *r)
{
    size_t known;

    return ps_known_mean(r->host.cpu_busy_before, r->host.cpu_busy_count, &known);
}

bool ps_point_disturbed(const struct ps_point *p)
{
    return p->load.status && !strcmp(p->load.status, PS_LOAD_DISTURBED);
}

const struct ps_metric *ps_point_metric(const struct ps_point *p, const char *id)
{
    for (size_t i = 0; i < p->metric_count; i++)
        if (!strcmp(p->metrics[i].id, id))
            return &p->metrics[i];
    return NULL;
}

double ps_point_value(const struct ps_point *p, const char *id)
{
    const struct ps_metric *m = ps_point_metric(p, id);

    return m ? m->value : NAN;
}

static size_t hash_of(const char *text)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return (size_t)(hash ^ hash >> 32);
}

/* Where the first point of the label stands in the table, or would. */
static size_t *place_of(const struct ps_result *r, size_t *table, size_t mask, const char *label)
{
    size_t i = hash_of(label) & mask;

    while (table[i] && strcmp(r->points[table[i] - 1].workload_label, label) != 0)
        i = (i + 1) & mask;
    return &table[i];
}

/* Of programs whose places were varied. */
static bool same_values(const struct ps_point *a, const struct ps_point *b)
{
    if (!a->pattern || !b->pattern || a->parameter_count != b->parameter_count)
        return false;
    for (size_t i = 0; i < a->parameter_count; i++)
        if (strcmp(a->parameters[i].value, b->parameters[i].value) != 0)
            return false;
    return true;
}

void ps_result_link(struct ps_result *r)
{
    size_t room = 16, *table; /* of indices from 1 */

    while (room < 2 * r->point_count)
        room *= 2;
    table = ps_arena_array(r->arena, room, sizeof *table);
    for (size_t i = 0; i < r->point_count; i++) {
        struct ps_point *p = &r->points[i];
        size_t *place = place_of(r, table, room - 1, p->workload_label);

        *place = *place ? *place : i + 1;
        p->like = *place - 1;
        p->reference = PS_NO_POINT;
        if (p->baseline && r->points[p->like].reference == PS_NO_POINT)
            r->points[p->like].reference = i;
    }
    for (size_t i = 0; i < r->point_count; i++) {
        struct ps_point *p = &r->points[i];

        p->reference = r->points[p->like].reference;
        if (p->reference == PS_NO_POINT && i && same_values(p, p - 1))
            p->reference = p[-1].reference; /* that of another program, at the same values */
    }
    r->linked = true;
}

const struct ps_point *ps_result_baseline(const struct ps_result *r, const struct ps_point *p)
{
    if (r->linked && p >= r->points && p < r->points + r->point_count)
        return p->reference == PS_NO_POINT ? NULL : &r->points[p->reference];
    for (size_t i = 0; i < r->point_count; i++)
        if (r->points[i].baseline && !strcmp(r->points[i].workload_label, p->workload_label))
            return &r->points[i];
    for (size_t i = 0; i < r->point_count; i++)
        if (r->points[i].baseline && same_values(&r->points[i], p))
            return &r->points[i];
    return NULL;
}

#define MARGIN 1.2 /* as rounds differ */

double ps_result_time_for(const struct ps_result *r, size_t rounds)
{
    const double in_rounds = r->plan.rounds_time > 0 ? r->plan.rounds_time : r->elapsed;
    const double round = MARGIN * in_rounds / (double)r->plan.rounds, had = (double)r->plan.rounds;
    /* If there is time for a warm-up, there is one. */
    const double wanted = (double)rounds + r->plan.first_counts;

    if (r->plan.ended_by != PS_END_MAX_TIME || !r->plan.rounds)
        return NAN;
    /* Of the time that there was, some may have been kept for what was not done. */
    return ceil(fmax(r->elapsed - in_rounds + round * wanted,
                     r->plan.max_time + round * fmax(0, wanted - had)));
}

const struct ps_model *ps_result_model(const struct ps_result *r, const struct ps_point *p)
{
    for (size_t i = 0; i < r->model_count; i++) {
        const struct ps_model *m = &r->models[i];

        if (!strcmp(m->workload_label, p->workload_label) &&
            !strcmp(m->strategy_label, p->strategy_label) && !strcmp(m->placement, p->placement))
            return m;
    }
    return NULL;
}

double ps_model_speedup(const struct ps_model *m, double serial, double threads)
{
    return m->weak ? threads - serial * (threads - 1) : 1 / (serial + (1 - serial) / threads);
}

const char *ps_model_law(const struct ps_model *m)
{
    return m->weak ? "Gustafson's law" : "Amdahl's law";
}
