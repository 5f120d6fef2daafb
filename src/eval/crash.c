#include "eval/crash.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/decimal.h"
#include "eval/pool.h"
#include "eval/servant.h"

enum { STACK_BYTES = 64 << 10 };

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
  void (*note)(void);
  atomic_flag told;
} crash = {.told = ATOMIC_FLAG_INIT};

void ens_crash_write(const char *text) {
  size_t left = strlen(text);
  while (left) {
    ssize_t n = write(STDERR_FILENO, text, left);
    if (n <= 0) return;
    text += n;
    left -= (size_t)n;
  }
}

static void write_count(uint64_t n) {
  char digits[ENS_DECIMAL_SIZE];
  ens_decimal_write_count(n, digits);
  ens_crash_write(digits);
}

static void write_parameters(const ens_model *model, const double *theta) {
  char digits[ENS_DECIMAL_SIZE];
  for (size_t d = 0; d < model->ndim; d++) {
    ens_decimal_write(theta[d], digits);
    ens_crash_write(d ? ", " : "");
    ens_crash_write(model->parameters[d]);
    ens_crash_write(" = ");
    ens_crash_write(digits);
  }
}

/* As other failures of a model are told: what, then where. */
static void write_evaluation(const ens_slow *at, const ens_model *model, const char *what) {
  ens_crash_write(model->name);
  ens_crash_write(": the model crashed (");
  ens_crash_write(what);
  ens_crash_write(")\n  at ");
  if (at->step) {
    ens_crash_write("step ");
    write_count(at->step);
  } else {
    ens_crash_write("the start");
  }
  ens_crash_write(", walker ");
  write_count((uint64_t)at->walker + 1);
  ens_crash_write(", ");
  ens_crash_write(ens_servant_name());
  ens_crash_write("worker ");
  write_count((uint64_t)at->worker + 1);
  ens_crash_write(": ");
  write_parameters(model, at->theta);
  ens_crash_write("\n");
}

static void describe(const char *what) {
  ens_slow at;
  const ens_model *model;
  ens_crash_write(isatty(STDERR_FILENO) ? "\r\033[Kensemble-lua: " : "ensemble-lua: ");
  if (ens_pool_here(&at, &model)) {
    write_evaluation(&at, model, what);
  } else {
    ens_crash_write("the program crashed outside of an evaluation (");
    ens_crash_write(what);
    ens_crash_write(")\n");
  }
  if (crash.note) crash.note();
}

/* Tells once, though several threads may crash; then what was to be done before is done: a core, a sanitizer's report.
 * A fault happens again when its instruction is tried again; what was sent is sent again. */
static void on_crash(int number, siginfo_t *info, void *context) {
  (void)context;
  int i = 0;
  while (i < NCRASHES - 1 && crashes[i].number != number) i++;
  bool first = !atomic_flag_test_and_set(&crash.told);
  if (first) describe(crashes[i].text);
  for (int k = 0; first && k < NCRASHES; k++) sigaction(crashes[k].number, &crash.before[k], NULL);
  for (int wait = 0; !first && wait < 50; wait++) usleep(100000); /* the first one ends the process */
  if (info->si_code <= 0) raise(number);
}

void ens_crash_catch(void (*note)(void)) {
  struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  crash.note = note;
  for (int i = 0; i < NCRASHES; i++) sigaction(crashes[i].number, &action, &crash.before[i]);
}

void ens_crash_release(void) {
  for (int i = 0; i < NCRASHES; i++) sigaction(crashes[i].number, &crash.before[i], NULL);
}

/* ---- stacks ---- */

struct ens_crash_stack {
  stack_t before;
  char bytes[STACK_BYTES];
};

ens_crash_stack *ens_crash_stack_enter(void) {
  ens_crash_stack *stack = malloc(sizeof *stack);
  if (!stack) return NULL;
  stack_t own = {.ss_sp = stack->bytes, .ss_size = sizeof stack->bytes};
  if (sigaltstack(&own, &stack->before) == 0) return stack;
  free(stack);
  return NULL;
}

void ens_crash_stack_leave(ens_crash_stack *stack) {
  if (!stack) return;
  sigaltstack(&stack->before, NULL);
  free(stack);
}
