#include "rank_sweep_result.h"
#include "ranks_result.h"

const char *const ps_rank_mpi_names[PS_RANK_MPIS] = {"unknown", "unused", "sampled", "open",
                                                     "whole"};

const char *ps_mpi_kind_name(enum ps_mpi_kind k)
{
    static const char *const names[] = {"point-to-point", "collective", "waiting", "other"};

    return names[k];
}

const struct ps_rank_metric_info ps_rank_metrics[PS_RANK_METRICS] = {
    [PS_RANK_TIME] = {"time", "s", "time"},
    [PS_RANK_SPEEDUP] = {"speedup", "1", "speedup"},
    [PS_RANK_GLOBAL] = {"global_efficiency", "1", "global\nefficiency"},
    [PS_RANK_PARALLEL] = {"parallel_efficiency", "1", "parallel\nefficiency"},
    [PS_RANK_BALANCE] = {"load_balance", "1", "load\nbalance"},
    [PS_RANK_COMMUNICATION] = {"communication_efficiency", "1", "communi-\ncation"},
    [PS_RANK_SERIALISATION] = {"serialisation_efficiency", "1", "seriali-\nsation"},
    [PS_RANK_TRANSFER] = {"transfer_efficiency", "1", "transfer"},
    [PS_RANK_SCALING] = {"computation_scaling", "1", "computation\nscaling"},
    [PS_RANK_INSTRUCTIONS] = {"instruction_scaling", "1", "instruction\nscaling", true},
    [PS_RANK_IPC] = {"ipc_scaling", "1", "IPC\nscaling", true},
    [PS_RANK_CLOCK] = {"frequency_scaling", "1", "clock\nscaling", true},
    [PS_RANK_COMPUTING] = {"computing", "s", NULL},
    [PS_RANK_LAUNCHED] = {"wall_time", "s", "with\nlaunch"},
};

const char *ps_rank_sweep_why(const struct ps_rank_sweep *s, size_t m)
{
    if (ps_rank_metrics[m].counted)
        return s->counts_reason;
    if (!s->reason && (m == PS_RANK_SERIALISATION || m == PS_RANK_TRANSFER))
        return s->calls_reason;
    return s->reason;
}
