#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "result.h"

static void qualities_have_names(void **state)
{
    for (int i = 0; i < PS_QUALITIES; i++) {
        enum ps_quality q = PS_QUALITIES;

        assert_int_equal(ps_quality_parse(ps_quality_name((enum ps_quality)i), &q), 0);
        assert_int_equal(q, i);
    }
    assert_string_equal(ps_quality_name(PS_USER_ONLY), "user-only");
}

static void severities_have_names(void **state)
{
    for (int i = 0; i < PS_SEVERITIES; i++) {
        enum ps_severity s = PS_SEVERITIES;

        assert_int_equal(ps_severity_parse(ps_severity_name((enum ps_severity)i), &s), 0);
        assert_int_equal(s, i);
    }
}

static void unknown_names_are_refused(void **state)
{
    enum ps_quality q = PS_PARTIAL;
    enum ps_severity s = PS_WARNING;

    assert_int_equal(ps_quality_parse("Exact", &q), -EINVAL);
    assert_int_equal(ps_quality_parse("", &q), -EINVAL);
    assert_int_equal(ps_severity_parse("fatal", &s), -EINVAL);
    assert_int_equal(q, PS_PARTIAL);
    assert_int_equal(s, PS_WARNING);
}

static void metrics_are_complete_and_unique(void **state)
{
    static const char *const needed[] = {
        "wall_time",
        "wall_time_idle",
        "speedup",
        "speedup_idle",
        "efficiency",
        "throughput",
        "cpu_time",
        "utilization",
        "cycles",
        "instructions",
        "ipc",
        "frequency",
        "items_per_cycle",
        "cycles_per_item",
        "cycle_speedup",
        "context_switches",
        "migrations",
        "voluntary_switches",
        "involuntary_switches",
        "page_faults",
        "busy_time",
        "spin_time",
        "serial_time",
        "region_time",
        "load_balance",
        "parallel_efficiency",
        "computation_scaling",
        "wait_efficiency",
        "instruction_scaling",
        "ipc_scaling",
        "frequency_scaling",
        "lost_cores_serial",
        "lost_cores_imbalance",
        "lost_cores_waiting",
        "lost_cores_runtime",
        "lost_cores_instructions",
        "lost_cores_ipc",
        "lost_cores_frequency",
        "lost_cores_reference_idle",
        "neighbour_index",
    };

    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        assert_non_null(ps_metric_find(needed[i]));
    for (const struct ps_metric_info *m = ps_metrics; m->id; m++) {
        assert_ptr_equal(ps_metric_find(m->id), m);
        assert_true(*m->unit && *m->title);
        assert_int_equal(m->help[strlen(m->help) - 1], '.');
    }
    assert_null(ps_metric_find("no_such_metric"));
}

static void points_are_searched(void **state)
{
    struct ps_metric metrics[] = {{.id = "wall_time", .value = 2}, {.id = "cycles", .value = NAN}};
    struct ps_point points[] = {
        {.workload_label = "a", .baseline = false, .metrics = metrics, .metric_count = 2},
        {.workload_label = "b", .baseline = true},
        {.workload_label = "a", .baseline = true},
        {.workload_label = "c", .baseline = false},
    };
    struct ps_arena arena;
    struct ps_result r = {.arena = &arena, .points = points, .point_count = 4};

    ps_arena_init(&arena, NULL);
    assert_ptr_equal(ps_point_metric(&points[0], "cycles"), &metrics[1]);
    assert_null(ps_point_metric(&points[0], "speedup"));
    assert_true(ps_point_value(&points[0], "wall_time") == 2);
    assert_true(isnan(ps_point_value(&points[0], "speedup")));
    for (int linked = 0; linked < 2; linked++) {
        assert_ptr_equal(ps_result_baseline(&r, &points[0]), &points[2]);
        assert_ptr_equal(ps_result_baseline(&r, &points[1]), &points[1]);
        assert_null(ps_result_baseline(&r, &points[3]));
        ps_result_link(&r);
    }
    assert_int_equal(points[2].like, 0);
    ps_arena_finish(&arena);
}

/* As many labels as make a table of them collide. */
static void many_points_are_linked(void **state)
{
    enum { POINTS = 1000 };
    struct ps_arena arena;
    struct ps_result r = {.arena = &arena, .point_count = POINTS};

    ps_arena_init(&arena, NULL);
    r.points = ps_arena_array(&arena, POINTS, sizeof *r.points);
    for (size_t i = 0; i < POINTS; i++)
        r.points[i] = (struct ps_point){
            .workload_label = ps_arena_format(&arena, "reduce:size=%zu", i % 400),
            .baseline = i % 400 < 300 && i < 400,
        };
    ps_result_link(&r);
    for (size_t i = 0; i < POINTS; i++) {
        assert_int_equal(r.points[i].like, i % 400);
        assert_ptr_equal(ps_result_baseline(&r, &r.points[i]),
                         i % 400 < 300 ? &r.points[i % 400] : NULL);
    }
    ps_arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qualities_have_names),
        cmocka_unit_test(severities_have_names),
        cmocka_unit_test(unknown_names_are_refused),
        cmocka_unit_test(metrics_are_complete_and_unique),
        cmocka_unit_test(points_are_searched),
        cmocka_unit_test(many_points_are_linked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
