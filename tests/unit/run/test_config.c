/* The settings of a run own their texts, arrays and moves. */
#include "run/config.h"

#include <stdlib.h>

#include "unit.h"

static int destroyed;

static void destroy(ens_move *move) {
  (void)move;
  destroyed++;
}

static const ens_move_ops ops = {.destroy = destroy};

static double *numbers(size_t n) {
  return calloc(n, sizeof(double));
}

TEST(destroys_the_moves_that_were_made) {
  ens_move made = {.ops = &ops};
  ens_run_config config = {.sampling = {.nmoves = 3, .move = calloc(3, sizeof(ens_run_config_move))}};
  config.sampling.move[0].made = &made;
  config.sampling.move[2].made = &made;
  destroyed = 0;
  ens_run_config_free(&config);
  CHECK(destroyed == 2);
}

TEST(frees_every_text_and_leaves_an_empty_config) {
  static const ens_run_config empty;
  ens_run_config config = {.start = {numbers(2), numbers(2), numbers(4), true},
                           .output = {.path = strdup("a"), .journal = strdup("wal")},
                           .screen = {.progress = strdup("bar"), .quiet = true},
                           .origin = {strdup("s"), strdup("t"), strdup("[]"), strdup("f"), strdup("o"), "Lua 5.4"}};
  ens_run_config_free(&config); /* leaks and double frees are the sanitizer's to see */
  CHECK(config.start.center == NULL && config.output.path == NULL && config.screen.progress == NULL);
  CHECK(config.screen.quiet == empty.screen.quiet && config.origin.engine == NULL);
  ens_run_config_free(&config);
}

TEST(frees_a_start_alone) {
  ens_run_config_start start = {numbers(2), numbers(2), numbers(4), true};
  ens_run_config_free_start(&start);
  CHECK(!start.center && !start.spread && !start.positions && !start.prior);
}

int main(void) {
  RUN(destroys_the_moves_that_were_made);
  RUN(frees_every_text_and_leaves_an_empty_config);
  RUN(frees_a_start_alone);
  return unit_report();
}
