/* A description of a run, live or stored. */
#ifndef ENS_RUN_INFO_H
#define ENS_RUN_INFO_H

#include "core/chain.h"
#include "core/model/domain.h"
#include "core/model/evaluator.h"
#include "process/job.h"
#include "run/parts/moves.h"
#include "stats/summary/summary.h"

/* Owns everything that it points to. */
typedef struct ens_run_info {
  uint64_t steps, seed;
  uint64_t evaluations, errors, nans;
  size_t nwalkers, ndim;
  char **parameters; /* [ndim] */
  char *status;      /* "running", "stopped", "finished", "failed" */
  char *engine, *version;
  double acceptance_fraction; /* NaN: no steps yet */
  double wall_s, model_s;     /* of the last session */
  unsigned workers, ranks;
  ens_job_traffic traffic;
  size_t nworkers;
  ens_evaluator_stats *worker;   /* [nworkers] */
  ens_moves moves;               /* of a mixture; n is 0 if all steps make the same move */
  ens_summary_acceptance judged; /* the proposals of moves that can reject one */
  size_t nwarnings;
  char **warning;     /* [nwarnings] that need no look at the chain */
  ens_domain *domain; /* of a stored run: the periodic parameters; NULL: none, or a live run */
} ens_run_info;

void ens_run_info_free(ens_run_info *info);

/* Reads a stored run. ENS_IO: the store is damaged. */
ens_status ens_run_info_read(const char *path, ens_run_info *out, ens_error *error);
/* Opens the chain of a stored run and reads its info. The caller destroys the chain and frees the info. */
ens_status ens_run_info_read_chain(const char *path, ens_chain **chain, ens_run_info *info, ens_error *error);

/* ---- for those who fill an info ---- */

/* Texts that are copied; NULL stands for "". */
typedef struct ens_run_info_names {
  size_t ndim;
  char *const *parameters; /* [ndim] */
  const char *status, *engine, *version;
} ens_run_info_names;

/* Without memory it frees the info. */
ens_status ens_run_info_name(ens_run_info *info, const ens_run_info_names *names, ens_error *error);
/* Adds the warnings that follow from accepted[nwalkers] proposals, from log_prob[nwalkers] and from info->judged. On
 * failure the info stays as it is. */
ens_status ens_run_info_warn(ens_run_info *info, const uint64_t *accepted, const double *log_prob, ens_error *error);

#endif
