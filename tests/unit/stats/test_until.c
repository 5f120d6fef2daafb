/* The rules of until: when they hold, and their words. */
#include "stats/until.h"
#include "unit.h"

static char *names[] = {"m", "b"};

static const double tau[] = {20, 40}, ess[] = {900, 400}, change[] = {0.02, 0.005};
static const ens_findings some = {
    .step = 1000, .discard = 200, .ndim = 2, .tau = tau, .ess = ess, .change = change, .stuck = SIZE_MAX};
static const double unknown[] = {NAN, 40};
static const ens_findings early = {
    .step = 128, .discard = 64, .ndim = 2, .tau = unknown, .ess = unknown, .change = unknown, .stuck = SIZE_MAX};

static const char *describe(ens_until until, const ens_findings *findings, bool all) {
  static char out[1024];
  ens_until_describe(&until, findings, names, all, out, sizeof out);
  return out;
}

static const char *brief(ens_until until, const ens_findings *findings) {
  static char out[128];
  ens_until_brief(&until, findings, out, sizeof out);
  return out;
}

static bool holds(ens_until until, const ens_findings *findings) {
  return ens_until_holds(&until, findings);
}

/* 800 steps after discard are 20 times the longest tau. */
TEST(each_rule_holds_for_its_worst_parameter) {
  CHECK(holds((ens_until){.tau = 20}, &some) && !holds((ens_until){.tau = 20.1}, &some));
  CHECK(holds((ens_until){.ess = 400}, &some) && !holds((ens_until){.ess = 401}, &some));
  CHECK(holds((ens_until){.mcse = 0.05}, &some) && !holds((ens_until){.mcse = 0.0499}, &some));
  CHECK(holds((ens_until){.change = 0.02}, &some) && !holds((ens_until){.change = 0.019}, &some));
}

TEST(all_rules_must_hold) {
  CHECK(holds((ens_until){.tau = 20, .ess = 400, .mcse = 0.05, .change = 0.02}, &some));
  CHECK(!holds((ens_until){.tau = 20, .ess = 400, .mcse = 0.05, .change = 0.01}, &some));
  CHECK(!holds((ens_until){.tau = 20, .min_steps = 1001}, &some));
  CHECK(holds((ens_until){.tau = 20, .min_steps = 1000}, &some));
}

TEST(what_is_not_known_does_not_hold) {
  static const ens_until rules[] = {{.tau = 1e-9}, {.ess = 1e-9}, {.mcse = 1e9}, {.change = 1e9}};
  for (size_t i = 0; i < 4; i++) {
    CHECK(!ens_until_holds(&rules[i], &early));
    CHECK(!ens_until_holds(&rules[i], &(ens_findings){.ndim = 2, .tau = tau, .ess = ess, .change = change}));
    CHECK(ens_until_is_given(&rules[i]));
  }
  CHECK(!ens_until_is_given(&(ens_until){.min_steps = 5}));
}

TEST(the_steps_that_it_will_take) {
  CHECK(ens_until_steps(&(ens_until){.tau = 50}, &some) == 2200);
  CHECK(ens_until_steps(&(ens_until){.ess = 800}, &some) == 1800);
  CHECK(ens_until_steps(&(ens_until){.mcse = 0.025}, &some) == 3400);
  CHECK(ens_until_steps(&(ens_until){.tau = 50, .mcse = 0.025}, &some) == 3400);
  CHECK(ens_until_steps(&(ens_until){.tau = 5, .min_steps = 1500}, &some) == 1500);
  CHECK(ens_until_steps(&(ens_until){.change = 0.001}, &some) == 0);
  CHECK(ens_until_steps(&(ens_until){.tau = 5}, &some) == 0);
  CHECK(ens_until_steps(&(ens_until){.tau = 50}, &early) == 0);
}

TEST(words_name_the_worst_and_what_is_asked) {
  CHECK_STRING(describe((ens_until){.tau = 50}, &some, false),
               "the chain is 20.0 times the autocorrelation time of 'b' (at least 50 required)");
  CHECK_STRING(describe((ens_until){.tau = 10, .ess = 1000, .mcse = 0.01, .change = 0.01}, &some, false),
               "the autocorrelation time of 'm' changed by 2 % since the check before (at most 1 % required); "
               "the effective sample size of 'b' is 400 (at least 1000 required); "
               "the standard error of the mean of 'b' is 0.05 sd (at most 0.01 required)");
  CHECK_STRING(describe((ens_until){.tau = 10, .mcse = 0.05}, &some, true),
               "the chain is 20.0 times the autocorrelation time of 'b'; "
               "the standard error of the mean of 'b' is 0.05 sd");
  CHECK_STRING(describe((ens_until){.tau = 10, .min_steps = 5000}, &some, false), "at least 5000 steps are required");
}

TEST(words_say_why_nothing_is_known) {
  ens_findings stuck = early;
  stuck.stuck = 2;
  CHECK_STRING(describe((ens_until){.tau = 50}, &early, false),
               "the autocorrelation time of 'm' is not known yet: the chain is too short, or it has one value only");
  CHECK_STRING(describe((ens_until){.tau = 50}, &stuck, false),
               "walker 3 has not moved since step 64, so that no autocorrelation time is known");
  CHECK_STRING(describe((ens_until){.tau = 50}, &(ens_findings){.ndim = 2, .tau = tau}, false),
               "the first check is at step 128");
  ens_findings first = some;
  first.change = unknown;
  CHECK_STRING(describe((ens_until){.change = 0.01}, &first, false),
               "the autocorrelation time of 'm' has no earlier value to compare with (at most 1 % required)");
}

TEST(a_few_words_for_the_screen) {
  CHECK_STRING(brief((ens_until){.tau = 50, .mcse = 0.01}, &some), "N/tau 20 -> 50, MCSE 0.05 -> 0.01");
  CHECK_STRING(brief((ens_until){.tau = 50, .ess = 10}, &early), "N/tau -> 50, ESS -> 10");
  CHECK_STRING(brief((ens_until){.tau = 10}, &some), "");
  CHECK_STRING(brief((ens_until){.tau = 10, .min_steps = 2000}, &some), "step -> 2000");
  char out[12];
  ens_until_brief(&(ens_until){.tau = 50}, &some, out, sizeof out);
  CHECK_STRING(out, "N/tau 20 ->");
}

int main(void) {
  RUN(each_rule_holds_for_its_worst_parameter);
  RUN(all_rules_must_hold);
  RUN(what_is_not_known_does_not_hold);
  RUN(the_steps_that_it_will_take);
  RUN(words_name_the_worst_and_what_is_asked);
  RUN(words_say_why_nothing_is_known);
  RUN(a_few_words_for_the_screen);
  return unit_report();
}
