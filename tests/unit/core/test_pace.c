/* The choice between inline and workers from made-up rates: the better mode is found and kept, and trials are rare. */
#include "core/pace.h"

#include "base/stream.h"
#include "unit.h"

/* Runs `seconds` of periods. The rate of a mode is its updates per second times a factor in [1 - noise, 1 + noise].
 * Returns the fraction of the time with workers. */
static double run(ens_pace *pace, double seconds, double inline_rate, double pooled_rate, double noise) {
  double time = 0, pooled = 0;
  ens_stream s = ens_stream_at(1, 0, 0, ENS_RNG_SETUP);
  while (time < seconds) {
    double length = ens_pace_length(pace), factor = 1 + noise * (2 * ens_stream_uniform(&s) - 1);
    double rate = (pace->pooled ? pooled_rate : inline_rate) * factor;
    time += length;
    if (pace->pooled) pooled += length;
    ens_pace_period(pace, (uint64_t)(rate * length), length);
  }
  return pooled / seconds;
}

static ens_pace begin(size_t workers, double cost) {
  ens_pace pace = ens_pace_start(workers, 32);
  ens_pace_cost(&pace, 100, 100 * cost);
  return pace;
}

TEST(one_worker_is_never_pooled) {
  ens_pace pace = begin(1, 1);
  CHECK(!pace.pooled);
  CHECK_NEAR(run(&pace, 100, 10, 1000, 0), 0, 0);
}

TEST(cheap_is_inline_and_costly_is_pooled_without_trials) {
  ens_pace cheap = begin(2, 50e-9), costly = begin(2, 5e-3);
  CHECK_NEAR(run(&cheap, 10, 1e6, 1e7, 0), 0, 0);
  CHECK(costly.pooled);
  CHECK_NEAR(run(&costly, 100, 400, 200, 0), 1, 0.01);
}

TEST(between_them_the_better_way_is_found_and_kept) {
  ens_pace pace = begin(2, 1e-6);
  CHECK(!pace.pooled);
  CHECK(run(&pace, 20, 6e5, 9e5, 0.05) > 0.97);
  pace = begin(2, 1e-6);
  CHECK(run(&pace, 20, 6e5, 3e5, 0.05) < 0.03);
  pace = begin(2, 20e-6);
  CHECK(pace.pooled);
  CHECK(run(&pace, 20, 4.7e4, 9.2e4, 0.3) > 0.95);
  pace = begin(2, 20e-6); /* two threads share a CPU with other programs */
  CHECK(run(&pace, 20, 4.7e4, 3e4, 0.1) < 0.1);
}

TEST(an_unknown_cost_is_pooled_and_a_sudden_one_ends_inline_at_once) {
  ens_pace pace = ens_pace_start(2, 32);
  CHECK(pace.pooled && !ens_pace_start(1, 32).pooled);
  ens_pace_cost(&pace, 16, 16 * 1e-7);
  CHECK(!pace.pooled && !ens_pace_overdue(&pace));
  ens_pace_cost(&pace, 1, 10); /* ten seconds */
  CHECK(ens_pace_overdue(&pace));
  ens_pace_period(&pace, 1, 10);
  CHECK(pace.pooled && !ens_pace_overdue(&pace));
}

TEST(what_was_slow_at_first_only_goes_inline_at_once) {
  ens_pace pace = begin(2, 20e-6);
  CHECK(pace.pooled && !ens_pace_overdue(&pace));
  for (int i = 0; i < 100 && !ens_pace_overdue(&pace); i++) ens_pace_cost(&pace, 4, 4 * 5e-8);
  CHECK(ens_pace_overdue(&pace));
  ens_pace_period(&pace, 400, 1e-4);
  CHECK(!pace.pooled && !ens_pace_overdue(&pace));
}

TEST(it_follows_when_things_change) {
  ens_pace pace = begin(2, 20e-6);
  CHECK(run(&pace, 10, 4.7e4, 9.2e4, 0.1) > 0.95);
  run(&pace, 30, 4.7e4, 3e4, 0.1);
  CHECK(!pace.pooled || pace.trial);
  run(&pace, 45, 4.7e4, 9.2e4, 0.1);
  CHECK(pace.pooled || pace.trial);
  for (int i = 0; i < 500; i++) ens_pace_cost(&pace, 10, 10 * 5e-3); /* the model becomes costly */
  CHECK(run(&pace, 100, 150, 100, 0) > 0.98);
}

TEST(blocks_are_of_some_work_and_leave_each_worker_several) {
  ens_pace pace = begin(2, 5e-3);
  CHECK(ens_pace_block(&pace) == 1);
  pace = begin(2, 1e-6);
  CHECK(ens_pace_block(&pace) == 4); /* 32 walkers, 2 workers */
  pace = ens_pace_start(2, 4000);
  ens_pace_cost(&pace, 1, 1e-6);
  CHECK(ens_pace_block(&pace) == 50);
  pace = ens_pace_start(64, 8);
  CHECK(ens_pace_block(&pace) == 1);
}

TEST(the_samplers_thread_helps_with_what_is_short) {
  ens_pace pace = begin(2, 20e-6);
  CHECK(ens_pace_helps(&pace));
  pace = begin(2, 5e-3);
  CHECK(!ens_pace_helps(&pace));
}

int main(void) {
  RUN(one_worker_is_never_pooled);
  RUN(cheap_is_inline_and_costly_is_pooled_without_trials);
  RUN(between_them_the_better_way_is_found_and_kept);
  RUN(an_unknown_cost_is_pooled_and_a_sudden_one_ends_inline_at_once);
  RUN(what_was_slow_at_first_only_goes_inline_at_once);
  RUN(it_follows_when_things_change);
  RUN(blocks_are_of_some_work_and_leave_each_worker_several);
  RUN(the_samplers_thread_helps_with_what_is_short);
  return unit_report();
}
