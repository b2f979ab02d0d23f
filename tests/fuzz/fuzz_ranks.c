/* Files of ranks: whatever is joined can be shown and written. */
#include "fuzz.h"
#include "join.h"
#include "ranks_json.h"
#include "ranks_view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file(data, size);
    struct ps_str out = PS_STR_INIT;
    struct ps_ranks *r = NULL;
    struct ps_err e = {""};
    struct ps_arena a;
    int rc;

    fuzz_arena(&a);
    rc = ps_ranks_merge(&path, 1, &a, &r, &e);
    fuzz_check_error(rc, &e);
    if (!rc) {
        must(r->count + r->missing == r->size, "each rank is there or missing");
        ps_ranks_text(r, true, &out);
        must(!ps_ranks_json(r, &out, &e), e.text);
    }
    ps_str_finish(&out);
    ps_arena_finish(&a);
    return 0;
}
