/* The watchdog's judgement, with a clock of its own. */
#include "eval/sight.h"

#include "unit.h"

static ens_sight_alarm see(ens_sight *sight, uint64_t serial, size_t at, double now, double usual, double timeout,
                           bool interruptible) {
  return ens_sight_see(sight, &(ens_sight_look){serial, at, now, usual}, &(ens_sight_limits){timeout, interruptible});
}

TEST(a_long_evaluation_is_reported_once) {
  ens_sight s = {0};
  CHECK(see(&s, 1, 0, 100, 0.5, 0, true) == ENS_SIGHT_NONE);
  CHECK(see(&s, 1, 0, 160, 0.5, 0, true) == ENS_SIGHT_NONE);
  CHECK(see(&s, 1, 0, 161, 0.5, 0, true) == ENS_SIGHT_LONG);
  CHECK(see(&s, 1, 0, 900, 0.5, 0, true) == ENS_SIGHT_NONE);
  CHECK(see(&s, 2, 0, 901, 0.5, 0, true) == ENS_SIGHT_NONE); /* another evaluation: its time starts anew */
  CHECK(see(&s, 2, 0, 960, 0.5, 0, true) == ENS_SIGHT_NONE);
  CHECK(see(&s, 2, 0, 962, 0.5, 0, true) == ENS_SIGHT_LONG);
}

TEST(usually_slow_models_are_not_reported) {
  ens_sight s = {0};
  CHECK(see(&s, 1, 0, 0, 10, 0, true) == ENS_SIGHT_NONE);
  CHECK(see(&s, 1, 0, 199, 10, 0, true) == ENS_SIGHT_NONE);
  CHECK(see(&s, 1, 0, 201, 10, 0, true) == ENS_SIGHT_LONG);
}

TEST(each_item_of_a_block_starts_anew) {
  ens_sight s = {0};
  for (size_t at = 0; at < 10; at++) CHECK(see(&s, 1, at, 30 * (double)at, 0, 0, true) == ENS_SIGHT_NONE);
  for (int i = 0; i < 10; i++) CHECK(see(&s, 0, 0, 1000.0 * i, 0, 0, true) == ENS_SIGHT_NONE);
}

TEST(beyond_the_timeout_interrupted_then_stuck) {
  ens_sight s = {0};
  CHECK(see(&s, 7, 3, 0, 1, 2, true) == ENS_SIGHT_NONE);
  CHECK(see(&s, 7, 3, 2, 1, 2, true) == ENS_SIGHT_NONE);
  CHECK(see(&s, 7, 3, 2.1, 1, 2, true) == ENS_SIGHT_INTERRUPT);
  CHECK(see(&s, 7, 3, 4.9, 1, 2, true) == ENS_SIGHT_NONE); /* it has some time to end */
  CHECK(see(&s, 7, 3, 5.1, 1, 2, true) == ENS_SIGHT_STUCK);
  CHECK(see(&s, 7, 3, 9, 1, 2, true) == ENS_SIGHT_NONE);
}

TEST(uninterruptible_code_is_stuck_at_the_timeout) {
  ens_sight s = {0};
  CHECK(see(&s, 7, 3, 0, 1, 2, false) == ENS_SIGHT_NONE);
  CHECK(see(&s, 7, 3, 2.1, 1, 2, false) == ENS_SIGHT_STUCK);
}

TEST(looks_are_rare_but_frequent_enough) {
  CHECK_NEAR(ens_sight_period(0), 1, 0);
  CHECK_NEAR(ens_sight_period(100), 1, 0);
  CHECK_NEAR(ens_sight_period(2), 0.5, 0);
  CHECK_NEAR(ens_sight_period(0.001), 0.01, 0);
}

int main(void) {
  RUN(a_long_evaluation_is_reported_once);
  RUN(usually_slow_models_are_not_reported);
  RUN(each_item_of_a_block_starts_anew);
  RUN(beyond_the_timeout_interrupted_then_stuck);
  RUN(uninterruptible_code_is_stuck_at_the_timeout);
  RUN(looks_are_rare_but_frequent_enough);
  return unit_report();
}
