/* The bare loop against which ensemble-lua's sampler is measured: a stretch sampler in one file, with two fixed halves,
 * the model behind a function pointer, the chain in memory, and one Philox block per update. It uses only the library's
 * generator: no schedule, no evaluator, no checks. Usage: stretch_loop [DIVISOR]; a divisor of 10 makes a tenth of the
 * steps. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/philox.h"
#include "targets.h"

typedef double log_prob_function(const double *theta, size_t ndim, void *context);

typedef struct target {
  const char *name;
  log_prob_function *log_prob;
  size_t ndim, walkers, steps;
  double variance; /* true variance of each parameter */
  void *context;
} target;

typedef struct run {
  const target *target;
  double *position, *log_prob; /* [walker][dim], [walker] */
  double *chain, *chain_log_prob;
  uint64_t accepted;
} run;

enum { PURPOSE_START = 1, PURPOSE_UPDATE = 2 };
static const double STRETCH = 2.0;

static ens_philox block(uint64_t number, uint64_t step, uint64_t walker, uint64_t purpose) {
  ens_philox words = {{number, step, walker, purpose}, {20240117, 0}};
  ens_philox_encrypt(&words);
  return words;
}

static double uniform(uint64_t word) {
  return ((double)(word >> 11) + 0.5) * 0x1p-53;
}

static uint64_t high_product(uint64_t a, uint64_t b) {
  __extension__ typedef unsigned __int128 wide;
  return (uint64_t)(((wide)a * b) >> 64);
}

/* Normal start positions: the chain begins in its target, so every update has the same cost. */
static void start(run *self) {
  const target *t = self->target;
  for (size_t w = 0; w < t->walkers; w++) {
    double *x = self->position + w * t->ndim;
    for (size_t i = 0; i < t->ndim; i++) {
      ens_philox words = block(i, 0, w, PURPOSE_START);
      x[i] = sqrt(-2 * log(uniform(words.word[0]))) * cos(2 * 3.14159265358979323846 * uniform(words.word[1]));
    }
    self->log_prob[w] = t->log_prob(x, t->ndim, t->context);
  }
}

static void update(run *self, uint64_t step, size_t walker, size_t complement, size_t count) {
  const target *t = self->target;
  double proposal[64];
  ens_philox words = block(0, step, walker, PURPOSE_UPDATE);
  double *x = self->position + walker * t->ndim;
  const double *partner = self->position + (complement + high_product(words.word[0], count)) * t->ndim;
  double root = (STRETCH - 1) * uniform(words.word[1]) + 1;
  double z = root * root / STRETCH;
  for (size_t i = 0; i < t->ndim; i++) proposal[i] = partner[i] - (partner[i] - x[i]) * z;
  double log_prob = t->log_prob(proposal, t->ndim, t->context);
  double log_ratio = (double)(t->ndim - 1) * log(z) + log_prob - self->log_prob[walker];
  if (log_ratio > log(uniform(words.word[2]))) {
    memcpy(x, proposal, t->ndim * sizeof *x);
    self->log_prob[walker] = log_prob;
    self->accepted++;
  }
}

/* Touches the chain's pages for the first time, like any sampler that keeps its chain. */
static void sample(run *self) {
  const target *t = self->target;
  size_t half = t->walkers / 2, size = t->walkers * t->ndim;
  for (size_t step = 0; step < t->steps; step++) {
    for (size_t w = 0; w < half; w++) update(self, step, w, half, t->walkers - half);
    for (size_t w = half; w < t->walkers; w++) update(self, step, w, 0, half);
    memcpy(self->chain + step * size, self->position, size * sizeof(double));
    memcpy(self->chain_log_prob + step * t->walkers, self->log_prob, t->walkers * sizeof(double));
  }
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double chain_variance(const run *self) {
  size_t count = self->target->steps * self->target->walkers * self->target->ndim;
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += self->chain[i] * self->chain[i];
  return sum / (double)count;
}

static void print_result(const run *self, double seconds, const char *separator) {
  const target *t = self->target;
  double updates = (double)(t->steps * t->walkers);
  printf("%s{\"name\": \"%s\", \"ndim\": %zu, \"walkers\": %zu, \"steps\": %zu, \"ns_per_update\": %.2f, ", separator,
         t->name, t->ndim, t->walkers, t->steps, 1e9 * seconds / updates);
  printf("\"acceptance\": %.4f, \"variance\": %.4f, \"true_variance\": %.4f}", (double)self->accepted / updates,
         chain_variance(self), t->variance);
}

static void run_free(run *self) {
  free(self->position);
  free(self->log_prob);
  free(self->chain);
  free(self->chain_log_prob);
}

static int measure(const target *t, const char *separator) {
  run self = {.target = t};
  int failed = 1;
  self.position = calloc(t->walkers * t->ndim, sizeof(double));
  self.log_prob = calloc(t->walkers, sizeof(double));
  self.chain = calloc(t->steps * t->walkers * t->ndim, sizeof(double));
  self.chain_log_prob = calloc(t->steps * t->walkers, sizeof(double));
  if (!self.position || !self.log_prob || !self.chain || !self.chain_log_prob) goto fail;
  start(&self);
  double begun = now();
  sample(&self);
  print_result(&self, now() - begun, separator);
  failed = 0;
fail:
  if (failed) fprintf(stderr, "stretch_loop: no memory\n");
  run_free(&self);
  return failed;
}

int main(int argc, char **argv) {
  long divisor = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
  if (argc > 2 || divisor < 1 || divisor > 1000) {
    fprintf(stderr, "usage: stretch_loop [DIVISOR from 1 to 1000]\n");
    return 2;
  }
  double *precision = precision_create(50);
  if (!precision) return 1;
  target targets[] = {
      {"gauss-5", gaussian, 5, 32, 100000 / (size_t)divisor, 1.0, NULL},
      {"dense-50", dense_gaussian, 50, 128, 4000 / (size_t)divisor, 1 - 1.0 / 100, precision},
  };
  printf("[");
  int failed = measure(&targets[0], "") || measure(&targets[1], ", ");
  printf("]\n");
  free(precision);
  return failed;
}
