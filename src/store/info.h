/* A summary of a store, read in one transaction. Reading never stops a writer. */
#ifndef ENS_STORE_INFO_H
#define ENS_STORE_INFO_H

#include <stdbool.h>

#include "core/model/evaluator.h"
#include "store/record.h"

typedef struct ens_store_info {
  ens_store_record record;
  uint64_t steps;
  ens_store_run_status status;
  bool live;               /* a process writes the store now, as far as its heartbeat shows */
  double created, updated; /* seconds since 1970 */
  double acceptance_fraction;
  uint64_t *naccepted; /* [nwalkers] in all steps */
  double *log_prob;    /* [nwalkers] of the last step */
  uint64_t evaluations, errors, nans;
  uint64_t base, target;  /* of the last session; 0: not known */
  double wall_s, model_s; /* of the last session */
  unsigned workers, ranks;
  size_t nworkers;
  ens_evaluator_stats *worker; /* [nworkers] of the last session */
  size_t nsessions;
} ens_store_info;
void ens_store_info_free(ens_store_info *info); /* leaves an empty one; NULL is fine */

/* The error says if the file is missing, is not a store or is damaged. */
ens_status ens_store_info_read(const char *path, ens_store_info *out, ens_error *error);

#endif
