/* Whether the walkers of a chain are in groups that do not mix, for example in modes between which no move crosses.
 *
 * For each parameter the walkers' means are sorted. The widest gap with at least two walkers on each side is divided by
 * the larger of two spreads: the root mean square deviation of a walker from its mean, and that of the means from the
 * mean of their side. A ratio above 4 means separate groups. Walkers that moved between the sides would fill the gap or
 * widen the first spread. One group whose chain is too short to have mixed widens the second spread; its own gaps stay
 * below a ratio of 2. */
#ifndef ENS_STATS_SUMMARY_MODES_H
#define ENS_STATS_SUMMARY_MODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "stats/moments.h"

typedef struct ens_modes {
  size_t dim;         /* the parameter with the largest ratio */
  double ratio;       /* gap / spread; above ENS_MODES_APART the groups do not mix; 0: too few walkers or steps */
  size_t nlow, nhigh; /* walkers on each side */
  double low, high;   /* means of the sides */
} ens_modes;

#define ENS_MODES_APART 4.0

typedef struct ens_modes_walkers {
  const ens_moments *moments; /* of every coordinate of every walker, as of ens_moments_visitor */
  size_t nwalkers, ndim;
  uint64_t nsteps;  /* of the moments */
  const bool *skip; /* [nwalkers] true: the walker does not count */
} ens_modes_walkers;

ens_status ens_modes_find(const ens_modes_walkers *walkers, ens_modes *out,
                          ens_error *error); /* ENS_MEMORY, or ENS_OK */

#endif
