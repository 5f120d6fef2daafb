/* Each rank has as many blocks as workers, and some more to keep its workers busy while a result travels to rank 0 and
 * a new block travels back. Further blocks wait here for the first rank that has room. */
#include "eval/ranks/cluster.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/pool.h"
#include "eval/ranks/shipment.h"
#include "sys/clock.h"

/* Seconds that ranks have to return blocks; launchers give a job a little more than this to end after a signal. */
static const double recall_limit = 0.5;
/* Seconds for a letter and its answer, without the pauses between looks for letters. */
static const double letter_seconds = 1e-4;

/* A rank's share of the work. target[0] is this process, which has no slots and counts its own evaluations. */
typedef struct rank_target {
  size_t nworkers, in_flight, limit;
  ens_block **slot; /* [nslots] the blocks that the rank has; NULL: free */
  size_t nslots;
  ens_evaluator_stats *stats; /* [nworkers] */
  bool ready, returned;
  ens_error error;
} rank_target;

typedef struct ens_cluster {
  ens_evaluator base;
  ens_ranks_member member;
  ens_ranks *ranks;
  ens_model *model;
  ens_cluster_config config;
  ens_evaluator *local;
  ens_shipment shipment;
  ens_bundle paper;
  size_t nworkers, capacity; /* of all ranks */
  ens_block *waiting, *finished, **last_finished;
  double block_seconds; /* smoothed mean of a block; 0: not known */
  double limits_for;    /* the block_seconds that the limits were set for */
  double looked;        /* time of the last check for silent ranks */
  atomic_bool tell;     /* the watcher wants all evaluations in progress reported */
  rank_target *target;  /* [ranks->size] */
} ens_cluster;

static ens_cluster *cluster_of(void *member) {
  return (ens_cluster *)((char *)member - offsetof(ens_cluster, member));
}

/* ---- blocks ---- */

static void push_finished(ens_cluster *cluster, ens_block *block) {
  block->next = NULL;
  *cluster->last_finished = block;
  cluster->last_finished = &block->next;
}

/* Oldest step first, as in the queue of a pool. */
static void push_waiting(ens_cluster *cluster, ens_block *block) {
  ens_block **link = &cluster->waiting;
  while (*link && (*link)->step[0] <= block->step[0]) link = &(*link)->next;
  block->next = *link;
  *link = block;
}

static void set_limits(ens_cluster *cluster) {
  double answer = letter_seconds + 2 * ens_link_rest(cluster->block_seconds);
  double ended =
      cluster->block_seconds > 0 ? answer / cluster->block_seconds : 0; /* blocks that one worker ends meanwhile */
  cluster->limits_for = cluster->block_seconds;
  cluster->capacity = 0;
  for (int r = 0; r < cluster->ranks->size; r++) {
    rank_target *target = &cluster->target[r];
    double ahead = ceil((double)target->nworkers * (ended < 2 ? ended : 2));
    size_t limit = target->nworkers + (ahead > 1 ? (size_t)ahead : 1);
    target->limit = r && limit > target->nslots ? target->nslots : limit;
    cluster->capacity += target->limit;
  }
}

static void measure(ens_cluster *cluster, double seconds) {
  double *mean = &cluster->block_seconds;
  *mean = *mean > 0 ? *mean + 0.05 * (seconds - *mean) : seconds;
  if (fabs(*mean - cluster->limits_for) > 0.2 * cluster->limits_for) set_limits(cluster);
}

/* ---- blocks on their way ---- */

static void send_block(ens_cluster *cluster, int to, ens_block *block) {
  rank_target *target = &cluster->target[to];
  size_t slot = 0;
  while (target->slot[slot]) slot++;
  target->slot[slot] = block;
  ens_letter_put_work(&cluster->paper, slot, block);
  ens_link_post(cluster->ranks->link, to, ENS_LETTER_WORK, cluster->member.job, &cluster->paper);
}

/* The rank with room that has the fewest blocks per worker; -1: no rank has room. */
static int choose(const ens_cluster *cluster) {
  int best = -1;
  for (int r = 0; r < cluster->ranks->size; r++) {
    const rank_target *target = &cluster->target[r], *other = best < 0 ? NULL : &cluster->target[best];
    if (target->in_flight >= target->limit) continue;
    if (!other || target->in_flight * other->nworkers < other->in_flight * target->nworkers) best = r;
  }
  return best;
}

static void dispatch(ens_cluster *cluster) {
  int r;
  while (cluster->waiting && (r = choose(cluster)) >= 0) {
    ens_block *block = cluster->waiting;
    cluster->waiting = block->next;
    cluster->target[r].in_flight++;
    if (r)
      send_block(cluster, r, block);
    else
      cluster->local->ops->submit(cluster->local, block);
  }
}

static ens_block *take_slot(ens_cluster *cluster, int r, size_t slot) {
  rank_target *target = &cluster->target[r];
  ens_block *block = slot < target->nslots ? target->slot[slot] : NULL;
  if (!block) return NULL;
  target->slot[slot] = NULL;
  target->in_flight--;
  return block;
}

static void take_result(void *receiver, ens_letter *letter) {
  ens_cluster *cluster = cluster_of(receiver);
  const rank_target *target = &cluster->target[letter->from];
  ens_letter_result result = ens_letter_take_result(&letter->body);
  ens_block *block = take_slot(cluster, letter->from, result.slot);
  if (!block) return;
  ens_letter_take_values(&letter->body, &result, block);
  block->rank = (unsigned)letter->from;
  block->host = cluster->ranks->rank[letter->from].host;
  if (block->worker < target->nworkers) {
    target->stats[block->worker].evaluations += block->count;
    target->stats[block->worker].busy_s += block->seconds;
  }
  measure(cluster, block->seconds);
  push_finished(cluster, block);
}

/* The returned blocks are unchanged: they wait again. */
static void take_returned(void *receiver, ens_letter *letter) {
  ens_cluster *cluster = cluster_of(receiver);
  for (size_t slot; ens_letter_take_slot(&letter->body, &slot);) {
    ens_block *block = take_slot(cluster, letter->from, slot);
    if (block) push_waiting(cluster, block);
  }
  cluster->target[letter->from].returned = true;
}

static void take_slow(void *receiver, ens_letter *letter) {
  ens_cluster *cluster = cluster_of(receiver);
  size_t ndim = cluster->model->ndim;
  double *theta = calloc(ndim, sizeof *theta);
  ens_slow slow;
  bool whole = theta && ens_letter_take_slow(&letter->body, &slow, theta, ndim);
  if (whole) {
    slow.rank = (unsigned)letter->from;
    slow.host = cluster->ranks->rank[letter->from].host;
    cluster->config.watch.report(cluster->config.watch.context, &slow);
  }
  free(theta);
}

static void take_ready(void *receiver, ens_letter *letter) {
  rank_target *target = &cluster_of(receiver)->target[letter->from];
  ens_status status;
  char *text = ens_letter_take_ready(&letter->body, &status);
  target->ready = true;
  if (status) ens_error_set(&target->error, status, "%s", text ? text : "");
  free(text);
}

static void take_mapped(void *receiver, ens_letter *letter) {
  ens_shipment_take_mapped(&cluster_of(receiver)->shipment, letter);
}

static void take_missing(void *receiver, ens_letter *letter) {
  ens_shipment_take_missing(&cluster_of(receiver)->shipment, letter);
}

static ens_letter_handler *const handlers[ENS_LETTER_KINDS] = {
    [ENS_LETTER_MAPPED] = take_mapped, [ENS_LETTER_MISSING] = take_missing,   [ENS_LETTER_READY] = take_ready,
    [ENS_LETTER_RESULT] = take_result, [ENS_LETTER_RETURNED] = take_returned, [ENS_LETTER_SLOW] = take_slow};

/* ---- ranks that are silent ---- */

static bool is_expected(const rank_target *target) {
  return target->in_flight || !target->ready;
}

/* Does not return. */
static void give_up(ens_cluster *cluster, int r, const char *why) {
  char text[ENS_RANK_HOST_BYTES + 120];
  snprintf(text, sizeof text, "rank %d (host %s) %s", r, cluster->ranks->rank[r].host, why);
  cluster->config.lost(cluster->config.watch.context, text);
}

static void check_silence(ens_cluster *cluster) {
  char why[64];
  int broken = ens_link_broken(cluster->ranks->link);
  if (broken) give_up(cluster, broken, "cannot be sent messages any more");
  if (cluster->ranks->turned - cluster->looked < 0.5) return;
  cluster->looked = cluster->ranks->turned;
  for (int r = 1; r < cluster->ranks->size; r++) {
    double silence = ens_ranks_silence(cluster->ranks, r);
    if (!is_expected(&cluster->target[r]) || silence < cluster->config.rank_timeout) continue;
    snprintf(why, sizeof why, "has been silent for %.0f s", silence);
    give_up(cluster, r, why);
  }
}

static void tell_ranks(ens_cluster *cluster) {
  if (!atomic_exchange(&cluster->tell, false)) return;
  for (int r = 1; r < cluster->ranks->size; r++)
    if (is_expected(&cluster->target[r]))
      ens_link_post(cluster->ranks->link, r, ENS_LETTER_TELL, cluster->member.job, NULL);
}

static void turn(ens_cluster *cluster) {
  ens_ranks_turn(cluster->ranks);
  check_silence(cluster);
  tell_ranks(cluster);
}

/* ---- the evaluator ---- */

static size_t capacity(ens_evaluator *self) {
  return ((ens_cluster *)self)->capacity;
}

static size_t workers(ens_evaluator *self) {
  return ((ens_cluster *)self)->nworkers;
}

static void submit(ens_evaluator *self, ens_block *block) {
  ens_cluster *cluster = (ens_cluster *)self;
  push_waiting(cluster, block);
  dispatch(cluster);
}

static void take_local(ens_cluster *cluster, double timeout) {
  ens_block *block = cluster->local->ops->wait(cluster->local, timeout), *next;
  for (; block; block = next) {
    next = block->next;
    block->rank = 0;
    block->host = cluster->ranks->rank[0].host;
    cluster->target[0].in_flight--;
    measure(cluster, block->seconds);
    push_finished(cluster, block);
  }
}

static ens_block *wait_finished(ens_evaluator *self, double timeout) {
  ens_cluster *cluster = (ens_cluster *)self;
  double until = timeout < 0 ? INFINITY : ens_clock_now() + timeout, left = timeout;
  do {
    turn(cluster);
    double pause = cluster->finished ? 0 : ens_link_pause(cluster->ranks->link, ens_link_rest(cluster->block_seconds));
    take_local(cluster, timeout >= 0 && pause > left ? left : pause);
    dispatch(cluster);
    left = until - ens_clock_now();
  } while (!cluster->finished && left > 0);
  ens_block *block = cluster->finished;
  cluster->finished = NULL;
  cluster->last_finished = &cluster->finished;
  return block;
}

static bool all_returned(const ens_cluster *cluster) {
  for (int r = 1; r < cluster->ranks->size; r++)
    if (!cluster->target[r].returned) return false;
  return true;
}

static void recall_from_ranks(ens_cluster *cluster) {
  double until = ens_clock_now() + recall_limit;
  for (int r = 1; r < cluster->ranks->size; r++) {
    cluster->target[r].returned = cluster->target[r].in_flight == 0;
    if (!cluster->target[r].returned)
      ens_link_post(cluster->ranks->link, r, ENS_LETTER_RECALL, cluster->member.job, NULL);
  }
  while (!all_returned(cluster) && ens_clock_now() < until) {
    turn(cluster);
    ens_clock_sleep(ens_link_pause(cluster->ranks->link, 1e-3));
  }
}

static ens_block *recall(ens_evaluator *self) {
  ens_cluster *cluster = (ens_cluster *)self;
  ens_block *block = cluster->local->ops->recall(cluster->local), *next;
  for (; block; block = next) {
    next = block->next;
    cluster->target[0].in_flight--;
    push_waiting(cluster, block);
  }
  recall_from_ranks(cluster);
  block = cluster->waiting;
  cluster->waiting = NULL;
  return block;
}

static void help(ens_evaluator *self, bool helping) {
  ens_evaluator *local = ((ens_cluster *)self)->local;
  local->ops->help(local, helping);
}

static void evaluate(ens_evaluator *self, ens_block *block) {
  ens_cluster *cluster = (ens_cluster *)self;
  cluster->local->ops->evaluate(cluster->local, block);
  block->rank = 0;
  block->host = cluster->ranks->rank[0].host;
}

static void stats(ens_evaluator *self, size_t number, ens_evaluator_stats *out) {
  const ens_cluster *cluster = (ens_cluster *)self;
  int r = 0;
  while (number >= cluster->target[r].nworkers) number -= cluster->target[r++].nworkers;
  if (r == 0)
    cluster->local->ops->stats(cluster->local, number, out);
  else
    *out = cluster->target[r].stats[number];
  out->rank = (unsigned)r;
  out->worker = (unsigned)number + 1;
  memcpy(out->host, cluster->ranks->rank[r].host, sizeof out->host);
}

static void destroy(ens_evaluator *self) {
  ens_cluster *cluster = (ens_cluster *)self;
  if (cluster->local) cluster->local->ops->destroy(cluster->local);
  for (int r = 1; cluster->target && r < cluster->ranks->size; r++) {
    rank_target *target = &cluster->target[r];
    ens_link_post(cluster->ranks->link, r, ENS_LETTER_DROP, cluster->member.job, NULL);
    free(target->slot);
    free(target->stats);
    ens_error_clear(&target->error);
  }
  ens_ranks_leave(cluster->ranks, &cluster->member);
  ens_shipment_free(&cluster->shipment);
  ens_bundle_free(&cluster->paper);
  free(cluster->target);
  free(cluster);
}

/* ---- making ---- */

static bool on_asked(void *context) {
  ens_cluster *cluster = context;
  bool asked = cluster->config.watch.asked && cluster->config.watch.asked(cluster->config.watch.context);
  if (asked) atomic_store(&cluster->tell, true);
  return asked;
}

static void on_slow(void *context, const ens_slow *slow) {
  ens_cluster *cluster = context;
  ens_slow here = *slow;
  here.host = cluster->ranks->rank[0].host;
  cluster->config.watch.report(cluster->config.watch.context, &here);
}

static void on_building(void *context) {
  ens_cluster *cluster = context;
  turn(cluster);
  ens_shipment_continue(&cluster->shipment);
}

static ens_status make_targets(ens_cluster *cluster, ens_error *error) {
  cluster->target = calloc((size_t)cluster->ranks->size, sizeof *cluster->target);
  if (!cluster->target) return ens_error_memory(error);
  for (int r = 0; r < cluster->ranks->size; r++) {
    rank_target *target = &cluster->target[r];
    size_t n = cluster->config.workers ? cluster->config.workers : ens_ranks_workers(cluster->ranks, r);
    target->nworkers = n;
    target->nslots = 3 * n + 1;
    target->slot = r ? calloc(target->nslots, sizeof *target->slot) : NULL;
    target->stats = r ? calloc(n, sizeof *target->stats) : NULL;
    if (r && (!target->slot || !target->stats)) return ens_error_memory(error);
    cluster->nworkers += n;
  }
  set_limits(cluster);
  return ENS_OK;
}

static ens_status send_model(ens_cluster *cluster, ens_error *error) {
  ens_shipment *shipment = &cluster->shipment;
  ens_letter_job job = {.seed = cluster->model->seed, .timeout = cluster->config.watch.timeout};
  ens_status status = ens_shipment_pack(shipment, cluster->ranks, cluster->member.job, cluster->model, error);
  if (status) return status;
  for (int r = 1; r < cluster->ranks->size; r++) {
    job.nworkers = cluster->target[r].nworkers;
    ens_shipment_announce(shipment, r, &job);
  }
  ens_shipment_begin(shipment);
  return ENS_OK;
}

static bool all_ready(const ens_cluster *cluster) {
  for (int r = 1; r < cluster->ranks->size; r++)
    if (!cluster->target[r].ready) return false;
  return true;
}

static ens_status wait_until_ready(ens_cluster *cluster, ens_error *error) {
  while (!all_ready(cluster)) {
    turn(cluster);
    ens_shipment_continue(&cluster->shipment);
    ens_clock_sleep(ens_link_pause(cluster->ranks->link, 1e-3));
  }
  for (int r = 1; r < cluster->ranks->size; r++) {
    ens_error *theirs = &cluster->target[r].error;
    if (!theirs->status) continue;
    const char *text = ens_error_text(theirs);
    size_t line = strcspn(text, "\n");
    return ens_error_set(error, theirs->status, "%.*s\n  on rank %d (host %s)%s", (int)line, text, r,
                         cluster->ranks->rank[r].host, text + line);
  }
  return ENS_OK;
}

static ens_status make_local(ens_cluster *cluster, ens_error *error) {
  ens_watch watch = {.timeout = cluster->config.watch.timeout,
                     .context = cluster,
                     .report = on_slow,
                     .asked = on_asked,
                     .building = on_building};
  return ens_pool_create(cluster->model, cluster->target[0].nworkers, &watch, &cluster->local, error);
}

ens_status ens_cluster_create(ens_ranks *ranks, ens_model *model, const ens_cluster_config *config, ens_evaluator **out,
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
  ens_cluster *cluster = calloc(1, sizeof *cluster);
  if (!cluster) return ens_error_memory(error);
  *cluster = (ens_cluster){.base.ops = &ops,
                           .member.handlers = handlers,
                           .ranks = ranks,
                           .model = model,
                           .config = *config,
                           .last_finished = &cluster->finished};
  ens_ranks_enter(ranks, &cluster->member);
  ens_status status = make_targets(cluster, error);
  if (!status) status = send_model(cluster, error);
  if (!status) status = make_local(cluster, error);
  if (!status) status = wait_until_ready(cluster, error);
  if (status) {
    destroy(&cluster->base);
    return status;
  }
  *out = &cluster->base;
  return ENS_OK;
}
