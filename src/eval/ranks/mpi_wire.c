/* The plugin for MPI, built once for each implementation. Only the main thread calls MPI (MPI_THREAD_FUNNELED). Nothing
 * here waits, except joining and leaving: MPI waits by polling, which takes a core from a worker. */
#include <limits.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#include "eval/ranks/wire.h"

static struct {
  MPI_Comm comm; /* our own, so that messages of other users of MPI do not arrive here */
  MPI_Message message;
} job;

static int lowest_rank_here(int rank) {
  MPI_Comm here;
  int node = rank;
  MPI_Comm_split_type(job.comm, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &here);
  MPI_Bcast(&node, 1, MPI_INT, 0, here);
  MPI_Comm_free(&here);
  return node;
}

static const char *join(int *rank, int *size, int *node) {
  int provided = MPI_THREAD_SINGLE, initialized = 0;
  MPI_Initialized(&initialized);
  if (initialized) return "MPI is in use already";
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) return "MPI_Init_thread failed";
  if (provided < MPI_THREAD_FUNNELED) return "this MPI does not support threads (MPI_THREAD_FUNNELED)";
  MPI_Comm_dup(MPI_COMM_WORLD, &job.comm);
  MPI_Comm_set_errhandler(job.comm, MPI_ERRORS_RETURN); /* so that the run can save its steps after an error */
  MPI_Comm_rank(job.comm, rank);
  MPI_Comm_size(job.comm, size);
  *node = lowest_rank_here(*rank);
  return NULL;
}

/* Most operations finish at once and need no memory for their request. */
static bool keep(MPI_Request request, void **pending) {
  int done = 0;
  *pending = NULL;
  if (MPI_Test(&request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) return false;
  if (done) return true;
  MPI_Request *kept = malloc(sizeof *kept);
  if (!kept) return false;
  *kept = request;
  *pending = kept;
  return true;
}

static bool begin_send(int to, int tag, const void *bytes, size_t size, void **pending) {
  MPI_Request request;
  if (size > INT_MAX) return false;
  if (MPI_Isend(bytes, (int)size, MPI_BYTE, to, tag, job.comm, &request) != MPI_SUCCESS) return false;
  return keep(request, pending);
}

static bool is_done(void *pending) {
  int done = 0;
  MPI_Test(pending, &done, MPI_STATUS_IGNORE);
  if (done) free(pending);
  return done;
}

static bool probe(int *from, int *tag, size_t *size) {
  int there = 0, count = 0;
  MPI_Status status;
  if (MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, job.comm, &there, &job.message, &status) != MPI_SUCCESS) return false;
  if (!there) return false;
  MPI_Get_count(&status, MPI_BYTE, &count);
  *from = status.MPI_SOURCE;
  *tag = status.MPI_TAG;
  *size = (size_t)count;
  return true;
}

static bool begin_receive(void *bytes, size_t size, void **pending) {
  MPI_Request request;
  if (MPI_Imrecv(bytes, (int)size, MPI_BYTE, &job.message, &request) != MPI_SUCCESS) return false;
  return keep(request, pending);
}

static void leave(void) {
  MPI_Comm_free(&job.comm);
  MPI_Finalize();
}

static void end_all(int status) {
  MPI_Abort(MPI_COMM_WORLD, status);
}

extern const ens_wire ens_wire_v1;
const ens_wire ens_wire_v1 = {.version = ENS_WIRE_VERSION,
                              .open = join,
                              .send = begin_send,
                              .probe = probe,
                              .receive = begin_receive,
                              .done = is_done,
                              .close = leave,
                              .abort = end_all};
