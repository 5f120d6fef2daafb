/* A run as a whole: model, sampler, evaluator, store, screen, put together. run.c is the one place that knows all
 * parts; this header knows only core, so that script/ can drive a run without knowing what it is made of. */
#ifndef ENS_RUN_RUN_H
#define ENS_RUN_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/chain.h"
#include "core/model/evaluator.h"
#include "core/invariance.h"
#include "core/sampler.h"
#include "move/move.h"
#include "stats/summary/summary.h"
#include "stats/until.h"

typedef struct ens_run_move {
  const ens_move_kind *kind;
  double weight;
  const double *value;  /* as ens_move_create takes them */
  ens_move *made;       /* not NULL: the move itself; owned */
  char fingerprint[64]; /* of a move that was made from a user's code, else empty */
} ens_run_move;

typedef enum ens_resume { ENS_RESUME_AUTO, ENS_RESUME_NEVER, ENS_RESUME_MUST, ENS_RESUME_FORCE } ens_resume;

/* Where the walkers begin: a ball (center and spread, [ndim] each), positions [walker][dim], or the model's priors. */
typedef struct ens_run_start {
  double *center, *spread, *positions;
  bool prior;
} ens_run_start;

/* What a run is to do, checked by whoever fills it. Owns everything in it (malloc). */
typedef struct ens_run_config {
  size_t nwalkers, workers, nsplits, nmoves; /* workers of each rank */
  bool workers_given; /* else each rank has as many as it has CPUs, whatever `workers` says of this one */
  bool randomize_split;
  uint64_t thin_by, seed;
  uint64_t tune;      /* steps before the chain in which moves adapt their scale */
  ens_run_move *move; /* [nmoves], one piece of memory with their values */
  ens_run_start start;
  char *output; /* NULL: memory */
  ens_resume resume;
  bool replayed;       /* by the command resume: the store's record stays, and so does `base` */
  uint64_t base;       /* then: kept steps when the script was started */
  double commit_every; /* seconds */
  char *journal;       /* "auto", "wal", "delete" */
  ens_policy on_error, on_nan;
  uint64_t max_errors;
  ens_until until;
  double eval_timeout; /* seconds of one evaluation; 0: none */
  double rank_timeout; /* seconds without a word from a rank of a job */
  char *progress;      /* "auto", "bar", "plain", "json", "none" */
  bool quiet;
  double time_limit;                 /* seconds of the process; 0: none */
  char *script_name, *script, *argv; /* NULL: none; argv is a JSON array */
  char *folder, *output_name;        /* where the script runs, and the output as it has it; NULL: not known */
  const char *engine;                /* not owned */
} ens_run_config;

void ens_run_config_free(ens_run_config *config);

typedef struct ens_run ens_run;

/* Takes the config, whatever is returned; borrows the model until the run is destroyed. Opens a store that is there
 * and compares it; starts no thread and evaluates nothing. */
ens_status ens_run_create(ens_run_config *config, ens_model *model, ens_run **out, ens_error *error);
void ens_run_destroy(ens_run *run); /* as ens_run_finish, then gone; NULL is fine */

uint64_t ens_run_steps(const ens_run *run); /* kept steps in the chain */
uint64_t ens_run_tuned(const ens_run *run); /* of the steps before the chain; 0: none, or it has not begun */
uint64_t ens_run_saved(const ens_run *run); /* those that are safe in the output */
/* More kept steps than any run makes. */
#define ENS_RUN_ENDLESS ((uint64_t)1 << 53)
/* Until the chain has `kept` steps; see ens_sampler_advance. Starts workers and evaluates the start first, if need be.
 * `heed`: the check at which all rules of config.until hold ends it, too. */
ens_status ens_run_advance(ens_run *run, uint64_t kept, uint64_t horizon, bool heed, ens_error *error);

/* How the chain stands to config.until. */
typedef struct ens_run_verdict {
  bool asked;       /* there are rules */
  uint64_t reached; /* the step of the first check at which all held; 0: none */
  uint64_t steps;   /* that they would take in all; 0: not known */
  char text[1024];  /* at the last check: the rules that do not hold, or where they held, all; see ens_until_describe */
} ens_run_verdict;
void ens_run_judge(const ens_run *run, ens_run_verdict *out);
/* The last state; borrowed, valid until the next call. Starts the run if need be. */
ens_status ens_run_state(ens_run *run, ens_step *out, ens_error *error);
/* The chain so far; borrowed, valid until the next call that takes the run. */
ens_status ens_run_chain(ens_run *run, ens_chain **out, ens_error *error);
/* [walker] accepted flags of the chain, summed; borrowed. */
ens_status ens_run_accepted(ens_run *run, const uint64_t **out, ens_error *error);
/* log_prob[n] and blobs[n][nblobs] at n positions; the chain is left alone. */
ens_status ens_run_compute(ens_run *run, size_t n, const double *positions, double *log_prob, double *blobs,
                           ens_error *error);
/* Forgets the chain in memory; the walkers stay. ENS_CONFIG for a stored one. */
ens_status ens_run_reset(ens_run *run, ens_error *error);
/* From now on every thin_by-th step is kept. ENS_CONFIG where a stored chain has another. */
ens_status ens_run_thin(ens_run *run, uint64_t thin_by, ens_error *error);
/* Off: steps count as any other, but the chain does not take them; on again: they are forgotten. ENS_CONFIG for a
 * stored chain. */
ens_status ens_run_record(ens_run *run, bool on, ens_error *error);
/* The walkers begin anew from `start`, which is taken; the chain stays. */
ens_status ens_run_restart(ens_run *run, ens_run_start *start, ens_error *error);
/* The run is over: everything committed, the store closed with its final status. The chain can still be read. */
ens_status ens_run_finish(ens_run *run, ens_error *error);

/* ---- a look at the model before a run ---- */

/* Where it was evaluated, and what came out. */
typedef struct ens_look_point {
  uint64_t step; /* 0: the start */
  uint32_t walker;
  uint8_t outcome; /* ens_outcome */
  bool lasted;     /* it was interrupted */
  double log_prob, seconds;
} ens_look_point;

typedef enum ens_look_same {
  ENS_LOOK_SAME,    /* every answer came out again, bit for bit */
  ENS_LOOK_HISTORY, /* it depends on the evaluations before */
  ENS_LOOK_STATE,   /* it depends on the worker's instance */
  ENS_LOOK_CHANCE   /* it is another one each time */
} ens_look_same;

typedef struct ens_look {
  size_t n, capacity, nstart, ndim, ncells; /* nstart of the n points are of the start */
  ens_look_point *point;
  double *theta, *blobs;         /* [n][ndim], [n][ncells] */
  double evaluations_per_update; /* 0: not known */
  double loop_seconds;           /* an evaluation, with the moves' part, on one thread; 0: not measured */
  char *message;                 /* of the first failure, its first line; NULL: none */
  size_t failed;                 /* its point */
  double state_seconds;          /* to make a worker's instance */
  size_t state_bytes;            /* that it takes by malloc */
  ens_look_same same;
  bool calls_agree, states_agree;
  bool differs, in_blobs; /* in_blobs: log_prob is the same */
  size_t different;       /* the first point with another answer, */
  double other;           /* which is this; NaN: a failure */
} ens_look;

/* What only the model's own language can tell; in the calling thread. */
typedef struct ens_look_hooks {
  void *context;
  /* Before counted evaluations, with n = 0, and after n of them. */
  void (*count_bytes)(void *context, void *instance, size_t n);
  void (*end)(void *context, void *instance); /* of all evaluations */
} ens_look_hooks;

typedef struct ens_look_options {
  double seconds;              /* for the points; all takes about four times as long */
  const ens_look_hooks *hooks; /* NULL: none */
} ens_look_options;

/* Of a run that has not begun, which it does not begin: nothing is sampled or stored. ENS_MODEL where the model cannot
 * be set up; failing evaluations are counted, not reported. ENS_STOPPED by a signal. The caller frees *out where ENS_OK
 * is returned. */
ens_status ens_run_inspect(ens_run *run, const ens_look_options *options, ens_look *out, ens_error *error);
void ens_look_free(ens_look *look);
/* The exact invariance test (core/invariance.h) of the run's moves, which does not ask its model. */
ens_status ens_run_test_moves(ens_run *run, const ens_invariance *test, ens_invariance_result *out, ens_error *error);
size_t ens_run_heap_bytes(void); /* lent by malloc to the whole process; 0: it does not count */

/* What one move of a mixture did in the kept steps; with thin_by, in the last proposals before them. */
typedef struct ens_run_move_stats {
  char name[24];
  double weight;
  uint64_t accepted, proposed;
} ens_run_move_stats;

/* Bytes between the ranks of this job since its start, without MPI's own envelopes. All 0: it is alone, or not known.
 */
typedef struct ens_run_traffic {
  uint64_t proposals, results; /* to the other ranks and back */
  uint64_t data;               /* arrays that were sent and not mapped */
} ens_run_traffic;

/* What is known of a run, going on or stored. Strings are owned by the info. */
typedef struct ens_run_info {
  uint64_t steps, seed, evaluations, errors, nans;
  size_t nwalkers, ndim;
  char **parameters; /* [ndim] */
  char *status;      /* "running", "stopped", "finished", "failed" */
  char *engine, *version;
  double acceptance_fraction;
  double wall_s, model_s; /* of the last session */
  unsigned workers, ranks;
  ens_run_traffic traffic;
  size_t nworkers;
  ens_evaluator_stats *worker; /* [nworkers] */
  size_t nmoves;
  ens_run_move_stats *move; /* [nmoves]; none where all steps make the same move */
  ens_summary_acceptance judged;        /* what they did that may refuse a proposal */
  size_t nwarnings;
  char **warning;     /* [nwarnings] what can be told without reading the chain */
  ens_domain *domain; /* of a stored run: which parameters are periodic; NULL: none, or not told here */
} ens_run_info;

void ens_run_info_free(ens_run_info *info);
ens_status ens_run_describe(ens_run *run, ens_run_info *out, ens_error *error);
ens_status ens_run_read_info(const char *path, ens_run_info *out, ens_error *error);
/* The chain of a store, and its parameters' names in `info`. The caller destroys the chain and frees the info. */
ens_status ens_run_read_chain(const char *path, ens_chain **chain, ens_run_info *info, ens_error *error);

/* What a stored run was made from, to make it again. Strings are owned by the origin; NULL: not stored. */
typedef struct ens_run_origin {
  char *script_name, *script, *argv, *folder, *output, *engine, *status;
  uint64_t steps, base, target; /* target 0: not known */
} ens_run_origin;

void ens_run_origin_free(ens_run_origin *origin);
/* From now on the store's texts stand in for files that are gone or have changed (ens_run_read_text). */
ens_status ens_run_read_origin(const char *path, ens_run_origin *out, ens_error *error);

/* ---- of the process ---- */

/* Reads a file of Lua whole, and takes note of it for the stores of runs that begin later. The caller frees *text,
 * which ends with a NUL that *size does not count. *number is errno where there is no such file or it cannot be read:
 * *text is NULL then. role: "script", "model", "module" or "model module". Any thread. */
ens_status ens_run_read_text(const char *role, const char *path, char **text, size_t *size, int *number,
                             ens_error *error);
/* Whether ens_run_read_text has something for this path: a file, or a stored text. */
bool ens_run_has_text(const char *path);

/* First thing in main: the clock of time limits starts, the console is made. models_dir: where models are installed. */
void ens_run_begin_process(const char *models_dir);
void ens_run_end_process(void);
/* Joins the job of the launcher that started this process, if one did. *served: it is not the first of the job's ranks,
 * and was of use to it until now; it is to end with *exit_status. ENS_CONFIG: it was started several times, and the
 * processes cannot work as one. unpack: makes a model from what its `pack` op wrote. */
typedef ens_status ens_run_unpack(ens_bundle *bundle, ens_model **out, ens_error *error);
ens_status ens_run_join(const char *engine, ens_run_unpack *unpack, bool *served, int *exit_status, ens_error *error);
void ens_run_leave(int exit_status); /* the job, whose ranks all end with that status; nothing where none was joined */
int ens_run_launched(void);   /* the rank that a launcher gave to this process, joined or not; 0: the first, or alone */
int ens_run_rank(void);       /* in the job that was joined; -1: none was */
unsigned ens_run_ranks(void); /* of that job; 1: this process alone */
const char *ens_run_version(void);
/* Threads of BLAS, OpenMP and the like in each worker; 1 from the start. Before any worker is made. */
void ens_run_set_blas_threads(unsigned threads);
size_t ens_run_cpus(void); /* CPUs that this process may use: affinity mask and cgroup limit */
ens_status ens_run_draw_seed(char digits[24], ens_error *error);
/* The i-th folder in which models are looked for by name; NULL behind the last. Valid for the life of the process. */
const char *ens_run_models_dir(int i);
/* A whole line to stdout, from any thread, without spoiling the progress bar. */
void ens_run_print_line(const char *prefix, const char *text, size_t size);

#endif
