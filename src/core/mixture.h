/* Which of several moves a step makes. Drawn once a step, from the seed and the step alone, never from the state: so it
 * can be said again of any step of a chain. */
#ifndef ENS_CORE_MIXTURE_H
#define ENS_CORE_MIXTURE_H

#include <stddef.h>
#include <stdint.h>

/* cumulative[n] of the weights, which are positive; the last is 1. */
void ens_mixture_cumulate(const double *weight, size_t n, double *cumulative);
size_t ens_mixture_draw(const double *cumulative, size_t n, uint64_t seed, uint64_t step);

#endif
