/* The recorder keeps some of the sampler's steps, and counts them. */
#include "run/parts/recorder.h"

#include <stdlib.h>

#include "unit.h"

enum { WALKERS = 4, DIMS = 1 };

static struct {
  uint64_t tuned, recorded, kept; /* calls */
  uint64_t last_recorded, last_kept;
  bool last_tuned;
  ens_status answer; /* of `tuned` */
} heard;

static ens_status on_tuned(void *context, const ens_step *step, bool last, ens_error *error) {
  CHECK(context == &heard && step->index > 0);
  heard.tuned++;
  heard.last_tuned = last;
  return heard.answer ? ens_error_set(error, heard.answer, "no room") : ENS_OK;
}

static void on_recorded(void *context, const ens_step *step) {
  CHECK(context == &heard);
  heard.recorded++;
  heard.last_recorded = step->index;
}

static void on_kept(void *context, const ens_step *step) {
  CHECK(context == &heard);
  heard.kept++;
  heard.last_kept = step->index;
}

static atomic_bool halted;

static ens_recorder make(uint64_t thin_by, uint64_t tune, size_t nmoves, bool in_memory) {
  static const ens_until no_rules;
  ens_recorder recorder;
  ens_recorder_options options = {.nwalkers = WALKERS,
                                  .ndim = DIMS,
                                  .thin_by = thin_by,
                                  .tune = tune,
                                  .nmoves = nmoves,
                                  .until = &no_rules,
                                  .in_memory = in_memory,
                                  .hooks = {&heard, on_tuned, on_recorded, on_kept},
                                  .halted = &halted};
  memset(&heard, 0, sizeof heard);
  CHECK(ens_recorder_create(&recorder, &options, NULL) == ENS_OK);
  return recorder;
}

/* Walkers below `accepted` accept a proposal of move `imove`. */
static ens_status feed(ens_recorder *recorder, uint64_t index, size_t accepted, size_t imove) {
  double numbers[WALKERS] = {0};
  uint8_t flags[WALKERS];
  for (size_t k = 0; k < WALKERS; k++) flags[k] = k < accepted;
  ens_step step = {
      .index = index, .coords = numbers, .log_prob = numbers, .blobs = numbers, .accepted = flags, .imove = imove};
  return recorder->sink.ops->step(&recorder->sink, &step, NULL);
}

static void feed_many(ens_recorder *recorder, uint64_t first, uint64_t last) {
  for (uint64_t i = first; i <= last; i++) CHECK(feed(recorder, i, 2, 0) == ENS_OK);
}

TEST(keeps_every_thin_by_th_step) {
  ens_recorder r = make(3, 0, 1, true);
  feed_many(&r, 1, 11);
  CHECK(ens_recorder_steps(&r) == 3 && heard.recorded == 3 && heard.kept == 3);
  CHECK(heard.last_recorded == 3 && r.kept_at == 9);
  CHECK(ens_memory_chain_chain(r.memory)->nsteps == 3);
  CHECK(ens_recorder_sampler_step(&r, 5) == 15);
  CHECK(ens_recorder_sampler_step(&r, UINT64_MAX / 2) > UINT64_MAX / 4); /* no overflow */
  ens_recorder_free(&r);
}

TEST(tuning_is_no_part_of_the_chain) {
  ens_recorder r = make(2, 5, 1, true);
  feed_many(&r, 1, 4);
  CHECK(heard.tuned == 4 && !heard.last_tuned && ens_recorder_steps(&r) == 0);
  feed_many(&r, 5, 5);
  CHECK(heard.last_tuned);
  feed_many(&r, 6, 9);
  CHECK(heard.tuned == 5 && ens_recorder_steps(&r) == 2);
  ens_recorder_free(&r);
  r = make(2, 5, 1, true);
  heard.answer = ENS_MEMORY;
  CHECK(feed(&r, 5, 0, 0) == ENS_MEMORY);
  ens_recorder_free(&r);
}

TEST(counts_accepted_proposals_of_walkers_and_moves) {
  ens_recorder r = make(1, 0, 2, true);
  ens_moves_set(&r.moves, 0, "stretch", 7, 0.5);
  ens_moves_set(&r.moves, 1, "de", 2, 0.5);
  feed(&r, 1, 4, 0);
  feed(&r, 2, 1, 1);
  feed(&r, 3, 1, 1);
  CHECK(r.naccepted[0] == 3 && r.naccepted[1] == 1 && r.naccepted[3] == 1);
  CHECK(r.moves.move[0].accepted == 4 && r.moves.move[0].proposed == 4);
  CHECK(r.moves.move[1].accepted == 2 && r.moves.move[1].proposed == 8);
  CHECK_NEAR(ens_recorder_acceptance(&r), 0.5, 1e-15);
  ens_summary_acceptance judged = ens_recorder_judge(&r, 3);
  CHECK(judged.accepted == 6 && judged.proposed == 12 && !judged.some);
  ens_recorder_free(&r);
}

TEST(a_move_that_always_accepts_is_not_judged) {
  ens_recorder r = make(1, 0, 1, true);
  ens_moves_set(&r.moves, 0, "slice", 5, 1);
  feed(&r, 1, 4, 0);
  ens_summary_acceptance judged = ens_recorder_judge(&r, 1);
  CHECK(judged.some && judged.proposed == 0);
  ens_recorder_free(&r);
}

TEST(steps_that_are_not_recorded_are_counted_and_then_forgotten) {
  ens_recorder r = make(1, 0, 1, true);
  feed_many(&r, 1, 3);
  ens_recorder_record(&r, false);
  feed_many(&r, 4, 8);
  CHECK(ens_recorder_steps(&r) == 8 && heard.recorded == 3 && heard.kept == 8);
  CHECK(ens_memory_chain_chain(r.memory)->nsteps == 3);
  CHECK_NEAR(ens_recorder_acceptance(&r), 0.5, 1e-15); /* of the three */
  ens_recorder_record(&r, true);
  CHECK(ens_recorder_steps(&r) == 3);
  feed_many(&r, 9, 9);
  CHECK(ens_recorder_steps(&r) == 4 && heard.last_recorded == 4);
  ens_recorder_free(&r);
}

TEST(reset_forgets_the_chain_and_its_counts) {
  ens_recorder r = make(1, 0, 2, true);
  feed_many(&r, 1, 5);
  ens_recorder_reset(&r);
  CHECK(ens_recorder_steps(&r) == 0 && r.naccepted[0] == 0 && r.moves.move[0].proposed == 0);
  CHECK(ens_memory_chain_chain(r.memory)->nsteps == 0 && isnan(ens_recorder_acceptance(&r)));
  feed_many(&r, 6, 7);
  CHECK(ens_recorder_steps(&r) == 2 && heard.last_recorded == 2);
  ens_recorder_free(&r);
}

TEST(restore_continues_the_thinning) {
  ens_recorder r = make(5, 10, 1, true);
  uint64_t before[WALKERS] = {7, 7, 7, 7};
  ens_recorder_restore(&r, 4, before);
  CHECK(ens_recorder_steps(&r) == 4 && r.kept_at == 30 && r.naccepted[2] == 7);
  feed_many(&r, 31, 34);
  CHECK(ens_recorder_steps(&r) == 4);
  feed_many(&r, 35, 35);
  CHECK(ens_recorder_steps(&r) == 5 && heard.last_kept == 5);
  ens_recorder_free(&r);
}

TEST(ends_at_the_rules_only_if_it_heeds_them) {
  ens_recorder r = make(1, 0, 1, true);
  r.convergence.reached = 1;
  CHECK(feed(&r, 1, 0, 0) == ENS_OK);
  r.heeds = true;
  CHECK(feed(&r, 2, 0, 0) == ENS_ENOUGH);
  CHECK(ens_recorder_has_ended(&r) && !ens_recorder_falls_short(&r) && heard.kept == 2);
  ens_recorder_free(&r);
}

static ens_status no_room(ens_sink *sink, const ens_step *step, ens_error *error) {
  (void)sink, (void)step;
  return ens_error_set(error, ENS_IO, "the disk is full");
}

TEST(an_error_of_the_chain_ends_the_step) {
  static const ens_sink_ops ops = {no_room};
  ens_sink full = {.ops = &ops};
  ens_recorder r = make(1, 0, 1, false);
  r.chain = &full;
  CHECK(feed(&r, 1, 0, 0) == ENS_IO);
  CHECK(heard.recorded == 1 && heard.kept == 0);
  ens_recorder_free(&r);
}

TEST(counts_a_chain_again) {
  ens_recorder r = make(1, 0, 2, true);
  ens_moves_set(&r.moves, 0, "stretch", 7, 0.5);
  ens_moves_set(&r.moves, 1, "de", 2, 0.5);
  for (uint64_t i = 1; i <= 700; i++) feed(&r, i, i % 5, 0);
  uint64_t expected = r.naccepted[1], sum = 0;
  r.naccepted[1] = 0;
  ens_chain *chain = ens_memory_chain_chain(r.memory);
  CHECK(ens_recorder_count_chain(&r, chain, NULL) == ENS_OK);
  CHECK(r.naccepted[1] == expected);
  for (size_t k = 0; k < WALKERS; k++) sum += r.naccepted[k];
  ens_moves_reset(&r.moves);
  ens_moves_span span = {.seed = 3, .thin_by = 1};
  CHECK(ens_moves_count_chain(&r.moves, chain, &span, NULL) == ENS_OK);
  CHECK(r.moves.move[0].proposed + r.moves.move[1].proposed == 700 * WALKERS && r.moves.move[1].proposed > 1000);
  CHECK(r.moves.move[0].accepted + r.moves.move[1].accepted == sum);
  ens_recorder_free(&r);
}

int main(void) {
  RUN(keeps_every_thin_by_th_step);
  RUN(tuning_is_no_part_of_the_chain);
  RUN(counts_accepted_proposals_of_walkers_and_moves);
  RUN(a_move_that_always_accepts_is_not_judged);
  RUN(steps_that_are_not_recorded_are_counted_and_then_forgotten);
  RUN(reset_forgets_the_chain_and_its_counts);
  RUN(restore_continues_the_thinning);
  RUN(ends_at_the_rules_only_if_it_heeds_them);
  RUN(an_error_of_the_chain_ends_the_step);
  RUN(counts_a_chain_again);
  return unit_report();
}
