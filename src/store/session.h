/* The table session: who writes, since when, and how far. One row a process that wrote; its counts are its own. */
#ifndef ENS_STORE_SESSION_H
#define ENS_STORE_SESSION_H

#include "store/file/database.h"
#include "store/store.h"

#define ENS_SESSION_STALE 60.0 /* seconds without a heartbeat after which a writer on another host counts as gone */

/* A copy of ens_store_counts that owns its list of workers. */
typedef struct ens_tally {
  bool set;
  ens_store_counts counts; /* counts.worker is `worker` */
  ens_evaluator_stats *worker;
  size_t room;
} ens_tally;
/* Without memory for the list of workers the copy is without it. */
void ens_tally_copy(ens_tally *tally, const ens_store_counts *counts);
void ens_tally_clear(ens_tally *tally);

double ens_session_now(void); /* seconds since 1970 */

/* The newest session of a run. */
typedef struct ens_session_last {
  bool found, ended;
  char host[256];
  int64_t pid;
  double heartbeat;
} ens_session_last;
ens_status ens_session_load_last(ens_database *db, int64_t run_id, ens_session_last *last, ens_error *error);
bool ens_session_is_ours(const ens_session_last *last);  /* this very process, by host and number */
bool ens_session_is_here(const ens_session_last *last);  /* a process of this host */
bool ens_session_is_alive(const ens_session_last *last); /* as far as can be told from here */
ens_status ens_session_refuse(const char *path, const ens_session_last *last, ens_error *error);

/* Makes this process's row. Inside the transaction that has seen that nobody else is writing. */
ens_status ens_session_begin(ens_database *db, int64_t run_id, const ens_store_options *options, uint64_t first_step,
                             int64_t *session_id, ens_error *error);

/* What all sessions of a run before `session_id` have counted. */
typedef struct ens_session_sums {
  uint64_t evaluations, errors, nans;
} ens_session_sums;
ens_status ens_session_sum(ens_database *db, int64_t run_id, int64_t before, ens_session_sums *out, ens_error *error);

/* The column per_worker: a JSON array of {rank, worker, evaluations, busy_s}. malloc'ed; NULL: no memory. */
char *ens_workers_format(const ens_evaluator_stats *worker, size_t nworkers);
/* Reads what ens_workers_format writes; stops at the first thing that it would not. *out is malloc'ed. */
ens_status ens_workers_parse(const char *text, ens_store_worker **out, size_t *nworkers, ens_error *error);

#endif
