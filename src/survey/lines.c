#include "lines.h"

#include <stdarg.h>

void ps_doctor_add(struct ps_doctor *d, const char *id, enum ps_health health, const char *remedy,
                   const char *format, ...)
{
    struct ps_doctor_line *line;
    const char *text;
    va_list args;

    va_start(args, format);
    text = ps_arena_vformat(d->arena, format, args);
    va_end(args);
    d->lines = ps_arena_grow(d->arena, d->lines, d->line_count, sizeof *d->lines);
    line = &d->lines[d->line_count++];
    *line = (struct ps_doctor_line){id, health, text, remedy};
}

void ps_doctor_lines(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
#define PS_ROW(file, function, id) function,
    static doctor_fn *const all[] = {
#include "list.def"
    };
#undef PS_ROW

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        all[i](d, f);
}
