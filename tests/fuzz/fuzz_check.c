/* Check expressions: what was understood is understood again from its normalised text. */
#include <string.h>

#include "check.h"
#include "fuzz.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const events[] = {"cache-misses", "cache-misses:u", "cpu/event=0x3c,umask=0/",
                                     "r08"};
static const struct ps_metric_info custom[] = {
    {"wakeup_p99", "s", "wakeup_p99", "how late"},
    {"small_done", "items", "small_done", "how many"},
    {NULL, NULL, NULL, NULL},
};

static bool same_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static bool same(const struct ps_check_spec *a, const struct ps_check_spec *b)
{
    return same_text(a->text, b->text) && same_text(a->metric, b->metric) &&
           same_text(a->workload, b->workload) && same_text(a->strategy, b->strategy) &&
           same_text(a->placement, b->placement) && a->threads == b->threads && a->op == b->op &&
           a->value == b->value && same_text(a->unit, b->unit) &&
           same_text(a->value_unit, b->value_unit) && a->model == b->model && a->grain == b->grain;
}

static int parse(const char *text, struct ps_arena *a, struct ps_check_spec *c)
{
    const struct ps_check_names names = {events, COUNT(events), custom};
    struct ps_err e = {""};
    int rc = ps_check_parse(text, &names, a, c, &e);

    fuzz_check_error(rc, &e);
    return rc;
}

static void judge(const struct ps_check_spec *c)
{
    const struct ps_check_subject p = {"reduce", "reduce:size=1M", "pool", "pool", "spread", 2,
                                       false};
    struct ps_err e = {""};

    ps_check_matches(c, &p);
    fuzz_check_error(ps_check_any(c, &p, 1, &e), &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_arena a;
    struct ps_check_spec c, again;

    fuzz_arena(&a);
    if (!parse(fuzz_text(&a, data, size), &a, &c)) {
        judge(&c);
        must(!parse(c.text, &a, &again), "a normalised check is a check");
        must(same(&c, &again), "a normalised check says the same");
    }
    ps_arena_finish(&a);
    return 0;
}
