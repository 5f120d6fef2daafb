/* Summaries against the plain formulas on all draws at once. */
#include <stdint.h>
#include <stdlib.h>

#include "scarce.h"
#include "stats/autocorr.h"
#include "stats/summary/discard.h"
#include "stats/summary/summary.h"
#include "stats/summary_fixture.h"

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double sorted_quantile(const double *sorted, size_t n, double q) {
  double at = q * (double)(n - 1), part = at - floor(at);
  size_t low = (size_t)at, high = low + 1 < n ? low + 1 : n - 1;
  double a = sorted[low], b = sorted[high];
  return part < 0.5 ? a + (b - a) * part : b - (b - a) * (1 - part);
}

static double mean_of(const double *x, size_t n) {
  long double sum = 0;
  for (size_t i = 0; i < n; i++) sum += x[i];
  return (double)(sum / (long double)n);
}

static double variance_of(const double *x, size_t n) {
  long double squares = 0, mean = 0;
  for (size_t i = 0; i < n; i++) mean += x[i];
  mean /= (long double)n;
  for (size_t i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
  return (double)(squares / (long double)(n - 1));
}

/* ESS of the mean of v[ndraws][nwalkers] by definition: from F_t, its variance and its autocorrelation time. */
static double ensemble_ess(const double *v, size_t ndraws, size_t nwalkers) {
  double *f = malloc(ndraws * sizeof *f), tau;
  for (size_t t = 0; t < ndraws; t++) f[t] = mean_of(v + t * nwalkers, nwalkers);
  CHECK(ens_autocorr_time(&(ens_autocorr_series){f, ndraws, 1, 1, 1}, 5.0, &tau, NULL) == ENS_OK);
  double ess = variance_of(v, ndraws * nwalkers) / (variance_of(f, ndraws) * tau / (double)ndraws);
  free(f);
  return ess;
}

static double tail_ess(const double *v, size_t ndraws, size_t nwalkers, double threshold) {
  double *inside = calloc(ndraws * nwalkers, sizeof *inside);
  for (size_t i = 0; i < ndraws * nwalkers; i++) inside[i] = v[i] <= threshold;
  double ess = ensemble_ess(inside, ndraws, nwalkers);
  free(inside);
  return ess;
}

/* Phi^-1 by bisection of erfc */
static double slow_probit(double p) {
  double low = -40, high = 40;
  for (int i = 0; i < 200; i++) {
    double middle = 0.5 * (low + high);
    if (0.5 * erfc(-middle / sqrt(2.0)) < p)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* Normal scores of average ranks. */
static double bulk_ess(const double *v, const double *sorted, size_t ndraws, size_t nwalkers) {
  size_t n = ndraws * nwalkers;
  double *z = malloc(n * sizeof *z);
  for (size_t i = 0; i < n; i++) {
    const double *at = bsearch(&v[i], sorted, n, sizeof *sorted, compare_doubles);
    size_t first = (size_t)(at - sorted), last = first;
    while (first > 0 && sorted[first - 1] == v[i]) first--;
    while (last + 1 < n && sorted[last + 1] == v[i]) last++;
    z[i] = slow_probit((0.5 * (double)(first + last) + 1 - 0.375) / ((double)n + 0.25));
  }
  double ess = ensemble_ess(z, ndraws, nwalkers);
  free(z);
  return ess;
}

/* All results of parameter d from its draws. */
static void check_parameter(const record *m, const ens_summary *summary, size_t d) {
  const ens_summary_parameter *p = &summary->parameter[d];
  size_t ndraws = (m->nsteps - summary->discard) / summary->thin, n = ndraws * m->nwalkers;
  double *v = malloc(n * sizeof *v), *sorted = malloc(n * sizeof *v), tau;
  for (size_t t = 0; t < ndraws; t++)
    for (size_t w = 0; w < m->nwalkers; w++) {
      size_t step = summary->discard + (t + 1) * summary->thin - 1;
      sorted[t * m->nwalkers + w] = v[t * m->nwalkers + w] = m->x[(step * m->nwalkers + w) * m->ndim + d];
    }
  qsort(sorted, n, sizeof *sorted, compare_doubles);
  double sd = sqrt(variance_of(v, n));
  CHECK_NEAR(p->mean, mean_of(v, n), 1e-14 * sd + 1e-16 * fabs(p->mean));
  CHECK_NEAR(p->sd, sd, 1e-13 * sd);
  CHECK(p->q05 == sorted_quantile(sorted, n, 0.05) && p->q16 == sorted_quantile(sorted, n, 0.16));
  CHECK(p->q50 == sorted_quantile(sorted, n, 0.50) && p->q84 == sorted_quantile(sorted, n, 0.84));
  CHECK(p->q95 == sorted_quantile(sorted, n, 0.95));
  CHECK(ens_autocorr_time(&(ens_autocorr_series){v, ndraws, m->nwalkers, 1, 1}, 5.0, &tau, NULL) == ENS_OK);
  CHECK_NEAR(p->tau, tau * (double)summary->thin, 1e-12 * p->tau);
  double ess = fmin((double)n / tau, ensemble_ess(v, ndraws, m->nwalkers));
  CHECK_NEAR(p->ess, ess, 1e-9 * ess);
  CHECK_NEAR(p->mcse_mean, sd / sqrt(ess), 1e-9 * sd);
  double tail = fmin(tail_ess(v, ndraws, m->nwalkers, p->q05), tail_ess(v, ndraws, m->nwalkers, p->q95));
  CHECK_NEAR(p->ess_tail, tail, 1e-9 * tail);
  double bulk = bulk_ess(v, sorted, ndraws, m->nwalkers);
  CHECK_NEAR(p->ess_bulk, bulk, 0.02 * bulk); /* ranks are those of bins */
  CHECK(isnan(p->rhat));
  free(v);
  free(sorted);
}

TEST(numbers_are_those_of_all_draws) {
  record m = make(4000, 6, 3, 0.9375);
  for (size_t i = 0; i < m.nsteps * m.nwalkers; i++) {
    m.x[i * 3 + 1] = exp(3.0 * m.x[i * 3 + 1]); /* a heavy tail */
    m.x[i * 3 + 2] = floor(m.x[i * 3 + 2]);     /* many repeats */
  }
  uint64_t cases[][2] = {{0, 1}, {1000, 1}, {100, 3}, {3000, 10}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ens_summary summary = summarise(&m, cases[i][0], cases[i][1]);
    CHECK(summary.steps == 4000 && summary.discard == cases[i][0] && summary.thin == cases[i][1]);
    for (size_t d = 0; d < 3; d++) check_parameter(&m, &summary, d);
    ens_summary_free(&summary);
  }
  unmake(&m);
}

TEST(an_offset_costs_no_digits) {
  record m = make(3000, 4, 1, 0.5); /* means of four whole numbers are exact */
  for (size_t i = 0; i < m.nsteps * m.nwalkers; i++) m.x[i] = 1e12 + floor(m.x[i] * 1024.0);
  ens_summary summary = summarise(&m, 0, 1);
  check_parameter(&m, &summary, 0);
  ens_summary_free(&summary);
  unmake(&m);
}

TEST(flags_and_log_prob_are_counted) {
  record m = make(600, 3, 1, 0.0);
  for (size_t t = 0; t < 600; t++) m.accepted[t * 3 + 1] = t < 60;
  m.log_prob[7] = 50.0; /* a discarded step counts for the maximum, not for the mean */
  ens_summary summary = summarise(&m, 100, 4);
  CHECK_NEAR(summary.acceptance_min, 0.1, 1e-15);
  CHECK_NEAR(summary.acceptance_max, 2.0 / 3.0, 1e-15);
  CHECK_NEAR(summary.acceptance_mean, (0.1 + 4.0 / 3.0) / 3.0, 1e-15);
  CHECK(summary.log_prob_max == 50.0);
  double sum = 0;
  for (size_t t = 103; t < 600; t += 4)
    for (size_t w = 0; w < 3; w++) sum += m.log_prob[t * 3 + w];
  CHECK_NEAR(summary.log_prob_mean, sum / (3 * 125), 1e-15);
  ens_summary_free(&summary);
  m.log_prob[103 * 3] = -INFINITY;
  summary = summarise(&m, 100, 4);
  CHECK(isinf(summary.log_prob_mean) && summary.log_prob_mean < 0);
  ens_summary_free(&summary);
  unmake(&m);
}

TEST(discard_auto_is_five_tau_of_the_second_half) {
  record m = make(6000, 6, 2, 0.875);
  for (size_t t = 0; t < 300; t++)
    for (size_t i = 0; i < 12; i++) m.x[t * 12 + i] += 1000.0; /* a distant start, not in the second half */
  ens_memory_chain *memory = store(&m);
  double tau[2];
  uint64_t discard;
  CHECK(ens_autocorr_chain(ens_memory_chain_chain(memory), 3000, 1, 5.0, tau, NULL) == ENS_OK);
  CHECK(ens_discard_auto(ens_memory_chain_chain(memory), &discard, NULL) == ENS_OK);
  CHECK(discard == (uint64_t)ceil(5.0 * fmax(tau[0], tau[1])));
  ens_memory_chain_destroy(memory);
  ens_summary summary = summarise(&m, ENS_DISCARD_AUTO, 1);
  CHECK(summary.discard == discard);
  ens_summary_free(&summary);
  for (size_t t = 0; t < 6000; t++) m.x[t * 12] = 3.0; /* a walker that does not move is ignored */
  summary = summarise(&m, ENS_DISCARD_AUTO, 1);
  CHECK(summary.discard > 40 && summary.discard < 150);
  ens_summary_free(&summary);
  unmake(&m);
}

/* The k-th walker arrives at step 37 k. Until then its log_prob is `far` below the others', which are within 1. */
static uint64_t discard_of_latecomers(double far) {
  record m = make(2000, 6, 2, 0.5);
  for (size_t w = 0; w < 6; w++)
    for (size_t t = 0; t < 37 * w; t++) m.log_prob[t * 6 + w] -= far;
  ens_memory_chain *memory = store(&m);
  uint64_t discard;
  CHECK(ens_discard_auto(ens_memory_chain_chain(memory), &discard, NULL) == ENS_OK);
  ens_memory_chain_destroy(memory);
  unmake(&m);
  return discard;
}

TEST(discard_auto_begins_when_the_last_walker_has_come) {
  uint64_t tau5 = discard_of_latecomers(0);
  CHECK(tau5 > 5 && tau5 < 30);
  CHECK(discard_of_latecomers(1) == tau5); /* at most twice the range below the highest value: it has arrived */
  CHECK(discard_of_latecomers(3) == 5 * 37 + tau5);
  CHECK(discard_of_latecomers(1e300) == 5 * 37 + tau5);
  CHECK(discard_of_latecomers(INFINITY) == 5 * 37 + tau5);
}

/* A walker without a finite log_prob has another warning. One that arrives after the middle widens the range of the
 * second half. */
TEST(discard_auto_waits_for_no_walker_beyond_the_middle) {
  record m = make(2000, 6, 2, 0.5);
  ens_memory_chain *memory;
  uint64_t plain, discard;
  for (int round = 0; round < 3; round++) {
    for (size_t t = 0; round && t < (round == 1 ? 2000 : 1500); t++) m.log_prob[t * 6] = round == 1 ? -INFINITY : -1e6;
    memory = store(&m);
    CHECK(ens_discard_auto(ens_memory_chain_chain(memory), &discard, NULL) == ENS_OK);
    if (!round) plain = discard;
    CHECK(discard == plain);
    ens_memory_chain_destroy(memory);
  }
  unmake(&m);
}

TEST(discard_auto_stops_before_the_middle) {
  record m = make(101, 4, 1, 0.999);
  ens_summary summary = summarise(&m, ENS_DISCARD_AUTO, 1);
  CHECK(summary.discard > 20 && summary.discard <= 50);
  ens_summary_free(&summary);
  for (size_t i = 0; i < 101 * 4; i++) m.x[i] = 1.0;
  summary = summarise(&m, ENS_DISCARD_AUTO, 1);
  CHECK(summary.discard == 0);
  ens_summary_free(&summary);
  unmake(&m);
}

TEST(converged_is_fifty_times_tau) {
  record m = make(3000, 8, 2, 0.875); /* tau 15 */
  ens_summary summary = summarise(&m, 0, 1);
  CHECK(summary.converged && !has_warning(&summary, "too short"));
  CHECK(summary.nwarnings == 0);
  ens_summary_free(&summary);
  m.nsteps = 300;
  summary = summarise(&m, 0, 1);
  double longest = fmax(summary.parameter[0].tau, summary.parameter[1].tau);
  char expected[64];
  snprintf(expected, sizeof expected, "Run about %.0f more steps.", ceil(50 * longest - 300));
  CHECK(!summary.converged);
  CHECK(has_warning(&summary, "The chain is too short for 2 of 2 parameters: 300 steps after discard are "));
  CHECK(has_warning(&summary, expected));
  ens_summary_free(&summary);
  unmake(&m);
}

TEST(short_chains_say_what_they_do_not_know) {
  for (size_t nsteps = 1; nsteps <= 6; nsteps++)
    for (size_t nwalkers = 1; nwalkers <= 3; nwalkers++) {
      record m = make(nsteps, nwalkers, 2, 0.5);
      uint64_t discards[] = {0, nsteps - 1, ENS_DISCARD_AUTO};
      for (size_t i = 0; i < 3; i++) {
        ens_summary summary = summarise(&m, discards[i], 1);
        const ens_summary_parameter *p = summary.parameter;
        CHECK(!summary.converged && summary.discard < nsteps);
        CHECK(isfinite(p->mean) && isfinite(p->q05) && p->q05 <= p->q50 && p->q50 <= p->q95);
        CHECK(!isinf(p->ess) && !isinf(p->ess_bulk) && !isinf(p->ess_tail) && !isinf(p->mcse_mean));
        if (nsteps - summary.discard < 3) check_unknown(p);
        if (nsteps - summary.discard == 1 && nwalkers == 1) CHECK(isnan(p->sd));
        CHECK(!has_warning(&summary, "acceptance"));
        ens_summary_free(&summary);
      }
      unmake(&m);
    }
}

static void check_refusal(const record *m, uint64_t discard, uint64_t thin, const char *message) {
  ens_memory_chain *memory = store(m);
  ens_error error = ENS_ERROR_NONE;
  ens_summary summary;
  CHECK(ens_summary_compute(ens_memory_chain_chain(memory), &(ens_summary_request){names, discard, thin, NULL},
                            &summary, &error) == ENS_CONFIG);
  CHECK_STRING(ens_error_text(&error), message);
  CHECK(summary.parameter == NULL && summary.warning == NULL);
  ens_error_clear(&error);
  ens_memory_chain_destroy(memory);
}

TEST(what_cannot_be_is_refused) {
  record m = make(20, 2, 1, 0.0);
  check_refusal(&m, 20, 1, "discard is 20, but the chain has only 20 steps: discard must be less");
  check_refusal(&m, 5000, 1, "discard is 5000, but the chain has only 20 steps: discard must be less");
  check_refusal(&m, 0, 0, "thin is 0: it must be at least 1");
  check_refusal(&m, 15, 6, "thin is 6, but only 5 steps are left of 20 after discard = 15: thin may be at most 5");
  m.nsteps = 0;
  check_refusal(&m, 0, 1, "the chain has no steps yet: run some first");
  check_refusal(&m, ENS_DISCARD_AUTO, 1, "the chain has no steps yet: run some first");
  unmake(&m);
  ens_summary_free(NULL);
}

/* A chain whose read computes the steps, so that only the summary's own memory counts. */
typedef struct made_chain {
  ens_chain chain;
  uint64_t fails_at, read;
} made_chain;

static ens_status made_read(ens_chain *self, const ens_chain_steps *out, ens_error *error) {
  made_chain *made = (made_chain *)self;
  uint64_t start = out->start;
  size_t count = out->count;
  size_t width = self->nwalkers * self->ndim;
  if (start + count > made->fails_at) return ens_error_set(error, ENS_IO, "the disk is gone");
  for (size_t i = 0; out->coords && i < count * width; i++) {
    uint64_t state = (start * width + i) * 0x9E3779B97F4A7C15u;
    noise(&state);
    out->coords[i] = noise(&state) + noise(&state);
  }
  for (size_t i = 0; out->log_prob && i < count * self->nwalkers; i++) out->log_prob[i] = -1.0;
  for (size_t i = 0; out->accepted && i < count * self->nwalkers; i++) out->accepted[i] = (start + i) % 2 == 0;
  made->read += out->coords ? count : 0;
  return ENS_OK;
}

static const ens_chain_ops made_ops = {made_read, NULL};

TEST(memory_does_not_grow_with_the_chain) {
#if SCARCE
  size_t peak[2];
  for (int i = 0; i < 2; i++) {
    made_chain made = {{&made_ops, i == 0 ? 10000 : 200000, 8, 2, 0}, UINT64_MAX, 0};
    ens_summary summary;
    scarce_held = scarce_peak = 0;
    CHECK(ens_summary_compute(&made.chain, &(ens_summary_request){names, 0, 1, NULL}, &summary, NULL) == ENS_OK);
    ens_summary_free(&summary);
    CHECK(scarce_held == 0);
    CHECK(made.read == 4 * made.chain.nsteps); /* moments, counts, order statistics, ranks */
    peak[i] = scarce_peak;
  }
  CHECK(peak[1] < peak[0] + ((size_t)1 << 20));
  CHECK(peak[1] < (size_t)8 << 20);
#endif
}

TEST(a_failed_read_is_told) {
  uint64_t ends[] = {0, 900, 1000}; /* the counts read the whole chain first */
  for (size_t i = 0; i < 3; i++) {
    made_chain made = {{&made_ops, 1001, 3, 2, 0}, ends[i], 0};
    ens_summary summary;
    ens_error error = ENS_ERROR_NONE;
    CHECK(ens_summary_compute(&made.chain, &(ens_summary_request){names, i == 1 ? ENS_DISCARD_AUTO : 0, 1, NULL},
                              &summary, &error) == ENS_IO);
    CHECK_STRING(ens_error_text(&error), "the disk is gone");
    CHECK(summary.parameter == NULL);
    ens_error_clear(&error);
  }
}

TEST(every_allocation_may_fail) {
#if SCARCE
  made_chain made = {{&made_ops, 400, 3, 2, 0}, UINT64_MAX, 0};
  ens_summary summary;
  ens_status status = ENS_MEMORY;
  long left = 0;
  for (; status != ENS_OK && left < 1000; left++) {
    ens_error error = ENS_ERROR_NONE;
    scarce_held = 0;
    scarce_left = left;
    status =
        ens_summary_compute(&made.chain, &(ens_summary_request){names, ENS_DISCARD_AUTO, 1, NULL}, &summary, &error);
    scarce_left = -1;
    CHECK(status == ENS_OK || (status == ENS_MEMORY && strcmp(ens_error_text(&error), "out of memory") == 0));
    ens_summary_free(&summary);
    ens_error_clear(&error);
    CHECK(scarce_held == 0);
  }
  CHECK(left > 30 && left < 1000);
#endif
}

int main(void) {
  RUN(numbers_are_those_of_all_draws);
  RUN(an_offset_costs_no_digits);
  RUN(flags_and_log_prob_are_counted);
  RUN(discard_auto_is_five_tau_of_the_second_half);
  RUN(discard_auto_begins_when_the_last_walker_has_come);
  RUN(discard_auto_waits_for_no_walker_beyond_the_middle);
  RUN(discard_auto_stops_before_the_middle);
  RUN(converged_is_fifty_times_tau);
  RUN(short_chains_say_what_they_do_not_know);
  RUN(what_cannot_be_is_refused);
  RUN(memory_does_not_grow_with_the_chain);
  RUN(a_failed_read_is_told);
  RUN(every_allocation_may_fail);
  return unit_report();
}
