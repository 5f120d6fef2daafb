/* What a run is made of, for run.c and the files beside it that each do one part of its work. */
#ifndef ENS_RUN_PARTS_H
#define ENS_RUN_PARTS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "core/memory_chain.h"
#include "core/sampler.h"
#include "core/start.h"
#include "eval/pool.h"
#include "report/progress.h"
#include "run/run.h"
#include "stats/monitor.h"
#include "store/store.h"

struct ens_run {
  ens_run_config config;
  ens_model *model;
  ens_move **move; /* [config.nmoves] */
  double *weight;
  ens_evaluator *evaluator;
  ens_sampler *sampler;
  ens_store *store;
  ens_store_checkpoint checkpoint; /* what the store had; before `begun` only its step is known */
  bool stored_before;              /* the output is there and is to be continued */
  bool settled;                    /* and whoever wrote it last has finished it */
  ens_sampler_counts before;       /* of earlier sessions */
  char *forced;                    /* differences to the store that were let pass; NULL: none */
  bool begun, finished, failed, catching;
  bool saving_told; /* the failure was the store's, and its user knows */
  uint64_t target;  /* kept steps last asked for */
  /* The core's sampler emits every step; which of them are kept is decided here, so that each sample has its thin_by.
   */
  uint64_t thin_by;
  uint64_t kept_at;  /* the sampler's step that was kept last, or that thinning began at */
  uint64_t kept;     /* steps kept so far, those included that the chain has not: */
  uint64_t hidden;   /* forgotten by a reset, or not recorded */
  uint64_t recorded; /* steps in the chain when recording ended; UINT64_MAX: it goes on */
  uint64_t *naccepted;
  size_t nmixed;
  ens_run_move_stats *mixed; /* [nmixed] the moves of a mixture */
  ens_memory_chain *memory;
  ens_chain *stored; /* reader of the store, as of stored_steps */
  ens_progress *progress;
  uint64_t progress_total;
  uint64_t next_look;   /* kept steps at which the walkers are looked at; 0: not yet known */
  ens_monitor *monitor; /* of the chain, for config.until; NULL: no rules */
  uint64_t converged;   /* the step of the first check at which all rules held; 0: none yet */
  bool heeds;           /* the advance under way, or the last one, ends there */
  double tau;           /* as the screen showed it last; NaN: not known */
  ens_sink relay;       /* the sampler's one sink: this run */
  double wall_s, entered, next_tick, next_counts, next_step;
  uint64_t rejected;         /* evaluations, since there is a store */
  unsigned skip, skipped;    /* polls without a look at the clock */
  atomic_uint interruptions; /* told of */
  double stop_told;          /* when what a stop waits for is told of next; the watcher's */
  atomic_bool abandoned;     /* an evaluation is stuck: the watcher ends the process */
  double saved;              /* when, for a stop, before what is in flight has ended; 0: not yet */
  bool saved_told;
};

/* ---- run.c ---- */

ens_sampler_config ens_run_sampling(ens_run *run); /* of the run's sampler */

/* ---- run_watch.c: what happens beside the sampling ---- */

ens_sampler_counts ens_run_counts(const ens_run *run); /* of all sessions */
bool ens_run_is_recording(const ens_run *run);
void ens_run_tell_store(ens_run *run); /* what it cannot count itself */
void ens_run_tell_step(ens_run *run);  /* likewise, before it gets a step */
/* Called by the sampler once a step or wait; true: the run is to stop. context: the run, as in all of these. */
bool ens_run_poll(void *context);
void ens_run_on_rejected(void *context, const char *message);
void ens_run_log_rejected(ens_run *run); /* at the end: how many the store's log has not */
/* On the watcher's thread: whether it is to be told what is waited for. */
bool ens_run_on_asked(void *context);
/* An evaluation that lasts: on the watcher's thread, and on the main one for those of other ranks. */
void ens_run_on_slow(void *context, const ens_slow *slow);
/* A line about it on stderr, which ends with `follows`. */
void ens_run_tell_slow(const ens_run *run, const ens_slow *slow, const char *follows);
/* Saves what is sampled and ends the process, where an evaluation or a rank cannot be waited for: `why`. */
void ens_run_abandon(ens_run *run, const char *why) __attribute__((noreturn));
size_t ens_run_workers(const ens_run *run); /* of all ranks */

/* ---- run_stored.c: the output that is there ---- */

ens_store_options ens_run_store_options(const ens_run *run);
/* A file that is there is continued or refused; one that is not must be possible to make. Before any thread starts. */
ens_status ens_run_open_output(ens_run *run, ens_error *error);
/* Becomes the store's writer, and fills run->checkpoint. */
ens_status ens_run_resume_stored(ens_run *run, ens_error *error);

/* ---- run_until.c: when the chain is good enough; all do nothing without rules ---- */

ens_status ens_run_until_begin(ens_run *run, ens_error *error);
/* The next step of the chain. */
void ens_run_until_step(ens_run *run, const double *coords, const double *log_prob, const uint8_t *accepted);
void ens_run_until_reset(ens_run *run);
/* Reads what the store has and the monitor has not seen, up to run->checkpoint. */
ens_status ens_run_until_recall(ens_run *run, ens_error *error);
bool ens_run_until_ended(const ens_run *run); /* asked for, and not reached */
/* The worst parameter's at the last check; NaN: not known. */
double ens_run_until_tau(const ens_run *run);
double ens_run_until_ess(const ens_run *run);
/* For the screen, see ens_progress_options; context: the run. */
uint64_t ens_run_until_brief(void *context, char *out, size_t size);

/* ---- run_advice.c ---- */

/* Warns of walkers that are stuck and the like, once, at some steps of the chain. */
void ens_run_look(ens_run *run, const ens_step *step);

/* ---- run_start.c: where the walkers begin ---- */

/* Where the walkers are first: coords[walker][dim]. */
void ens_run_draw_start(const ens_run *run, double *coords);
/* One of them anew, where the start is random: another `attempt` is another draw. */
void ens_run_draw_walker(const ens_run *run, uint64_t attempt, size_t k, double *out);
/* Positions, evaluated and checked, into the sampler and a new store; the sampler's step stays. */
ens_status ens_run_start_anew(ens_run *run, ens_error *error);

#endif
