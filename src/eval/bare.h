/* Evaluates a bare C function, with or without priors. Uses no Lua, and allocates memory only for messages. */
#ifndef ENS_EVAL_BARE_H
#define ENS_EVAL_BARE_H

#include "core/model/evaluator.h"
#include "dist/prior.h"

/* theta[ndim]: the parameters in the order of their names. context: NULL. Several threads call it at the same time. */
typedef double ens_bare_function(const double *theta, size_t ndim, void *context);

typedef struct ens_bare {
  const char *name; /* for messages */
  ens_bare_function *function;
  const ens_prior
      *prior; /* NULL: none. Else the function is the likelihood, which is not called if the prior is -inf */
} ens_bare;

/* Implements ens_model_ops.evaluate. */
void ens_bare_evaluate(const ens_bare *bare, ens_block *block);
/* Item i has a log_prob that is NaN or infinite: sets its outcome, and its message, which begins with `name`. */
void ens_bare_reject(const char *name, ens_block *block, size_t i);

#endif
