/* The duties of the supervisor beside the sampling, seen by its table of functions and by the lines on the screen. */
#include "run/parts/supervisor.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "process/process.h"
#include "process/signals.h"
#include "sys/clock.h"
#include "unit.h"

/* ---- the run that is supervised ---- */

static struct {
  ens_sampler_counts counts;
  bool saving;
  int statuses, sent, flushed, logged;
  char last[256]; /* log line */
} run;

static ens_sampler_counts count(void *context) {
  CHECK(context == &run);
  return run.counts;
}
static uint64_t evaluations(void *context) {
  (void)context;
  return 1000 + run.counts.evaluations;
}
static void show_status(void *context) {
  (void)context;
  run.statuses++;
}
static bool is_saving(void *context) {
  (void)context;
  return run.saving;
}
static void send_counts(void *context) {
  (void)context;
  run.sent++;
}
static void flush(void *context) {
  (void)context;
  run.flushed++;
}
static uint64_t committed(void *context) {
  (void)context;
  return 12;
}
static void add_to_log(void *context, const char *level, const char *message) {
  (void)context;
  CHECK_STRING(level, "warning");
  run.logged++;
  snprintf(run.last, sizeof run.last, "%s", message);
}
static void close_failed(void *context) {
  (void)context;
}

static char *names[] = {"m", "b"};
static ens_model model = {.name = "model.lua", .ndim = 2, .parameters = names};

static void make(ens_supervisor *supervisor, bool saving) {
  ens_supervisor_options options = {.links = {&run, count, evaluations, show_status, is_saving, send_counts, flush,
                                              committed, add_to_log, close_failed},
                                    .model = &model,
                                    .nwalkers = 4,
                                    .output = "a.db",
                                    .progress = "none",
                                    .ranks = 1};
  memset(&run, 0, sizeof run);
  run.saving = saving;
  ens_supervisor_init(supervisor, &options);
}

/* ---- the screen ---- */

static char screen_path[] = "/tmp/test_supervisor_XXXXXX";

static void screen_begin(void) {
  int file = mkstemp(screen_path);
  if (file < 0 || dup2(file, STDERR_FILENO) < 0) abort();
  close(file);
}

/* The lines since the last call; valid until the next one. */
static const char *screen_take(void) {
  static char text[4096];
  static long taken;
  fflush(stderr);
  FILE *file = fopen(screen_path, "r");
  if (!file || fseek(file, taken, SEEK_SET)) abort();
  size_t size = fread(text, 1, sizeof text - 1, file);
  text[size] = '\0';
  taken += (long)size;
  fclose(file);
  return text;
}

/* Failed checks are on the screen that is a file, too. */
static void screen_end(void) {
  int c;
  FILE *file = unit_failed ? fopen(screen_path, "r") : NULL;
  while (file && (c = getc(file)) != EOF) putchar(c);
  if (file) fclose(file);
  unlink(screen_path);
}

/* ---- tests ---- */

TEST(the_clock_counts_sampling_only) {
  ens_supervisor s;
  make(&s, false);
  CHECK(ens_supervisor_wall(&s) == 0);
  ens_supervisor_enter(&s);
  ens_clock_sleep(0.02);
  CHECK(ens_supervisor_wall(&s) >= 0.02);
  ens_supervisor_leave(&s);
  double wall = ens_supervisor_wall(&s);
  ens_clock_sleep(0.02);
  CHECK(ens_supervisor_wall(&s) == wall);
}

TEST(looks_at_the_walkers_are_rarer_and_rarer) {
  ens_supervisor s;
  make(&s, false);
  CHECK(!ens_supervisor_is_look(&s, 255) && ens_supervisor_is_look(&s, 256) && !ens_supervisor_is_look(&s, 257));
  CHECK(!ens_supervisor_is_look(&s, 1023) && ens_supervisor_is_look(&s, 1024));
  CHECK(ens_supervisor_is_look(&s, 100000) && !ens_supervisor_is_look(&s, 100001));
}

TEST(walkers_that_are_stuck_are_reported_once) {
  ens_supervisor s;
  uint64_t accepted[4] = {0};
  double log_prob[4] = {-1, -1, -1, -1};
  ens_advice_early early = {4, 1000, accepted, log_prob, {.accepted = 0, .proposed = 4000}};
  make(&s, true);
  ens_supervisor_look(&s, &early);
  CHECK(strstr(screen_take(), "warning, after 1000 steps: "));
  CHECK(run.logged > 0);
  CHECK(!ens_supervisor_is_look(&s, UINT64_MAX - 1));
  make(&s, false); /* without a store there is no log */
  ens_supervisor_look(&s, &early);
  CHECK(run.logged == 0);
  screen_take();
}

TEST(counts_go_with_steps_once_in_a_millisecond) {
  ens_supervisor s;
  make(&s, true);
  CHECK(ens_supervisor_is_due(&s) && !ens_supervisor_is_due(&s));
  ens_clock_sleep(2e-3);
  CHECK(ens_supervisor_is_due(&s));
}

TEST(polls_send_counts_until_there_are_steps) {
  ens_supervisor s;
  make(&s, true);
  CHECK(!ens_supervisor_poll(&s) && run.sent == 1);
  s.next_tick = s.next_counts = 0;
  s.skip = 0;
  ens_supervisor_is_due(&s);
  CHECK(!ens_supervisor_poll(&s) && run.sent == 1);
  make(&s, false);
  CHECK(!ens_supervisor_poll(&s) && run.sent == 0);
}

TEST(the_time_limit_is_that_of_the_process) {
  ens_supervisor s;
  make(&s, false);
  s.options.time_limit = 1e-9;
  CHECK(ens_supervisor_poll(&s));
  make(&s, false);
  s.options.time_limit = 1e9;
  CHECK(!ens_supervisor_poll(&s));
}

TEST(a_status_is_answered_once) {
  ens_supervisor s;
  make(&s, false);
  ens_signals_take(SIGUSR2);
  CHECK(!ens_supervisor_poll(&s) && run.statuses == 1);
  s.next_tick = 0;
  s.skip = 0;
  CHECK(!ens_supervisor_poll(&s) && run.statuses == 1);
}

TEST(rejected_evaluations_are_shown_then_logged_then_counted) {
  ens_supervisor s;
  make(&s, true);
  for (int i = 1; i <= 150; i++) {
    run.counts.errors = (uint64_t)i;
    ens_supervisor_reject(&s, "it broke\nat step 1\nstack traceback:");
  }
  const char *shown = screen_take();
  int lines = 0;
  for (const char *at = shown; (at = strstr(at, "rejected: it broke")); at++) lines++;
  CHECK(lines == 3 && strstr(shown, "at step 1") && !strstr(shown, "traceback") && strstr(shown, "further"));
  CHECK(run.logged == 101 && s.rejected == 150);
  ens_supervisor_log_rejected(&s);
  CHECK(run.logged == 102 && strstr(run.last, "50 more evaluations were rejected"));
  make(&s, false);
  s.options.quiet = true;
  run.counts.nans = 1;
  ens_supervisor_reject(&s, "it broke");
  ens_supervisor_log_rejected(&s);
  CHECK(strcmp(screen_take(), "") == 0);
  CHECK(run.logged == 0 && s.rejected == 0);
}

TEST(slow_evaluations_name_worker_walker_and_parameters) {
  ens_supervisor s;
  double theta[2] = {1, 2.5};
  ens_slow slow = {.worker = 1, .step = 7, .walker = 3, .theta = theta, .seconds = 70, .what = ENS_SLOW_LONG};
  make(&s, false);
  ens_supervisor_slow(&s, &slow);
  const char *shown = screen_take();
  CHECK(strstr(shown, "worker 2") && strstr(shown, "step 7, walker 4: m = 1, b = 2.5\n"));
  slow.what = ENS_SLOW_INTERRUPTED;
  s.options.rejects = true; /* then a few are enough */
  for (int i = 0; i < 10; i++) ens_supervisor_slow(&s, &slow);
  shown = screen_take();
  int lines = 0;
  for (const char *at = shown; (at = strstr(at, "interrupted")); at++) lines++;
  CHECK(lines == 3);
}

TEST(shown_progress_keeps_its_tau_and_goal) {
  ens_supervisor s;
  ens_supervisor_goal goal = {.total = 10, .thin_by = 1};
  make(&s, false);
  ens_supervisor_show(&s, &goal);
  CHECK(!s.progress && isnan(ens_supervisor_tau(&s)));
  s.options.progress = "json";
  ens_supervisor_show(&s, &goal);
  CHECK(s.progress && s.progress_total == 10);
  const ens_progress *first = s.progress;
  ens_supervisor_show(&s, &goal);
  CHECK(s.progress == first);
  ens_supervisor_started(&s);
  double numbers[8] = {0};
  uint8_t accepted[4] = {1, 0, 0, 1};
  ens_step step = {.index = 1, .coords = numbers, .log_prob = numbers, .accepted = accepted};
  ens_supervisor_kept(&s, &step);
  ens_supervisor_hide(&s);
  CHECK(!s.progress);
  CHECK(strstr(screen_take(), "\"steps\": 10"));
  ens_supervisor_show(&s, &goal);
  ens_supervisor_drop(&s);
  CHECK(!s.progress);
  CHECK(strcmp(screen_take(), "") == 0);
}

/* The last test: a stop is for good. */
TEST(a_stop_of_a_job_saves_first_and_reports_it_later) {
  ens_supervisor s;
  make(&s, true);
  ens_signals_take(SIGTERM);
  CHECK(ens_supervisor_poll(&s) && run.flushed == 0); /* one rank: the process ends soon */
  s.options.ranks = 2;
  CHECK(ens_supervisor_poll(&s) && run.flushed == 1);
  CHECK(ens_supervisor_poll(&s) && run.flushed == 1);
  s.saved -= 1; /* a second later */
  CHECK(ens_supervisor_poll(&s));
  CHECK(strstr(screen_take(), "stopping: 12 steps are saved in a.db"));
  CHECK(ens_supervisor_poll(&s));
  CHECK(strcmp(screen_take(), "") == 0);
  CHECK(!ens_supervisor_asked(&s) && s.stop_told > ens_clock_now()); /* the watcher is patient */
  s.stop_told -= 10;
  CHECK(ens_supervisor_asked(&s) && !ens_supervisor_asked(&s));
}

int main(void) {
  screen_begin();
  ens_process_begin("");
  RUN(the_clock_counts_sampling_only);
  RUN(looks_at_the_walkers_are_rarer_and_rarer);
  RUN(walkers_that_are_stuck_are_reported_once);
  RUN(counts_go_with_steps_once_in_a_millisecond);
  RUN(polls_send_counts_until_there_are_steps);
  RUN(the_time_limit_is_that_of_the_process);
  RUN(a_status_is_answered_once);
  RUN(rejected_evaluations_are_shown_then_logged_then_counted);
  RUN(slow_evaluations_name_worker_walker_and_parameters);
  RUN(shown_progress_keeps_its_tau_and_goal);
  RUN(a_stop_of_a_job_saves_first_and_reports_it_later);
  ens_process_end();
  screen_end();
  return unit_report();
}
