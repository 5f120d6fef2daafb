/* Counts over the steps of a chain that need no coordinates: accepted proposals and log_prob. */
#ifndef ENS_STATS_TALLY_H
#define ENS_STATS_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "stats/pass.h"

typedef struct ens_tally {
  size_t nwalkers;
  uint64_t *accepted;   /* [walker] over all steps */
  uint64_t *moved;      /* [walker] over the steps after discard, thinned or not */
  bool *finite;         /* [walker] log_prob was finite at one step at least */
  double *level;        /* [walker] mean log_prob of the steps after discard */
  double log_prob_max;  /* over all steps; -inf when none is finite */
  double log_prob_mean; /* over the kept draws; -inf when one of them is */
} ens_tally;

/* Reads the whole chain once. On failure nothing is left to free. */
ens_status ens_tally_count(const ens_pass *pass, ens_tally *tally, ens_error *error);
void ens_tally_free(ens_tally *tally);

typedef struct ens_stragglers {
  size_t count;
  double accepted, median_accepted; /* proposals, a walker */
  double level, median_level;
} ens_stragglers;
/* The walkers that others leave behind, into left[walker]: they accept less than a quarter of what the median walker
 * does, which is 50 proposals at least, and their level is far below the others': below the first quartile by 10, and
 * by 5 times the distance of the quartiles. */
ens_status ens_tally_stragglers(const ens_tally *tally, bool *left, ens_stragglers *out, ens_error *error);

#endif
