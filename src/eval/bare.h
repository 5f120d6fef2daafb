/* Evaluation by a bare C function, with or without priors before it. No Lua, no allocation but for failures. */
#ifndef ENS_EVAL_BARE_H
#define ENS_EVAL_BARE_H

#include "core/model/evaluator.h"
#include "dist/prior.h"

/* theta[ndim]: the parameters in the order of their names. context: NULL. Called by several threads at a time. */
typedef double ens_bare_function(const double *theta, size_t ndim, void *context);

typedef struct ens_bare {
  const char *name; /* for messages */
  ens_bare_function *function;
  const ens_prior *prior; /* then the function is the likelihood, not called where the prior is -inf; NULL: none */
} ens_bare;

/* As ens_model_ops.evaluate. */
void ens_bare_evaluate(const ens_bare *bare, ens_block *block);
/* Item i is not a log_prob that can be used: makes its outcome and its message, which begins with `name`. */
void ens_bare_refuse(const char *name, ens_block *block, size_t i);

#endif
