/* Walkers that the others leave behind, at a low log_prob where they hardly move. */
#ifndef ENS_STATS_STRAGGLERS_H
#define ENS_STATS_STRAGGLERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "stats/tally.h"

typedef struct ens_stragglers {
  size_t count;
  double accepted, median_accepted; /* accepted proposals after discard: the stragglers' mean, the median walker's */
  double level, median_level;       /* mean log_prob after discard: the same two */
} ens_stragglers;

/* Marks the stragglers in left[walker]. A straggler accepts less than a quarter of the proposals of the median walker,
 * which has accepted at least 50. Its level is below the first quartile of all levels by at least 10 and by at least 5
 * times the interquartile range. With fewer than 4 walkers there are no stragglers. ENS_MEMORY, or ENS_OK. */
ens_status ens_stragglers_find(const ens_tally *tally, bool *left, ens_stragglers *out, ens_error *error);

#endif
