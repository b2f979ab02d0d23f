/* Specs of workloads and strategies: what is bound is bound again from its label. */
#include <string.h>

#include "fuzz.h"
#include "spec.h"

static const char *const schedules[] = {"static", "dynamic", "guided", NULL};
static const struct parscope_param params[] = {
    {"size", PARSCOPE_COUNT, "10M", 1, 1e9, NULL, "items"},
    {"all", PARSCOPE_COUNT, "1", 0, 0x1p64, NULL, "any count"},
    {"work", PARSCOPE_TIME, "2us", 1e-9, 3600, NULL, "time"},
    {"serial", PARSCOPE_REAL, "0.1", 0, 1, NULL, "share"},
    {"schedule", PARSCOPE_CHOICE, "static", 0, 0, schedules, "choice"},
    {NULL},
};

static void check_again(const struct ps_bound *b, struct ps_arena *a)
{
    struct ps_spec *specs;
    struct ps_bounds bounds;
    const struct ps_bound *again;
    size_t count;

    must(!ps_spec_parse(b->label, "workload", a, &specs, &count, NULL), "a label is a spec");
    must(count == 1, "a label is one spec");
    must(!ps_spec_bind(specs, "workload", params, a, &bounds, NULL), "a label can be bound");
    must(bounds.count == 1, "a label is one point");
    again = bounds.items;
    must(!strcmp(again->label, b->label), "a label's label is the same");
    for (size_t i = 0; params[i].name; i++)
        must(!strcmp(again->texts[i], b->texts[i]), "the values are the same");
}

static void bind(const struct ps_spec *spec, struct ps_arena *a)
{
    struct ps_err e = {""};
    struct ps_bounds b = {0};
    int rc = ps_spec_bind(spec, "workload", params, a, &b, &e);

    fuzz_check_error(rc, &e);
    if (rc)
        return;
    must(b.count > 0 && b.count <= PS_SPEC_POINTS, "as many points as a spec can stand for");
    check_again(&b.items[0], a);
    check_again(&b.items[b.count - 1], a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_arena a;
    struct ps_err e = {""};
    struct ps_spec *specs;
    size_t count = 0;
    int rc;

    fuzz_arena(&a);
    rc = ps_spec_parse(fuzz_text(&a, data, size), "workload", &a, &specs, &count, &e);
    fuzz_check_error(rc, &e);
    for (size_t i = 0; !rc && i < count && i < 4; i++)
        bind(&specs[i], &a);
    ps_arena_finish(&a);
    return 0;
}
