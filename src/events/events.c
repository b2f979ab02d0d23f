/* libpfm4 keeps its state in the library: only one thread may be in this file at a time. The
 * default events need none of it. */
#include "events.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attr.h"
#include "libpfm.h"
#include "names.h"
#include "perf.h"

#define LONGEST_NAME 256

const struct ps_event_default ps_event_defaults[PS_DEFAULT_EVENTS] = {
    {"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    {"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    {"task_clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
    {"context_switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES},
    {"migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS},
    {"page_faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
};

static bool get_pmu(pfm_pmu_t pmu, pfm_pmu_info_t *info)
{
    *info = (pfm_pmu_info_t){.size = sizeof *info};
    return ps_libpfm()->pfm_get_pmu_info(pmu, info) == PFM_SUCCESS && info->is_present;
}

/* Return non-zero to stop. */
typedef int visit_fn(void *arg, const pfm_pmu_info_t *pmu, const char *name,
                     const pfm_event_info_t *event);

static int visit_pmu(const pfm_pmu_info_t *pmu, visit_fn *visit, void *arg)
{
    char name[LONGEST_NAME];
    int err = 0;

    for (int i = pmu->first_event; i != -1 && err == 0; i = ps_libpfm()->pfm_get_event_next(i)) {
        pfm_event_info_t event = {.size = sizeof event};
        size_t n = 0;

        if (ps_libpfm()->pfm_get_event_info(i, PFM_OS_PERF_EVENT_EXT, &event) != PFM_SUCCESS)
            continue;
        /* libpfm4 ignores case; the generic names are used in lower case elsewhere. */
        for (; n < sizeof name - 1 && event.name[n]; n++)
            name[n] = event.equiv ? (char)tolower((unsigned char)event.name[n]) : event.name[n];
        name[n] = '\0';
        err = visit(arg, pmu, name, &event);
    }
    return err;
}

/* The events that a thread can be counted for: of the cores' PMUs and the generic ones. */
static int visit_events(visit_fn *visit, void *arg)
{
    pfm_pmu_t pmu;
    int err = 0;

    pfm_for_all_pmus(pmu)
    {
        pfm_pmu_info_t info;

        if (err == 0 && get_pmu(pmu, &info) &&
            (info.type == PFM_PMU_TYPE_CORE || info.type == PFM_PMU_TYPE_OS_GENERIC))
            err = visit_pmu(&info, visit, arg);
    }
    return err;
}

struct names {
    char **items;
    size_t count;
};

static void names_finish(struct names *n)
{
    for (size_t i = 0; i < n->count; i++)
        free(n->items[i]);
    free(n->items);
}

static int names_add(struct names *n, const char *name)
{
    char **items = realloc(n->items, (n->count + 1) * sizeof *items);

    if (!items)
        return -ENOMEM;
    n->items = items;
    items[n->count] = strdup(name);
    if (!items[n->count])
        return -ENOMEM;
    n->count++;
    return 0;
}

static int collect(void *arg, const pfm_pmu_info_t *pmu, const char *name,
                   const pfm_event_info_t *event)
{
    return names_add(arg, name);
}

static int collect_all(struct names *n)
{
    int err = 0;

    for (size_t i = 0; i < PS_DEFAULT_EVENTS && err == 0; i++)
        err = names_add(n, ps_event_defaults[i].name);
    return err ? err : visit_events(collect, n);
}

static int collect_pmus(struct names *n)
{
    pfm_pmu_t pmu;
    int err = 0;

    pfm_for_all_pmus(pmu)
    {
        pfm_pmu_info_t info;

        if (err == 0 && get_pmu(pmu, &info))
            err = names_add(n, info.name);
    }
    return err;
}

static bool contains(const struct names *n, const char *name)
{
    for (size_t i = 0; i < n->count; i++) {
        if (!strcasecmp(n->items[i], name))
            return true;
    }
    return false;
}

static int refuse_pmu(const char *pmu, struct ps_err *e)
{
    struct names n = {0};
    int err = collect_pmus(&n);

    if (err == 0 && !contains(&n, pmu))
        err = ps_unknown("PMU", pmu, (const char *const *)n.items, n.count,
                         "libpfm4 knows no event with that name for this CPU", e);
    names_finish(&n);
    return err;
}

/* name is [PMU::]EVENT[:ATTRIBUTE]..., which libpfm4 refused with `why`. */
static int refuse_name(const char *name, int why, struct ps_err *e)
{
    const char *mark = strstr(name, "::");
    char part[LONGEST_NAME];
    struct names n = {0};
    int err = 0;

    if (strlen(name) >= sizeof part)
        return ps_fail(e, ENOENT, "unknown event '%.60s...'", name);
    if (mark) {
        memcpy(part, name, (size_t)(mark - name));
        part[mark - name] = '\0';
        err = refuse_pmu(part, e);
        name = mark + 2;
    }
    strcpy(part, name);
    part[strcspn(part, ":")] = '\0';
    if (err == 0)
        err = collect_all(&n);
    if (err == 0 && contains(&n, part))
        err = ps_fail(e, ENOENT, "event '%s': %s", name, ps_libpfm()->pfm_strerror(why));
    if (err == 0)
        err = ps_unknown("event", part, (const char *const *)n.items, n.count,
                         "\"parscope list events\" shows what this CPU has", e);
    names_finish(&n);
    return err;
}

#if defined(__aarch64__)
/* libpfm4's code of an event: as in the register that selects it (PMEVTYPER<n>_EL0 in the Arm
 * Architecture Reference Manual), but that bit 27 excludes too. */
#define ARM_EVENT         0xffffu
#define ARM_NO_KERNEL     (1u << 31)
#define ARM_NO_USER       (1u << 30)
#define ARM_NO_HYPERVISOR (1u << 27)

/* libpfm4 after 4.13 looks for the PMU under names such as armv8_cortex_a57, which virtual
 * machines don't use. Where all cores are alike the code says all. */
static int encode_without_pmu(const char *name, int levels, struct perf_event_attr *attr)
{
    pfm_pmu_encode_arg_t argument = {.size = sizeof argument};
    uint64_t code = 0;
    pfm_err_t r;

    if (ps_pmu_look(PS_PMU_SOURCES) == PS_PMU_HYBRID)
        return PFM_ERR_NOTSUPP;
    r = ps_libpfm()->pfm_get_os_event_encoding(name, levels, PFM_OS_NONE, &argument);
    if (r == PFM_SUCCESS && argument.count == 1)
        code = argument.codes[0];
    else if (r == PFM_SUCCESS)
        r = PFM_ERR_NOTSUPP;
    free(argument.codes);
    attr->type = PERF_TYPE_RAW;
    attr->config = code & ARM_EVENT;
    attr->exclude_kernel = (code & ARM_NO_KERNEL) != 0;
    attr->exclude_user = (code & ARM_NO_USER) != 0;
    attr->exclude_hv = (code & ARM_NO_HYPERVISOR) != 0;
    return r;
}
#else
static int encode_without_pmu(const char *name, int levels, struct perf_event_attr *attr)
{
    return PFM_ERR_NOTSUPP;
}
#endif

static int encode(const char *name, int levels, struct perf_event_attr *attr, int *cpu)
{
    struct perf_event_attr encoded = {.size = sizeof encoded};
    pfm_perf_encode_arg_t argument = {.attr = &encoded, .size = sizeof argument, .cpu = -1};
    pfm_err_t r =
        ps_libpfm()->pfm_get_os_event_encoding(name, levels, PFM_OS_PERF_EVENT_EXT, &argument);

    if (r == PFM_ERR_NOTSUPP)
        r = encode_without_pmu(name, levels, &encoded);
    if (r != PFM_SUCCESS)
        return r;
    /* Counted, never sampled, and free to be multiplexed. */
    encoded.sample_period = 0;
    encoded.freq = 0;
    encoded.pinned = 0;
    encoded.disabled = 0;
    encoded.inherit = 0;
    *attr = encoded;
    *cpu = argument.cpu;
    return PFM_SUCCESS;
}

static const struct ps_event_default *find_default(const char *name)
{
    for (size_t i = 0; i < PS_DEFAULT_EVENTS; i++) {
        if (!strcmp(name, ps_event_defaults[i].name))
            return &ps_event_defaults[i];
    }
    return NULL;
}

static void restrict_to(unsigned levels, struct perf_event_attr *attr)
{
    if (!ps_attr_hardware(attr) || !levels)
        return;
    attr->exclude_user = !(levels & PS_LEVEL_USER);
    attr->exclude_kernel = attr->exclude_hv = !(levels & PS_LEVEL_KERNEL);
}

/* What software events count happens in the kernel, or is a clock: levels are not for them. */
static int encode_at(const char *name, unsigned levels, struct perf_event_attr *attr, int *cpu)
{
    const int user = !levels || levels & PS_LEVEL_USER ? PFM_PLM3 : 0;
    const int kernel = !levels || levels & PS_LEVEL_KERNEL ? PFM_PLM0 : 0;
    int err = encode(name, PFM_PLM0 | PFM_PLM3, attr, cpu);

    return err == PFM_SUCCESS && ps_attr_hardware(attr) ? encode(name, user | kernel, attr, cpu)
                                                        : err;
}

int ps_event_resolve(const char *name, unsigned levels, struct perf_event_attr *attr,
                     struct ps_err *e)
{
    const struct ps_event_default *known = find_default(name);
    struct perf_event_attr encoded;
    int cpu, err;

    if (known) {
        *attr = (struct perf_event_attr){
            .size = sizeof *attr,
            .type = known->type,
            .config = known->config,
            .exclude_guest = 1,
        };
        restrict_to(levels, attr);
        return 0;
    }
    err = ps_libpfm_load(e);
    if (err < 0)
        return err;
    err = encode_at(name, levels, &encoded, &cpu);
    if (err == PFM_ERR_NOMEM)
        return -ENOMEM;
    if (err != PFM_SUCCESS)
        return refuse_name(name, err, e);
    if (cpu >= 0)
        return ps_fail(e, EINVAL,
                       "event '%s': events are counted per thread, so cpu= can't be "
                       "used",
                       name);
    *attr = encoded;
    return 0;
}

int ps_event_check(const char *name, struct ps_err *e)
{
    struct perf_event_attr attr;

    return ps_event_resolve(name, 0, &attr, e);
}

struct listing {
    ps_event_fn *f;
    void *arg;
    struct ps_perf perf;
};

static int probe(const struct ps_perf *perf, const char *name)
{
    struct perf_event_attr attr;
    int cpu, fd;

    if (encode(name, PFM_PLM0 | PFM_PLM3, &attr, &cpu) != PFM_SUCCESS)
        return -1;
    fd = ps_perf_open(perf, &attr, -1);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static int list_event(void *arg, const pfm_pmu_info_t *pmu, const char *name,
                      const pfm_event_info_t *event)
{
    const struct listing *l = arg;
    int present = -1;

    if (pmu->pmu == PFM_PMU_PERF_EVENT)
        present = probe(&l->perf, name);
    l->f(l->arg, name, event->desc, present);
    return 0;
}

int ps_events_each(ps_event_fn *f, void *arg, struct ps_err *e)
{
    struct listing l = {.f = f, .arg = arg};
    int err = ps_libpfm_load(e);

    if (err < 0)
        return err;
    ps_perf_init(&l.perf);
    return visit_events(list_event, &l);
}
