/* The settings of a run. The caller that fills them has checked the values; the run does not change them. */
#ifndef ENS_RUN_CONFIG_H
#define ENS_RUN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/sampler.h"
#include "move/move.h"
#include "stats/until.h"

typedef struct ens_run_config_move {
  const ens_move_kind *kind;
  double weight;
  const double *value;  /* as ens_move_create takes them */
  ens_move *made;       /* the move itself, owned, or NULL if the run makes it from kind and value */
  char fingerprint[64]; /* of the user's code; "" if the move is not a user's own */
} ens_run_config_move;

/* Where the walkers start: in a ball, at positions, or at draws from the model's priors. Owns the arrays. */
typedef struct ens_run_config_start {
  double *center, *spread; /* [ndim] of the ball */
  double *positions;       /* [walker][dim] */
  bool prior;
} ens_run_config_start;

typedef struct ens_run_config_sampling {
  size_t nwalkers, nsplits, nmoves;
  ens_run_config_move *move; /* [nmoves], in one allocation with their values */
  bool randomize_split;
  uint64_t thin_by, seed;
  uint64_t tune; /* steps before the chain, in which moves adapt their scales */
  ens_policy on_error, on_nan;
  uint64_t max_errors;
} ens_run_config_sampling;

typedef struct ens_run_config_workers {
  size_t count;        /* of each rank */
  bool given;          /* the user chose `count`; otherwise each rank has one worker for each of its CPUs */
  double eval_timeout; /* seconds of one evaluation; 0: none */
  double rank_timeout; /* seconds that a rank may be silent */
} ens_run_config_workers;

typedef enum ens_run_config_resume {
  ENS_RESUME_AUTO,  /* resume a store that exists */
  ENS_RESUME_NEVER, /* a store that exists is an error */
  ENS_RESUME_MUST,  /* a missing store is an error */
  ENS_RESUME_FORCE  /* resume, although the run differs from the stored one */
} ens_run_config_resume;

typedef struct ens_run_config_output {
  char *path; /* NULL: the chain is kept in memory */
  ens_run_config_resume resume;
  bool replayed;       /* the command `resume` runs the script again: the store keeps its record and its base */
  uint64_t base;       /* if replayed: kept steps when the script was first started */
  double commit_every; /* seconds */
  char *journal;       /* "auto", "wal", "delete" */
} ens_run_config_output;

typedef struct ens_run_config_stopping {
  ens_until until;
  double time_limit; /* seconds since the start of the process; 0: none */
} ens_run_config_stopping;

typedef struct ens_run_config_screen {
  char *progress; /* "auto", "bar", "plain", "json", "none"; NULL: "auto" */
  bool quiet;
} ens_run_config_screen;

/* The script and the command line that started the run, for the store. NULL: not known. */
typedef struct ens_run_config_origin {
  char *script_name, *script;
  char *argv;         /* a JSON array */
  char *folder;       /* in which the script ran */
  char *output_name;  /* the output's path as the script gave it */
  const char *engine; /* borrowed */
} ens_run_config_origin;

/* Owns everything that it points to, except origin.engine. */
typedef struct ens_run_config {
  ens_run_config_sampling sampling;
  ens_run_config_start start;
  ens_run_config_workers workers;
  ens_run_config_output output;
  ens_run_config_stopping stopping;
  ens_run_config_screen screen;
  ens_run_config_origin origin;
} ens_run_config;

void ens_run_config_free(ens_run_config *config);
void ens_run_config_free_start(ens_run_config_start *start);

#endif
