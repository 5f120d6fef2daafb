/* Positions with cosine and sine in place of each periodic parameter. Cosine and sine have no seam, so correlations in
 * time can be computed from them; the correlation time of a periodic parameter is the longer of its two. */
#ifndef ENS_STATS_ANGLES_H
#define ENS_STATS_ANGLES_H

#include "core/chain.h"
#include "core/model/domain.h"

/* The number of coordinates of such a position, below called wide. Cosines take the parameters' places; the sines
 * follow after all of them, in order. `domain` NULL, here and below: no parameter is periodic. */
size_t ens_angles_width(const ens_domain *domain, size_t ndim);
/* Converts `rows` positions of ndim coordinates: coords[rows][ndim] to out[rows][width]. */
void ens_angles_spread(const ens_domain *domain, size_t ndim, const double *coords, size_t rows, double *out);
/* Reduces numbers per wide coordinate to out[ndim]: the larger, or the smaller, of the numbers of cosine and sine. A
 * NaN is ignored, as of a cosine or sine that does not vary. `out` may be `wide`. */
void ens_angles_largest(const ens_domain *domain, size_t ndim, const double *wide, double *out);
void ens_angles_smallest(const ens_domain *domain, size_t ndim, const double *wide, double *out);

/* Opens *out, which reads `chain` with wide positions. It borrows `chain` and `domain`, which must outlive it. The
 * caller destroys *out; this does not destroy `chain`. ENS_MEMORY, or ENS_OK. */
ens_status ens_angles_open(ens_chain *chain, const ens_domain *domain, ens_chain **out, ens_error *error);

#endif
