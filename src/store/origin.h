/* What a run was made from beside its script: texts of models and modules, the folder it ran in, its output's name as
 * the script has it; and what it was asked for. In the table source and in meta. */
#ifndef ENS_STORE_ORIGIN_H
#define ENS_STORE_ORIGIN_H

#include "store/file/database.h"
#include "store/store.h"

/* Writes all of it in place of what is there. Within the caller's transaction. */
ens_status ens_origin_write(ens_database *db, int64_t run_id, const ens_store_record *record, ens_error *error);
/* Fills folder, output and the sources of the record; a file from before there were any has none. */
ens_status ens_origin_load(ens_database *db, int64_t run_id, ens_store_record *record, ens_error *error);

/* The run's aim: the kept steps that were there when its script was started, and those that it was asked for in all. */
ens_status ens_origin_write_aim(ens_database *db, uint64_t base, uint64_t target, ens_error *error);
ens_status ens_origin_load_aim(ens_database *db, uint64_t *base, uint64_t *target, ens_error *error);

ens_status ens_origin_write_meta(ens_database *db, const char *key, const char *value, ens_error *error);

#endif
