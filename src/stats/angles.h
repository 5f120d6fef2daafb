/* Positions whose periodic parameters are told by cosine and sine, which know no seam: correlations in time may be
 * taken of them. The correlation of a parameter is that of the slower of its two. Must not know what is computed. */
#ifndef ENS_STATS_ANGLES_H
#define ENS_STATS_ANGLES_H

#include "core/chain.h"
#include "core/model/domain.h"

/* The coordinates of a position so told: cosines stand in the parameters' places, sines behind all of them, in order.
 * domain NULL, here and below: nothing is periodic. */
size_t ens_angles_width(const ens_domain *domain, size_t ndim);
/* Tells so of `rows` positions of ndim coordinates. */
void ens_angles_spread(const ens_domain *domain, size_t ndim, const double *coords, size_t rows, double *out);
/* The larger of the two numbers that there are of a periodic parameter, or the smaller; of the others the one that
 * there is. A cosine or a sine that does not vary has none (NaN): then it is the other's. `out` may be `wide`. */
void ens_angles_largest(const ens_domain *domain, size_t ndim, const double *wide, double *out);
void ens_angles_smallest(const ens_domain *domain, size_t ndim, const double *wide, double *out);

/* *out reads `chain` so told. Borrows both, which outlive it; the caller destroys *out, which leaves `chain` alone. */
ens_status ens_angles_open(ens_chain *chain, const ens_domain *domain, ens_chain **out, ens_error *error);

#endif
