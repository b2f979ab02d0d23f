/* The lines of `parscope doctor` about counters. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "counters.h"
#include "lines.h"
#include "single.h"
#include "units.h"

/* Places in the table of default events. */
enum { CYCLES, INSTRUCTIONS, TASK_CLOCK, SWITCHES };

static const struct ps_event *event(const struct ps_doctor_facts *f, size_t i)
{
    const struct ps_event *events;

    ps_counters_events(f->counters, &events);
    return &events[i];
}

static bool counted(const struct ps_doctor_facts *f, size_t i)
{
    return event(f, i)->state != PS_COUNT_UNAVAILABLE;
}

static bool virtual_machine(const struct ps_host *h)
{
    return strcmp(h->virtualization, "none") && strcmp(h->virtualization, "unknown");
}

#define LOWER "sudo sysctl kernel.perf_event_paranoid=1, or sudo setcap cap_perfmon+ep parscope"

/* The errno of an open, with what stands around it. */
static const char *remedy_of(const struct ps_doctor_facts *f, int err)
{
    switch (err) {
    case EACCES:
        return LOWER;
    case EPERM:
        return f->tuning->container
                   ? "start the container with --cap-add PERFMON and --security-opt "
                     "seccomp=FILE, a profile that allows perf_event_open"
                   : "run it outside the sandbox, or let its seccomp filter allow perf_event_open";
    case ENOSYS:
        return "use a kernel with CONFIG_PERF_EVENTS, or a sandbox that passes perf_event_open on";
    case EBUSY:
        return "end what holds the PMU: a debugger, another profiler, or a hypervisor on this host";
    case EMFILE:
        return "ulimit -n 65536";
    case ENOENT:
    case ENODEV:
    case ENXIO:
    case EOPNOTSUPP:
        break;
    default:
        return NULL;
    }
    if (f->pmu == PS_PMU_PRESENT || f->pmu == PS_PMU_HYBRID)
        return "none: this PMU lacks the event; 'parscope list events' shows those it has";
    return virtual_machine(f->host)
               ? "use a guest with a virtual PMU (QEMU/KVM: -cpu host,pmu=on), or a bare-metal "
                 "instance; until then cycles are estimated from the clock below"
               : "check whether the firmware has disabled the PMU, and 'dmesg | grep -i "
                 "\"performance events\"'";
}

/* A permission hides whether there would be a PMU. */
static const char *hidden(const struct ps_doctor_facts *f, int err)
{
    return (err == EACCES || err == EPERM) && f->pmu == PS_PMU_NONE
               ? "; the system lists no core PMU either"
               : "";
}

void doctor_counters(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    size_t missing = counted(f, CYCLES) ? INSTRUCTIONS : CYCLES;
    int err;

    if (counted(f, CYCLES) && counted(f, INSTRUCTIONS)) {
        ps_doctor_add(d, "counters", PS_HEALTH_OK, NULL, "cycles and instructions are counted%s",
                      f->pmu == PS_PMU_HYBRID ? ", for each kind of core separately" : "");
        return;
    }
    err = -ps_counters_try(f->counters, missing);
    ps_doctor_add(d, "counters", PS_HEALTH_MISSING, remedy_of(f, err),
                  "no hardware counters (%s): %s%s", event(f, missing)->name,
                  event(f, missing)->reason, hidden(f, err));
}

void doctor_software_events(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    if (counted(f, TASK_CLOCK))
        ps_doctor_add(d, "software-events", PS_HEALTH_OK, NULL,
                      "CPU time, page faults and similar events are counted");
    else
        ps_doctor_add(d, "software-events", PS_HEALTH_MISSING,
                      remedy_of(f, -ps_counters_try(f->counters, TASK_CLOCK)),
                      "not counted: %s; CPU time comes from the thread's clock",
                      event(f, TASK_CLOCK)->reason);
}

/* Switches happen inside the kernel: whoever may count them may count what else does. */
void doctor_kernel(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    const struct ps_event *e = event(f, SWITCHES);

    if (e->state == PS_COUNT_EXACT)
        ps_doctor_add(d, "kernel", PS_HEALTH_OK, NULL, "events in the kernel are counted too");
    else
        ps_doctor_add(d, "kernel", PS_HEALTH_LIMITED,
                      remedy_of(f, -ps_counters_try(f->counters, SWITCHES)), "user space only: %s",
                      e->reason);
}

void doctor_paranoid(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    const int level = f->host->perf_event_paranoid;

    if (level < -1)
        ps_doctor_add(d, "paranoid", PS_HEALTH_UNKNOWN, NULL,
                      "this system has no perf_event_paranoid");
    else if (level >= 2)
        ps_doctor_add(
            d, "paranoid",
            event(f, SWITCHES)->state == PS_COUNT_EXACT ? PS_HEALTH_NOTE : PS_HEALTH_LIMITED, LOWER,
            "perf_event_paranoid is %d: %s", level,
            level == 2 ? "ordinary users can count user space only"
                       : "ordinary users can count nothing, if the kernel supports this level");
    else
        ps_doctor_add(d, "paranoid", PS_HEALTH_OK, NULL, "perf_event_paranoid is %d", level);
}

void doctor_nmi_watchdog(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    switch (f->tuning->nmi_watchdog) {
    case PS_SWITCH_ON:
        ps_doctor_add(d, "nmi-watchdog", PS_HEALTH_LIMITED, "sudo sysctl kernel.nmi_watchdog=0",
                      "the NMI watchdog holds a hardware counter of each CPU");
        break;
    case PS_SWITCH_OFF:
        ps_doctor_add(d, "nmi-watchdog", PS_HEALTH_OK, NULL, "off: it holds no counter");
        break;
    case PS_SWITCH_UNKNOWN:
        ps_doctor_add(d, "nmi-watchdog", PS_HEALTH_UNKNOWN, NULL, "this kernel shows none");
        break;
    }
}

void doctor_rdpmc(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    if (f->tuning->rdpmc > 0)
        ps_doctor_add(d, "rdpmc", PS_HEALTH_OK, NULL, "counters can be read in user space");
    else if (f->tuning->rdpmc == 0)
        ps_doctor_add(d, "rdpmc", PS_HEALTH_LIMITED,
                      "echo 1 > /sys/bus/event_source/devices/cpu/rdpmc as root (Arm: sysctl "
                      "kernel.perf_user_access=1)",
                      "counters can be read by system calls only");
    else
        ps_doctor_add(d, "rdpmc", PS_HEALTH_MISSING, NULL,
                      "counters can't be read in user space: no PMU offers it");
}

void doctor_confinement(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    const struct ps_tuning *t = f->tuning;

    if (t->seccomp > 0 || t->container)
        ps_doctor_add(d, "confinement", PS_HEALTH_NOTE, NULL, "%s%s%s",
                      t->container ? "in a container: " : "", t->container ? t->container : "",
                      t->seccomp <= 0 ? ""
                      : t->container  ? ", with a seccomp filter"
                                      : "a seccomp filter restricts system calls");
    else
        ps_doctor_add(d, "confinement", t->seccomp < 0 ? PS_HEALTH_UNKNOWN : PS_HEALTH_OK, NULL,
                      t->seccomp < 0 ? "the system does not say"
                                     : "no container, no seccomp filter");
}

void doctor_counting_cost(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    char open[32], enable[32], read[32];

    if (isnan(f->costs.open)) {
        ps_doctor_add(d, "counting-cost", PS_HEALTH_UNKNOWN, NULL, "nothing can be counted");
        return;
    }
    ps_format_time(open, sizeof open, f->costs.open);
    ps_format_time(enable, sizeof enable, f->costs.enable);
    ps_format_time(read, sizeof read, f->costs.read);
    ps_doctor_add(
        d, "counting-cost", PS_HEALTH_NOTE, NULL,
        "a group of counters: %s to open and close, once per thread; %s to enable; %s to read",
        open, enable, read);
}
