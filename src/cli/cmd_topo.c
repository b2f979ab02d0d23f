#include <math.h>

#include "cli.h"
#include "host.h"
#include "topology.h"
#include "wrap.h"

static const struct ps_option_group *const options[] = {&ps_help_group, NULL};

#define INDENT 22

static void add_line(struct ps_str *out, const char *label, const char *text)
{
    if (text) {
        ps_str_pad(out, label, INDENT);
        ps_wrap(out, text, ' ', INDENT, INDENT);
    }
}

static const char *plural(struct ps_arena *a, unsigned count, const char *noun)
{
    return ps_arena_format(a, "%u %s%s", count, noun, count == 1 ? "" : "s");
}

static void add_machine(const struct ps_topology *t, struct ps_arena *a, struct ps_str *out)
{
    add_line(out, "topology", t->source);
    if (!t->real)
        add_line(out, "", "a description: plans can be made on it (--dry-run), nothing measured");
    add_line(out, "size",
             ps_arena_format(a, "%s on %s, %s, %s", plural(a, t->cpu_count, "CPU"),
                             plural(a, t->cores, "core"), plural(a, t->packages, "package"),
                             plural(a, t->nodes, "NUMA node")));
    add_line(out, "threads per core", ps_arena_format(a, "%u", t->threads_per_core));
    add_line(out, "allowed to us",
             ps_arena_format(a, "%u of %s online (affinity mask and cpuset)", t->cpu_count,
                             plural(a, t->machine_cpus, "CPU")));
}

static void add_quota(const struct ps_host *h, struct ps_arena *a, struct ps_str *out)
{
    if (isnan(h->cpu_quota))
        add_line(out, "CPU quota", "none");
    else
        add_line(out, "CPU quota",
                 ps_arena_format(a, "%.3g CPUs (%s)", h->cpu_quota,
                                 h->quota_source ? h->quota_source : "cgroup"));
}

/* Only of a real machine: beside a described one they would mislead. */
static void add_host(struct ps_arena *a, struct ps_str *out)
{
    struct ps_host h;

    ps_host_read(a, "", &h);
    add_quota(&h, a, out);
    add_line(out, "CPU model", h.cpu_model);
    add_line(out, "kernel", h.kernel);
    add_line(out, "virtualization", h.virtualization);
    add_line(out, "governor", h.governor);
    add_line(out, "turbo", h.turbo);
    add_line(out, "SMT control", h.smt_control);
    if (h.perf_event_paranoid >= -1)
        add_line(out, "perf_event_paranoid", ps_arena_format(a, "%d", h.perf_event_paranoid));
}

static const char *kind_name(const struct ps_topology *t, unsigned kind)
{
    return t->kinds > 1 ? t->kind_names[kind] : "-";
}

/* One line per core; its CPUs are siblings. They stand together in hwloc's logical order. */
static void add_cores(const struct ps_topology *t, struct ps_arena *a, struct ps_str *out)
{
    int *siblings = ps_arena_array(a, t->cpu_count, sizeof *siblings);
    unsigned end;

    ps_str_add(out, "\ncore    package  node    kind      CPUs\n");
    for (unsigned begin = 0; begin < t->cpu_count; begin = end) {
        const struct ps_cpu *first = &t->cpus[begin];

        for (end = begin; end < t->cpu_count && t->cpus[end].core == first->core; end++)
            siblings[end - begin] = t->cpus[end].os;
        ps_str_addf(out, "%-6u  %-7u  %-6u  %-8s  ", first->core, first->package, first->node,
                    kind_name(t, first->kind));
        ps_wrap(out, ps_cpu_list_format(a, siblings, end - begin), ',', 35, 35);
    }
}

static void add_order(const struct ps_topology *t, enum ps_placement placement, struct ps_arena *a,
                      struct ps_str *out)
{
    int *cpus = ps_arena_array(a, t->cpu_count, sizeof *cpus);

    ps_place(t, placement, NULL, 0, t->cpu_count, cpus);
    ps_str_pad(out, ps_placement_name(placement), 9);
    ps_wrap(out, ps_cpu_list_format(a, cpus, t->cpu_count), ',', 9, 9);
}

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    struct ps_str text = PS_STR_INIT;
    struct ps_topology *t;
    int err = ps_operands_at_most(parsed, 0, &cli->error);

    if (err == 0)
        err = ps_topology_load(&cli->arena, &t, &cli->error);
    if (err < 0)
        return ps_exit_of(err);
    add_machine(t, &cli->arena, &text);
    if (t->real)
        add_host(&cli->arena, &text);
    add_cores(t, &cli->arena, &text);
    ps_str_add(&text, "\nThreads are put on CPUs in this order:\n");
    add_order(t, PS_PLACE_SPREAD, &cli->arena, &text);
    add_order(t, PS_PLACE_COMPACT, &cli->arena, &text);
    return ps_cli_print(cli, &text);
}

static const char *const usage[] = {"[-h]", NULL};

const struct ps_command ps_command_topo = {
    .name = "topo",
    .summary = "show cores, CPUs and where threads would be put",
    .usage = usage,
    .details = "Shows what the affinity mask, the cgroup's cpuset and its quota leave to us. "
               "HWLOC_SYNTHETIC or HWLOC_XMLFILE describe another machine instead.",
    .options = options,
    .run = run,
};
