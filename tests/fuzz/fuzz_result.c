/* Saved results: whatever is read can be shown in every format, and what is saved again is read
 * again. */
#include <errno.h>
#include <string.h>

#include "exchange.h"
#include "saved.h"
#include "fuzz.h"

static void load_again(const struct ps_str *json)
{
    struct ps_arena a;
    struct ps_err e = {""};
    struct ps_result *r;

    fuzz_arena(&a);
    must(!ps_result_load(fuzz_file((const uint8_t *)json->text, json->length), &a, &r, &e), e.text);
    ps_arena_finish(&a);
}

/* It draws nothing else, and says so. */
static bool needs_a_curve(const struct ps_format *format)
{
    return !strcmp(format->name, "svg");
}

static void show(const struct ps_result *r, const struct ps_format *format)
{
    const struct ps_report_style style = {0};
    struct ps_str out = PS_STR_INIT;
    struct ps_err e = {""};
    int rc = format->render(r, &style, &out, &e);

    fuzz_check_error(rc, &e);
    must(!rc || (rc == -EINVAL && needs_a_curve(format)), "a result that was read can be shown");
    if (!strcmp(format->name, "json"))
        load_again(&out);
    ps_str_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_arena a;
    struct ps_err e = {""};
    struct ps_result *r = NULL;
    int rc;

    fuzz_arena(&a);
    rc = ps_result_load(fuzz_file(data, size), &a, &r, &e);
    fuzz_check_error(rc, &e);
    for (size_t i = 0; !rc && ps_formats[i]; i++)
        if (!ps_formats[i]->missing)
            show(r, ps_formats[i]);
    ps_arena_finish(&a);
    return 0;
}
