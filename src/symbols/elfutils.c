#include "elfutils.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

static struct ps_elfutils table;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *why; /* it is not there; NULL: it is */

#define OFFSET(name) {#name, offsetof(struct ps_elfutils, name)},
static const struct row {
    const char *name;
    size_t offset;
} rows[] = {PS_ELFUTILS_ROWS(OFFSET)};

static void fail(void)
{
    const char *said = dlerror(), *kept = said ? strdup(said) : NULL;

    why = kept ? kept : "no memory";
}

static void load(void)
{
    /* Of libelf what libdw is linked with. */
    void *libdw = dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL);

    if (!libdw) {
        fail();
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *function = dlsym(libdw, rows[i].name);

        if (!function) {
            fail();
            return;
        }
        memcpy((char *)&table + rows[i].offset, &function, sizeof function);
    }
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
