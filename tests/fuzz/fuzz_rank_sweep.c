/* Saved sweeps over ranks: what is read can be shown, and what is saved again is read again. */
#include "exchange.h"
#include "fuzz.h"
#include "rank_sweep_result.h"
#include "ranks_json.h"
#include "saved.h"
#include "ranks_view.h"

static void load_again(const struct ps_str *json)
{
    struct ps_rank_sweep *s;
    struct ps_err e = {""};
    struct ps_arena a;

    fuzz_arena(&a);
    must(!ps_rank_sweep_load(fuzz_file((const uint8_t *)json->text, json->length), &a, &s, &e),
         e.text);
    ps_arena_finish(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_str out = PS_STR_INIT, json = PS_STR_INIT;
    struct ps_rank_sweep *s = NULL;
    struct ps_err e = {""};
    struct ps_arena a;
    int rc;

    fuzz_arena(&a);
    rc = ps_rank_sweep_load(fuzz_file(data, size), &a, &s, &e);
    fuzz_check_error(rc, &e);
    if (!rc) {
        ps_rank_sweep_text(s, false, &out);
        must(!ps_format_find("csv")->render_rank_sweep(s, &out, &e), e.text);
        must(!ps_rank_sweep_json(s, &json, &e), e.text);
        load_again(&json);
    }
    ps_str_finish(&out);
    ps_str_finish(&json);
    ps_arena_finish(&a);
    return 0;
}
