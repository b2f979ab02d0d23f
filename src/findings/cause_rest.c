#include "cause_rest.h"

#include <math.h>

#include "causes.h"
#include "finding.h"

#define UNNAMED      0.25 /* of what was lost: less goes without saying */
#define UNSEEN       0.1  /* share of the CPU time */
#define LEAST_UNSEEN 0.02 /* s */

bool say_drowned(struct ps_result *r, const struct ps_point *p, const struct ps_diagnosis *own)
{
    if (!(own->others > PS_DIAGNOSIS_DROWNED))
        return false;
    finding_concerns(
        r,
        finding_say(r, "observed-busy", PS_WARNING,
                    "No causes named: while the program was observed, other programs took %.0f %% "
                    "of the CPU time that it wanted.%s",
                    100 * own->others,
                    ps_point_disturbed(p) ? "" : " Measure again when the machine is idle."),
        (size_t)(p - r->points));
    return true;
}

static void say_busy(struct ps_result *r, const struct ps_point *p, const struct ps_diagnosis *own)
{
    if (!(own->others > PS_DIAGNOSIS_DISTURBED) || ps_point_disturbed(p))
        return;
    finding_concerns(
        r,
        finding_say(
            r, "observed-busy", PS_WARNING,
            "Observed on a busy machine: other programs took %.0f %% of the CPU time meanwhile, so "
            "waits and uneven shares may be due to them. Measure again when the machine is idle.",
            100 * own->others),
        (size_t)(p - r->points));
}

/* A program that changes its user is not seen from then on, and records that are lost are not
 * either. */
static void say_unseen(struct ps_result *r, const struct ps_point *p,
                       const struct ps_diagnosis *own)
{
    const double unrecorded = isnan(own->unrecorded) ? 0 : fmax(0, own->unrecorded);
    const double left = own->used - own->cpu_time - unrecorded, unseen = left / own->used;

    /* Of threads that end soon much is spent before their first and after their last record. */
    if (!(unseen > UNSEEN) || left < LEAST_UNSEEN || causes_many_threads(own))
        return;
    finding_concerns(
        r,
        finding_say(
            r, "not-all-observed", PS_WARNING,
            "Not all observed: %.0f %% of the CPU time was used by processes that could not be "
            "observed%s. What they lost is not explained.",
            100 * unseen,
            own->lost ? ", or belongs to records that were lost"
                      : " (set-user-ID programs, or programs that their user may not read)"),
        (size_t)(p - r->points));
}

/* So that nobody has to subtract. */
static void say_rest(struct ps_result *r, const struct ps_point *p, double cpus, double lost,
                     double named)
{
    const double rest = lost - named;

    if (!(named > 0) || !(rest > UNNAMED * lost) || rest < WORTH_NAMING * cpus)
        return;
    finding_concerns(r,
                     finding_say(r, "cause-rest", PS_INFO, "Unexplained: %s of the %s lost cores.",
                                 finding_ratio(r, rest), finding_ratio(r, lost)),
                     (size_t)(p - r->points));
}

void say_what_is_open(struct ps_result *r, const struct ps_point *p, const struct ps_diagnosis *own,
                      double cpus, double lost, double named)
{
    say_rest(r, p, cpus, lost, named);
    say_busy(r, p, own);
    say_unseen(r, p, own);
}
