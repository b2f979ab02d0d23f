/* Findings on what other programs took. */
#include <string.h>

#include "finding.h"
#include "rounds.h"
#include "subject.h"

static bool uses_clean_rounds(const struct ps_point *p)
{
    return p->load.status && !strcmp(p->load.status, PS_LOAD_CLEAN_ROUNDS);
}

bool finding_told_load(const struct ps_point *p)
{
    return uses_clean_rounds(p) || ps_point_disturbed(p);
}

/* Of those that it is true of, the one that most was taken of; point_count: none. */
static size_t worst_of(const struct ps_result *r, bool (*of)(const struct ps_point *p))
{
    size_t worst = r->point_count;

    for (size_t i = 0; i < r->point_count; i++)
        if (of(&r->points[i]) &&
            (worst == r->point_count || r->points[i].load.share > r->points[worst].load.share))
            worst = i;
    return worst;
}

static void concern_all(struct ps_result *r, struct ps_finding *f,
                        bool (*of)(const struct ps_point *p))
{
    for (size_t i = 0; i < r->point_count; i++)
        if (of(&r->points[i]))
            finding_concerns(r, f, i);
}

static size_t count_of(const struct ps_result *r, bool (*of)(const struct ps_point *p))
{
    size_t count = 0;

    for (size_t i = 0; i < r->point_count; i++)
        count += of(&r->points[i]);
    return count;
}

/* Of one point that is told with it. */
static const char *figures(const struct ps_result *r, size_t count)
{
    if (count == 1 && count < r->point_count)
        return "Measure again when the machine is idle.";
    return ps_arena_format(
        r->arena, "%s are those of a busy machine: measure again when it is idle.",
        count == r->point_count ? "All figures"
                                : ps_arena_format(r->arena, "The figures of %zu points", count));
}

void find_disturbed(const struct ps_samples *s, struct ps_result *r)
{
    size_t worst = worst_of(r, ps_point_disturbed), count = count_of(r, ps_point_disturbed);

    if (worst == r->point_count)
        return;
    concern_all(r,
                finding_say(r, PS_FINDING_DISTURBED, PS_WARNING, "Disturbed: %s. %s",
                            ps_disturbance_text(r, &r->points[worst]), figures(r, count)),
                ps_point_disturbed);
}

void find_clean_rounds(const struct ps_samples *s, struct ps_result *r)
{
    size_t worst = worst_of(r, uses_clean_rounds);
    const struct ps_point *p = &r->points[worst];

    if (worst == r->point_count)
        return;
    concern_all(
        r,
        finding_say(
            r, "clean-rounds", PS_INFO,
            "Clean rounds: in %zu of %zu rounds other programs took CPUs from %s or its reference "
            "for more than %.0f %% of the time. The figures are from the remaining rounds.",
            p->load.rounds - p->load.clean, p->load.rounds, ps_subject_here(r, p),
            100 * PS_ROUNDS_LIMIT),
        uses_clean_rounds);
}
