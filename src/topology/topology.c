#include "topology.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <hwloc.h>

#include "kinds.h"
#include "order.h"

#define PLUGINS   "HWLOC_PLUGINS_PATH"
#define CPU_LIMIT 8192 /* the most that Linux has anywhere; hwloc takes cubic time */

/* Where the topology comes from, besides this machine. */
struct origin {
    const char *variable, *text; /* of the environment; NULL for this machine */
};

static struct origin find_origin(void)
{
    static const char *const variables[] = {"HWLOC_XMLFILE", "HWLOC_SYNTHETIC", "HWLOC_FSROOT"};

    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *text = getenv(variables[i]);

        if (text && *text)
            return (struct origin){variables[i], text};
    }
    return (struct origin){NULL, NULL};
}

static bool is_from(const struct origin *o, const char *variable)
{
    return o->variable && !strcmp(o->variable, variable);
}

/* The CPUs that a synthetic description makes: the product of its arities, which are the numbers
 * outside the parentheses and brackets of attributes. Saturates above CPU_LIMIT. */
static unsigned long synthetic_cpus(const char *text)
{
    unsigned long product = 1;
    unsigned depth = 0;
    char before = ' ';

    while (*text && product <= CPU_LIMIT) {
        char c = *text, *end = NULL;

        if (depth == 0 && (before == ' ' || before == ':') && c >= '0' && c <= '9') {
            unsigned long arity = strtoul(text, &end, 0);

            product *= arity <= CPU_LIMIT ? arity : CPU_LIMIT + 1ul;
        }
        if (c == '(' || c == '[')
            depth++;
        else if ((c == ')' || c == ']') && depth > 0)
            depth--;
        before = c;
        text = end ? end : text + 1;
    }
    return product;
}

static int set_synthetic(hwloc_topology_t h, const char *text, struct ps_err *e)
{
    if (synthetic_cpus(text) > CPU_LIMIT)
        return ps_fail(e, E2BIG, "HWLOC_SYNTHETIC='%s' has more than %d CPUs", text, CPU_LIMIT);
    if (hwloc_topology_set_synthetic(h, text) < 0)
        return ps_fail(e, EINVAL, "HWLOC_SYNTHETIC='%s' is not a topology that hwloc understands",
                       text);
    return 0;
}

/* Set explicitly, because hwloc silently falls back to the real machine where a variable of its
 * environment is of no use. */
static int set_origin(hwloc_topology_t h, const struct origin *o, struct ps_err *e)
{
    if (is_from(o, "HWLOC_SYNTHETIC"))
        return set_synthetic(h, o->text, e);
    if (is_from(o, "HWLOC_XMLFILE") && hwloc_topology_set_xml(h, o->text) < 0)
        return ps_fail(e, EINVAL, "HWLOC_XMLFILE='%s' can't be read as a topology", o->text);
    return 0;
}

/* Only what placements need is kept. The x86 component is left out because it moves this thread
 * over all CPUs; the Linux component knows the same from sysfs, core types excepted (kinds.c). */
static int set_scope(hwloc_topology_t h)
{
    static const hwloc_obj_type_t kept[] = {HWLOC_OBJ_CORE, HWLOC_OBJ_PACKAGE, HWLOC_OBJ_L3CACHE};

    if (hwloc_topology_set_all_types_filter(h, HWLOC_TYPE_FILTER_KEEP_NONE) < 0)
        return -errno;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (hwloc_topology_set_type_filter(h, kept[i], HWLOC_TYPE_FILTER_KEEP_ALL) < 0)
            return -errno;
    }
    /* Groups hold NUMA nodes that are neither a package nor the machine. */
    if (hwloc_topology_set_type_filter(h, HWLOC_OBJ_GROUP, HWLOC_TYPE_FILTER_KEEP_STRUCTURE) < 0 ||
        hwloc_topology_set_flags(h, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED) < 0)
        return -errno;
    /* EINVAL: this hwloc has no such component, as on arm64. */
    if (hwloc_topology_set_components(h, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "x86") < 0 &&
        errno != EINVAL)
        return -errno;
    return 0;
}

static int load_hwloc(hwloc_topology_t h, const struct origin *o, struct ps_err *e)
{
    int err = set_scope(h);

    if (err < 0)
        return ps_fail(e, -err, "hwloc can't be initialised: %s", strerror(-err));
    err = set_origin(h, o, e);
    if (err < 0)
        return err;
    if (hwloc_topology_load(h) == 0)
        return 0;
    if (o->variable)
        return ps_fail(e, EINVAL, "%s='%s' can't be loaded as a topology", o->variable, o->text);
    return ps_fail(e, errno ? errno : EIO, "hwloc can't read the topology of this machine");
}

/* Numbers objects densely while CPUs are visited in logical order, in which those of one object are
 * neighbours. */
struct counter {
    hwloc_obj_t last;
    unsigned count;
};

static unsigned count_object(struct counter *c, hwloc_obj_t object)
{
    if (c->count == 0 || object != c->last)
        c->count++;
    c->last = object;
    return c->count - 1;
}

struct fill {
    hwloc_topology_t h;
    struct ps_topology *t;
    struct counter core, package, node, l3;
};

static hwloc_obj_t ancestor(struct fill *f, hwloc_obj_t pu, hwloc_obj_type_t type)
{
    return hwloc_get_ancestor_obj_by_type(f->h, type, pu);
}

/* The nearest object around the CPU that has memory of its own. */
static hwloc_obj_t locality(hwloc_obj_t pu)
{
    hwloc_obj_t object = pu;

    while (object && object->memory_arity == 0)
        object = object->parent;
    return object;
}

static void add_cpu(struct fill *f, hwloc_obj_t pu)
{
    struct ps_topology *t = f->t;
    struct ps_cpu *cpu = &t->cpus[t->cpu_count];
    hwloc_obj_t core = ancestor(f, pu, HWLOC_OBJ_CORE);
    unsigned threads = core ? (unsigned)hwloc_bitmap_weight(core->cpuset) : 1;

    cpu->os = (int)pu->os_index;
    cpu->core = count_object(&f->core, core ? core : pu);
    cpu->package = count_object(&f->package, ancestor(f, pu, HWLOC_OBJ_PACKAGE));
    cpu->node = count_object(&f->node, locality(pu));
    cpu->l3 = count_object(&f->l3, ancestor(f, pu, HWLOC_OBJ_L3CACHE));
    if (t->cpu_count > 0 && cpu[-1].core == cpu->core)
        cpu->rank = cpu[-1].rank + 1;
    if (threads > t->threads_per_core)
        t->threads_per_core = threads;
    t->cpu_count++;
}

static void add_cpus(struct ps_arena *a, hwloc_topology_t h, hwloc_const_bitmap_t allowed,
                     struct ps_topology *t)
{
    struct fill f = {.h = h, .t = t};

    t->machine_cpus = (unsigned)hwloc_get_nbobjs_by_type(h, HWLOC_OBJ_PU);
    t->cpus = ps_arena_array(a, t->machine_cpus, sizeof *t->cpus);
    for (unsigned i = 0; i < t->machine_cpus; i++) {
        hwloc_obj_t pu = hwloc_get_obj_by_type(h, HWLOC_OBJ_PU, i);

        if (hwloc_bitmap_isset(allowed, pu->os_index))
            add_cpu(&f, pu);
    }
    t->cores = f.core.count;
    t->packages = f.package.count;
    t->nodes = f.node.count;
}

/* The cpuset that hwloc found and, on the real machine, the affinity mask of this thread. */
static int find_allowed(hwloc_topology_t h, bool real, hwloc_bitmap_t *allowed, struct ps_err *e)
{
    hwloc_bitmap_t set = hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(h));
    hwloc_bitmap_t mask = hwloc_bitmap_alloc();
    int err = 0;

    if (!set || !mask)
        err = ps_fail(e, ENOMEM, "out of memory while reading the topology");
    else if (real && hwloc_get_cpubind(h, mask, HWLOC_CPUBIND_THREAD) < 0)
        err = ps_fail(e, errno, "can't read the affinity mask: %s", strerror(errno));
    else if (real && hwloc_bitmap_and(set, set, mask) < 0)
        err = ps_fail(e, ENOMEM, "out of memory while reading the topology");
    hwloc_bitmap_free(mask);
    if (err < 0)
        hwloc_bitmap_free(set);
    else
        *allowed = set;
    return err;
}

static int compare_os(const void *a, const void *b, void *cpus)
{
    const struct ps_cpu *c = cpus;
    int x = c[*(const unsigned *)a].os, y = c[*(const unsigned *)b].os;

    return (x > y) - (x < y);
}

static const unsigned *index_by_os(struct ps_arena *a, const struct ps_topology *t)
{
    unsigned *by_os = ps_arena_array(a, t->cpu_count, sizeof *by_os);

    for (unsigned i = 0; i < t->cpu_count; i++)
        by_os[i] = i;
    qsort_r(by_os, t->cpu_count, sizeof *by_os, compare_os, t->cpus);
    return by_os;
}

static const char *source_text(struct ps_arena *a, const struct origin *o, bool real)
{
    if (o->variable && !real)
        return ps_arena_format(a, "%s=%s", o->variable, o->text);
    return real ? "this machine" : "another machine described to hwloc";
}

static const char *sys_root(const struct origin *o)
{
    if (!o->variable)
        return "";
    return is_from(o, "HWLOC_FSROOT") ? o->text : NULL;
}

static int convert(struct ps_arena *a, hwloc_topology_t h, const struct origin *o,
                   struct ps_topology *t, struct ps_err *e)
{
    hwloc_bitmap_t allowed;
    int err;

    t->real = hwloc_topology_is_thissystem(h) && !is_from(o, "HWLOC_XMLFILE") &&
              !is_from(o, "HWLOC_SYNTHETIC");
    t->source = source_text(a, o, t->real);
    err = find_allowed(h, t->real, &allowed, e);
    if (err < 0)
        return err;
    add_cpus(a, h, allowed, t);
    hwloc_bitmap_free(allowed);
    if (t->cpu_count == 0)
        return ps_fail(e, EINVAL, "none of the CPUs of %s may be used", t->source);
    t->by_os = index_by_os(a, t);
    err = ps_kinds_read(a, h, sys_root(o), t);
    if (err < 0)
        return ps_fail(e, -err, "can't read the kinds of cores: %s", strerror(-err));
    t->spread = ps_order_spread(a, t);
    t->compact = ps_order_compact(a, t);
    return 0;
}

/* hwloc loads all of its plug-ins before it asks which are wanted: those for graphics, PCI and XML,
 * with libraries of 30 MB, which take longer than the topology. Only other people's XML needs one,
 * and who names a path has reasons. */
static int init_hwloc(hwloc_topology_t *h, const struct origin *o)
{
    const bool none = !is_from(o, "HWLOC_XMLFILE") && !getenv(PLUGINS);
    int err;

    if (none && setenv(PLUGINS, "", 1) < 0)
        return -1;
    err = hwloc_topology_init(h);
    if (none)
        unsetenv(PLUGINS);
    return err;
}

int ps_topology_load(struct ps_arena *a, struct ps_topology **t, struct ps_err *e)
{
    struct ps_topology *made = ps_arena_alloc(a, sizeof *made);
    struct origin origin = find_origin();
    hwloc_topology_t h;
    int err;

    if (init_hwloc(&h, &origin) < 0)
        return ps_fail(e, ENOMEM, "out of memory while reading the topology");
    err = load_hwloc(h, &origin, e);
    if (err == 0)
        err = convert(a, h, &origin, made, e);
    hwloc_topology_destroy(h);
    if (err == 0)
        *t = made;
    return err;
}
