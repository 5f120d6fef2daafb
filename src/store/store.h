/* The store of a run: one SQLite 3 file, which a thread of its own writes. format/schema.c describes the tables. The
 * samples, the checkpoint and the counters of a commit are one transaction: a step that counts as committed survives a
 * crash. create.h and resume.h open a store. */
#ifndef ENS_STORE_STORE_H
#define ENS_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/sink.h"
#include "store/checkpoint.h"
#include "store/counts.h"
#include "store/record.h"

typedef struct ens_store_options {
  double commit_every; /* seconds between commits; 0: as often as the device can */
  const char *journal; /* "auto", "wal", "delete"; NULL: auto */
  unsigned workers, ranks;
  const char *job_id; /* of a batch system; NULL: none */
  uint64_t base;      /* kept steps when the script was started */
  uint64_t target;    /* kept steps that the run shall reach; 0: not known */
  /* For ens_store_resume: the new record of the store, because script, model or settings may have changed, and a
   * warning about the differences for the log. NULL: none. */
  const ens_store_record *replace;
  const char *forced;
  /* For ens_store_resume under another engine: its name, and a warning for the log. NULL: the engine is the stored one.
   */
  const char *engine, *other_engine;
  void (*note)(const char *format, ...); /* shows a message to the user, from any thread; NULL: only the log gets it */
  double busy_limit, full_limit;         /* seconds to wait for a locked file, for a full device; 0: 600 and 60 */
} ens_store_options;

typedef struct ens_store ens_store;

/* Receives the steps. Copies a step and returns; waits only if both buffers of 8 MiB are full. The steps must come in
 * order. Returns the writer's error if it had one. */
ens_sink *ens_store_sink(ens_store *store);
/* While the moves are tuned, before the first kept step: puts the state into the next commit. The checkpoint keeps its
 * move_state from then on. The state is copied; its naccepted is not used. ENS_MEMORY: this state is not saved. */
ens_status ens_store_put_tuning(ens_store *store, const ens_store_checkpoint *state, ens_error *error);
/* Sets the counts for the next commit's rows of diag and session. Cheap; call it any time. Counts that are set before a
 * step are committed with that step or later. */
void ens_store_set_counts(ens_store *store, const ens_store_counts *counts);
/* Sets only these of the counts; for steps that are too fast for ens_store_set_counts. */
void ens_store_set_totals(ens_store *store, uint64_t evaluations, uint64_t errors, uint64_t nans);
/* Waits until every step so far is committed. */
ens_status ens_store_flush(ens_store *store, ens_error *error);
/* The number of committed steps. Any thread may call it, and a signal handler too. */
uint64_t ens_store_committed(const ens_store *store);
/* Whether saving has failed. Then no later step is saved either. */
bool ens_store_has_failed(ens_store *store);
/* Appends a line to the table log with the next commit. level: "info", "warning", "error". */
void ens_store_log(ens_store *store, const char *level, const char *message);
/* Commits everything, writes status and exit status, returns to a rollback journal, and frees the store, also after an
 * error. NULL is fine. */
ens_status ens_store_close(ens_store *store, ens_store_run_status status, int exit_status, ens_error *error);

/* Merges the journal of a store into its file, if the last writer could not because a reader kept the file open. Does
 * nothing if that is not possible, or if the store has a writer. */
void ens_store_tidy(const char *path);

/* For create.c and resume.c: starts the writer's thread. Takes the parts, also after an error. */
struct ens_store_parts;
ens_status ens_store_launch(struct ens_store_parts *parts, ens_shape shape, const ens_store_options *options,
                            ens_store **out, ens_error *error);

#endif
