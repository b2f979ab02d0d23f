#include "judging.h"

#include "exit.h"

const char *const ps_on_inconclusive_names[] = {"tell", "pass", "fail", NULL};

int ps_judge_checks(const struct ps_result *r, enum ps_on_inconclusive on_inconclusive)
{
    int status = PS_EXIT_DONE;

    for (size_t i = 0; i < r->check_count; i++) {
        enum ps_check_outcome outcome = r->checks[i].outcome;

        if (outcome == PS_CHECK_INCONCLUSIVE && on_inconclusive != PS_INCONCLUSIVE_TELL)
            outcome = on_inconclusive == PS_INCONCLUSIVE_PASS ? PS_CHECK_HOLDS : PS_CHECK_FAILS;
        if (outcome == PS_CHECK_FAILS)
            return PS_EXIT_CHECK_FAILED;
        if (outcome == PS_CHECK_INCONCLUSIVE)
            status = PS_EXIT_INCONCLUSIVE;
    }
    return status;
}

int ps_judge_comparison(const struct ps_comparison *c, enum ps_on_inconclusive on_inconclusive)
{
    if (c->verdict == PS_CHANGE_WORSE)
        return PS_EXIT_CHECK_FAILED;
    if (c->verdict != PS_CHANGE_INCONCLUSIVE || on_inconclusive == PS_INCONCLUSIVE_PASS)
        return PS_EXIT_DONE;
    return on_inconclusive == PS_INCONCLUSIVE_FAIL ? PS_EXIT_CHECK_FAILED : PS_EXIT_INCONCLUSIVE;
}

int ps_judge_both(int a, int b)
{
    static const int order[] = {PS_EXIT_FAILED, PS_EXIT_CHECK_FAILED, PS_EXIT_INCONCLUSIVE};

    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return a;
}
