/* The rules of `until`, checked along a chain, in one go or recalled from a stored one. */
#include "run/parts/convergence.h"

#include <stdlib.h>

#include "unit.h"

enum { WALKERS = 8, STEPS = 600 };

static const ens_until rules = {.tau = 20};

/* Independent draws, so that tau is near 1. */
static void draw(uint64_t step, double coords[WALKERS], double log_prob[WALKERS], uint8_t accepted[WALKERS]) {
  for (uint64_t k = 0; k < WALKERS; k++) {
    uint64_t x = (step * 8191 + k + 1) * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    coords[k] = (double)(x >> 11) * 0x1p-53;
    log_prob[k] = -coords[k];
    accepted[k] = 1;
  }
}

static ens_convergence make(const ens_until *until) {
  ens_convergence c;
  ens_convergence_shape shape = {WALKERS, 1, NULL};
  CHECK(ens_convergence_create(until, &shape, &c, NULL) == ENS_OK);
  return c;
}

static void feed(ens_convergence *c, uint64_t first, uint64_t last) {
  double coords[WALKERS], log_prob[WALKERS];
  uint8_t accepted[WALKERS];
  for (uint64_t step = first; step <= last; step++) {
    draw(step, coords, log_prob, accepted);
    ens_convergence_step(c, coords, log_prob, accepted);
  }
}

TEST(without_rules_there_is_nothing) {
  ens_convergence c = make(&(ens_until){0});
  char text[64] = "x";
  feed(&c, 1, STEPS);
  CHECK(!c.monitor && !c.reached && !ens_convergence_lacks(&c, 17));
  CHECK(isnan(ens_convergence_tau(&c)) && isnan(ens_convergence_ess(&c)));
  CHECK(ens_convergence_describe(&c, NULL, text, sizeof text) == 0);
  CHECK_STRING(text, "");
  ens_convergence_free(&c);
}

TEST(the_first_check_at_which_the_rules_hold_counts) {
  ens_convergence c = make(&rules);
  feed(&c, 1, 127);
  CHECK(c.reached == 0);
  feed(&c, 128, STEPS);
  CHECK(c.reached == 128);
  CHECK(ens_convergence_tau(&c) > 0.5 && ens_convergence_tau(&c) < 2 && ens_convergence_ess(&c) > 1000);
  ens_convergence_reset(&c);
  CHECK(c.reached == 0 && !ens_convergence_lacks(&c, 0));
  ens_convergence_free(&c);
}

static ens_status read_drawn(ens_chain *self, const ens_chain_steps *steps, ens_error *error) {
  (void)self, (void)error;
  for (size_t i = 0; i < steps->count; i++)
    draw(steps->start + i + 1, steps->coords + i * WALKERS, steps->log_prob + i * WALKERS,
         steps->accepted + i * WALKERS);
  return ENS_OK;
}

TEST(a_stored_chain_is_recalled_to_the_same_findings) {
  static const ens_chain_ops ops = {.read = read_drawn};
  ens_chain chain = {.ops = &ops, .nsteps = STEPS, .nwalkers = WALKERS, .ndim = 1};
  ens_convergence fed = make(&rules), recalled = make(&rules);
  feed(&fed, 1, STEPS);
  feed(&recalled, 1, 200); /* the rest is read */
  CHECK(ens_convergence_lacks(&recalled, STEPS));
  CHECK(ens_convergence_recall(&recalled, &chain, NULL) == ENS_OK);
  CHECK(!ens_convergence_lacks(&recalled, STEPS) && recalled.reached == fed.reached);
  CHECK(ens_convergence_tau(&recalled) == ens_convergence_tau(&fed));
  chain.nsteps = 130; /* another, shorter store: it is read from its start */
  CHECK(ens_convergence_recall(&recalled, &chain, NULL) == ENS_OK);
  CHECK(!ens_convergence_lacks(&recalled, 130));
  ens_convergence_free(&fed);
  ens_convergence_free(&recalled);
}

TEST(the_screen_shows_the_rules_until_they_hold) {
  ens_convergence c = make(&rules);
  char text[128];
  feed(&c, 1, 100);
  ens_convergence_brief(&c, text, sizeof text);
  CHECK(text[0] != '\0');
  feed(&c, 101, STEPS);
  ens_convergence_brief(&c, text, sizeof text);
  CHECK_STRING(text, "");
  ens_convergence_free(&c);
}

int main(void) {
  RUN(without_rules_there_is_nothing);
  RUN(the_first_check_at_which_the_rules_hold_counts);
  RUN(a_stored_chain_is_recalled_to_the_same_findings);
  RUN(the_screen_shows_the_rules_until_they_hold);
  return unit_report();
}
