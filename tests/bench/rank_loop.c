/* Measures how many workers one sampling rank can keep busy: the real sampler with its dependency schedule, over
 * simulated workers in simulated time. Three things advance the clock: the real time of the sampler's thread for its
 * updates, the cost of a letter to another rank and back for each block, and, if all workers are busy and the sampler
 * has nothing to do, the wait for the next evaluation to end.
 * Usage: rank_loop WORKERS SECONDS LETTER_SECONDS UPDATES. Prints JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/sampler.h"

enum { NDIM = 5, WALKERS_A_WORKER = 4 };

typedef struct flight {
  double end;
  ens_block *block;
} flight;

typedef struct cluster {
  ens_evaluator base;
  size_t nworkers, nflights, nwaiting;
  flight *flight;   /* a heap; the next one to end is on top */
  ens_block **wait; /* a ring of waiting blocks, at least one for ten workers */
  size_t first;
  double mean, letter;
  double spent;     /* the thread's CPU time when the clock was last set */
  double now, busy; /* seconds */
  ens_stream random;
} cluster;

static cluster *the; /* the sampler's clock has no context */

static double thread_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Adds the time of the sampler's work since the last call. */
static double now(void) {
  double spent = thread_seconds();
  the->now += spent - the->spent;
  the->spent = spent;
  return the->now;
}

/* Leaves the simulation's own work out of the clock. */
static void forget(cluster *c) {
  c->spent = thread_seconds();
}

static void sift_up(cluster *c, size_t i) {
  for (flight own = c->flight[i]; i && own.end < c->flight[(i - 1) / 2].end; i = (i - 1) / 2) {
    c->flight[i] = c->flight[(i - 1) / 2];
    c->flight[(i - 1) / 2] = own;
  }
}

static ens_block *pop(cluster *c) {
  ens_block *block = c->flight[0].block;
  flight last = c->flight[--c->nflights];
  size_t i = 0, child;
  for (; (child = 2 * i + 1) < c->nflights; i = child) {
    if (child + 1 < c->nflights && c->flight[child + 1].end < c->flight[child].end) child++;
    if (c->flight[child].end >= last.end) break;
    c->flight[i] = c->flight[child];
  }
  c->flight[i] = last;
  return block;
}

/* Durations are 0.77 to 1.23 of the mean, the ratio of 5 and 8 ms to 6.5 ms. */
static void begin(cluster *c, ens_block *block, double at) {
  double seconds = 0;
  for (size_t i = 0; i < block->count; i++) {
    const double *theta = block->theta + i * NDIM;
    seconds += c->mean * (1 + 0.46 * (ens_stream_uniform(&c->random) - 0.5));
    block->log_prob[i] = 0;
    for (size_t d = 0; d < NDIM; d++) block->log_prob[i] -= 0.5 * theta[d] * theta[d];
  }
  block->seconds = seconds;
  c->busy += seconds;
  c->flight[c->nflights] = (flight){at + seconds, block};
  sift_up(c, c->nflights++);
}

static size_t ahead(const cluster *c) {
  return c->nworkers;
}
static size_t capacity(ens_evaluator *self) {
  return ((cluster *)self)->nworkers + ahead((cluster *)self);
}
static size_t workers(ens_evaluator *self) {
  return ((cluster *)self)->nworkers;
}

static void submit(ens_evaluator *self, ens_block *block) {
  cluster *c = (cluster *)self;
  now();
  c->now += c->letter;
  if (c->nflights < c->nworkers)
    begin(c, block, c->now);
  else
    c->wait[(c->first + c->nwaiting++) % ahead(c)] = block;
  forget(c);
}

static ens_block *wait_one(ens_evaluator *self, double timeout) {
  (void)timeout;
  cluster *c = (cluster *)self;
  now();
  double end = c->flight[0].end;
  if (end > c->now) c->now = end;
  ens_block *block = pop(c), *next = c->nwaiting ? c->wait[c->first] : NULL;
  block->next = NULL;
  if (next) {
    c->first = (c->first + 1) % ahead(c);
    c->nwaiting--;
    begin(c, next, end); /* the worker had it before the last one ended */
  }
  forget(c);
  return block;
}

static void help(ens_evaluator *self, bool helping) {
  (void)self, (void)helping;
}

/* Evaluates the start, in real time. */
static void evaluate(ens_evaluator *self, ens_block *block) {
  cluster *c = (cluster *)self;
  begin(c, block, c->now);
  pop(c);
}

static ens_status sample(cluster *c, ens_sampler *sampler, size_t nwalkers, size_t updates) {
  double *x = calloc(nwalkers * NDIM + nwalkers, sizeof *x);
  if (!x) return ENS_MEMORY;
  for (size_t i = 0; i < nwalkers * NDIM; i++) x[i] = ens_stream_normal(&c->random);
  for (size_t k = 0; k < nwalkers; k++)
    for (size_t d = 0; d < NDIM; d++) x[nwalkers * NDIM + k] -= 0.5 * x[k * NDIM + d] * x[k * NDIM + d];
  ens_sampler_restore(sampler, 0, x, x + nwalkers * NDIM, NULL);
  free(x);
  uint64_t steps = updates / nwalkers < 4 ? 4 : updates / nwalkers;
  c->now = c->busy = 0;
  forget(c);
  double thread = thread_seconds();
  ens_status status = ens_sampler_advance(sampler, steps, steps, NULL);
  double n = (double)steps * (double)nwalkers;
  printf(
      "{\"workers\": %zu, \"walkers\": %zu, \"steps\": %llu, \"efficiency\": %.4f, \"updates_per_s\": %.0f, "
      "\"us_per_update\": %.3f}\n",
      c->nworkers, nwalkers, (unsigned long long)steps, c->busy / ((double)c->nworkers * now()), n / now(),
      1e6 * (thread_seconds() - thread) / n + 1e6 * c->letter);
  return status;
}

static ens_status run(cluster *c, size_t updates) {
  double values[] = {2, ENS_MOVE_WORD(0)}, weight = 1;
  size_t nwalkers = WALKERS_A_WORKER * c->nworkers;
  ens_move *move = NULL;
  ens_sampler *sampler = NULL;
  ens_model model = {.name = "simulated", .ndim = NDIM};
  ens_status status = ens_move_create(&ens_move_stretch, values, &move, NULL);
  ens_sampler_config config = {.nwalkers = nwalkers,
                               .seed = 1,
                               .nsplits = 2,
                               .randomize_split = true,
                               .nmoves = 1,
                               .move = &move,
                               .weight = &weight,
                               .now = now};
  if (!status) status = ens_sampler_create(&config, &model, &c->base, &sampler, NULL);
  if (!status) status = sample(c, sampler, nwalkers, updates);
  ens_sampler_destroy(sampler);
  if (move) move->ops->destroy(move);
  return status;
}

int main(int argc, char **argv) {
  static const ens_evaluator_ops ops = {
      .capacity = capacity, .workers = workers, .submit = submit, .wait = wait_one, .help = help, .evaluate = evaluate};
  if (argc != 5 || atol(argv[1]) < 2) {
    fprintf(stderr, "usage: rank_loop WORKERS SECONDS LETTER_SECONDS UPDATES\n");
    return 2;
  }
  size_t n = (size_t)atol(argv[1]);
  cluster c = {.base.ops = &ops,
               .nworkers = n,
               .mean = strtod(argv[2], NULL),
               .letter = strtod(argv[3], NULL),
               .flight = calloc(2 * n, sizeof *c.flight),
               .wait = calloc(2 * n, sizeof *c.wait),
               .random = ens_stream_at(7, 0, 0, ENS_RNG_START)};
  the = &c;
  ens_status status = c.flight && c.wait ? run(&c, (size_t)atol(argv[4])) : ENS_MEMORY;
  free(c.flight);
  free(c.wait);
  if (status) fprintf(stderr, "rank_loop: status %d\n", (int)status);
  return status != ENS_OK;
}
