/* The prior first; where it is -inf the function is not called. */
#include "eval/bare.h"

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void ens_bare_reject(const char *name, ens_block *block, size_t i) {
  bool nan = isnan(block->log_prob[i]);
  char text[512];
  snprintf(text, sizeof text, "%s returned %s", name,
           nan ? "NaN" : "inf: it must be finite, or -inf to reject a point");
  block->outcome[i] = nan ? ENS_EVAL_NAN : ENS_EVAL_ERROR;
  block->message[i] = strdup(text);
}

static double joined(const ens_bare *bare, const double *theta, size_t ndim) {
  double log_prior = ens_prior_log(bare->prior, theta);
  return log_prior > -INFINITY ? log_prior + bare->function(theta, ndim, NULL) : log_prior;
}

void ens_bare_evaluate(const ens_bare *bare, ens_block *block) {
  const double *theta = block->theta;
  for (size_t i = 0; i < block->count; i++, theta += block->ndim) {
    atomic_store_explicit(&block->at, i, memory_order_relaxed);
    double value = bare->prior ? joined(bare, theta, block->ndim) : bare->function(theta, block->ndim, NULL);
    block->log_prob[i] = value;
    if (!(value < INFINITY)) ens_bare_reject(bare->name, block, i);
  }
}
