/* Start positions of the walkers: drawing them, and the conditions that an ensemble must meet before it moves. */
#ifndef ENS_CORE_START_H
#define ENS_CORE_START_H

#include <stddef.h>

#include "base/error.h"
#include "base/stream.h"

/* Draws the start of one walker: out[ndim] ~ N(center, spread^2), independent in each dimension. */
void ens_start_ball(ens_stream *stream, size_t ndim, const double *center, const double *spread, double *out);

/* Checks that affine-invariant moves can reach every place from coords[nwalkers][ndim]. ENS_CONFIG names the parameter
 * if a coordinate is not finite, if there are fewer than ndim + 1 different walkers, or if a parameter or a combination
 * of parameters is the same in all. The last condition is emcee's: after each column is centred, divided by its
 * greatest element and then by its length, the condition number must be at most 1e8. `parameters` [ndim] are the names.
 */
ens_status ens_start_check(const double *coords, size_t nwalkers, size_t ndim, char *const *parameters,
                           ens_error *error);

#endif
