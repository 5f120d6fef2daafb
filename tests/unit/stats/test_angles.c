/* Autocorrelation times on a circle: a narrow chain has those of the chain before wrapping, and a walk round the circle
 * has the known one. */
#include "stats/angles.h"

#include <math.h>
#include <stdlib.h>

#include "base/stream.h"
#include "scarce.h"
#include "stats/autocorr.h"
#include "stats/monitor.h"
#include "stats/summary_fixture.h"

enum { STEPS = 4096, WALKERS = 8, DIMS = 2 };

static const double low = -1, high = 29; /* of parameter 1: 30 times the standard deviation of the AR(1) noise */

static ens_domain *circle(void) {
  ens_domain *domain = ens_domain_create(DIMS);
  domain->low[1] = low;
  domain->high[1] = high;
  domain->periodic[1] = domain->any_periodic = true;
  return domain;
}

static void check_times(const record *m, const ens_domain *domain, double tau[DIMS]) {
  ens_memory_chain *memory = store(m);
  ens_chain *told;
  double wide[DIMS + 1];
  CHECK(ens_angles_open(ens_memory_chain_chain(memory), domain, &told, NULL) == ENS_OK);
  CHECK(told->ndim == (domain ? DIMS + 1 : DIMS));
  CHECK(ens_autocorr_chain(told, 0, 1, 5, wide, NULL) == ENS_OK);
  ens_angles_largest(domain, DIMS, wide, tau);
  told->ops->destroy(told);
  ens_memory_chain_destroy(memory);
}

static ens_monitor *watch(const record *m, const ens_domain *domain) {
  ens_monitor *monitor = ens_monitor_create(WALKERS, DIMS, domain);
  for (size_t t = 0; t < m->nsteps; t++)
    ens_monitor_push(monitor, m->x + t * WALKERS * DIMS, m->log_prob + t * WALKERS, m->accepted + t * WALKERS);
  return monitor;
}

/* The sine of 0.2 radians is 0.7 % off the angle. The other parameter does not change. */
TEST(a_narrow_chain_on_the_seam_has_the_times_of_its_line) {
  ens_domain *domain = circle();
  record line = make(STEPS, WALKERS, DIMS, 0.9), wrapped = make(STEPS, WALKERS, DIMS, 0.9);
  for (size_t i = 0; i < STEPS * WALKERS; i++) {
    wrapped.x[i * DIMS + 1] += low;
    ens_domain_wrap(domain, wrapped.x + i * DIMS);
  }
  double a[DIMS], b[DIMS];
  check_times(&line, NULL, a);
  check_times(&wrapped, domain, b);
  CHECK(a[0] == b[0]);
  CHECK_NEAR(b[1] / a[1], 1, 0.01);
  ens_monitor *of_line = watch(&line, NULL), *of_circle = watch(&wrapped, domain);
  const ens_findings *f = ens_monitor_findings(of_line), *g = ens_monitor_findings(of_circle);
  CHECK(g->ndim == DIMS && g->step == f->step && g->discard == f->discard);
  CHECK(f->tau[0] == g->tau[0] && f->ess[0] == g->ess[0] && f->change[0] == g->change[0]);
  CHECK_NEAR(g->tau[1] / f->tau[1], 1, 0.01);
  CHECK(g->ess[1] <= 1.01 * f->ess[1]); /* the cosine's ESS, which depends on the square, may be smaller */
  CHECK_NEAR(g->change[1], f->change[1], 0.01);
  ens_monitor_destroy(of_line);
  ens_monitor_destroy(of_circle);
  unmake(&line);
  unmake(&wrapped);
  ens_domain_destroy(domain);
}

/* Normal steps with standard deviation s: cosine and sine have the autocorrelation exp(-s^2 t / 2). */
TEST(a_walk_round_the_circle_has_its_own_time) {
  const double s = 0.5, rho = exp(-s * s / 2), tau = (1 + rho) / (1 - rho), period = high - low;
  ens_domain *domain = circle();
  record m = make(STEPS, WALKERS, DIMS, 0.5);
  for (size_t w = 0; w < WALKERS; w++) {
    ens_stream stream = ens_stream_at(1, 0, w, ENS_RNG_UPDATE);
    double x = ens_stream_uniform(&stream) * period;
    for (size_t t = 0; t < STEPS; t++) {
      x += s * ens_stream_normal(&stream) * period / 6.283185307179586476925;
      m.x[(t * WALKERS + w) * DIMS + 1] = x;
      ens_domain_wrap(domain, m.x + (t * WALKERS + w) * DIMS);
    }
  }
  double found[DIMS],
      deviation = sqrt(2 * (10 * tau + 1) / (STEPS * WALKERS)); /* Sokal's error with a window of 5 tau */
  check_times(&m, domain, found);
  CHECK_NEAR(found[1] / tau, 1, 4 * deviation);
  ens_monitor *monitor = watch(&m, domain);
  CHECK_NEAR(ens_monitor_findings(monitor)->tau[1] / tau, 1, 4 * deviation);
  ens_monitor_destroy(monitor);
  unmake(&m);
  ens_domain_destroy(domain);
}

TEST(a_sine_that_does_not_vary_says_nothing) {
  ens_domain *domain = circle();
  const double wide[DIMS + 1] = {7, NAN, 3};
  double out[DIMS];
  ens_angles_largest(domain, DIMS, wide, out);
  CHECK(out[0] == 7 && out[1] == 3);
  ens_angles_smallest(domain, DIMS, wide, out);
  CHECK(out[0] == 7 && out[1] == 3);
  ens_domain_destroy(domain);
}

#if SCARCE
TEST(lack_of_memory_is_told) {
  ens_domain *domain = circle();
  record m = make(10, WALKERS, DIMS, 0.5);
  ens_memory_chain *memory = store(&m);
  double coords[10 * WALKERS * (DIMS + 1)];
  for (long left = 0; left < 2; left++) {
    ens_chain *told = NULL;
    scarce_left = left;
    ens_status status = ens_angles_open(ens_memory_chain_chain(memory), domain, &told, NULL);
    if (!status) status = ens_chain_read(told, &(ens_chain_steps){.start = 0, .count = 10, .coords = coords}, NULL);
    scarce_left = -1;
    CHECK(status == ENS_MEMORY);
    if (told) told->ops->destroy(told);
  }
  ens_memory_chain_destroy(memory);
  unmake(&m);
  ens_domain_destroy(domain);
}
#endif

int main(void) {
  RUN(a_narrow_chain_on_the_seam_has_the_times_of_its_line);
  RUN(a_walk_round_the_circle_has_its_own_time);
  RUN(a_sine_that_does_not_vary_says_nothing);
#if SCARCE
  RUN(lack_of_memory_is_told);
#endif
  return unit_report();
}
