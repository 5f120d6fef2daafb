/* The checkpoint of a run: the state after its last kept step, with everything that a resumed run needs. It is one row
 * of the table checkpoint, which every commit overwrites. */
#ifndef ENS_STORE_CHECKPOINT_H
#define ENS_STORE_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/format/shape.h"

struct ens_database;
struct sqlite3_stmt;

/* Owns its arrays (ens_store_checkpoint_free). */
typedef struct ens_store_checkpoint {
  uint64_t step;                     /* kept steps */
  double *coords, *log_prob, *blobs; /* [walker][dim], [walker], [walker][cell] */
  uint64_t *naccepted;               /* [walker] accepted proposals, in all kept steps */
  size_t nmove_state;
  double *move_state; /* [nmove_state] the state of moves that tune themselves; NULL: none */
} ens_store_checkpoint;
void ens_store_checkpoint_free(ens_store_checkpoint *checkpoint); /* leaves an empty one; NULL is fine */

/* Prepares the statement for ens_checkpoint_write; the caller finalizes it. */
ens_status ens_checkpoint_prepare(struct ens_database *db, struct sqlite3_stmt **statement, ens_error *error);
ens_status ens_checkpoint_write(struct ens_database *db, struct sqlite3_stmt *statement, int64_t run_id,
                                ens_shape shape, const ens_store_checkpoint *checkpoint, ens_error *error);
/* Reads the checkpoint. Sizes that do not fit the shape are damage. */
ens_status ens_checkpoint_load(struct ens_database *db, int64_t run_id, ens_shape shape,
                               ens_store_checkpoint *checkpoint, ens_error *error);
/* The error for a checkpoint that does not belong to the last step of its run. */
ens_status ens_checkpoint_match(struct ens_database *db, const ens_store_checkpoint *checkpoint, uint64_t nstored,
                                ens_error *error);

#endif
