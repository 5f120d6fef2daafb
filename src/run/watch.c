/* What happens beside the sampling of a run: signals, the clock, the screen, the store's counters, and evaluations that
 * last. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process/process.h"
#include "report/readout.h"
#include "run/info.h"
#include "run/moves.h"
#include "run/parts.h"
#include "run/ranks.h"
#include "run/status.h"
#include "sys/clock.h"

static const double tick_seconds = 0.05, counts_seconds = 0.25, brief_seconds = 1e-3;
/* After a stop, until it is said that what is sampled is saved. */
static const double saved_seconds = 0.5;
/* How long evaluations may take until it is said what is waited for, and until it is said again. */
static const double patience_seconds = 2, remind_seconds = 30;

static double wall_now(const ens_run *run) {
  return run->wall_s + (run->entered > 0 ? ens_clock_now() - run->entered : 0);
}

ens_sampler_counts ens_run_counts(const ens_run *run) {
  ens_sampler_counts counts = run->before;
  if (!run->sampler) return counts;
  ens_sampler_counts now = ens_sampler_count(run->sampler);
  counts.evaluations += now.evaluations;
  counts.errors += now.errors;
  counts.nans += now.nans;
  return counts;
}

bool ens_run_is_recording(const ens_run *run) {
  return run->recorded == UINT64_MAX;
}

static double acceptance_of(const ens_run *run) {
  uint64_t sum = 0, steps = ens_run_is_recording(run) ? ens_run_steps(run) : run->recorded;
  for (size_t k = 0; k < run->config.nwalkers; k++) sum += run->naccepted[k];
  return steps ? (double)sum / (double)steps / (double)run->config.nwalkers : NAN;
}

size_t ens_run_workers(const ens_run *run) {
  return run->evaluator ? run->evaluator->ops->workers(run->evaluator) : run->config.workers * ens_run_ranks();
}

/* The caller frees what is returned; NULL: no workers yet, or no memory. */
static ens_evaluator_stats *worker_stats(const ens_run *run, double *model_s) {
  size_t n = ens_run_workers(run);
  ens_evaluator_stats *worker = run->evaluator ? calloc(n, sizeof *worker) : NULL;
  *model_s = 0;
  for (size_t i = 0; worker && i < n; i++) {
    run->evaluator->ops->stats(run->evaluator, i, &worker[i]);
    if (!*worker[i].host) memcpy(worker[i].host, ens_run_host(), sizeof worker[i].host);
    *model_s += worker[i].busy_s;
  }
  return worker;
}

void ens_run_tell_store(ens_run *run) {
  ens_sampler_counts counts = ens_run_counts(run);
  double shown = run->progress ? ens_progress_tau(run->progress) : run->tau;
  ens_store_counts out = {.tau = run->monitor ? ens_run_until_tau(run) : shown,
                          .ess = ens_run_until_ess(run),
                          .evaluations = counts.evaluations,
                          .errors = counts.errors,
                          .nans = counts.nans,
                          .wall_s = wall_now(run),
                          .base = run->config.base,
                          .target = run->target < ENS_RUN_ENDLESS ? run->target : 0};
  ens_evaluator_stats *worker = worker_stats(run, &out.model_s);
  out.worker = worker;
  out.nworkers = worker ? ens_run_workers(run) : 0;
  ens_store_set_counts(run->store, &out);
  free(worker);
}

/* A kill leaves what the last commit has: counts of its steps, since evaluations for later ones are lost and made
 * again. Of the workers those of the last millisecond may be missing. */
void ens_run_tell_step(ens_run *run) {
  double now = ens_clock_now();
  if (now >= run->next_step) {
    ens_run_tell_store(run);
    run->next_step = now + brief_seconds;
    return;
  }
  ens_sampler_counts counts = ens_run_counts(run);
  ens_store_set_totals(run->store, counts.evaluations, counts.errors, counts.nans);
}

/* SIGUSR2 is answered between evaluations; where one lasts, by the watcher: see ens_run_on_asked(). */
static void answer_status(ens_run *run) {
  if (!ens_process_status_wanted(NULL, true)) return;
  ens_run_info info;
  ens_run_status_extra extra = {.first = run->checkpoint.step,
                                .target = run->target < ENS_RUN_ENDLESS ? run->target : 0,
                                .output = run->config.output,
                                .committed = run->store ? ens_store_committed(run->store) : 0};
  if (ens_run_describe(run, &info, NULL)) return;
  ens_run_status_show(&info, &extra);
  ens_run_info_free(&info);
}

static bool is_out_of_time(const ens_run *run) {
  return run->config.time_limit > 0 && ens_process_seconds() >= run->config.time_limit;
}

static bool look_around(ens_run *run) {
  double now = ens_clock_now();
  bool soon = now < run->next_tick - tick_seconds + 1e-3;
  run->skip = soon ? (run->skip < 8 ? 2 * run->skip + 1 : 15) : 0;
  run->skipped = 0;
  if (now < run->next_tick) return false;
  run->next_tick = now + tick_seconds;
  answer_status(run);
  if (run->progress) ens_progress_tick(run->progress);
  if (run->store && run->next_step == 0 && now >= run->next_counts) { /* no step yet to tell them with */
    ens_run_tell_store(run);
    run->next_counts = now + counts_seconds;
  }
  return is_out_of_time(run);
}

/* Launchers give a job that was told to end a second or so, which evaluations in flight may outlast, those of a rank
 * that is dead in any case. That nothing is lost is told before. */
static bool save_for_stop(ens_run *run) {
  if (!run->store || ens_run_ranks() < 2 || run->saved_told) return true;
  double now = ens_clock_now();
  if (run->saved == 0) {
    ens_store_flush(run->store, NULL);
    run->saved = now;
  } else if (now >= run->saved + saved_seconds) {
    uint64_t committed = ens_store_committed(run->store);
    ens_process_note("stopping: %llu %s saved in %s; evaluations that were begun are waited for",
                     (unsigned long long)committed, committed == 1 ? "step is" : "steps are", run->config.output);
    run->saved_told = true;
  }
  return true;
}

/* Called once a step or wait: a fast model's steps take microseconds, so most calls look at the flag only. */
bool ens_run_poll(void *context) {
  ens_run *run = context;
  if (ens_process_stop_wanted()) return save_for_stop(run);
  if (run->skipped++ < run->skip) return false;
  return look_around(run);
}

/* The first ones are told: what, and in the second line where; then that the others are not. More of them go to the
 * store's log, whole: a run may reject millions. */
enum { TOLD = 3, LOGGED = 100 };

static void log_rejected(ens_run *run, const char *message) {
  run->rejected++;
  if (run->rejected <= LOGGED) ens_store_log(run->store, "warning", message);
  if (run->rejected == LOGGED + 1)
    ens_store_log(run->store, "warning", "further rejected evaluations of this session are counted and not logged");
}

void ens_run_on_rejected(void *context, const char *message) {
  ens_run *run = context;
  if (run->store) log_rejected(run, message);
  ens_sampler_counts counts = ens_sampler_count(run->sampler);
  uint64_t failures = counts.errors + counts.nans;
  if (run->config.quiet || failures > TOLD) return;
  size_t size = strcspn(message, "\n");
  if (message[size]) size += 1 + strcspn(message + size + 1, "\n");
  ens_process_note("rejected: %.*s%s", (int)size, message,
                   failures < TOLD ? "" : "\n  (further failures are counted and not told)");
}

void ens_run_log_rejected(ens_run *run) {
  char line[96];
  if (run->rejected <= LOGGED) return;
  snprintf(line, sizeof line, "%llu more evaluations were rejected in this session than the log has",
           (unsigned long long)(run->rejected - LOGGED));
  ens_store_log(run->store, "warning", line);
}

/* ---- evaluations that last ---- */

/* "m = 1, b = 2" for messages; cut off where it would be too long. */
static void print_theta(const ens_run *run, const double *theta, char *to, size_t size) {
  size_t at = 0;
  to[0] = '\0';
  for (size_t d = 0; d < run->model->ndim && at < size; d++) {
    int n = snprintf(to + at, size - at, "%s%s = %.17g", d ? ", " : "", run->model->parameters[d], theta[d]);
    at += n > 0 ? (size_t)n : 0;
  }
}

/* A thread that does not come back cannot be joined: what is sampled is saved, and the process ends here. */
void ens_run_abandon(ens_run *run, const char *why) {
  atomic_store(&run->abandoned, true);
  if (run->store) ens_process_remove_store(run->store);
  if (run->store) ens_store_close(run->store, ENS_RUN_FAILED, 1, NULL);
  ens_process_note("%s: the run ends%s%s", why, run->config.output ? "; every step so far is saved in " : "",
                   run->config.output ? run->config.output : "");
  ens_run_abort(1);
}

/* On the watcher's thread: what is waited for, after a stop was asked for or a status that nobody else answers. */
bool ens_run_on_asked(void *context) {
  ens_run *run = context;
  double now = ens_clock_now(), waited = 0;
  if (ens_process_status_wanted(&waited, false) && waited >= patience_seconds) {
    ens_process_status_wanted(NULL, true);
    ens_process_note("status: the run waits for evaluations");
    ens_process_tell_committed();
    return true;
  }
  if (!ens_process_stop_wanted() && !is_out_of_time(run)) return false;
  if (run->stop_told == 0) run->stop_told = now + patience_seconds;
  if (now < run->stop_told) return false;
  run->stop_told = now + remind_seconds;
  return true;
}

static const char *what_follows(const ens_run *run, const ens_slow *slow) {
  if (slow->what == ENS_SLOW_INTERRUPTED) return "; beyond eval_timeout, it is interrupted";
  if (slow->what == ENS_SLOW_ASKED && run->stop_told > 0)
    return "; the stop waits for it (SIGINT again leaves at once, with the steps that are saved)";
  return "";
}

void ens_run_tell_slow(const ens_run *run, const ens_slow *slow, const char *follows) {
  char theta[512], number[ENS_READOUT_SIZE], usual[ENS_READOUT_SIZE + 16] = "", rank[96] = "";
  ens_readout_time(slow->usual, number);
  if (slow->usual > 0) snprintf(usual, sizeof usual, " (usually %s)", number);
  ens_readout_number(slow->seconds, number);
  if (slow->host) snprintf(rank, sizeof rank, " of rank %u (host %s)", slow->rank, slow->host);
  if (slow->setup) {
    ens_process_note("worker %u%s is at its setup for %s s%s", slow->worker + 1, rank, number, follows);
    return;
  }
  print_theta(run, slow->theta, theta, sizeof theta);
  ens_process_note("worker %u%s is at one evaluation for %s s%s: step %llu, walker %lu: %s%s", slow->worker + 1, rank,
                   number, usual, (unsigned long long)slow->step, (unsigned long)slow->walker + 1, theta, follows);
}

void ens_run_on_slow(void *context, const ens_slow *slow) {
  ens_run *run = context;
  /* Where interrupted evaluations are let pass, a few are enough to know. */
  bool passes = slow->what == ENS_SLOW_INTERRUPTED && run->config.on_error == ENS_POLICY_REJECT;
  if (passes && atomic_fetch_add(&run->interruptions, 1) >= 3) return;
  ens_run_tell_slow(run, slow, what_follows(run, slow));
  if (slow->what == ENS_SLOW_STUCK) ens_run_abandon(run, "the evaluation does not end and cannot be interrupted");
}

/* ---- describing ---- */

static const char *status_name(const ens_run *run) {
  if (run->failed) return "failed";
  if (!run->begun) return "running";
  return ens_run_steps(run) >= run->target ? "finished" : run->finished ? "stopped" : "running";
}

static ens_status warn_of_walkers(ens_run *run, ens_run_info *info, ens_error *error) {
  ens_step step;
  ens_sampler_state(run->sampler, &step);
  info->judged = ens_run_moves_judged(run, info->steps);
  return ens_run_info_warn(info, run->naccepted, step.log_prob, error);
}

static ens_status copy_moves(const ens_run *run, ens_run_info *info, ens_error *error) {
  info->move = malloc(run->nmixed * sizeof *info->move);
  if (!info->move) return ens_error_memory(error);
  memcpy(info->move, run->mixed, run->nmixed * sizeof *info->move);
  info->nmoves = run->nmixed;
  return ENS_OK;
}

/* A stored run that is not gone on with is what its store says. */
ens_status ens_run_describe(ens_run *run, ens_run_info *out, ens_error *error) {
  if (!run->begun && run->stored_before) return ens_run_read_info(run->config.output, out, error);
  ens_sampler_counts counts = ens_run_counts(run);
  *out = (ens_run_info){.steps = ens_run_steps(run),
                        .seed = run->config.seed,
                        .evaluations = counts.evaluations,
                        .errors = counts.errors,
                        .nans = counts.nans,
                        .nwalkers = run->config.nwalkers,
                        .acceptance_fraction = run->begun ? acceptance_of(run) : NAN,
                        .wall_s = wall_now(run),
                        .workers = (unsigned)ens_run_workers(run),
                        .ranks = ens_run_ranks(),
                        .traffic = ens_run_count_traffic()};
  out->worker = worker_stats(run, &out->model_s);
  out->nworkers = out->worker ? ens_run_workers(run) : 0;
  ens_status status = run->begun ? warn_of_walkers(run, out, error) : ENS_OK;
  if (!status && run->nmixed && run->begun) status = copy_moves(run, out, error);
  if (status) {
    ens_run_info_free(out);
    return status;
  }
  return ens_run_info_name(out, run->model->ndim, run->model->parameters, status_name(run), run->config.engine,
                           ens_run_version(), error);
}
