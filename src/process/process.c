#include "process/process.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eval/altstack.h"
#include "eval/crash.h"
#include "eval/foreign.h"
#include "process/sources.h"
#include "run/ranks.h"
#include "run/run.h"
#include "sys/clock.h"

/* The process has one terminal, one set of signal handlers and one start: the only file with state of its own. */
static struct {
  ens_console *console;
  double begun;
  int catching;
  ens_altstack *stack;
  char models_dir[3][PATH_MAX];
} process;
static atomic_int stop_signals, status_signals;

static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
enum { NCAUGHT = sizeof caught / sizeof caught[0] };
static struct sigaction before[NCAUGHT];

/* ---- signals ---- */

/* Stores that are written now. A slot is taken by its store, then named; read by signal handlers. */
enum { NSLOTS = 16 };
static struct {
  _Atomic(const ens_store *) store;
  _Atomic(const char *) path;
} slots[NSLOTS];

void ens_process_add_store(const ens_store *store, const char *path) {
  for (int i = 0; i < NSLOTS; i++) {
    const ens_store *none = NULL;
    if (!atomic_compare_exchange_strong(&slots[i].store, &none, store)) continue;
    atomic_store(&slots[i].path, path);
    return;
  }
}

/* A store is not gone while somebody reads its count. */
static atomic_int readers;

void ens_process_remove_store(const ens_store *store) {
  for (int i = 0; i < NSLOTS; i++) {
    if (atomic_load(&slots[i].store) != store) continue;
    atomic_store(&slots[i].path, NULL);
    while (atomic_load(&readers)) sched_yield();
    atomic_store(&slots[i].store, NULL);
  }
}

/* Calls `tell` for every store. In a signal handler too. */
static void for_stores(void (*tell)(void *context, const char *path, uint64_t committed), void *context) {
  atomic_fetch_add(&readers, 1);
  for (int i = 0; i < NSLOTS; i++) {
    const char *path = atomic_load(&slots[i].path);
    if (path) tell(context, path, ens_store_committed(atomic_load(&slots[i].store)));
  }
  atomic_fetch_sub(&readers, 1);
}

static void note_committed(void *context, const char *path, uint64_t committed) {
  (void)context;
  ens_process_note("status: %llu %s committed to %s", (unsigned long long)committed,
                   committed == 1 ? "step is" : "steps are", path);
}

void ens_process_tell_committed(void) {
  for_stores(note_committed, NULL);
}

static void add_committed(void *context, const char *path, uint64_t committed) {
  ens_crash_text *text = context;
  ens_crash_add(text, "ensemble-lua: ");
  ens_crash_add_count(text, committed);
  ens_crash_add(text, committed == 1 ? " step is safe in " : " steps are safe in ");
  ens_crash_add(text, path);
  ens_crash_add(text, ": run the same command again to resume\n");
}

static void add_all_committed(ens_crash_text *text) {
  for_stores(add_committed, text);
}

static void leave_at_once(void) {
  ens_crash_text text = {0};
  ens_crash_add(&text, "\nensemble-lua: left at once\n");
  add_all_committed(&text);
  ens_crash_flush(&text);
  _exit(128 + SIGINT);
}

/* One Ctrl-C may come as two signals: from the terminal, and from a parent that passes it on, as timeout does. */
static const double same_stop_seconds = 0.2;
static _Atomic double first_stop;

static bool is_another_stop(void) {
  double now = ens_clock_now(), first = 0;
  return !atomic_compare_exchange_strong(&first_stop, &first, now) && now - first > same_stop_seconds;
}

static void on_signal(int number) {
  if (number == SIGUSR2) {
    status_signals = 1;
    return;
  }
  if (is_another_stop() && number == SIGINT) leave_at_once();
  stop_signals = 1;
}

void ens_process_catch_signals(void) {
  if (process.catching++) return;
  process.stack = ens_altstack_enter();
  ens_crash_catch("", add_all_committed);
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigfillset(&action.sa_mask);
  for (int i = 0; i < NCAUGHT; i++) {
    sigaction(caught[i], NULL, &before[i]);
    /* What was ignored stays ignored: nohup and background jobs of a shell mean it. */
    if (before[i].sa_handler != SIG_IGN) sigaction(caught[i], &action, NULL);
  }
}

void ens_process_release_signals(void) {
  if (--process.catching) return;
  for (int i = 0; i < NCAUGHT; i++) sigaction(caught[i], &before[i], NULL);
  ens_crash_release();
  ens_altstack_leave(process.stack);
  process.stack = NULL;
}

void ens_process_take_signal(int number) {
  if (number == SIGUSR2)
    status_signals = 1;
  else
    stop_signals = 1;
}

bool ens_process_stop_wanted(void) {
  return stop_signals != 0;
}

/* The time is kept by whoever asks, since a handler should not. */
bool ens_process_status_wanted(double *seconds, bool take) {
  static _Atomic double since;
  if (!status_signals) {
    atomic_store(&since, 0.0);
    return false;
  }
  double now = ens_clock_now();
  if (atomic_load(&since) == 0.0) atomic_store(&since, now);
  if (seconds) *seconds = now - atomic_load(&since);
  if (take) {
    status_signals = 0;
    atomic_store(&since, 0.0);
  }
  return true;
}

/* ---- the screen ---- */

ens_console *ens_process_console(void) {
  return process.console;
}

void ens_run_print_line(const char *prefix, const char *text, size_t size) {
  if (process.console) ens_console_line(process.console, stdout, prefix, text, size);
}

void ens_process_note(const char *format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (process.console) ens_console_line(process.console, stderr, "ensemble-lua: ", text, strlen(text));
}

/* ---- folders, seeds ---- */

static void add_models_dir(int *count, const char *base, const char *rest) {
  char path[2 * PATH_MAX], full[PATH_MAX];
  struct stat status;
  snprintf(path, sizeof path, "%s%s", base, rest);
  if (*count == 3 || !realpath(path, full) || stat(full, &status) || !S_ISDIR(status.st_mode)) return;
  for (int i = 0; i < *count; i++)
    if (strcmp(process.models_dir[i], full) == 0) return;
  memcpy(process.models_dir[(*count)++], full, sizeof full);
}

/* Beside the program where it was installed or built, then where it was to be installed. */
static void find_models_dirs(const char *installed) {
  char program[PATH_MAX];
  int count = 0;
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length > 0) {
    program[length] = '\0';
    *strrchr(program, '/') = '\0';
    add_models_dir(&count, program, "/../share/ensemble-lua/models");
    add_models_dir(&count, program, "/../models");
    add_models_dir(&count, program, "/../../models");
  }
  add_models_dir(&count, installed, "");
}

const char *ens_run_models_dir(int i) {
  return i < 3 && process.models_dir[i][0] ? process.models_dir[i] : NULL;
}

/* 53 bits, so that every engine's numbers hold it. */
ens_status ens_run_draw_seed(char digits[24], ens_error *error) {
  uint64_t bits;
  if (getrandom(&bits, sizeof bits, 0) != sizeof bits)
    return ens_error_set(error, ENS_IO, "the system gives no random seed (%s): set seed", strerror(errno));
  snprintf(digits, 24, "%llu", (unsigned long long)(bits >> 11));
  return ENS_OK;
}

const char *ens_run_version(void) {
  return ENS_VERSION;
}

void ens_run_set_blas_threads(unsigned threads) {
  ens_foreign_set_environment(threads);
  ens_foreign_set_loaded(NULL);
}

double ens_process_seconds(void) {
  return ens_clock_now() - process.begun;
}

void ens_run_begin_process(const char *models_dir) {
  process.begun = ens_clock_now();
  ens_run_set_blas_threads(1);
  process.console = ens_console_create(stderr);
  find_models_dirs(models_dir);
}

void ens_run_end_process(void) {
  ens_run_leave(0);
  ens_console_destroy(process.console);
  process.console = NULL;
  ens_run_sources_free();
}
