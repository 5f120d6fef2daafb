/* The running store: the sampler's side, which copies a step and returns, and the writer's thread. Between them are two
 * buffers: `active` is being filled, `pending` is being written; the sampler waits only when both are full. */
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/launch.h"

#define HEARTBEAT 5.0    /* seconds between signs of life while no step comes */
#define LINES_LIMIT 4096 /* lines for the log that may wait */
/* A commit with a rollback journal shuts readers out. However long commits take, there is as much time between them, or
 * at least the longest that SQLite lets a reader sleep before it tries again, and some more. */
#define READERS_PAUSE 0.15

struct ens_store {
  ens_sink sink; /* first: the sink is the store */
  ens_store_parts parts;
  ens_shape shape;
  double commit_every;
  void (*note)(const char *format, ...);
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t work, done; /* for the writer; for whoever waits for it */

  /* under the mutex */
  ens_batch *active, *pending, *spare; /* pending: to be written, or NULL; spare: NULL while there is a pending one */
  uint64_t appended;
  _Atomic uint64_t committed; /* read by any */
  uint64_t asked, answered;   /* requests to commit now */
  ens_tally tally;
  ens_store_checkpoint *tuned; /* for the next commit; NULL: none */
  ens_log_line *lines, **lines_end;
  size_t nlines;
  bool closing, failed;
  ens_store_run_status status;
  int exit_status;
  ens_error error; /* why it failed */

  /* the writer's own */
  ens_tally commit_tally;
  double last_commit; /* monotonic seconds at which the last commit began */
  double rest_until;  /* until then only a commit that somebody waits for */
};

static double monotonic(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct timespec to_timespec(double t) {
  double whole = floor(t);
  return (struct timespec){(time_t)whole, (long)((t - whole) * 1e9)};
}

/* ---- the writer's thread ---- */

static bool commit_is_asked_for(const ens_store *store) {
  return store->pending || store->closing || store->asked != store->answered;
}

static double next_commit(const ens_store *store) {
  bool dirty = store->active->count || store->lines || store->tuned;
  double next = store->last_commit + (dirty && store->commit_every < HEARTBEAT ? store->commit_every : HEARTBEAT);
  return next > store->rest_until ? next : store->rest_until;
}

static double end_of_rest(double began) {
  double now = monotonic(), took = now - began;
  return now + (took < READERS_PAUSE ? took : READERS_PAUSE);
}

static void wait_for_work(ens_store *store) {
  while (!commit_is_asked_for(store)) {
    double until = next_commit(store);
    if (monotonic() >= until) return;
    struct timespec t = to_timespec(until);
    pthread_cond_timedwait(&store->work, &store->mutex, &t);
  }
}

static void hand_over(ens_store *store) {
  store->pending = store->active;
  store->active = store->spare;
  store->spare = NULL;
}

/* Takes what there is. The last commit of a session is the one that leaves nothing behind. */
static ens_commit take_work(ens_store *store) {
  if (!store->pending) hand_over(store);
  ens_tally_clear(&store->commit_tally);
  if (store->tally.set) ens_tally_copy(&store->commit_tally, &store->tally.counts);
  ens_commit commit = {.batch = store->pending,
                       .tuned = store->tuned,
                       .tally = &store->commit_tally,
                       .lines = store->lines,
                       .end = store->closing && !store->active->count,
                       .status = store->status,
                       .exit_status = store->exit_status};
  store->tuned = NULL;
  store->lines = NULL;
  store->lines_end = &store->lines;
  store->nlines = 0;
  return commit;
}

static void take_result(ens_store *store, ens_status status, ens_error *error, uint64_t ticket) {
  store->pending->count = 0;
  store->spare = store->pending;
  store->pending = NULL;
  if (status == ENS_OK) {
    store->committed = ens_writer_nstored(store->parts.writer);
    store->answered = ticket;
  } else {
    store->failed = true;
    ens_error_move(&store->error, error);
  }
  pthread_cond_broadcast(&store->done);
}

/* SQLite goes on with a write-ahead log that has lost its name, and nobody would ever find what it writes. */
static ens_status check_place(const ens_store *store, ens_error *error) {
  if (ens_place_holds(&store->parts.place, store->parts.fd)) return ENS_OK;
  return ens_error_set(error, ENS_IO, "'%s' was moved or removed while it was being written: nothing more can be saved",
                       store->parts.place.path);
}

/* A commit may fail for want of the place, too, and would not say so. */
static ens_status save(ens_store *store, const ens_commit *commit, ens_error *error) {
  ens_status status = check_place(store, error);
  if (status == ENS_OK) status = ens_writer_commit(store->parts.writer, commit, error);
  return status == ENS_IO ? check_place(store, error), status : status;
}

/* One round with the mutex held; false: the last one. */
static bool write_once(ens_store *store) {
  ens_error error = ENS_ERROR_NONE;
  wait_for_work(store);
  ens_commit commit = take_work(store);
  uint64_t ticket = store->asked;
  store->last_commit = monotonic();
  pthread_mutex_unlock(&store->mutex);
  ens_status status = save(store, &commit, &error);
  ens_log_line_free((ens_log_line *)commit.lines);
  store->rest_until = end_of_rest(store->last_commit);
  pthread_mutex_lock(&store->mutex);
  take_result(store, status, &error, ticket);
  return status == ENS_OK && !commit.end;
}

static void *write_steps(void *self) {
  ens_store *store = self;
  pthread_mutex_lock(&store->mutex);
  while (write_once(store)) continue;
  pthread_mutex_unlock(&store->mutex);
  return NULL;
}

/* ---- the sampler's side ---- */

static ens_status report_failure(const ens_store *store, ens_error *error) {
  return ens_error_set(error, store->error.status, "%s", ens_error_text(&store->error));
}

/* Makes room for a step: the full buffer goes to the writer, who may have to give the other one back first. */
static void make_room(ens_store *store) {
  while (store->pending && !store->failed) pthread_cond_wait(&store->done, &store->mutex);
  if (store->failed) return;
  hand_over(store);
  pthread_cond_signal(&store->work);
}

static ens_status append(ens_store *store, const ens_step *step, ens_error *error) {
  while (!store->failed && !ens_batch_append(store->active, step)) {
    if (!store->active->count) return ens_error_memory(error);
    make_room(store);
  }
  if (store->failed) return report_failure(store, error);
  store->appended++;
  if (ens_batch_is_full(store->active) && !store->pending) {
    hand_over(store);
    pthread_cond_signal(&store->work);
  } else if (store->active->count == 1) {
    pthread_cond_signal(&store->work); /* it has a time to wake at now */
  }
  return ENS_OK;
}

static ens_status take_step(ens_sink *sink, const ens_step *step, ens_error *error) {
  ens_store *store = (ens_store *)sink;
  ens_status status;
  pthread_mutex_lock(&store->mutex);
  if (step->index == store->appended + 1)
    status = append(store, step, error);
  else
    status =
        ens_error_set(error, ENS_IO, "'%s': step %llu came after step %llu: steps come in order",
                      store->parts.place.path, (unsigned long long)step->index, (unsigned long long)store->appended);
  pthread_mutex_unlock(&store->mutex);
  return status;
}

static const ens_sink_ops sink_ops = {take_step};

ens_sink *ens_store_sink(ens_store *store) {
  return &store->sink;
}

void ens_store_set_counts(ens_store *store, const ens_store_counts *counts) {
  pthread_mutex_lock(&store->mutex);
  ens_tally_copy(&store->tally, counts);
  pthread_mutex_unlock(&store->mutex);
}

void ens_store_set_totals(ens_store *store, uint64_t evaluations, uint64_t errors, uint64_t nans) {
  pthread_mutex_lock(&store->mutex);
  store->tally.counts.evaluations = evaluations;
  store->tally.counts.errors = errors;
  store->tally.counts.nans = nans;
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
  if (!before) pthread_cond_signal(&store->work); /* it has a time to wake at now */
  pthread_mutex_unlock(&store->mutex);
  ens_store_checkpoint_free(before);
  free(before);
  return ENS_OK;
}

/* Asks for a commit and waits for it; the mutex is held. */
static ens_status commit_now(ens_store *store, ens_error *error) {
  uint64_t ticket = ++store->asked;
  pthread_cond_signal(&store->work);
  while (!store->failed && store->answered < ticket) pthread_cond_wait(&store->done, &store->mutex);
  return store->failed ? report_failure(store, error) : ENS_OK;
}

ens_status ens_store_flush(ens_store *store, ens_error *error) {
  pthread_mutex_lock(&store->mutex);
  uint64_t appended = store->appended;
  ens_status status = commit_now(store, error);
  /* A commit takes one buffer; steps of now may be in the other one. */
  while (status == ENS_OK && store->committed < appended) status = commit_now(store, error);
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

/* One of the three words, whatever the caller gave. */
static const char *level_name(const char *level) {
  static const char *const names[] = {"warning", "error"};
  for (size_t i = 0; level && i < 2; i++)
    if (!strcmp(level, names[i])) return names[i];
  return "info";
}

/* A line that finds no memory is lost: a log is no reason to end a run. */
void ens_store_log(ens_store *store, const char *level, const char *message) {
  ens_log_line *line = calloc(1, sizeof *line);
  char *text = strdup(message);
  if (!line || !text) {
    free(line);
    free(text);
    return;
  }
  *line = (ens_log_line){NULL, ens_session_now(), level_name(level), text};
  pthread_mutex_lock(&store->mutex);
  *store->lines_end = line;
  store->lines_end = &line->next;
  if (++store->nlines == 1) pthread_cond_signal(&store->work);
  if (store->nlines >= LINES_LIMIT && !store->closing) commit_now(store, NULL);
  pthread_mutex_unlock(&store->mutex);
}

/* ---- begin and end ---- */

void ens_store_parts_clear(ens_store_parts *parts) {
  ens_writer_destroy(parts->writer);
  ens_database_close(parts->db);
  if (parts->fd >= 0) close(parts->fd);
  ens_place_clear(&parts->place);
  *parts = (ens_store_parts){.fd = -1};
}

static void free_store(ens_store *store) {
  ens_store_parts_clear(&store->parts);
  ens_batch_destroy(store->active);
  ens_batch_destroy(store->pending);
  ens_batch_destroy(store->spare);
  ens_store_checkpoint_free(store->tuned);
  free(store->tuned);
  ens_tally_clear(&store->tally);
  ens_tally_clear(&store->commit_tally);
  ens_log_line_free(store->lines);
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

/* Signals are the business of the thread that samples. */
static int start_thread(ens_store *store) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  int code = pthread_create(&store->thread, NULL, write_steps, store);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return code;
}

static ens_store *make_store(ens_store_parts *parts, ens_shape shape, const ens_store_options *options) {
  ens_store *store = calloc(1, sizeof *store);
  if (!store) return NULL;
  store->sink.ops = &sink_ops;
  store->shape = shape;
  store->commit_every = options->commit_every >= 0 ? options->commit_every : 1;
  store->note = options->note;
  store->appended = ens_writer_nstored(parts->writer);
  store->committed = store->appended;
  store->lines_end = &store->lines;
  store->last_commit = monotonic();
  store->active = ens_batch_create(shape, ENS_CHUNK_LIMIT);
  store->spare = ens_batch_create(shape, ENS_CHUNK_LIMIT);
  store->parts = (ens_store_parts){.fd = -1};
  if (store->active && store->spare) return store;
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
  int code = start_thread(store);
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
  if (status == ENS_OK) status = ens_journal_end(store->parts.db, &alone, &trouble);
  if (status == ENS_OK && !alone && store->note)
    store->note(
        "'%s' is kept open by another program, so its journal stays beside it: nothing is lost, and when that "
        "program has closed it, the same command again makes it one file",
        store->parts.place.path);
  if (status == ENS_OK || !trouble.status) return status;
  status = ens_error_set(error, ENS_IO, "every step is saved, but the files of '%s' could not be made into one: %s",
                         store->parts.place.path, ens_error_text(&trouble));
  ens_error_clear(&trouble);
  return status;
}

ens_status ens_store_close(ens_store *store, ens_store_run_status run_status, int exit_status, ens_error *error) {
  if (!store) return ENS_OK;
  pthread_mutex_lock(&store->mutex);
  store->closing = true;
  store->status = run_status;
  store->exit_status = exit_status;
  pthread_cond_signal(&store->work);
  pthread_mutex_unlock(&store->mutex);
  pthread_join(store->thread, NULL);
  ens_status status = ENS_OK;
  if (store->failed) {
    status = report_failure(store, error);
    ens_writer_abandon(store->parts.writer, run_status, exit_status);
  }
  ens_writer_destroy(store->parts.writer);
  store->parts.writer = NULL;
  ens_status end = finish(store, status == ENS_OK ? error : NULL);
  destroy_locks(store);
  free_store(store);
  return status == ENS_OK ? end : status;
}
