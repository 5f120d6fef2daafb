/* Whether the chain has converged by the user's rules: a monitor follows the chain, and the rules are checked at its
 * checks. Without rules all functions do nothing. */
#ifndef ENS_RUN_PARTS_CONVERGENCE_H
#define ENS_RUN_PARTS_CONVERGENCE_H

#include "core/chain.h"
#include "stats/monitor.h"
#include "stats/until.h"

typedef struct ens_convergence {
  ens_until rules;
  ens_monitor *monitor; /* NULL: there are no rules */
  uint64_t reached;     /* the step of the first check at which all rules held; 0: none yet */
} ens_convergence;

/* Shape of the chain; borrows the domain, which may be NULL. */
typedef struct ens_convergence_shape {
  size_t nwalkers, ndim;
  const ens_domain *domain;
} ens_convergence_shape;

ens_status ens_convergence_create(const ens_until *rules, const ens_convergence_shape *shape, ens_convergence *out,
                                  ens_error *error);
void ens_convergence_free(ens_convergence *convergence);
void ens_convergence_reset(ens_convergence *convergence); /* the chain begins again */
/* Takes the next step of the chain: coords[walker][dim], log_prob[walker], accepted[walker]. */
void ens_convergence_step(ens_convergence *convergence, const double *coords, const double *log_prob,
                          const uint8_t *accepted);
/* Whether the monitor has not seen exactly the first `steps` steps. */
bool ens_convergence_lacks(const ens_convergence *convergence, uint64_t steps);
/* Reads the steps of a stored chain that the monitor has not seen. */
ens_status ens_convergence_recall(ens_convergence *convergence, ens_chain *chain, ens_error *error);

double ens_convergence_tau(const ens_convergence *convergence); /* worst parameter, last check; NaN: not known */
double ens_convergence_ess(const ens_convergence *convergence); /* worst parameter, last check; NaN: not known */
/* For ens_progress_options.waits; context: the convergence, which has rules. */
uint64_t ens_convergence_brief(void *context, char *out, size_t size);
/* The steps that all rules need in all; 0: not known. Writes the rules that do not hold, or all if all have held. */
uint64_t ens_convergence_describe(const ens_convergence *convergence, char *const *parameters, char *out, size_t size);

#endif
