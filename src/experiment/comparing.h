/* What `compare` does, once its options are known. */
#ifndef PS_COMPARING_H
#define PS_COMPARING_H

#include "measure_options.h"

struct ps_compare_values {
    struct ps_measure_values measure; /* first, for the groups of its options */
    double threshold;
    struct ps_texts metrics;
    bool force;
    const char *base_git, *new_git, *build; /* revisions, and how they are built; NULL */
};

/* Of two revisions of the repository, in which the program of -c runs; returns an exit status. */
int ps_compare_revisions(struct ps_cli *cli, const struct ps_compare_values *v,
                         const struct ps_parsed *parsed);
/* Of two files, or of the programs of -c; returns an exit status. */
int ps_compare_files(struct ps_cli *cli, const struct ps_compare_values *v,
                     const struct ps_parsed *parsed);
int ps_compare_commands(struct ps_cli *cli, const struct ps_compare_values *v,
                        const struct ps_parsed *parsed);

#endif
