/* The sampler's thread copies a step into a buffer and returns; the writer's thread writes the buffers. There are two:
 * the sampler fills `active` while the writer writes `pending`, and the sampler waits only if both are full. */
#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "store/parts.h"
#include "store/session.h"
#include "sys/clock.h"
#include "sys/thread.h"

#define HEARTBEAT 5.0    /* seconds between heartbeats while no step comes */
#define LINES_LIMIT 4096 /* lines that may wait for the log */
/* A commit with a rollback journal shuts readers out. So the writer pauses after a commit, for as long as the commit
 * took, but at most for this time: it is a little longer than SQLite lets a waiting reader sleep. */
#define READERS_PAUSE 0.15

typedef struct store_buffers {
  ens_batch *active, *pending, *spare; /* pending: NULL if nothing is to be written; spare: NULL while pending is set */
  uint64_t appended;
} store_buffers;

typedef struct store_requests { /* for a commit at once */
  uint64_t asked, answered;
} store_requests;

typedef struct store_lines {
  ens_writer_line *first, **end;
  size_t count;
} store_lines;

typedef struct store_end {
  bool closing;
  ens_store_run_status status;
  int exit_status;
} store_end;

struct ens_store {
  ens_sink sink; /* first: a pointer to the sink is a pointer to the store */
  ens_store_parts parts;
  ens_shape shape;
  double commit_every;
  void (*note)(const char *format, ...);
  ens_thread thread;
  pthread_mutex_t mutex;
  pthread_cond_t work, done; /* wake the writer; wake threads that wait for the writer */

  /* Under the mutex. */
  store_buffers buffers;
  _Atomic uint64_t committed; /* any thread may read it, also without the mutex */
  store_requests requests;
  ens_counts_copy counts;
  ens_store_checkpoint *tuned; /* for the next commit; NULL: none */
  store_lines lines;
  store_end end;
  bool failed;
  ens_error error; /* if it has failed */

  /* Used by the writer only. */
  ens_counts_copy commit_counts;
  double last_commit; /* when the last commit began, in seconds of ens_clock_now */
  double rest_until;  /* until then, commit only for somebody who waits */
};

/* ---- the writer's thread ---- */

static bool commit_is_asked_for(const ens_store *store) {
  return store->buffers.pending || store->end.closing || store->requests.asked != store->requests.answered;
}

static double next_commit(const ens_store *store) {
  bool dirty = store->buffers.active->count || store->lines.first || store->tuned;
  double next = store->last_commit + (dirty && store->commit_every < HEARTBEAT ? store->commit_every : HEARTBEAT);
  return next > store->rest_until ? next : store->rest_until;
}

static double end_of_rest(double began) {
  double now = ens_clock_now(), took = now - began;
  return now + (took < READERS_PAUSE ? took : READERS_PAUSE);
}

static void wait_for_work(ens_store *store) {
  while (!commit_is_asked_for(store)) {
    double until = next_commit(store);
    if (ens_clock_now() >= until) return;
    struct timespec t = ens_clock_deadline(until - ens_clock_now());
    pthread_cond_timedwait(&store->work, &store->mutex, &t);
  }
}

static void hand_over(ens_store *store) {
  store->buffers.pending = store->buffers.active;
  store->buffers.active = store->buffers.spare;
  store->buffers.spare = NULL;
}

/* Takes everything that waits. The last commit of a session is the one that leaves no steps behind. */
static ens_writer_work take_work(ens_store *store) {
  if (!store->buffers.pending) hand_over(store);
  ens_counts_copy_clear(&store->commit_counts);
  if (store->counts.set) ens_counts_copy_set(&store->commit_counts, &store->counts.counts);
  ens_writer_work work = {.batch = store->buffers.pending,
                          .tuned = store->tuned,
                          .counts = &store->commit_counts,
                          .lines = store->lines.first,
                          .end = store->end.closing && !store->buffers.active->count,
                          .status = store->end.status,
                          .exit_status = store->end.exit_status};
  store->tuned = NULL;
  store->lines.first = NULL;
  store->lines.end = &store->lines.first;
  store->lines.count = 0;
  return work;
}

static void take_result(ens_store *store, ens_status status, ens_error *error, uint64_t ticket) {
  store->buffers.pending->count = 0;
  store->buffers.spare = store->buffers.pending;
  store->buffers.pending = NULL;
  if (!status) {
    store->committed = ens_writer_nstored(store->parts.writer);
    store->requests.answered = ticket;
  } else {
    store->failed = true;
    ens_error_move(&store->error, error);
  }
  pthread_cond_broadcast(&store->done);
}

/* SQLite would continue to write a file that has lost its name, and nobody would find it. */
static ens_status check_place(const ens_store *store, ens_error *error) {
  if (ens_place_holds(&store->parts.place, store->parts.fd)) return ENS_OK;
  return ens_error_set(error, ENS_IO, "'%s' was moved or removed while it was being written: nothing more can be saved",
                       store->parts.place.path);
}

/* A commit may also fail because the file was moved, with an error that does not say so. */
static ens_status save(ens_store *store, const ens_writer_work *work, ens_error *error) {
  ens_status status = check_place(store, error);
  if (!status) status = ens_writer_commit(store->parts.writer, work, error);
  return status == ENS_IO ? check_place(store, error), status : status;
}

/* Waits for work and writes it; holds the mutex at its beginning and end. False: it was the last time. */
static bool write_once(ens_store *store) {
  ens_error error = ENS_ERROR_NONE;
  wait_for_work(store);
  ens_writer_work work = take_work(store);
  uint64_t ticket = store->requests.asked;
  store->last_commit = ens_clock_now();
  pthread_mutex_unlock(&store->mutex);
  ens_status status = save(store, &work, &error);
  ens_writer_line_free((ens_writer_line *)work.lines);
  store->rest_until = end_of_rest(store->last_commit);
  pthread_mutex_lock(&store->mutex);
  take_result(store, status, &error, ticket);
  return !status && !work.end;
}

static void *write_steps(void *self) {
  ens_store *store = self;
  pthread_mutex_lock(&store->mutex);
  while (write_once(store)) continue;
  pthread_mutex_unlock(&store->mutex);
  return NULL;
}

/* ---- the sampler's side ---- */

static ens_status report_error(const ens_store *store, ens_error *error) {
  return ens_error_set(error, store->error.status, "%s", ens_error_text(&store->error));
}

/* Makes room for a step: hands the full buffer to the writer, as soon as the writer has finished the other one. */
static void make_room(ens_store *store) {
  while (store->buffers.pending && !store->failed) pthread_cond_wait(&store->done, &store->mutex);
  if (store->failed) return;
  hand_over(store);
  pthread_cond_signal(&store->work);
}

static ens_status append(ens_store *store, const ens_step *step, ens_error *error) {
  while (!store->failed && !ens_batch_append(store->buffers.active, step)) {
    if (!store->buffers.active->count) return ens_error_memory(error);
    make_room(store);
  }
  if (store->failed) return report_error(store, error);
  store->buffers.appended++;
  if (ens_batch_is_full(store->buffers.active) && !store->buffers.pending) {
    hand_over(store);
    pthread_cond_signal(&store->work);
  } else if (store->buffers.active->count == 1) {
    pthread_cond_signal(&store->work); /* so that it sets a time for its next commit */
  }
  return ENS_OK;
}

static ens_status take_step(ens_sink *sink, const ens_step *step, ens_error *error) {
  ens_store *store = (ens_store *)sink;
  ens_status status;
  pthread_mutex_lock(&store->mutex);
  if (step->index == store->buffers.appended + 1)
    status = append(store, step, error);
  else
    status = ens_error_set(error, ENS_IO, "'%s': step %llu came after step %llu, but steps must come in order",
                           store->parts.place.path, (unsigned long long)step->index,
                           (unsigned long long)store->buffers.appended);
  pthread_mutex_unlock(&store->mutex);
  return status;
}

static const ens_sink_ops sink_ops = {take_step};

ens_sink *ens_store_sink(ens_store *store) {
  return &store->sink;
}

void ens_store_set_counts(ens_store *store, const ens_store_counts *counts) {
  pthread_mutex_lock(&store->mutex);
  ens_counts_copy_set(&store->counts, counts);
  pthread_mutex_unlock(&store->mutex);
}

void ens_store_set_totals(ens_store *store, uint64_t evaluations, uint64_t errors, uint64_t nans) {
  pthread_mutex_lock(&store->mutex);
  store->counts.counts.evaluations = evaluations;
  store->counts.counts.errors = errors;
  store->counts.counts.nans = nans;
  pthread_mutex_unlock(&store->mutex);
}

static bool copy_numbers(double **to, const double *from, size_t n) {
  *to = malloc((n + 1) * sizeof **to);
  if (*to && n) memcpy(*to, from, n * sizeof **to);
  return *to != NULL;
}

static ens_store_checkpoint *copy_tuning(ens_shape shape, const ens_store_checkpoint *state) {
  size_t w = shape.nwalkers;
  ens_store_checkpoint *copy = calloc(1, sizeof *copy);
  if (!copy) return NULL;
  copy->nmove_state = state->nmove_state;
  if (copy_numbers(&copy->coords, state->coords, w * shape.ndim) && copy_numbers(&copy->log_prob, state->log_prob, w) &&
      copy_numbers(&copy->blobs, state->blobs, w * shape.ncells) &&
      copy_numbers(&copy->move_state, state->move_state, state->nmove_state))
    return copy;
  ens_store_checkpoint_free(copy);
  free(copy);
  return NULL;
}

ens_status ens_store_put_tuning(ens_store *store, const ens_store_checkpoint *state, ens_error *error) {
  ens_store_checkpoint *copy = copy_tuning(store->shape, state), *before;
  if (!copy) return ens_error_memory(error);
  pthread_mutex_lock(&store->mutex);
  before = store->tuned;
  store->tuned = copy;
  if (!before) pthread_cond_signal(&store->work); /* so that it sets a time for its next commit */
  pthread_mutex_unlock(&store->mutex);
  ens_store_checkpoint_free(before);
  free(before);
  return ENS_OK;
}

/* Asks for a commit and waits for it; the mutex is held. */
static ens_status commit_now(ens_store *store, ens_error *error) {
  uint64_t ticket = ++store->requests.asked;
  pthread_cond_signal(&store->work);
  while (!store->failed && store->requests.answered < ticket) pthread_cond_wait(&store->done, &store->mutex);
  return store->failed ? report_error(store, error) : ENS_OK;
}

ens_status ens_store_flush(ens_store *store, ens_error *error) {
  pthread_mutex_lock(&store->mutex);
  uint64_t appended = store->buffers.appended;
  ens_status status = commit_now(store, error);
  /* A commit writes one buffer, but the last steps may be in the other one. */
  while (!status && store->committed < appended) status = commit_now(store, error);
  pthread_mutex_unlock(&store->mutex);
  return status;
}

uint64_t ens_store_committed(const ens_store *store) {
  return atomic_load(&store->committed);
}

bool ens_store_has_failed(ens_store *store) {
  pthread_mutex_lock(&store->mutex);
  bool failed = store->failed;
  pthread_mutex_unlock(&store->mutex);
  return failed;
}

/* Any other word counts as "info". */
static const char *level_name(const char *level) {
  static const char *const names[] = {"warning", "error"};
  for (size_t i = 0; level && i < 2; i++)
    if (!strcmp(level, names[i])) return names[i];
  return "info";
}

/* Without memory the line is lost, because a log must not end a run. */
void ens_store_log(ens_store *store, const char *level, const char *message) {
  ens_writer_line *line = calloc(1, sizeof *line);
  char *text = strdup(message);
  if (!line || !text) {
    free(line);
    free(text);
    return;
  }
  *line = (ens_writer_line){NULL, ens_clock_wall(), level_name(level), text};
  pthread_mutex_lock(&store->mutex);
  *store->lines.end = line;
  store->lines.end = &line->next;
  if (++store->lines.count == 1) pthread_cond_signal(&store->work);
  if (store->lines.count >= LINES_LIMIT && !store->end.closing) commit_now(store, NULL);
  pthread_mutex_unlock(&store->mutex);
}

/* ---- begin and end ---- */

static void free_store(ens_store *store) {
  ens_store_parts_clear(&store->parts);
  ens_batch_destroy(store->buffers.active);
  ens_batch_destroy(store->buffers.pending);
  ens_batch_destroy(store->buffers.spare);
  ens_store_checkpoint_free(store->tuned);
  free(store->tuned);
  ens_counts_copy_clear(&store->counts);
  ens_counts_copy_clear(&store->commit_counts);
  ens_writer_line_free(store->lines.first);
  ens_error_clear(&store->error);
  free(store);
}

static void destroy_locks(ens_store *store) {
  pthread_cond_destroy(&store->done);
  pthread_cond_destroy(&store->work);
  pthread_mutex_destroy(&store->mutex);
}

static void make_locks(ens_store *store) {
  pthread_condattr_t monotonic_time;
  pthread_condattr_init(&monotonic_time);
  pthread_condattr_setclock(&monotonic_time, CLOCK_MONOTONIC);
  pthread_mutex_init(&store->mutex, NULL);
  pthread_cond_init(&store->work, &monotonic_time);
  pthread_cond_init(&store->done, &monotonic_time);
  pthread_condattr_destroy(&monotonic_time);
}

static ens_store *make_store(ens_store_parts *parts, ens_shape shape, const ens_store_options *options) {
  ens_store *store = calloc(1, sizeof *store);
  if (!store) return NULL;
  store->sink.ops = &sink_ops;
  store->shape = shape;
  store->commit_every = options->commit_every >= 0 ? options->commit_every : 1;
  store->note = options->note;
  store->buffers.appended = ens_writer_nstored(parts->writer);
  store->committed = store->buffers.appended;
  store->lines.end = &store->lines.first;
  store->last_commit = ens_clock_now();
  store->buffers.active = ens_batch_create(shape, ENS_CHUNK_LIMIT);
  store->buffers.spare = ens_batch_create(shape, ENS_CHUNK_LIMIT);
  store->parts = (ens_store_parts){.fd = -1};
  if (store->buffers.active && store->buffers.spare) return store;
  free_store(store);
  return NULL;
}

ens_status ens_store_launch(ens_store_parts *parts, ens_shape shape, const ens_store_options *options, ens_store **out,
                            ens_error *error) {
  ens_store *store = make_store(parts, shape, options);
  if (!store) {
    ens_store_parts_clear(parts);
    return ens_error_memory(error);
  }
  store->parts = *parts;
  *parts = (ens_store_parts){.fd = -1};
  make_locks(store);
  int code = ens_thread_start(&store->thread, &(ens_thread_options){.name = NULL}, write_steps, store);
  if (code == 0) {
    *out = store;
    return ENS_OK;
  }
  ens_status status = ens_error_set(error, ENS_IO, "'%s': cannot start the thread that writes it: %s",
                                    store->parts.place.path, strerror(code));
  destroy_locks(store);
  free_store(store);
  return status;
}

static ens_status finish(ens_store *store, ens_error *error) {
  ens_error trouble = ENS_ERROR_NONE;
  bool alone;
  ens_status status = check_place(store, error);
  if (!status) status = ens_journal_end(store->parts.db, &alone, &trouble);
  if (!status && !alone && store->note)
    store->note(
        "'%s' is kept open by another program, so its journal stays beside it: nothing is lost; when that program has "
        "closed it, run the same command again to merge the journal into the file",
        store->parts.place.path);
  if (!status || !trouble.status) return status;
  status = ens_error_set(error, ENS_IO, "every step is saved, but the files of '%s' could not be merged into one: %s",
                         store->parts.place.path, ens_error_text(&trouble));
  ens_error_clear(&trouble);
  return status;
}

ens_status ens_store_close(ens_store *store, ens_store_run_status run_status, int exit_status, ens_error *error) {
  if (!store) return ENS_OK;
  pthread_mutex_lock(&store->mutex);
  store->end.closing = true;
  store->end.status = run_status;
  store->end.exit_status = exit_status;
  pthread_cond_signal(&store->work);
  pthread_mutex_unlock(&store->mutex);
  ens_thread_join(&store->thread);
  ens_status status = ENS_OK;
  if (store->failed) {
    status = report_error(store, error);
    ens_writer_abandon(store->parts.writer, run_status, exit_status);
  }
  ens_writer_destroy(store->parts.writer);
  store->parts.writer = NULL;
  ens_status end = finish(store, status ? NULL : error);
  destroy_locks(store);
  free_store(store);
  return status ? status : end;
}

/* ---- one file ---- */

static ens_status fold(ens_store_parts *parts, ens_error *error) {
  const ens_store_options options = {.busy_limit = 1};
  ens_session_last last;
  int64_t run_id;
  bool alone;
  ens_status status = ens_store_parts_attach(parts, &options, error);
  if (!status) status = ens_database_ask(parts->db, "SELECT max(run_id) FROM run", "read the run", &run_id, error);
  if (!status) status = ens_session_load_last(parts->db, run_id, &last, error);
  return status || ens_session_is_alive(&last) ? status : ens_journal_end(parts->db, &alone, error);
}

void ens_store_tidy(const char *path) {
  ens_store_parts parts = {.fd = -1};
  ens_error ignored = ENS_ERROR_NONE;
  ens_status status = ens_place_find_old(path, &parts.place, &ignored);
  if (!status && !ens_place_is_open_here(&parts.place)) status = ens_place_open(&parts.place, &parts.fd, &ignored);
  if (parts.fd >= 0 && ens_journal_is_wal(parts.fd) && ens_place_lock(parts.fd)) fold(&parts, &ignored);
  ens_store_parts_clear(&parts);
  ens_error_clear(&ignored);
}
