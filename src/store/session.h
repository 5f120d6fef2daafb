/* The table session: one row for each process that has written to the store, with its own counts. The newest row shows
 * whether a process writes to the store now. */
#ifndef ENS_STORE_SESSION_H
#define ENS_STORE_SESSION_H

#include "store/file/database.h"
#include "store/store.h"

/* The newest session of a run. */
typedef struct ens_session_last {
  bool found, ended;
  char host[256];
  int64_t pid;
  double heartbeat; /* seconds since 1970 */
} ens_session_last;
ens_status ens_session_load_last(ens_database *db, int64_t run_id, ens_session_last *last, ens_error *error);
bool ens_session_is_ours(const ens_session_last *last); /* it is this process, by host and pid */
bool ens_session_is_here(const ens_session_last *last); /* its process runs on this host */
/* Whether its process still writes. For a process on another host, a heartbeat of the last 60 s must do. */
bool ens_session_is_alive(const ens_session_last *last);
/* The error for a store that another process writes. */
ens_status ens_session_refuse(const char *path, const ens_session_last *last, ens_error *error);

/* Inserts the row of this process. Call it in the transaction that has found no other writer. */
ens_status ens_session_begin(ens_database *db, int64_t run_id, const ens_store_options *options, uint64_t first_step,
                             int64_t *session_id, ens_error *error);

/* The sums over all sessions of a run whose id is less than `before`. */
typedef struct ens_session_sums {
  uint64_t evaluations, errors, nans;
} ens_session_sums;
ens_status ens_session_sum(ens_database *db, int64_t run_id, int64_t before, ens_session_sums *out, ens_error *error);

#endif
