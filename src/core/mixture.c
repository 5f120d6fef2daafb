/* Cumulated weights, and one uniform number of the step's own stream. */
#include "core/mixture.h"

#include "base/stream.h"

void ens_mixture_cumulate(const double *weight, size_t n, double *cumulative) {
  double sum = 0, upto = 0;
  for (size_t i = 0; i < n; i++) sum += weight[i];
  for (size_t i = 0; i < n; i++) cumulative[i] = (upto += weight[i]) / sum;
  cumulative[n - 1] = 1;
}

size_t ens_mixture_draw(const double *cumulative, size_t n, uint64_t seed, uint64_t step) {
  if (n == 1) return 0;
  ens_stream stream = ens_stream_at(seed, step, 0, ENS_RNG_MOVE);
  double u = ens_stream_uniform(&stream);
  size_t i = 0;
  while (u > cumulative[i]) i++;
  return i;
}
