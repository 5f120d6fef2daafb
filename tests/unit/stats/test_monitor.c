/* The running estimates against those of the whole chain at once. */
#include <stdlib.h>

#include "scarce.h"
#include "stats/monitor.h"
#include "stats/summary_fixture.h"

static bool push(ens_monitor *monitor, const record *m, uint64_t t) {
  size_t first = t * m->nwalkers;
  return ens_monitor_push(monitor, m->x + first * m->ndim, m->log_prob + first, m->accepted + first);
}

static ens_monitor *watch(const record *m, uint64_t nsteps) {
  ens_monitor *monitor = ens_monitor_create(m->nwalkers, m->ndim, NULL);
  for (uint64_t t = 0; t < nsteps; t++) push(monitor, m, t);
  return monitor;
}

/* A chain up to the last check. */
static record cut(const record *m, const ens_findings *findings) {
  record shorter = *m;
  shorter.nsteps = (size_t)findings->step;
  return shorter;
}

/* By Sokal, the variance of a relative tau is 4 w / (steps x series) with the window w. For two windows on the same
 * steps, the difference has the difference of the variances. It is 0 if the window is 5 tau, not one and a half rows.
 */
static double tolerance(double tau, double steps, double nseries, bool some) {
  double row = 4;
  while (row * 256 <= steps) row *= 2;
  double wider = some ? 5 * tau : fmax(0, 1.5 * row - 5 * tau); /* some: not all walkers have rows */
  return 0.06 + 4 * sqrt(4 * wider / (steps * nseries));
}

/* The ensemble's mean is a single series, and the two windows are not in the same proportion to its own tau. */
static const double unlike = 0.4;

static void check_against_summary(const record *m) {
  ens_monitor *monitor = watch(m, m->nsteps);
  const ens_findings *findings = ens_monitor_findings(monitor);
  record shorter = cut(m, findings);
  ens_summary summary = summarise(&shorter, findings->discard, 1);
  double steps = (double)(findings->step - findings->discard);
  for (size_t d = 0; d < m->ndim; d++) {
    double tau = summary.parameter[d].tau;
    bool some = m->nwalkers > 64;
    CHECK_NEAR(findings->tau[d] / tau, 1, tolerance(tau, steps, some ? 64 : (double)m->nwalkers, some));
    CHECK_NEAR(log(findings->ess[d] / summary.parameter[d].ess), 0, unlike + tolerance(tau, steps, 1, false));
  }
  ens_summary_free(&summary);
  ens_monitor_destroy(monitor);
}

/* The same steps and nearly the same window. The only differences are that the monitor's window may end within a row,
 * and that it adds the walkers before the division. */
TEST(tau_and_ess_are_those_of_the_summary) {
  static const struct {
    double coefficient;
    size_t nsteps;
  } cases[] = {{0.9, 1024}, {0.9, 5000}, {0.97, 4000}, {0.5, 20000}, {0, 3000}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    record m = make(cases[i].nsteps, 16, 3, cases[i].coefficient);
    check_against_summary(&m);
    unmake(&m);
  }
}

static void shift(record *m, double by) {
  for (size_t i = 0; i < m->nsteps * m->nwalkers * m->ndim; i++) m->x[i] += by;
}

TEST(an_offset_changes_nothing) {
  record m = make(3000, 8, 2, 0.8);
  ens_monitor *near = watch(&m, m.nsteps);
  shift(&m, 1e6);
  ens_monitor *far = watch(&m, m.nsteps);
  for (size_t d = 0; d < 2; d++) {
    double a = ens_monitor_findings(near)->tau[d], b = ens_monitor_findings(far)->tau[d];
    CHECK_NEAR(b / a, 1, 1e-6);
    CHECK_NEAR(ens_monitor_findings(far)->ess[d] / ens_monitor_findings(near)->ess[d], 1, 1e-6);
  }
  ens_monitor_destroy(near);
  ens_monitor_destroy(far);
  unmake(&m);
}

/* A start about a hundred sd away: leaving it out gives a chain like any other. */
TEST(the_way_from_the_start_is_left_out) {
  record m = make(4096, 16, 2, 0.9);
  for (size_t t = 0; t < 200; t++)
    for (size_t i = 0; i < 32; i++) m.x[t * 32 + i] += 300 * pow(0.9, (double)t);
  ens_monitor *monitor = watch(&m, m.nsteps);
  const ens_findings *findings = ens_monitor_findings(monitor);
  CHECK(findings->discard >= 5 * 15 && findings->discard <= 2048);
  for (size_t d = 0; d < 2; d++) CHECK_NEAR(findings->tau[d], 19, 5);
  ens_monitor_destroy(monitor);
  unmake(&m);
}

/* The same as discard = "auto" of these steps, in rows of 16. */
TEST(the_last_walker_to_come_is_waited_for) {
  record m = make(4096, 16, 2, 0.9);
  for (size_t t = 0; t < 700; t++) m.log_prob[t * 16 + 5] = t < 30 ? -INFINITY : -50;
  ens_monitor *monitor = watch(&m, m.nsteps);
  ens_summary summary = summarise(&m, ENS_DISCARD_AUTO, 1);
  CHECK(summary.discard > 700 + 50);
  CHECK_NEAR((double)ens_monitor_findings(monitor)->discard, (double)summary.discard, 3 * 16);
  ens_summary_free(&summary);
  ens_monitor_destroy(monitor);
  unmake(&m);
}

/* From step 128 on, 32 checks between a power of two and the next. */
TEST(checks_are_at_fixed_steps) {
  record m = make(1200, 4, 1, 0.5);
  ens_monitor *monitor = ens_monitor_create(4, 1, NULL);
  uint64_t due = 128, apart = 4, count = 0;
  CHECK(ens_monitor_findings(monitor)->step == 0);
  for (uint64_t t = 1; t <= m.nsteps; t++) {
    bool checked = push(monitor, &m, t - 1);
    CHECK(checked == (t == due));
    if (!checked) continue;
    CHECK(ens_monitor_findings(monitor)->step == t);
    count++;
    if (due >= 64 * apart) apart *= 2;
    due += apart;
  }
  CHECK(count == 32 * 3 + 1 + (1200 - 1024) / 32);
  CHECK(ens_monitor_steps(monitor) == 1200);
  ens_monitor_destroy(monitor);
  unmake(&m);
}

TEST(the_same_steps_give_the_same_findings) {
  record m = make(2500, 6, 2, 0.7);
  ens_monitor *a = watch(&m, m.nsteps), *b = watch(&m, 700);
  ens_monitor_reset(b);
  CHECK(ens_monitor_steps(b) == 0 && ens_monitor_findings(b)->step == 0);
  for (uint64_t t = 0; t < m.nsteps; t++) push(b, &m, t);
  const ens_findings *x = ens_monitor_findings(a), *y = ens_monitor_findings(b);
  CHECK(x->step == y->step && x->discard == y->discard);
  CHECK(!memcmp(x->tau, y->tau, 2 * sizeof(double)) && !memcmp(x->ess, y->ess, 2 * sizeof(double)));
  CHECK(!memcmp(x->change, y->change, 2 * sizeof(double)));
  ens_monitor_destroy(a);
  ens_monitor_destroy(b);
  unmake(&m);
}

TEST(change_is_relative_to_the_check_before) {
  record m = make(512, 8, 1, 0.6);
  ens_monitor *monitor = watch(&m, 496);
  double before = ens_monitor_findings(monitor)->tau[0];
  CHECK(ens_monitor_findings(monitor)->step == 496);
  for (uint64_t t = 496; t < 504; t++) push(monitor, &m, t);
  const ens_findings *findings = ens_monitor_findings(monitor);
  CHECK(findings->step == 504 && findings->tau[0] != before);
  CHECK_NEAR(findings->change[0], fabs(findings->tau[0] - before) / findings->tau[0], 1e-15);
  ens_monitor_destroy(monitor);
  unmake(&m);
}

TEST(a_walker_that_stopped_makes_tau_unknown) {
  record m = make(1024, 8, 2, 0.5);
  for (size_t t = 400; t < m.nsteps; t++) m.accepted[t * 8 + 5] = 0;
  ens_monitor *monitor = watch(&m, 300);
  CHECK(ens_monitor_findings(monitor)->stuck == SIZE_MAX && ens_monitor_findings(monitor)->tau[0] > 0);
  ens_monitor_destroy(monitor);
  for (size_t t = 10; t < m.nsteps; t++) m.accepted[t * 8 + 5] = 0;
  monitor = watch(&m, m.nsteps);
  CHECK(ens_monitor_findings(monitor)->stuck == 5);
  CHECK(isnan(ens_monitor_findings(monitor)->tau[0]) && isnan(ens_monitor_findings(monitor)->ess[1]));
  ens_monitor_destroy(monitor);
  unmake(&m);
}

TEST(constants_and_short_chains_have_no_tau) {
  record m = make(1024, 8, 2, 0.5);
  for (size_t i = 0; i < m.nsteps * 8; i++) m.x[2 * i] = 0.1;
  ens_monitor *monitor = watch(&m, m.nsteps);
  const ens_findings *findings = ens_monitor_findings(monitor);
  CHECK(isnan(findings->tau[0]) && isnan(findings->ess[0]) && isnan(findings->change[0]));
  CHECK_NEAR(findings->tau[1], 3, 0.7);
  ens_monitor_destroy(monitor);
  unmake(&m);
  m = make(160, 8, 1, 0.999); /* tau 1999 */
  monitor = watch(&m, m.nsteps);
  CHECK(!(ens_monitor_findings(monitor)->tau[0] < 10));
  ens_monitor_destroy(monitor);
  unmake(&m);
}

/* 64 of 300 walkers have rows; the mean is over all 300. */
TEST(many_walkers_need_no_more_memory) {
  record m = make(1024, 300, 1, 0.8);
  check_against_summary(&m);
  unmake(&m);
}

/* All walkers move together: their mean is as uncertain as one walker. */
TEST(walkers_that_move_together_count_once) {
  record m = make(4096, 8, 1, 0.5);
  for (size_t t = 0; t < m.nsteps; t++)
    for (size_t w = 1; w < 8; w++) m.x[t * 8 + w] = m.x[t * 8] + 0.01 * (double)w;
  ens_monitor *monitor = watch(&m, m.nsteps);
  double draws = (double)(4096 - ens_monitor_findings(monitor)->discard);
  CHECK_NEAR(ens_monitor_findings(monitor)->ess[0] / (draws / 3), 1, 0.3);
  ens_monitor_destroy(monitor);
  unmake(&m);
}

#if SCARCE
TEST(lack_of_memory_is_no_monitor) {
  for (long left = 0; left < 3; left++) {
    scarce_held = 0;
    scarce_left = left;
    ens_monitor *monitor = ens_monitor_create(8, 2, NULL);
    scarce_left = -1;
    CHECK(!monitor);
    CHECK(scarce_held == 0);
    ens_monitor_destroy(monitor);
  }
}

/* The monitor allocates nothing after its creation, for any length of the chain. */
TEST(memory_is_flat) {
  record m = make(1024, 8, 2, 0.5);
  ens_monitor *monitor = ens_monitor_create(8, 2, NULL);
  scarce_left = 0;
  for (int round = 0; round < 20; round++)
    for (size_t t = 0; t < m.nsteps; t++) push(monitor, &m, t);
  scarce_left = -1;
  CHECK(ens_monitor_findings(monitor)->step == 20480);
  ens_monitor_destroy(monitor);
  unmake(&m);
}
#endif

int main(void) {
  RUN(tau_and_ess_are_those_of_the_summary);
  RUN(an_offset_changes_nothing);
  RUN(the_way_from_the_start_is_left_out);
  RUN(the_last_walker_to_come_is_waited_for);
  RUN(checks_are_at_fixed_steps);
  RUN(the_same_steps_give_the_same_findings);
  RUN(change_is_relative_to_the_check_before);
  RUN(a_walker_that_stopped_makes_tau_unknown);
  RUN(constants_and_short_chains_have_no_tau);
  RUN(many_walkers_need_no_more_memory);
  RUN(walkers_that_move_together_count_once);
#if SCARCE
  RUN(lack_of_memory_is_no_monitor);
  RUN(memory_is_flat);
#endif
  return unit_report();
}
