/* A run's identity and its checkpoint in the tables run, param, blob_def and checkpoint. */
#ifndef ENS_STORE_RECORD_H
#define ENS_STORE_RECORD_H

#include "store/file/database.h"
#include "store/format/shape.h"
#include "store/store.h"

/* What a run's row holds beside the record. */
typedef struct ens_run_row {
  int64_t run_id;
  uint64_t nstored;
  ens_store_run_status status;
  double created, updated;
} ens_run_row;

ens_shape ens_record_shape(const ens_store_record *record);
const char *ens_run_status_name(ens_store_run_status status);

/* Refuses (ENS_CONFIG) what no file can hold. */
ens_status ens_record_check(const char *path, const ens_store_record *record, const ens_store_checkpoint *start,
                            ens_error *error);
/* Makes the rows of a new run; `name` is what the run is called. */
ens_status ens_record_insert(ens_database *db, const ens_store_record *record, const char *name, double now,
                             int64_t *run_id, ens_error *error);
/* Puts `record` in place of what the run's row says, but for its shape. Within the caller's transaction. */
ens_status ens_record_update(ens_database *db, int64_t run_id, const ens_store_record *record, ens_error *error);
ens_status ens_record_set_engine(ens_database *db, int64_t run_id, const char *engine, ens_error *error);
/* Reads the newest run of the file. Texts of `record` that must be there are never NULL. Damage is an error, and the
 * record is then empty. */
ens_status ens_record_load(ens_database *db, ens_store_record *record, ens_run_row *row, ens_error *error);

/* Writes the one checkpoint row of a run. `statement` is made by the first of these. */
ens_status ens_checkpoint_prepare(ens_database *db, sqlite3_stmt **statement, ens_error *error);
ens_status ens_checkpoint_write(ens_database *db, sqlite3_stmt *statement, int64_t run_id, ens_shape shape,
                                const ens_store_checkpoint *checkpoint, ens_error *error);
/* Reads it; sizes that do not fit the shape are damage. */
ens_status ens_checkpoint_load(ens_database *db, int64_t run_id, ens_shape shape, ens_store_checkpoint *checkpoint,
                               ens_error *error);

#endif
