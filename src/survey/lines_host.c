/* The lines of `parscope doctor` about the machine and how it is set up. */
#include <math.h>
#include <string.h>

#include "lines.h"
#include "smt.h"
#include "str.h"
#include "units.h"

/* Shares of CPU time that measurements notice. */
#define BUSY  0.05
#define STEAL 0.005

void doctor_governor(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    const struct ps_tuning *t = f->tuning;
    const char *names = t->governor_count ? t->governors[0] : NULL;

    if (!names) {
        ps_doctor_add(d, "governor", PS_HEALTH_UNKNOWN, NULL,
                      "none visible: the hypervisor or the firmware sets the clock");
        return;
    }
    for (size_t i = 1; i < t->governor_count; i++)
        names = ps_arena_format(d->arena, "%s, %s", names, t->governors[i]);
    if (!strcmp(names, "performance"))
        ps_doctor_add(d, "governor", PS_HEALTH_OK, NULL, "performance");
    else
        ps_doctor_add(d, "governor", PS_HEALTH_LIMITED,
                      "sudo cpupower frequency-set -g performance",
                      "%s: the clock takes time to rise, and short runs see a low one", names);
}

void doctor_turbo(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    const char *turbo = f->host->turbo;

    if (!turbo)
        ps_doctor_add(d, "turbo", PS_HEALTH_UNKNOWN, NULL, "the system does not say");
    else if (!strcmp(turbo, "off"))
        ps_doctor_add(d, "turbo", PS_HEALTH_OK, NULL, "off: the clock does not depend on the load");
    else
        ps_doctor_add(d, "turbo", PS_HEALTH_LIMITED,
                      "as root: echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo, or echo 0 "
                      "> /sys/devices/system/cpu/cpufreq/boost; or read the per-cycle speedup",
                      "on: the more cores are busy, the lower their clock");
}

void doctor_smt(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    const char *control = f->host->smt_control;
    struct ps_smt_pair *pairs;
    size_t count;

    ps_smt_pairs(f->topology, d->arena, &pairs, &count);
    if (count > 0)
        ps_doctor_add(d, "smt", PS_HEALTH_OK, NULL, "%zu core%s with siblings that may be used",
                      count, count == 1 ? "" : "s");
    else if (f->topology->threads_per_core > 1)
        ps_doctor_add(d, "smt", PS_HEALTH_MISSING,
                      "widen the affinity mask or the cpuset: taskset, cpuset.cpus",
                      "cores have siblings, but no two of one core may be used");
    else if (control && !strcmp(control, "off"))
        ps_doctor_add(d, "smt", PS_HEALTH_MISSING,
                      "as root: echo on > /sys/devices/system/cpu/smt/control", "switched off");
    else
        ps_doctor_add(d, "smt", PS_HEALTH_MISSING,
                      "'parscope topo --probe' measures whether CPUs share a core nevertheless",
                      "no core is reported with two CPUs%s%s%s", control ? " (smt/control: " : "",
                      control ? control : "", control ? ")" : "");
}

void doctor_isolated(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    const struct ps_tuning *t = f->tuning;

    if (!t->isolated && !t->nohz) {
        ps_doctor_add(d, "isolated", PS_HEALTH_NOTE,
                      "boot with isolcpus=LIST nohz_full=LIST if 0.1 % matters",
                      "no CPU is kept free of other programs");
        return;
    }
    ps_doctor_add(d, "isolated", PS_HEALTH_OK, NULL,
                  "CPUs %s are isolated, %s without ticks: use them with taskset and --cpus",
                  t->isolated ? t->isolated : "-", t->nohz ? t->nohz : "none");
}

void doctor_quota(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    const double quota = f->host->cpu_quota;

    if (isnan(quota))
        ps_doctor_add(d, "quota", PS_HEALTH_OK, NULL, "no limit on CPU time");
    else
        ps_doctor_add(d, "quota", PS_HEALTH_LIMITED,
                      "raise cpu.max (docker: --cpus), or use no more threads than it allows",
                      "%.3g CPUs by %s: more threads than that are throttled many times a second",
                      quota, f->host->quota_source);
}

void doctor_throttling(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    char text[32];

    if (!(f->throttled > 0)) {
        ps_doctor_add(d, "throttling", PS_HEALTH_OK, NULL, "the cgroup was never throttled");
        return;
    }
    ps_doctor_add(d, "throttling", PS_HEALTH_LIMITED,
                  "raise cpu.max (docker: --cpus), or use fewer threads",
                  "the cgroup was throttled for %s of CPU time since its creation%s",
                  ps_format_time(text, sizeof text, f->throttled),
                  f->before && f->after && f->after->throttled_ns > f->before->throttled_ns
                      ? ", also during this run"
                      : "");
}

static double share(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

void doctor_steal(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    char before[32], now[32];
    double always, lately;

    if (!f->before || !f->after) {
        ps_doctor_add(d, "steal", PS_HEALTH_UNKNOWN, NULL, "/proc/stat can't be read");
        return;
    }
    always = share(f->after->steal, f->after->all);
    lately = share(f->after->steal - f->before->steal, f->after->all - f->before->all);
    ps_format_percent(before, sizeof before, always);
    ps_format_percent(now, sizeof now, lately);
    if (always < STEAL && lately < STEAL)
        ps_doctor_add(d, "steal", PS_HEALTH_OK, NULL, "%s since boot, %s during this run", before,
                      now);
    else
        ps_doctor_add(d, "steal", PS_HEALTH_LIMITED,
                      "use an instance type that does not share CPUs, or another time",
                      "the hypervisor took %s of the CPU time since boot, %s during this run",
                      before, now);
}

void doctor_clock_source(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    static const char *const fast[] = {
        "tsc",      "kvm-clock",        "arch_sys_counter", "hyperv_clocksource",
        "timebase", "riscv_clocksource"};
    const char *clock = f->tuning->clock;

    if (!clock) {
        ps_doctor_add(d, "clock-source", PS_HEALTH_UNKNOWN, NULL, "the system does not say");
        return;
    }
    for (size_t i = 0; i < sizeof fast / sizeof *fast; i++)
        if (!strncmp(clock, fast[i], strlen(fast[i]))) {
            ps_doctor_add(d, "clock-source", PS_HEALTH_OK, NULL, "%s, read without a system call",
                          clock);
            return;
        }
    ps_doctor_add(d, "clock-source", PS_HEALTH_LIMITED,
                  f->tuning->clocks && strstr(f->tuning->clocks, "tsc")
                      ? "as root: echo tsc > /sys/devices/system/clocksource/clocksource0/"
                        "current_clocksource"
                      : "boot with tsc=reliable, if the machine's TSC is",
                  "%s: reading the time is slow, so short times are inaccurate", clock);
}

void doctor_huge_pages(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    const char *mode = f->tuning->huge_pages;

    if (!mode)
        ps_doctor_add(d, "huge-pages", PS_HEALTH_UNKNOWN, NULL, "this kernel shows none");
    else if (!strcmp(mode, "never"))
        ps_doctor_add(d, "huge-pages", PS_HEALTH_LIMITED,
                      "as root: echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
                      "transparent huge pages are off: large arrays cost TLB misses");
    else
        ps_doctor_add(d, "huge-pages", PS_HEALTH_OK, NULL, "%s", mode);
}

void doctor_load(struct ps_doctor *d, const struct ps_doctor_facts *f)
{
    struct ps_str list = PS_STR_INIT;
    char text[32];

    if (!f->before || !f->after) {
        ps_doctor_add(d, "load", PS_HEALTH_UNKNOWN, NULL, "/proc/stat can't be read");
        return;
    }
    for (unsigned i = 0; i < f->topology->cpu_count; i++) {
        const int cpu = f->topology->cpus[f->topology->by_os[i]].os;
        double busy;

        if ((unsigned)cpu >= f->before->count || (unsigned)cpu >= f->after->count)
            continue;
        busy = share(f->after->busy[cpu] - f->before->busy[cpu],
                     f->after->total[cpu] - f->before->total[cpu]);
        if (busy >= BUSY)
            ps_str_addf(&list, "%sCPU %d %s", list.length ? ", " : "", cpu,
                        ps_format_percent(text, sizeof text, busy));
    }
    if (list.length)
        ps_doctor_add(d, "load", PS_HEALTH_LIMITED, "wait, or find out with top what is running",
                      "other programs use the CPUs: %s", ps_str_text(&list));
    else
        ps_doctor_add(d, "load", PS_HEALTH_OK, NULL, "nothing else is running");
    ps_str_finish(&list);
}
