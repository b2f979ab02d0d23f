/* Memory of other ranks, files, and further processes. */
#include "calls.h"

#define UNTOLD(name) ps_mpi_untold("MPI_" #name)

CALL(PS_MPI_OTHER, Fetch_and_op,
     (const void *data, void *out, MPI_Datatype type, int peer, MPI_Aint at, MPI_Op op,
      MPI_Win win),
     (data, out, type, peer, at, op, win), 0, UNTOLD(Fetch_and_op))
CALL(PS_MPI_OTHER, Compare_and_swap,
     (const void *data, const void *than, void *out, MPI_Datatype type, int peer, MPI_Aint at,
      MPI_Win win),
     (data, than, out, type, peer, at, win), 0, UNTOLD(Compare_and_swap))
CALL(PS_MPI_OTHER, Win_create,
     (void *data, MPI_Aint size, int unit, MPI_Info info, MPI_Comm comm, MPI_Win *win),
     (data, size, unit, info, comm, win), 0, UNTOLD(Win_create))
CALL(PS_MPI_OTHER, Win_allocate,
     (MPI_Aint size, int unit, MPI_Info info, MPI_Comm comm, void *data, MPI_Win *win),
     (size, unit, info, comm, data, win), 0, UNTOLD(Win_allocate))
CALL(PS_MPI_OTHER, Win_allocate_shared,
     (MPI_Aint size, int unit, MPI_Info info, MPI_Comm comm, void *data, MPI_Win *win),
     (size, unit, info, comm, data, win), 0, UNTOLD(Win_allocate_shared))
CALL(PS_MPI_OTHER, Win_free, (MPI_Win * win), (win), 0, UNTOLD(Win_free))
CALL(PS_MPI_OTHER, Win_fence, (int how, MPI_Win win), (how, win), 0, UNTOLD(Win_fence))
CALL(PS_MPI_OTHER, Win_start, (MPI_Group group, int how, MPI_Win win), (group, how, win), 0,
     UNTOLD(Win_start))
CALL(PS_MPI_OTHER, Win_complete, (MPI_Win win), (win), 0, UNTOLD(Win_complete))
CALL(PS_MPI_OTHER, Win_post, (MPI_Group group, int how, MPI_Win win), (group, how, win), 0,
     UNTOLD(Win_post))
CALL(PS_MPI_OTHER, Win_wait, (MPI_Win win), (win), 0, UNTOLD(Win_wait))
CALL(PS_MPI_OTHER, Win_lock, (int type, int peer, int how, MPI_Win win), (type, peer, how, win), 0,
     UNTOLD(Win_lock))
CALL(PS_MPI_OTHER, Win_unlock, (int peer, MPI_Win win), (peer, win), 0, UNTOLD(Win_unlock))
CALL(PS_MPI_OTHER, Win_lock_all, (int how, MPI_Win win), (how, win), 0, UNTOLD(Win_lock_all))
CALL(PS_MPI_OTHER, Win_unlock_all, (MPI_Win win), (win), 0, UNTOLD(Win_unlock_all))
CALL(PS_MPI_OTHER, Win_flush, (int peer, MPI_Win win), (peer, win), 0, UNTOLD(Win_flush))
CALL(PS_MPI_OTHER, Win_flush_all, (MPI_Win win), (win), 0, UNTOLD(Win_flush_all))

CALL(PS_MPI_OTHER, Win_create_dynamic, (MPI_Info info, MPI_Comm comm, MPI_Win *win),
     (info, comm, win), 0, UNTOLD(Win_create_dynamic))
CALL(PS_MPI_OTHER, Win_flush_local, (int peer, MPI_Win win), (peer, win), 0,
     UNTOLD(Win_flush_local))
CALL(PS_MPI_OTHER, Win_flush_local_all, (MPI_Win win), (win), 0, UNTOLD(Win_flush_local_all))
CALL(PS_MPI_OTHER, Win_test, (MPI_Win win, int *flag), (win, flag), 0, UNTOLD(Win_test))

CALL(PS_MPI_OTHER, File_read_all_end, (MPI_File file, void *data, MPI_Status *status),
     (file, data, status), 0, UNTOLD(File_read_all_end))

CALL(PS_MPI_OTHER, File_write_all_end, (MPI_File file, const void *data, MPI_Status *status),
     (file, data, status), 0, UNTOLD(File_write_all_end))
CALL(PS_MPI_OTHER, File_set_view,
     (MPI_File file, MPI_Offset at, MPI_Datatype type, MPI_Datatype view, const char *how,
      MPI_Info info),
     (file, at, type, view, how, info), 0, UNTOLD(File_set_view))
CALL(PS_MPI_OTHER, File_set_size, (MPI_File file, MPI_Offset size), (file, size), 0,
     UNTOLD(File_set_size))
CALL(PS_MPI_OTHER, File_open,
     (MPI_Comm comm, const char *name, int mode, MPI_Info info, MPI_File *file),
     (comm, name, mode, info, file), 0, UNTOLD(File_open))
CALL(PS_MPI_OTHER, File_close, (MPI_File * file), (file), 0, UNTOLD(File_close))

CALL(PS_MPI_OTHER, File_sync, (MPI_File file), (file), 0, UNTOLD(File_sync))
CALL(PS_MPI_OTHER, Comm_spawn,
     (const char *command, char **words, int most, MPI_Info info, int root, MPI_Comm comm,
      MPI_Comm *made, int *errors),
     (command, words, most, info, root, comm, made, errors), 0, UNTOLD(Comm_spawn))
