/*
 * base/ is what all layers stand on: errors (this header), memory (arena.h), strings and names
 * (str.h, names.h), numbers and units as text (units.h), specs with typed parameters (spec.h),
 * clocks (ticks.h), output files (outfile.h), crashes (crash.h). It knows nothing of parallelism
 * and includes nothing of parscope but the ABI's param.h.
 *
 * Error text is owned by the caller. Functions return 0 or a negative errno and leave their outputs
 * untouched on failure; the text keeps the first cause, which is the most precise one. */
#ifndef PS_ERR_H
#define PS_ERR_H

struct ps_err {
    char text[1024]; /* empty: none yet; no trailing newline or full stop */
};

/* Stores the text unless one is there already, and returns -err. e may be NULL. err > 0. */
int ps_fail(struct ps_err *e, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
