/* Writes a made-up result to standard output: write_sample NAME FORMAT */
#include <stdio.h>
#include <string.h>

#include "exchange.h"
#include "sample.h"

static const struct sample *find(const char *name)
{
    for (const struct sample *s = sample_variants; s->name; s++)
        if (!strcmp(s->name, name))
            return s;
    return NULL;
}

int main(int argc, char **argv)
{
    const struct sample *sample = argc == 3 ? find(argv[1]) : NULL;
    const struct ps_format *format = argc == 3 ? ps_format_find(argv[2]) : NULL;
    struct ps_str out = PS_STR_INIT;
    struct ps_arena arena;
    struct ps_err err = {0};
    int rc;

    if (!sample || !format)
        return 2;
    ps_arena_init(&arena, sample_oom);
    rc = format->render(sample->make(&arena), NULL, &out, &err);
    if (!rc && fputs(ps_str_text(&out), stdout) < 0)
        rc = 1;
    ps_str_finish(&out);
    ps_arena_finish(&arena);
    return rc || fflush(stdout) ? 1 : 0;
}
