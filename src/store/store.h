/* A run's store: one SQLite 3 file, written by a thread of its own. The schema is in schema.c and in the README.
 * Samples, checkpoint and counters of a commit are one transaction; what was reported as saved is there after a crash.
 */
#ifndef ENS_STORE_STORE_H
#define ENS_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/chain.h"
#include "core/model/blob.h"
#include "core/model/evaluator.h"
#include "core/sink.h"

/* A text that the run was made from beside its script: a model's file, a module that one of them required. */
typedef struct ens_store_source {
  char *role, *name, *text;
} ens_store_source;

/* What identifies a run. All strings are borrowed during the call that takes it; in a record that a call fills they
 * are owned by the record (ens_store_record_free). */
typedef struct ens_store_record {
  size_t nwalkers, ndim;
  char **parameters; /* [ndim] */
  ens_blobs blobs;
  uint64_t thin_by, seed;
  char *rng;                  /* "philox4x64-10" and the layout's version */
  char *moves;                /* JSON text */
  char *engine;               /* "Lua 5.4" or "LuaJIT 2.1" */
  char *version;              /* of the program */
  char *script_name, *script; /* the run script's name and text; NULL: none */
  char *argv;                 /* JSON array of the command line */
  char *extra;                /* JSON object: hashes of model and data, and what else continues a run */
  char *folder, *output;      /* where it ran, and its store's name there; NULL: not known */
  size_t nsources;
  ens_store_source *source; /* [nsources] */
} ens_store_record;
void ens_store_record_free(ens_store_record *record);

/* The state after the last kept step: everything that continuing needs. Arrays are owned by the checkpoint. */
typedef struct ens_store_checkpoint {
  uint64_t step; /* kept steps */
  double *coords, *log_prob, *blobs;
  uint64_t *naccepted; /* [walker] sum of the accepted flags of the kept steps */
  size_t nmove_state;
  double *move_state; /* what the moves have learnt; NULL: nothing */
} ens_store_checkpoint;
void ens_store_checkpoint_free(ens_store_checkpoint *checkpoint);

typedef struct ens_store_options {
  double commit_every; /* seconds; 0: as often as the device can */
  const char *journal; /* "auto", "wal", "delete"; NULL: auto */
  unsigned workers, ranks;
  const char *job_id;    /* of a batch system; NULL: none */
  uint64_t base, target; /* kept steps when the script was started, and asked for in all; 0: not known */
  /* On resuming: NULL, or what the store's record becomes, since script, model or settings may have changed;
   * `forced` goes to the log then, as a warning. */
  const ens_store_record *replace;
  const char *forced;
  /* On resuming under another engine: its name, and a warning for the log; NULL: the engine is the stored one. */
  const char *engine, *other_engine;
  void (*note)(const char *format, ...); /* tells the user, from any thread; NULL: only the log is told */
  double busy_limit, full_limit;         /* seconds that a locked file, a full device are waited for; 0: 600 and 60 */
} ens_store_options;

/* What only the sampler knows of a row of the table diag, and what info shows of the last session. The store itself
 * counts what follows from the steps: acceptance, log_prob. */
typedef struct ens_store_counts {
  double tau, ess;                    /* of the worst parameter; NaN: not known. ess 0: every walker's steps over tau */
  uint64_t evaluations, errors, nans; /* of the whole run, earlier sessions included */
  double wall_s, model_s;             /* of this session */
  uint64_t base, target;              /* as in the options */
  size_t nworkers;
  const ens_evaluator_stats *worker; /* [nworkers], borrowed */
} ens_store_counts;

typedef enum ens_store_run_status {
  ENS_RUN_RUNNING,
  ENS_RUN_STOPPED,
  ENS_RUN_FINISHED,
  ENS_RUN_FAILED
} ens_store_run_status;

typedef struct ens_store ens_store;

/* Makes a new store at `path`, which must not exist: built beside it under another name and moved into place when it is
 * whole, so that no half-made file is left. `start` is the state before the first step. */
ens_status ens_store_create(const char *path, const ens_store_record *record, const ens_store_checkpoint *start,
                            const ens_store_options *options, ens_store **out, ens_error *error);
/* Opens an existing store to go on. Fills `record` and `checkpoint`, which the caller frees. Refuses (ENS_CONFIG) a
 * file that is not ours, a newer version, and one that another live writer holds. */
ens_status ens_store_resume(const char *path, const ens_store_options *options, ens_store **out,
                            ens_store_record *record, ens_store_checkpoint *checkpoint, ens_error *error);

/* Makes one file of a store whose last writer could not, since a reader kept it open. Where that is not possible or not
 * ours to do, nothing happens. */
void ens_store_tidy(const char *path);

/* Feeds the store. Copies the step and returns; waits only when the bounded queue (2 x 8 MiB) is full. Steps of one run
 * must come in order. Returns the writer's error, if it had one. */
ens_sink *ens_store_sink(ens_store *store);
/* The state while moves are tuned, before the first kept step, goes into the next commit; what they have learnt stays
 * in the checkpoint from then on. Copied; naccepted is not used. ENS_MEMORY: this state is not saved. */
ens_status ens_store_put_tuning(ens_store *store, const ens_store_checkpoint *state, ens_error *error);
/* Tells the writer what to put into the next commit's diag row and session. Cheap; any time. What is told before a step
 * is committed with it, or later. */
void ens_store_set_counts(ens_store *store, const ens_store_counts *counts);
/* Of what was told last, these alone: for steps that come too fast for all of it. */
void ens_store_set_totals(ens_store *store, uint64_t evaluations, uint64_t errors, uint64_t nans);
/* Returns when every step so far is committed. */
ens_status ens_store_flush(ens_store *store, ens_error *error);
/* Kept steps that are safe on disk. Any thread, a signal handler too. */
uint64_t ens_store_committed(const ens_store *store);
/* Whether saving has failed: no later step will be saved. */
bool ens_store_has_failed(ens_store *store);
/* Appends a line to the table log (with the next commit). level: "info", "warning", "error". */
void ens_store_log(ens_store *store, const char *level, const char *message);
/* Commits everything, writes status and exit status, back to a rollback journal, closes. `store` is gone afterwards,
 * whatever is returned. */
ens_status ens_store_close(ens_store *store, ens_store_run_status status, int exit_status, ens_error *error);

/* ---- readers: never stop a writer ---- */

typedef struct ens_store_worker {
  unsigned rank, worker;
  char host[64]; /* "": not known */
  uint64_t evaluations;
  double busy_s;
} ens_store_worker;
typedef struct ens_store_info {
  ens_store_record record;
  uint64_t steps;
  ens_store_run_status status;
  bool live;               /* a session's heartbeat is fresh: somebody is writing now */
  double created, updated; /* seconds since 1970 */
  double acceptance_fraction;
  uint64_t *naccepted; /* [nwalkers] of all steps */
  double *log_prob;    /* [nwalkers] of the last step */
  uint64_t evaluations, errors, nans;
  uint64_t base, target;  /* of the last session; 0: not known */
  double wall_s, model_s; /* of the last session */
  unsigned workers, ranks;
  size_t nworkers;
  ens_store_worker *worker;
  size_t nsessions;
} ens_store_info;
void ens_store_info_free(ens_store_info *info);

/* A file that is missing, not ours or damaged is an error that says which. */
ens_status ens_store_read_info(const char *path, ens_store_info *out, ens_error *error);
/* The stored steps as they are now (a snapshot length; later steps are not seen). Owned by the caller:
 * chain->ops->destroy. For one thread at a time; holds one decoded chunk, and the file only while it reads one. */
ens_status ens_store_read_chain(const char *path, ens_chain **out, ens_error *error);

#endif
