/* The worker pool. All workers share one queue of blocks, oldest step first, and a free worker takes the next block, so
 * that uneven evaluations even out. The pool knows nothing of the inside of a model. */
#include "eval/pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "eval/altstack.h"
#include "eval/sight.h"
#include "sys/clock.h"
#include "sys/thread.h"

/* LuaJIT and deep recursion in a model need more than the default of some systems for threads. */
static const size_t stack_bytes = (size_t)8 << 20;

typedef struct block_queue {
  ens_block *first, **last;
} block_queue;

typedef struct pool_worker {
  struct ens_pool *pool;
  unsigned number;
  ens_thread thread;
  void *instance;
  ens_error error;
  /* Written by the thread that evaluates, read by any thread. */
  _Atomic(ens_block *) current;
  _Atomic uint64_t serial; /* number of the current block, from 1 */
  _Atomic uint64_t evaluations;
  _Atomic double busy_s;
  unsigned untimed;     /* how many of the next blocks need no timing */
  double each_s;        /* seconds of an evaluation, from the last timing */
  pthread_t evaluating; /* the worker's thread, or the sampler's */
  atomic_bool interrupted;
  atomic_size_t doomed; /* the item of the block that the interrupt is for */
  atomic_bool building; /* the worker makes its instance */
  ens_sight sight;      /* used by the watcher only */
} pool_worker;

typedef struct ens_pool {
  ens_evaluator base;
  ens_model *model;
  size_t nworkers, nthreads;
  pthread_mutex_t lock;
  pthread_cond_t work, done, built, rest, first;
  block_queue waiting, finished;
  size_t nbuilt;
  bool listening;  /* the sampler sleeps in wait */
  bool helping;    /* in wait, the sampler's thread evaluates for worker 0, whose own thread rests */
  bool first_busy; /* worker 0's thread evaluates a block */
  bool ending;
  ens_watch watch;
  atomic_bool looking;
  bool watched; /* there is a watcher's thread */
  ens_thread watcher;
  pool_worker worker[];
} ens_pool;

static void queue_clear(block_queue *queue) {
  queue->first = NULL;
  queue->last = &queue->first;
}

static void queue_push(block_queue *queue, ens_block *block) {
  block->next = NULL;
  *queue->last = block;
  queue->last = &block->next;
}

/* Oldest step first, and blocks of one step in the order of arrival: blocks that others wait for pass those that ran
 * ahead. The queue holds about one block per worker. */
static void queue_insert(block_queue *queue, ens_block *block) {
  ens_block **link = &queue->first;
  while (*link && (*link)->step[0] <= block->step[0]) link = &(*link)->next;
  block->next = *link;
  *link = block;
  if (!block->next) queue->last = &block->next;
}

static ens_block *queue_pop(block_queue *queue) {
  ens_block *block = queue->first;
  if (!block) return NULL;
  queue->first = block->next;
  if (!queue->first) queue->last = &queue->first;
  return block;
}

/* The block may return to the sampler only when the watcher does not read it. All of these loads and stores are
 * sequentially consistent: either the watcher sees that there is no current block, or this thread sees that the watcher
 * is looking, and waits until it has finished. */
static void wait_for_watcher(ens_pool *pool) {
  pthread_mutex_lock(&pool->lock);
  pthread_mutex_unlock(&pool->lock);
}

/* The worker for which this thread evaluates or makes an instance; for signal handlers. */
static _Thread_local pool_worker *volatile running;

/* The item that the watcher saw may have ended meanwhile: then the interrupt is not for the next one. */
static void on_interrupt(int number) {
  (void)number;
  pool_worker *worker = running;
  ens_block *block = worker ? atomic_load(&worker->current) : NULL;
  if (!block || !worker->interrupted || atomic_load(&block->at) != worker->doomed) return;
  worker->pool->model->ops->interrupt(worker->instance);
}

/* A signal that nobody else uses. It stops Lua; any other code continues. */
static int interrupt_signal(void) {
  return SIGRTMIN + 5;
}

static void interrupt_worker(pool_worker *worker, size_t item) {
  worker->doomed = item;
  worker->interrupted = true;
  pthread_kill(worker->evaluating, interrupt_signal());
}

/* Reading the clock twice costs as much as a cheap evaluation. So only one in eight blocks of a few microseconds is
 * timed, and the others count as equally long, unless the coarse clock shows that they were longer. */
static const double brief_seconds = 20e-6, coarse_seconds = 25e-3; /* longer than a tick of any kernel */
enum { UNTIMED = 7 };

typedef struct stopwatch {
  double begun;
  bool coarse;
} stopwatch;

static stopwatch start_watch(pool_worker *worker) {
  bool coarse = worker->untimed > 0;
  return (stopwatch){coarse ? ens_clock_coarse() : ens_clock_now(), coarse};
}

static double stop_watch(pool_worker *worker, stopwatch watch, size_t count) {
  double seconds = (watch.coarse ? ens_clock_coarse() : ens_clock_now()) - watch.begun;
  if (watch.coarse && seconds < coarse_seconds) {
    worker->untimed--;
    return worker->each_s * (double)count;
  }
  worker->each_s = count ? seconds / (double)count : 0;
  worker->untimed = seconds < brief_seconds ? UNTIMED : 0;
  return seconds;
}

static void evaluate_with(pool_worker *worker, ens_block *block) {
  stopwatch watch = start_watch(worker);
  atomic_store_explicit(&block->at, 0, memory_order_relaxed);
  atomic_store_explicit(&worker->serial, worker->serial + 1, memory_order_relaxed);
  worker->evaluating = pthread_self();
  running = worker;
  atomic_store_explicit(&worker->current, block, memory_order_release);
  worker->pool->model->ops->evaluate(worker->instance, block);
  running = NULL;
  atomic_store(&worker->current, NULL);
  if (atomic_load(&worker->pool->looking)) wait_for_watcher(worker->pool);
  worker->interrupted = false;
  block->seconds = stop_watch(worker, watch, block->count);
  block->worker = worker->number;
  atomic_store_explicit(&worker->evaluations, worker->evaluations + block->count, memory_order_relaxed);
  atomic_store_explicit(&worker->busy_s, worker->busy_s + block->seconds, memory_order_relaxed);
}

static void serve(pool_worker *worker) {
  ens_pool *pool = worker->pool;
  bool first = worker->number == 0;
  while (!pool->ending) {
    bool resting = first && pool->helping;
    ens_block *block = resting ? NULL : queue_pop(&pool->waiting);
    if (!block) {
      pthread_cond_wait(resting ? &pool->first : &pool->work, &pool->lock);
      continue;
    }
    if (first) pool->first_busy = true;
    pthread_mutex_unlock(&pool->lock);
    evaluate_with(worker, block);
    pthread_mutex_lock(&pool->lock);
    if (first) pool->first_busy = false;
    queue_push(&pool->finished, block);
    if (pool->listening) pthread_cond_signal(&pool->done);
  }
}

static void build(pool_worker *worker) {
  ens_pool *pool = worker->pool;
  running = worker;
  atomic_store(&worker->building, true);
  pool->model->ops->instance(pool->model, pool->watch.first + worker->number, &worker->instance, &worker->error);
  atomic_store(&worker->building, false);
  running = NULL;
}

static void *live(void *context) {
  pool_worker *worker = context;
  ens_pool *pool = worker->pool;
  ens_altstack *stack = ens_altstack_enter();
  build(worker);
  pthread_mutex_lock(&pool->lock);
  pool->nbuilt++;
  pthread_cond_signal(&pool->built);
  serve(worker);
  pthread_mutex_unlock(&pool->lock);
  pool->model->ops->release(worker->instance);
  ens_altstack_leave(stack);
  return NULL;
}

/* ---- the evaluator ---- */

static size_t capacity(ens_evaluator *self) {
  ens_pool *pool = (ens_pool *)self;
  return 2 * pool->nthreads;
}

static size_t workers(ens_evaluator *self) {
  return ((ens_pool *)self)->nworkers;
}

static void submit(ens_evaluator *self, ens_block *block) {
  ens_pool *pool = (ens_pool *)self;
  pthread_mutex_lock(&pool->lock);
  queue_insert(&pool->waiting, block);
  pthread_cond_signal(&pool->work);
  pthread_mutex_unlock(&pool->lock);
}

static void help(ens_evaluator *self, bool helping) {
  ens_pool *pool = (ens_pool *)self;
  if (pool->helping == helping) return; /* only this thread writes it */
  pthread_mutex_lock(&pool->lock);
  pool->helping = helping;
  /* Worker 0 now waits for the other condition. */
  pthread_cond_broadcast(helping ? &pool->work : &pool->first);
  pthread_mutex_unlock(&pool->lock);
}

/* Evaluates a block of the queue on this thread if no block is finished yet. */
static void lend_a_hand(ens_pool *pool) {
  if (!pool->helping || pool->first_busy || pool->finished.first) return;
  ens_block *block = queue_pop(&pool->waiting);
  if (!block) return;
  pthread_mutex_unlock(&pool->lock);
  evaluate_with(&pool->worker[0], block);
  pthread_mutex_lock(&pool->lock);
  queue_push(&pool->finished, block);
}

static ens_block *wait_finished(ens_evaluator *self, double timeout) {
  ens_pool *pool = (ens_pool *)self;
  pthread_mutex_lock(&pool->lock);
  lend_a_hand(pool);
  struct timespec deadline = {0};
  if (!pool->finished.first && timeout >= 0) deadline = ens_clock_deadline(timeout);
  pool->listening = true;
  int failed = 0;
  while (!pool->finished.first && !failed)
    failed = timeout < 0 ? pthread_cond_wait(&pool->done, &pool->lock)
                         : pthread_cond_timedwait(&pool->done, &pool->lock, &deadline);
  pool->listening = false;
  ens_block *block = pool->finished.first;
  queue_clear(&pool->finished);
  pthread_mutex_unlock(&pool->lock);
  return block;
}

static ens_block *recall(ens_evaluator *self) {
  ens_pool *pool = (ens_pool *)self;
  pthread_mutex_lock(&pool->lock);
  ens_block *block = pool->waiting.first;
  queue_clear(&pool->waiting);
  pthread_mutex_unlock(&pool->lock);
  return block;
}

/* While nothing is in flight, worker 0 sleeps and its instance is free. The lock orders this after its last evaluation.
 */
static void evaluate(ens_evaluator *self, ens_block *block) {
  ens_pool *pool = (ens_pool *)self;
  evaluate_with(&pool->worker[0], block);
}

static void stats(ens_evaluator *self, size_t number, ens_evaluator_stats *out) {
  const pool_worker *worker = &((ens_pool *)self)->worker[number];
  *out = (ens_evaluator_stats){
      .rank = 0, .worker = worker->number + 1, .evaluations = worker->evaluations, .busy_s = worker->busy_s};
}

static void destroy(ens_evaluator *self) {
  ens_pool *pool = (ens_pool *)self;
  pthread_mutex_lock(&pool->lock);
  pool->ending = true;
  pthread_cond_broadcast(&pool->work);
  pthread_cond_broadcast(&pool->rest);
  pthread_cond_broadcast(&pool->first);
  pthread_mutex_unlock(&pool->lock);
  if (pool->watched) ens_thread_join(&pool->watcher);
  for (size_t i = 0; i < pool->nthreads; i++) ens_thread_join(&pool->worker[i].thread);
  if (pool->nthreads == 0) pool->model->ops->release(pool->worker[0].instance);
  for (size_t i = 0; i < pool->nworkers; i++) ens_error_clear(&pool->worker[i].error);
  pthread_cond_destroy(&pool->work);
  pthread_cond_destroy(&pool->done);
  pthread_cond_destroy(&pool->built);
  pthread_cond_destroy(&pool->rest);
  pthread_cond_destroy(&pool->first);
  pthread_mutex_destroy(&pool->lock);
  free(pool);
}

/* ---- the watcher ---- */

static double usual_seconds(const ens_pool *pool) {
  double busy = 0, evaluations = 0;
  for (size_t i = 0; i < pool->nworkers; i++) {
    busy += pool->worker[i].busy_s;
    evaluations += (double)pool->worker[i].evaluations;
  }
  return evaluations > 0 ? busy / evaluations : 0;
}

/* The serial number of a setup, which no block has. */
static const uint64_t setup_serial = UINT64_MAX;

/* Finds the worker's evaluation or setup; false: it is idle. */
static bool look_at(pool_worker *worker, ens_slow *out, ens_sight_look *look) {
  if (atomic_load(&worker->building)) {
    look->serial = setup_serial;
    look->at = 0;
    *out = (ens_slow){.worker = worker->number, .setup = true};
    return true;
  }
  ens_block *block = atomic_load(&worker->current);
  size_t at = block ? atomic_load_explicit(&block->at, memory_order_relaxed) : 0;
  look->serial = block ? atomic_load_explicit(&worker->serial, memory_order_relaxed) : 0;
  look->at = at;
  if (!block || at >= block->count) return false;
  *out = (ens_slow){.worker = worker->number,
                    .step = block->step[at],
                    .walker = block->walker[at],
                    .theta = block->theta + at * block->ndim};
  return true;
}

void *ens_pool_instance(const ens_evaluator *pool) {
  return ((const ens_pool *)pool)->worker[0].instance;
}

bool ens_pool_here(ens_slow *out, const ens_model **model) {
  ens_sight_look look;
  pool_worker *worker = running;
  if (!worker || !look_at(worker, out, &look)) return false;
  *model = worker->pool->model;
  return true;
}

/* Evaluations younger than this are not reported. */
static const double asked_seconds = 0.5;

static void report_asked(ens_pool *pool, pool_worker *worker) {
  ens_sight_look look;
  ens_slow slow;
  if (!look_at(worker, &slow, &look)) return;
  bool seen = worker->sight.serial == look.serial && worker->sight.at == look.at;
  slow.seconds = seen ? ens_clock_now() - worker->sight.since : 0;
  if (slow.seconds < asked_seconds) return;
  slow.usual = slow.setup ? 0 : usual_seconds(pool);
  slow.what = ENS_SLOW_ASKED;
  pool->watch.report(pool->watch.context, &slow);
}

static void watch_worker(ens_pool *pool, pool_worker *worker) {
  static const ens_slow_what what[] = {[ENS_SIGHT_LONG] = ENS_SLOW_LONG,
                                       [ENS_SIGHT_INTERRUPT] = ENS_SLOW_INTERRUPTED,
                                       [ENS_SIGHT_STUCK] = ENS_SLOW_STUCK};
  ens_sight_look look;
  ens_slow slow;
  bool there = look_at(worker, &slow, &look), setup = look.serial == setup_serial;
  ens_sight_limits limits = {.timeout = setup ? pool->watch.setup_timeout : pool->watch.timeout,
                             .interruptible = !setup && pool->model->ops->interrupt};
  look.now = ens_clock_now();
  look.usual = setup ? 0 : usual_seconds(pool);
  ens_sight_alarm alarm = ens_sight_see(&worker->sight, &look, &limits);
  if (alarm == ENS_SIGHT_NONE || !there) return;
  slow.seconds = look.now - worker->sight.since;
  slow.usual = look.usual;
  slow.what = what[alarm];
  if (alarm == ENS_SIGHT_INTERRUPT) interrupt_worker(worker, look.at);
  pool->watch.report(pool->watch.context, &slow);
}

/* Holds the lock except while it sleeps: workers that end an evaluation meanwhile wait until the look is over. */
static void *watch(void *context) {
  ens_pool *pool = context;
  pthread_mutex_lock(&pool->lock);
  while (!pool->ending) {
    struct timespec deadline = ens_clock_deadline(ens_sight_period(pool->watch.timeout));
    pthread_cond_timedwait(&pool->rest, &pool->lock, &deadline);
    if (pool->ending) break;
    atomic_store(&pool->looking, true);
    bool asked = pool->watch.asked && pool->watch.asked(pool->watch.context);
    for (size_t i = 0; i < pool->nworkers; i++) {
      watch_worker(pool, &pool->worker[i]);
      if (asked) report_asked(pool, &pool->worker[i]);
    }
    atomic_store(&pool->looking, false);
  }
  pthread_mutex_unlock(&pool->lock);
  return NULL;
}

/* ---- making ---- */

static void init_sync(ens_pool *pool) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->work, &attributes);
  pthread_cond_init(&pool->done, &attributes);
  pthread_cond_init(&pool->built, &attributes);
  pthread_cond_init(&pool->rest, &attributes);
  pthread_cond_init(&pool->first, &attributes);
  pthread_condattr_destroy(&attributes);
}

/* Workers receive only the signals that their own code causes, and the one that interrupts it. */
static int start_thread(ens_thread *thread, void *(*body)(void *), void *context) {
  const int own[] = {interrupt_signal(), SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
  const ens_thread_options options = {
      .stack_bytes = stack_bytes, .receives = own, .nreceives = sizeof own / sizeof *own};
  return ens_thread_start(thread, &options, body, context);
}

static const double building_seconds = 0.001;

static void wait_until_built(ens_pool *pool, const ens_watch *watching) {
  bool alone = !watching || !watching->building;
  pthread_mutex_lock(&pool->lock);
  while (pool->nbuilt < pool->nworkers) {
    struct timespec deadline = ens_clock_deadline(building_seconds);
    if (alone)
      pthread_cond_wait(&pool->built, &pool->lock);
    else if (pthread_cond_timedwait(&pool->built, &pool->lock, &deadline) == ETIMEDOUT) {
      pthread_mutex_unlock(&pool->lock);
      watching->building(watching->context);
      pthread_mutex_lock(&pool->lock);
    }
  }
  pthread_mutex_unlock(&pool->lock);
}

static ens_status start_threads(ens_pool *pool, const ens_watch *watching, ens_error *error) {
  for (; pool->nthreads < pool->nworkers; pool->nthreads++)
    if (start_thread(&pool->worker[pool->nthreads].thread, live, &pool->worker[pool->nthreads]))
      return ens_error_set(error, ENS_CONFIG, "worker thread %zu of %zu cannot be started: ask for fewer workers",
                           pool->nthreads + 1, pool->nworkers);
  wait_until_built(pool, watching);
  return ENS_OK;
}

static ens_status first_error(ens_pool *pool, ens_error *error) {
  for (size_t i = 0; i < pool->nworkers; i++) {
    ens_status status = pool->worker[i].error.status;
    if (status) {
      ens_error_move(error, &pool->worker[i].error);
      return status;
    }
  }
  return ENS_OK;
}

/* Begins before the workers make their instances, because setups are watched too. */
static void start_watching(ens_pool *pool, const ens_watch *watching) {
  struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(interrupt_signal(), &action, NULL);
  pool->watch = *watching;
  pool->watched = start_thread(&pool->watcher, watch, pool) == 0;
}

ens_status ens_pool_create(ens_model *model, size_t nworkers, const ens_watch *watching, ens_evaluator **out,
                           ens_error *error) {
  static const ens_evaluator_ops ops = {.capacity = capacity,
                                        .workers = workers,
                                        .submit = submit,
                                        .wait = wait_finished,
                                        .recall = recall,
                                        .help = help,
                                        .evaluate = evaluate,
                                        .stats = stats,
                                        .destroy = destroy};
  ens_pool *pool = calloc(1, sizeof *pool + nworkers * sizeof *pool->worker);
  if (!pool) return ens_error_memory(error);
  pool->base.ops = &ops;
  pool->model = model;
  pool->nworkers = nworkers;
  queue_clear(&pool->waiting);
  queue_clear(&pool->finished);
  init_sync(pool);
  for (size_t i = 0; i < nworkers; i++) {
    pool->worker[i].pool = pool;
    pool->worker[i].number = (unsigned)i;
  }
  if (watching) start_watching(pool, watching);
  ens_status status = ENS_OK;
  if (nworkers == 1 && !(watching && watching->building))
    build(&pool->worker[0]);
  else
    status = start_threads(pool, watching, error);
  if (!status) status = first_error(pool, error);
  if (status) {
    destroy(&pool->base);
    return status;
  }
  *out = &pool->base;
  return ENS_OK;
}
