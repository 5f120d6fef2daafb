/* The statements of a commit. Each writes one kind of row, inside a transaction that the writer begins and ends. */
#ifndef ENS_STORE_ROWS_H
#define ENS_STORE_ROWS_H

#include "store/format/image.h"
#include "store/record.h"
#include "store/session.h"

/* A row of diag, without the counts of the sampler. */
typedef struct ens_rows_diag {
  uint64_t step;
  double acceptance, log_prob_mean, log_prob_max;
} ens_rows_diag;

typedef struct ens_rows ens_rows;
ens_status ens_rows_create(ens_database *db, int64_t run_id, int64_t session_id, ens_shape shape, ens_rows **out,
                           ens_error *error);
void ens_rows_destroy(ens_rows *rows); /* NULL is fine */

/* Begins a transaction for writing, and checks that the run still belongs to this session. */
ens_status ens_rows_begin(ens_rows *rows, ens_error *error);
ens_status ens_rows_commit(ens_rows *rows, ens_error *error);
void ens_rows_roll_back(ens_rows *rows); /* does nothing without a transaction */

/* Writes a chunk and its blobs, over the chunk with the same start if there is one. Does nothing if nsteps is 0. */
ens_status ens_rows_write_image(ens_rows *rows, const ens_image *image, ens_error *error);
ens_status ens_rows_write_checkpoint(ens_rows *rows, const ens_store_checkpoint *checkpoint, ens_error *error);
/* `drop`: the step of a row to delete; 0: none. */
ens_status ens_rows_write_diag(ens_rows *rows, const ens_rows_diag *diag, uint64_t drop, double now,
                               const ens_counts_copy *counts, ens_error *error);
ens_status ens_rows_write_run(ens_rows *rows, uint64_t nstored, ens_store_run_status status, double now,
                              ens_error *error);
/* Writes the session's heartbeat and counts. */
ens_status ens_rows_write_session(ens_rows *rows, uint64_t last_step, double now, const ens_counts_copy *counts,
                                  ens_error *error);
ens_status ens_rows_write_end(ens_rows *rows, int exit_status, double now, ens_error *error);
ens_status ens_rows_write_line(ens_rows *rows, double t, const char *level, const char *message, ens_error *error);

#endif
