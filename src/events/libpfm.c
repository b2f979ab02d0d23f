#include "libpfm.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "late.h"

static struct ps_libpfm table;
static bool loaded;

#define OFFSET(name) {#name, offsetof(struct ps_libpfm, name)},
static const struct ps_late_row rows[] = {PS_LIBPFM_ROWS(OFFSET)};

static int load(struct ps_err *e)
{
    const char *why = ps_late_load("libpfm.so.4", rows, sizeof rows / sizeof *rows, &table);

    if (why)
        return ps_fail(e, ENOTSUP, "events can't be looked up: %s (Debian's libpfm4)", why);
    loaded = true;
    return 0;
}

int ps_libpfm_load(struct ps_err *e)
{
    int err = loaded ? 0 : load(e);
    pfm_err_t r = err < 0 ? PFM_SUCCESS : table.pfm_initialize();

    if (r != PFM_SUCCESS)
        return ps_fail(e, EIO, "libpfm4 can't be initialised: %s", table.pfm_strerror(r));
    return err;
}

const struct ps_libpfm *ps_libpfm(void)
{
    return &table;
}
