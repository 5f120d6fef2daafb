/* What belongs to the process and not to one run: signals, the console, CPUs, folders. Internal to run.c and its kin.
 */
#ifndef ENS_PROCESS_PROCESS_H
#define ENS_PROCESS_PROCESS_H

#include <stdbool.h>

#include "report/console.h"
#include "store/store.h"

ens_console *ens_process_console(void); /* NULL only without memory */
double ens_process_seconds(void);       /* since ens_run_begin_process */

/* Signals that ask for an end are caught while a run is open: `open` and `close` nest. The first one is remembered; a
 * second SIGINT leaves at once. A crash is told of. */
void ens_process_catch_signals(void);
void ens_process_release_signals(void);
bool ens_process_stop_wanted(void);
void ens_process_take_signal(int number); /* that came to another rank */
/* Whether SIGUSR2 has come since this was called last; `seconds` ago. */
bool ens_process_status_wanted(double *seconds, bool take);
/* A store whose committed steps are told of when the process crashes or is left at once; `add` and `remove` come in
 * pairs. path: borrowed until then. */
void ens_process_add_store(const ens_store *store, const char *path);
void ens_process_remove_store(const ens_store *store);
void ens_process_tell_committed(void); /* lines on the screen; any thread */
/* "info: text" to the screen, a whole line. */
void ens_process_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
