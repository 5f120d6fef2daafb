/* The supervisor of a run: its clock, its screen, its polls for signals and time limits, and the reports of the watcher
 * of evaluations. It reaches the run's counts and its store through a table of functions. */
#ifndef ENS_RUN_PARTS_SUPERVISOR_H
#define ENS_RUN_PARTS_SUPERVISOR_H

#include <stdatomic.h>

#include "core/sampler.h"
#include "eval/pool.h"
#include "report/progress.h"
#include "stats/summary/advice.h"

/* The first argument of each is `context`. All except `close` are called on the sampling thread. */
typedef struct ens_supervisor_links {
  void *context;
  ens_sampler_counts (*count)(void *context); /* of this session */
  uint64_t (*evaluations)(void *context);     /* of all sessions */
  void (*show_status)(void *context);         /* answers SIGUSR2 */
  bool (*is_saving)(void *context);           /* the run has a store; the functions below are called only then */
  void (*send_counts)(void *context);         /* passes all counts to the store */
  void (*flush)(void *context);               /* returns when all steps are committed */
  uint64_t (*committed)(void *context);       /* kept steps */
  void (*log)(void *context, const char *level, const char *message);
  void (*close)(void *context); /* closes the store, if there is one, with the status of a failed run; any thread */
} ens_supervisor_links;

/* Borrows everything that it points to. */
typedef struct ens_supervisor_options {
  ens_supervisor_links links;
  const ens_model *model;
  size_t nwalkers;
  const char *output;   /* the store's path, for messages; NULL: memory */
  const char *progress; /* as ens_progress_parse_mode takes it; NULL: "auto" */
  bool quiet;
  bool rejects;      /* evaluations that are interrupted reject their proposals */
  double time_limit; /* seconds since the start of the process; 0: none */
  unsigned ranks;    /* of the job */
} ens_supervisor_options;

typedef struct ens_supervisor {
  ens_supervisor_options options;
  double wall_s, entered; /* seconds of sampling until `entered`; 0: the clock stands */
  ens_progress *progress; /* NULL: nothing is shown */
  uint64_t progress_total;
  double tau; /* as the screen showed it last; NaN: not known */
  double next_tick, next_counts, next_step;
  uint64_t next_look;        /* kept steps at which the walkers are next looked at */
  unsigned skip, skipped;    /* polls that do not read the clock */
  uint64_t rejected;         /* evaluations, while there was a store */
  double saved;              /* when a stop saved the steps so far, before it waits; 0: not yet */
  bool saved_told;           /* the user knows */
  double stop_told;          /* when the watcher next reports the evaluations that a stop waits for; its own */
  atomic_uint interruptions; /* reported */
  atomic_bool abandoned;     /* the watcher is ending the process */
} ens_supervisor;

void ens_supervisor_init(ens_supervisor *supervisor, const ens_supervisor_options *options);

/* ---- the clock ---- */

void ens_supervisor_enter(ens_supervisor *supervisor); /* starts the clock of the session's wall time */
void ens_supervisor_leave(ens_supervisor *supervisor);
double ens_supervisor_wall(const ens_supervisor *supervisor); /* seconds of this session */

/* ---- the screen ---- */

typedef struct ens_supervisor_goal {
  uint64_t total, done; /* kept steps in all, 0 if not known, and so far */
  uint64_t thin_by;
  uint64_t (*waits)(void *context, char *out, size_t size); /* see ens_progress_options */
  void *waits_context;
} ens_supervisor_goal;

/* Shows progress towards the goal; nothing changes if its total is shown already. */
void ens_supervisor_show(ens_supervisor *supervisor, const ens_supervisor_goal *goal);
void ens_supervisor_hide(ens_supervisor *supervisor);    /* writes the last line */
void ens_supervisor_drop(ens_supervisor *supervisor);    /* writes nothing */
void ens_supervisor_started(ens_supervisor *supervisor); /* the walkers are evaluated at their start */
void ens_supervisor_tuned(ens_supervisor *supervisor, uint64_t step, uint64_t tune);
void ens_supervisor_kept(ens_supervisor *supervisor, const ens_step *step);
double ens_supervisor_tau(const ens_supervisor *supervisor); /* of the worst parameter, as shown; NaN: not known */

/* ---- beside the sampling ---- */

/* For the sampler, once for each step or wait. True: stop. context: the supervisor. */
bool ens_supervisor_poll(void *context);
/* For the sampler: a rejected evaluation. context: the supervisor. */
void ens_supervisor_reject(void *context, const char *message);
void ens_supervisor_log_rejected(ens_supervisor *supervisor); /* at the end: how many the log does not list */
/* Whether a new step is due to send all counts to the store; then the next one is a millisecond later. */
bool ens_supervisor_is_due(ens_supervisor *supervisor);
/* Whether the walkers should be looked at after `steps` kept steps. */
bool ens_supervisor_is_look(ens_supervisor *supervisor, uint64_t steps);
/* Warns of stuck walkers and similar, once in a run. */
void ens_supervisor_look(ens_supervisor *supervisor, const ens_advice_early *early);

/* ---- for the watcher of evaluations; context: the supervisor ---- */

/* On the watcher's thread: whether to report the evaluations in flight. */
bool ens_supervisor_asked(void *context);
/* On the watcher's thread, and on the sampling thread for evaluations of other ranks. */
void ens_supervisor_slow(void *context, const ens_slow *slow);
/* Saves the steps so far and ends the process, since an evaluation or a rank does not answer. text: why. */
void ens_supervisor_abandon(void *context, const char *text) __attribute__((noreturn));

#endif
