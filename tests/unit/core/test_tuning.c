/* Tuned scales: their limits, independence of the schedule, and resuming from a saved state. */
#include "core/tuning.h"

#include <stdlib.h>

#include "core/memory_chain.h"
#include "core/sampler.h"
#include "eval/pool.h"
#include "unit.h"

/* ---- a Gaussian, and evaluators ---- */

enum { WALKERS = 12, DIM = 3, TUNE = 100, STEPS = 40, MOVES = 3 };

static bool on_a_shell; /* a ring of radius 1 and width 0.1, not a Gaussian */

static void evaluate(void *instance, ens_block *block) {
  (void)instance;
  for (size_t i = 0; i < block->count; i++) {
    double sum = 0;
    for (size_t d = 0; d < DIM; d++) sum += block->theta[i * DIM + d] * block->theta[i * DIM + d];
    block->log_prob[i] = on_a_shell ? -50 * (sqrt(sum) - 1) * (sqrt(sum) - 1) : -0.5 * sum;
  }
}
static ens_status instance(ens_model *model, unsigned worker, void **out, ens_error *error) {
  (void)model, (void)worker, (void)error;
  *out = NULL;
  return ENS_OK;
}
static void release(void *i) {
  (void)i;
}
static const ens_model_ops model_ops = {.instance = instance, .evaluate = evaluate, .release = release};
static char *names[] = {"a", "b", "c"};
static ens_model model = {.ops = &model_ops, .name = "gaussian", .ndim = DIM, .parameters = names};

/* Returns the last submitted block first. Capacity 0: an evaluator without workers. */
typedef struct stack {
  ens_evaluator base;
  ens_block *top;
  size_t capacity;
} stack;
static size_t stack_capacity(ens_evaluator *e) {
  return ((stack *)e)->capacity;
}
static size_t stack_workers(ens_evaluator *e) {
  return ((stack *)e)->capacity ? 4 : 1;
}
static void stack_evaluate(ens_evaluator *e, ens_block *block) {
  (void)e;
  evaluate(NULL, block);
  block->seconds = 1e-3 * (double)block->count;
}
static void stack_submit(ens_evaluator *e, ens_block *block) {
  block->next = ((stack *)e)->top;
  ((stack *)e)->top = block;
}
static ens_block *stack_wait(ens_evaluator *e, double timeout) {
  (void)timeout;
  ens_block *block = ((stack *)e)->top;
  ((stack *)e)->top = block->next;
  stack_evaluate(e, block);
  block->next = NULL;
  return block;
}
static void stack_help(ens_evaluator *e, bool helping) {
  (void)e, (void)helping;
}
static const ens_evaluator_ops stack_ops = {.capacity = stack_capacity,
                                            .workers = stack_workers,
                                            .submit = stack_submit,
                                            .wait = stack_wait,
                                            .help = stack_help,
                                            .evaluate = stack_evaluate};

/* ---- a run ---- */

static double instant(void) {
  return 0;
}

typedef struct run {
  ens_move *move[MOVES];
  ens_memory_chain *memory;
  ens_sampler *sampler;
} run;

static run make_with(ens_evaluator *evaluator, double gamma0) {
  static const double weight[MOVES] = {3, 1, 1};
  run r = {.memory = ens_memory_chain_create(WALKERS, DIM, 0)};
  CHECK(!ens_move_create(&ens_move_de, (double[]){gamma0, 1e-5, 0}, &r.move[0], NULL));
  CHECK(!ens_move_create(&ens_move_slice, (double[]){0.02, ENS_MOVE_WORD(0), 10000}, &r.move[1], NULL));
  CHECK(!ens_move_create(&ens_move_side, (double[]){0.01, 0.005}, &r.move[2], NULL));
  ens_sampler_config c = {.nwalkers = WALKERS,
                          .seed = 5,
                          .nsplits = 2,
                          .randomize_split = true,
                          .tune = TUNE,
                          .nmoves = MOVES,
                          .move = r.move,
                          .weight = weight,
                          .now = instant};
  CHECK(ens_sampler_create(&c, &model, evaluator, &r.sampler, NULL) == ENS_OK);
  ens_sampler_add_sink(r.sampler, ens_memory_chain_sink(r.memory));
  return r;
}

static run make(ens_evaluator *evaluator) {
  return make_with(evaluator, 20);
}

static void begin(run *r) {
  double x[WALKERS * DIM], log_prob[WALKERS];
  ens_stream s = ens_stream_at(3, 0, 0, ENS_RNG_START);
  for (size_t i = 0; i < WALKERS * DIM; i++) x[i] = ens_stream_normal(&s);
  ens_sampler_positions at = {.n = WALKERS, .coords = x, .strict = true, .log_prob = log_prob};
  CHECK(ens_sampler_evaluate(r->sampler, &at, NULL) == ENS_OK);
  ens_sampler_restore(r->sampler, 0, x, log_prob, NULL);
}

static void end(run *r) {
  ens_sampler_destroy(r->sampler);
  ens_memory_chain_destroy(r->memory);
  for (size_t i = 0; i < MOVES; i++) r->move[i]->ops->destroy(r->move[i]);
}

static void coords_of(run *r, size_t steps, double *out) {
  ens_chain *chain = ens_memory_chain_chain(r->memory);
  CHECK(chain->nsteps == steps);
  CHECK(ens_chain_read(chain, &(ens_chain_steps){.start = 0, .count = steps, .coords = out}, NULL) == ENS_OK);
}

enum { NUMBERS = (TUNE + STEPS) * WALKERS * DIM };
static double alone[NUMBERS], other[NUMBERS];

static void sample_alone(void) {
  stack e = {{&stack_ops}, NULL, 0};
  run r = make(&e.base);
  begin(&r);
  CHECK(ens_sampler_advance(r.sampler, TUNE + STEPS, TUNE + STEPS, NULL) == ENS_OK);
  coords_of(&r, TUNE + STEPS, alone);
  end(&r);
}

/* ---- tests ---- */

TEST(no_schedule_changes_what_is_learnt) {
  sample_alone();
  for (size_t capacity = 1; capacity <= 12; capacity++) {
    stack e = {{&stack_ops}, NULL, capacity};
    run r = make(&e.base);
    begin(&r);
    for (uint64_t upto = capacity; upto < TUNE + STEPS; upto += capacity)
      CHECK(ens_sampler_advance(r.sampler, upto, TUNE + STEPS, NULL) == ENS_OK);
    CHECK(ens_sampler_advance(r.sampler, TUNE + STEPS, TUNE + STEPS, NULL) == ENS_OK);
    coords_of(&r, TUNE + STEPS, other);
    CHECK(memcmp(alone, other, sizeof alone) == 0);
    end(&r);
  }
}

TEST(what_was_learnt_can_be_put_back) {
  static const uint64_t stops[] = {0, 3, 8, 50, 99, TUNE, TUNE + 7};
  sample_alone();
  for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
    uint64_t step = stops[i];
    stack e = {{&stack_ops}, NULL, i % 3 * 4};
    run before = make(&e.base), after = make(&e.base);
    begin(&before);
    CHECK(ens_sampler_advance(before.sampler, step, TUNE + STEPS, NULL) == ENS_OK);
    ens_step state;
    size_t n;
    uint64_t at = step;
    ens_sampler_state(before.sampler, &state);
    const double *learnt = ens_sampler_tuning(before.sampler, &n);
    CHECK(ens_sampler_restore_tuning(after.sampler, learnt, n, &at, NULL) == ENS_OK);
    CHECK(at == step);
    ens_sampler_restore(after.sampler, at, state.coords, state.log_prob, NULL);
    CHECK(ens_sampler_advance(after.sampler, TUNE + STEPS, TUNE + STEPS, NULL) == ENS_OK);
    coords_of(&after, (size_t)(TUNE + STEPS - step), other);
    CHECK(memcmp(alone + step * WALKERS * DIM, other, sizeof alone - step * WALKERS * DIM * sizeof *alone) == 0);
    end(&before);
    end(&after);
  }
}

TEST(scales_go_where_they_should_and_then_stand_still) {
  stack e = {{&stack_ops}, NULL, 0};
  run r = make(&e.base);
  begin(&r);
  CHECK(ens_sampler_advance(r.sampler, TUNE - 1, TUNE - 1, NULL) == ENS_OK);
  CHECK(isnan(ens_sampler_scale(r.sampler, 0)));
  CHECK(ens_sampler_advance(r.sampler, TUNE, TUNE, NULL) == ENS_OK);
  double de = ens_sampler_scale(r.sampler, 0), slice = ens_sampler_scale(r.sampler, 1);
  CHECK(de < 0.5 && de > 0.005); /* gamma0 = 20 is about 20 times too large */
  CHECK(slice > 2);
  CHECK(ens_sampler_scale(r.sampler, 2) > 2);
  CHECK(ens_sampler_advance(r.sampler, TUNE + STEPS, TUNE + STEPS, NULL) == ENS_OK);
  CHECK(ens_sampler_scale(r.sampler, 0) == de && ens_sampler_scale(r.sampler, 1) == slice);
  end(&r);
}

/* A shorter step would be accepted more often, but get less far. */
TEST(steps_do_not_shrink_around_a_bend) {
  stack e = {{&stack_ops}, NULL, 0};
  run r = make_with(&e.base, ENS_MOVE_WORD(0));
  on_a_shell = true;
  begin(&r);
  CHECK(ens_sampler_advance(r.sampler, TUNE, TUNE, NULL) == ENS_OK);
  CHECK(ens_sampler_scale(r.sampler, 0) > 0.8);
  end(&r);
  on_a_shell = false;
}

TEST(what_was_never_learnt_is_refused) {
  stack e = {{&stack_ops}, NULL, 0};
  run r = make(&e.base);
  size_t n;
  uint64_t step = 0;
  double numbers[256] = {0};
  ens_sampler_tuning(r.sampler, &n);
  CHECK(n <= 256);
  CHECK(ens_sampler_restore_tuning(r.sampler, numbers, n - 1, &step, NULL) == ENS_IO);
  numbers[0] = TUNE + 1;
  CHECK(ens_sampler_restore_tuning(r.sampler, numbers, n, &step, NULL) == ENS_IO);
  numbers[0] = 1;
  numbers[5] = NAN;
  CHECK(ens_sampler_restore_tuning(r.sampler, numbers, n, &step, NULL) == ENS_IO);
  end(&r);
}

int main(void) {
  RUN(no_schedule_changes_what_is_learnt);
  RUN(what_was_learnt_can_be_put_back);
  RUN(scales_go_where_they_should_and_then_stand_still);
  RUN(steps_do_not_shrink_around_a_bend);
  RUN(what_was_never_learnt_is_refused);
  return unit_report();
}
