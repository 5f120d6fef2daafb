/* Each letter between ranks: take returns what put got. */
#include "eval/ranks/letters.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static ens_block *make_block(void) {
  ens_block *block = ens_block_create(3, 2, 1);
  block->count = 2;
  for (size_t i = 0; i < 2; i++) {
    block->step[i] = 100 - 7 * i;
    block->walker[i] = (uint32_t)(4 + i);
    for (size_t d = 0; d < 2; d++) block->theta[2 * i + d] = 0.5 * (double)i - (double)d;
  }
  return block;
}

TEST(work_brings_steps_walkers_and_parameters) {
  ens_bundle paper = {0};
  ens_block *sent = make_block(), *got = ens_block_create(3, 2, 1);
  ens_letter_put_work(&paper, 5, sent);
  ens_letter_work work = ens_letter_take_work(&paper);
  CHECK(work.slot == 5 && work.count == 2);
  ens_letter_take_proposals(&paper, &work, got);
  CHECK(got->count == 2 && !paper.failed && paper.at == paper.size);
  CHECK(memcmp(got->step, sent->step, 2 * sizeof *got->step) == 0);
  CHECK(memcmp(got->walker, sent->walker, 2 * sizeof *got->walker) == 0);
  CHECK(memcmp(got->theta, sent->theta, 4 * sizeof *got->theta) == 0);
  ens_block_destroy(sent);
  ens_block_destroy(got);
  ens_bundle_free(&paper);
}

static void check_result(bool failed) {
  ens_bundle paper = {0};
  ens_block *sent = make_block(), *got = make_block();
  sent->log_prob[0] = -1.5, sent->log_prob[1] = -2;
  sent->blobs[0] = 7, sent->blobs[1] = 8;
  sent->seconds = 0.25;
  sent->worker = 32767;
  if (failed) sent->outcome[1] = ENS_EVAL_ERROR, sent->message[1] = strdup("no");
  ens_letter_put_result(&paper, 65535, sent);
  ens_letter_result result = ens_letter_take_result(&paper);
  CHECK(result.slot == 65535 && result.failed == failed);
  ens_letter_take_values(&paper, &result, got);
  CHECK(!paper.failed && paper.at == paper.size);
  CHECK(got->worker == 32767 && got->seconds == 0.25);
  CHECK(got->log_prob[0] == -1.5 && got->log_prob[1] == -2 && got->blobs[0] == 7 && got->blobs[1] == 8);
  CHECK(got->outcome[0] == ENS_EVAL_VALUE && !got->message[0]);
  CHECK(failed == (got->outcome[1] == ENS_EVAL_ERROR && got->message[1] && strcmp(got->message[1], "no") == 0));
  ens_block_destroy(sent);
  ens_block_destroy(got);
  ens_bundle_free(&paper);
}

TEST(a_result_brings_values_and_messages) {
  check_result(false);
  check_result(true);
}

TEST(returned_slots_end_with_the_letter) {
  ens_bundle paper = {0};
  size_t slot = 0;
  CHECK(!ens_letter_take_slot(&paper, &slot));
  ens_letter_add_slot(&paper, 3);
  ens_letter_add_slot(&paper, 0);
  CHECK(ens_letter_take_slot(&paper, &slot) && slot == 3);
  CHECK(ens_letter_take_slot(&paper, &slot) && slot == 0);
  CHECK(!ens_letter_take_slot(&paper, &slot) && !paper.failed);
  ens_bundle_free(&paper);
}

TEST(a_model_is_announced_with_the_sizes_of_its_parts) {
  ens_bundle paper = {0}, model = {0}, got = {0};
  ens_bundle_part part = {.memory = "abc", .size = 3, .file = -1};
  ens_bundle_put_text(&model, "native");
  ens_bundle_put_part(&model, &part);
  ens_letter_put_job(&paper, &(ens_letter_job){.nworkers = 4, .seed = 99, .timeout = 1.5, .model = &model});
  ens_letter_job job;
  ens_letter_take_job(&paper, &job, &got);
  CHECK(job.nworkers == 4 && job.seed == 99 && job.timeout == 1.5);
  CHECK(got.nparts == 1 && got.part[0].size == 3 && !got.part[0].memory && got.part[0].file == -1);
  char *text = ens_bundle_take_text(&got);
  CHECK(text && strcmp(text, "native") == 0);
  free(text);
  ens_letter_put_piece(&paper, &(ens_letter_piece){.part = 2, .at = 1, .size = 2, .bytes = "bc"});
  ens_letter_piece piece = ens_letter_take_piece(&paper);
  CHECK(piece.part == 2 && piece.at == 1 && piece.size == 2 && memcmp(piece.bytes, "bc", 2) == 0);
  ens_letter_put_map(&paper, &(ens_letter_map){1, 4321, 9, 77});
  ens_letter_map map = ens_letter_take_map(&paper);
  CHECK(map.part == 1 && map.process == 4321 && map.file == 9 && map.token == 77);
  ens_bundle_free(&paper);
  ens_bundle_free(&model);
  ens_bundle_free(&got);
}

TEST(slow_evaluations_have_parameters_and_setups_none) {
  ens_bundle paper = {0};
  ens_slow slow, setup = {.worker = 2, .setup = true, .seconds = 61, .what = ENS_SLOW_STUCK};
  double theta[2] = {1, -2}, got[2] = {0, 0};
  ens_slow long_one = {.worker = 1, .step = 12, .walker = 3, .theta = theta, .seconds = 62, .usual = 0.5};
  ens_letter_put_slow(&paper, &long_one, 2);
  CHECK(ens_letter_take_slow(&paper, &slow, got, 2));
  CHECK(slow.worker == 1 && !slow.setup && slow.step == 12 && slow.walker == 3 && slow.seconds == 62);
  CHECK(slow.usual == 0.5 && slow.what == ENS_SLOW_LONG && slow.theta == got && got[0] == 1 && got[1] == -2);
  ens_letter_put_slow(&paper, &setup, 0);
  CHECK(ens_letter_take_slow(&paper, &slow, got, 2) && slow.setup && slow.what == ENS_SLOW_STUCK && !slow.theta);
  ens_letter_put_slow(&paper, &long_one, 1);
  CHECK(!ens_letter_take_slow(&paper, &slow, got, 2)); /* too short */
  ens_bundle_free(&paper);
}

static void check_text(const char *text, ens_status status) {
  ens_bundle paper = {0};
  ens_letter_text sent = {.question = 6, .status = status, .number = 2, .text = (char *)text}, got = {0};
  sent.size = text ? strlen(text) : 0;
  ens_letter_put_text(&paper, &sent);
  CHECK(ens_letter_take_question(&paper) == 6);
  ens_letter_take_text(&paper, &got);
  CHECK(got.status == status && got.number == 2 && got.size == sent.size);
  CHECK(text ? got.text && strcmp(got.text, text) == 0 : !got.text);
  free(got.text);
  ens_bundle_free(&paper);
}

TEST(texts_may_be_empty_or_missing) {
  check_text("return 1", ENS_OK);
  check_text("", ENS_OK);
  check_text(NULL, ENS_OK);
  check_text(NULL, ENS_MEMORY);
}

TEST(ranks_introduce_themselves_and_answer) {
  ens_bundle paper = {0};
  ens_rank rank = {.host = "node7", .node = 3, .cpus = 8}, got;
  ens_letter_put_hello(&paper, &rank, "ensemble-lua 1");
  char *text = ens_letter_take_hello(&paper, &got);
  CHECK(strcmp(text, "ensemble-lua 1") == 0 && strcmp(got.host, "node7") == 0 && got.node == 3 && got.cpus == 8);
  free(text);
  ens_status status = ENS_OK;
  ens_letter_put_ready(&paper, ENS_MODEL, "line 3");
  text = ens_letter_take_ready(&paper, &status);
  CHECK(status == ENS_MODEL && strcmp(text, "line 3") == 0);
  free(text);
  uint64_t question = 0;
  ens_letter_put_ask(&paper, 8, "model.lua");
  text = ens_letter_take_ask(&paper, &question);
  CHECK(question == 8 && strcmp(text, "model.lua") == 0);
  free(text);
  ens_letter_put_number(&paper, -1);
  CHECK(ens_letter_take_number(&paper) == -1);
  ens_bundle_free(&paper);
}

static void count_one(void *receiver, ens_letter *letter) {
  (void)letter;
  ++*(int *)receiver;
}

TEST(a_letter_without_a_handler_is_left) {
  static ens_letter_handler *const handlers[ENS_LETTER_KINDS] = {[ENS_LETTER_BEAT] = count_one};
  int count = 0;
  CHECK(ens_letter_dispatch(handlers, &count, &(ens_letter){.kind = ENS_LETTER_BEAT}) && count == 1);
  CHECK(!ens_letter_dispatch(handlers, &count, &(ens_letter){.kind = ENS_LETTER_BYE}) && count == 1);
}

int main(void) {
  RUN(work_brings_steps_walkers_and_parameters);
  RUN(a_result_brings_values_and_messages);
  RUN(returned_slots_end_with_the_letter);
  RUN(a_model_is_announced_with_the_sizes_of_its_parts);
  RUN(slow_evaluations_have_parameters_and_setups_none);
  RUN(texts_may_be_empty_or_missing);
  RUN(ranks_introduce_themselves_and_answer);
  RUN(a_letter_without_a_handler_is_left);
  return unit_report();
}
