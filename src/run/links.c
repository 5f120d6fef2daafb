/* Tables of functions, one for each part that must reach another, and the creation of the parts in their order. */
#include "run/links.h"

#include <stdlib.h>
#include <string.h>

#include "run/difference.h"
#include "run/identity.h"
#include "run/status.h"

/* ---- counts ---- */

ens_sampler_counts ens_links_count(const ens_run *run) {
  ens_sampler_counts counts = run->archive.before;
  if (!run->sampler) return counts;
  ens_sampler_counts now = ens_sampler_count(run->sampler);
  counts.evaluations += now.evaluations;
  counts.errors += now.errors;
  counts.nans += now.nans;
  return counts;
}

void ens_links_send_counts(ens_run *run) {
  const ens_convergence *convergence = &run->recorder.convergence;
  ens_sampler_counts counts = ens_links_count(run);
  ens_store_counts out = {
      .tau = convergence->monitor ? ens_convergence_tau(convergence) : ens_supervisor_tau(&run->supervisor),
      .ess = ens_convergence_ess(convergence),
      .evaluations = counts.evaluations,
      .errors = counts.errors,
      .nans = counts.nans,
      .wall_s = ens_supervisor_wall(&run->supervisor)};
  ens_evaluator_stats *worker = ens_workers_stats(&run->workers, &out.model_s);
  out.worker = worker;
  out.nworkers = worker ? ens_workers_count(&run->workers) : 0;
  ens_archive_set_counts(&run->archive, &out);
  free(worker);
}

/* ---- from the recorder ---- */

/* The chain does not have the steps of the tuning. The next commit saves the scales that the moves have learnt. */
static ens_status on_tuned(void *context, const ens_step *step, bool last, ens_error *error) {
  ens_run *run = context;
  ens_supervisor_tuned(&run->supervisor, step->index, run->config.sampling.tune);
  if (!run->archive.store) return ENS_OK;
  size_t n;
  double *learnt = (double *)ens_sampler_tuning(run->sampler, &n);
  ens_store_checkpoint state = {.coords = (double *)step->coords,
                                .log_prob = (double *)step->log_prob,
                                .blobs = (double *)step->blobs,
                                .nmove_state = n,
                                .move_state = learnt};
  ens_status status = ens_store_put_tuning(run->archive.store, &state, last ? error : NULL);
  return status && last ? ENS_MEMORY : ENS_OK; /* only the last state has to be saved */
}

static void look(ens_run *run, const ens_step *step) {
  ens_advice_early early = {.nwalkers = run->recorder.nwalkers,
                            .steps = step->index,
                            .accepted = run->recorder.naccepted,
                            .log_prob = step->log_prob,
                            .judged = ens_recorder_judge(&run->recorder, step->index)};
  ens_supervisor_look(&run->supervisor, &early);
}

/* Evaluations after the last commit are lost if the process is killed, and made again. So each step is sent with the
 * counts of its time. Those of the workers may be a millisecond old. */
static void send_step_counts(ens_run *run) {
  if (ens_supervisor_is_due(&run->supervisor)) {
    ens_links_send_counts(run);
    return;
  }
  ens_sampler_counts counts = ens_links_count(run);
  ens_store_set_totals(run->archive.store, counts.evaluations, counts.errors, counts.nans);
}

static void on_recorded(void *context, const ens_step *step) {
  ens_run *run = context;
  if (ens_supervisor_is_look(&run->supervisor, step->index)) look(run, step);
  if (run->archive.store) send_step_counts(run);
}

static void on_kept(void *context, const ens_step *step) {
  ens_run *run = context;
  ens_supervisor_kept(&run->supervisor, step);
}

static ens_recorder_hooks recorder_hooks(ens_run *run) {
  return (ens_recorder_hooks){.context = run, .tuned = on_tuned, .recorded = on_recorded, .kept = on_kept};
}

/* ---- from the supervisor ---- */

static ens_sampler_counts count(void *context) {
  const ens_run *run = context;
  return ens_sampler_count(run->sampler);
}

static uint64_t evaluations(void *context) {
  return ens_links_count(context).evaluations;
}

static void show_status(void *context) {
  ens_run *run = context;
  ens_run_info info;
  ens_run_status status = {.first = run->archive.checkpoint.step,
                           .target = ens_archive_target(&run->archive),
                           .output = run->config.output.path,
                           .committed = run->archive.store ? ens_archive_committed(&run->archive) : 0};
  if (ens_run_describe(run, &info, NULL)) return;
  ens_run_status_show(&info, &status);
  ens_run_info_free(&info);
}

static bool is_saving(void *context) {
  const ens_run *run = context;
  return run->archive.store != NULL;
}

static void send_counts(void *context) {
  ens_links_send_counts(context);
}

static void flush(void *context) {
  const ens_run *run = context;
  ens_store_flush(run->archive.store, NULL);
}

static uint64_t committed(void *context) {
  const ens_run *run = context;
  return ens_archive_committed(&run->archive);
}

static void add_to_log(void *context, const char *level, const char *message) {
  ens_run *run = context;
  ens_archive_log(&run->archive, level, message);
}

static void close_failed(void *context) {
  ens_run *run = context;
  ens_archive_abandon(&run->archive);
}

static ens_supervisor_links supervisor_links(ens_run *run) {
  return (ens_supervisor_links){.context = run,
                                .count = count,
                                .evaluations = evaluations,
                                .show_status = show_status,
                                .is_saving = is_saving,
                                .send_counts = send_counts,
                                .flush = flush,
                                .committed = committed,
                                .log = add_to_log,
                                .close = close_failed};
}

/* ---- from the archive ---- */

static ens_status compare(void *context, const ens_store_record *stored, char **forced, ens_error *error) {
  const ens_run *run = context;
  ens_store_record wanted;
  ens_status status = ens_identity_make(&run->config, run->model, &wanted, error);
  if (status) return status;
  ens_difference difference = {
      .stored = stored, .wanted = &wanted, .path = run->config.output.path, .model = run->model};
  status = ens_difference_check(&difference, forced, error);
  ens_identity_clear(&wanted);
  return status;
}

/* ---- making the parts ---- */

static ens_status make_recorder(ens_run *run, ens_error *error) {
  const ens_run_config_sampling *sampling = &run->config.sampling;
  ens_recorder_options options = {.nwalkers = sampling->nwalkers,
                                  .ndim = run->model->ndim,
                                  .ncells = run->model->blobs.ncells,
                                  .thin_by = sampling->thin_by,
                                  .tune = sampling->tune,
                                  .nmoves = sampling->nmoves,
                                  .until = &run->config.stopping.until,
                                  .domain = run->model->domain,
                                  .in_memory = !run->config.output.path,
                                  .hooks = recorder_hooks(run),
                                  .halted = &run->supervisor.abandoned};
  ens_status status = ens_recorder_create(&run->recorder, &options, error);
  for (size_t i = 0; !status && i < sampling->nmoves; i++) {
    const char *name = sampling->move[i].kind->name;
    ens_moves_set(&run->recorder.moves, i, name, strlen(name), sampling->move[i].weight);
  }
  return status;
}

static void make_supervisor(ens_run *run) {
  const ens_run_config *config = &run->config;
  ens_supervisor_options options = {.links = supervisor_links(run),
                                    .model = run->model,
                                    .nwalkers = config->sampling.nwalkers,
                                    .output = config->output.path,
                                    .progress = config->screen.progress,
                                    .quiet = config->screen.quiet,
                                    .rejects = config->sampling.on_error == ENS_POLICY_REJECT,
                                    .time_limit = config->stopping.time_limit,
                                    .ranks = ens_job_size()};
  ens_supervisor_init(&run->supervisor, &options);
}

static void make_workers(ens_run *run) {
  const ens_run_config_workers *config = &run->config.workers;
  run->workers.options = (ens_workers_options){.count = config->count,
                                               .given = config->given,
                                               .quiet = run->config.screen.quiet,
                                               .rank_timeout = config->rank_timeout,
                                               .watch = {.timeout = config->eval_timeout,
                                                         .context = &run->supervisor,
                                                         .report = ens_supervisor_slow,
                                                         .asked = ens_supervisor_asked},
                                               .lost = ens_supervisor_abandon};
}

static ens_status open_archive(ens_run *run, ens_error *error) {
  const ens_run_config_output *config = &run->config.output;
  ens_archive_options options = {.path = config->path,
                                 .never = config->resume == ENS_RESUME_NEVER,
                                 .must = config->resume == ENS_RESUME_MUST,
                                 .force = config->resume == ENS_RESUME_FORCE,
                                 .replayed = config->replayed,
                                 .base = config->base,
                                 .commit_every = config->commit_every,
                                 .journal = config->journal,
                                 .engine = run->config.origin.engine,
                                 .ranks = ens_job_size(),
                                 .compare = compare,
                                 .context = run};
  return ens_archive_open(&run->archive, &options, error);
}

ens_status ens_links_make(ens_run *run, ens_error *error) {
  make_supervisor(run);
  make_workers(run);
  ens_status status = make_recorder(run, error);
  return status ? status : open_archive(run, error);
}
