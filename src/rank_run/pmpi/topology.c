/* Collective calls among neighbours, and the rarer ones that make communicators. */
#include "calls.h"

#ifdef OPEN_MPI
#pragma weak ompi_mpi_comm_null
#endif

#define ALL          ps_mpi_event(PS_CALL_ALL, comm, 0, 0)
#define MADE         (ALL, ps_mpi_comm_made(comm, *made))
#define UNTOLD(name) ps_mpi_untold("MPI_" #name)

CALL(PS_MPI_COLLECTIVE, Comm_dup_with_info, (MPI_Comm comm, MPI_Info info, MPI_Comm *made),
     (comm, info, made), 0, MADE)
CALL(PS_MPI_COLLECTIVE, Comm_idup, (MPI_Comm comm, MPI_Comm *made, MPI_Request *request),
     (comm, made, request), 0, UNTOLD(Comm_idup))
CALL(PS_MPI_COLLECTIVE, Comm_create_group,
     (MPI_Comm comm, MPI_Group group, int tag, MPI_Comm *made), (comm, group, tag, made), 0,
     UNTOLD(Comm_create_group))
CALL(PS_MPI_COLLECTIVE, Intercomm_create,
     (MPI_Comm comm, int leader, MPI_Comm peers, int there, int tag, MPI_Comm *made),
     (comm, leader, peers, there, tag, made), 0, UNTOLD(Intercomm_create))
CALL(PS_MPI_COLLECTIVE, Intercomm_merge, (MPI_Comm comm, int high, MPI_Comm *made),
     (comm, high, made), 0, UNTOLD(Intercomm_merge))
CALL(PS_MPI_COLLECTIVE, Graph_create,
     (MPI_Comm comm, int nodes, const int *index, const int *edges, int reorder, MPI_Comm *made),
     (comm, nodes, index, edges, reorder, made), 0, UNTOLD(Graph_create))
CALL(PS_MPI_COLLECTIVE, Dist_graph_create,
     (MPI_Comm comm, int count, const int *sources, const int *degrees, const int *peers,
      const int *weights, MPI_Info info, int reorder, MPI_Comm *made),
     (comm, count, sources, degrees, peers, weights, info, reorder, made), 0,
     UNTOLD(Dist_graph_create))
CALL(PS_MPI_COLLECTIVE, Dist_graph_create_adjacent,
     (MPI_Comm comm, int sources, const int *from, const int *ins, int targets, const int *to,
      const int *outs, MPI_Info info, int reorder, MPI_Comm *made),
     (comm, sources, from, ins, targets, to, outs, info, reorder, made), 0,
     UNTOLD(Dist_graph_create_adjacent))
