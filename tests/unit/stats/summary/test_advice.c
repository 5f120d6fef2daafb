/* The warnings of a summary: each comes if its condition holds, and only then. */
#include "stats/summary/advice.h"
#include "stats/summary_fixture.h"

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
  const ens_summary_parameter *p = &summary.parameter[1];
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
  check_unknown(&summary.parameter[0]); /* NaN, as emcee's tau */
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
  for (size_t w = 0; w < 12; w++) stop_walker(&m, w, 100); /* no walker moves, so that none is left behind */
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
  m.log_prob[1] = -1.0; /* only once, in a discarded step */
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

TEST(only_what_may_be_refused_is_judged) {
  record m = make(300, 4, 1, 0.0);
  memset(m.accepted, 1, 300 * 4);
  ens_summary summary = summarise_judged(&m, 0, 1, &(ens_summary_acceptance){0, 0, true});
  CHECK(!has_warning(&summary, "acceptance fraction"));
  CHECK(summary.acceptance_mean == 1);
  ens_summary_free(&summary);
  summary = summarise_judged(&m, 0, 1, &(ens_summary_acceptance){30, 600, true});
  CHECK(has_warning(&summary, "The acceptance fraction, without the moves that always accept, is 0.050, below 0.1: "));
  ens_summary_free(&summary);
  summary = summarise_judged(&m, 0, 1, &(ens_summary_acceptance){300, 600, true});
  CHECK(!has_warning(&summary, "acceptance fraction"));
  ens_summary_free(&summary);
  unmake(&m);
}

/* The walkers move together: the ensemble's mean is as noisy as one walker. */
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

static void shift_walkers(record *m, size_t first, size_t last, size_t d, double by) {
  for (size_t t = 0; t < m->nsteps; t++)
    for (size_t w = first; w < last; w++) m->x[(t * m->nwalkers + w) * m->ndim + d] += by;
}

/* The sd of a coordinate is about 0.66. */
TEST(groups_that_do_not_mix_are_told_of) {
  record m = make(1000, 12, 2, 0.9);
  ens_summary summary = summarise(&m, 0, 1);
  CHECK(!has_warning(&summary, "do not mix"));
  ens_summary_free(&summary);
  shift_walkers(&m, 7, 12, 1, 20);
  summary = summarise(&m, 0, 1);
  CHECK(has_warning(&summary, "groups that do not mix: in 'b' 7 are around "));
  CHECK(has_warning(&summary, " and 5 around 2") || has_warning(&summary, " and 5 around 19."));
  ens_summary_free(&summary);
  unmake(&m);
  m = make(1000, 12, 2, 0.9);
  shift_walkers(&m, 11, 12, 1, 20); /* one walker is not a group */
  summary = summarise(&m, 0, 1);
  CHECK(!has_warning(&summary, "do not mix"));
  ens_summary_free(&summary);
  unmake(&m);
}

/* Walkers that have not mixed, each at its start from a normal or uniform distribution: a short chain, not two groups.
 */
TEST(one_group_that_is_too_short_is_no_two) {
  uint64_t state = 7;
  size_t told = 0;
  for (size_t trial = 0; trial < 300; trial++) {
    size_t nwalkers = 6 + trial % 40;
    record m = make(60, nwalkers, 1, 0.0);
    for (size_t w = 0; w < nwalkers; w++) {
      double place = noise(&state);
      for (int k = 0; trial % 2 && k < 11; k++) place += noise(&state);
      shift_walkers(&m, w, w + 1, 0, 1000 * place);
    }
    ens_summary summary = summarise(&m, 0, 1);
    told += (size_t)has_warning(&summary, "do not mix");
    ens_summary_free(&summary);
    unmake(&m);
  }
  CHECK(told <= 3);
}

static void hold_back(record *m, size_t walker, double level, size_t apart) {
  for (size_t t = 0; t < m->nsteps; t++) {
    m->log_prob[t * m->nwalkers + walker] += level;
    m->accepted[t * m->nwalkers + walker] = t % apart == 0;
  }
}

TEST(walkers_left_behind_are_listed) {
  record m = make(1000, 12, 1, 0.0);
  hold_back(&m, 2, -100, 100);
  hold_back(&m, 9, -300, 100);
  ens_summary summary = summarise(&m, 0, 1);
  CHECK(has_warning(&summary, "Stuck: walkers 3 and 10 accepted"));
  CHECK(has_warning(&summary, "accepted 1 % of the proposals, the others 67 %, at a log_prob that is 200 "));
  ens_summary_free(&summary);
  unmake(&m);
}

/* Each sign alone has another cause: slow moves at a high log_prob, or a low log_prob with normal moves. */
TEST(one_sign_of_being_left_behind_is_none) {
  record m = make(1000, 12, 1, 0.0);
  hold_back(&m, 2, 0, 100);
  hold_back(&m, 5, -100, 2);
  ens_summary summary = summarise(&m, 0, 1);
  CHECK(!has_warning(&summary, "Stuck"));
  ens_summary_free(&summary);
  unmake(&m);
  m = make(60, 12, 1, 0.0); /* a median of 40 accepted proposals is too small */
  hold_back(&m, 2, -100, 100);
  summary = summarise(&m, 0, 1);
  CHECK(!has_warning(&summary, "Stuck"));
  ens_summary_free(&summary);
  unmake(&m);
}

TEST(counts_and_places_alone_tell_of_walkers) {
  enum { W = 8 };
  uint64_t accepted[W] = {300, 310, 290, 305, 0, 300, 2, 0};
  double log_prob[W] = {-1, -2, -1.5, -1, -3, -2, -500, -INFINITY};
  ens_advice_early early = {.nwalkers = W, .steps = 1000, .accepted = accepted, .log_prob = log_prob};
  ens_summary told = {0};
  CHECK(ens_advice_give_early(&early, &told.warning, &told.nwarnings, NULL) == ENS_OK);
  CHECK(told.nwarnings == 3);
  CHECK(has_warning(&told, "log_prob was never finite for walker 8: "));
  CHECK(has_warning(&told, "No proposal was accepted in 1000 steps for walker 5, while"));
  CHECK(has_warning(&told, "Stuck: walker 7 accepted 0.2 % of the proposals, the others 30 %"));
  ens_summary_free(&told);
  for (size_t w = 0; w < W; w++) accepted[w] = 950, log_prob[w] = -1;
  early.judged = (ens_summary_acceptance){950 * W, 1000 * W, false};
  CHECK(ens_advice_give_early(&early, &told.warning, &told.nwarnings, NULL) == ENS_OK);
  CHECK(told.nwarnings == 1 && has_warning(&told, "above 0.9"));
  ens_summary_free(&told);
  early.steps = 0;
  CHECK(ens_advice_give_early(&early, &told.warning, &told.nwarnings, NULL) == ENS_OK);
  CHECK(told.nwarnings == 0);
}

int main(void) {
  RUN(constant_parameters_are_named);
  RUN(stuck_walkers_are_listed);
  RUN(walkers_without_log_prob_are_listed);
  RUN(acceptance_is_judged);
  RUN(only_what_may_be_refused_is_judged);
  RUN(two_estimates_that_differ_are_told_of);
  RUN(groups_that_do_not_mix_are_told_of);
  RUN(one_group_that_is_too_short_is_no_two);
  RUN(walkers_left_behind_are_listed);
  RUN(counts_and_places_alone_tell_of_walkers);
  RUN(one_sign_of_being_left_behind_is_none);
  return unit_report();
}
