/* The sampler's own cost of an update beside the bare loop of stretch_loop.c: the same target as a C function, one
 * worker, the chain in memory, nothing of Lua, stores or screens. Usage: update_loop [DIVISOR]. Prints JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/chain.h"
#include "core/sampler.h"
#include "eval/clock.h"
#include "eval/pool.h"

static double gaussian(const double *theta, size_t ndim, void *context) {
  (void)context;
  double sum = 0;
  for (size_t i = 0; i < ndim; i++) sum += theta[i] * theta[i];
  return -0.5 * sum;
}

/* Through a pointer, as a model of a library is. */
static double (*volatile log_prob)(const double *, size_t, void *) = gaussian;

static void evaluate(void *instance, ens_block *block) {
  (void)instance;
  double (*f)(const double *, size_t, void *) = log_prob;
  for (size_t i = 0; i < block->count; i++) block->log_prob[i] = f(block->theta + i * block->ndim, block->ndim, NULL);
}
static ens_status instance(ens_model *model, unsigned worker, void **out, ens_error *error) {
  (void)model, (void)worker, (void)error;
  *out = NULL;
  return ENS_OK;
}
static void release(void *nothing) {
  (void)nothing;
}

int main(int argc, char **argv) {
  enum { NDIM = 5, WALKERS = 32 };
  size_t steps = 100000 / (argc > 1 ? (size_t)atol(argv[1]) : 1);
  static const ens_model_ops ops = {.instance = instance, .evaluate = evaluate, .release = release};
  ens_model model = {.ops = &ops, .name = "gaussian", .ndim = NDIM};
  double start[WALKERS * NDIM], lp[WALKERS], weight = 1, a = 2;
  ens_stream s = ens_stream_at(1, 0, 0, ENS_RNG_START);
  for (size_t i = 0; i < WALKERS * NDIM; i++) start[i] = ens_stream_normal(&s);
  ens_move *move = NULL;
  ens_evaluator *pool = NULL;
  ens_sampler *sampler = NULL;
  ens_memory_chain *memory = ens_memory_chain_create(WALKERS, NDIM, 0);
  if (!memory || ens_move_create(&ens_move_stretch, &a, &move, NULL) || ens_pool_create(&model, 1, NULL, &pool, NULL))
    return 1;
  ens_sampler_config config = {.nwalkers = WALKERS,
                               .seed = 20240117,
                               .thin_by = 1,
                               .nsplits = 2,
                               .randomize_split = true,
                               .nmoves = 1,
                               .move = &move,
                               .weight = &weight,
                               .now = ens_clock_now};
  if (ens_sampler_create(&config, &model, pool, &sampler, NULL)) return 1;
  ens_sampler_add_sink(sampler, ens_memory_chain_sink(memory));
  if (ens_sampler_evaluate(sampler, 0, WALKERS, start, lp, NULL, NULL)) return 1;
  ens_sampler_restore(sampler, 0, start, lp, NULL);
  double begun = ens_clock_now();
  if (ens_sampler_advance(sampler, steps, steps, NULL)) return 1;
  double seconds = ens_clock_now() - begun;
  ens_sampler_counts counts = ens_sampler_count(sampler);
  printf(
      "{\"name\": \"gauss-5\", \"ndim\": 5, \"walkers\": 32, \"steps\": %zu, \"ns_per_update\": %.2f, "
      "\"acceptance\": %.4f}\n",
      steps, 1e9 * seconds / (double)(steps * WALKERS), (double)counts.accepted / (double)counts.proposed);
  ens_sampler_destroy(sampler);
  pool->ops->destroy(pool);
  ens_memory_chain_destroy(memory);
  move->ops->destroy(move);
  return 0;
}
