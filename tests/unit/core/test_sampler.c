/* The sampler against the plain reference sampler, byte for byte, over random ensembles, moves, schedules and windows;
 * failed evaluations, stopped runs and resumed runs. */
#include "core/sampler.h"

#include <stdbool.h>
#include <time.h>

#include "core/memory_chain.h"
#include "eval/pool.h"
#include "reference.h"
#include "sys/clock.h"
#include "unit.h"

/* ---- models ---- */

/* Depends on step and walker, too, like a stochastic model. One half-space is not allowed. */
static double target(uint64_t step, uint32_t walker, const double *theta, size_t ndim, double *blob) {
  double sum = 0;
  for (size_t d = 0; d < ndim; d++) sum += theta[d] * theta[d];
  ens_stream s = ens_stream_at(99, step, walker, ENS_RNG_MODEL);
  *blob = sum + ens_stream_uniform(&s);
  return theta[0] > 2.5 ? -INFINITY : -0.5 * sum + 0.1 * ens_stream_uniform(&s);
}

static char *names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
static ens_blob_def r2 = {(char[]){"r2"}, ENS_BLOB_NUMBER, 1, 0};
static uint64_t bad_step; /* evaluations from this step on of walkers >= bad_walker fail */
static uint32_t bad_walker;
static bool bad_nan;
static double nap; /* mean seconds of an evaluation */

static void evaluate(void *instance, ens_block *block) {
  (void)instance;
  for (size_t i = 0; i < block->count; i++) {
    block->log_prob[i] =
        target(block->step[i], block->walker[i], block->theta + i * block->ndim, block->ndim, block->blobs + i);
    if (bad_step && block->step[i] >= bad_step && block->walker[i] >= bad_walker) {
      block->outcome[i] = bad_nan ? ENS_EVAL_NAN : ENS_EVAL_ERROR;
      block->message[i] = strdup("model.lua:3: it broke\nstack traceback:\n\t...");
    }
    ens_stream s = ens_stream_at(7, block->step[i], block->walker[i], ENS_RNG_SETUP);
    if (nap > 0) ens_clock_sleep(-nap * log(ens_stream_uniform(&s)));
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
static ens_model model = {.ops = &model_ops, .name = "model.lua", .parameters = names, .blobs = {1, 1, &r2}};

/* ---- an evaluator without threads that answers in a random order, at random times ---- */

typedef struct shuffler {
  ens_evaluator base;
  ens_block *held[64];
  size_t nheld, capacity;
  ens_stream stream;
} shuffler;
static size_t shuffler_capacity(ens_evaluator *e) {
  return ((shuffler *)e)->capacity;
}
static size_t shuffler_workers(ens_evaluator *e) {
  return ((shuffler *)e)->capacity ? 4 : 1;
}
static void shuffler_evaluate(ens_evaluator *e, ens_block *block) {
  (void)e;
  evaluate(NULL, block);
  block->seconds = 1e-3 * (double)block->count; /* so that the pace prefers workers */
}
static void shuffler_submit(ens_evaluator *e, ens_block *block) {
  shuffler *s = (shuffler *)e;
  CHECK(s->nheld < s->capacity);
  s->held[s->nheld++] = block;
}
static ens_block *shuffler_wait(ens_evaluator *e, double timeout) {
  (void)timeout;
  shuffler *s = (shuffler *)e;
  CHECK(s->nheld > 0);
  size_t i = ens_stream_below(&s->stream, s->nheld);
  ens_block *block = s->held[i];
  s->held[i] = s->held[--s->nheld];
  shuffler_evaluate(e, block);
  block->next = NULL;
  return block;
}
static void shuffler_help(ens_evaluator *e, bool helping) {
  (void)e, (void)helping;
}
static const ens_evaluator_ops shuffler_ops = {.capacity = shuffler_capacity,
                                               .workers = shuffler_workers,
                                               .submit = shuffler_submit,
                                               .wait = shuffler_wait,
                                               .help = shuffler_help,
                                               .evaluate = shuffler_evaluate};

/* ---- moves that read three walkers, or all ---- */

static size_t three(const ens_move *m, size_t n) {
  return (void)m, n < 3 ? n : 3;
}
static size_t every(const ens_move *m, size_t n) {
  return (void)m, n;
}
static void some_partners(const ens_move *m, ens_stream *s, size_t n, size_t *index) {
  (void)m;
  size_t count = three(m, n);
  for (size_t i = 0; i < count; i++) index[i] = ens_stream_below(s, n);
}
static void all_partners(const ens_move *m, ens_stream *s, size_t n, size_t *index) {
  (void)m, (void)s;
  for (size_t i = 0; i < n; i++) index[i] = i;
}
static double toward(const ens_move *m, const ens_move_context *context, ens_stream *s, const double *x,
                     const double *const *p, double *q) {
  (void)m;
  size_t ndim = context->ndim;
  double u = ens_stream_normal(s);
  for (size_t d = 0; d < ndim; d++) {
    q[d] = x[d];
    for (size_t i = 0; i < context->npartners; i++) q[d] += 0.3 * u * (p[i][d] - p[0][d]) + 0.01 * u;
  }
  return 0;
}
static const ens_move_ops three_ops = {.npartners = three, .partners = some_partners, .propose = toward};
static const ens_move_ops all_ops = {.npartners = every, .partners = all_partners, .propose = toward};
/* Evaluates one to five proposals, a number that it draws, and accepts half of the time. */
static double begin(const ens_move *m, const ens_move_context *context, ens_stream *s, const double *x,
                    const double *const *p, double *q) {
  context->memory[0] = 1 + (double)ens_stream_below(s, 5);
  context->memory[1] = p[0][0] - x[0];
  return toward(m, context, s, x, p, q);
}
static ens_verdict ask_again(const ens_move *m, const ens_move_context *context, ens_stream *s,
                             const ens_move_answer *answer, double *next) {
  (void)m;
  if (--context->memory[0] == 0)
    return ens_stream_below(s, 2) && answer->log_prob_q > answer->log_prob_x - 3 ? ENS_MOVE_ACCEPTS : ENS_MOVE_STAYS;
  for (size_t d = 0; d < context->ndim; d++)
    next[d] = 0.9 * answer->q[d] + 0.01 * context->memory[1] + 0.001 * ens_stream_normal(s);
  return ENS_MOVE_ASKS;
}
static size_t two_numbers(const ens_move *m, size_t ndim) {
  return (void)m, (void)ndim, 2;
}
static const ens_move_ops asking_ops = {
    .npartners = three, .partners = some_partners, .propose = begin, .judge = ask_again, .memory = two_numbers};
static ens_move asking_move = {.ops = &asking_ops};
static ens_move three_move = {.ops = &three_ops}, all_move = {.ops = &all_ops};

/* ---- bounds: one target returns -inf outside, the other one is never called there ---- */

static double box_low[6] = {-0.7, -INFINITY, -1.5, -0.5, -INFINITY, -1}, box_high[6] = {1.1, 0.9, INFINITY, 2, 0.3, 1};
static bool box_periodic[6];
static const ens_domain box = {.ndim = 6, .low = box_low, .high = box_high, .periodic = box_periodic};
static uint64_t within; /* evaluations of points in the box */

static double boxed_target(uint64_t step, uint32_t walker, const double *x, size_t ndim, double *blob) {
  ens_domain own = box;
  own.ndim = ndim;
  double value = target(step, walker, x, ndim, blob);
  if (!ens_domain_holds(&own, x)) return -INFINITY;
  within++;
  return value;
}

/* ---- a case ---- */

enum { MOST = 40000 };
static double want_x[MOST * 6], want_lp[MOST], want_blob[MOST], got_x[MOST * 6], got_lp[MOST], got_blob[MOST];
static unsigned char want_acc[MOST], got_acc[MOST];
static double start_x[64 * 6], start_lp[64], start_blob[64];

static void make_start(const ens_sampler_config *c, size_t ndim) {
  ens_stream s = ens_stream_at(c->seed, 1, 0, ENS_RNG_START);
  for (size_t k = 0; k < c->nwalkers; k++) {
    for (size_t d = 0; d < ndim; d++) start_x[k * ndim + d] = ens_stream_normal(&s);
    start_lp[k] = target(0, (uint32_t)k, start_x + k * ndim, ndim, start_blob + k);
  }
}

static void run_reference(const ens_sampler_config *c, size_t ndim, uint64_t n) {
  double x[64 * 6], lp[64], blob[64];
  memcpy(x, start_x, sizeof x);
  memcpy(lp, start_lp, sizeof lp);
  memcpy(blob, start_blob, sizeof blob);
  reference_run(c, ndim, n, x, lp, blob, target, want_x, want_lp, want_blob, want_acc);
}

static ens_sampler *make(const ens_sampler_config *c, size_t ndim, ens_evaluator *evaluator, ens_memory_chain *memory) {
  ens_error error = ENS_ERROR_NONE;
  ens_sampler *sampler = NULL;
  model.ndim = ndim;
  CHECK(ens_sampler_create(c, &model, evaluator, &sampler, &error) == ENS_OK);
  ens_sampler_add_sink(sampler, ens_memory_chain_sink(memory));
  ens_sampler_restore(sampler, 0, start_x, start_lp, start_blob);
  ens_error_clear(&error);
  return sampler;
}

static bool same(ens_memory_chain *memory, const ens_sampler_config *c, size_t ndim, size_t n) {
  ens_chain *chain = ens_memory_chain_chain(memory);
  ens_error error = ENS_ERROR_NONE;
  if (chain->nsteps != n) return false;
  if (ens_chain_read(
          chain,
          &(ens_chain_steps){
              .start = 0, .count = n, .coords = got_x, .log_prob = got_lp, .blobs = got_blob, .accepted = got_acc},
          &error))
    return false;
  size_t W = c->nwalkers;
  return !memcmp(got_x, want_x, n * W * ndim * 8) && !memcmp(got_lp, want_lp, n * W * 8) &&
         !memcmp(got_blob, want_blob, n * W * 8) && !memcmp(got_acc, want_acc, n * W);
}

static double instant(void) {
  return 0;
} /* no period ever ends: the mode stays that of the first cost */

/* A random case from number `i`. */
static ens_sampler_config random_case(uint64_t i, ens_move *stretch, size_t *ndim) {
  static ens_move *moves[4];
  static double weights[4] = {1, 0.5, 2, 1};
  ens_stream s = ens_stream_at(i, 0, 0, ENS_RNG_SETUP);
  size_t W = 4 + ens_stream_below(&s, 33);
  moves[0] = stretch, moves[1] = &three_move, moves[2] = &all_move, moves[3] = &asking_move;
  *ndim = 1 + ens_stream_below(&s, 5);
  return (ens_sampler_config){.nwalkers = W,
                              .seed = i,
                              .nsplits = 2 + ens_stream_below(&s, W < 6 ? 1 : 4),
                              .randomize_split = ens_stream_below(&s, 2),
                              .nmoves = 1 + ens_stream_below(&s, 4),
                              .move = moves,
                              .weight = weights,
                              .window = ens_stream_below(&s, 3) == 0 ? 1 : ens_stream_below(&s, 20),
                              .now = instant};
}

/* Of the first n walkers of start_x. */
static ens_status evaluate_start(ens_sampler *sampler, uint64_t step, size_t n, double *lp, double *blob,
                                 ens_error *error) {
  ens_sampler_positions at = {.step = step, .n = n, .coords = start_x, .strict = true, .log_prob = lp, .blobs = blob};
  return ens_sampler_evaluate(sampler, &at, error);
}

static ens_move *stretch_move(void) {
  ens_move *move = NULL;
  CHECK(ens_move_create(&ens_move_stretch, (double[]){2, ENS_MOVE_WORD(0)}, &move, NULL) == ENS_OK);
  return move;
}

TEST(any_order_of_answers_gives_the_reference_chain) {
  ens_move *stretch = stretch_move();
  for (uint64_t i = 0; i < 300; i++) {
    size_t ndim, n = 20;
    ens_sampler_config c = random_case(i, stretch, &ndim);
    make_start(&c, ndim);
    run_reference(&c, ndim, n);
    shuffler e = {.base = {&shuffler_ops}, .capacity = i % 5 ? 1 + i % 17 : 0, .stream = ens_stream_at(i, 0, 0, 1)};
    ens_memory_chain *memory = ens_memory_chain_create(c.nwalkers, ndim, 1);
    ens_sampler *sampler = make(&c, ndim, &e.base, memory);
    double lp[64], blob[64];
    CHECK(evaluate_start(sampler, 0, c.nwalkers, lp, blob, NULL) == ENS_OK);
    CHECK(!memcmp(lp, start_lp, c.nwalkers * 8) && !memcmp(blob, start_blob, c.nwalkers * 8));
    /* in pieces, some of them with a horizon */
    for (uint64_t upto = 1; upto <= n; upto += 1 + upto % 4)
      CHECK(ens_sampler_advance(sampler, upto, upto % 3 ? n : upto, NULL) == ENS_OK);
    CHECK(ens_sampler_advance(sampler, n, n, NULL) == ENS_OK);
    CHECK(same(memory, &c, ndim, n));
    ens_sampler_destroy(sampler);
    ens_memory_chain_destroy(memory);
  }
  stretch->ops->destroy(stretch);
}

/* A horizon may move back and forth without changing the chain. */
TEST(horizons_may_change_on_the_way) {
  ens_move *stretch = stretch_move();
  static const uint64_t upto[] = {5, 6, 7, 12, 13, 20}, horizon[] = {20, 8, 20, 13, 20, 20};
  for (uint64_t i = 0; i < 40; i++) {
    size_t ndim;
    ens_sampler_config c = random_case(i, stretch, &ndim);
    c.window = 30;
    make_start(&c, ndim);
    run_reference(&c, ndim, 20);
    shuffler e = {.base = {&shuffler_ops}, .capacity = 1 + i % 17, .stream = ens_stream_at(i, 0, 0, 1)};
    ens_memory_chain *memory = ens_memory_chain_create(c.nwalkers, ndim, 1);
    ens_sampler *sampler = make(&c, ndim, &e.base, memory);
    for (size_t k = 0; k < sizeof upto / sizeof *upto; k++)
      CHECK(ens_sampler_advance(sampler, upto[k], horizon[k], NULL) == ENS_OK);
    CHECK(same(memory, &c, ndim, 20));
    ens_sampler_destroy(sampler);
    ens_memory_chain_destroy(memory);
  }
  stretch->ops->destroy(stretch);
}

/* Real threads in real time, so that the pace changes modes. */
TEST(threads_give_the_reference_chain) {
  ens_move *stretch = stretch_move();
  static const double naps[] = {0, 2e-6, 50e-6, 300e-6};
  for (uint64_t i = 0; i < 16; i++) {
    size_t ndim, n = i % 4 == 0 ? 400 : i % 4 == 3 ? 20 : 100;
    ens_sampler_config c = random_case(i + 1000, stretch, &ndim);
    c.now = ens_clock_now;
    make_start(&c, ndim);
    run_reference(&c, ndim, n);
    nap = naps[i % 4];
    ens_evaluator *pool = NULL;
    model.ndim = ndim;
    CHECK(ens_pool_create(&model, 1 + i / 4 * 2, NULL, &pool, NULL) == ENS_OK);
    ens_memory_chain *memory = ens_memory_chain_create(c.nwalkers, ndim, 1);
    ens_sampler *sampler = make(&c, ndim, pool, memory);
    double lp[64], blob[64];
    CHECK(evaluate_start(sampler, 0, c.nwalkers, lp, blob, NULL) == ENS_OK);
    CHECK(!memcmp(lp, start_lp, c.nwalkers * 8));
    CHECK(ens_sampler_advance(sampler, n / 2, n, NULL) == ENS_OK);
    CHECK(ens_sampler_advance(sampler, n, n, NULL) == ENS_OK);
    CHECK(same(memory, &c, ndim, n));
    uint64_t evaluations = 0;
    for (size_t w = 0; w < pool->ops->workers(pool); w++) {
      ens_evaluator_stats stats;
      pool->ops->stats(pool, w, &stats);
      evaluations += stats.evaluations;
    }
    CHECK(evaluations == ens_sampler_count(sampler).evaluations);
    CHECK(evaluations == c.nwalkers * (1 + n) || (c.nmoves == 4 && evaluations > c.nwalkers * (1 + n)));
    ens_sampler_destroy(sampler);
    ens_memory_chain_destroy(memory);
    pool->ops->destroy(pool);
    nap = 0;
  }
  stretch->ops->destroy(stretch);
}

/* In any order of evaluations, the reported error is the sequential algorithm's first, and the steps before it are
 * emitted. */
TEST(the_first_failure_is_reported_in_any_order) {
  ens_move *stretch = stretch_move();
  for (uint64_t i = 0; i < 100; i++) {
    size_t ndim;
    ens_sampler_config c = random_case(5, stretch, &ndim);
    c.window = i % 7;
    make_start(&c, ndim);
    run_reference(&c, ndim, 20);
    bad_step = 11, bad_walker = 2, bad_nan = i % 2;
    shuffler e = {.base = {&shuffler_ops}, .capacity = i % 9, .stream = ens_stream_at(i, 0, 0, 1)};
    ens_memory_chain *memory = ens_memory_chain_create(c.nwalkers, ndim, 1);
    ens_sampler *sampler = make(&c, ndim, &e.base, memory);
    double lp[64], blob[64];
    CHECK(evaluate_start(sampler, 0, 2, lp, blob, NULL) == ENS_OK); /* measures the pace */
    ens_error error = ENS_ERROR_NONE;
    if (i % 3 == 0) CHECK(ens_sampler_advance(sampler, 9, 20, &error) == ENS_OK);
    CHECK(ens_sampler_advance(sampler, 20, 20, &error) == ENS_MODEL);
    static char first[4096];
    if (i == 0) snprintf(first, sizeof first, "%s", ens_error_text(&error));
    CHECK(strstr(first, "model.lua:3: it broke\n  at step 11, walker ") == first);
    CHECK(strstr(first, ": a = ") && strstr(first, "\nstack traceback:\n\t..."));
    CHECK_STRING(ens_error_text(&error), first);
    CHECK(same(memory, &c, ndim, 10));
    CHECK(ens_sampler_advance(sampler, 20, 20, &error) == ENS_MODEL); /* a second time: the same error */
    CHECK_STRING(ens_error_text(&error), first);
    CHECK(ens_memory_chain_chain(memory)->nsteps == 10);
    ens_error_clear(&error);
    ens_sampler_destroy(sampler);
    ens_memory_chain_destroy(memory);
    bad_step = 0;
  }
  stretch->ops->destroy(stretch);
}

static int rejections;
static void count_rejected(void *context, const char *message) {
  (void)context;
  rejections += strstr(message, "it broke\n  at step") != NULL;
}

TEST(rejected_failures_are_refused_proposals_up_to_a_limit) {
  ens_move *stretch = stretch_move();
  size_t ndim;
  ens_sampler_config c = random_case(8, stretch, &ndim);
  c.on_error = ENS_POLICY_REJECT;
  c.max_errors = 1000;
  c.rejected = count_rejected;
  make_start(&c, ndim);
  bad_step = 3, bad_walker = (uint32_t)c.nwalkers - 2, bad_nan = false, rejections = 0;
  for (int capacity = 0; capacity < 8; capacity += 7) {
    shuffler e = {.base = {&shuffler_ops}, .capacity = (size_t)capacity, .stream = ens_stream_at(1, 0, 0, 1)};
    ens_memory_chain *memory = ens_memory_chain_create(c.nwalkers, ndim, 1);
    ens_sampler *sampler = make(&c, ndim, &e.base, memory);
    CHECK(ens_sampler_advance(sampler, 10, 10, NULL) == ENS_OK);
    CHECK(ens_sampler_count(sampler).errors == 16 && ens_sampler_count(sampler).nans == 0);
    ens_sampler_destroy(sampler);
    ens_memory_chain_destroy(memory);
  }
  CHECK(rejections == 32);
  c.max_errors = 5;
  shuffler e = {.base = {&shuffler_ops}};
  ens_memory_chain *memory = ens_memory_chain_create(c.nwalkers, ndim, 1);
  ens_sampler *sampler = make(&c, ndim, &e.base, memory);
  CHECK(ens_sampler_advance(sampler, 10, 10, NULL) == ENS_MODEL);
  CHECK(ens_sampler_step(sampler) == 4);
  ens_sampler_destroy(sampler);
  ens_memory_chain_destroy(memory);
  bad_step = 0;
  stretch->ops->destroy(stretch);
}

static int polls_left;
static bool countdown(void *context) {
  (void)context;
  return --polls_left < 0;
}

TEST(a_stopped_run_goes_on_to_the_same_chain) {
  ens_move *stretch = stretch_move();
  for (uint64_t i = 0; i < 60; i++) {
    size_t ndim, n = 30;
    ens_sampler_config c = random_case(i + 50, stretch, &ndim);
    c.poll = countdown;
    make_start(&c, ndim);
    run_reference(&c, ndim, n);
    shuffler e = {.base = {&shuffler_ops}, .capacity = i % 2 * 6, .stream = ens_stream_at(i, 0, 0, 1)};
    ens_memory_chain *memory = ens_memory_chain_create(c.nwalkers, ndim, 1);
    ens_sampler *sampler = make(&c, ndim, &e.base, memory);
    double lp[64], blob[64];
    polls_left = 100;
    CHECK(evaluate_start(sampler, 0, 2, lp, blob, NULL) == ENS_OK);
    ens_status status = ENS_STOPPED;
    for (int round = 0; status == ENS_STOPPED && round < 5000; round++) {
      polls_left = 3 + round % 200;
      status = ens_sampler_advance(sampler, n, n, NULL);
    }
    CHECK(status == ENS_OK);
    CHECK(same(memory, &c, ndim, n));
    ens_sampler_destroy(sampler);
    ens_memory_chain_destroy(memory);
  }
  stretch->ops->destroy(stretch);
}

/* ---- a sink that wants no more steps ---- */

typedef struct sated {
  ens_sink base;
  const ens_sampler_config *config;
  uint64_t enough; /* the step at which it returns ENS_ENOUGH */
} sated;

/* The move of a step, by definition. */
static size_t move_of(const ens_sampler_config *c, uint64_t step) {
  double sum = 0, upto = 0;
  for (size_t i = 0; i < c->nmoves; i++) sum += c->weight[i];
  ens_stream stream = ens_stream_at(c->seed, step, 0, ENS_RNG_MOVE);
  double u = ens_stream_uniform(&stream) * sum;
  for (size_t i = 0; i + 1 < c->nmoves; i++)
    if (u <= (upto += c->weight[i])) return i;
  return c->nmoves - 1;
}

static ens_status sated_step(ens_sink *self, const ens_step *step, ens_error *error) {
  const sated *s = (const sated *)self;
  (void)error;
  CHECK(step->imove == move_of(s->config, step->index));
  CHECK(step->index <= s->enough);
  return step->index == s->enough ? ENS_ENOUGH : ENS_OK;
}
static const ens_sink_ops sated_ops = {sated_step};

TEST(a_run_ends_at_the_step_with_which_a_sink_has_enough) {
  ens_move *stretch = stretch_move();
  for (uint64_t i = 0; i < 40; i++) {
    size_t ndim, n = 30;
    ens_sampler_config c = random_case(i + 300, stretch, &ndim);
    make_start(&c, ndim);
    run_reference(&c, ndim, n);
    shuffler e = {.base = {&shuffler_ops}, .capacity = i % 2 * 6, .stream = ens_stream_at(i, 0, 0, 1)};
    ens_memory_chain *memory = ens_memory_chain_create(c.nwalkers, ndim, 1);
    ens_sampler *sampler = make(&c, ndim, &e.base, memory);
    sated sink = {{&sated_ops, NULL}, &c, 9 + i % 3};
    ens_sampler_add_sink(sampler, &sink.base);
    CHECK(ens_sampler_advance(sampler, n, n, NULL) == ENS_ENOUGH);
    CHECK(ens_sampler_step(sampler) == sink.enough);
    CHECK(same(memory, &c, ndim, sink.enough));
    CHECK(e.nheld == 0);
    sink.enough = n;
    CHECK(ens_sampler_advance(sampler, n, n, NULL) == ENS_ENOUGH);
    CHECK(same(memory, &c, ndim, n));
    ens_sampler_destroy(sampler);
    ens_memory_chain_destroy(memory);
  }
  stretch->ops->destroy(stretch);
}

TEST(a_checkpoint_continues_the_chain) {
  ens_move *stretch = stretch_move();
  size_t ndim, n = 30, W;
  ens_sampler_config c = random_case(77, stretch, &ndim);
  W = c.nwalkers;
  make_start(&c, ndim);
  run_reference(&c, ndim, n);
  shuffler e = {.base = {&shuffler_ops}, .capacity = 6, .stream = ens_stream_at(1, 0, 0, 1)};
  ens_memory_chain *memory = ens_memory_chain_create(W, ndim, 1);
  ens_sampler *sampler = make(&c, ndim, &e.base, memory);
  ens_sampler_restore(sampler, 12, want_x + 11 * W * ndim, want_lp + 11 * W, want_blob + 11 * W);
  CHECK(ens_sampler_advance(sampler, n, n, NULL) == ENS_OK);
  ens_chain *chain = ens_memory_chain_chain(memory);
  CHECK(chain->nsteps == n - 12);
  CHECK(
      ens_chain_read(
          chain,
          &(ens_chain_steps){
              .start = 0, .count = n - 12, .coords = got_x, .log_prob = got_lp, .blobs = got_blob, .accepted = got_acc},
          NULL) == ENS_OK);
  CHECK(!memcmp(got_x, want_x + 12 * W * ndim, (n - 12) * W * ndim * 8));
  CHECK(!memcmp(got_blob, want_blob + 12 * W, (n - 12) * W * 8));
  ens_sampler_destroy(sampler);
  ens_memory_chain_destroy(memory);
  stretch->ops->destroy(stretch);
}

TEST(parameters_of_moves_are_checked) {
  ens_move *move = NULL;
  ens_error error = ENS_ERROR_NONE;
  CHECK(ens_move_create(&ens_move_stretch, (double[]){1, ENS_MOVE_WORD(0)}, &move, &error) == ENS_CONFIG);
  CHECK_STRING(ens_error_text(&error),
               "move 'stretch': a is 1: it must be above 1 and at most 1e+06 (the scale of the stretch)");
  CHECK(ens_move_create(&ens_move_stretch, (double[]){NAN, ENS_MOVE_WORD(0)}, &move, &error) == ENS_CONFIG);
  CHECK(ens_move_find("stretch") == &ens_move_stretch && !ens_move_find("strecth"));
  ens_error_clear(&error);
}

TEST(failing_start_is_described) {
  ens_move *stretch = stretch_move();
  size_t ndim;
  ens_sampler_config c = random_case(3, stretch, &ndim);
  make_start(&c, ndim);
  shuffler e = {.base = {&shuffler_ops}};
  ens_memory_chain *memory = ens_memory_chain_create(c.nwalkers, ndim, 1);
  ens_sampler *sampler = make(&c, ndim, &e.base, memory);
  ens_error error = ENS_ERROR_NONE;
  double lp[64], blob[64];
  bad_step = 1, bad_walker = 1;
  CHECK(evaluate_start(sampler, 1, c.nwalkers, lp, blob, &error) == ENS_MODEL);
  CHECK(strstr(ens_error_text(&error), "it broke\n  at step 1, walker 2: a = "));
  bad_step = 0;
  ens_error_clear(&error);
  ens_sampler_destroy(sampler);
  ens_memory_chain_destroy(memory);
  stretch->ops->destroy(stretch);
}

/* The chain is that of a model that returns -inf outside, without the evaluations there. */
TEST(bounds_are_as_a_model_that_refuses) {
  ens_move *stretch = stretch_move();
  for (uint64_t i = 0; i < 100; i++) {
    size_t ndim, n = 20;
    ens_sampler_config c = random_case(i, stretch, &ndim);
    ens_domain domain = box;
    double x[64 * 6], lp[64], blob[64];
    domain.ndim = ndim;
    make_start(&c, ndim);
    for (size_t k = 0; k < c.nwalkers; k++)
      for (size_t d = 0; d < ndim; d++) start_x[k * ndim + d] *= 0.2;
    for (size_t k = 0; k < c.nwalkers; k++)
      start_lp[k] = boxed_target(0, (uint32_t)k, start_x + k * ndim, ndim, start_blob + k);
    memcpy(x, start_x, sizeof x);
    memcpy(lp, start_lp, sizeof lp);
    memcpy(blob, start_blob, sizeof blob);
    within = 0;
    reference_run(&c, ndim, n, x, lp, blob, boxed_target, want_x, want_lp, want_blob, want_acc);
    c.domain = &domain;
    shuffler e = {.base = {&shuffler_ops}, .capacity = i % 3 ? 1 + i % 17 : 0, .stream = ens_stream_at(i, 0, 0, 1)};
    ens_memory_chain *memory = ens_memory_chain_create(c.nwalkers, ndim, 1);
    ens_sampler *sampler = make(&c, ndim, &e.base, memory);
    for (uint64_t upto = 2; upto <= n; upto += 2) CHECK(ens_sampler_advance(sampler, upto, n, NULL) == ENS_OK);
    CHECK(same(memory, &c, ndim, n));
    CHECK(ens_sampler_count(sampler).evaluations == within);
    ens_sampler_destroy(sampler);
    ens_memory_chain_destroy(memory);
  }
  stretch->ops->destroy(stretch);
}

/* Every proposal is rejected: there are steps, but the model is never called. */
TEST(a_domain_that_nothing_reaches) {
  ens_move *stretch = stretch_move();
  for (size_t capacity = 0; capacity < 3; capacity++) {
    size_t ndim, n = 30;
    ens_sampler_config c = random_case(7, stretch, &ndim);
    double low[6] = {1e9, 1e9, 1e9, 1e9, 1e9, 1e9}, high[6] = {2e9, 2e9, 2e9, 2e9, 2e9, 2e9};
    ens_domain far = {.ndim = ndim, .low = low, .high = high, .periodic = box_periodic};
    make_start(&c, ndim);
    c.domain = &far;
    shuffler e = {.base = {&shuffler_ops}, .capacity = capacity, .stream = ens_stream_at(1, 0, 0, 1)};
    ens_memory_chain *memory = ens_memory_chain_create(c.nwalkers, ndim, 1);
    ens_sampler *sampler = make(&c, ndim, &e.base, memory);
    CHECK(ens_sampler_advance(sampler, n, n, NULL) == ENS_OK);
    ens_sampler_counts counts = ens_sampler_count(sampler);
    CHECK(counts.evaluations == 0 && counts.accepted == 0 && ens_memory_chain_chain(memory)->nsteps == n);
    ens_sampler_destroy(sampler);
    ens_memory_chain_destroy(memory);
  }
  stretch->ops->destroy(stretch);
}

int main(void) {
  RUN(any_order_of_answers_gives_the_reference_chain);
  RUN(horizons_may_change_on_the_way);
  RUN(threads_give_the_reference_chain);
  RUN(the_first_failure_is_reported_in_any_order);
  RUN(bounds_are_as_a_model_that_refuses);
  RUN(a_domain_that_nothing_reaches);
  RUN(rejected_failures_are_refused_proposals_up_to_a_limit);
  RUN(a_stopped_run_goes_on_to_the_same_chain);
  RUN(a_run_ends_at_the_step_with_which_a_sink_has_enough);
  RUN(a_checkpoint_continues_the_chain);
  RUN(parameters_of_moves_are_checked);
  RUN(failing_start_is_described);
  return unit_report();
}
