/* The life cycle: create, begin at the first use, advance, finish, destroy. The parts do the work; links.c makes
 * them. */
#include "run/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "process/process.h"
#include "process/signals.h"
#include "run/identity.h"
#include "run/links.h"
#include "run/start.h"
#include "store/stored_chain.h"
#include "sys/clock.h"

static bool has_begun(const ens_run *run) {
  return run->phase >= ENS_RUN_BEGUN;
}

static bool is_over(const ens_run *run) {
  return run->phase == ENS_RUN_UNUSED || run->phase == ENS_RUN_OVER;
}

/* ---- making ---- */

/* A move that was made already changes hands. */
static ens_status make_move(ens_run_config_move *from, ens_move **out, ens_error *error) {
  if (!from->made) return ens_move_create(from->kind, from->value, out, error);
  *out = from->made;
  from->made = NULL;
  return ENS_OK;
}

static ens_status make_moves(ens_run *run, ens_error *error) {
  ens_run_config_sampling *sampling = &run->config.sampling;
  size_t n = sampling->nmoves;
  run->move = calloc(n, sizeof *run->move);
  run->weight = calloc(n, sizeof *run->weight);
  ens_status status = run->move && run->weight ? ENS_OK : ens_error_memory(error);
  for (size_t i = 0; !status && i < n; i++) {
    run->weight[i] = sampling->move[i].weight;
    status = make_move(&sampling->move[i], &run->move[i], error);
    if (!status) status = ens_move_check(run->move[i], sampling->nwalkers, sampling->nsplits, run->model->ndim, error);
  }
  return status;
}

/* Reads the stored steps that the monitor has not seen. */
static ens_status recall(ens_run *run, ens_error *error) {
  ens_convergence *convergence = &run->recorder.convergence;
  ens_chain *chain;
  if (!ens_convergence_lacks(convergence, run->archive.checkpoint.step)) return ENS_OK;
  ens_status status = ens_stored_chain_open(run->config.output.path, &chain, error);
  if (status) return status;
  status = ens_convergence_recall(convergence, chain, error);
  chain->ops->destroy(chain);
  return status;
}

/* Continues the counts after the steps that the archive has found. */
static ens_status recall_archive(ens_run *run, ens_error *error) {
  if (!run->config.output.path) return ENS_OK;
  ens_recorder_restore(&run->recorder, run->archive.checkpoint.step, NULL);
  return recall(run, error);
}

ens_status ens_run_create(ens_run_config *config, ens_model *model, ens_run **out, ens_error *error) {
  ens_run *run = calloc(1, sizeof *run);
  if (!run) {
    ens_run_config_free(config);
    return ens_error_memory(error);
  }
  run->config = *config;
  run->start = config->start;
  run->config.start = (ens_run_config_start){0};
  *config = (ens_run_config){0};
  run->model = model;
  run->model->seed = run->config.sampling.seed;
  ens_status status = make_moves(run, error);
  if (!status) status = ens_links_make(run, error);
  if (!status) status = recall_archive(run, error);
  if (status) {
    ens_run_destroy(run);
    return status;
  }
  ens_signals_catch();
  run->phase = ENS_RUN_READY;
  *out = run;
  return ENS_OK;
}

/* ---- beginning ---- */

static ens_sampler_config sampling_of(ens_run *run) {
  const ens_run_config_sampling *config = &run->config.sampling;
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
                              .context = &run->supervisor,
                              .now = ens_clock_now,
                              .poll = ens_supervisor_poll,
                              .rejected = ens_supervisor_reject};
}

static ens_run_start_plan plan_of(const ens_run *run) {
  return (ens_run_start_plan){.from = &run->start,
                              .model = run->model,
                              .seed = run->config.sampling.seed,
                              .nwalkers = run->config.sampling.nwalkers};
}

static ens_status make_sampler(ens_run *run, ens_error *error) {
  ens_sampler_config sampling = sampling_of(run);
  ens_status status = ens_workers_start(&run->workers, run->model, error);
  if (!status) status = ens_sampler_create(&sampling, run->model, run->workers.evaluator, &run->sampler, error);
  if (status)
    ens_workers_stop(&run->workers); /* another call may try again */
  else
    ens_sampler_add_sink(run->sampler, &run->recorder.sink);
  return status;
}

/* Stops the clock that ens_supervisor_enter started. */
static ens_status leave(ens_run *run, ens_status status) {
  ens_supervisor_leave(&run->supervisor);
  if (status < 0) run->failed = true;
  return status;
}

static ens_status create_archive(ens_run *run, ens_store_checkpoint *start, ens_error *error) {
  ens_store_record record;
  ens_status status = ens_identity_make(&run->config, run->model, &record, error);
  if (status) return status;
  start->naccepted = run->recorder.naccepted; /* lent */
  status = ens_archive_create(&run->archive, &record, start, (unsigned)ens_workers_count(&run->workers), error);
  start->naccepted = NULL;
  ens_identity_clear(&record);
  if (!status) run->recorder.chain = ens_store_sink(run->archive.store);
  return status;
}

/* Places the walkers at their start; the sampler's step stays. Creates the store if there is none yet. */
static ens_status start_anew(ens_run *run, ens_error *error) {
  ens_store_checkpoint start;
  ens_run_start_plan plan = plan_of(run);
  ens_status status = ens_run_start_evaluate(&plan, run->sampler, &start, error);
  if (!status)
    ens_sampler_restore(run->sampler, ens_sampler_step(run->sampler), start.coords, start.log_prob, start.blobs);
  if (!status && run->config.output.path && !run->archive.store) status = create_archive(run, &start, error);
  ens_store_checkpoint_free(&start);
  return status;
}

/* Counts the moves in the stored steps. */
static ens_status count_moves(ens_run *run, ens_error *error) {
  ens_moves_span span = {
      .seed = run->config.sampling.seed, .tune = run->config.sampling.tune, .thin_by = run->recorder.thin_by};
  ens_chain *chain;
  if (run->recorder.moves.n < 2) return ENS_OK;
  ens_status status = ens_stored_chain_open(run->config.output.path, &chain, error);
  if (status) return status;
  status = ens_moves_count_chain(&run->recorder.moves, chain, &span, error);
  chain->ops->destroy(chain);
  return status;
}

static ens_status resume(ens_run *run, ens_error *error) {
  ens_store_record record;
  ens_status status = ens_identity_make(&run->config, run->model, &record, error);
  if (status) return status;
  status = ens_archive_resume(&run->archive, &record, (unsigned)ens_workers_count(&run->workers), error);
  ens_identity_clear(&record);
  if (run->archive.store) run->recorder.chain = ens_store_sink(run->archive.store);
  /* Also after an error, so that the recorder never counts steps that the archive no longer has. */
  ens_recorder_restore(&run->recorder, run->archive.checkpoint.step, run->archive.checkpoint.naccepted);
  return status ? status : count_moves(run, error);
}

/* Places the walkers where the store's last session left them. */
static ens_status restore(ens_run *run, ens_error *error) {
  const ens_store_checkpoint *c = &run->archive.checkpoint;
  uint64_t step = run->recorder.kept_at;
  ens_status status = ENS_OK;
  if (c->move_state)
    status = ens_sampler_restore_tuning(run->sampler, c->move_state, c->nmove_state, &step, error);
  else if (run->config.sampling.tune && c->step == 0)
    step = 0; /* nothing is tuned yet */
  if (!status) ens_sampler_restore(run->sampler, step, c->coords, c->log_prob, c->blobs);
  return status;
}

/* Starts the workers, opens the store and places the walkers, when the first evaluation is needed. */
static ens_status begin(ens_run *run, ens_error *error) {
  if (has_begun(run)) return ENS_OK;
  ens_status status = run->sampler ? ENS_OK : make_sampler(run, error);
  if (status) {
    run->failed = true;
    return status;
  }
  if (run->archive.stored_before && !run->archive.store) status = resume(run, error);
  if (!status) status = recall(run, error);
  if (status) return status;
  ens_supervisor_enter(&run->supervisor);
  status = run->archive.checkpoint.coords ? restore(run, error) : start_anew(run, error);
  if (!status) run->phase = is_over(run) ? ENS_RUN_OVER : ENS_RUN_BEGUN; /* a finished run stays finished */
  return leave(run, status);
}

/* ---- advancing ---- */

static void show_progress(ens_run *run) {
  ens_convergence *convergence = &run->recorder.convergence;
  ens_supervisor_goal goal = {.total = ens_archive_target(&run->archive),
                              .done = ens_run_steps(run),
                              .thin_by = run->recorder.thin_by,
                              .waits = convergence->monitor ? ens_convergence_brief : NULL,
                              .waits_context = convergence};
  ens_supervisor_show(&run->supervisor, &goal);
}

/* A new run shows progress while the walkers are evaluated at their start, which may take long. If that fails, there is
 * no progress to report. */
static ens_status begin_shown(ens_run *run, ens_error *error) {
  if (has_begun(run) || run->archive.checkpoint.coords) return begin(run, error);
  show_progress(run);
  ens_status status = begin(run, error);
  if (status)
    ens_supervisor_drop(&run->supervisor);
  else
    ens_supervisor_started(&run->supervisor);
  return status;
}

/* Whether the stored run has its steps already. If it was killed between its last step and its end, it still has to be
 * finished. */
static bool has_nothing_left(const ens_run *run, uint64_t kept) {
  uint64_t steps = ens_run_steps(run);
  if (has_begun(run) || !run->archive.stored_before) return false;
  return kept < steps || (kept == steps && run->archive.settled);
}

static ens_status sample(ens_run *run, uint64_t kept, ens_error *error) {
  ens_supervisor_enter(&run->supervisor);
  ens_status status = ens_sampler_advance(run->sampler, ens_recorder_sampler_step(&run->recorder, kept),
                                          ens_recorder_sampler_step(&run->recorder, run->archive.target), error);
  leave(run, status);
  if (status != ENS_ENOUGH) return status;
  run->archive.target = ens_run_steps(run);
  return ENS_OK;
}

static uint64_t larger(uint64_t a, uint64_t b) {
  return a > b ? a : b;
}

ens_status ens_run_advance(ens_run *run, uint64_t kept, uint64_t horizon, bool heed, ens_error *error) {
  if (is_over(run)) return ens_error_set(error, ENS_CONFIG, "this run is over: its store is closed");
  run->recorder.heeds = heed;
  if (ens_recorder_has_ended(&run->recorder)) kept = horizon = ens_run_steps(run);
  run->archive.target = larger(kept, horizon); /* a new store records it */
  if (has_nothing_left(run, kept)) {
    ens_store_tidy(run->config.output.path);
    return ENS_OK;
  }
  ens_status status = begin_shown(run, error);
  if (status) return status;
  kept = larger(kept, ens_run_steps(run)); /* a stored run may have more steps already */
  run->archive.target = larger(kept, horizon);
  show_progress(run);
  status = sample(run, kept, error);
  bool done = ens_run_steps(run) >= run->archive.target;
  if (!status && !done) return ENS_OK;
  ens_supervisor_hide(&run->supervisor);
  if (run->archive.store) ens_links_send_counts(run);
  return status ? ens_archive_save(&run->archive, status, error) : ENS_OK;
}

/* ---- finishing ---- */

ens_status ens_run_finish(ens_run *run, ens_error *error) {
  bool begun = has_begun(run), complete = begun && ens_run_steps(run) >= run->archive.target;
  ens_supervisor_hide(&run->supervisor);
  if (run->phase != ENS_RUN_MAKING) run->phase = begun ? ENS_RUN_OVER : ENS_RUN_UNUSED;
  if (!run->archive.store) return ENS_OK;
  if (begun) ens_links_send_counts(run);
  ens_supervisor_log_rejected(&run->supervisor);
  if (run->failed) return ens_archive_close(&run->archive, ENS_RUN_FAILED, 1, error);
  if (!complete) return ens_archive_close(&run->archive, ENS_RUN_STOPPED, 75, error);
  int exit_status = ens_recorder_falls_short(&run->recorder) ? 3 : 0;
  return ens_archive_close(&run->archive, ENS_RUN_FINISHED, exit_status, error);
}

void ens_run_destroy(ens_run *run) {
  if (!run) return;
  ens_run_finish(run, NULL);
  if (run->phase != ENS_RUN_MAKING) ens_signals_release();
  ens_sampler_destroy(run->sampler);
  ens_workers_stop(&run->workers);
  ens_archive_free(&run->archive);
  ens_recorder_free(&run->recorder);
  for (size_t i = 0; run->move && i < run->config.sampling.nmoves; i++)
    if (run->move[i]) run->move[i]->ops->destroy(run->move[i]);
  free(run->move);
  free(run->weight);
  ens_run_config_free_start(&run->start);
  ens_run_config_free(&run->config);
  free(run);
}

/* ---- asking ---- */

uint64_t ens_run_steps(const ens_run *run) {
  return ens_recorder_steps(&run->recorder);
}

uint64_t ens_run_tuned(const ens_run *run) {
  size_t n;
  return has_begun(run) && run->config.sampling.tune ? (uint64_t)ens_sampler_tuning(run->sampler, &n)[0] : 0;
}

uint64_t ens_run_saved(const ens_run *run) {
  return ens_archive_committed(&run->archive);
}

void ens_run_judge(const ens_run *run, ens_run_verdict *out) {
  const ens_convergence *convergence = &run->recorder.convergence;
  *out = (ens_run_verdict){.asked = convergence->monitor != NULL, .reached = convergence->reached};
  out->steps = ens_convergence_describe(convergence, run->model->parameters, out->text, sizeof out->text);
}

ens_status ens_run_state(ens_run *run, ens_step *out, ens_error *error) {
  ens_status status = begin(run, error);
  if (status) return status;
  ens_sampler_state(run->sampler, out);
  out->index = ens_run_steps(run);
  return ENS_OK;
}

ens_status ens_run_chain(ens_run *run, ens_chain **out, ens_error *error) {
  if (!run->recorder.memory) return ens_archive_read(&run->archive, ens_run_steps(run), out, error);
  *out = ens_memory_chain_chain(run->recorder.memory);
  return ENS_OK;
}

ens_status ens_run_accepted(ens_run *run, const uint64_t **out, ens_error *error) {
  *out = run->recorder.naccepted;
  if (has_begun(run) || !run->archive.stored_before) return ENS_OK;
  ens_chain *chain;
  ens_status status = ens_run_chain(run, &chain, error);
  return status ? status : ens_recorder_count_chain(&run->recorder, chain, error);
}

/* ---- describing ---- */

static const char *status_name(const ens_run *run) {
  if (run->failed) return "failed";
  if (!has_begun(run)) return "running";
  return ens_run_steps(run) >= run->archive.target ? "finished" : is_over(run) ? "stopped" : "running";
}

static ens_status describe_walkers(ens_run *run, ens_run_info *info, ens_error *error) {
  ens_step step;
  ens_sampler_state(run->sampler, &step);
  info->acceptance_fraction = ens_recorder_acceptance(&run->recorder);
  info->judged = ens_recorder_judge(&run->recorder, info->steps);
  ens_status status = ens_run_info_warn(info, run->recorder.naccepted, step.log_prob, error);
  return status ? status : ens_moves_copy(&run->recorder.moves, &info->moves, error);
}

ens_status ens_run_describe(ens_run *run, ens_run_info *out, ens_error *error) {
  if (!has_begun(run) && run->archive.stored_before) return ens_run_info_read(run->config.output.path, out, error);
  ens_sampler_counts counts = ens_links_count(run);
  *out = (ens_run_info){.steps = ens_run_steps(run),
                        .seed = run->config.sampling.seed,
                        .evaluations = counts.evaluations,
                        .errors = counts.errors,
                        .nans = counts.nans,
                        .nwalkers = run->config.sampling.nwalkers,
                        .acceptance_fraction = NAN,
                        .wall_s = ens_supervisor_wall(&run->supervisor),
                        .workers = (unsigned)ens_workers_count(&run->workers),
                        .ranks = ens_job_size(),
                        .traffic = ens_job_count_traffic()};
  out->worker = ens_workers_stats(&run->workers, &out->model_s);
  out->nworkers = out->worker ? ens_workers_count(&run->workers) : 0;
  ens_status status = has_begun(run) ? describe_walkers(run, out, error) : ENS_OK;
  if (status) {
    ens_run_info_free(out);
    return status;
  }
  ens_run_info_names names = {.ndim = run->model->ndim,
                              .parameters = run->model->parameters,
                              .status = status_name(run),
                              .engine = run->config.origin.engine,
                              .version = ens_process_version()};
  return ens_run_info_name(out, &names, error);
}

/* ---- beside the chain ---- */

ens_status ens_run_compute(ens_run *run, size_t n, const double *positions, double *log_prob, double *blobs,
                           ens_error *error) {
  ens_status status = run->sampler ? ENS_OK : make_sampler(run, error);
  if (status) return status;
  ens_sampler_positions at = {
      .step = run->recorder.kept_at, .n = n, .coords = positions, .strict = true, .log_prob = log_prob, .blobs = blobs};
  ens_supervisor_enter(&run->supervisor);
  status = ens_sampler_evaluate(run->sampler, &at, error);
  ens_supervisor_leave(&run->supervisor); /* an error here does not fail the run */
  return status;
}

ens_status ens_run_inspect(ens_run *run, const ens_look_options *options, ens_look *out, ens_error *error) {
  ens_look_subject subject = {.start = plan_of(run),
                              .sampling = sampling_of(run),
                              .model = run->model,
                              .eval_timeout = run->config.workers.eval_timeout};
  return ens_look_take(&subject, options, out, error);
}

ens_status ens_run_test_moves(ens_run *run, const ens_invariance *test, ens_invariance_result *out, ens_error *error) {
  ens_sampler_config sampling = sampling_of(run);
  return ens_invariance_test(&sampling, test, out, error);
}

/* ---- changing ---- */

ens_status ens_run_reset(ens_run *run, ens_error *error) {
  if (run->config.output.path)
    return ens_error_set(error, ENS_CONFIG,
                         "reset: a stored chain cannot be forgotten: use a sampler without 'output' for steps "
                         "that you do not keep");
  if (!has_begun(run)) return ENS_OK;
  ens_recorder_reset(&run->recorder);
  ens_supervisor_hide(&run->supervisor);
  return ENS_OK;
}

ens_status ens_run_thin(ens_run *run, uint64_t thin_by, ens_error *error) {
  uint64_t now = run->recorder.thin_by;
  if (thin_by != now && run->config.output.path)
    return ens_error_set(error, ENS_CONFIG,
                         "thin_by is %llu, that of '%s' is %llu: a stored chain has one 'thin_by', given when the "
                         "sampler is made",
                         (unsigned long long)thin_by, run->config.output.path, (unsigned long long)now);
  run->recorder.thin_by = thin_by;
  return ENS_OK;
}

ens_status ens_run_record(ens_run *run, bool on, ens_error *error) {
  if (on == ens_recorder_is_on(&run->recorder)) return ENS_OK;
  if (!on && run->config.output.path)
    return ens_error_set(error, ENS_CONFIG,
                         "store is false, and the chain is stored in '%s', which must hold every step to be resumed: "
                         "use a sampler without 'output' for steps that you do not keep, or leave it out",
                         run->config.output.path);
  ens_recorder_record(&run->recorder, on);
  ens_supervisor_hide(&run->supervisor);
  return ENS_OK;
}

ens_status ens_run_restart(ens_run *run, ens_run_config_start *start, ens_error *error) {
  ens_run_config_free_start(&run->start);
  run->start = *start;
  *start = (ens_run_config_start){0};
  if (!has_begun(run)) return begin(run, error);
  ens_supervisor_enter(&run->supervisor);
  return leave(run, start_anew(run, error));
}
