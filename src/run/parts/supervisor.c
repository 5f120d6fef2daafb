/* The clock of the session, the progress, and poll, which the sampler calls between blocks. */
#include "run/parts/supervisor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "process/job.h"
#include "process/process.h"
#include "process/signals.h"
#include "run/parts/slow.h"
#include "sys/clock.h"

/* Seconds between looks at the clock's duties, between counts without steps, and between counts with steps. */
static const double tick_seconds = 0.05, counts_seconds = 0.25, brief_seconds = 1e-3;
/* Seconds after a stop until a line says that the steps so far are saved. */
static const double saved_seconds = 0.5;
/* Seconds until a stop or a status reports the evaluations that it waits for, and between reminders. */
static const double patience_seconds = 2, remind_seconds = 30;
/* Kept steps at the first look at the walkers; each further look is at four times as many. */
enum { FIRST_LOOK = 256 };

void ens_supervisor_init(ens_supervisor *supervisor, const ens_supervisor_options *options) {
  *supervisor = (ens_supervisor){.options = *options, .tau = NAN, .next_look = FIRST_LOOK};
}

/* ---- the clock ---- */

void ens_supervisor_enter(ens_supervisor *supervisor) {
  supervisor->entered = ens_clock_now();
}

void ens_supervisor_leave(ens_supervisor *supervisor) {
  supervisor->wall_s += ens_clock_now() - supervisor->entered;
  supervisor->entered = 0;
}

double ens_supervisor_wall(const ens_supervisor *supervisor) {
  return supervisor->wall_s + (supervisor->entered > 0 ? ens_clock_now() - supervisor->entered : 0);
}

/* ---- the screen ---- */

void ens_supervisor_drop(ens_supervisor *supervisor) {
  ens_progress_destroy(supervisor->progress);
  supervisor->progress = NULL;
}

void ens_supervisor_hide(ens_supervisor *supervisor) {
  if (!supervisor->progress) return;
  supervisor->tau = ens_progress_tau(supervisor->progress);
  ens_progress_finish(supervisor->progress);
  ens_supervisor_drop(supervisor);
}

void ens_supervisor_show(ens_supervisor *supervisor, const ens_supervisor_goal *goal) {
  const ens_supervisor_options *of = &supervisor->options;
  if (supervisor->progress && supervisor->progress_total == goal->total) return;
  ens_supervisor_hide(supervisor);
  ens_progress_options options = {.console = ens_process_console(),
                                  .total = goal->total,
                                  .done = goal->done,
                                  .nwalkers = of->nwalkers,
                                  .ndim = of->model->ndim,
                                  .domain = of->model->domain,
                                  .thin_by = goal->thin_by,
                                  .evaluations = of->links.evaluations,
                                  .evaluations_context = of->links.context,
                                  .waits = goal->waits,
                                  .waits_context = goal->waits_context};
  ens_progress_parse_mode(of->progress ? of->progress : "auto", &options.mode);
  if (options.console && options.mode != ENS_PROGRESS_NONE) supervisor->progress = ens_progress_create(&options);
  supervisor->progress_total = goal->total;
}

void ens_supervisor_started(ens_supervisor *supervisor) {
  if (supervisor->progress) ens_progress_started(supervisor->progress);
}

void ens_supervisor_tuned(ens_supervisor *supervisor, uint64_t step, uint64_t tune) {
  if (supervisor->progress) ens_progress_tuned(supervisor->progress, step, tune);
}

void ens_supervisor_kept(ens_supervisor *supervisor, const ens_step *step) {
  if (!supervisor->progress) return;
  ens_sink *sink = ens_progress_sink(supervisor->progress);
  sink->ops->step(sink, step, NULL);
}

double ens_supervisor_tau(const ens_supervisor *supervisor) {
  return supervisor->progress ? ens_progress_tau(supervisor->progress) : supervisor->tau;
}

/* ---- polls ---- */

static bool is_out_of_time(const ens_supervisor *supervisor) {
  return supervisor->options.time_limit > 0 && ens_process_seconds() >= supervisor->options.time_limit;
}

static bool look_around(ens_supervisor *supervisor) {
  const ens_supervisor_links *links = &supervisor->options.links;
  double now = ens_clock_now();
  bool soon = now < supervisor->next_tick - tick_seconds + 1e-3;
  supervisor->skip = soon ? (supervisor->skip < 8 ? 2 * supervisor->skip + 1 : 15) : 0;
  supervisor->skipped = 0;
  if (now < supervisor->next_tick) return false;
  supervisor->next_tick = now + tick_seconds;
  /* If an evaluation takes long, the watcher answers SIGUSR2 instead: see ens_supervisor_asked. */
  if (ens_signals_status_wanted(NULL, true)) links->show_status(links->context);
  if (supervisor->progress) ens_progress_tick(supervisor->progress);
  bool no_step_yet = supervisor->next_step == 0; /* later, the steps bring the counts with them */
  if (no_step_yet && now >= supervisor->next_counts && links->is_saving(links->context)) {
    links->send_counts(links->context);
    supervisor->next_counts = now + counts_seconds;
  }
  return is_out_of_time(supervisor);
}

/* A launcher that stops a job kills it about a second later. Evaluations in flight may take longer than that, so that
 * the steps are saved first, and the user reads that nothing is lost. */
static void save_for_stop(ens_supervisor *supervisor) {
  const ens_supervisor_links *links = &supervisor->options.links;
  if (supervisor->options.ranks < 2 || supervisor->saved_told || !links->is_saving(links->context)) return;
  double now = ens_clock_now();
  if (supervisor->saved == 0) {
    links->flush(links->context);
    supervisor->saved = now;
  } else if (now >= supervisor->saved + saved_seconds) {
    uint64_t committed = links->committed(links->context);
    ens_process_note("stopping: %llu %s saved in %s; waiting for the evaluations in flight",
                     (unsigned long long)committed, committed == 1 ? "step is" : "steps are",
                     supervisor->options.output);
    supervisor->saved_told = true;
  }
}

/* The steps of a fast model take microseconds: most polls read a flag and nothing else. */
bool ens_supervisor_poll(void *context) {
  ens_supervisor *supervisor = context;
  if (ens_signals_stop_wanted()) {
    save_for_stop(supervisor);
    return true;
  }
  if (supervisor->skipped++ < supervisor->skip) return false;
  return look_around(supervisor);
}

bool ens_supervisor_is_due(ens_supervisor *supervisor) {
  double now = ens_clock_now();
  if (now < supervisor->next_step) return false;
  supervisor->next_step = now + brief_seconds;
  return true;
}

/* ---- rejected evaluations ---- */

/* A run may reject millions of evaluations: the first few are shown, some more are logged, and the rest is counted. */
enum { SHOWN = 3, LOGGED = 100 };

static void log_rejected(ens_supervisor *supervisor, const char *message) {
  const ens_supervisor_links *links = &supervisor->options.links;
  supervisor->rejected++;
  if (supervisor->rejected <= LOGGED) links->log(links->context, "warning", message);
  if (supervisor->rejected == LOGGED + 1)
    links->log(links->context, "warning", "further rejected evaluations of this session are counted and not logged");
}

void ens_supervisor_reject(void *context, const char *message) {
  ens_supervisor *supervisor = context;
  const ens_supervisor_links *links = &supervisor->options.links;
  if (links->is_saving(links->context)) log_rejected(supervisor, message);
  ens_sampler_counts counts = links->count(links->context);
  uint64_t failures = counts.errors + counts.nans;
  if (supervisor->options.quiet || failures > SHOWN) return;
  /* The first line says what failed, and the second where. */
  size_t size = strcspn(message, "\n");
  if (message[size]) size += 1 + strcspn(message + size + 1, "\n");
  ens_process_note("rejected: %.*s%s", (int)size, message,
                   failures < SHOWN ? "" : "\n  (further errors are counted and not shown)");
}

void ens_supervisor_log_rejected(ens_supervisor *supervisor) {
  const ens_supervisor_links *links = &supervisor->options.links;
  char line[96];
  if (supervisor->rejected <= LOGGED) return;
  snprintf(line, sizeof line, "%llu more evaluations were rejected in this session than the log has",
           (unsigned long long)(supervisor->rejected - LOGGED));
  links->log(links->context, "warning", line);
}

/* ---- looks at the walkers ---- */

bool ens_supervisor_is_look(ens_supervisor *supervisor, uint64_t steps) {
  if (steps < supervisor->next_look) return false;
  while (supervisor->next_look <= steps) supervisor->next_look *= 4;
  return true;
}

/* Without memory there is no warning here; the summary has it. */
void ens_supervisor_look(ens_supervisor *supervisor, const ens_advice_early *early) {
  const ens_supervisor_links *links = &supervisor->options.links;
  char **warning = NULL;
  size_t count = 0;
  if (ens_advice_give_early(early, &warning, &count, NULL)) return;
  for (size_t i = 0; i < count; i++) {
    ens_process_note("warning, after %llu steps: %s", (unsigned long long)early->steps, warning[i]);
    if (links->is_saving(links->context)) links->log(links->context, "warning", warning[i]);
    free(warning[i]);
  }
  free(warning);
  if (count > 0) supervisor->next_look = UINT64_MAX; /* one warning is enough */
}

/* ---- for the watcher ---- */

/* A thread that hangs cannot be joined, so that the process has to end here. */
void ens_supervisor_abandon(void *context, const char *text) {
  ens_supervisor *supervisor = context;
  const char *output = supervisor->options.output;
  atomic_store(&supervisor->abandoned, true);
  supervisor->options.links.close(supervisor->options.links.context);
  ens_process_note("%s: the run ends%s%s", text, output ? "; every step so far is saved in " : "",
                   output ? output : "");
  ens_job_abort(1);
}

bool ens_supervisor_asked(void *context) {
  ens_supervisor *supervisor = context;
  double now = ens_clock_now(), waited = 0;
  if (ens_signals_status_wanted(&waited, false) && waited >= patience_seconds) {
    ens_signals_status_wanted(NULL, true);
    ens_process_note("status: the run waits for evaluations");
    ens_signals_tell_committed();
    return true;
  }
  if (!ens_signals_stop_wanted() && !is_out_of_time(supervisor)) return false;
  if (supervisor->stop_told == 0) supervisor->stop_told = now + patience_seconds;
  if (now < supervisor->stop_told) return false;
  supervisor->stop_told = now + remind_seconds;
  return true;
}

static const char *what_follows(const ens_supervisor *supervisor, const ens_slow *slow) {
  if (slow->what == ENS_SLOW_INTERRUPTED) return "; beyond eval_timeout, it is interrupted";
  if (slow->what == ENS_SLOW_ASKED && supervisor->stop_told > 0)
    return "; the stop waits for it (SIGINT again leaves at once, with the steps that are saved)";
  return "";
}

void ens_supervisor_slow(void *context, const ens_slow *slow) {
  ens_supervisor *supervisor = context;
  /* If interrupted evaluations only reject their proposals, a few reports are enough. */
  bool rejects = slow->what == ENS_SLOW_INTERRUPTED && supervisor->options.rejects;
  if (rejects && atomic_fetch_add(&supervisor->interruptions, 1) >= 3) return;
  ens_slow_note(slow, supervisor->options.model, what_follows(supervisor, slow));
  if (slow->what == ENS_SLOW_STUCK)
    ens_supervisor_abandon(supervisor, "the evaluation does not end and cannot be interrupted");
}
