#include "run.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/sampler.h"
#include "core/start.h"
#include "eval/clock.h"
#include "eval/pool.h"
#include "report/progress.h"
#include "run_info.h"
#include "run_process.h"
#include "run_record.h"
#include "run_status.h"
#include "store/place.h"
#include "store/store.h"

/* Redraws of a start at -inf, where the start is random, before it is given up. */
enum { START_ATTEMPTS = 100 };
static const double tick_seconds = 0.05, counts_seconds = 0.25;
/* How long evaluations may take until it is said what is waited for, and until it is said again. */
static const double patience_seconds = 2, remind_seconds = 30;

struct ens_run {
  ens_run_config config;
  ens_model *model;
  ens_move **move; /* [config.nmoves] */
  double *weight;
  ens_evaluator *evaluator;
  ens_sampler *sampler;
  ens_store *store;
  ens_store_checkpoint checkpoint; /* what the store had; before `begun` only its step is known */
  double acceptance_before;
  bool stored_before;        /* the output is there and is to be continued */
  ens_sampler_counts before; /* of earlier sessions */
  char *forced;              /* differences to the store that were let pass; NULL: none */
  bool begun, finished, failed, catching;
  uint64_t target; /* kept steps last asked for */
  /* The core's sampler emits every step; which of them are kept is decided here, so that each sample has its thin_by.
   */
  uint64_t thin_by;
  uint64_t kept_at;  /* the sampler's step that was kept last, or that thinning began at */
  uint64_t kept;     /* steps kept so far, those included that the chain has not: */
  uint64_t hidden;   /* forgotten by a reset, or not recorded */
  uint64_t recorded; /* steps in the chain when recording ended; UINT64_MAX: it goes on */
  uint64_t *naccepted;
  ens_memory_chain *memory;
  ens_chain *stored; /* reader of the store, as of stored_steps */
  ens_progress *progress;
  uint64_t progress_total;
  double tau;     /* as the screen showed it last; NaN: not known */
  ens_sink relay; /* the sampler's one sink: this run */
  double wall_s, entered, next_tick, next_counts;
  unsigned skip, skipped; /* polls without a look at the clock */
  unsigned interruptions; /* told of; the watcher's */
  double stop_told;       /* when what a stop waits for is told of next; the watcher's */
  atomic_bool abandoned;  /* an evaluation is stuck: the watcher ends the process */
};

/* ---- polling: progress, counters, the wish to stop ---- */

static double wall_now(const ens_run *run) {
  return run->wall_s + (run->entered > 0 ? ens_clock_now() - run->entered : 0);
}

static ens_sampler_counts counts_of(const ens_run *run) {
  ens_sampler_counts counts = run->before;
  if (!run->sampler) return counts;
  ens_sampler_counts now = ens_sampler_count(run->sampler);
  counts.evaluations += now.evaluations;
  counts.errors += now.errors;
  counts.nans += now.nans;
  return counts;
}

static bool is_recording(const ens_run *run) {
  return run->recorded == UINT64_MAX;
}

static double acceptance_of(const ens_run *run) {
  uint64_t sum = 0, steps = is_recording(run) ? ens_run_steps(run) : run->recorded;
  for (size_t k = 0; k < run->config.nwalkers; k++) sum += run->naccepted[k];
  return steps ? (double)sum / (double)steps / (double)run->config.nwalkers : NAN;
}

/* The caller frees what is returned; NULL: no workers yet, or no memory. */
static ens_worker_stats *worker_stats(const ens_run *run, double *model_s) {
  size_t n = run->config.workers;
  ens_worker_stats *worker = run->evaluator ? calloc(n, sizeof *worker) : NULL;
  *model_s = 0;
  for (size_t i = 0; worker && i < n; i++) {
    run->evaluator->ops->stats(run->evaluator, i, &worker[i]);
    *model_s += worker[i].busy_s;
  }
  return worker;
}

static void tell_store(ens_run *run) {
  ens_sampler_counts counts = counts_of(run);
  ens_store_counts out = {.tau = run->progress ? ens_progress_tau(run->progress) : run->tau,
                          .evaluations = counts.evaluations,
                          .errors = counts.errors,
                          .nans = counts.nans,
                          .wall_s = wall_now(run),
                          .base = run->config.base,
                          .target = run->target};
  ens_worker_stats *worker = worker_stats(run, &out.model_s);
  out.worker = worker;
  out.nworkers = worker ? run->config.workers : 0;
  ens_store_set_counts(run->store, &out);
  free(worker);
}

/* SIGUSR2 is answered between evaluations; where one lasts, by the watcher: see asked(). */
static void answer_status(ens_run *run) {
  if (!ens_process_status_wanted(NULL, true)) return;
  ens_run_info info;
  ens_run_status_extra extra = {.first = run->checkpoint.step,
                                .target = run->target,
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
  if (run->store && now >= run->next_counts) {
    tell_store(run);
    run->next_counts = now + counts_seconds;
  }
  return is_out_of_time(run);
}

/* Called once a step or wait: a fast model's steps take microseconds, so most calls look at the flag only. */
static bool poll(void *context) {
  ens_run *run = context;
  if (ens_process_stop_wanted()) return true;
  if (run->skipped++ < run->skip) return false;
  return look_around(run);
}

static void on_rejected(void *context, const char *message) {
  ens_run *run = context;
  if (run->store) ens_store_log(run->store, "warning", message);
  ens_sampler_counts counts = ens_sampler_count(run->sampler);
  if (!run->config.quiet && counts.errors + counts.nans <= 3)
    ens_process_note("rejected: %.*s", (int)strcspn(message, "\n"), message);
}

static uint64_t evaluations_now(void *context) {
  return counts_of(context).evaluations;
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
static void abandon(ens_run *run) {
  atomic_store(&run->abandoned, true);
  if (run->store) ens_process_remove_store(run->store);
  if (run->store) ens_store_close(run->store, ENS_RUN_FAILED, 1, NULL);
  ens_process_note("the evaluation does not end and cannot be interrupted: the run ends%s%s",
                   run->config.output ? "; every step so far is saved in " : "",
                   run->config.output ? run->config.output : "");
  _exit(1);
}

/* On the watcher's thread: what is waited for, after a stop was asked for or a status that nobody else answers. */
static bool asked(void *context) {
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

static void on_slow(void *context, const ens_slow *slow) {
  ens_run *run = context;
  char theta[512], usual[64] = "";
  /* Where interrupted evaluations are let pass, a few are enough to know. */
  bool passes = slow->what == ENS_SLOW_INTERRUPTED && run->config.on_error == ENS_POLICY_REJECT;
  if (passes && run->interruptions++ >= 3) return;
  print_theta(run, slow->theta, theta, sizeof theta);
  if (slow->usual > 0) snprintf(usual, sizeof usual, " (usually %.3g s)", slow->usual);
  ens_process_note("worker %u is at one evaluation for %.3g s%s: step %llu, walker %lu: %s%s", slow->worker + 1,
                   slow->seconds, usual, (unsigned long long)slow->step, (unsigned long)slow->walker + 1, theta,
                   what_follows(run, slow));
  if (slow->what == ENS_SLOW_STUCK) abandon(run);
}

/* ---- the sampler's sink ---- */

static ens_status record_step(ens_run *run, const ens_step *step, ens_error *error) {
  for (size_t k = 0; k < run->config.nwalkers; k++) run->naccepted[k] += step->accepted[k];
  ens_sink *chain = run->store ? ens_store_sink(run->store) : ens_memory_chain_sink(run->memory);
  return chain->ops->step(chain, step, error);
}

static ens_status take_step(ens_sink *self, const ens_step *step, ens_error *error) {
  ens_run *run = (ens_run *)((char *)self - offsetof(ens_run, relay));
  while (atomic_load_explicit(&run->abandoned, memory_order_relaxed)) pause(); /* the store is being closed */
  if (step->index - run->kept_at < run->thin_by) return ENS_OK;
  run->kept_at = step->index;
  run->kept++;
  ens_step shown = *step;
  shown.index = run->kept - run->hidden;
  ens_status status = is_recording(run) ? record_step(run, &shown, error) : ENS_OK;
  if (!status && run->progress) {
    ens_sink *progress = ens_progress_sink(run->progress);
    status = progress->ops->step(progress, &shown, error);
  }
  return status;
}

/* ---- making ---- */

void ens_run_config_free(ens_run_config *config) {
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

static ens_status make_moves(ens_run *run, ens_error *error) {
  size_t n = run->config.nmoves;
  run->move = calloc(n, sizeof *run->move);
  run->weight = calloc(n, sizeof *run->weight);
  run->naccepted = calloc(run->config.nwalkers, sizeof *run->naccepted);
  if (!run->move || !run->weight || !run->naccepted) return ens_error_memory(error);
  ens_status status = ENS_OK;
  for (size_t i = 0; !status && i < n; i++) {
    run->weight[i] = run->config.move[i].weight;
    status = ens_move_create(run->config.move[i].kind, run->config.move[i].value, &run->move[i], error);
    if (!status)
      status = ens_move_check(run->move[i], run->config.nwalkers, run->config.nsplits, run->model->ndim, error);
  }
  return status;
}

static ens_store_options store_options(const ens_run *run) {
  return (ens_store_options){.commit_every = run->config.commit_every,
                             .journal = run->config.journal,
                             .workers = (unsigned)run->config.workers,
                             .ranks = 1,
                             .base = run->config.base,
                             .target = run->target,
                             .job_id = getenv("SLURM_JOB_ID"),
                             .note = ens_process_note};
}

static ens_status compare_stored(ens_run *run, const ens_store_record *stored, ens_error *error) {
  ens_store_record wanted;
  char **forced = run->config.resume == ENS_RESUME_FORCE ? &run->forced : NULL;
  ens_status status = ens_run_record_make(&run->config, run->model, &wanted, error);
  if (status) return status;
  status = ens_run_record_compare(stored, &wanted, run->config.output, forced, error);
  ens_run_record_clear(&wanted);
  return status;
}

/* Compares before the store is touched: a refused run, or one with nothing left to do, leaves no trace in it. */
static ens_status read_stored(ens_run *run, ens_error *error) {
  ens_store_info info;
  ens_status status = ens_store_read_info(run->config.output, &info, error);
  if (status) return status;
  status = compare_stored(run, &info.record, error);
  run->before = (ens_sampler_counts){.evaluations = info.evaluations, .errors = info.errors, .nans = info.nans};
  run->checkpoint.step = info.steps;
  run->stored_before = true;
  if (!run->config.replayed) run->config.base = info.steps;
  run->acceptance_before = info.acceptance_fraction;
  ens_store_info_free(&info);
  return status;
}

/* What the forced continuation says of itself, in the store's log and on the screen. */
static char *forced_line(const ens_run *run) {
  static const char form[] = "a forced continuation, from step %llu on:%s";
  unsigned long long step = (unsigned long long)run->checkpoint.step;
  int size = snprintf(NULL, 0, form, step, run->forced);
  char *line = malloc((size_t)size + 1);
  if (line) snprintf(line, (size_t)size + 1, form, step, run->forced);
  return line;
}

/* Takes the store's place of writer, with what the run is now made from. */
static ens_status open_stored(ens_run *run, const ens_store_record *now, ens_store_record *record, ens_error *error) {
  ens_store_options options = store_options(run);
  char *line = run->forced ? forced_line(run) : NULL;
  if (run->forced && !line) return ens_error_memory(error);
  options.replace = run->config.replayed ? NULL : now;
  options.forced = line;
  ens_status status = ens_store_resume(run->config.output, &options, &run->store, record, &run->checkpoint, error);
  if (!status && line) ens_process_note("%s", line);
  free(line);
  return status;
}

/* Becomes the store's writer. What is stored is compared again: setup has run, and the file may be another by now. */
static ens_status resume_stored(ens_run *run, ens_error *error) {
  ens_store_record record = {0}, now;
  ens_store_info info;
  ens_status status = ens_store_read_info(run->config.output, &info, error);
  if (status) return status;
  status = compare_stored(run, &info.record, error);
  ens_store_info_free(&info);
  if (status) return status;
  status = ens_run_record_make(&run->config, run->model, &now, error);
  if (status) return status;
  status = open_stored(run, &now, &record, error);
  ens_run_record_clear(&now);
  if (status) return status;
  status = compare_stored(run, &record, error);
  if (status) {
    ens_store_record_free(&record);
    return status;
  }
  if (strcmp(record.engine, run->config.engine) != 0)
    ens_store_log(run->store, "info", "goes on under another engine than it began with");
  ens_store_record_free(&record);
  memcpy(run->naccepted, run->checkpoint.naccepted, run->config.nwalkers * sizeof *run->naccepted);
  return status;
}

/* A file that is there is continued or refused; one that is not must be possible to make. */
static ens_status open_output(ens_run *run, ens_error *error) {
  const char *path = run->config.output;
  bool exists = access(path, F_OK) == 0;
  if (exists && run->config.resume == ENS_RESUME_NEVER)
    return ens_error_set(error, ENS_CONFIG,
                         "'%s' exists, and resume is \"never\": move it away, or give another output", path);
  if (exists) return read_stored(run, error);
  if (run->config.resume == ENS_RESUME_MUST)
    return ens_error_set(error, ENS_CONFIG, "'%s' does not exist, and resume is \"must\": there is no run to continue",
                         path);
  ens_place place = {0};
  ens_status status = ens_place_find_new(path, &place, error);
  if (!status && !ens_place_is_writable_folder(&place))
    status = ens_error_set(error, ENS_CONFIG, "'%s' cannot be made: the folder '%s' cannot be written to", path,
                           place.folder);
  ens_place_clear(&place);
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
  run->recorded = UINT64_MAX;
  ens_status status = make_moves(run, error);
  if (!status && run->config.output) status = open_output(run, error);
  if (!status && !run->config.output) {
    run->memory = ens_memory_chain_create(run->config.nwalkers, model->ndim, model->nblobs);
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

/* ---- the start ---- */

typedef struct beginning {
  double *coords, *log_prob, *blobs;
} beginning;

static void draw_walker(const ens_run *run, uint64_t attempt, size_t k, double *out) {
  if (run->config.start.prior) {
    ens_stream stream = ens_stream_at(run->config.seed, attempt, k, ENS_RNG_START);
    run->model->draw(run->model, &stream, out);
    return;
  }
  ens_start_ball(run->config.seed, attempt, k, run->model->ndim, run->config.start.center, run->config.start.spread,
                 out);
}

/* Walkers at -inf whose start is random begin elsewhere. Returns how many are left. */
static size_t redraw(const ens_run *run, uint64_t attempt, beginning *b) {
  size_t bad = 0;
  for (size_t k = 0; k < run->config.nwalkers; k++) {
    if (b->log_prob[k] != -INFINITY) continue;
    bad++;
    if (!run->config.start.positions) draw_walker(run, attempt, k, b->coords + k * run->model->ndim);
  }
  return bad;
}

static ens_status refuse_start(const ens_run *run, size_t bad, ens_error *error) {
  if (run->config.start.positions)
    return ens_error_set(error, ENS_CONFIG,
                         "start: log_prob is -inf at the positions of all %zu walkers: give positions that the model "
                         "allows",
                         bad);
  if (run->config.start.prior)
    return ens_error_set(error, ENS_CONFIG,
                         "start: log_prob is -inf for %zu of %zu walkers, also after %d redraws from the priors: make "
                         "the priors narrower, or give start = ensemble.ball(center, spread) where the model allows",
                         bad, run->config.nwalkers, START_ATTEMPTS);
  return ens_error_set(error, ENS_CONFIG,
                       "start: log_prob is -inf for %zu of %zu walkers, also after %d redraws: move the ball's center "
                       "to where the model allows, or make its spread smaller",
                       bad, run->config.nwalkers, START_ATTEMPTS);
}

/* Positions that the user chose are kept; those at -inf are named. */
static void warn_of_stuck(const ens_run *run, const beginning *b, size_t bad) {
  char list[128] = "";
  size_t shown = 0;
  for (size_t k = 0; k < run->config.nwalkers && shown < 10; k++)
    if (b->log_prob[k] == -INFINITY)
      snprintf(list + strlen(list), sizeof list - strlen(list), "%s%zu", shown++ ? ", " : "", k + 1);
  ens_process_note("warning: log_prob is -inf at the start of %zu of %zu walkers (%s%s): they may never move", bad,
                   run->config.nwalkers, list, bad > shown ? ", ..." : "");
}

static ens_status evaluate_start(ens_run *run, beginning *b, ens_error *error) {
  size_t n = run->config.nwalkers, bad = n;
  for (uint64_t attempt = 1; bad && attempt <= START_ATTEMPTS; attempt++) {
    ens_status status = ens_sampler_evaluate(run->sampler, 0, n, b->coords, b->log_prob, b->blobs, error);
    if (status) return status;
    bad = redraw(run, attempt, b);
    if (run->config.start.positions) break;
  }
  if (bad == 0) return ENS_OK;
  if (bad == n || !run->config.start.positions) return refuse_start(run, bad, error);
  warn_of_stuck(run, b, bad);
  return ENS_OK;
}

static ens_status make_beginning(ens_run *run, beginning *b, ens_error *error) {
  size_t n = run->config.nwalkers, ndim = run->model->ndim;
  b->coords = malloc(n * ndim * sizeof *b->coords);
  b->log_prob = malloc(n * sizeof *b->log_prob);
  b->blobs = calloc(n * run->model->nblobs + 1, sizeof *b->blobs);
  if (!b->coords || !b->log_prob || !b->blobs) return ens_error_memory(error);
  if (run->config.start.positions)
    memcpy(b->coords, run->config.start.positions, n * ndim * sizeof *b->coords);
  else
    for (size_t k = 0; k < n; k++) draw_walker(run, 0, k, b->coords + k * ndim);
  ens_status status = ens_start_check(b->coords, n, ndim, run->model->parameters, error);
  return status ? status : evaluate_start(run, b, error);
}

static void free_beginning(beginning *b) {
  free(b->coords);
  free(b->log_prob);
  free(b->blobs);
}

static ens_status create_store(ens_run *run, const beginning *b, ens_error *error) {
  ens_store_record record;
  ens_store_options options = store_options(run);
  ens_store_checkpoint start = {
      .coords = b->coords, .log_prob = b->log_prob, .blobs = b->blobs, .naccepted = run->naccepted};
  ens_status status = ens_run_record_make(&run->config, run->model, &record, error);
  if (status) return status;
  status = ens_store_create(run->config.output, &record, &start, &options, &run->store, error);
  ens_run_record_clear(&record);
  return status;
}

static ens_status start_anew(ens_run *run, ens_error *error) {
  beginning b = {0};
  ens_status status = make_beginning(run, &b, error);
  if (!status) ens_sampler_restore(run->sampler, ens_sampler_step(run->sampler), b.coords, b.log_prob, b.blobs);
  if (!status && run->config.output && !run->store) status = create_store(run, &b, error);
  free_beginning(&b);
  return status;
}

static ens_status make_sampler(ens_run *run, ens_error *error) {
  const ens_run_config *config = &run->config;
  ens_sampler_config sampling = {.nwalkers = config->nwalkers,
                                 .seed = config->seed,
                                 .nsplits = config->nsplits,
                                 .randomize_split = true,
                                 .nmoves = config->nmoves,
                                 .move = run->move,
                                 .weight = run->weight,
                                 .on_error = config->on_error,
                                 .on_nan = config->on_nan,
                                 .max_errors = config->max_errors,
                                 .context = run,
                                 .now = ens_clock_now,
                                 .poll = poll,
                                 .rejected = on_rejected};
  ens_watch watch = {.timeout = config->eval_timeout, .context = run, .report = on_slow, .asked = asked};
  ens_status status = ens_pool_create(run->model, config->workers, &watch, &run->evaluator, error);
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

static void restore_stored(ens_run *run, const ens_store_checkpoint *c) {
  run->kept = c->step;
  run->kept_at = c->step * run->thin_by;
  ens_sampler_restore(run->sampler, run->kept_at, c->coords, c->log_prob, c->blobs);
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
  ens_status status = run->stored_before && !run->store ? resume_stored(run, error) : ENS_OK;
  if (status) return status;
  enter(run);
  if (c->coords)
    restore_stored(run, c);
  else
    status = start_anew(run, error);
  run->begun = status == ENS_OK;
  if (run->store) ens_process_add_store(run->store, run->config.output);
  return leave(run, status);
}

/* ---- going on ---- */

uint64_t ens_run_steps(const ens_run *run) {
  return run->begun ? run->kept - run->hidden : run->checkpoint.step;
}

static void end_progress(ens_run *run) {
  if (!run->progress) return;
  run->tau = ens_progress_tau(run->progress);
  ens_progress_finish(run->progress);
  ens_progress_destroy(run->progress);
  run->progress = NULL;
}

static void begin_progress(ens_run *run, uint64_t total) {
  if (run->progress && run->progress_total == total) return;
  end_progress(run);
  ens_progress_options options = {.console = ens_process_console(),
                                  .total = total,
                                  .done = ens_run_steps(run),
                                  .nwalkers = run->config.nwalkers,
                                  .ndim = run->model->ndim,
                                  .thin_by = run->thin_by,
                                  .evaluations = evaluations_now,
                                  .evaluations_context = run};
  ens_progress_parse_mode(run->config.progress ? run->config.progress : "auto", &options.mode);
  if (options.console && options.mode != ENS_PROGRESS_NONE) run->progress = ens_progress_create(&options);
  run->progress_total = total;
}

/* The sampler's step with which the chain has `kept` steps. */
static uint64_t sampler_step(const ens_run *run, uint64_t kept) {
  return run->kept_at + (kept - ens_run_steps(run)) * run->thin_by;
}

ens_status ens_run_advance(ens_run *run, uint64_t kept, uint64_t horizon, ens_error *error) {
  if (run->finished) return ens_error_set(error, ENS_CONFIG, "this run is over: its store is closed");
  bool nothing_left = !run->begun && run->stored_before && kept <= ens_run_steps(run);
  run->target = kept > horizon ? kept : horizon; /* what begin() stores */
  ens_status status = nothing_left ? ENS_OK : begin(run, error);
  if (status || nothing_left) return status;
  if (kept < ens_run_steps(run)) kept = ens_run_steps(run); /* a stored run may have more than is asked for */
  run->target = horizon > kept ? horizon : kept;
  begin_progress(run, run->target);
  enter(run);
  status = ens_sampler_advance(run->sampler, sampler_step(run, kept), sampler_step(run, run->target), error);
  leave(run, status);
  bool done = ens_run_steps(run) >= run->target;
  if (status || done) end_progress(run);
  if (run->store && (status || done)) tell_store(run);
  if (run->store && status) {
    if (status < 0) ens_store_log(run->store, "error", ens_error_text(error));
    ens_error saving = ENS_ERROR_NONE;
    ens_status saved = ens_store_flush(run->store, &saving);
    if (saved && status == ENS_STOPPED) status = saved, ens_error_move(error, &saving);
    ens_error_clear(&saving);
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
    status = ens_store_read_chain(run->config.output, &run->stored, error);
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
    status = chain->ops->read(chain, at, count, NULL, NULL, NULL, flags, error);
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
  ens_status status =
      ens_sampler_evaluate(run->sampler, run->begun ? run->kept_at : run->checkpoint.step * run->thin_by, n, positions,
                           log_prob, blobs, error);
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
  if (on == is_recording(run)) return ENS_OK;
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
  return leave(run, start_anew(run, error));
}

ens_status ens_run_finish(ens_run *run, ens_error *error) {
  end_progress(run);
  run->finished = true;
  if (!run->store) return ENS_OK;
  if (run->sampler && run->begun) tell_store(run);
  bool complete = run->begun && ens_run_steps(run) >= run->target;
  ens_store *store = run->store;
  run->store = NULL;
  ens_process_remove_store(store);
  if (run->failed) return ens_store_close(store, ENS_RUN_FAILED, 1, error);
  return ens_store_close(store, complete ? ENS_RUN_FINISHED : ENS_RUN_STOPPED, complete ? 0 : 75, error);
}

/* ---- describing ---- */

static const char *status_name(const ens_run *run) {
  if (run->failed) return "failed";
  if (!run->begun) return run->stored_before ? (run->target ? "finished" : "stopped") : "running";
  return ens_run_steps(run) >= run->target ? "finished" : run->finished ? "stopped" : "running";
}

ens_status ens_run_describe(ens_run *run, ens_run_info *out, ens_error *error) {
  ens_sampler_counts counts = counts_of(run);
  *out = (ens_run_info){.steps = ens_run_steps(run),
                        .seed = run->config.seed,
                        .evaluations = counts.evaluations,
                        .errors = counts.errors,
                        .nans = counts.nans,
                        .nwalkers = run->config.nwalkers,
                        .acceptance_fraction = run->begun ? acceptance_of(run) : run->acceptance_before,
                        .wall_s = wall_now(run),
                        .workers = (unsigned)run->config.workers,
                        .ranks = 1};
  out->worker = worker_stats(run, &out->model_s);
  out->nworkers = out->worker ? run->config.workers : 0;
  return ens_run_info_name(out, run->model->ndim, run->model->parameters, status_name(run), run->config.engine,
                           ens_run_version(), error);
}

void ens_run_destroy(ens_run *run) {
  if (!run) return;
  ens_run_finish(run, NULL);
  if (run->catching) ens_process_release_signals();
  ens_sampler_destroy(run->sampler);
  if (run->evaluator) run->evaluator->ops->destroy(run->evaluator);
  if (run->stored) run->stored->ops->destroy(run->stored);
  ens_memory_chain_destroy(run->memory);
  ens_store_checkpoint_free(&run->checkpoint);
  for (size_t i = 0; run->move && i < run->config.nmoves; i++)
    if (run->move[i]) run->move[i]->ops->destroy(run->move[i]);
  free(run->move);
  free(run->weight);
  free(run->naccepted);
  free(run->forced);
  ens_run_config_free(&run->config);
  free(run);
}
