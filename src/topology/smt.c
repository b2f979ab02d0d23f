#include "smt.h"

#include <errno.h>
#include <string.h>

#include "cpu_list.h"

#define DIGITS "0123456789"

/* The second CPU of a core; NULL where only one is allowed. */
static const struct ps_cpu *second_of(const struct ps_topology *t, const struct ps_cpu *first)
{
    for (unsigned i = 0; i < t->cpu_count; i++)
        if (t->cpus[i].core == first->core && t->cpus[i].rank == 1)
            return &t->cpus[i];
    return NULL;
}

void ps_smt_pairs(const struct ps_topology *t, struct ps_arena *a, struct ps_smt_pair **pairs,
                  size_t *count)
{
    struct ps_smt_pair *found = ps_arena_array(a, t->cores, sizeof *found);
    size_t n = 0;

    for (unsigned i = 0; i < t->cpu_count; i++) {
        const struct ps_cpu *first = ps_topology_cpu(t, t->spread[i]);
        const struct ps_cpu *second = first->rank == 0 ? second_of(t, first) : NULL;

        if (second)
            found[n++] = (struct ps_smt_pair){first->os, second->os};
    }
    *pairs = found;
    *count = n;
}

/* NUMBER,NUMBER: lists of CPUs also have ranges. */
static bool looks_like_pair(const char *text)
{
    size_t first = strspn(text, DIGITS), second;

    if (!first || text[first] != ',')
        return false;
    second = strspn(text + first + 1, DIGITS);
    return second && !text[first + 1 + second];
}

int ps_smt_pair_parse(const struct ps_topology *t, const char *text, struct ps_arena *a,
                      struct ps_smt_pair *pair, struct ps_err *e)
{
    struct ps_err own = {""};
    size_t count;
    int *cpus;

    if (!looks_like_pair(text))
        return ps_fail(e, EINVAL, "--pair '%.80s': expected two CPUs, as in 0,1", text);
    if (ps_cpu_list_parse(t, text, a, &cpus, &count, &own) < 0)
        return ps_fail(e, EINVAL, "--pair '%.80s': %s", text, own.text);
    *pair = (struct ps_smt_pair){cpus[0], cpus[1]};
    return 0;
}

static const char *system_text(const struct ps_host *h, struct ps_arena *a)
{
    const char *v = h->virtualization;

    if (!v || !strcmp(v, "none") || !strcmp(v, "unknown"))
        return "";
    if (!strcmp(v, "vm"))
        return " in this virtual machine";
    return ps_arena_format(a, " in this virtual machine (%s)", v);
}

static const char *control_text(const struct ps_host *h, struct ps_arena *a)
{
    if (!h->smt_control)
        return ", and there is no smt/control";
    if (!strcmp(h->smt_control, "off"))
        return ", and SMT is switched off: echo on > /sys/devices/system/cpu/smt/control as root";
    /* The kernel refuses to leave forceoff. */
    if (!strcmp(h->smt_control, "forceoff"))
        return ", and SMT is forced off until a reboot (smt/control says 'forceoff')";
    return ps_arena_format(a, ", and smt/control says '%s'", h->smt_control);
}

static const char *cores_text(const struct ps_topology *t, struct ps_arena *a)
{
    if (t->cores == 1)
        return "1 core with one CPU";
    return ps_arena_format(a, "%u cores with one CPU each", t->cores);
}

const char *ps_smt_absence(const struct ps_topology *t, const struct ps_host *h, struct ps_arena *a)
{
    const char *told = "--pair A,B treats two CPUs as siblings";

    if (t->threads_per_core > 1)
        return ps_arena_format(a,
                               "no core has two CPUs that may be used: the affinity mask or cpuset "
                               "leaves one CPU of each core (%u of the machine's %u CPUs); %s",
                               t->cpu_count, t->machine_cpus, told);
    return ps_arena_format(a, "no core has two CPUs: %s reports %s%s%s; %s",
                           t->real ? "hwloc" : t->source, cores_text(t, a),
                           t->real ? system_text(h, a) : "", t->real ? control_text(h, a) : "",
                           told);
}
