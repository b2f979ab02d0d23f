/* Writes the made-up result in the format that the argument names to standard output. */
#include <stdio.h>

#include "report.h"
#include "sample.h"

int main(int argc, char **argv)
{
    const struct ps_format *format = argc == 2 ? ps_format_find(argv[1]) : NULL;
    struct ps_str out = PS_STR_INIT;
    struct ps_arena arena;
    struct ps_err err = {0};
    int rc;

    if (!format)
        return 2;
    ps_arena_init(&arena, sample_oom);
    rc = format->render(sample_result(&arena), NULL, &out, &err);
    if (!rc && fputs(ps_str_text(&out), stdout) < 0)
        rc = 1;
    ps_str_finish(&out);
    ps_arena_finish(&arena);
    return rc || fflush(stdout) ? 1 : 0;
}
