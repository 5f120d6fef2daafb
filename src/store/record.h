/* The record of a run, which identifies it: the rows of the tables run, param, blob_def and source. */
#ifndef ENS_STORE_RECORD_H
#define ENS_STORE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/model/blob.h"
#include "store/format/shape.h"

struct ens_database;

/* The text of a file that the run was made from, besides its script: a model, or a module that one of them required. */
typedef struct ens_store_record_source {
  char *role, *name, *text;
} ens_store_record_source;

/* A record that a function fills owns its strings (ens_store_record_free). A function that takes a record borrows them
 * during the call. */
typedef struct ens_store_record {
  size_t nwalkers, ndim;
  char **parameters; /* [ndim] names */
  ens_blobs blobs;
  uint64_t thin_by, seed;
  char *rng;                  /* "philox4x64-10" and the version of its layout */
  char *moves;                /* JSON */
  char *engine;               /* "Lua 5.4" or "LuaJIT 2.1" */
  char *version;              /* of the program */
  char *script_name, *script; /* name and text of the run script; NULL: none */
  char *argv;                 /* the command line, a JSON array */
  char *extra;                /* a JSON object: hashes of model and data, and more that must be the same on resume */
  char *folder, *output;      /* the working directory, and the store's name as the script gives it; NULL: not known */
  size_t nsources;
  ens_store_record_source *source; /* [nsources] */
} ens_store_record;
void ens_store_record_free(ens_store_record *record); /* leaves an empty one; NULL is fine */

typedef enum ens_store_run_status {
  ENS_RUN_RUNNING,
  ENS_RUN_STOPPED,
  ENS_RUN_FINISHED,
  ENS_RUN_FAILED
} ens_store_run_status;
const char *ens_record_status_name(ens_store_run_status status);

/* The rest of the row of the table run. */
typedef struct ens_record_row {
  int64_t run_id;
  uint64_t nstored; /* kept steps in the file */
  ens_store_run_status status;
  double created, updated; /* seconds since 1970 */
} ens_record_row;

ens_shape ens_record_shape(const ens_store_record *record);

/* ENS_CONFIG if no store can hold such a run. */
ens_status ens_record_check(const char *path, const ens_store_record *record, ens_error *error);
/* Inserts the rows of a new run with this name. */
ens_status ens_record_insert(struct ens_database *db, const ens_store_record *record, const char *name, double now,
                             int64_t *run_id, ens_error *error);
/* Replaces the run's record, except for its shape. Within the caller's transaction. */
ens_status ens_record_update(struct ens_database *db, int64_t run_id, const ens_store_record *record, ens_error *error);
ens_status ens_record_set_engine(struct ens_database *db, int64_t run_id, const char *engine, ens_error *error);
/* Reads the newest run of the file. The texts rng, moves, engine and version are never NULL. After an error, which may
 * be damage, the record is empty. */
ens_status ens_record_load(struct ens_database *db, ens_store_record *record, ens_record_row *row, ens_error *error);

#endif
