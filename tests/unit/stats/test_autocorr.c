/* Autocorrelation times against emcee's numbers, against their definition, and in bounded memory. */
#include <stdint.h>
#include <stdlib.h>

#include "autocorr_reference.h"
#include "core/memory_chain.h"
#include "scarce.h"
#include "stats/autocorr.h"
#include "unit.h"

static double noise(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) / 9007199254740992.0 - 0.5;
}

/* Fills x[nsteps][nwalkers][ndim] with the AR(1) noise of make_autocorr_reference.py for ndim = 1. */
static double *make_series(size_t nsteps, size_t width, double coefficient, double offset) {
  double *x = malloc((nsteps * width + 1) * sizeof *x), *now = calloc(width, sizeof *now);
  uint64_t state = 12345;
  for (size_t t = 0; t < nsteps; t++)
    for (size_t w = 0; w < width; w++) {
      now[w] = coefficient * now[w] + noise(&state);
      x[t * width + w] = now[w] + offset;
    }
  free(now);
  return x;
}

static ens_memory_chain *make_chain(const double *x, size_t nsteps, size_t nwalkers, size_t ndim) {
  ens_memory_chain *memory = ens_memory_chain_create(nwalkers, ndim, 0);
  double *log_prob = calloc(nwalkers, sizeof *log_prob);
  uint8_t *accepted = calloc(nwalkers, 1);
  ens_sink *sink = ens_memory_chain_sink(memory);
  for (size_t t = 0; t < nsteps; t++) {
    ens_step step = {t + 1, x + t * nwalkers * ndim, log_prob, NULL, accepted, 0};
    CHECK(sink->ops->step(sink, &step, NULL) == ENS_OK);
  }
  free(log_prob);
  free(accepted);
  return memory;
}

/* The definition in long double, lag by lag. */
static double direct_tau(const double *x, size_t nsteps, size_t nwalkers, double c) {
  long double *y = malloc(nsteps * nwalkers * sizeof *y), total = 0;
  for (size_t w = 0; w < nwalkers; w++) {
    long double mean = 0;
    for (size_t t = 0; t < nsteps; t++) mean += x[t * nwalkers + w];
    for (size_t t = 0; t < nsteps; t++) y[w * nsteps + t] = x[t * nwalkers + w] - mean / (long double)nsteps;
  }
  double tau = NAN;
  for (size_t lag = 0; lag < nsteps; lag++) {
    for (size_t w = 0; w < nwalkers; w++) {
      const long double *z = y + w * nsteps;
      long double sum = 0, squares = 0;
      for (size_t t = 0; t < nsteps; t++) squares += z[t] * z[t];
      for (size_t t = lag; t < nsteps; t++) sum += z[t] * z[t - lag];
      total += sum / squares / (long double)nwalkers;
    }
    tau = (double)(2 * total - 1);
    if (!((double)lag < c * tau)) break;
  }
  free(y);
  return tau;
}

TEST(time_is_emcees) {
  for (size_t i = 0; i < sizeof autocorr_reference / sizeof *autocorr_reference; i++) {
    size_t nsteps = autocorr_reference[i].nsteps, nwalkers = autocorr_reference[i].nwalkers;
    double expected = autocorr_reference[i].tau, tau = 0;
    double *x = make_series(nsteps, nwalkers, autocorr_reference[i].coefficient, autocorr_reference[i].offset);
    if (autocorr_reference[i].discard == 0 && autocorr_reference[i].thin == 1) {
      CHECK(ens_autocorr_time(&(ens_autocorr_series){x, nsteps, nwalkers, 1, 1}, autocorr_reference[i].c, &tau, NULL) ==
            ENS_OK);
      CHECK_NEAR(tau, expected, 1e-10 * fmax(1.0, fabs(expected)));
    }
    free(x);
  }
}

TEST(chain_is_emcees) {
  for (size_t i = 0; i < sizeof autocorr_reference / sizeof *autocorr_reference; i++) {
    size_t nsteps = autocorr_reference[i].nsteps, nwalkers = autocorr_reference[i].nwalkers;
    double expected = autocorr_reference[i].tau, tau = 0;
    double *x = make_series(nsteps, nwalkers, autocorr_reference[i].coefficient, autocorr_reference[i].offset);
    ens_memory_chain *memory = make_chain(x, nsteps, nwalkers, 1);
    CHECK(ens_autocorr_chain(ens_memory_chain_chain(memory), autocorr_reference[i].discard, autocorr_reference[i].thin,
                             autocorr_reference[i].c, &tau, NULL) == ENS_OK);
    CHECK_NEAR(tau, expected, 1e-9 * fmax(1.0, fabs(expected)));
    ens_memory_chain_destroy(memory);
    free(x);
  }
}

TEST(time_is_the_defining_sum) {
  size_t lengths[] = {2, 3, 4, 5, 7, 8, 9, 100, 1023, 1024, 1025, 1500};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
    for (size_t nwalkers = 1; nwalkers <= 4; nwalkers++) {
      double *x = make_series(lengths[i], nwalkers, 0.875, 0.0), tau;
      CHECK(ens_autocorr_time(&(ens_autocorr_series){x, lengths[i], nwalkers, 1, 1}, 5.0, &tau, NULL) == ENS_OK);
      CHECK_NEAR(tau, direct_tau(x, lengths[i], nwalkers, 5.0), 1e-12);
      free(x);
    }
}

/* Each of several parameters has the same time as alone, in any layout. */
TEST(chain_keeps_parameters_apart) {
  size_t nsteps = 3000, nwalkers = 5, ndim = 3;
  double *x = make_series(nsteps, nwalkers * ndim, 0.9375, 0.0), tau[3], alone;
  for (size_t i = 0; i < nsteps * nwalkers * ndim; i++)
    if (i % ndim == 1) x[i] *= 1e-150;
  ens_memory_chain *memory = make_chain(x, nsteps, nwalkers, ndim);
  CHECK(ens_autocorr_chain(ens_memory_chain_chain(memory), 0, 1, 5.0, tau, NULL) == ENS_OK);
  for (size_t d = 0; d < ndim; d++) {
    double *one = malloc(nsteps * nwalkers * sizeof *one);
    for (size_t i = 0; i < nsteps * nwalkers; i++) one[i] = x[i * ndim + d];
    CHECK_NEAR(tau[d], direct_tau(one, nsteps, nwalkers, 5.0), 1e-12 * tau[d]);
    CHECK(ens_autocorr_time(&(ens_autocorr_series){x + d, nsteps, nwalkers, 1, ndim}, 5.0, &alone, NULL) == ENS_OK);
    CHECK_NEAR(alone, tau[d], 1e-12 * tau[d]);
    free(one);
  }
  ens_memory_chain_destroy(memory);
  free(x);
}

/* Whole numbers, so that the offset adds no rounding: the result must be the same. */
TEST(an_offset_changes_nothing) {
  size_t nsteps = 4000, nwalkers = 4;
  double *x = make_series(nsteps, nwalkers, 0.9375, 0.0), plain, moved;
  for (size_t i = 0; i < nsteps * nwalkers; i++) x[i] = floor(x[i] * 64.0);
  CHECK(ens_autocorr_time(&(ens_autocorr_series){x, nsteps, nwalkers, 1, 1}, 5.0, &plain, NULL) == ENS_OK);
  for (size_t i = 0; i < nsteps * nwalkers; i++) x[i] += 1e15;
  CHECK(ens_autocorr_time(&(ens_autocorr_series){x, nsteps, nwalkers, 1, 1}, 5.0, &moved, NULL) == ENS_OK);
  CHECK_NEAR(moved, plain, 1e-12 * plain);
  free(x);
}

TEST(constant_walkers_are_unknown) {
  size_t nsteps = 300, nwalkers = 4;
  double constants[] = {0.0, 1.0, 0.1, 1e8 + 0.1, -1e300};
  for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
    double *x = make_series(nsteps, nwalkers, 0.5, 0.0), tau = 0;
    for (size_t t = 0; t < nsteps; t++) x[t * nwalkers + 2] = constants[i];
    CHECK(ens_autocorr_time(&(ens_autocorr_series){x, nsteps, nwalkers, 1, 1}, 5.0, &tau, NULL) == ENS_OK &&
          isnan(tau));
    for (size_t j = 0; j < nsteps * nwalkers; j++) x[j] = constants[i];
    tau = 0;
    CHECK(ens_autocorr_time(&(ens_autocorr_series){x, nsteps, nwalkers, 1, 1}, 5.0, &tau, NULL) == ENS_OK &&
          isnan(tau));
    free(x);
  }
}

TEST(one_step_is_unknown) {
  double x[] = {1.0, 2.0}, tau = 0;
  CHECK(ens_autocorr_time(&(ens_autocorr_series){x, 1, 2, 1, 1}, 5.0, &tau, NULL) == ENS_OK && isnan(tau));
  tau = 0;
  CHECK(ens_autocorr_time(&(ens_autocorr_series){x, 0, 2, 1, 1}, 5.0, &tau, NULL) == ENS_OK && isnan(tau));
}

/* AR(1) with coefficient a has tau (1 + a) / (1 - a). Sokal's estimate has a relative standard error of sqrt(2 (2 M +
 * 1) / N) with the window M = 5 tau; the test allows four of them. */
TEST(known_process_has_its_time) {
  size_t nsteps = 50000, nwalkers = 8;
  double a = 0.9, truth = (1 + a) / (1 - a), tau;
  double *x = make_series(nsteps, nwalkers, a, 0.0);
  CHECK(ens_autocorr_time(&(ens_autocorr_series){x, nsteps, nwalkers, 1, 1}, 5.0, &tau, NULL) == ENS_OK);
  CHECK_NEAR(tau, truth, 4.0 * truth * sqrt(2.0 * (10.0 * truth + 1.0) / (double)(nsteps * nwalkers)));
  free(x);
}

static void check_refusal(ens_chain *chain, uint64_t discard, uint64_t thin, double c, const char *message) {
  double tau[1];
  ens_error error = ENS_ERROR_NONE;
  CHECK(ens_autocorr_chain(chain, discard, thin, c, tau, &error) == ENS_CONFIG);
  CHECK_STRING(ens_error_text(&error), message);
  ens_error_clear(&error);
}

TEST(what_cannot_be_is_refused) {
  double *x = make_series(10, 2, 0.5, 0.0), tau;
  ens_memory_chain *memory = make_chain(x, 10, 2, 1);
  ens_chain *chain = ens_memory_chain_chain(memory);
  check_refusal(chain, 10, 1, 5.0, "discard is 10, but the chain has only 10 steps: discard must be less");
  check_refusal(chain, 0, 0, 5.0, "thin is 0: it must be at least 1");
  check_refusal(chain, 4, 7, 5.0,
                "thin is 7, but only 6 steps are left of 10 after discard = 4: thin may be at most 6");
  check_refusal(chain, 0, 1, 0.0, "c is 0: the window of the autocorrelation time must be above 0 (usual: 5)");
  CHECK(ens_autocorr_time(&(ens_autocorr_series){x, 10, 2, 1, 1}, NAN, &tau, NULL) == ENS_CONFIG);
  ens_memory_chain_reset(memory);
  check_refusal(chain, 0, 1, 5.0, "the chain has no steps yet: run some first");
  ens_memory_chain_destroy(memory);
  free(x);
}

/* A chain without an array: read computes white noise, and can fail. */
typedef struct made_chain {
  ens_chain chain;
  uint64_t fails_at, read;
} made_chain;

static ens_status made_read(ens_chain *self, const ens_chain_steps *out, ens_error *error) {
  made_chain *made = (made_chain *)self;
  uint64_t start = out->start;
  size_t count = out->count;
  size_t width = self->nwalkers * self->ndim;
  if (start + count > self->nsteps) return ens_error_set(error, ENS_IO, "read beyond the end");
  if (start + count > made->fails_at) return ens_error_set(error, ENS_IO, "the disk is gone");
  for (size_t i = 0; out->coords && i < count * width; i++) {
    uint64_t state = (start * width + i) * 0x9E3779B97F4A7C15u;
    noise(&state);
    out->coords[i] = noise(&state);
  }
  made->read += count;
  return ENS_OK;
}

static const ens_chain_ops made_ops = {made_read, NULL};

TEST(a_failed_read_is_told) {
  made_chain made = {{&made_ops, 5000, 3, 2, 0}, 4000, 0};
  double tau[2];
  ens_error error = ENS_ERROR_NONE;
  CHECK(ens_autocorr_chain(&made.chain, 0, 1, 5.0, tau, &error) == ENS_IO);
  CHECK_STRING(ens_error_text(&error), "the disk is gone");
  ens_error_clear(&error);
}

TEST(memory_does_not_grow_with_the_chain) {
#if SCARCE
  size_t peak[2];
  for (int i = 0; i < 2; i++) {
    made_chain made = {{&made_ops, i == 0 ? 5000 : 100000, 8, 2, 0}, UINT64_MAX, 0};
    double tau[2];
    scarce_held = scarce_peak = 0;
    CHECK(ens_autocorr_chain(&made.chain, 0, 1, 5.0, tau, NULL) == ENS_OK);
    CHECK(made.read == 2 * made.chain.nsteps); /* two passes */
    peak[i] = scarce_peak;
  }
  CHECK(peak[1] == peak[0]);
  CHECK(peak[1] < (size_t)4 << 20);
#endif
}

TEST(every_allocation_may_fail) {
#if SCARCE
  double *x = make_series(6000, 3, 0.998046875, 0.0), tau;
  ens_memory_chain *memory = make_chain(x, 6000, 3, 1);
  long left = -1;
  ens_status status;
  do {
    scarce_left = ++left;
    status = ens_autocorr_chain(ens_memory_chain_chain(memory), 0, 1, 5.0, &tau, NULL);
    scarce_left = -1;
    CHECK(status == ENS_OK || status == ENS_MEMORY);
  } while (status != ENS_OK && left < 1000);
  CHECK(status == ENS_OK && left > 10);
  ens_memory_chain_destroy(memory);
  free(x);
#endif
}

int main(void) {
  RUN(time_is_emcees);
  RUN(chain_is_emcees);
  RUN(time_is_the_defining_sum);
  RUN(chain_keeps_parameters_apart);
  RUN(an_offset_changes_nothing);
  RUN(constant_walkers_are_unknown);
  RUN(one_step_is_unknown);
  RUN(known_process_has_its_time);
  RUN(what_cannot_be_is_refused);
  RUN(a_failed_read_is_told);
  RUN(memory_does_not_grow_with_the_chain);
  RUN(every_allocation_may_fail);
  return unit_report();
}
