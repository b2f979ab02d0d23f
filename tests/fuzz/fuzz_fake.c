/* Scripts of samples. */
#include <math.h>
#include <string.h>

#include "fake.h"
#include "fuzz.h"

static void sample(const struct ps_fake *f, const char *metric, unsigned threads, size_t round)
{
    const char *reason = NULL;
    double value = NAN;
    const struct ps_fake_query q = {metric, "reduce:size=10M", "pool", threads};
    int rc = ps_fake_sample(f, &q, round, &value, &reason);

    must(rc ? reason && reason[0] : isfinite(value), "a value, or why there is none");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_arena a;
    struct ps_err e = {""};
    struct ps_fake *f = NULL;
    int rc;

    fuzz_arena(&a);
    rc = ps_fake_load(&a, fuzz_file(data, size), &f, &e);
    fuzz_check_error(rc, &e);
    if (!rc) {
        sample(f, "wall_time", 1, 0);
        sample(f, "wall_time", 2, SIZE_MAX);
        sample(f, "steal", 2, 1);
    }
    ps_arena_finish(&a);
    return 0;
}
