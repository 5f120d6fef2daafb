/* The services first (random numbers), then one evaluation with prior and likelihood, then blocks of them. */
#include "eval/native_worker.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/bare.h"
#include "eval/native_data.h"

/* ---- random numbers ---- */

/* Seeds the stream at the first draw, because most models draw no numbers. */
static ens_stream *stream_of(ensemble_worker *lent) {
  ens_native_worker *worker = (ens_native_worker *)lent;
  if (!worker->seeded)
    ens_stream_set(&worker->random, worker->native->base.seed, worker->block->step[worker->at],
                   worker->block->walker[worker->at], ENS_RNG_MODEL);
  worker->seeded = true;
  return &worker->random;
}

static double draw_uniform(ensemble_worker *lent) {
  return (double)(ens_stream_word(stream_of(lent)) >> 11) *
         0x1p-53; /* the same numbers as math.random of a model in Lua */
}
static double draw_normal(ensemble_worker *lent) {
  return ens_stream_normal(stream_of(lent));
}
static uint64_t draw_bits(ensemble_worker *lent) {
  return ens_stream_word(stream_of(lent));
}

static void begin_item(ens_native_worker *worker, size_t i) {
  worker->at = i;
  worker->seeded = false;
}

static void choose_point(ensemble_worker *lent, size_t i) {
  ens_native_worker *worker = (ens_native_worker *)lent;
  if (worker->block && i < worker->block->count) begin_item(worker, i);
}

static const ensemble_random randoms = {
    .uniform = draw_uniform, .normal = draw_normal, .bits = draw_bits, .point = choose_point};

/* ---- errors ---- */

/* Writes the message that the model left, or the number that it returned. */
static void describe(ens_native_worker *worker, const char *function, int code, char *out, size_t size) {
  worker->message[sizeof worker->message - 1] = '\0';
  if (*worker->message)
    snprintf(out, size, "%s failed: %s", function, worker->message);
  else
    snprintf(out, size, "%s failed: it returned %d and left no message", function, code);
}

static void fail_item(ens_native_worker *worker, const char *function, int code) {
  char what[sizeof worker->message + 64];
  describe(worker, function, code, what, sizeof what);
  size_t size = strlen(worker->native->name) + strlen(what) + 3;
  char *text = malloc(size);
  if (text) snprintf(text, size, "%s: %s", worker->native->name, what);
  worker->block->outcome[worker->at] = ENS_EVAL_ERROR;
  worker->block->message[worker->at] = text;
}

static void reject_item(ens_native_worker *worker, const char *function) {
  char name[256];
  snprintf(name, sizeof name, "%s: %s", worker->native->name, function);
  ens_bare_reject(name, worker->block, worker->at);
}

/* ---- evaluations ---- */

static __attribute__((noinline)) void complain(ens_native_worker *worker, const char *function, int code) {
  if (code)
    fail_item(worker, function, code);
  else
    reject_item(worker, function);
}

/* Checks a function's result for the item. */
static inline void judge(ens_native_worker *worker, const char *function, int code) {
  if (code || !(worker->block->log_prob[worker->at] < INFINITY)) complain(worker, function, code);
}

static void clear_answers(ens_native_worker *worker, size_t first, size_t n) {
  ens_block *block = worker->block;
  for (size_t i = first; i < first + n; i++) {
    block->log_prob[i] = NAN;
    if (block->ncells) ens_blobs_blank(&worker->native->base.blobs, block->blobs + i * block->ncells);
  }
  worker->message[0] = '\0';
}

static void evaluate_whole(ens_native_worker *worker, const double *theta, double *value, double *blobs) {
  judge(worker, "log_prob", worker->native->model.log_prob(&worker->lent, theta, value, blobs));
}

/* The script's prior or the library's. False: the likelihood need not be called. */
static bool evaluate_prior(ens_native_worker *worker, const double *theta, double *value) {
  const ens_native_model *native = worker->native;
  int code = 0;
  if (native->prior)
    *value = ens_prior_log(native->prior, theta);
  else
    code = native->model.log_prior(&worker->lent, theta, value);
  judge(worker, "log_prior", code);
  return code == 0 && isfinite(*value);
}

static void evaluate_parts(ens_native_worker *worker, const double *theta, double *value, double *blobs) {
  if (!evaluate_prior(worker, theta, value)) return;
  double log_prior = *value;
  *value = NAN;
  int code = worker->native->model.log_likelihood(&worker->lent, theta, value, blobs);
  *value += log_prior;
  judge(worker, "log_likelihood", code);
}

static void evaluate_item(ens_native_worker *worker, size_t i) {
  ens_block *block = worker->block;
  double *blobs = block->blobs + i * block->ncells;
  atomic_store_explicit(&block->at, i, memory_order_relaxed);
  begin_item(worker, i);
  clear_answers(worker, i, 1);
  if (worker->native->model.log_prob)
    evaluate_whole(worker, block->theta + i * block->ndim, &block->log_prob[i], blobs);
  else
    evaluate_parts(worker, block->theta + i * block->ndim, &block->log_prob[i], blobs);
}

/* Evaluates all items in one call. False: the call failed; evaluating each item alone will show which ones fail. */
static bool evaluate_batch(ens_native_worker *worker) {
  ens_block *block = worker->block;
  begin_item(worker, 0);
  clear_answers(worker, 0, block->count);
  if (worker->native->model.log_prob_batch(&worker->lent, block->count, block->theta, block->log_prob, block->blobs))
    return false;
  for (worker->at = 0; worker->at < block->count; worker->at++) judge(worker, "log_prob_batch", 0);
  return true;
}

void ens_native_worker_evaluate(void *instance, ens_block *block) {
  ens_native_worker *worker = instance;
  worker->block = block;
  if (worker->native->model.log_prob_batch && evaluate_batch(worker)) return;
  for (size_t i = 0; i < block->count; i++) evaluate_item(worker, i);
}

/* ---- setup and teardown ---- */

void ens_native_worker_release(void *instance) {
  ens_native_worker *worker = instance;
  if (!worker) return;
  if (worker->native->model.teardown) worker->native->model.teardown(&worker->lent);
  free(worker);
}

static ens_status set_up(ens_native_worker *worker, ens_error *error) {
  const ens_native_model *native = worker->native;
  int code = native->model.setup ? native->model.setup(&worker->lent) : 0;
  if (!code) return ENS_OK;
  char what[sizeof worker->message + 64];
  describe(worker, "setup", code, what, sizeof what);
  return ens_error_set(error, ENS_MODEL, "%s: %s", native->name, what);
}

ens_status ens_native_worker_create(ens_model *model, unsigned number, void **instance, ens_error *error) {
  ens_native_worker *worker = calloc(1, sizeof *worker);
  if (!worker) return ens_error_memory(error);
  worker->native = (ens_native_model *)model;
  worker->random = ens_stream_at(model->seed, 0, 0, ENS_RNG_SETUP);
  worker->seeded = true;
  worker->lent = (ensemble_worker){.message = worker->message,
                                   .message_size = sizeof worker->message,
                                   .number = number + 1,
                                   .data = &ens_native_data,
                                   .random = &randoms};
  ens_status status = set_up(worker, error);
  if (status)
    ens_native_worker_release(worker);
  else
    *instance = worker;
  return status;
}
