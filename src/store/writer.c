/* A commit has three stages. `prepare` makes everything that the transaction writes, so that `transact` can be tried
 * again without changes. `settle` then changes the writer's picture of the file.
 *
 * The last chunk is kept in memory, and each commit replaces it with a longer one until it holds 256 KiB. So the number
 * of rows depends on the amount of data and not on the number of commits. */
#include "store/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/file/column.h"
#include "store/file/statement.h"
#include "store/rows.h"
#include "sys/clock.h"

/* The first DIAG_FREE commits leave a row of diag each; then there is one row for DIAG_SPACING bytes of steps. */
#define DIAG_FREE 64
#define DIAG_SPACING ((size_t)16384)

struct ens_writer {
  ens_database *db;
  ens_rows *rows;
  ens_shape shape;
  ens_blobs blobs;
  uint64_t nstored; /* on disk */
  uint64_t *naccepted;
  ens_store_checkpoint *tuned; /* the last one; later checkpoints keep its move_state; NULL: none */
  ens_batch *tail;             /* the steps of the last chunk while it can grow */
  uint64_t tail_start;
  ens_image *grown, *fresh; /* of this commit: the longer tail, and a new chunk after it */
  size_t into_tail;         /* how many of this commit's steps the longer tail has */
  ens_codec_trial trial;
  ens_rows_diag diag; /* of this commit */
  uint64_t diag_rows, diag_kept,
      diag_last; /* number of rows; step of the last row that stays, of the last row; 0: none */
  double busy_limit, full_limit;
  void (*note)(const char *format, ...);
  bool waiting;  /* this commit has failed and is tried again */
  char *trouble; /* the error of the first try, for the log; NULL: none */
};

void ens_writer_line_free(ens_writer_line *list) {
  while (list) {
    ens_writer_line *next = list->next;
    free(list->message);
    free(list);
    list = next;
  }
}

uint64_t ens_writer_nstored(const ens_writer *writer) {
  return writer->nstored;
}

/* ---- create ---- */

static ens_status load_diag(ens_writer *writer, int64_t run_id, ens_error *error) {
  sqlite3_stmt *row = NULL;
  bool found = false;
  ens_status status = ens_database_prepare(writer->db, "SELECT count(*), max(step) FROM diag WHERE run_id = ?",
                                           "read its table diag", &row, error);
  if (!status) {
    sqlite3_bind_int64(row, 1, run_id);
    status = ens_statement_row(writer->db, row, "read its table diag", &found, error);
  }
  if (!status && found) {
    writer->diag_rows = ens_column_tally(row, 0);
    writer->diag_kept = writer->diag_last = ens_column_tally(row, 1);
  }
  sqlite3_finalize(row);
  return status;
}

static void fill_writer(ens_writer *writer, ens_database *db, const ens_writer_start *start) {
  writer->db = db;
  writer->shape = start->shape;
  writer->nstored = start->nstored;
  writer->busy_limit = start->busy_limit;
  writer->full_limit = start->full_limit;
  writer->note = start->note;
  writer->tail = start->tail;
  writer->tail_start = start->nstored - (start->tail ? start->tail->count : 0);
}

static bool allocate_writer(ens_writer *writer, const ens_blobs *blobs, const uint64_t *naccepted) {
  size_t w = writer->shape.nwalkers;
  if (!ens_blobs_copy(&writer->blobs, blobs)) return false;
  if (!writer->tail) writer->tail = ens_batch_create(writer->shape, ENS_TAIL_LIMIT);
  writer->grown = ens_image_create(&writer->blobs);
  writer->fresh = ens_image_create(&writer->blobs);
  writer->naccepted = calloc(w, sizeof *writer->naccepted);
  if (writer->naccepted && naccepted) memcpy(writer->naccepted, naccepted, w * sizeof *naccepted);
  return writer->tail && writer->grown && writer->fresh && writer->naccepted;
}

static bool keep_move_state(ens_writer *writer, const ens_writer_start *start) {
  if (!start->move_state) return true;
  size_t size = start->nmove_state * sizeof *start->move_state;
  writer->tuned = calloc(1, sizeof *writer->tuned);
  if (!writer->tuned || !(writer->tuned->move_state = malloc(size))) return false;
  memcpy(writer->tuned->move_state, start->move_state, size);
  writer->tuned->nmove_state = start->nmove_state;
  return true;
}

ens_status ens_writer_create(ens_database *db, const ens_writer_start *start, ens_writer **out, ens_error *error) {
  *out = NULL;
  ens_writer *writer = calloc(1, sizeof *writer);
  if (!writer) {
    ens_batch_destroy(start->tail);
    return ens_error_memory(error);
  }
  fill_writer(writer, db, start);
  bool fine = allocate_writer(writer, start->blobs, start->naccepted) && keep_move_state(writer, start);
  ens_status status = fine ? ENS_OK : ens_error_memory(error);
  if (!status) status = ens_rows_create(db, start->run_id, start->session_id, start->shape, &writer->rows, error);
  if (!status) status = load_diag(writer, start->run_id, error);
  if (status) goto fail;
  *out = writer;
  return ENS_OK;
fail:
  ens_writer_destroy(writer);
  return status;
}

void ens_writer_destroy(ens_writer *writer) {
  if (!writer) return;
  ens_rows_destroy(writer->rows);
  ens_batch_destroy(writer->tail);
  ens_image_destroy(writer->grown);
  ens_image_destroy(writer->fresh);
  ens_blobs_free(&writer->blobs);
  free(writer->naccepted);
  ens_store_checkpoint_free(writer->tuned);
  free(writer->tuned);
  free(writer->trouble);
  free(writer);
}

/* ---- prepare ---- */

static size_t steps_into_tail(const ens_writer *writer, size_t count) {
  if (!writer->tail->count) return 0;
  size_t step = ens_shape_bytes(writer->shape), missing = ENS_TAIL_LIMIT - ens_batch_bytes(writer->tail);
  size_t wanted = (missing + step - 1) / step;
  return wanted < count ? wanted : count;
}

static void count_accepted(ens_writer *writer, const ens_batch *batch) {
  size_t w = writer->shape.nwalkers;
  for (size_t i = 0; i < batch->count; i++)
    for (size_t k = 0; k < w; k++) writer->naccepted[k] += batch->accepted[i * w + k] != 0;
}

static void note_last_step(ens_writer *writer, const ens_batch *batch) {
  size_t w = writer->shape.nwalkers;
  const double *log_prob = batch->log_prob + (batch->count - 1) * w;
  double accepted = 0, sum = 0, max = log_prob[0];
  for (size_t k = 0; k < w; k++) {
    accepted += (double)writer->naccepted[k];
    sum += log_prob[k];
    if (log_prob[k] > max) max = log_prob[k];
  }
  uint64_t step = writer->nstored + batch->count;
  writer->diag = (ens_rows_diag){step, accepted / ((double)w * (double)step), sum / (double)w, max};
}

static bool make_images(ens_writer *writer, const ens_batch *batch, size_t used) {
  if (used && !ens_image_make(writer->grown, writer->tail, 0, writer->tail->count, writer->tail_start, &writer->trial))
    return false;
  if (used == batch->count) return true;
  return ens_image_make(writer->fresh, batch, used, batch->count - used, writer->nstored + used, &writer->trial);
}

/* After an error, the tail is as it was. */
static bool prepare_chunks(ens_writer *writer, const ens_batch *batch) {
  size_t used = steps_into_tail(writer, batch->count);
  writer->into_tail = used;
  if (used && !ens_batch_extend(writer->tail, batch, 0, used)) return false;
  if (make_images(writer, batch, used)) return true;
  writer->tail->count -= used;
  return false;
}

static bool prepare(ens_writer *writer, const ens_batch *batch) {
  writer->grown->nsteps = writer->fresh->nsteps = 0;
  if (!batch->count) return true;
  if (!prepare_chunks(writer, batch)) return false;
  count_accepted(writer, batch);
  note_last_step(writer, batch);
  return true;
}

/* ---- the transaction ---- */

static ens_status write_checkpoint(ens_writer *writer, const ens_batch *batch, ens_error *error) {
  size_t last = batch->count - 1, w = writer->shape.nwalkers;
  ens_store_checkpoint checkpoint = {.step = writer->nstored + batch->count,
                                     .coords = batch->coords + last * w * writer->shape.ndim,
                                     .log_prob = batch->log_prob + last * w,
                                     .naccepted = writer->naccepted};
  if (batch->blobs) checkpoint.blobs = batch->blobs + last * w * writer->shape.ncells;
  if (writer->tuned) {
    checkpoint.move_state = writer->tuned->move_state;
    checkpoint.nmove_state = writer->tuned->nmove_state;
  }
  return ens_rows_write_checkpoint(writer->rows, &checkpoint, error);
}

/* While moves are tuned, no step is kept, so the state belongs to none. */
static ens_status write_tuning(ens_writer *writer, ens_error *error) {
  ens_store_checkpoint checkpoint = *writer->tuned;
  checkpoint.step = writer->nstored;
  checkpoint.naccepted = writer->naccepted;
  return ens_rows_write_checkpoint(writer->rows, &checkpoint, error);
}

/* The last steps may be committed before their counts are set: the last row of the session gets the final counts. */
static ens_status complete_diag(ens_writer *writer, const ens_writer_work *work, double now, ens_error *error) {
  if (!work->end || !writer->diag.step || writer->diag.step != writer->nstored) return ENS_OK;
  return ens_rows_write_diag(writer->rows, &writer->diag, 0, now, work->counts, error);
}

/* Drops the last row of diag if it came too soon after the row before it. */
static ens_status write_steps(ens_writer *writer, const ens_writer_work *work, double now, ens_error *error) {
  if (!work->batch->count) return complete_diag(writer, work, now, error);
  uint64_t drop = writer->diag_last == writer->diag_kept ? 0 : writer->diag_last;
  ens_status status = ens_rows_write_image(writer->rows, writer->grown, error);
  if (!status) status = ens_rows_write_image(writer->rows, writer->fresh, error);
  if (!status) status = write_checkpoint(writer, work->batch, error);
  if (!status) status = ens_rows_write_diag(writer->rows, &writer->diag, drop, now, work->counts, error);
  return status;
}

static ens_status write_log(ens_writer *writer, const ens_writer_line *line, double now, ens_error *error) {
  ens_status status = ENS_OK;
  for (; !status && line; line = line->next)
    status = ens_rows_write_line(writer->rows, line->t, line->level, line->message, error);
  if (!status && writer->trouble) status = ens_rows_write_line(writer->rows, now, "warning", writer->trouble, error);
  return status;
}

static ens_status write_all(ens_writer *writer, const ens_writer_work *work, ens_error *error) {
  double now = ens_clock_wall();
  uint64_t step = writer->nstored + work->batch->count;
  ens_store_run_status run_status = work->end ? work->status : ENS_RUN_RUNNING;
  ens_status status = write_steps(writer, work, now, error);
  if (!status && work->tuned && !work->batch->count) status = write_tuning(writer, error);
  if (!status && (work->batch->count || work->end))
    status = ens_rows_write_run(writer->rows, step, run_status, now, error);
  if (!status) status = ens_rows_write_session(writer->rows, step, now, work->counts, error);
  if (!status) status = write_log(writer, work->lines, now, error);
  if (!status && work->end) status = ens_rows_write_end(writer->rows, work->exit_status, now, error);
  return status;
}

/* Tries the transaction once. *code is SQLite's, before the rollback hides it; *number is errno. */
static ens_status transact(ens_writer *writer, const ens_writer_work *work, int *code, int *number, ens_error *error) {
  ens_status status = ens_rows_begin(writer->rows, error);
  if (!status) status = write_all(writer, work, error);
  if (!status) status = ens_rows_commit(writer->rows, error);
  *code = sqlite3_errcode(writer->db->handle) & 0xff;
  *number = *code == SQLITE_IOERR ? ens_database_errno(writer->db) : 0;
  ens_rows_roll_back(writer->rows);
  return status;
}

/* ---- further tries ---- */

static const double pause_seconds = 0.2; /* between tries */

/* If a model takes all memory, its engine ends it, and then there is memory again. */
static double memory_limit(const ens_writer *writer) {
  return writer->full_limit < 10 ? writer->full_limit : 10;
}

/* Seconds for which to try again after this error; 0: the error is final. */
static double patience(const ens_writer *writer, ens_status status, int code, int number) {
  if (status == ENS_MEMORY) return memory_limit(writer);
  if (status != ENS_IO) return 0;
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) return writer->busy_limit;
  bool full = code == SQLITE_FULL || (code == SQLITE_IOERR && (number == ENOSPC || number == EDQUOT));
  return full ? writer->full_limit : 0;
}

/* Keeps the error of the first try for the log, and shows it to the user. */
static void begin_waiting(ens_writer *writer, double limit, ens_error *error) {
  if (!writer->waiting && writer->note) writer->note("%s: trying again for up to %.0f s", ens_error_text(error), limit);
  if (!writer->trouble) writer->trouble = strdup(ens_error_text(error));
  writer->waiting = true;
  ens_error_clear(error);
}

static void end_waiting(ens_writer *writer) {
  if (writer->waiting && writer->note) writer->note("'%s': steps are saved again", writer->db->path);
  writer->waiting = false;
  free(writer->trouble);
  writer->trouble = NULL;
}

static ens_status transact_patiently(ens_writer *writer, const ens_writer_work *work, ens_error *error) {
  double began = ens_clock_now();
  for (;;) {
    int code, number;
    ens_status status = transact(writer, work, &code, &number, error);
    if (!status) return ENS_OK;
    double limit = patience(writer, status, code, number), waited = ens_clock_now() - began;
    if (limit <= 0) return status;
    if (waited >= limit && status == ENS_MEMORY) return status;
    if (waited >= limit) return ens_error_set(error, ENS_IO, "%s (waited %.0f s)", ens_error_text(error), waited);
    begin_waiting(writer, limit, error);
    ens_clock_sleep(pause_seconds);
  }
}

static bool prepare_patiently(ens_writer *writer, const ens_batch *batch) {
  double began = ens_clock_now();
  while (!prepare(writer, batch)) {
    if (ens_clock_now() - began >= memory_limit(writer)) return false;
    ens_clock_sleep(pause_seconds);
  }
  return true;
}

/* ---- settle ---- */

/* Without memory for the tail, a small chunk stays small. */
static void settle_tail(ens_writer *writer, const ens_batch *batch) {
  if (writer->fresh->nsteps) {
    writer->tail->count = 0;
    writer->tail_start = writer->fresh->start;
    if (writer->fresh->nsteps * ens_shape_bytes(writer->shape) < ENS_TAIL_LIMIT)
      ens_batch_extend(writer->tail, batch, writer->into_tail, writer->fresh->nsteps);
  } else if (ens_batch_bytes(writer->tail) >= ENS_TAIL_LIMIT) {
    writer->tail->count = 0;
  }
}

static void settle_diag(ens_writer *writer) {
  bool replaced = writer->diag_last != writer->diag_kept;
  uint64_t apart = writer->nstored - writer->diag_kept;
  writer->diag_last = writer->nstored;
  if (!replaced) writer->diag_rows++;
  if (writer->diag_rows <= DIAG_FREE || apart >= DIAG_SPACING / ens_shape_bytes(writer->shape))
    writer->diag_kept = writer->nstored;
}

static void settle(ens_writer *writer, const ens_batch *batch) {
  end_waiting(writer);
  if (!batch->count) return;
  settle_tail(writer, batch);
  writer->nstored += batch->count;
  settle_diag(writer);
}

ens_status ens_writer_commit(ens_writer *writer, const ens_writer_work *work, ens_error *error) {
  ens_error trouble = ENS_ERROR_NONE;
  if (work->tuned) {
    ens_store_checkpoint_free(writer->tuned);
    free(writer->tuned);
    writer->tuned = work->tuned;
  }
  if (!prepare_patiently(writer, work->batch)) return ens_error_memory(error);
  ens_status status = transact_patiently(writer, work, &trouble);
  if (!status) settle(writer, work->batch);
  ens_error_move(error, &trouble);
  return status;
}

void ens_writer_abandon(ens_writer *writer, ens_store_run_status status, int exit_status) {
  double now = ens_clock_wall();
  sqlite3_busy_timeout(writer->db->handle, 1000);
  ens_status failed = ens_rows_begin(writer->rows, NULL);
  if (!failed) failed = ens_rows_write_run(writer->rows, writer->nstored, status, now, NULL);
  if (!failed) failed = ens_rows_write_end(writer->rows, exit_status, now, NULL);
  if (!failed) ens_rows_commit(writer->rows, NULL);
  ens_rows_roll_back(writer->rows);
}
