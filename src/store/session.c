/* Begins, updates and ends a row. A process counts as alive if its heartbeat is fresh and, on this host, its pid
 * exists. */
#include "store/session.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/file/column.h"
#include "store/file/statement.h"
#include "sys/clock.h"
#include "sys/host.h"

#define READ "read its sessions"
/* Seconds without a heartbeat after which a writer on another host counts as gone. */
#define STALE 60.0

/* ---- the last session ---- */

static void take_last(sqlite3_stmt *row, ens_session_last *last) {
  const char *host = (const char *)sqlite3_column_text(row, 0);
  last->found = true;
  strncpy(last->host, host ? host : "", sizeof last->host - 1);
  last->pid = sqlite3_column_int64(row, 1);
  last->heartbeat = ens_column_real(row, 2);
  last->ended = sqlite3_column_type(row, 3) != SQLITE_NULL;
}

ens_status ens_session_load_last(ens_database *db, int64_t run_id, ens_session_last *last, ens_error *error) {
  sqlite3_stmt *row = NULL;
  *last = (ens_session_last){0};
  ens_status status = ens_database_prepare(
      db, "SELECT host, pid, heartbeat, ended FROM session WHERE run_id = ? ORDER BY session_id DESC LIMIT 1", READ,
      &row, error);
  bool found = false;
  if (!status) {
    sqlite3_bind_int64(row, 1, run_id);
    status = ens_statement_row(db, row, READ, &found, error);
  }
  if (!status && found) take_last(row, last);
  sqlite3_finalize(row);
  return status;
}

bool ens_session_is_here(const ens_session_last *last) {
  char host[256];
  ens_host_name(host, sizeof host);
  return !strcmp(host, last->host);
}

bool ens_session_is_ours(const ens_session_last *last) {
  return last->found && !last->ended && last->pid == ens_host_process() && ens_session_is_here(last);
}

/* Dead, but not reaped by its parent. A launcher that has ended itself never reaps. */
static bool is_zombie(int64_t pid) {
  char path[48], state = '?';
  snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
  FILE *file = fopen(path, "r");
  if (!file) return false;
  if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1) state = '?';
  fclose(file);
  return state == 'Z' || state == 'X';
}

static bool process_exists(int64_t pid) {
  return pid > 0 && pid <= INT32_MAX && (kill((pid_t)pid, 0) == 0 || errno == EPERM) && !is_zombie(pid);
}

/* The clocks of two hosts may differ, so a heartbeat from the near future is fresh too. */
static bool is_fresh(const ens_session_last *last) {
  return fabs(ens_clock_wall() - last->heartbeat) < STALE;
}

bool ens_session_is_alive(const ens_session_last *last) {
  if (!last->found || last->ended || !is_fresh(last)) return false;
  return !ens_session_is_here(last) || process_exists(last->pid);
}

ens_status ens_session_refuse(const char *path, const ens_session_last *last, ens_error *error) {
  double age = ens_clock_wall() - last->heartbeat;
  if (!last->found || !isfinite(age))
    return ens_error_set(error, ENS_CONFIG, "'%s' is being written by another process", path);
  if (age < 0) age = 0;
  if (ens_session_is_here(last) || age >= STALE)
    return ens_error_set(error, ENS_CONFIG,
                         "'%s' is being written by process %lld on host '%s' (last heard of %.0f s ago): wait for it, "
                         "stop it, or give another output",
                         path, (long long)last->pid, last->host, age);
  return ens_error_set(error, ENS_CONFIG,
                       "'%s' is being written by process %lld on host '%s' (last heard of %.0f s ago): wait for it, "
                       "stop it, or give another output; if it is gone, the file is free in %.0f s",
                       path, (long long)last->pid, last->host, age, STALE - age);
}

/* ---- this session ---- */

ens_status ens_session_begin(ens_database *db, int64_t run_id, const ens_store_options *options, uint64_t first_step,
                             int64_t *session_id, ens_error *error) {
  char host[256];
  sqlite3_stmt *statement = NULL;
  ens_status status = ens_database_prepare(
      db,
      "INSERT INTO session(run_id, host, pid, job_id, workers, ranks, started, heartbeat, first_step, last_step)"
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?8)",
      "begin a session", &statement, error);
  if (status) return status;
  ens_host_name(host, sizeof host);
  sqlite3_bind_int64(statement, 1, run_id);
  sqlite3_bind_text(statement, 2, host, -1, SQLITE_STATIC);
  sqlite3_bind_int64(statement, 3, ens_host_process());
  sqlite3_bind_text(statement, 4, options->job_id, -1, SQLITE_STATIC);
  sqlite3_bind_int64(statement, 5, options->workers);
  sqlite3_bind_int64(statement, 6, options->ranks);
  sqlite3_bind_double(statement, 7, ens_clock_wall());
  sqlite3_bind_int64(statement, 8, (sqlite3_int64)first_step);
  status = ens_statement_done(db, statement, "begin a session", error);
  sqlite3_finalize(statement);
  *session_id = sqlite3_last_insert_rowid(db->handle);
  return status;
}

static uint64_t whole(double number) {
  return number >= 0 && number < 9e18 ? (uint64_t)number : 0;
}

/* total() instead of sum(): a damaged row must not cause an overflow error. */
ens_status ens_session_sum(ens_database *db, int64_t run_id, int64_t before, ens_session_sums *out, ens_error *error) {
  sqlite3_stmt *row = NULL;
  bool found = false;
  *out = (ens_session_sums){0, 0, 0};
  ens_status status = ens_database_prepare(
      db, "SELECT total(evaluations), total(errors), total(nans) FROM session WHERE run_id = ? AND session_id < ?",
      READ, &row, error);
  if (!status) {
    sqlite3_bind_int64(row, 1, run_id);
    sqlite3_bind_int64(row, 2, before);
    status = ens_statement_row(db, row, READ, &found, error);
  }
  if (!status && found)
    *out = (ens_session_sums){whole(ens_column_real(row, 0)), whole(ens_column_real(row, 1)),
                              whole(ens_column_real(row, 2))};
  sqlite3_finalize(row);
  return status;
}
