/* What a summary warns of: each warning where it belongs, and not where it does not. */
#include "summary_fixture.h"

static void stop_walker(record *m, size_t walker, size_t from) {
  for (size_t t = from; t < m->nsteps; t++) {
    m->accepted[t * m->nwalkers + walker] = 0;
    for (size_t d = 0; d < m->ndim; d++) {
      size_t i = walker * m->ndim + d;
      m->x[t * m->nwalkers * m->ndim + i] = m->x[from * m->nwalkers * m->ndim + i];
    }
  }
}

TEST(constant_parameters_are_named) {
  record m = make(500, 4, 2, 0.0);
  for (size_t i = 0; i < 500 * 4; i++) m.x[i * 2 + 1] = 0.1;
  ens_summary summary = summarise(&m, 0, 1);
  const ens_parameter_summary *p = &summary.parameter[1];
  CHECK(p->sd == 0 && p->mean == 0.1 && p->q05 == 0.1 && p->q95 == 0.1);
  check_unknown(p);
  CHECK(isnan(p->ess_bulk) && isnan(p->ess_tail) && !summary.converged);
  CHECK(has_warning(&summary, "Parameter 'b' has the value 0.1 in every draw"));
  CHECK(!has_warning(&summary, "cannot be estimated"));
  CHECK(isfinite(summary.parameter[0].ess));
  ens_summary_free(&summary);
  unmake(&m);
}

TEST(stuck_walkers_are_listed) {
  record m = make(400, 12, 1, 0.0);
  stop_walker(&m, 4, 100);
  ens_summary summary = summarise(&m, 100, 1);
  CHECK(has_warning(&summary, "No proposal was accepted in 300 steps after discard for walker 5, while other"));
  CHECK(!has_warning(&summary, "cannot be estimated"));
  check_unknown(&summary.parameter[0]); /* as emcee's tau */
  ens_summary_free(&summary);
  summary = summarise(&m, 50, 1);
  CHECK(!has_warning(&summary, "No proposal"));
  ens_summary_free(&summary);
  stop_walker(&m, 0, 100);
  stop_walker(&m, 11, 100);
  summary = summarise(&m, 100, 1);
  CHECK(has_warning(&summary, "for walkers 1, 5 and 12, while"));
  ens_summary_free(&summary);
  for (size_t w = 1; w < 8; w++) stop_walker(&m, w, 100);
  summary = summarise(&m, 100, 1);
  CHECK(has_warning(&summary, "for walkers 1, 2, 3, 4, 5 and 4 more, while"));
  ens_summary_free(&summary);
  for (size_t w = 0; w < 12; w++) stop_walker(&m, w, 100); /* nobody moves: that is not being left behind */
  summary = summarise(&m, 100, 1);
  CHECK(!has_warning(&summary, "No proposal"));
  ens_summary_free(&summary);
  unmake(&m);
}

TEST(walkers_without_log_prob_are_listed) {
  record m = make(200, 4, 1, 0.0);
  for (size_t t = 0; t < 200; t++) m.log_prob[t * 4 + 1] = -INFINITY;
  stop_walker(&m, 1, 0);
  ens_summary summary = summarise(&m, 0, 1);
  CHECK(has_warning(&summary, "log_prob was never finite for walker 2: "));
  CHECK(!has_warning(&summary, "No proposal"));
  ens_summary_free(&summary);
  m.log_prob[1] = -1.0; /* once, in a discarded step */
  summary = summarise(&m, 100, 1);
  CHECK(!has_warning(&summary, "never finite"));
  CHECK(has_warning(&summary, "No proposal"));
  ens_summary_free(&summary);
  unmake(&m);
}

TEST(acceptance_is_judged) {
  record m = make(300, 4, 1, 0.0);
  for (size_t t = 0; t < 300; t++)
    for (size_t w = 0; w < 4; w++) m.accepted[t * 4 + w] = t % 20 == 0;
  ens_summary summary = summarise(&m, 0, 1);
  CHECK(has_warning(&summary, "The acceptance fraction is 0.050, below 0.1: "));
  ens_summary_free(&summary);
  memset(m.accepted, 1, 300 * 4);
  summary = summarise(&m, 0, 1);
  CHECK(has_warning(&summary, "The acceptance fraction is 1.000, above 0.9: "));
  ens_summary_free(&summary);
  unmake(&m);
}

/* Walkers that move together: the ensemble's mean is as noisy as one of them. */
TEST(two_estimates_that_differ_are_told_of) {
  record m = make(20000, 6, 1, 0.5);
  for (size_t t = 0; t < 20000; t++)
    for (size_t w = 1; w < 6; w++) m.x[t * 6 + w] = m.x[t * 6] + 0.1 * m.x[t * 6 + w];
  ens_summary summary = summarise(&m, 0, 1);
  CHECK(has_warning(&summary, "The two estimates of the effective sample size of 'm' differ by a factor of "));
  CHECK(has_warning(&summary, "move together"));
  CHECK(summary.parameter[0].ess < 0.25 * 20000 * 6 / summary.parameter[0].tau);
  ens_summary_free(&summary);
  unmake(&m);
}

int main(void) {
  RUN(constant_parameters_are_named);
  RUN(stuck_walkers_are_listed);
  RUN(walkers_without_log_prob_are_listed);
  RUN(acceptance_is_judged);
  RUN(two_estimates_that_differ_are_told_of);
  return unit_report();
}
