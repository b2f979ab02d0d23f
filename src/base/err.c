#include "err.h"

#include <stdarg.h>
#include <stdio.h>

int ps_fail(struct ps_err *e, int err, const char *format, ...)
{
    va_list args;

    if (!e || e->text[0])
        return -err;
    va_start(args, format);
    vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    return -err;
}
