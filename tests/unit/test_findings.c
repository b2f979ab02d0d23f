/* Findings about what a script of measurements can't have: the machine itself. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "cause_rest.h"
#include "finding.h"
#include "fixture.h"
#include "plan.h"
#include "runtimes.h"

struct fixture {
    struct ps_arena arena;
    struct ps_request request;
    struct ps_plan plan;
    struct ps_samples samples;
    struct ps_result result;
    unsigned runtimes; /* of the program */
};

static int setup(void **state)
{
    struct fixture *f = fixture_new(state, sizeof *f);

    f->plan.request = &f->request;
    f->samples = (struct ps_samples){.plan = &f->plan, .arena = &f->arena};
    f->result.arena = &f->arena;
    return 0;
}

/* The only one, or none where text is NULL. */
static void assert_said(const struct fixture *f, const char *id, const char *text)
{
    assert_int_equal(f->result.finding_count, text ? 1 : 0);
    if (!text)
        return;
    assert_string_equal(f->result.findings[0].id, id);
    assert_non_null(strstr(f->result.findings[0].text, text));
}

static void test_steal_time(void **state)
{
    struct fixture *f = *state;

    f->result.host.steal = 0.009;
    find_steal_time(&f->samples, &f->result);
    assert_said(f, "steal-time", NULL);
    f->result.host.steal = 0.123;
    find_steal_time(&f->samples, &f->result);
    assert_said(f, "steal-time", "12.3 % of the CPU time");
}

static void test_throttled(void **state)
{
    struct fixture *f = *state;

    f->result.host.cpu_quota = 1.5;
    find_throttled(&f->samples, &f->result);
    assert_said(f, "throttled", NULL);
    f->result.host.throttled = 0.25;
    find_throttled(&f->samples, &f->result);
    assert_said(f, "throttled", "quota of 1.50 CPUs throttled the threads for 250 ms");
}

static void test_data_nodes(void **state)
{
    struct fixture *f = *state;
    struct ps_node_share shares[] = {{0, 0.25}, {2, 0.75}};
    struct ps_data_nodes nodes[] = {{NULL, 0}, {shares, 2}};
    struct ps_plan_point plan[] = {{.workload = 0}, {.workload = 1}, {.workload = 1}};
    struct ps_series series[] = {{.plan = &plan[0]}, {.plan = &plan[1]}, {.plan = &plan[2]}};
    struct ps_point points[] = {
        {.workload_label = "fib"}, {.workload_label = "stream"}, {.workload_label = "stream"}};

    f->plan.workload_count = 2;
    f->samples.series = series;
    f->samples.series_count = f->result.point_count = 3;
    f->result.points = points;
    find_data_nodes(&f->samples, &f->result);
    assert_said(f, "data-nodes", NULL);
    f->samples.data_nodes = nodes;
    find_data_nodes(&f->samples, &f->result);
    assert_said(f, "data-nodes",
                "The data of stream lie on NUMA nodes: 25 % on node 0, 75 % on node 2.");
    assert_int_equal(f->result.findings[0].point_count, 2);
    assert_int_equal(f->result.findings[0].points[0], 1);
}

static void test_busy_machine(void **state)
{
    struct fixture *f = *state;
    double busy[] = {0.5, NAN, 0.7}, idle[] = {0.01, NAN, 0.01};

    f->samples.busy_seconds = 0.5;
    f->result.host.cpu_busy_count = 3;
    f->result.host.cpu_busy_before = idle;
    find_busy_machine(&f->samples, &f->result);
    assert_said(f, "busy-machine", NULL);
    f->result.host.cpu_busy_before = busy;
    find_busy_machine(&f->samples, &f->result);
    assert_said(f, "busy-machine", "60 % busy with other programs");
}

/* What is counted is ticks: so few may be none. */
static void test_a_busy_machine_is_seen_for_long_enough(void **state)
{
    struct fixture *f = *state;
    double busy[] = {0.5};

    f->samples.busy_seconds = 0.06;
    f->result.host.cpu_busy_count = 1;
    f->result.host.cpu_busy_before = busy;
    find_busy_machine(&f->samples, &f->result);
    assert_said(f, "busy-machine", NULL);
}

/* A reference on CPU 3 and two threads on 3 and 5, with the index of each CPU, always the same. The
 * CPU of a reference that was slowed alone, or -1. */
static int neighbours(struct fixture *f, double reference, double other)
{
    double first[] = {reference, reference, 5}, second[] = {other, other, 5}, lowest[3];
    struct ps_neighbour_cpu seen[] = {{3, first, 3}, {5, second, 3}};
    int cpus[] = {3, 5};
    struct ps_plan_point plans[] = {{.threads = 1, .cpus = cpus, .p = 1, .baseline = true},
                                    {.threads = 2, .cpus = cpus, .p = 2}};
    struct ps_series series[] = {{.plan = &plans[0]}, {.plan = &plans[1], .baseline = &series[0]}};
    struct ps_metric speedup = {"speedup", "1", 2.5, 2.4, 2.6};
    struct ps_point points[] = {{.workload = "w",
                                 .workload_label = "w",
                                 .strategy = "sequential",
                                 .strategy_label = "sequential",
                                 .threads = 1,
                                 .baseline = true},
                                {.workload = "w",
                                 .workload_label = "w",
                                 .strategy = "pool",
                                 .strategy_label = "pool",
                                 .threads = 2,
                                 .metrics = &speedup,
                                 .metric_count = 1}};

    for (size_t i = 0; i < 3; i++)
        lowest[i] = fmin(first[i], second[i]);
    f->samples.series = series;
    f->samples.series_count = f->result.point_count = 2;
    f->result.points = points;
    f->result.host.neighbour_cpus = seen;
    f->result.host.neighbour_cpu_count = 2;
    f->result.host.neighbour_rounds = lowest;
    f->result.host.neighbour_round_count = 3;
    f->result.host.neighbour_index = lowest[0];
    f->result.finding_count = 0;
    find_busy_neighbour(&f->samples, &f->result);
    return finding_slowed_reference(&f->samples, &f->result, 1);
}

static void test_neighbours_of_some_cpus(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(neighbours(f, 5, 5), -1);
    assert_said(f, "busy-neighbour", NULL);
    assert_int_equal(neighbours(f, 3, 3), -1);
    assert_said(f, "busy-neighbour", "used the same physical cores, which");
    assert_null(strstr(f->result.findings[0].text, "Speedups"));
    assert_int_equal(neighbours(f, 3, 5), 3);
    assert_said(f, "busy-neighbour", "used the physical core of CPU 3, which");
    assert_said(f, "busy-neighbour", "relative to CPU 3, which was slowed");
    assert_int_equal(neighbours(f, 5, 3), -1);
    assert_said(f, "busy-neighbour", "used the physical core of CPU 5, which");
    assert_said(f, "busy-neighbour", "relative to CPU 3, which was not slowed");
}

static void test_skipped(void **state)
{
    struct fixture *f = *state;
    const char *told[] = {"3 threads are more than there are CPUs."};

    find_skipped(&f->samples, &f->result);
    assert_said(f, "skipped", NULL);
    f->plan.skipped = told;
    f->plan.skipped_count = 1;
    find_skipped(&f->samples, &f->result);
    assert_said(f, "skipped", told[0]);
}

/* What was measured at a point of a program, and seen of it. */
struct seen_point {
    struct ps_diagnosis *diagnosis;
    struct ps_metric *metrics;
    size_t metric_count;
    double work; /* over that of the reference; 0: as much */
};

/* Of points with 2 threads and, where base->diagnosis isn't NULL, with one as its reference. */
static void diagnosed_beside_point(struct fixture *f, const struct seen_point *own,
                                   const struct seen_point *base)
{
    const struct seen_point *const of[] = {own, base};
    struct ps_program_seen seen[2] = {0};
    struct ps_plan_point plans[] = {{.p = 2, .work = 1}, {.p = 1, .work = 1}};
    struct ps_series series[2] = {0};
    struct ps_point points[2] = {0};

    for (size_t i = 0; i < 2; i++) {
        if (of[i]->work > 0)
            plans[i].work = of[i]->work;
        seen[i] = (struct ps_program_seen){.diagnosis = of[i]->diagnosis, .runtimes = f->runtimes};
        series[i] = (struct ps_series){.plan = &plans[i],
                                       .program = &seen[i],
                                       .baseline = base->diagnosis ? &series[1] : NULL};
        points[i] = (struct ps_point){.workload = "true",
                                      .workload_label = "true",
                                      .strategy = PS_STRATEGY_PROGRAM,
                                      .strategy_label = PS_STRATEGY_PROGRAM,
                                      .placement = "spread",
                                      .threads = 2 - i,
                                      .metrics = of[i]->metrics,
                                      .metric_count = of[i]->metric_count};
    }
    f->plan.workload_count = 1;
    f->plan.programs = true;
    f->samples.series = series;
    f->samples.series_count = f->result.point_count = base->diagnosis ? 2 : 1;
    f->result.points = points;
    f->request.diagnose = PS_DIAGNOSE_ALWAYS;
    find_named_causes(&f->samples, &f->result);
}

/* base: of the reference, NULL. */
static void diagnosed_with(struct fixture *f, struct ps_diagnosis *diagnosis,
                           struct ps_diagnosis *base, struct ps_metric *metrics, size_t count)
{
    diagnosed_beside_point(f, &(struct seen_point){diagnosis, metrics, count},
                           &(struct seen_point){base, NULL, 0});
}

/* speedup: NaN, not known. */
static void diagnosed_beside(struct fixture *f, struct ps_diagnosis *diagnosis, double speedup,
                             struct ps_diagnosis *base)
{
    struct ps_metric metrics[] = {{"speedup", "1", speedup, NAN, NAN},
                                  {"cpus_used", "1", 1.5, NAN, NAN}};

    diagnosed_with(f, diagnosis, base, metrics, isnan(speedup) ? 0 : 2);
}

static void diagnosed_at(struct fixture *f, struct ps_diagnosis *diagnosis, double speedup)
{
    diagnosed_beside(f, diagnosis, speedup, NULL);
}

static void diagnosed(struct fixture *f, struct ps_diagnosis *diagnosis)
{
    diagnosed_at(f, diagnosis, NAN);
}

/* Half a core waits for a lock, and that has a name; of a whole one that is lost it is half. */
static void test_what_has_no_name(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row lock = {.kind = PS_LOSS_LOCK, .place = {.function = "work"}, .idle = 1};
    struct ps_diagnosis d = {.executions = 1, .wall = 1, .losses = &lock, .loss_count = 1};

    diagnosed_at(f, &d, 1.45);
    assert_said(f, "cause", "in work(): 0.50 of 2 cores lost.");
    f->result.finding_count = 0;
    diagnosed_at(f, &d, 1);
    assert_int_equal(f->result.finding_count, 2);
    assert_string_equal(f->result.findings[1].id, "cause-rest");
    assert_string_equal(f->result.findings[1].text, "Unexplained: 0.50 of the 1.00 lost cores.");
}

/* A little of others' load is said beside the causes; of much of it they can't be told. */
static void test_beside_the_load_of_others(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row lock = {.kind = PS_LOSS_LOCK, .place = {.function = "work"}, .idle = 1};
    struct ps_diagnosis d = {.executions = 1, .wall = 1, .losses = &lock, .loss_count = 1};

    d.others = 0.1;
    diagnosed_at(f, &d, 1.45);
    assert_int_equal(f->result.finding_count, 2);
    assert_string_equal(f->result.findings[0].id, "cause");
    assert_string_equal(f->result.findings[1].id, "observed-busy");
    assert_non_null(strstr(f->result.findings[1].text, "other programs took 10 %"));
    f->result.finding_count = 0;
    d.others = 0.5;
    diagnosed_at(f, &d, 1.45);
    assert_int_equal(f->result.finding_count, 1);
    assert_said(f, "observed-busy", "No causes named: ");
}

/* The head says of a disturbed point that it is to be measured again. */
static void test_drowned_on_a_disturbed_point(void **state)
{
    struct fixture *f = *state;
    struct ps_diagnosis d = {.executions = 1, .wall = 1, .others = 0.5};
    struct ps_point point = {.load = {.status = "quiet"}};

    f->result.points = &point;
    assert_true(say_drowned(&f->result, &point, &d));
    assert_said(f, "observed-busy", "that it wanted. Measure again when");
    point.load.status = PS_LOAD_DISTURBED;
    f->result.finding_count = 0;
    assert_true(say_drowned(&f->result, &point, &d));
    assert_null(strstr(f->result.findings[0].text, "Measure again"));
}

/* Its speedup is over another program, or over itself as it is. */
static void test_against_another_program_speedup_is_no_loss(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row lock = {.kind = PS_LOSS_LOCK, .place = {.function = "work"}, .idle = 1};
    struct ps_diagnosis d = {.executions = 1, .wall = 1, .losses = &lock, .loss_count = 1};

    f->plan.against_plain = true;
    diagnosed_at(f, &d, 1);
    assert_said(f, "cause", "in work(): 0.50 of 2 cores lost.");
}

/* More CPU time and kernel time than the reference are what one thread took, or nothing. */
static void assert_compared_with_one_thread(struct fixture *f, bool one)
{
    struct ps_code_row then[] = {{.place = {.function = "work"}, .cpu_time = 0.5}},
                       now[] = {{.place = {.function = "work"}, .cpu_time = 1.5}};
    struct ps_diagnosis base = {.executions = 1, .wall = 1, .code = then, .code_count = 1};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .code = now, .code_count = 1};

    f->plan.against_plain = !one;
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, NAN, &base);
    assert_said(f, "cause", one ? ", 3.0 times that with one thread" : NULL);
}

static void test_another_program_is_not_one_thread(void **state)
{
    assert_compared_with_one_thread(*state, true);
    assert_compared_with_one_thread(*state, false);
}

static bool is_said(const struct fixture *f, const char *text)
{
    for (size_t i = 0; i < f->result.finding_count; i++)
        if (strstr(f->result.findings[i].text, text))
            return true;
    return false;
}

/* The reference was observed in a slow moment: by what was timed, one thread took 1 s and two 1.5
 * s, in 1 s of which 0.5 cores had no work. */
static void test_observed_by_the_timed(void **state)
{
    struct fixture *f = *state;
    struct ps_metric of_one[] = {{"wall_time", "s", 1, NAN, NAN}, {"cpus_used", "1", 1, NAN, NAN}},
                     of_two[] = {{"wall_time", "s", 1, NAN, NAN},
                                 {"cpus_used", "1", 1.5, NAN, NAN},
                                 {"speedup", "1", 1, NAN, NAN}};
    struct ps_code_row then = {.place = {.function = "work"}, .cpu_time = 1.5},
                       now = {.place = {.function = "work"}, .cpu_time = 1.5};
    struct ps_loss_row late = {.kind = PS_LOSS_IMBALANCE, .place = {.function = "main"}, .idle = 1};
    struct ps_diagnosis base = {.executions = 1,
                                .wall = 1.5,
                                .used = 1.5,
                                .cpu_time = 1.5,
                                .code = &then,
                                .code_count = 1},
                        own = {.executions = 1,
                               .wall = 1,
                               .used = 1.5,
                               .cpu_time = 1.5,
                               .code = &now,
                               .code_count = 1};

    diagnosed_beside_point(f, &(struct seen_point){&own, of_two, 3},
                           &(struct seen_point){&base, of_one, 2});
    assert_true(is_said(f, "work(), 1.5 times that with one thread: 0.50 of 2 cores lost."));
    /* Twice the work (--weak) takes more of it, and not more than that. */
    f->result.finding_count = 0;
    diagnosed_beside_point(f, &(struct seen_point){&own, of_two, 3, 2},
                           &(struct seen_point){&base, of_one, 2});
    assert_int_equal(f->result.finding_count, 0);
    /* It was idle for 0.1 cores only, so that no more than 0.2 are told by what it waited for. */
    f->result.finding_count = 0;
    own.losses = &late;
    own.loss_count = 1;
    own.wall = 1;
    own.used = own.cpu_time = 1.9;
    now.cpu_time = 1.9;
    diagnosed_beside_point(f, &(struct seen_point){&own, of_two, 3},
                           &(struct seen_point){&base, of_one, 2});
    assert_true(is_said(f, "work(), 1.5 times that with one thread: 0.50 of 2 cores lost."));
    assert_true(is_said(f, "in main(): 0.20 of 2 cores lost."));
}

/* Memory that is given back each time costs page faults, and calls: one cause. */
static void test_mapping_belongs_to_page_faults(void **state)
{
    struct fixture *f = *state;
    struct ps_code_row then[] = {{.place = {.function = "fill"}, .cpu_time = 0.1}},
                       now[] = {{.place = {.function = "fill"}, .cpu_time = 0.3, .faults = 100000},
                                {.place = {.function = "fill", .library = "__munmap"},
                                 .cpu_time = 0.4,
                                 .kernel = 0.4}};
    struct ps_diagnosis base = {.executions = 1, .wall = 1, .code = then, .code_count = 1};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .kernel_time = 0.5,
                               .system = 0.5,
                               .code = now,
                               .code_count = 2};

    diagnosed_beside(f, &own, NAN, &base);
    assert_true(is_said(f, "Page faults: "));
    assert_true(is_said(f, "(100000 a second, and __munmap): 1.10 of 2 cores lost."));
    /* An allocator does it. */
    now[1].place.library = "cfree";
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, NAN, &base);
    assert_true(is_said(f, "(100000 a second, and free): 0.70 of 2 cores lost."));
    assert_false(is_said(f, "More kernel time: "));
    assert_false(is_said(f, "More kernel time"));
    now[0].faults = 0;
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, NAN, &base);
    assert_true(is_said(f, "More kernel time"));
}

/* Pages are as many as with one thread, and a loop of sched_yield takes kernel time. */
static void test_kernel_time_of_a_waiting_loop(void **state)
{
    struct fixture *f = *state;
    struct ps_code_row code = {.place = {.function = "fill"}, .cpu_time = 0.1, .faults = 13000};
    struct ps_loss_row loop = {.kind = PS_LOSS_SPIN,
                               .place = {.library = "sched_yield", .function = "await"},
                               .spun = 0.1};
    struct ps_diagnosis base = {.executions = 1,
                                .wall = 1,
                                .kernel_time = 0.1,
                                .system = 0.1,
                                .code = &code,
                                .code_count = 1};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .threaded = true,
                               .kernel_time = 0.3,
                               .system = 0.3,
                               .code = &code,
                               .code_count = 1,
                               .losses = &loop,
                               .loss_count = 1};

    diagnosed_beside(f, &own, 1.7, &base);
    assert_said(f, "cause",
                "Waiting loop: threads tried again and again in sched_yield(), called "
                "from await(): 0.29 of 2 cores lost.");
}

/* Where the kernel's samples are taken, they are the loop's all the same. */
static void test_kernel_samples_of_a_waiting_loop(void **state)
{
    struct fixture *f = *state;
    struct ps_place await = {.library = "sched_yield", .function = "await"};
    struct ps_code_row code = {.place = await, .kernel = 0.3};
    struct ps_loss_row loop = {.kind = PS_LOSS_SPIN, .place = await, .spun = 0.1};
    struct ps_diagnosis base = {.executions = 1, .wall = 1};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .kernel_sampled = true,
                               .kernel_time = 0.3,
                               .system = 0.3,
                               .code = &code,
                               .code_count = 1,
                               .losses = &loop,
                               .loss_count = 1};

    diagnosed_beside(f, &own, 1.5, &base);
    assert_said(f, "cause", "in sched_yield(), called from await(): 0.40 of 2 cores lost.");
}

/* Kernel time that nothing else accounts for, as much as context switches may take. */
static void test_sleeping_and_waking(void **state)
{
    struct fixture *f = *state;
    struct ps_metric of_one[] = {{"context_switches", "count", 100, NAN, NAN}},
                     of_two[] = {{"context_switches", "count", 2100, NAN, NAN},
                                 {"speedup", "1", 1.8, NAN, NAN},
                                 {"cpus_used", "1", 2, NAN, NAN}};
    struct ps_code_row code = {.place = {.library = "pthread_cond_wait", .function = "next"},
                               .cpu_time = 0.001};
    struct ps_diagnosis base = {.executions = 1, .wall = 1, .kernel_time = 0.1, .system = 0.1};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .kernel_time = 0.4,
                               .system = 0.4,
                               .code = &code,
                               .code_count = 1};

    diagnosed_beside_point(f, &(struct seen_point){&own, of_two, 3},
                           &(struct seen_point){&base, of_one, 1});
    assert_said(f, "cause",
                "around pthread_cond_wait(), called from next(): 0.20 of 2 cores lost.");
    of_two[0].value = 100;
    f->result.finding_count = 0;
    diagnosed_beside_point(f, &(struct seen_point){&own, of_two, 3},
                           &(struct seen_point){&base, of_one, 1});
    assert_said(f, "cause", NULL);
}

/* Of HotSpot's runtime: it spins, looks whether the owner runs, and sleeps. */
static void test_monitors_of_java(void **state)
{
    struct fixture *f = *state;
    struct ps_code_row code[] = {
        {.place = {.function = "ObjectMonitor::exit(JavaThread*)", .module = "libjvm.so"},
         .cpu_time = 0.05}};
    struct ps_place idle = {.library = "pthread_cond_wait",
                            .function = "os::PlatformMonitor::wait(long)",
                            .module = "libjvm.so"};
    struct ps_loss_row lost[] = {
        {.kind = PS_LOSS_LOCK,
         .place = {.library = "ObjectMonitor::enter", .function = "Book.submit"},
         .spun = 0.6},
        {.kind = PS_LOSS_LOCK,
         .place = {.library = "ObjectMonitor::enter", .function = "Log.write"},
         .spun = 0.1},
        {.kind = PS_LOSS_STARVED,
         .place = {.function = "Book.risk", .module = "[jit]"},
         .object = "condition",
         .waiter = &idle,
         .idle = 1}};
    struct ps_diagnosis base = {.executions = 1, .wall = 1};
    struct ps_diagnosis own = {
        .executions = 1, .wall = 1, .code = code, .code_count = 1, .losses = lost, .loss_count = 3};

    f->runtimes = PS_RUNTIME_JAVA;
    diagnosed_beside(f, &own, 0.7, &base);
    assert_said(f, "cause",
                "Lock: threads waited for a monitor (synchronized) in ObjectMonitor::enter(), "
                "called from Book.submit(): 1.25 of 2 cores lost. A thread dump (jstack)");
    /* The program's own threads wait for something else. */
    idle.function = "os::PlatformEvent::park()";
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, 0.7, &base);
    assert_true(is_said(f, "Book.submit(): 0.75 of 2 cores lost"));
    assert_true(is_said(f, "while others were in Book.risk(): 0.50 of 2 cores lost"));
    f->runtimes = 0;
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, 0.7, &base);
    assert_false(is_said(f, "synchronized"));
}

/* What a function takes that does nothing but call the kernel says nothing of memory. */
static void test_more_time_in_a_call(void **state)
{
    struct fixture *f = *state;
    struct ps_code_row then = {.place = {.function = "list", .library = "__close_nocancel"},
                               .cpu_time = 0.1,
                               .kernel = NAN},
                       now = {.place = {.function = "list", .library = "__close_nocancel"},
                              .cpu_time = 0.5,
                              .kernel = NAN};
    struct ps_diagnosis base = {.executions = 1, .wall = 1, .code = &then, .code_count = 1};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .code = &now, .code_count = 1};

    diagnosed_beside(f, &own, NAN, &base);
    assert_said(f, "cause",
                "More kernel time: system calls take more of it with more threads, in "
                "__close_nocancel(), called from list()");
}

/* A function and what the compiler made of a part of it are one to who reads. */
static void test_one_cause_in_the_same_words(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row lost[] = {
        {.kind = PS_LOSS_RUNTIME,
         .place = {.library = "libgomp.so.1.0.0", .function = "main", .file = "x.c", .line = 17},
         .spun = 0.9},
        {.kind = PS_LOSS_RUNTIME,
         .place = {.library = "libgomp.so.1.0.0",
                   .function = "main._omp_fn.1",
                   .file = "x.c",
                   .line = 17,
                   .caller = "main",
                   .caller_file = "x.c",
                   .caller_line = 17},
         .spun = 0.1}};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = lost, .loss_count = 2};

    diagnosed_at(f, &own, 0.9);
    assert_said(f, "cause", "called from main() (x.c:17): 1.00 of 2 cores lost.");
}

/* The lock of the address space lets one go before the other: who then has more left to do has no
 * larger share. Much more of it than the pages cost is. */
static void test_uneven_by_page_faults(void **state)
{
    struct fixture *f = *state;
    struct ps_code_row then[] = {{.place = {.function = "fill"}, .cpu_time = 0.6, .faults = 40000}},
                       now[] = {{.place = {.function = "fill"}, .cpu_time = 0.8, .faults = 40000}};
    struct ps_loss_row late = {
        .kind = PS_LOSS_IMBALANCE, .place = {.function = "fill"}, .idle = 0.3};
    struct ps_diagnosis base = {.executions = 1, .wall = 1, .code = then, .code_count = 1};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .threaded = true,
                               .code = now,
                               .code_count = 1,
                               .losses = &late,
                               .loss_count = 1};
    struct ps_metric metrics[] = {{"speedup", "1", 1.2, NAN, NAN},
                                  {"cpus_used", "1", 1.7, NAN, NAN}};

    diagnosed_with(f, &own, &base, metrics, 2);
    assert_true(is_said(f, "(40000 a second): 0.50 of 2 cores lost."));
    assert_false(is_said(f, "Uneven shares"));
    metrics[0].value = 1.1;
    metrics[1].value = 1.3;
    f->result.finding_count = 0;
    diagnosed_with(f, &own, &base, metrics, 2);
    assert_true(is_said(f, "(40000 a second): 0.20 of 2 cores lost."));
    assert_true(is_said(f, "Uneven shares"));
    /* Processes have no such lock in common. */
    metrics[1].value = 1.7;
    own.threaded = false;
    f->result.finding_count = 0;
    diagnosed_with(f, &own, &base, metrics, 2);
    assert_true(is_said(f, "Uneven shares"));
}

static void test_the_calls_of_a_lock_belong_to_it(void **state)
{
    struct fixture *f = *state;
    struct ps_code_row now[] = {{.place = {.function = "g", .library = "__pthread_mutex_unlock"},
                                 .cpu_time = 0.4,
                                 .kernel = 0.4}};
    struct ps_loss_row lost[] = {{.kind = PS_LOSS_LOCK, .place = {.function = "f"}, .idle = 0.5}};
    struct ps_diagnosis base = {.executions = 1, .wall = 1};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .kernel_time = 0.4,
                               .system = 0.4,
                               .code = now,
                               .code_count = 1,
                               .losses = lost,
                               .loss_count = 1};

    diagnosed_beside(f, &own, 0.5, &base);
    assert_true(is_said(f, "1.30 of 2 cores lost."));
    assert_false(is_said(f, "More kernel time"));
}

/* Advice is about what was called, and speaks of counters where there are some. */
static void test_advice_by_what_there_is(void **state)
{
    static const struct {
        const char *library, *advice;
    } locks[] = {{"malloc", "Allocate less often"},   {"_IO_fgets", "a stream or a buffer"},
                 {"__tz_convert", "the time zone"},   {"pthread_mutex_lock", "Hold it for less"},
                 {"setlocale", "Call it less often"}, {NULL, "Hold it for less time"}};
    struct fixture *f = *state;
    struct ps_loss_row lock = {.kind = PS_LOSS_LOCK, .place = {.function = "f"}, .idle = 1};
    struct ps_code_row then = {.place = {.function = "g"}, .cpu_time = 0.2},
                       now = {.place = {.function = "g"}, .cpu_time = 1.2};
    struct ps_diagnosis base = {.executions = 1, .wall = 1, .code = &then, .code_count = 1},
                        own = {.executions = 1, .wall = 1, .losses = &lock, .loss_count = 1},
                        busy = {.executions = 1, .wall = 1, .code = &now, .code_count = 1};

    for (size_t i = 0; i < sizeof locks / sizeof *locks; i++) {
        lock.place.library = locks[i].library;
        f->result.finding_count = 0;
        diagnosed_at(f, &own, 1.5);
        assert_true(is_said(f, locks[i].advice));
    }
    diagnosed_beside(f, &busy, 0.5, &base);
    assert_true(is_said(f, "some work more than once."));
    assert_false(is_said(f, "Hardware counters"));
    f->plan.fake = (void *)f; /* scripted counters, which nobody reads here */
    f->result.finding_count = 0;
    diagnosed_beside(f, &busy, 0.5, &base);
    assert_true(is_said(f, "Hardware counters tell which."));
}

/* Atomic operations: a lock's in a function of the C library, what was asked for in a language's.
 */
static void test_the_c_library_locks(void **state)
{
    struct fixture *f = *state;
    struct ps_code_row then[] = {{.place = {.function = "f", .library = "rand"}, .cpu_time = 0.2}},
                       now[] = {{.place = {.function = "f", .library = "rand"},
                                 .cpu_time = 1.2,
                                 .atomic = 1}};
    struct ps_loss_row late[] = {
        {.kind = PS_LOSS_IMBALANCE, .place = {.function = "f"}, .idle = 1}};
    struct ps_diagnosis base = {.executions = 1, .wall = 1, .code = then, .code_count = 1};
    struct ps_diagnosis own = {
        .executions = 1, .wall = 1, .code = now, .code_count = 1, .losses = late, .loss_count = 1};

    diagnosed_beside(f, &own, 0.5, &base);
    assert_said(f, "cause",
                "Lock: threads waited for a lock in rand(), called from f(): 1.50 of 2");
    assert_true(is_said(f, "Give each thread a generator of its own"));
    now[0].place.library = then[0].place.library = "std::atomic<int>::fetch_add";
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, 0.5, &base);
    assert_true(is_said(f, "Atomic operations: "));
    assert_false(is_said(f, "Lock: "));
}

/* Who makes tasks, or holds the lock, has more left to do when the others are done. */
static void test_uneven_shares_by_what_hands_out(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row lost[] = {
        {.kind = PS_LOSS_IMBALANCE, .place = {.function = "fib"}, .idle = 0.6},
        {.kind = PS_LOSS_TASKS, .place = {.function = "fib", .library = "GOMP_task"}, .idle = 0.1},
        {.kind = PS_LOSS_TASKS, .place = {.function = "fib", .library = "GOMP_x"}, .idle = 0.1}};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = lost, .loss_count = 3};

    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause", "Small tasks: ");
    /* In what tasks call too: their advice would contradict each other. */
    lost[0].place.function = "called";
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_false(is_said(f, "Uneven shares: "));
    /* The program's own lock, around work that it calls. */
    lost[0].place = (struct ps_place){.function = "crunch", .caller = "deposit"};
    lost[1].place = (struct ps_place){.function = "SpinLock::lock", .caller = "deposit"};
    lost[1].kind = PS_LOSS_SPIN;
    lost[1].idle = 0.2;
    own.loss_count = 2;
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause", "Waiting loop: threads tried again and again in SpinLock::lock()");
    lost[1].place.caller = "elsewhere";
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_true(is_said(f, "Uneven shares: "));
    /* Who starts the threads waits for their end meanwhile. */
    lost[0].kind = PS_LOSS_TURNS;
    lost[1] =
        (struct ps_loss_row){.kind = PS_LOSS_LOCK,
                             .place = {.function = "deposit", .library = "pthread_mutex_lock"},
                             .idle = 0.4};
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause", "Lock: ");
    assert_false(is_said(f, "Taking turns: "));
}

/* Who hands out too little work at a time is told to hand out more, and not also less. */
static void test_small_regions_are_uneven(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row lost[] = {{.kind = PS_LOSS_RUNTIME,
                                  .place = {.function = "align", .library = "libgomp.so.1"},
                                  .idle = 0.3},
                                 {.kind = PS_LOSS_IMBALANCE,
                                  .place = {.function = "align._omp_fn.0", .caller = "align"},
                                  .idle = 0.2}};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = lost, .loss_count = 2};

    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause",
                "Parallel runtime: starting and ending parallel regions, from OpenMP's");
    lost[1].idle = 0.4;
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_true(is_said(f, "Uneven shares: "));
}

/* What regions take in, all in all, is no more than what they cost themselves. */
static void test_small_regions_have_a_bound(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row lost[] = {
        {.kind = PS_LOSS_RUNTIME,
         .place = {.function = "align", .library = "libgomp.so.1"},
         .idle = 0.3},
        {.kind = PS_LOSS_IMBALANCE, .place = {.function = "score", .caller = "align"}, .idle = 0.2},
        {.kind = PS_LOSS_IMBALANCE, .place = {.function = "trace", .caller = "align"}, .idle = 0.2},
        {.kind = PS_LOSS_SERIAL, .place = {.function = "align"}, .idle = 0.2},
    };
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = lost, .loss_count = 2};

    diagnosed_at(f, &own, 1.5);
    assert_false(is_said(f, "Uneven shares: "));
    own.loss_count = 4;
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.1);
    assert_true(is_said(f, "Parallel runtime: "));
    assert_true(is_said(f, "Uneven shares: "));
    assert_true(is_said(f, "Serial part: "));
}

/* Brief waits at the barrier are no lock's. */
static void test_brief_waits_are_used_once(void **state)
{
    struct fixture *f = *state;
    const struct ps_place barrier = {.function = "grow", .library = "pthread_barrier_wait"};
    struct ps_loss_row lost[] = {
        {.kind = PS_LOSS_IMBALANCE, .place = barrier, .idle = 0.4},
        {.kind = PS_LOSS_IMBALANCE, .place = {.function = "work", .caller = "run"}, .idle = 0.3}};
    struct ps_code_row now = {.place = {.function = "run", .library = "mtx_unlock"}, .kernel = NAN};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .brief = 0.3,
                               .losses = lost,
                               .loss_count = 2,
                               .code = &now,
                               .code_count = 1};

    diagnosed_at(f, &own, 0.9);
    assert_true(is_said(f, "Small steps: "));
    assert_true(is_said(f, "Uneven shares: "));
    assert_false(is_said(f, "Lock: "));
}

/* What is told of all causes comes to no more than what was lost. */
static void test_all_causes_have_a_bound(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row lost[] = {
        {.kind = PS_LOSS_SPIN, .place = {.function = "first"}, .spun = 0.4},
        {.kind = PS_LOSS_SPIN, .place = {.function = "second"}, .spun = 0.3},
        {.kind = PS_LOSS_SPIN, .place = {.function = "third"}, .spun = 0.3}};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = lost, .loss_count = 3};

    diagnosed_at(f, &own, 1.5);
    assert_true(is_said(f, "first(): 0.40 of 2 cores lost"));
    assert_true(is_said(f, "second(): 0.10 of 2 cores lost"));
    assert_false(is_said(f, "third()"));
}

/* Waiting for a pipe takes no time in the kernel. */
static void test_calls_take_what_the_kernel_counts(void **state)
{
    struct fixture *f = *state;
    struct ps_code_row then = {.place = {.function = "sort", .library = "read"}, .kernel = 0.01},
                       now = {.place = {.function = "sort", .library = "read"}, .kernel = 0.4};
    struct ps_diagnosis base = {.executions = 1,
                                .wall = 1,
                                .kernel_time = 0.1,
                                .system = 0.1,
                                .code = &then,
                                .code_count = 1};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .kernel_time = 0.5,
                               .system = 0.11,
                               .code = &now,
                               .code_count = 1};

    diagnosed_beside(f, &own, 0.5, &base);
    assert_false(is_said(f, "More kernel time: "));
    own.system = 0.5;
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, 0.5, &base);
    assert_true(is_said(f, "More kernel time: "));
}

/* Slower than one thread, with many short waits at a barrier: no share is too large. */
static void test_a_barrier_after_each_small_step(void **state)
{
    struct fixture *f = *state;
    const struct ps_place barrier = {.function = "grow", .library = "pthread_barrier_wait"};
    struct ps_loss_row lost[] = {
        {.kind = PS_LOSS_IMBALANCE,
         .place = {.function = "diffuse"},
         .waiter = &barrier,
         .object = "barrier",
         .idle = 0.3},
        {.kind = PS_LOSS_IMBALANCE, .place = barrier, .idle = 0.1},
        {.kind = PS_LOSS_IMBALANCE, .place = {.function = "mix", .caller = "grow"}, .idle = 0.1}};
    struct ps_diagnosis own = {
        .executions = 1, .wall = 1, .brief = 0.4, .losses = lost, .loss_count = 3};

    diagnosed_at(f, &own, 0.3);
    assert_true(is_said(f, "Small steps: threads meet at a barrier more often than their work is "
                           "worth, in pthread_barrier_wait(), called from grow(): 0.50 of 2"));
    assert_false(is_said(f, "Uneven shares: "));
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_true(is_said(f, "Uneven shares: threads waited at a barrier"));
}

/* Where it names none, its functions are one place, whatever they call. */
static void test_an_interpreter_is_one_place(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row lost[] = {
        {.kind = PS_LOSS_SERIAL, .place = {.module = "python3.11"}, .idle = 0.2},
        {.kind = PS_LOSS_SERIAL,
         .place = {.module = "python3.11", .library = "memset"},
         .idle = 0.2}};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = lost, .loss_count = 2};

    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause", "Serial part: one thread worked alone in python3.11: 0.50 of 2");
    /* Another worker has nothing left to do. */
    lost[0].kind = PS_LOSS_IMBALANCE;
    lost[1].kind = PS_LOSS_STARVED;
    lost[1].object = "pipe";
    lost[1].waiter = &(const struct ps_place){.module = "python3.11", .library = "read"};
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause",
                "Uneven shares: threads had finished while others were still in "
                "python3.11: 0.50 of 2");
    lost[0].kind = lost[1].kind = PS_LOSS_SERIAL;
    lost[1].waiter = NULL;
    lost[0].place.module = lost[1].place.module = "mawk"; /* without symbols */
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause", "Serial part: one thread worked alone in mawk: 0.50 of 2");
}

/* Of waits that are over before somebody looks there are their number and length, and the lock on
 * the CPU. */
static void test_brief_waits_are_those_of_a_lock(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row late = {
        .kind = PS_LOSS_IMBALANCE, .place = {.function = "work", .caller = "run"}, .idle = 0.5};
    struct ps_code_row now = {
        .place = {.function = "run", .library = "mtx_unlock"}, .cpu_time = 0.01, .kernel = NAN};
    struct ps_diagnosis base = {.executions = 1, .wall = 1, .code = &now, .code_count = 1};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .brief = 0.4,
                               .losses = &late,
                               .loss_count = 1,
                               .code = &now,
                               .code_count = 1};

    diagnosed_beside(f, &own, 1.5, &base);
    assert_said(f, "cause",
                "Lock: threads waited for a lock that is given back in mtx_unlock(), called from "
                "run(): 0.50 of 2");
    assert_false(is_said(f, "Uneven shares: "));
    late.kind = PS_LOSS_SERIAL;
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, 1.5, &base);
    assert_said(f, "cause", "Lock: ");
    assert_false(is_said(f, "Serial part: "));
    late.kind = PS_LOSS_IMBALANCE;
    own.brief = 0.01;
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, 1.5, &base);
    assert_said(f, "cause", "Uneven shares: ");
    own.brief = 0.4; /* elsewhere */
    now.place.function = "log";
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, 1.5, &base);
    assert_said(f, "cause", "Uneven shares: ");
}

static void test_brief_waits_that_no_look_met(void **state)
{
    struct fixture *f = *state;
    struct ps_code_row now[] = {{.place = {.function = "run", .library = "pthread_mutex_lock"},
                                 .cpu_time = 0.01,
                                 .kernel = NAN},
                                {.place = {.function = "run", .library = "pthread_cond_wait"},
                                 .cpu_time = 0.02,
                                 .kernel = NAN}};
    struct ps_diagnosis own = {
        .executions = 1, .wall = 1, .brief = 0.4, .code = now, .code_count = 1};

    diagnosed_at(f, &own, 1.6);
    assert_said(f, "cause",
                "Lock: threads waited for a lock in pthread_mutex_lock(), called from run(): 0.40");
    /* The lock of a condition. */
    own.code_count = 2;
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.6);
    assert_false(is_said(f, "Lock: "));
}

/* A function that ends with giving it back is gone by then. */
static void test_given_back_by_the_caller(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row lost[] = {
        {.kind = PS_LOSS_LOCK,
         .place = {.function = "run", .library = "pthread_mutex_unlock"},
         .idle = 0.4},
        {.kind = PS_LOSS_LOCK,
         .place = {.function = "insert", .library = "pthread_mutex_lock", .caller = "run"},
         .idle = 0.1}};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = lost, .loss_count = 2};

    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause",
                "Lock: threads waited for a lock in pthread_mutex_lock(), called from insert(), "
                "called from run(): 0.50 of 2");
}

/* Both sides of a queue, and what is seen between two turns, are one cause. */
static void test_taking_turns(void **state)
{
    struct fixture *f = *state;
    struct ps_place push = {.function = "push"}, pop = {.function = "pop"};
    struct ps_loss_row lost[] = {
        {.kind = PS_LOSS_TURNS, .place = {.function = "decode"}, .waiter = &pop, .idle = 0.3},
        {.kind = PS_LOSS_TURNS, .place = {.function = "price"}, .waiter = &push, .idle = 0.1},
        {.kind = PS_LOSS_CONDITION, .place = {.function = "push"}, .idle = 0.05},
        {.kind = PS_LOSS_SERIAL, .place = {.function = "decode"}, .idle = 0.05}};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = lost, .loss_count = 4};

    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause",
                "Taking turns: threads waited in pop(), while one other was in decode(), and in "
                "push() while one was in price(): 0.50 of 2");
    assert_int_equal(f->result.finding_count, 1);
    /* Less than the turns by themselves, whatever was joined to them before. */
    lost[2].idle = 0.35;
    lost[3].idle = 0.25;
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_true(is_said(f, "Waiting for each other: "));
}

static void test_pages_of_threads(void **state)
{
    struct fixture *f = *state;
    struct ps_code_row then = {.place = {.function = "f"}, .faults = 20000},
                       now = {.place = {.function = "f"}, .faults = 21000};
    struct ps_diagnosis base = {
        .executions = 1, .wall = 1, .kernel_time = 0.1, .code = &then, .code_count = 1};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .kernel_time = 0.5,
                               .code = &now,
                               .code_count = 1,
                               .threaded = true};

    diagnosed_beside(f, &own, NAN, &base);
    assert_said(f, "cause", "touching memory for the first time costs more with more threads, in");
    assert_true(is_said(f, "page faults wait for each other"));
    /* Threads have buffers of their own: nothing says that they wait for each other. */
    now.faults = 50000;
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, NAN, &base);
    assert_said(f, "cause",
                "Page faults: 2.5 times as many pages of memory as with one thread are touched, in "
                "f() (50000 a second): 0.40 of 2 cores lost. Keep memory and reuse it");
}

/* Where one without names waits for another, it says nothing that who had no work does not. */
static void test_waits_without_names(void **state)
{
    struct fixture *f = *state;
    struct ps_place waiter = {.library = "pthread_cond_wait", .module = "libx.so.1"};
    struct ps_loss_row lost = {
        .kind = PS_LOSS_STARVED, .place = {.module = "libx.so.1"}, .waiter = &waiter, .idle = 0.5};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = &lost, .loss_count = 1};

    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause",
                "Waiting for work: threads had nothing to do while others were in libx.so.1: 0.50");
    lost.kind = PS_LOSS_SERIAL;
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause", "Serial part: one thread worked alone in libx.so.1: 0.50");
    waiter.function = "take";
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause",
                "in libx.so.1, while others waited in pthread_cond_wait(), called from "
                "take(): 0.50");
}

/* Once, and not of what has them. */
static void test_debug_symbols_are_asked_for(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row late[] = {
        {.kind = PS_LOSS_IMBALANCE, .place = {.module = "libx.so.1"}, .idle = 1},
        {.kind = PS_LOSS_SERIAL, .place = {.module = "prog", .library = "memchr"}, .idle = 1}};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = late, .loss_count = 2};

    diagnosed_at(f, &own, 1.5);
    assert_int_equal(f->result.finding_count, 2);
    assert_non_null(strstr(f->result.findings[0].text,
                           " Debug symbols of libx.so.1 (-g, -dbgsym packages) would name its "
                           "functions."));
    assert_null(strstr(f->result.findings[1].text, "Debug symbols"));
    late[0].place.function = late[1].place.function = "f";
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_false(is_said(f, "Debug symbols"));
}

/* Threads share an address space, processes do not: there a page costs what it does with one. */
static void test_pages_of_processes(void **state)
{
    struct fixture *f = *state;
    struct ps_code_row then = {.place = {.function = "f"}, .faults = 40000},
                       now = {.place = {.function = "f"}, .faults = 40000};
    struct ps_diagnosis base = {
        .executions = 1, .wall = 1, .kernel_time = 0.1, .code = &then, .code_count = 1};
    struct ps_diagnosis own = {
        .executions = 1, .wall = 1, .kernel_time = 0.5, .code = &now, .code_count = 1};

    diagnosed_beside(f, &own, NAN, &base);
    assert_int_equal(f->result.finding_count, 0);
    own.threaded = true;
    diagnosed_beside(f, &own, NAN, &base);
    assert_said(f, "cause", "Page faults: ");
    /* Of a pool of processes one has threads of its own. */
    own.processes = true;
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, NAN, &base);
    assert_int_equal(f->result.finding_count, 0);
}

/* Who is still taking the lock is not at work. */
static void test_late_in_a_lock(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row late = {.kind = PS_LOSS_IMBALANCE,
                               .place = {.function = "run", .library = "pthread_mutex_lock"},
                               .idle = 0.5};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = &late, .loss_count = 1};

    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause", "Lock: threads waited for a lock in pthread_mutex_lock(), called from");
}

/* Kernel time is shared out by the calls: what puts threads to sleep is in it. */
static void test_calls_under_a_lock_are_no_cause(void **state)
{
    struct fixture *f = *state;
    struct ps_code_row then = {.place = {.function = "log", .library = "write"}, .kernel = 0.1};
    struct ps_code_row now[] = {
        {.place = {.function = "log", .library = "write"}, .kernel = 0.5},
        {.place = {.function = "log", .library = "mtx_lock"}, .cpu_time = 0.01, .kernel = NAN}};
    struct ps_diagnosis base = {.executions = 1,
                                .wall = 1,
                                .kernel_time = 0.1,
                                .system = 0.1,
                                .code = &then,
                                .code_count = 1};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .kernel_time = 0.55,
                               .system = 0.55,
                               .brief = 0.4,
                               .code = now,
                               .code_count = 2};

    diagnosed_beside(f, &own, 1.5, &base);
    assert_true(is_said(f, "Lock: threads waited for a lock in mtx_lock(), called from log(): "));
    assert_false(is_said(f, "More kernel time: "));
    own.kernel_sampled = true;
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, 1, &base);
    assert_true(is_said(f, "More kernel time: "));
}

/* One function takes as many times the CPU time as there are threads, the other takes as much as
 * before: nothing that they compete for does that, unless the first waits for memory. */
static void test_each_thread_does_it_again(void **state)
{
    struct fixture *f = *state;
    struct ps_code_row then[] = {{.place = {.function = "learn"}, .cpu_time = 0.4},
                                 {.place = {.function = "read"}, .cpu_time = 0.4}};
    struct ps_code_row now[] = {{.place = {.function = "learn"}, .cpu_time = 0.8},
                                {.place = {.function = "read"}, .cpu_time = 0.42}};
    struct ps_diagnosis base = {
        .executions = 1, .wall = 1, .samples = 160, .sampled = 0.8, .code = then, .code_count = 2};
    struct ps_diagnosis own = {
        .executions = 1, .wall = 1, .samples = 244, .sampled = 1.22, .code = now, .code_count = 2};

    diagnosed_beside(f, &own, 1.5, &base);
    assert_true(
        is_said(f, "Repeated work: each thread seems to do all of it again, in learn(), 2.0 times "
                   "that with one thread: 0.40 of 2 cores lost. Do it once"));
    now[0].loads = 0.6;
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, 1.5, &base);
    assert_true(is_said(f, "More CPU time: "));
    assert_false(is_said(f, "Repeated work: "));
    now[0].loads = 0;
    now[1].cpu_time = 0.8; /* all of it */
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, 1.1, &base);
    assert_false(is_said(f, "Repeated work: "));
    now[1].cpu_time = 0.42;
    now[0].cpu_time = 0.6;
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, 1.5, &base);
    assert_false(is_said(f, "Repeated work: "));
    now[0].cpu_time = 0.8;
    own.samples = base.samples = 20; /* too few to tell */
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, 1.5, &base);
    assert_false(is_said(f, "Repeated work: "));
}

static void test_threads_for_each_piece(void **state)
{
    struct fixture *f = *state;
    struct ps_thread_row threads = {.name = "work", .count = 3000};
    struct ps_code_row now = {
        .place = {.function = "run", .library = "std::async"}, .cpu_time = 0.01, .faults = 50000};
    struct ps_diagnosis base = {.executions = 1, .wall = 1};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .kernel_time = 0.8,
                               .system = 0.8,
                               .code = &now,
                               .code_count = 1,
                               .threads = &threads,
                               .thread_count = 1};

    diagnosed_beside(f, &own, NAN, &base);
    assert_said(f, "cause",
                "New threads: starting and ending threads takes time, in std::async(), called from "
                "run() (3000 a second): 0.30 of 2 cores lost.");
    /* A few that are started once, in a moment. */
    own.wall = base.wall = 0.01;
    threads.count = 7;
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, NAN, &base);
    assert_false(is_said(f, "New threads: "));
    own.wall = base.wall = 1;
    threads.count = 3000;
    now.place.library = "core::clone::Clone::clone"; /* of what is no thread */
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, NAN, &base);
    assert_false(is_said(f, "New threads: "));
    now.place.library = "std::async";
    threads.count = 3;
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, NAN, &base);
    assert_said(f, "cause", "Page faults: ");
}

/* They are over before they have a sample: only who waits for them is seen, and the one sample that
 * there is tells nothing. */
static void test_threads_that_nobody_sees(void **state)
{
    struct fixture *f = *state;
    struct ps_thread_row threads = {.name = "work", .count = 9000};
    struct ps_code_row now = {.place = {.function = "load"}, .cpu_time = 0.5, .alone = 0.5};
    struct ps_loss_row lost[] = {
        {.kind = PS_LOSS_SERIAL, .place = {.function = "load"}, .idle = 0.2},
        {.kind = PS_LOSS_CONDITION,
         .place = {.function = "filter", .library = "std::future::get"},
         .idle = 0.2},
        {.kind = PS_LOSS_CONDITION, .place = {.library = "libc.so.6"}, .idle = 0.1}};
    struct ps_diagnosis base = {.executions = 1, .wall = 1};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .samples = 1,
                               .sampled = 0.5,
                               .used = 1.5,
                               .cpu_time = 1,
                               .kernel_time = 0.5,
                               .system = 0.8,
                               .code = &now,
                               .code_count = 1,
                               .losses = lost,
                               .loss_count = 3,
                               .threads = &threads,
                               .thread_count = 1};

    diagnosed_beside(f, &own, 0.5, &base);
    assert_true(is_said(f, "New threads: starting threads and waiting for their end takes time, in "
                           "std::future::get(), called from filter() (9000 a second): 1.1"));
    assert_false(is_said(f, "Serial part: "));
    assert_false(is_said(f, "Not all observed: "));
    threads.count = 9;
    own.samples = 50;
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, 0.5, &base);
    assert_true(is_said(f, "More CPU time: "));
    assert_true(is_said(f, "Serial part: "));
    assert_true(is_said(f, "Not all observed: "));
}

/* What they cost at most is far less than the kernel's time: that is the lock's. */
static void test_few_page_faults(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row lost = {
        .kind = PS_LOSS_LOCK, .place = {.function = "emit", .library = "fputc"}, .idle = 0.3};
    struct ps_code_row now = {.place = {.function = "raise"}, .cpu_time = 0.01, .faults = 1400};
    struct ps_diagnosis base = {.executions = 1, .wall = 1};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .threaded = true,
                               .kernel_time = 0.7,
                               .system = 0.7,
                               .code = &now,
                               .code_count = 1,
                               .losses = &lost,
                               .loss_count = 1};

    diagnosed_beside(f, &own, 0.5, &base);
    assert_said(f, "cause", "Lock: threads waited for a lock in fputc(), called from emit(): 1.2");
    assert_false(is_said(f, "Page faults: "));
    now.faults = 140000;
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, 0.5, &base);
    assert_true(is_said(f, "Page faults: "));
}

/* Its atomic operations are no lock's. */
static void test_a_barrier_is_no_lock(void **state)
{
    struct fixture *f = *state;
    const struct ps_place barrier = {.function = "grow", .library = "pthread_barrier_wait"};
    struct ps_loss_row lost = {.kind = PS_LOSS_IMBALANCE, .place = barrier, .idle = 0.4};
    struct ps_code_row now = {.place = barrier, .cpu_time = 0.3, .atomic = 0.3, .kernel = NAN};
    struct ps_diagnosis base = {.executions = 1, .wall = 1};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .brief = 0.4,
                               .losses = &lost,
                               .loss_count = 1,
                               .code = &now,
                               .code_count = 1};

    diagnosed_beside(f, &own, 0.5, &base);
    assert_true(is_said(f, "Small steps: "));
    assert_true(is_said(f, "0.80 of 2 cores lost"));
    assert_false(is_said(f, "Lock: "));
}

static void test_an_interpreter_is_asked_for_names(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row late[] = {
        {.kind = PS_LOSS_IMBALANCE, .place = {.module = "python3.11"}, .idle = 1},
        {.kind = PS_LOSS_SERIAL, .place = {.module = "libpython3.11.so.1.0"}, .idle = 1}};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = late, .loss_count = 2};

    diagnosed_at(f, &own, 1.5);
    assert_int_equal(f->result.finding_count, 2);
    assert_non_null(strstr(f->result.findings[0].text, "if it is run with -X perf."));
    assert_null(strstr(f->result.findings[1].text, "-X perf")); /* once */
    own.loss_count = 1;
    late[0].place.module = "python-parser";
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_false(is_said(f, "-X perf"));
    late[0].place.function = "py::work:/home/me/x.py";
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause", "in work() (x.py): ");
    assert_false(is_said(f, "-X perf"));
    late[0].place = (struct ps_place){.module = "[anon]"};
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause", "in code made at run time: ");
    assert_false(is_said(f, "DumpPerfMapAtExit"));
    f->runtimes = PS_RUNTIME_JAVA;
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause", "-XX:+DumpPerfMapAtExit.");
}

/* What comes to more than was lost with what was named before is passed over, and what comes next
 * is told; where nothing was lost there are no causes. */
static void test_no_cause_beyond_the_loss(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row rows[] = {
        {.kind = PS_LOSS_LOCK, .place = {.function = "put"}, .idle = 0.3},
        {.kind = PS_LOSS_SERIAL, .place = {.function = "sum"}, .idle = 0.2}};
    struct ps_code_row then = {.place = {.function = "work"}, .cpu_time = 0.1, .kernel = NAN},
                       now = {.place = {.function = "work"}, .cpu_time = 0.38, .kernel = NAN};
    struct ps_diagnosis base = {.executions = 1, .wall = 1, .code = &then, .code_count = 1};
    struct ps_diagnosis own = {
        .executions = 1, .wall = 1, .losses = rows, .loss_count = 2, .code = &now, .code_count = 1};

    diagnosed_beside(f, &own, 1.5, &base);
    assert_true(is_said(f, "Lock: "));
    assert_true(is_said(f, "Serial part: "));
    assert_false(is_said(f, "More CPU time: "));
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, 2.02, &base);
    assert_false(is_said(f, "Lock: "));
}

/* Of a function without lines, where it is most of the time says more than its name. */
static void test_parts_of_a_function(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row rows[] = {{.kind = PS_LOSS_SERIAL,
                                  .place = {.function = "main", .library = "std::__introsort_loop"},
                                  .idle = 0.3},
                                 {.kind = PS_LOSS_SERIAL,
                                  .place = {.function = "main", .library = "std::__insertion_sort"},
                                  .idle = 0.2}};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = rows, .loss_count = 2};

    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause", "in std::__introsort_loop(), called from main(): 0.50 of 2");
    for (int i = 0; i < 2; i++) {
        rows[i].place.file = "m.c";
        rows[i].place.line = 7;
    }
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_said(f, "cause", "in main() (m.c:7): 0.50 of 2");
}

/* Java's threads wait for a collection in several ways; its own compilers run beside it. */
static void test_garbage_collection(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row rows[] = {
        {.kind = PS_LOSS_LOCK,
         .place = {.function = "Mutex::lock", .module = "libjvm.so"},
         .idle = 0.3},
        {.kind = PS_LOSS_SLEEP, .place = {.function = "pause", .module = "[anon]"}, .idle = 0.1}};
    struct ps_code_row code[] = {
        {.place = {.function = "compile", .module = "libjvm.so"}, .cpu_time = 0.4, .alone = 0.1},
        {.place = {.function = "mark", .module = "libjvm.so"}, .cpu_time = 0.3, .alone = 0.3}};
    struct ps_thread_row threads[] = {{.name = "C2 CompilerThre", .alone = 0.1},
                                      {.name = "VM Thread", .alone = 0.3}};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .losses = rows,
                               .loss_count = 2,
                               .code = code,
                               .code_count = 2,
                               .threads = threads,
                               .thread_count = 2};

    diagnosed_at(f, &own, 1.5);
    assert_true(is_said(f, "Lock: "));
    f->runtimes = PS_RUNTIME_JAVA;
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_true(is_said(f, "Garbage collection: the program stood still while one thread of "
                           "Java's was in mark(): 0.30 of 2 cores lost."));
    assert_false(is_said(f, "Lock: "));
    assert_true(is_said(f, "Sleep: "));
    /* What compiles alone for longer is a loss of its own, and where the collector is isn't known.
     */
    rows[0].kind = PS_LOSS_SERIAL;
    rows[0].place.function = "compile";
    threads[0].alone = 0.4;
    threads[1].alone = 0.075;
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_true(is_said(f, "Serial part: one thread worked alone in compile(): 0.30 of 2"));
    assert_true(is_said(f, "one thread of Java's was in libjvm.so: 0.0"));
}

/* The same twice would only be longer; pipes have numbers that tell nobody anything. */
static void test_advice_is_given_once(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row rows[] = {
        {.kind = PS_LOSS_READ, .place = {.function = "a"}, .object = "pipe:[123]", .idle = 2},
        {.kind = PS_LOSS_READ, .place = {.function = "b"}, .object = "socket:[1]", .idle = 1},
        {.kind = PS_LOSS_SYNC, .place = {.function = "c"}, .object = "log", .idle = 1}};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = rows, .loss_count = 3};

    diagnosed_at(f, &own, 1.5);
    assert_int_equal(f->result.finding_count, 3);
    assert_non_null(
        strstr(f->result.findings[0].text, "in a() (a pipe): 0.25 of 2 cores lost. Read ahead"));
    assert_non_null(strstr(f->result.findings[1].text, "in b() (a socket): 0.12 of 2 cores lost."));
    assert_null(strstr(f->result.findings[1].text, "Read ahead"));
    assert_non_null(strstr(f->result.findings[2].text, "in c() (log): 0.12 of 2 cores lost. Sync"));
}

/* What went on in it meanwhile is what to take out of it. */
static void test_who_holds_a_lock(void **state)
{
    struct fixture *f = *state;
    const struct ps_place holder = {.function = "format", .file = "a.c", .line = 7};
    struct ps_loss_row lost = {.kind = PS_LOSS_LOCK,
                               .place = {.function = "log", .library = "pthread_mutex_lock"},
                               .idle = 0.4,
                               .holder = &holder};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = &lost, .loss_count = 1};

    diagnosed_at(f, &own, 1.6);
    assert_said(f, "cause", "called from log(), held during format() (a.c:7): 0.40");
    assert_true(is_said(f, "Do that outside of the lock, or give each thread its own data."));
}

static void test_a_monitor_of_java(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row lost = {.kind = PS_LOSS_LOCK,
                               .place = {.library = "ObjectMonitor::enter", .module = "[anon]"},
                               .spun = 0.4};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = &lost, .loss_count = 1};

    f->runtimes = PS_RUNTIME_JAVA;
    diagnosed_at(f, &own, 1.5);
    assert_true(is_said(f, "Lock: threads waited for a monitor (synchronized) in libjvm.so: 0.40"));
    assert_true(is_said(f, "-XX:+DumpPerfMapAtExit"));
    lost.place.function = "Book.submit";
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.5);
    assert_true(is_said(f, "Lock: threads waited for a monitor (synchronized) in "
                           "ObjectMonitor::enter(), called from Book.submit(): 0.40"));
}

/* Uneven shares in what it waits for are its. */
static void test_what_a_loop_waits_for(void **state)
{
    struct fixture *f = *state;
    const struct ps_place digest = {.function = "digest"};
    struct ps_loss_row lost[] = {
        {.kind = PS_LOSS_SPIN, .place = {.function = "run"}, .holder = &digest, .spun = 0.4},
        {.kind = PS_LOSS_IMBALANCE, .place = digest, .idle = 0.1}};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = lost, .loss_count = 2};

    diagnosed_at(f, &own, 1.1);
    assert_true(is_said(f, "Waiting loop: threads tried again and again in run(), while another "
                           "was in digest(): 0.9"));
    assert_true(is_said(f, "Do less there"));
    assert_false(is_said(f, "Uneven shares: "));
}

/* Where those work and wait, it is they that are spoken of. */
static void test_processes_are_no_threads(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row lost = {.kind = PS_LOSS_SERIAL, .place = {.function = "pack"}, .idle = 0.4};
    struct ps_diagnosis own = {
        .executions = 1, .wall = 1, .losses = &lost, .loss_count = 1, .processes = true};

    diagnosed_at(f, &own, 1.6);
    assert_said(f, "cause", "Serial part: one process worked alone in pack(): 0.40");
    assert_true(is_said(f, "More processes can't help there"));
    lost.kind = PS_LOSS_IMBALANCE;
    lost.waiter = &(const struct ps_place){.function = "thread_main"};
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.6);
    assert_said(f, "cause", "processes waited at a barrier in thread_main(), while others");
}

static void test_advice_by_what_is_waited_for(void **state)
{
    struct fixture *f = *state;
    const struct ps_place wait = {.function = "load", .library = "__new_sem_wait_slow64"};
    struct ps_loss_row lost = {
        .kind = PS_LOSS_TURNS, .place = {.function = "decode"}, .waiter = &wait, .idle = 0.4};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = &lost, .loss_count = 1};

    diagnosed_at(f, &own, 1.6);
    assert_said(f, "cause", "threads waited in sem_wait(), called from load(), while one other");
    assert_true(is_said(f, "(the semaphore's value)"));
    lost = (struct ps_loss_row){.kind = PS_LOSS_LOCK,
                                .place = {.function = "nearest", .library = "std::call_once"},
                                .holder = &(const struct ps_place){.function = "fill"},
                                .idle = 0.4};
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.6);
    assert_said(f, "cause",
                "Initialisation: threads waited for what is made once, in "
                "std::call_once(), called from nearest(), while one was in fill(): ");
    lost = (struct ps_loss_row){.kind = PS_LOSS_SLEEP,
                                .place = {.function = "tick", .library = "read"},
                                .object = "anon_inode:[timerfd]",
                                .idle = 0.4};
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.6);
    assert_said(f, "cause",
                "Sleep: threads slept in read(), called from tick() (a timer): 0.40 of 2");
    lost = (struct ps_loss_row){
        .kind = PS_LOSS_READ, .place = {.function = "ask"}, .object = "socket:[7]", .idle = 0.4};
    f->result.finding_count = 0;
    diagnosed_at(f, &own, 1.6);
    assert_true(is_said(f, "Ask for several things at once"));
}

/* There is no other function to call for it. */
static void test_the_lock_of_a_file(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row lock = {.kind = PS_LOSS_LOCK,
                               .place = {.function = "post", .library = "flock"},
                               .object = "/var/lib/ledger",
                               .idle = 1};
    struct ps_diagnosis own = {.executions = 1, .wall = 1, .losses = &lock, .loss_count = 1};

    diagnosed_at(f, &own, 1.5);
    assert_said(
        f, "cause",
        "Lock: threads waited for a lock in flock(), called from post() (/var/lib/ledger): ");
    assert_false(is_said(f, "rand_r()"));
}

/* Its one thread waits as much, and that costs no speedup. */
static void test_what_waits_loses_no_cores(void **state)
{
    struct fixture *f = *state;
    struct ps_loss_row sleeps = {
        .kind = PS_LOSS_SLEEP, .place = {.function = "pause"}, .idle = 1.5};
    struct ps_diagnosis d = {.executions = 1, .wall = 1, .losses = &sleeps, .loss_count = 1};
    struct ps_metric metrics[] = {{"cpus_used", "1", 0.5, NAN, NAN},
                                  {"cpu_time", "s", 0.2, NAN, NAN},
                                  {"wall_time", "s", 1, NAN, NAN}};

    diagnosed_with(f, &d, NULL, metrics, 3);
    assert_said(f, "cause", "Sleep: threads slept in pause(): 75 % of its CPUs' time. ");
}

/* They are no functions that only call the kernel. */
static void test_kernel_time_of_a_lock(void **state)
{
    struct fixture *f = *state;
    struct ps_code_row then[] = {{.place = {.function = "f", .library = "std::lock_guard"},
                                  .cpu_time = 0.1,
                                  .kernel = NAN}},
                       now[] = {{.place = {.function = "f", .library = "std::lock_guard"},
                                 .cpu_time = 0.2,
                                 .kernel = NAN}};
    struct ps_diagnosis base = {.executions = 1, .wall = 1, .code = then, .code_count = 1};
    struct ps_diagnosis own = {.executions = 1,
                               .wall = 1,
                               .kernel_time = 0.7,
                               .system = 0.5,
                               .code = now,
                               .code_count = 1};

    diagnosed_beside(f, &own, 0.5, &base);
    assert_true(is_said(f, "Lock: threads waited for a lock in std::lock_guard(), called from f(): "
                           "0.60 of 2 cores lost."));
    now[0].place.library = then[0].place.library = "sqrt";
    f->result.finding_count = 0;
    diagnosed_beside(f, &own, 0.5, &base);
    assert_true(is_said(f, "More CPU time"));
    assert_false(is_said(f, "0.60"));
}

/* A sweep of a program with this serial fraction, and what its timeline shows; and with passive
 * waits another, or NaN: they were not measured. */
static void fractions(struct fixture *f, double fitted, double seen, double passive)
{
    struct ps_diagnosis diagnosis = {.executions = 1, .wall = 1, .serial_fraction = seen};
    struct ps_program_seen program = {.diagnosis = &diagnosis, .runtimes = PS_RUNTIME_LIBGOMP};
    struct ps_series series = {.program = &program};
    struct ps_point point = {.workload = "prog",
                             .workload_label = "prog",
                             .strategy = PS_STRATEGY_PROGRAM,
                             .strategy_label = PS_STRATEGY_PROGRAM,
                             .placement = "spread",
                             .threads = 2};
    struct ps_model models[] = {{.workload_label = "prog",
                                 .strategy_label = PS_STRATEGY_PROGRAM,
                                 .placement = "spread",
                                 .serial_fraction = fitted,
                                 .low = fitted - 0.01,
                                 .high = fitted + 0.01},
                                {.workload_label = "prog",
                                 .strategy_label = "env:wait=passive",
                                 .placement = "spread",
                                 .serial_fraction = passive}};

    f->plan.programs = true;
    f->plan.workload_count = 1;
    f->samples.series = &series;
    f->samples.series_count = f->result.point_count = 1;
    f->result.points = &point;
    f->result.models = models;
    f->result.model_count = isnan(passive) ? 1 : 2;
    find_two_fractions(&f->samples, &f->result);
}

/* Who gave it a thread count is not told where that is set. */
static void test_more_threads_of_java(void **state)
{
    struct fixture *f = *state;
    struct ps_program program = {.takes_threads = true};
    struct ps_plan_workload workload = {.program = &program};
    struct ps_plan_point plan = {.threads = 2};
    struct ps_program_seen seen = {.threads = {.use = PS_THREADS_MORE, .at_once = 3, .above = 0.5},
                                   .runtimes = PS_RUNTIME_JAVA};
    struct ps_series series = {.plan = &plan, .workload = &workload, .program = &seen};
    struct ps_point point = {.workload = "java",
                             .workload_label = "java",
                             .strategy = PS_STRATEGY_PROGRAM,
                             .strategy_label = PS_STRATEGY_PROGRAM,
                             .placement = "spread",
                             .threads = 2};

    f->samples.series = &series;
    f->samples.series_count = f->result.point_count = 1;
    f->result.points = &point;
    find_threads_mismatch(&f->samples, &f->result);
    assert_said(f, "threads-mismatch", "up to 3. Java's garbage collector and its compilers have");
    program.takes_threads = false;
    f->result.finding_count = 0;
    find_threads_mismatch(&f->samples, &f->result);
    assert_said(f, "threads-mismatch", "from -XX:ActiveProcessorCount, and its garbage collector");
}

static void test_two_serial_fractions(void **state)
{
    struct fixture *f = *state;

    fractions(f, 0.3, 0.28, NAN);
    assert_said(f, "two-serial-fractions", NULL);
    finding_concerns(&f->result, finding_say(&f->result, "cause", PS_INFO, "Lock: f"), 0);
    fractions(f, 0.3, 0.05, NAN); /* what is named needs no second witness */
    assert_said(f, "cause", "Lock: f");
    f->result.finding_count = 0;
    finding_concerns(&f->result, finding_say(&f->result, "cause", PS_INFO, "Serial part: f"), 0);
    fractions(f, 0.3, 0.05, NAN);
    assert_true(is_said(f, "Two serial fractions"));
    f->result.finding_count = 0;
    fractions(f, 0.3, 0.05, NAN);
    assert_said(f, "two-serial-fractions", "0.300 by its speedups and 0.050 by the timeline");
    assert_said(f, "two-serial-fractions", "--passive");
    f->result.finding_count = 0;
    fractions(f, 0.3, 0.05, 0.06);
    assert_said(f, "two-serial-fractions", "With passive waits it is 0.060 by the speedups.");
}

static void test_not_observed(void **state)
{
    struct fixture *f = *state;
    struct ps_diagnosis none = {.missing = "the kernel refuses"};

    diagnosed(f, &none);
    assert_said(f, "not-observed", ": the kernel refuses.");
    assert_int_equal(f->result.findings[0].severity, PS_WARNING);
}

static void test_not_all_observed(void **state)
{
    struct fixture *f = *state;
    struct ps_diagnosis some = {.executions = 1, .wall = 1, .cpu_time = 0.95, .used = 1};

    diagnosed(f, &some);
    assert_said(f, "not-all-observed", NULL);
    some.cpu_time = 0.4;
    diagnosed(f, &some);
    assert_said(f, "not-all-observed",
                "60 % of the CPU time was used by processes that could not be observed (set");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_steal_time, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_throttled, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_data_nodes, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_busy_machine, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_a_busy_machine_is_seen_for_long_enough, setup,
                                        fixture_end),
        cmocka_unit_test_setup_teardown(test_neighbours_of_some_cpus, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_skipped, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_not_all_observed, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_what_has_no_name, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_beside_the_load_of_others, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_against_another_program_speedup_is_no_loss, setup,
                                        fixture_end),
        cmocka_unit_test_setup_teardown(test_observed_by_the_timed, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_another_program_is_not_one_thread, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_mapping_belongs_to_page_faults, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_kernel_time_of_a_waiting_loop, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_kernel_samples_of_a_waiting_loop, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_sleeping_and_waking, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_monitors_of_java, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_more_time_in_a_call, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_one_cause_in_the_same_words, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_uneven_by_page_faults, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_the_calls_of_a_lock_belong_to_it, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_advice_by_what_there_is, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_the_c_library_locks, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_uneven_shares_by_what_hands_out, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_the_lock_of_a_file, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_advice_by_what_is_waited_for, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_who_holds_a_lock, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_processes_are_no_threads, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_what_a_loop_waits_for, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_a_monitor_of_java, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_no_cause_beyond_the_loss, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_parts_of_a_function, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_garbage_collection, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_advice_is_given_once, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_an_interpreter_is_asked_for_names, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_what_waits_loses_no_cores, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_kernel_time_of_a_lock, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_small_regions_are_uneven, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_small_regions_have_a_bound, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_brief_waits_are_used_once, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_all_causes_have_a_bound, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_calls_take_what_the_kernel_counts, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_a_barrier_after_each_small_step, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_an_interpreter_is_one_place, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_brief_waits_are_those_of_a_lock, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_taking_turns, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_drowned_on_a_disturbed_point, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_pages_of_threads, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_pages_of_processes, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_waits_without_names, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_debug_symbols_are_asked_for, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_more_threads_of_java, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_given_back_by_the_caller, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_brief_waits_that_no_look_met, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_late_in_a_lock, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_calls_under_a_lock_are_no_cause, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_threads_for_each_piece, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_each_thread_does_it_again, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_threads_that_nobody_sees, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_few_page_faults, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_a_barrier_is_no_lock, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_two_serial_fractions, setup, fixture_end),
        cmocka_unit_test_setup_teardown(test_not_observed, setup, fixture_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
