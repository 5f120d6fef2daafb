/* Whether the walkers of a chain are in groups that do not mix, as with modes between which no move crosses.
 *
 * Per parameter the walkers' means are sorted; the widest gap with at least two walkers on each side is measured in
 * units of the larger of two spreads: of a walker about its mean (root mean square), and of the means about that of
 * their side. Above 4 the sides are apart: walkers that moved between them would fill the gap or widen the former, and
 * one group whose chain is too short to have mixed widens the latter, in which its own gaps are below 2. */
#ifndef ENS_STATS_SUMMARY_MODES_H
#define ENS_STATS_SUMMARY_MODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "stats/moments.h"

typedef struct ens_modes {
  size_t dim;         /* the parameter in which they are farthest apart */
  double ratio;       /* the gap over the spread; above ENS_MODES_APART they do not mix; 0: too few walkers or steps */
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
