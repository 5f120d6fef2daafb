/* First the set-up of all memory for a configuration, then the parts of an update in their order: partners, proposal,
 * conclusion. */
#include "core/ensemble.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mixture.h"

/* More than 63 steps in progress gain nothing. A large ensemble keeps workers busy with fewer steps, and its ring
 * should fit into the caches. */
static size_t default_window(size_t nwalkers, size_t ndim, size_t ncells) {
  size_t bytes = nwalkers * (ndim + ncells + 2) * sizeof(double), nslots = 64;
  while (nslots > 8 && nslots * bytes > (size_t)4 << 20) nslots /= 2;
  return nslots - 1;
}

/* The ring must hold the window and the version before it. */
static size_t slots_for(size_t window) {
  size_t nslots = 2;
  while (nslots <= window) nslots *= 2;
  return nslots;
}

static ens_status check_weights(const ens_sampler_config *config, ens_error *error) {
  if (config->nsplits < 2 || config->nsplits > config->nwalkers)
    return ens_error_set(error, ENS_CONFIG, "nsplits is %zu: it must be from 2 to the number of walkers, %zu",
                         config->nsplits, config->nwalkers);
  double sum = 0;
  for (size_t i = 0; i < config->nmoves; i++) {
    if (!(config->weight[i] > 0) || isinf(config->weight[i]))
      return ens_error_set(error, ENS_CONFIG, "the weight of move %zu is %g: it must be above 0", i + 1,
                           config->weight[i]);
    sum += config->weight[i];
  }
  if (config->nmoves == 0) return ens_error_set(error, ENS_CONFIG, "moves: there must be at least one");
  if (isinf(sum))
    return ens_error_set(error, ENS_CONFIG, "the weights of the moves are too large: their sum is infinite");
  return ENS_OK;
}

static ens_status check_moves(const ens_sampler_config *config, size_t ndim, ens_error *error) {
  ens_status status = ENS_OK;
  for (size_t i = 0; !status && i < config->nmoves; i++)
    status = ens_move_check(config->move[i], config->nwalkers, config->nsplits, ndim, error);
  return status;
}

static size_t largest_complement(const ens_sampler_config *config) {
  return config->nwalkers - config->nwalkers / config->nsplits;
}

/* The greatest number of partners of any move, for the largest complement. */
static size_t most_partners(const ens_sampler_config *config) {
  size_t most = 1;
  for (size_t i = 0; i < config->nmoves; i++) {
    size_t n = config->move[i]->ops->npartners(config->move[i], largest_complement(config));
    if (n > most) most = n;
  }
  return most;
}

static size_t most_scratch(const ens_sampler_config *config, size_t ndim) {
  size_t most = 1;
  for (size_t i = 0; i < config->nmoves; i++) {
    const ens_move *move = config->move[i];
    size_t n = move->ops->scratch ? move->ops->scratch(move, largest_complement(config), ndim) : 0;
    if (n > most) most = n;
  }
  return most;
}

static size_t memory_of(const ens_move *move, size_t ndim) {
  return move->ops->memory ? move->ops->memory(move, ndim) : 0;
}

/* Allocates the state of updates with several evaluations, if a move has such updates. */
static bool make_memory(ens_ensemble *ensemble) {
  bool several = false;
  for (size_t i = 0; i < ensemble->nmoves; i++) {
    size_t n = memory_of(ensemble->move[i], ensemble->ndim);
    if (n > ensemble->queries.nmemory) ensemble->queries.nmemory = n;
    several = several || ensemble->move[i]->ops->judge;
  }
  if (!several) return true;
  ensemble->queries.memory =
      calloc(ensemble->nwalkers * ensemble->queries.nmemory + 1, sizeof *ensemble->queries.memory);
  ensemble->queries.pending = calloc(ensemble->nwalkers * ensemble->ndim, sizeof *ensemble->queries.pending);
  ensemble->queries.asked = calloc(ensemble->nwalkers, sizeof *ensemble->queries.asked);
  return ensemble->queries.memory && ensemble->queries.pending && ensemble->queries.asked;
}

static bool make_tuning(ens_ensemble *ensemble, uint64_t steps) {
  if (!ens_tuning_init(&ensemble->tuning, ensemble->nmoves, steps)) return false;
  if (!steps) return true;
  ensemble->lesson = calloc(ensemble->nslots * ensemble->nwalkers, sizeof *ensemble->lesson);
  return ensemble->lesson != NULL;
}

static bool copy_moves(ens_ensemble *ensemble, const ens_sampler_config *config) {
  size_t n = ensemble->nmoves = config->nmoves;
  ensemble->move = malloc(n * sizeof *ensemble->move);
  ensemble->cumulative = malloc(n * sizeof *ensemble->cumulative);
  if (!ensemble->move || !ensemble->cumulative) return false;
  for (size_t i = 0; i < n; i++) ensemble->move[i] = config->move[i];
  ens_mixture_cumulate(config->weight, n, ensemble->cumulative);
  return true;
}

static bool make_unwrapped(ens_ensemble *ensemble, size_t most) {
  if (!ensemble->domain || !ensemble->domain->any_periodic) return true;
  ensemble->unwrapped = malloc((1 + most) * ensemble->ndim * sizeof *ensemble->unwrapped);
  return ensemble->unwrapped != NULL;
}

static bool make_plans(ens_ensemble *ensemble, size_t nsets) {
  ensemble->plan = calloc(ensemble->nslots, sizeof *ensemble->plan);
  if (!ensemble->plan) return false;
  for (size_t i = 0; i < ensemble->nslots; i++)
    if (!ens_split_init(&ensemble->plan[i].split, ensemble->nwalkers, nsets)) return false;
  return true;
}

ens_status ens_ensemble_init(ens_ensemble *ensemble, const ens_sampler_config *config, size_t ndim, size_t ncells,
                             ens_error *error) {
  size_t n = config->nwalkers;
  *ensemble = (ens_ensemble){.nwalkers = n, .ndim = ndim, .ncells = ncells};
  ens_status status = check_weights(config, error);
  if (!status) status = check_moves(config, ndim, error);
  if (status) return status;
  size_t most = most_partners(config);
  ensemble->seed = config->seed;
  ensemble->randomize_split = config->randomize_split;
  ensemble->window = config->window ? config->window : default_window(n, ndim, ncells);
  ensemble->nslots = slots_for(ensemble->window);
  ensemble->stream = malloc(n * sizeof *ensemble->stream);
  ensemble->index = malloc(most * sizeof *ensemble->index);
  ensemble->partner = malloc(most * sizeof *ensemble->partner);
  ensemble->scratch = malloc(most_scratch(config, ndim) * sizeof *ensemble->scratch);
  ensemble->domain = config->domain;
  if (ensemble->stream && ensemble->index && ensemble->partner && ensemble->scratch && make_unwrapped(ensemble, most) &&
      copy_moves(ensemble, config) && make_plans(ensemble, config->nsplits) && make_memory(ensemble) &&
      make_tuning(ensemble, config->tune) && ens_state_init(&ensemble->state, ensemble->nslots, n, ndim, ncells) &&
      ens_schedule_init(&ensemble->schedule, n, config->nsplits, ensemble->nslots, most))
    return ENS_OK;
  ens_ensemble_free(ensemble);
  return ens_error_memory(error);
}

void ens_ensemble_free(ens_ensemble *ensemble) {
  free(ensemble->move);
  free(ensemble->cumulative);
  for (size_t i = 0; ensemble->plan && i < ensemble->nslots; i++) ens_split_free(&ensemble->plan[i].split);
  free(ensemble->plan);
  free(ensemble->stream);
  free(ensemble->index);
  free(ensemble->partner);
  free(ensemble->scratch);
  free(ensemble->queries.memory);
  free(ensemble->queries.pending);
  free(ensemble->queries.asked);
  free(ensemble->lesson);
  ens_tuning_free(&ensemble->tuning);
  free(ensemble->unwrapped);
  ens_state_free(&ensemble->state);
  ens_schedule_free(&ensemble->schedule);
  *ensemble = (ens_ensemble){0};
}

void ens_ensemble_use(ens_ensemble *ensemble, bool window, uint64_t base) {
  size_t nslots = window ? ensemble->nslots : 2;
  if (ensemble->state.mask == nslots - 1) return;
  ens_ensemble_step *from = ens_ensemble_plan(ensemble, base);
  ens_state_use(&ensemble->state, nslots, base);
  ens_ensemble_step *to = ens_ensemble_plan(ensemble, base), plan = *from;
  *from = *to;
  *to = plan;
}

void ens_ensemble_prepare(ens_ensemble *ensemble, uint64_t step) {
  ens_ensemble_step *plan = ens_ensemble_plan(ensemble, step);
  size_t i = plan->imove = ens_mixture_draw(ensemble->cumulative, ensemble->nmoves, ensemble->seed, step);
  plan->move = ensemble->move[i];
  plan->scale = ens_tuning_scale(&ensemble->tuning, step, i);
  plan->left = ensemble->nwalkers;
  ens_split_draw(&plan->split, ensemble->seed, step, ensemble->randomize_split);
}

static size_t complement_size(const ens_ensemble *ensemble, const ens_split *split, size_t set) {
  return ensemble->nwalkers - ens_split_size(split, set);
}

/* Begins the stream of the walker's update and draws its partners as indices into the complement, to ensemble->index.
 */
static inline __attribute__((always_inline)) void draw_indices(ens_ensemble *ensemble, const ens_move *move,
                                                               uint64_t step, uint32_t walker, size_t ncomplement) {
  ens_stream *stream = &ensemble->stream[walker];
  ens_stream_set(stream, ensemble->seed, step, walker, ENS_RNG_UPDATE);
  ens_stream_draw_block(stream);
  move->ops->partners(move, stream, ncomplement, ensemble->index);
  if (ensemble->queries.asked) ensemble->queries.asked[walker] = false;
}

void ens_ensemble_draw_partners(ens_ensemble *ensemble, uint64_t step, uint32_t walker) {
  const ens_ensemble_step *plan = ens_ensemble_plan(ensemble, step);
  const ens_split *split = &plan->split;
  ens_schedule *schedule = &ensemble->schedule;
  size_t set = split->set[walker], ncomplement = complement_size(ensemble, split, set);
  size_t n = plan->move->ops->npartners(plan->move, ncomplement), row = walker * schedule->max_partners;
  draw_indices(ensemble, plan->move, step, walker, ncomplement);
  for (size_t i = 0; i < n; i++) {
    uint32_t other = ens_split_complement(split, set, ensemble->index[i]);
    schedule->partner[row + i] = other;
    schedule->fresh[row + i] = split->set[other] < set;
  }
  schedule->npartners[walker] = (uint32_t)n;
}

static inline double *memory_at(const ens_ensemble *ensemble, uint32_t walker) {
  return ensemble->queries.memory ? ensemble->queries.memory + walker * ensemble->queries.nmemory : NULL;
}

static ens_move_context context_of(ens_ensemble *ensemble, const ens_ensemble_step *plan, uint64_t step,
                                   uint32_t walker) {
  return (ens_move_context){.ndim = ensemble->ndim,
                            .ncomplement = complement_size(ensemble, &plan->split, plan->split.set[walker]),
                            .seed = ensemble->seed,
                            .step = step,
                            .scale = plan->scale,
                            .scratch = ensemble->scratch,
                            .error = &ensemble->error,
                            .memory = memory_at(ensemble, walker)};
}

/* Moves the move's error to the item. Always false. */
static bool fail_item(ens_ensemble *ensemble, ens_block *block, size_t item) {
  block->outcome[item] = ENS_EVAL_ERROR;
  block->message[item] = strdup(ens_error_text(&ensemble->error));
  ens_error_clear(&ensemble->error);
  return false;
}

/* Finds the positions of the partners in the versions that the update reads. Returns their number. */
static inline size_t find_partners(ens_ensemble *ensemble, uint64_t step, uint32_t walker) {
  const ens_schedule *schedule = &ensemble->schedule;
  size_t row = walker * schedule->max_partners, n = schedule->npartners[walker];
  for (size_t i = 0; i < n; i++)
    ensemble->partner[i] =
        ens_state_coords(&ensemble->state, step - !schedule->fresh[row + i], schedule->partner[row + i]);
  return n;
}

static inline bool is_anchored(const ens_ensemble *ensemble, const ens_move *move, size_t npartners) {
  return ensemble->unwrapped && move->ops->anchored && npartners > 0;
}

/* The walker's position as the move sees it. If parameters are periodic, the n partners, and the walker of an anchored
 * move, are unwrapped to the short way round from the first partner. */
static inline const double *find_walker(ens_ensemble *ensemble, const ens_move *move, uint64_t step, uint32_t walker,
                                        size_t n) {
  const double *x = ens_state_coords(&ensemble->state, step - 1, walker);
  size_t ndim = ensemble->ndim;
  if (!ensemble->unwrapped) return x;
  for (size_t i = 1; i < n; i++) {
    double *out = ensemble->unwrapped + i * ndim;
    ens_domain_unwrap(ensemble->domain, ensemble->partner[0], ensemble->partner[i], out);
    ensemble->partner[i] = out;
  }
  if (!is_anchored(ensemble, move, n)) return x;
  ens_domain_unwrap(ensemble->domain, ensemble->partner[0], x, ensemble->unwrapped);
  return ensemble->unwrapped;
}

/* Wraps the item's proposal. False: it is outside the domain, and its log_prob is set to -inf. */
static bool enter_domain(const ens_ensemble *ensemble, const ens_move *move, size_t npartners, ens_block *block,
                         size_t item) {
  const ens_domain *domain = ensemble->domain;
  double *q = block->theta + item * ensemble->ndim;
  bool inside = !is_anchored(ensemble, move, npartners) || ens_domain_is_near(domain, ensemble->partner[0], q);
  ens_domain_wrap(domain, q);
  inside = inside && ens_domain_holds(domain, q);
  if (!inside) block->log_prob[item] = -INFINITY;
  return inside;
}

/* Appends a proposal from the positions in ensemble->partner. */
static inline __attribute__((always_inline)) bool propose(ens_ensemble *ensemble, const ens_move *move,
                                                          const ens_move_context *context, uint32_t walker,
                                                          ens_block *block) {
  size_t item = block->count++, n = context->npartners;
  double *q = block->theta + item * ensemble->ndim;
  block->step[item] = context->step;
  block->walker[item] = walker;
  if (ensemble->queries.asked && ensemble->queries.asked[walker]) {
    memcpy(q, ensemble->queries.pending + walker * ensemble->ndim, ensemble->ndim * sizeof *q);
  } else {
    ens_stream *stream = &ensemble->stream[walker];
    const double *x = find_walker(ensemble, move, context->step, walker, n);
    double factor = move->ops->propose(move, context, stream, x, ensemble->partner, q);
    if (!move->ops->judge) block->threshold[item] = log(ens_stream_uniform(stream)) - factor;
    if (ensemble->error.status) return fail_item(ensemble, block, item);
  }
  return !ensemble->domain || enter_domain(ensemble, move, n, block, item);
}

bool ens_ensemble_propose(ens_ensemble *ensemble, uint64_t step, uint32_t walker, ens_block *block) {
  const ens_ensemble_step *plan = ens_ensemble_plan(ensemble, step);
  ens_move_context context = context_of(ensemble, plan, step, walker);
  context.npartners = find_partners(ensemble, step, walker);
  return propose(ensemble, plan->move, &context, walker, block);
}

/* Draws the partners of a walker of `set` and finds their positions, without the schedule. */
static inline void see_partners(ens_ensemble *ensemble, const ens_ensemble_step *plan, const ens_move_context *context,
                                uint32_t walker, size_t set) {
  const ens_split *split = &plan->split;
  draw_indices(ensemble, plan->move, context->step, walker, context->ncomplement);
  for (size_t i = 0; i < context->npartners; i++) {
    uint32_t other = ens_split_complement(split, set, ensemble->index[i]);
    ensemble->partner[i] = ens_state_coords(&ensemble->state, context->step - (split->set[other] > set), other);
  }
}

bool ens_ensemble_propose_set(ens_ensemble *ensemble, uint64_t step, size_t *at, size_t last, ens_block *block) {
  const ens_ensemble_step *plan = ens_ensemble_plan(ensemble, step);
  const uint32_t *walker = plan->split.walker;
  ens_move_context context = context_of(ensemble, plan, step, walker[*at]);
  size_t set = plan->split.set[walker[*at]];
  context.npartners = plan->move->ops->npartners(plan->move, context.ncomplement);
  bool fine = true;
  while (fine && *at < last) {
    uint32_t k = walker[(*at)++];
    if (plan->move->ops->judge) { /* judge needs the partners again, from the schedule */
      ens_ensemble_draw_partners(ensemble, step, k);
      fine = ens_ensemble_propose(ensemble, step, k, block);
    } else {
      see_partners(ensemble, plan, &context, k, set);
      fine = propose(ensemble, plan->move, &context, k, block);
    }
  }
  return fine;
}

/* Rows are short: calling memcpy would cost more than copying. */
static inline void copy_row(double *to, const double *from, size_t n) {
  for (; n >= 4; n -= 4, to += 4, from += 4) memcpy(to, from, 4 * sizeof *to);
  if (n & 2) memcpy(to, from, 2 * sizeof *to);
  if (n & 1) to[n - 1] = from[n - 1];
}

/* Writes the walker's version after the step: item i if it was accepted, else its old state. An index selects the
 * source, because processors mispredict a branch here. */
static inline __attribute__((always_inline)) void write_version(const ens_state *state, const ens_block *block,
                                                                size_t i, size_t from, size_t to, bool accepted) {
  const double *const coords[] = {state->coords + from * state->ndim, block->theta + i * state->ndim};
  const double *const blobs[] = {state->blobs + from * state->ncells, block->blobs + i * state->ncells};
  const double log_prob[] = {state->log_prob[from], block->log_prob[i]};
  copy_row(state->coords + to * state->ndim, coords[accepted], state->ndim);
  if (state->ncells) copy_row(state->blobs + to * state->ncells, blobs[accepted], state->ncells);
  state->log_prob[to] = log_prob[accepted];
  state->accepted[to] = accepted;
}

static ens_verdict judge(ens_ensemble *ensemble, const ens_ensemble_step *plan, const ens_block *block, size_t i) {
  uint64_t step = block->step[i];
  uint32_t walker = block->walker[i];
  const ens_state *state = &ensemble->state;
  ens_move_context context = context_of(ensemble, plan, step, walker);
  size_t n = ensemble->unwrapped ? find_partners(ensemble, step, walker) : 0;
  ens_move_answer answer = {.x = find_walker(ensemble, plan->move, step, walker, n),
                            .q = block->theta + i * ensemble->ndim,
                            .log_prob_x = state->log_prob[ens_state_row(state, step - 1, walker)],
                            .log_prob_q = block->log_prob[i]};
  return plan->move->ops->judge(plan->move, &context, &ensemble->stream[walker], &answer,
                                ensemble->queries.pending + walker * ensemble->ndim);
}

/* Keeps an update's lesson for tuning. ens_ensemble_learn sums them in the order of the walkers. */
static void note_lesson(ens_ensemble *ensemble, const ens_ensemble_step *plan, uint64_t step, uint32_t walker,
                        bool accepted) {
  const ens_move *move = plan->move;
  if (!move->ops->lesson) return;
  size_t row = ens_state_row(&ensemble->state, step, walker);
  ens_move_context context = context_of(ensemble, plan, step, walker);
  ensemble->lesson[row] = move->ops->lesson(move, &context, accepted);
}

/* If both are -inf the difference is NaN and the proposal is rejected. From -inf to a finite value it is +inf:
 * accepted.
 */
static inline bool is_accepted(const ens_state *state, const ens_block *block, size_t i, size_t from) {
  return block->log_prob[i] - state->log_prob[from] > block->threshold[i];
}

static bool conclude(ens_ensemble *ensemble, const ens_ensemble_step *plan, const ens_block *block, size_t i) {
  const ens_state *state = &ensemble->state;
  uint64_t step = block->step[i];
  uint32_t walker = block->walker[i];
  size_t to = ens_state_row(state, step, walker), from = ens_state_row(state, step - 1, walker);
  ens_verdict verdict = plan->move->ops->judge               ? judge(ensemble, plan, block, i)
                        : is_accepted(state, block, i, from) ? ENS_MOVE_ACCEPTS
                                                             : ENS_MOVE_STAYS;
  if (verdict == ENS_MOVE_ASKS) return !(ensemble->queries.asked[walker] = true);
  write_version(state, block, i, from, to, verdict == ENS_MOVE_ACCEPTS);
  if (step <= ensemble->tuning.steps) note_lesson(ensemble, plan, step, walker, verdict == ENS_MOVE_ACCEPTS);
  return true;
}

/* The same as conclude for moves with one evaluation and without tuning: the inner loop of cheap models. `state` is a
 * copy, so that the compiler knows that no write through its pointers changes it. */
static void conclude_all(const ens_state state, const ens_block *block) {
  size_t to = ens_state_row(&state, block->step[0], 0), from = ens_state_row(&state, block->step[0] - 1, 0);
  for (size_t i = 0; i < block->count; i++) {
    uint32_t walker = block->walker[i];
    write_version(&state, block, i, from + walker, to + walker, is_accepted(&state, block, i, from + walker));
  }
}

bool ens_ensemble_conclude(ens_ensemble *ensemble, const ens_block *block, size_t i) {
  return conclude(ensemble, ens_ensemble_plan(ensemble, block->step[i]), block, i);
}

size_t ens_ensemble_conclude_block(ens_ensemble *ensemble, ens_block *block) {
  if (block->count == 0) return 0;
  const ens_ensemble_step *plan = ens_ensemble_plan(ensemble, block->step[0]);
  size_t asking = 0;
  if (!plan->move->ops->judge && block->step[0] > ensemble->tuning.steps) {
    conclude_all(ensemble->state, block);
    return 0;
  }
  for (size_t i = 0; i < block->count; i++)
    if (!conclude(ensemble, plan, block, i)) block->walker[asking++] = block->walker[i];
  return asking;
}

void ens_ensemble_learn(ens_ensemble *ensemble, uint64_t step) {
  if (step > ensemble->tuning.steps) return;
  const ens_ensemble_step *plan = ens_ensemble_plan(ensemble, step);
  const double *lesson = ensemble->lesson + ens_state_row(&ensemble->state, step, 0);
  double sum = 0;
  for (size_t k = 0; plan->move->ops->lesson && k < ensemble->nwalkers; k++) sum += lesson[k];
  ens_tuning_learn(&ensemble->tuning, step, plan->imove, sum / (double)ensemble->nwalkers);
}
