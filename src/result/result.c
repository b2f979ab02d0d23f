#include "result.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const char *const quality_names[PS_QUALITIES] = {
    [PS_EXACT] = "exact",
    [PS_MULTIPLEXED] = "multiplexed",
    [PS_USER_ONLY] = "user-only",
    [PS_KERNEL_ONLY] = "kernel-only",
    [PS_ESTIMATED] = "estimated",
    [PS_PARTIAL] = "partial",
    [PS_UNAVAILABLE] = "unavailable",
};

static const char *const severity_names[PS_SEVERITIES] = {
    [PS_INFO] = "info",
    [PS_WARNING] = "warning",
    [PS_ERROR] = "error",
};

static const char *const outcome_names[PS_CHECK_OUTCOMES] = {
    [PS_CHECK_HOLDS] = "holds",
    [PS_CHECK_INCONCLUSIVE] = "inconclusive",
    [PS_CHECK_FAILS] = "fails",
};

static int find_name(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(names[i], name))
            return i;
    return -EINVAL;
}

const char *ps_quality_name(enum ps_quality q)
{
    return quality_names[q];
}

int ps_quality_parse(const char *name, enum ps_quality *q)
{
    int i = find_name(quality_names, PS_QUALITIES, name);

    if (i < 0)
        return i;
    *q = (enum ps_quality)i;
    return 0;
}

const char *ps_severity_name(enum ps_severity s)
{
    return severity_names[s];
}

int ps_severity_parse(const char *name, enum ps_severity *s)
{
    int i = find_name(severity_names, PS_SEVERITIES, name);

    if (i < 0)
        return i;
    *s = (enum ps_severity)i;
    return 0;
}

const struct ps_metric_info *ps_metric_find(const char *id)
{
    for (const struct ps_metric_info *m = ps_metrics; m->id; m++)
        if (!strcmp(m->id, id))
            return m;
    return NULL;
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

const struct ps_point *ps_result_baseline(const struct ps_result *r, const struct ps_point *p)
{
    for (size_t i = 0; i < r->point_count; i++)
        if (r->points[i].baseline && !strcmp(r->points[i].workload_label, p->workload_label))
            return &r->points[i];
    return NULL;
}

const char *ps_check_outcome_name(enum ps_check_outcome o)
{
    return outcome_names[o];
}

int ps_check_outcome_parse(const char *name, enum ps_check_outcome *o)
{
    int i = find_name(outcome_names, PS_CHECK_OUTCOMES, name);

    if (i < 0)
        return i;
    *o = (enum ps_check_outcome)i;
    return 0;
}
