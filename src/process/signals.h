/* Signals that stop a run or ask for its status, and the stores whose saved steps are reported when the process ends
 * early. */
#ifndef ENS_PROCESS_SIGNALS_H
#define ENS_PROCESS_SIGNALS_H

#include <stdbool.h>

#include "store/store.h"

/* Signals are caught between `catch` and `release`, which nest. The first SIGINT, SIGTERM, SIGHUP or SIGUSR1 asks for a
 * stop; a second SIGINT ends the process at once. A crash is reported before the process dies of it. */
void ens_signals_catch(void);
void ens_signals_release(void);

bool ens_signals_stop_wanted(void); /* any thread */
/* Whether SIGUSR2 has asked for a status that nobody has taken yet. *seconds: how long ago this function first saw it;
 * may be NULL. take: the caller answers, and the request is over. Any thread. */
bool ens_signals_status_wanted(double *seconds, bool take);
void ens_signals_take(int number); /* handles a signal that another rank of the job received */

/* Registers a store that is being written, so that its committed steps are reported if the process crashes or is ended
 * at once. `path` is borrowed until `remove`. */
void ens_signals_add_store(const ens_store *store, const char *path);
void ens_signals_remove_store(const ens_store *store);
void ens_signals_tell_committed(void); /* writes a line for each registered store; any thread */

#endif
