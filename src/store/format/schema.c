/* The tables of a store. A reader needs only SQLite. Small columns come first, so that reading them does not walk
 * through the arrays. Numbers in BLOBs are little-endian, times are seconds since 1970. The tables are not STRICT,
 * which old versions of SQLite cannot open.
 *
 * The contents of columns whose name does not explain them:
 *   run.seed          64 bits; SQLite shows the upper half as negative numbers
 *   chunk             steps start + 1 .. start + nsteps of the run, without gaps or overlap. As long as the last chunk
 *                     is small, each commit replaces it with a longer one
 *   chunk.accepted    u1[nsteps, nwalkers]; log_prob <f8[nsteps, nwalkers]; chain <f8[nsteps, nwalkers, ndim]
 *   blob_def          the type of a walker's value in numpy's notation: dtype <f8 and shape "" is a number, <f8 and
 *                     "5" a vector, |S16 and "" a text of at most 16 bytes, padded with NULs
 *   blob_chunk.data   values of that type [nsteps, nwalkers], for the steps of the chunk with the same start
 *   checkpoint        the state after `step`: coords <f8[nwalkers, ndim], log_prob <f8[nwalkers],
 *                     blobs [nwalkers] rows of all blobs, a text padded to a multiple of 8 bytes,
 *                     naccepted <u8[nwalkers]
 *   checksum          CRC-32 of the stored BLOBs of the chunk at `start`; part 0 accepted, 1 log_prob, 2 chain,
 *                     3 + blob_idx blobs. checkpoint.crc: of its arrays, one after the other
 *   session           one row for each process that wrote; its counts are of that session alone, per_worker is JSON
 *   source            texts that the run was made from, besides its script; role is model (the file of a model), module
 *                     (required by the script) or model module (required by a model)
 *   meta              base, target: kept steps at the last start of the script, and kept steps that it shall reach;
 *                     folder, output: its working directory, and its name for this file
 *   diag              not every commit leaves a row; the last row is of the last commit
 */
#include "store/format/schema.h"

#include <stdio.h>

static const char *const tables =
    "CREATE TABLE run(run_id INTEGER PRIMARY KEY, name TEXT, nwalkers INTEGER NOT NULL, ndim INTEGER NOT NULL,"
    " thin_by INTEGER NOT NULL, nstored INTEGER NOT NULL, status TEXT NOT NULL, created REAL NOT NULL,"
    " updated REAL NOT NULL, seed INTEGER NOT NULL, rng TEXT NOT NULL, moves TEXT NOT NULL, engine TEXT NOT NULL,"
    " version TEXT NOT NULL, script_name TEXT, script TEXT, script_sha256 TEXT, argv TEXT, extra TEXT);"
    "CREATE TABLE param(run_id INTEGER NOT NULL, idx INTEGER NOT NULL, name TEXT NOT NULL,"
    " PRIMARY KEY(run_id, idx)) WITHOUT ROWID;"
    "CREATE TABLE chunk(chunk_id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL, start INTEGER NOT NULL,"
    " nsteps INTEGER NOT NULL, codec TEXT NOT NULL, accepted BLOB NOT NULL, log_prob BLOB NOT NULL,"
    " chain BLOB NOT NULL, UNIQUE(run_id, start));"
    "CREATE TABLE blob_def(run_id INTEGER NOT NULL, idx INTEGER NOT NULL, name TEXT NOT NULL, dtype TEXT NOT NULL,"
    " shape TEXT NOT NULL, PRIMARY KEY(run_id, idx)) WITHOUT ROWID;"
    "CREATE TABLE blob_chunk(run_id INTEGER NOT NULL, blob_idx INTEGER NOT NULL, start INTEGER NOT NULL,"
    " nsteps INTEGER NOT NULL, codec TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY(run_id, blob_idx, start));"
    "CREATE TABLE checkpoint(run_id INTEGER PRIMARY KEY, step INTEGER NOT NULL, coords BLOB NOT NULL,"
    " log_prob BLOB NOT NULL, blobs BLOB, naccepted BLOB NOT NULL, move_state BLOB, crc INTEGER);"
    "CREATE TABLE checksum(run_id INTEGER NOT NULL, start INTEGER NOT NULL, part INTEGER NOT NULL,"
    " crc INTEGER NOT NULL, PRIMARY KEY(run_id, start, part)) WITHOUT ROWID;"
    "CREATE TABLE session(session_id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL, host TEXT NOT NULL,"
    " pid INTEGER NOT NULL, job_id TEXT, workers INTEGER NOT NULL, ranks INTEGER NOT NULL, started REAL NOT NULL,"
    " heartbeat REAL NOT NULL, ended REAL, exit_status INTEGER, first_step INTEGER NOT NULL,"
    " last_step INTEGER NOT NULL, wall_s REAL NOT NULL DEFAULT 0, model_s REAL NOT NULL DEFAULT 0,"
    " evaluations INTEGER NOT NULL DEFAULT 0, errors INTEGER NOT NULL DEFAULT 0, nans INTEGER NOT NULL DEFAULT 0,"
    " per_worker TEXT NOT NULL DEFAULT '[]');"
    "CREATE TABLE diag(run_id INTEGER NOT NULL, step INTEGER NOT NULL, t REAL NOT NULL, acceptance REAL, tau REAL,"
    " ess REAL, rhat REAL, log_prob_mean REAL, log_prob_max REAL, evaluations INTEGER, rejected_errors INTEGER,"
    " PRIMARY KEY(run_id, step)) WITHOUT ROWID;"
    "CREATE TABLE log(id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL, t REAL NOT NULL, level TEXT NOT NULL,"
    " message TEXT NOT NULL);"
    "CREATE TABLE source(run_id INTEGER NOT NULL, idx INTEGER NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL,"
    " sha256 TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY(run_id, idx));"
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;";

ens_status ens_schema_create(ens_database *db, ens_error *error) {
  char marks[96];
  snprintf(marks, sizeof marks, "PRAGMA application_id = %d; PRAGMA user_version = %d;", ENS_SCHEMA_APPLICATION,
           ENS_SCHEMA_VERSION);
  ens_status status = ens_database_run(db, marks, "mark it as a store", error);
  return status ? status : ens_database_run(db, tables, "make its tables", error);
}

ens_status ens_schema_check(ens_database *db, ens_error *error) {
  int64_t application, version;
  ens_status status = ens_database_ask(db, "PRAGMA application_id", "read it", &application, error);
  if (!status) status = ens_database_ask(db, "PRAGMA user_version", "read it", &version, error);
  if (status) return status;
  if (application != ENS_SCHEMA_APPLICATION)
    return ens_error_set(error, ENS_CONFIG, "'%s' is a SQLite file but not a store of ensemble-lua", db->path);
  if (version > ENS_SCHEMA_VERSION)
    return ens_error_set(error, ENS_CONFIG,
                         "'%s' was written by a newer ensemble-lua: its format is %lld, this program reads up to %d",
                         db->path, (long long)version, ENS_SCHEMA_VERSION);
  if (version < 1) return ens_database_damaged(db, "its format has no number", error);
  return ENS_OK;
}
