/* Exact quantiles of the draws of each parameter, in passes. A sample sets bins and a pass counts them. The gaps that
 * hold the wanted order statistics are then collected and sorted; a gap with too many values is first counted in finer
 * parts. */
#ifndef ENS_STATS_QUANTILE_H
#define ENS_STATS_QUANTILE_H

#include <stddef.h>
#include <stdint.h>

#include "stats/bins.h"
#include "stats/pass.h"

enum { ENS_QUANTILE_MOST = 8 };

typedef struct ens_quantile ens_quantile;

/* probabilities[nprobabilities] increase; at most ENS_QUANTILE_MOST. No coordinate may be NaN. NULL: no memory. */
ens_quantile *ens_quantile_create(size_t nwalkers, size_t ndim, uint64_t ndraws, const double *probabilities,
                                  size_t nprobabilities);
void ens_quantile_destroy(ens_quantile *quantile); /* NULL is fine */

/* Borrowed. Pass 1 takes the sample, pass 2 counts, and one or more passes search. */
ens_visitor *ens_quantile_visitor(ens_quantile *quantile);

/* The i-th quantile over all draws of all walkers, linear between order statistics like numpy.quantile's default. Only
 * after the last pass. */
double ens_quantile_value(const ens_quantile *quantile, size_t dim, size_t i);
/* The number of draws that are at most that value. */
uint64_t ens_quantile_upto(const ens_quantile *quantile, size_t dim, size_t i);

/* The bins with the counts of all draws and, after the last pass, their normal scores. Borrowed. */
const ens_bins *ens_quantile_bins(const ens_quantile *quantile, size_t dim);

#endif
