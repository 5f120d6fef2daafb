/* A chain whose circles are cut open opposite their mean direction: periodic parameters become numbers on a line, of
 * which means, deviations and quantiles can be computed. */
#ifndef ENS_STATS_CIRCLE_H
#define ENS_STATS_CIRCLE_H

#include "core/chain.h"
#include "core/model/domain.h"

/* Opens *out, which reads `chain` with each periodic parameter shifted by whole periods to within half a period of its
 * mean direction over the second half of the chain. Values may then lie outside [low, high). Without periodic
 * parameters, or if `domain` is NULL, values do not change. It borrows `chain` and `domain`, which must outlive it. The
 * caller destroys *out; this does not destroy `chain`. */
ens_status ens_circle_open(ens_chain *chain, const ens_domain *domain, ens_chain **out, ens_error *error);

#endif
