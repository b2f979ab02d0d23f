#include "rounds.h"

bool ps_round_disturbed(double share)
{
    return share > PS_ROUNDS_LIMIT; /* false for NaN */
}

enum ps_rounds ps_rounds_choose(size_t rounds, size_t clean)
{
    if (!rounds)
        return PS_ROUNDS_UNKNOWN;
    if (clean == rounds)
        return PS_ROUNDS_QUIET;
    if (rounds < PS_ROUNDS_LEAST)
        return 3 * clean >= 2 * rounds ? PS_ROUNDS_CLEAN : PS_ROUNDS_DISTURBED;
    return clean >= PS_ROUNDS_LEAST && 3 * clean >= rounds ? PS_ROUNDS_CLEAN : PS_ROUNDS_DISTURBED;
}

size_t ps_rounds_next_look(size_t rounds)
{
    return rounds + rounds / 8 + 1;
}
