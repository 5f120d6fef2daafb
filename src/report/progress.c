/* Counts every step, reads the clock at some of them, and then shows the progress if it is time to. */
#include "report/progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/readout.h"
#include "report/trace.h"
#include "sys/clock.h"

/* Steps between looks at the clock. At 64 a look costs less than half a nanosecond per step, so that more would save
 * nothing; and if a model becomes slow, the screen does not change for so many steps. */
enum { MOST_BETWEEN_LOOKS = 64 };
enum { WAITS_SIZE = 128 };
enum { FIRST_ESTIMATE = 50 }; /* steps; each further estimate comes after 1.5 times as many */

static const double bar_interval = 0.1;    /* seconds */
static const double rate_window = 15;      /* the shown rate is a mean over at least so many seconds */
static const double estimate_share = 0.01; /* share of the time for estimates of tau */
static const double estimate_guess = 2e-7; /* seconds per value, before the first measurement */

typedef struct mark {
  double time;
  uint64_t step, evaluations;
} mark;

struct ens_progress {
  ens_sink sink; /* first: a pointer to the sink is a pointer to the progress */
  ens_progress_options options;
  mark start;
  mark older, newer; /* the rate is the mean since `older`; both advance with time */
  mark last;         /* the step at the last look, not counting ticks */
  uint64_t step;     /* the last step */
  uint64_t tuned, tune;
  uint64_t accepted, proposed;
  unsigned between_looks, until_look;
  double next_show;
  ens_trace *trace; /* NULL: no memory, or not needed */
  double next_estimate, estimate_seconds, estimate_cost;
  bool silent; /* mode none, or finished */
};

/* ---- time ---- */

static double monotonic(void *context) {
  (void)context;
  return ens_clock_now();
}

static double now_of(const ens_progress *progress) {
  return progress->options.clock(progress->options.clock_context);
}

static uint64_t evaluations_of(const ens_progress *progress) {
  const ens_progress_options *options = &progress->options;
  if (options->evaluations) return options->evaluations(options->evaluations_context);
  return (progress->last.step - options->done) * options->thin_by * options->nwalkers;
}

/* The time of the next line, in seconds of the session. */
static double next_line(double elapsed) {
  static const double first[] = {1, 2, 5, 10};
  for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
    if (elapsed < first[i]) return first[i];
  }
  return 10 + 30 * (floor((elapsed - 10) / 30) + 1);
}

static double next_show(const ens_progress *progress, double now) {
  if (progress->options.mode == ENS_PROGRESS_BAR) return now + bar_interval;
  return progress->start.time + next_line(now - progress->start.time);
}

/* ---- showing ---- */

/* NaN: not known yet. */
static double rate_of(double count, double seconds) {
  return count > 0 && seconds > 0 ? count / seconds : (double)NAN;
}

double ens_progress_tau(const ens_progress *progress) {
  return progress->trace ? ens_trace_tau(progress->trace) : NAN;
}

/* Means since `from`, up to the last step, so that the wait for the next step does not look like a slower rate. */
static ens_readout readout_since(const ens_progress *progress, const mark *from, double now) {
  double seconds = progress->last.time - from->time, unknown = (double)NAN;
  double evaluations = (double)(evaluations_of(progress) - from->evaluations);
  return (ens_readout){
      .step = progress->step,
      .steps = progress->options.total,
      .tuned = progress->tuned,
      .tune = progress->tune,
      .rate = rate_of((double)(progress->last.step - from->step), seconds),
      .evaluations = rate_of(evaluations, progress->options.evaluations ? now - from->time : seconds),
      .acceptance = progress->proposed ? (double)progress->accepted / (double)progress->proposed : unknown,
      .tau = ens_progress_tau(progress),
      .eta = unknown,
      .elapsed = now - progress->start.time,
  };
}

/* The wait for the next step counts as progress, up to the time of one step. `total` 0: not known. */
static double time_left(const ens_progress *progress, uint64_t total, double rate, double now) {
  if (total == 0 || isnan(rate)) return (double)NAN;
  if (progress->last.step >= total) return 0;
  double left = (double)(total - progress->last.step);
  return fmax(left / rate - (now - progress->last.time), (left - 1) / rate);
}

/* Adds the goals of the run. Returns the kept steps that it will have in the end, 0 if that is not known. */
static uint64_t ask_goals(const ens_progress *progress, ens_readout *readout, char *text, size_t size) {
  const ens_progress_options *options = &progress->options;
  if (!options->waits) return options->total;
  uint64_t expected = options->waits(options->waits_context, text, size);
  readout->waits = text;
  return options->total && (!expected || options->total < expected) ? options->total : expected;
}

static void write_readout(const ens_progress *progress, const ens_readout *readout) {
  char text[ENS_READOUT_SIZE];
  ens_console *console = progress->options.console;
  size_t length;
  if (progress->options.mode == ENS_PROGRESS_BAR) {
    /* A line as wide as the terminal would move the cursor to the next line; so would an echoed ^C. */
    size_t width = ens_console_width(console);
    length = ens_readout_bar(readout, width > 3 ? width - 3 : 1, text);
    ens_console_bar(console, text, length);
    return;
  }
  bool json = progress->options.mode == ENS_PROGRESS_JSON;
  length = json ? ens_readout_json(readout, text) : ens_readout_plain(readout, text);
  ens_console_line(console, ens_console_screen(console), NULL, text, length);
}

/* The window of the rate has at least ten steps, or the rate of a slow model would jump. */
static void move_marks(ens_progress *progress, double now) {
  if (now - progress->newer.time < rate_window || progress->last.step < progress->newer.step + 10) return;
  progress->older = progress->newer;
  progress->newer = progress->last;
  progress->newer.evaluations = evaluations_of(progress);
}

static void show(ens_progress *progress, double now) {
  ens_readout readout = readout_since(progress, &progress->older, now);
  char waits[WAITS_SIZE];
  uint64_t total = ask_goals(progress, &readout, waits, sizeof waits);
  readout.eta = time_left(progress, total, readout.rate, now);
  write_readout(progress, &readout);
  move_marks(progress, now);
  progress->next_show = next_show(progress, now);
}

/* ---- the autocorrelation time ---- */

/* Makes an estimate if it is time to, and if its expected cost is within its share of the time. Returns the time after
 * it. */
static double estimate(ens_progress *progress, double now) {
  double steps = (double)(progress->last.step - progress->options.done);
  if (!progress->trace || steps < progress->next_estimate) return now;
  double work = (double)ens_trace_work(progress->trace), expected = work * progress->estimate_cost;
  if (progress->estimate_seconds + expected > estimate_share * (now - progress->start.time)) return now;
  ens_trace_estimate(progress->trace);
  double after = now_of(progress);
  progress->estimate_seconds += after - now;
  if (work > 0) progress->estimate_cost = (after - now) / work;
  progress->next_estimate = ceil(steps * 1.5);
  return after;
}

/* ---- steps and ticks ---- */

/* About a hundred looks per second are enough for ten drawings. */
static void set_pace(ens_progress *progress, double seconds) {
  if (seconds < 0.005 && progress->between_looks < MOST_BETWEEN_LOOKS) progress->between_looks *= 2;
  if (seconds > 0.02 && progress->between_looks > 1) progress->between_looks /= 2;
  if (seconds > 0.1) progress->between_looks = 1;
  progress->until_look = progress->between_looks;
}

static void look(ens_progress *progress, uint64_t step) {
  double now = now_of(progress);
  set_pace(progress, now - progress->last.time);
  progress->last = (mark){.time = now, .step = step};
  now = estimate(progress, now);
  if (now >= progress->next_show) show(progress, now);
}

static ens_status count_step(ens_sink *sink, const ens_step *step, ens_error *error) {
  ens_progress *progress = (ens_progress *)sink;
  (void)error;
  if (progress->silent) return ENS_OK;
  for (size_t i = 0; i < progress->options.nwalkers; i++) progress->accepted += step->accepted[i] != 0;
  progress->proposed += progress->options.nwalkers;
  progress->step = step->index;
  if (progress->trace) ens_trace_add(progress->trace, step->coords);
  if (--progress->until_look == 0) look(progress, step->index);
  return ENS_OK;
}

ens_sink *ens_progress_sink(ens_progress *progress) {
  return &progress->sink;
}

void ens_progress_started(ens_progress *progress) {
  if (progress->silent) return;
  progress->last.time = progress->older.time = progress->newer.time = now_of(progress);
  progress->last.evaluations = progress->older.evaluations = progress->newer.evaluations = evaluations_of(progress);
}

/* The time starts again when the tuning is over, because the rate is that of kept steps. */
void ens_progress_tuned(ens_progress *progress, uint64_t tuned, uint64_t tune) {
  progress->tuned = tuned;
  progress->tune = tune;
  if (tuned >= tune) ens_progress_started(progress);
}

void ens_progress_tick(ens_progress *progress) {
  if (progress->silent) return;
  double now = now_of(progress);
  if (now >= progress->next_show) show(progress, now);
}

void ens_progress_finish(ens_progress *progress) {
  if (progress->silent) return;
  progress->silent = true;
  if (progress->options.mode == ENS_PROGRESS_BAR) {
    ens_console_bar(progress->options.console, NULL, 0);
    return;
  }
  double now = now_of(progress);
  progress->last = (mark){.time = now, .step = progress->step};
  ens_readout readout = readout_since(progress, &progress->start, now);
  char waits[WAITS_SIZE];
  ask_goals(progress, &readout, waits, sizeof waits);
  write_readout(progress, &readout);
}

/* ---- creating ---- */

bool ens_progress_parse_mode(const char *word, ens_progress_mode *mode) {
  static const char *const words[] = {"auto", "bar", "plain", "json", "none"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(word, words[i]) != 0) continue;
    *mode = (ens_progress_mode)i;
    return true;
  }
  return false;
}

ens_progress *ens_progress_create(const ens_progress_options *options) {
  static const ens_sink_ops ops = {count_step};
  ens_progress *progress = calloc(1, sizeof *progress);
  if (!progress) return NULL;
  progress->sink.ops = &ops;
  progress->options = *options;
  if (!options->clock) progress->options.clock = monotonic;
  progress->silent = options->mode == ENS_PROGRESS_NONE;
  if (progress->silent) return progress;
  if (options->mode == ENS_PROGRESS_AUTO) {
    bool terminal = ens_console_is_terminal(options->console);
    progress->options.mode = terminal ? ENS_PROGRESS_BAR : ENS_PROGRESS_PLAIN;
  }
  progress->between_looks = progress->until_look = 1;
  progress->trace = ens_trace_create(options->nwalkers, options->ndim, options->domain);
  progress->next_estimate = FIRST_ESTIMATE;
  progress->estimate_cost = estimate_guess;
  progress->step = options->done;
  progress->last = (mark){.time = now_of(progress), .step = options->done};
  progress->last.evaluations = evaluations_of(progress);
  progress->start = progress->older = progress->newer = progress->last;
  progress->next_show = next_show(progress, progress->start.time);
  return progress;
}

void ens_progress_destroy(ens_progress *progress) {
  if (!progress) return;
  if (!progress->silent && progress->options.mode == ENS_PROGRESS_BAR) {
    ens_console_bar(progress->options.console, NULL, 0);
  }
  ens_trace_destroy(progress->trace);
  free(progress);
}
