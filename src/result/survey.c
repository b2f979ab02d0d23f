#include "survey_result.h"

const char *ps_health_name(enum ps_health h)
{
    static const char *const names[] = {"ok", "limited", "missing", "unknown", "note"};

    return names[h];
}

const char *ps_pair_answer_name(enum ps_pair_answer a)
{
    static const char *const names[] = {"inconclusive", "no evidence of sharing", "share a core",
                                        "take turns on one CPU"};

    return names[a];
}
