#include "elfutils.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>

#include "late.h"

static struct ps_elfutils table;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *why; /* it is not there; NULL: it is */

#define OFFSET(name) {#name, offsetof(struct ps_elfutils, name)},
static const struct ps_late_row rows[] = {PS_ELFUTILS_ROWS(OFFSET)};

/* Of libelf what libdw is linked with. */
static void load(void)
{
    why = ps_late_load("libdw.so.1", rows, sizeof rows / sizeof *rows, &table);
}

int ps_elfutils_load(struct ps_err *e)
{
    pthread_once(&once, load);
    if (why)
        return ps_fail(e, ENOTSUP,
                       "functions and lines can't be named: %s (of elfutils; Debian's libdw1)",
                       why);
    return 0;
}

const struct ps_elfutils *ps_elfutils(void)
{
    return &table;
}
