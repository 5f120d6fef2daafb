/* Writes one commit: chunks, checkpoint, counters and log lines, in one transaction. If the database is locked or the
 * device is full, it tries again. Runs on the writer's thread and knows nothing of threads. */
#ifndef ENS_STORE_WRITER_H
#define ENS_STORE_WRITER_H

#include "store/checkpoint.h"
#include "store/counts.h"
#include "store/file/database.h"
#include "store/format/batch.h"
#include "store/record.h"

/* A line for the table log. A list owns its lines. */
typedef struct ens_writer_line {
  struct ens_writer_line *next;
  double t; /* seconds since 1970 */
  const char *level;
  char *message;
} ens_writer_line;
void ens_writer_line_free(ens_writer_line *list);

/* The run at the beginning of a session. */
typedef struct ens_writer_start {
  int64_t run_id, session_id;
  ens_shape shape;
  const ens_blobs *blobs; /* borrowed during the call */
  uint64_t nstored;
  const uint64_t *naccepted; /* [walker]; NULL: zeros */
  size_t nmove_state;
  const double *move_state; /* NULL: none */
  ens_batch *tail;          /* the last chunk if it is small enough to grow, else NULL; taken, also after an error */
  double busy_limit, full_limit;         /* seconds to wait for a locked database, for a full device */
  void (*note)(const char *format, ...); /* shows a message to the user; NULL: nobody reads it */
} ens_writer_start;

/* The contents of one commit. */
typedef struct ens_writer_work {
  const ens_batch *batch;      /* steps; may be empty */
  ens_store_checkpoint *tuned; /* from ens_store_put_tuning, taken; NULL: none */
  const ens_counts_copy *counts;
  const ens_writer_line *lines;
  bool end; /* the last commit of the session, which writes the two below */
  ens_store_run_status status;
  int exit_status;
} ens_writer_work;

typedef struct ens_writer ens_writer;
ens_status ens_writer_create(ens_database *db, const ens_writer_start *start, ens_writer **out, ens_error *error);
void ens_writer_destroy(ens_writer *writer); /* NULL is fine; the database stays open */

/* Returns when the commit is on disk. After an error, no more steps can be saved. */
ens_status ens_writer_commit(ens_writer *writer, const ens_writer_work *work, ens_error *error);
/* After an error: tries once to write that the session has ended. */
void ens_writer_abandon(ens_writer *writer, ens_store_run_status status, int exit_status);
uint64_t ens_writer_nstored(const ens_writer *writer); /* steps on disk */

#endif
