/* The sampler's own cost of an update, beside the bare loop of stretch_loop.c: the same targets as C functions, one
 * worker, the chain in memory, without Lua, stores or screens. Usage: update_loop [DIVISOR]. Prints JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory_chain.h"
#include "core/sampler.h"
#include "eval/pool.h"
#include "sys/clock.h"
#include "targets.h"

typedef double log_prob_function(const double *theta, size_t ndim, void *context);

typedef struct target {
  ens_model model;
  log_prob_function *volatile log_prob; /* called through a pointer, like a library's model */
  void *context;
  size_t walkers, steps;
} target;

static void evaluate(void *instance, ens_block *block) {
  target *self = instance;
  log_prob_function *f = self->log_prob;
  for (size_t i = 0; i < block->count; i++)
    block->log_prob[i] = f(block->theta + i * block->ndim, block->ndim, self->context);
}
static ens_status instance(ens_model *model, unsigned worker, void **out, ens_error *error) {
  (void)worker, (void)error;
  *out = model;
  return ENS_OK;
}
static void release(void *instance) {
  (void)instance;
}
static const ens_model_ops ops = {.instance = instance, .evaluate = evaluate, .release = release};

/* Normal start positions, like the bare loop's. */
static ens_status start(ens_sampler *sampler, const target *t) {
  size_t count = t->walkers * t->model.ndim;
  double *x = malloc((count + t->walkers) * sizeof *x);
  if (!x) return ENS_MEMORY;
  ens_stream stream = ens_stream_at(1, 0, 0, ENS_RNG_START);
  for (size_t i = 0; i < count; i++) x[i] = ens_stream_normal(&stream);
  ens_status status = ens_sampler_evaluate(
      sampler, &(ens_sampler_positions){.n = t->walkers, .coords = x, .strict = true, .log_prob = x + count}, NULL);
  if (!status) ens_sampler_restore(sampler, 0, x, x + count, NULL);
  free(x);
  return status;
}

static void print_result(const target *t, double seconds, ens_sampler_counts counts, const char *separator) {
  printf("%s{\"name\": \"%s\", \"ndim\": %zu, \"walkers\": %zu, \"steps\": %zu, \"ns_per_update\": %.2f, ", separator,
         t->model.name, t->model.ndim, t->walkers, t->steps, 1e9 * seconds / (double)(t->steps * t->walkers));
  printf("\"acceptance\": %.4f}", (double)counts.accepted / (double)counts.proposed);
}

static ens_status sample(ens_sampler *sampler, const target *t, const char *separator) {
  ens_status status = start(sampler, t);
  if (status) return status;
  double begun = ens_clock_now();
  status = ens_sampler_advance(sampler, t->steps, t->steps, NULL);
  if (!status) print_result(t, ens_clock_now() - begun, ens_sampler_count(sampler), separator);
  return status;
}

static ens_status measure(target *t, ens_move *move, const char *separator) {
  double weight = 1;
  ens_evaluator *pool = NULL;
  ens_sampler *sampler = NULL;
  ens_memory_chain *memory = ens_memory_chain_create(t->walkers, t->model.ndim, 0);
  ens_sampler_config config = {.nwalkers = t->walkers,
                               .seed = 20240117,
                               .nsplits = 2,
                               .randomize_split = true,
                               .nmoves = 1,
                               .move = &move,
                               .weight = &weight,
                               .now = ens_clock_now};
  ens_status status = memory ? ens_pool_create(&t->model, 1, NULL, &pool, NULL) : ENS_MEMORY;
  if (!status) status = ens_sampler_create(&config, &t->model, pool, &sampler, NULL);
  if (!status) ens_sampler_add_sink(sampler, ens_memory_chain_sink(memory));
  if (!status) status = sample(sampler, t, separator);
  ens_sampler_destroy(sampler);
  if (pool) pool->ops->destroy(pool);
  ens_memory_chain_destroy(memory);
  return status;
}

int main(int argc, char **argv) {
  long divisor = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
  if (argc > 2 || divisor < 1 || divisor > 1000) {
    fprintf(stderr, "usage: update_loop [DIVISOR from 1 to 1000]\n");
    return 2;
  }
  double *precision = precision_create(50), values[] = {2, ENS_MOVE_WORD(0)};
  target targets[] = {
      {{.ops = &ops, .name = "gauss-5", .ndim = 5}, gaussian, NULL, 32, 100000 / (size_t)divisor},
      {{.ops = &ops, .name = "dense-50", .ndim = 50}, dense_gaussian, precision, 128, 4000 / (size_t)divisor},
  };
  ens_move *move = NULL;
  ens_status status = precision ? ens_move_create(&ens_move_stretch, values, &move, NULL) : ENS_MEMORY;
  printf("[");
  if (!status) status = measure(&targets[0], move, "");
  if (!status) status = measure(&targets[1], move, ", ");
  printf("]\n");
  if (move) move->ops->destroy(move);
  free(precision);
  if (status) fprintf(stderr, "update_loop: status %d\n", (int)status);
  return status != ENS_OK;
}
