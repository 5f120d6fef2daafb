/* The watchdog's judgement, with a clock of its own. */
#include "eval/sight.h"

#include "unit.h"

TEST(a_long_evaluation_is_told_of_once) {
  ens_sight s = {0};
  CHECK(ens_sight_see(&s, 1, 0, 100, 0.5, 0, true) == ENS_ALARM_NONE);
  CHECK(ens_sight_see(&s, 1, 0, 160, 0.5, 0, true) == ENS_ALARM_NONE);
  CHECK(ens_sight_see(&s, 1, 0, 161, 0.5, 0, true) == ENS_ALARM_LONG);
  CHECK(ens_sight_see(&s, 1, 0, 900, 0.5, 0, true) == ENS_ALARM_NONE);
  CHECK(ens_sight_see(&s, 2, 0, 901, 0.5, 0, true) == ENS_ALARM_NONE); /* another one: time starts anew */
  CHECK(ens_sight_see(&s, 2, 0, 960, 0.5, 0, true) == ENS_ALARM_NONE);
  CHECK(ens_sight_see(&s, 2, 0, 962, 0.5, 0, true) == ENS_ALARM_LONG);
}

TEST(usually_slow_models_are_not_told_of) {
  ens_sight s = {0};
  CHECK(ens_sight_see(&s, 1, 0, 0, 10, 0, true) == ENS_ALARM_NONE);
  CHECK(ens_sight_see(&s, 1, 0, 199, 10, 0, true) == ENS_ALARM_NONE);
  CHECK(ens_sight_see(&s, 1, 0, 201, 10, 0, true) == ENS_ALARM_LONG);
}

TEST(items_of_a_block_and_idle_times_are_apart) {
  ens_sight s = {0};
  for (size_t at = 0; at < 10; at++) CHECK(ens_sight_see(&s, 1, at, 30 * (double)at, 0, 0, true) == ENS_ALARM_NONE);
  for (int i = 0; i < 10; i++) CHECK(ens_sight_see(&s, 0, 0, 1000.0 * i, 0, 0, true) == ENS_ALARM_NONE);
}

TEST(beyond_the_timeout_interrupted_then_stuck) {
  ens_sight s = {0};
  CHECK(ens_sight_see(&s, 7, 3, 0, 1, 2, true) == ENS_ALARM_NONE);
  CHECK(ens_sight_see(&s, 7, 3, 2, 1, 2, true) == ENS_ALARM_NONE);
  CHECK(ens_sight_see(&s, 7, 3, 2.1, 1, 2, true) == ENS_ALARM_INTERRUPT);
  CHECK(ens_sight_see(&s, 7, 3, 4.9, 1, 2, true) == ENS_ALARM_NONE); /* it has some time to end */
  CHECK(ens_sight_see(&s, 7, 3, 5.1, 1, 2, true) == ENS_ALARM_STUCK);
  CHECK(ens_sight_see(&s, 7, 3, 9, 1, 2, true) == ENS_ALARM_NONE);
}

TEST(what_cannot_be_interrupted_is_stuck_at_the_timeout) {
  ens_sight s = {0};
  CHECK(ens_sight_see(&s, 7, 3, 0, 1, 2, false) == ENS_ALARM_NONE);
  CHECK(ens_sight_see(&s, 7, 3, 2.1, 1, 2, false) == ENS_ALARM_STUCK);
}

TEST(looks_are_seldom_but_often_enough) {
  CHECK_NEAR(ens_sight_period(0), 1, 0);
  CHECK_NEAR(ens_sight_period(100), 1, 0);
  CHECK_NEAR(ens_sight_period(2), 0.5, 0);
  CHECK_NEAR(ens_sight_period(0.001), 0.01, 0);
}

int main(void) {
  RUN(a_long_evaluation_is_told_of_once);
  RUN(usually_slow_models_are_not_told_of);
  RUN(items_of_a_block_and_idle_times_are_apart);
  RUN(beyond_the_timeout_interrupted_then_stuck);
  RUN(what_cannot_be_interrupted_is_stuck_at_the_timeout);
  RUN(looks_are_seldom_but_often_enough);
  return unit_report();
}
