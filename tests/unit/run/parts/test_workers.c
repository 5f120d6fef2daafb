/* The workers of a run in this process, and which bindings of a launcher are worth a warning. */
#include "run/parts/workers.h"

#include <stdlib.h>

#include "unit.h"

static ens_workers_binding judge(size_t count, bool given, bool one_core, unsigned affinity, unsigned used) {
  ens_workers_options options = {.count = count, .given = given};
  ens_rank rank = {.one_core = one_core, .affinity = affinity, .allowed = 8};
  return ens_workers_judge(&options, &rank, used);
}

TEST(bindings) {
  CHECK(judge(1, false, false, 8, 8) == ENS_WORKERS_FINE); /* not bound */
  CHECK(judge(1, false, true, 1, 2) == ENS_WORKERS_IDLE);  /* two of eight CPUs have a rank */
  CHECK(judge(1, false, true, 1, 8) == ENS_WORKERS_FINE);  /* each CPU has a rank */
  CHECK(judge(4, true, true, 1, 2) == ENS_WORKERS_CROWDED);
  CHECK(judge(2, true, true, 2, 2) == ENS_WORKERS_FINE); /* both threads of the core, as asked for */
}

static ens_status instance(ens_model *model, unsigned worker, void **out, ens_error *error) {
  (void)model;
  *out = NULL;
  return worker == 2 ? ens_error_set(error, ENS_MODEL, "the third worker fails") : ENS_OK;
}

static void evaluate(void *state, ens_block *block) {
  (void)state;
  for (size_t i = 0; i < block->count; i++) block->log_prob[i] = -block->theta[i];
}

static void release(void *state) {
  (void)state;
}

static char *names[] = {"a"};
static const ens_model_ops ops = {.instance = instance, .evaluate = evaluate, .release = release};
static ens_model model = {.ops = &ops, .name = "model", .ndim = 1, .parameters = names};

TEST(counts_before_and_after_the_start) {
  ens_workers workers = {.options = {.count = 2, .quiet = true}};
  double seconds = 7;
  CHECK(ens_workers_count(&workers) == 2);
  CHECK(ens_workers_stats(&workers, &seconds) == NULL && seconds == 0);
  CHECK(ens_workers_start(&workers, &model, NULL) == ENS_OK);
  CHECK(ens_workers_count(&workers) == 2);
  ens_evaluator_stats *stats = ens_workers_stats(&workers, &seconds);
  CHECK(stats && stats[0].evaluations == 0 && stats[1].worker == 2 && stats[1].host[0] != '\0');
  free(stats);
  ens_workers_stop(&workers);
  CHECK(!workers.evaluator && ens_workers_stats(&workers, &seconds) == NULL);
}

TEST(the_time_in_the_model_is_that_of_all_workers) {
  ens_workers workers = {.options = {.count = 1, .quiet = true}};
  CHECK(ens_workers_start(&workers, &model, NULL) == ENS_OK);
  ens_block *block = ens_block_create(3, 1, 0);
  memset(block->theta, 0, 3 * sizeof *block->theta);
  block->count = 3;
  workers.evaluator->ops->evaluate(workers.evaluator, block);
  double seconds = -1;
  ens_evaluator_stats *stats = ens_workers_stats(&workers, &seconds);
  CHECK(stats && stats[0].evaluations == 3 && seconds == stats[0].busy_s && seconds > 0);
  free(stats);
  ens_block_destroy(block);
  ens_workers_stop(&workers);
}

TEST(an_instance_that_fails_is_an_error) {
  ens_workers workers = {.options = {.count = 3, .quiet = true}};
  ens_error error = ENS_ERROR_NONE;
  CHECK(ens_workers_start(&workers, &model, &error) == ENS_MODEL);
  CHECK_STRING(ens_error_text(&error), "the third worker fails");
  ens_error_clear(&error);
  ens_workers_stop(&workers);
}

int main(void) {
  RUN(bindings);
  RUN(counts_before_and_after_the_start);
  RUN(the_time_in_the_model_is_that_of_all_workers);
  RUN(an_instance_that_fails_is_an_error);
  return unit_report();
}
