#include "cli.h"
#include "measure_options.h"

#define FIELD(name) offsetof(struct ps_measure_values, name)
#define HOUR        3600.0

const struct ps_measure_values ps_measure_defaults = {
    .warmup = 1,
    .seed = 1,
    .precision = 0.01,
    .max_time = 30,
};

static const struct ps_option where_rows[] = {
    {"placement", 'p', PS_OPTION_TEXT, "LIST",
     "where threads are put: spread (one per core before any second one), compact (fill a core's "
     "CPUs first) or none (not pinned); default: spread",
     FIELD(placement)},
    {"cpus", 0, PS_OPTION_TEXT, "CPUS",
     "the CPUs to use, in this order, as in 0,2-5; takes the place of --placement", FIELD(cpus)},
    {"event", 'e', PS_OPTION_TEXTS, "EVENT",
     "count this event too, by its libpfm4 name; may be repeated; none counts nothing",
     FIELD(events)},
    {NULL},
};

static const struct ps_option length_rows[] = {
    {"runs", 'r', PS_OPTION_COUNT, "N", "exactly N rounds, instead of until precise", FIELD(runs),
     1, 1000000},
    {"warmup", 'w', PS_OPTION_COUNT, "N",
     "executions of each point before the first round (default: 1)", FIELD(warmup), 0, 1000000},
    {"precision", 0, PS_OPTION_REAL, "REAL",
     "stop once the half-widths of the intervals are this small, as in 0.01 or 1% (default: 1%)",
     FIELD(precision), .low = 1e-6, .high = 1},
    {"max-time", 0, PS_OPTION_TIME, "TIME", "stop after this time (default: 30s)", FIELD(max_time),
     .low = 1e-3, .high = 24 * 7 * HOUR},
    {"gap", 0, PS_OPTION_TIME, "TIME", "idle this long before each execution (default: 0)",
     FIELD(gap), .low = 0, .high = HOUR},
    {"seed", 0, PS_OPTION_COUNT, "N",
     "of the order in which points are measured and of the intervals (default: 1)", FIELD(seed), 0,
     INT64_MAX},
    {NULL},
};

static const struct ps_option output_rows[] = {
    {"output", 'o', PS_OPTION_TEXTS, "FILE",
     "write the result to FILE, in the format of its suffix; may be repeated; - is standard output",
     FIELD(outputs)},
    {"format", 0, PS_OPTION_TEXT, "NAME",
     "what standard output gets: table, json or csv (default: table)", FIELD(format)},
    {"dry-run", 'n', PS_OPTION_FLAG, NULL, "show what would be measured, and on which CPUs",
     FIELD(dry_run)},
    {"quiet", 'q', PS_OPTION_FLAG, NULL, "no progress line", FIELD(quiet)},
    {"color", 0, PS_OPTION_CHOICE, "WHEN",
     "colour in the table: auto (on a terminal), always or never; default: auto", FIELD(colour),
     .choices = ps_colour_names},
    {NULL},
};

const struct ps_option_group ps_measure_where_group = {"Where, and what is counted", where_rows};
const struct ps_option_group ps_measure_length_group = {"How long", length_rows};
const struct ps_option_group ps_measure_output_group = {"Output", output_rows};
