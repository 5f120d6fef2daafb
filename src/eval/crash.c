/* Builds the message in a fixed buffer with the functions that a signal handler may call, writes it, restores the old
 * handler and lets the signal come again. */
#include "eval/crash.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/decimal.h"
#include "eval/pool.h"

static const struct {
  int number;
  const char *text;
} crashes[] = {{SIGSEGV, "SIGSEGV: it used memory that is not its own, or its stack overflowed"},
               {SIGBUS, "SIGBUS: it used memory that is not there"},
               {SIGFPE, "SIGFPE: a division by zero of integers, most likely"},
               {SIGILL, "SIGILL: an instruction that this CPU does not know"},
               {SIGABRT, "SIGABRT: it called abort"}};
enum { NCRASHES = sizeof crashes / sizeof *crashes };

static struct {
  struct sigaction before[NCRASHES];
  const char *rank;
  void (*note)(ens_crash_text *);
  atomic_flag reported;
} crash = {.rank = "", .reported = ATOMIC_FLAG_INIT};

/* ---- texts ---- */

void ens_crash_flush(ens_crash_text *text) {
  const char *at = text->bytes;
  while (text->length) {
    ssize_t n = write(STDERR_FILENO, at, text->length);
    if (n <= 0) break;
    at += n;
    text->length -= (size_t)n;
  }
  text->length = 0;
}

void ens_crash_add(ens_crash_text *text, const char *more) {
  for (; *more; more++) {
    if (text->length == sizeof text->bytes) ens_crash_flush(text);
    text->bytes[text->length++] = *more;
  }
}

void ens_crash_add_count(ens_crash_text *text, uint64_t n) {
  char digits[ENS_DECIMAL_SIZE];
  ens_decimal_write_count(n, digits);
  ens_crash_add(text, digits);
}

static void add_parameters(ens_crash_text *text, const ens_model *model, const double *theta) {
  char digits[ENS_DECIMAL_SIZE];
  for (size_t d = 0; d < model->ndim; d++) {
    ens_decimal_write(theta[d], digits);
    ens_crash_add(text, d ? ", " : "");
    ens_crash_add(text, model->parameters[d]);
    ens_crash_add(text, " = ");
    ens_crash_add(text, digits);
  }
}

static void add_worker(ens_crash_text *text, const ens_slow *at) {
  ens_crash_add(text, crash.rank);
  ens_crash_add(text, "worker ");
  ens_crash_add_count(text, (uint64_t)at->worker + 1);
}

static void add_point(ens_crash_text *text, const ens_slow *at, const ens_model *model) {
  if (at->step) {
    ens_crash_add(text, "step ");
    ens_crash_add_count(text, at->step);
  } else {
    ens_crash_add(text, "the start");
  }
  ens_crash_add(text, ", walker ");
  ens_crash_add_count(text, (uint64_t)at->walker + 1);
  ens_crash_add(text, ", ");
  add_worker(text, at);
  ens_crash_add(text, ": ");
  add_parameters(text, model, at->theta);
}

/* In the form of the other errors of a model: the error, then the place. */
static void add_evaluation(ens_crash_text *text, const ens_slow *at, const ens_model *model, const char *what) {
  ens_crash_add(text, model->name);
  ens_crash_add(text, ": the model crashed (");
  ens_crash_add(text, what);
  ens_crash_add(text, at->setup ? ")\n  in the setup of " : ")\n  at ");
  if (at->setup)
    add_worker(text, at);
  else
    add_point(text, at, model);
  ens_crash_add(text, "\n");
}

static void describe(const char *what) {
  ens_slow at;
  const ens_model *model;
  ens_crash_text text = {0};
  ens_crash_add(&text, isatty(STDERR_FILENO) ? "\r\033[Kensemble-lua: " : "ensemble-lua: ");
  if (ens_pool_here(&at, &model)) {
    add_evaluation(&text, &at, model, what);
  } else {
    ens_crash_add(&text, "the program crashed outside of an evaluation (");
    ens_crash_add(&text, what);
    ens_crash_add(&text, ")\n");
  }
  if (crash.note) crash.note(&text);
  ens_crash_flush(&text);
}

/* ---- signals ---- */

/* Reports once, though several threads may crash. Then the earlier handlers act, which may write a core or a
 * sanitizer's report: a fault happens again when this handler returns, and a signal that was sent is raised again. */
static void on_crash(int number, siginfo_t *info, void *context) {
  (void)context;
  int i = 0;
  while (i < NCRASHES - 1 && crashes[i].number != number) i++;
  bool first = !atomic_flag_test_and_set(&crash.reported);
  if (first) describe(crashes[i].text);
  for (int k = 0; first && k < NCRASHES; k++) sigaction(crashes[k].number, &crash.before[k], NULL);
  for (int wait = 0; !first && wait < 50; wait++) usleep(100000); /* the first one ends the process */
  if (info->si_code <= 0) raise(number);
}

void ens_crash_catch(const char *rank, void (*note)(ens_crash_text *)) {
  struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  crash.rank = rank;
  crash.note = note;
  for (int i = 0; i < NCRASHES; i++) sigaction(crashes[i].number, &action, &crash.before[i]);
}

void ens_crash_release(void) {
  for (int i = 0; i < NCRASHES; i++) sigaction(crashes[i].number, &crash.before[i], NULL);
}
