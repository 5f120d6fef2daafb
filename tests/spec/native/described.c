/* A library that describes its model, in the forms that the specs choose by -D:
 *   PARTS            log_prior and log_likelihood
 *   LIKELIHOOD       log_likelihood alone
 *   BATCH            log_prob_batch beside the rest
 *   BLOBS            random numbers as blobs
 *   DATA             setup prints the data that it reads
 *   TOLD             setup and teardown print a line
 *   SETUP_FAILS_AT=n setup fails in worker n
 *   SETUP_SLEEPS=seconds, SETUP_CRASHES   need TOLD
 *   FAILS=status     returned if x > 1, with MESSAGE if that is defined
 *   NANS             NaN if x > 1 */
#define _POSIX_C_SOURCE 200809L
#include <ensemble_model.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const names[] = {"x", "y"};

#ifndef LIKELIHOOD
static double prior_of(const double *theta) {
  return theta[0] > 3 ? -INFINITY : -0.25 * theta[0] * theta[0];
}
#endif
static double likelihood_of(const double *theta) {
  return -0.5 * ((theta[0] - 1) * (theta[0] - 1) + theta[1] * theta[1]);
}

static int fill_blobs(ensemble_worker *worker, double *blobs) {
#ifdef BLOBS
  blobs[0] = worker->random->uniform(worker);
  blobs[1] = worker->random->uniform(worker);
#endif
  (void)worker, (void)blobs;
  return 0;
}

#if defined PARTS || defined LIKELIHOOD
static int log_likelihood(ensemble_worker *worker, const double *theta, double *value, double *blobs) {
  *value = likelihood_of(theta);
  return fill_blobs(worker, blobs);
}
#endif
#ifdef PARTS
static int log_prior(ensemble_worker *worker, const double *theta, double *value) {
  (void)worker;
  *value = prior_of(theta);
  return 0;
}
#endif
#if !defined PARTS && !defined LIKELIHOOD
static int log_prob(ensemble_worker *worker, const double *theta, double *value, double *blobs) {
#ifdef FAILS
#ifdef MESSAGE
  if (theta[0] > 1) snprintf(worker->message, worker->message_size, "%s", MESSAGE);
#endif
  if (theta[0] > 1) return FAILS;
#endif
#ifdef NANS
  if (theta[0] > 1) return 0; /* value stays unset: NaN */
#endif
  *value = prior_of(theta);
  if (isinf(*value)) return 0;
  *value += likelihood_of(theta);
  return fill_blobs(worker, blobs);
}
#endif

#ifdef BATCH
static int log_prob_batch(ensemble_worker *worker, size_t n, const double *theta, double *values, double *blobs) {
  for (size_t i = 0; i < n; i++) {
#ifdef FAILS
    if (theta[2 * i] > 1) return 1;
#endif
    worker->random->point(worker, i);
    values[i] = prior_of(theta + 2 * i);
    if (isinf(values[i])) continue;
    values[i] += likelihood_of(theta + 2 * i);
    fill_blobs(worker, blobs + 2 * i);
  }
  return 0;
}
#endif

#ifdef DATA
static void list(ensemble_worker *worker, const char *path) {
  const char *name;
  printf("[%s]", path);
  for (size_t i = 0; (name = worker->data->name(worker, path, i)); i++) printf(" %s", name);
  printf("\n");
}

static int read_data(ensemble_worker *worker) {
  ensemble_array array;
  double number;
  const char *text;
  size_t length;
  int boolean;
  list(worker, "");
  list(worker, "line");
  list(worker, "line.x");
  if (worker->data->array(worker, "line.x", &array)) return 1;
  printf("x %zu of %zu: %g %g\n", array.rank, array.size, array.values[0], array.values[array.size - 1]);
  if (worker->data->array(worker, "matrix", &array)) return 1;
  printf("matrix %zu x %zu: %g %g\n", array.shape[0], array.shape[1], array.values[1], array.values[2]);
  if (worker->data->array(worker, "column", &array)) return 1;
  printf("column %zu: %g %g\n", array.size, array.values[0], array.values[1]);
  if (worker->data->number(worker, "n", &number) || worker->data->boolean(worker, "flag", &boolean)) return 1;
  if (worker->data->string(worker, "files.2", &text, &length)) return 1;
  printf("%g %d %s %zu %d\n", number, boolean, text, length, worker->data->kind(worker, "nowhere"));
  return worker->data->array(worker, ASKS, &array);
}
#endif

#if defined DATA || defined TOLD || defined SETUP_FAILS_AT
static int setup(ensemble_worker *worker) {
#ifdef TOLD
  fprintf(stderr, "setup %u\n", (unsigned)worker->number);
  worker->context = worker;
#ifdef SETUP_SLEEPS
  for (struct timespec left = {SETUP_SLEEPS, 0}; nanosleep(&left, &left);) continue;
#endif
#ifdef SETUP_CRASHES
  abort();
#endif
#endif
#ifdef SETUP_FAILS_AT
  if (worker->number == SETUP_FAILS_AT) {
    strcpy(worker->message, "no luck");
    return 5;
  }
#endif
#ifdef DATA
  if (worker->number == 1) return read_data(worker);
#endif
  return 0;
}
#endif
#ifdef TOLD
static void teardown(ensemble_worker *worker) {
  fprintf(stderr, "teardown %u %s\n", (unsigned)worker->number, worker->context == worker ? "its own" : "another's");
}
#endif

#ifdef BLOBS
static const ensemble_blob blobs[] = {{.name = "u"}, {.name = "v"}};
#endif

const ensemble_model ensemble_model_v1 = {
    .abi = ENSEMBLE_MODEL_ABI,
    .size = sizeof(ensemble_model),
    .ndim = 2,
    .parameters = names,
#ifdef BLOBS
    .nblobs = 2,
    .blobs = blobs,
#endif
#if defined DATA || defined TOLD || defined SETUP_FAILS_AT
    .setup = setup,
#endif
#ifdef TOLD
    .teardown = teardown,
#endif
#if defined PARTS || defined LIKELIHOOD
    .log_likelihood = log_likelihood,
#else
    .log_prob = log_prob,
#endif
#ifdef PARTS
    .log_prior = log_prior,
#endif
#ifdef BATCH
    .log_prob_batch = log_prob_batch,
#endif
};
