/* Counts over a chain that need no coordinates: accepted proposals and log_prob. */
#ifndef ENS_STATS_TALLY_H
#define ENS_STATS_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "stats/pass.h"

typedef struct ens_tally {
  size_t nwalkers;
  uint64_t *accepted;   /* [walker] accepted proposals over all steps */
  uint64_t *moved;      /* [walker] accepted proposals over all steps after discard */
  bool *finite;         /* [walker] log_prob was finite at a step */
  double *level;        /* [walker] mean log_prob of the steps after discard */
  double log_prob_max;  /* over all steps; -inf if none is finite */
  double log_prob_mean; /* over the draws of the pass; -inf if one of them is */
} ens_tally;

/* Reads the whole chain once. On an error there is nothing to free. */
ens_status ens_tally_count(const ens_pass *pass, ens_tally *tally, ens_error *error);
void ens_tally_free(ens_tally *tally);

#endif
