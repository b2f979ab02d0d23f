#include "comparison_result.h"

const char *ps_change_name(enum ps_change c)
{
    static const char *const names[PS_CHANGES] = {
        [PS_CHANGE_SAME] = "same",           [PS_CHANGE_BETTER] = "better",
        [PS_CHANGE_NOT_WORSE] = "not-worse", [PS_CHANGE_INCONCLUSIVE] = "inconclusive",
        [PS_CHANGE_WORSE] = "worse",
    };

    return names[c];
}
