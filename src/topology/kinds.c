#include "kinds.h"

#include <errno.h>
#include <string.h>

#include "sysfile.h"

/* Intel's hybrid CPUs have one PMU per core type, which lists the CPUs of that type. */
struct core_type {
    const char *path, *value, *name;
};

static const struct core_type core_types[] = {
    {"/sys/devices/cpu_core/cpus", "IntelCore", "P"},
    {"/sys/devices/cpu_atom/cpus", "IntelAtom", "E"},
};

enum { CORE_TYPES = sizeof core_types / sizeof *core_types };

static int register_type(hwloc_topology_t h, const struct core_type *type, const char *list)
{
    char name[] = "CoreType", value[16];
    struct hwloc_info_s info = {.name = name, .value = value};
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    int err = 0;

    if (!set)
        return -ENOMEM;
    strcpy(value, type->value);
    if (hwloc_bitmap_list_sscanf(set, list) == 0) {
        hwloc_bitmap_and(set, set, hwloc_topology_get_topology_cpuset(h));
        if (!hwloc_bitmap_iszero(set) && hwloc_cpukinds_register(h, set, -1, 1, &info, 0) < 0)
            err = -errno;
    }
    hwloc_bitmap_free(set);
    return err;
}

/* Tells hwloc what its x86 component would have found out by visiting every CPU. */
static int register_types(hwloc_topology_t h, const char *root)
{
    char list[4096];

    for (unsigned i = 0; i < CORE_TYPES; i++) {
        int err = 0;

        if (ps_sysfile_line(root, core_types[i].path, list, sizeof list))
            err = register_type(h, &core_types[i], list);
        if (err < 0)
            return err;
    }
    return 0;
}

static const char *type_name(const struct hwloc_info_s *infos, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        for (unsigned j = 0; j < CORE_TYPES; j++) {
            if (!strcmp(infos[i].name, "CoreType") && !strcmp(infos[i].value, core_types[j].value))
                return core_types[j].name;
        }
    }
    return NULL;
}

/* Gives the CPUs of hwloc's kind `from` the kind t->kinds, if any is allowed. hwloc's kinds ascend
 * in speed. Returns how many CPUs there are, or -errno; -ERANGE where the speed is not known. */
static int take_kind(hwloc_topology_t h, unsigned from, hwloc_bitmap_t set, struct ps_topology *t,
                     const char **name)
{
    struct hwloc_info_s *infos = NULL;
    unsigned info_count = 0;
    int efficiency = -1, found = 0;

    if (hwloc_cpukinds_get_info(h, from, set, &efficiency, &info_count, &infos, 0) < 0)
        return -errno;
    if (efficiency < 0)
        return -ERANGE;
    for (unsigned i = 0; i < t->cpu_count; i++) {
        if (hwloc_bitmap_isset(set, (unsigned)t->cpus[i].os)) {
            t->cpus[i].kind = t->kinds;
            found++;
        }
    }
    *name = type_name(infos, info_count);
    return found;
}

static void take_as_alike(struct ps_topology *t)
{
    for (unsigned i = 0; i < t->cpu_count; i++)
        t->cpus[i].kind = 0;
    t->kinds = 0;
}

/* Returns 0 with t->kinds of 0 where there are no kinds, or none with a known order. */
static int take_kinds(struct ps_arena *a, hwloc_topology_t h, unsigned count, struct ps_topology *t,
                      const char **names)
{
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    int found = 0;

    if (!set)
        return -ENOMEM;
    for (unsigned i = 0; i < count && found >= 0; i++) {
        const char *name = NULL;

        found = take_kind(h, i, set, t, &name);
        if (found <= 0)
            continue;
        names[t->kinds] = name ? name : ps_arena_format(a, "kind%u", t->kinds);
        t->kinds++;
    }
    hwloc_bitmap_free(set);
    if (found == -ERANGE)
        take_as_alike(t);
    return found < 0 && found != -ERANGE ? found : 0;
}

int ps_kinds_read(struct ps_arena *a, hwloc_topology_t h, const char *root, struct ps_topology *t)
{
    int err = root ? register_types(h, root) : 0;
    const char **names;
    int count;

    if (err < 0)
        return err;
    count = hwloc_cpukinds_get_nr(h, 0);
    if (count < 0)
        return -errno;
    names = ps_arena_array(a, (size_t)count + 1, sizeof *names);
    err = take_kinds(a, h, (unsigned)count, t, names);
    if (err < 0)
        return err;
    if (t->kinds == 0)
        names[t->kinds++] = "kind0";
    t->kind_names = names;
    return 0;
}
