/* One commit: chunks, checkpoint, counters, log, in one transaction that is tried again while the database is locked or
 * the device is full. Runs on the writer's thread and knows nothing of threads. */
#ifndef ENS_STORE_WRITER_H
#define ENS_STORE_WRITER_H

#include "store/file/database.h"
#include "store/format/batch.h"
#include "store/record.h"
#include "store/session.h"

/* A line for the table log. A list owns its lines. */
typedef struct ens_log_line {
  struct ens_log_line *next;
  double t;
  const char *level;
  char *message;
} ens_log_line;
void ens_log_line_free(ens_log_line *list);

/* What a run is when a session begins to write to it. */
typedef struct ens_writer_start {
  int64_t run_id, session_id;
  ens_shape shape;
  const ens_blobs *blobs; /* borrowed during the call */
  uint64_t nstored;
  const uint64_t *naccepted; /* [walker]; NULL: zeros */
  size_t nmove_state;
  const double *move_state;      /* NULL: none */
  ens_batch *tail;               /* the last chunk where it is to be grown, else NULL; taken, whatever is returned */
  double busy_limit, full_limit; /* seconds that a locked database, a full device are waited for */
  void (*note)(const char *format, ...); /* tells the user; NULL: nobody */
} ens_writer_start;

/* What goes into one commit. */
typedef struct ens_commit {
  const ens_batch *batch;      /* steps; may be empty */
  ens_store_checkpoint *tuned; /* of ens_store_put_tuning, taken; NULL: none */
  const ens_tally *tally;
  const ens_log_line *lines;
  bool end; /* the last commit of the session: */
  ens_store_run_status status;
  int exit_status;
} ens_commit;

typedef struct ens_writer ens_writer;
ens_status ens_writer_create(ens_database *db, const ens_writer_start *start, ens_writer **out, ens_error *error);
void ens_writer_destroy(ens_writer *writer); /* NULL is fine; leaves the database to its owner */

/* Returns when the commit is on disk. After a failure no more steps can be saved. */
ens_status ens_writer_commit(ens_writer *writer, const ens_commit *commit, ens_error *error);
/* After a failure: writes only that the session has ended, if that can be done at once. */
void ens_writer_abandon(ens_writer *writer, ens_store_run_status status, int exit_status);
uint64_t ens_writer_nstored(const ens_writer *writer); /* steps on disk */

#endif
