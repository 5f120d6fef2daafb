#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/pool.h"
#include "process/process.h"
#include "run/moves.h"
#include "run/parts.h"
#include "run/ranks.h"
#include "store/stored_chain.h"
#include "sys/clock.h"

/* How often what the moves have learnt is saved. */

/* ---- the sampler's sink ---- */

static void count_move(ens_run_move_stats *move, const uint8_t *accepted, size_t nwalkers) {
  move->proposed += nwalkers;
  for (size_t k = 0; k < nwalkers; k++) move->accepted += accepted[k];
}

static ens_status record_step(ens_run *run, const ens_step *step, ens_error *error) {
  for (size_t k = 0; k < run->config.nwalkers; k++) run->naccepted[k] += step->accepted[k];
  if (run->nmixed) count_move(&run->mixed[step->imove], step->accepted, run->config.nwalkers);
  ens_run_until_step(run, step->coords, step->log_prob, step->accepted);
  ens_run_look(run, step);
  if (run->store) ens_run_tell_step(run);
  ens_sink *chain = run->store ? ens_store_sink(run->store) : ens_memory_chain_sink(run->memory);
  return chain->ops->step(chain, step, error);
}

/* A step of the tuning is no step of the chain. What was learnt goes into the next commit. */
static ens_status take_tuning(ens_run *run, const ens_step *step, ens_error *error) {
  bool last = step->index == run->config.tune;
  if (run->progress) ens_progress_tuned(run->progress, step->index, run->config.tune);
  if (!run->store) return ENS_OK;
  size_t n;
  double *learnt = (double *)ens_sampler_tuning(run->sampler, &n);
  ens_store_checkpoint state = {.coords = (double *)step->coords,
                                .log_prob = (double *)step->log_prob,
                                .blobs = (double *)step->blobs,
                                .nmove_state = n,
                                .move_state = learnt};
  return ens_store_put_tuning(run->store, &state, last ? error : NULL) && last ? ENS_MEMORY : ENS_OK;
}

static ens_status take_step(ens_sink *self, const ens_step *step, ens_error *error) {
  ens_run *run = (ens_run *)((char *)self - offsetof(ens_run, relay));
  while (atomic_load_explicit(&run->abandoned, memory_order_relaxed)) pause(); /* the store is being closed */
  if (step->index <= run->config.tune) return take_tuning(run, step, error);
  if (step->index - run->kept_at < run->thin_by) return ENS_OK;
  run->kept_at = step->index;
  run->kept++;
  ens_step shown = *step;
  shown.index = run->kept - run->hidden;
  ens_status status = ens_run_is_recording(run) ? record_step(run, &shown, error) : ENS_OK;
  if (!status && run->progress) {
    ens_sink *progress = ens_progress_sink(run->progress);
    status = progress->ops->step(progress, &shown, error);
  }
  return !status && run->heeds && run->converged ? ENS_ENOUGH : status;
}

/* ---- making ---- */

void ens_run_config_free(ens_run_config *config) {
  for (size_t i = 0; i < config->nmoves; i++)
    if (config->move[i].made) config->move[i].made->ops->destroy(config->move[i].made);
  free(config->move);
  free(config->start.center);
  free(config->start.spread);
  free(config->start.positions);
  free(config->output);
  free(config->journal);
  free(config->progress);
  free(config->folder);
  free(config->output_name);
  free(config->script_name);
  free(config->script);
  free(config->argv);
  *config = (ens_run_config){0};
}

/* One that was made already changes hands. */
static ens_status make_move(ens_run_move *from, ens_move **out, ens_error *error) {
  if (!from->made) return ens_move_create(from->kind, from->value, out, error);
  *out = from->made;
  from->made = NULL;
  return ENS_OK;
}

static ens_status make_moves(ens_run *run, ens_error *error) {
  size_t n = run->config.nmoves;
  run->move = calloc(n, sizeof *run->move);
  run->weight = calloc(n, sizeof *run->weight);
  run->naccepted = calloc(run->config.nwalkers, sizeof *run->naccepted);
  if (!run->move || !run->weight || !run->naccepted) return ens_error_memory(error);
  ens_status status = ens_run_moves_begin(&run->config, &run->nmixed, &run->mixed, error);
  for (size_t i = 0; !status && i < n; i++) {
    run->weight[i] = run->config.move[i].weight;
    status = make_move(&run->config.move[i], &run->move[i], error);
    if (!status)
      status = ens_move_check(run->move[i], run->config.nwalkers, run->config.nsplits, run->model->ndim, error);
  }
  return status;
}

ens_status ens_run_create(ens_run_config *config, ens_model *model, ens_run **out, ens_error *error) {
  static const ens_sink_ops relay_ops = {take_step};
  ens_run *run = calloc(1, sizeof *run);
  if (!run) {
    ens_run_config_free(config);
    return ens_error_memory(error);
  }
  run->config = *config;
  *config = (ens_run_config){0};
  run->model = model;
  run->model->seed = run->config.seed;
  run->relay.ops = &relay_ops;
  run->tau = NAN;
  run->thin_by = run->config.thin_by;
  run->kept_at = run->config.tune;
  run->recorded = UINT64_MAX;
  ens_status status = make_moves(run, error);
  if (!status) status = ens_run_until_begin(run, error);
  if (!status && run->config.output) status = ens_run_open_output(run, error);
  if (!status && !run->config.output) {
    run->memory = ens_memory_chain_create(run->config.nwalkers, model->ndim, model->blobs.ncells);
    if (!run->memory) status = ens_error_memory(error);
  }
  if (status) {
    run->failed = true;
    ens_run_destroy(run);
    return status;
  }
  ens_process_catch_signals();
  run->catching = true;
  *out = run;
  return ENS_OK;
}

ens_sampler_config ens_run_sampling(ens_run *run) {
  const ens_run_config *config = &run->config;
  return (ens_sampler_config){.nwalkers = config->nwalkers,
                              .seed = config->seed,
                              .nsplits = config->nsplits,
                              .tune = config->tune,
                              .randomize_split = config->randomize_split,
                              .nmoves = config->nmoves,
                              .move = run->move,
                              .weight = run->weight,
                              .domain = run->model->domain,
                              .on_error = config->on_error,
                              .on_nan = config->on_nan,
                              .max_errors = config->max_errors,
                              .context = run,
                              .now = ens_clock_now,
                              .poll = ens_run_poll,
                              .rejected = ens_run_on_rejected};
}

static ens_status make_sampler(ens_run *run, ens_error *error) {
  ens_sampler_config sampling = ens_run_sampling(run);
  ens_status status = ens_run_make_evaluator(run, error);
  if (!status) status = ens_sampler_create(&sampling, run->model, run->evaluator, &run->sampler, error);
  if (!status) ens_sampler_add_sink(run->sampler, &run->relay);
  return status;
}

/* The clock of the session's wall time runs from here to leave(). */
static void enter(ens_run *run) {
  run->entered = ens_clock_now();
}

static ens_status leave(ens_run *run, ens_status status) {
  run->wall_s += ens_clock_now() - run->entered;
  run->entered = 0;
  if (status < 0) run->failed = true;
  return status;
}

static ens_status restore_stored(ens_run *run, const ens_store_checkpoint *c, ens_error *error) {
  run->kept = c->step;
  uint64_t step = run->kept_at = run->config.tune + c->step * run->thin_by;
  ens_status status = ENS_OK;
  if (c->move_state)
    status = ens_sampler_restore_tuning(run->sampler, c->move_state, c->nmove_state, &step, error);
  else if (run->config.tune && c->step == 0)
    step = 0; /* the start */
  if (!status) ens_sampler_restore(run->sampler, step, c->coords, c->log_prob, c->blobs);
  return status;
}

/* Workers, the start, the store: once, when the first evaluation is asked for. */
static ens_status begin(ens_run *run, ens_error *error) {
  if (run->begun) return ENS_OK;
  if (!run->sampler) {
    ens_status status = make_sampler(run, error);
    if (status) {
      run->failed = true;
      return status;
    }
  }
  const ens_store_checkpoint *c = &run->checkpoint;
  ens_status status = run->stored_before && !run->store ? ens_run_resume_stored(run, error) : ENS_OK;
  if (!status) status = ens_run_until_recall(run, error);
  if (status) return status;
  enter(run);
  if (c->coords)
    status = restore_stored(run, c, error);
  else
    status = ens_run_start_anew(run, error);
  run->begun = status == ENS_OK;
  if (run->store) ens_process_add_store(run->store, run->config.output);
  return leave(run, status);
}

/* ---- going on ---- */

uint64_t ens_run_steps(const ens_run *run) {
  return run->begun ? run->kept - run->hidden : run->checkpoint.step;
}

uint64_t ens_run_tuned(const ens_run *run) {
  size_t n;
  return run->begun && run->config.tune ? (uint64_t)ens_sampler_tuning(run->sampler, &n)[0] : 0;
}

uint64_t ens_run_saved(const ens_run *run) {
  return run->store ? ens_store_committed(run->store) : run->checkpoint.step;
}

static void end_progress(ens_run *run) {
  if (!run->progress) return;
  run->tau = ens_progress_tau(run->progress);
  ens_progress_finish(run->progress);
  ens_progress_destroy(run->progress);
  run->progress = NULL;
}

static uint64_t evaluations_now(void *context) {
  return ens_run_counts(context).evaluations;
}

static void begin_progress(ens_run *run, uint64_t total) {
  if (total >= ENS_RUN_ENDLESS) total = 0;
  if (run->progress && run->progress_total == total) return;
  end_progress(run);
  ens_progress_options options = {.console = ens_process_console(),
                                  .total = total,
                                  .done = ens_run_steps(run),
                                  .nwalkers = run->config.nwalkers,
                                  .ndim = run->model->ndim,
                                  .domain = run->model->domain,
                                  .thin_by = run->thin_by,
                                  .evaluations = evaluations_now,
                                  .evaluations_context = run,
                                  .waits = run->monitor ? ens_run_until_brief : NULL,
                                  .waits_context = run};
  ens_progress_parse_mode(run->config.progress ? run->config.progress : "auto", &options.mode);
  if (options.console && options.mode != ENS_PROGRESS_NONE) run->progress = ens_progress_create(&options);
  run->progress_total = total;
}

/* The walkers of a new run are evaluated at their start before there are steps: where that lasts, it is seen. What
 * fails there has no progress to tell of. */
static ens_status begin_shown(ens_run *run, ens_error *error) {
  bool anew = !run->begun && !run->checkpoint.coords;
  if (anew) begin_progress(run, run->target);
  ens_status status = begin(run, error);
  if (anew && run->progress && status) {
    ens_progress_destroy(run->progress);
    run->progress = NULL;
  }
  if (anew && run->progress) ens_progress_started(run->progress);
  return status;
}

/* The sampler's step with which the chain has `kept` steps. */
static uint64_t sampler_step(const ens_run *run, uint64_t kept) {
  uint64_t more = kept - ens_run_steps(run), most = (UINT64_MAX / 2 - run->kept_at) / run->thin_by;
  return run->kept_at + (more < most ? more : most) * run->thin_by;
}

/* A run that was killed between its last step and its end has its steps, but nobody finished it: that is left to do. */
static bool has_nothing_left(const ens_run *run, uint64_t kept) {
  uint64_t steps = ens_run_steps(run);
  return !run->begun && run->stored_before && (kept < steps || (kept == steps && run->settled));
}

ens_status ens_run_advance(ens_run *run, uint64_t kept, uint64_t horizon, bool heed, ens_error *error) {
  if (run->finished) return ens_error_set(error, ENS_CONFIG, "this run is over: its store is closed");
  run->heeds = heed;
  if (heed && run->converged) kept = horizon = ens_run_steps(run);
  bool nothing_left = has_nothing_left(run, kept);
  run->target = kept > horizon ? kept : horizon; /* what begin() stores */
  ens_status status = nothing_left ? ENS_OK : begin_shown(run, error);
  if (nothing_left) ens_store_tidy(run->config.output);
  if (status || nothing_left) return status;
  if (kept < ens_run_steps(run)) kept = ens_run_steps(run); /* a stored run may have more than is asked for */
  run->target = horizon > kept ? horizon : kept;
  begin_progress(run, run->target);
  enter(run);
  status = ens_sampler_advance(run->sampler, sampler_step(run, kept), sampler_step(run, run->target), error);
  leave(run, status);
  if (status == ENS_ENOUGH) {
    run->target = ens_run_steps(run);
    status = ENS_OK;
  }
  bool done = ens_run_steps(run) >= run->target;
  if (status || done) end_progress(run);
  if (run->store && (status || done)) ens_run_tell_store(run);
  if (run->store && status) {
    if (status < 0) ens_store_log(run->store, "error", ens_error_text(error));
    ens_error saving = ENS_ERROR_NONE;
    ens_status saved = ens_store_flush(run->store, &saving);
    if (saved && status == ENS_STOPPED) status = saved, ens_error_move(error, &saving);
    ens_error_clear(&saving);
    run->saving_told = status == ENS_IO && ens_store_has_failed(run->store);
  }
  return status;
}

ens_status ens_run_state(ens_run *run, ens_step *out, ens_error *error) {
  ens_status status = begin(run, error);
  if (status) return status;
  ens_sampler_state(run->sampler, out);
  out->index = ens_run_steps(run);
  return ENS_OK;
}

ens_status ens_run_chain(ens_run *run, ens_chain **out, ens_error *error) {
  if (run->memory) {
    *out = ens_memory_chain_chain(run->memory);
    return ENS_OK;
  }
  ens_status status = run->store ? ens_store_flush(run->store, error) : ENS_OK;
  if (!status && (!run->stored || run->stored->nsteps != ens_run_steps(run))) {
    if (run->stored) run->stored->ops->destroy(run->stored);
    run->stored = NULL;
    status = ens_stored_chain_open(run->config.output, &run->stored, error);
  }
  *out = run->stored;
  return status;
}

/* Of a stored run that is not gone on with: the flags are counted. */
static ens_status count_accepted(ens_run *run, ens_error *error) {
  enum { BLOCK = 256 };
  ens_chain *chain;
  size_t n = run->config.nwalkers;
  ens_status status = ens_run_chain(run, &chain, error);
  uint8_t *flags = status ? NULL : malloc(BLOCK * n);
  if (!status && !flags) status = ens_error_memory(error);
  memset(run->naccepted, 0, n * sizeof *run->naccepted);
  for (uint64_t at = 0; !status && at < chain->nsteps; at += BLOCK) {
    size_t count = chain->nsteps - at < BLOCK ? (size_t)(chain->nsteps - at) : BLOCK;
    status = ens_chain_read(chain, &(ens_chain_steps){.start = at, .count = count, .accepted = flags}, error);
    for (size_t i = 0; !status && i < count * n; i++) run->naccepted[i % n] += flags[i];
  }
  free(flags);
  return status;
}

ens_status ens_run_accepted(ens_run *run, const uint64_t **out, ens_error *error) {
  *out = run->naccepted;
  return run->begun || !run->stored_before ? ENS_OK : count_accepted(run, error);
}

ens_status ens_run_compute(ens_run *run, size_t n, const double *positions, double *log_prob, double *blobs,
                           ens_error *error) {
  if (!run->sampler) {
    ens_status status = make_sampler(run, error);
    if (status) return status;
  }
  enter(run);
  ens_sampler_positions at = {
      .step = run->kept_at, .n = n, .coords = positions, .strict = true, .log_prob = log_prob, .blobs = blobs};
  ens_status status = ens_sampler_evaluate(run->sampler, &at, error);
  bool failed = run->failed;
  leave(run, status);
  run->failed = failed; /* of these positions, not of the run */
  return status;
}

ens_status ens_run_reset(ens_run *run, ens_error *error) {
  if (run->config.output)
    return ens_error_set(error, ENS_CONFIG,
                         "reset: a stored chain is kept: use a sampler without 'output' for steps "
                         "that are to be forgotten");
  if (!run->begun) return ENS_OK;
  run->hidden = run->kept;
  run->recorded = UINT64_MAX;
  memset(run->naccepted, 0, run->config.nwalkers * sizeof *run->naccepted);
  for (size_t i = 0; i < run->nmixed; i++) run->mixed[i].accepted = run->mixed[i].proposed = 0;
  ens_run_until_reset(run);
  ens_memory_chain_reset(run->memory);
  end_progress(run);
  return ENS_OK;
}

ens_status ens_run_thin(ens_run *run, uint64_t thin_by, ens_error *error) {
  if (thin_by == run->thin_by) return ENS_OK;
  if (run->config.output)
    return ens_error_set(error, ENS_CONFIG,
                         "thin_by is %llu, that of '%s' is %llu: a stored chain has one 'thin_by', given when the "
                         "sampler is made",
                         (unsigned long long)thin_by, run->config.output, (unsigned long long)run->thin_by);
  run->thin_by = thin_by;
  return ENS_OK;
}

ens_status ens_run_record(ens_run *run, bool on, ens_error *error) {
  if (on == ens_run_is_recording(run)) return ENS_OK;
  if (!on && run->config.output)
    return ens_error_set(error, ENS_CONFIG,
                         "store is false, and the chain is stored in '%s', which must hold every step to go on from: "
                         "use a sampler without 'output' for steps that are to be forgotten, or leave it out",
                         run->config.output);
  if (on) run->hidden = run->kept - run->recorded;
  run->recorded = on ? UINT64_MAX : ens_run_steps(run);
  end_progress(run);
  return ENS_OK;
}

ens_status ens_run_restart(ens_run *run, ens_run_start *start, ens_error *error) {
  free(run->config.start.center);
  free(run->config.start.spread);
  free(run->config.start.positions);
  run->config.start = *start;
  *start = (ens_run_start){0};
  if (!run->begun) return begin(run, error);
  enter(run);
  return leave(run, ens_run_start_anew(run, error));
}

ens_status ens_run_finish(ens_run *run, ens_error *error) {
  end_progress(run);
  run->finished = true;
  if (!run->store) return ENS_OK;
  if (run->sampler && run->begun) ens_run_tell_store(run);
  ens_run_log_rejected(run);
  bool complete = run->begun && ens_run_steps(run) >= run->target;
  ens_store *store = run->store;
  run->store = NULL;
  ens_process_remove_store(store);
  if (run->failed) {
    ens_status status = ens_store_close(store, ENS_RUN_FAILED, 1, run->saving_told ? NULL : error);
    return run->saving_told ? ENS_OK : status;
  }
  int exit_status = complete ? ens_run_until_ended(run) ? 3 : 0 : 75;
  return ens_store_close(store, complete ? ENS_RUN_FINISHED : ENS_RUN_STOPPED, exit_status, error);
}

void ens_run_destroy(ens_run *run) {
  if (!run) return;
  ens_run_finish(run, NULL);
  if (run->catching) ens_process_release_signals();
  ens_sampler_destroy(run->sampler);
  if (run->evaluator) run->evaluator->ops->destroy(run->evaluator);
  if (run->stored) run->stored->ops->destroy(run->stored);
  ens_memory_chain_destroy(run->memory);
  ens_monitor_destroy(run->monitor);
  ens_store_checkpoint_free(&run->checkpoint);
  for (size_t i = 0; run->move && i < run->config.nmoves; i++)
    if (run->move[i]) run->move[i]->ops->destroy(run->move[i]);
  free(run->move);
  free(run->weight);
  free(run->naccepted);
  free(run->mixed);
  free(run->forced);
  ens_run_config_free(&run->config);
  free(run);
}
