/* Loads record, counts and last session in one transaction, then derives acceptance and timing. */
#include "store/info.h"

#include <math.h>
#include <stdlib.h>

#include "store/checkpoint.h"
#include "store/file/column.h"
#include "store/file/place.h"
#include "store/file/statement.h"
#include "store/format/workers.h"
#include "store/origin.h"
#include "store/reader.h"
#include "store/session.h"

#define READ "read its sessions"

void ens_store_info_free(ens_store_info *info) {
  if (!info) return;
  ens_store_record_free(&info->record);
  free(info->worker);
  free(info->naccepted);
  free(info->log_prob);
  *info = (ens_store_info){0};
}

static double acceptance_of(const ens_store_checkpoint *checkpoint, size_t nwalkers) {
  double sum = 0;
  for (size_t k = 0; k < nwalkers; k++) sum += (double)checkpoint->naccepted[k];
  return checkpoint->step ? sum / ((double)nwalkers * (double)checkpoint->step) : (double)NAN;
}

static ens_status load_run(ens_database *db, ens_store_info *info, int64_t *run_id, ens_error *error) {
  ens_record_row row;
  ens_store_checkpoint checkpoint;
  ens_status status = ens_record_load(db, &info->record, &row, error);
  if (status) return status;
  status = ens_checkpoint_load(db, row.run_id, ens_record_shape(&info->record), &checkpoint, error);
  if (status) return status;
  status = ens_checkpoint_match(db, &checkpoint, row.nstored, error);
  *run_id = row.run_id;
  info->steps = row.nstored;
  info->status = row.status;
  info->created = row.created;
  info->updated = row.updated;
  info->acceptance_fraction = acceptance_of(&checkpoint, info->record.nwalkers);
  info->naccepted = checkpoint.naccepted;
  info->log_prob = checkpoint.log_prob;
  checkpoint.naccepted = NULL;
  checkpoint.log_prob = NULL;
  ens_store_checkpoint_free(&checkpoint);
  return status;
}

static ens_status take_session(sqlite3_stmt *row, ens_store_info *info, ens_error *error) {
  uint64_t workers, ranks;
  info->wall_s = ens_column_real(row, 0);
  info->model_s = ens_column_real(row, 1);
  info->workers = ens_column_count(row, 2, UINT32_MAX, &workers) ? (unsigned)workers : 0;
  info->ranks = ens_column_count(row, 3, UINT32_MAX, &ranks) ? (unsigned)ranks : 0;
  return ens_workers_parse((const char *)sqlite3_column_text(row, 4), &info->worker, &info->nworkers, error);
}

static ens_status load_last_session(ens_database *db, int64_t run_id, ens_store_info *info, ens_error *error) {
  sqlite3_stmt *row = NULL;
  bool found = false;
  ens_session_last last;
  ens_status status = ens_database_prepare(
      db,
      "SELECT wall_s, model_s, workers, ranks, per_worker, (SELECT count(*) FROM session WHERE run_id = ?1)"
      " FROM session WHERE run_id = ?1 ORDER BY session_id DESC LIMIT 1",
      READ, &row, error);
  if (!status) {
    sqlite3_bind_int64(row, 1, run_id);
    status = ens_statement_row(db, row, READ, &found, error);
  }
  if (!status && found) {
    info->nsessions = (size_t)ens_column_tally(row, 5);
    status = take_session(row, info, error);
  }
  sqlite3_finalize(row);
  if (!status) status = ens_session_load_last(db, run_id, &last, error);
  if (!status) info->live = ens_session_is_alive(&last);
  return status;
}

static ens_status load_info(ens_database *db, ens_store_info *info, ens_error *error) {
  int64_t run_id;
  ens_session_sums sums;
  ens_status status = load_run(db, info, &run_id, error);
  if (!status) status = load_last_session(db, run_id, info, error);
  if (!status) status = ens_session_sum(db, run_id, INT64_MAX, &sums, error);
  if (status) return status;
  status = ens_origin_load_aim(db, &info->base, &info->target, error);
  info->evaluations = sums.evaluations;
  info->errors = sums.errors;
  info->nans = sums.nans;
  return status;
}

ens_status ens_store_info_read(const char *path, ens_store_info *out, ens_error *error) {
  ens_place place;
  ens_database *db = NULL;
  *out = (ens_store_info){0};
  ens_status status = ens_place_find_old(path, &place, error);
  if (status) return status;
  status = ens_reader_open(&place, &db, error);
  if (!status) status = load_info(db, out, error);
  if (status) ens_store_info_free(out);
  ens_reader_close(db);
  ens_place_clear(&place);
  return status;
}
