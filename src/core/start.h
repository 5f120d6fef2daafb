/* Where walkers begin: drawing positions, and the conditions that an ensemble must meet before it is moved. */
#ifndef ENS_CORE_START_H
#define ENS_CORE_START_H

#include <stddef.h>

#include "base/error.h"
#include "base/stream.h"

/* Draws the start of one walker: out[ndim] ~ N(center, spread^2), independent in each dimension. */
void ens_start_ball(ens_stream *stream, size_t ndim, const double *center, const double *spread, double *out);

/* Refuses, with ENS_CONFIG, an ensemble that affine-invariant moves cannot bring everywhere: coordinates
 * [nwalkers][ndim] that are not finite, fewer than ndim + 1 different walkers, a parameter or a combination of them
 * that is the same in all. As emcee: the centred coordinates, each column divided by its greatest and then by its
 * length, must have a condition number of at most 1e8. `parameters` [ndim] are the names. */
ens_status ens_start_check(const double *coords, size_t nwalkers, size_t ndim, char *const *parameters,
                           ens_error *error);

#endif
