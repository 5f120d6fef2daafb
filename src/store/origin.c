/* Each text is stored once under its SHA-256; meta has one row for each other value. */
#include "store/origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/file/column.h"
#include "store/file/statement.h"
#include "store/format/sha256.h"

#define SAVE "save the origin of the run"
#define READ "read the origin of the run"

/* ---- meta ---- */

ens_status ens_origin_write_meta(ens_database *db, const char *key, const char *value, ens_error *error) {
  sqlite3_stmt *statement = NULL;
  ens_status status =
      ens_database_prepare(db, "INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)", SAVE, &statement, error);
  if (status) return status;
  sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
  sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
  status = ens_statement_done(db, statement, SAVE, error);
  sqlite3_finalize(statement);
  return status;
}

/* The caller frees *value; NULL: there is no such key. */
static ens_status load_meta(ens_database *db, const char *key, char **value, ens_error *error) {
  sqlite3_stmt *row = NULL;
  bool found = false, ok = true;
  *value = NULL;
  ens_status status = ens_database_prepare(db, "SELECT value FROM meta WHERE key = ?", READ, &row, error);
  if (!status) {
    sqlite3_bind_text(row, 1, key, -1, SQLITE_STATIC);
    status = ens_statement_row(db, row, READ, &found, error);
  }
  if (!status && found) *value = ens_column_text(row, 0, NULL, &ok);
  sqlite3_finalize(row);
  return ok ? status : ens_error_memory(error);
}

/* ---- the aim ---- */

ens_status ens_origin_write_aim(ens_database *db, uint64_t base, uint64_t target, ens_error *error) {
  char digits[24];
  snprintf(digits, sizeof digits, "%llu", (unsigned long long)base);
  ens_status status = ens_origin_write_meta(db, "base", digits, error);
  snprintf(digits, sizeof digits, "%llu", (unsigned long long)target);
  return status ? status : ens_origin_write_meta(db, "target", digits, error);
}

static ens_status load_number(ens_database *db, const char *key, uint64_t *out, ens_error *error) {
  char *digits;
  ens_status status = load_meta(db, key, &digits, error);
  *out = digits ? strtoull(digits, NULL, 10) : 0;
  free(digits);
  return status;
}

ens_status ens_origin_load_aim(ens_database *db, uint64_t *base, uint64_t *target, ens_error *error) {
  *target = 0;
  ens_status status = load_number(db, "base", base, error);
  return status ? status : load_number(db, "target", target, error);
}

/* ---- the sources ---- */

static void bind_text(sqlite3_stmt *statement, int index, const char *text) {
  sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

static ens_status write_sources(ens_database *db, int64_t run_id, const ens_store_record *record, ens_error *error) {
  sqlite3_stmt *statement = NULL;
  ens_status status =
      ens_database_prepare(db, "INSERT INTO source(run_id, idx, role, name, sha256, text) VALUES(?, ?, ?, ?, ?, ?)",
                           SAVE, &statement, error);
  for (size_t i = 0; !status && i < record->nsources; i++) {
    const ens_store_record_source *source = &record->source[i];
    char hash[65];
    ens_sha256_hex(source->text, strlen(source->text), hash);
    sqlite3_bind_int64(statement, 1, run_id);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)i);
    bind_text(statement, 3, source->role);
    bind_text(statement, 4, source->name);
    bind_text(statement, 5, hash);
    bind_text(statement, 6, source->text);
    status = ens_statement_done(db, statement, SAVE, error);
  }
  sqlite3_finalize(statement);
  return status;
}

ens_status ens_origin_write(ens_database *db, int64_t run_id, const ens_store_record *record, ens_error *error) {
  char clear[128];
  /* Old files do not have this table. */
  ens_status status = ens_database_run(db,
                                       "CREATE TABLE IF NOT EXISTS source(run_id INTEGER NOT NULL, idx INTEGER NOT "
                                       "NULL, role TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL, text TEXT "
                                       "NOT NULL, PRIMARY KEY(run_id, idx))",
                                       SAVE, error);
  snprintf(clear, sizeof clear, "DELETE FROM source WHERE run_id = %lld", (long long)run_id);
  if (!status) status = ens_database_run(db, clear, SAVE, error);
  if (!status) status = write_sources(db, run_id, record, error);
  if (!status && record->folder) status = ens_origin_write_meta(db, "folder", record->folder, error);
  if (!status && record->output) status = ens_origin_write_meta(db, "output", record->output, error);
  return status;
}

static ens_status load_source(sqlite3_stmt *row, ens_store_record *record, ens_error *error) {
  ens_store_record_source *grown = realloc(record->source, (record->nsources + 1) * sizeof *grown);
  if (!grown) return ens_error_memory(error);
  record->source = grown;
  bool ok = true;
  ens_store_record_source *source = &grown[record->nsources++];
  source->role = ens_column_text(row, 0, "", &ok);
  source->name = ens_column_text(row, 1, "", &ok);
  source->text = ens_column_text(row, 2, "", &ok);
  return ok ? ENS_OK : ens_error_memory(error);
}

static ens_status load_sources(ens_database *db, int64_t run_id, ens_store_record *record, ens_error *error) {
  sqlite3_stmt *row = NULL;
  bool found = true;
  ens_status status =
      ens_database_prepare(db, "SELECT role, name, text FROM source WHERE run_id = ? ORDER BY idx", READ, &row, error);
  if (!status) sqlite3_bind_int64(row, 1, run_id);
  while (!status) {
    status = ens_statement_row(db, row, READ, &found, error);
    if (!status && !found) break;
    if (!status) status = load_source(row, record, error);
  }
  sqlite3_finalize(row);
  return status;
}

ens_status ens_origin_load(ens_database *db, int64_t run_id, ens_store_record *record, ens_error *error) {
  int64_t there = 0;
  ens_status status = ens_database_ask(
      db, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'source'", READ, &there, error);
  if (!status && there) status = load_sources(db, run_id, record, error);
  if (!status) status = load_meta(db, "folder", &record->folder, error);
  return status ? status : load_meta(db, "output", &record->output, error);
}
