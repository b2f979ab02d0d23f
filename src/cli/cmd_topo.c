#include <errno.h>
#include <math.h>
#include <string.h>

#include "host.h"
#include "probe.h"
#include "process.h"
#include "survey_outputs.h"
#include "topology.h"
#include "wrap.h"

struct topo_values {
    bool probe;
    double max_time;
    struct ps_output_values output;
};

#define FIELD(name) offsetof(struct topo_values, name)

static const struct topo_values defaults = {.max_time = 30};

static const struct ps_option rows[] = {
    {"probe", 0, PS_OPTION_FLAG, NULL,
     "measure which of CPUS (default: all) share a core, and how far apart they are", FIELD(probe)},
    {"max-time", 0, PS_OPTION_TIME, "TIME",
     "with --probe: start no new measurement after this time (default: 30s)", FIELD(max_time),
     .low = 0.1, .high = 24 * 7 * 3600.0},
    {NULL},
};

static const struct ps_option_group group = {"Options", rows};
static const struct ps_option_group output_group = {"Options", ps_topo_output_rows, FIELD(output)};
static const struct ps_option_group *const options[] = {&group, &output_group, &ps_help_group,
                                                        NULL};

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
        add_line(
            out, "",
            "a description only: plans can be made for it (--dry-run), but nothing can be measured "
            "on it");
    add_line(out, "size",
             ps_arena_format(a, "%s on %s, %s, %s", plural(a, t->cpu_count, "CPU"),
                             plural(a, t->cores, "core"), plural(a, t->packages, "package"),
                             plural(a, t->nodes, "NUMA node")));
    add_line(out, "threads per core", ps_arena_format(a, "%u", t->threads_per_core));
    add_line(out, "usable",
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

static const char *overview(const struct ps_topology *t, struct ps_arena *a)
{
    struct ps_str text = PS_STR_INIT;
    const char *copy;

    add_machine(t, a, &text);
    if (t->real)
        add_host(a, &text);
    add_cores(t, a, &text);
    ps_str_add(&text, "\nThreads are put on CPUs in this order:\n");
    add_order(t, PS_PLACE_SPREAD, a, &text);
    add_order(t, PS_PLACE_COMPACT, a, &text);
    copy = ps_arena_copy(a, ps_str_text(&text));
    ps_str_finish(&text);
    return copy;
}

static struct ps_topo describe(const struct ps_topology *t, struct ps_arena *a)
{
    struct ps_topo d = {
        .arena = a,
        .source = t->source,
        .real = t->real,
        .cores = t->cores,
        .packages = t->packages,
        .nodes = t->nodes,
        .threads_per_core = t->threads_per_core,
        .machine_cpus = t->machine_cpus,
        .cpus = ps_arena_array(a, t->cpu_count, sizeof *d.cpus),
        .cpu_count = t->cpu_count,
        .overview = overview(t, a),
    };

    for (unsigned i = 0; i < t->cpu_count; i++) {
        const struct ps_cpu *c = &t->cpus[i];

        d.cpus[i] = (struct ps_topo_cpu){
            .cpu = c->os,
            .core = c->core,
            .package = c->package,
            .node = c->node,
            .l3 = c->l3,
            .kind = t->kinds > 1 ? kind_name(t, c->kind) : NULL,
        };
    }
    return d;
}

/* "0,0" is no list of CPUs, but a question about one. */
static bool same_twice(const char *text, const char **one, struct ps_arena *a)
{
    const size_t length = strcspn(text, ",");

    if (!length || text[length] != ',' || strlen(text + length + 1) != length ||
        strncmp(text, text + length + 1, length) != 0)
        return false;
    *one = ps_arena_format(a, "%.*s", (int)length, text);
    return true;
}

static int take_cpus(const struct ps_topology *t, const char *text, struct ps_probe_request *q,
                     struct ps_cli *cli)
{
    int *cpus, err;
    const char *one;

    if (!text) {
        cpus = ps_arena_array(&cli->arena, t->cpu_count, sizeof *cpus);
        for (unsigned i = 0; i < t->cpu_count; i++)
            cpus[i] = t->cpus[i].os;
        q->cpu_count = t->cpu_count;
    } else {
        err = ps_cpu_list_parse(t, same_twice(text, &one, &cli->arena) ? one : text, &cli->arena,
                                &cpus, &q->cpu_count, &cli->error);
        if (err < 0)
            return err;
    }
    q->cpus = cpus;
    if (q->cpu_count > PS_PROBE_CPUS)
        return ps_fail(&cli->error, EINVAL, "%zu CPUs are too many to probe: name at most %d",
                       q->cpu_count, PS_PROBE_CPUS);
    return 0;
}

static int build_request(const struct ps_topology *t, const struct topo_values *v,
                         const struct ps_parsed *parsed, struct ps_probe_request *q,
                         struct ps_cli *cli)
{
    *q = (struct ps_probe_request){.topology = t, .max_time = v->max_time};
    if (!v->probe)
        return ps_operands_at_most(parsed, 0, &cli->error);
    if (ps_topology_must_be_real(t, &cli->error) < 0)
        return -EINVAL;
    return take_cpus(t, parsed->operand_count ? parsed->operands[0] : NULL, q, cli);
}

static int show(struct ps_cli *cli, struct ps_topo *topo, struct ps_probe_request *q,
                struct ps_outputs *outputs)
{
    const struct ps_report_style style = {0};
    struct ps_probe *probe = NULL;
    int status, probed = 0;

    if (ps_outputs_open(outputs, &cli->error) < 0)
        return PS_EXIT_USAGE;
    if (q->cpus) {
        q->interrupted = ps_process_catch_interrupts();
        probed = ps_probe_run(q, &cli->arena, &probe, &cli->error);
    }
    if (probed < 0 && probed != -EINTR)
        return PS_EXIT_FAILED;
    topo->probe = probe;
    status = ps_outputs_write(outputs, cli, ps_render_topo, topo, &style);
    if (probed == 0)
        return status;
    return ps_cli_interrupted(cli);
}

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    const struct topo_values *v = values;
    struct ps_probe_request q;
    struct ps_outputs outputs;
    struct ps_topology *t;
    struct ps_topo topo;
    int status, err = ps_operands_at_most(parsed, 1, &cli->error);

    if (err == 0)
        err = ps_survey_outputs_choose(&outputs, &v->output, true, cli);
    if (err == 0)
        err = ps_topology_load(&cli->arena, &t, &cli->error);
    if (err == 0)
        err = build_request(t, v, parsed, &q, cli);
    if (err < 0)
        return ps_exit_of(err);
    topo = describe(t, &cli->arena);
    status = show(cli, &topo, &q, &outputs);
    ps_outputs_abandon(&outputs);
    return status;
}

static const char *const usage[] = {"[options]", "[options] --probe [CPUS]", NULL};

const struct ps_command ps_command_topo = {
    .name = "topo",
    .summary = "show cores, CPUs and where threads would be put",
    .usage = usage,
    .details = "Shows the CPUs that the affinity mask, the cgroup's cpuset and its quota allow. "
               "HWLOC_SYNTHETIC or HWLOC_XMLFILE describe another machine instead.\n"
               "\n"
               "--probe measures instead of trusting the topology: it runs loops that saturate a "
               "core on two CPUs at once, and times round trips of cache lines between all pairs "
               "of CPUs. For each pair it answers 'share a core', 'no evidence of sharing', or "
               "'inconclusive'.",
    .options = options,
    .values_size = sizeof(struct topo_values),
    .defaults = &defaults,
    .run = run,
};
