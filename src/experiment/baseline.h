/* Results under a name, which later runs are compared with: --save-baseline and --baseline. They
 * are kept as JSON in $XDG_STATE_HOME/parscope/baselines, by default below ~/.local/state. */
#ifndef PS_BASELINE_H
#define PS_BASELINE_H

#include "cli.h"
#include "outputs.h"

struct ps_baseline_values {
    const char *save, *with; /* names; NULL: not given */
};
extern const struct ps_option ps_baseline_rows[];

struct ps_baselines {
    struct ps_outfile file; /* that is to be saved; path NULL: none */
    const struct ps_result *base;
    const char *name; /* of base */
};

/* Before anything is measured: the names, that the one can be written, and what the other holds.
 * Fails with -EINVAL, -ENOENT, or why a folder or file can't be made. */
int ps_baselines_open(struct ps_baselines *b, const struct ps_baseline_values *v,
                      struct ps_arena *a, struct ps_err *e);
/* Of a result that is whole: compares, and then saves. The comparison goes to standard output where
 * that has the table, else to standard error. Returns an exit status: that of the comparison,
 * unless saving fails. */
int ps_baselines_finish(struct ps_baselines *b, struct ps_cli *cli, const struct ps_result *r,
                        bool table, const struct ps_report_style *style, unsigned on_inconclusive);
/* Leaves no trace of one that was not saved. */
void ps_baselines_abandon(struct ps_baselines *b);

#endif
