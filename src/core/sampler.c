/* Runs the updates of the ensemble: inline, set by set, or pooled, along the dependency graph. Both give the same
 * states. */
#include "core/sampler.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ensemble.h"
#include "core/failure.h"
#include "core/pace.h"

/* Seconds between calls of poll while no block comes back. */
static const double poll_seconds = 0.1;

static const uint64_t NO_STEP = UINT64_MAX;

struct ens_sampler {
  ens_ensemble ensemble;
  ens_evaluator *evaluator;
  const ens_model *model;
  ens_sampler_config config;
  ens_sink *first_sink, **last_sink;
  uint64_t base;     /* the last emitted step: every walker is there */
  uint64_t prepared; /* the last step with drawn sets and move */
  uint64_t looked;   /* the limit at the last look at the parked walkers */
  bool ahead;        /* the schedule holds pending updates */
  uint64_t drain;    /* finish the updates up to this step, then go inline; NO_STEP: continue */
  bool stopping;     /* poll said stop */
  bool enough;       /* a sink wants no more steps */
  ens_block *spare;  /* unused blocks, linked */
  size_t in_flight, block_size;
  ens_pace pace;
  ens_failures failures;
  ens_sampler_counts counts;
  ens_error error; /* of a sink or of memory: ends the run */
};

ens_status ens_sampler_create(const ens_sampler_config *config, const ens_model *model, ens_evaluator *evaluator,
                              ens_sampler **out, ens_error *error) {
  ens_sampler *sampler = calloc(1, sizeof *sampler);
  if (!sampler) return ens_error_memory(error);
  ens_status status = ens_ensemble_init(&sampler->ensemble, config, model->ndim, model->blobs.ncells, error);
  if (status) {
    free(sampler);
    return status;
  }
  sampler->config = *config;
  sampler->evaluator = evaluator;
  sampler->model = model;
  sampler->last_sink = &sampler->first_sink;
  sampler->drain = NO_STEP;
  sampler->block_size = config->nwalkers < 64 ? config->nwalkers : 64;
  sampler->pace =
      ens_pace_start(evaluator->ops->capacity(evaluator) ? evaluator->ops->workers(evaluator) : 1, config->nwalkers);
  sampler->failures = (ens_failures){.config = &sampler->config, .model = model};
  *out = sampler;
  return ENS_OK;
}

void ens_sampler_add_sink(ens_sampler *sampler, ens_sink *sink) {
  sink->next = NULL;
  *sampler->last_sink = sink;
  sampler->last_sink = &sink->next;
}

/* ---- blocks ---- */

static ens_block *take_block(ens_sampler *sampler) {
  ens_block *block = sampler->spare;
  if (block)
    sampler->spare = block->next;
  else
    block = ens_block_create(sampler->block_size, sampler->model->ndim, sampler->model->blobs.ncells);
  if (!block) ens_error_memory(&sampler->error);
  return block;
}

static void give_block(ens_sampler *sampler, ens_block *block) {
  ens_block_clear(block);
  block->next = sampler->spare;
  sampler->spare = block;
}

/* Calls poll also after it said stop, because its owner wants to be called while evaluations in flight finish. */
static bool stop_wanted(ens_sampler *sampler) {
  if (sampler->config.poll && sampler->config.poll(sampler->config.context)) sampler->stopping = true;
  return sampler->stopping;
}

static void submit(ens_sampler *sampler, ens_block *block) {
  sampler->in_flight++;
  sampler->evaluator->ops->submit(sampler->evaluator, block);
}

/* Waits for at least one finished block and polls meanwhile. A stop, too, waits for the evaluations in flight. */
static ens_block *wait_blocks(ens_sampler *sampler) {
  ens_block *done;
  while (!(done = sampler->evaluator->ops->wait(sampler->evaluator, poll_seconds))) stop_wanted(sampler);
  for (ens_block *block = done; block; block = block->next) {
    sampler->in_flight--;
    ens_pace_cost(&sampler->pace, block->count, block->seconds);
  }
  return done;
}

static void evaluate_here(ens_sampler *sampler, ens_block *block) {
  sampler->evaluator->ops->evaluate(sampler->evaluator, block);
  ens_pace_cost(&sampler->pace, block->count, block->seconds);
}

/* ---- emitting ---- */

static void describe_step(ens_sampler *sampler, ens_step *out) {
  const ens_state *state = &sampler->ensemble.state;
  size_t row = ens_state_row(state, sampler->base, 0);
  *out = (ens_step){.index = sampler->base,
                    .coords = state->coords + row * state->ndim,
                    .log_prob = state->log_prob + row,
                    .blobs = state->ncells ? state->blobs + row * state->ncells : NULL,
                    .accepted = state->accepted + row,
                    .imove = ens_ensemble_plan(&sampler->ensemble, sampler->base)->imove};
}

/* Feeds the sinks in order. False: one failed, or wants no more steps. */
static bool feed_sinks(ens_sampler *sampler, const ens_step *step) {
  for (ens_sink *sink = sampler->first_sink; sink; sink = sink->next) {
    ens_status status = sink->ops->step(sink, step, &sampler->error);
    if (status < 0) return false;
    sampler->enough = sampler->enough || status == ENS_ENOUGH;
  }
  return !sampler->enough;
}

/* Emits the step after base, which every walker has reached. False as feed_sinks. */
static bool emit(ens_sampler *sampler) {
  sampler->base++;
  const uint8_t *accepted =
      sampler->ensemble.state.accepted + ens_state_row(&sampler->ensemble.state, sampler->base, 0);
  for (size_t k = 0; k < sampler->ensemble.nwalkers; k++) sampler->counts.accepted += accepted[k];
  sampler->counts.proposed += sampler->ensemble.nwalkers;
  ens_ensemble_learn(&sampler->ensemble, sampler->base);
  ens_step step;
  describe_step(sampler, &step);
  return feed_sinks(sampler, &step);
}

/* ---- inline: the sequential algorithm itself, a block at a time ---- */

/* True: item i did not fail, or the policy rejects its proposal. */
static bool take_failure(ens_sampler *sampler, ens_block *block, size_t i) {
  if (!block->outcome[i]) return true;
  const ens_split *split = &ens_ensemble_plan(&sampler->ensemble, block->step[i])->split;
  return ens_failures_pass(&sampler->failures, block, i, split, &sampler->counts);
}

/* Concludes a block. Walkers with another proposal come to the front of block->walker. Returns their number; 0 if an
 * item ends the run. */
static size_t conclude_block(ens_sampler *sampler, ens_block *block, bool *fine) {
  sampler->counts.evaluations += block->count;
  for (size_t i = 0; i < block->count; i++)
    if (!take_failure(sampler, block, i)) *fine = false;
  size_t asking = *fine ? ens_ensemble_conclude_block(&sampler->ensemble, block) : 0;
  ens_block_clear(block);
  return asking;
}

/* Concludes the last item, which needs no evaluation: it is outside the domain, or its move failed. Repeats that while
 * the update's next proposal needs none either. */
static void pass_over_last(ens_sampler *sampler, ens_block *block, bool *fine) {
  uint64_t step = block->step[block->count - 1];
  uint32_t walker = block->walker[block->count - 1];
  bool over = false, passes;
  do {
    passes = take_failure(sampler, block, block->count - 1);
    over = !passes || ens_ensemble_conclude(&sampler->ensemble, block, block->count - 1);
    *fine = *fine && passes;
    ens_block_drop_last(block);
  } while (!over && !ens_ensemble_propose(&sampler->ensemble, step, walker, block));
}

/* Updates walkers first .. last - 1 in the split's order. All are of one set, so none reads another. */
static bool update_here(ens_sampler *sampler, uint64_t step, size_t first, size_t last, ens_block *block) {
  bool fine = true;
  while (first < last)
    if (!ens_ensemble_propose_set(&sampler->ensemble, step, &first, last, block)) pass_over_last(sampler, block, &fine);
  while (block->count) {
    evaluate_here(sampler, block);
    size_t asking = conclude_block(sampler, block, &fine);
    for (size_t i = 0; i < asking; i++)
      if (!ens_ensemble_propose(&sampler->ensemble, step, block->walker[i], block))
        pass_over_last(sampler, block, &fine);
  }
  return fine;
}

static bool step_here(ens_sampler *sampler, ens_block *block) {
  uint64_t step = sampler->base + 1;
  ens_ensemble_prepare(&sampler->ensemble, step);
  const ens_split *split = &ens_ensemble_plan(&sampler->ensemble, step)->split;
  for (size_t set = 0; set < split->nsets; set++)
    for (size_t i = split->first[set]; i < split->first[set + 1];) {
      size_t last = split->first[set + 1];
      if (last - i > block->capacity) last = i + block->capacity;
      if (!update_here(sampler, step, i, last, block)) return false;
      i = last;
    }
  return emit(sampler);
}

/* Samples inline for one period of the pace at most. False: an update, memory or a sink failed. */
static bool advance_here(ens_sampler *sampler, uint64_t upto) {
  ens_block *block = take_block(sampler);
  ens_ensemble_use(&sampler->ensemble, false, sampler->base);
  double begun = sampler->config.now(), length = ens_pace_length(&sampler->pace), spent = 0;
  uint64_t before = sampler->base, evaluations = sampler->counts.evaluations;
  bool fine = block != NULL, alone = sampler->pace.nworkers <= 1;
  while (fine && sampler->base < upto && spent < length && !ens_pace_overdue(&sampler->pace) && !stop_wanted(sampler)) {
    fine = step_here(sampler, block);
    /* Reading the clock costs as much as an update: only after 8 steps, and only if there is a choice of modes. */
    if (!alone && (sampler->base - before) % 8 == 0) spent = sampler->config.now() - begun;
  }
  if (block) give_block(sampler, block);
  if (spent >= length || ens_pace_overdue(&sampler->pace))
    ens_pace_period(&sampler->pace, sampler->counts.evaluations - evaluations, spent);
  return fine;
}

/* ---- pooled: along the dependency graph ---- */

/* The last step whose updates may start: limited by the ring, the horizon, the known scales, a drain and a failure. */
static uint64_t start_limit(const ens_sampler *sampler, uint64_t horizon) {
  uint64_t limit = sampler->base + sampler->ensemble.window, tune = sampler->config.tune;
  if (sampler->base < tune && tune < limit) limit = tune;
  if (sampler->base < tune && sampler->base + ENS_TUNING_LAG < limit) limit = sampler->base + ENS_TUNING_LAG;
  if (horizon < limit) limit = horizon;
  if (sampler->drain < limit) limit = sampler->drain;
  return ens_failures_any(&sampler->failures) && sampler->failures.step < limit ? sampler->failures.step : limit;
}

/* Makes the walker's next update pending, or parks it until the window includes its step. */
static void look_ahead(ens_sampler *sampler, uint32_t walker, uint64_t limit) {
  ens_ensemble *ensemble = &sampler->ensemble;
  uint64_t step = ensemble->schedule.version[walker] + 1;
  if (step > limit) {
    ens_schedule_park(&ensemble->schedule, walker);
    return;
  }
  while (sampler->prepared < step) ens_ensemble_prepare(ensemble, ++sampler->prepared);
  ens_ensemble_draw_partners(ensemble, step, walker);
  ens_schedule_offer(&ensemble->schedule, walker, ens_ensemble_plan(ensemble, step)->split.set);
}

static void look_ahead_parked(ens_sampler *sampler, uint64_t limit) {
  sampler->looked = limit;
  const ens_schedule *schedule = &sampler->ensemble.schedule;
  uint32_t walker = ens_schedule_unpark(&sampler->ensemble.schedule), next;
  for (; walker != ENS_NO_WALKER; walker = next) {
    next = schedule->next[walker];
    look_ahead(sampler, walker, limit);
  }
}

static void look_ahead_all(ens_sampler *sampler, uint64_t limit) {
  sampler->looked = limit;
  ens_ensemble_use(&sampler->ensemble, true, sampler->base);
  ens_schedule_reset(&sampler->ensemble.schedule, sampler->base);
  sampler->prepared = sampler->base;
  for (uint32_t k = 0; k < sampler->ensemble.nwalkers; k++) look_ahead(sampler, k, limit);
  sampler->ahead = true;
}

static void offer_again(ens_sampler *sampler, uint32_t walker) {
  ens_ensemble *ensemble = &sampler->ensemble;
  uint64_t step = ensemble->schedule.version[walker] + 1;
  ens_schedule_offer(&ensemble->schedule, walker, ens_ensemble_plan(ensemble, step)->split.set);
}

/* Concludes the evaluated item i, and offers the updates that waited for its walker. */
static void conclude(ens_sampler *sampler, ens_block *block, size_t i, uint64_t horizon) {
  ens_ensemble *ensemble = &sampler->ensemble;
  ens_ensemble_step *plan = ens_ensemble_plan(ensemble, block->step[i]);
  uint32_t walker = block->walker[i], next;
  if (!take_failure(sampler, block, i)) return;
  if (!ens_ensemble_conclude(ensemble, block, i)) {
    ens_schedule_again(&ensemble->schedule, walker, plan->split.set);
    return;
  }
  plan->left--;
  uint32_t waiting = ens_schedule_finish(&ensemble->schedule, walker);
  for (; waiting != ENS_NO_WALKER; waiting = next) {
    next = ensemble->schedule.next[waiting];
    offer_again(sampler, waiting);
  }
  look_ahead(sampler, walker, start_limit(sampler, horizon));
}

static bool emit_finished(ens_sampler *sampler, uint64_t upto) {
  while (sampler->base < upto && sampler->base < sampler->prepared &&
         ens_ensemble_plan(&sampler->ensemble, sampler->base + 1)->left == 0)
    if (!emit(sampler)) return false;
  return true;
}

/* Appends a proposal. If it needs no evaluation, concludes it at once. */
static void propose(ens_sampler *sampler, uint32_t walker, ens_block *block, uint64_t horizon) {
  ens_ensemble *ensemble = &sampler->ensemble;
  if (ens_ensemble_propose(ensemble, ensemble->schedule.version[walker] + 1, walker, block)) return;
  conclude(sampler, block, block->count - 1, horizon);
  ens_block_drop_last(block);
}

/* Submits ready updates, up to step `limit`, until the workers have enough blocks. */
static void hand_out(ens_sampler *sampler, uint64_t limit, uint64_t horizon) {
  ens_ensemble *ensemble = &sampler->ensemble;
  size_t capacity = sampler->evaluator->ops->capacity(sampler->evaluator), size = ens_pace_block(&sampler->pace);
  if (size > sampler->block_size) size = sampler->block_size;
  while (sampler->in_flight < capacity && !sampler->error.status) {
    uint32_t walker;
    if (!ens_schedule_pop(&ensemble->schedule, limit, &walker)) return;
    ens_block *block = take_block(sampler);
    if (!block) return;
    do propose(sampler, walker, block, horizon);
    while (block->count < size && ens_schedule_pop(&ensemble->schedule, limit, &walker));
    if (block->count)
      submit(sampler, block);
    else
      give_block(sampler, block);
  }
}

static void take_in(ens_sampler *sampler, uint64_t horizon) {
  ens_block *block = wait_blocks(sampler), *next;
  for (; block; block = next) {
    next = block->next;
    sampler->counts.evaluations += block->count;
    for (size_t i = 0; i < block->count; i++) conclude(sampler, block, i, horizon);
    give_block(sampler, block);
  }
}

/* Takes back the blocks that no worker has started, so that a stop waits for one evaluation per worker, not for two. */
static void recall(ens_sampler *sampler) {
  const ens_evaluator_ops *ops = sampler->evaluator->ops;
  ens_block *block = sampler->in_flight && ops->recall ? ops->recall(sampler->evaluator) : NULL, *next;
  for (; block; block = next) {
    next = block->next;
    sampler->in_flight--;
    give_block(sampler, block);
  }
}

/* Waits for the evaluations in flight and forgets the updates after the last emitted step. */
static void settle(ens_sampler *sampler) {
  recall(sampler);
  while (sampler->in_flight) {
    ens_block *block = wait_blocks(sampler), *next;
    for (; block; block = next) {
      next = block->next;
      sampler->counts.evaluations += block->count;
      give_block(sampler, block);
    }
  }
  sampler->ahead = false;
  sampler->drain = NO_STEP;
}

/* Measures the pace. If the mode changes to inline, all walkers are first brought to a common step. */
static void keep_pace(ens_sampler *sampler, double *begun, uint64_t *before) {
  double spent = sampler->config.now() - *begun;
  if (sampler->drain != NO_STEP) return;
  if (spent < ens_pace_length(&sampler->pace) && !ens_pace_overdue(&sampler->pace)) return;
  ens_pace_period(&sampler->pace, sampler->counts.evaluations - *before, spent);
  *begun += spent;
  *before = sampler->counts.evaluations;
  if (!sampler->pace.pooled) sampler->drain = sampler->prepared;
  sampler->evaluator->ops->help(sampler->evaluator, ens_pace_helps(&sampler->pace));
}

/* Samples with workers until `upto`, until the mode has changed to inline, or until poll says stop. False as
 * advance_here. */
static bool advance_pooled(ens_sampler *sampler, uint64_t upto, uint64_t horizon) {
  double begun = sampler->config.now();
  uint64_t before = sampler->counts.evaluations;
  if (!sampler->ahead) look_ahead_all(sampler, start_limit(sampler, horizon));
  sampler->evaluator->ops->help(sampler->evaluator, ens_pace_helps(&sampler->pace));
  while (!stop_wanted(sampler)) {
    if (!emit_finished(sampler, upto)) return false;
    if (sampler->base == upto || sampler->base == sampler->drain) break;
    uint64_t limit = start_limit(sampler, horizon);
    if (limit != sampler->looked) look_ahead_parked(sampler, limit); /* else the window has not moved */
    hand_out(sampler, limit, horizon);
    /* With nothing in flight, either a failure has stopped every update that depends on it, or all proposals were
     * rejected without an evaluation. */
    if (sampler->in_flight == 0 && (sampler->error.status || ens_failures_any(&sampler->failures))) return false;
    if (sampler->in_flight) take_in(sampler, horizon);
    keep_pace(sampler, &begun, &before);
  }
  if (sampler->base == sampler->drain) {
    sampler->ahead = false;
    sampler->drain = NO_STEP;
  }
  return true;
}

/* ---- public ---- */

ens_status ens_sampler_advance(ens_sampler *sampler, uint64_t upto, uint64_t horizon, ens_error *error) {
  uint64_t far = horizon < upto ? upto : horizon;
  sampler->stopping = sampler->enough = false;
  bool fine = true;
  while (fine && sampler->base < upto && !stop_wanted(sampler))
    fine = sampler->ahead || sampler->pace.pooled ? advance_pooled(sampler, upto, far) : advance_here(sampler, upto);
  bool done = sampler->base == upto;
  if (!fine || !done || far == upto) settle(sampler);
  if (sampler->error.status) return ens_error_set(error, sampler->error.status, "%s", sampler->error.text);
  if (sampler->enough) return ENS_ENOUGH;
  if (!fine) return ens_failures_report(&sampler->failures, error);
  return done ? ENS_OK : ENS_STOPPED;
}

/* A running evaluation of positions. */
typedef struct survey {
  const ens_sampler_positions *at;
  size_t next; /* the first one not submitted */
  ens_failures failures;
} survey;

static void reject_position(const ens_sampler *sampler, const survey *s, size_t k) {
  const ens_blobs *blobs = &sampler->model->blobs;
  s->at->log_prob[k] = -INFINITY;
  ens_blobs_blank(blobs, s->at->blobs + k * blobs->ncells);
}

/* Fills the block with positions, except those outside the domain, which need no evaluation. False: none is left. */
static bool fill(const ens_sampler *sampler, survey *s, ens_block *block, size_t size) {
  const ens_domain *domain = sampler->config.domain;
  size_t ndim = block->ndim;
  for (; s->next < s->at->n && block->count < size; s->next++) {
    double *theta = block->theta + block->count * ndim;
    if (s->at->skip && s->at->skip[s->next]) continue;
    memcpy(theta, s->at->coords + s->next * ndim, ndim * sizeof *theta);
    if (domain) ens_domain_wrap(domain, theta);
    if (domain && !ens_domain_holds(domain, theta)) {
      reject_position(sampler, s, s->next);
      continue;
    }
    block->step[block->count] = s->at->step;
    block->walker[block->count++] = (uint32_t)s->next;
  }
  return block->count > 0;
}

static void collect(ens_sampler *sampler, survey *s, ens_block *block) {
  sampler->counts.evaluations += block->count;
  for (size_t i = 0; i < block->count; i++) {
    size_t k = block->walker[i];
    if (block->outcome[i]) {
      ens_failures_pass(&s->failures, block, i, NULL, &sampler->counts);
      reject_position(sampler, s, k);
      continue;
    }
    s->at->log_prob[k] = block->log_prob[i];
    if (block->ncells)
      memcpy(s->at->blobs + k * block->ncells, block->blobs + i * block->ncells, block->ncells * sizeof(double));
  }
  give_block(sampler, block);
}

static void collect_all(ens_sampler *sampler, survey *s, ens_block *block) {
  for (ens_block *following; block; block = following) {
    following = block->next;
    collect(sampler, s, block);
  }
}

static void survey_positions(ens_sampler *sampler, survey *s) {
  size_t capacity = sampler->evaluator->ops->capacity(sampler->evaluator);
  while (s->next < s->at->n && !sampler->error.status && !stop_wanted(sampler)) {
    size_t size = capacity ? ens_pace_block(&sampler->pace) : sampler->block_size;
    ens_block *block = take_block(sampler);
    if (!block) break;
    if (!fill(sampler, s, block, size < sampler->block_size ? size : sampler->block_size)) {
      give_block(sampler, block);
    } else if (!capacity) {
      evaluate_here(sampler, block);
      collect(sampler, s, block);
    } else {
      submit(sampler, block);
      if (sampler->in_flight >= capacity) collect_all(sampler, s, wait_blocks(sampler));
    }
  }
  if (s->next < s->at->n) recall(sampler);
  while (sampler->in_flight) collect_all(sampler, s, wait_blocks(sampler));
}

ens_status ens_sampler_evaluate(ens_sampler *sampler, const ens_sampler_positions *positions, ens_error *error) {
  survey s = {.at = positions,
              .failures = {.config = &sampler->config, .model = sampler->model, .strict = positions->strict}};
  sampler->stopping = false;
  settle(sampler);
  survey_positions(sampler, &s);
  ens_status status = s.next < positions->n ? ENS_STOPPED : ENS_OK;
  if (sampler->error.status) status = ens_error_set(error, sampler->error.status, "%s", sampler->error.text);
  if (ens_failures_any(&s.failures)) status = ens_failures_report(&s.failures, error);
  ens_failures_clear(&s.failures);
  return status;
}

void ens_sampler_restore(ens_sampler *sampler, uint64_t step, const double *coords, const double *log_prob,
                         const double *blobs) {
  const ens_state *state = &sampler->ensemble.state;
  settle(sampler);
  sampler->base = step;
  size_t row = ens_state_row(state, sampler->base, 0), n = state->nwalkers;
  memcpy(state->coords + row * state->ndim, coords, n * state->ndim * sizeof(double));
  memcpy(state->log_prob + row, log_prob, n * sizeof(double));
  memset(state->accepted + row, 0, n);
  if (state->ncells) memcpy(state->blobs + row * state->ncells, blobs, n * state->ncells * sizeof(double));
}

uint64_t ens_sampler_step(const ens_sampler *sampler) {
  return sampler->base;
}

const double *ens_sampler_tuning(const ens_sampler *sampler, size_t *n) {
  *n = sampler->ensemble.tuning.nstate;
  return sampler->ensemble.tuning.state;
}

ens_status ens_sampler_restore_tuning(ens_sampler *sampler, const double *state, size_t n, uint64_t *step,
                                      ens_error *error) {
  ens_tuning *tuning = &sampler->ensemble.tuning;
  if (!tuning->steps) return ENS_OK;
  if (!ens_tuning_restore(tuning, state, n))
    return ens_error_set(error, ENS_IO, "the stored state of tuning does not fit the moves");
  if (tuning->done < tuning->steps) *step = tuning->done;
  return ENS_OK;
}

double ens_sampler_scale(const ens_sampler *sampler, size_t move) {
  const ens_tuning *tuning = &sampler->ensemble.tuning;
  return tuning->done < tuning->steps ? NAN : ens_tuning_scale(tuning, tuning->steps + 1, move);
}

void ens_sampler_state(ens_sampler *sampler, ens_step *out) {
  describe_step(sampler, out);
}

ens_sampler_counts ens_sampler_count(const ens_sampler *sampler) {
  return sampler->counts;
}

void ens_sampler_destroy(ens_sampler *sampler) {
  if (!sampler) return;
  settle(sampler);
  for (ens_block *block = sampler->spare, *next; block; block = next) {
    next = block->next;
    ens_block_destroy(block);
  }
  ens_failures_clear(&sampler->failures);
  ens_error_clear(&sampler->error);
  ens_ensemble_free(&sampler->ensemble);
  free(sampler);
}
