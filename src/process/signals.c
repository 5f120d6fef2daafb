/* Handlers that set flags only. The list of open stores is read by handlers too, so that it is changed without locks.
 * */
#include "process/signals.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "eval/altstack.h"
#include "eval/crash.h"
#include "process/process.h"
#include "sys/clock.h"

/* The process has one set of handlers. */
static struct {
  atomic_int stop, status;   /* not 0: asked for */
  atomic_int readers;        /* threads and handlers that are reading the slots: a store stays until there are none */
  _Atomic double first_stop; /* when; 0: none yet */
  _Atomic double asked;      /* when the request for a status was first seen; 0: none is open */
} signals;

/* ---- stores that are being written ---- */

/* A store takes a slot first and then sets its path. Signal handlers read the slots. */
enum { NSLOTS = 16 };
static struct {
  _Atomic(const ens_store *) store;
  _Atomic(const char *) path;
} slots[NSLOTS];

void ens_signals_add_store(const ens_store *store, const char *path) {
  for (int i = 0; i < NSLOTS; i++) {
    const ens_store *none = NULL;
    if (!atomic_compare_exchange_strong(&slots[i].store, &none, store)) continue;
    atomic_store(&slots[i].path, path);
    return;
  }
}

void ens_signals_remove_store(const ens_store *store) {
  for (int i = 0; i < NSLOTS; i++) {
    if (atomic_load(&slots[i].store) != store) continue;
    atomic_store(&slots[i].path, NULL);
    while (atomic_load(&signals.readers)) sched_yield();
    atomic_store(&slots[i].store, NULL);
  }
}

/* Visits every store. Signal handlers call it too. */
static void for_stores(void (*visit)(void *context, const char *path, uint64_t committed), void *context) {
  atomic_fetch_add(&signals.readers, 1);
  for (int i = 0; i < NSLOTS; i++) {
    const char *path = atomic_load(&slots[i].path);
    if (path) visit(context, path, ens_store_committed(atomic_load(&slots[i].store)));
  }
  atomic_fetch_sub(&signals.readers, 1);
}

static void note_committed(void *context, const char *path, uint64_t committed) {
  (void)context;
  ens_process_note("status: %llu %s committed to %s", (unsigned long long)committed,
                   committed == 1 ? "step is" : "steps are", path);
}

void ens_signals_tell_committed(void) {
  for_stores(note_committed, NULL);
}

/* ---- ending at once ---- */

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

/* ---- catching ---- */

/* One Ctrl-C may arrive as two signals: from the terminal, and from a parent process that forwards it, as timeout does.
 */
static const double same_stop_seconds = 0.2;

static bool is_another_stop(void) {
  double now = ens_clock_now(), first = 0;
  return !atomic_compare_exchange_strong(&signals.first_stop, &first, now) && now - first > same_stop_seconds;
}

static void on_signal(int number) {
  if (number == SIGUSR2) {
    signals.status = 1;
    return;
  }
  if (is_another_stop() && number == SIGINT) leave_at_once();
  signals.stop = 1;
}

static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
enum { NCAUGHT = sizeof caught / sizeof caught[0] };

static struct {
  int depth; /* calls of `catch` that were not released */
  ens_altstack *stack;
  struct sigaction before[NCAUGHT];
} catching;

void ens_signals_catch(void) {
  if (catching.depth++) return;
  catching.stack = ens_altstack_enter();
  ens_crash_catch("", add_all_committed);
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigfillset(&action.sa_mask);
  for (int i = 0; i < NCAUGHT; i++) {
    sigaction(caught[i], NULL, &catching.before[i]);
    /* nohup, and a shell for its background jobs, ignore signals on purpose: those stay ignored. */
    if (catching.before[i].sa_handler != SIG_IGN) sigaction(caught[i], &action, NULL);
  }
}

void ens_signals_release(void) {
  if (--catching.depth) return;
  for (int i = 0; i < NCAUGHT; i++) sigaction(caught[i], &catching.before[i], NULL);
  ens_crash_release();
  ens_altstack_leave(catching.stack);
  catching.stack = NULL;
}

/* ---- asking ---- */

void ens_signals_take(int number) {
  if (number == SIGUSR2)
    signals.status = 1;
  else
    signals.stop = 1;
}

bool ens_signals_stop_wanted(void) {
  return signals.stop != 0;
}

/* The asking thread reads the clock, so that the handler does not have to. */
bool ens_signals_status_wanted(double *seconds, bool take) {
  if (!signals.status) {
    atomic_store(&signals.asked, 0.0);
    return false;
  }
  double now = ens_clock_now();
  if (atomic_load(&signals.asked) == 0.0) atomic_store(&signals.asked, now);
  if (seconds) *seconds = now - atomic_load(&signals.asked);
  if (take) {
    signals.status = 0;
    atomic_store(&signals.asked, 0.0);
  }
  return true;
}
