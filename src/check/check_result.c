/* Checks on a result, and the evidence of what comes out. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "subject.h"
#include "tally.h"
#include "units.h"

/* Whether nothing but the placement tells a point from another one. */
static bool needs_placement(const struct ps_result *r, const struct ps_point *p)
{
    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_point *other = &r->points[i];

        if (other->threads == p->threads && strcmp(other->placement, p->placement) &&
            !strcmp(other->workload_label, p->workload_label) &&
            !strcmp(other->strategy_label, p->strategy_label))
            return true;
    }
    return false;
}

static const char *point_text(const struct ps_result *r, const struct ps_point *p)
{
    const char *comma = "", *placement = "";

    if (needs_placement(r, p)) {
        comma = ", ";
        placement = p->placement;
    }
    return ps_arena_format(r->arena, "%s%s%s", ps_subject_of(r, p), comma, placement);
}

static const char *value_text(const struct tally *t, double x)
{
    struct ps_arena *a = t->r->arena;
    const char *unit = t->worst.unit ? t->worst.unit : t->c->unit;
    char out[48];

    if (!strcmp(unit, "s"))
        return ps_arena_copy(a, ps_format_time(out, sizeof out, x));
    if (!strcmp(unit, "B"))
        return ps_arena_copy(a, ps_format_bytes(out, sizeof out, x));
    if (!strcmp(unit, "1"))
        return ps_arena_format(a, "%.4g", x);
    return ps_arena_copy(a, ps_format_si(out, sizeof out, x));
}

/* "; --max-time 12s would do" where time was what ended it. */
static const char *more_time(const struct ps_result *r)
{
    double wanted = ps_result_time_for(r, PS_MIN_ROUNDS);

    return isnan(wanted) ? ""
                         : ps_arena_format(r->arena, "; --max-time %.0fs would be enough", wanted);
}

static const char *interval_text(const struct tally *t)
{
    struct ps_arena *a = t->r->arena;
    const struct judged *j = &t->worst;
    const char *value;

    if (j->instead)
        return j->instead;
    if (isnan(j->interval.value))
        return "no value";
    value = value_text(t, j->interval.value);
    if (j->beyond)
        return ps_arena_format(
            a, "%s, %s %s", j->beyond,
            strcmp(j->beyond, PS_RESULT_THRESHOLD_BELOW) ? "at least" : "at most", value);
    if (!isnan(j->interval.low) && !isnan(j->interval.high))
        return ps_arena_format(a, "%s [%s, %s]", value, value_text(t, j->interval.low),
                               value_text(t, j->interval.high));
    if (j->rounds < PS_MIN_ROUNDS)
        return ps_arena_format(a, "%s, without an interval: only %zu round%s%s", value, j->rounds,
                               j->rounds == 1 ? "" : "s", more_time(t->r));
    return ps_arena_format(a, "%s, without an interval", value);
}

/* " on the first of 2 that fail, of 4", where more than one was judged. */
static const char *scope_text(const struct tally *t)
{
    struct ps_arena *a = t->r->arena;
    bool fails = t->worst.outcome == PS_CHECK_FAILS;
    size_t alike = t->outcomes[t->worst.outcome];

    if (t->count == 1)
        return "";
    if (t->worst.outcome == PS_CHECK_HOLDS)
        return ps_arena_format(a, " at the closest of %zu points", t->count);
    if (alike == 1)
        return ps_arena_format(a, " on the only one of %zu that %s", t->count,
                               fails ? "fails" : "is inconclusive");
    if (alike == t->count)
        return ps_arena_format(a, " on the first of %zu, all of which %s", t->count,
                               fails ? "fail" : "are inconclusive");
    return ps_arena_format(a, " on the first of %zu that %s, of %zu", alike,
                           fails ? "fail" : "are inconclusive", t->count);
}

/* Why it does not fail. */
static const char *load_text(const struct tally *t)
{
    const struct ps_point *p = t->worst.disturbed;

    if (!p || t->worst.outcome != PS_CHECK_INCONCLUSIVE)
        return "";
    if (!ps_point_disturbed(p))
        return ps_arena_format(
            t->r->arena,
            "; the machine was %.0f %% busy with other programs when this began, and how much CPU "
            "time they took from %s is not known",
            100 * ps_result_busy_before(t->r), ps_subject_of(t->r, p));
    return ps_arena_format(t->r->arena, "; disturbed: %s", ps_disturbance_text(t->r, p));
}

static const char *evidence_of(const struct tally *t)
{
    const struct judged *j = &t->worst;
    const char *where = j->where ? j->where : point_text(t->r, j->point);
    const char *reason = isnan(j->interval.value) && j->reason ? j->reason : NULL;

    return ps_arena_format(t->r->arena, "%s%s (%s%s%s)%s", interval_text(t), scope_text(t), where,
                           reason ? ": " : "", reason ? reason : "", load_text(t));
}

struct ps_check ps_check_on_result(const struct ps_check_spec *c, const struct ps_result *r)
{
    const struct tally t = tally_of(c, r);

    if (!t.count)
        return (struct ps_check){c->text, PS_CHECK_INCONCLUSIVE,
                                 c->model || c->grain ? "no curve has this metric"
                                                      : "no point has this metric"};
    return (struct ps_check){c->text, t.worst.outcome, evidence_of(&t)};
}

void ps_check_add(const struct ps_check_spec *specs, size_t count, struct ps_result *r)
{
    r->check_count = count;
    r->checks = ps_arena_array(r->arena, count, sizeof *r->checks);
    for (size_t i = 0; i < count; i++)
        r->checks[i] = ps_check_on_result(&specs[i], r);
}
