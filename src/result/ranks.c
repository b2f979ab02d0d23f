#include "ranks_result.h"

const char *const ps_rank_mpi_names[PS_RANK_MPIS] = {"unknown", "unused", "open", "whole"};

const char *ps_mpi_kind_name(enum ps_mpi_kind k)
{
    static const char *const names[] = {"point-to-point", "collective", "waiting", "other"};

    return names[k];
}
