/* The archive of a run: its store, whether new or resumed, and the steps that the store had before. Without a path the
 * chain is in memory, and there is no store. The caller makes records and compares them. */
#ifndef ENS_RUN_PARTS_ARCHIVE_H
#define ENS_RUN_PARTS_ARCHIVE_H

#include "core/chain.h"
#include "core/sampler.h"
#include "store/store.h"

/* More kept steps than any run makes: the target of a run that ends otherwise. */
#define ENS_ARCHIVE_ENDLESS ((uint64_t)1 << 53)

/* Compares a stored record with that of this run. ENS_CONFIG lists the differences. With `forced`, differences that
 * leave the shape of the chain alone are accepted: *forced, if not NULL, is freed and replaced by their list. */
typedef ens_status ens_archive_compare(void *context, const ens_store_record *stored, char **forced, ens_error *error);

/* Texts are borrowed for the life of the archive. */
typedef struct ens_archive_options {
  const char *path;    /* NULL: memory */
  bool never, must;    /* resume: a store that exists is an error, a missing one is */
  bool force;          /* resume in spite of differences */
  bool replayed;       /* the store's record stays, and so does its base */
  uint64_t base;       /* if replayed: kept steps when the script was first started */
  double commit_every; /* seconds */
  const char *journal; /* see ens_store_options */
  const char *engine;  /* that runs the script now */
  unsigned ranks;      /* of the job */
  ens_archive_compare *compare;
  void *context; /* of compare */
} ens_archive_options;

typedef struct ens_archive {
  ens_archive_options options;
  ens_store *store;                /* NULL: not created or resumed yet, or closed */
  ens_store_checkpoint checkpoint; /* the stored state; until the store is resumed, only `step` is set */
  bool stored_before;              /* the store existed, and is to be resumed */
  bool settled;                    /* its last run had finished */
  ens_sampler_counts before;       /* of earlier sessions */
  char *forced;                    /* accepted differences; NULL: none */
  bool failure_reported;           /* the user has seen the store's error */
  uint64_t base;                   /* kept steps when the script was started */
  uint64_t target;                 /* kept steps asked for last */
  ens_chain *reader;               /* of the store, as of its nsteps; NULL: not read yet */
} ens_archive;

/* Looks whether the store exists and compares it, without changing it. If there is none, checks that it can be made.
 * On failure ens_archive_free still has to be called. */
ens_status ens_archive_open(ens_archive *archive, const ens_archive_options *options, ens_error *error);
void ens_archive_free(ens_archive *archive); /* the store must be closed */

/* Becomes the writer of the store that exists and fills the checkpoint. record: that of this run; workers: of all
 * ranks. The store is compared again, since another process may have changed it. On failure no store is open. */
ens_status ens_archive_resume(ens_archive *archive, const ens_store_record *record, unsigned workers, ens_error *error);
/* Creates the store; start: the state before the first step. */
ens_status ens_archive_create(ens_archive *archive, const ens_store_record *record, const ens_store_checkpoint *start,
                              unsigned workers, ens_error *error);

/* Passes the counts to the store, after filling in base and target. */
void ens_archive_set_counts(ens_archive *archive, ens_store_counts *counts);
void ens_archive_log(ens_archive *archive, const char *level, const char *message); /* nothing without a store */
/* Commits all steps after a stop or an error; `status` and `error` are those of the advance. Returns the status, or the
 * store's own error if the advance was stopped and saving failed. */
ens_status ens_archive_save(ens_archive *archive, ens_status status, ens_error *error);
/* From another thread, just before the process ends: closes the store, if there is one, as that of a failed run. */
void ens_archive_abandon(ens_archive *archive);
/* Closes the store with its final status; nothing without a store. */
ens_status ens_archive_close(ens_archive *archive, ens_store_run_status status, int exit_status, ens_error *error);

uint64_t ens_archive_committed(const ens_archive *archive); /* kept steps that are safe in the store */
uint64_t ens_archive_target(const ens_archive *archive);    /* 0: endless */
/* The stored chain, with all of its `steps` steps; borrowed until the next call. */
ens_status ens_archive_read(ens_archive *archive, uint64_t steps, ens_chain **out, ens_error *error);

#endif
