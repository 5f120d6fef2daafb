/* The origin of a run, in the tables source and meta: the texts of models and modules, the working directory, the
 * output's name in the script, and the number of steps that the run shall reach. */
#ifndef ENS_STORE_ORIGIN_H
#define ENS_STORE_ORIGIN_H

#include "store/file/database.h"
#include "store/record.h"

/* Replaces the origin in the file. Within the caller's transaction. */
ens_status ens_origin_write(ens_database *db, int64_t run_id, const ens_store_record *record, ens_error *error);
/* Fills the record's folder, output and sources. Old files have none of them. */
ens_status ens_origin_load(ens_database *db, int64_t run_id, ens_store_record *record, ens_error *error);

/* The aim of a run: `base` kept steps when its script was started, and `target` kept steps that it shall reach. */
ens_status ens_origin_write_aim(ens_database *db, uint64_t base, uint64_t target, ens_error *error);
ens_status ens_origin_load_aim(ens_database *db, uint64_t *base, uint64_t *target, ens_error *error);

ens_status ens_origin_write_meta(ens_database *db, const char *key, const char *value, ens_error *error);

#endif
