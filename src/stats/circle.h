/* A chain read with its circles cut open where they hold least: values of periodic parameters become numbers on a line
 * that means, deviations and quantiles can be taken of. Must not know what is computed of them. */
#ifndef ENS_STATS_CIRCLE_H
#define ENS_STATS_CIRCLE_H

#include "core/chain.h"
#include "core/model/domain.h"

/* *out reads `chain` with each periodic parameter moved by whole periods to within half a period of its mean direction
 * over the chain's second half; so a value may lie outside [low, high). Borrows both, which outlive it; the caller
 * destroys *out, which leaves `chain` alone. Where nothing is periodic (or domain is NULL) it reads the chain as it is.
 */
ens_status ens_circle_open(ens_chain *chain, const ens_domain *domain, ens_chain **out, ens_error *error);

#endif
