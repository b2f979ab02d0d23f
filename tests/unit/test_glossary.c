#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdbool.h>
#include <string.h>
#include <cmocka.h>

#include "beside.h"
#include "comparison_view.h"
#include "glossary.h"
#include "overhead_view.h"
#include "ranks_view.h"
#include "result.h"
#include "survey_view.h"
#include "view.h"

static void need(const char *what, const char *text)
{
    if (!ps_word_next(ps_glossary, text))
        fail_msg("no row of src/glossary has the %s '%s'", what, text);
}

static void test_metrics(void **state)
{
    for (const struct ps_metric_info *m = ps_metrics; m->id; m++) {
        need("metric", m->id);
        need("title", m->title);
    }
}

/* A head without its fold: "in-\nstructions" is "instructions" to those who read it. */
static void need_head(void *arg, const char *head)
{
    size_t *count = arg;

    need("head", head);
    (*count)++;
}

static void test_heads(void **state)
{
    size_t count = 0;

    ps_view_heads(need_head, &count);
    assert_true(count > 70);
}

/* Of compare, with its verdicts, and of several results beside each other. */
static void test_heads_of_several_results(void **state)
{
    size_t count = 0;

    ps_comparison_heads(need_head, &count);
    ps_beside_heads(need_head, &count);
    assert_true(count > 12);
}

/* Of overhead, doctor and topo --probe. */
static void test_heads_of_a_machine(void **state)
{
    size_t count = 0;

    ps_overhead_heads(need_head, &count);
    ps_doctor_heads(need_head, &count);
    ps_probe_heads(need_head, &count);
    assert_true(count > 20);
}

/* Of merge and sweep --ranks. */
static void test_words_of_ranks(void **state)
{
    size_t count = 0;

    ps_ranks_heads(need_head, &count);
    ps_rank_sweep_heads(need_head, &count);
    assert_true(count > 20);
    for (size_t m = 0; m < PS_RANK_METRICS; m++)
        need("metric", ps_rank_metrics[m].id);
}

static void test_classes_of_a_diagnosis(void **state)
{
    for (int i = 0; i < PS_LOSS_KINDS; i++)
        need("class", ps_loss_kind_name((enum ps_loss_kind)i));
}

static void test_words_of_results(void **state)
{
    for (int i = 0; i < PS_QUALITIES; i++)
        need("quality", ps_quality_name((enum ps_quality)i));
    for (int i = 0; i < PS_SMT_VERDICTS; i++)
        need("verdict", ps_smt_verdict_name((enum ps_smt_verdict)i));
    for (int i = 0; i < PS_CHECK_OUTCOMES; i++)
        need("outcome", ps_check_outcome_name((enum ps_check_outcome)i));
}

static bool ends_with_a_stop(const char *text)
{
    return *text && text[strlen(text) - 1] == '.';
}

static void test_rows_are_whole(void **state)
{
    for (const struct ps_word *w = ps_glossary; w->word; w++) {
        if (!w->what || !ends_with_a_stop(w->what) || !w->todo || !ends_with_a_stop(w->todo))
            fail_msg("%s: what it is, and what to do, are sentences", w->word);
        for (const struct ps_word *other = w + 1; other->word; other++)
            assert_string_not_equal(w->word, other->word);
    }
}

static void test_metrics_have_formulas(void **state)
{
    for (const struct ps_metric_info *m = ps_metrics; m->id; m++) {
        const struct ps_word *w = ps_word_next(ps_glossary, m->id);

        need("metric", m->id);
        if (!w->formula)
            fail_msg("%s, which explains %s, has no formula", w->word, m->id);
    }
}

static void test_writing_does_not_matter(void **state)
{
    static const char *const same[] = {"lost-cores", "lost_cores", "Lost Cores", "lostcores",
                                       "lost\ncores"};

    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_string_equal(ps_word_next(ps_glossary, same[i])->word, "lost-cores");
    assert_string_equal(ps_word_next(ps_glossary, "~")->word, "estimated");
    assert_string_equal(ps_word_next(ps_glossary, "±")->word, "interval");
    assert_string_equal(ps_word_next(ps_glossary, "METG(50 %)")->word, "metg");
    assert_null(ps_word_next(ps_glossary, "lost-core"));
    assert_null(ps_word_next(ps_glossary, "*"));
    assert_null(ps_word_next(ps_glossary, ""));
}

static void test_symbols(void **state)
{
    struct ps_arena a;

    ps_arena_init(&a, NULL);
    assert_string_equal(ps_word_symbols("S = T1 / T", &a),
                        "S the speedup, T the wall time, 1 the reference");
    assert_string_equal(ps_word_symbols("mean(busy time) / max(busy time)", &a), "");
    assert_string_equal(ps_word_symbols("threads > p", &a), "p the CPUs");
    ps_arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metrics),
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_heads_of_several_results),
        cmocka_unit_test(test_heads_of_a_machine),
        cmocka_unit_test(test_words_of_ranks),
        cmocka_unit_test(test_classes_of_a_diagnosis),
        cmocka_unit_test(test_words_of_results),
        cmocka_unit_test(test_rows_are_whole),
        cmocka_unit_test(test_metrics_have_formulas),
        cmocka_unit_test(test_writing_does_not_matter),
        cmocka_unit_test(test_symbols),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
