/* The statements of a commit: each writes one kind of row, inside a transaction that the writer begins and ends. */
#ifndef ENS_STORE_ROWS_H
#define ENS_STORE_ROWS_H

#include "store/format/image.h"
#include "store/record.h"
#include "store/session.h"

/* One row of diag. */
typedef struct ens_diag {
  uint64_t step;
  double acceptance, log_prob_mean, log_prob_max;
} ens_diag;

typedef struct ens_rows ens_rows;
ens_status ens_rows_create(ens_database *db, int64_t run_id, int64_t session_id, ens_shape shape, ens_rows **out,
                           ens_error *error);
void ens_rows_destroy(ens_rows *rows); /* NULL is fine */

/* Begins a transaction that may write, and sees that the run is still this session's. */
ens_status ens_rows_begin(ens_rows *rows, ens_error *error);
ens_status ens_rows_commit(ens_rows *rows, ens_error *error);
void ens_rows_roll_back(ens_rows *rows); /* no transaction is fine */

/* A chunk and its blobs: new, or in place of the one that starts there. nsteps 0: nothing. */
ens_status ens_rows_write_image(ens_rows *rows, const ens_image *image, ens_error *error);
ens_status ens_rows_write_checkpoint(ens_rows *rows, const ens_store_checkpoint *checkpoint, ens_error *error);
/* `drop`: a step whose row goes; 0: none. */
ens_status ens_rows_write_diag(ens_rows *rows, const ens_diag *diag, uint64_t drop, double now, const ens_tally *tally,
                               ens_error *error);
ens_status ens_rows_write_run(ens_rows *rows, uint64_t nstored, ens_store_run_status status, double now,
                              ens_error *error);
/* The session's heartbeat and what it has counted. */
ens_status ens_rows_write_session(ens_rows *rows, uint64_t last_step, double now, const ens_tally *tally,
                                  ens_error *error);
ens_status ens_rows_write_end(ens_rows *rows, int exit_status, double now, ens_error *error);
ens_status ens_rows_write_line(ens_rows *rows, double t, const char *level, const char *message, ens_error *error);

#endif
