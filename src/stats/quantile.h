/* Exact quantiles of the draws of each parameter, by passes: a sample sets bins, a pass counts them, and the gaps that
 * hold the wanted order statistics are collected, or counted more finely first where they hold too many. */
#ifndef ENS_STATS_QUANTILE_H
#define ENS_STATS_QUANTILE_H

#include <stddef.h>
#include <stdint.h>

#include "stats/bins.h"
#include "stats/pass.h"

enum { ENS_QUANTILE_MOST = 8 };

typedef struct ens_quantile ens_quantile;

/* `probabilities` [nprobabilities], increasing, at most ENS_QUANTILE_MOST. Values must be numbers, not NaN.
 * NULL: no memory. */
ens_quantile *ens_quantile_create(size_t nwalkers, size_t ndim, uint64_t ndraws, const double *probabilities,
                                  size_t nprobabilities);
void ens_quantile_destroy(ens_quantile *quantile);

/* Borrowed. Pass 1 takes the sample, pass 2 counts, one or more search. */
ens_visitor *ens_quantile_visitor(ens_quantile *quantile);

/* All draws of all walkers, linear between order statistics as numpy.quantile's default. Once done. */
double ens_quantile_value(const ens_quantile *quantile, size_t dim, size_t i);
/* How many draws are at most that value. */
uint64_t ens_quantile_upto(const ens_quantile *quantile, size_t dim, size_t i);

/* Counts and, once done, normal scores of all draws. Borrowed. */
const ens_bins *ens_quantile_bins(const ens_quantile *quantile, size_t dim);

#endif
