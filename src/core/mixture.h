/* The move of each step, drawn from several. It depends on the seed and the step alone, never on the state, so that it
 * can be found again for any step of a chain. */
#ifndef ENS_CORE_MIXTURE_H
#define ENS_CORE_MIXTURE_H

#include <stddef.h>
#include <stdint.h>

/* Fills cumulative[n] with the normalised sums of the weights, which must be positive. The last one is 1. */
void ens_mixture_cumulate(const double *weight, size_t n, double *cumulative);
/* The index of the step's move. */
size_t ens_mixture_draw(const double *cumulative, size_t n, uint64_t seed, uint64_t step);

#endif
