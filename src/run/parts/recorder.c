/* take_step receives each step of the sampler; everything else changes which steps are kept. */
#include "run/parts/recorder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the sampler's sink ---- */

static ens_status record(ens_recorder *recorder, const ens_step *step, ens_error *error) {
  for (size_t k = 0; k < recorder->nwalkers; k++) recorder->naccepted[k] += step->accepted[k];
  ens_moves_count(&recorder->moves, step->imove, step->accepted, recorder->nwalkers);
  ens_convergence_step(&recorder->convergence, step->coords, step->log_prob, step->accepted);
  recorder->hooks.recorded(recorder->hooks.context, step);
  return recorder->chain->ops->step(recorder->chain, step, error);
}

static ens_status take_step(ens_sink *sink, const ens_step *step, ens_error *error) {
  ens_recorder *recorder = (ens_recorder *)sink;
  while (atomic_load_explicit(recorder->halted, memory_order_relaxed)) pause();
  if (step->index <= recorder->tune)
    return recorder->hooks.tuned(recorder->hooks.context, step, step->index == recorder->tune, error);
  if (step->index - recorder->kept_at < recorder->thin_by) return ENS_OK;
  recorder->kept_at = step->index;
  recorder->kept++;
  ens_step kept = *step;
  kept.index = ens_recorder_steps(recorder);
  ens_status status = ens_recorder_is_on(recorder) ? record(recorder, &kept, error) : ENS_OK;
  if (status) return status;
  recorder->hooks.kept(recorder->hooks.context, &kept);
  return ens_recorder_has_ended(recorder) ? ENS_ENOUGH : ENS_OK;
}

/* ---- making ---- */

ens_status ens_recorder_create(ens_recorder *recorder, const ens_recorder_options *options, ens_error *error) {
  static const ens_sink_ops ops = {take_step};
  ens_convergence_shape shape = {options->nwalkers, options->ndim, options->domain};
  *recorder = (ens_recorder){.sink = {.ops = &ops},
                             .nwalkers = options->nwalkers,
                             .tune = options->tune,
                             .hooks = options->hooks,
                             .halted = options->halted,
                             .thin_by = options->thin_by,
                             .kept_at = options->tune,
                             .recorded = UINT64_MAX};
  recorder->naccepted = calloc(options->nwalkers, sizeof *recorder->naccepted);
  if (!recorder->naccepted) return ens_error_memory(error);
  if (options->in_memory) {
    recorder->memory = ens_memory_chain_create(options->nwalkers, options->ndim, options->ncells);
    if (!recorder->memory) return ens_error_memory(error);
    recorder->chain = ens_memory_chain_sink(recorder->memory);
  }
  ens_status status = ens_moves_create(options->nmoves, &recorder->moves, error);
  return status ? status : ens_convergence_create(options->until, &shape, &recorder->convergence, error);
}

void ens_recorder_free(ens_recorder *recorder) {
  ens_memory_chain_destroy(recorder->memory);
  ens_convergence_free(&recorder->convergence);
  ens_moves_free(&recorder->moves);
  free(recorder->naccepted);
  *recorder = (ens_recorder){0};
}

/* ---- which steps are kept ---- */

void ens_recorder_restore(ens_recorder *recorder, uint64_t kept, const uint64_t *naccepted) {
  recorder->kept = kept;
  recorder->kept_at = recorder->tune + kept * recorder->thin_by;
  if (naccepted) memcpy(recorder->naccepted, naccepted, recorder->nwalkers * sizeof *naccepted);
}

void ens_recorder_reset(ens_recorder *recorder) {
  recorder->hidden = recorder->kept;
  recorder->recorded = UINT64_MAX;
  memset(recorder->naccepted, 0, recorder->nwalkers * sizeof *recorder->naccepted);
  ens_moves_reset(&recorder->moves);
  ens_convergence_reset(&recorder->convergence);
  ens_memory_chain_reset(recorder->memory);
}

void ens_recorder_record(ens_recorder *recorder, bool on) {
  if (on == ens_recorder_is_on(recorder)) return;
  if (on) recorder->hidden = recorder->kept - recorder->recorded;
  recorder->recorded = on ? UINT64_MAX : ens_recorder_steps(recorder);
}

bool ens_recorder_is_on(const ens_recorder *recorder) {
  return recorder->recorded == UINT64_MAX;
}

uint64_t ens_recorder_steps(const ens_recorder *recorder) {
  return recorder->kept - recorder->hidden;
}

uint64_t ens_recorder_sampler_step(const ens_recorder *recorder, uint64_t kept) {
  uint64_t more = kept - ens_recorder_steps(recorder);
  uint64_t most = (UINT64_MAX / 2 - recorder->kept_at) / recorder->thin_by;
  return recorder->kept_at + (more < most ? more : most) * recorder->thin_by;
}

bool ens_recorder_has_ended(const ens_recorder *recorder) {
  return recorder->heeds && recorder->convergence.reached;
}

bool ens_recorder_falls_short(const ens_recorder *recorder) {
  return recorder->heeds && recorder->convergence.monitor && !recorder->convergence.reached;
}

/* ---- counts ---- */

double ens_recorder_acceptance(const ens_recorder *recorder) {
  uint64_t sum = 0, steps = ens_recorder_is_on(recorder) ? ens_recorder_steps(recorder) : recorder->recorded;
  for (size_t k = 0; k < recorder->nwalkers; k++) sum += recorder->naccepted[k];
  return steps ? (double)sum / (double)steps / (double)recorder->nwalkers : NAN;
}

ens_summary_acceptance ens_recorder_judge(const ens_recorder *recorder, uint64_t steps) {
  return ens_moves_judge(&recorder->moves, steps, recorder->naccepted, recorder->nwalkers);
}

ens_status ens_recorder_count_chain(ens_recorder *recorder, ens_chain *chain, ens_error *error) {
  enum { BLOCK = 256 };
  size_t n = recorder->nwalkers;
  uint8_t *flags = malloc(BLOCK * n);
  ens_status status = flags ? ENS_OK : ens_error_memory(error);
  memset(recorder->naccepted, 0, n * sizeof *recorder->naccepted);
  for (uint64_t at = 0; !status && at < chain->nsteps; at += BLOCK) {
    size_t count = chain->nsteps - at < BLOCK ? (size_t)(chain->nsteps - at) : BLOCK;
    status = ens_chain_read(chain, &(ens_chain_steps){.start = at, .count = count, .accepted = flags}, error);
    for (size_t i = 0; !status && i < count * n; i++) recorder->naccepted[i % n] += flags[i];
  }
  free(flags);
  return status;
}
