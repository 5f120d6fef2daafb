/* The progress of a run: its texts, the times when they are shown, and the running tau; the test has its own clock. */
#include "report/progress.h"

#include <locale.h>
#include <stdlib.h>

#include "base/stream.h"
#include "report/readout.h"
#include "report/trace.h"
#include "unit.h"

#define ERASE "\r\033[K"

/* ---- texts ---- */

static const ens_readout whole = {
    .step = 1200,
    .steps = 5000,
    .rate = 103.4,
    .evaluations = 3308.8,
    .acceptance = 0.4321,
    .tau = 38.25,
    .eta = 36.7,
    .elapsed = 12.9,
};

static ens_readout unknown(void) {
  double none = (double)NAN;
  return (ens_readout){0, 0, 0, 0, none, none, none, none, none, none, NULL};
}

static const char *plain(const ens_readout *readout) {
  static char out[ENS_READOUT_SIZE];
  CHECK(ens_readout_plain(readout, out) == strlen(out));
  return out;
}

static const char *json(const ens_readout *readout) {
  static char out[ENS_READOUT_SIZE];
  CHECK(ens_readout_json(readout, out) == strlen(out));
  return out;
}

static const char *bar(const ens_readout *readout, size_t width) {
  static char out[ENS_READOUT_SIZE];
  size_t length = ens_readout_bar(readout, width, out);
  CHECK(length == strlen(out) && length <= width);
  return out;
}

TEST(plain_line) {
  CHECK_STRING(plain(&whole),
               "1200/5000 steps, 24%, 103 steps/s, 3309 evaluations/s, acceptance 0.43, tau 38.3, N/tau 31, "
               "ETA 0:36, elapsed 0:12");
}

TEST(json_object) {
  CHECK_STRING(json(&whole),
               "{\"step\": 1200, \"steps\": 5000, \"rate\": 103.400, \"acceptance\": 0.432100, \"tau\": 38.2500, "
               "\"n_over_tau\": 31.3725, \"eta_s\": 36.7000, \"elapsed_s\": 12.9000}");
}

TEST(goals_besides_the_steps) {
  ens_readout waiting = whole;
  waiting.waits = "N/tau 31 -> 50";
  CHECK_STRING(plain(&waiting),
               "1200/5000 steps, 24%, 103 steps/s, 3309 evaluations/s, acceptance 0.43, tau 38.3, N/tau 31, "
               "until N/tau 31 -> 50, ETA 0:36, elapsed 0:12");
  CHECK(strstr(json(&waiting), "\"elapsed_s\": 12.9000, \"until\": \"N/tau 31 -> 50\"}") != NULL);
  CHECK_STRING(bar(&waiting, 48), "1200/5000  24%  until N/tau 31 -> 50  ETA 0:36");
  waiting.waits = "";
  CHECK(strstr(plain(&waiting), "until") == NULL);
  CHECK(strstr(json(&waiting), "\"until\": \"\"}") != NULL);
}

TEST(unknown_numbers_are_not_shown) {
  ens_readout nothing = unknown();
  CHECK_STRING(plain(&nothing), "0 steps");
  CHECK_STRING(bar(&nothing, 79), "0 steps");
  CHECK_STRING(json(&nothing),
               "{\"step\": 0, \"steps\": null, \"rate\": null, \"acceptance\": null, \"tau\": null, "
               "\"n_over_tau\": null, \"eta_s\": null, \"elapsed_s\": null}");
}

TEST(bar_fits_any_width) {
  CHECK_STRING(bar(&whole, 79), "1200/5000  24%  [==>        ]  103 steps/s  acceptance 0.43  N/tau 31  ETA 0:36");
  CHECK_STRING(bar(&whole, 40), "1200/5000  24%  103 steps/s  ETA 0:36");
  CHECK_STRING(bar(&whole, 9), "1200/5000");
  CHECK_STRING(bar(&whole, 8), "24%");
  CHECK_STRING(bar(&whole, 0), "");
  CHECK_STRING(bar(&whole, 100000),
               "1200/5000  24%  [=======>                      ]  103 steps/s  3309 evaluations/s  acceptance 0.43  "
               "tau 38.3  N/tau 31  ETA 0:36  elapsed 0:12");
  for (size_t width = 0; width < 200; width++) bar(&whole, width);
}

TEST(percent_is_rounded_down) {
  ens_readout readout = unknown();
  readout.step = 29, readout.steps = 100;
  CHECK_STRING(plain(&readout), "29/100 steps, 29%");
  readout.step = 99999, readout.steps = 100000;
  CHECK_STRING(plain(&readout), "99999/100000 steps, 99%");
  readout.step = readout.steps;
  CHECK_STRING(plain(&readout), "100000/100000 steps, 100%");
  CHECK_STRING(bar(&readout, 79), "100000/100000  100%  [==============================]");
  readout.step = UINT64_MAX / 2, readout.steps = UINT64_MAX;
  CHECK_STRING(plain(&readout), "9223372036854775807/18446744073709551615 steps, 49%");
}

static const char *rate(double value) {
  ens_readout readout = unknown();
  readout.rate = value;
  return plain(&readout) + strlen("0 steps, ");
}

TEST(rates_of_every_size) {
  CHECK_STRING(rate(0.0125), "80.0 s/step");
  CHECK_STRING(rate(0.5), "2.00 s/step");
  CHECK_STRING(rate(1.234), "1.23 steps/s");
  CHECK_STRING(rate(9.9999), "10.0 steps/s");
  CHECK_STRING(rate(9999), "9999 steps/s");
  CHECK_STRING(rate(12345), "12.3k steps/s");
  CHECK_STRING(rate(1234567), "1.23M steps/s");
  CHECK_STRING(rate(1e18), "1000000000000M steps/s");
}

static const char *elapsed(double seconds) {
  ens_readout readout = unknown();
  readout.elapsed = seconds;
  return plain(&readout) + strlen("0 steps, elapsed ");
}

TEST(durations_of_every_size) {
  CHECK_STRING(elapsed(0), "0:00");
  CHECK_STRING(elapsed(59.99), "0:59");
  CHECK_STRING(elapsed(3599), "59:59");
  CHECK_STRING(elapsed(3600), "1:00:00");
  CHECK_STRING(elapsed(47 * 3600.0 + 61), "47:01:01");
  CHECK_STRING(elapsed(48 * 3600.0 + 61), "2d 00:01");
  CHECK_STRING(elapsed((double)INFINITY), "11574074d 01:46");
}

TEST(the_locale_does_not_matter) {
  if (!setlocale(LC_ALL, "de_DE.UTF-8")) {
    printf("no locale with a decimal comma here: not tested with one\n");
    return;
  }
  char text[8];
  snprintf(text, sizeof text, "%.1f", 0.5);
  CHECK_STRING(text, "0,5");
  CHECK(strstr(json(&whole), "\"acceptance\": 0.432100") != NULL);
  CHECK(strstr(plain(&whole), "acceptance 0.43, tau 38.3") != NULL);
  setlocale(LC_ALL, "C");
}

/* ---- a run ---- */

enum { WALKERS = 4, DIMS = 2 };

typedef struct test_run {
  FILE *stream;
  char *text;
  size_t length;
  ens_console *console;
  ens_progress *progress;
  ens_progress_options options;
  double now;
  uint64_t looks, evaluations, step;
  double x[WALKERS]; /* states of AR(1) processes, one for each walker */
  double memory;     /* of these processes */
} test_run;

static double test_clock(void *context) {
  test_run *run = context;
  run->looks++;
  return run->now;
}

static uint64_t test_evaluations(void *context) {
  return ((test_run *)context)->evaluations;
}

static void run_open(test_run *run, ens_progress_mode mode, uint64_t total, uint64_t done) {
  *run = (test_run){.now = 1000, .step = done};
  run->stream = open_memstream(&run->text, &run->length);
  run->console = ens_console_create(run->stream);
  run->options = (ens_progress_options){.mode = mode,
                                        .console = run->console,
                                        .total = total,
                                        .done = done,
                                        .nwalkers = WALKERS,
                                        .ndim = DIMS,
                                        .thin_by = 3,
                                        .clock = test_clock,
                                        .clock_context = run};
}

static void run_start(test_run *run) {
  run->progress = ens_progress_create(&run->options);
  CHECK(run->progress != NULL);
}

static void run_close(test_run *run) {
  ens_progress_destroy(run->progress);
  ens_console_destroy(run->console);
  fclose(run->stream);
  free(run->text);
}

/* Makes a step after `seconds`, in which one walker of four accepts. The second parameter is constant. */
static void run_step(test_run *run, double seconds) {
  double coords[WALKERS][DIMS], log_prob[WALKERS] = {0};
  const uint8_t accepted[WALKERS] = {0, 1, 0, 0};
  run->now += seconds;
  run->step++;
  for (size_t w = 0; w < WALKERS; w++) {
    ens_stream stream = ens_stream_at(7, run->step, w, ENS_RNG_UPDATE);
    run->x[w] = run->memory * run->x[w] + ens_stream_normal(&stream);
    coords[w][0] = run->x[w];
    coords[w][1] = 1;
  }
  ens_step step = {run->step, &coords[0][0], log_prob, NULL, accepted, 0};
  ens_sink *sink = ens_progress_sink(run->progress);
  CHECK(sink->ops->step(sink, &step, NULL) == ENS_OK);
}

static void run_steps(test_run *run, size_t count, double seconds) {
  for (size_t i = 0; i < count; i++) run_step(run, seconds);
}

static const char *screen(test_run *run) {
  fflush(run->stream);
  return run->text;
}

static size_t count_of(const char *text, const char *what) {
  size_t count = 0;
  for (const char *at = text; (at = strstr(at, what)) != NULL; at += strlen(what)) count++;
  return count;
}

TEST(numbers_have_no_exponent) {
  static const struct {
    double value;
    const char *text;
  } cases[] = {{0, "0"},         {0.01234, "0.0123"}, {9.999, "10.0"}, {987.6, "988"},
               {12345, "12345"}, {2.5e7, "25000000"}, {NAN, "-"},      {INFINITY, "-"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char out[ENS_READOUT_SIZE];
    CHECK(ens_readout_number(cases[i].value, out) == strlen(cases[i].text));
    CHECK_STRING(out, cases[i].text);
  }
}

TEST(times_have_suitable_units) {
  static const struct {
    double seconds;
    const char *text;
  } cases[] = {{4.75e-6, "4.75 us"}, {9.87e-4, "987 us"}, {0.012, "12.0 ms"}, {1, "1.00 s"}, {61.24, "61.2 s"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char out[ENS_READOUT_SIZE];
    CHECK(ens_readout_time(cases[i].seconds, out) == strlen(cases[i].text));
    CHECK_STRING(out, cases[i].text);
  }
}

TEST(a_short_run_shows_its_end_only) {
  test_run run;
  run_open(&run, ENS_PROGRESS_PLAIN, 9, 0);
  run_start(&run);
  run_steps(&run, 9, 0.1);
  CHECK_STRING(screen(&run), "");
  ens_progress_finish(run.progress);
  const char *expected = "9/9 steps, 100%, 10.0 steps/s, 120 evaluations/s, acceptance 0.25, elapsed 0:00\n";
  CHECK_STRING(screen(&run), expected);
  ens_progress_finish(run.progress);
  run_steps(&run, 9, 100);
  ens_progress_tick(run.progress);
  CHECK_STRING(screen(&run), expected); /* nothing after the end */
  run_close(&run);
}

TEST(plain_lines_come_at_growing_intervals) {
  static const double times[] = {1, 2, 5, 10, 40, 70, 100};
  test_run run;
  run_open(&run, ENS_PROGRESS_PLAIN, 1000, 0);
  run_start(&run);
  size_t lines = 0;
  for (size_t tenth = 1; tenth <= 1200; tenth++) {
    run.now = 1000 + (double)tenth / 10;
    ens_progress_tick(run.progress);
    size_t due = 0;
    while (due < sizeof times / sizeof *times && times[due] <= run.now - 1000) due++;
    if (count_of(screen(&run), "\n") != due) break;
    lines = due;
  }
  CHECK(lines == sizeof times / sizeof *times);
  run_close(&run);
}

TEST(a_long_wait_gives_one_line) {
  test_run run;
  run_open(&run, ENS_PROGRESS_PLAIN, 100, 0);
  run_start(&run);
  run_step(&run, 95);
  ens_progress_tick(run.progress);
  CHECK(strstr(screen(&run), "1/100 steps, 1%, 95.0 s/step, ") == run.text);
  CHECK(count_of(screen(&run), "\n") == 1);
  run.now += 4; /* 99 s */
  ens_progress_tick(run.progress);
  CHECK(count_of(screen(&run), "\n") == 1);
  run.now += 1;
  ens_progress_tick(run.progress);
  CHECK(count_of(screen(&run), "\n") == 2);
  run_close(&run);
}

TEST(rate_eta_and_continued_runs) {
  test_run run;
  run_open(&run, ENS_PROGRESS_PLAIN, 100, 80);
  run_start(&run);
  run_steps(&run, 4, 0.25);
  CHECK_STRING(screen(&run),
               "84/100 steps, 84%, 4.00 steps/s, 48.0 evaluations/s, acceptance 0.25, ETA 0:04, elapsed 0:01\n");
  run_close(&run);
}

TEST(total_not_known) {
  test_run run;
  run_open(&run, ENS_PROGRESS_PLAIN, 0, 0);
  run_start(&run);
  run_steps(&run, 4, 0.25);
  CHECK_STRING(screen(&run), "4 steps, 4.00 steps/s, 48.0 evaluations/s, acceptance 0.25, elapsed 0:01\n");
  run_close(&run);
}

TEST(before_the_first_step) {
  test_run run;
  run_open(&run, ENS_PROGRESS_PLAIN, 10, 0);
  run.options.evaluations = test_evaluations;
  run.options.evaluations_context = &run;
  run_start(&run);
  run.now += 1;
  ens_progress_tick(run.progress);
  run.now += 1;
  run.evaluations = 20;
  ens_progress_tick(run.progress);
  CHECK_STRING(screen(&run),
               "0/10 steps, 0%, elapsed 0:01\n"
               "0/10 steps, 0%, 10.0 evaluations/s, elapsed 0:02\n");
  run_close(&run);
}

/* The rate is that of about the last half minute. A wait for a step does not lower the rate, but the ETA falls. */
TEST(rate_follows_the_run) {
  test_run run;
  run_open(&run, ENS_PROGRESS_JSON, 1000, 0);
  run_start(&run);
  run_steps(&run, 100, 1);
  run_steps(&run, 480, 0.125); /* until 160 s */
  CHECK(strstr(screen(&run), "\"rate\": 1.00000, ") != NULL);
  const char *last = strrchr(run.text, '{');
  CHECK(strstr(last, "\"rate\": 8.00000, ") != NULL);
  CHECK(strstr(last, "\"eta_s\": 52.5000, \"elapsed_s\": 160.000}") != NULL);
  run_close(&run);
}

TEST(a_wait_is_part_of_the_step) {
  test_run run;
  run_open(&run, ENS_PROGRESS_JSON, 10, 0);
  run_start(&run);
  run_steps(&run, 2, 4); /* 4 s per step: 32 s are left */
  run.now += 2;
  ens_progress_tick(run.progress); /* at 10 s */
  CHECK(strstr(screen(&run),
               "\"rate\": 0.250000, \"acceptance\": 0.250000, \"tau\": null, \"n_over_tau\": null, "
               "\"eta_s\": 30.0000, \"elapsed_s\": 10.0000}") != NULL);
  run.now += 30;
  ens_progress_tick(run.progress); /* at 40 s the step is late, but counts only once */
  CHECK(strstr(screen(&run), "\"eta_s\": 28.0000, \"elapsed_s\": 40.0000}") != NULL);
  run_close(&run);
}

/* The expected number of steps is unknown at first, then 80, then more than the limit. */
static uint64_t wait_for(void *context, char *out, size_t size) {
  const test_run *run = context;
  snprintf(out, size, "ESS %d -> 99", (int)run->step);
  return run->step < 3 ? 0 : run->step < 7 ? 80 : 1000;
}

TEST(the_end_is_that_of_the_rules_or_of_the_steps) {
  test_run run;
  run_open(&run, ENS_PROGRESS_JSON, 100, 0);
  run.options.waits = wait_for;
  run.options.waits_context = &run;
  run_start(&run);
  run_steps(&run, 1, 1);
  CHECK(strstr(screen(&run), "\"eta_s\": 99.0000, \"elapsed_s\": 1.00000, \"until\": \"ESS 1 -> 99\"}") != NULL);
  run_steps(&run, 4, 1);
  CHECK(strstr(screen(&run), "\"eta_s\": 75.0000, \"elapsed_s\": 5.00000, \"until\": \"ESS 5 -> 99\"}") != NULL);
  run_steps(&run, 5, 1);
  CHECK(strstr(screen(&run), "\"eta_s\": 90.0000, \"elapsed_s\": 10.0000, \"until\": \"ESS 10 -> 99\"}") != NULL);
  ens_progress_finish(run.progress);
  CHECK(count_of(screen(&run), "\"until\": \"ESS 10 -> 99\"}") == 2);
  run_close(&run);
}

TEST(json_is_one_object_per_line) {
  test_run run;
  run_open(&run, ENS_PROGRESS_JSON, 200, 0);
  run_start(&run);
  run_steps(&run, 200, 0.125);
  ens_progress_finish(run.progress);
  CHECK(count_of(screen(&run), "\n") == 5); /* 1, 2, 5, 10 s and the end */
  CHECK(count_of(run.text, "{\"step\": ") == 5 && count_of(run.text, "}\n") == 5);
  CHECK(strstr(run.text, "{\"step\": 200, \"steps\": 200, \"rate\": 8.00000, ") != NULL);
  run_close(&run);
}

TEST(the_bar_is_drawn_ten_times_per_second_and_erased) {
  test_run run;
  run_open(&run, ENS_PROGRESS_BAR, 100000, 0);
  run_start(&run);
  run_steps(&run, 10000, 0.001); /* 10 s */
  size_t drawn = count_of(screen(&run), ERASE);
  CHECK(drawn >= 60 && drawn <= 100);
  CHECK(strstr(run.text, "1000 steps/s") != NULL);
  CHECK(strchr(run.text, '\n') == NULL);
  ens_progress_finish(run.progress);
  CHECK(strcmp(screen(&run) + run.length - strlen(ERASE), ERASE) == 0);
  run_close(&run);
}

TEST(destroy_without_finish_erases_the_bar) {
  test_run run;
  run_open(&run, ENS_PROGRESS_BAR, 100, 0);
  run_start(&run);
  run_step(&run, 1);
  CHECK(count_of(screen(&run), ERASE) == 1);
  ens_progress_destroy(run.progress);
  run.progress = NULL;
  CHECK(count_of(screen(&run), ERASE) == 2);
  run_close(&run); /* NULL is fine */
}

TEST(auto_is_plain_without_a_terminal) {
  test_run run;
  run_open(&run, ENS_PROGRESS_AUTO, 100, 0);
  run_start(&run);
  run_step(&run, 1);
  CHECK(strstr(screen(&run), "1/100 steps, 1%, ") == run.text);
  run_close(&run);
}

TEST(none_does_nothing) {
  test_run run;
  run_open(&run, ENS_PROGRESS_NONE, 100, 0);
  run_start(&run);
  run_steps(&run, 100, 10);
  ens_progress_tick(run.progress);
  ens_progress_finish(run.progress);
  CHECK_STRING(screen(&run), "");
  CHECK(run.looks == 0);
  run_close(&run);
}

/* The clock does not slow a fast model, and a model that becomes slow is noticed soon. */
TEST(the_clock_is_read_rarely) {
  test_run run;
  run_open(&run, ENS_PROGRESS_BAR, 0, 0);
  run_start(&run);
  run_steps(&run, 64000, 1e-6);
  CHECK(run.looks >= 1000 && run.looks < 1100);
  uint64_t before = run.looks;
  run_steps(&run, 70, 1); /* at most 64 steps late, then every step */
  CHECK(run.looks - before >= 7);
  before = run.looks;
  run_steps(&run, 10, 1);
  CHECK(run.looks - before == 10);
  run_close(&run);
}

TEST(modes_have_names) {
  static const char *const words[] = {"auto", "bar", "plain", "json", "none"};
  for (size_t i = 0; i < 5; i++) {
    ens_progress_mode mode = (ens_progress_mode)((i + 1) % 5);
    CHECK(ens_progress_parse_mode(words[i], &mode) && mode == (ens_progress_mode)i);
  }
  ens_progress_mode mode = ENS_PROGRESS_JSON;
  CHECK(!ens_progress_parse_mode("Bar", &mode) && !ens_progress_parse_mode("", &mode) && mode == ENS_PROGRESS_JSON);
}

/* ---- tau ---- */

/* The value of `key` in the last JSON object. */
static double last_value(test_run *run, const char *key) {
  const char *object = strrchr(screen(run), '{'), *at = strstr(object, key);
  return at ? strtod(at + strlen(key), NULL) : -1;
}

/* An AR(1) process of memory a has tau = (1 + a) / (1 - a). With n steps of w walkers, Sokal's estimate has a relative
 * standard error of sqrt(2 (2 m + 1) / (n w)) with the window m = 5 tau: four of them are allowed. */
static void check_tau(double memory, size_t steps, double seconds, double window_rows) {
  test_run run;
  double tau = (1 + memory) / (1 - memory);
  run_open(&run, ENS_PROGRESS_JSON, steps, 0);
  run.memory = memory;
  run_start(&run);
  run_steps(&run, steps, seconds);
  ens_progress_finish(run.progress);
  double error = sqrt(2 * (10 * tau + 1) / (window_rows * WALKERS));
  CHECK_NEAR(last_value(&run, "\"tau\": "), tau, (4 * error + 0.06) * tau);
  CHECK_NEAR(last_value(&run, "\"n_over_tau\": ") * last_value(&run, "\"tau\": "), (double)steps, 1e-4 * (double)steps);
  run_close(&run);
}

TEST(tau_of_a_run_that_is_kept_whole) {
  check_tau(0.8, 1000, 0.1, 600);
}
TEST(tau_of_a_long_run) {
  check_tau(0.99, 100000, 0.01, 60000);
}
TEST(tau_far_below_the_stride) {
  check_tau(0.8, 200000, 0.001, 512);
}
TEST(tau_of_independent_steps) {
  check_tau(0, 20000, 0.001, 512);
}

TEST(tau_is_not_known_too_soon) {
  test_run run;
  run_open(&run, ENS_PROGRESS_JSON, 400, 0);
  run.memory = 0.999; /* tau 1999 */
  run_start(&run);
  run_steps(&run, 400, 1);
  ens_progress_finish(run.progress);
  CHECK(count_of(screen(&run), "\"tau\": null, \"n_over_tau\": null") == count_of(run.text, "\n"));
  run_close(&run);
}

/* The clock advances at each look, so that an estimate seems to cost at least its guess: none may come early. */
TEST(estimates_wait_until_they_are_cheap) {
  test_run run;
  run_open(&run, ENS_PROGRESS_JSON, 0, 0);
  run_start(&run);
  run_steps(&run, 1000, 1e-6); /* a millisecond allows 10 us, too little for 8000 values */
  ens_progress_finish(run.progress);
  CHECK(strstr(screen(&run), "\"tau\": null") != NULL);
  run_close(&run);
}

enum { MANY = 64 };

static void add_process(ens_trace *trace, double memory, size_t steps) {
  double x[MANY] = {0};
  for (size_t step = 0; step < steps; step++) {
    for (size_t w = 0; w < MANY; w++) {
      ens_stream stream = ens_stream_at(11, step, w, ENS_RNG_UPDATE);
      x[w] = memory * x[w] + ens_stream_normal(&stream);
    }
    ens_trace_add(trace, x);
  }
}

/* The first estimate comes when the stride is far beyond tau; the stride must not be shown as tau then. */
TEST(a_trace_that_went_past_tau_comes_back) {
  ens_trace *trace = ens_trace_create(MANY, 1, NULL);
  add_process(trace, 0.8, 100000); /* stride 128 */
  ens_trace_estimate(trace);
  CHECK(isnan(ens_trace_tau(trace)));
  add_process(trace, 0.8, 40000);
  ens_trace_estimate(trace);
  CHECK(isnan(ens_trace_tau(trace)));
  add_process(trace, 0.8, 40000);
  ens_trace_estimate(trace);
  CHECK_NEAR(ens_trace_tau(trace), 9, 9 * (4 * sqrt(2 * 91.0 / (MANY * 1024.0)) + 0.1));
  ens_trace_destroy(trace);
}

/* Once tau is known to be short, the stride stays small enough for the next estimate. */
TEST(a_trace_keeps_its_stride_near_tau) {
  ens_trace *trace = ens_trace_create(MANY, 1, NULL);
  add_process(trace, 0.5, 1000);
  ens_trace_estimate(trace);
  CHECK_NEAR(ens_trace_tau(trace), 3, 3 * 4 * sqrt(2 * 31.0 / (MANY * 1000.0)));
  add_process(trace, 0.8, 100000);
  ens_trace_estimate(trace);
  CHECK_NEAR(ens_trace_tau(trace), 9, 9 * 4 * sqrt(2 * 91.0 / (MANY * 512.0)));
  ens_trace_destroy(trace);
}

/* The same numbers, wrapped around a seam in their middle, have the same tau: their sines almost equal the numbers. */
TEST(a_trace_of_angles_has_no_seam) {
  ens_domain *domain = ens_domain_create(1);
  domain->low[0] = 0;
  domain->high[0] = 60; /* 36 standard deviations */
  domain->periodic[0] = domain->any_periodic = true;
  ens_trace *line = ens_trace_create(MANY, 1, NULL), *circle = ens_trace_create(MANY, 1, domain);
  double x[MANY] = {0}, wrapped[MANY];
  for (size_t step = 0; step < 1000; step++) {
    for (size_t w = 0; w < MANY; w++) {
      ens_stream stream = ens_stream_at(11, step, w, ENS_RNG_UPDATE);
      x[w] = 0.8 * x[w] + ens_stream_normal(&stream);
      wrapped[w] = x[w];
      ens_domain_wrap(domain, &wrapped[w]);
    }
    ens_trace_add(line, x);
    ens_trace_add(circle, wrapped);
  }
  ens_trace_estimate(line);
  ens_trace_estimate(circle);
  CHECK_NEAR(ens_trace_tau(circle) / ens_trace_tau(line), 1, 0.01);
  ens_trace_destroy(line);
  ens_trace_destroy(circle);
  ens_domain_destroy(domain);
}

TEST(a_trace_of_constants_has_no_tau) {
  ens_trace *trace = ens_trace_create(3, 2, NULL);
  const double coords[6] = {1, 2, 3, 4, 5, 6};
  for (int i = 0; i < 5000; i++) ens_trace_add(trace, coords);
  ens_trace_estimate(trace);
  CHECK(isnan(ens_trace_tau(trace)));
  CHECK(ens_trace_work(trace) >= 512 * 6 && ens_trace_work(trace) < 1024 * 6);
  ens_trace_destroy(trace);
  ens_trace_destroy(NULL);
}

/* At every size, the copy stays within its bounds and the estimate within its arrays. */
TEST(traces_of_every_size) {
  static const size_t sizes[][2] = {{1, 1}, {2, 1}, {64, 64}, {65, 3}, {1000, 7}, {2, 2048}, {6, 5000}, {4, 600000}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    size_t count = sizes[i][0] * sizes[i][1], steps = count > 100000 ? 300 : 1100;
    double *coords = calloc(count, sizeof *coords);
    ens_trace *trace = ens_trace_create(sizes[i][0], sizes[i][1], NULL);
    for (size_t step = 0; step < steps; step++) {
      ens_stream stream = ens_stream_at(1, step, i, ENS_RNG_UPDATE);
      for (size_t j = 0; j < count; j += 97) coords[j] = ens_stream_normal(&stream);
      ens_trace_add(trace, coords);
    }
    CHECK(ens_trace_work(trace) > 0 && ens_trace_work(trace) <= (4 << 20) / sizeof(double));
    ens_trace_estimate(trace);
    CHECK(!(ens_trace_tau(trace) < 0.5));
    ens_trace_destroy(trace);
    free(coords);
  }
}

int main(void) {
  RUN(plain_line);
  RUN(json_object);
  RUN(goals_besides_the_steps);
  RUN(unknown_numbers_are_not_shown);
  RUN(bar_fits_any_width);
  RUN(percent_is_rounded_down);
  RUN(rates_of_every_size);
  RUN(durations_of_every_size);
  RUN(the_locale_does_not_matter);
  RUN(numbers_have_no_exponent);
  RUN(times_have_suitable_units);
  RUN(a_short_run_shows_its_end_only);
  RUN(plain_lines_come_at_growing_intervals);
  RUN(a_long_wait_gives_one_line);
  RUN(rate_eta_and_continued_runs);
  RUN(total_not_known);
  RUN(before_the_first_step);
  RUN(rate_follows_the_run);
  RUN(a_wait_is_part_of_the_step);
  RUN(the_end_is_that_of_the_rules_or_of_the_steps);
  RUN(json_is_one_object_per_line);
  RUN(the_bar_is_drawn_ten_times_per_second_and_erased);
  RUN(destroy_without_finish_erases_the_bar);
  RUN(auto_is_plain_without_a_terminal);
  RUN(none_does_nothing);
  RUN(the_clock_is_read_rarely);
  RUN(modes_have_names);
  RUN(tau_of_a_run_that_is_kept_whole);
  RUN(tau_of_a_long_run);
  RUN(tau_far_below_the_stride);
  RUN(tau_of_independent_steps);
  RUN(tau_is_not_known_too_soon);
  RUN(estimates_wait_until_they_are_cheap);
  RUN(a_trace_that_went_past_tau_comes_back);
  RUN(a_trace_keeps_its_stride_near_tau);
  RUN(a_trace_of_angles_has_no_seam);
  RUN(a_trace_of_constants_has_no_tau);
  RUN(traces_of_every_size);
  return unit_report();
}
